/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back to a picture of few channels. oneDNN fills such channels up to a whole block, which for 3
 * channels is five times the work; here a row of outputs becomes, by one matrix product, what each of its
 * places sends to each place of its window, and that is added up in the picture. */
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
  float *row, *sent; /* scratch: (columns, out), (columns, in, rows, columns of the kernel) */
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

/* Adds what row @y of the outputs sends to the rows of the band. */
static void
scatter_row (const Band *band, gint64 y, float *target)
{
  const CnnConvGeometry *g = band->g;
  gint64 rows = g->kernel[0], columns = g->kernel[1], reach = band->in->c * rows * columns;

  for (gint64 c = 0; c < band->in->c; c++)
    for (gint64 r = 0; r < rows; r++) {
      gint64 to_y = y * g->stride[0] - g->pad_begin[0] + r * (g->dilation[0] + 1);
      float *to = target + (c * band->in->h + to_y) * band->in->w;

      if (to_y < band->first || to_y >= band->last)
        continue;
      for (gint64 x = 0; x < band->out->w; x++) {
        const float *sent = band->sent + x * reach + (c * rows + r) * columns;
        gint64 to_x = x * g->stride[1] - g->pad_begin[1], step = g->dilation[1] + 1;

        for (gint64 k = 0; k < columns; k++, to_x += step)
          if (to_x >= 0 && to_x < band->in->w)
            to[to_x] += sent[k];
      }
    }
}

static void
run_band (const Band *band, const float *diff, float *target)
{
  const CnnConvGeometry *g = band->g;
  gint64 reach = band->in->c * g->kernel[0] * g->kernel[1];
  gint64 height = (g->kernel[0] - 1) * (g->dilation[0] + 1) + 1;

  for (gint64 c = 0; c < band->in->c; c++)
    memset (target + (c * band->in->h + band->first) * band->in->w, 0,
            (gsize)((band->last - band->first) * band->in->w) * sizeof (float));
  for (gint64 y = 0; y < band->out->h; y++) {
    gint64 top = y * g->stride[0] - g->pad_begin[0];

    if (top >= band->last || top + height <= band->first)
      continue;
    gather_row (band, diff, y);
    dnnl_sgemm ('N', 'N', band->out->w, reach, band->out->c, 1, band->row, band->out->c, band->weights, reach,
                0, band->sent, reach);
    scatter_row (band, y, target);
  }
}

void
cnn_conv_image_backward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n,
                         const float *diff, float *target)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const float *weights = cnn_conv_plain_weights (plan, step);
  gint64 reach = in->c * g->kernel[0] * g->kernel[1];
  gint64 bands = CLAMP (omp_get_max_threads () / n, 1, in->h);

#pragma omp parallel
  {
    g_autofree float *row = g_new (float, out->w * out->c), *sent = g_new (float, out->w *reach);
    Band band = { in, out, g, weights, 0, 0, row, sent };

#pragma omp for collapse(2)
    for (gint64 i = 0; i < n; i++)
      for (gint64 k = 0; k < bands; k++) {
        band.first = in->h * k / bands;
        band.last = in->h * (k + 1) / bands;
        run_band (&band, diff + i * (gint64)out->sample_size, target + i * (gint64)in->sample_size);
      }
  }
}
