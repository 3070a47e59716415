/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grad-CAM++ (A. Chattopadhay et al. 2017): Grad-CAM whose weights are sums of the positive gradients, each
 * weighted by α = g² / (2g² + g³ ΣA) = 1 / (2 + g ΣA). */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "cnn-methods-private.h"

#include <glib/gi18n-lib.h>

#define EPSILON 1e-6

static const CnnParam params[] = { CNN_CAM_PARAM_SIGNED, { NULL } };

static double
channel_weight (const CnnCam *cam, guint k)
{
  const float *activation = cam->activation + k * cam->space, *gradient = cam->gradient + k * cam->space;
  double sum = 0, weight = 0;

  for (gsize i = 0; i < cam->space; i++)
    sum += activation[i];
  for (gsize i = 0; i < cam->space; i++) {
    double divisor = 2 + gradient[i] * sum;

    /* below zero only where the layer has negative activations: α then means nothing */
    if (gradient[i] > 0 && divisor > EPSILON)
      weight += gradient[i] / divisor;
  }
  return weight;
}

static CnnMap *
grad_cam_plus_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                       GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  g_autofree double *weights = NULL;
  float *raw;

  if (!cnn_cam_read (&cam, session, request, request->modifier, TRUE, cancellable, error))
    return NULL;
  weights = g_new (double, cam.channels);
  raw = g_new (float, cam.space);
  for (guint k = 0; k < cam.channels; k++)
    weights[k] = channel_weight (&cam, k);
  cnn_cam_weigh (&cam, weights, raw);
  return cnn_cam_make_map (&cam, session, request, request->modifier, raw,
                           cnn_method_value (&cnn_method_grad_cam_plus, request, "signed") != 0);
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
