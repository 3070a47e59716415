/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** Whether a layer is listed. */
typedef gboolean (*VizLayerAccept) (CnnModel *model, guint layer);

/** Layers that a class activation map can look at: with an extent, on the way to the score. */
gboolean viz_layer_is_cam_target (CnnModel *model, guint layer);

/**
 * viz_layer_drop_down_fill:
 * @layers: (element-type int): takes the layer of each entry; -1 for the first
 * @model: (nullable)
 * @first: the entry before the layers
 */
void viz_layer_drop_down_fill (GtkDropDown *drop_down, GArray *layers, CnnModel *model, const char *first,
                               VizLayerAccept accept);
/** The same for class activation maps; the first entry names the layer that they look at by themselves. */
void viz_layer_drop_down_fill_targets (GtkDropDown *drop_down, GArray *layers, CnnModel *model);
/** Selects the entry of @layer, if there is one. */
void viz_layer_drop_down_select (GtkDropDown *drop_down, const GArray *layers, int layer);

G_END_DECLS
