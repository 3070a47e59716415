/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes and the tensors between them: names resolved, sorted, constants computed. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>

/* Filled tensors may be written out to this many numbers in all (1 GiB of floats): the weights of a network
 * whose every weight is a ConstantOfShape, but not what a hostile file asks for. */
#define BUDGET ((gsize)1 << 28)

#define MAX_INPUTS 4096

static void
edge_free (CnnOnnxEdge *edge)
{
  g_ptr_array_unref (edge->consumers);
  g_clear_pointer (&edge->array, cnn_onnx_array_unref);
  g_free (edge);
}

static void
node_free (CnnOnnxNode *node)
{
  g_free (node->name);
  g_free (node->type);
  g_free (node->inputs);
  g_free (node->outputs);
  g_free (node);
}

CnnOnnxEdge *
cnn_onnx_graph_edge (CnnOnnxGraph *self, const char *name)
{
  CnnOnnxEdge *edge;

  if (name == NULL || *name == '\0')
    return NULL;
  edge = g_hash_table_lookup (self->edges, name);
  if (edge == NULL) {
    edge = g_new0 (CnnOnnxEdge, 1);
    edge->name = name;
    edge->consumers = g_ptr_array_new ();
    edge->value = edge->turned = CNN_NO_VALUE;
    g_hash_table_insert (self->edges, (char *)name, edge);
  }
  return edge;
}

static gboolean
twice (CnnOnnxGraph *self, const char *name, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The name “%s” is given to two tensors in “%s”."), name,
               self->file->name);
  return FALSE;
}

static CnnOnnxNode *
node_new (CnnOnnxGraph *self, const Onnx__NodeProto *proto)
{
  CnnOnnxNode *node = g_new0 (CnnOnnxNode, 1);
  g_autoptr (GPtrArray) captured = cnn_onnx_node_captured (proto);
  /* another vendor's operator of a known name need not compute the same */
  gboolean standard =
      proto->domain == NULL || *proto->domain == '\0' || g_str_equal (proto->domain, "ai.onnx");

  node->proto = proto;
  node->type = standard
                   ? g_strdup (proto->op_type != NULL ? proto->op_type : "")
                   : g_strdup_printf ("%s.%s", proto->domain, proto->op_type != NULL ? proto->op_type : "");
  node->n_inputs = (guint)proto->n_input + captured->len;
  node->n_outputs = (guint)proto->n_output;
  node->inputs = g_new0 (CnnOnnxEdge *, MAX (node->n_inputs, 3));
  node->outputs = g_new0 (CnnOnnxEdge *, MAX (proto->n_output, 1));
  for (guint i = 0; i < node->n_inputs; i++)
    node->inputs[i] = cnn_onnx_graph_edge (
        self, i < proto->n_input ? proto->input[i] : captured->pdata[i - (guint)proto->n_input]);
  for (guint i = 0; i < node->n_outputs; i++)
    node->outputs[i] = cnn_onnx_graph_edge (self, proto->output[i]);
  if (proto->name != NULL && *proto->name != '\0')
    node->name = g_strdup (proto->name);
  else
    node->name =
        g_strdup (node->n_outputs > 0 && node->outputs[0] != NULL ? node->outputs[0]->name : node->type);
  return node;
}

gboolean
cnn_onnx_graph_add_node (CnnOnnxGraph *self, const Onnx__NodeProto *proto, GError **error)
{
  CnnOnnxNode *node;

  if (proto->n_input > MAX_INPUTS || proto->n_output > MAX_INPUTS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("An operator (%s) in “%s” has more than %d inputs or outputs."),
                 proto->op_type != NULL ? proto->op_type : "", self->file->name, MAX_INPUTS);
    return FALSE;
  }
  node = node_new (self, proto);
  g_ptr_array_add (self->nodes, node);
  for (guint k = 0; k < node->n_inputs; k++)
    if (node->inputs[k] != NULL)
      g_ptr_array_add (node->inputs[k]->consumers, node);
  for (guint k = 0; k < node->n_outputs; k++) {
    CnnOnnxEdge *edge = node->outputs[k];

    if (edge == NULL)
      continue;
    if (edge->producer != NULL || edge->initializer != NULL || edge->input != NULL)
      return twice (self, edge->name, error);
    edge->producer = node;
  }
  return TRUE;
}

