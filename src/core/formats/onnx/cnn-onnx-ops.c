/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operators of the format: one table, and what their functions share. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>

/* So many numbers may be computed while reading, beside twice as many as the file has bytes. */
#define FREELY_COMPUTED ((gsize)1 << 22)

/* type, how it becomes operators of ours, how it is computed on constants, which of a family, fits behind the
 * unknown */
static const CnnOnnxOp operators[] = {
  { "Abs", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ABS, TRUE },
  { "Acos", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ACOS, TRUE },
  { "Acosh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ACOSH, TRUE },
  { "Add", cnn_onnx_emit_binary, cnn_onnx_fold_binary, CNN_ONNX_ADD, TRUE },
  { "And", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_AND, FALSE },
  { "ArgMax", cnn_onnx_emit_arg, NULL, 0, FALSE },
  { "ArgMin", cnn_onnx_emit_arg, NULL, 1, FALSE },
  { "Asin", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ASIN, TRUE },
  { "Asinh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ASINH, TRUE },
  { "Atan", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ATAN, TRUE },
  { "Atanh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ATANH, TRUE },
  { "AveragePool", cnn_onnx_emit_pool, NULL, CNN_POOL_AVERAGE_VALID, TRUE },
  { "BatchNormalization", cnn_onnx_emit_batch_norm, NULL, 0, TRUE },
  { "Cast", cnn_onnx_emit_cast, cnn_onnx_fold_cast, 0, TRUE },
  { "CastLike", cnn_onnx_emit_identity, NULL, 0, TRUE },
  { "Ceil", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_CEIL, TRUE },
  { "Celu", cnn_onnx_emit_celu, NULL, 0, TRUE },
  { "Clip", cnn_onnx_emit_clip, NULL, 0, TRUE },
  { "Concat", cnn_onnx_emit_concat, cnn_onnx_fold_concat, 0, FALSE },
  { "Constant", NULL, cnn_onnx_fold_constant, 0, FALSE },
  { "ConstantOfShape", NULL, cnn_onnx_fold_constant_of_shape, 0, FALSE },
  { "Conv", cnn_onnx_emit_conv, NULL, 0, TRUE },
  { "ConvTranspose", cnn_onnx_emit_conv_transpose, NULL, 0, FALSE },
  { "Cos", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_COS, TRUE },
  { "Cosh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_COSH, TRUE },
  { "CumSum", cnn_onnx_emit_sums, cnn_onnx_fold_sums, 0, FALSE },
  { "DepthToSpace", cnn_onnx_emit_space_depth, NULL, 1, FALSE },
  { "DequantizeLinear", NULL, cnn_onnx_fold_dequantize, 0, FALSE },
  { "Div", cnn_onnx_emit_binary, cnn_onnx_fold_binary, CNN_ONNX_DIV, TRUE },
  { "Dropout", cnn_onnx_emit_identity, cnn_onnx_fold_identity, 0, TRUE },
  { "Einsum", cnn_onnx_emit_einsum, NULL, 0, FALSE },
  { "Elu", cnn_onnx_emit_activation, NULL, CNN_ONNX_ELU, TRUE },
  { "Equal", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_EQUAL, FALSE },
  { "Erf", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ERF, TRUE },
  { "Exp", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_EXP, TRUE },
  { "Expand", cnn_onnx_emit_expand, cnn_onnx_fold_expand, 0, FALSE },
  { "Flatten", cnn_onnx_emit_flatten, cnn_onnx_fold_flatten, 0, FALSE },
  { "Floor", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_FLOOR, TRUE },
  { "Gather", cnn_onnx_emit_gather, cnn_onnx_fold_gather, CNN_PLACES_SLICES, FALSE },
  { "GatherElements", cnn_onnx_emit_pick, NULL, CNN_PLACES_ELEMENTS, FALSE },
  { "GatherND", cnn_onnx_emit_pick, NULL, CNN_PLACES_TUPLES, FALSE },
  { "Gelu", cnn_onnx_emit_activation, NULL, CNN_ONNX_GELU, TRUE },
  { "Gemm", cnn_onnx_emit_gemm, NULL, 0, TRUE },
  { "GlobalAveragePool", cnn_onnx_emit_global_pool, NULL, CNN_REDUCE_MEAN, FALSE },
  { "GlobalLpPool", cnn_onnx_emit_global_pool, NULL, CNN_REDUCE_L2, FALSE },
  { "GlobalMaxPool", cnn_onnx_emit_global_pool, NULL, CNN_REDUCE_MAX, FALSE },
  { "Greater", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_GREATER, FALSE },
  { "GreaterOrEqual", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_GREATER_EQUAL, FALSE },
  { "GridSample", cnn_onnx_emit_grid_sample, NULL, 0, FALSE },
  { "GroupNormalization", cnn_onnx_emit_group_norm, NULL, 0, FALSE },
  { "HardSigmoid", cnn_onnx_emit_activation, NULL, CNN_ONNX_HARD_SIGMOID, TRUE },
  { "HardSwish", cnn_onnx_emit_activation, NULL, CNN_ONNX_HARD_SWISH, TRUE },
  { "Hardmax", cnn_onnx_emit_softmax, NULL, CNN_ONNX_HARDMAX, FALSE },
  { "Identity", cnn_onnx_emit_identity, cnn_onnx_fold_identity, 0, TRUE },
  { "InstanceNormalization", cnn_onnx_emit_instance_norm, NULL, 0, FALSE },
  { "LRN", cnn_onnx_emit_lrn, NULL, 0, TRUE },
  { "LayerNormalization", cnn_onnx_emit_layer_norm, NULL, 0, FALSE },
  { "LeakyRelu", cnn_onnx_emit_activation, NULL, CNN_ONNX_LEAKY_RELU, TRUE },
  { "Less", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_LESS, FALSE },
  { "LessOrEqual", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_LESS_EQUAL, FALSE },
  { "Log", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_LOG, TRUE },
  { "LogSoftmax", cnn_onnx_emit_softmax, NULL, CNN_ONNX_LOG_SOFTMAX, FALSE },
  { "LpNormalization", cnn_onnx_emit_lp_norm, NULL, 0, FALSE },
  { "LpPool", cnn_onnx_emit_lp_pool, NULL, 0, FALSE },
  { "MatMul", cnn_onnx_emit_matmul, NULL, 0, TRUE },
  { "Max", cnn_onnx_emit_variadic, cnn_onnx_fold_binary, CNN_ONNX_MAX, TRUE },
  { "MaxPool", cnn_onnx_emit_pool, NULL, CNN_POOL_MAX, TRUE },
  { "Mean", cnn_onnx_emit_variadic, cnn_onnx_fold_binary, CNN_ONNX_MEAN, TRUE },
  { "MeanVarianceNormalization", cnn_onnx_emit_mean_variance_norm, NULL, 0, FALSE },
  { "Min", cnn_onnx_emit_variadic, cnn_onnx_fold_binary, CNN_ONNX_MIN, TRUE },
  { "Mish", cnn_onnx_emit_activation, NULL, CNN_ONNX_MISH, TRUE },
  { "Mod", cnn_onnx_emit_mod, cnn_onnx_fold_binary, CNN_ONNX_MOD, FALSE },
  { "Mul", cnn_onnx_emit_binary, cnn_onnx_fold_binary, CNN_ONNX_MUL, TRUE },
  { "Neg", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_NEG, TRUE },
  { "NonZero", NULL, cnn_onnx_fold_nonzero, 0, FALSE },
  { "Not", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_NOT, FALSE },
  { "Or", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_OR, FALSE },
  { "PRelu", cnn_onnx_emit_prelu, NULL, 0, FALSE },
  { "Pad", cnn_onnx_emit_pad, NULL, 0, FALSE },
  { "Pow", cnn_onnx_emit_binary, cnn_onnx_fold_binary, CNN_ONNX_POW, TRUE },
  { "Range", NULL, cnn_onnx_fold_range, 0, FALSE },
  { "Reciprocal", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_RECIPROCAL, TRUE },
  { "ReduceL1", cnn_onnx_emit_reduce_of, NULL, CNN_ONNX_REDUCE_L1, FALSE },
  { "ReduceL2", cnn_onnx_emit_reduce, NULL, CNN_REDUCE_L2, FALSE },
  { "ReduceLogSum", cnn_onnx_emit_reduce_of, NULL, CNN_ONNX_REDUCE_LOG_SUM, FALSE },
  { "ReduceLogSumExp", cnn_onnx_emit_reduce_of, NULL, CNN_ONNX_REDUCE_LOG_SUM_EXP, FALSE },
  { "ReduceMax", cnn_onnx_emit_reduce, cnn_onnx_fold_reduce, CNN_REDUCE_MAX, FALSE },
  { "ReduceMean", cnn_onnx_emit_reduce, cnn_onnx_fold_reduce, CNN_REDUCE_MEAN, FALSE },
  { "ReduceMin", cnn_onnx_emit_reduce, cnn_onnx_fold_reduce, CNN_REDUCE_MIN, FALSE },
  { "ReduceProd", cnn_onnx_emit_reduce, cnn_onnx_fold_reduce, CNN_REDUCE_PROD, FALSE },
  { "ReduceSum", cnn_onnx_emit_reduce, cnn_onnx_fold_reduce, CNN_REDUCE_SUM, FALSE },
  { "ReduceSumSquare", cnn_onnx_emit_reduce_of, NULL, CNN_ONNX_REDUCE_SUM_SQUARE, FALSE },
  { "Relu", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_RELU, TRUE },
  { "Reshape", cnn_onnx_emit_reshape, cnn_onnx_fold_reshape, 0, FALSE },
  { "Resize", cnn_onnx_emit_resize, NULL, 0, FALSE },
  { "Round", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_ROUND, TRUE },
  { "Scatter", cnn_onnx_emit_scatter, NULL, CNN_PLACES_ELEMENTS, FALSE },
  { "ScatterElements", cnn_onnx_emit_scatter, NULL, CNN_PLACES_ELEMENTS, FALSE },
  { "ScatterND", cnn_onnx_emit_scatter, NULL, CNN_PLACES_TUPLES, FALSE },
  { "Selu", cnn_onnx_emit_activation, NULL, CNN_ONNX_SELU, TRUE },
  { "Shape", NULL, cnn_onnx_fold_shape, 0, FALSE },
  { "Shrink", cnn_onnx_emit_activation, NULL, CNN_ONNX_SHRINK, TRUE },
  { "Sigmoid", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_SIGMOID, TRUE },
  { "Sign", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_SIGN, TRUE },
  { "Sin", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_SIN, TRUE },
  { "Sinh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_SINH, TRUE },
  { "Size", NULL, cnn_onnx_fold_size, 0, FALSE },
  { "Slice", cnn_onnx_emit_slice, cnn_onnx_fold_slice, 0, FALSE },
  { "Softmax", cnn_onnx_emit_softmax, NULL, CNN_ONNX_SOFTMAX, FALSE },
  { "Softplus", cnn_onnx_emit_activation, NULL, CNN_ONNX_SOFTPLUS, TRUE },
  { "Softsign", cnn_onnx_emit_activation, NULL, CNN_ONNX_SOFTSIGN, TRUE },
  { "SpaceToDepth", cnn_onnx_emit_space_depth, NULL, 0, FALSE },
  { "Split", cnn_onnx_emit_split, cnn_onnx_fold_split, 0, FALSE },
  { "Sqrt", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_SQRT, TRUE },
  { "Squeeze", cnn_onnx_emit_squeeze, cnn_onnx_fold_squeeze, 0, FALSE },
  { "Sub", cnn_onnx_emit_binary, cnn_onnx_fold_binary, CNN_ONNX_SUB, TRUE },
  { "Sum", cnn_onnx_emit_variadic, cnn_onnx_fold_binary, CNN_ONNX_ADD, TRUE },
  { "Swish", cnn_onnx_emit_activation, NULL, CNN_ONNX_SWISH, TRUE },
  { "Tan", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_TAN, TRUE },
  { "Tanh", cnn_onnx_emit_activation, cnn_onnx_fold_unary, CNN_ONNX_TANH, TRUE },
  { "ThresholdedRelu", cnn_onnx_emit_activation, NULL, CNN_ONNX_THRESHOLDED_RELU, TRUE },
  { "Tile", cnn_onnx_emit_tile, cnn_onnx_fold_tile, 0, FALSE },
  { "TopK", cnn_onnx_emit_top_k, NULL, 0, FALSE },
  { "Transpose", cnn_onnx_emit_transpose, cnn_onnx_fold_transpose, 0, FALSE },
  { "Trilu", cnn_onnx_emit_triangle, cnn_onnx_fold_triangle, 0, FALSE },
  { "Unsqueeze", cnn_onnx_emit_unsqueeze, cnn_onnx_fold_unsqueeze, 0, FALSE },
  { "Upsample", cnn_onnx_emit_resize, NULL, 1, FALSE },
  { "Where", cnn_onnx_emit_where, cnn_onnx_fold_where, 0, FALSE },
  { "Xor", cnn_onnx_emit_compare, cnn_onnx_fold_binary, CNN_ONNX_XOR, FALSE },
  /* probabilities with the names of the classes, as converters of whole pipelines end in */
  { "ai.onnx.ml.ZipMap", cnn_onnx_emit_identity, NULL, 0, TRUE },
};

/* What a recognised pattern of element-wise operators is (cnn-onnx-fuse.c). */
static const CnnOnnxOp fused_activation = { "", cnn_onnx_emit_activation, NULL, CNN_ONNX_FUSED, TRUE };

const CnnOnnxOp *
cnn_onnx_op_find (const char *type)
{
  static GHashTable *by_type;

  if (g_once_init_enter (&by_type)) {
    GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

    for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
      g_hash_table_insert (table, (char *)operators[i].type, (gpointer)&operators[i]);
    g_once_init_leave (&by_type, table);
  }
  return g_hash_table_lookup (by_type, type);
}

const CnnOnnxOp *
cnn_onnx_op_of_node (const CnnOnnxNode *node)
{
  if (node->fused && !g_str_equal (node->type, "LayerNormalization"))
    return &fused_activation;
  return cnn_onnx_op_find (node->type);
}

guint
cnn_onnx_refuse (CnnOnnxContext *ctx, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The operator “%s” (%s) in “%s” %s."), ctx->node->name,
               ctx->node->type, ctx->graph->file->name, what);
  return CNN_NO_VALUE;
}

guint
cnn_onnx_unsupported (CnnOnnxContext *ctx, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED, what);
  return CNN_NO_VALUE;
}

gboolean
cnn_onnx_has_input (CnnOnnxContext *ctx, guint i)
{
  return i < ctx->node->n_inputs && ctx->node->inputs[i] != NULL;
}

int
cnn_onnx_attr_choice (const CnnOnnxNode *node, const char *name, const char *standard,
                      const char *const *names)
{
  g_autofree char *value = cnn_onnx_attr_string (node, name);

  for (int i = 0; names[i] != NULL; i++)
    if (g_str_equal (value != NULL ? value : standard, names[i]))
      return i;
  return -1;
}

const CnnShape *
cnn_onnx_in_shape (CnnOnnxContext *ctx, guint i)
{
  CnnOnnxEdge *edge = cnn_onnx_has_input (ctx, i) ? ctx->node->inputs[i] : NULL;
  const CnnValue *value;

  if (edge == NULL)
    return NULL;
  if (cnn_onnx_edge_is_constant (edge)) {
    CnnOnnxArray *array = cnn_onnx_graph_array (ctx->graph, edge, NULL);

    return array != NULL ? &array->shape : NULL;
  }
  if ((edge->value == CNN_NO_VALUE && edge->turned == CNN_NO_VALUE) || ctx->graph->builder == NULL)
    return NULL;
  value = cnn_model_builder_get_value (ctx->graph->builder,
                                       edge->value != CNN_NO_VALUE ? edge->value : edge->turned);
  if (!value->known)
    return NULL;
  ctx->shapes[MIN (i, 3)] = value->shape; /* the builder's own moves when values are added */
  if ((edge->value == CNN_NO_VALUE) != (ctx->turn == CNN_ONNX_TURNED))
    cnn_onnx_turned_shape (&ctx->shapes[MIN (i, 3)], ctx->turn == CNN_ONNX_TURNED);
  return &ctx->shapes[MIN (i, 3)];
}

/* Takes as many numbers as @shape has from *left. */
static gboolean
take (CnnOnnxContext *ctx, const CnnShape *shape, gsize *left, GError **error)
{
  gsize count;

  if (!cnn_shape_count (shape, &count) || count > *left) {
    g_autofree char *text = cnn_shape_to_string (shape);

    cnn_onnx_refuse (ctx, error, _ ("computes a constant of shape %s, which is too large"), text);
    return FALSE;
  }
  *left -= count;
  return TRUE;
}

gboolean
cnn_onnx_spend_filled (CnnOnnxContext *ctx, const CnnShape *shape, GError **error)
{
  return take (ctx, shape, &ctx->graph->budget, error);
}

gboolean
cnn_onnx_spend (CnnOnnxContext *ctx, const CnnShape *shape, GError **error)
{
  gsize most = FREELY_COMPUTED + 2 * cnn_onnx_file_size (ctx->graph->file),
        left = most - MIN (most, ctx->graph->computed);

  if (!take (ctx, shape, &left, error))
    return FALSE;
  ctx->graph->computed = most - left;
  return TRUE;
}

CnnTensor *
cnn_onnx_in_tensor (CnnOnnxContext *ctx, guint i, GError **error)
{
  CnnOnnxArray *array;
  g_autoptr (CnnTensor) tensor = NULL;

  if (!cnn_onnx_in_array (ctx, i, &array, error))
    return NULL;
  if (array == NULL) {
    cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), i + 1);
    return NULL;
  }
  if (array->tensor == NULL && !cnn_onnx_spend_filled (ctx, &array->shape, error))
    return NULL;
  tensor = cnn_onnx_array_to_tensor (array);
  return ctx->turn == CNN_ONNX_TURNED ? cnn_onnx_turned_tensor (tensor) : g_steal_pointer (&tensor);
}

/* Constants are turned for this operator alone. */
static guint
turned_in_value (CnnOnnxContext *ctx, guint i, GError **error)
{
  CnnOnnxEdge *edge = ctx->node->inputs[i];
  g_autoptr (CnnTensor) tensor = NULL, turned = NULL;

  if (!cnn_onnx_edge_is_constant (edge))
    return cnn_onnx_turned_value (ctx, edge, error);
  tensor = cnn_onnx_in_tensor (ctx, i, error);
  if (tensor == NULL)
    return CNN_NO_VALUE;
  turned = ctx->turn == CNN_ONNX_TURNED ? cnn_tensor_ref (tensor) : cnn_onnx_turned_tensor (tensor);
  return cnn_model_builder_add_constant (ctx->graph->builder, edge->name, turned);
}

guint
cnn_onnx_in_value (CnnOnnxContext *ctx, guint i, GError **error)
{
  CnnOnnxEdge *edge = cnn_onnx_has_input (ctx, i) ? ctx->node->inputs[i] : NULL;
  g_autoptr (CnnTensor) tensor = NULL;

  if (edge == NULL)
    return cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), i + 1);
  if (ctx->turn != CNN_ONNX_AS_IN_FILE)
    return turned_in_value (ctx, i, error);
  if (edge->value != CNN_NO_VALUE)
    return edge->value;
  if (edge->turned != CNN_NO_VALUE)
    return cnn_onnx_file_value (ctx, edge, error);
  if (!cnn_onnx_edge_is_constant (edge))
    return cnn_onnx_refuse (ctx, error, _ ("reads the tensor “%s”, which nothing writes"), edge->name);
  tensor = cnn_onnx_in_tensor (ctx, i, error);
  if (tensor == NULL)
    return CNN_NO_VALUE;
  edge->value = cnn_model_builder_add_constant (ctx->graph->builder, edge->name, tensor);
  return edge->value;
}

