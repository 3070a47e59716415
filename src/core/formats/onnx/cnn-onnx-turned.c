/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tensors of (batch, height, width, channels), as TensorFlow's exporters and some of PyTorch's networks have
 * them between transposes: they are held in our order, so that a layer's channels are its channels, and the
 * transposes cost nothing. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

/* Axis i of ours is axis to_ours[i] of the file; axis i of the file is axis to_file[i] of ours. */
static const guint to_ours[] = { 0, 3, 1, 2 };
static const guint to_file[] = { 0, 2, 3, 1 };

static gboolean
is_permutation (const CnnOnnxNode *node, const guint axes[4])
{
  gsize n;
  const gint64 *perm = cnn_onnx_attr_ints (node, "perm", &n);

  if (!g_str_equal (node->type, "Transpose") || n != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (perm[i] != axes[i])
      return FALSE;
  return TRUE;
}

/* Works on one element at a time, so that the order of the axes is the same on both sides. */
static gboolean
is_elementwise (const CnnOnnxNode *node)
{
  const CnnOnnxOp *op = cnn_onnx_op_of_node (node);

  return op != NULL && (op->emit == cnn_onnx_emit_activation || op->emit == cnn_onnx_emit_binary ||
                        op->emit == cnn_onnx_emit_variadic || op->emit == cnn_onnx_emit_clip ||
                        op->emit == cnn_onnx_emit_celu || op->emit == cnn_onnx_emit_prelu ||
                        op->emit == cnn_onnx_emit_identity || op->emit == cnn_onnx_emit_cast ||
                        op->emit == cnn_onnx_emit_where);
}

/* A mean over axes 1 and 2 takes them for space. */
static gboolean
reduces_space (CnnOnnxGraph *graph, CnnOnnxNode *node)
{
  CnnOnnxContext ctx = { .graph = graph, .node = node };
  g_autoptr (GArray) axes = NULL;

  return g_str_equal (node->type, "ReduceMean") && cnn_onnx_in_ints (&ctx, 1, "axes", &axes, NULL) &&
         axes != NULL && axes->len == 2 && g_array_index (axes, gint64, 0) == 1 &&
         g_array_index (axes, gint64, 1) == 2;
}

/* The number of operators that are looked at; a graph that branches would ask for all of its paths. */
#define MOST_STEPS 64

static gboolean
is_read_as_last (CnnOnnxGraph *graph, CnnOnnxEdge *edge, guint *steps)
{
  for (guint i = 0; i<edge->consumers->len && * steps> 0; i++) {
    CnnOnnxNode *node = g_ptr_array_index (edge->consumers, i);

    --*steps;
    if (is_permutation (node, to_ours) || reduces_space (graph, node))
      return TRUE;
    if (is_elementwise (node) && node->n_outputs > 0 && node->outputs[0] != NULL &&
        is_read_as_last (graph, node->outputs[0], steps))
      return TRUE;
  }
  return FALSE;
}

gboolean
cnn_onnx_is_read_as_channels_last (CnnOnnxGraph *graph, CnnOnnxEdge *edge)
{
  guint steps = MOST_STEPS;

  return is_read_as_last (graph, edge, &steps);
}

/* Whether what @edge holds has channels first for certain: an operator with that order has made it. */
static gboolean
is_channels_first (CnnOnnxEdge *edge)
{
  static const char *const types[] = { "Conv",        "ConvTranspose",      "MaxPool",
                                       "AveragePool", "BatchNormalization", "GlobalAveragePool",
                                       "Resize",      "Upsample",           "InstanceNormalization",
                                       "LRN",         "GroupNormalization", "DepthToSpace",
                                       NULL };

  for (guint steps = MOST_STEPS; edge != NULL && steps > 0; steps--) {
    const CnnOnnxNode *node = edge->producer;

    if (node == NULL)
      return edge->input != NULL;
    if (g_strv_contains (types, node->type))
      return TRUE;
    if (!is_elementwise (node) && !g_str_equal (node->type, "Concat"))
      return FALSE;
    edge = node->n_inputs > 0 ? node->inputs[0] : NULL;
    if (edge != NULL && cnn_onnx_edge_is_constant (edge) && node->n_inputs > 1)
      edge = node->inputs[1];
  }
  return FALSE;
}

guint
cnn_onnx_turned_value (CnnOnnxContext *ctx, CnnOnnxEdge *edge, GError **error)
{
  CnnOpAttrs attrs = { .transpose = { .axes = { 0, 3, 1, 2 } } };

  if (edge->turned == CNN_NO_VALUE)
    edge->turned = cnn_model_builder_add_op (ctx->graph->builder, CNN_OP_TRANSPOSE, ctx->node->name, &attrs,
                                             &edge->value, 1, CNN_LAYOUT_CHANNELS_LAST, error);
  return edge->turned;
}

guint
cnn_onnx_file_value (CnnOnnxContext *ctx, CnnOnnxEdge *edge, GError **error)
{
  CnnOpAttrs attrs = { .transpose = { .axes = { 0, 2, 3, 1 } } };

  if (edge->value == CNN_NO_VALUE)
    edge->value = cnn_model_builder_add_op (ctx->graph->builder, CNN_OP_TRANSPOSE, ctx->node->name, &attrs,
                                            &edge->turned, 1, CNN_LAYOUT_PLAIN, error);
  return edge->value;
}

void
cnn_onnx_turned_shape (CnnShape *shape, gboolean ours)
{
  CnnShape from = *shape;

  for (guint i = 0; i < 4; i++)
    shape->dims[i] = from.dims[(ours ? to_ours : to_file)[i]];
}

CnnTensor *
cnn_onnx_turned_tensor (CnnTensor *tensor)
{
  CnnShape shape = { .rank = 4, .dims = { 1, 1, 1, 1 } };
  g_autoptr (CnnTensor) whole = NULL;

  if (tensor->shape.rank > 4 || (tensor->shape.rank < 4 && cnn_shape_size (&tensor->shape) == 1))
    return cnn_tensor_ref (tensor);
  for (guint i = 0; i < tensor->shape.rank; i++)
    shape.dims[4 - tensor->shape.rank + i] = tensor->shape.dims[i];
  whole = cnn_tensor_reshape (tensor, &shape);
  return cnn_tensor_permute (whole, to_ours);
}

void
cnn_onnx_turned_attrs (CnnOpKind kind, const CnnOpAttrs *file, CnnOpAttrs *ours)
{
  *ours = *file;
  switch (kind) {
  case CNN_OP_CONCAT:
    ours->concat.axis = to_file[file->concat.axis];
    break;
  case CNN_OP_SOFTMAX:
    ours->softmax.axis = to_file[file->softmax.axis];
    break;
  case CNN_OP_ALONG:
    ours->along.axis = to_file[file->along.axis];
    break;
  case CNN_OP_REDUCE:
    for (guint i = 0; i < file->reduce.n_axes; i++)
      ours->reduce.axes[i] = to_file[file->reduce.axes[i]];
    break;
  case CNN_OP_NORMALIZE: /* over channels alone */
    ours->normalize.groups = -1;
    ours->normalize.first_axis = 0;
    break;
  case CNN_OP_SLICE:
    for (guint i = 0; i < 4; i++) {
      ours->slice.start[to_file[i]] = file->slice.start[i];
      ours->slice.step[to_file[i]] = file->slice.step[i];
      ours->slice.count[to_file[i]] = file->slice.count[i];
    }
    break;
  case CNN_OP_PAD:
    for (guint i = 0; i < 4; i++) {
      ours->pad.before[to_file[i]] = file->pad.before[i];
      ours->pad.after[to_file[i]] = file->pad.after[i];
    }
    break;
  default:
    break;
  }
}

static gboolean
has_rank_4 (CnnOnnxContext *ctx, guint i)
{
  const CnnShape *shape = cnn_onnx_in_shape (ctx, i);

  return shape != NULL && shape->rank == 4;
}

/* Whether a picture with channels last comes in, and nothing with which it would not go together. */
static gboolean
has_turned_inputs (CnnOnnxContext *ctx)
{
  gboolean found = FALSE;

  for (guint i = 0; i < ctx->node->n_inputs; i++) {
    CnnOnnxEdge *edge = ctx->node->inputs[i];
    const CnnShape *shape;

    if (edge == NULL)
      continue;
    shape = cnn_onnx_in_shape (ctx, i);
    if (cnn_onnx_edge_is_constant (edge) ? shape == NULL || shape->rank > 4 : !has_rank_4 (ctx, i))
      return FALSE;
    found = found || edge->turned != CNN_NO_VALUE;
  }
  return found;
}

/* Reductions whose result is again a picture, or channels alone. */
static gboolean
keeps_order (CnnOnnxContext *ctx)
{
  CnnOpAttrs attrs = { 0 };
  gboolean nothing;

  if (!cnn_onnx_reduce_axes (ctx, cnn_onnx_in_shape (ctx, 0), &attrs, &nothing, NULL))
    return FALSE;
  if (attrs.reduce.keep_dims)
    return TRUE;
  return attrs.reduce.n_axes == 2 && attrs.reduce.axes[0] + attrs.reduce.axes[1] == 3 &&
         attrs.reduce.axes[0] * attrs.reduce.axes[1] == 2;
}

/* Whether the operator's last axis is that of its parameter. */
static gboolean
is_along_channels (CnnOnnxContext *ctx, gint64 axis)
{
  return axis == -1 || axis == 3;
}

static CnnOnnxTurn
turn_of (CnnOnnxContext *ctx)
{
  const CnnOnnxNode *node = ctx->node;
  guint (*emit) (CnnOnnxContext *, GError **) = ctx->op->emit;

  if (!has_turned_inputs (ctx))
    return CNN_ONNX_AS_IN_FILE;
  if (is_elementwise (node))
    return CNN_ONNX_TURNED;
  if (emit == cnn_onnx_emit_concat || emit == cnn_onnx_emit_slice || emit == cnn_onnx_emit_split ||
      emit == cnn_onnx_emit_pad || (emit == cnn_onnx_emit_reduce && keeps_order (ctx)) ||
      (emit == cnn_onnx_emit_softmax &&
       is_along_channels (ctx, cnn_onnx_attr_int (node, "axis", ctx->graph->opset < 13 ? 1 : -1))) ||
      (emit == cnn_onnx_emit_layer_norm &&
       is_along_channels (ctx, node->fused ? node->axis : cnn_onnx_attr_int (node, "axis", -1))))
    return CNN_ONNX_TURNED_AXES;
  return CNN_ONNX_AS_IN_FILE;
}

/* A dense layer over the channels of every place is a convolution with a kernel of 1x1. */
static guint
emit_pointwise (CnnOnnxContext *ctx, GError **error)
{
  static const guint swap[] = { 1, 0 };
  CnnOpAttrs attrs = {
    .conv = { .window = { .n_axes = 2, .kernel = { 1, 1 }, .stride = { 1, 1 }, .dilation = { 1, 1 } },
              .groups = 1 }
  };
  g_autoptr (CnnTensor) raw = cnn_onnx_in_tensor (ctx, 1, error), bias = NULL, oriented = NULL, kernel = NULL;
  guint inputs[3] = { ctx->node->inputs[0]->turned, CNN_NO_VALUE, CNN_NO_VALUE };
  CnnShape shape = { .rank = 4, .dims = { 1, 1, 1, 1 } };

  if (raw == NULL)
    return CNN_NO_VALUE;
  if (cnn_onnx_has_input (ctx, 2) && (bias = cnn_onnx_in_tensor (ctx, 2, error)) == NULL)
    return CNN_NO_VALUE;
  oriented = cnn_tensor_permute (raw, swap);
  shape.dims[0] = oriented->shape.dims[0];
  shape.dims[1] = oriented->shape.dims[1];
  kernel = cnn_tensor_reshape (oriented, &shape);
  cnn_model_builder_add_weight (ctx->graph->builder, ctx->node->inputs[1]->name, oriented, TRUE);
  inputs[1] = cnn_onnx_add_constant (ctx, ctx->node->inputs[1]->name, kernel);
  if (bias != NULL)
    inputs[2] = cnn_onnx_add_weight (ctx, 2, bias, TRUE);
  ctx->turn = CNN_ONNX_TURNED;
  return cnn_onnx_add (ctx, CNN_OP_CONV, &attrs, inputs, bias != NULL ? 3 : 2, error);
}

static gboolean
is_pointwise (CnnOnnxContext *ctx)
{
  const CnnOnnxNode *node = ctx->node;
  const CnnShape *weight = cnn_onnx_in_shape (ctx, 1), *bias = cnn_onnx_in_shape (ctx, 2);

  return ctx->op->emit == cnn_onnx_emit_matmul && node->inputs[0] != NULL &&
         node->inputs[0]->turned != CNN_NO_VALUE && weight != NULL && weight->rank == 2 &&
         cnn_onnx_edge_is_constant (node->inputs[1]) &&
         (!cnn_onnx_has_input (ctx, 2) ||
          (bias != NULL && bias->rank == 1 && bias->dims[0] == weight->dims[1]));
}

guint
cnn_onnx_emit_turned (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxEdge *in = ctx->node->n_inputs > 0 ? ctx->node->inputs[0] : NULL;

  if (ctx->graph->options->keep_batch || in == NULL)
    return ctx->op->emit (ctx, error);
  if (in->turned != CNN_NO_VALUE && is_permutation (ctx->node, to_ours))
    return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, in->turned, error);
  if (in->value != CNN_NO_VALUE && is_permutation (ctx->node, to_file) && has_rank_4 (ctx, 0) &&
      is_channels_first (in)) {
    ctx->turn = CNN_ONNX_TURNED;
    return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, in->value, error);
  }
  if (is_pointwise (ctx))
    return emit_pointwise (ctx, error);
  ctx->turn = turn_of (ctx);
  return ctx->op->emit (ctx, error);
}

guint
cnn_onnx_turn_output (CnnOnnxContext *ctx, guint value, GError **error)
{
  CnnOnnxEdge *edge = ctx->node->outputs[0];
  const CnnValue *made = cnn_model_builder_get_value (ctx->graph->builder, value);

  if (ctx->graph->options->keep_batch || edge->value != value || !made->known || made->shape.rank != 4 ||
      !cnn_onnx_is_read_as_channels_last (ctx->graph, edge))
    return value;
  return cnn_onnx_turned_value (ctx, edge, error);
}
