/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-array.h"

static CnnOnnxArray *
array_new (const CnnShape *shape, gboolean is_float)
{
  CnnOnnxArray *self = g_new0 (CnnOnnxArray, 1);

  self->shape = *shape;
  self->count = cnn_shape_size (shape);
  self->is_float = is_float;
  g_ref_count_init (&self->refs);
  return self;
}

CnnOnnxArray *
cnn_onnx_array_new_floats (const CnnShape *shape, float *data)
{
  CnnOnnxArray *self = array_new (shape, TRUE);

  self->tensor = cnn_tensor_new_take (shape, data);
  return self;
}

CnnOnnxArray *
cnn_onnx_array_new_ints (const CnnShape *shape, gint64 *data)
{
  CnnOnnxArray *self = array_new (shape, FALSE);

  self->ints = data;
  return self;
}

CnnOnnxArray *
cnn_onnx_array_new_uniform (const CnnShape *shape, gboolean is_float, double value)
{
  CnnOnnxArray *self = array_new (shape, is_float);

  self->uniform = TRUE;
  self->value = value;
  return self;
}

CnnOnnxArray *
cnn_onnx_array_new_tensor (CnnTensor *tensor)
{
  CnnOnnxArray *self = array_new (&tensor->shape, TRUE);

  self->tensor = cnn_tensor_ref (tensor);
  return self;
}

CnnOnnxArray *
cnn_onnx_array_ref (CnnOnnxArray *self)
{
  g_ref_count_inc (&self->refs);
  return self;
}

void
cnn_onnx_array_unref (CnnOnnxArray *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->tensor, cnn_tensor_unref);
  g_free (self->ints);
  g_free (self);
}

double
cnn_onnx_array_get (const CnnOnnxArray *self, gsize i)
{
  if (self->uniform)
    return self->value;
  return self->is_float ? (double)self->tensor->data[i] : (double)self->ints[i];
}

gint64
cnn_onnx_array_get_int (const CnnOnnxArray *self, gsize i)
{
  double value;

  if (!self->uniform && !self->is_float)
    return self->ints[i];
  value = cnn_onnx_array_get (self, i);
  if (!(value > -9.2e18 && value < 9.2e18))
    return value > 0 ? G_MAXINT64 : G_MININT64;
  return (gint64)value;
}

CnnOnnxArray *
cnn_onnx_array_reshape (CnnOnnxArray *self, const CnnShape *shape)
{
  g_return_val_if_fail (cnn_shape_size (shape) == self->count, NULL);
  if (self->uniform)
    return cnn_onnx_array_new_uniform (shape, self->is_float, self->value);
  if (self->is_float) {
    g_autoptr (CnnTensor) tensor = cnn_tensor_reshape (self->tensor, shape);

    return cnn_onnx_array_new_tensor (tensor);
  }
  return cnn_onnx_array_new_ints (shape, g_memdup2 (self->ints, self->count * sizeof (gint64)));
}

CnnOnnxArray *
cnn_onnx_array_contiguous (CnnOnnxArray *self)
{
  if (self->tensor == NULL || cnn_tensor_is_contiguous (self->tensor))
    return cnn_onnx_array_ref (self);
  return cnn_onnx_array_new_floats (&self->shape, cnn_tensor_dup_data (self->tensor));
}

CnnTensor *
cnn_onnx_array_to_tensor (CnnOnnxArray *self)
{
  float *data;

  if (self->tensor != NULL)
    return cnn_tensor_ref (self->tensor);
  data = g_new (float, MAX (self->count, 1));
  for (gsize i = 0; i < self->count; i++)
    data[i] = (float)cnn_onnx_array_get (self, i);
  return cnn_tensor_new_take (&self->shape, data);
}

CnnOnnxArray *
cnn_onnx_array_pick (CnnOnnxArray *in, const CnnShape *shape, gsize *index)
{
  gsize count = cnn_shape_size (shape);
  g_autofree gsize *owned = index;

  if (in->uniform)
    return cnn_onnx_array_new_uniform (shape, in->is_float, in->value);
  if (in->is_float) {
    float *data = g_new (float, MAX (count, 1));

    for (gsize i = 0; i < count; i++)
      data[i] = in->tensor->data[owned[i]];
    return cnn_onnx_array_new_floats (shape, data);
  } else {
    gint64 *data = g_new (gint64, MAX (count, 1));

    for (gsize i = 0; i < count; i++)
      data[i] = in->ints[owned[i]];
    return cnn_onnx_array_new_ints (shape, data);
  }
}
