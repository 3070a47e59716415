/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-thumbnail"
#include "config.h"

#include "viz-thumbnail.h"

#include <math.h>
#include <string.h>

/* of a pixel that stands for many values, at most this many by this many are averaged */
#define MAX_SAMPLES 8

/** Kernels lie around zero; activations begin there unless some are negative. */
static void
suit_range (const CnnGallery *gallery, float *low, float *high)
{
  if (gallery->is_kernels) {
    *high = MAX (fabsf (*low), fabsf (*high));
    *low = -*high;
  } else {
    *low = MIN (*low, 0);
  }
  if (!isfinite (*low) || !isfinite (*high) || *high <= *low)
    *high = *low + 1;
}

void
viz_thumbnail_range (const CnnGallery *gallery, float *low, float *high)
{
  cnn_gallery_get_range (gallery, low, high);
  suit_range (gallery, low, high);
}

/** Means of the values that fall on each pixel, of one channel. */
static void
reduce (const float *from, guint width, guint height, float *to, guint to_width, guint to_height)
{
  for (guint y = 0; y < to_height; y++) {
    guint y0 = (guint)((guint64)y * height / to_height);
    guint y1 = MAX (y0 + 1, (guint)((guint64)(y + 1) * height / to_height));
    guint y_step = MAX (1, (y1 - y0) / MAX_SAMPLES);
    for (guint x = 0; x < to_width; x++) {
      guint x0 = (guint)((guint64)x * width / to_width);
      guint x1 = MAX (x0 + 1, (guint)((guint64)(x + 1) * width / to_width));
      guint x_step = MAX (1, (x1 - x0) / MAX_SAMPLES), count = 0;
      float sum = 0;
      for (guint v = y0; v < y1; v += y_step)
        for (guint u = x0; u < x1; u += x_step, count++)
          sum += from[(gsize)v * width + u];
      to[(gsize)y * to_width + x] = sum / (float)count;
    }
  }
}

static guint8
to_byte (float value, float low, float high)
{
  float t = (value - low) / (high - low);
  return t > 0 ? (guint8)(MIN (t, 1) * 255 + 0.5f) : 0; /* NaN is 0 */
}

/** @values: one channel or three, of n pixels. */
static void
colour (const CnnGallery *gallery, const float *values, gsize n, float low, float high,
        const CnnColormap *colormap, guint8 *rgba)
{
  if (gallery->channels != 3 && colormap != NULL) {
    cnn_colormap_apply (colormap, values, n, low, high, rgba);
    return;
  }
  for (gsize i = 0; i < n; i++) {
    for (guint c = 0; c < 3; c++)
      rgba[4 * i + c] = to_byte (values[(gallery->channels == 3 ? c : 0) * n + i], low, high);
    rgba[4 * i + 3] = 255;
  }
}

static GdkTexture *
enlarge (const guint8 *rgba, guint width, guint height, guint factor)
{
  gsize stride = (gsize)width * factor * 4;
  guint8 *big = g_malloc (stride * height * factor);
  g_autoptr (GBytes) bytes = g_bytes_new_take (big, stride * height * factor);
  for (guint y = 0; y < height; y++) {
    guint8 *row = big + (gsize)y * factor * stride;
    for (guint x = 0; x < width; x++)
      for (guint i = 0; i < factor; i++)
        memcpy (row + ((gsize)x * factor + i) * 4, rgba + ((gsize)y * width + x) * 4, 4);
    for (guint i = 1; i < factor; i++)
      memcpy (row + i * stride, row, stride);
  }
  return gdk_memory_texture_new ((int)(width * factor), (int)(height * factor), GDK_MEMORY_R8G8B8A8, bytes,
                                 stride);
}

GdkTexture *
viz_thumbnail_render (const CnnGallery *gallery, guint index, guint size, gboolean shared,
                      const CnnColormap *colormap)
{
  guint w = gallery->width, h = gallery->height, longest = MAX (w, h),
        channels = gallery->channels == 3 ? 3 : 1;
  gsize plane = (gsize)w * h;
  const float *values = gallery->values + (gsize)index * gallery->channels * plane;
  g_autofree float *small = NULL;
  g_autofree guint8 *rgba = NULL;
  float low = gallery->min[index], high = gallery->max[index];
  size = MAX (size, 1);
  if (longest > size) {
    guint small_w = MAX (1, (guint)((guint64)w * size / longest)),
          small_h = MAX (1, (guint)((guint64)h * size / longest));
    small = g_new (float, (gsize)channels *small_w *small_h);
    for (guint c = 0; c < channels; c++)
      reduce (values + c * plane, w, h, small + (gsize)c * small_w * small_h, small_w, small_h);
    values = small;
    w = small_w;
    h = small_h;
  }
  if (shared)
    viz_thumbnail_range (gallery, &low, &high);
  else
    suit_range (gallery, &low, &high);
  rgba = g_malloc ((gsize)w * h * 4);
  colour (gallery, values, (gsize)w * h, low, high, colormap, rgba);
  return enlarge (rgba, w, h, MAX (1, size / MAX (w, h)));
}
