/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution, transposed convolution, pooling: windows that slide over space. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* Far beyond any network, far below where a product of two overflows. */
#define MAX_EXTENT ((gint64)1 << 24)

/* An attribute of one number an axis. */
static gboolean
axis_ints (CnnOnnxContext *ctx, const char *name, guint n_axes, gint64 least, gint64 *out, GError **error)
{
  gsize n;
  const gint64 *ints = cnn_onnx_attr_ints (ctx->node, name, &n);

  if (ints == NULL || n == 0)
    return TRUE;
  if (n != n_axes) {
    cnn_onnx_refuse (ctx, error, _ ("has %zu numbers as “%s” where %u were expected"), n, name, n_axes);
    return FALSE;
  }
  for (guint i = 0; i < n_axes; i++) {
    if (ints[i] < least || ints[i] > MAX_EXTENT) {
      cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), name, ints[i]);
      return FALSE;
    }
    out[i] = ints[i];
  }
  return TRUE;
}

static gboolean
read_pads (CnnOnnxContext *ctx, guint n_axes, CnnWindow *window, GError **error)
{
  g_autofree char *automatic = cnn_onnx_attr_string (ctx->node, "auto_pad");
  gint64 pads[4] = { 0 };

  if (automatic != NULL && (g_str_equal (automatic, "SAME_UPPER") || g_str_equal (automatic, "SAME_LOWER"))) {
    window->same = TRUE;
    window->same_lower = g_str_equal (automatic, "SAME_LOWER");
    return TRUE;
  }
  if (automatic != NULL && g_str_equal (automatic, "VALID"))
    return TRUE;
  if (automatic != NULL && *automatic != '\0' && !g_str_equal (automatic, "NOTSET")) {
    cnn_onnx_refuse (ctx, error, _ ("has the unknown auto_pad “%s”"), automatic);
    return FALSE;
  }
  if (!axis_ints (ctx, "pads", 2 * n_axes, 0, pads, error))
    return FALSE;
  for (guint i = 0; i < n_axes; i++) {
    window->pad_begin[i] = pads[i];
    window->pad_end[i] = pads[n_axes + i];
  }
  return TRUE;
}

static gboolean
read_window (CnnOnnxContext *ctx, guint n_axes, CnnWindow *window, GError **error)
{
  if (n_axes < 1 || n_axes > 2) {
    cnn_onnx_unsupported (ctx, error, _ ("%s over %u axes"), ctx->node->type, n_axes);
    return FALSE;
  }
  window->n_axes = n_axes;
  for (guint i = 0; i < 2; i++)
    window->kernel[i] = window->stride[i] = window->dilation[i] = 1;
  return axis_ints (ctx, "kernel_shape", n_axes, 1, window->kernel, error) &&
         axis_ints (ctx, "strides", n_axes, 1, window->stride, error) &&
         axis_ints (ctx, "dilations", n_axes, 1, window->dilation, error) &&
         read_pads (ctx, n_axes, window, error);
}

/* The weights' shape says the kernel's size; an attribute that says another is an error. */
static gboolean
read_kernel (CnnOnnxContext *ctx, CnnTensor *weight, CnnWindow *window, GError **error)
{
  const CnnShape *shape = &weight->shape;

  if (shape->rank < 3) {
    cnn_onnx_refuse (ctx, error, _ ("has weights with %u axes"), shape->rank);
    return FALSE;
  }
  if (!read_window (ctx, shape->rank - 2, window, error))
    return FALSE;
  for (guint i = 0; i < window->n_axes; i++) {
    if (cnn_onnx_attr_find (ctx->node, "kernel_shape") != NULL && window->kernel[i] != shape->dims[i + 2]) {
      g_autofree char *text = cnn_shape_to_string (shape);

      cnn_onnx_refuse (ctx, error, _ ("has weights of shape %s, which contradicts its kernel_shape"), text);
      return FALSE;
    }
    if (shape->dims[i + 2] < 1 || shape->dims[i + 2] > MAX_EXTENT) {
      cnn_onnx_refuse (ctx, error, _ ("has an empty kernel"));
      return FALSE;
    }
    window->kernel[i] = shape->dims[i + 2];
  }
  return TRUE;
}

/* Input, weight and optional bias as values. */
static gboolean
weighted_inputs (CnnOnnxContext *ctx, CnnTensor *weight, guint inputs[3], GError **error)
{
  inputs[2] = CNN_NO_VALUE;
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  if (inputs[0] == CNN_NO_VALUE)
    return FALSE;
  inputs[1] = cnn_onnx_add_weight (ctx, 1, weight, TRUE);
  if (cnn_onnx_has_input (ctx, 2)) {
    g_autoptr (CnnTensor) bias = cnn_onnx_in_tensor (ctx, 2, error);

    if (bias == NULL)
      return FALSE;
    inputs[2] = cnn_onnx_add_weight (ctx, 2, bias, TRUE);
  }
  return TRUE;
}

