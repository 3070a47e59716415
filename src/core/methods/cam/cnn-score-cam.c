/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Score-CAM (H. Wang et al. 2019): channels weighted by the probability of the class when only what the
 * channel sees is left of the input. No gradient is used. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

static const char *const weightings[] = { "probability", "softmax", NULL };
static const char *const weighting_titles[] = { N_ ("Probability"), N_ ("Softmax of scores"), NULL };

static const CnnParam params[] = {
  { "channels", N_ ("Channels"), N_ ("Only so many, those that vary most; 0: all"), CNN_PARAM_INT, 0, 65536,
    0, 1, NULL, NULL, NULL, N_ ("All") },
  { "weights", N_ ("Weights"), N_ ("The class's probability, or a softmax of its scores over the channels"),
    CNN_PARAM_CHOICE, 0, 1, 0, 1, NULL, weightings, weighting_titles },
  { NULL },
};

/* A channel and how much it varies over space. */
typedef struct {
  guint channel;
  double variance;
} Candidate;

static int
by_variance (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->variance != y->variance)
    return x->variance < y->variance ? 1 : -1;
  return (int)x->channel - (int)y->channel;
}

/* The channels that are not flat, most varied first. */
static GArray *
choose_channels (const CnnCam *cam, guint most)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint k = 0; k < cam->channels; k++) {
    const float *plane = cam->activation + k * cam->space;
    double sum = 0, squares = 0;
    Candidate candidate = { k, 0 };

    for (gsize i = 0; i < cam->space; i++)
      sum += plane[i];
    sum /= (double)cam->space;
    for (gsize i = 0; i < cam->space; i++)
      squares += (plane[i] - sum) * (plane[i] - sum);
    candidate.variance = squares;
    if (squares > 0)
      g_array_append_val (chosen, candidate);
  }
  g_array_sort (chosen, by_variance);
  if (most > 0 && chosen->len > most)
    g_array_set_size (chosen, most);
  return chosen;
}

/* The input where channel @k is strong; the rest fades to the network's zero. */
static void
mask_input (const CnnCam *cam, const CnnSession *session, guint k, float *mask, float *out)
{
  gsize plane = (gsize)session->width * session->height;
  float low = INFINITY, high = -INFINITY;

  cnn_map_enlarge (cam->activation + k * cam->space, cam->height, cam->width, mask, session->height,
                   session->width);
  for (gsize i = 0; i < plane; i++) {
    low = MIN (low, mask[i]);
    high = MAX (high, mask[i]);
  }
  for (gsize i = 0; i < plane * session->channels; i++)
    out[i] = high > low ? session->input[i] * (mask[i % plane] - low) / (high - low) : 0;
}

/* What the masked inputs of @n channels are worth: @out[channel]. */
static gboolean
score_batch (const CnnCam *cam, CnnSession *session, const CnnMethodRequest *request, const Candidate *chosen,
             guint n, gboolean raw_scores, double *out, GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint value = cnn_model_get_score_value (model), classes = cnn_model_get_n_classes (model);
  gsize plane = (gsize)session->width * session->height, size = plane * session->channels;
  g_autofree float *inputs = g_new (float, size *n), *mask = g_new (float, plane);
  g_autofree float *raw = g_new (float, cnn_engine_value_size (session->engine, value) * n + 1);
  g_autofree float *rows = g_new (float, (gsize)classes *n + 1);

  for (guint i = 0; i < n; i++)
    mask_input (cam, session, chosen[i].channel, mask, inputs + i * size);
  if (!cnn_engine_forward (session->engine, inputs, n, &value, 1, &raw, cancellable, error))
    return FALSE;
  if (raw_scores)
    cnn_engine_class_scores (session->engine, raw, n, rows);
  else
    cnn_engine_probabilities (session->engine, raw, n, rows);
  for (guint i = 0; i < n; i++)
    out[chosen[i].channel] = rows[(gsize)i * classes + (guint)MAX (request->class_index, 0)];
  return TRUE;
}

