/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods on networks so small that the numbers follow by hand. */
#include "tiny-network.h"

#include "methods/gallery/cnn-gallery-change.h"
#include "methods/maximize/cnn-maximize-loss.h"

#include <math.h>
#include <string.h>

static void
check_values (const float *found, const float *expected, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], 1e-5);
}

/* The vectors of keras-vis' tests: Dense (2, relu) and Dense (1) on two numbers. */
static void
test_modifiers (void)
{
  static const float first[] = { -1, -1, 1, 1 }, second[] = { -1, 1 };
  static const float inputs[][2] = {
    { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { -1, 0 }, { 0, -1 }, { -1, -1 }
  };
  static const float expected[][CNN_N_MODIFIERS] = { { 0, 0, 1 }, { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 },
                                                     { 1, 0, 1 }, { 1, 0, 1 }, { 1, 0, 1 } };
  CnnModelBuilder *builder = cnn_model_builder_new ("/tiny.test", "Test");
  CnnShape shape = cnn_shape4 (1, 1, 1, 2);
  guint value = cnn_model_builder_add_input (builder, "image", &shape, CNN_LAYOUT_PLAIN, NULL);
  g_autoptr (CnnModel) model = NULL;

  value = tiny_add_flatten (builder, value);
  value = tiny_add_dense (builder, "hidden", value, 2, 2, first, TRUE);
  model = tiny_finish (builder, tiny_add_dense (builder, "out", value, 1, 2, second, FALSE));
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++) {
    g_autoptr (CnnSession) session = tiny_open (model, inputs[i]);

    for (guint m = 0; m < CNN_N_MODIFIERS; m++) {
      g_autoptr (CnnMap) map = tiny_compute (session, "saliency", 0, m, NULL);
      const float both[] = { expected[i][m], expected[i][m] };

      g_assert_cmpuint (map->gradient_size, ==, 2);
      check_values (map->gradient, both, 2);
    }
  }
}

static void
test_saliency (void)
{
  /* two channels of 1x3 */
  static const float weights[] = { 1, -4, 0.5f, -3, 2, 0 }, input[6] = { 0 };
  static const float largest[] = { 3 - 0.5f, 4 - 0.5f, 0 }, with_sign[] = { -3, -4, 0.5f };
  static const float negated[] = { 3, 4, 0 };
  static const char *const is_signed[] = { "signed", "yes", NULL };
  static const char *const negate[] = { "gradient-modifier", "negate", NULL };
  g_autoptr (CnnModel) model = tiny_linear (2, 1, 3, 1, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) view = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, is_signed);
  g_autoptr (CnnMap) minus = tiny_compute (session, "saliency", 0, CNN_MODIFIER_VANILLA, negate);

  for (guint i = 0; i < 3; i++) {
    g_assert_cmpfloat_with_epsilon (map->values[i], largest[i] / 3.5, 1e-5);
    g_assert_cmpfloat_with_epsilon (minus->values[i], negated[i] / 4.0, 1e-5);
  }
  check_values (view->values, with_sign, 3);
  check_values (map->gradient, weights, 6);
  g_assert_cmpint (view->kind, ==, CNN_MAP_SIGNED);
  g_assert_nonnull (map->provenance);
}

/* A: two channels of 2x2; g: what the linear layer gives back for class 0. Class 2 is against everything. */
static const float cam_input[] = { 1, 0, 0, 2, 0, 3, 1, 0 };
static const float cam_weights[] = { 0.1f, 0.2f, 0.3f, 0, -0.4f, 0,  0,  -0.2f, 1,  1,  1,  1,
                                     1,    1,    1,    1, -1,    -1, -1, -1,    -1, -1, -1, -1 };

static void
check_cam (CnnSession *session, const char *name, int class_index, const char *const *settings,
           const float *expected)
{
  g_autoptr (CnnMap) map = tiny_compute (session, name, class_index, CNN_MODIFIER_VANILLA, settings);
  float most = 0;

  g_assert_cmpuint (map->raw_width, ==, 2);
  g_assert_cmpuint (map->raw_height, ==, 2);
  g_assert_cmpstr (map->layer, ==, "conv");
  check_values (map->raw, expected, 4);
  for (guint i = 0; i < 4; i++)
    most = MAX (most, fabsf (expected[i]));
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (map->values[i], most > 0 ? expected[i] / most : 0, 1e-5);
}

