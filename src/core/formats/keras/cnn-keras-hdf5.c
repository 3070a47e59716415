/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-1.h"
#include "cnn-keras-weights.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* How Keras lays weights out in HDF5: by layer and list of names (Keras 1 and 2), or by folder and number
 * (.keras). */

typedef struct {
  CnnKerasStore base;
  CnnHdf5 *file;
  const char *root; /* "model_weights" or "" */
  GHashTable
      *names; /* Keras 1, 2: layer -> GPtrArray of weight names; .keras: tidy path -> path in the file */
} Hdf5Store;

char *
cnn_keras_shape_to_string (const CnnShape *shape)
{
  GString *text = g_string_new (shape->rank == 0 ? "()" : NULL);
  for (guint i = 0; i < shape->rank; i++) {
    g_string_append (text, i > 0 ? "x" : "");
    if (shape->dims[i] < 0)
      g_string_append_c (text, '?');
    else
      g_string_append_printf (text, "%" PRId64, shape->dims[i]);
  }
  return g_string_free (text, FALSE);
}

gboolean
cnn_keras_check_shape (const CnnKerasScope *scope, const char *param, const CnnShape *expected,
                       const CnnShape *found, GError **error)
{
  gboolean same = expected == NULL || expected->rank == found->rank;
  for (guint i = 0; expected != NULL && same && i < found->rank; i++)
    same = expected->dims[i] < 0 || expected->dims[i] == found->dims[i];
  if (same)
    return TRUE;
  g_autofree char *is = cnn_keras_shape_to_string (found), *should = cnn_keras_shape_to_string (expected);
  g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
               _ ("Layer “%s”: its weight “%s” has the shape %s, but %s was expected."), scope->path, param,
               is, should);
  return FALSE;
}

gboolean
cnn_keras_param_matches (const char *name, const char *param)
{
  const char *slash = strrchr (name, '/'), *last = slash != NULL ? slash + 1 : name;
  gsize length = strcspn (last, ":");
  if (strlen (param) == length && strncmp (last, param, length) == 0)
    return TRUE;
  /* Keras 3 calls the kernel of a depthwise convolution plainly kernel */
  return g_str_equal (param, "depthwise_kernel") && length == 6 && strncmp (last, "kernel", 6) == 0;
}

/* TensorFlow 1 numbers the scope of a layer that it met before: "conv" becomes "conv_2". */
static gboolean
same_scope (const char *have, const char *want, gboolean loose)
{
  gsize length = strlen (want);
  if (!loose || !g_str_has_prefix (have, want) || have[length] != '_')
    return g_str_equal (have, want);
  return have[length + 1] != '\0' && strspn (have + length + 1, "0123456789") == strlen (have + length + 1);
}

/* How many of the scope's last names the weight's path carries: the more, the better it fits a nested layer.
 */
static guint
match_length (const char *weight, const CnnKerasScope *scope, gboolean loose)
{
  g_auto (GStrv) have = g_strsplit (weight, "/", -1), want = g_strsplit (scope->path, "/", -1);
  guint i = g_strv_length (have) - 1, j = g_strv_length (want), n = 0;
  while (i > 0 && j > 0 && same_scope (have[i - 1], want[j - 1], loose)) {
    n++;
    i--;
    j--;
  }
  return n;
}

static GPtrArray *
weight_names (Hdf5Store *self, const char *layer)
{
  GPtrArray *names = g_hash_table_lookup (self->names, layer);
  if (names == NULL) {
    g_autofree char *path = g_strdup_printf ("%s/%s", self->root, layer);
    names = cnn_hdf5_read_names (self->file, path, "weight_names");
    g_hash_table_insert (self->names, g_strdup (layer), names);
  }
  return names;
}

/* Keras 1 has no folders: "conv_W:0", or "conv_W_1:0" where TensorFlow met the name before. */
static gboolean
is_flat_name (const char *name, const CnnKerasScope *scope, const char *param, gboolean loose)
{
  g_autofree char *own = g_strdup_printf ("%s_%s", scope->name, cnn_keras_1_weight_name (param));
  g_autofree char *bare = g_strndup (name, strcspn (name, ":"));
  return strchr (name, '/') == NULL && same_scope (bare, own, loose);
}

/* The name that fits a layer in a nested model best. */
static const char *
find_nested (GPtrArray *names, const CnnKerasScope *scope, const char *param, gboolean loose)
{
  const char *best = NULL;
  guint best_length = 0;
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    guint length = cnn_keras_param_matches (name, param)      ? match_length (name, scope, loose)
                   : is_flat_name (name, scope, param, loose) ? 1
                                                              : 0;
    if (length > best_length) {
      best_length = length;
      best = name;
    }
  }
  return best;
}

