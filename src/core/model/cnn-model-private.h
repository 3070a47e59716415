/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-model-builder.h"

G_BEGIN_DECLS

/** CnnHashSource: functions of the counted object that works out a model's hash. */
typedef struct {
  const char *(*get) (gpointer source); /* waits; (nullable); on any thread */
  gpointer (*ref) (gpointer source);
  GDestroyNotify unref;
} CnnHashSource;

/** What a CnnModel holds; filled by the builder, then constant. */
struct _CnnModel {
  GObject parent_instance;

  char *path, *name, *format, *hash;
  const CnnHashSource *hash_source; /* NULL: hash is all that is known */
  gpointer hash_data;
  GArray *values;  /* CnnValue */
  GPtrArray *ops;  /* CnnOp, shared between copies */
  GArray *layers;  /* CnnLayer */
  GArray *inputs;  /* CnnInputInfo */
  GArray *outputs; /* guint */
  guint selected;  /* index into outputs */
  char **labels;
  char *labels_source;
  CnnPreprocessKind preprocess;
  CnnKernelTurn kernel_turn;
  CnnModelReread reread; /* NULL: another picture size only needs the shapes anew */

  /* derived by cnn_model_derive() */
  GHashTable *layer_index; /* name -> layer + 1 */
  GHashTable *value_index; /* name -> value + 1 */
  gboolean *before_score;  /* by value */
  guint score;
  CnnHead head;
  int image_input;
  gboolean batchable;
  char *unsupported;
  GPtrArray *label_texts; /* what cnn_model_get_label() returns */
};

void cnn_value_clear (CnnValue *value);
void cnn_layer_clear (CnnLayer *layer);
void cnn_input_info_clear (CnnInputInfo *input);
void cnn_op_free (CnnOp *op);
void cnn_weight_free (CnnWeight *weight);

/** Lets @source say the hash of @self when it is first asked for; takes @data. */
/** Another path and name than it was read from: that of the archive around it. */
void cnn_model_set_path (CnnModel *self, const char *path);
void cnn_model_set_hash_source (CnnModel *self, const CnnHashSource *source, gpointer data);

/** The shapes of @op's inputs, rank 0 for absent ones. %FALSE where one is not known. */
gboolean cnn_model_input_shapes (GArray *values, const CnnOp *op, CnnShape *shapes);

/** Finds score, head, what leads to it, the indices by name; after values, ops, layers, inputs, outputs are
 * complete. */
void cnn_model_derive (CnnModel *self);

G_END_DECLS
