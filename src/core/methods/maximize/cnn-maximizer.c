/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activation maximisation with the loss and constants of keras-vis: an input that raises a class or a filter,
 * held back by an Lp norm and by total variation; RMSprop on the gradient divided by its norm, its step
 * scaled to the input's range. The target's own activation is left out, so that a unit that is off can start.
 * The input that is returned is the one that was scored, within the input's range.
 *
 * Every target has random numbers of its own from the same seed, so what differs between two pictures is the
 * targets' doing. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-loss.h"
#include "cnn-maximize-private.h"
#include "methods/cnn-methods-private.h"
#include "cnn-noise.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define EPSILON 1e-7
/* Rows of one pass of the engine for small inputs. Always as many, also where a row stays unused: the
 * rounding of a row depends on how many there are, and a target's picture must not. */
#define SMALL_ROWS 2
#define SMALL_INPUT (64 * 64)
/* What the state may take, in bytes. */
#define MOST_MEMORY ((gsize)2 << 30)

typedef struct {
  CnnMaximizedTarget found;
  CnnNoise *noise;
  int dx, dy; /* the jitter of the next iteration, once it is drawn */
  gboolean drawn;
  float *x, *best; /* the input; what had the least loss */
  double *cache;   /* RMSprop's mean of squares */
} Target;

struct _CnnMaximizer {
  CnnEngine *engine;
  CnnModifier modifier;
  guint input_value, value;
  int layer;
  guint channels, height, width;
  gsize plane, size;
  float *low, *high; /* by channel */
  CnnPreprocess preprocess;
  double lp, tv, decay;
  int jitter;
  float sign; /* -1: the score is lowered */
  guint iterations;
  Target *targets;
  guint n, next; /* the target whose turn it is */
  guint rows;
  float *rolled, *gradients, *back; /* rows of what is scored, of the engine's answer; one gradient */
  GVariant *provenance;
};

static double
param (const CnnMethodRequest *request, const char *name)
{
  return cnn_method_value (&cnn_method_maximize, request, name);
}

/* What black and white become, channel by channel: every input between them can be shown. */
static void
find_range (CnnMaximizer *self, CnnSession *session)
{
  static const guint8 corners[2][4] = { { 0, 0, 0, 255 }, { 255, 255, 255, 255 } };
  g_autoptr (CnnImage) black = cnn_image_new (1, 1, corners[0]);
  g_autoptr (CnnImage) white = cnn_image_new (1, 1, corners[1]);

  self->low = g_new0 (float, self->channels);
  self->high = g_new0 (float, self->channels);
  if (session->has_range) {
    cnn_preprocess_apply (&self->preprocess, black, self->channels, 1, 1, NULL, self->low);
    cnn_preprocess_apply (&self->preprocess, white, self->channels, 1, 1, NULL, self->high);
  }
  for (guint c = 0; c < self->channels; c++) {
    float a = self->low[c], b = session->has_range ? self->high[c] : 1;

    self->low[c] = MIN (a, b);
    self->high[c] = MAX (a, b);
  }
}

/* keras-vis' seed: uniform noise of mean 0 and deviation 1, then a twentieth of the range around its middle.
 */
static void
draw_start (CnnMaximizer *self, Target *target, CnnMaximizeStart start)
{
  for (gsize i = 0; i < self->size; i++) {
    gsize c = i / self->plane;
    double middle = (self->low[c] + self->high[c]) / 2, scale = 0.05 * (self->high[c] - self->low[c]);

    target->x[i] = (float)middle;
    if (start == CNN_MAXIMIZE_NOISE)
      target->x[i] = (float)(middle + scale * (2 * cnn_noise_uniform (target->noise) - 1) * sqrt (3));
  }
}

static void
start_target (CnnMaximizer *self, Target *target, CnnSession *session, const CnnMethodRequest *request,
              guint index)
{
  CnnModel *model = cnn_engine_get_model (self->engine);
  CnnMaximizeStart start = (CnnMaximizeStart)param (request, "from");

  target->found.index = index;
  target->found.label =
      self->layer < 0 ? g_strdup (cnn_model_get_label (model, index)) : g_strdup_printf ("%u", index);
  target->found.start_score = target->found.score = target->found.loss = NAN;
  target->noise = cnn_noise_new ((guint32)param (request, "seed"));
  target->x = g_new (float, self->size);
  target->best = g_new (float, self->size);
  target->cache = g_new0 (double, self->size);
  if (start == CNN_MAXIMIZE_IMAGE)
    memcpy (target->x, session->input, self->size * sizeof (float));
  else
    draw_start (self, target, start);
  memcpy (target->best, target->x, self->size * sizeof (float));
}

