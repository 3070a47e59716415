/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Element-wise functions, arithmetic of two tensors, softmax, reductions. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

static CnnActivationAttrs
plain (CnnActivation kind, float a, float b, float c)
{
  CnnActivationAttrs act = { .kind = kind, .a = a, .b = b, .c = c };

  return act;
}

static CnnActivationAttrs
gelu (const CnnOnnxNode *node)
{
  g_autofree char *approximate = cnn_onnx_attr_string (node, "approximate");

  return plain (g_strcmp0 (approximate, "tanh") == 0 ? CNN_ACT_GELU_TANH : CNN_ACT_GELU_ERF, 0, 0, 0);
}

/* The format's functions in terms of ours; defaults are those the format states. */
static CnnActivationAttrs
activation_of (CnnOnnxContext *ctx)
{
  const CnnOnnxNode *node = ctx->node;
  float alpha;

  switch ((CnnOnnxUnary)ctx->op->parameter) {
  case CNN_ONNX_FUSED:
    return node->activation;
  case CNN_ONNX_RELU:
    return cnn_activation_relu ();
  case CNN_ONNX_LEAKY_RELU:
    return plain (CNN_ACT_RELU, INFINITY, cnn_onnx_attr_float (node, "alpha", 0.01f), 0);
  case CNN_ONNX_THRESHOLDED_RELU:
    return plain (CNN_ACT_RELU, INFINITY, 0, cnn_onnx_attr_float (node, "alpha", 1));
  case CNN_ONNX_ELU:
    return plain (CNN_ACT_ELU, cnn_onnx_attr_float (node, "alpha", 1), 1, 0);
  case CNN_ONNX_SELU:
    alpha = cnn_onnx_attr_float (node, "gamma", 1.05070102214813232421875f);
    return plain (CNN_ACT_ELU, alpha * cnn_onnx_attr_float (node, "alpha", 1.67326319217681884765625f), alpha,
                  0);
  case CNN_ONNX_SIGMOID:
    return plain (CNN_ACT_SIGMOID, 0, 0, 0);
  case CNN_ONNX_TANH:
    return plain (CNN_ACT_TANH, 0, 0, 0);
  case CNN_ONNX_SOFTPLUS:
    return plain (CNN_ACT_SOFTPLUS, 0, 0, 0);
  case CNN_ONNX_SOFTSIGN:
    return plain (CNN_ACT_SOFTSIGN, 0, 0, 0);
  case CNN_ONNX_HARD_SIGMOID:
    return plain (CNN_ACT_HARD_SIGMOID, cnn_onnx_attr_float (node, "alpha", 0.2f),
                  cnn_onnx_attr_float (node, "beta", 0.5f), 0);
  case CNN_ONNX_HARD_SWISH:
    return plain (CNN_ACT_HARD_SWISH, 0, 0, 0);
  case CNN_ONNX_SWISH:
    return plain (CNN_ACT_SWISH, cnn_onnx_attr_float (node, "alpha", 1), 0, 0);
  case CNN_ONNX_MISH:
    return plain (CNN_ACT_MISH, 0, 0, 0);
  case CNN_ONNX_GELU:
    return gelu (node);
  case CNN_ONNX_ERF:
    return plain (CNN_ACT_ERF, 0, 0, 0);
  case CNN_ONNX_EXP:
    return plain (CNN_ACT_EXP, 0, 0, 0);
  case CNN_ONNX_LOG:
    return plain (CNN_ACT_LOG, 0, 0, 0);
  case CNN_ONNX_SQRT:
    return plain (CNN_ACT_SQRT, 0, 0, 0);
  case CNN_ONNX_ABS:
    return plain (CNN_ACT_ABS, 0, 0, 0);
  case CNN_ONNX_NEG:
    return plain (CNN_ACT_LINEAR, -1, 0, 0);
  case CNN_ONNX_RECIPROCAL:
    return plain (CNN_ACT_POWER, -1, 0, 0);
  case CNN_ONNX_SIGN:
    return plain (CNN_ACT_SIGN, 0, 0, 0);
  case CNN_ONNX_FLOOR:
    return plain (CNN_ACT_FLOOR, 0, 0, 0);
  case CNN_ONNX_CEIL:
    return plain (CNN_ACT_CEIL, 0, 0, 0);
  case CNN_ONNX_ROUND:
    return plain (CNN_ACT_ROUND, 0, 0, 0);
  case CNN_ONNX_SIN:
    return plain (CNN_ACT_SIN, 0, 0, 0);
  case CNN_ONNX_COS:
    return plain (CNN_ACT_COS, 0, 0, 0);
  case CNN_ONNX_TAN:
    return plain (CNN_ACT_TAN, 0, 0, 0);
  case CNN_ONNX_ASIN:
    return plain (CNN_ACT_ASIN, 0, 0, 0);
  case CNN_ONNX_ACOS:
    return plain (CNN_ACT_ACOS, 0, 0, 0);
  case CNN_ONNX_ATAN:
    return plain (CNN_ACT_ATAN, 0, 0, 0);
  case CNN_ONNX_SINH:
    return plain (CNN_ACT_SINH, 0, 0, 0);
  case CNN_ONNX_COSH:
    return plain (CNN_ACT_COSH, 0, 0, 0);
  case CNN_ONNX_ASINH:
    return plain (CNN_ACT_ASINH, 0, 0, 0);
  case CNN_ONNX_ACOSH:
    return plain (CNN_ACT_ACOSH, 0, 0, 0);
  case CNN_ONNX_ATANH:
    return plain (CNN_ACT_ATANH, 0, 0, 0);
  case CNN_ONNX_SHRINK:
    return plain (CNN_ACT_SHRINK, cnn_onnx_attr_float (node, "lambd", 0.5f),
                  cnn_onnx_attr_float (node, "bias", 0), 0);
  case CNN_ONNX_NOT:
  default:
    return plain (CNN_ACT_LINEAR, -1, 1, 0);
  }
}

