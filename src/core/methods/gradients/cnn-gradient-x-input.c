/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient times input (A. Shrikumar et al. 2016): what each pixel adds to the score, to first order. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gradients.h"
#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>

static const CnnParam params[] = { CNN_PARAM_AGAINST, { NULL } };

static CnnMap *
gradient_x_input_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                          GError **error)
{
  gsize plane = (gsize)session->width * session->height, size = plane * session->channels;
  g_autofree float *product = g_new (float, size);
  guint wrt = cnn_session_input_value (session);
  CnnGateCount gates;
  CnnMap *map;

  if (!cnn_session_gradient (session, request, request->modifier, wrt, product, &gates, cancellable, error))
    return NULL;
  map = cnn_map_new (session->width, session->height, CNN_MAP_SIGNED);
  cnn_map_explain_zero (map,
                        _ ("This map is zero everywhere: the input is zero wherever a gradient arrives."));
  cnn_map_note_silence (map, session, wrt, NULL, product, size);
  for (gsize i = 0; i < size; i++) {
    product[i] *= session->input[i];
    map->values[i % plane] += product[i];
  }
  map->gradient = g_steal_pointer (&product);
  map->gradient_size = size;
  cnn_map_note_gates (map, &gates, request->modifier, NULL);
  return map;
}

const CnnMethod cnn_method_gradient_x_input = {
  .name = "gradient-x-input",
  .title = N_ ("Gradient × input"),
  .help = N_ ("What each pixel adds to the score, to first order; summed over the channels"),
  .uses_class = TRUE,
  .uses_modifier = TRUE,
  .params = params,
  .compute = gradient_x_input_compute,
};