static gboolean
check_request (CnnMaximizer *self, CnnSession *session, const CnnMethodRequest *request, const guint *targets,
               GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  const char *why = cnn_model_get_unsupported (model);

  for (guint i = 0; i < self->n; i++)
    if (!cnn_maximize_check_target (model, self->layer, targets[i], error))
      return FALSE;
  if (self->value == CNN_NO_VALUE || !cnn_model_get_value (model, self->value)->known) {
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED,
                         why != NULL ? why : _ ("That tensor cannot be computed."));
    return FALSE;
  }
  if (self->n == 0 || self->size == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The network “%s” takes no image."),
                 cnn_model_get_name (model));
    return FALSE;
  }
  if (param (request, "from") == CNN_MAXIMIZE_IMAGE && session->input == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return FALSE;
  }
  if (self->n > MOST_MEMORY / (self->size * (4 * sizeof (float) + sizeof (double)))) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("%u pictures of %u x %u are more than fit into the memory at once; choose fewer."),
                 self->n, self->width, self->height);
    return FALSE;
  }
  return TRUE;
}

CnnMaximizer *
cnn_maximizer_new (CnnSession *session, const CnnMethodRequest *request, const guint *targets, guint n,
                   GError **error)
{
  g_autoptr (CnnMaximizer) self = g_new0 (CnnMaximizer, 1);

  self->engine = session->engine;
  self->modifier = request->modifier;
  self->layer = request->layer;
  self->channels = session->channels;
  self->height = session->height;
  self->width = session->width;
  self->plane = (gsize)self->width * self->height;
  self->size = self->plane * self->channels;
  self->preprocess = session->preprocess;
  self->input_value = cnn_session_input_value (session);
  self->value = cnn_maximize_value (cnn_engine_get_model (session->engine), request->layer);
  self->n = n;
  if (!check_request (self, session, request, targets, error)) {
    self->n = 0;
    return NULL;
  }
  self->lp = param (request, "lp");
  self->tv = param (request, "tv");
  self->decay = param (request, "decay");
  self->jitter = (int)param (request, "jitter");
  self->sign = param (request, "against") != 0 ? -1 : 1;
  self->iterations = (guint)param (request, "iterations");
  self->rows = self->plane <= SMALL_INPUT ? SMALL_ROWS : 1;
  self->rolled = g_new0 (float, self->size * self->rows);
  self->gradients = g_new (float, self->size * self->rows);
  self->back = g_new (float, self->size);
  self->provenance = cnn_method_make_provenance (&cnn_method_maximize, session, request);
  find_range (self, session);
  self->targets = g_new0 (Target, n);
  for (guint i = 0; i < n; i++)
    start_target (self, &self->targets[i], session, request, targets[i]);
  return g_steal_pointer (&self);
}

void
cnn_maximizer_free (CnnMaximizer *self)
{
  for (guint i = 0; i < self->n; i++) {
    Target *target = &self->targets[i];

    g_free (target->found.label);
    g_clear_pointer (&target->found.input, g_bytes_unref);
    g_clear_pointer (&target->found.image, cnn_image_unref);
    cnn_noise_free (target->noise);
    g_free (target->x);
    g_free (target->best);
    g_free (target->cache);
  }
  g_free (self->targets);
  g_free (self->low);
  g_free (self->high);
  g_free (self->rolled);
  g_free (self->gradients);
  g_free (self->back);
  g_clear_pointer (&self->provenance, g_variant_unref);
  g_free (self);
}

/* @out(y + dy, x + dx) = @in(y, x), round the edges. */
static void
roll (const CnnMaximizer *self, const float *in, int dx, int dy, float *out)
{
  int w = (int)self->width, h = (int)self->height;
  gsize right = (gsize)(((dx % w) + w) % w), down = (gsize)(((dy % h) + h) % h);

  for (gsize c = 0; c < self->channels; c++)
    for (gsize y = 0; y < self->height; y++) {
      const float *from = in + c * self->plane + y * self->width;
      float *to = out + c * self->plane + (y + down) % self->height * self->width;

      memcpy (to + right, from, (self->width - right) * sizeof (float));
      memcpy (to, from + self->width - right, right * sizeof (float));
    }
}

/* The input as it is scored next. */
static void
prepare (CnnMaximizer *self, Target *target, float *rolled)
{
  if (!target->drawn) {
    target->dx = cnn_noise_integer (target->noise, -self->jitter, self->jitter);
    target->dy = cnn_noise_integer (target->noise, -self->jitter, self->jitter);
    target->drawn = TRUE;
  }
  roll (self, target->x, target->dx, target->dy, rolled);
}

static void
keep (CnnMaximizer *self, Target *target, const float *rolled, double score, double loss)
{
  CnnMaximizedTarget *found = &target->found;

  if (found->done == 0)
    found->start_score = score;
  if (found->done > 0 && !(loss < found->loss))
    return;
  memcpy (target->best, rolled, self->size * sizeof (float));
  found->best = found->done;
  found->score = score;
  found->loss = loss;
  g_clear_pointer (&found->input, g_bytes_unref);
  g_clear_pointer (&found->image, cnn_image_unref);
}

