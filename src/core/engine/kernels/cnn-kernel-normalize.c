/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batch norm (folded to scale and shift), normalisation by statistics of the sample, local response
 * normalisation. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <math.h>
#include <string.h>

/* batch norm */

CNN_KERNEL_CLONES static void
scale_shift (const float *x, float scale, float shift, float *y, gsize n)
{
#pragma GCC ivdep
  for (gsize i = 0; i < n; i++)
    y[i] = x[i] * scale + shift;
}

static void
batch_norm_run (const CnnKernelArgs *args, const float *x, const float *scale, const float *shift, float *y)
{
  guint axis = args->op->attrs.batch_norm.axis;
  gsize channels = (gsize)args->in[0].dims[axis],
        rows = cnn_shape_size_before (&args->in[0], axis) * channels;
  gsize n = cnn_shape_size_from (&args->in[0], axis + 1);

#pragma omp parallel for if (rows * n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++)
    scale_shift (x + row * n, scale[row % channels], shift != NULL ? shift[row % channels] : 0, y + row * n,
                 n);
}

static void
batch_norm_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  batch_norm_run (args, in[0], in[1], in[2], out);
}

static void
batch_norm_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                     guint which, CnnModifier modifier, float *din)
{
  guint axis = args->op->attrs.batch_norm.axis;
  gsize channels = (gsize)args->in[0].dims[axis], outer = cnn_shape_size_before (&args->in[0], axis);
  gsize n = cnn_shape_size_from (&args->in[0], axis + 1);

  if (which == 0) {
    batch_norm_run (args, dout, in[1], NULL, din);
    return;
  }
  for (gsize c = 0; c < channels; c++) {
    double sum = 0;

    for (gsize o = 0; o < outer; o++)
      for (gsize i = (o * channels + c) * n; i < (o * channels + c + 1) * n; i++)
        sum += which == 1 ? (double)dout[i] * in[0][i] : (double)dout[i];
    din[c] = (float)sum;
  }
}

const CnnKernel cnn_kernel_batch_norm = { batch_norm_forward, batch_norm_backward, TRUE, FALSE };

/* layer, group and instance normalisation */

/* Blocks that share statistics: element i of block b is at (b / inner)·length·inner + b % inner + i·inner,
 * and its gamma and beta are at (b % cycle)·share + i / repeat. */
typedef struct {
  gsize blocks, length, inner;
  gsize cycle, share, repeat;
  float epsilon;
} Blocks;

static void
blocks_init (Blocks *self, const CnnKernelArgs *args)
{
  const CnnShape *x = &args->in[0];
  gint64 groups = args->op->attrs.normalize.groups;
  gsize size = cnn_shape_size (x), channels = (gsize)x->dims[1], space = cnn_shape_size_from (x, 2);

  *self = (Blocks){ .inner = 1, .cycle = 1, .repeat = 1, .epsilon = args->op->attrs.normalize.epsilon };
  if (groups > 0) {
    self->length = channels / (gsize)groups * space;
    self->cycle = (gsize)groups;
    self->share = channels / (gsize)groups;
    self->repeat = space;
  } else if (groups == 0) {
    self->length = cnn_shape_size_from (x, args->op->attrs.normalize.first_axis);
  } else {
    self->length = channels;
    self->inner = space;
  }
  self->blocks = self->length > 0 ? size / self->length : 0;
}

static inline gsize
block_start (const Blocks *k, gsize block)
{
  return block / k->inner * k->length * k->inner + block % k->inner;
}

static inline gsize
block_weight (const Blocks *k, gsize block, gsize i)
{
  return block % k->cycle * k->share + i / k->repeat;
}

static void
block_statistics (const Blocks *k, const float *x, double *mean, double *rstd)
{
  double sum = 0, square = 0;

  for (gsize i = 0; i < k->length; i++)
    sum += x[i * k->inner];
  *mean = sum / (double)k->length;
  for (gsize i = 0; i < k->length; i++)
    square += (x[i * k->inner] - *mean) * (x[i * k->inner] - *mean);
  *rstd = 1 / sqrt (square / (double)k->length + k->epsilon);
}

static void
normalize_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  const float *gamma = args->op->n_inputs > 1 ? in[1] : NULL, *beta = args->op->n_inputs > 2 ? in[2] : NULL;
  Blocks k;

  blocks_init (&k, args);
#pragma omp parallel for if (k.blocks * k.length > CNN_KERNEL_PARALLEL)
  for (gsize block = 0; block < k.blocks; block++) {
    gsize start = block_start (&k, block);
    double mean, rstd;

    block_statistics (&k, in[0] + start, &mean, &rstd);
    for (gsize i = 0; i < k.length; i++) {
      gsize at = start + i * k.inner, weight = block_weight (&k, block, i);
      float y = (float)((in[0][at] - mean) * rstd);

      y = gamma != NULL ? y * gamma[weight] : y;
      out[at] = beta != NULL ? y + beta[weight] : y;
    }
  }
}

