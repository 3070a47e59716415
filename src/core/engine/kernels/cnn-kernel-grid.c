/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sampling at places that are computed, as spatial transformers do (Jaderberg et al. 2015): bilinear, nearest
 * or bicubic, with gradients to the picture and to the places. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <math.h>
#include <string.h>

/* The elements of one axis that a place reads: where, how much of each, and how that changes with the place.
 */
typedef struct {
  guint n;
  gint64 index[4]; /* -1: outside, a zero */
  double weight[4], slope[4];
} Taps;

/* Mirrors @x at the edges of 0 .. size, @slope turns with it. */
static double
reflect (double x, gint64 size, gboolean align_corners, double *slope)
{
  double low = align_corners ? 0 : -0.5, span = align_corners ? (double)(size - 1) : (double)size, rest;

  if (span <= 0) {
    *slope = 0;
    return 0;
  }
  x -= low;
  *slope *= x < 0 ? -1 : 1;
  x = fabs (x);
  rest = fmod (x, span);
  if (fmod (floor (x / span), 2) != 0) {
    *slope *= -1;
    rest = span - rest;
  }
  return rest + low;
}

static double
bound (double x, gint64 size, const CnnOp *op, double *slope)
{
  if (op->attrs.grid_sample.padding == CNN_GRID_ZEROS)
    return x;
  if (op->attrs.grid_sample.padding == CNN_GRID_REFLECTION)
    x = reflect (x, size, op->attrs.grid_sample.align_corners, slope);
  if (!(x > 0) || !(x < (double)(size - 1)))
    *slope = 0;
  return x > 0 ? MIN (x, (double)(size - 1)) : 0; /* not a number: 0 */
}

static gint64
bound_index (double x, gint64 size, const CnnOp *op)
{
  double unused = 1;

  x = bound (x, size, op, &unused);
  return x >= 0 && x < (double)size ? (gint64)x : -1;
}

/* Keys' cubic kernel with a = -0.75, as PyTorch and ONNX have it, and its derivative. */
static double
cubic (double d, double *slope)
{
  const double a = -0.75;
  double sign = d < 0 ? -1 : 1;

  d = fabs (d);
  if (d <= 1) {
    *slope = sign * (3 * (a + 2) * d - 2 * (a + 3)) * d;
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  }
  *slope = d < 2 ? sign * ((3 * a * d - 10 * a) * d + 8 * a) : 0;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/* @place: -1 .. 1 over the @size elements of an axis. */
static void
taps_of (Taps *taps, const CnnOp *op, double place, gint64 size)
{
  CnnGridKind kind = op->attrs.grid_sample.kind;
  gboolean align = op->attrs.grid_sample.align_corners;
  double scale = (align ? (double)(size - 1) : (double)size) / 2, slope = scale;
  double x = (place + 1) * scale - (align ? 0 : 0.5), first;

  if (kind != CNN_GRID_BICUBIC)
    x = bound (x, size, op, &slope);
  if (!(fabs (x) < 1e9)) /* neither is an element there, nor may its number be made a whole one */
    x = -1e9;
  taps->n = kind == CNN_GRID_BILINEAR ? 2 : kind == CNN_GRID_NEAREST ? 1 : 4;
  first = kind == CNN_GRID_NEAREST ? nearbyint (x) : floor (x) - (kind == CNN_GRID_BICUBIC);
  for (guint i = 0; i < taps->n; i++) {
    double at = first + i, change = 0;

    taps->index[i] = kind == CNN_GRID_BICUBIC       ? bound_index (at, size, op)
                     : at >= 0 && at < (double)size ? (gint64)at
                                                    : -1;
    taps->weight[i] = 1;
    if (kind == CNN_GRID_BILINEAR) {
      taps->weight[i] = 1 - fabs (x - at);
      change = i == 0 ? -1 : 1;
    } else if (kind == CNN_GRID_BICUBIC) {
      taps->weight[i] = cubic (x - at, &change);
    }
    taps->slope[i] = change * slope;
  }
}

typedef struct {
  gint64 planes, plane, places, columns;
} Sizes;

static Sizes
sizes_of (const CnnKernelArgs *args)
{
  return (Sizes){ args->in[0].dims[1], args->in[0].dims[2] * args->in[0].dims[3],
                  args->out->dims[2] * args->out->dims[3], args->in[0].dims[3] };
}

static void
taps_at (const CnnKernelArgs *args, const float *grid, gint64 i, Taps *rows, Taps *columns)
{
  taps_of (columns, args->op, grid[2 * i], args->in[0].dims[3]);
  taps_of (rows, args->op, grid[2 * i + 1], args->in[0].dims[2]);
}

/* Σ of a plane's elements by the weights given for rows and columns. */
static double
sample (const float *plane, gint64 stride, const Taps *rows, const double *by_row, const Taps *columns,
        const double *by_column)
{
  double sum = 0;

  for (guint r = 0; r < rows->n; r++)
    for (guint c = 0; c < columns->n; c++)
      if (rows->index[r] >= 0 && columns->index[c] >= 0)
        sum += by_row[r] * by_column[c] * plane[rows->index[r] * stride + columns->index[c]];
  return sum;
}

static void
grid_sample_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  Sizes s = sizes_of (args);
  gint64 n = args->out->dims[0] * s.places;

#pragma omp parallel for if (n * s.planes > CNN_KERNEL_PARALLEL / 4)
  for (gint64 i = 0; i < n; i++) {
    gint64 batch = i / s.places;
    Taps rows, columns;

    taps_at (args, in[1], i, &rows, &columns);
    for (gint64 k = batch * s.planes; k < (batch + 1) * s.planes; k++)
      out[k * s.places + i % s.places] =
          (float)sample (in[0] + k * s.plane, s.columns, &rows, rows.weight, &columns, columns.weight);
  }
}

static void
spread (float *plane, gint64 stride, const Taps *rows, const Taps *columns, float g)
{
  for (guint r = 0; r < rows->n; r++)
    for (guint c = 0; c < columns->n; c++)
      if (rows->index[r] >= 0 && columns->index[c] >= 0)
        plane[rows->index[r] * stride + columns->index[c]] +=
            (float)(rows->weight[r] * columns->weight[c] * g);
}

static void
grid_sample_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                      guint which, CnnModifier modifier, float *din)
{
  Sizes s = sizes_of (args);

  memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof *din);
  for (gint64 i = 0; i < args->out->dims[0] * s.places; i++) {
    gint64 batch = i / s.places;
    double by_column = 0, by_row = 0;
    Taps rows, columns;

    taps_at (args, in[1], i, &rows, &columns);
    for (gint64 k = batch * s.planes; k < (batch + 1) * s.planes; k++) {
      float g = dout[k * s.places + i % s.places];

      if (which == 0) {
        spread (din + k * s.plane, s.columns, &rows, &columns, g);
        continue;
      }
      by_column += g * sample (in[0] + k * s.plane, s.columns, &rows, rows.weight, &columns, columns.slope);
      by_row += g * sample (in[0] + k * s.plane, s.columns, &rows, rows.slope, &columns, columns.weight);
    }
    if (which == 1) {
      din[2 * i] = (float)by_column;
      din[2 * i + 1] = (float)by_row;
    }
  }
}

const CnnKernel cnn_kernel_grid_sample = { grid_sample_forward, grid_sample_backward, TRUE, FALSE };
