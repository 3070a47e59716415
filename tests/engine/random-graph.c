/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random-graph.h"

#include "kernel-cases.h"

#include <math.h>
#include <string.h>

/* Values that later operators may use. */
#define MAX_VALUES 64

typedef struct {
  CnnModelBuilder *builder;
  GRand *random;
  guint values[MAX_VALUES]; /* of rank 4 */
  guint n_values;
  gboolean smooth;
  guint n_layers;
} Graph;

static const CnnShape *
shape_of (Graph *g, guint value)
{
  return &cnn_model_builder_get_value (g->builder, value)->shape;
}

static guint
pick (Graph *g, guint n)
{
  return (guint)g_rand_int_range (g->random, 0, (gint32)n);
}

static guint
constant (Graph *g, const CnnShape *shape, double low, double high)
{
  gsize n = cnn_shape_size (shape);
  float *data = g_new (float, MAX (n, 1));
  g_autoptr (CnnTensor) tensor = NULL;

  kernel_cases_draw (data, n, g_rand_int (g->random), low, high, 0);
  tensor = cnn_tensor_new_take (shape, data);
  return cnn_model_builder_add_constant (g->builder, NULL, tensor);
}

static void
begin_layer (Graph *g)
{
  g_autofree char *name = g_strdup_printf ("layer_%u", g->n_layers++);

  cnn_model_builder_begin_layer (g->builder, name, "Layer");
}

static guint
operate (Graph *g, CnnOpKind kind, const CnnOpAttrs *attrs, const guint *inputs, guint n_inputs)
{
  g_autoptr (GError) error = NULL;
  guint value = cnn_model_builder_add_op (g->builder, kind, cnn_op_kind_name (kind), attrs, inputs, n_inputs,
                                          CNN_LAYOUT_PLAIN, &error);

  g_assert_no_error (error);
  return value;
}

static CnnWindow
square_window (gint64 kernel, gint64 stride, gint64 dilation, gint64 pad)
{
  return (CnnWindow){ .n_axes = 2,
                      .kernel = { kernel, kernel },
                      .stride = { stride, stride },
                      .dilation = { dilation, dilation },
                      .pad_begin = { pad, pad },
                      .pad_end = { pad, pad } };
}

static guint
convolution (Graph *g, guint x, gint64 outputs, const CnnWindow *window, gint64 groups, gboolean bias)
{
  gint64 channels = shape_of (g, x)->dims[1];
  CnnShape kernel = cnn_shape4 (outputs, channels / groups, window->kernel[0], window->kernel[1]);
  double range = sqrt (4.0 / (double)cnn_shape_size_from (&kernel, 1));
  CnnShape biases = cnn_shape (1, outputs);
  CnnOpAttrs attrs = { 0 };
  guint inputs[3] = { x };

  attrs.conv.window = *window;
  attrs.conv.groups = groups;
  inputs[1] = constant (g, &kernel, -range, range);
  inputs[2] = bias ? constant (g, &biases, -0.3, 0.3) : CNN_NO_VALUE;
  return operate (g, CNN_OP_CONV, &attrs, inputs, bias ? 3 : 2);
}

static guint
activation (Graph *g, guint x)
{
  static const CnnActivationAttrs kinds[] = {
    { CNN_ACT_RELU, INFINITY, 0, 0 },
    { CNN_ACT_RELU, INFINITY, 0, 0 },
    { CNN_ACT_RELU, 1.0f, 0, 0 },
    { CNN_ACT_RELU, INFINITY, 0.2f, 0 },
    { CNN_ACT_RELU, INFINITY, 0, 0.3f },
    { CNN_ACT_HARD_SWISH, 0, 0, 0 },
    { CNN_ACT_CLIP, -0.5f, 0.8f, 0 },
    { CNN_ACT_HARD_SIGMOID, 0.2f, 0.5f, 0 },
    /* smooth from here */
    { CNN_ACT_SWISH, 1, 0, 0 },
    { CNN_ACT_GELU_ERF, 0, 0, 0 },
    { CNN_ACT_GELU_TANH, 0, 0, 0 },
    { CNN_ACT_TANH, 0, 0, 0 },
    { CNN_ACT_SIGMOID, 0, 0, 0 },
    { CNN_ACT_ELU, 1, 1, 0 },
    { CNN_ACT_SOFTPLUS, 0, 0, 0 },
    { CNN_ACT_MISH, 0, 0, 0 },
    { CNN_ACT_LINEAR, 0.8f, 0.1f, 0 },
  };
  CnnOpAttrs attrs = { 0 };

  attrs.activation =
      kinds[g->smooth ? 8 + pick (g, G_N_ELEMENTS (kinds) - 8) : pick (g, G_N_ELEMENTS (kinds))];
  return operate (g, CNN_OP_ACTIVATION, &attrs, &x, 1);
}

