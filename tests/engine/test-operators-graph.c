/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawn networks: the engine against the kernels, and its gradients against differences of its own output. */
#include "compare-engine.h"
#include "random-graph.h"

#include "engine/cnn-engine.h"

#include <math.h>

static void
test_against_kernels (gconstpointer data)
{
  guint first = GPOINTER_TO_UINT (data);

  for (guint seed = first; seed < first + 10; seed++) {
    g_autofree char *name = g_strdup_printf ("network %u", seed);
    g_autoptr (CnnModel) model = random_graph_new (seed, FALSE);

    compare_engine (model, name, seed, -1, 1, 0);
  }
}

static double
score (CnnEngine *engine, guint value, guint n_classes, const float *image)
{
  g_autofree float *scores = g_new (float, n_classes);
  g_autoptr (GError) error = NULL;

  cnn_engine_forward (engine, image, 1, &value, 1, &scores, NULL, &error);
  g_assert_no_error (error);
  return scores[2];
}

/* The derivative along drawn directions is the gradient's product with them. */
static void
test_differences (void)
{
  for (guint seed = 1; seed <= 12; seed++) {
    g_autoptr (CnnModel) model = random_graph_new (seed, TRUE);
    g_autoptr (CnnEngine) engine = cnn_engine_new (model);
    gsize n = cnn_engine_input_size (engine);
    guint value = cnn_model_get_score_value (model), input = cnn_model_get_input (model, 0)->value;
    guint n_classes = (guint)cnn_engine_value_size (engine, value);
    g_autofree float *image = g_new (float, n), *gradient = g_new (float, n), *direction = g_new (float, n),
                     *moved = g_new (float, n);
    CnnSeed target = { value, 2, 1, NULL };
    g_autoptr (GError) error = NULL;

    kernel_cases_draw (image, n, seed, -1, 1, 0);
    cnn_engine_set_input (engine, image);
    cnn_engine_gradient (engine, &target, 1, CNN_MODIFIER_GUIDED, &input, 1, &gradient, NULL, NULL, &error);
    g_assert_no_error (error);
    for (guint k = 0; k < 3; k++) {
      const double h = 1.0 / 256;
      double difference, product = 0, size = 0, side = 0;

      kernel_cases_draw (direction, n, seed * 10 + k, -1, 1, 0);
      for (gsize i = 0; i < n; i++) {
        product += (double)gradient[i] * direction[i];
        size += (double)gradient[i] * gradient[i];
        side += (double)direction[i] * direction[i];
        moved[i] = image[i] + (float)h * direction[i];
      }
      difference = score (engine, value, n_classes, moved);
      for (gsize i = 0; i < n; i++)
        moved[i] = image[i] - (float)h * direction[i];
      difference = (difference - score (engine, value, n_classes, moved)) / (2 * h);
      /* relative to the largest that the product could be, in a direction of this length drawn at random */
      if (!(fabs (difference - product) <= 1e-2 * sqrt (size * side / (double)n) + 1e-4)) {
        g_test_message ("network %u: %g by differences, %g by the gradient (of length %g)", seed, difference,
                        product, sqrt (size));
        g_test_fail ();
      }
    }
  }
}

/* Rectifiers and other activations on a way from the input to @value. */
static CnnGateCount
count_gates (CnnModel *model, guint input, guint value)
{
  guint n = cnn_model_get_n_values (model);
  g_autofree gboolean *reached = g_new0 (gboolean, n), *leads = g_new0 (gboolean, n);
  CnnGateCount count = { 0 };

  reached[input] = leads[value] = TRUE;
  for (guint i = 0; i < cnn_model_get_n_ops (model); i++)
    for (guint k = 0; k < cnn_model_get_op (model, i)->n_inputs; k++) {
      const CnnOp *op = cnn_model_get_op (model, i);

      if (op->inputs[k] != CNN_NO_VALUE && reached[op->inputs[k]])
        reached[op->output] = TRUE;
    }
  for (guint i = cnn_model_get_n_ops (model); i-- > 0;) {
    const CnnOp *op = cnn_model_get_op (model, i);

    for (guint k = 0; k < op->n_inputs && leads[op->output]; k++)
      if (op->inputs[k] != CNN_NO_VALUE)
        leads[op->inputs[k]] = TRUE;
    if (!leads[op->output] || !reached[op->output])
      continue;
    if (op->kind == CNN_OP_PRELU ||
        (op->kind == CNN_OP_ACTIVATION && cnn_activation_is_rectifier (&op->attrs.activation)))
      count.gated++;
    else if (op->kind == CNN_OP_ACTIVATION && op->attrs.activation.kind != CNN_ACT_LINEAR)
      count.smooth++;
  }
  return count;
}

