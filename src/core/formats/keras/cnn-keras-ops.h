/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-keras.h"

G_BEGIN_DECLS

/* Functions as layers: what the table of cnn-keras-layers-ops.c finds elsewhere. */

/** The argument at @position or of that name, where it is a constant; Keras 3 keeps a function's settings in
 * its configuration. (transfer none), or %NULL */
JsonNode *cnn_keras_argument (CnnKerasCall *call, guint position, const char *keyword);

/* cnn-keras-ops-shape.c */
gboolean cnn_keras_op_reshape (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_transpose (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_swapaxes (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_moveaxis (CnnKerasCall *call, int variant, GError **error);
/** @variant: whether channels become space, rather than space channels. */
gboolean cnn_keras_op_space_depth (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_expand_dims (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_squeeze (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_pad (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_resize (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_l2_normalize (CnnKerasCall *call, int variant, GError **error);

/* cnn-keras-ops-slice.c */
gboolean cnn_keras_op_getitem (CnnKerasCall *call, int variant, GError **error);
gboolean cnn_keras_op_flip (CnnKerasCall *call, int variant, GError **error);
/** @masks: the attributes of a StridedSlice node. */
gboolean cnn_keras_op_strided_slice (CnnKerasCall *call, JsonObject *masks, GError **error);

G_END_DECLS
