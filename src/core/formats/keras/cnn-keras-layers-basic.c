/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Dropout, noise, augmentation: nothing at all when the network is used. */
gboolean
cnn_keras_identity (CnnKerasCall *call, GError **error)
{
  gboolean done = cnn_keras_op1 (call, CNN_OP_IDENTITY, NULL, call->inputs[0], &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* What masks steps that hold only the number 0 leaves them 0; layers behind it that look at masks are not
 * known anyway. */
gboolean
cnn_keras_masking (CnnKerasCall *call, GError **error)
{
  if (cnn_keras_config_number (call, "mask_value", 0) != 0)
    return cnn_keras_unsupported (call, "Masking of another number than 0", error);
  return cnn_keras_identity (call, error);
}

/* Over channels that are held on axis 1, a dense layer is a convolution with a window of one. */
static gboolean
dense_over_channels (CnnKerasCall *call, guint x, CnnTensor *kernel, guint bias, guint *out, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  guint n = cnn_keras_rank (call, x) - 2, axes[] = { n + 1, n, 0, 1 };
  static const guint back[] = { 1, 0 };
  CnnShape shape = { n + 2, { 1, 1 } };
  attrs.conv.groups = 1;
  attrs.conv.window.n_axes = n;
  for (guint i = 0; i < 2; i++)
    attrs.conv.window.kernel[i] = attrs.conv.window.stride[i] = attrs.conv.window.dilation[i] = 1;
  shape.dims[n] = kernel->shape.dims[1];
  shape.dims[n + 1] = kernel->shape.dims[0];
  g_autoptr (CnnTensor) file = cnn_tensor_permute (kernel, back);
  g_autoptr (CnnTensor) stretched = cnn_tensor_reshape (file, &shape);
  g_autoptr (CnnTensor) window = cnn_tensor_permute (stretched, axes);
  guint inputs[] = { x, cnn_keras_constant (call, window), bias };
  return cnn_keras_op (call, CNN_OP_CONV, &attrs, inputs, bias == CNN_NO_VALUE ? 2 : 3,
                       CNN_LAYOUT_CHANNELS_LAST, out, error);
}

gboolean
cnn_keras_dense (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x), bias = CNN_NO_VALUE, out;
  gboolean last = cnn_keras_value (call, x)->layout == CNN_LAYOUT_CHANNELS_LAST && rank >= 3;
  gint64 units;
  if (!cnn_keras_sizes (call, "units", 1, 1, 0, &units, error))
    return FALSE;
  if (last && rank > 4) {
    if (!cnn_keras_plain (call, &x, error))
      return FALSE;
    last = FALSE;
  }
  const CnnShape *shape = &cnn_keras_value (call, x)->shape;
  CnnShape expected = { 2, { rank == 0 ? -1 : last ? shape->dims[1] : shape->dims[rank - 1], units } };
  static const guint axes[] = { 1, 0 };
  g_autoptr (CnnTensor) kernel = cnn_keras_weight (call, "kernel", &expected, axes, TRUE, error);
  if (kernel == NULL)
    return FALSE;
  if (cnn_keras_config_boolean (call, "use_bias", TRUE) &&
      (bias = cnn_keras_vector (call, "bias", units, error)) == CNN_NO_VALUE)
    return FALSE;
  if (last) {
    if (!dense_over_channels (call, x, kernel, bias, &out, error))
      return FALSE;
  } else {
    guint inputs[] = { x, cnn_keras_constant (call, kernel), bias };
    if (!cnn_keras_op (call, CNN_OP_DENSE, NULL, inputs, bias == CNN_NO_VALUE ? 2 : 3, CNN_LAYOUT_PLAIN, &out,
                       error))
      return FALSE;
  }
  return cnn_keras_finish (call, out, error);
}

/* Where each sample has one position only, its numbers lie in the same order either way. */
static gboolean
one_position (CnnKerasCall *call, guint value)
{
  const CnnValue *v = cnn_keras_value (call, value);
  gsize positions = 1;
  for (guint i = 2; i < v->shape.rank; i++)
    positions *= (gsize)v->shape.dims[i];
  return v->layout == CNN_LAYOUT_CHANNELS_LAST && positions == 1 && !call->reader->free_size;
}

/* Reshapes to @target, which is in the framework's order and starts with the batch. */
static gboolean
reshape_to (CnnKerasCall *call, guint value, const CnnShape *target, guint *out, GError **error)
{
  gboolean channels_last = !call->reader->channels_first && target->rank == 4;
  CnnShape shape = *target;
  if (!one_position (call, value) && !cnn_keras_plain (call, &value, error))
    return FALSE;
  if (channels_last && target->dims[1] == 1 && target->dims[2] == 1) {
    shape.dims[1] = target->dims[3];
    shape.dims[3] = 1;
    return cnn_keras_reshape (call, value, &shape, CNN_LAYOUT_CHANNELS_LAST, out, error);
  }
  return cnn_keras_reshape (call, value, &shape, CNN_LAYOUT_PLAIN, out, error) &&
         cnn_keras_present (call, out, error);
}

gboolean
cnn_keras_flatten (CnnKerasCall *call, GError **error)
{
  guint value = call->inputs[0], rank = cnn_keras_rank (call, value);
  CnnShape target = { 2, { 0, -1 } };
  if (rank > 2 && cnn_keras_config (call, "data_format") != NULL && cnn_keras_channels_first (call)) {
    /* Keras flattens in the order of channels last, whatever the layer's data format */
    guint axes[CNN_MAX_RANK] = { 0 };
    if (!cnn_keras_plain (call, &value, error))
      return FALSE;
    for (guint i = 1; i < rank; i++)
      axes[i] = i == rank - 1 ? 1 : i + 1;
    if (!cnn_keras_transpose (call, value, axes, CNN_LAYOUT_PLAIN, &value, error))
      return FALSE;
  }
  gboolean done = reshape_to (call, value, &target, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_reshape_layer (CnnKerasCall *call, GError **error)
{
  JsonArray *sizes = cnn_json_array (call->config, "target_shape");
  CnnShape target = { 1, { 0 } };
  guint n = sizes != NULL ? json_array_get_length (sizes) : 0, n_free = 0;
  if (sizes == NULL &&
      cnn_json_member (call->config, "newshape") != NULL) /* Keras 3's function of that name */
    return cnn_keras_function (call, error);
  if (sizes == NULL || n + 1 > CNN_MAX_RANK)
    return cnn_keras_fail (call, error, _ ("its “target_shape” should be a list of at most %d sizes"),
                           CNN_MAX_RANK - 1);
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (sizes, i);
    gint64 size = -1;
    if (!JSON_NODE_HOLDS_NULL (node) && (!cnn_json_node_integer (node, &size) || size == 0 || size < -1))
      return cnn_keras_fail (call, error, _ ("its “target_shape” holds an impossible size"));
    n_free += size == -1;
    target.dims[target.rank++] = size;
  }
  if (n_free > 1)
    return cnn_keras_fail (call, error, _ ("its “target_shape” leaves more than one size open"));
  gboolean done = reshape_to (call, call->inputs[0], &target, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_permute (CnnKerasCall *call, GError **error)
{
  guint value = call->inputs[0], rank = cnn_keras_rank (call, value);
  JsonArray *dims = cnn_json_array (call->config, "dims");
  guint axes[CNN_MAX_RANK] = { 0 };
  if (rank == 0)
    return cnn_keras_identity (call, error);
  if (dims == NULL || json_array_get_length (dims) + 1 != rank)
    return cnn_keras_fail (call, error, _ ("its “dims” should be a list of %u axes"), rank - 1);
  for (guint i = 1; i < rank; i++) {
    gint64 axis;
    if (!cnn_json_node_integer (json_array_get_element (dims, i - 1), &axis) || axis < 1 || axis >= rank)
      return cnn_keras_fail (call, error, _ ("its “dims” holds an axis that does not exist"));
    axes[i] = (guint)axis;
  }
  gboolean done = cnn_keras_plain (call, &value, error) &&
                  cnn_keras_transpose (call, value, axes, CNN_LAYOUT_PLAIN, &call->output, error) &&
                  cnn_keras_present (call, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* (batch, features) -> (batch, n, features): added to n rows of zeros. */
gboolean
cnn_keras_repeat_vector (CnnKerasCall *call, GError **error)
{
  gint64 n;
  CnnShape row = { 3, { 0, 1, -1 } }, zeros = { 3, { 1, 0, 1 } };
  guint value;
  if (!cnn_keras_sizes (call, "n", 1, 1, 0, &n, error) ||
      !cnn_keras_reshape (call, call->inputs[0], &row, CNN_LAYOUT_PLAIN, &value, error))
    return FALSE;
  zeros.dims[1] = n;
  g_autoptr (CnnTensor) tensor = cnn_tensor_new_take (&zeros, g_new0 (float, n));
  gboolean done =
      cnn_keras_binary (call, CNN_BINARY_ADD, value, cnn_keras_constant (call, tensor), &call->output, error);
  call->pre_activation = call->output;
  return done;
}
