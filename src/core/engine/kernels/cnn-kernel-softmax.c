/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Softmax and its logarithm over an axis. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"
#include "cnn-activation-math.h"

typedef struct {
  gsize rows, n, inner; /* element i of row r is at (r / inner)·n·inner + r % inner + i·inner */
} Rows;

static Rows
rows_of (const CnnKernelArgs *args)
{
  guint axis = args->op->attrs.softmax.axis;
  Rows r = { .n = (gsize)args->out->dims[axis], .inner = cnn_shape_size_from (args->out, axis + 1) };

  r.rows = cnn_shape_size_before (args->out, axis) * r.inner;
  return r;
}

static void
softmax_row (const float *x, float *y, gsize n, gsize step, gboolean log_of)
{
  float max = x[0];
  double sum = 0;

  for (gsize i = 1; i < n; i++)
    max = x[i * step] > max ? x[i * step] : max;
  for (gsize i = 0; i < n; i++) {
    float e = cnn_math_exp (x[i * step] - max);

    sum += e;
    y[i * step] = log_of ? x[i * step] - max : e;
  }
  for (gsize i = 0; i < n; i++)
    y[i * step] = (float)(log_of ? y[i * step] - log (sum) : y[i * step] / sum);
}

static void
softmax_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  Rows r = rows_of (args);

#pragma omp parallel for if (r.rows * r.n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < r.rows; row++) {
    gsize start = row / r.inner * r.n * r.inner + row % r.inner;

    softmax_row (in[0] + start, out + start, r.n, r.inner, args->op->attrs.softmax.log);
  }
}

static void
softmax_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                  guint which, CnnModifier modifier, float *din)
{
  gboolean log_of = args->op->attrs.softmax.log;
  Rows r = rows_of (args);

#pragma omp parallel for if (r.rows * r.n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < r.rows; row++) {
    gsize start = row / r.inner * r.n * r.inner + row % r.inner;
    double sum = 0;

    for (gsize i = 0, at = start; i < r.n; i++, at += r.inner)
      sum += log_of ? dout[at] : (double)dout[at] * out[at];
    for (gsize i = 0, at = start; i < r.n; i++, at += r.inner)
      din[at] = (float)(log_of ? dout[at] - cnn_math_exp (out[at]) * sum : out[at] * (dout[at] - sum));
  }
}

const CnnKernel cnn_kernel_softmax = { softmax_forward, softmax_backward, FALSE, TRUE };
