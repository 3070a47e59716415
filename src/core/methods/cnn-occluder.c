/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-occluder.h"

#include <math.h>
#include <string.h>

static const char *const fill_names[] = { "gray", "black", "white", "mean", "blur" };

const char *
cnn_fill_name (CnnFill fill)
{
  return fill_names[MIN ((guint)fill, G_N_ELEMENTS (fill_names) - 1)];
}

gboolean
cnn_fill_from_name (const char *name, CnnFill *fill)
{
  for (guint i = 0; i < G_N_ELEMENTS (fill_names); i++)
    if (g_strcmp0 (name, fill_names[i]) == 0) {
      *fill = i;
      return TRUE;
    }
  return FALSE;
}

/* One byte value after the preprocessing of @channel. */
static float
byte_value (const CnnSession *session, double byte, guint channel)
{
  const CnnPreprocess *p = &session->preprocess;
  guint c = MIN (channel, 3);

  if (!session->has_range)
    return (float)(byte / 255);
  return (float)(((p->invert ? 255 - byte : byte) * p->scale - p->mean[c]) / p->std[c]);
}

static void
blur_line (const float *in, float *out, gsize n, gsize step, const float *weights, int radius)
{
  for (gsize i = 0; i < n; i++) {
    float sum = 0;

    for (int k = -radius; k <= radius; k++)
      sum += weights[k + radius] * in[(gsize)CLAMP ((gint64)i + k, 0, (gint64)n - 1) * step];
    out[i * step] = sum;
  }
}

/* Gaussian, a tenth of the longer side wide; borders repeated. */
static void
blur (const CnnSession *session, float *planes)
{
  guint width = session->width, height = session->height;
  double sigma = MAX (width, height) / 10.0, sum = 0;
  int radius = (int)ceil (2.5 * sigma);
  g_autofree float *weights = g_new (float, 2 * radius + 1), *half = g_new (float, (gsize)width *height);

  for (int k = -radius; k <= radius; k++)
    sum += weights[k + radius] = (float)exp (-0.5 * k * k / (sigma * sigma));
  for (int k = 0; k <= 2 * radius; k++)
    weights[k] /= (float)sum;
  for (guint c = 0; c < session->channels; c++) {
    float *plane = planes + (gsize)c * width * height;

    for (guint y = 0; y < height; y++)
      blur_line (plane + (gsize)y * width, half + (gsize)y * width, width, 1, weights, radius);
    for (guint x = 0; x < width; x++)
      blur_line (half + x, plane + x, height, width, weights, radius);
  }
}

static float
mean_of (const float *values, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += values[i];
  return (float)(sum / (double)MAX (n, 1));
}

float *
cnn_occluder_filling (CnnSession *session, CnnFill fill, float value)
{
  gsize plane = (gsize)session->height * session->width;
  float *out = g_memdup2 (session->input, plane * session->channels * sizeof (float));

  if (fill == CNN_FILL_BLUR) {
    blur (session, out);
    return out;
  }
  for (guint c = 0; c < session->channels; c++) {
    float v = value;

    if (fill == CNN_FILL_GRAY)
      v = (byte_value (session, 0, c) + byte_value (session, 255, c)) / 2;
    else if (fill == CNN_FILL_BLACK || fill == CNN_FILL_WHITE)
      v = byte_value (session, fill == CNN_FILL_WHITE ? 255 : 0, c);
    else if (fill == CNN_FILL_MEAN)
      v = mean_of (session->input + c * plane, plane);
    for (gsize i = 0; i < plane; i++)
      out[c * plane + i] = v;
  }
  return out;
}

void
cnn_occluder_apply (CnnSession *session, const float *filling, int x, int y, int width, int height,
                    float *input)
{
  int x0 = CLAMP (x, 0, (int)session->width), x1 = CLAMP (x + width, x0, (int)session->width);
  int y0 = CLAMP (y, 0, (int)session->height), y1 = CLAMP (y + height, y0, (int)session->height);

  for (guint c = 0; c < session->channels; c++)
    for (int row = y0; row < y1; row++) {
      gsize at = ((gsize)c * session->height + (guint)row) * session->width + (guint)x0;

      memcpy (input + at, filling + at, (gsize)(x1 - x0) * sizeof (float));
    }
}
