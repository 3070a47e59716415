/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean, sum, maximum, minimum, product and Euclidean length over axes. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <math.h>
#include <string.h>

/* A loop over the input; array 0 is the input, array 1 the output, standing still along reduced axes. */
static gsize
reduce_loop (CnnLoop *loop, const CnnKernelArgs *args, gsize *count)
{
  const CnnShape *in = &args->in[0];
  gint64 strides[CNN_MAX_RANK], step = 1;
  guint reduced = 0;

  for (guint i = 0; i < args->op->attrs.reduce.n_axes; i++)
    reduced |= 1u << args->op->attrs.reduce.axes[i];
  *count = 1;
  for (guint i = in->rank; i-- > 0;) {
    gboolean is_reduced = (reduced >> i) & 1;

    strides[i] = is_reduced ? 0 : step;
    step *= is_reduced ? 1 : in->dims[i];
    *count *= is_reduced ? (gsize)in->dims[i] : 1;
  }
  cnn_loop_init (loop, in);
  cnn_loop_add_broadcast (loop, in, in);
  cnn_loop_add (loop, strides);
  cnn_loop_merge (loop);
  return cnn_loop_rows (loop);
}

static inline double
start_value (CnnReduceKind kind)
{
  switch (kind) {
  case CNN_REDUCE_MAX:
    return -INFINITY;
  case CNN_REDUCE_MIN:
    return INFINITY;
  case CNN_REDUCE_PROD:
    return 1;
  default:
    return 0;
  }
}

static inline double
join (CnnReduceKind kind, double sum, double x)
{
  switch (kind) {
  case CNN_REDUCE_MAX:
    return x > sum || isnan (x) ? x : sum;
  case CNN_REDUCE_MIN:
    return x < sum || isnan (x) ? x : sum;
  case CNN_REDUCE_PROD:
    return sum * x;
  case CNN_REDUCE_L2:
    return sum + x * x;
  default:
    return sum + x;
  }
}

static inline double
end_value (CnnReduceKind kind, double sum, gsize count)
{
  return kind == CNN_REDUCE_MEAN ? sum / (double)count : kind == CNN_REDUCE_L2 ? sqrt (sum) : sum;
}

static void
reduce_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  CnnReduceKind kind = args->op->attrs.reduce.kind;
  gsize count, size = cnn_shape_size (args->out);
  g_autofree double *sums = g_new (double, size);
  CnnLoop loop;
  gsize rows = reduce_loop (&loop, args, &count);
  gint64 n = loop.dims[loop.rank - 1], step = loop.strides[1][loop.rank - 1];

  for (gsize i = 0; i < size; i++)
    sums[i] = start_value (kind);
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++)
      sums[at[1] + i * step] = join (kind, sums[at[1] + i * step], in[0][at[0] + i]);
  }
  for (gsize i = 0; i < size; i++)
    out[i] = (float)end_value (kind, sums[i], count);
}

/* What an output's gradient is shared by: the number of equal extrema; for a product, the product of all that
 * are not zero and the number of zeros. */
typedef struct {
  double product;
  gsize n;
} Share;

static Share *
collect_shares (CnnReduceKind kind, const CnnLoop *loop, gsize rows, const float *in, const float *out,
                gsize size)
{
  Share *shares = g_new (Share, size);
  gint64 n = loop->dims[loop->rank - 1], step = loop->strides[1][loop->rank - 1];

  for (gsize i = 0; i < size; i++)
    shares[i] = (Share){ 1, 0 };
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      Share *share = &shares[at[1] + i * step];
      float x = in[at[0] + i];

      if (kind != CNN_REDUCE_PROD)
        share->n += x == out[at[1] + i * step];
      else if (x == 0)
        share->n++;
      else
        share->product *= x;
    }
  }
  return shares;
}

static inline float
reduce_derivative (CnnReduceKind kind, float x, float y, const Share *share, gsize count)
{
  switch (kind) {
  case CNN_REDUCE_MEAN:
    return 1.0f / (float)count;
  case CNN_REDUCE_SUM:
    return 1;
  case CNN_REDUCE_MAX:
  case CNN_REDUCE_MIN:
    return x == y ? 1.0f / (float)share->n : 0;
  case CNN_REDUCE_PROD:
    if (share->n == 0)
      return (float)(share->product / x);
    return share->n == 1 && x == 0 ? (float)share->product : 0;
  case CNN_REDUCE_L2:
    return y == 0 ? 0 : x / y;
  }
  return 0;
}

static void
reduce_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  CnnReduceKind kind = args->op->attrs.reduce.kind;
  gboolean shared = kind == CNN_REDUCE_MAX || kind == CNN_REDUCE_MIN || kind == CNN_REDUCE_PROD;
  g_autofree Share *shares = NULL;
  CnnLoop loop;
  gsize count, rows = reduce_loop (&loop, args, &count), size = cnn_shape_size (args->out);
  gint64 n = loop.dims[loop.rank - 1], step = loop.strides[1][loop.rank - 1];

  if (shared)
    shares = collect_shares (kind, &loop, rows, in[0], out, size);
#pragma omp parallel for if (rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      gint64 o = at[1] + i * step;

      din[at[0] + i] =
          dout[o] * reduce_derivative (kind, in[0][at[0] + i], out[o], shared ? &shares[o] : NULL, count);
    }
  }
}

const CnnKernel cnn_kernel_reduce = { reduce_forward, reduce_backward, TRUE, TRUE };
