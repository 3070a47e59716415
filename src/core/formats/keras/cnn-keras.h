/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model-builder.h"
#include "formats/cnn-json.h"
#include "formats/cnn-model-reader.h"
#include "cnn-keras-weights.h"

G_BEGIN_DECLS

/**
 * CnnKerasFront: the arithmetic that a model does with its input before the first layer that learned
 * something, from which follows what pictures it wants: x·scale + offset, of the first channel.
 */
typedef struct {
  gboolean found, closed; /* whether there is any; whether a learned weight was met */
  double scale, offset;
} CnnKerasFront;

/**
 * CnnKerasReader: what is known while a Keras model is built, whatever file it came from.
 */
typedef struct {
  CnnModelBuilder *builder;
  CnnKerasStore *store;
  guint keras_major;       /* 1, 2, 3: the dialect of the configuration */
  gboolean theano;         /* written with the Theano backend: its kernels are rotated by 180 degrees */
  gboolean channels_first; /* for layers and inputs that do not say */
  gboolean free_size;      /* some input leaves height or width free */
  CnnKerasFront front;     /* what happens to the pictures before they reach the first weights */
  GHashTable *tensors;     /* "path/param" -> CnnTensor: a shared layer's weights are read once */
  GHashTable *built;       /* paths of layers that are built: their weights are counted once */
  guint n_calls;           /* of layers, and parts that functions cut values in: there is a limit */
  GCancellable *cancellable;
} CnnKerasReader;

/** An argument of a call of a layer. */
typedef struct {
  guint value;         /* CNN_NO_VALUE for a constant */
  JsonNode *constant;  /* (transfer none) */
  const char *keyword; /* NULL for a positional one */
} CnnKerasArg;

/**
 * CnnKerasCall: one call of a layer: what a layer function is given, and what it leaves.
 */
typedef struct {
  CnnKerasReader *reader;
  CnnKerasScope scope;
  const char *class_name;
  int variant;        /* of the layer table */
  JsonObject *config; /* may be NULL */
  GArray *args;       /* CnnKerasArg, in order */
  guint *inputs;      /* those that are values */
  guint n_inputs;
  gboolean trainable;
  gboolean first;  /* whether no other call of this layer came before */
  guint n_weights; /* asked for so far: the next one's place */
  /* to be set */
  guint output, pre_activation;
  GArray *more; /* guint: outputs behind the first are appended */
} CnnKerasCall;

typedef gboolean (*CnnKerasBuild) (CnnKerasCall *call, GError **error);

/** One entry of the layer table (cnn-keras-layers.c): a class and the function that adds its operators. */
typedef struct {
  const char *class_name;
  CnnKerasBuild build;
  int variant;
} CnnKerasLayerKind;

/** The entry of a class ("Conv2D"; a package before ">" is ignored), or %NULL. */
const CnnKerasLayerKind *cnn_keras_find_layer (const char *class_name);

/** The layers in the configuration of a model, or of one within, as all versions of Keras write them; or
 * %NULL. */
JsonArray *cnn_keras_model_layers (JsonObject *model);

/** Whether a layer of this class and configuration (or %NULL) passes. */
typedef gboolean (*CnnKerasLayerTest) (const char *class_name, JsonObject *config, gpointer data);

/** Whether a layer of @model, however deep, passes the test. They are asked in the file's order, a model
 * before its layers, until one does. */
gboolean cnn_keras_any_layer (JsonObject *model, CnnKerasLayerTest test, gpointer data);

/** Builds a model from its configuration (class_name and config) with the reader's store. Takes over nothing.
 */
gboolean cnn_keras_build_model (CnnKerasReader *reader, JsonObject *model, GError **error);

/** What pictures the model wants that begins with @front; CNN_PREPROCESS_UNKNOWN where that cannot be told.
 */
CnnPreprocessKind cnn_keras_guess_preprocess (const CnnKerasFront *front, JsonObject *model);

/** Reads a whole model: configuration and weights to a finished model. Takes @store. @major: 0 where not
 * known. */
CnnModel *cnn_keras_read (CnnModelBuilder *builder, JsonNode *config, CnnKerasStore *store,
                          const char *keras_version, const char *backend, GCancellable *cancellable,
                          GError **error);

/** The readers of the three kinds of file. @bytes: the mapped file. */
CnnModel *cnn_keras_hdf5_read (const char *path, GBytes *bytes, CnnKernelRotation rotation,
                               GCancellable *cancellable, GError **error);
CnnModel *cnn_keras_zip_read (const char *path, GBytes *bytes, GCancellable *cancellable, GError **error);
CnnModel *cnn_tfjs_read (const char *path, GBytes *bytes, GCancellable *cancellable, GError **error);

/* Helpers of the layer functions, cnn-keras-call.c. */