static void
test_cams (void)
{
  static const float cam[] = { 0.15f, 0, 0, 0.3f }, cam_signed[] = { 0.15f, -0.45f, -0.15f, 0.3f };
  static const float product[] = { 0.1f, 0, 0, 0 }, none[4] = { 0 };
  static const char *const is_signed[] = { "signed", "yes", NULL };
  float plus[] = { 0.1f / 2.3f + 0.2f / 2.6f + 0.3f / 2.9f, 0, 0, 0 };
  g_autoptr (CnnModel) model = tiny_linear (2, 2, 2, 3, cam_weights, TRUE);
  g_autoptr (CnnSession) session = tiny_open (model, cam_input);
  g_autoptr (CnnMap) against = NULL;

  plus[3] = 2 * plus[0];
  check_cam (session, "grad-cam", 0, NULL, cam);
  check_cam (session, "grad-cam", 0, is_signed, cam_signed);
  check_cam (session, "grad-cam", 2, NULL, none);
  check_cam (session, "grad-cam-plus-plus", 0, NULL, plus);
  check_cam (session, "layer-cam", 0, NULL, product);
  check_cam (session, "hires-cam", 0, NULL, product);
  /* nothing is left, and the map says why; no rectifier is between */
  against = tiny_compute (session, "grad-cam", 2, CNN_MODIFIER_GUIDED, NULL);
  g_assert_cmpuint (against->notes->len, >=, 2);
  g_assert_cmpfloat (against->max, ==, 0);
}

static void
test_guided_grad_cam (void)
{
  g_autoptr (CnnModel) model = tiny_linear (2, 2, 2, 3, cam_weights, TRUE);
  g_autoptr (CnnSession) session = tiny_open (model, cam_input);
  g_autoptr (CnnMap) map = tiny_compute (session, "guided-grad-cam", 0, CNN_MODIFIER_VANILLA, NULL);
  /* gradient times (0.5, 0, 0, 1), the channel of the largest magnitude */
  static const float expected[] = { -0.2f, 0, 0, -0.2f };

  check_values (map->values, expected, 4);
  g_assert_cmpint (map->kind, ==, CNN_MAP_SIGNED);
}

/* Each channel's map is stretched to 0..1 and multiplied with the input; the probabilities follow by hand. */
static void
test_score_cam (void)
{
  g_autoptr (CnnModel) model = tiny_linear (2, 2, 2, 3, cam_weights, TRUE);
  g_autoptr (CnnSession) session = tiny_open (model, cam_input);
  g_autoptr (CnnMap) map = tiny_compute (session, "score-cam", 0, CNN_MODIFIER_VANILLA, NULL);
  double weights[2];

  for (guint k = 0; k < 2; k++) {
    double scores[3] = { 0 }, total = 0;
    float most = k == 0 ? 2 : 3;

    for (guint c = 0; c < 3; c++) {
      for (guint i = 0; i < 8; i++)
        scores[c] += cam_weights[c * 8 + i] * cam_input[i] * cam_input[k * 4 + i % 4] / most;
      total += exp (scores[c]);
    }
    weights[k] = exp (scores[0]) / total;
  }
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (map->raw[i], weights[0] * cam_input[i] + weights[1] * cam_input[4 + i],
                                    1e-5);
}

/* Of a linear network every one of these is known. */
static void
test_attributions (void)
{
  static const float weights[] = { 1, -2, 3, 0.5f, 0, -1 }, input[] = { 1, 2, -1, 4, 5, 0.5f };
  static const char *const zero[] = { "baseline", "zero", NULL }, *const gray[] = { "baseline", "gray",
                                                                                    NULL };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 3, 1, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) product = tiny_compute (session, "gradient-x-input", 0, CNN_MODIFIER_VANILLA, NULL);
  g_autoptr (CnnMap) way = tiny_compute (session, "integrated-gradients", 0, CNN_MODIFIER_VANILLA, zero);
  g_autoptr (CnnMap) from_gray =
      tiny_compute (session, "integrated-gradients", 0, CNN_MODIFIER_VANILLA, gray);
  g_autoptr (CnnMap) smooth = tiny_compute (session, "smooth-grad", 0, CNN_MODIFIER_VANILLA, NULL);

  for (guint i = 0; i < 6; i++) {
    g_assert_cmpfloat_with_epsilon (product->values[i], weights[i] * input[i], 1e-4);
    g_assert_cmpfloat_with_epsilon (way->values[i], weights[i] * input[i], 1e-4);
    g_assert_cmpfloat_with_epsilon (from_gray->values[i], weights[i] * (input[i] - 0.5), 1e-4);
    g_assert_cmpfloat_with_epsilon (smooth->values[i], fabs (weights[i]), 1e-4);
  }
}

