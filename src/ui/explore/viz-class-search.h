/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/** VizClassSearch: finds a class by name or number; results appear below the entry. Signal "class-selected"
 * (int index). */
#define VIZ_TYPE_CLASS_SEARCH (viz_class_search_get_type ())
G_DECLARE_FINAL_TYPE (VizClassSearch, viz_class_search, VIZ, CLASS_SEARCH, GtkWidget)

GtkWidget *viz_class_search_new (void) G_GNUC_WARN_UNUSED_RESULT;
void viz_class_search_set_prediction (VizClassSearch *self, CnnPrediction *prediction);
void viz_class_search_set_labels (VizClassSearch *self, const char *const *labels);

/**
 * viz_class_search_find:
 * @labels: (nullable) (array length=n_labels): names that go before those of @prediction
 * @most: at most so many
 *
 * Classes whose number is @text, then whose name begins with it, then whose name holds it or whose number
 * begins with it; within each the more probable first. Case does not matter. Returns: (transfer full)
 * (element-type int)
 */
GArray *viz_class_search_find (CnnPrediction *prediction, const char *const *labels, guint n_labels,
                               const char *text, guint most) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
