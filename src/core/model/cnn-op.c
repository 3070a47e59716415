/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cnn-op.h"

#include <math.h>

const char *
cnn_op_kind_name (CnnOpKind kind)
{
  static const char *const names[CNN_N_OPS] = {
#define CNN_OP_NAME(ENUM, name, stem) [CNN_OP_##ENUM] = name,
    CNN_OPERATOR_TABLE (CNN_OP_NAME)
#undef CNN_OP_NAME
  };

  g_return_val_if_fail (kind < CNN_N_OPS, "?");
  return names[kind];
}

const char *
cnn_activation_name (CnnActivation kind)
{
  static const char *const names[CNN_N_ACTS] = {
    [CNN_ACT_LINEAR] = "linear",
    [CNN_ACT_RELU] = "relu",
    [CNN_ACT_ELU] = "elu",
    [CNN_ACT_SIGMOID] = "sigmoid",
    [CNN_ACT_TANH] = "tanh",
    [CNN_ACT_SOFTPLUS] = "softplus",
    [CNN_ACT_SOFTSIGN] = "softsign",
    [CNN_ACT_HARD_SIGMOID] = "hard_sigmoid",
    [CNN_ACT_HARD_SWISH] = "hard_swish",
    [CNN_ACT_SWISH] = "swish",
    [CNN_ACT_MISH] = "mish",
    [CNN_ACT_GELU_ERF] = "gelu",
    [CNN_ACT_GELU_TANH] = "gelu_tanh",
    [CNN_ACT_ERF] = "erf",
    [CNN_ACT_EXP] = "exponential",
    [CNN_ACT_LOG] = "log",
    [CNN_ACT_SQRT] = "sqrt",
    [CNN_ACT_ABS] = "abs",
    [CNN_ACT_POWER] = "power",
    [CNN_ACT_CLIP] = "clip",
    [CNN_ACT_SIGN] = "sign",
    [CNN_ACT_FLOOR] = "floor",
    [CNN_ACT_CEIL] = "ceil",
    [CNN_ACT_ROUND] = "round",
    [CNN_ACT_SIN] = "sin",
    [CNN_ACT_COS] = "cos",
    [CNN_ACT_TAN] = "tan",
    [CNN_ACT_ASIN] = "asin",
    [CNN_ACT_ACOS] = "acos",
    [CNN_ACT_ATAN] = "atan",
    [CNN_ACT_SINH] = "sinh",
    [CNN_ACT_COSH] = "cosh",
    [CNN_ACT_ASINH] = "asinh",
    [CNN_ACT_ACOSH] = "acosh",
    [CNN_ACT_ATANH] = "atanh",
    [CNN_ACT_SHRINK] = "shrink",
  };

  g_return_val_if_fail (kind < CNN_N_ACTS, "?");
  return names[kind];
}

CnnActivationAttrs
cnn_activation_relu (void)
{
  return (CnnActivationAttrs){ .kind = CNN_ACT_RELU, .a = INFINITY };
}

gboolean
cnn_activation_is_rectifier (const CnnActivationAttrs *act)
{
  return act->kind == CNN_ACT_RELU;
}

gboolean
cnn_window_resolve (const CnnWindow *window, guint axis, gint64 in, gint64 *pad_begin, gint64 *pad_end,
                    gint64 *out)
{
  gint64 kernel = window->kernel[axis], stride = window->stride[axis], dilation = window->dilation[axis];
  gint64 begin = window->pad_begin[axis], end = window->pad_end[axis];
  gint64 reach, span;

  if (kernel < 1 || stride < 1 || dilation < 1 || kernel > G_MAXINT32 || stride > G_MAXINT32 ||
      dilation > G_MAXINT32 || in < 1 || begin < 0 || end < 0 || begin > G_MAXINT32 || end > G_MAXINT32)
    return FALSE;
  reach = (kernel - 1) * dilation + 1;
  if (window->same) {
    gint64 n = (in + stride - 1) / stride;
    gint64 total = MAX ((n - 1) * stride + reach - in, 0);

    begin = window->same_lower ? total - total / 2 : total / 2;
    end = total - begin;
  }
  span = in + begin + end - reach;
  if (span < 0)
    return FALSE;
  *out = span / stride + 1;
  /* a window of the rounded-up size must begin inside the input or its first pad */
  if (window->ceil_mode && span % stride != 0 && *out * stride < in + begin)
    (*out)++;
  *pad_begin = begin;
  *pad_end = end;
  return TRUE;
}
