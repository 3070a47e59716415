/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One filter's activation over the image. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "methods/cnn-methods-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static CnnMap *
activation_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                    GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  int layer = request->layer >= 0 ? request->layer : cnn_model_get_default_cam_layer (model);
  g_autofree float *activation = NULL;
  guint value, channels, height, width;
  const CnnLayer *l;
  gsize space;
  CnnMap *map;

  l = layer >= 0 ? cnn_model_get_layer (model, (guint)layer) : NULL;
  value = l != NULL ? l->output : CNN_NO_VALUE;
  if (value == CNN_NO_VALUE || !cnn_model_get_value (model, value)->known ||
      cnn_model_get_value (model, value)->shape.rank < 3) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” has no spatial extent to lay over the image."), l != NULL ? l->name : "");
    return NULL;
  }
  cnn_value_extent (model, value, &channels, &height, &width);
  if (request->filter < 0 || request->filter >= (int)channels) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” has no filter %d: it has %u, numbered from 0."), l->name, request->filter,
                 channels);
    return NULL;
  }
  space = (gsize)width * height;
  activation = g_new (float, cnn_engine_value_size (session->engine, value));
  if (!cnn_engine_read (session->engine, value, activation, cancellable, error))
    return NULL;
  map = cnn_map_new (session->width, session->height, CNN_MAP_ACTIVATION);
  map->layer = g_strdup (l->name);
  cnn_map_explain_zero (map, _ ("This filter is silent: it is zero everywhere for this input."));
  map->title = g_strdup_printf (_ ("Filter %d of %s"), request->filter, l->name);
  map->raw = g_memdup2 (activation + (gsize)request->filter * space, space * sizeof (float));
  map->raw_width = width;
  map->raw_height = height;
  cnn_map_enlarge (map->raw, height, width, map->values, session->height, session->width);
  return map;
}

const CnnMethod cnn_method_activation = {
  .name = "activation",
  .title = N_ ("Activation"),
  .help = N_ ("What one filter of a layer answers to"),
  .uses_layer = TRUE,
  .uses_filter = TRUE,
  .compute = activation_compute,
};
