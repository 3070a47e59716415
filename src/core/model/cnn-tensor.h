/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-shape.h"

G_BEGIN_DECLS

/**
 * CnnTensor:
 *
 * Immutable float32 numbers of a model file: a weight or another constant. Reference-counted, safe to share
 * between threads. The axes are in CnnViz' order (see CnnLayout in cnn-model.h), the memory may lie in the
 * file's: @strides (in elements) tell, so that a Keras kernel (rows, columns, in, out) is read as
 * (out, in, rows, columns) with no copy, straight from the mapped file.
 */
typedef struct {
  CnnShape shape;
  gint64 strides[CNN_MAX_RANK];
  const float *data;
  /*< private >*/
  GBytes *owner;
  gatomicrefcount refs;
} CnnTensor;

/** Wraps @bytes (transfer none, referenced), which must hold exactly the elements of @shape in row-major
 * order. */
CnnTensor *cnn_tensor_new (const CnnShape *shape, GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;

/** Copies @data, row-major. */
CnnTensor *cnn_tensor_new_copy (const CnnShape *shape, const float *data) G_GNUC_WARN_UNUSED_RESULT;

/** Takes @data, allocated by g_malloc(), row-major. */
CnnTensor *cnn_tensor_new_take (const CnnShape *shape, float *data) G_GNUC_WARN_UNUSED_RESULT;

/** A tensor of rank 0. */
CnnTensor *cnn_tensor_new_scalar (float value) G_GNUC_WARN_UNUSED_RESULT;

/** The same numbers with axis i of the result being axis @axes[i] of @tensor; shares the memory. */
CnnTensor *cnn_tensor_permute (CnnTensor *tensor, const guint *axes) G_GNUC_WARN_UNUSED_RESULT;

/** The same numbers in another shape of as many elements; copies only where the memory is permuted. */
CnnTensor *cnn_tensor_reshape (CnnTensor *tensor, const CnnShape *shape) G_GNUC_WARN_UNUSED_RESULT;

CnnTensor *cnn_tensor_ref (CnnTensor *tensor);
void cnn_tensor_unref (CnnTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnTensor, cnn_tensor_unref)

/** Whether @data is row-major without gaps. */
gboolean cnn_tensor_is_contiguous (const CnnTensor *tensor);

/** Writes the numbers row-major in the order of @shape to @out (cnn_shape_size() floats). */
void cnn_tensor_read (const CnnTensor *tensor, float *out);

/** A new contiguous block of the numbers, freed by g_free(). */
float *cnn_tensor_dup_data (const CnnTensor *tensor) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_tensor_in_file_order:
 *
 * The tensor with its axes in the order of its memory, slowest first: the layout of the file that it came
 * from.
 */
CnnTensor *cnn_tensor_in_file_order (CnnTensor *tensor) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
