/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-model-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/cnn-model-private.h"
#include "model/cnn-signature.h"
#include "cnn-file-hash.h"
#include "formats/keras/cnn-keras.h"
#include "cnn-labels.h"
#include "cnn-other-kind.h"
#include "cnn-zip.h"
#include "formats/onnx/cnn-onnx.h"

typedef enum {
  KIND_HDF5,
  KIND_ZIP,
  KIND_JSON,
  KIND_ONNX,
  KIND_TFLITE,
  KIND_PICKLE,
  KIND_SAVED_MODEL,
  KIND_UNKNOWN
} Kind;

/* HDF5 may carry anything before its signature, up to a power of two. */
static gboolean
is_hdf5 (const guint8 *data, gsize size)
{
  static const guint8 signature[] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n' };
  for (gsize offset = 0; offset < size && offset < 1 << 24; offset = offset == 0 ? 512 : offset * 2)
    if (cnn_signature_at (data, size, offset, signature, sizeof signature))
      return TRUE;
  return FALSE;
}

static gboolean
read_varint (const guint8 **at, const guint8 *end, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64 && *at < end; shift += 7) {
    guint8 byte = *(*at)++;
    *value |= (guint64)(byte & 127) << shift;
    if (byte < 128)
      return TRUE;
  }
  return FALSE;
}

/*
 * Protobuf has no signature: the first fields tell. An ONNX model starts with its small version number, a
 * name of its producer, or the graph; a SavedModel with a version and a meta graph.
 */
static Kind
protobuf_kind (const guint8 *data, gsize size)
{
  const guint8 *at = data, *end = data + size;
  Kind kind = KIND_UNKNOWN;
  for (guint fields = 0; fields < 16 && at < end; fields++) {
    guint64 key, value;
    if (!read_varint (&at, end, &key) || !read_varint (&at, end, &value))
      return KIND_UNKNOWN;
    guint field = (guint)(key >> 3), wire = key & 7;
    if (wire == 0 && (field == 1 || field == 5))
      kind = KIND_ONNX;
    else if (wire == 2 && field == 2 && kind == KIND_ONNX && value > 4096)
      return KIND_SAVED_MODEL; /* far too long for the name of a producer */
    else if (wire == 2 && field == 7)
      return KIND_ONNX;
    else if (wire != 2 || field < 2 || field > 25 || field == 5)
      return KIND_UNKNOWN;
    if (wire == 2) {
      if (value > (guint64)(end - at))
        return kind; /* cut off; the reader says so */
      at += value;
    }
  }
  return kind;
}

static Kind
find_kind (const guint8 *data, gsize size)
{
  gsize first = 0;
  if (is_hdf5 (data, size))
    return KIND_HDF5;
  if (cnn_signature_at (data, size, 0, "PK\3\4", 4) || cnn_signature_at (data, size, 0, "PK\5\6", 4))
    return KIND_ZIP;
  if (cnn_signature_at (data, size, 4, "TFL3", 4))
    return KIND_TFLITE;
  if (size > 2 && data[0] == 0x80 && data[1] >= 2 && data[1] <= 5)
    return KIND_PICKLE;
  while (first < size && g_ascii_isspace (data[first]))
    first++;
  if (cnn_signature_at (data, size, first, "\xef\xbb\xbf", 3))
    first += 3;
  if (first < size && (data[first] == '{' || data[first] == '['))
    return KIND_JSON;
  Kind kind = protobuf_kind (data, size);
  return kind == KIND_UNKNOWN && cnn_onnx_recognise (data, size) ? KIND_ONNX : kind;
}

/* A PyTorch file is a zip too, with a pickle in a folder. */
static gboolean
is_torch_zip (const guint8 *data, gsize size)
{
  gsize head = MIN (size, 4096);
  for (gsize i = 30; i + 8 <= head; i++)
    if (memcmp (data + i, "data.pkl", 8) == 0 ||
        (i + 12 <= head && memcmp (data + i, "constants.pkl", 12) == 0))
      return TRUE;
  return FALSE;
}

static void
refuse (Kind kind, const char *name, GError **error)
{
  g_autofree char *what = NULL;
  if (kind == KIND_TFLITE)
    what = g_strdup_printf (_ ("%s is a TensorFlow Lite model: open the Keras model that it was made from, "
                               "or convert it to ONNX with python -m tf2onnx.convert --tflite."),
                            name);
  else if (kind == KIND_PICKLE)
    what = g_strdup_printf (_ ("%s is a Python pickle, probably of PyTorch: in Python, load it and export "
                               "the network to ONNX with torch.onnx.export()."),
                            name);
  else if (kind == KIND_SAVED_MODEL)
    what = g_strdup_printf (_ ("%s belongs to a TensorFlow SavedModel: in Python, load it with "
                               "keras.models.load_model() and save it as .h5 or .keras, or convert the "
                               "folder to ONNX with python -m tf2onnx.convert --saved-model."),
                            name);
  else
    what = g_strdup_printf (_ ("%s is not a model that CnnViz knows: it reads Keras (.h5, .keras), "
                               "TensorFlow.js layers models (model.json) and ONNX."),
                            name);
  g_set_error_literal (error, CNN_ERROR, CNN_ERROR_FORMAT, what);
}

