/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tiny-network.h"

#include <math.h>

guint
tiny_add_dense (CnnModelBuilder *builder, const char *name, guint input, guint outs, guint ins,
                const float *weights, gboolean rectified)
{
  CnnShape shape = cnn_shape (2, (gint64)outs, (gint64)ins);
  g_autoptr (CnnTensor) tensor = cnn_tensor_new_copy (&shape, weights);
  CnnOpAttrs attrs = { 0 };
  guint values[2], plain, output;

  cnn_model_builder_begin_layer (builder, name, "Dense");
  values[0] = input;
  values[1] = cnn_model_builder_add_constant (builder, NULL, tensor);
  cnn_model_builder_add_weight (builder, "kernel", tensor, TRUE);
  plain = cnn_model_builder_add_op (builder, CNN_OP_DENSE, name, &attrs, values, 2, CNN_LAYOUT_PLAIN, NULL);
  output = plain;
  if (rectified) {
    attrs.activation = cnn_activation_relu ();
    output = cnn_model_builder_add_op (builder, CNN_OP_ACTIVATION, name, &attrs, &plain, 1, CNN_LAYOUT_PLAIN,
                                       NULL);
  }
  cnn_model_builder_end_layer (builder, output, plain);
  return output;
}

guint
tiny_add_flatten (CnnModelBuilder *builder, guint input)
{
  CnnOpAttrs attrs = { 0 };
  guint output;

  attrs.reshape.shape = cnn_shape (2, (gint64)0, (gint64)-1);
  cnn_model_builder_begin_layer (builder, "flatten", "Flatten");
  output = cnn_model_builder_add_op (builder, CNN_OP_RESHAPE, "flatten", &attrs, &input, 1, CNN_LAYOUT_PLAIN,
                                     NULL);
  cnn_model_builder_end_layer (builder, output, output);
  return output;
}

/* A 1x1 convolution that changes nothing: a layer to look at. */
guint
tiny_add_identity_conv (CnnModelBuilder *builder, guint input, guint channels)
{
  CnnShape shape = cnn_shape4 (channels, channels, 1, 1);
  g_autofree float *weights = g_new0 (float, channels *channels);
  g_autoptr (CnnTensor) tensor = NULL;
  CnnOpAttrs attrs = { 0 };
  guint values[2], output;

  for (guint i = 0; i < channels; i++)
    weights[i * channels + i] = 1;
  tensor = cnn_tensor_new_copy (&shape, weights);
  attrs.conv.groups = 1;
  attrs.conv.window.n_axes = 2;
  for (guint i = 0; i < 2; i++)
    attrs.conv.window.kernel[i] = attrs.conv.window.stride[i] = attrs.conv.window.dilation[i] = 1;
  cnn_model_builder_begin_layer (builder, "conv", "Conv2D");
  values[0] = input;
  values[1] = cnn_model_builder_add_constant (builder, NULL, tensor);
  cnn_model_builder_add_weight (builder, "kernel", tensor, TRUE);
  output = cnn_model_builder_add_op (builder, CNN_OP_CONV, "conv", &attrs, values, 2, CNN_LAYOUT_PLAIN, NULL);
  cnn_model_builder_end_layer (builder, output, output);
  return output;
}

CnnModel *
tiny_finish (CnnModelBuilder *builder, guint output)
{
  g_autoptr (GError) error = NULL;
  CnnModel *model;

  cnn_model_builder_add_output (builder, output);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  cnn_model_builder_free (builder);
  return model;
}

/* Image of @channels x @height x @width, optionally the identity convolution, then one linear layer. */
CnnModel *
tiny_linear (guint channels, guint height, guint width, guint classes, const float *weights,
             gboolean with_conv)
{
  CnnModelBuilder *builder = cnn_model_builder_new ("/tiny.test", "Test");
  CnnShape shape = cnn_shape4 (1, channels, height, width);
  guint value = cnn_model_builder_add_input (builder, "image", &shape, CNN_LAYOUT_PLAIN, NULL);

  if (with_conv)
    value = tiny_add_identity_conv (builder, value, channels);
  value = tiny_add_flatten (builder, value);
  return tiny_finish (
      builder, tiny_add_dense (builder, "dense", value, classes, channels * height * width, weights, FALSE));
}

CnnSession *
tiny_open (CnnModel *model, const float *values)
{
  CnnSession *session = cnn_session_new (model);
  g_autoptr (GError) error = NULL;

  cnn_session_set_array (session, values, "array.npy", &error);
  g_assert_no_error (error);
  return session;
}

/* Computes with @settings: name, value, …, NULL. */
CnnMap *
tiny_compute (CnnSession *session, const char *name, int class_index, CnnModifier modifier,
              const char *const *settings)
{
  const CnnMethod *method = cnn_method_find (name);
  g_autoptr (GError) error = NULL;
  CnnMethodRequest request;
  CnnMap *map;

  g_assert_nonnull (method);
  cnn_method_request_init (&request, method);
  request.class_index = class_index;
  request.modifier = modifier;
  for (; settings != NULL && settings[0] != NULL; settings += 2) {
    cnn_method_request_set (&request, method, settings[0], settings[1], &error);
    g_assert_no_error (error);
  }
  map = cnn_method_compute (method, session, &request, NULL, &error);
  g_assert_no_error (error);
  cnn_method_request_clear (&request);
  return map;
}
