#define _GNU_SOURCE
/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptions larger than any network's, containers cut off anywhere, numbers packed to more than they are.
 */
#include "keras-fixture.h"

#include <hdf5.h>
#include <string.h>

#define CONV                                                                                                 \
  "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [{\"class_name\": "            \
  "\"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, \"batch_input_shape\": "    \
  "[null, 8, 8, 1]}}]}}"

static const FixtureWeight weights[] = { { "c", "c/kernel:0", 4, { 3, 3, 1, 2 } },
                                         { "c", "c/bias:0", 1, { 2 } },
                                         { NULL } };
static const FixtureWeight weights_v3[] = { { "layers/conv2d", "0", 4, { 3, 3, 1, 2 } },
                                            { "layers/conv2d", "1", 1, { 2 } },
                                            { NULL } };

/* A chain of so many layers, in the words of Keras 2. */
static char *
chain (guint n)
{
  GString *text = g_string_new ("{\"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": ["
                                "{\"class_name\": \"InputLayer\", \"name\": \"l0\", \"config\": {\"name\": "
                                "\"l0\", \"batch_input_shape\": [null, 8, 8, 1]}, \"inbound_nodes\": []}");

  for (guint i = 1; i < n; i++)
    g_string_append_printf (text,
                            ", {\"class_name\": \"ReLU\", \"name\": \"l%u\", \"config\": {\"name\": "
                            "\"l%u\"}, \"inbound_nodes\": [[[\"l%u\", 0, 0, {}]]]}",
                            i, i, i - 1);
  g_string_append_printf (
      text, "], \"input_layers\": [[\"l0\", 0, 0]], \"output_layers\": [[\"l%u\", 0, 0]]}}", n - 1);
  return g_string_free (text, FALSE);
}

static char *
write_tfjs (const char *folder, const char *config)
{
  g_autofree char *json =
      g_strdup_printf ("{\"modelTopology\": {\"model_config\": %s}, \"weightsManifest\": []}", config);

  return fixture_bytes (folder, "model.json", json, strlen (json));
}

static void
test_layers (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *many = chain (20000), *some = chain (2000);
  g_autofree char *h5 = fixture_h5 (folder, many, "2.4.0", NULL), *json = write_tfjs (folder, many);
  g_autofree char *zip =
      fixture_zip (folder, TRUE, "config.json", many, strlen (many), "model.weights.h5", "", (gsize)0, NULL);

  fixture_refused (h5, CNN_ERROR_MODEL, "20000 layers");
  fixture_refused (json, CNN_ERROR_MODEL, "20000 layers");
  fixture_refused (zip, CNN_ERROR_FILE, "model.weights.h5");
  {
    g_autofree char *path = fixture_h5 (folder, some, "2.4.0", NULL);
    g_autoptr (CnnModel) model = fixture_read (path);

    g_assert_cmpuint (cnn_model_get_n_layers (model), ==, 2000);
  }
}

static void
test_values (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autoptr (GString) text = g_string_new ("{\"modelTopology\": [");

  for (guint i = 0; i < 600000; i++)
    g_string_append (text, "[],");
  g_string_append (text, "0]}");
  {
    g_autofree char *json = fixture_bytes (folder, "model.json", text->str, text->len);
    g_autofree char *h5 = fixture_h5 (folder, text->str, "2.4.0", NULL);

    fixture_refused (json, CNN_ERROR_FILE, "more than");
    fixture_refused (h5, CNN_ERROR_FILE, "more than");
  }
}

/* Whatever of its first @needed bytes is cut off the file @name, there is a sentence and no network. */
static void
check_cuts (const char *folder, const char *model, const char *name, gsize needed, gsize step)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (gsize n = 1; n < MIN (size, needed); n += step) {
    g_autoptr (GError) error = NULL;
    g_autofree char *cut = fixture_bytes (folder, name, data, n);

    g_assert_null (cnn_model_read (model, NULL, &error));
    g_assert_true (error != NULL && error->domain == CNN_ERROR);
    g_assert_null (strchr (error->message, '\n'));
  }
  g_free (fixture_bytes (folder, name, data, size));
}

static void
test_cut_zip (gconstpointer deflate)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autoptr (GBytes) bytes = fixture_weights_v3 (folder, weights_v3);
  g_autofree char *path =
      fixture_zip (folder, GPOINTER_TO_INT (deflate), "metadata.json", "{\"keras_version\": \"3.0.0\"}",
                   (gsize)26, "config.json", CONV, strlen (CONV), "model.weights.h5",
                   g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  g_autofree char *data = NULL;
  const char *directory;
  gsize size;

  g_object_unref (fixture_read (path));
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  directory = memmem (data, size, "PK\1\2", 4); /* without it the entries can still be read one by one */
  g_assert_nonnull (directory);
  check_cuts (folder, path, "model.keras", (gsize)(directory - data), 37);
}

