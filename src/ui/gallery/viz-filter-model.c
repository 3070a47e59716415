/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-filter-model"
#include "config.h"

#include "viz-filter-model.h"

#include <math.h>

struct _VizFilterItem {
  GObject parent_instance;
  guint index;
};

G_DEFINE_FINAL_TYPE (VizFilterItem, viz_filter_item, G_TYPE_OBJECT)

static void
viz_filter_item_class_init (VizFilterItemClass *class)
{
}

static void
viz_filter_item_init (VizFilterItem *self)
{
}

guint
viz_filter_item_get_index (VizFilterItem *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_ITEM (self), 0);
  return self->index;
}

struct _VizFilterModel {
  GObject parent_instance;
  guint n;
  guint *order;          /* position to index, or NULL: the same */
  VizFilterItem **items; /* by position, NULL until asked for */
};

static GType
model_get_item_type (GListModel *model)
{
  return VIZ_TYPE_FILTER_ITEM;
}

static guint
model_get_n_items (GListModel *model)
{
  return VIZ_FILTER_MODEL (model)->n;
}

static gpointer
model_get_item (GListModel *model, guint position)
{
  VizFilterModel *self = VIZ_FILTER_MODEL (model);
  if (position >= self->n)
    return NULL;
  if (self->items[position] == NULL) {
    self->items[position] = g_object_new (VIZ_TYPE_FILTER_ITEM, NULL);
    self->items[position]->index = viz_filter_model_get_index (self, position);
  }
  return g_object_ref (self->items[position]);
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = model_get_item_type;
  interface->get_n_items = model_get_n_items;
  interface->get_item = model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (VizFilterModel, viz_filter_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static int
by_key (gconstpointer a, gconstpointer b, gpointer keys)
{
  guint i = *(const guint *)a, j = *(const guint *)b;
  float x = ((const float *)keys)[i], y = ((const float *)keys)[j];
  if (x > y || (isnan (y) && !isnan (x)))
    return -1;
  if (x < y || (isnan (x) && !isnan (y)))
    return 1;
  return i < j ? -1 : 1;
}

static void
drop_items (VizFilterModel *self)
{
  for (guint i = 0; self->items != NULL && i < self->n; i++)
    g_clear_object (&self->items[i]);
  g_clear_pointer (&self->items, g_free);
}

static gboolean
same_order (VizFilterModel *self, guint n, const guint *order)
{
  if (n != self->n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if ((order != NULL ? order[i] : i) != viz_filter_model_get_index (self, i))
      return FALSE;
  return TRUE;
}

void
viz_filter_model_set (VizFilterModel *self, guint n, const float *keys)
{
  g_autofree guint *order = NULL;
  guint removed = self->n;
  g_return_if_fail (VIZ_IS_FILTER_MODEL (self));
  if (keys != NULL) {
    order = g_new (guint, n);
    for (guint i = 0; i < n; i++)
      order[i] = i;
    g_qsort_with_data (order, (int)n, sizeof *order, by_key, (gpointer)keys);
  }
  if (same_order (self, n, order))
    return;
  drop_items (self);
  g_free (self->order);
  self->order = g_steal_pointer (&order);
  self->n = n;
  self->items = g_new0 (VizFilterItem *, n);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, removed, n);
}

guint
viz_filter_model_get_index (VizFilterModel *self, guint position)
{
  g_return_val_if_fail (VIZ_IS_FILTER_MODEL (self) && position < self->n, 0);
  return self->order != NULL ? self->order[position] : position;
}

guint
viz_filter_model_find (VizFilterModel *self, guint index)
{
  g_return_val_if_fail (VIZ_IS_FILTER_MODEL (self), G_MAXUINT);
  for (guint i = 0; i < self->n; i++)
    if (viz_filter_model_get_index (self, i) == index)
      return i;
  return G_MAXUINT;
}

static void
viz_filter_model_finalize (GObject *object)
{
  VizFilterModel *self = VIZ_FILTER_MODEL (object);
  drop_items (self);
  g_free (self->order);
  G_OBJECT_CLASS (viz_filter_model_parent_class)->finalize (object);
}

static void
viz_filter_model_class_init (VizFilterModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = viz_filter_model_finalize;
}

static void
viz_filter_model_init (VizFilterModel *self)
{
}

VizFilterModel *
viz_filter_model_new (void)
{
  return g_object_new (VIZ_TYPE_FILTER_MODEL, NULL);
}
