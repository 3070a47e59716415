/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-model-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (CnnModel, cnn_model, G_TYPE_OBJECT)

void
cnn_value_clear (CnnValue *value)
{
  g_clear_pointer (&value->name, g_free);
  g_clear_pointer (&value->constant, cnn_tensor_unref);
}

void
cnn_layer_clear (CnnLayer *layer)
{
  g_clear_pointer (&layer->name, g_free);
  g_clear_pointer (&layer->type, g_free);
  g_clear_pointer (&layer->activation, g_free);
  g_clear_pointer (&layer->inbound, g_array_unref);
  g_clear_pointer (&layer->weights, g_ptr_array_unref);
}

void
cnn_input_info_clear (CnnInputInfo *input)
{
  g_clear_pointer (&input->constant, g_free);
}

void
cnn_weight_free (CnnWeight *weight)
{
  g_free (weight->name);
  cnn_tensor_unref (weight->tensor);
  g_free (weight);
}

void
cnn_op_free (CnnOp *op)
{
  if (op->kind == CNN_OP_UNSUPPORTED)
    g_free (op->attrs.unsupported.type);
  g_free (op->name);
  g_free (op->inputs);
  g_free (op);
}

static void
cnn_model_finalize (GObject *object)
{
  CnnModel *self = CNN_MODEL (object);

  g_free (self->path);
  g_free (self->name);
  g_free (self->format);
  g_free (self->hash);
  if (self->hash_source != NULL)
    self->hash_source->unref (self->hash_data);
  g_clear_pointer (&self->values, g_array_unref);
  g_clear_pointer (&self->ops, g_ptr_array_unref);
  g_clear_pointer (&self->layers, g_array_unref);
  g_clear_pointer (&self->inputs, g_array_unref);
  g_clear_pointer (&self->outputs, g_array_unref);
  g_strfreev (self->labels);
  g_free (self->labels_source);
  g_clear_pointer (&self->layer_index, g_hash_table_unref);
  g_clear_pointer (&self->value_index, g_hash_table_unref);
  g_free (self->before_score);
  g_free (self->unsupported);
  g_clear_pointer (&self->label_texts, g_ptr_array_unref);
  G_OBJECT_CLASS (cnn_model_parent_class)->finalize (object);
}

static void
cnn_model_class_init (CnnModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cnn_model_finalize;
}

static void
cnn_model_init (CnnModel *self)
{
  self->values = g_array_new (FALSE, TRUE, sizeof (CnnValue));
  g_array_set_clear_func (self->values, (GDestroyNotify)cnn_value_clear);
  self->layers = g_array_new (FALSE, TRUE, sizeof (CnnLayer));
  g_array_set_clear_func (self->layers, (GDestroyNotify)cnn_layer_clear);
  self->inputs = g_array_new (FALSE, TRUE, sizeof (CnnInputInfo));
  g_array_set_clear_func (self->inputs, (GDestroyNotify)cnn_input_info_clear);
  self->outputs = g_array_new (FALSE, TRUE, sizeof (guint));
  self->ops = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_op_free);
  self->image_input = -1;
}

const char *
cnn_model_get_path (CnnModel *self)
{
  return self->path;
}

const char *
cnn_model_get_name (CnnModel *self)
{
  return self->name;
}

const char *
cnn_model_get_format (CnnModel *self)
{
  return self->format;
}

const char *
cnn_model_get_hash (CnnModel *self)
{
  const char *hash = self->hash;

  if (self->hash_source != NULL)
    hash = self->hash_source->get (self->hash_data);
  return hash != NULL ? hash : "";
}

void
cnn_model_set_path (CnnModel *self, const char *path)
{
  g_free (self->path);
  g_free (self->name);
  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
}

void
cnn_model_set_hash_source (CnnModel *self, const CnnHashSource *source, gpointer data)
{
  if (self->hash_source != NULL)
    self->hash_source->unref (self->hash_data);
  self->hash_source = source;
  self->hash_data = data;
}

guint
cnn_model_get_n_values (CnnModel *self)
{
  return self->values->len;
}

const CnnValue *
cnn_model_get_value (CnnModel *self, guint value)
{
  g_return_val_if_fail (value < self->values->len, NULL);
  return &g_array_index (self->values, CnnValue, value);
}

guint
cnn_model_get_n_ops (CnnModel *self)
{
  return self->ops->len;
}

const CnnOp *
cnn_model_get_op (CnnModel *self, guint op)
{
  g_return_val_if_fail (op < self->ops->len, NULL);
  return g_ptr_array_index (self->ops, op);
}

guint
cnn_model_get_n_layers (CnnModel *self)
{
  return self->layers->len;
}

