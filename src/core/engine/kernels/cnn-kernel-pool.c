/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maximum and average over windows of one or two spatial axes. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
  gint64 planes, in[2], out[2];
  gint64 kernel[2], stride[2], dilation[2], pad[2], pad_end[2];
} Pool;

static void
pool_init (Pool *self, const CnnKernelArgs *args)
{
  const CnnWindow *window = &args->op->attrs.pool.window;
  guint skip = 2 - window->n_axes;

  *self = (Pool){ .planes = args->in[0].dims[0] * args->in[0].dims[1] };
  self->in[0] = self->out[0] = self->kernel[0] = self->stride[0] = self->dilation[0] = 1;
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 out;

    self->in[i + skip] = args->in[0].dims[i + 2];
    self->out[i + skip] = args->out->dims[i + 2];
    self->kernel[i + skip] = window->kernel[i];
    self->stride[i + skip] = window->stride[i];
    self->dilation[i + skip] = window->dilation[i];
    (void)!cnn_window_resolve (window, i, self->in[i + skip], &self->pad[i + skip], &self->pad_end[i + skip],
                               &out);
  }
}

/* The elements of the window at output @o that lie in the input: @n of them from @first, a dilation apart. */
static void
clip_window (const Pool *p, guint axis, gint64 o, gint64 *first, gint64 *n)
{
  gint64 start = o * p->stride[axis] - p->pad[axis], d = p->dilation[axis];
  gint64 skip = start < 0 ? (-start + d - 1) / d : 0;
  gint64 rest = p->in[axis] - 1 - start;
  gint64 end = rest < 0 ? 0 : MIN (rest / d + 1, p->kernel[axis]);

  *first = start + skip * d;
  *n = MAX (end - skip, 0);
}

/* As many elements as there are in the input and its pads; what a rounded-up output reaches beyond does not
 * count. */
static gint64
padded_count (const Pool *p, guint axis, gint64 o)
{
  gint64 start = o * p->stride[axis] - p->pad[axis];
  gint64 rest = p->in[axis] + p->pad_end[axis] - 1 - start;

  return CLAMP (rest / p->dilation[axis] + 1, 1, p->kernel[axis]);
}

/* The first maximum in raster order, or the first NaN; -1 of an empty window. */
static gint64
first_maximum (const Pool *p, const float *x, gint64 oy, gint64 ox)
{
  gint64 y0, ny, x0, nx, best = -1;

  clip_window (p, 0, oy, &y0, &ny);
  clip_window (p, 1, ox, &x0, &nx);
  for (gint64 i = 0; i < ny; i++)
    for (gint64 j = 0; j < nx; j++) {
      gint64 at = (y0 + i * p->dilation[0]) * p->in[1] + x0 + j * p->dilation[1];

      if (best < 0 || x[at] > x[best] || (isnan (x[at]) && !isnan (x[best])))
        best = at;
    }
  return best;
}

static float
window_sum (const Pool *p, const float *x, gint64 oy, gint64 ox, gint64 *count)
{
  gint64 y0, ny, x0, nx;
  double sum = 0;

  clip_window (p, 0, oy, &y0, &ny);
  clip_window (p, 1, ox, &x0, &nx);
  for (gint64 i = 0; i < ny; i++)
    for (gint64 j = 0; j < nx; j++)
      sum += x[(y0 + i * p->dilation[0]) * p->in[1] + x0 + j * p->dilation[1]];
  *count = ny * nx;
  return (float)sum;
}

static float
divisor (const Pool *p, CnnPoolKind kind, gint64 oy, gint64 ox, gint64 valid)
{
  if (kind == CNN_POOL_AVERAGE_PADDED)
    return (float)(padded_count (p, 0, oy) * padded_count (p, 1, ox));
  return (float)MAX (valid, 1);
}

static void
pool_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  CnnPoolKind kind = args->op->attrs.pool.kind;
  gint64 out_plane, in_plane;
  Pool p;

  pool_init (&p, args);
  out_plane = p.out[0] * p.out[1];
  in_plane = p.in[0] * p.in[1];
#pragma omp parallel for if (p.planes * out_plane * p.kernel[0] * p.kernel[1] > CNN_KERNEL_PARALLEL)
  for (gint64 plane = 0; plane < p.planes; plane++) {
    const float *x = in[0] + plane * in_plane;

    for (gint64 i = 0; i < out_plane; i++) {
      gint64 oy = i / p.out[1], ox = i % p.out[1], at, valid;

      if (kind == CNN_POOL_MAX) {
        at = first_maximum (&p, x, oy, ox);
        out[plane * out_plane + i] = at < 0 ? -FLT_MAX : x[at];
      } else {
        float sum = window_sum (&p, x, oy, ox, &valid);

        out[plane * out_plane + i] = sum / divisor (&p, kind, oy, ox, valid);
      }
    }
  }
}

static void
spread (const Pool *p, CnnPoolKind kind, gint64 oy, gint64 ox, float dy, float *dx)
{
  gint64 y0, ny, x0, nx;

  clip_window (p, 0, oy, &y0, &ny);
  clip_window (p, 1, ox, &x0, &nx);
  dy /= divisor (p, kind, oy, ox, ny * nx);
  for (gint64 i = 0; i < ny; i++)
    for (gint64 j = 0; j < nx; j++)
      dx[(y0 + i * p->dilation[0]) * p->in[1] + x0 + j * p->dilation[1]] += dy;
}

static void
pool_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
               guint which, CnnModifier modifier, float *din)
{
  CnnPoolKind kind = args->op->attrs.pool.kind;
  gint64 out_plane, in_plane;
  Pool p;

  pool_init (&p, args);
  out_plane = p.out[0] * p.out[1];
  in_plane = p.in[0] * p.in[1];
#pragma omp parallel for if (p.planes * out_plane * p.kernel[0] * p.kernel[1] > CNN_KERNEL_PARALLEL)
  for (gint64 plane = 0; plane < p.planes; plane++) {
    float *dx = din + plane * in_plane;

    memset (dx, 0, (gsize)in_plane * sizeof (float));
    for (gint64 i = 0; i < out_plane; i++) {
      gint64 oy = i / p.out[1], ox = i % p.out[1];
      float dy = dout[plane * out_plane + i];

      if (kind == CNN_POOL_MAX) {
        gint64 at = first_maximum (&p, in[0] + plane * in_plane, oy, ox);

        if (at >= 0)
          dx[at] += dy;
      } else {
        spread (&p, kind, oy, ox, dy, dx);
      }
    }
  }
}

const CnnKernel cnn_kernel_pool = { pool_forward, pool_backward, TRUE, FALSE };
