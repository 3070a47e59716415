/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activation maximisation as a state that goes on step by step. */
#include "formats/cnn-model-reader.h"
#include "methods/maximize/cnn-maximize.h"
#include "methods/maximize/cnn-noise.h"

#include <math.h>
#include <string.h>

#define PIXELS (28 * 28)

static CnnModel *
digits (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "data/models/digits.h5", NULL);
  g_autoptr (GError) error = NULL;
  CnnModel *model = cnn_model_read (path, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
fill_request (CnnMethodRequest *request, const char *const *settings)
{
  const CnnMethod *method = cnn_method_find ("maximize");
  g_autoptr (GError) error = NULL;

  cnn_method_request_init (request, method);
  for (; settings != NULL && settings[0] != NULL; settings += 2) {
    cnn_method_request_set (request, method, settings[0], settings[1], &error);
    g_assert_no_error (error);
  }
}

static CnnMaximizer *
begin (CnnSession *session, int layer, const guint *targets, guint n, const char *const *settings)
{
  g_autoptr (GError) error = NULL;
  CnnMethodRequest request;
  CnnMaximizer *maximizer;

  fill_request (&request, settings);
  request.layer = layer;
  maximizer = cnn_maximizer_new (session, &request, targets, n, &error);
  g_assert_no_error (error);
  cnn_method_request_clear (&request);
  return maximizer;
}

static void
step (CnnMaximizer *maximizer)
{
  g_autoptr (GError) error = NULL;

  cnn_maximizer_step (maximizer, NULL, &error);
  g_assert_no_error (error);
}

static CnnMaximized *
finish (CnnMaximizer *maximizer)
{
  while (!cnn_maximizer_is_done (maximizer))
    step (maximizer);
  return cnn_maximizer_snapshot (maximizer);
}

static CnnMaximized *
climb (CnnSession *session, int layer, const guint *targets, guint n, const char *const *settings)
{
  g_autoptr (CnnMaximizer) maximizer = begin (session, layer, targets, n, settings);

  return finish (maximizer);
}

static const float *
pixels (const CnnMaximized *found, guint i)
{
  gsize size;
  const float *values = g_bytes_get_data (found->targets[i].input, &size);

  g_assert_cmpuint (size, ==, (gsize)found->channels * found->height * found->width * sizeof (float));
  return values;
}

static void
assert_same (const CnnMaximized *a, guint i, const CnnMaximized *b, guint k)
{
  g_assert_cmpuint (a->targets[i].index, ==, b->targets[k].index);
  g_assert_cmpuint (a->targets[i].done, ==, b->targets[k].done);
  g_assert_true (a->targets[i].score == b->targets[k].score);
  g_assert_true (a->targets[i].loss == b->targets[k].loss);
  g_assert_true (g_bytes_equal (a->targets[i].input, b->targets[k].input));
}

/* A picture does not depend on what is made beside it, and is the same whenever it is made. */
static void
test_alone_and_beside_others (void)
{
  static const char *const settings[] = { "iterations", "40", "seed", "7", "jitter", "3", NULL };
  static const char *const other_seed[] = { "iterations", "40", "seed", "8", "jitter", "3", NULL };
  static const guint all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, three[] = { 3 }, pair[] = { 9, 3 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximized) gallery = climb (session, -1, all, 10, settings);
  g_autoptr (CnnMaximized) alone = climb (session, -1, three, 1, settings);
  g_autoptr (CnnMaximized) beside = climb (session, -1, pair, 2, settings);
  g_autoptr (CnnMaximized) other = climb (session, -1, three, 1, other_seed);

  assert_same (gallery, 3, alone, 0);
  assert_same (gallery, 3, beside, 1);
  assert_same (gallery, 9, beside, 0);
  g_assert_false (g_bytes_equal (alone->targets[0].input, other->targets[0].input));
  g_assert_cmpstr (gallery->targets[3].label, ==, "3");
  g_assert_cmpfloat (gallery->progress, ==, 1);
}

/* Stopped amid a step, looked at, given more iterations: it ends where one run ends. */
static void
test_goes_on (void)
{
  static const char *const whole[] = { "iterations", "30", "jitter", "2", NULL };
  static const char *const part[] = { "iterations", "11", "jitter", "2", NULL };
  static const guint targets[] = { 2, 5, 8 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximized) expected = climb (session, -1, targets, 3, whole);
  g_autoptr (CnnMaximizer) maximizer = begin (session, -1, targets, 3, part);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (CnnMaximized) first = NULL, last = NULL;

  g_cancellable_cancel (cancelled);
  for (guint i = 0; !cnn_maximizer_is_done (maximizer); i++) {
    g_autoptr (CnnMaximized) partial = cnn_maximizer_snapshot (maximizer);
    g_autoptr (GError) error = NULL;

    g_assert_false (cnn_maximizer_step (maximizer, cancelled, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    step (maximizer);
    g_assert_cmpfloat (partial->progress, <, cnn_maximizer_get_progress (maximizer));
  }
  first = cnn_maximizer_snapshot (maximizer);
  g_assert_cmpuint (first->targets[0].done, ==, 11);
  step (maximizer); /* nothing is left */
  cnn_maximizer_set_iterations (maximizer, 30);
  g_assert_false (cnn_maximizer_is_done (maximizer));
  last = finish (maximizer);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpuint (last->targets[i].done, ==, 30);
    assert_same (expected, i, last, i);
    /* what was handed out stays as it was */
    g_assert_cmpuint (first->targets[i].done, ==, 11);
    g_assert_cmpfloat (last->targets[i].loss, <, first->targets[i].loss);
  }
}

/* All targets get on at the same time. */
static void
test_in_turn (void)
{
  static const guint targets[] = { 0, 1, 2, 3, 4 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximizer) maximizer = begin (session, -1, targets, 5, NULL);

  for (guint i = 0; i < 20; i++) {
    g_autoptr (CnnMaximized) found = NULL;
    guint least = G_MAXUINT, most = 0;

    step (maximizer);
    found = cnn_maximizer_snapshot (maximizer);
    for (guint k = 0; k < 5; k++) {
      least = MIN (least, found->targets[k].done);
      most = MAX (most, found->targets[k].done);
    }
    g_assert_cmpuint (most - least, <=, 1);
  }
}

/* The standard deviation of what the network says of the noise of ten seeds, by class. */
static void
find_spread (CnnSession *session, const guint *classes, double spread[10])
{
  double sum[10] = { 0 }, squares[10] = { 0 };

  for (guint s = 0; s < 10; s++) {
    g_autofree char *seed = g_strdup_printf ("%u", s);
    const char *const settings[] = { "iterations", "1", "seed", seed, NULL };
    g_autoptr (CnnMaximized) found = climb (session, -1, classes, 10, settings);

    for (guint i = 0; i < 10; i++) {
      sum[i] += found->targets[i].start_score;
      squares[i] += found->targets[i].start_score * found->targets[i].start_score;
    }
  }
  for (guint i = 0; i < 10; i++)
    spread[i] = sqrt (squares[i] / 10 - sum[i] * sum[i] / 100);
}

/* The reached scores stand far above what the network says of noise, and the picture is what was scored. */
static void
test_scores (void)
{
  static const guint all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximized) found = climb (session, -1, all, 10, NULL);
  double spread[10];

  find_spread (session, all, spread);
  for (guint i = 0; i < 10; i++) {
    const CnnMaximizedTarget *target = &found->targets[i];
    guint value = cnn_model_get_score_value (model);
    float scores[10], *outs[] = { scores };
    g_autoptr (GError) error = NULL;

    g_test_message ("class %u: from %g to %g, spread %g", i, target->start_score, target->score, spread[i]);
    g_assert_cmpfloat (target->score - target->start_score, >, 10 * spread[i]);
    cnn_engine_forward (session->engine, pixels (found, i), 1, &value, 1, outs, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat_with_epsilon (scores[i], target->score, 1e-3);
    for (guint k = 0; k < PIXELS; k++) {
      float v = pixels (found, i)[k];

      g_assert_true (v >= 0 && v <= 1);
      g_assert_cmpint (cnn_image_get_data (target->image)[4 * k], ==, (int)(v * 255.0 + 0.5));
    }
  }
}

/* The first steps again, written down plainly from the score's gradients. */
static void
test_by_hand (void)
{
  static const char *const settings[] = { "iterations", "4",    "seed", "3", "jitter", "2",
                                          "tv",         "12.5", "lp",   "7", NULL };
  static const guint target[] = { 6 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximized) found = climb (session, -1, target, 1, settings);
  g_autoptr (CnnNoise) noise = cnn_noise_new (3);
  CnnSeed seed = { cnn_model_get_score_value (model), 6, 1, NULL };
  guint input = cnn_model_get_input (model, 0)->value;
  double x[PIXELS], cache[PIXELS] = { 0 }, best_loss = INFINITY;
  float rolled[PIXELS], best[PIXELS], gradient[PIXELS], score;

  for (guint i = 0; i < PIXELS; i++)
    x[i] = (float)(0.5 + 0.05 * (2 * cnn_noise_uniform (noise) - 1) * sqrt (3));
  for (guint turn = 0; turn < 4; turn++) {
    int dx = cnn_noise_integer (noise, -2, 2), dy = cnn_noise_integer (noise, -2, 2);
    double sum = 0, tv = 0, norm = 0, g[PIXELS], loss;
    g_autoptr (GError) error = NULL;

    for (int i = 0; i < PIXELS; i++)
      rolled[(i / 28 + dy + 28) % 28 * 28 + (i % 28 + dx + 28) % 28] = (float)x[i];
    cnn_engine_gradient_at (session->engine, rolled, &seed, 1, CNN_MODIFIER_VANILLA, input, gradient, &score,
                            NULL, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < PIXELS; i++)
      sum += pow (fabs ((double)rolled[i]), 6);
    for (guint i = 0; i < PIXELS; i++) {
      g[i] = -(double)gradient[i];
      g[i] += 7.0 / PIXELS * pow (sum, 1.0 / 6 - 1) * pow (rolled[i], 5);
    }
    for (int r = 0; r < 27; r++)
      for (int c = 0; c < 27; c++) {
        int at = r * 28 + c;
        double right = (double)rolled[at + 1] - rolled[at], below = (double)rolled[at + 28] - rolled[at];

        tv += right * right + below * below;
        g[at] -= 12.5 / PIXELS * 2 * (right + below);
        g[at + 1] += 12.5 / PIXELS * 2 * right;
        g[at + 28] += 12.5 / PIXELS * 2 * below;
      }
    loss = -score + 7.0 / PIXELS * pow (sum, 1.0 / 6) + 12.5 / PIXELS * tv;
    if (loss < best_loss) {
      best_loss = loss;
      memcpy (best, rolled, sizeof best);
    }
    for (guint i = 0; i < PIXELS; i++)
      norm += g[i] * g[i];
    for (int i = 0; i < PIXELS; i++) {
      double d = g[(i / 28 + dy + 28) % 28 * 28 + (i % 28 + dx + 28) % 28] / sqrt (norm);

      cache[i] = 0.95 * cache[i] + 0.05 * d * d;
      x[i] = CLAMP (x[i] - 1.0 / 255 * d / sqrt (cache[i] + 1e-7), 0, 1);
    }
  }
  g_assert_cmpfloat_with_epsilon (found->targets[0].loss, best_loss, 1e-3);
  for (guint i = 0; i < PIXELS; i++)
    g_assert_cmpfloat_with_epsilon (pixels (found, 0)[i], best[i], 1e-3);
}

/* A filter behind a rectifier that is off can start; mean and the open image are where they say. */
static void
test_starts (void)
{
  static const char *const from_mean[] = { "iterations", "1", "from", "mean", NULL };
  static const char *const from_image[] = { "iterations", "1", "from", "image", NULL };
  static const guint filters[] = { 0, 13, 63 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  int layer = cnn_model_find_layer (model, "conv2d_2");
  g_autoptr (CnnMaximized) mean = climb (session, layer, filters, 3, from_mean);
  g_autoptr (CnnMaximized) image = NULL;
  g_autoptr (GError) error = NULL;
  CnnMethodRequest request;
  float input[PIXELS];

  g_assert_cmpuint (cnn_maximize_count (model, layer), ==, 64);
  for (guint i = 0; i < PIXELS; i++) {
    g_assert_cmpfloat (pixels (mean, 2)[i], ==, 0.5f);
    input[i] = (float)(i % 5) / 5;
  }
  fill_request (&request, from_image);
  g_assert_null (cnn_maximizer_new (session, &request, filters, 1, &error));
  g_assert_error (error, CNN_ERROR, CNN_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (cnn_session_set_array (session, input, "array.npy", &error));
  image = climb (session, layer, filters, 3, from_image);
  g_assert_cmpmem (pixels (image, 0), sizeof input, input, sizeof input);
}

/* Whatever the network's scaling, each channel stays where a picture can have it. */
static void
test_range (void)
{
  static const char *const settings[] = { "iterations", "150", "tv", "0", "lp", "0", NULL };
  static const guint target[] = { 1 };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnMaximized) found = NULL;
  g_autoptr (GError) error = NULL;
  CnnPreprocess preprocess;

  g_assert_true (cnn_preprocess_parse (&preprocess, "scale=0.01,mean=0.4,std=0.5,invert=yes", &error));
  cnn_session_set_preprocess (session, &preprocess, &error);
  found = climb (session, -1, target, 1, settings);
  for (guint i = 0; i < PIXELS; i++) {
    float v = pixels (found, 0)[i];

    g_assert_true (v >= -0.8001f && v <= 4.3001f);
    g_assert_cmpint (abs ((int)cnn_image_get_data (found->targets[0].image)[4 * i] -
                          (int)lround (255 - (v * 0.5 + 0.4) / 0.01)),
                     <=, 1);
  }
}

static void
test_targets (void)
{
  static const char *const bad[] = { "", "x", "3-", "10", "8-12", "-1", "5-3", "3,,4" };
  g_autoptr (CnnModel) model = digits ();
  g_autoptr (GArray) all = cnn_maximize_parse_targets (model, -1, "all", NULL);
  g_autoptr (GArray) some = cnn_maximize_parse_targets (model, -1, " 7, 2-4 ,3", NULL);
  static const guint expected[] = { 7, 2, 3, 4 };

  g_assert_cmpuint (all->len, ==, 10);
  g_assert_cmpmem (some->data, some->len * sizeof (guint), expected, sizeof expected);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cnn_maximize_parse_targets (model, -1, bad[i], &error));
    g_assert_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maximize/alone-and-beside-others", test_alone_and_beside_others);
  g_test_add_func ("/maximize/goes-on", test_goes_on);
  g_test_add_func ("/maximize/in-turn", test_in_turn);
  g_test_add_func ("/maximize/scores", test_scores);
  g_test_add_func ("/maximize/by-hand", test_by_hand);
  g_test_add_func ("/maximize/starts", test_starts);
  g_test_add_func ("/maximize/range", test_range);
  g_test_add_func ("/maximize/targets", test_targets);
  return g_test_run ();
}
