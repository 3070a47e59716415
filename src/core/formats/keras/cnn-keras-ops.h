/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-keras.h"

G_BEGIN_DECLS

/* Functions as layers: what the table of cnn-keras-layers-ops.c finds elsewhere. */

/** The argument at @position or of that name, where it is a constant; Keras 3 keeps a function's settings in
 * its configuration. (transfer none), or %NULL */
JsonNode *cnn_keras_argument (CnnKerasCall *call, guint position, const char *keyword);

/* cnn-keras-ops-shape.c */
/** A list of whole numbers, or one of them, into @out, which has @room for so many: how many there are; 0
 * where it is no such list, or a longer one. */
guint cnn_keras_integers (JsonNode *node, gint64 *out, guint room);
/** An argument that has one name in TensorFlow and another in Keras 3. */
JsonNode *cnn_keras_either (CnnKerasCall *call, guint position, const char *a, const char *b);
gboolean cnn_keras_op_reshape (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_transpose (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_swapaxes (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_moveaxis (CnnKerasCall *call, int variant, GError **error);
/** @variant: whether channels become space, rather than space channels. */
gboolean cnn_keras_op_space_depth (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_expand_dims (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_stack (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_squeeze (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_pad (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_resize (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_l2_normalize (CnnKerasCall *call, int variant, GError **error);

/* cnn-keras-ops-slice.c */
gboolean cnn_keras_op_getitem (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_flip (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_take (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_slice (CnnKerasCall *call, int variant, GError **error);
/** @masks: the attributes of a StridedSlice node. */
gboolean cnn_keras_op_strided_slice (CnnKerasCall *call, JsonObject *masks, GError **error);

/* cnn-keras-ops-parts.c */
/** @variant: whether a list holds the sizes of the parts rather than where they begin. */
gboolean cnn_keras_op_split (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_unstack (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_tile (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_broadcast (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_repeat (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_roll (CnnKerasCall *call, int variant, GError **error);

/* cnn-keras-ops-reduce.c */
/** @variant: CnnReduceKind */
gboolean cnn_keras_op_reduce (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_norm (CnnKerasCall *call, int variant, GError **error);
/** @variant: CNN_KERAS_VARIANCE, CNN_KERAS_DEVIATION or CNN_KERAS_MOMENTS (mean and variance) */
gboolean cnn_keras_op_spread (CnnKerasCall *call, int variant, GError **error);
enum { CNN_KERAS_VARIANCE, CNN_KERAS_DEVIATION, CNN_KERAS_MOMENTS };
gboolean cnn_keras_op_cumsum (CnnKerasCall *call, int variant, GError **error);

G_END_DECLS