guint
cnn_onnx_emit_activation (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .activation = activation_of (ctx) };

  return cnn_onnx_add1 (ctx, CNN_OP_ACTIVATION, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

/* Celu is ELU in a stretched variable: a·elu (x/a). */
guint
cnn_onnx_emit_celu (CnnOnnxContext *ctx, GError **error)
{
  float alpha = cnn_onnx_attr_float (ctx->node, "alpha", 1);
  guint x = cnn_onnx_in_value (ctx, 0, error);

  if (alpha != 1)
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, 1 / alpha, 0, 0, error);
  return cnn_onnx_add_activation (ctx, x, CNN_ACT_ELU, alpha, alpha, 0, error);
}

static gboolean
clip_bound (CnnOnnxContext *ctx, guint i, const char *name, double standard, double *bound, GError **error)
{
  CnnOnnxArray *array;

  if (!cnn_onnx_in_array (ctx, i, &array, error))
    return FALSE;
  *bound = array != NULL && array->count == 1 ? cnn_onnx_array_get (array, 0)
           : ctx->graph->opset < 11           ? (double)cnn_onnx_attr_float (ctx->node, name, (float)standard)
                                              : standard;
  if (fabs (*bound) > 3e38)
    *bound = standard;
  return TRUE;
}

guint
cnn_onnx_emit_clip (CnnOnnxContext *ctx, GError **error)
{
  double least, most;
  guint x = cnn_onnx_in_value (ctx, 0, error);

  if (!clip_bound (ctx, 1, "min", (double)-INFINITY, &least, error) ||
      !clip_bound (ctx, 2, "max", (double)INFINITY, &most, error))
    return CNN_NO_VALUE;
  if (isinf (least) && isinf (most))
    return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, x, error);
  if (least == 0 && most > 0) /* a rectifier, which the modifiers gate */
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_RELU, (float)most, 0, 0, error);
  return cnn_onnx_add_activation (ctx, x, CNN_ACT_CLIP, (float)least, (float)most, 0, error);
}

/* Older exporters wrote one slope a channel as [C], which the format would align with the last axis. */
guint
cnn_onnx_emit_prelu (CnnOnnxContext *ctx, GError **error)
{
  g_autoptr (CnnTensor) slope = cnn_onnx_in_tensor (ctx, 1, error), shaped = NULL;
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnShape shape;
  guint inputs[2];

  if (slope == NULL || in == NULL)
    return slope == NULL ? CNN_NO_VALUE : cnn_onnx_refuse (ctx, error, _ ("has no input"));
  shape = slope->shape;
  if (shape.rank == 1 && in->rank > 2 && shape.dims[0] == in->dims[1] &&
      (shape.dims[0] != in->dims[in->rank - 1] || ctx->graph->opset < 7)) {
    shape.rank = in->rank - 1;
    for (guint i = 1; i < shape.rank; i++)
      shape.dims[i] = 1;
  }
  shaped = cnn_tensor_reshape (slope, &shape);
  cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[1]->name, slope, TRUE);
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, shaped);
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  return cnn_onnx_add (ctx, CNN_OP_PRELU, NULL, inputs, 2, error);
}

