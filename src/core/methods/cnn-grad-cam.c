/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grad-CAM (R. Selvaraju et al. 2016): channels weighted by the mean gradient of the score, their positive
 * sum. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const CnnParam params[] = {
  { "signed", N_ ("Signed"), N_ ("Keep evidence against the class, drawn around zero"), CNN_PARAM_BOOL, 0, 1,
    0, 1, NULL, NULL },
  { NULL },
};

/* out = Σ_k mean (g_k) A_k */
static void
weighted_sum (const float *activation, const float *gradient, guint channels, gsize space, float *out)
{
  g_autofree double *sum = g_new0 (double, space);

  for (guint k = 0; k < channels; k++) {
    double weight = 0;

    for (gsize i = 0; i < space; i++)
      weight += gradient[k * space + i];
    weight /= (double)space;
    for (gsize i = 0; i < space; i++)
      sum[i] += weight * activation[k * space + i];
  }
  for (gsize i = 0; i < space; i++)
    out[i] = (float)sum[i];
}

/* Takes the negative part away and says how much it was. */
static void
clip (CnnMap *map, float *cam, gsize n, const char *label)
{
  double negative = 0, total = 0;

  for (gsize i = 0; i < n; i++) {
    total += fabs (cam[i]);
    negative -= MIN (cam[i], 0);
    cam[i] = MAX (cam[i], 0);
  }
  if (total > 0 && negative == total)
    cnn_map_add_note (map, _ ("All of this map was negative: evidence against %s. The signed map shows it."),
                      label);
  else if (negative > 0)
    cnn_map_add_note (map, _ ("%.0f %% of the map was negative and is left out."), 100 * negative / total);
}

static void
divide_by_largest (float *values, gsize n)
{
  float most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, fabsf (values[i]));
  for (gsize i = 0; i < n && most > 0; i++)
    values[i] /= most;
}

static CnnMap *
grad_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                  GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  int layer = cnn_method_target (session, request->layer, error);
  gboolean is_signed = cnn_method_value (&cnn_method_grad_cam, request, "signed") != 0;
  CnnSeed seed = cnn_method_seed (session, request);
  g_autofree float *activation = NULL, *gradient = NULL;
  guint value, channels, height, width;
  CnnGateCount gates;
  CnnMap *map;

  if (layer < 0)
    return NULL;
  value = cnn_model_get_layer (model, (guint)layer)->output;
  cnn_value_extent (model, value, &channels, &height, &width);
  activation = g_new (float, cnn_engine_value_size (session->engine, value));
  gradient = g_new (float, cnn_engine_value_size (session->engine, value));
  if (!cnn_engine_gradient (session->engine, &seed, 1, request->modifier, &value, 1, &gradient, &gates,
                            cancellable, error) ||
      !cnn_engine_read (session->engine, value, activation, cancellable, error))
    return NULL;
  map = cnn_map_new (session->width, session->height, is_signed ? CNN_MAP_SIGNED : CNN_MAP_POSITIVE);
  map->layer = g_strdup (cnn_model_get_layer (model, (guint)layer)->name);
  map->raw = g_new (float, (gsize)width *height);
  map->raw_width = width;
  map->raw_height = height;
  weighted_sum (activation, gradient, channels, (gsize)width * height, map->raw);
  if (!is_signed)
    clip (map, map->raw, (gsize)width * height, cnn_model_get_label (model, (guint)request->class_index));
  cnn_map_enlarge (map->raw, height, width, map->values, session->height, session->width);
  divide_by_largest (map->values, (gsize)session->width * session->height);
  cnn_map_note_gates (map, &gates, request->modifier, map->layer);
  return map;
}

const CnnMethod cnn_method_grad_cam = {
  .name = "grad-cam",
  .title = N_ ("Grad-CAM"),
  .help = N_ ("Where the channels of a layer speak for the class"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .uses_layer = TRUE,
  .params = params,
  .compute = grad_cam_compute,
};
