/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-tensor.h"
#include "model/cnn-error.h"

G_BEGIN_DECLS

/**
 * CnnOnnxArray: numbers that are known while the graph is read: weights and the shape arithmetic that
 * exporters leave behind. Either floats or integers (booleans too), row-major; or one number that stands
 * everywhere (@uniform), so that a filled tensor costs nothing until somebody needs it. Immutable once made.
 */
typedef struct {
  CnnShape shape;
  gsize count;
  gboolean is_float;
  gboolean uniform;
  double value;      /* uniform */
  CnnTensor *tensor; /* floats */
  gint64 *ints;      /* integers */
  /*< private >*/
  grefcount refs;
} CnnOnnxArray;

/** Takes @data (g_malloc). */
CnnOnnxArray *cnn_onnx_array_new_floats (const CnnShape *shape, float *data) G_GNUC_WARN_UNUSED_RESULT;
CnnOnnxArray *cnn_onnx_array_new_ints (const CnnShape *shape, gint64 *data) G_GNUC_WARN_UNUSED_RESULT;
CnnOnnxArray *cnn_onnx_array_new_uniform (const CnnShape *shape, gboolean is_float,
                                          double value) G_GNUC_WARN_UNUSED_RESULT;
/** References @tensor. */
CnnOnnxArray *cnn_onnx_array_new_tensor (CnnTensor *tensor) G_GNUC_WARN_UNUSED_RESULT;
CnnOnnxArray *cnn_onnx_array_ref (CnnOnnxArray *self);
void cnn_onnx_array_unref (CnnOnnxArray *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnOnnxArray, cnn_onnx_array_unref)

/** Element @i in row-major order. The tensor of a float array must be contiguous
 * (cnn_onnx_array_contiguous()). */
double cnn_onnx_array_get (const CnnOnnxArray *self, gsize i);
gint64 cnn_onnx_array_get_int (const CnnOnnxArray *self, gsize i);

/** The same numbers in another shape of as many elements. */
CnnOnnxArray *cnn_onnx_array_reshape (CnnOnnxArray *self, const CnnShape *shape) G_GNUC_WARN_UNUSED_RESULT;
/** The array, or a copy of it in row-major order. */
CnnOnnxArray *cnn_onnx_array_contiguous (CnnOnnxArray *self) G_GNUC_WARN_UNUSED_RESULT;

/** Chosen elements: number i of the result is number @index[i] of @in, which must be contiguous. Takes @index
 * (g_malloc), one for each element of @shape. */
CnnOnnxArray *cnn_onnx_array_pick (CnnOnnxArray *in, const CnnShape *shape,
                                   gsize *index) G_GNUC_WARN_UNUSED_RESULT;

/** The whole as a tensor of floats; uniform and integer arrays are written out, the caller has checked the
 * size. */
CnnTensor *cnn_onnx_array_to_tensor (CnnOnnxArray *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
