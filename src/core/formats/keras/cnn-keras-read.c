/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-1.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
names_format (const char *class_name, JsonObject *config, gpointer format)
{
  const char *said = cnn_json_string (config, "data_format", cnn_json_string (config, "dim_ordering", NULL));
  if (said != NULL)
    *(const char **)format = said;
  return said != NULL;
}

/* Whether the first layer that names its order of axes has the channels first. */
static gboolean
is_channels_first (JsonObject *model)
{
  const char *format = NULL;
  return cnn_keras_any_layer (model, names_format, &format) &&
         (g_str_equal (format, "channels_first") || g_str_equal (format, "th"));
}

CnnModel *
cnn_keras_read (CnnModelBuilder *builder, JsonNode *config, CnnKerasStore *store, const char *keras_version,
                const char *backend, GCancellable *cancellable, GError **error)
{
  CnnKerasReader reader = { .builder = builder, .store = store, .cancellable = cancellable };
  JsonObject *model = cnn_json_node_object (config);
  CnnModel *result = NULL;
  reader.keras_major = keras_version != NULL ? (guint)g_ascii_strtoull (keras_version, NULL, 10) : 0;
  if (reader.keras_major < 1)
    reader.keras_major = cnn_keras_1_wrote (model) ? 1 : 2;
  reader.theano = g_strcmp0 (backend, "theano") == 0;
  reader.channels_first = is_channels_first (model);
  reader.tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)cnn_tensor_unref);
  reader.built = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (model == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("The configuration of the network is not a JSON object."));
  else if (cnn_keras_build_model (&reader, model, error)) {
    cnn_model_builder_set_preprocess (builder, cnn_keras_guess_preprocess (&reader.front, model));
    result = cnn_model_builder_finish (builder, error);
  }
  g_hash_table_unref (reader.tensors);
  g_hash_table_unref (reader.built);
  store->free (store);
  return result;
}

/* A file that can be opened but holds no network. */
static void
explain_missing (CnnHdf5 *file, const char *name, GError **error)
{
  g_autoptr (GPtrArray) layers = cnn_hdf5_read_names (file, "/", "layer_names");
  if (layers->len > 0 || cnn_hdf5_has (file, "layers") ||
      cnn_hdf5_has (file, "_layer_checkpoint_dependencies"))
    g_set_error (error, CNN_ERROR, CNN_ERROR_FORMAT,
                 _ ("%s holds weights only, without the network’s architecture: in Python, build the model, "
                    "load the weights with model.load_weights() and save it with model.save()."),
                 name);
  else
    g_set_error (error, CNN_ERROR, CNN_ERROR_FORMAT,
                 _ ("%s is an HDF5 file, but holds no Keras model (no “model_config”)."), name);
}

static char *
read_attribute (CnnHdf5 *file, const char *attribute)
{
  char *text = cnn_hdf5_read_text (file, attribute);
  if (text == NULL) {
    g_autoptr (GPtrArray) inner = cnn_hdf5_read_names (file, "model_weights", attribute);
    if (inner->len == 1)
      text = g_strdup (inner->pdata[0]);
  }
  return text;
}

static gboolean
is_old (const char *version, JsonNode *config)
{
  return version != NULL ? g_str_has_prefix (version, "1.")
                         : cnn_keras_1_wrote (cnn_json_node_object (config));
}

/* The backend as far as it decides about the kernels. */
static const char *
assume_backend (CnnKernelRotation rotation, const char *backend, const char *version, JsonNode *config)
{
  if (rotation != CNN_KERNEL_ROTATION_AUTO)
    return rotation == CNN_KERNEL_ROTATION_YES ? "theano" : "tensorflow";
  JsonObject *model = cnn_json_node_object (config);
  if (backend == NULL && is_old (version, config) && is_channels_first (model) &&
      !cnn_keras_1_needs_tensorflow (model))
    return "theano";
  return backend;
}

static CnnModel *
read_locked (const char *path, GBytes *bytes, CnnKernelRotation rotation, GCancellable *cancellable,
             GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  CnnHdf5 *file = cnn_hdf5_open (bytes, name, error);
  if (file == NULL)
    return NULL;
  g_autofree char *text = cnn_hdf5_read_text (file, "model_config");
  g_autofree char *version = read_attribute (file, "keras_version"),
                  *backend = read_attribute (file, "backend");
  g_autoptr (JsonNode) config = NULL;
  if (text == NULL)
    explain_missing (file, name, error);
  else
    config = cnn_json_parse (text, strlen (text), "model_config", error);
  if (config == NULL) {
    cnn_hdf5_close (file);
    return NULL;
  }
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new (path, "Keras HDF5");
  const char *assumed = assume_backend (rotation, backend, version, config);
  if (backend != NULL ? g_str_equal (backend, "theano") : is_old (version, config))
    cnn_model_builder_set_kernel_turn (
        builder, g_strcmp0 (assumed, "theano") == 0 ? CNN_KERNEL_TURN_TURNED : CNN_KERNEL_TURN_AS_STORED);
  return cnn_keras_read (builder, config, cnn_keras_hdf5_store (file, error), version, assumed, cancellable,
                         error);
}

CnnModel *
cnn_keras_hdf5_read (const char *path, GBytes *bytes, CnnKernelRotation rotation, GCancellable *cancellable,
                     GError **error)
{
  cnn_hdf5_lock ();
  CnnModel *model = read_locked (path, bytes, rotation, cancellable, error);
  cnn_hdf5_unlock ();
  return model;
}
