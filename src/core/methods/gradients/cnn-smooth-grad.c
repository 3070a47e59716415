/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SmoothGrad (D. Smilkov et al. 2017): the gradient averaged over noisy copies of the input. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "methods/cnn-methods-private.h"
#include "methods/maximize/cnn-noise.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const char *const averages[] = { "mean", "square", "variance", NULL };
static const char *const average_titles[] = { N_ ("Mean"), N_ ("Mean square"), N_ ("Variance"), NULL };
enum { MEAN, SQUARE, VARIANCE };

static const CnnParam params[] = {
  { "samples", N_ ("Samples"), N_ ("How many noisy copies are averaged"), CNN_PARAM_INT, 1, 1000, 50, 1, NULL,
    NULL },
  { "noise", N_ ("Noise"), N_ ("Standard deviation of the noise, of the input's range"), CNN_PARAM_FLOAT, 0,
    100, 15, 1, "%", NULL },
  { "average", N_ ("Average"),
    N_ ("Of the gradients, of their squares (SmoothGrad²), or their variance (VarGrad)"), CNN_PARAM_CHOICE, 0,
    2, 0, 1, NULL, averages, average_titles },
  { "seed", N_ ("Seed"), N_ ("Where the random numbers start"), CNN_PARAM_INT, 0, 1e9, 0, 1, NULL, NULL },
  CNN_PARAM_AGAINST,
  { NULL },
};

/* What is summed so far. */
typedef struct {
  CnnSession *session;
  const CnnMethodRequest *request;
  CnnNoise *noise;
  double deviation;
  int average;
  gsize size;
  guint n_done, n;
  double *sum, *squares; /* the squares where they are wanted */
} Average;

static double
param (const CnnMethodRequest *request, const char *name)
{
  return cnn_method_value (&cnn_method_smooth_grad, request, name);
}

static double
input_range (const CnnSession *session, gsize size)
{
  float low = INFINITY, high = -INFINITY;

  for (gsize i = 0; i < size; i++) {
    low = MIN (low, session->input[i]);
    high = MAX (high, session->input[i]);
  }
  return high - low;
}

static gboolean
add_samples (Average *self, guint n, GCancellable *cancellable, GError **error)
{
  CnnSession *session = self->session;
  g_autofree float *inputs = g_new (float, self->size *n);
  g_autofree float *gradients = g_new (float, self->size *n);
  g_autofree CnnSeed *seeds = g_new (CnnSeed, n);

  for (guint s = 0; s < n; s++) {
    seeds[s] = cnn_method_seed (session, self->request);
    for (gsize i = 0; i < self->size; i++)
      inputs[s * self->size + i] =
          (float)(session->input[i] + self->deviation * cnn_noise_normal (self->noise));
  }
  if (!cnn_engine_gradient_at (session->engine, inputs, seeds, n, self->request->modifier,
                               cnn_session_input_value (session), gradients, NULL, cancellable, error))
    return FALSE;
  for (gsize i = 0; i < self->size * n; i++) {
    self->sum[i % self->size] += gradients[i];
    if (self->squares != NULL)
      self->squares[i % self->size] += (double)gradients[i] * gradients[i];
  }
  self->n_done += n;
  return TRUE;
}

static double
average_at (const Average *self, gsize i)
{
  double mean = self->sum[i] / self->n_done;

  if (self->average == MEAN)
    return mean;
  /* of one copy the variance is rounding */
  return self->average == SQUARE ? self->squares[i] / self->n_done
                                 : MAX (self->squares[i] / self->n_done - mean * mean, 0);
}

static CnnMap *
make_map (const Average *self)
{
  gsize plane = (gsize)self->session->width * self->session->height;
  CnnMap *map = cnn_map_new (self->session->width, self->session->height, CNN_MAP_POSITIVE);

  map->gradient = g_new (float, self->size);
  map->gradient_size = self->size;
  for (gsize i = 0; i < self->size; i++)
    map->gradient[i] = (float)average_at (self, i);
  for (gsize i = 0; i < self->size; i++)
    map->values[i % plane] = MAX (map->values[i % plane], fabsf (map->gradient[i]));
  map->progress = (double)self->n_done / self->n;
  return map;
}

static gboolean
run (Average *self, GCancellable *cancellable, GError **error)
{
  guint batch = cnn_session_batch (self->session);

  while (self->n_done < self->n) {
    if (g_cancellable_is_cancelled (cancellable) && self->n_done > 0)
      return TRUE;
    if (!add_samples (self, MIN (batch, self->n - self->n_done), cancellable, error))
      return FALSE;
    if (self->request->progress != NULL && self->n_done < self->n) {
      g_autoptr (CnnMap) partial = make_map (self);

      self->request->progress (partial->progress, partial, self->request->progress_data);
    }
  }
  return TRUE;
}

/* The gates of the copies are those of the input itself. */
static void
note_gates (const Average *self, CnnMap *map, GCancellable *cancellable)
{
  guint wrt = cnn_session_input_value (self->session);
  CnnSeed seed = cnn_method_seed (self->session, self->request);
  g_autofree float *gradient = g_new (float, self->size);
  CnnGateCount gates;

  if (cnn_engine_gradient (self->session->engine, &seed, 1, self->request->modifier, &wrt, 1, &gradient,
                           &gates, cancellable, NULL))
    cnn_map_note_gates (map, &gates, self->request->modifier, NULL);
}

static CnnMap *
smooth_grad_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                     GError **error)
{
  gsize size = (gsize)session->width * session->height * session->channels;
  g_autoptr (CnnNoise) noise = cnn_noise_new ((guint32)param (request, "seed"));
  g_autofree double *sum = g_new0 (double, size), *squares = NULL;
  g_autoptr (GError) stopped = NULL;
  Average self = { .session = session, .request = request, .noise = noise, .size = size, .sum = sum };
  CnnMap *map;

  self.deviation = param (request, "noise") / 100 * input_range (session, size);
  self.average = (int)param (request, "average");
  if (self.average != MEAN)
    self.squares = squares = g_new0 (double, size);
  self.n = (guint)param (request, "samples");
  if (!run (&self, cancellable, &stopped) && !cnn_method_keeps (self.n_done > 0, &stopped, error))
    return NULL;
  map = make_map (&self);
  cnn_map_add_note (map, _ ("Mean of %u noisy copies; standard deviation of the noise %.3g."), self.n_done,
                    self.deviation);
  if (self.n_done < self.n)
    cnn_map_add_note (map, _ ("Stopped after %u of %u copies."), self.n_done, self.n);
  else
    note_gates (&self, map, cancellable);
  return map;
}

const CnnMethod cnn_method_smooth_grad = {
  .name = "smooth-grad",
  .title = N_ ("SmoothGrad"),
  .help = N_ ("Saliency averaged over noisy copies of the input"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .is_long = TRUE,
  .params = params,
  .compute = smooth_grad_compute,
};
