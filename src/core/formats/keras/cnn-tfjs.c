/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Of 4 MB each, as the converter writes them, these hold 16 GB. */
#define MAX_SHARDS 4096

/* TensorFlow.js layers models: model.json describes network and weights, which lie in shards beside it. */

typedef struct {
  char *name;
  CnnShape shape;
  const char *dtype; /* as stored */
  gboolean quantized;
  double scale, min;
  GBytes *data;
} Entry;

typedef struct {
  CnnKerasStore base;
  GPtrArray *entries;
  GHashTable *by_name;
  guint n_shards;
} TfjsStore;

static void
entry_free (Entry *entry)
{
  g_free (entry->name);
  g_clear_pointer (&entry->data, g_bytes_unref);
  g_free (entry);
}

static gsize
dtype_size (const char *dtype)
{
  static const struct {
    const char *name;
    gsize size;
  } sizes[] = { { "float32", 4 }, { "int32", 4 }, { "uint16", 2 },
                { "float16", 2 }, { "uint8", 1 }, { "bool", 1 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (g_str_equal (dtype, sizes[i].name))
      return sizes[i].size;
  return 0;
}

static gboolean
parse_shape (JsonArray *sizes, CnnShape *shape)
{
  gsize count;
  shape->rank = sizes != NULL ? json_array_get_length (sizes) : CNN_MAX_RANK + 1;
  if (shape->rank > CNN_MAX_RANK)
    return FALSE;
  for (guint i = 0; i < shape->rank; i++)
    if (!cnn_json_node_integer (json_array_get_element (sizes, i), &shape->dims[i]))
      return FALSE;
  return cnn_shape_count (shape, &count);
}

static gboolean
has_value (JsonObject *json, const char *member)
{
  return json != NULL && json_object_has_member (json, member) && !json_object_get_null_member (json, member);
}

/* What the manifest says about one weight; it must be right before anything is read. */
static Entry *
parse_entry (JsonObject *json, GError **error)
{
  const char *name = cnn_json_string (json, "name", NULL);
  JsonObject *quantization = cnn_json_object (json, "quantization");
  Entry *entry = g_new0 (Entry, 1);
  entry->name = g_strdup (name != NULL ? name : "?");
  entry->dtype = cnn_json_string (quantization, "dtype", cnn_json_string (json, "dtype", "?"));
  entry->quantized = quantization != NULL && !g_str_equal (entry->dtype, "float16");
  entry->scale = cnn_json_number (quantization, "scale", (double)NAN);
  entry->min = cnn_json_number (quantization, "min", (double)NAN);
  if (name == NULL || !parse_shape (cnn_json_array (json, "shape"), &entry->shape)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The file declares an impossible size for its weight “%s”."), entry->name);
  } else if (dtype_size (entry->dtype) == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The weight “%s” is of the type “%s”, which is not known."), entry->name, entry->dtype);
  } else if (entry->quantized ? !isfinite (entry->scale) || !isfinite (entry->min)
                              : quantization == NULL && has_value (json, "quantization")) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The weight “%s” is quantized, but the file does not say its scale and least number."),
                 entry->name);
  } else {
    return entry;
  }
  entry_free (entry);
  return NULL;
}

/* A shard must be a file in the model's own folder. */
static GBytes *
map_shard (const char *folder, const char *name, GError **error)
{
  g_autoptr (GFile) base = g_file_new_for_path (folder), file = g_file_resolve_relative_path (base, name);
  g_autofree char *path = g_file_get_path (file);
  g_autoptr (GError) cause = NULL;
  if (g_path_is_absolute (name) || strchr (name, '\\') != NULL || !g_file_has_prefix (file, base) ||
      path == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("The file names “%s” for its weights, which is not in the model’s folder."), name);
    return NULL;
  }
  /* a link may lead out as well */
  char *real = realpath (path, NULL), *real_base = realpath (folder, NULL);
  gsize length = real_base != NULL ? strlen (real_base) : 0;
  gboolean inside = real == NULL || (real_base != NULL && strncmp (real, real_base, length) == 0 &&
                                     (real[length] == '/' || length == 1));
  free (real);
  free (real_base);
  if (!inside) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("The file names “%s” for its weights, which is not in the model’s folder."), name);
    return NULL;
  }
  g_autoptr (GMappedFile) mapped =
      g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_mapped_file_new (path, FALSE, &cause) : NULL;
  if (mapped == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("The weights in “%s” cannot be read: %s."), name,
                 cause != NULL ? cause->message : _ ("there is no such file"));
    return NULL;
  }
  return g_mapped_file_get_bytes (mapped);
}

