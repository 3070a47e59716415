/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saliency: the gradient of the score with respect to the input (K. Simonyan, A. Vedaldi, A. Zisserman 2013),
 * as keras-vis shows it: |g|, the largest over the channels, scaled to 0..1. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gradients.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Keras' epsilon. */
#define EPSILON 1e-7f

static const char *const grad_modifiers[] = { "absolute", "none",         "negate", "relu",
                                              "invert",   "small-values", NULL };
static const char *const grad_modifier_titles[] = { N_ ("Magnitude"),
                                                    N_ ("As it is"),
                                                    N_ ("Negative"),
                                                    N_ ("Positive part"),
                                                    N_ ("Inverse"),
                                                    N_ ("Inverse magnitude"),
                                                    NULL };
enum { ABSOLUTE, NONE, NEGATE, RELU, INVERT, SMALL_VALUES };

static const CnnParam params[] = {
  { "gradient-modifier", N_ ("Gradient"), N_ ("What is done to the gradient before it is shown"),
    CNN_PARAM_CHOICE, 0, 5, 0, 1, NULL, grad_modifiers, grad_modifier_titles },
  { "signed", N_ ("Signed"),
    N_ ("Show the gradient of the channel with the largest magnitude, with its sign"), CNN_PARAM_BOOL, 0, 1,
    0, 1, NULL, NULL },
  CNN_PARAM_AGAINST,
  { NULL },
};

static float
modify (float g, int modifier)
{
  switch (modifier) {
  case ABSOLUTE:
    return fabsf (g);
  case NEGATE:
    return -g;
  case RELU:
    return MAX (g, 0);
  case INVERT:
    return 1 / (g + EPSILON);
  case SMALL_VALUES:
    return fabsf (1 / (g + EPSILON));
  case NONE:
  default:
    return g;
  }
}

/* The largest over the channels of the modified gradient. */
static void
reduce_channels (const float *gradient, guint channels, gsize plane, int modifier, float *out)
{
  for (gsize i = 0; i < plane; i++) {
    float most = modify (gradient[i], modifier);

    for (guint c = 1; c < channels; c++)
      most = MAX (most, modify (gradient[c * plane + i], modifier));
    out[i] = most;
  }
}

static void
normalize (float *values, gsize n, float *low, float *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (gsize i = 0; i < n; i++) {
    *low = MIN (*low, values[i]);
    *high = MAX (*high, values[i]);
  }
  for (gsize i = 0; i < n; i++)
    values[i] = (values[i] - *low) / (*high - *low + EPSILON);
}

static void
note_range (CnnMap *map, float low, float high)
{
  char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];

  /* the scaling adds EPSILON to the range: what is not far above it comes out dark */
  if (high > low && high - low < 100 * EPSILON)
    cnn_map_add_note (
        map, _ ("The gradient is numerically zero, %s to %s: the score hardly reacts to this input."),
        g_ascii_formatd (a, sizeof a, "%.3g", low), g_ascii_formatd (b, sizeof b, "%.3g", high));
  else if (high == low && high != 0)
    cnn_map_explain_zero (map, _ ("The gradient is %s everywhere; it does not tell places apart."),
                          g_ascii_formatd (a, sizeof a, "%.3g", low));
  else if (high > low)
    cnn_map_add_note (map, _ ("Gradient before scaling: %s to %s."),
                      g_ascii_formatd (a, sizeof a, "%.3g", low),
                      g_ascii_formatd (b, sizeof b, "%.3g", high));
}

static CnnMap *
saliency_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                  GError **error)
{
  gsize plane = (gsize)session->width * session->height, size = plane * session->channels;
  g_autofree float *gradient = g_new (float, size);
  guint wrt = cnn_session_input_value (session);
  gboolean is_signed = cnn_method_value (&cnn_method_saliency, request, "signed") != 0;
  CnnGateCount gates;
  CnnMap *map;

  if (!cnn_session_gradient (session, request, request->modifier, wrt, gradient, &gates, cancellable, error))
    return NULL;
  map = cnn_map_new (session->width, session->height, is_signed ? CNN_MAP_SIGNED : CNN_MAP_POSITIVE);
  cnn_map_note_silence (map, session, wrt, NULL, gradient, size);
  if (is_signed) {
    cnn_strongest_channel (gradient, session->channels, plane, map->values);
  } else {
    float low, high;

    reduce_channels (gradient, session->channels, plane,
                     (int)cnn_method_value (&cnn_method_saliency, request, "gradient-modifier"), map->values);
    normalize (map->values, plane, &low, &high);
    map->scaled_low = low;
    map->scaled_high = high;
    note_range (map, low, high);
  }
  map->gradient = g_steal_pointer (&gradient);
  map->gradient_size = size;
  cnn_map_note_gates (map, &gates, request->modifier, NULL);
  return map;
}

const CnnMethod cnn_method_saliency = {
  .name = "saliency",
  .title = N_ ("Saliency"),
  .help = N_ ("How strongly each pixel moves the score"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .params = params,
  .compute = saliency_compute,
};
