/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras.h"

#include "formats/cnn-zip.h"

#include <archive_entry.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* A .keras file: a zip of config.json, metadata.json and model.weights.h5. */

#define MAX_JSON (64u << 20)
#define MAX_WEIGHTS (G_GUINT64_CONSTANT (16) << 30)

typedef struct {
  GBytes *config, *metadata, *weights;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_clear_pointer (&parts->config, g_bytes_unref);
  g_clear_pointer (&parts->metadata, g_bytes_unref);
  g_clear_pointer (&parts->weights, g_bytes_unref);
}

static guint32
little (const guint8 *p, guint n)
{
  guint32 value = 0;
  for (guint i = n; i > 0; i--)
    value = value << 8 | p[i - 1];
  return value;
}

/*
 * An entry that is stored as it is can stay in the mapped file. @header is where its local header starts, as
 * found by its signature; anything unusual (zip64, streaming, encryption) is left to libarchive.
 */
static GBytes *
map_stored (GBytes *zip, const char *name, guint64 entry_size)
{
  gsize size, length = strlen (name);
  const guint8 *data = g_bytes_get_data (zip, &size);
  /* the central directory at the end tells where local headers are */
  if (size < 22)
    return NULL;
  gsize end = size - 22;
  while (end > 0 && size - end < 66000 && memcmp (data + end, "PK\5\6", 4) != 0)
    end--;
  if (memcmp (data + end, "PK\5\6", 4) != 0)
    return NULL;
  gsize at = little (data + end + 16, 4);
  for (guint i = 0; i < CNN_ZIP_MAX_ENTRIES && at + 46 <= end && memcmp (data + at, "PK\1\2", 4) == 0; i++) {
    const guint8 *entry = data + at;
    gsize name_length = little (entry + 28, 2), local = little (entry + 42, 4),
          packed = little (entry + 20, 4);
    at += 46 + name_length + little (entry + 30, 2) + little (entry + 32, 2);
    if (at > size || name_length != length || memcmp (entry + 46, name, length) != 0)
      continue;
    if (little (entry + 10, 2) != 0 || (little (entry + 8, 2) & 1) || packed != entry_size ||
        local + 30 > size)
      return NULL;
    gsize start = local + 30 + little (data + local + 26, 2) + little (data + local + 28, 2);
    if (start > size || packed > size - start || start % 4 != 0)
      return NULL;
    return g_bytes_new_from_bytes (zip, start, packed);
  }
  return NULL;
}

static gboolean
read_entry (struct archive *zip, struct archive_entry *entry, GBytes *bytes, const char *what, Parts *parts,
            GCancellable *cancellable, GError **error)
{
  const char *name = archive_entry_pathname (entry);
  GBytes **part = NULL;
  guint64 limit = MAX_JSON;
  if (g_strcmp0 (name, "config.json") == 0)
    part = &parts->config;
  else if (g_strcmp0 (name, "metadata.json") == 0)
    part = &parts->metadata;
  else if (g_strcmp0 (name, "model.weights.h5") == 0) {
    part = &parts->weights;
    limit = MAX_WEIGHTS;
  }
  if (part == NULL || *part != NULL)
    return TRUE;
  if (part == &parts->weights && archive_entry_size_is_set (entry))
    *part = map_stored (bytes, name, (guint64)archive_entry_size (entry));
  if (*part == NULL)
    *part = cnn_zip_unpack (zip, g_bytes_get_size (bytes), what, name, limit, cancellable, error);
  return *part != NULL;
}

static gboolean
read_parts (GBytes *bytes, const char *what, Parts *parts, GCancellable *cancellable, GError **error)
{
  struct archive *zip = archive_read_new ();
  struct archive_entry *entry;
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  gboolean done = TRUE;
  int status = ARCHIVE_OK;
  archive_read_support_format_zip (zip);
  if (archive_read_open_memory (zip, data, size) != ARCHIVE_OK) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is a damaged zip file."), what);
    done = FALSE;
  }
  for (guint n = 0; done && n < CNN_ZIP_MAX_ENTRIES; n++) {
    status = archive_read_next_header (zip, &entry);
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      break;
    done = read_entry (zip, entry, bytes, what, parts, cancellable, error);
  }
  if (done && status == ARCHIVE_FATAL && parts->config == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is a damaged zip file."), what);
    done = FALSE;
  }
  archive_read_free (zip);
  return done;
}

static CnnModel *
read_model (const char *path, const char *what, const Parts *parts, GCancellable *cancellable, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (parts->config, &length);
  g_autoptr (JsonNode) config = cnn_json_parse (text, length, "config.json", error);
  if (config == NULL)
    return NULL;
  text = parts->metadata != NULL ? g_bytes_get_data (parts->metadata, &length) : NULL;
  g_autoptr (JsonNode) metadata = text != NULL ? cnn_json_parse (text, length, "metadata.json", NULL) : NULL;
  const char *version = cnn_json_string (cnn_json_node_object (metadata), "keras_version", "3");
  CnnHdf5 *file = cnn_hdf5_open (parts->weights, "model.weights.h5", error);
  if (file == NULL)
    return NULL;
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new (path, "Keras v3");
  return cnn_keras_read (builder, config, cnn_keras_v3_store (file, error), version, NULL, cancellable,
                         error);
}

CnnModel *
cnn_keras_zip_read (const char *path, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_path_get_basename (path);
  Parts parts = { NULL, NULL, NULL };
  CnnModel *model = NULL;
  if (!read_parts (bytes, what, &parts, cancellable, error)) {
    /* said */
  } else if (parts.config == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FORMAT,
                 _ ("%s is a zip file, but not a Keras model: it has no config.json."), what);
  } else if (parts.weights == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("%s has no weights: its model.weights.h5 is missing."), what);
  } else {
    cnn_hdf5_lock ();
    model = read_model (path, what, &parts, cancellable, error);
    cnn_hdf5_unlock ();
  }
  parts_clear (&parts);
  return model;
}
