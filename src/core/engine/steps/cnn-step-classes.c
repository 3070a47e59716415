/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which class an operator is compiled to. Everything falls back to its kernel. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

static const CnnValue *
input_value (CnnPlan *plan, const CnnOp *op, guint input)
{
  return cnn_model_get_value (plan->model, op->inputs[input]);
}

static gboolean
is_image_of_activation (CnnPlan *plan, const CnnOp *op)
{
  const CnnValue *value = input_value (plan, op, 0);

  return value->constant == NULL && (value->shape.rank == 3 || value->shape.rank == 4);
}

static gboolean
is_constant_or_absent (CnnPlan *plan, const CnnOp *op, guint input)
{
  return op->inputs[input] == CNN_NO_VALUE || input_value (plan, op, input)->constant != NULL;
}

static gboolean
pool_suits (CnnPlan *plan, const CnnOp *op)
{
  const CnnWindow *window = &op->attrs.pool.window;
  const CnnShape *in = &input_value (plan, op, 0)->shape;

  if (!is_image_of_activation (plan, op))
    return FALSE;
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 begin, end, out, reach;

    if (window->dilation[i] != 1 || !cnn_window_resolve (window, i, in->dims[i + 2], &begin, &end, &out))
      return FALSE;
    /* windows that hang over the declared pad count differently, and oneDNN wants a pad below the kernel */
    reach = (out - 1) * window->stride[i] + window->kernel[i] - in->dims[i + 2] - begin;
    if (begin >= window->kernel[i] || reach >= window->kernel[i] ||
        (op->attrs.pool.kind == CNN_POOL_AVERAGE_PADDED && reach > end))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_mean_over_space (const CnnOp *op, const CnnShape *in)
{
  guint axes = 0, all = 0;

  if (op->attrs.reduce.kind != CNN_REDUCE_MEAN || in->rank < 3 || in->rank > 4)
    return FALSE;
  for (guint i = 0; i < op->attrs.reduce.n_axes; i++)
    axes |= 1u << op->attrs.reduce.axes[i];
  for (guint i = 2; i < in->rank; i++)
    all |= 1u << i;
  return axes == all;
}

static gboolean
is_plain_sum (CnnPlan *plan, const CnnOp *op)
{
  const CnnValue *a = input_value (plan, op, 0), *b = input_value (plan, op, 1);

  return op->attrs.binary.kind == CNN_BINARY_ADD && a->constant == NULL && b->constant == NULL &&
         cnn_shape_equal (&a->shape, &b->shape) && a->shape.rank >= 1;
}

static gboolean
joins_channels (CnnPlan *plan, const CnnOp *op)
{
  if (op->attrs.concat.axis != 1)
    return FALSE;
  for (guint i = 0; i < op->n_inputs; i++)
    if (input_value (plan, op, i)->constant != NULL || input_value (plan, op, i)->shape.rank < 2)
      return FALSE;
  return TRUE;
}

const CnnStepClass *
cnn_step_class_for (CnnPlan *plan, const CnnOp *op)
{
  gboolean from_activation = op->n_inputs > 0 && input_value (plan, op, 0)->constant == NULL;

  if (!from_activation && op->kind != CNN_OP_BINARY)
    return &cnn_step_class_kernel;
  switch (op->kind) {
  case CNN_OP_CONV:
    if (is_image_of_activation (plan, op) && is_constant_or_absent (plan, op, 1) &&
        is_constant_or_absent (plan, op, 2))
      return &cnn_step_class_conv;
    break;
  case CNN_OP_DENSE:
    if (is_constant_or_absent (plan, op, 1) && is_constant_or_absent (plan, op, 2))
      return &cnn_step_class_dense;
    break;
  case CNN_OP_POOL:
    if (pool_suits (plan, op))
      return &cnn_step_class_pool;
    break;
  case CNN_OP_BATCH_NORM:
    if (op->attrs.batch_norm.axis == 1 && is_constant_or_absent (plan, op, 1) &&
        is_constant_or_absent (plan, op, 2))
      return &cnn_step_class_affine;
    break;
  case CNN_OP_ACTIVATION:
    return &cnn_step_class_activation;
  case CNN_OP_BINARY:
    if (is_plain_sum (plan, op))
      return &cnn_step_class_add;
    break;
  case CNN_OP_CONCAT:
    if (joins_channels (plan, op))
      return &cnn_step_class_concat;
    break;
  case CNN_OP_REDUCE:
    if (is_mean_over_space (op, &input_value (plan, op, 0)->shape))
      return &cnn_step_class_space;
    break;
  default:
    break;
  }
  return &cnn_step_class_kernel;
}
