/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader: an ONNX graph to a CnnModel, one layer a node. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx.h"
#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

/* What is known of @edge, in our order where there is one. */
static guint
value_of (const CnnOnnxEdge *edge)
{
  return edge->turned != CNN_NO_VALUE ? edge->turned : edge->value;
}

static gboolean
is_channel_count (gint64 n)
{
  return n == 1 || n == 3 || n == 4;
}

/* TensorFlow's exporters keep (batch, height, width, channels) at the input. */
static gboolean
is_channels_last (CnnOnnxGraph *self, CnnOnnxEdge *edge, const CnnShape *shape)
{
  if (shape->rank != 4)
    return FALSE;
  if (cnn_onnx_is_read_as_channels_last (self, edge))
    return TRUE;
  return is_channel_count (shape->dims[3]) && !is_channel_count (shape->dims[1]) &&
         (shape->dims[1] == -1 || shape->dims[1] > shape->dims[3]) &&
         (shape->dims[2] == -1 || shape->dims[2] > shape->dims[3]);
}

static gboolean
input_shape (CnnOnnxGraph *self, CnnOnnxEdge *edge, CnnShape *shape, GError **error)
{
  const Onnx__TypeProto *type = edge->input->type;
  const Onnx__TensorTypeProto *tensor = type != NULL ? type->tensor_type : NULL;

  if (tensor == NULL || tensor->shape == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 tensor == NULL ? _ ("The input “%s” of “%s” is no tensor.")
                                : _ ("The file “%2$s” does not say the shape of its input “%1$s”."),
                 edge->name, self->file->name);
    return FALSE;
  }
  if (tensor->shape->n_dim > CNN_MAX_RANK) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("The input “%s” of “%s” has %zu axes; at most %d can be read."), edge->name,
                 self->file->name, tensor->shape->n_dim, CNN_MAX_RANK);
    return FALSE;
  }
  shape->rank = (guint)tensor->shape->n_dim;
  for (guint i = 0; i < shape->rank; i++) {
    const Onnx__DimensionProto *dim = tensor->shape->dim[i];
    gboolean given =
        dim->has_dim_value && (dim->dim_value > 0 || (dim->dim_value == 0 && self->options->keep_batch));

    shape->dims[i] = given ? dim->dim_value : -1;
    if (dim->has_dim_value && dim->dim_value < -1) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                   _ ("The input “%s” of “%s” has the impossible size %" PRId64 "."), edge->name,
                   self->file->name, dim->dim_value);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
add_input (CnnOnnxGraph *self, CnnOnnxEdge *edge, guint index, GError **error)
{
  CnnShape shape = { 0 };

  if (!input_shape (self, edge, &shape, error))
    return FALSE;
  if (shape.rank == 0) { /* a switch such as "training", held at zero */
    edge->array = cnn_onnx_array_new_uniform (&shape, TRUE, 0);
    return TRUE;
  }
  if (!self->options->keep_batch && is_channels_last (self, edge, &shape)) {
    CnnShape ours = shape;

    cnn_onnx_turned_shape (&ours, TRUE);
    edge->turned =
        cnn_model_builder_add_input (self->builder, edge->name, &ours, CNN_LAYOUT_CHANNELS_LAST, error);
    return edge->turned != CNN_NO_VALUE;
  }
  if (!self->options->keep_batch && shape.dims[0] > 1 && shape.rank > 1)
    self->file_batch = shape.dims[0];
  edge->value = cnn_model_builder_add_input (self->builder, edge->name, &shape, CNN_LAYOUT_PLAIN, error);
  if (edge->value == CNN_NO_VALUE)
    return FALSE;
  if (self->options->keep_batch && index == 0)
    cnn_model_builder_set_image_axes (self->builder, 0, -1, shape.rank > 1 ? shape.rank - 2 : 0,
                                      shape.rank - 1);
  return TRUE;
}

static gboolean
add_inputs (CnnOnnxGraph *self, GError **error)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;
  guint n = 0;

  for (gsize i = 0; i < graph->n_input; i++) {
    CnnOnnxEdge *edge =
        graph->input[i]->name != NULL ? g_hash_table_lookup (self->edges, graph->input[i]->name) : NULL;

    if (edge == NULL || cnn_onnx_edge_is_constant (edge) || (edge->consumers->len == 0 && !edge->is_output))
      continue;
    if (!add_input (self, edge, n++, error))
      return FALSE;
  }
  return TRUE;
}

