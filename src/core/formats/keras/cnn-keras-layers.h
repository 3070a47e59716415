/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-keras.h"

G_BEGIN_DECLS

/* The layer functions, by family; cnn-keras-layers.c lists which class is which. */

/* cnn-keras-layers-basic.c */
gboolean cnn_keras_identity (CnnKerasCall *call, GError **error);
gboolean cnn_keras_masking (CnnKerasCall *call, GError **error);
gboolean cnn_keras_dense (CnnKerasCall *call, GError **error);
gboolean cnn_keras_flatten (CnnKerasCall *call, GError **error);
gboolean cnn_keras_reshape_layer (CnnKerasCall *call, GError **error);
gboolean cnn_keras_permute (CnnKerasCall *call, GError **error);
gboolean cnn_keras_repeat_vector (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-time.c */
gboolean cnn_keras_time_distributed (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-activation.c */
gboolean cnn_keras_activation (CnnKerasCall *call, GError **error);
gboolean cnn_keras_relu (CnnKerasCall *call, GError **error);
gboolean cnn_keras_leaky_relu (CnnKerasCall *call, GError **error);
gboolean cnn_keras_elu (CnnKerasCall *call, GError **error);
gboolean cnn_keras_thresholded_relu (CnnKerasCall *call, GError **error);
gboolean cnn_keras_softmax (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-parametric.c: functions with weights of their own */
gboolean cnn_keras_prelu (CnnKerasCall *call, GError **error);
gboolean cnn_keras_parametric_softplus (CnnKerasCall *call, GError **error);
gboolean cnn_keras_srelu (CnnKerasCall *call, GError **error);

/* cnn-keras-composed.c */
/** Whether @name is a function of several of the engine's. */
gboolean cnn_keras_is_composed (const char *name);
/** Puts the function of that name, which cnn_keras_is_composed() knows, behind @value. */
gboolean cnn_keras_add_composed (CnnKerasCall *call, const char *name, guint *value, GError **error);

/* cnn-keras-layers-conv.c; variant: spatial axes */
gboolean cnn_keras_conv (CnnKerasCall *call, GError **error);
gboolean cnn_keras_conv_transpose (CnnKerasCall *call, GError **error);
gboolean cnn_keras_depthwise_conv (CnnKerasCall *call, GError **error);
gboolean cnn_keras_separable_conv (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-pool.c; variant: spatial axes, negative for averages */
gboolean cnn_keras_pool (CnnKerasCall *call, GError **error);
gboolean cnn_keras_global_pool (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-space.c; variant: spatial axes */
gboolean cnn_keras_zero_padding (CnnKerasCall *call, GError **error);
gboolean cnn_keras_cropping (CnnKerasCall *call, GError **error);
gboolean cnn_keras_up_sampling (CnnKerasCall *call, GError **error);
gboolean cnn_keras_resizing (CnnKerasCall *call, GError **error);
gboolean cnn_keras_center_crop (CnnKerasCall *call, GError **error);
gboolean cnn_keras_random_crop (CnnKerasCall *call, GError **error);
/** TensorFlow's interpolation of that name, or %FALSE. */
gboolean cnn_keras_set_interpolation (const char *name, CnnOpAttrs *attrs);

/* cnn-keras-layers-norm.c */
gboolean cnn_keras_batch_normalization (CnnKerasCall *call, GError **error);
gboolean cnn_keras_layer_normalization (CnnKerasCall *call, GError **error);
gboolean cnn_keras_group_normalization (CnnKerasCall *call, GError **error);
gboolean cnn_keras_normalization (CnnKerasCall *call, GError **error);
gboolean cnn_keras_rescaling (CnnKerasCall *call, GError **error);
gboolean cnn_keras_layer_scale (CnnKerasCall *call, GError **error);
gboolean cnn_keras_rms_normalization (CnnKerasCall *call, GError **error);
gboolean cnn_keras_unit_normalization (CnnKerasCall *call, GError **error);
/** Divides @value by its length over @n axes as held. */
gboolean cnn_keras_normalize_axes (CnnKerasCall *call, guint *value, const guint *axes, guint n,
                                   GError **error);

/* cnn-keras-layers-merge.c; variant: CnnBinaryKind, or CNN_KERAS_AVERAGE */
#define CNN_KERAS_AVERAGE 100
gboolean cnn_keras_merge (CnnKerasCall *call, GError **error);
gboolean cnn_keras_concatenate (CnnKerasCall *call, GError **error);
gboolean cnn_keras_dot (CnnKerasCall *call, GError **error);
gboolean cnn_keras_merge_v1 (CnnKerasCall *call, GError **error);
gboolean cnn_keras_scaled_residual (CnnKerasCall *call, GError **error);
gboolean cnn_keras_lambda (CnnKerasCall *call, GError **error);

/* cnn-keras-layers-ops.c: TensorFlow's and Keras 3's functions as layers */
gboolean cnn_keras_tf_op_lambda (CnnKerasCall *call, GError **error);
gboolean cnn_keras_tf_op_layer (CnnKerasCall *call, GError **error);
gboolean cnn_keras_function (CnnKerasCall *call, GError **error);

/** Joins values in one layout and rank, as Keras' merging layers broadcast them. */
gboolean cnn_keras_unify (CnnKerasCall *call, guint *values, guint n, GError **error);

G_END_DECLS
