/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed weights: each format of each weight once, for all plans of an engine. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

typedef struct {
  gconstpointer key, folded;
  guint form;
  dnnl_memory_desc_t md;
  dnnl_memory_t memory;
  float *data; /* owned, or NULL where the memory lies over the file's */
} Packed;

typedef struct {
  gconstpointer key, folded;
  guint what;
  float *data;
} Floats;

struct _CnnWeightCache {
  GHashTable *packed; /* key -> GPtrArray of Packed */
  GHashTable *floats; /* key -> GPtrArray of Floats */
};

static void
packed_free (Packed *packed)
{
  dnnl_memory_destroy (packed->memory);
  cnn_dnnl_free (packed->data);
  g_free (packed);
}

static void
floats_free (Floats *floats)
{
  g_free (floats->data);
  g_free (floats);
}

CnnWeightCache *
cnn_weight_cache_new (void)
{
  CnnWeightCache *self = g_new0 (CnnWeightCache, 1);

  self->packed = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  self->floats = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  return self;
}

void
cnn_weight_cache_free (CnnWeightCache *self)
{
  g_hash_table_unref (self->packed);
  g_hash_table_unref (self->floats);
  g_free (self);
}

static GPtrArray *
entries (GHashTable *table, gconstpointer key, GDestroyNotify free_entry)
{
  GPtrArray *array = g_hash_table_lookup (table, key);

  if (array == NULL) {
    array = g_ptr_array_new_with_free_func (free_entry);
    g_hash_table_insert (table, (gpointer)key, array);
  }
  return array;
}

dnnl_memory_t
cnn_weight_cache_find (CnnWeightCache *self, gconstpointer key, gconstpointer folded, guint form,
                       const dnnl_memory_desc_t *to)
{
  GPtrArray *array = entries (self->packed, key, (GDestroyNotify)packed_free);

  for (guint i = 0; i < array->len; i++) {
    Packed *packed = g_ptr_array_index (array, i);

    if (packed->folded == folded && packed->form == form && dnnl_memory_desc_equal (&packed->md, to))
      return packed->memory;
  }
  return NULL;
}

static void
reorder (const dnnl_memory_desc_t *from, const float *data, const dnnl_memory_desc_t *to, dnnl_memory_t into)
{
  dnnl_primitive_desc_t pd = NULL;
  dnnl_primitive_attr_t attributes = cnn_dnnl_attributes ();
  dnnl_primitive_t primitive = NULL;
  dnnl_memory_t source = cnn_dnnl_memory (from, data);
  dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, source }, { DNNL_ARG_TO, into } };

  if (dnnl_reorder_primitive_desc_create (&pd, from, cnn_dnnl_engine (), to, cnn_dnnl_engine (),
                                          attributes) != dnnl_success ||
      dnnl_primitive_create (&primitive, pd) != dnnl_success)
    g_error ("oneDNN cannot pack weights");
  cnn_dnnl_run (primitive, args, 2);
  dnnl_primitive_destroy (primitive);
  dnnl_primitive_desc_destroy (pd);
  dnnl_primitive_attr_destroy (attributes);
  dnnl_memory_destroy (source);
}

dnnl_memory_t
cnn_weight_cache_pack (CnnWeightCache *self, gconstpointer key, gconstpointer folded, guint form,
                       const dnnl_memory_desc_t *from, const float *data, const dnnl_memory_desc_t *to,
                       gboolean keep)
{
  Packed *packed = g_new0 (Packed, 1);

  packed->key = key;
  packed->folded = folded;
  packed->form = form;
  packed->md = *to;
  if (keep && dnnl_memory_desc_equal (from, to)) {
    packed->memory = cnn_dnnl_memory (to, data);
  } else {
    packed->data = cnn_dnnl_alloc (dnnl_memory_desc_get_size (to) / sizeof (float) + 16);
    packed->memory = cnn_dnnl_memory (to, packed->data);
    reorder (from, data, to, packed->memory);
  }
  g_ptr_array_add (entries (self->packed, key, (GDestroyNotify)packed_free), packed);
  return packed->memory;
}

const float *
cnn_weight_cache_lookup (CnnWeightCache *self, gconstpointer key, gconstpointer folded, guint what)
{
  GPtrArray *array = entries (self->floats, key, (GDestroyNotify)floats_free);

  for (guint i = 0; i < array->len; i++) {
    Floats *floats = g_ptr_array_index (array, i);

    if (floats->folded == folded && floats->what == what)
      return floats->data;
  }
  return NULL;
}

const float *
cnn_weight_cache_put (CnnWeightCache *self, gconstpointer key, gconstpointer folded, guint what, float *data)
{
  Floats *floats = g_new0 (Floats, 1);

  *floats = (Floats){ key, folded, what, data };
  g_ptr_array_add (entries (self->floats, key, (GDestroyNotify)floats_free), floats);
  return data;
}