/* The weights of an operator that is not known can still be looked at. */
static void
add_weights (CnnOnnxContext *ctx)
{
  for (guint i = 0; i < ctx->node->n_inputs; i++) {
    CnnOnnxEdge *edge = ctx->node->inputs[i];
    CnnOnnxArray *array;

    if (edge == NULL || edge->initializer == NULL)
      continue;
    array = cnn_onnx_graph_array (ctx->graph, edge, NULL);
    if (array != NULL && array->tensor != NULL)
      cnn_model_builder_add_weight (ctx->graph->builder, edge->name, array->tensor, TRUE);
  }
}

/* What cannot be computed keeps its place and its inputs. */
static gboolean
add_unsupported (CnnOnnxContext *ctx, const char *type, GError **error)
{
  CnnOnnxNode *node = ctx->node;
  CnnOpAttrs attrs = { .unsupported = { .type = (char *)type } };
  g_autofree guint *inputs = g_new (guint, node->n_inputs + 1);
  guint n = 0, value = CNN_NO_VALUE;

  ctx->turn = CNN_ONNX_AS_IN_FILE;
  for (guint i = 0; i < node->n_inputs; i++)
    if (cnn_onnx_has_input (ctx, i) && !cnn_onnx_edge_is_constant (node->inputs[i]))
      inputs[n++] = cnn_onnx_in_value (ctx, i, error);
  for (guint i = 0; i < node->n_inputs && n == 0; i++) /* only constants: any of them stands for its inputs */
    if (cnn_onnx_has_input (ctx, i) && (inputs[0] = cnn_onnx_in_value (ctx, i, NULL)) != CNN_NO_VALUE)
      n = 1;
  for (guint i = 0; i < node->n_outputs; i++) {
    if (node->outputs[i] == NULL)
      continue;
    value = cnn_model_builder_add_op (ctx->graph->builder, CNN_OP_UNSUPPORTED, node->name, &attrs, inputs, n,
                                      CNN_LAYOUT_PLAIN, error);
    if (value == CNN_NO_VALUE)
      return FALSE;
    cnn_onnx_set_output (ctx, i, value);
  }
  return TRUE;
}

/* Whether an input's shape is hidden by an operator that is not known. */
static gboolean
is_behind_unknown (CnnOnnxContext *ctx)
{
  for (guint i = 0; i < ctx->node->n_inputs; i++)
    if (cnn_onnx_has_input (ctx, i) && !cnn_onnx_edge_is_constant (ctx->node->inputs[i]) &&
        cnn_onnx_in_shape (ctx, i) == NULL)
      return TRUE;
  return FALSE;
}

static gboolean
add_node (CnnOnnxGraph *self, CnnOnnxNode *node, GError **error)
{
  CnnOnnxContext ctx = { .graph = self, .node = node, .op = cnn_onnx_op_of_node (node) };
  g_autoptr (GError) local = NULL;
  guint value = CNN_NO_VALUE;
  gboolean known = ctx.op != NULL && ctx.op->emit != NULL && (ctx.op->shapeless || !is_behind_unknown (&ctx));

  if (node->n_outputs == 0 || node->outputs[0] == NULL)
    known = FALSE;
  cnn_model_builder_begin_layer (self->builder, node->name, node->type);
  if (known)
    value = cnn_onnx_emit_turned (&ctx, &local);
  else
    add_weights (&ctx);
  if (known && value == CNN_NO_VALUE && !g_error_matches (local, CNN_ERROR, CNN_ERROR_UNSUPPORTED)) {
    if (local == NULL)
      cnn_onnx_refuse (&ctx, &local, _ ("cannot be read"));
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (value != CNN_NO_VALUE) {
    cnn_onnx_set_output (&ctx, 0, value);
    value = cnn_onnx_turn_output (&ctx, value, error);
    if (value == CNN_NO_VALUE)
      return FALSE;
  } else if (!add_unsupported (&ctx, local != NULL ? local->message : node->type, error))
    return FALSE;
  for (guint i = 0; i < node->n_outputs && value == CNN_NO_VALUE; i++)
    value = node->outputs[i] != NULL ? node->outputs[i]->value : CNN_NO_VALUE;
  for (guint i = 1; i < node->n_outputs; i++) /* a further output that the operator does not give */
    if (node->outputs[i] != NULL && value_of (node->outputs[i]) == CNN_NO_VALUE &&
        (node->outputs[i]->consumers->len > 0 ||
         (node->outputs[i]->is_output && !self->options->keep_batch))) {
      CnnOpAttrs attrs = { .unsupported = { .type = node->type } };
      guint second = cnn_model_builder_add_op (self->builder, CNN_OP_UNSUPPORTED, node->name, &attrs, &value,
                                               1, CNN_LAYOUT_PLAIN, error);

      if (second == CNN_NO_VALUE)
        return FALSE;
      cnn_onnx_set_output (&ctx, i, second);
    }
  cnn_model_builder_end_layer (self->builder, value, value);
  return TRUE;
}

/* Whether anything still needs what @node writes (its readers may have been folded). */
static gboolean
is_read (const CnnOnnxNode *node)
{
  for (guint i = 0; i < node->n_outputs; i++) {
    if (node->outputs[i] == NULL)
      continue;
    if (node->outputs[i]->is_output)
      return TRUE;
    for (guint k = 0; k < node->outputs[i]->consumers->len; k++)
      if (((CnnOnnxNode *)g_ptr_array_index (node->outputs[i]->consumers, k))->needed)
        return TRUE;
  }
  return FALSE;
}

static gboolean
add_all_nodes (CnnOnnxGraph *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    CnnOnnxNode *node = g_ptr_array_index (self->nodes, i);
    gboolean done;

    if (!cnn_onnx_graph_inline_if (self, i, error))
      return FALSE;
    done = node->skip;
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        (!done && !cnn_onnx_graph_fold (self, node, &done, error)))
      return FALSE;
    if (!done && is_read (node) && !add_node (self, node, error))
      return FALSE;
  }
  return TRUE;
}