static CnnModel *
read_mapped (const char *path, GMappedFile *file, CnnKernelRotation rotation, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autofree char *name = g_path_get_basename (path);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *other = cnn_other_kind_tell (data, size, name);
  if (other != NULL) {
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_FORMAT, other);
    return NULL;
  }
  Kind kind = find_kind (data, size);
  if (kind == KIND_ZIP && is_torch_zip (data, size))
    kind = KIND_PICKLE;
  switch (kind) {
  case KIND_HDF5:
    return cnn_keras_hdf5_read (path, bytes, rotation, cancellable, error);
  case KIND_ZIP:
    return cnn_keras_zip_read (path, bytes, cancellable, error);
  case KIND_JSON:
    return cnn_tfjs_read (path, bytes, cancellable, error);
  case KIND_ONNX:
    return cnn_onnx_read (path, file, cancellable, error);
  default:
    refuse (kind, name, error);
    return NULL;
  }
}

/* A folder with a SavedModel or a TensorFlow.js model in it. */
static CnnModel *
read_folder (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *json = g_build_filename (path, "model.json", NULL),
                  *saved = g_build_filename (path, "saved_model.pb", NULL);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *other = cnn_other_kind_tell_folder (path, name);
  if (g_file_test (json, G_FILE_TEST_IS_REGULAR))
    return cnn_model_read (json, cancellable, error);
  if (g_file_test (saved, G_FILE_TEST_IS_REGULAR))
    refuse (KIND_SAVED_MODEL, name, error);
  else if (other != NULL)
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_FORMAT, other);
  else
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is a folder without a model.json."), name);
  return NULL;
}

static CnnModel *
with_labels (CnnModel *model, const char *path)
{
  g_autofree char *source = NULL;
  g_auto (GStrv) labels =
      cnn_labels_find (path, cnn_model_get_n_classes (model), cnn_model_has_labels (model), &source);
  if (labels == NULL)
    return model;
  CnnModel *labelled = cnn_model_with_labels (model, (const char *const *)labels, source);
  g_object_unref (model);
  return labelled;
}

static gboolean
check_image (CnnModel *model, GError **error)
{
  if (cnn_model_get_image_input (model) >= 0)
    return TRUE;
  g_autofree char *shape = cnn_shape_to_keras (&cnn_model_get_input (model, 0)->shape);
  g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("%s takes no picture: its input has the shape %s."),
               cnn_model_get_name (model), shape);
  return FALSE;
}

/* Names in a damaged file may hold anything; a sentence is one line. */
static void
make_one_line (GError *error)
{
  for (char *c = error->message; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
}

/* Only what is written down tells the hash, and that comes later. */
static const CnnHashSource hash_source = {
  (const char *(*)(gpointer))cnn_file_hasher_get,
  (gpointer (*) (gpointer))cnn_file_hasher_ref,
  (GDestroyNotify)cnn_file_hasher_unref,
};

CnnModel *
cnn_model_read (const char *path, GCancellable *cancellable, GError **error)
{
  return cnn_model_read_with (path, CNN_KERNEL_ROTATION_AUTO, cancellable, error);
}

static CnnModel *read_any (const char *path, CnnKernelRotation rotation, GCancellable *cancellable,
                           GError **error);

/* What is no model itself may be a zip with one in it, as Teachable Machine hands them out: it is read from
 * where it was unpacked. Takes @cause, what else is wrong with the file. */
static CnnModel *
read_zipped (const char *path, GBytes *bytes, CnnKernelRotation rotation, GCancellable *cancellable,
             GError *cause, GError **error)
{
  g_autofree char *what = g_path_get_basename (path), *inner = NULL;
  char *folder = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  CnnModel *model = NULL;
  GError *failed = NULL;
  if (find_kind (data, size) == KIND_ZIP)
    inner = cnn_zip_unpack_model (bytes, what, &folder, cancellable, &failed);
  if (inner != NULL)
    model = read_any (inner, rotation, cancellable, error);
  else
    g_propagate_error (error, failed != NULL ? failed : g_error_copy (cause));
  g_error_free (cause);
  cnn_zip_remove (folder);
  if (model != NULL) {
    cnn_model_set_path (model, path);
    cnn_model_set_hash_source (model, &hash_source, cnn_file_hasher_new (path));
  }
  return model;
}

static CnnModel *
read_any (const char *path, CnnKernelRotation rotation, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) cause = NULL;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return read_folder (path, cancellable, error);
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("There is no file “%s”."), path);
    return NULL;
  }
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not a file."), name);
    return NULL;
  }
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  if (file == NULL) {
    /* GLib names the file and the call before the system's reason */
    const char *reason = g_strrstr (cause->message, ": ");
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s cannot be opened: %s."), name,
                 reason != NULL ? reason + 2 : cause->message);
    return NULL;
  }
  if (g_mapped_file_get_length (file) == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is empty."), name);
    return NULL;
  }
  CnnModel *model = read_mapped (path, file, rotation, cancellable, &cause);
  if (g_error_matches (cause, CNN_ERROR, CNN_ERROR_FORMAT)) {
    g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
    return read_zipped (path, bytes, rotation, cancellable, g_steal_pointer (&cause), error);
  }
  if (model == NULL) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return NULL;
  }
  cnn_model_set_hash_source (model, &hash_source, cnn_file_hasher_new (path));
  if (!check_image (model, error)) {
    g_clear_object (&model);
    return NULL;
  }
  return with_labels (model, path);
}

gboolean
cnn_kernel_rotation_from_name (const char *name, CnnKernelRotation *rotation)
{
  static const char *const names[] = { "auto", "no", "yes" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0) {
      *rotation = (CnnKernelRotation)i;
      return TRUE;
    }
  return FALSE;
}

CnnModel *
cnn_model_read_with (const char *path, CnnKernelRotation rotation, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  CnnModel *model = read_any (path, rotation, cancellable, &cause);

  if (cause != NULL) {
    make_one_line (cause);
    g_propagate_error (error, g_steal_pointer (&cause));
  }
  return model;
}
