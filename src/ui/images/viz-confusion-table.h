/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "methods/evaluation/cnn-evaluate.h"

G_BEGIN_DECLS

#define VIZ_TYPE_CONFUSION_TABLE (viz_confusion_table_get_type ())
G_DECLARE_FINAL_TYPE (VizConfusionTable, viz_confusion_table, VIZ, CONFUSION_TABLE, GtkWidget)

/**
 * VizConfusionTable:
 *
 * How often each class was taken for which: a row for each class of the pictures, a column for each class
 * that the network saw. Of many classes those that are mistaken most often.
 *
 * Signal: "cell-activated" (int truth, int predicted), a cell in which there are pictures.
 */
GtkWidget *viz_confusion_table_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** @evaluation: (nullable) */
void viz_confusion_table_set_evaluation (VizConfusionTable *self, CnnEvaluation *evaluation);

G_END_DECLS
