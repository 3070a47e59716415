/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining along the channels, in whatever block the inputs come. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

#include <string.h>

static gboolean
concat_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  guint block = cnn_dnnl_block ();

  /* blocks that no input fills up evenly would have to be picked apart lane by lane */
  for (guint i = 0; i < step->n_inputs; i++)
    if (cnn_plan_slot (plan, step->inputs[i])->c % block != 0)
      block = 1;
  for (guint i = 0; i < step->n_inputs; i++)
    step->inputs[i] = cnn_plan_in_block (plan, step->inputs[i], block);
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), block);
  return TRUE;
}

static void
concat_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  gsize at = 0;

  for (guint i = 0; i < step->n_inputs; i++) {
    const CnnSlot *in = cnn_plan_slot (plan, step->inputs[i]);

#pragma omp parallel for if (in->sample_size * (gsize)in->n > 65536)
    for (gint64 n = 0; n < in->n; n++)
      memcpy (out->data + (gsize)n * out->sample_size + at, in->data + (gsize)n * in->sample_size,
              in->sample_size * sizeof (float));
    at += in->sample_size;
  }
}

static void
concat_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  gsize at = 0;

  for (guint i = 0; i < step->n_inputs; i++) {
    const CnnSlot *in = cnn_plan_slot (plan, step->inputs[i]);
    gint64 rows = in->n / plan->batch * backward->batch;

    if (cnn_backward_wants (backward, step->inputs[i])) {
      float *target = cnn_backward_target (backward, step->inputs[i]);

#pragma omp parallel for if (in->sample_size * (gsize)rows > 65536)
      for (gint64 n = 0; n < rows; n++)
        memcpy (target + (gsize)n * in->sample_size,
                backward->diffs[step->output] + (gsize)n * out->sample_size + at,
                in->sample_size * sizeof (float));
      cnn_backward_commit (backward, step->inputs[i], target);
    }
    at += in->sample_size;
  }
}

const CnnStepClass cnn_step_class_concat = { .compile = concat_compile,
                                             .forward = concat_forward,
                                             .backward = concat_backward };
