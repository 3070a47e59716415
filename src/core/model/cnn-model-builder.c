/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-model-builder.h"
#include "cnn-model-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What a free height or width is taken as until somebody chooses. */
#define STANDARD_SIZE 224

struct _CnnModelBuilder {
  CnnModel *model;
  GHashTable *layer_names; /* name -> how often it was asked for */
  int current;             /* the layer that operators go to, -1: none */
  gboolean keep_batch;
  guint height, width; /* what is free in a picture's size, or 0 */
};

/* The file's; every TensorFlow.js model is called model.json, and its folder says which one it is. */
static char *
name_of (const char *path)
{
  g_autofree char *name = g_path_get_basename (path), *whole = NULL, *folder = NULL, *of_folder = NULL;

  if (strcmp (name, "model.json") != 0)
    return g_steal_pointer (&name);
  whole = g_canonicalize_filename (path, NULL);
  folder = g_path_get_dirname (whole);
  of_folder = g_path_get_basename (folder);
  if (strcmp (of_folder, G_DIR_SEPARATOR_S) == 0)
    return g_steal_pointer (&name);
  return g_steal_pointer (&of_folder);
}

CnnModelBuilder *
cnn_model_builder_new (const char *path, const char *format)
{
  CnnModelBuilder *self = g_new0 (CnnModelBuilder, 1);

  self->model = g_object_new (CNN_TYPE_MODEL, NULL);
  self->model->path = g_strdup (path);
  self->model->name = name_of (path);
  self->model->format = g_strdup (format);
  self->layer_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->current = -1;
  return self;
}

void
cnn_model_builder_free (CnnModelBuilder *self)
{
  g_clear_object (&self->model);
  g_hash_table_unref (self->layer_names);
  g_free (self);
}

void
cnn_model_builder_keep_batch (CnnModelBuilder *self)
{
  self->keep_batch = TRUE;
}

static CnnValue *
value_at (CnnModelBuilder *self, guint value)
{
  g_assert (value < self->model->values->len);
  return &g_array_index (self->model->values, CnnValue, value);
}

static CnnLayer *
current_layer (CnnModelBuilder *self)
{
  return self->current < 0 ? NULL : &g_array_index (self->model->layers, CnnLayer, self->current);
}

const CnnValue *
cnn_model_builder_get_value (CnnModelBuilder *self, guint value)
{
  return value_at (self, value);
}

static guint
add_value (CnnModelBuilder *self, const char *name, const CnnShape *shape, CnnLayout layout)
{
  CnnValue value = { .name = g_strdup (name), .layout = layout, .producer = CNN_NO_VALUE };

  if (shape != NULL) {
    value.shape = *shape;
    value.known = TRUE;
  }
  g_array_append_val (self->model->values, value);
  return self->model->values->len - 1;
}

/* An image has two spatial axes: (batch, channels, h, w), or (batch, h, w) where the file has no channel
 * axis. */
static void
guess_image_axes (CnnInputInfo *input, CnnLayout layout)
{
  const CnnShape *shape = &input->shape;

  input->channel_axis = CNN_NO_VALUE;
  if (shape->rank == 4) {
    input->is_image = TRUE;
    input->channel_axis = 1;
    input->height_axis = 2;
    input->width_axis = 3;
  } else if (shape->rank == 3 && layout == CNN_LAYOUT_PLAIN) {
    input->is_image = TRUE;
    input->height_axis = 1;
    input->width_axis = 2;
  }
}

void
cnn_model_builder_set_image_size (CnnModelBuilder *self, guint height, guint width)
{
  self->height = height;
  self->width = width;
}

void
cnn_model_builder_set_reread (CnnModelBuilder *self, CnnModelReread reread)
{
  self->model->reread = reread;
}

static gint64
free_size (CnnModelBuilder *self, const CnnShape *shape, guint axis)
{
  guint wanted = shape->rank != 4 ? 0 : axis == 2 ? self->height : axis == 3 ? self->width : 0;

  return wanted > 0 ? wanted : STANDARD_SIZE;
}

