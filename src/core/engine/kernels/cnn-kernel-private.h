/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-kernel.h"

/** From this many elements on a loop is shared among threads. */
#define CNN_KERNEL_PARALLEL 32768

/** One kernel an operator; the stems of the operator table. */
extern const CnnKernel cnn_kernel_conv, cnn_kernel_conv_transpose, cnn_kernel_dense, cnn_kernel_matmul,
    cnn_kernel_pool, cnn_kernel_batch_norm, cnn_kernel_normalize, cnn_kernel_lrn, cnn_kernel_activation,
    cnn_kernel_prelu, cnn_kernel_softmax, cnn_kernel_binary, cnn_kernel_concat, cnn_kernel_slice,
    cnn_kernel_pad, cnn_kernel_resize, cnn_kernel_reshape, cnn_kernel_transpose, cnn_kernel_reduce,
    cnn_kernel_select, cnn_kernel_along, cnn_kernel_gather, cnn_kernel_scatter, cnn_kernel_grid_sample,
    cnn_kernel_identity;

/**
 * CnnLoop: a nest of loops over one index space, with up to three arrays that it walks, each with its own
 * strides (0 along an axis on which the array is repeated). Axes are merged where all arrays allow, so the
 * last is long.
 */
typedef struct {
  guint n_arrays;
  guint rank; /* >= 1 */
  gint64 dims[CNN_MAX_RANK];
  gint64 strides[3][CNN_MAX_RANK];
} CnnLoop;

/** Starts a loop over @space; arrays are added, then cnn_loop_merge(). */
void cnn_loop_init (CnnLoop *loop, const CnnShape *space);
/** Adds an array with these strides, one an axis of the space. */
void cnn_loop_add (CnnLoop *loop, const gint64 *strides);
/** Adds a row-major array of @shape, broadcast to the space as numpy does. */
void cnn_loop_add_broadcast (CnnLoop *loop, const CnnShape *space, const CnnShape *shape);
void cnn_loop_merge (CnnLoop *loop);
/** The number of rows: runs of the last axis. */
gsize cnn_loop_rows (const CnnLoop *loop);
/** Where row @row begins in each array. */
void cnn_loop_seek (const CnnLoop *loop, gsize row, gint64 offsets[3]);

/** The product of the dimensions before @axis. */
gsize cnn_shape_size_before (const CnnShape *shape, guint axis);

/** Σ a·b, summed in blocks so that long sums stay exact. */
double cnn_kernel_dot (const float *a, const float *b, gsize n);