const CnnLayer *
cnn_model_get_layer (CnnModel *self, guint layer)
{
  g_return_val_if_fail (layer < self->layers->len, NULL);
  return &g_array_index (self->layers, CnnLayer, layer);
}

int
cnn_model_find_value (CnnModel *self, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->value_index, name)) - 1;
}

int
cnn_model_find_layer (CnnModel *self, const char *name)
{
  int layer = GPOINTER_TO_INT (g_hash_table_lookup (self->layer_index, name)) - 1;
  int value;

  if (layer >= 0)
    return layer;
  value = cnn_model_find_value (self, name);
  if (value >= 0 && cnn_model_get_value (self, (guint)value)->producer != CNN_NO_VALUE)
    return (int)cnn_model_get_op (self, cnn_model_get_value (self, (guint)value)->producer)->layer;
  for (guint i = 0; i < self->ops->len; i++)
    if (strcmp (cnn_model_get_op (self, i)->name, name) == 0)
      return (int)cnn_model_get_op (self, i)->layer;
  return -1;
}

guint
cnn_model_get_n_inputs (CnnModel *self)
{
  return self->inputs->len;
}

const CnnInputInfo *
cnn_model_get_input (CnnModel *self, guint input)
{
  g_return_val_if_fail (input < self->inputs->len, NULL);
  return &g_array_index (self->inputs, CnnInputInfo, input);
}

int
cnn_model_get_image_input (CnnModel *self)
{
  return self->image_input;
}

void
cnn_model_get_image_size (CnnModel *self, guint *channels, guint *height, guint *width)
{
  const CnnInputInfo *input;
  const CnnShape *shape;

  *channels = *height = *width = 0;
  if (self->image_input < 0)
    return;
  input = cnn_model_get_input (self, (guint)self->image_input);
  shape = &cnn_model_get_value (self, input->value)->shape;
  *channels = input->channel_axis == CNN_NO_VALUE ? 1 : (guint)shape->dims[input->channel_axis];
  *height = (guint)shape->dims[input->height_axis];
  *width = (guint)shape->dims[input->width_axis];
}

gboolean
cnn_model_has_free_size (CnnModel *self)
{
  const CnnInputInfo *input;

  if (self->image_input < 0)
    return FALSE;
  input = cnn_model_get_input (self, (guint)self->image_input);
  return input->shape.dims[input->height_axis] < 0 || input->shape.dims[input->width_axis] < 0;
}

gboolean
cnn_model_is_batchable (CnnModel *self)
{
  return self->batchable;
}

guint
cnn_model_get_n_outputs (CnnModel *self)
{
  return self->outputs->len;
}

guint
cnn_model_get_output (CnnModel *self, guint output)
{
  g_return_val_if_fail (output < self->outputs->len, CNN_NO_VALUE);
  return g_array_index (self->outputs, guint, output);
}

guint
cnn_model_get_selected_output (CnnModel *self)
{
  return cnn_model_get_output (self, self->selected);
}

guint
cnn_model_get_score_value (CnnModel *self)
{
  return self->score;
}

CnnHead
cnn_model_get_head (CnnModel *self)
{
  return self->head;
}

gboolean
cnn_model_has_probabilities (CnnModel *self)
{
  return self->head != CNN_HEAD_RAW || cnn_model_get_n_classes (self) != 1;
}

guint
cnn_model_get_n_classes (CnnModel *self)
{
  const CnnValue *value = cnn_model_get_value (self, self->score);

  if (!value->known || value->shape.rank < 1)
    return 0;
  return (guint)value->shape.dims[value->shape.rank > 1 ? 1 : 0];
}

const char *
cnn_model_get_label (CnnModel *self, guint class_index)
{
  if (class_index >= self->label_texts->len)
    return "?";
  return g_ptr_array_index (self->label_texts, class_index);
}

int
cnn_model_find_class (CnnModel *self, const char *label)
{
  char *end;
  guint64 number;

  for (guint i = 0; i < self->label_texts->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (self->label_texts, i), label) == 0)
      return (int)i;
  number = g_ascii_strtoull (label, &end, 10);
  if (end == label || *end != '\0' || number >= self->label_texts->len || *label == '-')
    return -1;
  return (int)number;
}

const char *
cnn_model_get_labels_source (CnnModel *self)
{
  return self->labels_source;
}

gboolean
cnn_model_has_labels (CnnModel *self)
{
  return self->labels != NULL && g_strv_length (self->labels) == cnn_model_get_n_classes (self);
}

CnnKernelTurn
cnn_model_get_kernel_turn (CnnModel *self)
{
  return self->kernel_turn;
}

CnnPreprocessKind
cnn_model_get_preprocess (CnnModel *self)
{
  return self->preprocess;
}

