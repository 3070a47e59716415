/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Score-CAM (H. Wang et al. 2019): channels weighted by the probability of the class when only what the
 * channel sees is left of the input. No gradient is used. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

static const char *const weightings[] = { "probability", "softmax", NULL };

static const CnnParam params[] = {
  { "channels", N_ ("Channels"), N_ ("Only so many, those that vary most; 0: all"), CNN_PARAM_INT, 0, 65536,
    0, 1, NULL, NULL },
  { "weights", N_ ("Weights"), N_ ("The class's probability, or a softmax of its scores over the channels"),
    CNN_PARAM_CHOICE, 0, 1, 0, 1, NULL, weightings },
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
softmax (const GArray *chosen, double *weights)
{
  double most = -INFINITY, sum = 0;

  for (guint i = 0; i < chosen->len; i++)
    most = MAX (most, weights[g_array_index (chosen, Candidate, i).channel]);
  for (guint i = 0; i < chosen->len; i++)
    sum += exp (weights[g_array_index (chosen, Candidate, i).channel] - most);
  for (guint i = 0; i < chosen->len; i++) {
    double *weight = &weights[g_array_index (chosen, Candidate, i).channel];

    *weight = exp (*weight - most) / sum;
  }
}

static CnnMap *
score_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                   GError **error)
{
  gboolean raw_scores = cnn_method_value (&cnn_method_score_cam, request, "weights") == 1;
  guint batch = cnn_session_batch (session);
  g_auto (CnnCam) cam = { 0 };
  g_autofree double *weights = NULL;
  g_autoptr (GArray) chosen = NULL;
  CnnMap *map;
  float *raw;

  if (!cnn_cam_read (&cam, session, request, CNN_MODIFIER_VANILLA, FALSE, cancellable, error))
    return NULL;
  weights = g_new0 (double, cam.channels);
  chosen = choose_channels (&cam, (guint)cnn_method_value (&cnn_method_score_cam, request, "channels"));
  for (guint i = 0; i < chosen->len; i += batch) {
    guint n = MIN (batch, chosen->len - i);

    if (!score_batch (&cam, session, request, &g_array_index (chosen, Candidate, i), n, raw_scores, weights,
                      cancellable, error))
      return NULL;
    if (request->progress != NULL)
      request->progress ((double)(i + n) / chosen->len, NULL, request->progress_data);
  }
  if (raw_scores)
    softmax (chosen, weights);
  raw = g_new (float, cam.space);
  cnn_cam_weigh (&cam, weights, raw);
  map = cnn_cam_make_map (&cam, session, request, CNN_MODIFIER_VANILLA, raw, FALSE);
  cnn_map_add_note (map, _ ("%u of %u channels were tried; the others are flat or vary less."), chosen->len,
                    cam.channels);
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
