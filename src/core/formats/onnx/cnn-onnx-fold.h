/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-onnx-graph.h"

G_BEGIN_DECLS

/* What the functions that fold constants share (cnn-onnx-fold*.c); the functions themselves are declared in
 * cnn-onnx-graph.h. */

/** Input @i of the node, all of whose inputs are constants; %NULL where it is absent. */
CnnOnnxArray *cnn_onnx_fold_input (CnnOnnxContext *ctx, guint i);
/** Whether the first @n inputs, which the operator cannot do without, are there. */
gboolean cnn_onnx_fold_require (CnnOnnxContext *ctx, guint n, GError **error);

/** The elements of @in at @base + i·@steps[0] + k·@steps[1] + …, for i, k, … of each place in @shape; the
 * caller has seen to it that they lie within. */
CnnOnnxArray *cnn_onnx_fold_strided (CnnOnnxArray *in, const CnnShape *shape, gint64 base,
                                     const gint64 *steps) G_GNUC_WARN_UNUSED_RESULT;

/** Room for a result: as many floats, or integers, as @shape has. */
typedef struct {
  CnnShape shape;
  gsize count;
  float *floats;
  gint64 *ints;
} CnnOnnxResult;

/** All numbers are zero; refuses what is too large (cnn_onnx_spend()). */
gboolean cnn_onnx_result_init (CnnOnnxContext *ctx, CnnOnnxResult *result, const CnnShape *shape,
                               gboolean is_float, GError **error);
/** Number @i becomes number @k of @from. */
void cnn_onnx_result_set (CnnOnnxResult *result, gsize i, const CnnOnnxArray *from, gsize k);
/** The array; takes the numbers of @result. */
CnnOnnxArray *cnn_onnx_result_array (CnnOnnxResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