guint
cnn_onnx_emit_conv (CnnOnnxContext *ctx, GError **error)
{
  g_autoptr (CnnTensor) weight = cnn_onnx_in_tensor (ctx, 1, error);
  CnnOpAttrs attrs = { 0 };
  guint inputs[3];

  if (weight == NULL || !read_kernel (ctx, weight, &attrs.conv.window, error) ||
      !weighted_inputs (ctx, weight, inputs, error))
    return CNN_NO_VALUE;
  attrs.conv.groups = cnn_onnx_attr_int (ctx->node, "group", 1);
  return cnn_onnx_add (ctx, CNN_OP_CONV, &attrs, inputs, inputs[2] == CNN_NO_VALUE ? 2 : 3, error);
}

/* The format states the pads that give a wanted output size; where the output is larger than all of the input
 * reaches, zeros are added at the end. */
static void
pads_for_size (CnnWindow *window, guint axis, gint64 in, gint64 wanted, gboolean more_at_end,
               gint64 *output_pad)
{
  gint64 reach = (window->kernel[axis] - 1) * window->dilation[axis] + 1;
  gint64 total = window->stride[axis] * (in - 1) + *output_pad + reach - wanted;

  if (total < 0) {
    *output_pad -= total;
    total = 0;
  }
  window->pad_begin[axis] = more_at_end ? total / 2 : total - total / 2;
  window->pad_end[axis] = total - window->pad_begin[axis];
}

guint
cnn_onnx_emit_conv_transpose (CnnOnnxContext *ctx, GError **error)
{
  g_autoptr (CnnTensor) weight = cnn_onnx_in_tensor (ctx, 1, error);
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { 0 };
  CnnWindow *window = &attrs.conv_transpose.window;
  gint64 size[2] = { 0 };
  guint inputs[3];
  gboolean same;

  if (weight == NULL || !read_kernel (ctx, weight, window, error) ||
      !axis_ints (ctx, "output_padding", window->n_axes, 0, attrs.conv_transpose.output_pad, error) ||
      !axis_ints (ctx, "output_shape", window->n_axes, 1, size, error) ||
      !weighted_inputs (ctx, weight, inputs, error))
    return CNN_NO_VALUE;
  if (in == NULL || in->rank != window->n_axes + 2)
    return cnn_onnx_refuse (ctx, error, _ ("has an input whose number of axes does not fit its weights"));
  same = window->same;
  for (guint i = 0; i < window->n_axes; i++)
    if (size[i] > 0 || same)
      pads_for_size (window, i, in->dims[i + 2], size[i] > 0 ? size[i] : in->dims[i + 2] * window->stride[i],
                     same && !window->same_lower, &attrs.conv_transpose.output_pad[i]);
  window->same = window->same_lower = FALSE;
  attrs.conv_transpose.groups = cnn_onnx_attr_int (ctx->node, "group", 1);
  return cnn_onnx_add (ctx, CNN_OP_CONV_TRANSPOSE, &attrs, inputs, inputs[2] == CNN_NO_VALUE ? 2 : 3, error);
}

