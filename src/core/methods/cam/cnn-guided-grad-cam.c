/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guided Grad-CAM (R. Selvaraju et al. 2016): the gradient of guided backpropagation, times the enlarged
 * Grad-CAM map of plain gradients. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-cam.h"
#include "methods/gradients/cnn-gradients.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_PARAM_AGAINST, { NULL } };

static CnnMap *
guided_grad_cam_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                         GError **error)
{
  g_auto (CnnCam) cam = { 0 };
  gsize plane = (gsize)session->width * session->height, size = plane * session->channels;
  guint wrt = cnn_session_input_value (session);
  g_autofree double *weights = NULL;
  g_autofree float *product = g_new (float, size);
  CnnGateCount gates;
  CnnMap *map;
  float *raw;

  if (!cnn_cam_read (&cam, session, request, CNN_MODIFIER_VANILLA, TRUE, cancellable, error) ||
      !cnn_session_gradient (session, request, CNN_MODIFIER_GUIDED, wrt, product, &gates, cancellable, error))
    return NULL;
  weights = g_new (double, cam.channels);
  raw = g_new (float, cam.space);
  cnn_cam_mean_gradient (&cam, weights);
  cnn_cam_weigh (&cam, weights, raw);
  /* the plain gradient was used up to the layer: its gates are not those of the picture */
  g_clear_pointer (&cam.gradient, g_free);
  map = cnn_cam_make_map (&cam, session, request, CNN_MODIFIER_VANILLA, raw, FALSE);
  cnn_map_note_silence (map, session, wrt, NULL, product, size);
  for (gsize i = 0; i < size; i++)
    product[i] *= map->values[i % plane];
  cnn_strongest_channel (product, session->channels, plane, map->values);
  map->kind = CNN_MAP_SIGNED;
  map->scaled_low = map->scaled_high = 0;
  map->gradient = g_steal_pointer (&product);
  map->gradient_size = size;
  cnn_map_note_gates (map, &gates, CNN_MODIFIER_GUIDED, NULL);
  return map;
}

const CnnMethod cnn_method_guided_grad_cam = {
  .name = "guided-grad-cam",
  .title = N_ ("Guided Grad-CAM"),
  .help = N_ ("Guided backpropagation, kept where Grad-CAM sees the class"),
  .uses_class = TRUE,
  .uses_layer = TRUE,
  .params = params,
  .compute = guided_grad_cam_compute,
};
