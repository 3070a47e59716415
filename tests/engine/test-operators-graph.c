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
  g_test_add_func ("/engine/networks/alive", test_not_dead);
  g_test_add_func ("/engine/networks/differences", test_differences);
  return g_test_run ();
}
