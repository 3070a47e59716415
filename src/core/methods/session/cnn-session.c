/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-session.h"

#include "cnn-array-input.h"
#include "image/cnn-image-array.h"

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
  self->fitted = cnn_image_new_from_planes (values, self->channels, self->height, self->width);
  cnn_engine_set_input (self->engine, self->input);
  return TRUE;
}

/* An array that stands for a picture goes in as it is. */
static gboolean
set_numbers (CnnSession *self, const CnnImageArray *array, const char *name, GError **error)
{
  guint n;
  g_autofree float *values = cnn_array_to_input (cnn_engine_get_model (self->engine), array->values,
                                                 array->dims, array->rank, &n, error);

  if (values != NULL && n == 1)
    return cnn_session_set_array (self, values, name, error);
  if (values != NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("%s holds %u inputs, one was expected."), name, n);
  else
    g_prefix_error (error, "%s: ", name);
  return FALSE;
}

gboolean
cnn_session_set_image (CnnSession *self, CnnImage *image, const char *name, GError **error)
{
  CnnImage *kept;

  if (!takes_images (self, error))
    return FALSE;
  if (cnn_image_get_array (image) != NULL)
    return set_numbers (self, cnn_image_get_array (image), name, error);
  kept = cnn_image_ref (image);
  forget_input (self);
  self->image = kept;
  self->input_name = g_path_get_basename (name);
  self->input_hash = g_strdup (cnn_image_get_hash (image));
  self->has_range = TRUE;
  prepare (self);
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