static void
softmax (const Candidate *tried, guint n, double *weights)
{
  double most = -INFINITY, sum = 0;

  for (guint i = 0; i < n; i++)
    most = MAX (most, weights[tried[i].channel]);
  for (guint i = 0; i < n; i++)
    sum += exp (weights[tried[i].channel] - most);
  for (guint i = 0; i < n; i++) {
    double *weight = &weights[tried[i].channel];

    *weight = exp (*weight - most) / sum;
  }
}

/* What is known so far. */
typedef struct {
  CnnCam cam;
  GArray *chosen;  /* of Candidate */
  double *weights; /* by channel, 0 where it was not tried */
  guint n_done;    /* of the chosen */
  gboolean raw_scores;
} Trial;

static void
trial_clear (Trial *self)
{
  cnn_cam_clear (&self->cam);
  g_clear_pointer (&self->chosen, g_array_unref);
  g_clear_pointer (&self->weights, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trial, trial_clear)

static CnnMap *
make_map (const Trial *self, CnnSession *session, const CnnMethodRequest *request)
{
  g_autofree double *weights = g_memdup2 (self->weights, self->cam.channels * sizeof (double));
  float *raw = g_new (float, self->cam.space);
  CnnMap *map;

  if (self->raw_scores)
    softmax (&g_array_index (self->chosen, Candidate, 0), self->n_done, weights);
  cnn_cam_weigh (&self->cam, weights, raw);
  map = cnn_cam_make_map (&self->cam, session, request, CNN_MODIFIER_VANILLA, raw, FALSE);
  map->progress = self->chosen->len > 0 ? (double)self->n_done / self->chosen->len : 1;
  return map;
}

static gboolean
try_channels (Trial *self, CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
              GError **error)
{
  guint batch = cnn_session_batch (session);

  while (self->n_done < self->chosen->len) {
    guint n = MIN (batch, self->chosen->len - self->n_done);

    if (!score_batch (&self->cam, session, request, &g_array_index (self->chosen, Candidate, self->n_done), n,
                      self->raw_scores, self->weights, cancellable, error))
      return FALSE;
    self->n_done += n;
    if (request->progress != NULL && self->n_done < self->chosen->len) {
      g_autoptr (CnnMap) partial = make_map (self, session, request);

      request->progress (partial->progress, partial, request->progress_data);
    }
  }
  return TRUE;
}

static CnnMap *
score_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                   GError **error)
{
  g_auto (Trial) self = { 0 };
  g_autoptr (GError) stopped = NULL;
  CnnMap *map;

  self.raw_scores = cnn_method_value (&cnn_method_score_cam, request, "weights") == 1 ||
                    !cnn_model_has_probabilities (cnn_engine_get_model (session->engine));
  if (!cnn_cam_read (&self.cam, session, request, CNN_MODIFIER_VANILLA, FALSE, cancellable, error))
    return NULL;
  self.weights = g_new0 (double, self.cam.channels);
  self.chosen =
      choose_channels (&self.cam, (guint)cnn_method_value (&cnn_method_score_cam, request, "channels"));
  if (!try_channels (&self, session, request, cancellable, &stopped) &&
      !cnn_method_keeps (self.n_done > 0, &stopped, error))
    return NULL;
  map = make_map (&self, session, request);
  if (self.n_done < self.chosen->len)
    cnn_map_add_note (map, _ ("Stopped after %u of %u channels, those that vary most."), self.n_done,
                      self.chosen->len);
  else
    cnn_map_add_note (map, _ ("%u of %u channels were tried; the others are flat or vary less."),
                      self.chosen->len, self.cam.channels);
  return map;
}

const CnnMethod cnn_method_score_cam = {
  .name = "score-cam",
  .title = N_ ("Score-CAM"),
  .help = N_ ("Channels weighted by what the network says of the part of the image that they see"),
  .uses_class = TRUE,
  .uses_layer = TRUE,
  .is_long = TRUE,
  .params = params,
  .compute = score_cam_compute,
};
