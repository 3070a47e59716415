/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-array-input.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How an array lies. */
typedef struct {
  gboolean last; /* rows, columns, channels */
  gboolean own;  /* the network's own shape, whatever it means */
  gint64 n, channels, height, width;
} Fit;

static const CnnInputInfo *
input_of (CnnModel *model)
{
  return cnn_model_get_input (model, (guint)MAX (cnn_model_get_image_input (model), 0));
}

static gboolean
fits_side (gint64 size, gint64 wanted)
{
  return wanted > 0 ? size == wanted : size >= 1 && size <= CNN_MAX_IMAGE_SIDE;
}

/* Whether the last axes of the array are channels, rows and columns in that order. */
static gboolean
fits_order (CnnModel *model, const gint64 *dims, guint rank, gboolean last, Fit *fit)
{
  const CnnInputInfo *input = input_of (model);
  guint height, width, channels;
  const gint64 *d = dims + rank - 3;

  cnn_model_get_image_size (model, &channels, &height, &width);
  *fit = (Fit){ .last = last,
                .n = rank == 4 ? dims[0] : 1,
                .channels = last ? d[2] : d[0],
                .height = last ? d[0] : d[1],
                .width = last ? d[1] : d[2] };
  return fit->n >= 1 && fit->n <= G_MAXINT && fit->channels == channels &&
         fits_side (fit->height, input->shape.dims[input->height_axis]) &&
         fits_side (fit->width, input->shape.dims[input->width_axis]);
}

static gboolean
fits_picture (CnnModel *model, const gint64 *dims, guint rank, Fit *fit)
{
  gboolean last = cnn_model_get_value (model, input_of (model)->value)->layout == CNN_LAYOUT_CHANNELS_LAST;

  if (rank == 3 || rank == 4)
    if (fits_order (model, dims, rank, last, fit) || fits_order (model, dims, rank, !last, fit))
      return TRUE;
  if (rank == 2 || rank == 3) { /* of one channel, without its axis */
    gint64 plane[4] = { rank == 3 ? dims[0] : 1, 1, dims[rank - 2], dims[rank - 1] };

    return fits_order (model, plane, 4, FALSE, fit);
  }
  return FALSE;
}

static gboolean
fits_shape (CnnModel *model, const gint64 *dims, guint rank, Fit *fit)
{
  guint skip;
  CnnShape shape;
  gboolean fits;

  cnn_model_get_framework_shape (model, input_of (model)->value, &shape);
  if (rank != shape.rank && rank + 1 != shape.rank)
    return FALSE;
  skip = shape.rank - rank;
  *fit = (Fit){ .own = TRUE, .n = skip == 0 ? dims[0] / MAX (shape.dims[0], 1) : 1 };
  fits = fit->n >= 1 && fit->n <= G_MAXINT;
  for (guint i = 1; i < shape.rank; i++)
    fits = fits && dims[i - skip] == shape.dims[i];
  return fits;
}

static gboolean
match (CnnModel *model, const gint64 *dims, guint rank, Fit *fit, GError **error)
{
  const CnnShape *shape = &cnn_model_get_value (model, input_of (model)->value)->shape;
  CnnShape wanted, found = { .rank = MIN (rank, CNN_MAX_RANK) };
  g_autofree char *a = NULL, *b = NULL;

  if (cnn_model_get_image_input (model) >= 0 && shape->dims[0] == 1) {
    if (fits_picture (model, dims, rank, fit))
      return TRUE;
  } else if (fits_shape (model, dims, rank, fit)) {
    return TRUE;
  }
  cnn_model_get_framework_shape (model, input_of (model)->value, &wanted);
  memcpy (found.dims, dims, found.rank * sizeof dims[0]);
  a = cnn_shape_to_string (&found);
  b = cnn_shape_to_keras (&wanted);
  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("an array of shape %s was found, the network takes %s"),
               a, b);
  return FALSE;
}

gboolean
cnn_array_match (CnnModel *model, const gint64 *dims, guint rank, guint *n, guint *height, guint *width,
                 GError **error)
{
  Fit fit = { 0 };

  if (!match (model, dims, rank, &fit, error))
    return FALSE;
  if (n != NULL)
    *n = (guint)fit.n;
  if (height != NULL)
    *height = (guint)fit.height;
  if (width != NULL)
    *width = (guint)fit.width;
  return TRUE;
}

/* Rows, columns, channels to channels, rows, columns. */
static void
to_channels_first (const Fit *fit, const float *in, float *out)
{
  gsize pixels = (gsize)fit->height * (gsize)fit->width, channels = (gsize)fit->channels;

  for (gsize i = 0; i < (gsize)fit->n; i++, in += pixels * channels, out += pixels * channels)
    for (gsize p = 0; p < pixels; p++)
      for (gsize c = 0; c < channels; c++)
        out[c * pixels + p] = in[p * channels + c];
}

float *
cnn_array_to_input (CnnModel *model, const float *values, const gint64 *dims, guint rank, guint *n,
                    GError **error)
{
  guint value = input_of (model)->value, channels, height, width;
  gsize size = cnn_shape_size (&cnn_model_get_value (model, value)->shape);
  Fit fit = { 0 };
  float *out;

  if (!match (model, dims, rank, &fit, error))
    return NULL;
  cnn_model_get_image_size (model, &channels, &height, &width);
  if (!fit.own && (fit.height != height || fit.width != width)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("an array of %d x %d pixels was found, the network is set up for %u x %u"),
                 (int)fit.width, (int)fit.height, width, height);
    return NULL;
  }
  out = g_new (float, MAX (size * (gsize)fit.n, 1));
  if (fit.own)
    cnn_model_from_framework (model, value, (guint)fit.n, values, out);
  else if (fit.last)
    to_channels_first (&fit, values, out);
  else
    memcpy (out, values, size * (gsize)fit.n * sizeof *out);
  *n = (guint)fit.n;
  return out;
}