guint64
cnn_model_get_trainable_params (CnnModel *self)
{
  guint64 n = 0;

  for (guint i = 0; i < self->layers->len; i++)
    n += cnn_model_get_layer (self, i)->trainable_params;
  return n;
}

guint64
cnn_model_get_non_trainable_params (CnnModel *self)
{
  guint64 n = 0;

  for (guint i = 0; i < self->layers->len; i++)
    n += cnn_model_get_layer (self, i)->non_trainable_params;
  return n;
}

const char *
cnn_model_get_unsupported (CnnModel *self)
{
  return self->unsupported;
}

gboolean
cnn_model_is_before_score (CnnModel *self, guint value)
{
  return value < self->values->len && self->before_score[value];
}

/* Layers that only pass their input on show nothing that their input does not. */
static gboolean
layer_computes (CnnModel *self, guint layer)
{
  for (guint i = 0; i < self->ops->len; i++) {
    const CnnOp *op = cnn_model_get_op (self, i);

    if (op->layer == layer && op->kind != CNN_OP_IDENTITY && op->kind != CNN_OP_TRANSPOSE &&
        op->kind != CNN_OP_RESHAPE)
      return TRUE;
  }
  return FALSE;
}

int
cnn_model_get_default_cam_layer (CnnModel *self)
{
  int best = -1;
  guint best_producer = 0;

  for (guint i = self->layers->len; i-- > 0;) { /* from the end, where it usually is */
    guint output = cnn_model_get_layer (self, i)->output;
    const CnnValue *value = output == CNN_NO_VALUE ? NULL : cnn_model_get_value (self, output);

    if (value == NULL || !value->known || value->producer == CNN_NO_VALUE || value->shape.rank < 3 ||
        cnn_shape_size_from (&value->shape, 2) <= 1 || output == self->score || !self->before_score[output])
      continue;
    if ((best < 0 || value->producer >= best_producer) && layer_computes (self, i)) {
      best = (int)i;
      best_producer = value->producer;
    }
  }
  return best;
}

/* copies with something changed */

static CnnLayer
layer_copy (const CnnLayer *layer)
{
  CnnLayer copy = *layer;

  copy.name = g_strdup (layer->name);
  copy.type = g_strdup (layer->type);
  copy.activation = g_strdup (layer->activation);
  copy.inbound = g_array_ref (layer->inbound);
  copy.weights = g_ptr_array_ref (layer->weights);
  return copy;
}

/* The labels and what tells the hash. */
static void
take_labels_and_hash (CnnModel *self, CnnModel *from)
{
  if (from->hash_source != NULL)
    cnn_model_set_hash_source (self, from->hash_source, from->hash_source->ref (from->hash_data));
  g_strfreev (self->labels);
  self->labels = g_strdupv (from->labels);
  g_free (self->labels_source);
  self->labels_source = g_strdup (from->labels_source);
}

static CnnModel *
model_copy (CnnModel *self)
{
  CnnModel *copy = g_object_new (CNN_TYPE_MODEL, NULL);

  copy->path = g_strdup (self->path);
  copy->name = g_strdup (self->name);
  copy->format = g_strdup (self->format);
  copy->hash = g_strdup (self->hash);
  take_labels_and_hash (copy, self);
  copy->preprocess = self->preprocess;
  copy->kernel_turn = self->kernel_turn;
  copy->reread = self->reread;
  copy->selected = self->selected;
  g_ptr_array_unref (copy->ops);
  copy->ops = g_ptr_array_ref (self->ops);
  g_array_append_vals (copy->outputs, self->outputs->data, self->outputs->len);
  for (guint i = 0; i < self->values->len; i++) {
    CnnValue value = *cnn_model_get_value (self, i);

    value.name = g_strdup (value.name);
    if (value.constant != NULL)
      cnn_tensor_ref (value.constant);
    g_array_append_val (copy->values, value);
  }
  for (guint i = 0; i < self->layers->len; i++) {
    CnnLayer layer = layer_copy (cnn_model_get_layer (self, i));

    g_array_append_val (copy->layers, layer);
  }
  for (guint i = 0; i < self->inputs->len; i++) {
    CnnInputInfo input = *cnn_model_get_input (self, i);

    if (input.constant != NULL)
      input.constant = g_memdup2 (
          input.constant, cnn_shape_size (&cnn_model_get_value (self, input.value)->shape) * sizeof (float));
    g_array_append_val (copy->inputs, input);
  }
  return copy;
}

CnnModel *
cnn_model_with_output (CnnModel *self, guint output)
{
  CnnModel *copy;

  g_return_val_if_fail (output < self->outputs->len, NULL);
  copy = model_copy (self);
  copy->selected = output;
  cnn_model_derive (copy);
  return copy;
}

