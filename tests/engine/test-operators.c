/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine against the kernels: each operator by itself, and between convolutions that bring oneDNN's
 * layouts. */
#include "compare-engine.h"

#include "engine/kernels/cnn-thin-product.h"

#include "model/cnn-model-builder.h"

#include <math.h>
#include <string.h>

static GPtrArray *cases;

static guint
add_drawn_constant (CnnModelBuilder *builder, const CnnShape *shape, guint32 seed, double range)
{
  gsize n = cnn_shape_size (shape);
  float *data = g_new (float, MAX (n, 1));
  g_autoptr (CnnTensor) tensor = NULL;

  kernel_cases_draw (data, n, seed, -range, range, 0);
  tensor = cnn_tensor_new_take (shape, data);
  return cnn_model_builder_add_constant (builder, NULL, tensor);
}

static guint
add_op (CnnModelBuilder *builder, CnnOpKind kind, const char *name, const CnnOpAttrs *attrs,
        const guint *inputs, guint n_inputs)
{
  g_autoptr (GError) error = NULL;
  guint value;

  cnn_model_builder_begin_layer (builder, name, "Layer");
  value = cnn_model_builder_add_op (builder, kind, name, attrs, inputs, n_inputs, CNN_LAYOUT_PLAIN, &error);
  g_assert_no_error (error);
  cnn_model_builder_end_layer (builder, value, value);
  return value;
}

static guint
add_convolution (CnnModelBuilder *builder, const char *name, guint x, gint64 outputs, const CnnWindow *window,
                 guint32 seed)
{
  CnnShape shape = cnn_model_builder_get_value (builder, x)->shape, kernel = { .rank = shape.rank };
  CnnOpAttrs attrs = { 0 };
  guint inputs[2] = { x };
  gint64 reach = shape.dims[1];

  attrs.conv.groups = 1;
  attrs.conv.window = *window;
  kernel.dims[0] = outputs;
  kernel.dims[1] = shape.dims[1];
  for (guint i = 0; i < window->n_axes; i++)
    reach *= kernel.dims[i + 2] = window->kernel[i];
  inputs[1] = add_drawn_constant (builder, &kernel, seed, 1.5 / sqrt ((double)reach));
  return add_op (builder, CNN_OP_CONV, name, &attrs, inputs, 2);
}

/* A 1x1 (or 1-d) convolution from the value's channels to @outputs. */
static guint
add_mixing (CnnModelBuilder *builder, const char *name, guint x, gint64 outputs, guint32 seed)
{
  CnnWindow window = { .n_axes = cnn_model_builder_get_value (builder, x)->shape.rank - 2 };

  for (guint i = 0; i < 2; i++)
    window.kernel[i] = window.stride[i] = window.dilation[i] = 1;
  return add_convolution (builder, name, x, outputs, &window, seed);
}

/* Operators whose inputs are alike; the others' further inputs are mostly weights. */
static gboolean
is_joining (const KernelCase *c)
{
  return c->op.kind == CNN_OP_CONCAT || c->op.kind == CNN_OP_BINARY || c->op.kind == CNN_OP_MATMUL;
}

/* Inputs after the first that a network computes rather than stores; an input of a model has axes. */
static gboolean
is_computed_input (const KernelCase *c, guint i, gboolean computed)
{
  return c->in[i].rank > 0 && (c->op.kind == CNN_OP_CONCAT || computed);
}

static guint
add_case_input (CnnModelBuilder *builder, const KernelCase *c, guint i, gboolean computed)
{
  g_autofree char *name = g_strdup_printf ("input %u", i);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnTensor) tensor = NULL;
  guint value;

  if (c->in[i].rank == 0 && c->indices[i] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  if (i == 0 || is_computed_input (c, i, computed)) {
    value = cnn_model_builder_add_input (builder, name, &c->in[i], CNN_LAYOUT_PLAIN, &error);
    g_assert_no_error (error);
    return value;
  }
  tensor = cnn_tensor_new_copy (&c->in[i], c->inputs[i]);
  return cnn_model_builder_add_constant (builder, NULL, tensor);
}

