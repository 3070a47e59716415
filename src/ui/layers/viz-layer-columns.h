/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "viz-layer-item.h"

G_BEGIN_DECLS

#define VIZ_TYPE_LAYER_COLUMNS (viz_layer_columns_get_type ())
G_DECLARE_FINAL_TYPE (VizLayerColumns, viz_layer_columns, VIZ, LAYER_COLUMNS, GObject)

/**
 * VizLayerColumns:
 *
 * The columns of the layer tree beside the name: output, parameters and by choice type, multiply-adds,
 * memory, milliseconds and dead share. The choice is an action "columns.ID" on the widget that owns the view,
 * and is kept in the settings.
 *
 * Signal "changed" (): other columns are shown.
 */
VizLayerColumns *viz_layer_columns_new (GtkColumnView *view, GtkWidget *owner) G_GNUC_WARN_UNUSED_RESULT;
/** The menu that chooses them. (transfer none) */
GMenuModel *viz_layer_columns_get_menu (VizLayerColumns *self);
/** Whether a column is shown whose numbers have to be measured. */
gboolean viz_layer_columns_need_cost (VizLayerColumns *self);
/** Shows the measured numbers that the items have by now. */
void viz_layer_columns_refresh (VizLayerColumns *self);

/** The item behind a row, which is a tree's row or, while searching, the item itself. (transfer full) */
VizLayerItem *viz_layer_item_of_row (gpointer row) G_GNUC_WARN_UNUSED_RESULT;
/** "26×26×32": the output's shape in the framework's order without the batch; (transfer full). */
char *viz_layer_shape_text (CnnModel *model, guint layer) G_GNUC_WARN_UNUSED_RESULT;
/** "1.82 G", "12.3 M", "940". (transfer full) */
char *viz_layer_count_text (guint64 count) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
