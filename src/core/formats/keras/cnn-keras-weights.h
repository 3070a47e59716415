/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** Where the weights of a layer lie; each kind of file uses what it needs. */
typedef struct {
  const char *name;   /* the layer's own name */
  const char *path;   /* names from the outside in: "model1/Conv1" */
  const char *top;    /* name of the outermost layer: the group of a Keras HDF5 file */
  const char *folder; /* folder of a .keras file: "layers/functional/layers/conv2d" */
  gboolean nested;    /* whether the layer lies in a model in the model */
} CnnKerasScope;

/** CnnKerasStore: the weights of a file, whatever the kind. */
typedef struct _CnnKerasStore CnnKerasStore;
struct _CnnKerasStore {
  /*
   * The weight called @param, which is the @index-th of its layer. @expected: its shape in the file's order,
   * with -1 where any size will do; a weight of another shape is an error. Returns a tensor in the file's
   * order.
   */
  CnnTensor *(*load) (CnnKerasStore *store, const CnnKerasScope *scope, const char *param, guint index,
                      const CnnShape *expected, GError **error);
  /* Names of the layer's weights for layers that are not known, or NULL; (transfer full). */
  GPtrArray *(*list) (CnnKerasStore *store, const CnnKerasScope *scope);
  void (*free) (CnnKerasStore *store);
};

/** Whether a name in a file ("conv/kernel:0", "conv_W") ends in the parameter @param. */
gboolean cnn_keras_param_matches (const char *name, const char *param);

/** Fails with a sentence where @found does not fit @expected (-1: any). */
gboolean cnn_keras_check_shape (const CnnKerasScope *scope, const char *param, const CnnShape *expected,
                                const CnnShape *found, GError **error);

/** Shows a shape of which sizes may be -1, "3x3x?x32". (transfer full) */
char *cnn_keras_shape_to_string (const CnnShape *shape);

/**
 * CnnHdf5: an HDF5 file in memory. HDF5 is not thread-safe: cnn_hdf5_lock() is held around all of it.
 */
typedef struct _CnnHdf5 CnnHdf5;
void cnn_hdf5_lock (void);
void cnn_hdf5_unlock (void);
/** @bytes: the mapped file; not copied, and kept by the tensors that point into it. @what: the file for
 * messages. */
CnnHdf5 *cnn_hdf5_open (GBytes *bytes, const char *what, GError **error);
void cnn_hdf5_close (CnnHdf5 *self);
/** Text of an attribute of the root group; %NULL where it is absent. (transfer full) */
char *cnn_hdf5_read_text (CnnHdf5 *self, const char *attribute);
gboolean cnn_hdf5_has (CnnHdf5 *self, const char *path);

/** Weights of a Keras 1 or 2 HDF5 file; takes @file. */
CnnKerasStore *cnn_keras_hdf5_store (CnnHdf5 *file, GError **error);
/** Weights of a .keras file's model.weights.h5; takes @file. */
CnnKerasStore *cnn_keras_v3_store (CnnHdf5 *file, GError **error);
/** Weights of a TensorFlow.js layers model: @manifest its weightsManifest, @folder where the shards lie. */
CnnKerasStore *cnn_tfjs_store (JsonArray *manifest, const char *folder, GCancellable *cancellable,
                               GError **error);

/** The tensor at @path; its shape is checked against @expected before anything is read. */
CnnTensor *cnn_hdf5_read_tensor (CnnHdf5 *self, const char *path, const CnnKerasScope *scope,
                                 const char *param, const CnnShape *expected, GError **error);
/** Names in an attribute (or its pieces name0, name1, …) of the group @path. (transfer full) */
GPtrArray *cnn_hdf5_read_names (CnnHdf5 *self, const char *path, const char *attribute);
/** Paths of all datasets, as the file writes them. (transfer full) */
GPtrArray *cnn_hdf5_list (CnnHdf5 *self);

G_END_DECLS
