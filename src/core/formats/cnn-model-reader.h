/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/**
 * cnn_model_read:
 * @path: a Keras .h5/.hdf5, .keras, a TensorFlow.js model.json or .onnx; the kind is found from the content
 *
 * Reads a model. Labels are taken from the file or from labels.txt, labels.json or metadata.json beside it.
 * Returns: (transfer full): the model, or %NULL with one sentence in @error.
 */
CnnModel *cnn_model_read (const char *path, GCancellable *cancellable,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * CnnKernelRotation: whether convolution kernels of a Keras HDF5 file are turned by 180 degrees.
 *
 * The Theano backend convolved in the mathematical sense, with turned kernels. Keras 2 files say which
 * backend wrote them, those of Keras 1 do not: AUTO takes those whose channels come first for Theano's.
 */
typedef enum { CNN_KERNEL_ROTATION_AUTO, CNN_KERNEL_ROTATION_NO, CNN_KERNEL_ROTATION_YES } CnnKernelRotation;

/** "auto", "no" or "yes". */
gboolean cnn_kernel_rotation_from_name (const char *name, CnnKernelRotation *rotation);

/** As cnn_model_read(), with a choice that the file may leave open. */
CnnModel *cnn_model_read_with (const char *path, CnnKernelRotation rotation, GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Class names of a file with one name a line, or of a .json (array, object by index, Teachable Machine
 * metadata). (transfer full) */
char **cnn_labels_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