static void
normalize_backward_block (const Blocks *k, gsize block, const float *x, const float *gamma, const float *dout,
                          float *din)
{
  gsize start = block_start (k, block);
  double mean, rstd, sum = 0, product = 0;

  block_statistics (k, x + start, &mean, &rstd);
  for (gsize i = 0; i < k->length; i++) {
    gsize at = start + i * k->inner;
    double g = dout[at] * (gamma != NULL ? (double)gamma[block_weight (k, block, i)] : 1.0);

    sum += g;
    product += g * (x[at] - mean) * rstd;
  }
  sum /= (double)k->length;
  product /= (double)k->length;
  for (gsize i = 0; i < k->length; i++) {
    gsize at = start + i * k->inner;
    double g = dout[at] * (gamma != NULL ? (double)gamma[block_weight (k, block, i)] : 1.0);

    din[at] = (float)(rstd * (g - sum - (x[at] - mean) * rstd * product));
  }
}

static void
normalize_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                    guint which, CnnModifier modifier, float *din)
{
  g_autofree double *sums = NULL;
  gsize n_weights = cnn_shape_size (&args->in[which]);
  Blocks k;

  blocks_init (&k, args);
  if (which == 0) {
#pragma omp parallel for if (k.blocks * k.length > CNN_KERNEL_PARALLEL)
    for (gsize block = 0; block < k.blocks; block++)
      normalize_backward_block (&k, block, in[0], args->op->n_inputs > 1 ? in[1] : NULL, dout, din);
    return;
  }
  sums = g_new0 (double, n_weights);
  for (gsize block = 0; block < k.blocks; block++) {
    gsize start = block_start (&k, block);
    double mean = 0, rstd = 1;

    if (which == 1)
      block_statistics (&k, in[0] + start, &mean, &rstd);
    for (gsize i = 0; i < k.length; i++) {
      gsize at = start + i * k.inner;

      sums[block_weight (&k, block, i)] += dout[at] * (which == 1 ? (in[0][at] - mean) * rstd : 1.0);
    }
  }
  for (gsize i = 0; i < n_weights; i++)
    din[i] = (float)sums[i];
}

const CnnKernel cnn_kernel_normalize = { normalize_forward, normalize_backward, TRUE, FALSE };

/* local response normalisation: the window of channel c is c - (size - 1) / 2 … c + size / 2 */

static inline float
power_negative (float s, float beta)
{
  if (beta == 0.75f)
    return 1.0f / (sqrtf (s) * sqrtf (sqrtf (s)));
  return powf (s, -beta);
}

/* bias + alpha/size · Σ x² over the window of channel @c at one position */
static float
lrn_scale (const CnnOp *op, const float *x, gint64 c, gint64 channels, gint64 space)
{
  gint64 size = op->attrs.lrn.size;
  gint64 first = MAX (c - (size - 1) / 2, 0), last = MIN (c + size / 2, channels - 1);
  float sum = 0;

  for (gint64 k = first; k <= last; k++)
    sum += x[k * space] * x[k * space];
  return op->attrs.lrn.bias + op->attrs.lrn.alpha / (float)size * sum;
}

static void
lrn_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  const CnnOp *op = args->op;
  gint64 channels = args->in[0].dims[1], space = (gint64)cnn_shape_size_from (&args->in[0], 2);
  gint64 planes = args->in[0].dims[0] * channels;

#pragma omp parallel for if (planes * space > CNN_KERNEL_PARALLEL)
  for (gint64 plane = 0; plane < planes; plane++) {
    const float *x = in[0] + (plane - plane % channels) * space;

    for (gint64 i = 0; i < space; i++)
      out[plane * space + i] =
          in[0][plane * space + i] *
          power_negative (lrn_scale (op, x + i, plane % channels, channels, space), op->attrs.lrn.beta);
  }
}

/* Σ of dy·x·s^(-beta-1) over the channels whose window holds @c */
static float
lrn_gathered (const CnnOp *op, const float *dyx, gint64 c, gint64 channels, gint64 space)
{
  gint64 size = op->attrs.lrn.size;
  gint64 first = MAX (c - size / 2, 0), last = MIN (c + (size - 1) / 2, channels - 1);
  float sum = 0;

  for (gint64 k = first; k <= last; k++)
    sum += dyx[k * space];
  return sum;
}

static void
lrn_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
              guint which, CnnModifier modifier, float *din)
{
  const CnnOp *op = args->op;
  gint64 channels = args->in[0].dims[1], space = (gint64)cnn_shape_size_from (&args->in[0], 2);
  gint64 planes = args->in[0].dims[0] * channels;
  gsize n = cnn_shape_size (&args->in[0]);
  g_autofree float *direct = g_new (float, n), *shared = g_new (float, n);
  float factor = 2 * op->attrs.lrn.alpha * op->attrs.lrn.beta / (float)op->attrs.lrn.size;

#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gint64 plane = 0; plane < planes; plane++)
    for (gint64 i = 0; i < space; i++) {
      gint64 at = plane * space + i;
      float s =
          lrn_scale (op, in[0] + (plane - plane % channels) * space + i, plane % channels, channels, space);

      direct[at] = dout[at] * power_negative (s, op->attrs.lrn.beta);
      shared[at] = direct[at] * in[0][at] / s;
    }
#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gint64 plane = 0; plane < planes; plane++)
    for (gint64 i = 0; i < space; i++) {
      gint64 at = plane * space + i;
      const float *column = shared + (plane - plane % channels) * space + i;

      din[at] =
          direct[at] - factor * in[0][at] * lrn_gathered (op, column, plane % channels, channels, space);
    }
}

const CnnKernel cnn_kernel_lrn = { lrn_forward, lrn_backward, TRUE, FALSE };