/** A sentence about the layer. Always returns %FALSE. */
gboolean cnn_keras_fail (CnnKerasCall *call, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The layer's configuration; names of Keras 1 are tried too. */
JsonNode *cnn_keras_config (CnnKerasCall *call, const char *member);
gint64 cnn_keras_config_integer (CnnKerasCall *call, const char *member, gint64 fallback);
double cnn_keras_config_number (CnnKerasCall *call, const char *member, double fallback);
gboolean cnn_keras_config_boolean (CnnKerasCall *call, const char *member, gboolean fallback);
const char *cnn_keras_config_string (CnnKerasCall *call, const char *member, const char *fallback);
gboolean cnn_keras_channels_first (CnnKerasCall *call);
/** @n sizes, each at least @least and at most 2^20; a single number counts for all. Absent: @fallback, 0:
 * required. */
gboolean cnn_keras_sizes (CnnKerasCall *call, const char *member, guint n, gint64 least, gint64 fallback,
                          gint64 *out, GError **error);

/* Values: what is known of their shape, layout, and axes. */
const CnnValue *cnn_keras_value (CnnKerasCall *call, guint value);
guint cnn_keras_rank (CnnKerasCall *call, guint value);      /* 0 where not known */
gint64 cnn_keras_channels (CnnKerasCall *call, guint value); /* size of axis 1 as held; -1 where not known */
/** The axis of the value as held for axis @axis of the framework (negative counts from the end). */
gboolean cnn_keras_axis (CnnKerasCall *call, guint value, gint64 axis, guint *held, GError **error);

/** Takes note of arithmetic, x·scale + offset, where it comes before anything learned. */
void cnn_keras_note_front (CnnKerasCall *call, double scale, double offset);

/* Adding operators. They return FALSE with @error set. */
gboolean cnn_keras_op (CnnKerasCall *call, CnnOpKind kind, const CnnOpAttrs *attrs, const guint *inputs,
                       guint n, CnnLayout layout, guint *out, GError **error);
/** Ends a call: @value is its output, with no activation behind it. Returns @done. */
gboolean cnn_keras_result (CnnKerasCall *call, gboolean done, guint value);
/** One input, whose layout the output keeps. */
gboolean cnn_keras_op1 (CnnKerasCall *call, CnnOpKind kind, const CnnOpAttrs *attrs, guint input, guint *out,
                        GError **error);
gboolean cnn_keras_binary (CnnKerasCall *call, CnnBinaryKind kind, guint a, guint b, guint *out,
                           GError **error);
gboolean cnn_keras_transpose (CnnKerasCall *call, guint input, const guint *axes, CnnLayout layout,
                              guint *out, GError **error);
gboolean cnn_keras_reshape (CnnKerasCall *call, guint input, const CnnShape *shape, CnnLayout layout,
                            guint *out, GError **error);
gboolean cnn_keras_unsupported (CnnKerasCall *call, const char *type, GError **error);
guint cnn_keras_constant (CnnKerasCall *call, CnnTensor *tensor);

/** Holds @value in the framework's own order (rank 3 and above; else nothing is done). */
gboolean cnn_keras_plain (CnnKerasCall *call, guint *value, GError **error);
/** Holds @value with its last axis as the channels. */
gboolean cnn_keras_channels_last (CnnKerasCall *call, guint *value, GError **error);
/** Holds @value as a layer wants it that says which axis the channels are. */
gboolean cnn_keras_format (CnnKerasCall *call, guint *value, GError **error);
/** @value: (out): the first input, held so, of @n_axes axes beside the batch's and the channels'. */
gboolean cnn_keras_take_input (CnnKerasCall *call, guint n_axes, guint *value, GError **error);
/** After a layer that makes a new shape: images have their channels last where the model has. */
gboolean cnn_keras_present (CnnKerasCall *call, guint *value, GError **error);

/**
 * cnn_keras_weight:
 * @expected: shape in the file, -1: any
 * @axes: (nullable): how to permute it to CnnViz' order
 * @counted: whether it is one of the layer's weights that tables show
 *
 * Loads the layer's next weight. Returns (transfer full).
 */
CnnTensor *cnn_keras_weight (CnnKerasCall *call, const char *param, const CnnShape *expected,
                             const guint *axes, gboolean trainable, GError **error);
/** A kernel that the Theano backend may have rotated: space first, or out, in, space where @axes is %NULL. */
CnnTensor *cnn_keras_kernel (CnnKerasCall *call, const char *param, const CnnShape *expected,
                             const guint *axes, GError **error);
/** A vector of @n numbers (-1: any) as the value of a constant, CNN_NO_VALUE with @error. */
guint cnn_keras_vector (CnnKerasCall *call, const char *param, gint64 n, GError **error);

/** Applies an activation given by name or object (NULL: none) to @value. Softmax is taken along the last axis
 * of the framework. */
gboolean cnn_keras_apply_activation (CnnKerasCall *call, JsonNode *activation, guint *value, GError **error);
/** Sets call's output and pre_activation from @value and the layer's own "activation". */
gboolean cnn_keras_finish (CnnKerasCall *call, guint value, GError **error);
/** Whether two names are the same but for capitals and underscores. */
gboolean cnn_keras_same_name (const char *a, const char *b);
/** The plain function of that name, FALSE where it is none. */
gboolean cnn_keras_activation_by_name (CnnKerasReader *reader, const char *name, CnnActivationAttrs *act);

G_END_DECLS
