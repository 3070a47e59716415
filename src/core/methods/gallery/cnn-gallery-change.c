/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much an occluder changes the activations of each of a layer's filters. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gallery-change.h"

#include "methods/occlusion/cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* The session's input with @filling inside the rectangle, which may reach over the edges. (transfer full) */
static float *
covered_input (CnnSession *session, const int rect[4], const float *filling)
{
  gsize plane = (gsize)session->width * session->height;
  float *input = g_memdup2 (session->input, plane * session->channels * sizeof (float));
  gint64 left = CLAMP (rect[0], 0, (gint64)session->width), top = CLAMP (rect[1], 0, (gint64)session->height);
  gint64 right = CLAMP ((gint64)rect[0] + rect[2], left, (gint64)session->width);
  gint64 bottom = CLAMP ((gint64)rect[1] + rect[3], top, (gint64)session->height);

  for (guint c = 0; c < session->channels; c++)
    for (gint64 y = top; y < bottom; y++) {
      gsize at = c * plane + (gsize)y * session->width + (gsize)left;

      memcpy (input + at, filling + at, (gsize)(right - left) * sizeof (float));
    }
  return input;
}

GBytes *
cnn_gallery_changes (CnnSession *session, guint layer, const int rect[4], CnnFill fill, float value,
                     GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint output = cnn_model_get_layer (model, layer)->output;
  g_autofree float *filling = NULL, *input = NULL, *clean = NULL, *covered = NULL, *changes = NULL;
  const CnnShape *shape;
  gsize size, each;
  guint n;

  if (session->input == NULL || output == CNN_NO_VALUE || !cnn_model_get_value (model, output)->known) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  shape = &cnn_model_get_value (model, output)->shape;
  size = cnn_engine_value_size (session->engine, output);
  n = shape->rank >= 3 ? (guint)shape->dims[1] : 1;
  each = MAX (size / MAX (n, 1), 1);
  filling = cnn_occluder_filling (session, fill, value);
  input = covered_input (session, rect, filling);
  clean = g_new (float, MAX (size, 1));
  covered = g_new (float, MAX (size, 1));
  if (!cnn_engine_read (session->engine, output, clean, cancellable, error) ||
      !cnn_engine_forward (session->engine, input, 1, &output, 1, &covered, cancellable, error))
    return NULL;
  changes = g_new0 (float, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    double sum = 0;

    for (gsize k = i * each; k < (i + 1) * each && k < size; k++)
      sum += fabs ((double)covered[k] - clean[k]);
    changes[i] = (float)(sum / (double)each);
  }
  return g_bytes_new_take (g_steal_pointer (&changes), n * sizeof (float));
}