/* What is packed beside a network is held to the same bounds, and stays in the folder. */
static void
test_zip_around (void)
{
  static const char json[] =
      "{\"modelTopology\": {\"model_config\": " CONV "}, \"weightsManifest\": [{\"paths\": "
      "[\"../weights.bin\"], \"weights\": []}]}";
  g_autofree char *zeros = g_malloc0 (48 << 20);
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_zip (folder, TRUE, "model.json", json, strlen (json), "weights.bin", zeros,
                                       (gsize)48 << 20, NULL);

  fixture_refused (path, CNN_ERROR_FILE, "unpacks to far more");
  g_free (path);
  path = fixture_zip (folder, TRUE, "a/model.json", json, strlen (json), "a/../../weights.bin", "", (gsize)0,
                      NULL);
  fixture_refused (path, CNN_ERROR_FILE, "folder");
}

static void
test_cut_tfjs (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  static const guint8 numbers[80];
  g_autofree char *path =
      fixture_tfjs (folder, CONV,
                    "{\"name\": \"c/kernel\", \"shape\": [3, 3, 1, 2], \"dtype\": \"float32\"}, {\"name\": "
                    "\"c/bias\", \"shape\": [2], \"dtype\": \"float32\"}",
                    numbers, sizeof numbers);

  g_object_unref (fixture_read (path));
  check_cuts (folder, path, "model.json", G_MAXSIZE, 3);
  check_cuts (folder, path, "group1.bin", G_MAXSIZE, 1);
}

/* Writes the kernel of the file at @path anew, as @list says and in chunks of @chunk. Takes @list. */
static void
rewrite_kernel (const char *path, hid_t list, const hsize_t *chunk)
{
  const hsize_t dims[] = { 3, 3, 1, 2 },
                most[] = { H5S_UNLIMITED, H5S_UNLIMITED, H5S_UNLIMITED, H5S_UNLIMITED };
  static const float numbers[18];
  hid_t file = H5Fopen (path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate_simple (4, dims, most), set;

  H5Ldelete (file, "model_weights/c/c/kernel:0", H5P_DEFAULT);
  H5Pset_chunk (list, 4, chunk);
  set =
      H5Dcreate2 (file, "model_weights/c/c/kernel:0", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  g_assert_cmpint (H5Dwrite (set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers), >=, 0);
  H5Dclose (set);
  H5Sclose (space);
  H5Pclose (list);
  H5Fclose (file);
}

/* The kernel of 72 bytes is in a chunk that unpacks to 4 MB. */
static void
test_large_chunk (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, CONV, "2.4.0", weights);
  hid_t list = H5Pcreate (H5P_DATASET_CREATE);

  H5Pset_deflate (list, 9);
  rewrite_kernel (path, list, (hsize_t[]){ 64, 64, 64, 4 });
  fixture_refused (path, CNN_ERROR_WEIGHTS, "“kernel”");
}

static size_t
store_as_it_is (unsigned flags G_GNUC_UNUSED, size_t n_values G_GNUC_UNUSED,
                const unsigned *values G_GNUC_UNUSED, size_t n, size_t *size G_GNUC_UNUSED,
                void **buffer G_GNUC_UNUSED)
{
  return n;
}

/* The kernel went through a filter, LZF's number, that the reader does not have. */
static void
test_unknown_filter (void)
{
  static const H5Z_class2_t lzf = { H5Z_CLASS_T_VERS, 32000, 1, 1, "lzf", NULL, NULL, store_as_it_is };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, CONV, "2.4.0", weights);
  hid_t list = H5Pcreate (H5P_DATASET_CREATE);

  H5Zregister (&lzf);
  H5Pset_filter (list, 32000, H5Z_FLAG_MANDATORY, 0, NULL);
  rewrite_kernel (path, list, (hsize_t[]){ 3, 3, 1, 2 });
  g_object_unref (fixture_read (path));
  H5Zunregister (32000);
  fixture_refused (path, CNN_ERROR_WEIGHTS, "“kernel” is compressed by a filter");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
  g_test_add_func ("/formats/keras-limits/layers", test_layers);
  g_test_add_func ("/formats/keras-limits/values", test_values);
  g_test_add_data_func ("/formats/keras-limits/cut-zip/stored", GINT_TO_POINTER (FALSE), test_cut_zip);
  g_test_add_data_func ("/formats/keras-limits/cut-zip/deflated", GINT_TO_POINTER (TRUE), test_cut_zip);
  g_test_add_func ("/formats/keras-limits/zip-around", test_zip_around);
  g_test_add_func ("/formats/keras-limits/cut-tfjs", test_cut_tfjs);
  g_test_add_func ("/formats/keras-limits/large-chunk", test_large_chunk);
  g_test_add_func ("/formats/keras-limits/unknown-filter", test_unknown_filter);
  return g_test_run ();
}
