/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-layer-item.h"

#include <math.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (VizLayerItem, viz_layer_item, G_TYPE_OBJECT)

static void
viz_layer_item_finalize (GObject *object)
{
  VizLayerItem *self = VIZ_LAYER_ITEM (object);

  g_clear_object (&self->model);
  g_clear_object (&self->children);
  g_free (self->name);
  G_OBJECT_CLASS (viz_layer_item_parent_class)->finalize (object);
}

static void
viz_layer_item_class_init (VizLayerItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_layer_item_finalize;
}

static void
viz_layer_item_init (VizLayerItem *self)
{
  self->layer = -1;
  self->ms = self->dead = NAN;
}

static VizLayerItem *
item_new (CnnModel *model, int layer, const char *name)
{
  VizLayerItem *self = g_object_new (VIZ_TYPE_LAYER_ITEM, NULL);

  self->model = g_object_ref (model);
  self->layer = layer;
  self->name = g_strdup (name);
  if (layer < 0) {
    self->children = g_list_store_new (VIZ_TYPE_LAYER_ITEM);
  } else {
    const CnnLayer *l = cnn_model_get_layer (model, (guint)layer);

    self->params = l->trainable_params + l->non_trainable_params;
    self->multiply_adds = l->multiply_adds;
    self->memory = cnn_layer_output_bytes (model, (guint)layer);
  }
  return self;
}

/* The group @name at the end of @store, where neighbours share it; a new one otherwise. Layers keep their
 * order, so only the last row can be the one to join. */
static VizLayerItem *
join_group (GListStore *store, CnnModel *model, const char *name)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));
  g_autoptr (VizLayerItem) last = n > 0 ? g_list_model_get_item (G_LIST_MODEL (store), n - 1) : NULL;

  if (last == NULL || last->layer >= 0 || g_strcmp0 (last->name, name) != 0) {
    g_clear_object (&last);
    last = item_new (model, -1, name);
    g_list_store_append (store, last);
  }
  return g_steal_pointer (&last);
}

static gboolean
is_number (const char *text)
{
  return text[0] != '\0' && strspn (text, "0123456789") == strlen (text);
}

/* "Conv.12", the operator and its number, names one layer and no group. */
static gboolean
is_numbered_operator (char *const *parts, const char *type)
{
  return parts[0] != NULL && parts[1] != NULL && parts[2] == NULL && g_strcmp0 (parts[0], type) == 0 &&
         is_number (parts[1]);
}

/* The parts of a layer's name: "layer1/0/conv1" or "layer1.0.conv1"; of what PyTorch writes as
 * "/layer1/layer1.0/conv1/Conv", where each module repeats the one around it, the same and "Conv". */
static char **
split_name (const char *name, const char *type)
{
  const char *separator = strchr (name, '/') != NULL ? "/" : ".";
  g_auto (GStrv) parts = g_strsplit (name, separator, 17); /* bounds what a hostile name can do */
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *around = NULL;

  for (guint i = 0; parts[i] != NULL; i++) {
    gsize n = around != NULL ? strlen (around) : 0;

    if (parts[i][0] == '\0')
      continue;
    if (is_numbered_operator (parts + i, type)) {
      g_autofree char *numbered = g_strconcat (parts[i], separator, parts[i + 1], NULL);

      g_strv_builder_add (builder, numbered);
      break;
    }
    g_strv_builder_add (builder, n > 0 && g_str_has_prefix (parts[i], around) && parts[i][n] == '.' &&
                                         parts[i][n + 1] != '\0'
                                     ? parts[i] + n + 1
                                     : parts[i]);
    around = parts[i];
  }
  return g_strv_builder_end (builder);
}

/* Puts a layer below the groups of its name. */
static void
insert_layer (GListStore *store, CnnModel *model, int layer, char *const *parts)
{
  const CnnLayer *l = cnn_model_get_layer (model, (guint)layer);

  if (parts[0] == NULL || parts[1] == NULL) {
    g_autoptr (VizLayerItem) item = item_new (model, layer, parts[0] != NULL ? parts[0] : l->name);

    g_list_store_append (store, item);
  } else {
    g_autoptr (VizLayerItem) group = join_group (store, model, parts[0]);

    group->params += l->trainable_params + l->non_trainable_params;
    group->multiply_adds += l->multiply_adds;
    group->memory += cnn_layer_output_bytes (model, (guint)layer);
    insert_layer (group->children, model, layer, parts + 1);
  }
}

