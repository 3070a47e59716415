/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "methods/cnn-method.h"

G_BEGIN_DECLS

#define VIZ_TYPE_SUMMARY_TABLE (viz_summary_table_get_type ())
G_DECLARE_FINAL_TYPE (VizSummaryTable, viz_summary_table, VIZ, SUMMARY_TABLE, GtkWidget)

/**
 * VizSummaryTable:
 *
 * The table of a network's layers in Keras' form, as text to read, mark and copy. The selected layer's line
 * is tinted; a click on a line selects its layer. Signal: "layer-selected" (int).
 */
GtkWidget *viz_summary_table_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** @text: of cnn_summary_text(); @lines: of cnn_summary_lines(), @n of them. */
void viz_summary_table_set_text (VizSummaryTable *self, const char *text, const guint *lines, guint n);
/** The tinted layer, -1: none; scrolled into sight. */
void viz_summary_table_set_layer (VizSummaryTable *self, int layer);

G_END_DECLS
