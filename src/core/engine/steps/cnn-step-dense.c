/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense layers: a matrix product on oneDNN straight from the file's memory, whichever way round the weights
 * lie there. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"
#include "engine/kernels/cnn-thin-product.h"

typedef struct {
  const float *weights;
  gboolean rows_are_outputs; /* (out, in) in memory, else (in, out) */
  const float *bias;
  gint64 inputs, outputs;
} DenseState;

static gboolean
dense_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  DenseState *state = g_new0 (DenseState, 1);
  const CnnTensor *weights = cnn_plan_constant (plan, step->op, 1),
                  *bias = cnn_plan_constant (plan, step->op, 2);

  step->state = state;
  state->outputs = weights->shape.dims[0];
  state->inputs = weights->shape.dims[1];
  if (weights->strides[0] == 1 && weights->strides[1] == state->outputs && state->outputs > 1) {
    state->weights = weights->data;
  } else {
    state->weights = cnn_plan_plain_floats (plan, weights);
    state->rows_are_outputs = TRUE;
  }
  state->bias = bias != NULL ? cnn_plan_plain_floats (plan, bias) : NULL;
  step->inputs[0] = cnn_plan_in_block (plan, step->inputs[0], 1);
  return TRUE;
}

/* One row against (out, in): independent dot products. */
static void
product_by_rows (const DenseState *state, const float *x, float *y)
{
#pragma omp parallel for if (state->inputs * state->outputs > 65536)
  for (gint64 o = 0; o < state->outputs; o++) {
    const float *w = state->weights + o * state->inputs;
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (gint64 i = 0; i < state->inputs; i++)
      sum += w[i] * x[i];
    y[o] = sum;
  }
}

/* y (n, columns) = x (n, rows) times a matrix in memory as (rows, columns) or its transpose. */
static void
product (const float *matrix, gboolean transposed, const float *x, float *y, gint64 n, gint64 rows,
         gint64 columns)
{
  dnnl_status_t status;

  if (transposed && cnn_thin_product_suits (n)) {
    cnn_thin_product (matrix, x, y, n, rows, columns);
    return;
  }
  status = dnnl_sgemm ('N', transposed ? 'T' : 'N', n, columns, rows, 1, x, rows, matrix,
                       transposed ? rows : columns, 0, y, columns);
  if (status != dnnl_success)
    g_critical ("oneDNN could not multiply matrices: status %d", (int)status);
}

static void
add_bias (const DenseState *state, float *y, gint64 rows)
{
  for (gint64 n = 0; n < rows && state->bias != NULL; n++)
    for (gint64 o = 0; o < state->outputs; o++)
      y[n * state->outputs + o] += state->bias[o];
}

static void
dense_forward (CnnPlan *plan, CnnStep *step)
{
  const DenseState *state = step->state;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 rows = (gint64)in->sample_size * in->n / state->inputs;

  if (rows == 1 && state->rows_are_outputs)
    product_by_rows (state, in->data, out->data);
  else
    product (state->weights, state->rows_are_outputs, in->data, out->data, rows, state->inputs,
             state->outputs);
  add_bias (state, out->data, rows);
}

static void
dense_backward (CnnBackward *backward, CnnStep *step, gpointer unused)
{
  const DenseState *state = step->state;
  const CnnSlot *in = cnn_plan_slot (backward->plan, step->inputs[0]);
  gint64 rows = (gint64)in->sample_size * in->n / state->inputs / backward->plan->batch * backward->batch;
  DenseState turned = *state;
  float *target;

  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
  turned.inputs = state->outputs;
  turned.outputs = state->inputs;
  if (rows == 1 && !state->rows_are_outputs)
    product_by_rows (&turned, backward->diffs[step->output], target);
  else
    product (state->weights, !state->rows_are_outputs, backward->diffs[step->output], target, rows,
             state->outputs, state->inputs);
  cnn_backward_commit (backward, step->inputs[0], target);
}

const CnnStepClass cnn_step_class_dense = {
  .compile = dense_compile,
  .forward = dense_forward,
  .backward = dense_backward,
  .free_state = g_free,
};
