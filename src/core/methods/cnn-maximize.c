/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activation maximisation with the loss and constants of keras-vis: an input that raises a class or a filter,
 * held back by an Lp norm and by total variation; RMSprop on the gradient divided by its norm, its step
 * scaled to the input's range. The target's own activation is left out, so that a unit that is off can start.
 * The input that is returned is the one that was scored, within the input's range. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-loss.h"
#include "cnn-methods-private.h"
#include "cnn-noise.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define DECAY 0.95
#define EPSILON 1e-7
#define STREAM_EVERY 10

static const char *const starts[] = { "noise", "image", NULL };

static const CnnParam params[] = {
  { "iterations", N_ ("Iterations"), N_ ("How many steps are made"), CNN_PARAM_INT, 1, 10000, 200, 10, NULL,
    NULL },
  { "seed", N_ ("Seed"), N_ ("Where the random numbers start"), CNN_PARAM_INT, 0, 1e9, 0, 1, NULL, NULL },
  { "start", N_ ("Start"), N_ ("From noise or from the open image"), CNN_PARAM_CHOICE, 0, 1, 0, 1, NULL,
    starts },
  { "tv", N_ ("Total variation"), N_ ("Weight of the difference between neighbours"), CNN_PARAM_FLOAT, 0, 1e6,
    10, 1, NULL, NULL },
  { "lp", N_ ("Lp norm"), N_ ("Weight of the norm of the input"), CNN_PARAM_FLOAT, 0, 1e6, 10, 1, NULL,
    NULL },
  { "jitter", N_ ("Jitter"), N_ ("The input is rolled by up to so much at each step"), CNN_PARAM_INT, 0, 64,
    0, 1, "px", NULL },
  { NULL },
};

typedef struct {
  CnnSession *session;
  const CnnMethodRequest *request;
  CnnSeed seed;
  CnnNoise *noise;
  gsize size;
  float low, high;
  double lp, tv;
  int jitter;
  float *x, *rolled, *gradient; /* the input, what is scored, d loss / d rolled */
  double *cache;
  float *best;
  double best_loss, best_score;
  guint done, n;
} Climb;

static double
param (const CnnMethodRequest *request, const char *name)
{
  return cnn_method_value (&cnn_method_maximize, request, name);
}

/* keras-vis' seed: uniform noise of mean 0 and deviation 1, then a twentieth of the range around its middle.
 */
static void
draw_start (Climb *self)
{
  double middle = (self->low + self->high) / 2, scale = 0.05 * (self->high - self->low);

  for (gsize i = 0; i < self->size; i++)
    self->x[i] = (float)(middle + scale * (2 * cnn_noise_uniform (self->noise) - 1) * sqrt (3));
}

/* @out(y + dy, x + dx) = @in(y, x), round the edges. */
static void
roll (const CnnSession *session, const float *in, int dx, int dy, float *out)
{
  int w = (int)session->width, h = (int)session->height;

  for (guint c = 0; c < session->channels; c++)
    for (int y = 0; y < h; y++)
      for (int x = 0; x < w; x++) {
        gsize plane = (gsize)c * session->width * session->height;

        out[plane + (gsize)(((y + dy) % h + h) % h * w + ((x + dx) % w + w) % w)] =
            in[plane + (gsize)(y * w + x)];
      }
}

/* The loss and its gradient at what is scored. */
static gboolean
evaluate (Climb *self, double *loss, double *score, GCancellable *cancellable, GError **error)
{
  CnnSession *session = self->session;
  float value;

  if (!cnn_engine_gradient_at (session->engine, self->rolled, &self->seed, 1, self->request->modifier,
                               cnn_session_input_value (session), self->gradient, &value, cancellable, error))
    return FALSE;
  /* uphill through the gates, turned round afterwards */
  for (gsize i = 0; i < self->size; i++)
    self->gradient[i] = -self->gradient[i];
  *score = value;
  *loss = -value + cnn_loss_lp (self->rolled, self->size, self->lp, self->gradient) +
          cnn_loss_tv (self->rolled, session->channels, session->height, session->width, self->tv,
                       self->gradient);
  return TRUE;
}

static void
step (Climb *self, const float *gradient)
{
  double norm = 0, scale = (self->high - self->low) / 255;

  for (gsize i = 0; i < self->size; i++)
    norm += (double)gradient[i] * gradient[i];
  norm = sqrt (MAX (norm, 1e-12));
  for (gsize i = 0; i < self->size; i++) {
    double g = gradient[i] / norm;

    self->cache[i] = DECAY * self->cache[i] + (1 - DECAY) * g * g;
    self->x[i] =
        (float)CLAMP (self->x[i] - scale * g / sqrt (self->cache[i] + EPSILON), self->low, self->high);
  }
}