/* A group of one layer says no more than the layer itself; nor does a name that is only the operator's. */
static char *
name_of_single (VizLayerItem *group, VizLayerItem *only)
{
  const char *type = cnn_model_get_layer (only->model, (guint)only->layer)->type;

  return g_strcmp0 (only->name, type) == 0
             ? g_strdup (group->name)
             : g_strconcat (group->name, is_number (only->name) ? "." : "/", only->name, NULL);
}

static void
dissolve_single_groups (GListStore *store)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));

  for (guint i = 0; i < n; i++) {
    g_autoptr (VizLayerItem) item = g_list_model_get_item (G_LIST_MODEL (store), i);
    g_autoptr (VizLayerItem) only = NULL;

    if (item->layer >= 0)
      continue;
    dissolve_single_groups (item->children);
    if (g_list_model_get_n_items (G_LIST_MODEL (item->children)) != 1)
      continue;
    only = g_list_model_get_item (G_LIST_MODEL (item->children), 0);
    if (only->layer >= 0) {
      g_autofree char *name = name_of_single (item, only);
      g_autoptr (VizLayerItem) whole = item_new (only->model, only->layer, name);

      g_list_store_splice (store, i, 1, (gpointer *)&whole, 1);
    }
  }
}

/* A group that holds all there is says nothing: what is in it takes its place. (transfer full) both ways */
static GListStore *
without_outer_groups (GListStore *store)
{
  while (g_list_model_get_n_items (G_LIST_MODEL (store)) == 1) {
    g_autoptr (VizLayerItem) only = g_list_model_get_item (G_LIST_MODEL (store), 0);

    if (only->children == NULL)
      break;
    g_object_unref (store);
    store = g_object_ref (only->children);
  }
  return store;
}

GListStore *
viz_layer_items_new (CnnModel *model)
{
  GListStore *store = g_list_store_new (VIZ_TYPE_LAYER_ITEM);

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);
    g_auto (GStrv) parts = split_name (layer->name, layer->type);

    insert_layer (store, model, (int)i, parts);
  }
  dissolve_single_groups (store);
  return without_outer_groups (store);
}

GListStore *
viz_layer_items_new_flat (CnnModel *model)
{
  GListStore *store = g_list_store_new (VIZ_TYPE_LAYER_ITEM);

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    g_autoptr (VizLayerItem) item = item_new (model, (int)i, cnn_model_get_layer (model, i)->name);

    g_list_store_append (store, item);
  }
  return store;
}

void
viz_layer_items_set_cost (GListModel *items, const CnnLayerCost *cost)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++) {
    g_autoptr (VizLayerItem) item = g_list_model_get_item (items, i);

    viz_layer_item_set_cost (item, cost);
  }
}

void
viz_layer_item_set_cost (VizLayerItem *self, const CnnLayerCost *cost)
{
  self->ms = self->dead = NAN;
  if (self->children != NULL) {
    viz_layer_items_set_cost (G_LIST_MODEL (self->children), cost);
    for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->children)); i++) {
      g_autoptr (VizLayerItem) child = g_list_model_get_item (G_LIST_MODEL (self->children), i);

      self->ms = isnan (self->ms) ? child->ms : self->ms + child->ms;
    }
  } else if (cost != NULL && self->layer >= 0 && self->layer < (int)cost->n) {
    self->ms = cost->ms[self->layer];
    self->dead = cost->dead[self->layer];
  }
}

const char *
viz_layer_item_get_icon_name (VizLayerItem *self)
{
  static const struct {
    const char *part, *icon;
  } kinds[] = {
    { "conv", "viz-conv-symbolic" },
    { "pool", "viz-pool-symbolic" },
    { "dense", "viz-dense-symbolic" },
    { "gemm", "viz-dense-symbolic" },
    { "matmul", "viz-dense-symbolic" },
    { "norm", "viz-norm-symbolic" },
    { "lrn", "viz-norm-symbolic" },
    { "input", "viz-input-symbolic" },
    { "concat", "viz-merge-symbolic" },
    { "add", "viz-merge-symbolic" },
    { "mul", "viz-merge-symbolic" },
    { "relu", "viz-activation-symbolic" },
    { "activation", "viz-activation-symbolic" },
    { "softmax", "viz-activation-symbolic" },
    { "sigmoid", "viz-activation-symbolic" },
  };
  g_autofree char *type = NULL;

  if (self->layer < 0)
    return "viz-group-symbolic";
  type = g_ascii_strdown (cnn_model_get_layer (self->model, (guint)self->layer)->type, -1);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strstr (type, kinds[i].part) != NULL)
      return kinds[i].icon;
  return "viz-layer-symbolic";
}
