/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keras-fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <hdf5.h>
#include <string.h>

char *
fixture_folder (void)
{
  GError *error = NULL;
  char *folder = g_dir_make_tmp ("cnnviz-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
fixture_remove (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      fixture_remove (g_steal_pointer (&path));
    else
      g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
}

char *
fixture_functional (const char *name, const char *shape, const char *layers, const char *output)
{
  return g_strdup_printf (
      "{\"class_name\": \"Functional\", \"config\": {\"name\": \"%s\", \"layers\": [{\"class_name\": "
      "\"InputLayer\", \"name\": \"in\", \"config\": {\"name\": \"in\", \"batch_input_shape\": [null, "
      "%s]}, \"inbound_nodes\": []}, %s], \"input_layers\": [[\"in\", 0, 0]], \"output_layers\": "
      "[[\"%s\", 0, 0]]}}",
      name, shape, layers, output);
}

static void
write_text (hid_t object, const char *name, const char *text)
{
  hid_t type = H5Tcopy (H5T_C_S1), space = H5Screate (H5S_SCALAR), attribute;

  H5Tset_size (type, H5T_VARIABLE);
  attribute = H5Acreate2 (object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  g_assert_cmpint (H5Awrite (attribute, type, &text), >=, 0);
  H5Aclose (attribute);
  H5Sclose (space);
  H5Tclose (type);
}

static void
write_names (hid_t object, const char *name, GPtrArray *names)
{
  hsize_t n = names->len;
  hid_t type = H5Tcopy (H5T_C_S1), space = H5Screate_simple (1, &n, NULL), attribute;
  g_autofree char *block = g_malloc0 (64 * MAX (n, 1));

  H5Tset_size (type, 64);
  for (guint i = 0; i < names->len; i++)
    g_strlcpy (block + 64 * i, names->pdata[i], 64);
  attribute = H5Acreate2 (object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  g_assert_cmpint (H5Awrite (attribute, type, block), >=, 0);
  H5Aclose (attribute);
  H5Sclose (space);
  H5Tclose (type);
}

static void
write_weight (hid_t root, const char *path, const FixtureWeight *weight)
{
  hsize_t dims[4], count = 1;
  hid_t links = H5Pcreate (H5P_LINK_CREATE), space, dataset;

  for (guint i = 0; i < weight->rank; i++) {
    dims[i] = (hsize_t)weight->dims[i];
    count *= dims[i];
  }
  H5Pset_create_intermediate_group (links, 1);
  space = H5Screate_simple ((int)weight->rank, dims, NULL);
  dataset = H5Dcreate2 (root, path, H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
  g_assert_cmpint (dataset, >=, 0);
  if (count < 1u << 20) { /* a larger one is declared only */
    g_autofree float *numbers = g_new (float, count);

    for (hsize_t i = 0; i < count; i++)
      numbers[i] = 0.01f * (float)(i + 1);
    g_assert_cmpint (H5Dwrite (dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers), >=, 0);
  }
  H5Dclose (dataset);
  H5Sclose (space);
  H5Pclose (links);
}

static void
write_groups (hid_t root, const FixtureWeight *weights)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new ();

  for (guint i = 0; weights != NULL && weights[i].group != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%s", weights[i].group, weights[i].name);

    write_weight (root, path, &weights[i]);
    if (i == 0 || !g_str_equal (weights[i].group, weights[i - 1].group))
      g_ptr_array_add (layers, (gpointer)weights[i].group);
  }
  for (guint i = 0; i < layers->len; i++) {
    g_autoptr (GPtrArray) names = g_ptr_array_new ();
    hid_t group = H5Gopen2 (root, layers->pdata[i], H5P_DEFAULT);

    for (guint k = 0; weights[k].group != NULL; k++)
      if (g_str_equal (weights[k].group, layers->pdata[i]))
        g_ptr_array_add (names, (gpointer)weights[k].name);
    write_names (group, "weight_names", names);
    H5Gclose (group);
  }
  write_names (root, "layer_names", layers);
}

char *
fixture_h5 (const char *folder, const char *config, const char *keras_version, const FixtureWeight *weights)
{
  char *path = g_build_filename (folder, "model.h5", NULL);
  hid_t file = H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), root;

  g_assert_cmpint (file, >=, 0);
  if (config != NULL)
    write_text (file, "model_config", config);
  if (keras_version != NULL)
    write_text (file, "keras_version", keras_version);
  root = H5Gcreate2 (file, "model_weights", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  write_groups (root, weights);
  H5Gclose (root);
  H5Fclose (file);
  return path;
}

GBytes *
fixture_weights_v3 (const char *folder, const FixtureWeight *weights)
{
  g_autofree char *path = g_build_filename (folder, "weights.h5", NULL);
  hid_t file = H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  char *data;
  gsize size;

  for (guint i = 0; weights[i].group != NULL; i++) {
    g_autofree char *name = g_strdup_printf ("%s/vars/%s", weights[i].group, weights[i].name);

    write_weight (file, name, &weights[i]);
  }
  H5Fclose (file);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  return g_bytes_new_take (data, size);
}

char *
fixture_bytes (const char *folder, const char *name, const void *data, gsize size)
{
  char *path = g_build_filename (folder, name, NULL);

  g_unlink (path); /* without the flags, what is longer is not cut off */
  g_assert_true (g_file_set_contents_full (path, data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return path;
}

char *
fixture_tfjs (const char *folder, const char *config, const char *weights, const void *data, gsize size)
{
  g_autofree char *json = g_strdup_printf ("{\"modelTopology\": {\"model_config\": %s}, \"weightsManifest\": "
                                           "[{\"paths\": [\"group1.bin\"], \"weights\": [%s]}]}",
                                           config, weights);
  g_autofree char *shard = fixture_bytes (folder, "group1.bin", data, size);

  return fixture_bytes (folder, "model.json", json, strlen (json));
}

char *
fixture_zip (const char *folder, gboolean deflate, ...)
{
  char *path = g_build_filename (folder, "model.keras", NULL);
  struct archive *zip = archive_write_new ();
  const char *name;
  va_list args;

  archive_write_set_format_zip (zip);
  archive_write_set_options (zip, deflate ? "zip:compression=deflate" : "zip:compression=store");
  g_assert_cmpint (archive_write_open_filename (zip, path), ==, ARCHIVE_OK);
  va_start (args, deflate);
  while ((name = va_arg (args, const char *)) != NULL) {
    const void *data = va_arg (args, const void *);
    gsize size = va_arg (args, gsize);
    struct archive_entry *entry = archive_entry_new ();

    archive_entry_set_pathname (entry, name);
    archive_entry_set_size (entry, (gint64)size);
    archive_entry_set_filetype (entry, AE_IFREG);
    archive_entry_set_perm (entry, 0644);
    g_assert_cmpint (archive_write_header (zip, entry), ==, ARCHIVE_OK);
    g_assert_cmpint (archive_write_data (zip, data, size), ==, (la_ssize_t)size);
    archive_entry_free (entry);
  }
  va_end (args);
  archive_write_free (zip);
  return path;
}

CnnModel *
fixture_read (const char *path)
{
  GError *error = NULL;
  CnnModel *model = cnn_model_read (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (model);
  return model;
}

void
fixture_refused (const char *path, int code, const char *word)
{
  g_autoptr (GError) error = NULL;
  CnnModel *model = cnn_model_read (path, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, CNN_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” does not say “%s”", error->message, word);
}
