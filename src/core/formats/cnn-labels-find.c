/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class names that nobody chose: beside the network, or those that everybody knows. */
#include "config.h"

#include "cnn-labels.h"

#include <gio/gio.h>
#include <string.h>

#include "formats/cnn-labels-data.h"
#include "cnn-model-reader.h"

#define IMAGENET "ImageNet"
/* Folders can be large: of more entries than this only the well-known names are tried. */
#define MAX_ENTRIES 4096

/* Names that are looked for first, in this order. */
static const char *const known_names[] = { "labels.txt",         "labels.json",      "metadata.json",
                                           "class_names.txt",    "class_names.json", "classes.txt",
                                           "class_indices.json", "synset_words.txt", "synset.txt",
                                           "classes.json" };

/* Whether a file may hold class names, by the end of its name: darknet_classes.txt, coco.names. */
static gboolean
sounds_like_labels (const char *name)
{
  static const char *const ends[] = { "labels.txt",       "labels.json", "classes.txt",   "class_names.txt",
                                      "class_index.json", ".names",      "categories.txt" };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (lower, ends[i]))
      return TRUE;
  return FALSE;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What may hold class names in @folder, the most likely first. */
static GPtrArray *
list_candidates (const char *folder, const char *stem)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint seen = 0;
  /* the network's own names first: net.labels.txt beside net.h5 */
  g_ptr_array_add (names, g_strconcat (stem, ".labels.txt", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (known_names); i++)
    g_ptr_array_add (names, g_strdup (known_names[i]));
  /* another network's own names are not ours */
  while (dir != NULL && seen++ < MAX_ENTRIES && (name = g_dir_read_name (dir)) != NULL)
    if (sounds_like_labels (name) && !g_str_has_suffix (name, ".labels.txt"))
      g_ptr_array_add (others, g_strdup (name));
  g_ptr_array_sort (others, by_name);
  g_ptr_array_extend_and_steal (names, g_steal_pointer (&others));
  return names;
}

static char **
find_beside (const char *model_path, guint n_classes, char **source)
{
  g_autofree char *folder = g_path_get_dirname (model_path), *stem = g_path_get_basename (model_path);
  char *dot = strrchr (stem, '.');
  if (dot != NULL)
    *dot = '\0';
  g_autoptr (GPtrArray) names = list_candidates (folder, stem);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
      continue;
    char **labels = cnn_labels_read (path, NULL);
    /* another network's names would mislead */
    if (labels != NULL && g_strv_length (labels) == n_classes) {
      *source = g_strdup (names->pdata[i]);
      return labels;
    }
    g_strfreev (labels);
  }
  return NULL;
}

char **
cnn_labels_imagenet (void)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (cnn_labels_data_get_resource (),
                                                     "/com/example/CnnViz/labels/imagenet.txt", 0, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;
  g_return_val_if_fail (bytes != NULL, NULL);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '#' && lines[i][0] != '\0')
      g_strv_builder_add (builder, lines[i]);
  return g_strv_builder_end (builder);
}

/* TensorFlow's networks of 1,001 classes begin with the background. */
static char **
with_background (char **names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_strv_builder_add (builder, "background");
  g_strv_builder_addv (builder, (const char **)names);
  return g_strv_builder_end (builder);
}

char **
cnn_labels_find (const char *model_path, guint n_classes, gboolean has_labels, char **source)
{
  char **labels = find_beside (model_path, n_classes, source);
  if (labels != NULL || has_labels || (n_classes != 1000 && n_classes != 1001))
    return labels;
  g_auto (GStrv) imagenet = cnn_labels_imagenet ();
  *source = g_strdup (IMAGENET);
  return n_classes == 1001 ? with_background (imagenet) : g_strdupv (imagenet);
}
