/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-samples.h"

#define SAMPLE_MODEL "models" G_DIR_SEPARATOR_S "digits.h5"

/* How many folders above the program are looked into: build/src/ui/cnn-viz is three below the sources. */
#define MAX_UP 5

static gboolean
has_sample (const char *folder)
{
  g_autofree char *model = g_build_filename (folder, SAMPLE_MODEL, NULL);

  return g_file_test (model, G_FILE_TEST_IS_REGULAR);
}

static char *
near_program (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;

  for (guint i = 0; folder != NULL && i < MAX_UP; i++) {
    g_autofree char *shared = g_build_filename (folder, "share", "cnn-viz", NULL);
    g_autofree char *data = g_build_filename (folder, "data", NULL);
    char *up;

    if (has_sample (shared))
      return g_steal_pointer (&shared);
    if (has_sample (data))
      return g_steal_pointer (&data);
    up = g_path_get_dirname (folder);
    g_free (folder);
    folder = up;
  }
  return NULL;
}

char *
viz_data_dir (void)
{
  const char *chosen = g_getenv ("CNN_DATA_DIR");

  if (chosen != NULL && has_sample (chosen))
    return g_strdup (chosen);
  if (has_sample (CNN_DATA_DIR))
    return g_strdup (CNN_DATA_DIR);
  return near_program ();
}

char *
viz_sample_model (const char *network)
{
  g_autofree char *folder = viz_data_dir (), *name = g_strconcat (network, ".h5", NULL);

  return folder != NULL ? g_build_filename (folder, "models", name, NULL) : NULL;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

char **
viz_sample_images (const char *network)
{
  g_autofree char *folder = viz_data_dir ();
  /* the digits lie beside the folders of the others */
  const char *part = g_str_equal (network, "digits") ? NULL : network;
  g_autofree char *samples = folder != NULL ? g_build_filename (folder, "samples", part, NULL) : NULL;
  g_autoptr (GDir) dir = samples != NULL ? g_dir_open (samples, 0, NULL) : NULL;
  GPtrArray *paths = g_ptr_array_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png"))
      g_ptr_array_add (paths, g_build_filename (samples, name, NULL));
  g_ptr_array_sort (paths, compare);
  g_ptr_array_add (paths, NULL);
  return (char **)g_ptr_array_free (paths, FALSE);
}
