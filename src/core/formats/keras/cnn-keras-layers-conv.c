/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-1.h"
#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* What the convolutions' configurations share. */
typedef struct {
  guint n_axes;
  gint64 kernel[2], stride[2], dilation[2];
  gboolean same, causal, full, use_bias;
} ConvConfig;

static gboolean
read_config (CnnKerasCall *call, guint n_axes, ConvConfig *conv, GError **error)
{
  const char *padding = cnn_keras_config_string (call, "padding", "valid");
  *conv = (ConvConfig){ .n_axes = n_axes, .kernel = { 1, 1 }, .stride = { 1, 1 }, .dilation = { 1, 1 } };
  if (cnn_json_member (call->config, "nb_row") != NULL) {
    conv->kernel[0] = cnn_json_integer (call->config, "nb_row", 0);
    conv->kernel[1] = cnn_json_integer (call->config, "nb_col", 0);
    if (conv->kernel[0] < 1 || conv->kernel[1] < 1 || MAX (conv->kernel[0], conv->kernel[1]) > 1 << 20)
      return cnn_keras_fail (call, error, _ ("its “%s” of %" PRId64 " is impossible"), "nb_row",
                             conv->kernel[0]);
  } else if (!cnn_keras_sizes (call,
                               cnn_json_member (call->config, "filter_length") != NULL ? "filter_length"
                                                                                       : "kernel_size",
                               n_axes, 1, 0, conv->kernel, error)) {
    return FALSE;
  }
  if (!cnn_keras_sizes (
          call, cnn_json_member (call->config, "subsample_length") != NULL ? "subsample_length" : "strides",
          n_axes, 1, 1, conv->stride, error) ||
      !cnn_keras_sizes (call, "dilation_rate", n_axes, 1, 1, conv->dilation, error))
    return FALSE;
  conv->same = g_str_equal (padding, "same");
  conv->causal = g_str_equal (padding, "causal") && n_axes == 1;
  conv->full = g_str_equal (padding, "full") && call->reader->keras_major == 1;
  conv->use_bias = cnn_keras_config_boolean (call, "use_bias", TRUE);
  if (!conv->same && !conv->causal && !conv->full && !g_str_equal (padding, "valid"))
    return cnn_keras_fail (call, error, _ ("its padding “%s” is not known"), padding);
  return TRUE;
}

static CnnWindow
window_of (const CnnKerasCall *call, const ConvConfig *conv)
{
  CnnWindow window = { .n_axes = conv->n_axes, .same = conv->same };
  memcpy (window.kernel, conv->kernel, sizeof window.kernel);
  memcpy (window.stride, conv->stride, sizeof window.stride);
  memcpy (window.dilation, conv->dilation, sizeof window.dilation);
  if (conv->causal)
    window.pad_begin[0] = (conv->kernel[0] - 1) * conv->dilation[0];
  for (guint i = 0; i < conv->n_axes && conv->full; i++)
    window.pad_begin[i] = window.pad_end[i] = (conv->kernel[i] - 1) * conv->dilation[i];
  if (call->reader->theano && conv->same)
    for (guint i = 0; i < conv->n_axes; i++)
      cnn_keras_1_pad_half (&window, i, ((conv->kernel[i] - 1) * conv->dilation[i] + 1) / 2);
  return window;
}

static gboolean
add_conv (CnnKerasCall *call, const ConvConfig *conv, guint x, CnnTensor *kernel, gint64 groups, guint bias,
          guint *out, GError **error)
{
  CnnOpAttrs attrs = { .conv = { window_of (call, conv), groups } };
  CnnLayout layout = cnn_keras_value (call, x)->layout;
  guint inputs[] = { x, cnn_keras_constant (call, kernel), bias };
  return cnn_keras_op (call, CNN_OP_CONV, &attrs, inputs, bias == CNN_NO_VALUE ? 2 : 3, layout, out, error);
}

/* Shape of a kernel in a file of Keras 2: space, then @in and @out; and its permutation to out, in, space. */
static void
kernel_layout (const ConvConfig *conv, gint64 in, gint64 out, CnnShape *shape, guint axes[4])
{
  guint n = conv->n_axes;
  shape->rank = n + 2;
  for (guint i = 0; i < n; i++) {
    shape->dims[i] = conv->kernel[i];
    axes[i + 2] = i;
  }
  shape->dims[n] = in;
  shape->dims[n + 1] = out;
  axes[0] = n + 1;
  axes[1] = n;
}

/* The kernel as (out, in, space). */
static CnnTensor *
load_kernel (CnnKerasCall *call, const char *param, const ConvConfig *conv, gint64 in, gint64 out,
             GError **error)
{
  CnnShape expected;
  guint axes[4];
  if (call->reader->keras_major == 1)
    return cnn_keras_1_kernel (call, param, conv->n_axes, conv->kernel, in, out, error);
  kernel_layout (conv, in, out, &expected, axes);
  return cnn_keras_kernel (call, param, &expected, axes, error);
}

