/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of a layer's filters. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-method.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

CnnGallery *
cnn_gallery_ref (CnnGallery *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_gallery_unref (CnnGallery *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->values);
  g_free (self->min);
  g_free (self->max);
  g_free (self->mean);
  g_free (self->zero_share);
  g_free (self->layer);
  g_free (self);
}

static CnnGallery *
gallery_new (guint n, guint channels, guint width, guint height, const char *layer)
{
  CnnGallery *self = g_new0 (CnnGallery, 1);

  self->n = n;
  self->channels = channels;
  self->width = width;
  self->height = height;
  self->layer = g_strdup (layer);
  self->values = g_new0 (float, MAX ((gsize)n * channels * width * height, 1));
  self->min = g_new0 (float, MAX (n, 1));
  self->max = g_new0 (float, MAX (n, 1));
  self->mean = g_new0 (float, MAX (n, 1));
  self->zero_share = g_new0 (float, MAX (n, 1));
  g_atomic_ref_count_init (&self->refs);
  return self;
}

static void
find_statistics (CnnGallery *self)
{
  gsize size = (gsize)self->channels * self->width * self->height;

  for (guint i = 0; i < self->n; i++) {
    const float *values = self->values + i * size;
    double sum = 0;
    gsize zeros = 0;

    self->min[i] = INFINITY;
    self->max[i] = -INFINITY;
    for (gsize k = 0; k < size; k++) {
      self->min[i] = MIN (self->min[i], values[k]);
      self->max[i] = MAX (self->max[i], values[k]);
      sum += values[k];
      zeros += values[k] == 0;
    }
    self->mean[i] = (float)(sum / (double)MAX (size, 1));
    self->zero_share[i] = (float)zeros / (float)MAX (size, 1);
  }
}

/* Kernels have space: (out, in, …). */
static CnnTensor *
find_kernel (CnnModel *model, guint layer)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);

  for (guint i = 0; i < l->weights->len; i++) {
    CnnWeight *weight = g_ptr_array_index (l->weights, i);

    if (weight->tensor->shape.rank == 3 || weight->tensor->shape.rank == 4)
      return weight->tensor;
  }
  return NULL;
}

gboolean
cnn_layer_has_kernels (CnnModel *model, guint layer)
{
  return find_kernel (model, layer) != NULL;
}

/* One and three input channels are shown as they are, more are averaged. */
static CnnGallery *
kernel_gallery (CnnTensor *kernel, const char *layer)
{
  const CnnShape *shape = &kernel->shape;
  guint n = (guint)shape->dims[0], inputs = (guint)shape->dims[1];
  guint height = shape->rank == 4 ? (guint)shape->dims[2] : 1, width = (guint)shape->dims[shape->rank - 1];
  guint channels = inputs == 3 ? 3 : 1;
  CnnGallery *self = gallery_new (n, channels, width, height, layer);
  g_autofree float *data = cnn_tensor_dup_data (kernel);
  gsize plane = (gsize)width * height;

  self->is_kernels = TRUE;
  self->reduced = inputs != 1 && inputs != 3;
  for (guint o = 0; o < n; o++)
    for (guint i = 0; i < inputs; i++)
      for (gsize k = 0; k < plane; k++) {
        float v = data[((gsize)o * inputs + i) * plane + k];

        if (self->reduced)
          self->values[o * plane + k] += v / (float)inputs;
        else
          self->values[((gsize)o * channels + i) * plane + k] = v;
      }
  find_statistics (self);
  return self;
}

/* A vector becomes a rectangle as square as it divides; below 32 numbers a strip. */
static void
lay_out_vector (guint n, guint *width, guint *height)
{
  *height = 1;
  for (guint h = 2; n >= 32 && h * h <= n; h++)
    if (n % h == 0)
      *height = h;
  *width = n / *height;
}

static CnnGallery *
activation_gallery (const CnnShape *shape, const float *values, const char *layer)
{
  guint n = 1, height = 1, width = 1;
  CnnGallery *self;

  if (shape->rank >= 3) {
    n = (guint)shape->dims[1];
    width = (guint)shape->dims[shape->rank - 1];
    height = (guint)(cnn_shape_size_from (shape, 2) / MAX (width, 1));
  } else {
    lay_out_vector ((guint)cnn_shape_size (shape), &width, &height);
  }
  self = gallery_new (n, 1, width, height, layer);
  memcpy (self->values, values, cnn_shape_size (shape) * sizeof (float));
  find_statistics (self);
  return self;
}

CnnGallery *
cnn_gallery_compute (CnnSession *session, guint layer, gboolean kernels, GCancellable *cancellable,
                     GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  const CnnLayer *l = cnn_model_get_layer (model, layer);
  g_autofree float *values = NULL;
  CnnTensor *kernel = find_kernel (model, layer);

  if (kernels && kernel == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("Layer “%s” (%s) has no kernels to show."), l->name,
                 l->type);
    return NULL;
  }
  if (kernels)
    return kernel_gallery (kernel, l->name);
  if (session->input == NULL || l->output == CNN_NO_VALUE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  values = g_new (float, MAX (cnn_engine_value_size (session->engine, l->output), 1));
  if (!cnn_engine_read (session->engine, l->output, values, cancellable, error))
    return NULL;
  return activation_gallery (&cnn_model_get_value (model, l->output)->shape, values, l->name);
}
