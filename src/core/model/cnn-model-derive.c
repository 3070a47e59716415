/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from a complete graph: the score, what leads to it, look-ups by name. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-model-private.h"

#include <glib/gi18n-lib.h>

static const CnnOp *
producer_of (CnnModel *self, guint value)
{
  guint producer = cnn_model_get_value (self, value)->producer;

  return producer == CNN_NO_VALUE ? NULL : cnn_model_get_op (self, producer);
}

/* Behind the final softmax or sigmoid, looking through operators that only rearrange. */
static void
find_score (CnnModel *self)
{
  guint value = cnn_model_get_selected_output (self);

  self->score = value;
  self->head = CNN_HEAD_RAW;
  for (const CnnOp *op = producer_of (self, value); op != NULL; op = producer_of (self, op->inputs[0])) {
    if (op->kind == CNN_OP_SOFTMAX) {
      self->head = CNN_HEAD_SOFTMAX;
      self->score = op->inputs[0];
      return;
    }
    if (op->kind == CNN_OP_ACTIVATION && op->attrs.activation.kind == CNN_ACT_SIGMOID) {
      self->head = CNN_HEAD_SIGMOID;
      self->score = op->inputs[0];
      return;
    }
    if (op->kind != CNN_OP_IDENTITY && op->kind != CNN_OP_RESHAPE && op->kind != CNN_OP_TRANSPOSE)
      return;
  }
}

static void
mark_before_score (CnnModel *self)
{
  g_free (self->before_score);
  self->before_score = g_new0 (gboolean, self->values->len);
  self->before_score[self->score] = TRUE;
  for (guint i = self->ops->len; i-- > 0;) {
    const CnnOp *op = cnn_model_get_op (self, i);

    if (!self->before_score[op->output])
      continue;
    for (guint k = 0; k < op->n_inputs; k++)
      if (op->inputs[k] != CNN_NO_VALUE && cnn_model_get_value (self, op->inputs[k])->constant == NULL)
        self->before_score[op->inputs[k]] = TRUE;
  }
}

static void
index_names (CnnModel *self)
{
  g_clear_pointer (&self->layer_index, g_hash_table_unref);
  g_clear_pointer (&self->value_index, g_hash_table_unref);
  self->layer_index = g_hash_table_new (g_str_hash, g_str_equal);
  self->value_index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->layers->len; i++)
    g_hash_table_insert (self->layer_index, (char *)cnn_model_get_layer (self, i)->name,
                         GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < self->values->len; i++)
    if (cnn_model_get_value (self, i)->name != NULL)
      g_hash_table_insert (self->value_index, cnn_model_get_value (self, i)->name, GUINT_TO_POINTER (i + 1));
}

static void
name_classes (CnnModel *self)
{
  guint n = cnn_model_get_n_classes (self),
        n_labels = self->labels != NULL ? g_strv_length (self->labels) : 0;

  g_clear_pointer (&self->label_texts, g_ptr_array_unref);
  self->label_texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->label_texts,
                     i < n_labels && n_labels == n ? g_strdup (self->labels[i]) : g_strdup_printf ("%u", i));
}

/* Whether the operator treats axis 0 as a row of independent samples. */
static gboolean
keeps_samples_apart (CnnModel *self, const CnnOp *op)
{
  const CnnValue *in =
      op->n_inputs > 0 && op->inputs[0] != CNN_NO_VALUE ? cnn_model_get_value (self, op->inputs[0]) : NULL;
  const CnnValue *out = cnn_model_get_value (self, op->output);

  if (!out->known || in == NULL || !in->known)
    return TRUE;
  if (in->shape.rank < 1 || out->shape.rank < 1 || in->shape.dims[0] != 1 || out->shape.dims[0] != 1)
    return FALSE;
  switch (op->kind) {
  case CNN_OP_CONCAT:
    return op->attrs.concat.axis > 0;
  case CNN_OP_SOFTMAX:
    return op->attrs.softmax.axis > 0;
  case CNN_OP_ALONG:
    return op->attrs.along.axis > 0;
  case CNN_OP_GATHER:
  case CNN_OP_SCATTER:
    return op->attrs.gather.kind == CNN_PLACES_TUPLES || op->attrs.gather.axis > 0;
  case CNN_OP_BATCH_NORM:
    return op->attrs.batch_norm.axis > 0;
  case CNN_OP_TRANSPOSE:
    return op->attrs.transpose.axes[0] == 0;
  case CNN_OP_RESHAPE:
    return op->attrs.reshape.shape.dims[0] == 0;
  case CNN_OP_REDUCE:
    for (guint i = 0; i < op->attrs.reduce.n_axes; i++)
      if (op->attrs.reduce.axes[i] == 0)
        return FALSE;
    return TRUE;
  case CNN_OP_BINARY:
  case CNN_OP_SELECT:
  case CNN_OP_MATMUL:
    /* numpy aligns at the end: an activation of lower rank would have its batch axis in the middle */
    for (guint i = 0; i < op->n_inputs; i++) {
      const CnnValue *value = cnn_model_get_value (self, op->inputs[i]);

      if (value->constant == NULL && value->shape.rank != out->shape.rank)
        return FALSE;
      if (value->constant != NULL && value->shape.rank == out->shape.rank && value->shape.dims[0] != 1)
        return FALSE;
    }
    return TRUE;
  default:
    return TRUE;
  }
}

static void
find_image_input (CnnModel *self)
{
  self->image_input = -1;
  for (guint i = 0; i < self->inputs->len && self->image_input < 0; i++)
    if (cnn_model_get_input (self, i)->is_image)
      self->image_input = (int)i;
}

static void
find_unsupported (CnnModel *self)
{
  g_clear_pointer (&self->unsupported, g_free);
  for (guint i = 0; i < self->ops->len && self->unsupported == NULL; i++) {
    const CnnOp *op = cnn_model_get_op (self, i);

    if (op->kind == CNN_OP_UNSUPPORTED)
      self->unsupported = g_strdup_printf (
          _ ("Layer “%s” uses “%s”, which is not known: only what comes before it can be computed."),
          cnn_model_get_layer (self, op->layer)->name, op->attrs.unsupported.type);
  }
}

void
cnn_model_derive (CnnModel *self)
{
  find_image_input (self);
  find_score (self);
  mark_before_score (self);
  index_names (self);
  name_classes (self);
  find_unsupported (self);
  self->batchable = TRUE;
  for (guint i = 0; i < self->ops->len && self->batchable; i++)
    self->batchable = keeps_samples_apart (self, cnn_model_get_op (self, i));
}