static CnnModel *
build_case (const KernelCase *c, gboolean computed, gboolean between)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("case", "test");
  g_autoptr (GError) error = NULL;
  guint inputs[3] = { CNN_NO_VALUE, CNN_NO_VALUE, CNN_NO_VALUE }, value;
  gboolean keep = FALSE;
  CnnModel *model;

  for (guint i = 0; i < c->n_inputs; i++)
    keep = keep || (i == 0 || is_computed_input (c, i, computed) ? c->in[i].rank == 0 || c->in[i].dims[0] != 1
                                                                 : FALSE);
  if (keep)
    cnn_model_builder_keep_batch (builder);
  for (guint i = 0; i < c->n_inputs; i++)
    inputs[i] = add_case_input (builder, c, i, computed);
  if (between)
    for (guint i = 0; i < c->n_inputs; i++)
      if (i == 0 || is_computed_input (c, i, computed))
        inputs[i] = add_mixing (builder, "before", inputs[i], c->in[i].dims[1], 77 + i);
  value = add_op (builder, c->op.kind, c->name, &c->op.attrs, inputs, c->n_inputs);
  if (between) {
    CnnOpAttrs attrs = { 0 };

    attrs.activation = (CnnActivationAttrs){ CNN_ACT_RELU, INFINITY, 0.1f, 0 };
    value = add_op (builder, CNN_OP_ACTIVATION, "gate", &attrs, &value, 1);
    value = add_mixing (builder, "after", value, 5, 99);
  }
  cnn_model_builder_add_output (builder, value);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return model;
}

static void
run_case (const KernelCase *c, guint32 seed, gboolean computed, gboolean between)
{
  g_autofree char *name = g_strdup_printf ("%s%s%s", c->name, computed ? ", computed" : "",
                                           between ? ", between convolutions" : "");
  g_autoptr (CnnModel) model = build_case (c, computed, between);
  double low = -2, high = 2;

  if (c->op.kind == CNN_OP_BINARY && c->op.attrs.binary.kind == CNN_BINARY_POW)
    low = 0.25;
  if (c->op.kind == CNN_OP_ACTIVATION &&
      (c->op.attrs.activation.kind == CNN_ACT_LOG || c->op.attrs.activation.kind == CNN_ACT_SQRT ||
       c->op.attrs.activation.kind == CNN_ACT_POWER))
    low = 0.1;
  compare_engine (model, name, seed, low, high, strstr (c->name, "ties") != NULL ? 1 : 0);
}

static gboolean
goes_between (const KernelCase *c)
{
  if (c->in[0].rank < 3 || c->in[0].rank > 4 || c->out.rank != c->in[0].rank)
    return FALSE;
  for (guint i = 1; i < c->n_inputs; i++)
    if (is_joining (c) && c->in[i].rank > 0 && c->in[i].rank != c->in[0].rank)
      return FALSE;
  /* what they make of a drawn negative number is no number */
  return !(c->op.kind == CNN_OP_BINARY && c->op.attrs.binary.kind >= CNN_BINARY_DIV);
}

static void
test_operator (gconstpointer data)
{
  CnnOpKind kind = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < cases->len; i++) {
    const KernelCase *c = g_ptr_array_index (cases, i);

    if (c->op.kind != kind)
      continue;
    run_case (c, i, FALSE, FALSE);
    if (c->n_inputs > 1 && kind != CNN_OP_CONCAT)
      run_case (c, i, TRUE, FALSE);
    if (goes_between (c))
      run_case (c, i, is_joining (c), TRUE);
  }
}

/* Sizes for which the engine has ways of its own: Winograd's algorithm, matrix products back to a picture. */
static const struct {
  gint64 channels, height, width, outputs, kernel[2], stride[2], dilation[2], begin[2], end[2];
} convolutions[] = {
  { 64, 8, 10, 64, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
  { 64, 7, 6, 128, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 0, 2 }, { 1, 0 } },
  { 80, 6, 9, 64, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 0, 0 } },
  { 64, 6, 6, 64, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 3, 0 }, { 0, 1 } },
  { 32, 28, 29, 32, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
  { 3, 15, 14, 16, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3 }, { 3, 3 } },
  { 1, 9, 8, 5, { 3, 2 }, { 1, 3 }, { 2, 1 }, { 0, 1 }, { 2, 1 } },
  { 4, 5, 30, 40, { 1, 5 }, { 3, 2 }, { 1, 3 }, { 0, 0 }, { 1, 4 } },
  { 2, 3, 3, 17, { 3, 3 }, { 4, 4 }, { 1, 1 }, { 2, 2 }, { 2, 2 } },
};

static CnnModel *
build_convolution (guint i)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("case", "test");
  const CnnShape shape = { 4,
                           { 1, convolutions[i].channels, convolutions[i].height, convolutions[i].width } };
  CnnOpAttrs attrs = { .activation = { CNN_ACT_RELU, INFINITY, 0, 0 } };
  CnnWindow window = { .n_axes = 2 };
  CnnModel *model;
  g_autoptr (GError) error = NULL;
  guint value;

  for (guint k = 0; k < 2; k++) {
    window.kernel[k] = convolutions[i].kernel[k];
    window.stride[k] = convolutions[i].stride[k];
    window.dilation[k] = convolutions[i].dilation[k];
    window.pad_begin[k] = convolutions[i].begin[k];
    window.pad_end[k] = convolutions[i].end[k];
  }
  value = cnn_model_builder_add_input (builder, "input", &shape, CNN_LAYOUT_PLAIN, &error);
  g_assert_no_error (error);
  value = add_convolution (builder, "first", value, convolutions[i].outputs, &window, i);
  value = add_op (builder, CNN_OP_ACTIVATION, "gate", &attrs, &value, 1);
  cnn_model_builder_add_output (builder, add_mixing (builder, "after", value, 3, 99));
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return model;
}

