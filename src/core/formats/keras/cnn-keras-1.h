/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-keras.h"

G_BEGIN_DECLS

/* What Keras 1, and Keras on Theano, do in a way of their own. */

/** Whether the configuration of a file that names no version is in Keras 1's words. */
gboolean cnn_keras_1_wrote (JsonObject *model);

/** Whether the layers are such as Keras 1 had on TensorFlow only, whatever the order of their axes. */
gboolean cnn_keras_1_needs_tensorflow (JsonObject *model);

/** Keras 1's name for a weight: "W" for "kernel". */
const char *cnn_keras_1_weight_name (const char *param);

/**
 * cnn_keras_1_kernel:
 * @window: the kernel's sizes on @n_axes spatial axes
 * @in: -1: any
 *
 * Loads a kernel of Keras 1: (out, in, rows, columns) in Theano's order of axes, (rows, columns, in, out) in
 * TensorFlow's, and (steps, 1, in, out) over sequences. Returns it as (out, in, space), (transfer full).
 */
CnnTensor *cnn_keras_1_kernel (CnnKerasCall *call, const char *param, guint n_axes, const gint64 *window,
                               gint64 in, gint64 out, GError **error);

/**
 * cnn_keras_1_resolve_transposed:
 * @input: shape of the input
 * @attrs: of the operator; its window is known but for the pads
 *
 * Deconvolution2D has the size of its output in the file; what of the full one is cut off or added follows.
 */
gboolean cnn_keras_1_resolve_transposed (CnnKerasCall *call, const CnnShape *input, gboolean same,
                                         CnnOpAttrs *attrs, GError **error);

/**
 * Theano's 'same' on spatial axis @axis: @before zeros in front of the input whatever its size, and as many
 * windows as with TensorFlow's 'same'. The last windows then start where the input still has a number in
 * them.
 */
void cnn_keras_1_pad_half (CnnWindow *window, guint axis, gint64 before);

G_END_DECLS