gboolean
cnn_onnx_in_array (CnnOnnxContext *ctx, guint i, CnnOnnxArray **array, GError **error)
{
  CnnOnnxEdge *edge = cnn_onnx_has_input (ctx, i) ? ctx->node->inputs[i] : NULL;

  *array = NULL;
  if (edge == NULL)
    return TRUE;
  if (!cnn_onnx_edge_is_constant (edge)) {
    cnn_onnx_unsupported (ctx, error, _ ("%s with a computed “%s”"), ctx->node->type, edge->name);
    return FALSE;
  }
  *array = cnn_onnx_graph_array (ctx->graph, edge, error);
  return *array != NULL;
}

gboolean
cnn_onnx_in_ints (CnnOnnxContext *ctx, guint i, const char *name, GArray **ints, GError **error)
{
  CnnOnnxArray *array;
  const gint64 *attribute;
  gsize n;

  *ints = NULL;
  if (!cnn_onnx_in_array (ctx, i, &array, error))
    return FALSE;
  attribute = cnn_onnx_attr_ints (ctx->node, name, &n);
  if (array == NULL && attribute == NULL && cnn_onnx_attr_find (ctx->node, name) == NULL)
    return TRUE;
  if (array != NULL)
    n = array->count;
  if (n > 4096) {
    cnn_onnx_refuse (ctx, error, _ ("has %zu numbers as “%s”"), n, name);
    return FALSE;
  }
  *ints = g_array_sized_new (FALSE, FALSE, sizeof (gint64), (guint)n);
  for (gsize k = 0; k < n; k++) {
    gint64 value = array != NULL ? cnn_onnx_array_get_int (array, k) : attribute[k];

    g_array_append_val (*ints, value);
  }
  return TRUE;
}

