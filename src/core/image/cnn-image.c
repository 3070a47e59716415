/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_SIDE 16384

struct _CnnImage {
  guint width, height;
  guint8 *data;
  char *path, *hash;
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

static gboolean
check_file (const char *path, GError **error)
{
  int width = 0, height = 0;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_FILE,
        g_file_test (path, G_FILE_TEST_EXISTS) ? _ ("“%s” is no file.") : _ ("There is no file “%s”."), path);
    return FALSE;
  }
  if (gdk_pixbuf_get_file_info (path, &width, &height) == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("“%s” is no picture of a kind that can be read."),
                 path);
    return FALSE;
  }
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The picture “%s” has %d x %d pixels; up to %d on a side are taken."), path, width,
                 height, MAX_SIDE);
    return FALSE;
  }
  return TRUE;
}

CnnImage *
cnn_image_read (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL, turned = NULL;
  CnnImage *image;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !check_file (path, error))
    return NULL;
  pixbuf = gdk_pixbuf_new_from_file (path, &cause);
  if (pixbuf == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The picture “%s” cannot be read: %s"), path,
                 cause->message);
    return NULL;
  }
  turned = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  image = image_from_pixbuf (turned);
  image->path = g_strdup (path);
  return image;
}

/* resizing */

/* The weights of one axis: for each output position a first input position and @span weights. */
typedef struct {
  guint span;
  int *first;
  float *weights;
} Filter;

static Filter
make_filter (guint from, guint to)
{
  double scale = (double)from / to, support = MAX (scale, 1.0);
  Filter filter = { (guint)ceil (support) * 2 + 1, g_new (int, to), NULL };

  filter.weights = g_new0 (float, (gsize)to *filter.span);
  for (guint i = 0; i < to; i++) {
    double center = (i + 0.5) * scale, sum = 0;
    int first = MAX ((int)(center - support + 0.5), 0), last = MIN ((int)(center + support + 0.5), (int)from);
    float *weights = filter.weights + (gsize)i * filter.span;

    filter.first[i] = first;
    for (int k = first; k < last; k++) {
      double w = 1 - fabs ((k + 0.5 - center) / support);

      weights[k - first] = (float)MAX (w, 0);
      sum += MAX (w, 0);
    }
    for (int k = first; k < last; k++)
      weights[k - first] /= (float)sum;
  }
  return filter;
}

static void
filter_clear (Filter *filter)
{
  g_free (filter->first);
  g_free (filter->weights);
}

static guint8
round_byte (float value)
{
  return (guint8)CLAMP (value + 0.5f, 0, 255);
}

static void
resize_rows (const guint8 *in, guint width, guint height, guint8 *out, guint to, const Filter *filter)
{
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < to; x++)
      for (guint c = 0; c < 4; c++) {
        const guint8 *row = in + (gsize)y * width * 4;
        guint n = MIN (filter->span, width - (guint)filter->first[x]);
        float sum = 0;

        for (guint k = 0; k < n; k++)
          sum += filter->weights[(gsize)x * filter->span + k] * row[((guint)filter->first[x] + k) * 4 + c];
        out[((gsize)y * to + x) * 4 + c] = round_byte (sum);
      }
}

static void
resize_columns (const guint8 *in, guint width, guint height, guint8 *out, guint to, const Filter *filter)
{
  for (guint y = 0; y < to; y++)
    for (guint i = 0; i < width * 4; i++) {
      guint n = MIN (filter->span, height - (guint)filter->first[y]);
      float sum = 0;

      for (guint k = 0; k < n; k++)
        sum +=
            filter->weights[(gsize)y * filter->span + k] * in[((gsize)filter->first[y] + k) * width * 4 + i];
      out[(gsize)y * width * 4 + i] = round_byte (sum);
    }
}

CnnImage *
cnn_image_resize (CnnImage *image, guint width, guint height)
{
  Filter horizontal, vertical;
  g_autofree guint8 *half = NULL;
  guint8 *data;

  if (image->width == width && image->height == height)
    return cnn_image_ref (image);
  horizontal = make_filter (image->width, width);
  vertical = make_filter (image->height, height);
  half = g_malloc ((gsize)width * image->height * 4);
  data = g_malloc ((gsize)width * height * 4);
  resize_rows (image->data, image->width, image->height, half, width, &horizontal);
  resize_columns (half, width, image->height, data, height, &vertical);
  filter_clear (&horizontal);
  filter_clear (&vertical);
  return image_take (width, height, data);
}
