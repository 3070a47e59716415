/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_INPUT_PANEL (viz_input_panel_get_type ())
G_DECLARE_FINAL_TYPE (VizInputPanel, viz_input_panel, VIZ, INPUT_PANEL, GtkWidget)

/**
 * VizInputPanel:
 *
 * How the picture is prepared for the network: scaling, fit, class names.
 */
void viz_input_panel_set_document (VizInputPanel *self, VizDocument *document);

G_END_DECLS
