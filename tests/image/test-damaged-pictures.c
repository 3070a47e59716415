#define _GNU_SOURCE
/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures that are cut off or claim more than they hold: one sentence each, and no memory for what is
 * claimed. */
#include "image/cnn-image.h"
#include "model/cnn-error.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

/* AddressSanitizer keeps what was freed */
#ifdef __SANITIZE_ADDRESS__
#define MOST_KIB (256 * 1024)
#else
#define MOST_KIB (32 * 1024)
#endif

static char *folder;

static long
peak_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static void
refused (const char *name, const void *data, gsize size, const char *says)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  long before = peak_kib ();

  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  g_assert_null (cnn_image_read (path, NULL, &error));
  g_assert_true (error->domain == CNN_ERROR);
  if (strstr (error->message, says) == NULL || strstr (error->message, name) == NULL ||
      strchr (error->message, '\n') != NULL)
    g_error ("%s: %s", name, error->message);
  g_assert_cmpint (peak_kib () - before, <, MOST_KIB);
  g_remove (path);
}

static void
opens (const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = NULL;

  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  image = cnn_image_read (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cnn_image_get_width (image), ==, 96);
  g_assert_cmpuint (cnn_image_get_height (image), ==, 64);
  g_remove (path);
}

/* A picture with some noise in the format @type of gdk-pixbuf. */
static char *
encode (const char *type, gsize *size)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 96, 64);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (GError) error = NULL;
  char *data;

  for (guint y = 0; y < 64; y++)
    for (guint x = 0; x < 96 * 3; x++)
      pixels[y * (guint)gdk_pixbuf_get_rowstride (pixbuf) + x] = (guint8)(x / 2 + y + g_rand_int (rand) % 32);
  gdk_pixbuf_save_to_buffer (pixbuf, &data, size, type, &error, NULL);
  g_assert_no_error (error);
  return data;
}

/* Cut at every tenth, there is a sentence that says so. */
static void
test_cut (gconstpointer type)
{
  gsize size;
  g_autofree char *data = encode (type, &size), *name = g_strconcat ("picture.", type, NULL);

  opens (name, data, size);
  for (guint i = 1; i < 10; i++)
    refused (name, data, size * i / 10, "");
  refused (name, data, size * 9 / 10, "cut off");
  refused (name, data, size - 8, "cut off");
}

/* A GIF of 4 x 4 pixels. */
static void
test_gif (void)
{
  static const guint8 gif[] = { 'G', 'I', 'F', '8',  '9', 'a',  4,    0,    4,    0, 0x80, 0, 0,
                                0,   0,   0,   0xff, 255, 255,  0x2c, 0,    0,    0, 0,    4, 0,
                                4,   0,   0,   2,    4,   0x84, 0x8f, 0x09, 0x05, 0, 0x3b, 0 };
  guint8 large[sizeof gif];

  memcpy (large, gif, sizeof gif);
  large[7] = large[25] = 0x3f;
  large[9] = large[27] = 0x10;
  refused ("large.gif", large, sizeof large, "claims");
  for (gsize n = 20; n < 36; n++)
    refused ("cut.gif", gif, n, "cut off");
}

static void
set_be32 (guint8 *at, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  memcpy (at, &big, 4);
}

