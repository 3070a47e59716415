/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** VizFilterItem: one filter of a layer, for a list. It knows its number, nothing else. */
#define VIZ_TYPE_FILTER_ITEM (viz_filter_item_get_type ())
G_DECLARE_FINAL_TYPE (VizFilterItem, viz_filter_item, VIZ, FILTER_ITEM, GObject)
guint viz_filter_item_get_index (VizFilterItem *self);

/** VizFilterModel: the filters of a layer in some order; items are made when they are asked for. */
#define VIZ_TYPE_FILTER_MODEL (viz_filter_model_get_type ())
G_DECLARE_FINAL_TYPE (VizFilterModel, viz_filter_model, VIZ, FILTER_MODEL, GObject)

VizFilterModel *viz_filter_model_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** @keys: (nullable): sorts by them, largest first, equal ones by number; %NULL: by number. Tells only of a
 * change. */
void viz_filter_model_set (VizFilterModel *self, guint n, const float *keys);
/** Where filter @index is, or G_MAXUINT. */
guint viz_filter_model_find (VizFilterModel *self, guint index);
/** Which filter is at @position. */
guint viz_filter_model_get_index (VizFilterModel *self, guint position);

G_END_DECLS