/* occlusion against a loop that does it one window at a time */

#define W 6
#define H 5

static double
probability (const float *weights, const float *input)
{
  double scores[2] = { 0, 0 };

  for (guint c = 0; c < 2; c++)
    for (guint i = 0; i < W * H; i++)
      scores[c] += weights[c * W * H + i] * input[i];
  return 1 / (1 + exp (scores[1] - scores[0]));
}

static double
occluded (const float *weights, const float *input, int left, int top, int size)
{
  float copy[W * H];

  memcpy (copy, input, sizeof copy);
  for (int y = MAX (top, 0); y < MIN (top + size, H); y++)
    for (int x = MAX (left, 0); x < MIN (left + size, W); x++)
      copy[y * W + x] = 0.5f;
  return probability (weights, copy);
}

static void
test_occlusion (void)
{
  static const char *const drop[] = { "mode", "drop", "size", "3", "stride", "2", NULL };
  static const char *const tutorial[] = { "mode", "tutorial", "stride", "2", NULL };
  float weights[2 * W * H], input[W * H];
  double sum[W * H] = { 0 };
  int count[W * H] = { 0 };
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (CnnMap) map = NULL;
  g_autoptr (CnnMap) cells = NULL;

  for (guint i = 0; i < 2 * W * H; i++)
    weights[i] = (float)((int)(i * 37 % 23) - 11) / 30;
  for (guint i = 0; i < W * H; i++)
    input[i] = (float)(i * 17 % 11) / 11;
  model = tiny_linear (1, H, W, 2, weights, FALSE);
  session = tiny_open (model, input);
  map = tiny_compute (session, "occlusion", 0, CNN_MODIFIER_VANILLA, drop);
  cells = tiny_compute (session, "occlusion", 0, CNN_MODIFIER_VANILLA, tutorial);
  for (int top = 0; top < 4; top += 2)
    for (int left = 0; left < 6; left += 2)
      for (int y = top; y < MIN (top + 3, H); y++)
        for (int x = left; x < MIN (left + 3, W); x++) {
          sum[y * W + x] += probability (weights, input) - occluded (weights, input, left, top, 3);
          count[y * W + x]++;
        }
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      double p = occluded (weights, input, x / 2 * 2 - 4, y / 2 * 2 - 4, 10);

      g_assert_cmpint (count[y * W + x], >, 0);
      g_assert_cmpfloat_with_epsilon (map->values[y * W + x], sum[y * W + x] / count[y * W + x], 1e-5);
      g_assert_cmpfloat_with_epsilon (cells->values[y * W + x], p, 1e-5);
      g_assert_cmpfloat (cells->classes[y / 2 * cells->raw_width + x / 2], ==, p >= 0.5 ? 0 : 1);
    }
}

/* A layer that changes nothing: what an occluder changes in it is what it changes in the picture. */
static void
test_changes (void)
{
  static const int rects[][4] = { { 2, 1, 3, 2 }, { -1, -1, 3, 3 }, { 0, 0, 100, 100 }, { 50, 0, 4, 4 } };
  float weights[2 * W * H] = { 1 }, input[2 * W * H];
  g_autoptr (CnnModel) model = tiny_linear (2, H, W, 1, weights, TRUE);
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (GError) error = NULL;
  int layer = cnn_model_find_layer (model, "conv");

  for (guint i = 0; i < 2 * W * H; i++)
    input[i] = (float)(i * 17 % 11) / 11 - (i < W * H ? 0 : 3);
  session = tiny_open (model, input);
  g_assert_cmpint (layer, >=, 0);
  for (guint r = 0; r < G_N_ELEMENTS (rects); r++) {
    const int *rect = rects[r];
    g_autoptr (GBytes) changes =
        cnn_gallery_changes (session, (guint)layer, rect, CNN_FILL_GRAY, 0, NULL, &error);
    float expected[2] = { 0, 0 };

    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (changes), ==, sizeof expected);
    for (int i = 0; i < 2 * W * H; i++) {
      int x = i % W - rect[0], y = i / W % H - rect[1];

      if (x >= 0 && x < rect[2] && y >= 0 && y < rect[3])
        expected[i / (W * H)] += fabsf (0.5f - input[i]) / (W * H);
    }
    check_values (g_bytes_get_data (changes, NULL), expected, 2);
  }
}

