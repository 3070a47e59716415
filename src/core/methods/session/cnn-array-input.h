/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/*
 * Arrays in place of pictures. An array goes where pictures go, as it is, in the network's own order of axes,
 * or in the other one of channels first and channels last where only that fits; with or without the batch
 * axis; without the channel axis where there is one channel. Into a network that takes no pictures it goes in
 * its own shape only.
 */

/**
 * cnn_array_match:
 * @model: its image size may be another where the file leaves it free
 * @n: (out) (optional): how many inputs the array holds
 * @height, @width: (out) (optional): the size that the network has to have for it, 0 where it takes no
 * pictures
 *
 * Whether an array of that shape suits the network; else sets @error (CNN_ERROR_INPUT).
 */
gboolean cnn_array_match (CnnModel *model, const gint64 *dims, guint rank, guint *n, guint *height,
                          guint *width, GError **error);
/**
 * cnn_array_to_input:
 * @model: of the array's size
 *
 * The numbers in CnnViz' order: @n inputs of batch, channels, height, width. (transfer full), or %NULL with
 * @error set.
 */
float *cnn_array_to_input (CnnModel *model, const float *values, const gint64 *dims, guint rank, guint *n,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
