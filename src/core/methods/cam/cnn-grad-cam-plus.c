/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grad-CAM++ (A. Chattopadhay et al. 2017): Grad-CAM whose weights are sums of the positive gradients, each
 * weighted by α = g² / (2g² + g³ ΣA) = 1 / (2 + g ΣA). The sum over space is meant of a rectified layer;
 * where it is negative, α may be anything, which the map says. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_CAM_PARAM_SIGNED, CNN_PARAM_AGAINST, { NULL } };

static double
channel_weight (const CnnCam *cam, guint k)
{
  const float *activation = cam->activation + k * cam->space, *gradient = cam->gradient + k * cam->space;
  double sum = 0, weight = 0;

  for (gsize i = 0; i < cam->space; i++)
    sum += activation[i];
  for (gsize i = 0; i < cam->space; i++) {
    double divisor = 2 + gradient[i] * sum;

    if (gradient[i] > 0 && divisor != 0)
      weight += gradient[i] / divisor;
  }
  return weight;
}

static gboolean
has_negative (const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (values[i] < 0)
      return TRUE;
  return FALSE;
}

static CnnMap *
grad_cam_plus_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                       GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  g_autofree double *weights = NULL;
  CnnMap *map;
  float *raw;

  if (!cnn_cam_read (&cam, session, request, request->modifier, TRUE, cancellable, error))
    return NULL;
  weights = g_new (double, cam.channels);
  raw = g_new (float, cam.space);
  for (guint k = 0; k < cam.channels; k++)
    weights[k] = channel_weight (&cam, k);
  cnn_cam_weigh (&cam, weights, raw);
  map = cnn_cam_make_map (&cam, session, request, request->modifier, raw,
                          cnn_method_value (&cnn_method_grad_cam_plus, request, "signed") != 0);
  if (has_negative (cam.activation, cam.channels * cam.space))
    cnn_map_add_note (map,
                      _ ("Grad-CAM++ is made for layers after their rectifier; %s has negative activations."),
                      map->layer);
  return map;
}

const CnnMethod cnn_method_grad_cam_plus = {
  .name = "grad-cam-plus-plus",
  .title = N_ ("Grad-CAM++"),
  .help = N_ ("Grad-CAM that follows positive gradients, place by place"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .uses_layer = TRUE,
  .params = params,
  .compute = grad_cam_plus_compute,
};
