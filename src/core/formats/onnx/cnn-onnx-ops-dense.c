/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gemm and MatMul. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>

static CnnTensor *
turned (CnnTensor *tensor)
{
  static const guint swap[] = { 1, 0 };

  return cnn_tensor_permute (tensor, swap);
}

static CnnTensor *
scaled (CnnTensor *tensor, float factor)
{
  float *data;

  if (factor == 1)
    return cnn_tensor_ref (tensor);
  data = cnn_tensor_dup_data (tensor);
  for (gsize i = 0; i < cnn_shape_size (&tensor->shape); i++)
    data[i] = (float)((double)data[i] * (double)factor);
  return cnn_tensor_new_take (&tensor->shape, data);
}

/* The third operand as a bias of @n numbers, or %NULL where it is a matrix of its own for each row. */
static CnnTensor *
bias_of (CnnTensor *c, gint64 n, float factor)
{
  CnnShape shape = { .rank = 1, .dims = { n } };
  g_autoptr (CnnTensor) flat = NULL;
  gsize count = cnn_shape_size (&c->shape);

  if (count == (gsize)n && (c->shape.rank == 0 || c->shape.dims[c->shape.rank - 1] == n)) {
    flat = cnn_tensor_reshape (c, &shape);
  } else if (count == 1) {
    g_autofree float *one = cnn_tensor_dup_data (c);
    float *data = g_new (float, MAX (n, 1));

    for (gint64 i = 0; i < n; i++)
      data[i] = *one;
    flat = cnn_tensor_new_take (&shape, data);
  } else
    return NULL;
  return scaled (flat, factor);
}

static guint
add_scaled (CnnOnnxContext *ctx, guint value, float factor, GError **error)
{
  if (factor == 1 || value == CNN_NO_VALUE)
    return value;
  return cnn_onnx_add_activation (ctx, value, CNN_ACT_LINEAR, factor, 0, 0, error);
}

static guint
add_binary (CnnOnnxContext *ctx, guint a, guint b, GError **error)
{
  CnnOpAttrs attrs = { .binary = { .kind = CNN_BINARY_ADD } };
  guint inputs[2] = { a, b };

  return a == CNN_NO_VALUE || b == CNN_NO_VALUE ? CNN_NO_VALUE
                                                : cnn_onnx_add (ctx, CNN_OP_BINARY, &attrs, inputs, 2, error);
}

/* A product of what is computed with what is computed (or a constant on the left). */
static guint
gemm_general (CnnOnnxContext *ctx, float alpha, float beta, GError **error)
{
  static const guint swap[] = { 1, 0 };
  CnnOpAttrs none = { 0 };
  guint inputs[2], product;

  for (guint i = 0; i < 2; i++) {
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] != CNN_NO_VALUE && cnn_onnx_attr_int (ctx->node, i == 0 ? "transA" : "transB", 0) != 0)
      inputs[i] = cnn_onnx_add_transpose (ctx, inputs[i], swap, 2, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  product = add_scaled (ctx, cnn_onnx_add (ctx, CNN_OP_MATMUL, &none, inputs, 2, error), alpha, error);
  if (product == CNN_NO_VALUE || !cnn_onnx_has_input (ctx, 2))
    return product;
  return add_binary (ctx, product, add_scaled (ctx, cnn_onnx_in_value (ctx, 2, error), beta, error), error);
}

/* Weights that are known: a dense layer, its bias where it is one number an output. */
static guint
dense (CnnOnnxContext *ctx, guint x, CnnTensor *weight, CnnTensor *c, float beta, GError **error)
{
  g_autoptr (CnnTensor) bias = c != NULL ? bias_of (c, weight->shape.dims[0], beta) : NULL;
  CnnOpAttrs none = { 0 };
  guint inputs[3] = { x, CNN_NO_VALUE, CNN_NO_VALUE }, y;

  if (x == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  inputs[1] = cnn_onnx_add_weight (ctx, 1, weight, TRUE);
  if (bias != NULL)
    inputs[2] = cnn_onnx_add_weight (ctx, 2, bias, TRUE);
  y = cnn_onnx_add (ctx, CNN_OP_DENSE, &none, inputs, bias != NULL ? 3 : 2, error);
  if (c != NULL && bias == NULL && y != CNN_NO_VALUE) {
    g_autoptr (CnnTensor) whole = scaled (c, beta);

    y = add_binary (ctx, y, cnn_onnx_add_weight (ctx, 2, whole, TRUE), error);
  }
  return y;
}

guint
cnn_onnx_emit_gemm (CnnOnnxContext *ctx, GError **error)
{
  static const guint swap[] = { 1, 0 };
  float alpha = cnn_onnx_attr_float (ctx->node, "alpha", 1),
        beta = cnn_onnx_attr_float (ctx->node, "beta", 1);
  g_autoptr (CnnTensor) raw = NULL, weight = NULL, oriented = NULL, c = NULL;
  gboolean known = cnn_onnx_has_input (ctx, 1) && cnn_onnx_edge_is_constant (ctx->node->inputs[1]) &&
                   (!cnn_onnx_has_input (ctx, 2) || cnn_onnx_edge_is_constant (ctx->node->inputs[2]));
  guint x;

  if (!known)
    return gemm_general (ctx, alpha, beta, error);
  raw = cnn_onnx_in_tensor (ctx, 1, error);
  if (raw == NULL)
    return CNN_NO_VALUE;
  if (raw->shape.rank != 2)
    return cnn_onnx_refuse (ctx, error, _ ("has weights with %u axes where 2 were expected"),
                            raw->shape.rank);
  weight = scaled (raw, alpha);
  oriented = cnn_onnx_attr_int (ctx->node, "transB", 0) != 0 ? cnn_tensor_ref (weight) : turned (weight);
  if (cnn_onnx_has_input (ctx, 2)) {
    c = cnn_onnx_in_tensor (ctx, 2, error);
    if (c == NULL)
      return CNN_NO_VALUE;
  }
  x = cnn_onnx_in_value (ctx, 0, error);
  if (x != CNN_NO_VALUE && cnn_onnx_attr_int (ctx->node, "transA", 0) != 0)
    x = cnn_onnx_add_transpose (ctx, x, swap, 2, error);
  return dense (ctx, x, oriented, c, beta, error);
}

/* A third input is the bias of an Add that followed (cnn-onnx-fuse.c). */
guint
cnn_onnx_emit_matmul (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *shape = cnn_onnx_in_shape (ctx, 1);
  CnnOpAttrs none = { 0 };
  guint inputs[2];

  if (cnn_onnx_has_input (ctx, 1) && cnn_onnx_edge_is_constant (ctx->node->inputs[1]) && shape != NULL &&
      shape->rank == 2) {
    g_autoptr (CnnTensor) raw = cnn_onnx_in_tensor (ctx, 1, error), weight = NULL, bias = NULL;

    if (raw == NULL)
      return CNN_NO_VALUE;
    weight = turned (raw);
    if (cnn_onnx_has_input (ctx, 2)) {
      bias = cnn_onnx_in_tensor (ctx, 2, error);
      if (bias == NULL)
        return CNN_NO_VALUE;
    }
    return dense (ctx, cnn_onnx_in_value (ctx, 0, error), weight, bias, 1, error);
  }
  for (guint i = 0; i < 2; i++) {
    const CnnShape *operand = cnn_onnx_in_shape (ctx, i);

    if (operand != NULL && operand->rank < 2)
      return cnn_onnx_unsupported (ctx, error, _ ("%s with a vector"), ctx->node->type);
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, CNN_OP_MATMUL, &none, inputs, 2, error);
}
