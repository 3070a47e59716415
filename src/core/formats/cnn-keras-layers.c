/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <string.h>

/* The layer table: one line a class. What is not in here becomes an operator that cannot be computed. */
static const CnnKerasLayerKind kinds[] = {
  { "Dense", cnn_keras_dense, 0 },
  { "Flatten", cnn_keras_flatten, 0 },
  { "Reshape", cnn_keras_reshape_layer, 0 },
  { "Permute", cnn_keras_permute, 0 },
  { "RepeatVector", cnn_keras_repeat_vector, 0 },
  { "TimeDistributed", cnn_keras_time_distributed, 0 },

  { "Conv1D", cnn_keras_conv, 1 },
  { "Convolution1D", cnn_keras_conv, 1 },
  { "Conv2D", cnn_keras_conv, 2 },
  { "Convolution2D", cnn_keras_conv, 2 },
  { "AtrousConvolution2D", cnn_keras_conv, 2 },
  { "Conv1DTranspose", cnn_keras_conv_transpose, 1 },
  { "Convolution1DTranspose", cnn_keras_conv_transpose, 1 },
  { "Conv2DTranspose", cnn_keras_conv_transpose, 2 },
  { "Convolution2DTranspose", cnn_keras_conv_transpose, 2 },
  { "Deconvolution2D", cnn_keras_conv_transpose, 2 },
  { "DepthwiseConv1D", cnn_keras_depthwise_conv, 1 },
  { "DepthwiseConv2D", cnn_keras_depthwise_conv, 2 },
  { "SeparableConv1D", cnn_keras_separable_conv, 1 },
  { "SeparableConv2D", cnn_keras_separable_conv, 2 },
  { "SeparableConvolution2D", cnn_keras_separable_conv, 2 },

  { "MaxPooling1D", cnn_keras_pool, 1 },
  { "MaxPool1D", cnn_keras_pool, 1 },
  { "MaxPooling2D", cnn_keras_pool, 2 },
  { "MaxPool2D", cnn_keras_pool, 2 },
  { "AveragePooling1D", cnn_keras_pool, -1 },
  { "AvgPool1D", cnn_keras_pool, -1 },
  { "AveragePooling2D", cnn_keras_pool, -2 },
  { "AvgPool2D", cnn_keras_pool, -2 },
  { "GlobalMaxPooling1D", cnn_keras_global_pool, 1 },
  { "GlobalMaxPool1D", cnn_keras_global_pool, 1 },
  { "GlobalMaxPooling2D", cnn_keras_global_pool, 2 },
  { "GlobalMaxPool2D", cnn_keras_global_pool, 2 },
  { "GlobalAveragePooling1D", cnn_keras_global_pool, -1 },
  { "GlobalAvgPool1D", cnn_keras_global_pool, -1 },
  { "GlobalAveragePooling2D", cnn_keras_global_pool, -2 },
  { "GlobalAvgPool2D", cnn_keras_global_pool, -2 },

  { "ZeroPadding1D", cnn_keras_zero_padding, 1 },
  { "ZeroPadding2D", cnn_keras_zero_padding, 2 },
  { "Cropping1D", cnn_keras_cropping, 1 },
  { "Cropping2D", cnn_keras_cropping, 2 },
  { "UpSampling1D", cnn_keras_up_sampling, 1 },
  { "UpSampling2D", cnn_keras_up_sampling, 2 },
  { "Resizing", cnn_keras_resizing, 0 },
  { "CenterCrop", cnn_keras_center_crop, 0 },

  { "BatchNormalization", cnn_keras_batch_normalization, 0 },
  { "BatchNormalizationV1", cnn_keras_batch_normalization, 0 },
  { "BatchNormalizationV2", cnn_keras_batch_normalization, 0 },
  { "SyncBatchNormalization", cnn_keras_batch_normalization, 0 },
  { "LayerNormalization", cnn_keras_layer_normalization, 0 },
  { "GroupNormalization", cnn_keras_group_normalization, 0 },
  { "Normalization", cnn_keras_normalization, 0 },
  { "Rescaling", cnn_keras_rescaling, 0 },

  { "Activation", cnn_keras_activation, 0 },
  { "ReLU", cnn_keras_relu, 0 },
  { "LeakyReLU", cnn_keras_leaky_relu, 0 },
  { "PReLU", cnn_keras_prelu, 0 },
  { "ELU", cnn_keras_elu, 0 },
  { "ThresholdedReLU", cnn_keras_thresholded_relu, 0 },
  { "Softmax", cnn_keras_softmax, 0 },

  { "Add", cnn_keras_merge, CNN_BINARY_ADD },
  { "Subtract", cnn_keras_merge, CNN_BINARY_SUB },
  { "Multiply", cnn_keras_merge, CNN_BINARY_MUL },
  { "Average", cnn_keras_merge, CNN_KERAS_AVERAGE },
  { "Maximum", cnn_keras_merge, CNN_BINARY_MAX },
  { "Minimum", cnn_keras_merge, CNN_BINARY_MIN },
  { "Concatenate", cnn_keras_concatenate, 0 },
  { "Dot", cnn_keras_dot, 0 },
  { "Merge", cnn_keras_merge_v1, 0 },

  { "Identity", cnn_keras_identity, 0 },
  { "Dropout", cnn_keras_identity, 0 },
  { "SpatialDropout1D", cnn_keras_identity, 0 },
  { "SpatialDropout2D", cnn_keras_identity, 0 },
  { "AlphaDropout", cnn_keras_identity, 0 },
  { "GaussianDropout", cnn_keras_identity, 0 },
  { "GaussianNoise", cnn_keras_identity, 0 },
  { "ActivityRegularization", cnn_keras_identity, 0 },
  { "RandomBrightness", cnn_keras_identity, 0 },
  { "RandomColorDegeneration", cnn_keras_identity, 0 },
  { "RandomColorJitter", cnn_keras_identity, 0 },
  { "RandomContrast", cnn_keras_identity, 0 },
  { "RandomElasticTransform", cnn_keras_identity, 0 },
  { "RandomErasing", cnn_keras_identity, 0 },
  { "RandomFlip", cnn_keras_identity, 0 },
  { "RandomGaussianBlur", cnn_keras_identity, 0 },
  { "RandomGrayscale", cnn_keras_identity, 0 },
  { "RandomHeight", cnn_keras_identity, 0 },
  { "RandomHue", cnn_keras_identity, 0 },
  { "RandomInvert", cnn_keras_identity, 0 },
  { "RandomPerspective", cnn_keras_identity, 0 },
  { "RandomPosterization", cnn_keras_identity, 0 },
  { "RandomRotation", cnn_keras_identity, 0 },
  { "RandomSaturation", cnn_keras_identity, 0 },
  { "RandomSharpness", cnn_keras_identity, 0 },
  { "RandomShear", cnn_keras_identity, 0 },
  { "RandomTranslation", cnn_keras_identity, 0 },
  { "RandomWidth", cnn_keras_identity, 0 },
  { "RandomZoom", cnn_keras_identity, 0 },

  { "TFOpLambda", cnn_keras_tf_op_lambda, 0 },
  { "SlicingOpLambda", cnn_keras_tf_op_lambda, 0 },
  { "TensorFlowOpLayer", cnn_keras_tf_op_layer, 0 },
  { "Divide", cnn_keras_function, 0 },
  { "TrueDivide", cnn_keras_function, 0 },
  { "Power", cnn_keras_function, 0 },
  { "Relu", cnn_keras_function, 0 },
  { "Relu6", cnn_keras_function, 0 },
  { "Sigmoid", cnn_keras_function, 0 },
  { "Silu", cnn_keras_function, 0 },
  { "Gelu", cnn_keras_function, 0 },
  { "Tanh", cnn_keras_function, 0 },
  { "HardSigmoid", cnn_keras_function, 0 },
  { "HardSilu", cnn_keras_function, 0 },
  { "Exp", cnn_keras_function, 0 },
  { "Negative", cnn_keras_function, 0 },
  { "Clip", cnn_keras_function, 0 },
  { "Mean", cnn_keras_function, 0 },
  { "Sum", cnn_keras_function, 0 },
  { "Max", cnn_keras_function, 0 },
  { "Transpose", cnn_keras_function, 0 },
};

const CnnKerasLayerKind *
cnn_keras_find_layer (const char *class_name)
{
  const char *mark = strrchr (class_name, '>');
  const char *name = mark != NULL ? mark + 1 : class_name;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (name, kinds[i].class_name))
      return &kinds[i];
  return NULL;
}
