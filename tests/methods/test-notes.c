/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a map says of itself in words: each sentence where it is due and nowhere else. */
#include "tiny-network.h"

#include <math.h>
#include <string.h>

static gboolean
says (const CnnMap *map, const char *part)
{
  for (guint i = 0; i < map->notes->len; i++)
    if (strstr (g_ptr_array_index (map->notes, i), part) != NULL)
      return TRUE;
  return FALSE;
}

#define SETTINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* conv, flatten, hidden (rectified or tanh), out */
static CnnModel *
hidden_model (const float *first, gboolean rectified, const float *second)
{
  CnnModelBuilder *builder = cnn_model_builder_new ("/tiny.test", "Test");
  CnnShape shape = cnn_shape4 (1, 1, 1, 2);
  guint value = cnn_model_builder_add_input (builder, "image", &shape, CNN_LAYOUT_PLAIN, NULL);

  value = tiny_add_flatten (builder, tiny_add_identity_conv (builder, value, 1));
  value = tiny_add_dense (builder, "hidden", value, 2, 2, first, rectified);
  if (!rectified) {
    CnnOpAttrs attrs = { .activation = { .kind = CNN_ACT_TANH } };

    cnn_model_builder_begin_layer (builder, "bend", "Activation");
    value = cnn_model_builder_add_op (builder, CNN_OP_ACTIVATION, "bend", &attrs, &value, 1, CNN_LAYOUT_PLAIN,
                                      NULL);
    cnn_model_builder_end_layer (builder, value, value);
  }
  return tiny_finish (builder, tiny_add_dense (builder, "out", value, 1, 2, second, FALSE));
}

static void
test_gates (void)
{
  static const float first[] = { 1, 2, -1, 3 }, second[] = { 1, -1 }, input[] = { 1, 0.5f };
  g_autoptr (CnnModel) gated = hidden_model (first, TRUE, second),
                       smooth = hidden_model (first, FALSE, second);
  g_autoptr (CnnModel) plain = tiny_linear (1, 1, 2, 1, first, TRUE);
  g_autoptr (CnnSession) a = tiny_open (gated, input), b = tiny_open (smooth, input),
                         c = tiny_open (plain, input);
  const char *const methods[] = { "saliency", "gradient-x-input", "smooth-grad", "grad-cam", "hires-cam" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autoptr (CnnMap) guided = tiny_compute (a, methods[i], 0, CNN_MODIFIER_GUIDED, NULL);
    g_autoptr (CnnMap) vanilla = tiny_compute (a, methods[i], 0, CNN_MODIFIER_VANILLA, NULL);
    g_autoptr (CnnMap) bent = tiny_compute (b, methods[i], 0, CNN_MODIFIER_GUIDED, NULL);
    g_autoptr (CnnMap) straight = tiny_compute (c, methods[i], 0, CNN_MODIFIER_RELU, NULL);

    g_assert_true (says (guided, "1 rectifier gated"));
    g_assert_false (says (guided, "agree"));
    g_assert_false (says (vanilla, "gated") || says (vanilla, "agree"));
    g_assert_true (says (bent, "the three modifiers agree"));
    g_assert_true (says (straight, "the three modifiers agree"));
  }
}

static void
test_dead (void)
{
  static const float off[] = { -1, -2, -1, -3 }, second[] = { 1, -1 }, input[] = { 1, 0.5f };
  g_autoptr (CnnModel) model = hidden_model (off, TRUE, second);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) cam = tiny_compute (session, "grad-cam", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_cmpfloat (map->max, ==, 0);
  g_assert_true (says (map, "the rectifiers on the way are all off"));
  g_assert_true (says (cam, "no gradient arrives at conv"));
}

static void
test_clipped (void)
{
  static const float input[] = { 1, 2, 3, 4 }, against[] = { -1, -1, -1, -1, 1, -3, 1, -3 };
  static const float silent[4] = { 0 };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 2, 2, against, TRUE);
  g_autoptr (CnnSession) session = tiny_open (model, input), dark = tiny_open (model, silent);
  g_autoptr (CnnMap) all = tiny_compute (session, "grad-cam", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) with_sign =
      tiny_compute (session, "grad-cam", 0, CNN_MODIFIER_VANILLA, SETTINGS ("signed", "yes"));
  g_autoptr (CnnMap) other =
      tiny_compute (session, "grad-cam", 0, CNN_MODIFIER_VANILLA, SETTINGS ("against", "yes"));
  g_autoptr (CnnMap) some = tiny_compute (session, "hires-cam", 1, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) none = tiny_compute (dark, "grad-cam", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (all, "evidence against 0. The signed map shows it."));
  g_assert_false (says (all, "zero everywhere"));
  g_assert_false (says (with_sign, "negative"));
  g_assert_cmpfloat (with_sign->min, <, 0);
  /* what is against the class is for its opposite */
  g_assert_cmpfloat (other->max, ==, 1);
  g_assert_nonnull (strstr (other->title, "against 0"));
  g_assert_true (says (some, "82 % of the map was negative and is left out"));
  g_assert_true (says (none, "all of conv is zero"));
}

static void
test_constant (void)
{
  static const float same[] = { 2, -2, 2, -2 }, input[] = { 1, 2, 3, 4 };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 2, 1, same, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (map, "The gradient is 2 everywhere"));
  g_assert_false (says (map, "rectifiers"));
}

static void
test_not_finite (void)
{
  static const float weights[] = { 3e38f, 1, 1, 1 }, input[] = { 1, 1, 1, 1 };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 2, 1, weights, FALSE);
  float large[] = { 10, 1, 1, 1 };
  g_autoptr (CnnSession) session = tiny_open (model, large), usual = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "gradient-x-input", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) fine = tiny_compute (usual, "gradient-x-input", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (map, "1 numbers of this map are not finite"));
  g_assert_false (says (fine, "not finite"));
}

