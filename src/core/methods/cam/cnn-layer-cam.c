/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LayerCAM (P.-T. Jiang et al. 2021): the activations, each weighted by its own positive gradient. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_CAM_PARAM_SIGNED, CNN_PARAM_AGAINST, { NULL } };

static CnnMap *
layer_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                   GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  float *raw;

  if (!cnn_cam_read (&cam, session, request, request->modifier, TRUE, cancellable, error))
    return NULL;
  raw = g_new0 (float, cam.space);
  for (guint k = 0; k < cam.channels; k++)
    for (gsize i = 0; i < cam.space; i++)
      raw[i] += MAX (cam.gradient[k * cam.space + i], 0) * cam.activation[k * cam.space + i];
  return cnn_cam_make_map (&cam, session, request, request->modifier, raw,
                           cnn_method_value (&cnn_method_layer_cam, request, "signed") != 0);
}

const CnnMethod cnn_method_layer_cam = {
  .name = "layer-cam",
  .title = N_ ("LayerCAM"),
  .help = N_ ("Activations weighted by their own positive gradients; sharp also in early layers"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .uses_layer = TRUE,
  .params = params,
  .compute = layer_cam_compute,
};
