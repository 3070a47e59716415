/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/cnn-colormap.h"
#include "image/cnn-image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *folder;

static CnnImage *
read_data (const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "resize", name, NULL);
  g_autoptr (GError) error = NULL;
  CnnImage *image = cnn_image_read (path, NULL, &error);

  g_assert_no_error (error);
  return image;
}

/* To the bit what Pillow makes of it. */
static void
test_resize (void)
{
  static const guint sizes[][2] = { { 8, 8 }, { 64, 48 }, { 37, 5 }, { 11, 23 }, { 20, 61 } };
  g_autoptr (CnnImage) image = read_data ("in.png");

  g_assert_cmpuint (cnn_image_get_width (image), ==, 37);
  g_assert_cmpuint (cnn_image_get_height (image), ==, 23);
  g_assert_false (cnn_image_is_gray (image));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *name = g_strdup_printf ("%ux%u.png", sizes[i][0], sizes[i][1]);
    g_autoptr (CnnImage) expected = read_data (name);
    g_autoptr (CnnImage) found = cnn_image_resize (image, sizes[i][0], sizes[i][1]);
    const guint8 *a = cnn_image_get_data (expected), *b = cnn_image_get_data (found);

    g_assert_cmpuint (cnn_image_get_width (found), ==, sizes[i][0]);
    g_assert_cmpuint (cnn_image_get_height (found), ==, sizes[i][1]);
    for (guint k = 0; k < sizes[i][0] * sizes[i][1] * 4; k++)
      g_assert_cmpint (a[k], ==, b[k]);
  }
}

/* What is fully transparent has no colour to give to its neighbours. */
static void
test_resize_alpha (void)
{
  static const guint8 rgba[] = { 200, 100, 50, 255, 0, 255, 0, 0 };
  g_autoptr (CnnImage) image = cnn_image_new (2, 1, rgba);
  g_autoptr (CnnImage) small = cnn_image_resize (image, 1, 1);
  const guint8 *found = cnn_image_get_data (small);

  g_assert_cmpint (found[3], ==, 128);
  g_assert_cmpint (ABS (found[0] - 200), <=, 1);
  g_assert_cmpint (ABS (found[1] - 100), <=, 1);
  g_assert_cmpint (ABS (found[2] - 50), <=, 1);
}

static void
check_refused (const char *name, gconstpointer content, gssize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (content != NULL)
    g_assert_true (g_file_set_contents (path, content, length, NULL));
  g_assert_null (cnn_image_read (path, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == CNN_ERROR);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_refused (void)
{
  g_autofree char *whole_path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "resize", "in.png", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  check_refused ("absent.png", NULL, 0);
  check_refused ("empty.png", "", 0);
  check_refused ("text.png", "This is no picture.", -1);
  g_assert_true (g_file_get_contents (whole_path, &bytes, &length, NULL));
  check_refused ("cut.png", bytes, (gssize)length / 2);
  check_refused ("head.png", bytes, 20);
  /* the head says 2^31-1 pixels a side */
  memcpy (bytes + 16, "\x7f\xff\xff\xff\x7f\xff\xff\xff", 8);
  check_refused ("huge.png", bytes, (gssize)length);
}

/* An orientation of 6 means that the stored picture is turned clockwise to be seen upright. */
static void
test_orientation (void)
{
  static const guint8 exif[] = "\xff\xe1\x00\x22"
                               "Exif\0\0"
                               "II*\0\x08\0\0\0"
                               "\x01\0"
                               "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
                               "\0\0\0\0";
  g_autofree char *path = g_build_filename (folder, "turned.jpg", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 16, 8);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = NULL;
  g_autofree char *stored = NULL;
  gsize length;

  gdk_pixbuf_fill (pixbuf, 0xff0000ff);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &stored, &length, "jpeg", &error, NULL));
  g_byte_array_append (bytes, (const guint8 *)stored, 2);
  g_byte_array_append (bytes, exif, sizeof exif - 1);
  g_byte_array_append (bytes, (const guint8 *)stored + 2, (guint)length - 2);
  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, bytes->len, NULL));
  image = cnn_image_read (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cnn_image_get_width (image), ==, 8);
  g_assert_cmpuint (cnn_image_get_height (image), ==, 16);
}

