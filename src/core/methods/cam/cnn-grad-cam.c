/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grad-CAM (R. Selvaraju et al. 2016): channels weighted by the mean gradient of the score, their positive
 * sum. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_CAM_PARAM_SIGNED, CNN_PARAM_AGAINST, { NULL } };

static CnnMap *
grad_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                  GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  g_autofree double *weights = NULL;
  float *raw;

  if (!cnn_cam_read (&cam, session, request, request->modifier, TRUE, cancellable, error))
    return NULL;
  weights = g_new (double, cam.channels);
  raw = g_new (float, cam.space);
  cnn_cam_mean_gradient (&cam, weights);
  cnn_cam_weigh (&cam, weights, raw);
  return cnn_cam_make_map (&cam, session, request, request->modifier, raw,
                           cnn_method_value (&cnn_method_grad_cam, request, "signed") != 0);
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
