/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activation maximisation of one class or filter as a method; what it does is in cnn-maximizer.c. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-private.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

#define STREAM_EVERY 10

static const char *const starts[] = { "noise", "mean", "image", NULL };
static const char *const start_titles[] = { N_ ("Noise"), N_ ("Middle of the range"), N_ ("The picture"),
                                            NULL };

static const CnnParam params[] = {
  { "iterations", N_ ("Iterations"), N_ ("How many steps are made"), CNN_PARAM_INT, 1, 10000, 200, 10, NULL,
    NULL },
  { "seed", N_ ("Seed"), N_ ("Where the random numbers start"), CNN_PARAM_INT, 0, 1e9, 0, 1, NULL, NULL },
  { "from", N_ ("Start from"), N_ ("Noise, the middle of the range, or the open image"), CNN_PARAM_CHOICE, 0,
    2, 0, 1, NULL, starts, start_titles },
  { "tv", N_ ("Total variation"), N_ ("Weight of the difference between neighbours"), CNN_PARAM_FLOAT, 0, 1e6,
    10, 1, NULL, NULL },
  { "lp", N_ ("Lp norm"), N_ ("Weight of the norm of the input"), CNN_PARAM_FLOAT, 0, 1e6, 10, 1, NULL,
    NULL },
  { "jitter", N_ ("Jitter"), N_ ("The input is rolled by up to so much at each step"), CNN_PARAM_INT, 0, 64,
    0, 1, "px", NULL },
  { "decay", N_ ("Decay"), N_ ("How much of the mean of squared gradients stays at each step"),
    CNN_PARAM_FLOAT, 0, 0.999, 0.95, 0.01, NULL, NULL },
  { "against", N_ ("Minimise"), N_ ("Lower the score instead of raising it"), CNN_PARAM_BOOL, 0, 1, 0, 1,
    NULL, NULL },
  { NULL },
};

static CnnMap *
make_map (CnnMaximizer *maximizer, CnnSession *session, const CnnMethodRequest *request)
{
  g_autoptr (CnnMaximized) result = cnn_maximizer_snapshot (maximizer);
  const CnnMaximizedTarget *target = &result->targets[0];
  gsize plane = (gsize)session->width * session->height, bytes;
  CnnMap *map = cnn_map_new (session->width, session->height, CNN_MAP_ACTIVATION);
  const float *input = g_bytes_get_data (target->input, &bytes);

  map->input = g_memdup2 (input, bytes);
  map->input_size = bytes / sizeof (float);
  for (gsize i = 0; i < map->input_size; i++)
    map->values[i % plane] += input[i] / (float)session->channels;
  map->progress = result->progress;
  map->title = g_strdup (result->title);
  cnn_map_add_note (map, _ ("Score %.4g, loss %.4g after %u iterations from seed %u."), target->score,
                    target->loss, target->done,
                    (guint)cnn_method_value (&cnn_method_maximize, request, "seed"));
  return map;
}

static gboolean
climb (CnnMaximizer *maximizer, CnnSession *session, const CnnMethodRequest *request,
       GCancellable *cancellable, GError **error)
{
  for (guint done = 1; !cnn_maximizer_is_done (maximizer); done++) {
    if (!cnn_maximizer_step (maximizer, cancellable, error))
      return FALSE;
    if (request->progress != NULL && done % STREAM_EVERY == 0) {
      g_autoptr (CnnMap) partial = make_map (maximizer, session, request);

      request->progress (partial->progress, partial, request->progress_data);
    } else if (request->give_way != NULL) {
      request->give_way (request->give_way_data);
    }
  }
  return TRUE;
}

static CnnMap *
maximize_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                  GError **error)
{
  gint64 wanted = request->layer >= 0 ? request->filter : request->class_index;
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnMaximizer) maximizer = NULL;
  g_autoptr (GError) stopped = NULL;
  guint target = (guint)wanted;

  if (!cnn_maximize_check_target (model, request->layer, wanted, error))
    return NULL;
  maximizer = cnn_maximizer_new (session, request, &target, 1, error);
  if (maximizer == NULL)
    return NULL;
  if (!climb (maximizer, session, request, cancellable, &stopped) &&
      !cnn_method_keeps (cnn_maximizer_get_progress (maximizer) > 0, &stopped, error))
    return NULL;
  return make_map (maximizer, session, request);
}

const CnnMethod cnn_method_maximize = {
  .name = "maximize",
  .title = N_ ("Activation maximisation"),
  .help = N_ ("An input that raises a class or a filter"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .uses_layer = TRUE,
  .uses_filter = TRUE,
  .is_long = TRUE,
  .params = params,
  .compute = maximize_compute,
};
