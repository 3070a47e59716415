/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/kernels/cnn-kernel.h"

G_BEGIN_DECLS

/** Runs a model operator by operator with the kernels, fusing and sharing nothing: what the engine must agree
 * with. */
typedef struct {
  CnnModel *model;
  float **values; /* by value; NULL where an operator is not known */
  float **diffs;
} Reference;

Reference *reference_new (CnnModel *model);
void reference_free (Reference *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reference, reference_free)

/** Sets an input of the model; all must be set before reference_forward(). */
void reference_set_input (Reference *self, guint input, const float *data);
void reference_forward (Reference *self);
/** Fills diffs of every value with the gradient of Σ @seed · @value. */
void reference_backward (Reference *self, guint value, const float *seed, CnnModifier modifier);

G_END_DECLS
