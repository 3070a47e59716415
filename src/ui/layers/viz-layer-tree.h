/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_LAYER_TREE (viz_layer_tree_get_type ())
G_DECLARE_FINAL_TYPE (VizLayerTree, viz_layer_tree, VIZ, LAYER_TREE, GtkWidget)

/**
 * VizLayerTree:
 *
 * The network's layers with output shape, parameters and other columns by choice. Groups come from names
 * ("block1/conv"). The selected row is the document's layer; Enter or a double click makes it the target of
 * Grad-CAM.
 */
GtkWidget *viz_layer_tree_new (void) G_GNUC_WARN_UNUSED_RESULT;
void viz_layer_tree_set_document (VizLayerTree *self, VizDocument *document);
void viz_layer_tree_focus_search (VizLayerTree *self);

G_END_DECLS