/* A channel as the seed: the gradient of its mean, its score, and what the modifier met. */
static void
test_channel_seeds (void)
{
  for (guint seed = 1; seed <= 60; seed++) {
    g_autoptr (CnnModel) model = random_graph_new (seed, FALSE);
    g_autoptr (CnnEngine) engine = cnn_engine_new (model);
    g_autoptr (Reference) reference = reference_new (model);
    guint input = cnn_model_get_input (model, 0)->value;
    guint value = cnn_model_get_layer (model, cnn_model_get_n_layers (model) / 2)->output;
    const CnnShape *shape = &cnn_model_get_value (model, value)->shape;
    gsize n = cnn_engine_input_size (engine), size = cnn_shape_size (shape);
    gsize space = cnn_shape_size_from (shape, 2);
    CnnSeed target = { value, (guint)shape->dims[1] - 1, -1, NULL };
    g_autofree float *image = g_new (float, n), *found = g_new (float, n), *at = g_new (float, n),
                     *rows = g_new0 (float, size);
    CnnGateCount gates = { 0 }, expected = count_gates (model, input, value);
    g_autoptr (GError) error = NULL;
    double mean = 0;
    float score_at;

    kernel_cases_draw (image, n, seed, -1, 1, 0);
    reference_set_input (reference, 0, image);
    reference_forward (reference);
    for (gsize i = 0; i < space; i++) {
      rows[target.channel * space + i] = -1 / (float)space;
      mean += reference->values[value][target.channel * space + i] / (double)space;
    }
    reference_backward (reference, value, rows, CNN_MODIFIER_GUIDED);
    cnn_engine_set_input (engine, image);
    cnn_engine_gradient (engine, &target, 1, CNN_MODIFIER_GUIDED, &input, 1, &found, &gates, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (relative_distance (found, reference->diffs[input], n), <=, 1e-4);
    cnn_engine_gradient_at (engine, image, &target, 1, CNN_MODIFIER_GUIDED, input, at, &score_at, NULL,
                            &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (relative_distance (at, reference->diffs[input], n), <=, 1e-4);
    if (!(fabs (score_at + mean) <= 1e-4 * (1 + fabs (mean))) || gates.gated != expected.gated ||
        gates.smooth != expected.smooth) {
      g_test_message ("network %u, value %u: score %g of %g; gates %u and %u, expected %u and %u", seed,
                      value, score_at, mean, gates.gated, gates.smooth, expected.gated, expected.smooth);
      g_test_fail ();
    }
  }
}

/* Networks are drawn with something to compare: the gradients of most are not all zero. */
static void
test_not_dead (void)
{
  guint alive = 0;

  for (guint seed = 1; seed <= 40; seed++) {
    g_autoptr (CnnModel) model = random_graph_new (seed, FALSE);
    g_autoptr (Reference) reference = reference_new (model);
    guint input = cnn_model_get_input (model, 0)->value, output = cnn_model_get_output (model, 0);
    float seeds[7], size = 0;
    gsize n = cnn_shape_size (&cnn_model_get_value (model, input)->shape);
    g_autofree float *image = g_new (float, n);

    kernel_cases_draw (image, n, seed, -1, 1, 0);
    kernel_cases_draw (seeds, 7, seed + 1, -1, 1, 0);
    reference_set_input (reference, 0, image);
    reference_forward (reference);
    reference_backward (reference, output, seeds, CNN_MODIFIER_GUIDED);
    for (gsize i = 0; i < n; i++)
      size += fabsf (reference->diffs[input][i]);
    alive += size > 0 && isfinite (size);
  }
  g_test_message ("%u of 40 networks have a guided gradient", alive);
  g_assert_cmpuint (alive, >=, 24);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint first = 1; first <= 31; first += 10) {
    g_autofree char *path = g_strdup_printf ("/engine/networks/from-%u", first);

    g_test_add_data_func (path, GUINT_TO_POINTER (first), test_against_kernels);
  }
  g_test_add_func ("/engine/networks/channel-seeds", test_channel_seeds);
  g_test_add_func ("/engine/networks/alive", test_not_dead);
  g_test_add_func ("/engine/networks/differences", test_differences);
  return g_test_run ();
}
