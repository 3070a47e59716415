/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back to a picture of few channels. oneDNN fills such channels up to a whole block, which for 3
 * channels is five times the work; here a row of outputs becomes, by one matrix product, what each of its
 * places sends to each place of its window, and that is added up. Places side by side send to every second
 * column of a picture at stride 2, so the sums are kept column 0, 2, ..., then 1, 3, ..., and put in order at
 * the end: then neighbours stay neighbours. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-conv-private.h"

#include <omp.h>
#include <string.h>

/* One thread's part: rows [first, last) of one picture's diff. */
typedef struct {
  const CnnSlot *in, *out;
  const CnnConvGeometry *g;
  const float *weights; /* (out, in, rows, columns) */
  gint64 first, last;
  gint64 share;              /* columns of one remainder: those x with the same x mod stride */
  float *row, *sent, *split; /* scratch: (columns, out), (in, rows, columns of the kernel, columns),
                              * (in, rows of the band, remainder, share) */
} Band;

gboolean
cnn_conv_image_suits (CnnPlan *plan, const CnnStep *step)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]);

  return in->c <= 4 && in->block == 1 && step->op->attrs.conv.groups == 1;
}

/* A row of the outputs' diff as (columns, channels). */
static void
gather_row (const Band *band, const float *diff, gint64 y)
{
  const CnnSlot *out = band->out;
  gint64 block = out->block;

  for (gint64 c = 0; c < out->c; c += block) {
    const float *from = diff + (c * out->h + y * block) * out->w;
    gint64 lanes = MIN (block, out->c - c);

    for (gint64 x = 0; x < out->w; x++)
      memcpy (band->row + x * out->c + c, from + x * block, (gsize)lanes * sizeof (float));
  }
}

/* Adds what the outputs of a row sent by column @k of the kernel to @to, a row of the picture's. */
CNN_KERNEL_CLONES static void
add_column (const Band *band, gint64 k, const float *sent, float *to)
{
  gint64 stride = band->g->stride[1], at = k * (band->g->dilation[1] + 1) - band->g->pad_begin[1];
  gint64 remainder = (at % stride + stride) % stride, from = (at - remainder) / stride;
  gint64 columns = (band->in->w - remainder + stride - 1) / stride;
  gint64 first = MAX (0, -from), last = MIN (band->out->w, columns - from);

  to += remainder * band->share + from;
#pragma omp simd
  for (gint64 x = first; x < last; x++)
    to[x] += sent[x];
}

/* Adds what row @y of the outputs sends to the rows of the band. */
static void
scatter_row (const Band *band, gint64 y)
{
  const CnnConvGeometry *g = band->g;
  gint64 height = band->last - band->first, width = g->stride[1] * band->share;

  for (gint64 c = 0; c < band->in->c; c++)
    for (gint64 r = 0; r < g->kernel[0]; r++) {
      gint64 to_y = y * g->stride[0] - g->pad_begin[0] + r * (g->dilation[0] + 1);
      const float *sent = band->sent + (c * g->kernel[0] + r) * g->kernel[1] * band->out->w;

      if (to_y < band->first || to_y >= band->last)
        continue;
      for (gint64 k = 0; k < g->kernel[1]; k++)
        add_column (band, k, sent + k * band->out->w,
                    band->split + (c * height + to_y - band->first) * width);
    }
}

/* From columns by remainder to columns in order. */
static void
join_columns (const Band *band, float *target)
{
  gint64 stride = band->g->stride[1], height = band->last - band->first;

  for (gint64 c = 0; c < band->in->c; c++)
    for (gint64 y = 0; y < height; y++) {
      const float *split = band->split + (c * height + y) * stride * band->share;
      float *to = target + (c * band->in->h + band->first + y) * band->in->w;

      for (gint64 x = 0; x < band->in->w; x++)
        to[x] = split[x % stride * band->share + x / stride];
    }
}

static void
run_band (const Band *band, const float *diff, float *target)
{
  const CnnConvGeometry *g = band->g;
  gint64 reach = band->in->c * g->kernel[0] * g->kernel[1];
  gint64 height = (g->kernel[0] - 1) * (g->dilation[0] + 1) + 1;

  memset (band->split, 0,
          (gsize)(band->in->c * (band->last - band->first) * g->stride[1] * band->share) * sizeof (float));
  for (gint64 y = 0; y < band->out->h; y++) {
    gint64 top = y * g->stride[0] - g->pad_begin[0];

    if (top >= band->last || top + height <= band->first)
      continue;
    gather_row (band, diff, y);
    dnnl_sgemm ('T', 'T', reach, band->out->w, band->out->c, 1, band->weights, reach, band->row, band->out->c,
                0, band->sent, band->out->w);
    scatter_row (band, y);
  }
  join_columns (band, target);
}

void
cnn_conv_image_backward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n,
                         const float *diff, float *target)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const float *weights = cnn_conv_plain_weights (plan, step);
  gint64 reach = in->c * g->kernel[0] * g->kernel[1];
  gint64 bands = CLAMP (omp_get_max_threads () / n, 1, in->h), share = (in->w - 1) / g->stride[1] + 1;

#pragma omp parallel
  {
    g_autofree float *row = g_new (float, out->w * out->c), *sent = g_new (float, out->w *reach);
    g_autofree float *split = g_new (float, in->c *(in->h / bands + 1) * g->stride[1] * share);
    Band band = { in, out, g, weights, 0, 0, share, row, sent, split };

#pragma omp for collapse(2)
    for (gint64 i = 0; i < n; i++)
      for (gint64 k = 0; k < bands; k++) {
        band.first = in->h * k / bands;
        band.last = in->h * (k + 1) / bands;
        run_band (&band, diff + i * (gint64)out->sample_size, target + i * (gint64)in->sample_size);
      }
  }
}
