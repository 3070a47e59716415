/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps that go through memory once, whatever the block: activations, batch normalisation, sums. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

#include <string.h>

/* Floats that one turn of a parallel loop takes: fits the first-level cache. */
#define CHUNK 4096

static gboolean
keeps_zero (const CnnActivationAttrs *act)
{
  float zero = 0, y = 0;

  if (act == NULL)
    return TRUE;
  cnn_activation_forward (act, &zero, &y, 1);
  return y == 0;
}

static gint64
backward_rows (CnnBackward *backward, const CnnSlot *slot)
{
  return slot->n / backward->plan->batch * backward->batch;
}

/* activation: any function on its own */

static gboolean
activation_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), cnn_plan_slot (plan, step->inputs[0])->block);
  return TRUE;
}

static void
activation_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnActivationAttrs *act = &step->op->attrs.activation;
  gint64 total = (gint64)out->sample_size * out->n;

#pragma omp parallel for if (total > 2 * CHUNK)
  for (gint64 i = 0; i < total; i += CHUNK)
    cnn_activation_forward (act, in->data + i, out->data + i, (gsize)MIN (CHUNK, total - i));
  if (!keeps_zero (act))
    cnn_slot_clear_tail (out, out->data, out->n);
}

static void
activation_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  const CnnActivationAttrs *act = &step->op->attrs.activation;
  gint64 rows = backward_rows (backward, out), chunks = ((gint64)out->sample_size + CHUNK - 1) / CHUNK;
  float *target;

  if (cnn_activation_is_rectifier (act))
    backward->gates.gated++;
  else if (act->kind != CNN_ACT_LINEAR)
    backward->gates.smooth++;
  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
#pragma omp parallel for collapse(2) if (rows * chunks > 2)
  for (gint64 row = 0; row < rows; row++)
    for (gint64 i = 0; i < chunks; i++) {
      gsize at = (gsize)(i * CHUNK), n = (gsize)MIN (CHUNK, (gint64)out->sample_size - i * CHUNK);

      cnn_activation_backward (act, cnn_backward_row (backward, step->inputs[0], (guint)row) + at,
                               cnn_backward_row (backward, step->output, (guint)row) + at,
                               backward->diffs[step->output] + (gsize)row * out->sample_size + at,
                               backward->modifier, target + (gsize)row * out->sample_size + at, n);
    }
  cnn_backward_commit (backward, step->inputs[0], target);
}

const CnnStepClass cnn_step_class_activation = {
  .compile = activation_compile,
  .forward = activation_forward,
  .backward = activation_backward,
};

/* affine: x·scale + shift by channel, then a fused activation */

typedef struct {
  float *scale, *shift; /* filled up with zeros to whole blocks */
} AffineState;

static float *
padded_channels (const CnnTensor *tensor, gint64 c)
{
  float *data = g_new0 (float, (gsize)c + 32);

  cnn_tensor_read (tensor, data);
  return data;
}

static gboolean
affine_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  AffineState *state = g_new0 (AffineState, 1);
  CnnSlot *out = cnn_plan_slot (plan, step->output);

  step->state = state;
  state->scale = padded_channels (cnn_plan_constant (plan, step->op, 1), out->c);
  state->shift = padded_channels (cnn_plan_constant (plan, step->op, 2), out->c);
  cnn_slot_set_block (out, cnn_plan_slot (plan, step->inputs[0])->block);
  return TRUE;
}

/* One block of one sample: @space positions of @block channels. */
static void
affine_block (const float *x, const float *scale, const float *shift, float *y, gint64 space, guint block)
{
  for (gint64 s = 0; s < space; s++)
    for (guint lane = 0; lane < block; lane++)
      y[s * block + lane] = x[s * block + lane] * scale[lane] + (shift != NULL ? shift[lane] : 0);
}

static void
affine_plain (const float *x, float scale, float shift, float *y, gint64 space)
{
  for (gint64 s = 0; s < space; s++)
    y[s] = x[s] * scale + shift;
}