static void
test_tiny_gradient (void)
{
  static const float weights[] = { 1e-7f, 2e-7f, 0, 1e-6f }, input[] = { 1, 1, 1, 1 };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 2, 1, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (map, "numerically zero"));
}

/* One unit with a sigmoid has two sides. */
static void
test_sigmoid (void)
{
  static const float weights[] = { 1, -2, 3, 0.5f }, input[] = { 1, 2, 3, 4 };
  CnnModelBuilder *builder = cnn_model_builder_new ("/tiny.test", "Test");
  CnnShape shape = cnn_shape4 (1, 1, 2, 2);
  CnnOpAttrs attrs = { .activation = { .kind = CNN_ACT_SIGMOID } };
  guint value = cnn_model_builder_add_input (builder, "image", &shape, CNN_LAYOUT_PLAIN, NULL);
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (CnnMap) with = NULL, against = NULL;

  value = tiny_add_dense (builder, "real", tiny_add_flatten (builder, value), 1, 4, weights, FALSE);
  cnn_model_builder_begin_layer (builder, "squash", "Activation");
  value = cnn_model_builder_add_op (builder, CNN_OP_ACTIVATION, "squash", &attrs, &value, 1, CNN_LAYOUT_PLAIN,
                                    NULL);
  cnn_model_builder_end_layer (builder, value, value);
  model = tiny_finish (builder, value);
  session = tiny_open (model, input);
  with = tiny_compute (session, "saliency", -1, CNN_MODIFIER_VANILLA, NULL);
  against = tiny_compute (session, "saliency", -1, CNN_MODIFIER_VANILLA, SETTINGS ("against", "yes"));
  g_assert_true (says (with, "Evidence for"));
  g_assert_true (says (against, "Evidence against"));
  g_assert_true (says (with, "before the sigmoid"));
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpfloat_with_epsilon (with->gradient[i], weights[i], 1e-6f);
    g_assert_cmpfloat_with_epsilon (against->gradient[i], -weights[i], 1e-6f);
  }
}

/* A number that was regressed is no probability: a sweep watches the number. */
static void
test_regression (void)
{
  static const float weights[] = { 1, -2, 3, 0.5f }, input[] = { 1, 2, 3, 4 };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 2, 1, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "occlusion", 0, CNN_MODIFIER_VANILLA,
                                         SETTINGS ("size", "1", "stride", "1", "fill", "black"));

  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (map->values[i], weights[i] * input[i], 1e-4f);
  g_assert_true (says (map, "is no probability"));
  g_assert_true (says (map, "itself"));
}

static void
test_silent_filter (void)
{
  static const float weights[] = { 1, 2 }, input[] = { 0, 0 };
  g_autoptr (CnnModel) model = tiny_linear (1, 1, 2, 1, weights, TRUE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "activation", -1, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (map, "This filter is silent"));
}

/* Nothing drops where the probability is 1 whatever is covered. */
static void
test_saturated (void)
{
  static const float weights[] = { 500, 500, 0, 0 }, input[] = { 1, 1 };
  g_autoptr (CnnModel) model = tiny_linear (1, 1, 2, 2, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map =
      tiny_compute (session, "occlusion", 0, CNN_MODIFIER_VANILLA, SETTINGS ("size", "1", "stride", "1"));

  g_assert_true (says (map, "the probability is 1 to rounding"));
}

static void
test_negative_layer (void)
{
  static const float weights[] = { 1, 2 }, mixed[] = { -1, 2 }, positive[] = { 1, 2 };
  g_autoptr (CnnModel) model = tiny_linear (1, 1, 2, 1, weights, TRUE);
  g_autoptr (CnnSession) a = tiny_open (model, mixed), b = tiny_open (model, positive);
  g_autoptr (CnnMap) doubtful = tiny_compute (a, "grad-cam-plus-plus", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) fine = tiny_compute (b, "grad-cam-plus-plus", 0, CNN_MODIFIER_VANILLA, NULL);

  g_assert_true (says (doubtful, "conv has negative activations"));
  g_assert_false (says (fine, "negative activations"));
}

static void
test_completeness (void)
{
  static const float first[] = { 1, 2, -1, 3 }, second[] = { 1, -1 }, input[] = { 1, 0.5f };
  g_autoptr (CnnModel) smooth = hidden_model (first, FALSE, second);
  g_autoptr (CnnSession) session = tiny_open (smooth, input);
  g_autoptr (CnnMap) map =
      tiny_compute (session, "integrated-gradients", 0, CNN_MODIFIER_VANILLA, SETTINGS ("steps", "12"));
  double rise = (tanh (2) - tanh (0.5)), total = 0;

  for (guint i = 0; i < 2; i++)
    total += (double)map->values[i];
  g_assert_cmpfloat_with_epsilon (total, rise, 0.01 * rise);
  g_assert_true (says (map, "is missing"));
  g_assert_false (says (map, "More steps"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/notes/gates", test_gates);
  g_test_add_func ("/notes/dead", test_dead);
  g_test_add_func ("/notes/clipped", test_clipped);
  g_test_add_func ("/notes/constant", test_constant);
  g_test_add_func ("/notes/not-finite", test_not_finite);
  g_test_add_func ("/notes/tiny-gradient", test_tiny_gradient);
  g_test_add_func ("/notes/sigmoid", test_sigmoid);
  g_test_add_func ("/notes/regression", test_regression);
  g_test_add_func ("/notes/silent-filter", test_silent_filter);
  g_test_add_func ("/notes/saturated", test_saturated);
  g_test_add_func ("/notes/negative-layer", test_negative_layer);
  g_test_add_func ("/notes/completeness", test_completeness);
  return g_test_run ();
}
