/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image-array.h"
#include "model/cnn-shape.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 3

void
cnn_image_array_free (CnnImageArray *self)
{
  g_free (self->values);
  g_free (self);
}

gboolean
cnn_image_array_is (const char *path)
{
  char start[6] = "";
  FILE *file;
  gsize n;

  if (g_str_has_suffix (path, ".npy"))
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || (file = fopen (path, "rb")) == NULL)
    return FALSE;
  n = fread (start, 1, sizeof start, file);
  fclose (file);
  return n == sizeof start && memcmp (start, "\x93NUMPY", sizeof start) == 0;
}

/* How the axes are taken. */
typedef struct {
  gint64 channels, height, width;
  gboolean last;
} Axes;

static gboolean
find_axes (const CnnImageArray *self, Axes *axes)
{
  const gint64 *d = self->dims;
  guint rank = self->rank;

  if (rank == 4 && d[0] == 1) {
    d++;
    rank--;
  }
  if (rank == 2) {
    *axes = (Axes){ 1, d[0], d[1], FALSE };
  } else if (rank == 3) {
    gboolean last = d[2] < d[0];

    *axes = (Axes){ last ? d[2] : d[0], last ? d[0] : d[1], last ? d[1] : d[2], last };
  } else {
    return FALSE;
  }
  return axes->channels >= 1 && axes->height >= 1 && axes->width >= 1 && axes->height <= CNN_MAX_IMAGE_SIDE &&
         axes->width <= CNN_MAX_IMAGE_SIDE && axes->height * axes->width <= CNN_MAX_IMAGE_PIXELS;
}

static float *
take_planes (const CnnImageArray *self, const Axes *axes, guint shown)
{
  gsize pixels = (gsize)axes->height * (gsize)axes->width;
  float *planes = g_new (float, pixels *shown);

  for (gsize c = 0; c < shown; c++)
    for (gsize p = 0; p < pixels; p++)
      planes[c * pixels + p] = self->values[axes->last ? p * (gsize)axes->channels + c : c * pixels + p];
  return planes;
}

CnnImageArray *
cnn_image_array_read (const char *path, float **planes, guint *channels, guint *height, guint *width,
                      GError **error)
{
  g_autoptr (CnnImageArray) self = g_new0 (CnnImageArray, 1);
  Axes axes;

  self->values = cnn_npy_read (path, self->dims, &self->rank, error);
  if (self->values == NULL)
    return NULL;
  if (!find_axes (self, &axes)) {
    g_autofree char *name = g_filename_display_name (path);
    g_autoptr (GString) shape = g_string_new (NULL);

    for (guint i = 0; i < self->rank; i++)
      g_string_append_printf (shape, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", self->dims[i]);
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_INPUT,
        _ ("The array “%s” of shape %s is no picture: rows and columns were expected, with channels before "
           "or behind them, up to %d on a side."),
        name, shape->len > 0 ? shape->str : "()", CNN_MAX_IMAGE_SIDE);
    return NULL;
  }
  *channels = (guint)MIN (axes.channels, SHOWN);
  *height = (guint)axes.height;
  *width = (guint)axes.width;
  *planes = take_planes (self, &axes, *channels);
  return g_steal_pointer (&self);
}

/* from numbers to a picture */

/* The least and the greatest that is a number; 0 to 1 and 0 to 255 where they look like a picture's. */
static void
find_range (const float *values, gsize n, float *low, float *high)
{
  *low = G_MAXFLOAT;
  *high = -G_MAXFLOAT;
  for (gsize i = 0; i < n; i++)
    if (isfinite (values[i])) {
      *low = MIN (*low, values[i]);
      *high = MAX (*high, values[i]);
    }
  if (*low >= 0 && *high <= 255 && (*high <= 1 || *high > 127)) {
    *low = 0;
    *high = *high <= 1 ? 1 : 255;
  }
}

CnnImage *
cnn_image_new_from_planes (const float *values, guint channels, guint height, guint width)
{
  gsize n = (gsize)width * height;
  g_autofree guint8 *data = g_malloc (n * 4);
  gboolean colour = channels >= SHOWN;
  float low, high;

  find_range (values, n * (colour ? SHOWN : 1), &low, &high);
  for (gsize i = 0; i < n; i++) {
    data[4 * i + 3] = 255;
    for (guint k = 0; k < SHOWN; k++) {
      float v = values[(colour ? k : 0) * n + i];

      data[4 * i + k] =
          high > low && isfinite (v) ? (guint8)(CLAMP ((v - low) / (high - low), 0, 1) * 255 + 0.5f) : 0;
    }
  }
  return cnn_image_new (width, height, data);
}
