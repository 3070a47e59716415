/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "cnn-error.h"
#include "cnn-op.h"

G_BEGIN_DECLS

/**
 * CnnLayout:
 *
 * How the file's framework orders the axes of a tensor that CnnViz holds as batch, channels, space.
 * CHANNELS_LAST: batch, space, channels (Keras, TensorFlow.js). PLAIN: the very order CnnViz uses, or a
 * tensor without channels.
 */
typedef enum { CNN_LAYOUT_PLAIN, CNN_LAYOUT_CHANNELS_LAST } CnnLayout;

/** CnnValue: a tensor of the graph: an input, the output of an operator, or a constant. */
typedef struct {
  char *name;
  CnnShape shape; /* with a batch of 1, CnnViz' order; rank 0 where an unsupported operator hides it */
  gboolean known; /* whether @shape is known */
  CnnLayout layout;
  CnnTensor *constant; /* its numbers, or NULL for an activation */
  guint producer;      /* index of the operator that writes it, or CNN_NO_VALUE */
} CnnValue;

/** A weight as the file names it, for tables, galleries and export. */
typedef struct {
  char *name;        /* "kernel", "bias", "gamma", …; for ONNX the initialiser's name */
  CnnTensor *tensor; /* in CnnViz' order */
  gboolean trainable;
} CnnWeight;

/** CnnLayer: what the user's framework calls a layer. */
typedef struct {
  char *name;           /* unique in the model; nested models give "outer/inner" */
  char *type;           /* "Conv2D", "MaxPooling2D"; for ONNX the operator type */
  char *activation;     /* fused activation's name, or NULL */
  guint output;         /* value: the layer's output (after its own activation) */
  guint pre_activation; /* value before the layer's own activation, = output where there is none */
  GArray *inbound;      /* guint: layers that feed it */
  GPtrArray *weights;   /* CnnWeight */
  guint64 trainable_params, non_trainable_params;
  guint64 multiply_adds;
} CnnLayer;

/** CnnKernelTurn: what was done with the kernels of a Keras file of the Theano backend, or of one that does
 * not say its backend; for all other files the question does not arise. */
typedef enum { CNN_KERNEL_TURN_NO_QUESTION, CNN_KERNEL_TURN_AS_STORED, CNN_KERNEL_TURN_TURNED } CnnKernelTurn;

/** CnnInputInfo: one input of the network. */
typedef struct {
  guint value;
  CnnShape shape; /* with free dimensions as -1; batch is -1 or 1; CnnViz' order */
  /* Where an image goes: spatial axes of @shape; channel axis, or CNN_NO_VALUE for (batch, height, width). */
  gboolean is_image;
  guint height_axis, width_axis, channel_axis;
  float
      *constant; /* for further inputs: the numbers they are held at (zeros unless set); NULL for the image */
} CnnInputInfo;

/** What a reader knows about how the network wants its pictures prepared. */
typedef enum {
  CNN_PREPROCESS_UNKNOWN,
  CNN_PREPROCESS_NONE,
  CNN_PREPROCESS_UNIT,
  CNN_PREPROCESS_SIGNED,
  CNN_PREPROCESS_IMAGENET,
  CNN_PREPROCESS_CAFFE
} CnnPreprocessKind;

#define CNN_TYPE_MODEL (cnn_model_get_type ())
G_DECLARE_FINAL_TYPE (CnnModel, cnn_model, CNN, MODEL, GObject)

/**
 * CnnModel:
 *
 * The immutable network read from a file. Thread-safe once built (cnn-model-builder.h makes it). Operators
 * are in an order in which each follows its inputs; layers in the file's order.
 */

/** The path it was read from, its name for people (the basename, of a model.json its folder's), the kind of
 * file ("Keras HDF5"), SHA-256 of the file in hex, for which the first to ask may have to wait. */
const char *cnn_model_get_path (CnnModel *self);
const char *cnn_model_get_name (CnnModel *self);
const char *cnn_model_get_format (CnnModel *self);
const char *cnn_model_get_hash (CnnModel *self);

guint cnn_model_get_n_values (CnnModel *self);
const CnnValue *cnn_model_get_value (CnnModel *self, guint value);
guint cnn_model_get_n_ops (CnnModel *self);
const CnnOp *cnn_model_get_op (CnnModel *self, guint op);
guint cnn_model_get_n_layers (CnnModel *self);
const CnnLayer *cnn_model_get_layer (CnnModel *self, guint layer);

/** Index of the layer with that name (for ONNX also a node's or a written tensor's name), or -1. */
int cnn_model_find_layer (CnnModel *self, const char *name);
/** Index of the value with that name, or -1. */
int cnn_model_find_value (CnnModel *self, const char *name);

