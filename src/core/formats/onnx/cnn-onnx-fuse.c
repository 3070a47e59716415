/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns that exporters write out in simple operators: recognised as the one operator that they stand for.
 */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <math.h>
#include <string.h>

#define NEAR(a, b) (fabs ((a) - (double)(b)) < 1e-3 * fabs ((double)(b)))

/* The nodes of a pattern that go when it is replaced. */
typedef struct {
  CnnOnnxGraph *graph;
  CnnOnnxNode *parts[24];
  guint n;
} Match;

static gboolean
is_type (const CnnOnnxNode *node, const char *type)
{
  return node != NULL && !node->skip && !node->fused && g_str_equal (node->type, type);
}

/* The node of that type which writes @edge. */
static CnnOnnxNode *
from (CnnOnnxEdge *edge, const char *type)
{
  return edge != NULL && edge->array == NULL && is_type (edge->producer, type) ? edge->producer : NULL;
}

static gboolean
take (Match *match, CnnOnnxNode *node)
{
  if (node == NULL || match->n == G_N_ELEMENTS (match->parts))
    return FALSE;
  for (guint i = 0; i < match->n; i++)
    if (match->parts[i] == node)
      return TRUE;
  match->parts[match->n++] = node;
  return TRUE;
}

/* Everything but the root may be read by the pattern's own nodes only. */
static gboolean
is_closed (const Match *match, const CnnOnnxNode *root)
{
  for (guint i = 0; i < match->n; i++) {
    CnnOnnxEdge *out = match->parts[i]->outputs[0];

    if (match->parts[i] == root)
      continue;
    if (out->is_output)
      return FALSE;
    for (guint k = 0; k < out->consumers->len; k++) {
      gboolean inside = FALSE;

      for (guint j = 0; j < match->n && !inside; j++)
        inside = match->parts[j] == g_ptr_array_index (out->consumers, k);
      if (!inside)
        return FALSE;
    }
  }
  return TRUE;
}

