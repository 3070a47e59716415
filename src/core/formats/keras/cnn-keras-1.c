/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-1.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static gboolean
has_old_words (const char *class_name, JsonObject *config, gpointer data)
{
  static const char *const words[] = { "nb_filter", "border_mode", "dim_ordering", "W_regularizer" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (config != NULL && json_object_has_member (config, words[i]))
      return TRUE;
  return FALSE;
}

gboolean
cnn_keras_1_wrote (JsonObject *model)
{
  return cnn_keras_any_layer (model, has_old_words, NULL);
}

static gboolean
is_separable (const char *class_name, JsonObject *config, gpointer data)
{
  return g_str_equal (class_name, "SeparableConvolution2D");
}

gboolean
cnn_keras_1_needs_tensorflow (JsonObject *model)
{
  return cnn_keras_any_layer (model, is_separable, NULL);
}

const char *
cnn_keras_1_weight_name (const char *param)
{
  static const struct {
    const char *now, *then;
  } names[] = { { "kernel", "W" },
                { "bias", "b" },
                { "moving_mean", "running_mean" },
                { "moving_variance", "running_std" },
                { "alpha", "alphas" } };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (param, names[i].now))
      return names[i].then;
  return param;
}

CnnTensor *
cnn_keras_1_kernel (CnnKerasCall *call, const char *param, guint n_axes, const gint64 *window, gint64 in,
                    gint64 out, GError **error)
{
  static const guint axes[] = { 3, 2, 0, 1 };
  if (n_axes == 2 && cnn_keras_channels_first (call)) {
    CnnShape planes = cnn_shape4 (out, in, window[0], window[1]);
    return cnn_keras_kernel (call, param, &planes, NULL, error);
  }
  CnnShape expected = cnn_shape4 (window[0], n_axes == 2 ? window[1] : 1, in, out);
  g_autoptr (CnnTensor) kernel = cnn_keras_kernel (call, param, &expected, axes, error);
  if (kernel == NULL || n_axes == 2)
    return g_steal_pointer (&kernel);
  CnnShape flat = { 3, { kernel->shape.dims[0], kernel->shape.dims[1], window[0] } };
  return cnn_tensor_reshape (kernel, &flat);
}

gboolean
cnn_keras_1_resolve_transposed (CnnKerasCall *call, const CnnShape *input, gboolean same, CnnOpAttrs *attrs,
                                GError **error)
{
  CnnWindow *window = &attrs->conv_transpose.window;
  JsonArray *sizes = cnn_json_array (call->config, "output_shape");
  guint first = cnn_keras_channels_first (call) ? 2 : 1;
  if (sizes == NULL || json_array_get_length (sizes) != 4)
    return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), "output_shape", 4u);
  for (guint i = 0; i < 2; i++) {
    gint64 length, reach = (window->kernel[i] - 1) * window->dilation[i] + 1,
                   full = (input->dims[i + 2] - 1) * window->stride[i] + reach;
    if (!cnn_json_node_integer (json_array_get_element (sizes, first + i), &length))
      return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), "output_shape", 4u);
    if (length < 1 || length > full + window->stride[i])
      return cnn_keras_fail (call, error, _ ("its “%s” of %" PRId64 " is impossible"), "output_shape",
                             length);
    if (same)
      window->pad_begin[i] = call->reader->theano ? reach / 2 : MAX (full - length, 0) / 2;
    window->pad_end[i] = MAX (full - length - window->pad_begin[i], 0);
    attrs->conv_transpose.output_pad[i] = length - (full - window->pad_begin[i] - window->pad_end[i]);
  }
  return TRUE;
}

void
cnn_keras_1_pad_half (CnnWindow *window, guint axis, gint64 before)
{
  window->same = FALSE;
  window->pad_begin[axis] = before;
  window->pad_end[axis] = (window->kernel[axis] - 1) * window->dilation[axis] - before;
}
