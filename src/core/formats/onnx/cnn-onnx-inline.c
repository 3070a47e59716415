/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands for several nodes: calls of functions that the file brings along, and the branches of If. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_CALLS_DEEP 32
/* Nodes, names and attributes that functions may be copied to: they call each other, so that a short file may
 * ask for any number. */
#define MAX_PIECES (1u << 21)

/* How the names in a body become names of the graph around it. */
typedef struct {
  CnnOnnxGraph *graph;
  GHashTable *names; /* what is given from outside */
  GHashTable
      *inside; /* for a branch: names that it makes itself; NULL for a function, which makes all others */
  const char *prefix;
  const Onnx__NodeProto *call; /* with the attributes of a function's call */
  const Onnx__FunctionProto *function;
} Scope;

static gpointer
keep (CnnOnnxGraph *self, gpointer memory)
{
  g_ptr_array_add (self->memory, memory);
  return memory;
}

static char *
rename (const Scope *scope, char *name)
{
  char *outer;

  if (name == NULL || *name == '\0')
    return name;
  outer = g_hash_table_lookup (scope->names, name);
  if (outer != NULL || (scope->inside != NULL && !g_hash_table_contains (scope->inside, name)))
    return outer != NULL ? outer : name;
  return keep (scope->graph, g_strdup_printf ("%s/%s", scope->prefix, name));
}

static char **
rename_all (const Scope *scope, char *const *names, gsize n)
{
  char **out = keep (scope->graph, g_new (char *, MAX (n, 1)));

  for (gsize i = 0; i < n; i++)
    out[i] = rename (scope, names[i]);
  return out;
}

static Onnx__NodeProto *copy_node (const Scope *scope, const Onnx__NodeProto *from);

static Onnx__GraphProto *
copy_graph (const Scope *scope, const Onnx__GraphProto *from)
{
  Onnx__GraphProto *graph = keep (scope->graph, g_memdup2 (from, sizeof *from));

  graph->node = keep (scope->graph, g_new (Onnx__NodeProto *, MAX (from->n_node, 1)));
  graph->initializer = keep (scope->graph, g_new (Onnx__TensorProto *, MAX (from->n_initializer, 1)));
  graph->output = keep (scope->graph, g_new (Onnx__ValueInfoProto *, MAX (from->n_output, 1)));
  for (gsize i = 0; i < from->n_node; i++)
    graph->node[i] = copy_node (scope, from->node[i]);
  for (gsize i = 0; i < from->n_initializer; i++) {
    graph->initializer[i] = keep (scope->graph, g_memdup2 (from->initializer[i], sizeof **from->initializer));
    graph->initializer[i]->name = rename (scope, from->initializer[i]->name);
  }
  for (gsize i = 0; i < from->n_output; i++) {
    graph->output[i] = keep (scope->graph, g_memdup2 (from->output[i], sizeof **from->output));
    graph->output[i]->name = rename (scope, from->output[i]->name);
  }
  return graph;
}

static Onnx__AttributeProto *
find_attribute (Onnx__AttributeProto *const *attributes, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (g_strcmp0 (attributes[i]->name, name) == 0)
      return attributes[i];
  return NULL;
}

/* An attribute of a function's node may be that of the call, or the function's own default. */
static Onnx__AttributeProto *
copy_attribute (const Scope *scope, Onnx__AttributeProto *from)
{
  Onnx__AttributeProto *copy, *source = from;

  if (from->ref_attr_name != NULL && scope->call != NULL) {
    source = find_attribute (scope->call->attribute, scope->call->n_attribute, from->ref_attr_name);
    if (source == NULL)
      source = find_attribute (scope->function->attribute_proto, scope->function->n_attribute_proto,
                               from->ref_attr_name);
    if (source == NULL)
      return NULL;
  } else if (from->g == NULL)
    return from;
  copy = keep (scope->graph, g_memdup2 (source, sizeof *source));
  copy->name = from->name;
  if (source == from && from->g != NULL)
    copy->g = copy_graph (scope, from->g);
  return copy;
}

static Onnx__NodeProto *
copy_node (const Scope *scope, const Onnx__NodeProto *from)
{
  Onnx__NodeProto *node = keep (scope->graph, g_memdup2 (from, sizeof *from));

  node->input = rename_all (scope, from->input, from->n_input);
  node->output = rename_all (scope, from->output, from->n_output);
  if (from->name != NULL && *from->name != '\0')
    node->name = keep (scope->graph, g_strdup_printf ("%s/%s", scope->prefix, from->name));
  node->attribute = keep (scope->graph, g_new (Onnx__AttributeProto *, MAX (from->n_attribute, 1)));
  node->n_attribute = 0;
  for (gsize i = 0; i < from->n_attribute; i++) {
    Onnx__AttributeProto *attribute = copy_attribute (scope, from->attribute[i]);

    if (attribute != NULL)
      node->attribute[node->n_attribute++] = attribute;
  }
  return node;
}