/* A binary node with one constant of one number: the number and the other operand. */
static gboolean
with_scalar (Match *match, CnnOnnxNode *node, double *number, CnnOnnxEdge **other)
{
  if (node == NULL || node->n_inputs != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (cnn_onnx_graph_scalar (match->graph, node->inputs[i], number)) {
      *other = node->inputs[1 - i];
      return *other != NULL && !cnn_onnx_edge_is_constant (*other);
    }
  return FALSE;
}

/* @edge = @other + number, or @other · number, or @other / number (given as a product). */
static gboolean
plus (Match *match, CnnOnnxEdge *edge, double *number, CnnOnnxEdge **other)
{
  CnnOnnxNode *node = from (edge, "Add");

  return with_scalar (match, node, number, other) && take (match, node);
}

static gboolean
times (Match *match, CnnOnnxEdge *edge, double *number, CnnOnnxEdge **other)
{
  CnnOnnxNode *node = from (edge, "Mul");

  if (with_scalar (match, node, number, other))
    return take (match, node);
  node = from (edge, "Div");
  if (node == NULL || !cnn_onnx_graph_scalar (match->graph, node->inputs[1], number) || *number == 0 ||
      node->inputs[0] == NULL)
    return FALSE;
  *other = node->inputs[0];
  *number = 1 / *number;
  return take (match, node);
}

/* A product with all its factors: up to two that are computed, and the product of the numbers. */
typedef struct {
  CnnOnnxEdge *factors[2];
  guint n;
  double number;
} Product;

static gboolean
factors (Match *match, CnnOnnxEdge *edge, Product *product, guint depth)
{
  CnnOnnxNode *node = from (edge, "Mul");
  CnnOnnxEdge *other;
  double number;

  /* only what the pattern alone reads may be taken apart */
  if (depth > 0 && (edge->is_output || edge->consumers->len != 1))
    node = NULL;
  if (node == NULL && depth > 0 && from (edge, "Div") != NULL && edge->consumers->len == 1 &&
      !edge->is_output && times (match, edge, &number, &other)) {
    product->number *= number;
    return factors (match, other, product, depth + 1);
  }
  if (node != NULL && node->n_inputs == 2 && node->inputs[0] != NULL && node->inputs[1] != NULL &&
      depth < 4) {
    if (!take (match, node))
      return FALSE;
    for (guint i = 0; i < 2; i++) {
      if (cnn_onnx_graph_scalar (match->graph, node->inputs[i], &number))
        product->number *= number;
      else if (!factors (match, node->inputs[i], product, depth + 1))
        return FALSE;
    }
    return TRUE;
  }
  if (product->n == 2)
    return FALSE;
  product->factors[product->n++] = edge;
  return TRUE;
}

static void
replace (const Match *match, CnnOnnxNode *root, const char *type, CnnOnnxEdge *x)
{
  for (guint i = 0; i < match->n; i++)
    match->parts[i]->skip = match->parts[i] != root;
  g_free (root->type);
  root->type = g_strdup (type);
  root->fused = TRUE;
  root->n_inputs = 1;
  root->inputs[0] = x;
}

static gboolean
replace_activation (const Match *match, CnnOnnxNode *root, const char *type, CnnOnnxEdge *x,
                    CnnActivation kind, float a, float b)
{
  CnnActivationAttrs act = { .kind = kind, .a = a, .b = b };

  if (!is_closed (match, root))
    return FALSE;
  replace (match, root, type, x);
  root->activation = act;
  return TRUE;
}

/* x·sigmoid (x) */
static gboolean
is_swish (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate, double *alpha)
{
  CnnOnnxNode *sigmoid = from (gate, "Sigmoid");
  CnnOnnxEdge *other;

  *alpha = 1;
  if (sigmoid == NULL || !take (match, sigmoid))
    return FALSE;
  return sigmoid->inputs[0] == x || (times (match, sigmoid->inputs[0], alpha, &other) && other == x);
}

/* x·tanh (softplus (x)) */
static gboolean
is_mish (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate)
{
  CnnOnnxNode *tanh_node = from (gate, "Tanh");
  CnnOnnxNode *softplus = tanh_node != NULL ? from (tanh_node->inputs[0], "Softplus") : NULL;

  return softplus != NULL && softplus->inputs[0] == x && take (match, tanh_node) && take (match, softplus);
}

/* clip (x + 3, 0, 6), of any x where @x is NULL */
static gboolean
is_hard_gate (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate)
{
  CnnOnnxNode *clip = from (gate, "Clip");
  CnnOnnxEdge *other;
  double number, least, most;

  if (clip == NULL || !take (match, clip))
    return FALSE;
  least = (double)cnn_onnx_attr_float (clip, "min", 0);
  most = (double)cnn_onnx_attr_float (clip, "max", 0);
  if (clip->n_inputs > 2 && (!cnn_onnx_graph_scalar (match->graph, clip->inputs[1], &least) ||
                             !cnn_onnx_graph_scalar (match->graph, clip->inputs[2], &most)))
    return FALSE;
  return least == 0 && most == 6 && plus (match, clip->inputs[0], &number, &other) && number == 3 &&
         (x == NULL || other == x);
}

/* x·hardsigmoid (x) with the slope 1/6 */
static gboolean
is_hard_sigmoid (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate)
{
  CnnOnnxNode *node = from (gate, "HardSigmoid");

  return node != NULL && node->inputs[0] == x &&
         NEAR ((double)cnn_onnx_attr_float (node, "alpha", 0.2f), 1.0 / 6) &&
         cnn_onnx_attr_float (node, "beta", 0.5f) == 0.5f && take (match, node);
}

/* 1 + erf (x/√2) */
static gboolean
is_erf_gate (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate)
{
  CnnOnnxEdge *inner, *other;
  CnnOnnxNode *erf_node;
  double number;

  if (!plus (match, gate, &number, &inner) || number != 1)
    return FALSE;
  erf_node = from (inner, "Erf");
  return erf_node != NULL && take (match, erf_node) && times (match, erf_node->inputs[0], &number, &other) &&
         other == x && NEAR (number, G_SQRT2 / 2);
}

/* 1 + tanh (√(2/π)·(x + 0.044715·x³)) */
static gboolean
is_tanh_gate (Match *match, CnnOnnxEdge *x, CnnOnnxEdge *gate)
{
  CnnOnnxEdge *inner, *sum, *cube;
  CnnOnnxNode *tanh_node, *add, *pow_node;
  double number;

  if (!plus (match, gate, &number, &inner) || number != 1)
    return FALSE;
  tanh_node = from (inner, "Tanh");
  if (tanh_node == NULL || !take (match, tanh_node) || !times (match, tanh_node->inputs[0], &number, &sum) ||
      !NEAR (number, 0.7978845608))
    return FALSE;
  add = from (sum, "Add");
  if (add == NULL || !take (match, add) || (add->inputs[0] != x && add->inputs[1] != x) ||
      !times (match, add->inputs[0] == x ? add->inputs[1] : add->inputs[0], &number, &cube) ||
      !NEAR (number, 0.044715))
    return FALSE;
  pow_node = from (cube, "Pow");
  return pow_node != NULL && pow_node->inputs[0] == x &&
         cnn_onnx_graph_scalar (match->graph, pow_node->inputs[1], &number) && number == 3 &&
         take (match, pow_node);
}

/* Products of x with a gate that is computed from x. */
static gboolean
fuse_gated (CnnOnnxGraph *self, CnnOnnxNode *root)
{
  Match whole = { .graph = self };
  Product product = { .number = 1 };
  CnnOnnxEdge *out = root->outputs[0];
  CnnOnnxNode *div = is_type (root, "Div") ? root : NULL;
  double number = 1, alpha;

  if (div != NULL) { /* x·clip (x + 3, 0, 6) / 6 */
    if (!times (&whole, out, &number, &out))
      return FALSE;
    product.number = number;
  }
  if (!factors (&whole, out, &product, 0) || product.n != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    CnnOnnxEdge *x = product.factors[i], *gate = product.factors[1 - i];
    Match m = whole;

    if (NEAR (product.number, 1) && is_swish (&m, x, gate, &alpha))
      return replace_activation (&m, root, "Swish", x, CNN_ACT_SWISH, (float)alpha, 0);
    m = whole;
    if (NEAR (product.number, 1) && is_mish (&m, x, gate))
      return replace_activation (&m, root, "Mish", x, CNN_ACT_MISH, 0, 0);
    m = whole;
    if (NEAR (product.number, 1) && is_hard_sigmoid (&m, x, gate))
      return replace_activation (&m, root, "HardSwish", x, CNN_ACT_HARD_SWISH, 0, 0);
    m = whole;
    if (NEAR (product.number, 1.0 / 6) && is_hard_gate (&m, x, gate))
      return replace_activation (&m, root, "HardSwish", x, CNN_ACT_HARD_SWISH, 0, 0);
    m = whole;
    if (NEAR (product.number, 0.5) && is_erf_gate (&m, x, gate))
      return replace_activation (&m, root, "Gelu", x, CNN_ACT_GELU_ERF, 0, 0);
    m = whole;
    if (NEAR (product.number, 0.5) && is_tanh_gate (&m, x, gate))
      return replace_activation (&m, root, "Gelu", x, CNN_ACT_GELU_TANH, 0, 0);
  }
  return FALSE;
}

/* clip (x + 3, 0, 6) / 6 */
static gboolean
fuse_hard_sigmoid (CnnOnnxGraph *self, CnnOnnxNode *root)
{
  Match match = { .graph = self };
  CnnOnnxEdge *gate;
  CnnOnnxNode *clip;
  double number;

  if (!times (&match, root->outputs[0], &number, &gate) || !NEAR (number, 1.0 / 6) ||
      !is_hard_gate (&match, NULL, gate))
    return FALSE;
  clip = gate->producer;
  if (!with_scalar (&match, clip->inputs[0]->producer, &number, &gate))
    return FALSE;
  return replace_activation (&match, root, "HardSigmoid", gate, CNN_ACT_HARD_SIGMOID, 1.0f / 6, 0.5f);
}

/* The mean over the last axes: the first of them, counted from the end. */
static gboolean
mean_axis (CnnOnnxGraph *self, CnnOnnxNode *mean, gint64 *axis)
{
  CnnOnnxContext ctx = { .graph = self, .node = mean };
  g_autoptr (GArray) axes = NULL;
  gint64 sum = 0;

  if (cnn_onnx_attr_int (mean, "keepdims", 1) == 0 || !cnn_onnx_in_ints (&ctx, 1, "axes", &axes, NULL) ||
      axes == NULL || axes->len == 0)
    return FALSE;
  *axis = 0;
  for (guint i = 0; i < axes->len; i++) {
    gint64 one = g_array_index (axes, gint64, i);

    if (one >= 0 ||
        one < -(gint64)axes->len) /* counted from the front: which axes these are is not known here */
      return FALSE;
    sum += one;
    *axis = MIN (*axis, one);
  }
  return -sum == (gint64)axes->len * ((gint64)axes->len + 1) / 2;
}

/* A following operator of that type with a constant: that constant, as scale or shift. */
static CnnOnnxNode *
follower (CnnOnnxEdge *edge, const char *type, CnnOnnxEdge **constant)
{
  CnnOnnxNode *node;

  if (edge->is_output || edge->consumers->len != 1)
    return NULL;
  node = g_ptr_array_index (edge->consumers, 0);
  if (!is_type (node, type) || node->n_inputs != 2 || node->inputs[0] == NULL || node->inputs[1] == NULL)
    return NULL;
  *constant = node->inputs[0] == edge ? node->inputs[1] : node->inputs[0];
  return cnn_onnx_edge_is_constant (*constant) ? node : NULL;
}

/* (x - mean) / √(mean ((x - mean)²) + ε), then scale and shift where they follow. */
static gboolean
fuse_layer_norm (CnnOnnxGraph *self, CnnOnnxNode *div)
{
  Match match = { .graph = self };
  CnnOnnxNode *sub = from (div->inputs[0], "Sub"), *root, *mean, *variance, *power;
  CnnOnnxNode *sqrt_node = from (div->inputs[1], "Sqrt");
  CnnOnnxEdge *x, *inner, *gamma = NULL, *beta = NULL;
  gint64 axis, axis2;
  double epsilon, two;

  if (sub == NULL || sqrt_node == NULL || !take (&match, div) || !take (&match, sub) ||
      !take (&match, sqrt_node))
    return FALSE;
  x = sub->inputs[0];
  mean = from (sub->inputs[1], "ReduceMean");
  if (x == NULL || mean == NULL || mean->inputs[0] != x || !mean_axis (self, mean, &axis) ||
      !take (&match, mean) || !plus (&match, sqrt_node->inputs[0], &epsilon, &inner))
    return FALSE;
  variance = from (inner, "ReduceMean");
  if (variance == NULL || !mean_axis (self, variance, &axis2) || axis2 != axis || !take (&match, variance))
    return FALSE;
  power = from (variance->inputs[0], "Pow");
  if (power != NULL) {
    if (power->inputs[0] != sub->outputs[0] || !cnn_onnx_graph_scalar (self, power->inputs[1], &two) ||
        two != 2)
      return FALSE;
  } else {
    power = from (variance->inputs[0], "Mul");
    if (power == NULL || power->inputs[0] != sub->outputs[0] || power->inputs[1] != sub->outputs[0])
      return FALSE;
  }
  if (!take (&match, power))
    return FALSE;
  root = follower (div->outputs[0], "Mul", &gamma);
  if (root != NULL && follower (root->outputs[0], "Add", &beta) != NULL && take (&match, root))
    root = follower (root->outputs[0], "Add", &beta);
  else
    gamma = beta = NULL;
  if (gamma == NULL)
    root = div;
  take (&match, root);
  if (!is_closed (&match, root))
    return FALSE;
  replace (&match, root, "LayerNormalization", x);
  root->axis = axis;
  root->epsilon = (float)epsilon;
  if (gamma != NULL) {
    root->inputs[1] = gamma;
    root->inputs[2] = beta;
    root->n_inputs = 3;
  }
  return TRUE;
}

/* MatMul with weights, then Add with one number an output: a dense layer with a bias. */
static void
fuse_bias (CnnOnnxGraph *self, CnnOnnxNode *matmul)
{
  CnnOnnxEdge *weight = matmul->n_inputs == 2 ? matmul->inputs[1] : NULL, *bias;
  CnnOnnxArray *w, *b;
  CnnOnnxNode *add;

  if (weight == NULL || !cnn_onnx_edge_is_constant (weight) || matmul->inputs[0] == NULL ||
      cnn_onnx_edge_is_constant (matmul->inputs[0]))
    return;
  add = follower (matmul->outputs[0], "Add", &bias);
  if (add == NULL)
    return;
  w = cnn_onnx_graph_array (self, weight, NULL);
  b = cnn_onnx_graph_array (self, bias, NULL);
  if (w == NULL || b == NULL || w->shape.rank != 2 || b->shape.rank < 1 ||
      b->count != (gsize)w->shape.dims[1] || b->shape.dims[b->shape.rank - 1] != w->shape.dims[1] ||
      b->shape.rank > 2)
    return;
  matmul->inputs[2] = bias;
  matmul->n_inputs = 3;
  matmul->outputs[0] = add->outputs[0];
  matmul->outputs[0]->producer = matmul;
  add->skip = TRUE;
}

void
cnn_onnx_graph_fuse (CnnOnnxGraph *self)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    CnnOnnxNode *node = g_ptr_array_index (self->nodes, i);

    if (node->skip || node->fused || node->n_outputs < 1 || node->outputs[0] == NULL || node->n_inputs < 2)
      continue;
    if (is_type (node, "Div") && node->inputs[0] != NULL && node->inputs[1] != NULL &&
        fuse_layer_norm (self, node))
      continue;
    if (is_type (node, "MatMul"))
      fuse_bias (self, node);
  }
  /* from the end: the whole of a pattern before its parts */
  for (guint i = self->nodes->len; i-- > 0;) {
    CnnOnnxNode *node = g_ptr_array_index (self->nodes, i);

    if (node->skip || node->fused || node->n_outputs < 1 || node->outputs[0] == NULL || node->n_inputs != 2)
      continue;
    if ((is_type (node, "Mul") || is_type (node, "Div")) && !fuse_gated (self, node))
      fuse_hard_sigmoid (self, node);
  }
}
