/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over all of space (global average pooling), straight from blocked channels. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

static gboolean
space_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  return TRUE; /* the output is plain: with a space of 1 that is the same as any block, less the filling-up
                  lanes */
}

static void
space_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 space = in->h * in->w, block = in->block;

#pragma omp parallel for collapse(2) if (in->n * (gint64)in->sample_size > 65536)
  for (gint64 n = 0; n < in->n; n++)
    for (gint64 c = 0; c < in->c; c++) {
      const float *x = in->data + (gsize)n * in->sample_size + c / block * block * space + c % block;
      double sum = 0;

      for (gint64 s = 0; s < space; s++)
        sum += x[s * block];
      out->data[n * in->c + c] = (float)(sum / (double)space);
    }
}

static void
space_backward (CnnBackward *backward, CnnStep *step, gpointer unused)
{
  const CnnSlot *in = cnn_plan_slot (backward->plan, step->inputs[0]);
  gint64 space = in->h * in->w, block = in->block, blocks = (in->c + block - 1) / block;
  gint64 rows = in->n / backward->plan->batch * backward->batch;
  const float *diff = backward->diffs[step->output];
  float *target;

  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
#pragma omp parallel for collapse(2) if (rows * (gint64)in->sample_size > 65536)
  for (gint64 n = 0; n < rows; n++)
    for (gint64 b = 0; b < blocks; b++) {
      float *dx = target + (gsize)n * in->sample_size + b * block * space;

      for (gint64 s = 0; s < space; s++)
        for (gint64 lane = 0; lane < block; lane++)
          dx[s * block + lane] =
              b * block + lane < in->c ? diff[n * in->c + b * block + lane] / (float)space : 0;
    }
  cnn_backward_commit (backward, step->inputs[0], target);
}

const CnnStepClass cnn_step_class_space = { .compile = space_compile,
                                            .forward = space_forward,
                                            .backward = space_backward };