guint
cnn_model_builder_add_input (CnnModelBuilder *self, const char *name, const CnnShape *shape, CnnLayout layout,
                             GError **error)
{
  CnnInputInfo input = { .shape = *shape };
  CnnShape resolved = *shape;
  gsize count;

  if (shape->rank < 1) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The input “%s” has no axes."), name);
    return CNN_NO_VALUE;
  }
  if (!self->keep_batch)
    resolved.dims[0] = 1;
  for (guint i = 0; i < resolved.rank; i++) {
    if (resolved.dims[i] == -1 && i != 1)
      resolved.dims[i] = free_size (self, &resolved, i);
    else if (resolved.dims[i] == -1)
      resolved.dims[i] = resolved.rank == 4 ? 3 : STANDARD_SIZE;
    if (resolved.dims[i] < (self->keep_batch ? 0 : 1))
      break;
  }
  if (!cnn_shape_count (&resolved, &count) || (count == 0 && !self->keep_batch)) {
    g_autofree char *text = cnn_shape_to_string (shape);

    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The input “%s” has the impossible shape %s."), name,
                 text);
    return CNN_NO_VALUE;
  }
  input.value = add_value (self, name, &resolved, layout);
  guess_image_axes (&input, layout);
  g_array_append_val (self->model->inputs, input);
  return input.value;
}

void
cnn_model_builder_set_image_axes (CnnModelBuilder *self, guint input, int channel_axis, guint height_axis,
                                  guint width_axis)
{
  for (guint i = 0; i < self->model->inputs->len; i++)
    g_array_index (self->model->inputs, CnnInputInfo, i).is_image = i == input;
  g_array_index (self->model->inputs, CnnInputInfo, input).channel_axis =
      channel_axis < 0 ? CNN_NO_VALUE : (guint)channel_axis;
  g_array_index (self->model->inputs, CnnInputInfo, input).height_axis = height_axis;
  g_array_index (self->model->inputs, CnnInputInfo, input).width_axis = width_axis;
}

guint
cnn_model_builder_add_constant (CnnModelBuilder *self, const char *name, CnnTensor *tensor)
{
  guint value = add_value (self, name, &tensor->shape, CNN_LAYOUT_PLAIN);

  value_at (self, value)->constant = cnn_tensor_ref (tensor);
  return value;
}

/* The number to try next is kept, so that a file of colliding names costs one look-up for each. */
static char *
unique_layer_name (CnnModelBuilder *self, const char *name)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->layer_names, name));
  char *unique = g_strdup (name);

  for (; n > 0 && g_hash_table_contains (self->layer_names, unique); n++) {
    g_free (unique);
    unique = g_strdup_printf ("%s_%u", name, n);
  }
  g_hash_table_insert (self->layer_names, g_strdup (unique), GUINT_TO_POINTER (1));
  g_hash_table_insert (self->layer_names, g_strdup (name), GUINT_TO_POINTER (MAX (n, 1)));
  return unique;
}

guint
cnn_model_builder_begin_layer (CnnModelBuilder *self, const char *name, const char *type)
{
  CnnLayer layer = { .name = unique_layer_name (self, name), .type = g_strdup (type) };

  layer.inbound = g_array_new (FALSE, FALSE, sizeof (guint));
  layer.weights = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_weight_free);
  layer.output = layer.pre_activation = CNN_NO_VALUE;
  g_array_append_val (self->model->layers, layer);
  self->current = (int)self->model->layers->len - 1;
  return (guint)self->current;
}

void
cnn_model_builder_add_weight (CnnModelBuilder *self, const char *name, CnnTensor *tensor, gboolean trainable)
{
  CnnLayer *layer = current_layer (self);
  CnnWeight *weight = g_new0 (CnnWeight, 1);

  g_return_if_fail (layer != NULL);
  weight->name = g_strdup (name);
  weight->tensor = cnn_tensor_ref (tensor);
  weight->trainable = trainable;
  g_ptr_array_add (layer->weights, weight);
  if (trainable)
    layer->trainable_params += cnn_shape_size (&tensor->shape);
  else
    layer->non_trainable_params += cnn_shape_size (&tensor->shape);
}

void
cnn_model_builder_set_layer_activation (CnnModelBuilder *self, const char *activation)
{
  g_free (current_layer (self)->activation);
  current_layer (self)->activation = g_strdup (activation);
}

void
cnn_model_builder_add_inbound (CnnModelBuilder *self, guint layer)
{
  g_array_append_val (current_layer (self)->inbound, layer);
}