/* RMSprop downhill by the gradient divided by its norm. */
static void
descend (CnnMaximizer *self, Target *target, const float *gradient)
{
  double norm = 0;

  for (gsize i = 0; i < self->size; i++)
    norm += (double)gradient[i] * gradient[i];
  norm = sqrt (MAX (norm, 1e-12));
  for (gsize c = 0; c < self->channels; c++) {
    double scale = (self->high[c] - self->low[c]) / 255;

    for (gsize i = c * self->plane; i < (c + 1) * self->plane; i++) {
      double g = gradient[i] / norm;

      target->cache[i] = self->decay * target->cache[i] + (1 - self->decay) * g * g;
      target->x[i] = (float)CLAMP (target->x[i] - scale * g / sqrt (target->cache[i] + EPSILON), self->low[c],
                                   self->high[c]);
    }
  }
}

/* From the gradient of the score to the next input. */
static void
move (CnnMaximizer *self, Target *target, const float *rolled, float *gradient, double score)
{
  double loss = -self->sign * score;

  /* uphill through the gates, turned round afterwards */
  for (gsize i = 0; i < self->size; i++)
    gradient[i] = -gradient[i];
  loss += cnn_loss_lp (rolled, self->size, self->lp, gradient);
  loss += cnn_loss_tv (rolled, self->channels, self->height, self->width, self->tv, gradient);
  keep (self, target, rolled, score, loss);
  roll (self, gradient, -target->dx, -target->dy, self->back);
  descend (self, target, self->back);
  target->drawn = FALSE;
  target->found.done++;
}

/* The next targets in turn that want iterations, at most a pass full. */
static guint
choose_targets (CnnMaximizer *self, Target **chosen)
{
  guint n = 0;

  for (guint i = 0; i < self->n && n < self->rows; i++) {
    Target *target = &self->targets[(self->next + i) % self->n];

    if (target->found.done < self->iterations && (n == 0 || target->found.done == chosen[0]->found.done))
      chosen[n++] = target;
  }
  return n;
}

gboolean
cnn_maximizer_step (CnnMaximizer *self, GCancellable *cancellable, GError **error)
{
  Target *chosen[SMALL_ROWS];
  CnnSeed seeds[SMALL_ROWS];
  float scores[SMALL_ROWS];
  guint n = choose_targets (self, chosen);

  if (n == 0)
    return TRUE;
  for (guint i = 0; i < self->rows; i++) {
    Target *target = chosen[MIN (i, n - 1)];

    prepare (self, target, self->rolled + i * self->size);
    seeds[i] = (CnnSeed){ self->value, target->found.index, self->sign, NULL };
  }
  if (!cnn_engine_gradient_at (self->engine, self->rolled, seeds, self->rows, self->modifier,
                               self->input_value, self->gradients, scores, cancellable, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    move (self, chosen[i], self->rolled + i * self->size, self->gradients + i * self->size,
          (double)(self->sign * scores[i]));
  self->next = (guint)(chosen[n - 1] - self->targets + 1) % self->n;
  return TRUE;
}

gboolean
cnn_maximizer_is_done (const CnnMaximizer *self)
{
  for (guint i = 0; i < self->n; i++)
    if (self->targets[i].found.done < self->iterations)
      return FALSE;
  return TRUE;
}

void
cnn_maximizer_set_iterations (CnnMaximizer *self, guint iterations)
{
  self->iterations = iterations;
}

guint
cnn_maximizer_get_iterations (const CnnMaximizer *self)
{
  return self->iterations;
}

double
cnn_maximizer_get_progress (const CnnMaximizer *self)
{
  double done = 0;

  for (guint i = 0; i < self->n; i++)
    done += MIN (self->targets[i].found.done, self->iterations);
  return self->iterations > 0 ? done / ((double)self->n * self->iterations) : 1;
}

/* Made anew only where the picture has changed. */
static void
render (CnnMaximizer *self, Target *target)
{
  if (target->found.input != NULL)
    return;
  target->found.input = g_bytes_new (target->best, self->size * sizeof (float));
  target->found.image =
      cnn_preprocess_to_image (&self->preprocess, target->best, self->channels, self->height, self->width);
}

CnnMaximized *
cnn_maximizer_snapshot (CnnMaximizer *self)
{
  CnnMaximized *result = cnn_maximized_new (self->n, cnn_engine_get_model (self->engine), self->layer);

  for (guint i = 0; i < self->n; i++) {
    CnnMaximizedTarget *copy = &result->targets[i];

    render (self, &self->targets[i]);
    *copy = self->targets[i].found;
    copy->label = g_strdup (copy->label);
    g_bytes_ref (copy->input);
    cnn_image_ref (copy->image);
  }
  result->lowered = self->sign < 0;
  result->channels = self->channels;
  result->height = self->height;
  result->width = self->width;
  result->iterations = self->iterations;
  result->progress = cnn_maximizer_get_progress (self);
  cnn_maximized_finish (result, g_variant_ref (self->provenance));
  return result;
}
