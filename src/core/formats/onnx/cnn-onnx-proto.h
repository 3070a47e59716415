/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-onnx-array.h"
#include "formats/onnx.pb-c.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/** CnnOnnxCopies: memory for numbers of one file that cannot be read where they lie. What was put in it stays
 * as long as its own bytes are held. */
typedef struct _CnnOnnxCopies CnnOnnxCopies;

CnnOnnxCopies *cnn_onnx_copies_new (void) G_GNUC_WARN_UNUSED_RESULT;
void cnn_onnx_copies_free (CnnOnnxCopies *self);

/** CnnOnnxFile: the mapped file and the files of external data beside it. */
typedef struct {
  char *path;
  char *name; /* for messages */
  GMappedFile *mapped;
  GBytes *bytes;
  int fd; /* the same file, to read large unaligned weights; -1 where it is gone */
  Onnx__ModelProto *proto;
  GHashTable *external; /* path -> GMappedFile * */
  CnnOnnxCopies *copies;
} CnnOnnxFile;

/** Element types of the format that are read. */
typedef enum {
  CNN_ONNX_FLOAT = 1,
  CNN_ONNX_UINT8 = 2,
  CNN_ONNX_INT8 = 3,
  CNN_ONNX_UINT16 = 4,
  CNN_ONNX_INT16 = 5,
  CNN_ONNX_INT32 = 6,
  CNN_ONNX_INT64 = 7,
  CNN_ONNX_BOOL = 9,
  CNN_ONNX_FLOAT16 = 10,
  CNN_ONNX_DOUBLE = 11,
  CNN_ONNX_UINT32 = 12,
  CNN_ONNX_UINT64 = 13,
  CNN_ONNX_BFLOAT16 = 16
} CnnOnnxType;

/** Parses the description of the network; the weights stay where they are. */
CnnOnnxFile *cnn_onnx_file_new (const char *path, GMappedFile *mapped,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cnn_onnx_file_free (CnnOnnxFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnOnnxFile, cnn_onnx_file_free)

/** Bytes of the file and of the weight files that were opened for it. */
gsize cnn_onnx_file_size (CnnOnnxFile *self);

/** The numbers of a tensor: a view of the file for aligned float32, otherwise converted. Sizes are checked
 * first. */
CnnOnnxArray *cnn_onnx_file_read_tensor (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** A copy of @data, which lies at @offset of the file @fd (or -1), aligned for floats. */
GBytes *cnn_onnx_copies_add (CnnOnnxCopies *self, const guint8 *data, gsize length, int fd,
                             gsize offset) G_GNUC_WARN_UNUSED_RESULT;

/** Whether @type is a floating type. */
gboolean cnn_onnx_type_is_float (int type);

G_END_DECLS
