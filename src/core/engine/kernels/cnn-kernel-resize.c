/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nearest, linear and cubic resizing of the spatial axes: each axis is a list of taps, applied one after the
 * other. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <math.h>
#include <string.h>

/* Output o is the sum of weight·in[index] over taps o·width … (o + 1)·width. */
typedef struct {
  gint64 in, out, width;
  gint64 *index;
  float *weight;
} Taps;

static void
taps_clear (Taps *taps)
{
  g_free (taps->index);
  g_free (taps->weight);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

/* The coordinate on the input of output @o; @scale is output per input. */
static double
source_coordinate (CnnResizeCoords coords, double scale, gint64 in, gint64 out, gint64 o)
{
  switch (coords) {
  case CNN_COORDS_HALF_PIXEL:
    return ((double)o + 0.5) / scale - 0.5;
  case CNN_COORDS_PYTORCH_HALF_PIXEL:
    return out > 1 ? ((double)o + 0.5) / scale - 0.5 : 0;
  case CNN_COORDS_ALIGN_CORNERS:
    return out > 1 ? (double)o * (double)(in - 1) / (double)(out - 1) : 0;
  case CNN_COORDS_ASYMMETRIC:
    return (double)o / scale;
  case CNN_COORDS_HALF_PIXEL_SYMMETRIC: /* what rounding the size took away is missing on both sides */
    return (double)in / 2 * (1 - (double)out / (scale * (double)in)) + ((double)o + 0.5) / scale - 0.5;
  case CNN_COORDS_TF_HALF_PIXEL_FOR_NN:
    return ((double)o + 0.5) / scale;
  }
  return 0;
}

/* Where a file gives the scale as a float32, frameworks divide by it in float32: on the border between two
 * neighbours that decides which is nearest. */
static double
rounded_coordinate (CnnResizeCoords coords, float scale, double exact, gint64 out, gint64 o)
{
  if (coords == CNN_COORDS_ASYMMETRIC)
    return (double)((float)o / scale);
  if (coords == CNN_COORDS_TF_HALF_PIXEL_FOR_NN)
    return (double)(((float)o + 0.5f) / scale);
  if (coords == CNN_COORDS_HALF_PIXEL || (coords == CNN_COORDS_PYTORCH_HALF_PIXEL && out > 1))
    return (double)(((float)o + 0.5f) / scale - 0.5f);
  return exact;
}

static gint64
nearest_index (CnnResizeNearest nearest, double x)
{
  switch (nearest) {
  case CNN_NEAREST_ROUND_PREFER_FLOOR:
    return (gint64)ceil (x - 0.5);
  case CNN_NEAREST_ROUND_PREFER_CEIL:
    return (gint64)floor (x + 0.5);
  case CNN_NEAREST_FLOOR:
    return (gint64)floor (x);
  case CNN_NEAREST_CEIL:
    return (gint64)ceil (x);
  }
  return 0;
}

static double
kernel_weight (CnnResizeKind kind, double a, double d)
{
  d = fabs (d);
  if (kind == CNN_RESIZE_LINEAR)
    return d < 1 ? 1 - d : 0;
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/* The taps of one output. What lies outside takes the edge's number or has no part. */
static void
fill_taps (Taps *taps, const CnnOp *op, double stretch, double x, gint64 o)
{
  CnnResizeKind kind = op->attrs.resize.kind;
  gint64 first = (gint64)floor (x) + 1 - taps->width / 2;
  double sum = 0;

  for (gint64 k = 0; k < taps->width; k++) {
    gint64 i = first + k, slot = o * taps->width + k;
    double w = kernel_weight (kind, op->attrs.resize.cubic_a, (x - (double)i) / stretch);

    if (op->attrs.resize.exclude_outside && (i < 0 || i >= taps->in))
      w = 0;
    taps->index[slot] = CLAMP (i, 0, taps->in - 1);
    taps->weight[slot] = (float)w;
    sum += w;
  }
  for (gint64 k = 0; (op->attrs.resize.antialias || op->attrs.resize.exclude_outside) && k < taps->width; k++)
    taps->weight[o * taps->width + k] = (float)(taps->weight[o * taps->width + k] / sum);
}

static void
taps_init (Taps *taps, const CnnOp *op, guint axis, gint64 in, gint64 out)
{
  CnnResizeKind kind = op->attrs.resize.kind;
  gboolean given = op->attrs.resize.scale[axis] > 0;
  double scale = given ? op->attrs.resize.scale[axis] : (double)out / (double)in;
  /* an antialiased kernel is as wide as an output is on the input */
  double stretch = op->attrs.resize.antialias && scale < 1 && kind != CNN_RESIZE_NEAREST ? 1 / scale : 1;
  double reach = kind == CNN_RESIZE_LINEAR ? stretch : 2 * stretch;

  taps->in = in;
  taps->out = out;
  taps->width = kind == CNN_RESIZE_NEAREST ? 1 : 2 * (gint64)ceil (MIN (reach, (double)in + 1));
  taps->index = g_new (gint64, (gsize)(out * taps->width));
  taps->weight = g_new (float, (gsize)(out * taps->width));
  for (gint64 o = 0; o < out; o++) {
    double x = source_coordinate (op->attrs.resize.coords, scale, in, out, o);

    if (kind == CNN_RESIZE_NEAREST) {
      if (given)
        x = rounded_coordinate (op->attrs.resize.coords, (float)scale, x, out, o);
      taps->index[o] = CLAMP (nearest_index (op->attrs.resize.nearest, x), 0, in - 1);
      taps->weight[o] = 1;
    } else {
      fill_taps (taps, op, stretch, x, o);
    }
  }
}

/* @outer blocks of (in, @inner) to blocks of (out, @inner), or when @back the transposed sums. */
static void
apply_taps (const Taps *taps, gint64 outer, gint64 inner, const float *from, float *to, gboolean back)
{
  gint64 n_from = back ? taps->out : taps->in, n_to = back ? taps->in : taps->out;

#pragma omp parallel for if (outer * inner * taps->out * taps->width > CNN_KERNEL_PARALLEL)
  for (gint64 block = 0; block < outer; block++) {
    const float *f = from + block * n_from * inner;
    float *t = to + block * n_to * inner;

    memset (t, 0, (gsize)(n_to * inner) * sizeof (float));
    for (gint64 k = 0; k < taps->out * taps->width; k++) {
      gint64 o = k / taps->width, i = taps->index[k];
      const float *source = f + (back ? o : i) * inner;
      float *target = t + (back ? i : o) * inner, w = taps->weight[k];

      if (w == 0) /* so that an infinite number out of reach stays out */
        continue;
      for (gint64 j = 0; j < inner; j++)
        target[j] += w * source[j];
    }
  }
}

static void
resize_run (const CnnKernelArgs *args, const float *from, float *to, gboolean back)
{
  const CnnShape *in = &args->in[0], *out = args->out;
  gint64 planes = in->dims[0] * in->dims[1];
  g_auto (Taps) first = { 0 }, second = { 0 };
  g_autofree float *middle = NULL;

  taps_init (&first, args->op, 0, in->dims[2], out->dims[2]);
  if (in->rank == 3) {
    apply_taps (&first, planes, 1, from, to, back);
    return;
  }
  taps_init (&second, args->op, 1, in->dims[3], out->dims[3]);
  middle = g_new (float, (gsize)(planes * out->dims[2] * in->dims[3]));
  if (!back) {
    apply_taps (&first, planes, in->dims[3], from, middle, FALSE);
    apply_taps (&second, planes * out->dims[2], 1, middle, to, FALSE);
  } else {
    apply_taps (&second, planes * out->dims[2], 1, from, middle, TRUE);
    apply_taps (&first, planes, in->dims[3], middle, to, TRUE);
  }
}

static void
resize_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  resize_run (args, in[0], out, FALSE);
}

static void
resize_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  if (which == 0)
    resize_run (args, dout, din, TRUE);
  else
    memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof (float));
}

const CnnKernel cnn_kernel_resize = { resize_forward, resize_backward, FALSE, FALSE };
