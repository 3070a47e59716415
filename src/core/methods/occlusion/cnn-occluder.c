/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

const char *const cnn_fill_names[] = { "gray", "black", "white", "mean", "blur", NULL };
const char *const cnn_fill_titles[] = { N_ ("Gray"), N_ ("Black"), N_ ("White"),
                                        N_ ("Mean"), N_ ("Blur"),  NULL };

const char *
cnn_fill_name (CnnFill fill)
{
  return cnn_fill_names[MIN (fill, CNN_FILL_BLUR)];
}

gboolean
cnn_fill_from_name (const char *name, CnnFill *fill)
{
  for (guint i = 0; cnn_fill_names[i] != NULL; i++)
    if (g_strcmp0 (name, cnn_fill_names[i]) == 0) {
      *fill = i;
      return TRUE;
    }
  return FALSE;
}

/* One byte value after the preprocessing of @channel. */
static float
byte_value (const CnnSession *session, double byte, guint channel)
{
  if (!session->has_range)
    return (float)(byte / 255);
  return cnn_preprocess_value (&session->preprocess, byte, channel, session->channels);
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
static float *
blur (const CnnSession *session)
{
  float *planes = g_memdup2 (session->input,
                             (gsize)session->channels * session->height * session->width * sizeof (float));
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
  return planes;
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
  float *out;

  /* kept: each step of a dragged occluder asks for it */
  if (fill == CNN_FILL_BLUR && session->blurred == NULL)
    session->blurred = blur (session);
  if (fill == CNN_FILL_BLUR)
    return g_memdup2 (session->blurred, plane * session->channels * sizeof (float));
  out = g_new (float, plane * session->channels);
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

/* Every place along an axis at which an occluder of @size covers something, and one at which it does not. */
static int *
all_places (int size, guint side, guint *n)
{
  int *at;

  *n = (guint)size + side;
  at = g_new (int, *n);
  for (guint i = 0; i < *n; i++)
    at[i] = (int)i - size + 1;
  return at;
}

/* The place of an occluder of at most @side that covers the same as one of @size at @at. */
static int
fitting_place (int at, int size, int side)
{
  if (size <= side || at > 0)
    return at;
  return MIN (at + size - side, 0);
}

gboolean
cnn_occluder_prepare_dragged (CnnSession *session, int x, int y, int width, int height, guint *position,
                              GError **error)
{
  CnnOccluderGrid grid = { { CLAMP (height, 1, (int)session->height),
                             CLAMP (width, 1, (int)session->width) } };
  g_autofree int *rows = all_places (grid.size[0], session->height, &grid.n[0]);
  g_autofree int *columns = all_places (grid.size[1], session->width, &grid.n[1]);
  int row, column;

  grid.at[0] = rows;
  grid.at[1] = columns;
  row = CLAMP (fitting_place (y, height, (int)session->height), rows[0], rows[grid.n[0] - 1]);
  column = CLAMP (fitting_place (x, width, (int)session->width), columns[0], columns[grid.n[1] - 1]);
  *position = (guint)(row - rows[0]) * grid.n[1] + (guint)(column - columns[0]);
  if (session->dragged != NULL && cnn_incremental_suits (session->dragged, &grid))
    return TRUE;
  g_clear_pointer (&session->dragged, cnn_incremental_free);
  session->dragged = cnn_incremental_new (session->engine, &grid, 1, error);
  return session->dragged != NULL;
}