static guint
batch_norm (Graph *g, guint x)
{
  CnnShape channels = cnn_shape (1, shape_of (g, x)->dims[1]);
  CnnOpAttrs attrs = { 0 };
  guint inputs[3] = { x };

  attrs.batch_norm.axis = 1;
  inputs[1] = constant (g, &channels, 0.4, 1.6);
  inputs[2] = constant (g, &channels, -0.4, 0.4);
  return operate (g, CNN_OP_BATCH_NORM, &attrs, inputs, 3);
}

static guint
any_convolution (Graph *g, guint x)
{
  const CnnShape *shape = shape_of (g, x);
  gint64 channels = shape->dims[1], kernel = 1 + 2 * pick (g, 3), dilation = 1 + (pick (g, 4) == 0);
  gint64 reach = (kernel - 1) * dilation + 1, stride = 1 + (pick (g, 3) == 0);
  CnnWindow window = square_window (kernel, stride, dilation, pick (g, 4) == 0 ? 0 : reach / 2);
  static const gint64 outputs[] = { 3, 8, 16, 17, 32 };

  if (reach > MIN (shape->dims[2], shape->dims[3]))
    window = square_window (1, 1, 1, 0);
  window.same = pick (g, 5) == 0;
  if (pick (g, 6) == 0)
    window.pad_end[0]++;
  if (pick (g, 3) == 0)
    return convolution (g, x, channels, &window, channels, pick (g, 2)); /* depthwise */
  if (channels % 4 == 0 && pick (g, 4) == 0)
    return convolution (g, x, channels, &window, 4, pick (g, 2));
  return convolution (g, x, outputs[pick (g, G_N_ELEMENTS (outputs))], &window, 1, pick (g, 2));
}

static guint
any_pool (Graph *g, guint x)
{
  const CnnShape *shape = shape_of (g, x);
  gint64 kernel = 2 + pick (g, 2);
  CnnOpAttrs attrs = { 0 };

  if (MIN (shape->dims[2], shape->dims[3]) < 4)
    kernel = 1;
  attrs.pool.window = square_window (kernel, 1 + pick (g, 2), 1, kernel > 2 ? pick (g, 2) : 0);
  attrs.pool.window.ceil_mode = pick (g, 3) == 0;
  attrs.pool.kind = g->smooth ? 1 + pick (g, 2) : pick (g, 3);
  return operate (g, CNN_OP_POOL, &attrs, &x, 1);
}

/* A product with what a small dense network makes of the means. */
static guint
excite (Graph *g, guint x)
{
  gint64 channels = shape_of (g, x)->dims[1];
  CnnWindow one = square_window (1, 1, 1, 0);
  CnnOpAttrs attrs = { 0 };
  guint pair[2] = { x };

  attrs.reduce.kind = CNN_REDUCE_MEAN;
  attrs.reduce.n_axes = 2;
  attrs.reduce.axes[0] = 2;
  attrs.reduce.axes[1] = 3;
  attrs.reduce.keep_dims = TRUE;
  pair[1] = activation (g, convolution (g, operate (g, CNN_OP_REDUCE, &attrs, &x, 1), 4, &one, 1, TRUE));
  pair[1] = convolution (g, pair[1], channels, &one, 1, TRUE);
  memset (&attrs, 0, sizeof attrs);
  attrs.activation.kind = CNN_ACT_SIGMOID;
  pair[1] = operate (g, CNN_OP_ACTIVATION, &attrs, &pair[1], 1);
  memset (&attrs, 0, sizeof attrs);
  attrs.binary.kind = CNN_BINARY_MUL;
  return operate (g, CNN_OP_BINARY, &attrs, pair, 2);
}

/* A sum with, or a join to, an earlier value of the same size: the value itself where there is none. */
static guint
combine (Graph *g, guint x, gboolean join)
{
  guint pair[3] = { x, x, x }, n = 2;
  CnnOpAttrs attrs = { 0 };

  for (guint i = g->n_values; i-- > 0;) {
    CnnShape other = *shape_of (g, g->values[i]);

    if (g->values[i] == x)
      continue;
    if (join)
      other.dims[1] = shape_of (g, x)->dims[1];
    if (cnn_shape_equal (&other, shape_of (g, x))) {
      pair[pick (g, 2)] = g->values[i];
      break;
    }
  }
  if (join) {
    attrs.concat.axis = 1;
    n += pick (g, 2);
    return operate (g, CNN_OP_CONCAT, &attrs, pair, n);
  }
  attrs.binary.kind = pick (g, 4) == 0 ? CNN_BINARY_SUB : pick (g, 5) == 0 ? CNN_BINARY_MUL : CNN_BINARY_ADD;
  return operate (g, CNN_OP_BINARY, &attrs, pair, 2);
}