void
cnn_model_builder_end_layer (CnnModelBuilder *self, guint output, guint pre_activation)
{
  CnnLayer *layer = current_layer (self);

  g_return_if_fail (layer != NULL);
  layer->output = output;
  layer->pre_activation = pre_activation;
  self->current = -1;
}

/* A reshape that an exporter wrote for a batch of exactly one is meant for any batch. */
static void
free_the_batch (CnnOp *op, const CnnShape *in, const CnnShape *out)
{
  if (op->kind == CNN_OP_RESHAPE && in->rank > 0 && in->dims[0] == 1 && out->rank > 0 && out->dims[0] == 1)
    op->attrs.reshape.shape.dims[0] = 0;
}

static gboolean
inputs_valid (CnnModelBuilder *self, const char *name, const guint *inputs, guint n_inputs, GError **error)
{
  for (guint i = 0; i < n_inputs; i++)
    if (inputs[i] != CNN_NO_VALUE && inputs[i] >= self->model->values->len) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” has an input that nothing produces."),
                   name);
      return FALSE;
    }
  if (n_inputs == 0 || inputs[0] == CNN_NO_VALUE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” has no input."), name);
    return FALSE;
  }
  return TRUE;
}

static CnnOp *
op_new (CnnModelBuilder *self, CnnOpKind kind, const char *name, const CnnOpAttrs *attrs, const guint *inputs,
        guint n_inputs)
{
  /* operators that look at their second and third input find "absent" there rather than the end of the array
   */
  guint room = MAX (n_inputs, 3);
  CnnOp *op = g_new0 (CnnOp, 1);

  op->kind = kind;
  op->name = g_strdup (name);
  op->n_inputs = n_inputs;
  op->inputs = g_new (guint, room);
  for (guint i = 0; i < room; i++)
    op->inputs[i] = i < n_inputs ? inputs[i] : CNN_NO_VALUE;
  if (attrs != NULL)
    op->attrs = *attrs;
  if (kind == CNN_OP_UNSUPPORTED)
    op->attrs.unsupported.type = g_strdup (attrs->unsupported.type);
  op->layer = (guint)self->current;
  return op;
}

guint
cnn_model_builder_add_op (CnnModelBuilder *self, CnnOpKind kind, const char *name, const CnnOpAttrs *attrs,
                          const guint *inputs, guint n_inputs, CnnLayout layout, GError **error)
{
  static const guint least_inputs[CNN_N_OPS] = {
    [CNN_OP_CONV] = 2,       [CNN_OP_CONV_TRANSPOSE] = 2, [CNN_OP_DENSE] = 2,      [CNN_OP_MATMUL] = 2,
    [CNN_OP_BATCH_NORM] = 3, [CNN_OP_PRELU] = 2,          [CNN_OP_BINARY] = 2,     [CNN_OP_SELECT] = 3,
    [CNN_OP_GATHER] = 2,     [CNN_OP_SCATTER] = 3,        [CNN_OP_GRID_SAMPLE] = 2
  };
  CnnOp *op;
  g_autofree CnnShape *shapes = g_new0 (CnnShape, MAX (n_inputs, 3));
  CnnShape out = { 0 };
  gboolean known;

  g_return_val_if_fail (self->current >= 0, CNN_NO_VALUE);
  if (!inputs_valid (self, name, inputs, n_inputs, error))
    return CNN_NO_VALUE;
  for (guint i = 0; i < least_inputs[kind]; i++)
    if (i >= n_inputs || inputs[i] == CNN_NO_VALUE) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” lacks one of its %u inputs."), name,
                   least_inputs[kind]);
      return CNN_NO_VALUE;
    }
  op = op_new (self, kind, name, attrs, inputs, n_inputs);
  known = cnn_model_input_shapes (self->model->values, op, shapes) && kind != CNN_OP_UNSUPPORTED;
  if (known && !cnn_op_infer_shape (op, shapes, &out, error)) {
    cnn_op_free (op);
    return CNN_NO_VALUE;
  }
  if (known) {
    free_the_batch (op, &shapes[0], &out);
    current_layer (self)->multiply_adds += cnn_op_multiply_adds (op, shapes, &out);
  }
  op->output = add_value (self, NULL, known ? &out : NULL, layout);
  value_at (self, op->output)->producer = self->model->ops->len;
  g_ptr_array_add (self->model->ops, op);
  return op->output;
}

