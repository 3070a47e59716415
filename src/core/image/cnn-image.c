/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image.h"

#include "cnn-image-array.h"
#include "cnn-image-check.h"
#include "model/cnn-shape.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* What has more pixels than this is kept at half its size, or a quarter: networks see far fewer. A JPEG is
 * decoded at that size right away, so that it may be as large as its sides allow. */
#define MAX_KEPT ((gsize)32 << 20)
/* A drawing's size is only a word in the file: larger ones are drawn at this many pixels on the longer side.
 */
#define MAX_DRAWN 2048

struct _CnnImage {
  guint width, height;
  guint8 *data;
  char *path, *hash;
  CnnImageArray *array;
  gboolean is_gray;
  gatomicrefcount refs;
};

/* Takes @data. */
static CnnImage *
image_take (guint width, guint height, guint8 *data)
{
  CnnImage *image = g_new0 (CnnImage, 1);
  gsize n = (gsize)width * height;

  image->width = width;
  image->height = height;
  image->data = data;
  image->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, n * 4);
  image->is_gray = TRUE;
  for (gsize i = 0; i < n && image->is_gray; i++)
    image->is_gray = data[4 * i] == data[4 * i + 1] && data[4 * i] == data[4 * i + 2];
  g_atomic_ref_count_init (&image->refs);
  return image;
}

CnnImage *
cnn_image_new (guint width, guint height, const guint8 *rgba)
{
  return image_take (width, height, g_memdup2 (rgba, (gsize)width * height * 4));
}

CnnImage *
cnn_image_ref (CnnImage *image)
{
  g_atomic_ref_count_inc (&image->refs);
  return image;
}

void
cnn_image_unref (CnnImage *image)
{
  if (!g_atomic_ref_count_dec (&image->refs))
    return;
  g_free (image->data);
  g_clear_pointer (&image->array, cnn_image_array_free);
  g_free (image->path);
  g_free (image->hash);
  g_free (image);
}

guint
cnn_image_get_width (const CnnImage *image)
{
  return image->width;
}

guint
cnn_image_get_height (const CnnImage *image)
{
  return image->height;
}

const guint8 *
cnn_image_get_data (const CnnImage *image)
{
  return image->data;
}

const char *
cnn_image_get_path (const CnnImage *image)
{
  return image->path;
}

const char *
cnn_image_get_hash (const CnnImage *image)
{
  return image->hash;
}

const CnnImageArray *
cnn_image_get_array (const CnnImage *image)
{
  return image->array;
}

gboolean
cnn_image_is_gray (const CnnImage *image)
{
  return image->is_gray;
}

/* reading */

static CnnImage *
image_from_pixbuf (GdkPixbuf *pixbuf)
{
  guint width = (guint)gdk_pixbuf_get_width (pixbuf), height = (guint)gdk_pixbuf_get_height (pixbuf);
  guint channels = (guint)gdk_pixbuf_get_n_channels (pixbuf),
        stride = (guint)gdk_pixbuf_get_rowstride (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  guint8 *data = g_malloc ((gsize)width * height * 4);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      const guint8 *from = pixels + (gsize)y * stride + (gsize)x * channels;
      guint8 *to = data + ((gsize)y * width + x) * 4;

      memcpy (to, from, 3);
      to[3] = channels == 4 ? from[3] : 255;
    }
  return image_take (width, height, data);
}

/* By how much a picture's sides are divided: 1, 2 or 4. */
static int
reduction (int width, int height)
{
  int factor = 1;

  while ((gsize)(width / factor) * (gsize)(height / factor) > MAX_KEPT)
    factor *= 2;
  return factor;
}

/* The size at which to decode; 0 x 0: the file's own. */
typedef struct {
  int width, height;
} Decoded;