static void
test_hash (void)
{
  static const guint8 a[] = { 1, 1, 1, 255 }, b[] = { 1, 1, 2, 255 };
  g_autoptr (CnnImage) first = cnn_image_new (1, 1, a);
  g_autoptr (CnnImage) again = cnn_image_new (1, 1, a);
  g_autoptr (CnnImage) other = cnn_image_new (1, 1, b);

  g_assert_cmpuint (strlen (cnn_image_get_hash (first)), ==, 64);
  g_assert_cmpstr (cnn_image_get_hash (first), ==, cnn_image_get_hash (again));
  g_assert_cmpstr (cnn_image_get_hash (first), !=, cnn_image_get_hash (other));
  g_assert_true (cnn_image_is_gray (first));
  g_assert_false (cnn_image_is_gray (other));
}

static void
check_color (const char *name, float t, guint r, guint g, guint b, int slack)
{
  guint8 found[4];

  cnn_colormap_lookup (cnn_colormap_find (name), t, found);
  g_assert_cmpint (ABS ((int)found[0] - (int)r), <=, slack);
  g_assert_cmpint (ABS ((int)found[1] - (int)g), <=, slack);
  g_assert_cmpint (ABS ((int)found[2] - (int)b), <=, slack);
  g_assert_cmpint (found[3], ==, 255);
}

/* Values of the published maps, at and between the points that the program knows. */
static void
test_colormaps (void)
{
  guint8 rgba[4], many[12];
  static const float values[] = { -3, 0, 3 };

  check_color ("viridis", 0, 68, 1, 84, 1);
  check_color ("viridis", 1, 253, 231, 37, 1);
  check_color ("viridis", 128 / 255.0f, 33, 145, 140, 4);
  check_color ("viridis", 0.25f, 59, 82, 139, 4);
  check_color ("viridis", 0.75f, 94, 201, 98, 4);
  check_color ("magma", 0.5f, 183, 55, 121, 4);
  check_color ("inferno", 0.5f, 188, 55, 84, 4);
  check_color ("gray", 0.5f, 128, 128, 128, 1);
  check_color ("jet", 0, 0, 0, 128, 1);
  check_color ("jet", 0.5f, 128, 255, 128, 2);
  check_color ("jet", 1, 128, 0, 0, 1);
  check_color ("blue-red", 0.5f, 221, 221, 221, 1);
  check_color ("seismic", 0.5f, 255, 255, 255, 1);
  check_color ("viridis", -5, 68, 1, 84, 1);
  g_assert_true (cnn_colormap_find ("seismic")->diverging);
  g_assert_false (cnn_colormap_find ("jet")->diverging);
  g_assert_null (cnn_colormap_find ("none"));
  cnn_colormap_lookup (cnn_colormap_find ("gray"), NAN, rgba);
  g_assert_cmpint (rgba[3], ==, 0);
  cnn_colormap_apply (cnn_colormap_find ("gray"), values, 3, -3, 3, many);
  g_assert_cmpint (many[0], ==, 0);
  g_assert_cmpint (ABS (many[4] - 128), <=, 1);
  g_assert_cmpint (many[8], ==, 255);
}

static void
test_class_colors (void)
{
  guint8 a[4], b[4];

  for (guint i = 0; i < 1000; i++) {
    cnn_colormap_class (i, a);
    cnn_colormap_class (i + 1, b);
    g_assert_cmpint (ABS (a[0] - b[0]) + ABS (a[1] - b[1]) + ABS (a[2] - b[2]), >, 40);
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("cnn-image-XXXXXX", NULL);
  g_test_add_func ("/image/resize", test_resize);
  g_test_add_func ("/image/resize-alpha", test_resize_alpha);
  g_test_add_func ("/image/refused", test_refused);
  g_test_add_func ("/image/orientation", test_orientation);
  g_test_add_func ("/image/hash", test_hash);
  g_test_add_func ("/image/colormaps", test_colormaps);
  g_test_add_func ("/image/class-colors", test_class_colors);
  status = g_test_run ();
  {
    g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  }
  g_rmdir (folder);
  g_free (folder);
  return status;
}
