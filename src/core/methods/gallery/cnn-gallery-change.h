/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * cnn_gallery_changes:
 * @rect: x, y, width, height in pixels of the network's input; clipped to it
 * @value: for CNN_FILL_VALUE, in the model's own units
 *
 * How much an occluder changes each filter of a layer: the mean over space of |activation under the occluder
 * - activation without it|. As many floats as the layer's gallery of activations has filters.
 * Returns: (transfer full): or %NULL with @error set
 */
GBytes *cnn_gallery_changes (CnnSession *session, guint layer, const int rect[4], CnnFill fill, float value,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