static char *
function_key (const char *domain, const char *name)
{
  return g_strdup_printf ("%s\n%s", domain != NULL ? domain : "", name != NULL ? name : "");
}

static const Onnx__FunctionProto *
find_function (CnnOnnxGraph *self, const Onnx__NodeProto *node)
{
  g_autofree char *key = NULL;

  if (self->functions == NULL || node->domain == NULL || *node->domain == '\0')
    return NULL;
  key = function_key (node->domain, node->op_type);
  return g_hash_table_lookup (self->functions, key);
}

static void
index_functions (CnnOnnxGraph *self)
{
  const Onnx__ModelProto *model = self->file->proto;

  if (model->n_functions == 0)
    return;
  self->functions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (gsize i = 0; i < model->n_functions; i++)
    g_hash_table_insert (self->functions,
                         function_key (model->functions[i]->domain, model->functions[i]->name),
                         model->functions[i]);
}

static const char *
prefix_of (const Onnx__NodeProto *node)
{
  if (node->name != NULL && *node->name != '\0')
    return node->name;
  return node->n_output > 0 && node->output[0] != NULL ? node->output[0] : "";
}

static gboolean expand_node (CnnOnnxGraph *self, Onnx__NodeProto *node, guint depth, GPtrArray *out,
                             GError **error);

static gboolean
expand_call (CnnOnnxGraph *self, const Onnx__NodeProto *call, const Onnx__FunctionProto *function,
             guint depth, GPtrArray *out, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  Scope scope = {
    .graph = self, .names = names, .prefix = prefix_of (call), .call = call, .function = function
  };

  if (depth > MAX_CALLS_DEEP) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("The functions of “%s” call each other more than %d levels deep, through “%s”."),
                 self->file->name, MAX_CALLS_DEEP, call->op_type);
    return FALSE;
  }
  for (gsize i = 0; i < function->n_input; i++) /* an empty name stays one: an input that is left out */
    g_hash_table_insert (names, function->input[i], i < call->n_input ? call->input[i] : (char *)"");
  for (gsize i = 0; i < function->n_output && i < call->n_output; i++)
    if (call->output[i] != NULL && *call->output[i] != '\0')
      g_hash_table_insert (names, function->output[i], call->output[i]);
  for (gsize i = 0; i < function->n_node; i++)
    if (!expand_node (self, copy_node (&scope, function->node[i]), depth + 1, out, error))
      return FALSE;
  return TRUE;
}

static gboolean
expand_node (CnnOnnxGraph *self, Onnx__NodeProto *node, guint depth, GPtrArray *out, GError **error)
{
  const Onnx__FunctionProto *function = find_function (self, node);

  if (function != NULL && self->memory->len <= MAX_PIECES)
    return expand_call (self, node, function, depth, out, error);
  if (out->len >= CNN_ONNX_MAX_NODES || self->memory->len > MAX_PIECES) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("“%s” has more than %d operators, which is the most that can be read."), self->file->name,
                 CNN_ONNX_MAX_NODES);
    return FALSE;
  }
  g_ptr_array_add (out, node);
  return TRUE;
}

GPtrArray *
cnn_onnx_graph_expand (CnnOnnxGraph *self, GError **error)
{
  const Onnx__GraphProto *graph = self->file->proto->graph;
  g_autoptr (GPtrArray) out = g_ptr_array_new ();

  index_functions (self);
  for (gsize i = 0; i < graph->n_node; i++)
    if (!expand_node (self, graph->node[i], 0, out, error))
      return NULL;
  return g_steal_pointer (&out);
}

/* Names that a graph makes itself. */
static GHashTable *
made_inside (const Onnx__GraphProto *graph)
{
  GHashTable *made = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < graph->n_initializer; i++)
    if (graph->initializer[i]->name != NULL)
      g_hash_table_add (made, graph->initializer[i]->name);
  for (gsize i = 0; i < graph->n_input; i++)
    if (graph->input[i]->name != NULL)
      g_hash_table_add (made, graph->input[i]->name);
  for (gsize i = 0; i < graph->n_node; i++)
    for (gsize k = 0; k < graph->node[i]->n_output; k++)
      g_hash_table_add (made, graph->node[i]->output[k]);
  return made;
}

