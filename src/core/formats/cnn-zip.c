/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-zip.h"

#include <archive_entry.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "model/cnn-error.h"

/* Deflate cannot do better than about 1:1032; weights are never near it. */
#define MAX_RATIO 64
#define BLOCK (1u << 20)
#define MAX_PART (G_GUINT64_CONSTANT (4) << 30)

GBytes *
cnn_zip_unpack (struct archive *zip, gsize zip_size, const char *what, const char *name, guint64 limit,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree guint8 *block = g_malloc (BLOCK);
  for (;;) {
    la_ssize_t n = archive_read_data (zip, block, BLOCK);
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return NULL;
    if (n == 0)
      return g_byte_array_free_to_bytes (g_steal_pointer (&out));
    if (n < 0) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                   archive_read_has_encrypted_entries (zip) > 0
                       ? _ ("%s is encrypted: its part %s can only be unpacked with a password.")
                       : _ ("%s is damaged: its part %s cannot be unpacked."),
                   what, name);
      return NULL;
    }
    if (out->len + (guint64)n > limit || out->len + (guint64)n > BLOCK + (guint64)zip_size * MAX_RATIO ||
        out->len + (guint64)n > G_MAXUINT - BLOCK) {
      g_set_error (
          error, CNN_ERROR, CNN_ERROR_FILE,
          _ ("%s is refused: its part %s unpacks to far more than a network of this file size can have."),
          what, name);
      return NULL;
    }
    g_byte_array_append (out, block, (guint)n);
  }
}

static struct archive *
open_zip (GBytes *bytes, const char *what, GError **error)
{
  struct archive *zip = archive_read_new ();
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  archive_read_support_format_zip (zip);
  if (archive_read_open_memory (zip, data, size) == ARCHIVE_OK)
    return zip;
  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is a damaged zip file."), what);
  archive_read_free (zip);
  return NULL;
}

/* The next file in the zip that is no trace of the system that packed it; %NULL at the end. */
static const char *
next_name (struct archive *zip, guint *n)
{
  struct archive_entry *entry;

  while (++*n <= CNN_ZIP_MAX_ENTRIES) {
    int status = archive_read_next_header (zip, &entry);
    const char *name;

    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      return NULL;
    name = archive_entry_pathname (entry);
    if (name != NULL && archive_entry_filetype (entry) == AE_IFREG && !g_str_has_prefix (name, "__MACOSX/") &&
        strstr (name, "..") == NULL && *name != '/')
      return name;
  }
  return NULL;
}

static gboolean
is_model (const char *name)
{
  static const char *const endings[] = { ".h5", ".hdf5", ".keras", ".onnx" };
  g_autofree char *base = g_path_get_basename (name);

  if (*base == '.')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (base, endings[i]))
      return TRUE;
  return g_str_equal (base, "model.json");
}

/* The entry that is the network, which a folder may be around. */
static char *
find_model (GBytes *bytes, const char *what, GError **error)
{
  struct archive *zip = open_zip (bytes, what, error);
  const char *name = NULL;
  char *found = NULL;
  guint n = 0;

  if (zip == NULL)
    return NULL;
  while (found == NULL && (name = next_name (zip, &n)) != NULL)
    if (is_model (name))
      found = g_strdup (name);
  archive_read_free (zip);
  return found;
}

/* Writes the entries that lie where the network lies into @folder. */
static gboolean
unpack_beside (GBytes *bytes, const char *what, const char *model, const char *folder,
               GCancellable *cancellable, GError **error)
{
  struct archive *zip = open_zip (bytes, what, error);
  g_autofree char *around = g_path_get_dirname (model);
  gboolean done = zip != NULL;
  const char *name;
  guint n = 0;

  while (done && (name = next_name (zip, &n)) != NULL) {
    g_autofree char *dir = g_path_get_dirname (name), *base = g_path_get_basename (name);
    g_autofree char *path = g_build_filename (folder, base, NULL);
    g_autoptr (GBytes) part = NULL;
    gconstpointer data;
    gsize size;

    if (!g_str_equal (dir, around))
      continue;
    part = cnn_zip_unpack (zip, g_bytes_get_size (bytes), what, base, MAX_PART, cancellable, error);
    data = part != NULL ? g_bytes_get_data (part, &size) : NULL;
    done = part != NULL && g_file_set_contents (path, data != NULL ? data : "", (gssize)size, error);
  }
  if (zip != NULL)
    archive_read_free (zip);
  return done;
}

char *
cnn_zip_unpack_model (GBytes *bytes, const char *what, char **folder, GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *model = find_model (bytes, what, error), *base = NULL;

  *folder = NULL;
  if (model == NULL)
    return NULL;
  *folder = g_dir_make_tmp ("cnn-viz-XXXXXX", error);
  if (*folder == NULL || !unpack_beside (bytes, what, model, *folder, cancellable, error))
    return NULL;
  base = g_path_get_basename (model);
  return g_build_filename (*folder, base, NULL);
}

void
cnn_zip_remove (char *folder)
{
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  if (folder != NULL)
    g_rmdir (folder);
  g_free (folder);
}
