/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons and conditions that are computed: truth is held as 1, everything else as 0. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>

/* The node's two operands joined by one of the arithmetic operators. */
static guint
joined (CnnOnnxContext *ctx, CnnOnnxBinary operator, GError ** error)
{
  CnnOnnxOp op = *ctx->op;
  CnnOnnxContext inner = *ctx;

  op.parameter = (int)operator;
  inner.op = &op;
  return cnn_onnx_emit_binary (&inner, error);
}

/* Whether @difference is above 0 (@sign 1) or below (-1). */
static guint
beyond (CnnOnnxContext *ctx, guint difference, float sign, GError **error)
{
  guint x = cnn_onnx_add_activation (ctx, difference, CNN_ACT_SIGN, 0, 0, 0, error);

  if (sign < 0)
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_LINEAR, -1, 0, 0, error);
  return cnn_onnx_add_activation (ctx, x, CNN_ACT_CLIP, 0, 1, 0, error);
}

/* Whether @x is another number than 0. */
static guint
nonzero (CnnOnnxContext *ctx, guint x, GError **error)
{
  x = cnn_onnx_add_activation (ctx, x, CNN_ACT_SIGN, 0, 0, 0, error);
  return cnn_onnx_add_activation (ctx, x, CNN_ACT_ABS, 0, 0, 0, error);
}

static guint
inverted (CnnOnnxContext *ctx, guint truth, GError **error)
{
  return cnn_onnx_add_activation (ctx, truth, CNN_ACT_LINEAR, -1, 1, 0, error);
}

guint
cnn_onnx_emit_compare (CnnOnnxContext *ctx, GError **error)
{
  guint x;

  switch ((CnnOnnxBinary)ctx->op->parameter) {
  case CNN_ONNX_AND:
    return joined (ctx, CNN_ONNX_MUL, error);
  case CNN_ONNX_OR:
    return nonzero (ctx, joined (ctx, CNN_ONNX_ADD, error), error);
  default:
    x = joined (ctx, CNN_ONNX_SUB, error);
  }
  switch ((CnnOnnxBinary)ctx->op->parameter) {
  case CNN_ONNX_GREATER:
    return beyond (ctx, x, 1, error);
  case CNN_ONNX_LESS:
    return beyond (ctx, x, -1, error);
  case CNN_ONNX_GREATER_EQUAL:
    return inverted (ctx, beyond (ctx, x, -1, error), error);
  case CNN_ONNX_LESS_EQUAL:
    return inverted (ctx, beyond (ctx, x, 1, error), error);
  case CNN_ONNX_XOR:
    return nonzero (ctx, x, error);
  case CNN_ONNX_EQUAL:
  default:
    return inverted (ctx, nonzero (ctx, x, error), error);
  }
}

/* What counts as true becomes 1. */
guint
cnn_onnx_emit_truth (CnnOnnxContext *ctx, GError **error)
{
  return nonzero (ctx, cnn_onnx_in_value (ctx, 0, error), error);
}