/* Once each: what is captured counts as made from then on. */
static void
add_captured (char *name, GHashTable *made, GPtrArray *captured)
{
  if (name != NULL && *name != '\0' && g_hash_table_add (made, name))
    g_ptr_array_add (captured, name);
}

static void
capture (const Onnx__GraphProto *graph, GPtrArray *captured)
{
  g_autoptr (GHashTable) made = made_inside (graph);

  for (gsize i = 0; i < graph->n_node; i++) {
    g_autoptr (GPtrArray) inner = cnn_onnx_node_captured (graph->node[i]);

    for (gsize k = 0; k < graph->node[i]->n_input; k++)
      add_captured (graph->node[i]->input[k], made, captured);
    for (guint k = 0; k < inner->len; k++)
      add_captured (inner->pdata[k], made, captured);
  }
  for (gsize i = 0; i < graph->n_output; i++)
    add_captured (graph->output[i]->name, made, captured);
}

GPtrArray *
cnn_onnx_node_captured (const Onnx__NodeProto *node)
{
  GPtrArray *captured = g_ptr_array_new ();

  for (gsize i = 0; i < node->n_attribute; i++)
    if (node->attribute[i]->g != NULL)
      capture (node->attribute[i]->g, captured);
  return captured;
}

/* A node that gives a tensor a second name. */
static Onnx__NodeProto *
identity (CnnOnnxGraph *self, char *from, char *to)
{
  Onnx__NodeProto *node = keep (self, g_new (Onnx__NodeProto, 1));

  onnx__node_proto__init (node);
  node->op_type = (char *)"Identity";
  node->n_input = node->n_output = 1;
  node->input = keep (self, g_new (char *, 1));
  node->output = keep (self, g_new (char *, 1));
  node->input[0] = from;
  node->output[0] = to;
  return node;
}

/* The branch's nodes behind all others, its outputs under the names of the If's. */
static gboolean
add_branch (CnnOnnxGraph *self, CnnOnnxNode *node, const Onnx__GraphProto *branch, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal), inside = made_inside (branch);
  Scope scope = { .graph = self, .names = names, .inside = inside, .prefix = node->name };

  for (gsize i = 0; i < branch->n_initializer; i++) {
    CnnOnnxEdge *edge = cnn_onnx_graph_edge (self, rename (&scope, branch->initializer[i]->name));

    if (edge != NULL)
      edge->initializer = branch->initializer[i];
  }
  for (gsize i = 0; i < branch->n_node; i++)
    if (!cnn_onnx_graph_add_node (self, copy_node (&scope, branch->node[i]), error))
      return FALSE;
  for (guint i = 0; i < node->n_outputs && i < branch->n_output; i++)
    if (node->outputs[i] != NULL && branch->output[i]->name != NULL &&
        !cnn_onnx_graph_add_node (
            self, identity (self, rename (&scope, branch->output[i]->name), (char *)node->outputs[i]->name),
            error))
      return FALSE;
  return TRUE;
}

/* Moves the nodes from @first on behind number @index. */
static void
move_nodes (GPtrArray *nodes, guint first, guint index)
{
  gsize n = nodes->len - first;
  g_autofree gpointer *moved = g_memdup2 (nodes->pdata + first, MAX (n, 1) * sizeof (gpointer));

  memmove (nodes->pdata + index + 1 + n, nodes->pdata + index + 1, (first - index - 1) * sizeof (gpointer));
  memcpy (nodes->pdata + index + 1, moved, n * sizeof (gpointer));
}

gboolean
cnn_onnx_graph_inline_if (CnnOnnxGraph *self, guint index, GError **error)
{
  CnnOnnxNode *node = g_ptr_array_index (self->nodes, index);
  const Onnx__AttributeProto *branch;
  guint first = self->nodes->len;
  double condition;

  if (node->skip || !g_str_equal (node->type, "If") || node->n_inputs < 1 ||
      !cnn_onnx_graph_scalar (self, node->inputs[0], &condition))
    return TRUE;
  branch = cnn_onnx_attr_find (node, condition != 0 ? "then_branch" : "else_branch");
  if (branch == NULL || branch->g == NULL || first + branch->g->n_node > CNN_ONNX_MAX_NODES)
    return TRUE;
  node->skip = TRUE;
  for (guint i = 0; i < node->n_outputs; i++)
    if (node->outputs[i] != NULL)
      node->outputs[i]->producer = NULL;
  if (!add_branch (self, node, branch->g, error))
    return FALSE;
  for (guint i = first; i < self->nodes->len; i++)
    ((CnnOnnxNode *)g_ptr_array_index (self->nodes, i))->needed = TRUE;
  move_nodes (self->nodes, first, index);
  return TRUE;
}