/* Softmax, its logarithm or Hardmax along an axis. */
static guint
add_along (CnnOnnxContext *ctx, guint x, guint axis, GError **error)
{
  CnnOpAttrs soft = { .softmax = { axis, ctx->op->parameter == CNN_ONNX_LOG_SOFTMAX } },
             hard = { .along = { .kind = CNN_ALONG_ONE_HOT, .axis = axis } };

  if (ctx->op->parameter == CNN_ONNX_HARDMAX)
    return cnn_onnx_add1 (ctx, CNN_OP_ALONG, &hard, x, error);
  return cnn_onnx_add1 (ctx, CNN_OP_SOFTMAX, &soft, x, error);
}

/* Up to version 12 everything from the axis on is one row. */
guint
cnn_onnx_emit_softmax (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  gboolean rows = ctx->graph->opset < 13;
  CnnShape flat, whole;
  guint axis, last, x = cnn_onnx_in_value (ctx, 0, error);

  if (in == NULL || !cnn_shape_axis (in, cnn_onnx_attr_int (ctx->node, "axis", rows ? 1 : -1), &axis))
    return cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
  for (last = axis; rows && last + 1 < in->rank && in->dims[last] == 1;)
    last++;
  if (!rows || cnn_shape_size_from (in, last + 1) == 1)
    return add_along (ctx, x, rows ? last : axis, error);
  whole = flat = *in;
  flat.rank = axis + 1;
  flat.dims[axis] = (gint64)cnn_shape_size_from (in, axis);
  x = cnn_onnx_add_reshape (ctx, x, &flat, error);
  x = add_along (ctx, x, axis, error);
  return cnn_onnx_add_reshape (ctx, x, &whole, error);
}

static CnnBinaryKind
binary_kind (int parameter)
{
  switch (parameter) {
  case CNN_ONNX_SUB:
    return CNN_BINARY_SUB;
  case CNN_ONNX_MUL:
    return CNN_BINARY_MUL;
  case CNN_ONNX_DIV:
    return CNN_BINARY_DIV;
  case CNN_ONNX_MAX:
    return CNN_BINARY_MAX;
  case CNN_ONNX_MIN:
    return CNN_BINARY_MIN;
  case CNN_ONNX_POW:
    return CNN_BINARY_POW;
  default: /* sums and means */
    return CNN_BINARY_ADD;
  }
}

static gboolean
is_constant (CnnOnnxContext *ctx, guint i)
{
  return cnn_onnx_has_input (ctx, i) && cnn_onnx_edge_is_constant (ctx->node->inputs[i]);
}

/* x op c and c op x with one number c, as an element-wise function; CNN_NO_VALUE without an error where it is
 * none. */
static guint
binary_scalar (CnnOnnxContext *ctx, guint x, gboolean swapped, float c, GError **error)
{
  switch (ctx->op->parameter) {
  case CNN_ONNX_ADD:
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, 1, c, 0, error);
  case CNN_ONNX_SUB:
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, swapped ? -1 : 1, swapped ? c : -c, 0, error);
  case CNN_ONNX_MUL:
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, c, 0, 0, error);
  case CNN_ONNX_DIV:
    if (swapped || c == 0)
      return CNN_NO_VALUE;
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, 1 / c, 0, 0, error);
  case CNN_ONNX_POW:
    if (swapped)
      return CNN_NO_VALUE;
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_POWER, c, 0, 0, error);
  case CNN_ONNX_MAX:
    if (c != 0)
      return CNN_NO_VALUE;
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_RELU, INFINITY, 0, 0, error);
  default:
    return CNN_NO_VALUE;
  }
}