/* Scores are looked at first, then places and names of classes, then what cannot be computed. */
static guint
output_order (CnnOnnxGraph *self, const Onnx__ValueInfoProto *output, const CnnOnnxEdge *edge)
{
  const Onnx__TypeProto *type = output->type;

  if (!cnn_model_builder_get_value (self->builder, value_of (edge))->known)
    return 2;
  return type != NULL && type->tensor_type != NULL && !cnn_onnx_type_is_float (type->tensor_type->elem_type);
}

static gboolean
add_graph_outputs (CnnOnnxGraph *self, GError **error)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;
  g_auto (GStrv) labels = cnn_onnx_graph_labels (self);
  guint n = 0;

  for (gsize k = 0; k < 3 * graph->n_output; k++) {
    const Onnx__ValueInfoProto *output = graph->output[k % graph->n_output];
    const char *name = output->name;
    CnnOnnxEdge *edge = name != NULL ? g_hash_table_lookup (self->edges, name) : NULL;

    if (edge != NULL && edge->array != NULL && self->options->constants != NULL)
      g_hash_table_insert (self->options->constants, g_strdup (name), cnn_onnx_array_to_tensor (edge->array));
    if (edge == NULL || value_of (edge) == CNN_NO_VALUE ||
        output_order (self, output, edge) != k / graph->n_output)
      continue;
    cnn_model_builder_add_output (self->builder, value_of (edge));
    n++;
  }
  if (n == 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("No output of “%s” depends on an input."),
                 self->file->name);
  if (labels != NULL)
    cnn_model_builder_set_labels (self->builder, (const char *const *)labels);
  return n > 0;
}

/* Arithmetic on the sizes of values is folded into constants, which hold for one picture size only. */
static CnnModel *
read_again (const char *path, guint height, guint width, GError **error)
{
  const CnnOnnxOptions options = { .height = height, .width = width };
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, error);

  return mapped != NULL ? cnn_onnx_read_with (path, mapped, &options, NULL, error) : NULL;
}

CnnModel *
cnn_onnx_read_with (const char *path, GMappedFile *mapped, const CnnOnnxOptions *options,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnOnnxFile) file = cnn_onnx_file_new (path, mapped, error);
  g_autoptr (CnnOnnxGraph) graph = file != NULL ? cnn_onnx_graph_new (file, options, error) : NULL;
  gboolean done;

  if (graph == NULL)
    return NULL;
  for (guint i = 0; i < graph->nodes->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !cnn_onnx_graph_inline_if (graph, i, error) ||
        !cnn_onnx_graph_fold (graph, g_ptr_array_index (graph->nodes, i), &done, error))
      return NULL;
  cnn_onnx_graph_fuse (graph);
  graph->builder = cnn_model_builder_new (path, "ONNX");
  if (options->keep_batch)
    cnn_model_builder_keep_batch (graph->builder);
  cnn_model_builder_set_image_size (graph->builder, options->height, options->width);
  if (!add_inputs (graph, error) || !add_all_nodes (graph, cancellable, error) ||
      !add_graph_outputs (graph, error))
    return NULL;
  if (graph->looked_at_sizes)
    cnn_model_builder_set_reread (graph->builder, read_again);
  return cnn_model_builder_finish (graph->builder, error);
}

CnnModel *
cnn_onnx_read (const char *path, GMappedFile *file, GCancellable *cancellable, GError **error)
{
  const CnnOnnxOptions options = { 0 };

  return cnn_onnx_read_with (path, file, &options, cancellable, error);
}
