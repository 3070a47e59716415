/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * CnnGradients: the gradients of several classes for one input. A way back does not read the class, so that
 * of many costs little more than that of one: when a method asks for the gradient of one of these classes,
 * those of its neighbours are computed in the same batch and kept.
 */
typedef struct _CnnGradients CnnGradients;

/** @classes: in the order in which they will be asked for; copied. */
CnnGradients *cnn_gradients_new (const int *classes, guint n_classes) G_GNUC_WARN_UNUSED_RESULT;
void cnn_gradients_free (CnnGradients *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnGradients, cnn_gradients_free)

/**
 * cnn_session_gradient:
 * @wrt: a value
 * @out: takes its size in floats
 * @gates: (out): what the modifier met on the way
 *
 * The gradient of the score of the request's class, from the session's CnnGradients where it has some of that
 * class.
 */
gboolean cnn_session_gradient (CnnSession *session, const CnnMethodRequest *request, CnnModifier modifier,
                               guint wrt, float *out, CnnGateCount *gates, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