/* Whether the constant has one number a channel of an image. */
static gboolean
is_per_channel (const CnnShape *x, const CnnShape *c)
{
  guint offset;

  if (x == NULL || x->rank < 3 || c->rank > x->rank || c->rank + 1 < x->rank)
    return FALSE;
  offset = x->rank - c->rank;
  for (guint i = 0; i < c->rank; i++)
    if (c->dims[i] != (i + offset == 1 ? x->dims[1] : 1))
      return FALSE;
  return TRUE;
}

/* x + c, x - c, x·c, x/c with one number a channel: a scale and shift that a convolution before it takes in.
 */
static guint
binary_channels (CnnOnnxContext *ctx, guint x, guint constant, CnnTensor *tensor, GError **error)
{
  g_autofree float *c = cnn_tensor_dup_data (tensor);
  CnnShape shape = { .rank = 1, .dims = { (gint64)cnn_shape_size (&tensor->shape) } };
  float *scale = g_new (float, shape.dims[0]), *shift = g_new (float, shape.dims[0]);
  g_autoptr (CnnTensor) scales = NULL, shifts = NULL;
  CnnOpAttrs attrs = { .batch_norm = { .axis = 1 } };
  guint inputs[3] = { x, CNN_NO_VALUE, CNN_NO_VALUE };

  for (gint64 i = 0; i < shape.dims[0]; i++) {
    scale[i] = ctx->op->parameter == CNN_ONNX_MUL ? c[i] : ctx->op->parameter == CNN_ONNX_DIV ? 1 / c[i] : 1;
    shift[i] = ctx->op->parameter == CNN_ONNX_ADD ? c[i] : ctx->op->parameter == CNN_ONNX_SUB ? -c[i] : 0;
  }
  scales = cnn_tensor_new_take (&shape, scale);
  shifts = cnn_tensor_new_take (&shape, shift);
  cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[constant]->name, tensor, TRUE);
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, scales);
  inputs[2] = cnn_onnx_add_constant (ctx, NULL, shifts);
  return cnn_onnx_add (ctx, CNN_OP_BATCH_NORM, &attrs, inputs, 3, error);
}

/* Before version 7 the second operand was aligned with the axis that an attribute names. */
static gboolean
align_operand (CnnOnnxContext *ctx, CnnShape *shape, GError **error)
{
  const CnnShape *x = cnn_onnx_in_shape (ctx, 0);
  guint axis;

  if (ctx->graph->opset >= 7 || cnn_onnx_attr_find (ctx->node, "axis") == NULL || x == NULL)
    return TRUE;
  if (!cnn_shape_axis (x, cnn_onnx_attr_int (ctx->node, "axis", 0), &axis) || axis + shape->rank > x->rank) {
    cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
    return FALSE;
  }
  for (guint rank = x->rank - axis; shape->rank < rank;)
    shape->dims[shape->rank++] = 1;
  return TRUE;
}

/* One operand constant: the simplest form of it. */
static guint
binary_constant (CnnOnnxContext *ctx, guint constant, GError **error)
{
  g_autoptr (CnnTensor) raw = cnn_onnx_in_tensor (ctx, constant, error), tensor = NULL;
  const CnnShape *shape = cnn_onnx_in_shape (ctx, 1 - constant);
  guint x = cnn_onnx_in_value (ctx, 1 - constant, error), inputs[2], result = CNN_NO_VALUE;
  CnnOpAttrs attrs = { .binary = { .kind = binary_kind (ctx->op->parameter) } };
  int op = ctx->op->parameter;
  CnnShape aligned;

  if (raw == NULL || x == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  aligned = raw->shape;
  if (constant == 1 && !align_operand (ctx, &aligned, error))
    return CNN_NO_VALUE;
  tensor = cnn_tensor_reshape (raw, &aligned);
  if (cnn_shape_size (&aligned) == 1 && (aligned.rank == 0 || (shape != NULL && aligned.rank <= shape->rank)))
    result = binary_scalar (ctx, x, constant == 0, *tensor->data, error);
  else if ((op == CNN_ONNX_ADD || op == CNN_ONNX_MUL ||
            (constant == 1 && (op == CNN_ONNX_SUB || op == CNN_ONNX_DIV))) &&
           is_per_channel (shape, &aligned))
    result = binary_channels (ctx, x, constant, tensor, error);
  if (result != CNN_NO_VALUE || (error != NULL && *error != NULL))
    return result;
  if (ctx->node->inputs[constant]->initializer != NULL)
    cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[constant]->name, tensor, TRUE);
  inputs[1 - constant] = x;
  inputs[constant] = cnn_onnx_add_constant (ctx, ctx->node->inputs[constant]->name, tensor);
  return cnn_onnx_add (ctx, CNN_OP_BINARY, &attrs, inputs, 2, error);
}