/* A part of a group's shards laid end to end: in place, or copied where it crosses a border. */
static GBytes *
group_slice (GPtrArray *shards, guint64 offset, gsize length)
{
  g_autoptr (GByteArray) joined = NULL;
  for (guint i = 0; i < shards->len; i++) {
    GBytes *shard = shards->pdata[i];
    gsize size = g_bytes_get_size (shard);
    if (offset >= size && !(length == 0 && i + 1 == shards->len)) {
      offset -= size;
      continue;
    }
    gsize here = MIN (length - (joined != NULL ? joined->len : 0), size - offset);
    if (joined == NULL && here == length)
      return g_bytes_new_from_bytes (shard, offset, length);
    if (joined == NULL)
      joined = g_byte_array_sized_new ((guint)length);
    g_byte_array_append (joined, (const guint8 *)g_bytes_get_data (shard, NULL) + offset, (guint)here);
    offset = 0;
    if (joined->len == length)
      return g_byte_array_free_to_bytes (g_steal_pointer (&joined));
  }
  return NULL;
}

static gboolean
load_group (TfjsStore *self, JsonObject *group, const char *folder, GError **error)
{
  JsonArray *paths = cnn_json_array (group, "paths"), *weights = cnn_json_array (group, "weights");
  g_autoptr (GPtrArray) shards = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  guint64 total = 0, offset = 0;
  self->n_shards += paths != NULL ? json_array_get_length (paths) : 0;
  if (self->n_shards > MAX_SHARDS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("model.json names %u files for its weights, where %d are the most."), self->n_shards,
                 MAX_SHARDS);
    return FALSE;
  }
  for (guint i = 0; paths != NULL && i < json_array_get_length (paths); i++) {
    const char *name = cnn_json_node_string (json_array_get_element (paths, i));
    GBytes *shard = map_shard (folder, name != NULL ? name : "", error);
    if (shard == NULL)
      return FALSE;
    total += g_bytes_get_size (shard);
    g_ptr_array_add (shards, shard);
  }
  for (guint i = 0; weights != NULL && i < json_array_get_length (weights); i++) {
    Entry *entry = parse_entry (cnn_json_node_object (json_array_get_element (weights, i)), error);
    if (entry == NULL)
      return FALSE;
    gsize length = cnn_shape_size (&entry->shape) * dtype_size (entry->dtype);
    g_ptr_array_add (self->entries, entry);
    if (!g_hash_table_insert (self->by_name, entry->name, entry)) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS, _ ("Two weights have the name “%s”."), entry->name);
      return FALSE;
    }
    if (length > total - offset) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                   _ ("The weight files are too short: they end within “%s”."), entry->name);
      return FALSE;
    }
    entry->data = group_slice (shards, offset, length);
    offset += length;
  }
  return TRUE;
}

static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32)(half >> 15) << 31, exponent = half >> 10 & 31, mantissa = half & 1023;
  union {
    guint32 bits;
    float value;
  } result;
  if (exponent == 0) {
    float tiny = (float)mantissa / 16777216.0f;
    return sign != 0 ? -tiny : tiny;
  }
  result.bits = sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) | mantissa << 13;
  return result.value;
}

static CnnTensor *
entry_tensor (const Entry *entry)
{
  gsize count = cnn_shape_size (&entry->shape), size;
  const guint8 *data = entry->data != NULL ? g_bytes_get_data (entry->data, &size) : NULL;
  if (g_str_equal (entry->dtype, "float32") && G_BYTE_ORDER == G_LITTLE_ENDIAN && data != NULL &&
      (gsize)data % sizeof (float) == 0)
    return cnn_tensor_new (&entry->shape, entry->data);
  float *out = g_new0 (float, MAX (count, 1));
  gsize width = dtype_size (entry->dtype);
  for (gsize i = 0; data != NULL && i < count; i++) {
    guint32 bits = 0;
    for (gsize b = width; b > 0; b--)
      bits = bits << 8 | data[i * width + b - 1];
    if (g_str_equal (entry->dtype, "float32"))
      memcpy (&out[i], &bits, sizeof bits);
    else if (g_str_equal (entry->dtype, "float16"))
      out[i] = half_to_float ((guint16)bits);
    else if (g_str_equal (entry->dtype, "int32"))
      out[i] = (float)(gint32)bits;
    else
      out[i] = (float)bits;
    if (entry->quantized)
      out[i] = (float)(out[i] * entry->scale + entry->min);
  }
  return cnn_tensor_new_take (&entry->shape, out);
}

/* The weight "layer/param": names may be prefixed by those of the models around, and have suffixes of
 * TensorFlow. */
