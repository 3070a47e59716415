/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normalisations. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

/* x, scale, shift. */
static guint
add_normalize (CnnOnnxContext *ctx, const CnnOpAttrs *attrs, GError **error)
{
  guint inputs[3] = { CNN_NO_VALUE, CNN_NO_VALUE, CNN_NO_VALUE };

  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  if (inputs[0] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  for (guint i = 1; i < 3; i++) {
    g_autoptr (CnnTensor) tensor = NULL;

    if (!cnn_onnx_has_input (ctx, i))
      continue;
    tensor = cnn_onnx_in_tensor (ctx, i, error);
    if (tensor == NULL)
      return CNN_NO_VALUE;
    inputs[i] = cnn_onnx_add_weight (ctx, i, tensor, TRUE);
  }
  return cnn_onnx_add (ctx, CNN_OP_NORMALIZE, attrs, inputs, 3, error);
}

/* A batch normalisation by the statistics of the batch itself. Versions before 14 say so by further outputs.
 */
static gboolean
takes_own_statistics (CnnOnnxContext *ctx)
{
  return ctx->graph->opset < 14 ? ctx->node->n_outputs == 5
                                : cnn_onnx_attr_int (ctx->node, "training_mode", 0) != 0;
}

/* Pictures are taken one by one, which leaves each channel's statistics over space. TensorFlow's exporters
 * write a layer normalisation so, with what it normalises in the place of channels. */
static guint
add_own_statistics (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .normalize = { .epsilon = cnn_onnx_attr_float (ctx->node, "epsilon", 1e-5f) } };

  if (in == NULL || in->rank < 3 || in->dims[1] < 1 || in->dims[0] > 1)
    return cnn_onnx_unsupported (ctx, error, _ ("%s in training mode"), ctx->node->type);
  attrs.normalize.groups = in->dims[1];
  return add_normalize (ctx, &attrs, error);
}

/* "spatial" 0 of version 7: x·scale + shift with numbers of its own for each place. */
static guint
add_by_place (CnnOnnxContext *ctx, const guint inputs[3], GError **error)
{
  CnnOpAttrs multiply = { .binary = { .kind = CNN_BINARY_MUL } },
             add = { .binary = { .kind = CNN_BINARY_ADD } };
  guint sum[2] = { cnn_onnx_add (ctx, CNN_OP_BINARY, &multiply, inputs, 2, error), inputs[2] };

  return cnn_onnx_add (ctx, CNN_OP_BINARY, &add, sum, 2, error);
}

/* The statistics are folded into one scale and shift a channel, in double precision; the layer shows all
 * four. */
guint
cnn_onnx_emit_batch_norm (CnnOnnxContext *ctx, GError **error)
{
  double epsilon = (double)cnn_onnx_attr_float (ctx->node, "epsilon", 1e-5f);
  CnnOpAttrs attrs = { .batch_norm = { .axis = 1 } };
  g_autofree float *gamma = NULL, *beta = NULL, *mean = NULL, *variance = NULL;
  g_autoptr (CnnTensor) scale = NULL, shift = NULL;
  CnnShape shape = { 0 };
  guint inputs[3];
  gsize n = 0;

  if (takes_own_statistics (ctx))
    return add_own_statistics (ctx, error);
  for (guint i = 1; i < 5; i++) {
    g_autoptr (CnnTensor) tensor = cnn_onnx_in_tensor (ctx, i, error);
    float **to = i == 1 ? &gamma : i == 2 ? &beta : i == 3 ? &mean : &variance;

    if (tensor == NULL)
      return CNN_NO_VALUE;
    if (i > 1 && cnn_shape_size (&tensor->shape) != n)
      return cnn_onnx_refuse (ctx, error, _ ("has %zu numbers as “%s” where %zu were expected"),
                              cnn_shape_size (&tensor->shape), ctx->node->inputs[i]->name, n);
    n = cnn_shape_size (&tensor->shape);
    shape = tensor->shape;
    *to = cnn_tensor_dup_data (tensor);
    cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[i]->name, tensor, i < 3);
  }
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  if (inputs[0] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  for (gsize i = 0; i < n; i++) {
    double factor = (double)gamma[i] / sqrt ((double)variance[i] + epsilon);

    beta[i] = (float)((double)beta[i] - (double)mean[i] * factor);
    gamma[i] = (float)factor;
  }
  scale = cnn_tensor_new_copy (&shape, gamma);
  shift = cnn_tensor_new_copy (&shape, beta);
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, scale);
  inputs[2] = cnn_onnx_add_constant (ctx, NULL, shift);
  if (cnn_onnx_attr_int (ctx->node, "spatial", 1) == 0)
    return add_by_place (ctx, inputs, error);
  return cnn_onnx_add (ctx, CNN_OP_BATCH_NORM, &attrs, inputs, 3, error);
}

guint
cnn_onnx_emit_instance_norm (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .normalize = { .epsilon = cnn_onnx_attr_float (ctx->node, "epsilon", 1e-5f) } };

  if (in == NULL || in->rank < 3 || in->dims[1] < 1)
    return cnn_onnx_refuse (ctx, error, _ ("has an input without spatial axes"));
  attrs.normalize.groups = in->dims[1];
  return add_normalize (ctx, &attrs, error);
}