static guint
rare (Graph *g, guint x)
{
  const CnnShape *shape = shape_of (g, x);
  CnnShape channels = cnn_shape (3, shape->dims[1], (gint64)1, (gint64)1),
           flat = cnn_shape (1, shape->dims[1]);
  CnnOpAttrs attrs = { 0 };
  guint inputs[3] = { x };

  switch (pick (g, g->smooth ? 5 : 6)) {
  case 0:
    if (shape->dims[2] > 16)
      return batch_norm (g, x);
    attrs.resize.kind = pick (g, 2);
    attrs.resize.coords =
        attrs.resize.kind == CNN_RESIZE_NEAREST ? CNN_COORDS_ASYMMETRIC : CNN_COORDS_HALF_PIXEL;
    attrs.resize.nearest = CNN_NEAREST_FLOOR;
    attrs.resize.scale[0] = attrs.resize.scale[1] = 2;
    return operate (g, CNN_OP_RESIZE, &attrs, &x, 1);
  case 1:
    attrs.pad.before[2] = attrs.pad.after[3] = 1;
    attrs.pad.before[3] = 2;
    return operate (g, CNN_OP_PAD, &attrs, &x, 1);
  case 2:
    attrs.normalize.groups = 1;
    attrs.normalize.epsilon = 1e-3f;
    inputs[1] = constant (g, &flat, 0.5, 1.5);
    inputs[2] = constant (g, &flat, -0.5, 0.5);
    return operate (g, CNN_OP_NORMALIZE, &attrs, inputs, 3);
  case 3:
    for (guint i = 0; i < CNN_MAX_RANK; i++) {
      attrs.slice.step[i] = 1;
      attrs.slice.count[i] = -1;
    }
    attrs.slice.start[1] = shape->dims[1] > 4;
    return operate (g, CNN_OP_SLICE, &attrs, &x, 1);
  case 4:
    attrs.lrn.size = 3;
    attrs.lrn.alpha = 0.3f;
    attrs.lrn.beta = 0.75f;
    attrs.lrn.bias = 1;
    return operate (g, CNN_OP_LRN, &attrs, &x, 1);
  default:
    inputs[1] = constant (g, &channels, 0.05, 0.5);
    return operate (g, CNN_OP_PRELU, &attrs, inputs, 2);
  }
}

static guint
step (Graph *g)
{
  /* mostly the newest value, at times an older one: branches */
  guint x = g->values[pick (g, 4) == 0 ? pick (g, g->n_values) : g->n_values - 1];
  guint roll = pick (g, 20);

  if (shape_of (g, x)->dims[1] > 64)
    roll = 0;
  if (roll < 8) {
    x = any_convolution (g, x);
    if (pick (g, 2))
      x = batch_norm (g, x);
    if (pick (g, 3) == 0)
      x = combine (g, x, FALSE);
    return pick (g, 4) ? activation (g, x) : x;
  }
  if (roll < 11)
    return any_pool (g, x);
  if (roll < 13)
    return combine (g, x, FALSE);
  if (roll < 15)
    return combine (g, x, TRUE);
  if (roll < 16)
    return excite (g, x);
  if (roll < 17)
    return activation (g, x);
  return rare (g, x);
}

static guint
classifier (Graph *g, guint x)
{
  CnnOpAttrs attrs = { 0 };
  CnnShape weights, bias = cnn_shape (1, (gint64)7);
  guint inputs[3];

  if (pick (g, 2)) {
    attrs.reduce.kind = CNN_REDUCE_MEAN;
    attrs.reduce.n_axes = 2;
    attrs.reduce.axes[0] = 2;
    attrs.reduce.axes[1] = 3;
    inputs[0] = operate (g, CNN_OP_REDUCE, &attrs, &x, 1);
  } else {
    attrs.reshape.shape = cnn_shape (2, (gint64)0, (gint64)-1);
    inputs[0] = operate (g, CNN_OP_RESHAPE, &attrs, &x, 1);
  }
  weights = cnn_shape (2, (gint64)7, shape_of (g, inputs[0])->dims[1]);
  inputs[1] =
      constant (g, &weights, -sqrt (4.0 / (double)weights.dims[1]), sqrt (4.0 / (double)weights.dims[1]));
  inputs[2] = constant (g, &bias, -0.2, 0.2);
  memset (&attrs, 0, sizeof attrs);
  x = operate (g, CNN_OP_DENSE, &attrs, inputs, 3);
  if (pick (g, 2) == 0)
    return x;
  attrs.softmax.axis = 1;
  return operate (g, CNN_OP_SOFTMAX, &attrs, &x, 1);
}

CnnModel *
random_graph_new (guint32 seed, gboolean smooth)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("random", "test");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Graph g = { .builder = builder, .random = random, .smooth = smooth };
  CnnShape shape = cnn_shape4 (1, pick (&g, 2) ? 3 : 1, 9 + pick (&g, 8), 9 + pick (&g, 8));
  guint n_steps = 3 + pick (&g, 12), value = CNN_NO_VALUE;
  g_autoptr (GError) error = NULL;
  CnnModel *model;

  g.values[g.n_values++] = cnn_model_builder_add_input (builder, "image", &shape, CNN_LAYOUT_PLAIN, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_steps; i++) {
    begin_layer (&g);
    value = step (&g);
    cnn_model_builder_end_layer (builder, value, value);
    g.values[g.n_values++] = value;
  }
  begin_layer (&g);
  value = classifier (&g, value);
  cnn_model_builder_end_layer (builder, value, value);
  cnn_model_builder_add_output (builder, value);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return model;
}