static void
describe (const Climb *self, CnnMap *map)
{
  CnnModel *model = cnn_engine_get_model (self->session->engine);

  if (self->request->layer >= 0)
    map->title = g_strdup_printf (_ ("What raises filter %d of %s"), self->request->filter,
                                  cnn_model_get_layer (model, (guint)self->request->layer)->name);
  else
    map->title = g_strdup_printf (_ ("What raises %s"), cnn_model_get_label (model, self->seed.channel));
  cnn_map_add_note (map, _ ("Score %.4g, loss %.4g after %u iterations from seed %u."), self->best_score,
                    self->best_loss, self->done, (guint)param (self->request, "seed"));
}

static CnnMap *
make_map (const Climb *self)
{
  CnnSession *session = self->session;
  gsize plane = (gsize)session->width * session->height;
  CnnMap *map = cnn_map_new (session->width, session->height, CNN_MAP_ACTIVATION);

  map->gradient = g_memdup2 (self->best, self->size * sizeof (float));
  map->gradient_size = self->size;
  for (gsize i = 0; i < self->size; i++)
    map->values[i % plane] += self->best[i] / (float)session->channels;
  map->progress = (double)self->done / self->n;
  describe (self, map);
  return map;
}

static gboolean
climb (Climb *self, GCancellable *cancellable, GError **error)
{
  g_autofree float *back = g_new (float, self->size);

  for (; self->done < self->n; self->done++) {
    int dx = cnn_noise_integer (self->noise, -self->jitter, self->jitter);
    int dy = cnn_noise_integer (self->noise, -self->jitter, self->jitter);
    double loss, score;

    if (g_cancellable_is_cancelled (cancellable) && self->done > 0)
      return TRUE;
    roll (self->session, self->x, dx, dy, self->rolled);
    if (!evaluate (self, &loss, &score, cancellable, error))
      return FALSE;
    if (self->done == 0 || loss < self->best_loss) {
      memcpy (self->best, self->rolled, self->size * sizeof (float));
      self->best_loss = loss;
      self->best_score = score;
    }
    roll (self->session, self->gradient, -dx, -dy, back);
    step (self, back);
    if (self->request->progress != NULL && self->done % STREAM_EVERY == STREAM_EVERY - 1) {
      g_autoptr (CnnMap) partial = make_map (self);

      self->request->progress (partial->progress, partial, self->request->progress_data);
    }
  }
  return TRUE;
}

/* The class's score, or the filter of a layer before its own activation. */
static gboolean
find_target (Climb *self, GError **error)
{
  CnnModel *model = cnn_engine_get_model (self->session->engine);
  const CnnLayer *layer;
  const CnnValue *value;
  gint64 n;

  self->seed = cnn_method_seed (self->session, self->request);
  if (self->request->layer < 0)
    return TRUE;
  layer = cnn_model_get_layer (model, (guint)self->request->layer);
  self->seed.value = layer->pre_activation != CNN_NO_VALUE ? layer->pre_activation : layer->output;
  value = self->seed.value != CNN_NO_VALUE ? cnn_model_get_value (model, self->seed.value) : NULL;
  n = value != NULL && value->known && value->shape.rank >= 2 ? value->shape.dims[1] : 0;
  if (self->request->filter < 0 || self->request->filter >= n) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” has no filter %d: it has %d, numbered from 0."), layer->name,
                 self->request->filter, (int)n);
    return FALSE;
  }
  self->seed.channel = (guint)self->request->filter;
  return TRUE;
}

static void
prepare (Climb *self)
{
  self->low = 0;
  self->high = 1;
  if (self->session->has_range)
    cnn_preprocess_range (&self->session->preprocess, &self->low, &self->high);
  self->lp = param (self->request, "lp");
  self->tv = param (self->request, "tv");
  self->jitter = (int)param (self->request, "jitter");
  self->n = (guint)param (self->request, "iterations");
  if (param (self->request, "start") == 0)
    draw_start (self);
  else
    memcpy (self->x, self->session->input, self->size * sizeof (float));
}

static CnnMap *
maximize_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                  GError **error)
{
  gsize size = (gsize)session->width * session->height * session->channels;
  g_autofree float *numbers = g_new0 (float, size * 4);
  g_autofree double *cache = g_new0 (double, size);
  g_autoptr (CnnNoise) noise = cnn_noise_new ((guint32)param (request, "seed"));
  g_autoptr (GError) stopped = NULL;
  Climb self = { .session = session, .request = request, .noise = noise, .size = size, .cache = cache };

  if (!find_target (&self, error))
    return NULL;
  self.x = numbers;
  self.rolled = numbers + size;
  self.gradient = numbers + 2 * size;
  self.best = numbers + 3 * size;
  prepare (&self);
  if (!climb (&self, cancellable, &stopped) &&
      (self.done == 0 || !g_error_matches (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED))) {
    g_propagate_error (error, g_steal_pointer (&stopped));
    return NULL;
  }
  return make_map (&self);
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