/* Which of the group's names is the weight: by its name where names tell, else by its place. */
static const char *
find_weight (GPtrArray *names, const CnnKerasScope *scope, const char *param, guint index)
{
  const char *found = NULL;
  guint n = 0;
  if (scope->nested) {
    found = find_nested (names, scope, param, FALSE);
    return found != NULL ? found : find_nested (names, scope, param, TRUE);
  }
  for (guint i = 0; i < names->len; i++)
    if (cnn_keras_param_matches (names->pdata[i], param)) {
      found = names->pdata[i];
      n++;
    }
  if (n == 1)
    return found;
  return index < names->len ? names->pdata[index] : NULL;
}

static CnnTensor *
hdf5_load (CnnKerasStore *store, const CnnKerasScope *scope, const char *param, guint index,
           const CnnShape *expected, GError **error)
{
  Hdf5Store *self = (Hdf5Store *)store;
  const char *name = find_weight (weight_names (self, scope->top), scope, param, index);
  if (name == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: its weight “%s” is missing from the file."), scope->path, param);
    return NULL;
  }
  g_autofree char *path = g_strdup_printf ("%s/%s/%s", self->root, scope->top, name);
  return cnn_hdf5_read_tensor (self->file, path, scope, param, expected, error);
}

static GPtrArray *
hdf5_list (CnnKerasStore *store, const CnnKerasScope *scope)
{
  GPtrArray *names = weight_names ((Hdf5Store *)store, scope->top),
            *mine = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i], *slash = strrchr (name, '/');
    if (!scope->nested || match_length (name, scope, FALSE) > 0)
      g_ptr_array_add (mine, g_strndup (slash != NULL ? slash + 1 : name,
                                        strcspn (slash != NULL ? slash + 1 : name, ":")));
  }
  return mine;
}

static void
store_free (CnnKerasStore *store)
{
  Hdf5Store *self = (Hdf5Store *)store;
  g_hash_table_unref (self->names);
  cnn_hdf5_close (self->file);
  g_free (self);
}

CnnKerasStore *
cnn_keras_hdf5_store (CnnHdf5 *file, GError **error)
{
  Hdf5Store *self = g_new0 (Hdf5Store, 1);
  self->base = (CnnKerasStore){ hdf5_load, hdf5_list, store_free };
  self->file = file;
  self->root = cnn_hdf5_has (file, "model_weights") ? "model_weights" : "";
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  return &self->base;
}

static CnnTensor *
v3_load (CnnKerasStore *store, const CnnKerasScope *scope, const char *param, guint index,
         const CnnShape *expected, GError **error)
{
  Hdf5Store *self = (Hdf5Store *)store;
  g_autofree char *key = g_strdup_printf ("%s/vars/%u", scope->folder, index);
  const char *path = g_hash_table_lookup (self->names, key);
  if (path == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: its weight “%s” is missing from the file (no %s in model.weights.h5)."),
                 scope->path, param, key);
    return NULL;
  }
  return cnn_hdf5_read_tensor (self->file, path, scope, param, expected, error);
}

static GPtrArray *
v3_list (CnnKerasStore *store, const CnnKerasScope *scope)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0;; i++) {
    g_autofree char *key = g_strdup_printf ("%s/vars/%u", scope->folder, i);
    if (!g_hash_table_contains (((Hdf5Store *)store)->names, key))
      return names;
    g_ptr_array_add (names, g_strdup_printf ("%u", i));
  }
}

/* Keras 2.14 has another name for the folder of layers, and a file from Windows may have backslashes in its
 * keys. */
static char *
tidy_path (const char *path)
{
  g_autoptr (GString) text = g_string_new (path);
  g_string_replace (text, "\\", "/", 0);
  g_string_replace (text, "_layer_checkpoint_dependencies", "layers", 0);
  return g_strdup (text->str);
}

CnnKerasStore *
cnn_keras_v3_store (CnnHdf5 *file, GError **error)
{
  Hdf5Store *self = g_new0 (Hdf5Store, 1);
  g_autoptr (GPtrArray) paths = cnn_hdf5_list (file);
  self->base = (CnnKerasStore){ v3_load, v3_list, store_free };
  self->file = file;
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < paths->len; i++)
    g_hash_table_insert (self->names, tidy_path (paths->pdata[i]), g_strdup (paths->pdata[i]));
  return &self->base;
}
