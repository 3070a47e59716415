/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of a layer's filters. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gallery.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
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
  self->n_inputs = 1;
  self->inputs = CNN_GALLERY_SUITED;
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

/* The most weights that a gallery is made of. */
#define MOST_WEIGHTS ((guint64)1 << 26)

/* A layer's kernel, in the order that the operators take it. */
typedef struct {
  CnnTensor *tensor;
  gboolean inputs_first; /* (in, out, …) instead of (out, in, …) */
} Kernel;

static gint64
extent_of (const CnnTensor *kernel)
{
  return kernel->shape.rank > 2 ? (gint64)cnn_shape_size_from (&kernel->shape, 2) : 0;
}

/* Of several the one with the largest extent: a separable convolution's depthwise part. */
static gboolean
find_kernel (CnnModel *model, guint layer, Kernel *found)
{
  *found = (Kernel){ NULL, FALSE };
  for (guint i = 0; i < cnn_model_get_n_ops (model); i++) {
    const CnnOp *op = cnn_model_get_op (model, i);
    CnnTensor *tensor;

    if (op->layer != layer || op->n_inputs < 2 || op->inputs[1] == CNN_NO_VALUE ||
        (op->kind != CNN_OP_CONV && op->kind != CNN_OP_CONV_TRANSPOSE && op->kind != CNN_OP_DENSE))
      continue;
    tensor = cnn_model_get_value (model, op->inputs[1])->constant;
    if (tensor != NULL && tensor->shape.rank >= 2 && tensor->shape.rank <= 4 &&
        (found->tensor == NULL || extent_of (tensor) > extent_of (found->tensor)))
      *found = (Kernel){ tensor, op->kind == CNN_OP_CONV_TRANSPOSE };
  }
  return found->tensor != NULL;
}

gboolean
cnn_layer_has_kernels (CnnModel *model, guint layer)
{
  Kernel kernel;

  return find_kernel (model, layer, &kernel);
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

/* One number of the picture of a filter that shows no single input channel. */
static float
reduce_inputs (const float *from, gsize step, guint n, int inputs)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += inputs == CNN_GALLERY_NORM ? (double)from[i * step] * from[i * step] : (double)from[i * step];
  return (float)(inputs == CNN_GALLERY_NORM ? sqrt (sum) : sum / n);
}

static void
fill_kernels (CnnGallery *self, const Kernel *kernel, const float *data)
{
  gsize plane = (gsize)self->width * self->height;
  gsize out_step = kernel->inputs_first ? plane : plane * self->n_inputs;
  gsize in_step = kernel->inputs_first ? plane * self->n : plane;
  float *to = self->values;

  for (guint o = 0; o < self->n; o++)
    for (guint c = 0; c < self->channels; c++)
      for (gsize k = 0; k < plane; k++) {
        const float *from = data + o * out_step + k;

        if (self->inputs == CNN_GALLERY_MEAN || self->inputs == CNN_GALLERY_NORM)
          *to++ = reduce_inputs (from, in_step, self->n_inputs, self->inputs);
        else
          *to++ = from[(self->inputs >= 0 ? (guint)self->inputs : c) * in_step];
      }
}

static gboolean
check_kernel (CnnModel *model, guint layer, Kernel *kernel, GError **error)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);

  if (!find_kernel (model, layer, kernel)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("Layer “%s” (%s) has no kernels to show."), l->name,
                 l->type);
    return FALSE;
  }
  if (cnn_shape_size (&kernel->tensor->shape) > MOST_WEIGHTS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” has %" PRIu64 " weights, more than a gallery shows."), l->name,
                 (guint64)cnn_shape_size (&kernel->tensor->shape));
    return FALSE;
  }
  return TRUE;
}

CnnGallery *
cnn_gallery_new_kernels (CnnModel *model, guint layer, int inputs, GError **error)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);
  guint n, n_inputs, width, height = 1;
  g_autofree float *data = NULL;
  const CnnShape *shape;
  CnnGallery *self;
  Kernel kernel;

  if (!check_kernel (model, layer, &kernel, error))
    return NULL;
  shape = &kernel.tensor->shape;
  n = (guint)shape->dims[kernel.inputs_first ? 1 : 0];
  n_inputs = (guint)shape->dims[kernel.inputs_first ? 0 : 1];
  width = (guint)shape->dims[shape->rank - 1];
  if (shape->rank == 4)
    height = (guint)shape->dims[2];
  if (shape->rank == 2) {
    lay_out_vector (n_inputs, &width, &height);
    n_inputs = 1;
  }
  if (inputs >= (int)n_inputs) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("The kernels of “%s” have no input channel %d: they have %u, numbered from 0."), l->name,
                 inputs, n_inputs);
    return NULL;
  }
  if (inputs == CNN_GALLERY_SUITED && n_inputs != 1 && n_inputs != 3)
    inputs = CNN_GALLERY_MEAN;
  self = gallery_new (n, inputs == CNN_GALLERY_SUITED && n_inputs == 3 ? 3 : 1, width, height, l->name);
  self->is_kernels = TRUE;
  self->n_inputs = n_inputs;
  self->inputs = inputs;
  data = cnn_tensor_dup_data (kernel.tensor);
  fill_kernels (self, &kernel, data);
  find_statistics (self);
  return self;
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

  if (kernels)
    return cnn_gallery_new_kernels (model, layer, CNN_GALLERY_SUITED, error);
  if (session->input == NULL || l->output == CNN_NO_VALUE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  values = g_new (float, MAX (cnn_engine_value_size (session->engine, l->output), 1));
  if (!cnn_engine_read (session->engine, l->output, values, cancellable, error))
    return NULL;
  return activation_gallery (&cnn_model_get_value (model, l->output)->shape, values, l->name);
}
