/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * cnn_occluder_filling:
 *
 * What lies under an occluder everywhere: channels x height x width numbers. Gray is the middle of the input
 * range (0.5 for arrays, whose range is not known), black and white its ends; mean is the picture's mean
 * colour; blur the picture blurred beyond recognition; CNN_FILL_VALUE is @value in the model's own units.
 * Returns: (transfer full): g_free()
 */
float *cnn_occluder_filling (CnnSession *session, CnnFill fill, float value) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_occluder_prepare_dragged:
 * @position: (out): of the occluder in the grid of @session->dragged
 *
 * Makes @session->dragged an incremental forward for an occluder of that size at any place. Moving the
 * occluder keeps it, another size compiles it anew.
 */
gboolean cnn_occluder_prepare_dragged (CnnSession *session, int x, int y, int width, int height,
                                       guint *position, GError **error);

/** "gray", "black", "white", "mean", "blur"; ends with NULL. */
extern const char *const cnn_fill_names[];
/** N_() of each, for the window. */
extern const char *const cnn_fill_titles[];
const char *cnn_fill_name (CnnFill fill);
gboolean cnn_fill_from_name (const char *name, CnnFill *fill);

G_END_DECLS