guint
cnn_onnx_add (CnnOnnxContext *ctx, CnnOpKind kind, const CnnOpAttrs *attrs, const guint *inputs, guint n,
              GError **error)
{
  CnnOpAttrs turned;

  for (guint i = 0; i < n; i++)
    if (i == 0 && inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE; /* the error is that of whoever made the input */
  if (ctx->turn == CNN_ONNX_TURNED_AXES && attrs != NULL) {
    cnn_onnx_turned_attrs (kind, attrs, &turned);
    attrs = &turned;
  }
  return cnn_model_builder_add_op (
      ctx->graph->builder, kind, ctx->node->name, attrs, inputs, n,
      ctx->turn != CNN_ONNX_AS_IN_FILE ? CNN_LAYOUT_CHANNELS_LAST : CNN_LAYOUT_PLAIN, error);
}

guint
cnn_onnx_add1 (CnnOnnxContext *ctx, CnnOpKind kind, const CnnOpAttrs *attrs, guint input, GError **error)
{
  return cnn_onnx_add (ctx, kind, attrs, &input, 1, error);
}

guint
cnn_onnx_add_constant (CnnOnnxContext *ctx, const char *name, CnnTensor *tensor)
{
  return cnn_model_builder_add_constant (ctx->graph->builder, name, tensor);
}

guint
cnn_onnx_add_weight (CnnOnnxContext *ctx, guint i, CnnTensor *tensor, gboolean trainable)
{
  const char *name = ctx->node->inputs[i]->name;

  cnn_model_builder_add_weight (ctx->graph->builder, name, tensor, trainable);
  return cnn_model_builder_add_constant (ctx->graph->builder, name, tensor);
}

guint
cnn_onnx_add_activation (CnnOnnxContext *ctx, guint input, CnnActivation kind, float a, float b, float c,
                         GError **error)
{
  CnnOpAttrs attrs = { .activation = { .kind = kind, .a = a, .b = b, .c = c } };

  return cnn_onnx_add1 (ctx, CNN_OP_ACTIVATION, &attrs, input, error);
}

guint
cnn_onnx_add_reshape (CnnOnnxContext *ctx, guint input, const CnnShape *shape, GError **error)
{
  const CnnValue *value;
  CnnOpAttrs attrs = { .reshape = { .shape = *shape } };

  if (input == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  value = cnn_model_builder_get_value (ctx->graph->builder, input);
  for (guint i = 0;
       value->known && i < shape->rank && i < value->shape.rank && shape->dims[i] == value->shape.dims[i];
       i++)
    attrs.reshape.shape.dims[i] = 0;
  return cnn_onnx_add1 (ctx, CNN_OP_RESHAPE, &attrs, input, error);
}

guint
cnn_onnx_add_transpose (CnnOnnxContext *ctx, guint input, const guint *axes, guint rank, GError **error)
{
  CnnOpAttrs attrs = { 0 };

  for (guint i = 0; i < rank; i++)
    attrs.transpose.axes[i] = axes[i];
  return cnn_onnx_add1 (ctx, CNN_OP_TRANSPOSE, &attrs, input, error);
}

void
cnn_onnx_set_output (CnnOnnxContext *ctx, guint output, guint value)
{
  CnnOnnxEdge *edge = output < ctx->node->n_outputs ? ctx->node->outputs[output] : NULL;

  if (edge == NULL || value == CNN_NO_VALUE)
    return;
  if (ctx->turn != CNN_ONNX_AS_IN_FILE &&
      cnn_model_builder_get_value (ctx->graph->builder, value)->shape.rank == 4)
    edge->turned = value;
  else
    edge->value = value;
  cnn_model_builder_name_value (ctx->graph->builder, value, edge->name);
}