void
cnn_model_builder_name_value (CnnModelBuilder *self, guint value, const char *name)
{
  CnnValue *v = value_at (self, value);

  g_free (v->name);
  v->name = g_strdup (name);
}

void
cnn_model_builder_add_output (CnnModelBuilder *self, guint value)
{
  g_array_append_val (self->model->outputs, value);
}

void
cnn_model_builder_set_labels (CnnModelBuilder *self, const char *const *labels)
{
  g_strfreev (self->model->labels);
  self->model->labels = g_strdupv ((char **)labels);
}

void
cnn_model_builder_set_kernel_turn (CnnModelBuilder *self, CnnKernelTurn turn)
{
  self->model->kernel_turn = turn;
}

void
cnn_model_builder_set_preprocess (CnnModelBuilder *self, CnnPreprocessKind kind)
{
  self->model->preprocess = kind;
}

void
cnn_model_builder_set_hash (CnnModelBuilder *self, const char *hash)
{
  g_free (self->model->hash);
  self->model->hash = g_strdup (hash);
}

/* For each value the layer that writes it, or the input layer that stands for it; -1 where there is none. */
static int *
layers_of_values (CnnModel *model)
{
  int *layers = g_new (int, model->values->len);

  for (guint i = 0; i < model->values->len; i++)
    layers[i] = -1;
  for (guint i = model->layers->len; i-- > 0;)
    if (cnn_model_get_layer (model, i)->output != CNN_NO_VALUE)
      layers[cnn_model_get_layer (model, i)->output] = (int)i;
  for (guint i = 0; i < model->values->len; i++) {
    guint producer = cnn_model_get_value (model, i)->producer;

    if (producer != CNN_NO_VALUE)
      layers[i] = (int)cnn_model_get_op (model, producer)->layer;
  }
  return layers;
}

static void
add_inbound_once (CnnLayer *layer, guint from)
{
  for (guint i = 0; i < layer->inbound->len; i++)
    if (g_array_index (layer->inbound, guint, i) == from)
      return;
  g_array_append_val (layer->inbound, from);
}

/* Where the reader did not say: a layer's inbound layers are those whose values its operators read. */
static void
derive_inbound (CnnModel *model)
{
  g_autofree gboolean *told = g_new0 (gboolean, model->layers->len);
  g_autofree int *layers = layers_of_values (model);

  for (guint i = 0; i < model->layers->len; i++)
    told[i] = cnn_model_get_layer (model, i)->inbound->len > 0;
  for (guint i = 0; i < model->ops->len; i++) {
    const CnnOp *op = cnn_model_get_op (model, i);

    if (told[op->layer])
      continue;
    for (guint k = 0; k < op->n_inputs; k++) {
      int from;

      if (op->inputs[k] == CNN_NO_VALUE || cnn_model_get_value (model, op->inputs[k])->constant != NULL)
        continue;
      from = layers[op->inputs[k]];
      if (from >= 0 && (guint)from != op->layer)
        add_inbound_once (&g_array_index (model->layers, CnnLayer, op->layer), (guint)from);
    }
  }
}

/* Inputs beside the image are held at zero until somebody sets them. */
static void
hold_other_inputs (CnnModel *model)
{
  gboolean seen_image = FALSE;

  for (guint i = 0; i < model->inputs->len; i++) {
    CnnInputInfo *input = &g_array_index (model->inputs, CnnInputInfo, i);

    if (input->is_image && !seen_image) {
      seen_image = TRUE;
      continue;
    }
    input->is_image = FALSE;
    input->constant =
        g_new0 (float, MAX (cnn_shape_size (&cnn_model_get_value (model, input->value)->shape), 1));
  }
}

CnnModel *
cnn_model_builder_finish (CnnModelBuilder *self, GError **error)
{
  CnnModel *model = self->model;

  if (model->outputs->len == 0 || model->inputs->len == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The network in “%s” has no %s."), model->name,
                 model->inputs->len == 0 ? _ ("input") : _ ("output"));
    return NULL;
  }
  derive_inbound (model);
  hold_other_inputs (model);
  cnn_model_derive (model);
  return g_steal_pointer (&self->model);
}