CnnModel *
cnn_model_with_input (CnnModel *self, guint input, const float *numbers)
{
  CnnModel *copy;
  CnnInputInfo *info;

  g_return_val_if_fail (input < self->inputs->len && (int)input != self->image_input, NULL);
  copy = model_copy (self);
  info = &g_array_index (copy->inputs, CnnInputInfo, input);
  memcpy (info->constant, numbers,
          cnn_shape_size (&cnn_model_get_value (self, info->value)->shape) * sizeof (float));
  cnn_model_derive (copy);
  return copy;
}

CnnModel *
cnn_model_with_labels (CnnModel *self, const char *const *labels, const char *source)
{
  CnnModel *copy = model_copy (self);

  g_strfreev (copy->labels);
  copy->labels = g_strdupv ((char **)labels);
  g_free (copy->labels_source);
  copy->labels_source = g_strdup (source);
  cnn_model_derive (copy);
  return copy;
}

gboolean
cnn_model_input_shapes (GArray *values, const CnnOp *op, CnnShape *shapes)
{
  for (guint i = 0; i < op->n_inputs; i++) {
    const CnnValue *value;

    shapes[i] = (CnnShape){ 0 };
    if (op->inputs[i] == CNN_NO_VALUE)
      continue;
    value = &g_array_index (values, CnnValue, op->inputs[i]);
    if (!value->known)
      return FALSE;
    shapes[i] = value->shape;
  }
  return TRUE;
}

static gboolean
infer_again (CnnModel *self, GError **error)
{
  for (guint i = 0; i < self->layers->len; i++)
    g_array_index (self->layers, CnnLayer, i).multiply_adds = 0;
  for (guint i = 0; i < self->ops->len; i++) {
    const CnnOp *op = cnn_model_get_op (self, i);
    CnnValue *output = &g_array_index (self->values, CnnValue, op->output);
    g_autofree CnnShape *shapes = g_new0 (CnnShape, op->n_inputs + 1);

    if (!output->known || !cnn_model_input_shapes (self->values, op, shapes))
      continue;
    if (!cnn_op_infer_shape (op, shapes, &output->shape, error))
      return FALSE;
    g_array_index (self->layers, CnnLayer, op->layer).multiply_adds +=
        cnn_op_multiply_adds (op, shapes, &output->shape);
  }
  return TRUE;
}

/* What was chosen for @from goes over to @self, the same file read again. */
static void
take_choices (CnnModel *self, CnnModel *from)
{
  take_labels_and_hash (self, from);
  self->selected = from->selected < self->outputs->len ? from->selected : 0;
  for (guint i = 0; i < MIN (self->inputs->len, from->inputs->len); i++) {
    const CnnInputInfo *input = cnn_model_get_input (self, i), *other = cnn_model_get_input (from, i);
    gsize size = cnn_shape_size (&cnn_model_get_value (self, input->value)->shape);

    if (input->constant != NULL && other->constant != NULL &&
        size == cnn_shape_size (&cnn_model_get_value (from, other->value)->shape))
      memcpy (input->constant, other->constant, size * sizeof (float));
  }
  cnn_model_derive (self);
}

gboolean
cnn_model_replace (CnnModel **model, CnnModel *other)
{
  if (other == NULL)
    return FALSE;
  g_object_unref (*model);
  *model = other;
  return TRUE;
}

CnnModel *
cnn_model_with_image_size (CnnModel *self, guint height, guint width, GError **error)
{
  g_autoptr (CnnModel) copy = NULL;
  const CnnInputInfo *input;
  CnnShape *shape;
  gint64 h, w;

  if (self->image_input < 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The network “%s” takes no image."), self->name);
    return NULL;
  }
  input = cnn_model_get_input (self, (guint)self->image_input);
  h = input->shape.dims[input->height_axis];
  w = input->shape.dims[input->width_axis];
  if ((h > 0 && h != height) || (w > 0 && w != width) || height < 1 || width < 1 ||
      height > CNN_MAX_IMAGE_SIDE || width > CNN_MAX_IMAGE_SIDE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The network “%s” does not take images of %u x %u pixels."), self->name, width, height);
    return NULL;
  }
  if (self->reread != NULL) {
    CnnModel *again = self->reread (self->path, height, width, error);

    if (again != NULL)
      take_choices (again, self);
    return again;
  }
  copy = model_copy (self);
  shape = &g_array_index (copy->values, CnnValue, input->value).shape;
  shape->dims[input->height_axis] = height;
  shape->dims[input->width_axis] = width;
  if (!infer_again (copy, error))
    return NULL;
  cnn_model_derive (copy);
  return g_steal_pointer (&copy);
}
