/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/gradients/cnn-gradients.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

gboolean
cnn_cam_read (CnnCam *self, CnnSession *session, const CnnMethodRequest *request, CnnModifier modifier,
              gboolean with_gradient, GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  int layer = cnn_method_target (session, request->layer, error);
  gsize size;
  guint value;

  if (layer < 0)
    return FALSE;
  self->layer = (guint)layer;
  value = cnn_model_get_layer (model, self->layer)->output;
  cnn_value_extent (model, value, &self->channels, &self->height, &self->width);
  self->space = (gsize)self->height * self->width;
  size = cnn_engine_value_size (session->engine, value);
  self->activation = g_new (float, size);
  if (with_gradient) {
    self->gradient = g_new (float, size);
    if (!cnn_session_gradient (session, request, modifier, value, self->gradient, &self->gates, cancellable,
                               error))
      return FALSE;
  }
  return cnn_engine_read (session->engine, value, self->activation, cancellable, error);
}

void
cnn_cam_clear (CnnCam *self)
{
  g_clear_pointer (&self->activation, g_free);
  g_clear_pointer (&self->gradient, g_free);
}

void
cnn_cam_mean_gradient (const CnnCam *self, double *weights)
{
  for (guint k = 0; k < self->channels; k++) {
    weights[k] = 0;
    for (gsize i = 0; i < self->space; i++)
      weights[k] += self->gradient[k * self->space + i];
    weights[k] /= (double)self->space;
  }
}

void
cnn_cam_weigh (const CnnCam *self, const double *weights, float *out)
{
  g_autofree double *sum = g_new0 (double, self->space);

  for (guint k = 0; k < self->channels; k++)
    for (gsize i = 0; i < self->space; i++)
      sum[i] += weights[k] * self->activation[k * self->space + i];
  for (gsize i = 0; i < self->space; i++)
    out[i] = (float)sum[i];
}

/* Takes the negative part away and says how much it was. */
static void
clip (CnnMap *map, float *cam, gsize n, const char *label, gboolean against)
{
  double negative = 0, total = 0;

  for (gsize i = 0; i < n; i++) {
    total += fabs (cam[i]);
    negative -= MIN (cam[i], 0);
    cam[i] = MAX (cam[i], 0);
  }
  map->hides_negative = negative >= 0.005 * total && negative > 0;
  if (total > 0 && negative == total && against)
    cnn_map_explain_zero (map, _ ("All of this map was negative: evidence for %s. The signed map shows it."),
                          label);
  else if (total > 0 && negative == total)
    cnn_map_explain_zero (
        map, _ ("All of this map was negative: evidence against %s. The signed map shows it."), label);
  else if (map->hides_negative)
    cnn_map_add_note (map, _ ("%.0f %% of the map was negative and is left out."), 100 * negative / total);
}

/* Why a map of this layer may be empty. */
static void
explain_silence (const CnnCam *self, CnnMap *map, CnnSession *session)
{
  gsize n = (gsize)self->channels * self->space, zeros = 0;
  guint value = cnn_model_get_layer (cnn_engine_get_model (session->engine), self->layer)->output;

  for (gsize i = 0; i < n; i++)
    zeros += self->activation[i] == 0;
  if (zeros == n)
    cnn_map_explain_zero (map, _ ("This map is zero everywhere: all of %s is zero for this input."),
                          map->layer);
  else if (self->gradient != NULL)
    cnn_map_note_silence (map, session, value, map->layer, self->gradient, n);
}

static float
divide_by_largest (float *values, gsize n)
{
  float most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, fabsf (values[i]));
  for (gsize i = 0; i < n && most > 0; i++)
    values[i] /= most;
  return most;
}

CnnMap *
cnn_cam_make_map (const CnnCam *self, CnnSession *session, const CnnMethodRequest *request,
                  CnnModifier modifier, float *raw, gboolean is_signed)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  CnnMap *map = cnn_map_new (session->width, session->height, is_signed ? CNN_MAP_SIGNED : CNN_MAP_POSITIVE);

  map->layer = g_strdup (cnn_model_get_layer (model, self->layer)->name);
  map->raw = raw;
  map->raw_width = self->width;
  map->raw_height = self->height;
  explain_silence (self, map, session);
  if (!is_signed)
    clip (map, raw, self->space, cnn_model_get_label (model, (guint)MAX (request->class_index, 0)),
          request->against);
  cnn_map_enlarge (raw, self->height, self->width, map->values, session->height, session->width);
  map->scaled_high = divide_by_largest (map->values, (gsize)session->width * session->height);
  if (self->gradient != NULL)
    cnn_map_note_gates (map, &self->gates, modifier, map->layer);
  return map;
}
