/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "methods/summary/cnn-layer-cost.h"

G_BEGIN_DECLS

#define VIZ_TYPE_LAYER_ITEM (viz_layer_item_get_type ())
G_DECLARE_FINAL_TYPE (VizLayerItem, viz_layer_item, VIZ, LAYER_ITEM, GObject)

/** VizLayerItem: a row of the layer tree: a layer, or a group of layers with a common beginning of their
 * names. */
struct _VizLayerItem {
  GObject parent;
  CnnModel *model;
  int layer;            /* -1: a group */
  char *name;           /* as the row shows it */
  GListStore *children; /* NULL for a layer */
  /* a group's: the sum */
  guint64 params, multiply_adds, memory; /* memory: bytes of the outputs */
  double ms, dead;                       /* measured; NAN: not known */
};

/** The rows of @model, groups made from names with "/" or "." between the parts. (element-type VizLayerItem)
 */
GListStore *viz_layer_items_new (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
/** All layers in one row each, with their whole names. */
GListStore *viz_layer_items_new_flat (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
/** Takes over what was measured; %NULL: nothing. */
void viz_layer_items_set_cost (GListModel *items, const CnnLayerCost *cost);
void viz_layer_item_set_cost (VizLayerItem *self, const CnnLayerCost *cost);
/** The icon for the kind of layer. */
const char *viz_layer_item_get_icon_name (VizLayerItem *self);

G_END_DECLS
