/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-model.h"

G_BEGIN_DECLS

/**
 * CnnModelBuilder: what a reader fills. Values, layers and operators are added in any order of names but each
 * operator after the operators that write its inputs (readers sort); shapes are inferred as they are added.
 *
 * A reader: cnn_model_builder_new(), cnn_model_builder_add_input(), then for each layer
 * cnn_model_builder_begin_layer(), add_constant()/add_op()…, cnn_model_builder_end_layer(), then
 * cnn_model_builder_add_output(), cnn_model_builder_finish().
 */
typedef struct _CnnModelBuilder CnnModelBuilder;

/** Reads the file @path again with pictures of @height x @width. (transfer full) */
typedef CnnModel *(*CnnModelReread) (const char *path, guint height, guint width, GError **error);

/** @format: "Keras HDF5", …; @path: the file the user opened. */
CnnModelBuilder *cnn_model_builder_new (const char *path, const char *format) G_GNUC_WARN_UNUSED_RESULT;
void cnn_model_builder_free (CnnModelBuilder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnModelBuilder, cnn_model_builder_free)

/**
 * cnn_model_builder_add_input:
 * @shape: CnnViz' order, batch first, -1 for free dimensions (a batch of any size is taken as free)
 * @layout: the file's order
 *
 * Free height and width are resolved to a size the network accepts (224, or the smallest that works up to
 * 512). Returns: the value, or CNN_NO_VALUE with @error set.
 */
guint cnn_model_builder_add_input (CnnModelBuilder *self, const char *name, const CnnShape *shape,
                                   CnnLayout layout, GError **error);

/** What free height and width of inputs added from here are taken as; 0 for the standard size. */
void cnn_model_builder_set_image_size (CnnModelBuilder *self, guint height, guint width);

/**
 * cnn_model_builder_set_reread:
 *
 * For files whose arithmetic on sizes was worked out while reading, so that another picture size needs the
 * file again: cnn_model_with_image_size() calls @reread.
 */
void cnn_model_builder_set_reread (CnnModelBuilder *self, CnnModelReread reread);

/**
 * cnn_model_builder_keep_batch:
 *
 * From here on the first axis of inputs is taken as the file has it instead of as a batch of 1: for graphs
 * that are no networks of one image (operator tests). The engine then runs one "sample" of that whole shape
 * at a time.
 */
void cnn_model_builder_keep_batch (CnnModelBuilder *self);

/** Adds a constant (transfer none). @name may be %NULL. */
guint cnn_model_builder_add_constant (CnnModelBuilder *self, const char *name, CnnTensor *tensor);

/** Starts a layer; names are made unique. Returns: its index. Operators added from here belong to it. */
guint cnn_model_builder_begin_layer (CnnModelBuilder *self, const char *name, const char *type);
/** The layer's own weight (transfer none), counted and shown. */
void cnn_model_builder_add_weight (CnnModelBuilder *self, const char *name, CnnTensor *tensor,
                                   gboolean trainable);
/** The layer's fused activation, for tables. */
void cnn_model_builder_set_layer_activation (CnnModelBuilder *self, const char *activation);
/** A layer that feeds the current one, for "Connected to"; found from the operators where this is not called.
 */
void cnn_model_builder_add_inbound (CnnModelBuilder *self, guint layer);
/** Ends the layer with its output and the value before its own activation. */
void cnn_model_builder_end_layer (CnnModelBuilder *self, guint output, guint pre_activation);

/**
 * cnn_model_builder_add_op:
 * @name: the node's name in the file (the layer's, where it has one operator)
 * @attrs: copied, an unsupported operator's type too
 * @layout: the layout of its output
 *
 * Returns: the value it writes, or CNN_NO_VALUE with @error set. Where an input's shape is not known (behind
 * an unsupported operator) the output's is not either, and that is no error.
 */
guint cnn_model_builder_add_op (CnnModelBuilder *self, CnnOpKind kind, const char *name,
                                const CnnOpAttrs *attrs, const guint *inputs, guint n_inputs,
                                CnnLayout layout, GError **error);

/** Gives a value a name of the file (an ONNX tensor's name, a Keras layer's). */
void cnn_model_builder_name_value (CnnModelBuilder *self, guint value, const char *name);

/** Look at what was built so far. */
const CnnValue *cnn_model_builder_get_value (CnnModelBuilder *self, guint value);

void cnn_model_builder_add_output (CnnModelBuilder *self, guint value);
/** Chooses which input takes the picture where the guess (the first with two spatial axes) is wrong, and its
 * axes. */
void cnn_model_builder_set_image_axes (CnnModelBuilder *self, guint input, int channel_axis,
                                       guint height_axis, guint width_axis);
/** Names of the classes, %NULL-terminated, copied. */
void cnn_model_builder_set_labels (CnnModelBuilder *self, const char *const *labels);
void cnn_model_builder_set_preprocess (CnnModelBuilder *self, CnnPreprocessKind kind);
void cnn_model_builder_set_kernel_turn (CnnModelBuilder *self, CnnKernelTurn turn);
/** SHA-256 of what was read, hex. */
void cnn_model_builder_set_hash (CnnModelBuilder *self, const char *hash);

/**
 * cnn_model_builder_finish:
 *
 * Checks the whole (an output, sizes, cycles cannot occur), finds score, head, image input, counts
 * parameters. Returns: (transfer full): the model; the builder is spent either way and must still be freed.
 */
CnnModel *cnn_model_builder_finish (CnnModelBuilder *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
