/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrated gradients (M. Sundararajan et al. 2017): what each pixel adds to the score on the way from a
 * baseline to the input. The parts sum to the difference of the scores; what is missing is said. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-methods-private.h"
#include "cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const char *const baselines[] = { "black", "gray", "white", "mean", "blur", "zero", NULL };

static const CnnParam params[] = {
  { "steps", N_ ("Steps"), N_ ("Points on the way at which the gradient is taken"), CNN_PARAM_INT, 2, 500, 50,
    1, NULL, NULL },
  { "baseline", N_ ("Baseline"), N_ ("The input that the way starts from"), CNN_PARAM_CHOICE, 0, 5, 0, 1,
    NULL, baselines },
  { NULL },
};

static float *
make_baseline (CnnSession *session, const CnnMethodRequest *request)
{
  const char *name =
      baselines[(guint)cnn_method_value (&cnn_method_integrated_gradients, request, "baseline")];
  CnnFill fill = CNN_FILL_VALUE;

  /* no fill has the name “zero”: it is the number 0 in the model's own units */
  if (!cnn_fill_from_name (name, &fill))
    fill = CNN_FILL_VALUE;
  return cnn_occluder_filling (session, fill, 0);
}

/* Nodes and weights of Gauss and Legendre on [0, 1]: roots of the polynomial of degree @n by Newton's method.
 */
static void
gauss_legendre (guint n, double *nodes, double *weights)
{
  for (guint i = 0; i < n; i++) {
    double x = cos (G_PI * (i + 0.75) / (n + 0.5)), slope = 1;

    for (guint turn = 0; turn < 50; turn++) {
      double p = 1, before = 0, step;

      for (guint k = 1; k <= n; k++) {
        double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;

        before = p;
        p = next;
      }
      slope = n * (x * p - before) / (x * x - 1);
      step = p / slope;
      x -= step;
      if (fabs (step) < 1e-15)
        break;
    }
    nodes[i] = (1 - x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
}

/* Sums the weighted gradients on the way. */
static gboolean
integrate (CnnSession *session, const CnnMethodRequest *request, const float *baseline, gsize size,
           double *sum, GCancellable *cancellable, GError **error)
{
  guint n = (guint)cnn_method_value (&cnn_method_integrated_gradients, request, "steps");
  guint most = cnn_session_batch (session);
  g_autofree double *nodes = g_new (double, n), *weights = g_new (double, n);
  g_autofree float *inputs = g_new (float, size *most), *gradients = g_new (float, size *most);
  g_autofree CnnSeed *seeds = g_new (CnnSeed, most);

  gauss_legendre (n, nodes, weights);
  for (guint done = 0; done < n; done += most) {
    guint batch = MIN (most, n - done);

    for (guint s = 0; s < batch; s++) {
      seeds[s] = cnn_method_seed (session, request);
      for (gsize i = 0; i < size; i++)
        inputs[s * size + i] =
            (float)(baseline[i] + nodes[done + s] * ((double)session->input[i] - baseline[i]));
    }
    if (!cnn_engine_gradient_at (session->engine, inputs, seeds, batch, CNN_MODIFIER_VANILLA,
                                 cnn_session_input_value (session), gradients, NULL, cancellable, error))
      return FALSE;
    for (gsize i = 0; i < size * batch; i++)
      sum[i % size] += weights[done + i / size] * gradients[i];
    if (request->progress != NULL)
      request->progress ((double)(done + batch) / n, NULL, request->progress_data);
  }
  return TRUE;
}

static gboolean
class_score (CnnSession *session, const float *input, guint class_index, double *score,
             GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint value = cnn_model_get_score_value (model);
  g_autofree float *raw = g_new (float, cnn_engine_value_size (session->engine, value) + 1);
  g_autofree float *scores = g_new (float, cnn_model_get_n_classes (model) + 1);

  if (!cnn_engine_forward (session->engine, input, 1, &value, 1, &raw, cancellable, error))
    return FALSE;
  cnn_engine_class_scores (session->engine, raw, 1, scores);
  *score = scores[class_index];
  return TRUE;
}

static CnnMap *
integrated_gradients_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                              GError **error)
{
  gsize plane = (gsize)session->width * session->height, size = plane * session->channels;
  g_autofree float *baseline = make_baseline (session, request);
  g_autofree double *sum = g_new0 (double, size);
  guint class_index = (guint)MAX (request->class_index, 0);
  double from, to, total = 0;
  CnnMap *map;

  if (!integrate (session, request, baseline, size, sum, cancellable, error) ||
      !class_score (session, baseline, class_index, &from, cancellable, error) ||
      !class_score (session, session->input, class_index, &to, cancellable, error))
    return NULL;
  map = cnn_map_new (session->width, session->height, CNN_MAP_SIGNED);
  map->gradient = g_new (float, size);
  map->gradient_size = size;
  for (gsize i = 0; i < size; i++) {
    double part = sum[i] * ((double)session->input[i] - baseline[i]);

    map->gradient[i] = (float)part;
    map->values[i % plane] += (float)part;
    total += part;
  }
  cnn_map_add_note (map,
                    _ ("The parts sum to %.4g; the score rises by %.4g from the baseline: %.2g is missing."),
                    total, to - from, to - from - total);
  return map;
}

const CnnMethod cnn_method_integrated_gradients = {
  .name = "integrated-gradients",
  .title = N_ ("Integrated gradients"),
  .help = N_ ("What each pixel adds to the score on the way from a baseline"),
  .uses_class = TRUE,
  .is_long = TRUE,
  .params = params,
  .compute = integrated_gradients_compute,
};