/** Inputs; the first image input is what pictures go to: cnn_model_get_image_input(), -1 where there is none.
 */
guint cnn_model_get_n_inputs (CnnModel *self);
const CnnInputInfo *cnn_model_get_input (CnnModel *self, guint input);
int cnn_model_get_image_input (CnnModel *self);

/** Whether several samples can run as one batch: no operator mixes axis 0 with others. */
gboolean cnn_model_is_batchable (CnnModel *self);

/** Channels (1 for (batch, height, width)), height and width of the image input at the size the model is
 * resolved for. */
void cnn_model_get_image_size (CnnModel *self, guint *channels, guint *height, guint *width);
/** Whether the file leaves height or width free. */
gboolean cnn_model_has_free_size (CnnModel *self);

/** Outputs: values. Which one is looked at is the model's "selected output", see cnn_model_with_output(). */
guint cnn_model_get_n_outputs (CnnModel *self);
guint cnn_model_get_output (CnnModel *self, guint output);
guint cnn_model_get_selected_output (CnnModel *self);

/**
 * cnn_model_get_score_value:
 *
 * The value that is differentiated: the input of the final softmax, log-softmax or sigmoid, or the output
 * itself (methods: "score"). Of rank 2 (batch, classes) or with space, over which the score is the mean.
 */
guint cnn_model_get_score_value (CnnModel *self);

/** What turns scores into probabilities: the network's own last activation, or a softmax where it ends in raw
 * scores. */
typedef enum { CNN_HEAD_SOFTMAX, CNN_HEAD_SIGMOID, CNN_HEAD_RAW } CnnHead;
CnnHead cnn_model_get_head (CnnModel *self);
/** Whether scores have probabilities: not those of a single raw output, a number that was regressed. */
gboolean cnn_model_has_probabilities (CnnModel *self);

guint cnn_model_get_n_classes (CnnModel *self);
/** The label of a class: from the file or cnn_model_set_labels(), else its number. Never %NULL. */
const char *cnn_model_get_label (CnnModel *self, guint class_index);
/** Index of the class by label or number, -1 where there is none. */
int cnn_model_find_class (CnnModel *self, const char *label);

/** Where the labels are from, for people: "labels.txt", "ImageNet"; %NULL: the network's own file, or there
 * are none but numbers, see cnn_model_has_labels(). */
const char *cnn_model_get_labels_source (CnnModel *self);
gboolean cnn_model_has_labels (CnnModel *self);

CnnPreprocessKind cnn_model_get_preprocess (CnnModel *self);
/** Whether the kernels of convolutions were turned by 180 degrees when they were read. */
CnnKernelTurn cnn_model_get_kernel_turn (CnnModel *self);

guint64 cnn_model_get_trainable_params (CnnModel *self);
guint64 cnn_model_get_non_trainable_params (CnnModel *self);

/** The first operator that cannot be computed, as a sentence that names the layer and the operator; %NULL:
 * all can. */
const char *cnn_model_get_unsupported (CnnModel *self);

/**
 * cnn_model_get_default_cam_layer:
 *
 * The deepest layer on the way to the score whose output has an extent above 1x1; -1 where there is none.
 */
int cnn_model_get_default_cam_layer (CnnModel *self);

/** Whether the score depends on @value (there is a path from it to the score). */
gboolean cnn_model_is_before_score (CnnModel *self, guint value);

/** The shape in the file's own axis order, for people: value (1,32,26,26) of a Keras model is (1,26,26,32).
 */
void cnn_model_get_framework_shape (CnnModel *self, guint value, CnnShape *shape);

/** Copies @n_batch samples of @value from CnnViz' order to the file's own, and back. Both buffers hold the
 * same count. */
void cnn_model_to_framework (CnnModel *self, guint value, guint n_batch, const float *in, float *out);
void cnn_model_from_framework (CnnModel *self, guint value, guint n_batch, const float *in, float *out);

/** The same network for another image size (free dimensions) / another selected output / other labels. Share
 * the weights. */
CnnModel *cnn_model_with_image_size (CnnModel *self, guint height, guint width,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
CnnModel *cnn_model_with_output (CnnModel *self, guint output) G_GNUC_WARN_UNUSED_RESULT;
/** An input beside the image held at @numbers (CnnViz' order, as many as the input's shape has). */
CnnModel *cnn_model_with_input (CnnModel *self, guint input, const float *numbers) G_GNUC_WARN_UNUSED_RESULT;
/** Takes @other (transfer full) in place of *@model; %FALSE, and leaves it, where there is none. */
gboolean cnn_model_replace (CnnModel **model, CnnModel *other);
/** @source: (nullable): what cnn_model_get_labels_source() says of them. */
CnnModel *cnn_model_with_labels (CnnModel *self, const char *const *labels,
                                 const char *source) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
