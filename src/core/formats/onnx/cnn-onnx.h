/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** CnnOnnxOptions: what differs from reading a network of one image; all zero for that. */
typedef struct {
  gboolean keep_batch;   /* take the first axis' size of inputs literally (operator tests) */
  guint height, width;   /* of the picture where the file leaves them free; 0: the standard size */
  GHashTable *bindings;  /* name of a graph input -> CnnOnnxArray *: read as that constant; or NULL */
  GHashTable *constants; /* (out) name of a graph output that turned out constant -> CnnTensor *; or NULL */
} CnnOnnxOptions;

/** Whether a file that begins with @data looks like an ONNX model. */
gboolean cnn_onnx_recognise (const guint8 *data, gsize length);

/** Reads the ONNX model @path, mapped as @file. The weights stay in the mapped file where their alignment
 * allows. */
CnnModel *cnn_onnx_read (const char *path, GMappedFile *file, GCancellable *cancellable,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The same with options. */
CnnModel *cnn_onnx_read_with (const char *path, GMappedFile *file, const CnnOnnxOptions *options,
                              GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
