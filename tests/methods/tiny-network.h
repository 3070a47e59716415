/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"
#include "model/cnn-model-builder.h"

G_BEGIN_DECLS

/* Networks so small that the numbers of the methods follow by hand. */

/** A dense layer with @weights of outs x ins, with a rectifier or without. Returns its output. */
guint tiny_add_dense (CnnModelBuilder *builder, const char *name, guint input, guint outs, guint ins,
                      const float *weights, gboolean rectified);
guint tiny_add_flatten (CnnModelBuilder *builder, guint input);
/** A layer “conv” to look at: a 1x1 convolution that changes nothing. */
guint tiny_add_identity_conv (CnnModelBuilder *builder, guint input, guint channels);
/** Ends and frees @builder. */
CnnModel *tiny_finish (CnnModelBuilder *builder, guint output);

/** Image of @channels x @height x @width, optionally the identity convolution, then one linear layer. */
CnnModel *tiny_linear (guint channels, guint height, guint width, guint classes, const float *weights,
                       gboolean with_conv);
CnnSession *tiny_open (CnnModel *model, const float *values);
/** Computes with @settings: name, value, …, NULL. */
CnnMap *tiny_compute (CnnSession *session, const char *name, int class_index, CnnModifier modifier,
                      const char *const *settings);

G_END_DECLS