/* (x - mean)/deviation over the spatial axes, or over all but the batch. */
guint
cnn_onnx_emit_mean_variance_norm (CnnOnnxContext *ctx, GError **error)
{
  static const gint64 standard[] = { 0, 2, 3 };
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .normalize = { .epsilon = 1e-18f } };
  guint axes = 0;
  gsize n;
  const gint64 *list = cnn_onnx_attr_ints (ctx->node, "axes", &n);

  if (in == NULL || in->rank != 4)
    return cnn_onnx_refuse (ctx, error, _ ("has an input without spatial axes"));
  if (list == NULL)
    n = G_N_ELEMENTS (standard);
  for (gsize i = 0; i < n; i++) {
    guint axis;

    if (!cnn_shape_axis (in, list != NULL ? list[i] : standard[i], &axis))
      return cnn_onnx_refuse (ctx, error, _ ("normalises an axis that its input does not have"));
    axes |= 1u << axis;
  }
  /* pictures are taken one by one, so that the batch's axis changes nothing */
  if ((axes | 1) != 13 && (axes | 1) != 15)
    return cnn_onnx_unsupported (ctx, error, "%s", ctx->node->type);
  attrs.normalize.groups = (axes & 2) != 0 ? 1 : in->dims[1];
  return add_normalize (ctx, &attrs, error);
}

/* x divided by its norm along an axis. */
guint
cnn_onnx_emit_lp_norm (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  gint64 p = cnn_onnx_attr_int (ctx->node, "p", 2);
  CnnOpAttrs sum = { .reduce = { .kind = p == 1 ? CNN_REDUCE_SUM : CNN_REDUCE_L2,
                                 .keep_dims = TRUE,
                                 .n_axes = 1 } },
             divide = { .binary = { .kind = CNN_BINARY_DIV } };
  guint inputs[2], x;

  if (in == NULL || !cnn_shape_axis (in, cnn_onnx_attr_int (ctx->node, "axis", -1), &sum.reduce.axes[0]))
    return cnn_onnx_refuse (ctx, error, _ ("normalises an axis that its input does not have"));
  if (p != 1 && p != 2)
    return cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "p", p);
  inputs[0] = x = cnn_onnx_in_value (ctx, 0, error);
  if (x != CNN_NO_VALUE && p == 1)
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_ABS, 0, 0, 0, error);
  inputs[1] = x != CNN_NO_VALUE ? cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &sum, x, error) : x;
  return inputs[1] == CNN_NO_VALUE ? inputs[1] : cnn_onnx_add (ctx, CNN_OP_BINARY, &divide, inputs, 2, error);
}

/* Up to version 20 scale and bias have one number a group. */
static guint
expand_groups (CnnOnnxContext *ctx, guint i, gint64 channels, GError **error)
{
  g_autoptr (CnnTensor) tensor = cnn_onnx_in_tensor (ctx, i, error), expanded = NULL;
  g_autofree float *from = NULL;
  CnnShape shape = { .rank = 1, .dims = { channels } };
  gsize n;
  float *data;

  if (tensor == NULL)
    return CNN_NO_VALUE;
  n = cnn_shape_size (&tensor->shape);
  if (n == (gsize)channels)
    return cnn_onnx_add_weight (ctx, i, tensor, TRUE);
  if (n == 0 || (gsize)channels % n != 0)
    return cnn_onnx_refuse (ctx, error, _ ("has %zu scales for %" PRId64 " channels"), n, channels);
  from = cnn_tensor_dup_data (tensor);
  data = g_new (float, channels);
  for (gint64 k = 0; k < channels; k++)
    data[k] = from[(gsize)k / ((gsize)channels / n)];
  expanded = cnn_tensor_new_take (&shape, data);
  cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[i]->name, tensor, TRUE);
  return cnn_onnx_add_constant (ctx, NULL, expanded);
}

guint
cnn_onnx_emit_group_norm (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .normalize = { .groups = cnn_onnx_attr_int (ctx->node, "num_groups", 0),
                                      .epsilon = cnn_onnx_attr_float (ctx->node, "epsilon", 1e-5f) } };
  guint inputs[3];

  if (in == NULL || in->rank < 3 || attrs.normalize.groups < 1)
    return cnn_onnx_refuse (ctx, error, _ ("has no groups of channels"));
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  for (guint i = 1; i < 3 && inputs[0] != CNN_NO_VALUE; i++) {
    inputs[i] = expand_groups (ctx, i, cnn_onnx_in_shape (ctx, 0)->dims[1], error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, CNN_OP_NORMALIZE, &attrs, inputs, 3, error);
}

guint
cnn_onnx_emit_layer_norm (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  const CnnOnnxNode *node = ctx->node;
  CnnOpAttrs attrs = {
    .normalize = { .epsilon = node->fused ? node->epsilon : cnn_onnx_attr_float (node, "epsilon", 1e-5f) }
  };

  if (in == NULL || !cnn_shape_axis (in, node->fused ? node->axis : cnn_onnx_attr_int (node, "axis", -1),
                                     &attrs.normalize.first_axis))
    return cnn_onnx_refuse (ctx, error, _ ("normalises an axis that its input does not have"));
  if (attrs.normalize.first_axis == 0)
    return cnn_onnx_unsupported (ctx, error, _ ("%s over the batch"), node->type);
  return add_normalize (ctx, &attrs, error);
}

guint
cnn_onnx_emit_lrn (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .lrn = { .size = cnn_onnx_attr_int (ctx->node, "size", 0),
                                .alpha = cnn_onnx_attr_float (ctx->node, "alpha", 1e-4f),
                                .beta = cnn_onnx_attr_float (ctx->node, "beta", 0.75f),
                                .bias = cnn_onnx_attr_float (ctx->node, "bias", 1) } };

  if (attrs.lrn.size < 1 || attrs.lrn.size > G_MAXINT32)
    return cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "size",
                            attrs.lrn.size);
  return cnn_onnx_add1 (ctx, CNN_OP_LRN, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}