static void
affine_rows (const AffineState *state, const CnnSlot *slot, const float *x, gboolean with_shift, float *y,
             gint64 rows, const CnnActivationAttrs *act)
{
  gint64 space = slot->h * slot->w, blocks = (gint64)slot->sample_size / (space * slot->block);
  gsize size = (gsize)(space * slot->block);

#pragma omp parallel for if (rows * (gint64)slot->sample_size > 2 * CHUNK)
  for (gint64 i = 0; i < rows * blocks; i++) {
    gint64 c = i % blocks * slot->block;

    if (slot->block == 1)
      affine_plain (x + (gsize)i * size, state->scale[c], with_shift ? state->shift[c] : 0,
                    y + (gsize)i * size, space);
    else
      affine_block (x + (gsize)i * size, state->scale + c, with_shift ? state->shift + c : NULL,
                    y + (gsize)i * size, space, slot->block);
    if (act != NULL)
      cnn_activation_forward (act, y + (gsize)i * size, y + (gsize)i * size, size);
  }
}

static void
affine_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);

  affine_rows (step->state, out, in->data, TRUE, out->data, out->n, step->activation);
  if (!keeps_zero (step->activation))
    cnn_slot_clear_tail (out, out->data, out->n);
}

static void
affine_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  const CnnSlot *out = cnn_plan_slot (backward->plan, step->output);
  float *target;

  cnn_backward_gate (backward, step);
  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
  affine_rows (step->state, out, backward->diffs[step->output], FALSE, target, backward_rows (backward, out),
               NULL);
  cnn_backward_commit (backward, step->inputs[0], target);
}

static void
affine_free (gpointer data)
{
  AffineState *state = data;

  g_free (state->scale);
  g_free (state->shift);
  g_free (state);
}

const CnnStepClass cnn_step_class_affine = {
  .compile = affine_compile,
  .forward = affine_forward,
  .backward = affine_backward,
  .free_state = affine_free,
};

/* add: two activations of one shape, then a fused activation */

static gboolean
add_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  guint block =
      MAX (cnn_plan_slot (plan, step->inputs[0])->block, cnn_plan_slot (plan, step->inputs[1])->block);

  for (guint i = 0; i < 2; i++)
    step->inputs[i] = cnn_plan_in_block (plan, step->inputs[i], block);
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), block);
  return TRUE;
}

static void
add_forward (CnnPlan *plan, CnnStep *step)
{
  const CnnSlot *a = cnn_plan_slot (plan, step->inputs[0]), *b = cnn_plan_slot (plan, step->inputs[1]);
  const CnnSlot *out = cnn_plan_slot (plan, step->output);
  gint64 total = (gint64)out->sample_size * out->n;

#pragma omp parallel for if (total > 2 * CHUNK)
  for (gint64 i = 0; i < total; i += CHUNK) {
    gint64 n = MIN (CHUNK, total - i);
    const float *x = a->data + i, *z = b->data + i;
    float *y = out->data + i;

    for (gint64 k = 0; k < n; k++)
      y[k] = x[k] + z[k];
    if (step->activation != NULL)
      cnn_activation_forward (step->activation, y, y, (gsize)n);
  }
  if (!keeps_zero (step->activation))
    cnn_slot_clear_tail (out, out->data, out->n);
}

static void
add_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  const CnnSlot *out = cnn_plan_slot (backward->plan, step->output);

  cnn_backward_gate (backward, step);
  for (guint i = 0; i < 2; i++) {
    float *target;

    if (!cnn_backward_wants (backward, step->inputs[i]))
      continue;
    target = cnn_backward_target (backward, step->inputs[i]);
    memcpy (target, backward->diffs[step->output],
            (gsize)backward_rows (backward, out) * out->sample_size * sizeof (float));
    cnn_backward_commit (backward, step->inputs[i], target);
  }
}

const CnnStepClass cnn_step_class_add = { .compile = add_compile,
                                          .forward = add_forward,
                                          .backward = add_backward };
