/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-engine.h"
#include "cnn-plan.h"

G_BEGIN_DECLS

/** The fused plan of the current input, run; it keeps every tensor. */
CnnPlan *cnn_engine_live_plan (CnnEngine *self, GCancellable *cancellable, GError **error);
/** The same as it is, whatever input it last ran; %NULL where there is none. */
CnnPlan *cnn_engine_peek_live_plan (CnnEngine *self);
/** Grows with every new input. */
guint64 cnn_engine_get_input_number (CnnEngine *self);
/** The current input's numbers. */
const float *cnn_engine_get_input (CnnEngine *self);
/** The value of the input that takes the picture. */
guint cnn_engine_get_input_value (CnnEngine *self);
/** Grows whenever a further input is held at other numbers. */
guint64 cnn_engine_get_constants_number (CnnEngine *self);
CnnWeightCache *cnn_engine_get_weights (CnnEngine *self);
/** Writes what further inputs are held at into all rows of @plan. */
void cnn_engine_fill_constants (CnnEngine *self, CnnPlan *plan);

G_END_DECLS
