/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/cnn-image.h"
#include "image/cnn-file.h"
#include "image/cnn-npy.h"
#include "image/cnn-png.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_write (void)
{
  g_autofree char *path = path_of ("file"), *nowhere = path_of ("nowhere/file"), *link = path_of ("link");
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  guint before;

  g_assert_true (cnn_file_write (path, "first", 5, &error));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_true (cnn_file_write (path, "second", 6, &error));
  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, "second");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  before = count_files ();
  g_assert_false (cnn_file_write (nowhere, "x", 1, &error));
  g_assert_error (error, CNN_ERROR, CNN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, nowhere));
  g_clear_error (&error);
  g_assert_false (cnn_file_write (folder, "x", 1, &error));
  g_clear_error (&error);
  g_assert_cmpuint (count_files (), ==, before);
  /* a link stays one, a device is not replaced by a file */
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_true (cnn_file_write (link, "third", 5, &error));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (cnn_file_write ("/dev/null", "x", 1, &error));
  g_assert_cmpint (g_stat ("/dev/null", &status), ==, 0);
  g_assert_true (S_ISCHR (status.st_mode));
}

static void
test_npy (void)
{
  static const gint64 shapes[][3] = { { 2, 3, 1 }, { 6, 0, 0 }, { 1, 2, 3 }, { 0, 0, 0 } };
  static const guint ranks[] = { 2, 1, 3, 0 };
  static const float values[] = { 1, -2.5f, 3e-30f, 4, 5, 6e30f };
  g_autofree char *path = path_of ("array.npy");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ranks); i++) {
    g_autofree float *found = NULL;
    gint64 dims[CNN_NPY_MAX_RANK];
    guint rank;
    gsize n = ranks[i] == 0 ? 1 : 6;

    g_assert_true (cnn_npy_write (path, shapes[i], ranks[i], values, &error));
    found = cnn_npy_read (path, dims, &rank, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (rank, ==, ranks[i]);
    g_assert_cmpmem (dims, rank * sizeof *dims, shapes[i], rank * sizeof *dims);
    g_assert_cmpmem (found, n * sizeof *found, values, n * sizeof *values);
  }
}

static GByteArray *
make_npy (const char *header, gconstpointer data, guint length)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 head[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (guint8)strlen (header), 0 };

  g_byte_array_append (bytes, head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *)header, (guint)strlen (header));
  g_byte_array_append (bytes, data, length);
  return bytes;
}

static float *
read_npy (const char *header, gconstpointer data, guint length, gint64 *dims, guint *rank, GError **error)
{
  g_autoptr (GByteArray) bytes = make_npy (header, data, length);
  g_autofree char *path = path_of ("own.npy");

  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, bytes->len, NULL));
  return cnn_npy_read (path, dims, rank, error);
}

static void
test_npy_types (void)
{
  static const double doubles[] = { 1.5, -2, 3, 4, 5, 6 };
  static const gint64 longs[] = { 7, -8 };
  static const guint8 bytes[] = { 200, 1 };
  gint64 dims[CNN_NPY_MAX_RANK];
  guint rank;
  g_autoptr (GError) error = NULL;
  g_autofree float *f = read_npy ("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", doubles,
                                  sizeof doubles, dims, &rank, &error);
  g_autofree float *i = read_npy ("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", longs,
                                  sizeof longs, dims, &rank, &error);
  g_autofree float *u = read_npy ("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", bytes,
                                  sizeof bytes, dims, &rank, &error);
  static const float rows[] = { 1.5f, 3, 5, -2, 4, 6 };

  g_assert_no_error (error);
  g_assert_cmpmem (f, sizeof rows, rows, sizeof rows);
  g_assert_cmpfloat (i[1], ==, -8);
  g_assert_cmpfloat (u[0], ==, 200);
}

static void
test_npy_refused (void)
{
  static const char *const headers[] = {
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }",
    "{'descr': 'O', 'fortran_order': False, 'shape': (1,), }",
    "nothing",
    "",
  };
  static const float values[] = { 1, 2 };
  gint64 dims[CNN_NPY_MAX_RANK];
  guint rank;

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (read_npy (headers[i], values, sizeof values, dims, &rank, &error));
    g_assert_true (error->domain == CNN_ERROR);
    g_assert_nonnull (strstr (error->message, "own.npy"));
  }
}

static void
test_png (void)
{
  static const guint8 rgba[] = { 1, 2, 3, 255, 4, 5, 6, 128 };
  static const char *const texts[] = { "Software", "CnnViz", "Title", "Ziffer „7“", NULL };
  g_autofree char *path = path_of ("picture.png");
  g_autofree char *software = NULL, *title = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = NULL;

  g_assert_true (cnn_png_write (path, 2, 1, rgba, texts, 300, &error));
  g_assert_no_error (error);
  image = cnn_image_read (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (cnn_image_get_data (image), sizeof rgba, rgba, sizeof rgba);
  software = cnn_png_read_text (path, "Software", &error);
  title = cnn_png_read_text (path, "Title", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (software, ==, "CnnViz");
  g_assert_cmpstr (title, ==, "Ziffer „7“");
  g_assert_null (cnn_png_read_text (path, "Author", NULL));
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "file", "link", "array.npy", "own.npy", "picture.png" };
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("cnn-files-XXXXXX", NULL);
  g_test_add_func ("/files/write", test_write);
  g_test_add_func ("/files/npy", test_npy);
  g_test_add_func ("/files/npy-types", test_npy_types);
  g_test_add_func ("/files/npy-refused", test_npy_refused);
  g_test_add_func ("/files/png", test_png);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = path_of (names[i]);

    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
  return status;
}