static Entry *
find_entry (TfjsStore *self, const CnnKerasScope *scope, const char *param)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", scope->path, param),
                  *own = g_strdup_printf ("%s/%s", scope->name, param);
  g_autofree char *ending = g_strdup_printf ("/%s", own);
  Entry *entry = g_hash_table_lookup (self->by_name, full), *found = NULL;
  if (entry == NULL)
    entry = g_hash_table_lookup (self->by_name, own);
  for (guint i = 0; entry == NULL && i < self->entries->len; i++) {
    Entry *candidate = self->entries->pdata[i];
    if (!g_str_has_suffix (candidate->name, ending))
      continue;
    if (found != NULL)
      return NULL;
    found = candidate;
  }
  return entry != NULL ? entry : found;
}

static CnnTensor *
tfjs_load (CnnKerasStore *store, const CnnKerasScope *scope, const char *param, guint index,
           const CnnShape *expected, GError **error)
{
  TfjsStore *self = (TfjsStore *)store;
  Entry *entry = find_entry (self, scope, param);
  if (entry == NULL && g_str_equal (param, "depthwise_kernel"))
    entry = find_entry (self, scope, "kernel");
  if (entry == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: its weight “%s” is missing from the file."), scope->path, param);
    return NULL;
  }
  if (!cnn_keras_check_shape (scope, param, expected, &entry->shape, error))
    return NULL;
  return entry_tensor (entry);
}

static GPtrArray *
tfjs_list (CnnKerasStore *store, const CnnKerasScope *scope)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *prefix = g_strdup_printf ("%s/", scope->name);
  for (guint i = 0; i < ((TfjsStore *)store)->entries->len; i++) {
    Entry *entry = ((TfjsStore *)store)->entries->pdata[i];
    if (g_str_has_prefix (entry->name, prefix))
      g_ptr_array_add (names, g_strdup (entry->name + strlen (prefix)));
  }
  return names;
}

static void
tfjs_free (CnnKerasStore *store)
{
  TfjsStore *self = (TfjsStore *)store;
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

CnnKerasStore *
cnn_tfjs_store (JsonArray *manifest, const char *folder, GCancellable *cancellable, GError **error)
{
  TfjsStore *self = g_new0 (TfjsStore, 1);
  self->base = (CnnKerasStore){ tfjs_load, tfjs_list, tfjs_free };
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; manifest != NULL && i < json_array_get_length (manifest); i++)
    if (!load_group (self, cnn_json_node_object (json_array_get_element (manifest, i)), folder, error)) {
      tfjs_free (&self->base);
      return NULL;
    }
  return &self->base;
}

/* Why a JSON file is not a layers model. */
static gboolean
check_kind (JsonObject *root, const char *what, GError **error)
{
  const char *format = cnn_json_string (root, "format", NULL);
  JsonObject *topology = cnn_json_object (root, "modelTopology");
  if (g_strcmp0 (format, "graph-model") == 0 || cnn_json_array (topology, "node") != NULL)
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_FORMAT,
        _ ("%s is a TensorFlow.js graph model, from which layers cannot be told: convert the original with "
           "tensorflowjs_converter --output_format=tfjs_layers_model, or to ONNX with tf2onnx --tfjs."),
        what);
  else if (topology == NULL && cnn_json_member (root, "class_name") != NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_FORMAT,
                 _ ("%s describes a Keras network without its weights: save the whole model with "
                    "model.save() in Python."),
                 what);
  else if (topology == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_FORMAT,
                 _ ("%s is a JSON file, but no TensorFlow.js model (no “modelTopology”)."), what);
  else if (cnn_json_array (root, "weightsManifest") == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS, _ ("%s has no weights (no “weightsManifest”)."), what);
  else
    return TRUE;
  return FALSE;
}

CnnModel *
cnn_tfjs_read (const char *path, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_path_get_basename (path), *folder = g_path_get_dirname (path);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonNode) node = cnn_json_parse (text, length, what, error);
  JsonObject *root = cnn_json_node_object (node);
  if (node == NULL || !check_kind (root, what, error))
    return NULL;
  JsonObject *topology = cnn_json_object (root, "modelTopology");
  JsonNode *config = cnn_json_member (topology, "model_config");
  CnnKerasStore *store =
      cnn_tfjs_store (cnn_json_array (root, "weightsManifest"), folder, cancellable, error);
  if (store == NULL)
    return NULL;
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new (path, "TensorFlow.js");
  return cnn_keras_read (builder, config != NULL ? config : cnn_json_member (root, "modelTopology"), store,
                         cnn_json_string (topology, "keras_version", "2"), NULL, cancellable, error);
}
