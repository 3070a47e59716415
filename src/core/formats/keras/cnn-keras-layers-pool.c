/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-1.h"
#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>

static gboolean
check_rank (CnnKerasCall *call, guint value, guint n_axes, GError **error)
{
  guint rank = cnn_keras_rank (call, value);
  return rank == 0 || rank == n_axes + 2 ||
         cnn_keras_fail (call, error, _ ("its input has %u axes, but %u were expected"), rank, n_axes + 2);
}

static gboolean
read_window (CnnKerasCall *call, guint n_axes, CnnWindow *window, GError **error)
{
  const char *padding = cnn_keras_config_string (call, "padding", "valid");
  gboolean old = cnn_json_member (call->config, "pool_length") != NULL;
  const char *strides = old ? "stride" : "strides";
  *window = (CnnWindow){ .n_axes = n_axes, .kernel = { 1, 1 }, .stride = { 1, 1 }, .dilation = { 1, 1 } };
  window->same = g_str_equal (padding, "same");
  if (!window->same && !g_str_equal (padding, "valid"))
    return cnn_keras_fail (call, error, _ ("its padding “%s” is not known"), padding);
  if (!cnn_keras_sizes (call, old ? "pool_length" : "pool_size", n_axes, 1, 2, window->kernel, error))
    return FALSE;
  for (guint i = 0; i < n_axes; i++)
    window->stride[i] = window->kernel[i];
  if (window->same && call->reader->theano)
    for (guint i = 0; i < n_axes; i++)
      cnn_keras_1_pad_half (window, i,
                            window->kernel[i] - (window->kernel[i] > 2 && window->kernel[i] % 2 ? 2 : 1));
  return cnn_json_member (call->config, strides) == NULL ||
         cnn_keras_sizes (call, strides, n_axes, 1, 0, window->stride, error);
}

gboolean
cnn_keras_pool (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], n_axes = (guint)ABS (call->variant);
  CnnOpAttrs attrs = { .pool = { .kind = call->variant < 0 ? CNN_POOL_AVERAGE_VALID : CNN_POOL_MAX } };
  gboolean done = check_rank (call, x, n_axes, error) &&
                  read_window (call, n_axes, &attrs.pool.window, error) &&
                  cnn_keras_format (call, &x, error) &&
                  cnn_keras_op1 (call, CNN_OP_POOL, &attrs, x, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_global_pool (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], n_axes = (guint)ABS (call->variant);
  CnnOpAttrs attrs = { .reduce = { .kind = call->variant < 0 ? CNN_REDUCE_MEAN : CNN_REDUCE_MAX,
                                   .n_axes = n_axes } };
  attrs.reduce.keep_dims = cnn_keras_config_boolean (call, "keepdims", FALSE);
  if (!check_rank (call, x, n_axes, error) || !cnn_keras_format (call, &x, error))
    return FALSE;
  for (guint i = 0; i < n_axes; i++)
    attrs.reduce.axes[i] = i + 2;
  CnnLayout layout = attrs.reduce.keep_dims ? cnn_keras_value (call, x)->layout : CNN_LAYOUT_PLAIN;
  gboolean done = cnn_keras_op (call, CNN_OP_REDUCE, &attrs, &x, 1, layout, &call->output, error);
  call->pre_activation = call->output;
  return done;
}
