/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cnn-tensor.h"

#include <string.h>

static CnnTensor *
tensor_new_strided (const CnnShape *shape, const gint64 *strides, const float *data, GBytes *owner)
{
  CnnTensor *tensor = g_new0 (CnnTensor, 1);

  tensor->shape = *shape;
  memcpy (tensor->strides, strides, sizeof tensor->strides);
  tensor->data = data;
  tensor->owner = owner;
  g_atomic_ref_count_init (&tensor->refs);
  return tensor;
}

CnnTensor *
cnn_tensor_new (const CnnShape *shape, GBytes *bytes)
{
  gint64 strides[CNN_MAX_RANK] = { 0 };

  g_return_val_if_fail (g_bytes_get_size (bytes) == cnn_shape_size (shape) * sizeof (float), NULL);
  cnn_shape_strides (shape, strides);
  return tensor_new_strided (shape, strides, g_bytes_get_data (bytes, NULL), g_bytes_ref (bytes));
}

CnnTensor *
cnn_tensor_new_take (const CnnShape *shape, float *data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, cnn_shape_size (shape) * sizeof (float));

  return cnn_tensor_new (shape, bytes);
}

CnnTensor *
cnn_tensor_new_copy (const CnnShape *shape, const float *data)
{
  return cnn_tensor_new_take (shape, g_memdup2 (data, cnn_shape_size (shape) * sizeof (float)));
}

CnnTensor *
cnn_tensor_new_scalar (float value)
{
  CnnShape shape = { .rank = 0 };

  return cnn_tensor_new_copy (&shape, &value);
}

CnnTensor *
cnn_tensor_permute (CnnTensor *tensor, const guint *axes)
{
  CnnShape shape = { .rank = tensor->shape.rank };
  gint64 strides[CNN_MAX_RANK] = { 0 };

  for (guint i = 0; i < shape.rank; i++) {
    shape.dims[i] = tensor->shape.dims[axes[i]];
    strides[i] = tensor->strides[axes[i]];
  }
  return tensor_new_strided (&shape, strides, tensor->data, g_bytes_ref (tensor->owner));
}

CnnTensor *
cnn_tensor_reshape (CnnTensor *tensor, const CnnShape *shape)
{
  gint64 strides[CNN_MAX_RANK] = { 0 };

  g_return_val_if_fail (cnn_shape_size (shape) == cnn_shape_size (&tensor->shape), NULL);
  if (!cnn_tensor_is_contiguous (tensor))
    return cnn_tensor_new_take (shape, cnn_tensor_dup_data (tensor));
  cnn_shape_strides (shape, strides);
  return tensor_new_strided (shape, strides, tensor->data, g_bytes_ref (tensor->owner));
}

CnnTensor *
cnn_tensor_ref (CnnTensor *tensor)
{
  g_atomic_ref_count_inc (&tensor->refs);
  return tensor;
}

void
cnn_tensor_unref (CnnTensor *tensor)
{
  if (!g_atomic_ref_count_dec (&tensor->refs))
    return;
  g_bytes_unref (tensor->owner);
  g_free (tensor);
}

gboolean
cnn_tensor_is_contiguous (const CnnTensor *tensor)
{
  gint64 strides[CNN_MAX_RANK];

  cnn_shape_strides (&tensor->shape, strides);
  for (guint i = 0; i < tensor->shape.rank; i++)
    if (tensor->shape.dims[i] > 1 && tensor->strides[i] != strides[i])
      return FALSE;
  return TRUE;
}

static float *
read_axis (const CnnTensor *tensor, guint axis, const float *from, float *out)
{
  gint64 n = tensor->shape.dims[axis], stride = tensor->strides[axis];

  if (axis + 1 == tensor->shape.rank) {
    for (gint64 i = 0; i < n; i++)
      *out++ = from[i * stride];
    return out;
  }
  for (gint64 i = 0; i < n; i++)
    out = read_axis (tensor, axis + 1, from + i * stride, out);
  return out;
}

void
cnn_tensor_read (const CnnTensor *tensor, float *out)
{
  if (cnn_tensor_is_contiguous (tensor))
    memcpy (out, tensor->data, cnn_shape_size (&tensor->shape) * sizeof (float));
  else
    read_axis (tensor, 0, tensor->data, out);
}

float *
cnn_tensor_dup_data (const CnnTensor *tensor)
{
  float *out = g_new (float, MAX (cnn_shape_size (&tensor->shape), 1));

  cnn_tensor_read (tensor, out);
  return out;
}

CnnTensor *
cnn_tensor_in_file_order (CnnTensor *tensor)
{
  guint axes[CNN_MAX_RANK];

  for (guint i = 0; i < tensor->shape.rank; i++) {
    guint j = i;

    for (; j > 0 && tensor->strides[axes[j - 1]] < tensor->strides[i]; j--)
      axes[j] = axes[j - 1];
    axes[j] = i;
  }
  return cnn_tensor_permute (tensor, axes);
}