gboolean
cnn_keras_conv (CnnKerasCall *call, GError **error)
{
  ConvConfig conv;
  gint64 filters, groups;
  guint x, bias = CNN_NO_VALUE, out;
  if (!read_config (call, (guint)call->variant, &conv, error) ||
      !cnn_keras_sizes (call, "filters", 1, 1, 0, &filters, error) ||
      !cnn_keras_sizes (call, "groups", 1, 1, 1, &groups, error) ||
      !cnn_keras_take_input (call, conv.n_axes, &x, error))
    return FALSE;
  gint64 channels = cnn_keras_channels (call, x);
  if (channels % groups != 0 && channels > 0)
    return cnn_keras_fail (call, error, _ ("%" PRId64 " channels cannot be split into %" PRId64 " groups"),
                           channels, groups);
  g_autoptr (CnnTensor) kernel =
      load_kernel (call, "kernel", &conv, channels > 0 ? channels / groups : -1, filters, error);
  if (kernel == NULL)
    return FALSE;
  if (conv.use_bias && (bias = cnn_keras_vector (call, "bias", filters, error)) == CNN_NO_VALUE)
    return FALSE;
  return add_conv (call, &conv, x, kernel, groups, bias, &out, error) && cnn_keras_finish (call, out, error);
}

/* How far the output of Keras' transposed convolution reaches, and so what of the full one is cut off or
 * added. */
static gboolean
resolve_transposed (CnnKerasCall *call, const ConvConfig *conv, CnnOpAttrs *attrs, GError **error)
{
  JsonNode *output_padding = cnn_keras_config (call, "output_padding");
  gint64 extra[2] = { 0, 0 };
  if (output_padding != NULL && !cnn_keras_sizes (call, "output_padding", conv->n_axes, 0, 0, extra, error))
    return FALSE;
  for (guint i = 0; i < conv->n_axes; i++) {
    gint64 reach = (conv->kernel[i] - 1) * conv->dilation[i] + 1,
           length; /* length: output beyond (in - 1)·stride */
    if (output_padding != NULL)
      length = reach - 2 * (conv->same ? reach / 2 : 0) + extra[i];
    else
      length = conv->same ? conv->stride[i] : MAX (reach, conv->stride[i]);
    gint64 cut = MAX (reach - length, 0);
    attrs->conv_transpose.window.pad_begin[i] = cut / 2;
    attrs->conv_transpose.window.pad_end[i] = cut - cut / 2;
    attrs->conv_transpose.output_pad[i] = MAX (length - reach, 0);
  }
  return TRUE;
}

/* The kernel as (in, out, space). Keras 2 has the same axes as for a convolution from out to in, Keras 1 as
 * for one from in to out. */
static CnnTensor *
load_transposed_kernel (CnnKerasCall *call, const ConvConfig *conv, gint64 in, gint64 out, GError **error)
{
  static const guint swap[] = { 1, 0, 2, 3 };
  if (call->reader->keras_major != 1)
    return load_kernel (call, "kernel", conv, out, in, error);
  g_autoptr (CnnTensor) kernel = load_kernel (call, "kernel", conv, in, out, error);
  return kernel != NULL ? cnn_tensor_permute (kernel, swap) : NULL;
}

gboolean
cnn_keras_conv_transpose (CnnKerasCall *call, GError **error)
{
  ConvConfig conv;
  gint64 filters;
  guint x, bias = CNN_NO_VALUE, out;
  CnnOpAttrs attrs = { 0 };
  if (!read_config (call, (guint)call->variant, &conv, error) ||
      !cnn_keras_sizes (call, "filters", 1, 1, 0, &filters, error) ||
      !cnn_keras_take_input (call, conv.n_axes, &x, error))
    return FALSE;
  if (call->reader->keras_major == 1 && (call->reader->free_size || cnn_keras_rank (call, x) == 0))
    return cnn_keras_unsupported (call, call->class_name, error); /* the file has the size of the output */
  attrs.conv_transpose.window = window_of (call, &conv);
  attrs.conv_transpose.window.same = FALSE;
  attrs.conv_transpose.groups = 1;
  if (!(call->reader->keras_major == 1
            ? cnn_keras_1_resolve_transposed (call, &cnn_keras_value (call, x)->shape, conv.same, &attrs,
                                              error)
            : resolve_transposed (call, &conv, &attrs, error)))
    return FALSE;
  g_autoptr (CnnTensor) kernel =
      load_transposed_kernel (call, &conv, cnn_keras_channels (call, x), filters, error);
  if (kernel == NULL)
    return FALSE;
  if (conv.use_bias && (bias = cnn_keras_vector (call, "bias", filters, error)) == CNN_NO_VALUE)
    return FALSE;
  CnnLayout layout = cnn_keras_value (call, x)->layout;
  guint inputs[] = { x, cnn_keras_constant (call, kernel), bias };
  return cnn_keras_op (call, CNN_OP_CONV_TRANSPOSE, &attrs, inputs, bias == CNN_NO_VALUE ? 2 : 3, layout,
                       &out, error) &&
         cnn_keras_finish (call, out, error);
}