static void
test_requests (void)
{
  static const char *const bad[][3] = {
    { "occlusion", "stride", "soon" }, { "occlusion", "stride", "-3" },
    { "occlusion", "stride", "2.5" },  { "occlusion", "mode", "sideways" },
    { "occlusion", "nothing", "1" },   { "saliency", "signed", "perhaps" },
    { "smooth-grad", "samples", "0" }, { "smooth-grad", "noise", "nan" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    const CnnMethod *method = cnn_method_find (bad[i][0]);
    g_autoptr (GError) error = NULL;
    CnnMethodRequest request;

    cnn_method_request_init (&request, method);
    g_assert_false (cnn_method_request_set (&request, method, bad[i][1], bad[i][2], &error));
    g_assert_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT);
    cnn_method_request_clear (&request);
  }
  for (const CnnMethod *const *method = cnn_methods_list (); *method != NULL; method++) {
    g_assert_true (cnn_method_find ((*method)->name) == *method);
    for (const CnnParam *param = (*method)->params; param != NULL && param->name != NULL; param++) {
      g_assert_cmpfloat (param->minimum, <=, param->standard);
      g_assert_cmpfloat (param->standard, <=, param->maximum);
    }
  }
}

static void
test_enlarge (void)
{
  /* half-pixel centres: 2 to 4 samples lie at -0.25, 0.25, 0.75, 1.25 */
  static const float small[] = { 0, 4 }, expected[] = { 0, 1, 3, 4 };
  float large[8];

  cnn_map_enlarge (small, 1, 2, large, 2, 4);
  check_values (large, expected, 4);
  check_values (large + 4, expected, 4);
}

/* The values that keras-vis gives for [[1, 2], [3, 5]]. */
static void
test_regularisers (void)
{
  static const float x[] = { 1, 2, 3, 5 }, slopes[] = { 7.676e-5f, 2.4564e-3f, 1.86534e-2f, 0.2398839f };
  float gradient[4] = { 0 }, differences[4] = { 0 };

  g_assert_cmpfloat_with_epsilon (cnn_loss_lp (x, 4, 1, gradient), 1.2603692, 1e-6);
  check_values (gradient, slopes, 4);
  g_assert_cmpfloat_with_epsilon (cnn_loss_tv (x, 1, 2, 2, 1, differences), 1.25, 1e-6);
  for (guint i = 0; i < 4; i++) {
    float moved[4], unused[4] = { 0 };

    memcpy (moved, x, sizeof moved);
    moved[i] += 0.01f;
    g_assert_cmpfloat_with_epsilon ((cnn_loss_tv (moved, 1, 2, 2, 1, unused) - 1.25) / 0.01, differences[i],
                                    0.02);
  }
}

/* Of a linear network the best input is known: high where the weight is positive, low where it is negative.
 */
static void
test_maximize (void)
{
  static const float weights[] = { 1, -2, 3, -0.5f, 2, -1 }, input[6] = { 0 };
  static const char *const free_climb[] = { "tv", "0", "lp", "0", "iterations", "300", NULL };
  static const char *const jittered[] = { "jitter", "2", "iterations", "20", "seed", "5", NULL };
  g_autoptr (CnnModel) model = tiny_linear (1, 2, 3, 1, weights, FALSE);
  g_autoptr (CnnSession) session = tiny_open (model, input);
  g_autoptr (CnnMap) map = tiny_compute (session, "maximize", 0, CNN_MODIFIER_VANILLA, free_climb);
  g_autoptr (CnnMap) first = tiny_compute (session, "maximize", 0, CNN_MODIFIER_VANILLA, jittered);
  g_autoptr (CnnMap) again = tiny_compute (session, "maximize", 0, CNN_MODIFIER_VANILLA, jittered);

  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (map->input[i], weights[i] > 0 ? 1 : 0, 1e-5);
  g_assert_cmpmem (first->input, 6 * sizeof (float), again->input, 6 * sizeof (float));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/methods/modifiers", test_modifiers);
  g_test_add_func ("/methods/saliency", test_saliency);
  g_test_add_func ("/methods/cams", test_cams);
  g_test_add_func ("/methods/guided-grad-cam", test_guided_grad_cam);
  g_test_add_func ("/methods/score-cam", test_score_cam);
  g_test_add_func ("/methods/attributions", test_attributions);
  g_test_add_func ("/methods/occlusion", test_occlusion);
  g_test_add_func ("/methods/changes", test_changes);
  g_test_add_func ("/methods/requests", test_requests);
  g_test_add_func ("/methods/enlarge", test_enlarge);
  g_test_add_func ("/methods/regularisers", test_regularisers);
  g_test_add_func ("/methods/maximize", test_maximize);
  return g_test_run ();
}