static gboolean
add_nodes (CnnOnnxGraph *self, GError **error)
{
  g_autoptr (GPtrArray) protos = cnn_onnx_graph_expand (self, error);

  for (guint i = 0; protos != NULL && i < protos->len; i++)
    if (!cnn_onnx_graph_add_node (self, protos->pdata[i], error))
      return FALSE;
  return protos != NULL;
}

/* Initialisers may be listed as inputs too, as older files must. */
static gboolean
add_tensors (CnnOnnxGraph *self, GError **error)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;

  for (gsize i = 0; i < graph->n_initializer; i++) {
    CnnOnnxEdge *edge = cnn_onnx_graph_edge (self, graph->initializer[i]->name);

    if (edge == NULL)
      continue;
    if (edge->initializer != NULL)
      return twice (self, edge->name, error);
    edge->initializer = graph->initializer[i];
  }
  for (gsize i = 0; i < graph->n_input; i++) {
    CnnOnnxEdge *edge = cnn_onnx_graph_edge (self, graph->input[i]->name);
    CnnOnnxArray *bound = NULL;

    if (edge == NULL)
      continue;
    if (edge->input != NULL)
      return twice (self, edge->name, error);
    edge->input = graph->input[i];
    if (self->options->bindings != NULL)
      bound = g_hash_table_lookup (self->options->bindings, edge->name);
    if (bound != NULL)
      edge->array = cnn_onnx_array_ref (bound);
  }
  return TRUE;
}

static gboolean
add_outputs (CnnOnnxGraph *self, GError **error)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;
  gboolean any = FALSE;

  for (gsize i = 0; i < graph->n_output; i++) {
    CnnOnnxEdge *edge = cnn_onnx_graph_edge (self, graph->output[i]->name);

    if (edge == NULL)
      continue;
    if (edge->producer == NULL && edge->initializer == NULL && edge->input == NULL) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                   _ ("The output “%s” of “%s” is not written by any operator."), edge->name,
                   self->file->name);
      return FALSE;
    }
    edge->is_output = any = TRUE;
  }
  if (!any)
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The ONNX model “%s” names no output."),
                 self->file->name);
  return any;
}

/* Whether the file keeps the tensor of that name as a sparse one. */
static gboolean
is_sparse (CnnOnnxGraph *self, const char *name)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;

  for (gsize i = 0; i < graph->n_sparse_initializer; i++)
    if (graph->sparse_initializer[i]->values != NULL &&
        g_strcmp0 (graph->sparse_initializer[i]->values->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Operators that nothing depends on (left over from training) are not part of the network. */
static gboolean
mark_needed (CnnOnnxGraph *self, GError **error)
{
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();

  for (guint i = 0; i < self->nodes->len; i++) {
    CnnOnnxNode *node = g_ptr_array_index (self->nodes, i);

    for (guint k = 0; k < node->n_outputs && !node->needed; k++)
      if (node->outputs[k] != NULL && node->outputs[k]->is_output) {
        node->needed = TRUE;
        g_ptr_array_add (stack, node);
      }
  }
  while (stack->len > 0) {
    CnnOnnxNode *node = g_ptr_array_steal_index (stack, stack->len - 1);

    for (guint k = 0; k < node->n_inputs; k++) {
      CnnOnnxEdge *edge = node->inputs[k];

      if (edge == NULL || cnn_onnx_edge_is_constant (edge))
        continue;
      if (edge->producer == NULL && edge->input == NULL) {
        if (is_sparse (self, edge->name))
          g_set_error (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED,
                       _ ("The operator “%s” (%s) in “%s” reads “%s”, which the file keeps as a sparse "
                          "tensor: only dense ones can be read."),
                       node->name, node->type, self->file->name, edge->name);
        else
          g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                       _ ("The operator “%s” (%s) in “%s” reads the tensor “%s”, which nothing writes."),
                       node->name, node->type, self->file->name, edge->name);
        return FALSE;
      }
      if (edge->producer != NULL && !edge->producer->needed) {
        edge->producer->needed = TRUE;
        g_ptr_array_add (stack, edge->producer);
      }
    }
  }
  return TRUE;
}

/* Depth first in the file's order, which a sorted file keeps; with a stack of our own, as the file says how
 * deep. */
static gboolean
sort_nodes (CnnOnnxGraph *self, GError **error)
{
  enum { NEW, OPEN, DONE };
  g_autoptr (GPtrArray) sorted = g_ptr_array_new (), stack = g_ptr_array_new ();

  for (guint i = 0; i < self->nodes->len; i++) {
    if (((CnnOnnxNode *)g_ptr_array_index (self->nodes, i))->needed)
      g_ptr_array_add (stack, g_ptr_array_index (self->nodes, i));
    while (stack->len > 0) {
      CnnOnnxNode *node = g_ptr_array_index (stack, stack->len - 1);
      guint before = stack->len;

      if (node->mark != NEW) {
        if (node->mark == OPEN) {
          node->mark = DONE;
          g_ptr_array_add (sorted, node);
        }
        g_ptr_array_set_size (stack, (int)stack->len - 1);
        continue;
      }
      node->mark = OPEN;
      for (guint k = 0; k < node->n_inputs; k++) {
        CnnOnnxNode *from = node->inputs[k] != NULL ? node->inputs[k]->producer : NULL;

        if (from == NULL || from->mark == DONE)
          continue;
        if (from->mark == OPEN) {
          g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                       _ ("The operators of “%s” form a circle through “%s” (%s)."), self->file->name,
                       from->name, from->type);
          return FALSE;
        }
        g_ptr_array_add (stack, from);
      }
      if (stack->len > before + 1) /* the first input's branch first, as exporters number them */
        for (guint a = before, b = stack->len - 1; a < b; a++, b--) {
          gpointer swap = stack->pdata[a];

          stack->pdata[a] = stack->pdata[b];
          stack->pdata[b] = swap;
        }
    }
  }
  for (guint i = 0; i < self->nodes->len; i++)
    if (!((CnnOnnxNode *)g_ptr_array_index (self->nodes, i))->needed)
      node_free (g_ptr_array_index (self->nodes, i));
  g_ptr_array_set_free_func (self->nodes, NULL);
  g_ptr_array_set_size (self->nodes, 0);
  g_ptr_array_extend (self->nodes, sorted, NULL, NULL);
  g_ptr_array_set_free_func (self->nodes, (GDestroyNotify)node_free);
  return TRUE;
}

