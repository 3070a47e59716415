/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"
#include "cnn-image.h"

#include <math.h>
#include <string.h>

/* What the output elements of one axis are made of: the input elements from first on, with weights. Only a
 * part of the axis may be wanted. */
typedef struct {
  guint most;
  guint *first, *count;
  double *weights; /* most for each output element */
} Filter;

/* Weights are rounded to this fraction, and pixels to whole numbers between the two passes, as Pillow does:
 * what networks were trained and measured with is met to the bit. */
#define WEIGHT_STEPS (1 << 22)

/* A triangle as wide as an input element, or as an output element when it reduces. @from elements become
 * @to, of which @n are made from @start on. */
static Filter *
filter_new (guint from, guint to, guint start, guint n)
{
  Filter *self = g_new0 (Filter, 1);
  double scale = (double)from / to, support = MAX (scale, 1.0);

  self->most = (guint)ceil (support) * 2 + 1;
  self->first = g_new (guint, n);
  self->count = g_new (guint, n);
  self->weights = g_new0 (double, (gsize)n * self->most);
  for (guint i = 0; i < n; i++) {
    double center = (start + i + 0.5) * scale, sum = 0;
    guint begin = (guint)MAX ((int)(center - support + 0.5), 0);
    guint end = (guint)MIN ((gint64)(center + support + 0.5), (gint64)from);
    double *weights = self->weights + (gsize)i * self->most;

    self->first[i] = begin;
    self->count[i] = end - begin;
    for (guint k = begin; k < end; k++)
      sum += weights[k - begin] = MAX (1 - fabs ((k + 0.5 - center) / support), 0);
    for (guint k = begin; k < end; k++)
      weights[k - begin] = floor (weights[k - begin] / sum * WEIGHT_STEPS + 0.5) / WEIGHT_STEPS;
  }
  return self;
}

static void
filter_free (Filter *self)
{
  g_free (self->first);
  g_free (self->count);
  g_free (self->weights);
  g_free (self);
}

/* One row of pixels, colours multiplied by alpha so that what is transparent does not bleed. */
static void
premultiply (const guint8 *rgba, guint n, float *out)
{
  for (guint i = 0; i < n; i++, rgba += 4, out += 4) {
    float alpha = rgba[3] / 255.0f;

    for (guint c = 0; c < 3; c++)
      out[c] = rgba[3] == 255 ? rgba[c] : rgba[c] * alpha;
    out[3] = rgba[3];
  }
}

static void
gather (const Filter *filter, guint i, const float *in, gsize step, float out[4])
{
  const double *weights = filter->weights + (gsize)i * filter->most;
  const float *at = in + filter->first[i] * step;
  double sums[4] = { 0 };

  for (guint k = 0; k < filter->count[i]; k++, at += step)
    for (guint c = 0; c < 4; c++)
      sums[c] += weights[k] * (double)at[c];
  for (guint c = 0; c < 4; c++) /* of whole numbers the sum is exact, and so is its rounding */
    out[c] = sums[3] >= 254.5 ? (float)floor (CLAMP (sums[c], 0.0, 255.0) + 0.5) : (float)sums[c];
}

static guint8
to_byte (float value)
{
  return (guint8)(CLAMP (value, 0.0f, 255.0f) + 0.5f);
}

static void
store (const float in[4], guint8 *rgba)
{
  rgba[3] = to_byte (in[3]);
  for (guint c = 0; c < 3; c++)
    rgba[c] = rgba[3] == 255 ? to_byte (in[c]) : rgba[3] == 0 ? 0 : to_byte (in[c] * 255 / in[3]);
}

/* The rows @top to @bottom at their new width, at the old height. */
static float *
resize_rows (CnnImage *image, const Filter *filter, guint width, guint top, guint bottom)
{
  guint from = cnn_image_get_width (image);
  g_autofree float *row = g_new (float, (gsize)from * 4);
  float *out = g_new (float, (gsize)width *(bottom - top) * 4);

  for (guint y = top; y < bottom; y++) {
    premultiply (cnn_image_get_data (image) + (gsize)y * from * 4, from, row);
    for (guint x = 0; x < width; x++)
      gather (filter, x, row, 4, out + ((gsize)(y - top) * width + x) * 4);
  }
  return out;
}

CnnImage *
cnn_image_resize (CnnImage *image, guint width, guint height)
{
  return cnn_image_resize_part (image, width, height, 0, 0, width, height);
}

CnnImage *
cnn_image_resize_part (CnnImage *image, guint full_width, guint full_height, guint x0, guint y0, guint width,
                       guint height)
{
  Filter *across, *down;
  g_autofree float *rows = NULL;
  g_autofree guint8 *rgba = NULL;
  guint top, bottom;

  g_return_val_if_fail (width > 0 && height > 0 && x0 + width <= full_width && y0 + height <= full_height,
                        NULL);
  if (width == cnn_image_get_width (image) && height == cnn_image_get_height (image) && width == full_width &&
      height == full_height)
    return cnn_image_ref (image);
  across = filter_new (cnn_image_get_width (image), full_width, x0, width);
  down = filter_new (cnn_image_get_height (image), full_height, y0, height);
  top = down->first[0];
  bottom = down->first[height - 1] + down->count[height - 1];
  rows = resize_rows (image, across, width, top, bottom);
  rgba = g_malloc ((gsize)width * height * 4);
  for (guint y = 0; y < height; y++) {
    down->first[y] -= top;
    for (guint x = 0; x < width; x++) {
      float pixel[4];

      gather (down, y, rows + (gsize)x * 4, (gsize)width * 4, pixel);
      store (pixel, rgba + ((gsize)y * width + x) * 4);
    }
  }
  filter_free (across);
  filter_free (down);
  return cnn_image_new (width, height, rgba);
}