static guint32
crc32_of (const guint8 *data, gsize n)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < n; i++) {
    crc ^= data[i];
    for (guint bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static void
append_chunk (GByteArray *png, const char *type, const guint8 *body, gsize n)
{
  g_autofree guint8 *chunk = g_malloc (n + 12);

  set_be32 (chunk, (guint32)n);
  memcpy (chunk + 4, type, 4);
  memcpy (chunk + 8, body, n);
  set_be32 (chunk + 8 + n, crc32_of (chunk + 4, n + 4));
  g_byte_array_append (png, chunk, (guint)n + 12);
}

/* @n zero bytes, deflated */
static GByteArray *
deflated_zeros (gsize n)
{
  g_autoptr (GConverter) converter = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, converter);
  static const guint8 zeros[1 << 16];

  for (gsize done = 0; done < n; done += sizeof zeros)
    g_assert_true (g_output_stream_write_all (stream, zeros, MIN (sizeof zeros, n - done), NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_byte_array_append (g_byte_array_new (),
                              g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
                              (guint)g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
}

/* PNGs whole in all their parts, with data for less than they claim. */
static void
test_hollow_png (void)
{
  static const gsize held[] = { 100, 4000000, 256000000 };

  for (guint i = 0; i < G_N_ELEMENTS (held); i++) {
    g_autoptr (GByteArray) png = g_byte_array_new (), body = deflated_zeros (held[i]);
    guint8 header[13] = { 0, 0, 0x40, 0, 0, 0, 0x20, 0, 8, 6, 0, 0, 0 }; /* 16384 x 8192, RGBA */

    g_byte_array_append (png, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
    append_chunk (png, "IHDR", header, sizeof header);
    append_chunk (png, "IDAT", body->data, body->len);
    append_chunk (png, "IEND", header, 0);
    refused ("hollow.png", png->data, png->len, "claims 16384 x 8192 pixels");
  }
}

static GByteArray *
zero_png (guint32 width, guint32 height)
{
  g_autoptr (GByteArray) body = deflated_zeros ((gsize)height * (width + 1));
  GByteArray *png = g_byte_array_new ();
  guint8 header[13] = { [8] = 8 }; /* gray */

  set_be32 (header, width);
  set_be32 (header + 4, height);
  g_byte_array_append (png, (const guint8 *)"\x89PNG\r\n\x1a\n", 8);
  append_chunk (png, "IHDR", header, sizeof header);
  append_chunk (png, "IDAT", body->data, body->len);
  append_chunk (png, "IEND", header, 0);
  return png;
}

/* Nothing but zeros, 1000 times as many as the file has bytes. */
static void
test_bomb (void)
{
  g_autoptr (GByteArray) png = zero_png (16384, 8192);

  refused ("bomb.png", png->data, png->len, "64 million");
}

static void
halved (const char *path, guint width, guint height)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = cnn_image_read (path, NULL, &error);

  g_remove (path);
  g_assert_no_error (error);
  g_assert_cmpuint (cnn_image_get_width (image), ==, width / 2);
  g_assert_cmpuint (cnn_image_get_height (image), ==, height / 2);
}

/* Large pictures are kept at half their size. */
static void
test_large (void)
{
  g_autoptr (GByteArray) png = zero_png (9000, 4000);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 9000, 8000);
  g_autofree char *png_path = g_build_filename (folder, "large.png", NULL),
                  *jpeg_path = g_build_filename (folder, "large.jpg", NULL);

  g_assert_true (g_file_set_contents (png_path, (const char *)png->data, png->len, NULL));
  halved (png_path, 9000, 4000);
  gdk_pixbuf_fill (pixbuf, 0x204060ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, jpeg_path, "jpeg", NULL, NULL));
  halved (jpeg_path, 9000, 8000);
}

/* The frame header of a JPEG says another size. */
static void
test_hollow_jpeg (void)
{
  gsize size;
  g_autofree char *data = encode ("jpeg", &size);
  char *frame = memmem (data, size, "\xff\xc0", 2);

  g_assert_nonnull (frame);
  memcpy (frame + 5, "\x20\0\x40\0", 4);
  refused ("hollow.jpg", data, size, "claims 16384 x 8192 pixels");
}

static gboolean
has_decoder (const char *name)
{
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();

  for (GSList *l = formats; l != NULL; l = l->next) {
    g_autofree char *known = gdk_pixbuf_format_get_name (l->data);

    if (strstr (known, name) != NULL)
      return TRUE;
  }
  return FALSE;
}

/* A drawing is not drawn as large as it says. */
static void
test_drawing (void)
{
  static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16000\" height=\"8000\">"
                            "<rect width=\"9000\" height=\"9000\" fill=\"red\"/></svg>";
  g_autofree char *path = g_build_filename (folder, "large.svg", NULL);
  g_autoptr (CnnImage) image = NULL;

  g_autoptr (GError) error = NULL;

  if (!has_decoder ("svg")) {
    g_test_skip ("no decoder for SVG");
    return;
  }
  g_assert_true (g_file_set_contents (path, svg, -1, NULL));
  image = cnn_image_read (path, NULL, &error);
  g_assert_no_error (error);
  g_remove (path);
  g_assert_cmpuint (cnn_image_get_width (image), ==, 2048);
  g_assert_cmpuint (cnn_image_get_height (image), ==, 1024);
}

static void
test_kinds (void)
{
  static const struct {
    const char *name, *decoder, *bytes, *says;
    gsize size;
  } files[] = {
    { "p.webp", "webp", "RIFF\x1a\0\0\0WEBPVP8 ", "package webp-pixbuf-loader", 16 },
    { "p.avif", "avif", "\0\0\0\x1c\x66typavif\0\0\0\0", "package libavif-gdk-pixbuf", 16 },
    { "p.heic", "heif", "\0\0\0\x18\x66typheic\0\0\0\0", "package heif-gdk-pixbuf", 16 },
    { "p.jxl", "jxl", "\xff\x0a\0\0\0\0", "package libjxl-gdk-pixbuf", 6 },
    { "p.exr", "exr", "\x76\x2f\x31\x01\2\0\0\0", "OpenEXR", 8 },
    { "p.txt", "text", "hello", "no picture", 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    refused (files[i].name, files[i].bytes, files[i].size,
             has_decoder (files[i].decoder) ? "" : files[i].says);
}

int
main (int argc, char **argv)
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("damaged-picture-XXXXXX", NULL);
  g_test_add_data_func ("/image/damaged/cut/png", "png", test_cut);
  g_test_add_data_func ("/image/damaged/cut/jpeg", "jpeg", test_cut);
  g_test_add_data_func ("/image/damaged/cut/bmp", "bmp", test_cut);
  g_test_add_func ("/image/damaged/gif", test_gif);
  g_test_add_func ("/image/damaged/hollow-png", test_hollow_png);
  g_test_add_func ("/image/damaged/bomb", test_bomb);
  g_test_add_func ("/image/damaged/large", test_large);
  g_test_add_func ("/image/damaged/hollow-jpeg", test_hollow_jpeg);
  g_test_add_func ("/image/damaged/drawing", test_drawing);
  g_test_add_func ("/image/damaged/kinds", test_kinds);
  failed = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return failed;
}