guint
cnn_onnx_emit_pool (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  gsize n_axes;

  cnn_onnx_attr_ints (ctx->node, "kernel_shape", &n_axes);
  if (n_axes == 0)
    return cnn_onnx_refuse (ctx, error, _ ("has no kernel_shape"));
  if (!read_window (ctx, (guint)MIN (n_axes, 9), &attrs.pool.window, error))
    return CNN_NO_VALUE;
  attrs.pool.window.ceil_mode = cnn_onnx_attr_int (ctx->node, "ceil_mode", 0) != 0;
  attrs.pool.kind = (CnnPoolKind)ctx->op->parameter;
  if (attrs.pool.kind == CNN_POOL_AVERAGE_VALID && cnn_onnx_attr_int (ctx->node, "count_include_pad", 0) != 0)
    attrs.pool.kind = CNN_POOL_AVERAGE_PADDED;
  return cnn_onnx_add1 (ctx, CNN_OP_POOL, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

/* What the windows of a pool with ceil_mode reach beyond the end becomes padding. */
static void
pad_up (CnnWindow *window, const CnnShape *in)
{
  for (guint i = 0; i < window->n_axes && !window->same; i++) {
    gint64 reach = (window->kernel[i] - 1) * window->dilation[i] + 1, dim = in->dims[i + 2];
    gint64 room = dim + window->pad_begin[i] + window->pad_end[i] - reach, rest = room % window->stride[i];

    /* a window that would begin behind the input is left out */
    if (room >= 0 && rest > 0 &&
        (room / window->stride[i] + 1) * window->stride[i] < dim + window->pad_begin[i])
      window->pad_end[i] += window->stride[i] - rest;
  }
}

static guint
raise_to (CnnOnnxContext *ctx, guint x, double power, GError **error)
{
  return x == CNN_NO_VALUE || power == 1
             ? x
             : cnn_onnx_add_activation (ctx, x, CNN_ACT_POWER, power, 0, 0, error);
}

/* |x|^p */
static guint
powers (CnnOnnxContext *ctx, gint64 p, GError **error)
{
  guint x = cnn_onnx_in_value (ctx, 0, error);

  if (x != CNN_NO_VALUE && p % 2 != 0)
    x = cnn_onnx_add_activation (ctx, x, CNN_ACT_ABS, 0, 0, 0, error);
  return raise_to (ctx, x, (double)p, error);
}

/* The p-th root of sums of powers. Where all are zero the slope of a root is infinite: a sum that is just not
 * zero makes the gradient zero there. */
static guint
root (CnnOnnxContext *ctx, guint sum, gint64 p, GError **error)
{
  CnnOpAttrs plus = { .binary = { .kind = CNN_BINARY_ADD } };
  CnnShape one = { 1, { 1 } };
  g_autoptr (CnnTensor) least = cnn_tensor_new_take (&one, g_memdup2 (&(float){ 1e-30f }, sizeof (float)));
  guint inputs[2] = { sum, CNN_NO_VALUE };

  if (sum == CNN_NO_VALUE || p == 1)
    return sum;
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, least);
  return raise_to (ctx, cnn_onnx_add (ctx, CNN_OP_BINARY, &plus, inputs, 2, error), 1.0 / (double)p, error);
}

static gboolean
read_p (CnnOnnxContext *ctx, gint64 *p, GError **error)
{
  *p = cnn_onnx_attr_int (ctx->node, "p", 2);
  if (*p >= 1 && *p <= 16)
    return TRUE;
  cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "p", *p);
  return FALSE;
}

/* The sums are those of a convolution with ones, a channel at a time. */
guint
cnn_onnx_emit_lp_pool (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { 0 };
  CnnWindow *window = &attrs.conv.window;
  g_autoptr (CnnOnnxArray) uniform = NULL;
  g_autoptr (CnnTensor) ones = NULL;
  guint inputs[2];
  gint64 p;

  if (in == NULL || in->rank < 3)
    return cnn_onnx_refuse (ctx, error, _ ("has an input without spatial axes"));
  if (!read_p (ctx, &p, error) || !read_window (ctx, in->rank - 2, window, error))
    return CNN_NO_VALUE;
  if (cnn_onnx_attr_int (ctx->node, "ceil_mode", 0) != 0)
    pad_up (window, in);
  CnnShape shape = { in->rank, { in->dims[1], 1, window->kernel[0], window->kernel[1] } };
  if (!cnn_onnx_spend_filled (ctx, &shape, error))
    return CNN_NO_VALUE;
  attrs.conv.groups = in->dims[1];
  uniform = cnn_onnx_array_new_uniform (&shape, TRUE, 1);
  ones = cnn_onnx_array_to_tensor (uniform);
  inputs[0] = powers (ctx, p, error);
  if (inputs[0] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, ones);
  return root (ctx, cnn_onnx_add (ctx, CNN_OP_CONV, &attrs, inputs, 2, error), p, error);
}

static guint
global_lp_pool (CnnOnnxContext *ctx, const CnnOpAttrs *reduce, GError **error)
{
  CnnOpAttrs attrs = *reduce;
  gint64 p;
  guint x;

  if (!read_p (ctx, &p, error))
    return CNN_NO_VALUE;
  attrs.reduce.kind = CNN_REDUCE_SUM;
  x = powers (ctx, p, error);
  return x == CNN_NO_VALUE ? x : root (ctx, cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, x, error), p, error);
}

guint
cnn_onnx_emit_global_pool (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnOpAttrs attrs = { .reduce = { .kind = (CnnReduceKind)ctx->op->parameter, .keep_dims = TRUE } };

  if (in == NULL || in->rank < 3)
    return cnn_onnx_refuse (ctx, error, _ ("has an input without spatial axes"));
  for (guint i = 2; i < in->rank; i++)
    attrs.reduce.axes[attrs.reduce.n_axes++] = i;
  if (attrs.reduce.kind == CNN_REDUCE_L2 && cnn_onnx_attr_int (ctx->node, "p", 2) != 2)
    return global_lp_pool (ctx, &attrs, error);
  return cnn_onnx_add1 (ctx, CNN_OP_REDUCE, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}
