/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HiResCAM (R. Draelos, L. Carin 2020): activation times gradient at each place, with no averaging over
 * space. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_CAM_PARAM_SIGNED, CNN_PARAM_AGAINST, { NULL } };

static CnnMap *
hires_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                   GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  float *raw;

  if (!cnn_cam_read (&cam, session, request, request->modifier, TRUE, cancellable, error))
    return NULL;
  raw = g_new0 (float, cam.space);
  for (guint k = 0; k < cam.channels; k++)
    for (gsize i = 0; i < cam.space; i++)
      raw[i] += cam.gradient[k * cam.space + i] * cam.activation[k * cam.space + i];
  return cnn_cam_make_map (&cam, session, request, request->modifier, raw,
                           cnn_method_value (&cnn_method_hires_cam, request, "signed") != 0);
}

const CnnMethod cnn_method_hires_cam = {
  .name = "hires-cam",
  .title = N_ ("HiResCAM"),
  .help = N_ ("Activation times gradient at each place of a layer"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .uses_layer = TRUE,
  .params = params,
  .compute = hires_cam_compute,
};
