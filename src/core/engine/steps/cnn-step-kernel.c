/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps that run our own kernels on plain tensors, and the copies that change the block of channels. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

#include <string.h>

/* a change of block */

static void
convert_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);

  cnn_block_convert (in->data, in->block, out->data, out->block, in->n, in->c, in->h * in->w, FALSE);
}

static void
convert_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  const CnnSlot *in = cnn_plan_slot (backward->plan, step->inputs[0]),
                *out = cnn_plan_slot (backward->plan, step->output);
  gint64 rows = in->n / backward->plan->batch * backward->batch;
  float *target;

  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
  cnn_block_convert (backward->diffs[step->output], out->block, target, in->block, rows, in->c, in->h * in->w,
                     FALSE);
  cnn_backward_commit (backward, step->inputs[0], target);
}

const CnnStepClass cnn_step_class_convert = { .forward = convert_forward, .backward = convert_backward };

/* kernels */

typedef struct {
  const CnnKernel *kernel;
  CnnShape *in_shapes; /* of one sample */
  CnnShape out_shape;
  const float **constants; /* plain copies in the weight cache, NULL for activations */
} KernelState;

static gboolean
kernel_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  KernelState *state = g_new0 (KernelState, 1);

  step->state = state;
  state->kernel = cnn_kernel_for (step->op->kind);
  state->in_shapes = g_new0 (CnnShape, MAX (step->n_inputs, 3));
  state->constants = g_new0 (const float *, MAX (step->n_inputs, 3));
  state->out_shape = cnn_model_get_value (plan->model, step->op->output)->shape;
  for (guint i = 0; i < step->n_inputs; i++) {
    const CnnTensor *constant = cnn_plan_constant (plan, step->op, i);

    if (step->op->inputs[i] == CNN_NO_VALUE)
      continue;
    state->in_shapes[i] = cnn_model_get_value (plan->model, step->op->inputs[i])->shape;
    if (constant != NULL)
      state->constants[i] = cnn_plan_plain_floats (plan, constant);
    else if (step->inputs[i] != CNN_NO_SLOT)
      step->inputs[i] = cnn_plan_in_block (plan, step->inputs[i], 1);
  }
  return TRUE;
}

static gsize
sample_floats (CnnPlan *plan, const CnnSlot *slot)
{
  return slot->sample_size * (gsize)(slot->n / plan->batch);
}

static void
collect_inputs (CnnPlan *plan, CnnStep *step, const KernelState *state, guint sample, const float **in)
{
  for (guint i = 0; i < step->n_inputs; i++) {
    const CnnSlot *slot = step->inputs[i] == CNN_NO_SLOT ? NULL : cnn_plan_slot (plan, step->inputs[i]);

    in[i] = slot != NULL ? slot->data + sample * sample_floats (plan, slot) : state->constants[i];
  }
}

static void
kernel_forward (CnnPlan *plan, CnnStep *step)
{
  const KernelState *state = step->state;
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  CnnKernelArgs args = { step->op, state->in_shapes, &state->out_shape };

#pragma omp parallel for if (plan->batch > 1)
  for (guint b = 0; b < plan->batch; b++) {
    const float **in = g_new0 (const float *, MAX (step->n_inputs, 3));

    collect_inputs (plan, step, state, b, in);
    state->kernel->forward (&args, in, out->data + b * sample_floats (plan, out));
    g_free (in);
  }
}

static void
count_gates (CnnBackward *backward, const CnnOp *op)
{
  if (op->kind == CNN_OP_PRELU ||
      (op->kind == CNN_OP_ACTIVATION && cnn_activation_is_rectifier (&op->attrs.activation)))
    backward->gates.gated++;
  else if (op->kind == CNN_OP_ACTIVATION && op->attrs.activation.kind != CNN_ACT_LINEAR)
    backward->gates.smooth++;
}

static void
kernel_backward (CnnBackward *backward, CnnStep *step, gpointer unused)
{
  CnnPlan *plan = backward->plan;
  const KernelState *state = step->state;
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  CnnKernelArgs args = { step->op, state->in_shapes, &state->out_shape };

  count_gates (backward, step->op);
  for (guint which = 0; which < step->n_inputs; which++) {
    const CnnSlot *slot;
    float *target;

    if (state->kernel->backward == NULL || !cnn_backward_wants (backward, step->inputs[which]))
      continue;
    slot = cnn_plan_slot (plan, step->inputs[which]);
    target = cnn_backward_target (backward, step->inputs[which]);
#pragma omp parallel for if (backward->batch > 1)
    for (guint b = 0; b < backward->batch; b++) {
      const float **in = g_new0 (const float *, MAX (step->n_inputs, 3));

      collect_inputs (plan, step, state, b / backward->repeat, in);
      state->kernel->backward (&args, in, out->data + b / backward->repeat * sample_floats (plan, out),
                               backward->diffs[step->output] + b * sample_floats (plan, out), which,
                               backward->modifier, target + b * sample_floats (plan, slot));
      g_free (in);
    }
    cnn_backward_commit (backward, step->inputs[which], target);
  }
}

static void
kernel_free (gpointer data)
{
  KernelState *state = data;

  g_free (state->in_shapes);
  g_free (state->constants);
  g_free (state);
}

const CnnStepClass cnn_step_class_kernel = {
  .compile = kernel_compile,
  .forward = kernel_forward,
  .backward = kernel_backward,
  .free_state = kernel_free,
};
