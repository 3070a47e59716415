/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

CnnSession *
cnn_session_new (CnnModel *model)
{
  CnnSession *self = g_new0 (CnnSession, 1);

  self->engine = cnn_engine_new (model);
  self->has_range = TRUE;
  cnn_model_get_image_size (model, &self->channels, &self->height, &self->width);
  cnn_preprocess_guess (&self->preprocess, model, NULL);
  return self;
}

static void
forget_input (CnnSession *self)
{
  g_clear_pointer (&self->image, cnn_image_unref);
  g_clear_pointer (&self->fitted, cnn_image_unref);
  g_clear_pointer (&self->input, g_free);
  g_clear_pointer (&self->blurred, g_free);
  g_clear_pointer (&self->input_name, g_free);
  g_clear_pointer (&self->input_hash, g_free);
}

void
cnn_session_free (CnnSession *self)
{
  forget_input (self);
  g_clear_pointer (&self->sweep, cnn_incremental_sweep_free);
  g_clear_pointer (&self->dragged, cnn_incremental_free);
  cnn_engine_free (self->engine);
  g_free (self);
}

static gboolean
takes_images (CnnSession *self, GError **error)
{
  if (self->channels > 0)
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The network “%s” takes no image."),
               cnn_model_get_name (cnn_engine_get_model (self->engine)));
  return FALSE;
}

/* Runs the open picture through the preprocessing and hands it to the engine. */
static void
prepare (CnnSession *self)
{
  g_clear_pointer (&self->fitted, cnn_image_unref);
  g_clear_pointer (&self->blurred, g_free);
  g_free (self->input);
  self->input = g_new (float, (gsize)self->channels * self->height * self->width);
  cnn_preprocess_apply (&self->preprocess, self->image, self->channels, self->height, self->width,
                        &self->fitted, self->input);
  cnn_engine_set_input (self->engine, self->input);
}

gboolean
cnn_session_set_image (CnnSession *self, CnnImage *image, const char *name, GError **error)
{
  CnnImage *kept;

  if (!takes_images (self, error))
    return FALSE;
  kept = cnn_image_ref (image);
  forget_input (self);
  self->image = kept;
  self->input_name = g_path_get_basename (name);
  self->input_hash = g_strdup (cnn_image_get_hash (image));
  self->has_range = TRUE;
  prepare (self);
  return TRUE;
}

/* The numbers of an array as a picture: their own range from black to white. */
static CnnImage *
picture_of_array (const float *values, guint channels, guint height, guint width)
{
  gsize n = (gsize)width * height;
  g_autofree guint8 *data = g_malloc (n * 4);
  float low = values[0], high = values[0];

  for (gsize i = 0; i < n * channels; i++) {
    low = MIN (low, values[i]);
    high = MAX (high, values[i]);
  }
  if (low >= 0 && high <= 1) { /* an image of 0 to 1 keeps its brightness */
    low = 0;
    high = 1;
  }
  for (gsize i = 0; i < n; i++) {
    data[4 * i + 3] = 255;
    for (guint k = 0; k < 3; k++) {
      float v = values[(channels >= 3 ? k : 0) * n + i];

      data[4 * i + k] = high > low ? (guint8)(CLAMP ((v - low) / (high - low), 0, 1) * 255 + 0.5f) : 0;
    }
  }
  return cnn_image_new (width, height, data);
}

gboolean
cnn_session_set_array (CnnSession *self, const float *values, const char *name, GError **error)
{
  gsize size = (gsize)self->channels * self->height * self->width;

  if (!takes_images (self, error))
    return FALSE;
  forget_input (self);
  self->input = g_memdup2 (values, size * sizeof (float));
  self->input_name = g_path_get_basename (name);
  self->input_hash =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)values, size * sizeof (float));
  self->has_range = FALSE;
  self->fitted = picture_of_array (values, self->channels, self->height, self->width);
  cnn_engine_set_input (self->engine, self->input);
  return TRUE;
}

gboolean
cnn_session_set_preprocess (CnnSession *self, const CnnPreprocess *preprocess, GError **error)
{
  self->preprocess = *preprocess;
  if (self->image != NULL)
    prepare (self);
  return TRUE;
}