/*
 * A depthwise kernel (space, in, multiplier) as the kernel of a convolution in as many groups as channels:
 * (in·multiplier, 1, space). The numbers stay where they are.
 */
static CnnTensor *
load_depthwise (CnnKerasCall *call, const ConvConfig *conv, gint64 channels, gint64 multiplier,
                CnnTensor **grouped, GError **error)
{
  CnnShape expected, flat;
  guint axes[4];
  g_autoptr (CnnTensor) kernel = load_kernel (call, "depthwise_kernel", conv, channels, multiplier, error);
  if (kernel == NULL)
    return NULL;
  kernel_layout (conv, channels, multiplier, &expected, axes);
  guint back[4] = { 2, 3, 1, 0 };
  back[conv->n_axes] = 1;
  back[conv->n_axes + 1] = 0;
  g_autoptr (CnnTensor) file = cnn_tensor_permute (kernel, back);
  flat = file->shape;
  flat.dims[conv->n_axes] = 1;
  flat.dims[conv->n_axes + 1] = file->shape.dims[conv->n_axes] * file->shape.dims[conv->n_axes + 1];
  g_autoptr (CnnTensor) joined = cnn_tensor_reshape (file, &flat);
  *grouped = cnn_tensor_permute (joined, axes);
  return g_steal_pointer (&kernel);
}

gboolean
cnn_keras_depthwise_conv (CnnKerasCall *call, GError **error)
{
  ConvConfig conv;
  gint64 multiplier;
  guint x, bias = CNN_NO_VALUE, out;
  g_autoptr (CnnTensor) grouped = NULL;
  if (!read_config (call, (guint)call->variant, &conv, error) ||
      !cnn_keras_sizes (call, "depth_multiplier", 1, 1, 1, &multiplier, error) ||
      !cnn_keras_take_input (call, conv.n_axes, &x, error))
    return FALSE;
  gint64 channels = cnn_keras_channels (call, x);
  g_autoptr (CnnTensor) kernel = load_depthwise (call, &conv, channels, multiplier, &grouped, error);
  if (kernel == NULL)
    return FALSE;
  gint64 n = grouped->shape.dims[0];
  if (conv.use_bias && (bias = cnn_keras_vector (call, "bias", n, error)) == CNN_NO_VALUE)
    return FALSE;
  return add_conv (call, &conv, x, grouped, n / multiplier, bias, &out, error) &&
         cnn_keras_finish (call, out, error);
}

gboolean
cnn_keras_separable_conv (CnnKerasCall *call, GError **error)
{
  ConvConfig conv;
  gint64 multiplier, filters;
  guint x, bias = CNN_NO_VALUE, middle, out;
  g_autoptr (CnnTensor) grouped = NULL;
  if (!read_config (call, (guint)call->variant, &conv, error) ||
      !cnn_keras_sizes (call, "filters", 1, 1, 0, &filters, error) ||
      !cnn_keras_sizes (call, "depth_multiplier", 1, 1, 1, &multiplier, error) ||
      !cnn_keras_take_input (call, conv.n_axes, &x, error))
    return FALSE;
  g_autoptr (CnnTensor) depthwise =
      load_depthwise (call, &conv, cnn_keras_channels (call, x), multiplier, &grouped, error);
  if (depthwise == NULL)
    return FALSE;
  ConvConfig point = { .n_axes = conv.n_axes, .kernel = { 1, 1 }, .stride = { 1, 1 }, .dilation = { 1, 1 } };
  g_autoptr (CnnTensor) pointwise =
      load_kernel (call, "pointwise_kernel", &point, grouped->shape.dims[0], filters, error);
  if (pointwise == NULL)
    return FALSE;
  if (conv.use_bias && (bias = cnn_keras_vector (call, "bias", filters, error)) == CNN_NO_VALUE)
    return FALSE;
  return add_conv (call, &conv, x, grouped, grouped->shape.dims[0] / multiplier, CNN_NO_VALUE, &middle,
                   error) &&
         add_conv (call, &point, middle, pointwise, 1, bias, &out, error) &&
         cnn_keras_finish (call, out, error);
}