guint
cnn_onnx_emit_binary (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .binary = { .kind = binary_kind (ctx->op->parameter) } };
  guint inputs[2];

  if (is_constant (ctx, 0) != is_constant (ctx, 1))
    return binary_constant (ctx, is_constant (ctx, 0) ? 0 : 1, error);
  for (guint i = 0; i < 2; i++) {
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, CNN_OP_BINARY, &attrs, inputs, 2, error);
}

guint
cnn_onnx_emit_variadic (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .binary = { .kind = binary_kind (ctx->op->parameter) } };
  guint n = ctx->node->n_inputs, sum;

  if (n == 2 && is_constant (ctx, 0) != is_constant (ctx, 1) && ctx->op->parameter != CNN_ONNX_MEAN)
    return binary_constant (ctx, is_constant (ctx, 0) ? 0 : 1, error);
  sum = cnn_onnx_in_value (ctx, 0, error);
  if (n == 1)
    return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, sum, error);
  for (guint i = 1; i < n && sum != CNN_NO_VALUE; i++) {
    guint inputs[2] = { sum, cnn_onnx_in_value (ctx, i, error) };

    if (inputs[1] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
    sum = cnn_onnx_add (ctx, CNN_OP_BINARY, &attrs, inputs, 2, error);
  }
  if (ctx->op->parameter == CNN_ONNX_MEAN)
    return cnn_onnx_add_activation (ctx, sum, CNN_ACT_LINEAR, 1.0f / (float)n, 0, 0, error);
  return sum;
}

gboolean
cnn_onnx_reduce_axes (CnnOnnxContext *ctx, const CnnShape *in, CnnOpAttrs *attrs, gboolean *nothing,
                      GError **error)
{
  g_autoptr (GArray) axes = NULL;
  guint seen = 0;

  *nothing = FALSE;
  attrs->reduce.keep_dims = cnn_onnx_attr_int (ctx->node, "keepdims", 1) != 0;
  if (!cnn_onnx_in_ints (ctx, 1, "axes", &axes, error))
    return FALSE;
  if (axes == NULL || axes->len == 0) {
    *nothing = cnn_onnx_attr_int (ctx->node, "noop_with_empty_axes", 0) != 0;
    for (guint i = 0; i < in->rank; i++)
      attrs->reduce.axes[attrs->reduce.n_axes++] = i;
    return TRUE;
  }
  for (guint i = 0; i < axes->len; i++) {
    guint axis;

    if (!cnn_shape_axis (in, g_array_index (axes, gint64, i), &axis) || (seen & 1u << axis)) {
      cnn_onnx_refuse (ctx, error, _ ("reduces the axis %" PRId64 ", which its input does not have"),
                       g_array_index (axes, gint64, i));
      return FALSE;
    }
    seen |= 1u << axis;
    attrs->reduce.axes[attrs->reduce.n_axes++] = axis;
  }
  return TRUE;
}

guint
cnn_onnx_emit_reduce (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .reduce = { .kind = (CnnReduceKind)ctx->op->parameter } };
  gboolean nothing;

  if (in == NULL)
    return cnn_onnx_refuse (ctx, error, _ ("has no input"));
  if (!cnn_onnx_reduce_axes (ctx, in, &attrs, &nothing, error))
    return CNN_NO_VALUE;
  return cnn_onnx_add1 (ctx, nothing ? CNN_OP_IDENTITY : CNN_OP_REDUCE, nothing ? NULL : &attrs,
                        cnn_onnx_in_value (ctx, 0, error), error);
}