/* A drawing is drawn at any size, such as SVG. */
static Decoded
decoded_size (GdkPixbufFormat *format, int width, int height)
{
  g_autofree char *name = gdk_pixbuf_format_get_name (format);
  int factor = reduction (width, height);

  if (gdk_pixbuf_format_is_scalable (format) && MAX (width, height) > MAX_DRAWN)
    return (Decoded){ MAX_DRAWN, MAX_DRAWN };
  if (factor > 1 && g_str_equal (name, "jpeg"))
    return (Decoded){ width / factor, height / factor };
  return (Decoded){ 0, 0 };
}

/* Whether a file's picture may be decoded, and how large it gets. */
static gboolean
check_file (const char *path, Decoded *decoded, GError **error)
{
  int width = 0, height = 0;
  GdkPixbufFormat *format;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_FILE,
        g_file_test (path, G_FILE_TEST_EXISTS) ? _ ("“%s” is no file.") : _ ("There is no file “%s”."), path);
    return FALSE;
  }
  format = gdk_pixbuf_get_file_info (path, &width, &height);
  if (format == NULL) {
    cnn_image_refuse_kind (path, error);
    return FALSE;
  }
  if (width < 1 || height < 1 || width > CNN_MAX_IMAGE_SIDE || height > CNN_MAX_IMAGE_SIDE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The picture “%s” has %d x %d pixels; up to %d on a side are taken."), path, width,
                 height, CNN_MAX_IMAGE_SIDE);
    return FALSE;
  }
  if (!cnn_image_check_data (path, (guint)width, (guint)height, error))
    return FALSE;
  *decoded = decoded_size (format, width, height);
  if (decoded->width == 0 && (gint64)width * height > CNN_MAX_IMAGE_PIXELS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The picture “%s” has %d x %d pixels; up to %d million in all are taken."), path, width,
                 height, (int)(CNN_MAX_IMAGE_PIXELS >> 20));
    return FALSE;
  }
  return TRUE;
}

gboolean
cnn_image_check_file (const char *path, GError **error)
{
  Decoded decoded;

  return check_file (path, &decoded, error);
}

/* Takes @pixbuf and gives a smaller one back where it has too many pixels to be kept. */
static GdkPixbuf *
reduce (GdkPixbuf *pixbuf)
{
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf),
      factor = reduction (width, height);
  GdkPixbuf *reduced;

  if (factor == 1)
    return pixbuf;
  reduced = gdk_pixbuf_scale_simple (pixbuf, MAX (1, width / factor), MAX (1, height / factor),
                                     GDK_INTERP_BILINEAR);
  if (reduced == NULL)
    return pixbuf;
  g_object_unref (pixbuf);
  return reduced;
}

/* The hash is that of the numbers, which say more than their picture. */
static CnnImage *
read_array (const char *path, GError **error)
{
  g_autofree float *planes = NULL;
  guint channels, height, width;
  gsize n = 1;
  CnnImageArray *array = cnn_image_array_read (path, &planes, &channels, &height, &width, error);
  CnnImage *image;

  if (array == NULL)
    return NULL;
  image = cnn_image_new_from_planes (planes, channels, height, width);
  image->array = array;
  image->path = g_strdup (path);
  for (guint i = 0; i < array->rank; i++)
    n *= (gsize)array->dims[i];
  g_free (image->hash);
  image->hash =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)array->values, n * sizeof (float));
  return image;
}

CnnImage *
cnn_image_read (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL, turned = NULL;
  Decoded size;
  CnnImage *image;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (cnn_image_array_is (path))
    return read_array (path, error);
  if (!check_file (path, &size, error))
    return NULL;
  pixbuf = size.width > 0 ? gdk_pixbuf_new_from_file_at_size (path, size.width, size.height, &cause)
                          : gdk_pixbuf_new_from_file (path, &cause);
  if (pixbuf == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The picture “%s” cannot be read: %s"), path,
                 cause->message);
    return NULL;
  }
  turned = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  g_clear_object (&pixbuf);
  turned = reduce (turned);
  image = image_from_pixbuf (turned);
  image->path = g_strdup (path);
  return image;
}
