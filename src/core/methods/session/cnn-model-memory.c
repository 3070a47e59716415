/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-model-memory.h"

#include <glib/gstdio.h>
#include <string.h>

#include "image/cnn-file.h"

CnnSavedSession *
cnn_model_memory_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  CnnSavedSession *saved;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return NULL;
  saved = cnn_session_file_read (path, &error);
  if (saved == NULL)
    g_info ("What was remembered of a network is left aside: %s", error->message);
  return saved;
}

gboolean
cnn_model_memory_preprocess (const CnnSavedSession *saved, CnnPreprocess *preprocess)
{
  CnnPreprocess found = { .fit = CNN_FIT_STRETCH };

  if (saved == NULL || saved->preprocess == NULL || !cnn_preprocess_parse (&found, saved->preprocess, NULL))
    return FALSE;
  cnn_fit_from_name (saved->fit, &found.fit);
  *preprocess = found;
  return TRUE;
}

gboolean
cnn_model_memory_write (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (text == NULL) {
    g_unlink (path);
    return TRUE;
  }
  g_mkdir_with_parents (folder, 0700);
  return cnn_file_write (path, text, strlen (text), error);
}