/* log (sum (e^x)) with the largest x taken out, as else e^x would overflow. */
static guint
log_sum_exp (CnnOnnxContext *ctx, guint x, const CnnOpAttrs *reduce, GError **error)
{
  CnnOpAttrs most = *reduce, sum = *reduce, minus = { .binary = { .kind = CNN_BINARY_SUB } },
             plus = { .binary = { .kind = CNN_BINARY_ADD } };
  guint largest, inputs[2] = { x, CNN_NO_VALUE };

  most.reduce.kind = CNN_REDUCE_MAX;
  most.reduce.keep_dims = TRUE;
  inputs[1] = cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &most, x, error);
  if (inputs[1] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  x = cnn_onnx_add (ctx, CNN_OP_BINARY, &minus, inputs, 2, error);
  x = cnn_onnx_add_activation (ctx, x, CNN_ACT_EXP, 0, 0, 0, error);
  x = cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &sum, x, error);
  x = cnn_onnx_add_activation (ctx, x, CNN_ACT_LOG, 0, 0, 0, error);
  most.reduce.keep_dims = reduce->reduce.keep_dims;
  largest = cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &most, inputs[0], error);
  inputs[0] = x;
  inputs[1] = largest;
  return x == CNN_NO_VALUE || largest == CNN_NO_VALUE
             ? CNN_NO_VALUE
             : cnn_onnx_add (ctx, CNN_OP_BINARY, &plus, inputs, 2, error);
}

guint
cnn_onnx_emit_reduce_of (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .reduce = { .kind = CNN_REDUCE_SUM } };
  gboolean nothing;
  guint x;

  if (in == NULL)
    return cnn_onnx_refuse (ctx, error, _ ("has no input"));
  if (!cnn_onnx_reduce_axes (ctx, in, &attrs, &nothing, error))
    return CNN_NO_VALUE;
  if (nothing)
    return cnn_onnx_unsupported (ctx, error, _ ("%s over no axes"), ctx->node->type);
  x = cnn_onnx_in_value (ctx, 0, error);
  switch ((CnnOnnxReduce)ctx->op->parameter) {
  case CNN_ONNX_REDUCE_LOG_SUM_EXP:
    return x == CNN_NO_VALUE ? x : log_sum_exp (ctx, x, &attrs, error);
  case CNN_ONNX_REDUCE_LOG_SUM:
    x = cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, x, error);
    return cnn_onnx_add_activation (ctx, x, CNN_ACT_LOG, 0, 0, 0, error);
  case CNN_ONNX_REDUCE_L1:
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_ABS, 0, 0, 0, error);
    return cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, x, error);
  case CNN_ONNX_REDUCE_SUM_SQUARE:
  default:
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_POWER, 2, 0, 0, error);
    return cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, x, error);
  }
}

/* A known condition: each number of the result comes from one of the two, so that they are masked and added.
 */
guint
cnn_onnx_emit_where (CnnOnnxContext *ctx, GError **error)
{
  guint inputs[3];

  for (guint i = 0; i < 3; i++) {
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, CNN_OP_SELECT, NULL, inputs, 3, error);
}

guint
cnn_onnx_emit_identity (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxNode *node = ctx->node;

  if (node->n_outputs > 1 && node->outputs[1] != NULL && node->outputs[1]->consumers->len > 0)
    return cnn_onnx_unsupported (ctx, error, _ ("%s with a mask"), node->type);
  return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, cnn_onnx_in_value (ctx, 0, error), error);
}

/* To whole numbers: towards zero. */
static guint
add_truncation (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs times = { .binary = { .kind = CNN_BINARY_MUL } };
  guint x = cnn_onnx_in_value (ctx, 0, error), size, inputs[2];

  size = cnn_onnx_add_activation (ctx, x, CNN_ACT_ABS, 0, 0, 0, error);
  inputs[0] = cnn_onnx_add_activation (ctx, x, CNN_ACT_SIGN, 0, 0, 0, error);
  inputs[1] = cnn_onnx_add_activation (ctx, size, CNN_ACT_FLOOR, 0, 0, 0, error);
  if (inputs[0] == CNN_NO_VALUE || inputs[1] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  return cnn_onnx_add (ctx, CNN_OP_BINARY, &times, inputs, 2, error);
}

guint
cnn_onnx_emit_cast (CnnOnnxContext *ctx, GError **error)
{
  int to = (int)cnn_onnx_attr_int (ctx->node, "to", CNN_ONNX_FLOAT);

  if (to == CNN_ONNX_BOOL)
    return cnn_onnx_emit_truth (ctx, error);
  if (!cnn_onnx_type_is_float (to))
    return add_truncation (ctx, error);
  return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, cnn_onnx_in_value (ctx, 0, error), error);
}