static void
test_convolutions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (convolutions); i++) {
    g_autoptr (CnnModel) model = build_convolution (i);
    g_autofree char *name = g_strdup_printf ("convolution %u", i);

    compare_engine (model, name, i, -2, 2, 0);
  }
}

/* An engine and what it says: both scores and gradient of one input. */
typedef struct {
  CnnEngine *engine;
  float *input, *scores, *gradient;
} Run;

static gpointer
run_engine (gpointer data)
{
  Run *run = data;
  CnnModel *model = cnn_engine_get_model (run->engine);
  guint score = cnn_model_get_score_value (model), input = cnn_model_get_input (model, 0)->value;
  const CnnSeed seed = { .value = score, .channel = 1, .sign = 1 };
  g_autoptr (GError) error = NULL;

  cnn_engine_set_input (run->engine, run->input);
  cnn_engine_read (run->engine, score, run->scores, NULL, &error);
  g_assert_no_error (error);
  cnn_engine_gradient (run->engine, &seed, 1, CNN_MODIFIER_VANILLA, &input, 1, &run->gradient, NULL, NULL,
                       &error);
  g_assert_no_error (error);
  return NULL;
}

/* What one thread has compiled, any other may run. */
static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (convolutions); i++) {
    g_autoptr (CnnModel) model = build_convolution (i);
    g_autoptr (CnnEngine) engine = cnn_engine_new (model);
    gsize size = cnn_engine_input_size (engine),
          n_scores = cnn_engine_value_size (engine, cnn_model_get_score_value (model));
    g_autofree float *input = g_new (float, size), *here = g_new (float, size + n_scores),
                     *there = g_new (float, size + n_scores);
    Run first = { engine, input, there, there + n_scores }, second = { engine, input, here, here + n_scores };

    kernel_cases_draw (input, size, i, -1, 1, 0);
    g_thread_join (g_thread_new ("other", run_engine, &first));
    run_engine (&second);
    g_assert_cmpmem (there, (size + n_scores) * sizeof (float), here, (size + n_scores) * sizeof (float));
  }
}

/* Sizes that fill no tile, no register and no share of a thread, and more inputs than one chunk. */
static void
test_thin_product (void)
{
  const gint64 sizes[][3] = { { 3, 1, 1 }, { 4, 15, 3 }, { 5, 17, 9 }, { 13, 300, 7 }, { 64, 1601, 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    gint64 n = sizes[i][0], inputs = sizes[i][1], outputs = sizes[i][2];
    g_autofree float *x = g_new (float, n *inputs), *weights = g_new (float, outputs *inputs),
                     *y = g_new (float, n *outputs), *expected = g_new0 (float, n *outputs);

    if (!cnn_thin_product_suits (n)) {
      g_test_skip ("this processor has no instructions for it");
      return;
    }
    kernel_cases_draw (x, (gsize)(n * inputs), i, -1, 1, 0);
    kernel_cases_draw (weights, (gsize)(outputs * inputs), i + 100, -1, 1, 0);
    for (gint64 r = 0; r < n; r++)
      for (gint64 o = 0; o < outputs; o++)
        for (gint64 k = 0; k < inputs; k++)
          expected[r * outputs + o] += x[r * inputs + k] * weights[o * inputs + k];
    cnn_thin_product (weights, x, y, n, inputs, outputs);
    g_assert_cmpfloat (relative_distance (y, expected, (gsize)(n * outputs)), <, 1e-5);
  }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  cases = kernel_cases_load ();
  for (guint kind = 0; kind < CNN_OP_UNSUPPORTED; kind++) {
    g_autofree char *path = g_strdup_printf ("/engine/operators/%s", cnn_op_kind_name (kind));

    g_test_add_data_func (path, GUINT_TO_POINTER (kind), test_operator);
  }
  g_test_add_func ("/engine/convolutions", test_convolutions);
  g_test_add_func ("/engine/threads", test_threads);
  g_test_add_func ("/engine/thin-product", test_thin_product);
  result = g_test_run ();
  kernel_cases_free (cases);
  return result;
}