static gint64
find_opset (const Onnx__ModelProto *proto)
{
  for (gsize i = 0; i < proto->n_opset_import; i++) {
    const char *domain = proto->opset_import[i]->domain;

    if (domain == NULL || *domain == '\0' || g_str_equal (domain, "ai.onnx"))
      return proto->opset_import[i]->version;
  }
  return 7;
}

/* A dropped node must not be found through its edges any more. */
static void
forget_unneeded (CnnOnnxGraph *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->edges);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    CnnOnnxEdge *edge = value;
    guint kept = 0;

    for (guint i = 0; i < edge->consumers->len; i++) {
      CnnOnnxNode *node = g_ptr_array_index (edge->consumers, i);

      if (node->needed)
        edge->consumers->pdata[kept++] = node;
    }
    g_ptr_array_set_size (edge->consumers, (int)kept);
    if (edge->producer != NULL && !edge->producer->needed)
      edge->producer = NULL;
  }
}

CnnOnnxGraph *
cnn_onnx_graph_new (CnnOnnxFile *file, const CnnOnnxOptions *options, GError **error)
{
  g_autoptr (CnnOnnxGraph) self = g_new0 (CnnOnnxGraph, 1);

  self->file = file;
  self->options = options;
  self->edges = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)edge_free);
  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)node_free);
  self->memory = g_ptr_array_new_with_free_func (g_free);
  self->opset = find_opset (file->proto);
  self->file_batch = 1;
  self->budget = BUDGET;
  if (!add_tensors (self, error) || !add_nodes (self, error) || !add_outputs (self, error) ||
      !mark_needed (self, error))
    return NULL;
  forget_unneeded (self);
  if (!sort_nodes (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
cnn_onnx_graph_free (CnnOnnxGraph *self)
{
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->edges);
  g_ptr_array_unref (self->memory);
  g_clear_pointer (&self->functions, g_hash_table_unref);
  g_clear_pointer (&self->builder, cnn_model_builder_free);
  g_free (self);
}

gboolean
cnn_onnx_edge_is_constant (const CnnOnnxEdge *edge)
{
  return edge->array != NULL || edge->initializer != NULL;
}

CnnOnnxArray *
cnn_onnx_graph_array (CnnOnnxGraph *self, CnnOnnxEdge *edge, GError **error)
{
  if (edge->array == NULL)
    edge->array = cnn_onnx_file_read_tensor (self->file, edge->initializer, edge->name, error);
  return edge->array;
}

gboolean
cnn_onnx_graph_scalar (CnnOnnxGraph *self, CnnOnnxEdge *edge, double *value)
{
  CnnOnnxArray *array;

  if (edge == NULL || !cnn_onnx_edge_is_constant (edge))
    return FALSE;
  if (edge->array == NULL && edge->initializer->n_dims > CNN_MAX_RANK)
    return FALSE;
  for (gsize i = 0; edge->array == NULL && i < edge->initializer->n_dims; i++)
    if (edge->initializer->dims[i] != 1)
      return FALSE;
  array = cnn_onnx_graph_array (self, edge, NULL);
  if (array == NULL || array->count != 1)
    return FALSE;
  *value = cnn_onnx_array_get (array, 0);
  return TRUE;
}

gboolean
cnn_onnx_graph_fold (CnnOnnxGraph *self, CnnOnnxNode *node, gboolean *done, GError **error)
{
  CnnOnnxContext ctx = { .graph = self, .node = node, .op = cnn_onnx_op_find (node->type) };
  gboolean looks_at_shape =
      ctx.op != NULL && (ctx.op->fold == cnn_onnx_fold_shape || ctx.op->fold == cnn_onnx_fold_size);
  g_autoptr (GError) local = NULL;
  CnnOnnxArray *array;

  *done = FALSE;
  if (ctx.op == NULL || ctx.op->fold == NULL || node->fused || node->n_outputs < 1 ||
      node->outputs[0] == NULL)
    return TRUE;
  for (guint i = 0; i < node->n_inputs; i++) {
    CnnOnnxEdge *edge = node->inputs[i];

    if (edge == NULL || (looks_at_shape && cnn_onnx_in_shape (&ctx, i) != NULL))
      continue;
    if (!cnn_onnx_edge_is_constant (edge))
      return TRUE;
    if (cnn_onnx_graph_array (self, edge, &local) == NULL) {
      if (g_error_matches (local, CNN_ERROR, CNN_ERROR_UNSUPPORTED))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
    if (edge->array->tensor != NULL && !cnn_tensor_is_contiguous (edge->array->tensor)) {
      CnnOnnxArray *flat = cnn_onnx_array_contiguous (edge->array);

      cnn_onnx_array_unref (edge->array);
      edge->array = flat;
    }
  }
  array = ctx.op->fold (&ctx, &local);
  if (array == NULL && g_error_matches (local, CNN_ERROR, CNN_ERROR_UNSUPPORTED) && ctx.op->emit != NULL)
    return TRUE;
  if (array == NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  node->outputs[0]->array = array;
  self->looked_at_sizes = self->looked_at_sizes || looks_at_shape;
  *done = node->skip = TRUE;
  return TRUE;
}

const Onnx__AttributeProto *
cnn_onnx_attr_find (const CnnOnnxNode *node, const char *name)
{
  for (gsize i = 0; !node->fused && i < node->proto->n_attribute; i++)
    if (g_strcmp0 (node->proto->attribute[i]->name, name) == 0)
      return node->proto->attribute[i];
  return NULL;
}

gint64
cnn_onnx_attr_int (const CnnOnnxNode *node, const char *name, gint64 standard)
{
  const Onnx__AttributeProto *attribute = cnn_onnx_attr_find (node, name);

  return attribute != NULL && attribute->has_i ? attribute->i : standard;
}

float
cnn_onnx_attr_float (const CnnOnnxNode *node, const char *name, float standard)
{
  const Onnx__AttributeProto *attribute = cnn_onnx_attr_find (node, name);

  return attribute != NULL && attribute->has_f ? attribute->f : standard;
}

char *
cnn_onnx_attr_string (const CnnOnnxNode *node, const char *name)
{
  const Onnx__AttributeProto *attribute = cnn_onnx_attr_find (node, name);

  return attribute != NULL && attribute->has_s
             ? g_utf8_make_valid ((const char *)attribute->s.data, (gssize)attribute->s.len)
             : NULL;
}

const gint64 *
cnn_onnx_attr_ints (const CnnOnnxNode *node, const char *name, gsize *n)
{
  const Onnx__AttributeProto *attribute = cnn_onnx_attr_find (node, name);

  *n = attribute != NULL ? attribute->n_ints : 0;
  return attribute != NULL ? attribute->ints : NULL;
}
