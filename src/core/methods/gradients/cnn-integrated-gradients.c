/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrated gradients (M. Sundararajan et al. 2017): what each pixel adds to the score on the way from a
 * baseline to the input. The parts sum to the difference of the scores; what is missing is said. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "methods/cnn-methods-private.h"
#include "methods/occlusion/cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const char *const baselines[] = { "black", "gray", "white", "mean", "blur", "zero", NULL };
static const char *const baseline_titles[] = { N_ ("Black"), N_ ("Gray"), N_ ("White"), N_ ("Mean"),
                                               N_ ("Blur"),  N_ ("Zero"), NULL };

static const CnnParam params[] = {
  { "steps", N_ ("Steps"), N_ ("Points on the way at which the gradient is taken"), CNN_PARAM_INT, 2, 500, 50,
    1, NULL, NULL },
  { "baseline", N_ ("Baseline"), N_ ("The input that the way starts from"), CNN_PARAM_CHOICE, 0, 5, 0, 1,
    NULL, baselines, baseline_titles },
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

/* What is summed so far. */
typedef struct {
  CnnSession *session;
  const CnnMethodRequest *request;
  float *baseline;
  gsize size;
  guint n, n_done;
  double *nodes, *weights; /* in the order in which they are visited */
  double *sum, weight;     /* of gradients times weights, of weights */
} Way;

static void
way_clear (Way *self)
{
  g_free (self->baseline);
  g_free (self->nodes);
  g_free (self->weights);
  g_free (self->sum);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Way, way_clear)

static guint
common_divisor (guint a, guint b)
{
  return b == 0 ? a : common_divisor (b, a % b);
}

/* All along the way from the start on, so that what there is half-way is already the whole, more coarsely:
 * each point lies about a golden section round from the last. */
static void
spread (double *values, guint n)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);
  guint step = MAX ((guint)(0.618 * n), 1);

  while (common_divisor (n, step) != 1)
    step++;
  for (guint i = 0; i < n; i++)
    values[i] = sorted[(guint64)i * step % n];
}

static void
way_init (Way *self, CnnSession *session, const CnnMethodRequest *request)
{
  self->session = session;
  self->request = request;
  self->size = (gsize)session->width * session->height * session->channels;
  self->baseline = make_baseline (session, request);
  self->n = (guint)cnn_method_value (&cnn_method_integrated_gradients, request, "steps");
  self->nodes = g_new (double, self->n);
  self->weights = g_new (double, self->n);
  self->sum = g_new0 (double, self->size);
  gauss_legendre (self->n, self->nodes, self->weights);
  spread (self->nodes, self->n);
  spread (self->weights, self->n);
}

/* Adds the next @n weighted gradients. */
static gboolean
add_points (Way *self, guint n, GCancellable *cancellable, GError **error)
{
  CnnSession *session = self->session;
  const double *nodes = self->nodes + self->n_done, *weights = self->weights + self->n_done;
  g_autofree float *inputs = g_new (float, self->size *n), *gradients = g_new (float, self->size *n);
  g_autofree CnnSeed *seeds = g_new (CnnSeed, n);

  for (guint s = 0; s < n; s++) {
    seeds[s] = cnn_method_seed (session, self->request);
    for (gsize i = 0; i < self->size; i++)
      inputs[s * self->size + i] =
          (float)(self->baseline[i] + nodes[s] * ((double)session->input[i] - self->baseline[i]));
  }
  if (!cnn_engine_gradient_at (session->engine, inputs, seeds, n, CNN_MODIFIER_VANILLA,
                               cnn_session_input_value (session), gradients, NULL, cancellable, error))
    return FALSE;
  for (gsize i = 0; i < self->size * n; i++)
    self->sum[i % self->size] += weights[i / self->size] * gradients[i];
  for (guint s = 0; s < n; s++)
    self->weight += weights[s];
  self->n_done += n;
  return TRUE;
}

/* @total: (out): the sum of all parts */
static CnnMap *
make_map (const Way *self, double *total)
{
  const CnnSession *session = self->session;
  gsize plane = (gsize)session->width * session->height;
  CnnMap *map = cnn_map_new (session->width, session->height, CNN_MAP_SIGNED);

  map->gradient = g_new (float, self->size);
  map->gradient_size = self->size;
  *total = 0;
  for (gsize i = 0; i < self->size; i++) {
    double part = self->sum[i] / self->weight * ((double)session->input[i] - self->baseline[i]);

    map->gradient[i] = (float)part;
    map->values[i % plane] += (float)part;
    *total += part;
  }
  map->progress = (double)self->n_done / self->n;
  cnn_map_explain_zero (map, _ ("This map is zero everywhere: nothing on the way from the baseline moves the "
                                "score, or the input is the baseline."));
  return map;
}

static gboolean
integrate (Way *self, GCancellable *cancellable, GError **error)
{
  guint batch = cnn_session_batch (self->session);

  while (self->n_done < self->n) {
    if (!add_points (self, MIN (batch, self->n - self->n_done), cancellable, error))
      return FALSE;
    if (self->request->progress != NULL && self->n_done < self->n) {
      double unused;
      g_autoptr (CnnMap) partial = make_map (self, &unused);

      self->request->progress (partial->progress, partial, self->request->progress_data);
    }
  }
  return TRUE;
}

static gboolean
class_score (CnnSession *session, const float *input, guint class_index, double *score, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint value = cnn_model_get_score_value (model);
  g_autofree float *raw = g_new (float, cnn_engine_value_size (session->engine, value) + 1);
  g_autofree float *scores = g_new (float, cnn_model_get_n_classes (model) + 1);

  if (!cnn_engine_forward (session->engine, input, 1, &value, 1, &raw, NULL, error))
    return FALSE;
  cnn_engine_class_scores (session->engine, raw, 1, scores);
  *score = scores[class_index];
  return TRUE;
}

/* Completeness: the parts sum to what the score rises by. */
static void
note_residual (const Way *self, CnnMap *map, double total, double rise)
{
  double missing = rise - total;

  cnn_map_add_note (
      map, _ ("The parts sum to %.4g; the score rises by %.4g from the baseline: %.2g is missing (%.2g %%)."),
      total, rise, missing, rise != 0 ? 100 * fabs (missing / rise) : 0);
  if (self->n_done < self->n)
    cnn_map_add_note (map, _ ("Stopped after %u of %u steps."), self->n_done, self->n);
  else if (fabs (missing) > 0.01 * fabs (rise))
    cnn_map_add_note (map, _ ("More steps bring the rest down."));
}

static CnnMap *
integrated_gradients_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                              GError **error)
{
  g_auto (Way) self = { 0 };
  g_autoptr (GError) stopped = NULL;
  guint class_index = (guint)MAX (request->class_index, 0);
  double from, to, total;
  CnnMap *map;

  way_init (&self, session, request);
  if (!integrate (&self, cancellable, &stopped) && !cnn_method_keeps (self.n_done > 0, &stopped, error))
    return NULL;
  if (!class_score (session, self.baseline, class_index, &from, error) ||
      !class_score (session, session->input, class_index, &to, error))
    return NULL;
  map = make_map (&self, &total);
  note_residual (&self, map, total, to - from);
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
