/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants rearranged: reshape, transpose, gather, concat, slice, expand. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-fold.h"

#include <glib/gi18n-lib.h>

static gboolean
lacks (CnnOnnxContext *ctx, guint i, GError **error)
{
  if (cnn_onnx_fold_input (ctx, i) != NULL)
    return FALSE;
  cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), i + 1);
  return TRUE;
}

CnnOnnxArray *
cnn_onnx_fold_strided (CnnOnnxArray *in, const CnnShape *shape, gint64 base, const gint64 *steps)
{
  gsize count = cnn_shape_size (shape), *index = g_new (gsize, MAX (count, 1));

  for (gsize i = 0; i < count; i++) {
    gsize rest = i;
    gint64 at = base;

    for (guint k = shape->rank; k-- > 0;) {
      at += (gint64)(rest % (gsize)shape->dims[k]) * steps[k];
      rest /= (gsize)shape->dims[k];
    }
    index[i] = (gsize)at;
  }
  return cnn_onnx_array_pick (in, shape, index);
}

CnnOnnxArray *
cnn_onnx_fold_reshape (CnnOnnxContext *ctx, GError **error)
{
  CnnShape shape;
  g_autoptr (CnnOnnxArray) dims = NULL;

  if (lacks (ctx, 0, error))
    return NULL;
  if (cnn_onnx_fold_input (ctx, 1) != NULL)
    dims = cnn_onnx_array_ref (cnn_onnx_fold_input (ctx, 1));
  if (!cnn_onnx_reshape_target (ctx, &cnn_onnx_fold_input (ctx, 0)->shape, dims, &shape, error))
    return NULL;
  return cnn_onnx_array_reshape (cnn_onnx_fold_input (ctx, 0), &shape);
}

CnnOnnxArray *
cnn_onnx_fold_squeeze (CnnOnnxContext *ctx, GError **error)
{
  CnnShape shape;

  if (lacks (ctx, 0, error) || !cnn_onnx_squeezed (ctx, &cnn_onnx_fold_input (ctx, 0)->shape, &shape, error))
    return NULL;
  return cnn_onnx_array_reshape (cnn_onnx_fold_input (ctx, 0), &shape);
}

CnnOnnxArray *
cnn_onnx_fold_unsqueeze (CnnOnnxContext *ctx, GError **error)
{
  CnnShape shape;

  if (lacks (ctx, 0, error) ||
      !cnn_onnx_unsqueezed (ctx, &cnn_onnx_fold_input (ctx, 0)->shape, &shape, error))
    return NULL;
  return cnn_onnx_array_reshape (cnn_onnx_fold_input (ctx, 0), &shape);
}

CnnOnnxArray *
cnn_onnx_fold_flatten (CnnOnnxContext *ctx, GError **error)
{
  CnnShape shape;

  if (lacks (ctx, 0, error) || !cnn_onnx_flattened (ctx, &cnn_onnx_fold_input (ctx, 0)->shape, &shape, error))
    return NULL;
  return cnn_onnx_array_reshape (cnn_onnx_fold_input (ctx, 0), &shape);
}

CnnOnnxArray *
cnn_onnx_fold_expand (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in, *dims;
  CnnShape wanted = { 0 }, shape;
  gint64 strides[CNN_MAX_RANK], steps[CNN_MAX_RANK] = { 0 };

  if (lacks (ctx, 0, error) || lacks (ctx, 1, error))
    return NULL;
  in = cnn_onnx_fold_input (ctx, 0);
  dims = cnn_onnx_fold_input (ctx, 1);
  wanted.rank = (guint)MIN (dims->count, CNN_MAX_RANK);
  for (guint i = 0; i < wanted.rank; i++)
    wanted.dims[i] = cnn_onnx_array_get_int (dims, i);
  if (dims->count > CNN_MAX_RANK || !cnn_shape_broadcast (&in->shape, &wanted, &shape)) {
    cnn_onnx_refuse (ctx, error, _ ("cannot give its input the shape that is asked for"));
    return NULL;
  }
  if (in->count == 1 && cnn_shape_count (&shape, &(gsize){ 0 }))
    return cnn_onnx_array_new_uniform (&shape, in->is_float, cnn_onnx_array_get (in, 0));
  if (!cnn_onnx_spend (ctx, &shape, error))
    return NULL;
  cnn_shape_strides (&in->shape, strides);
  for (guint i = 0; i < in->shape.rank; i++)
    steps[shape.rank - in->shape.rank + i] = in->shape.dims[i] == 1 ? 0 : strides[i];
  return cnn_onnx_fold_strided (in, &shape, 0, steps);
}

CnnOnnxArray *
cnn_onnx_fold_transpose (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnShape shape = { 0 };
  guint axes[CNN_MAX_RANK];
  gint64 strides[CNN_MAX_RANK], steps[CNN_MAX_RANK] = { 0 };

  if (lacks (ctx, 0, error) || !cnn_onnx_permutation (ctx, &in->shape, axes, error))
    return NULL;
  if (in->is_float && !in->uniform) { /* weights are only looked at in another order */
    g_autoptr (CnnTensor) turned = cnn_tensor_permute (in->tensor, axes);

    return cnn_onnx_array_new_tensor (turned);
  }
  cnn_shape_strides (&in->shape, strides);
  shape.rank = in->shape.rank;
  for (guint i = 0; i < shape.rank; i++) {
    shape.dims[i] = in->shape.dims[axes[i]];
    steps[i] = strides[axes[i]];
  }
  if (in->uniform)
    return cnn_onnx_array_new_uniform (&shape, in->is_float, in->value);
  return cnn_onnx_spend (ctx, &shape, error) ? cnn_onnx_fold_strided (in, &shape, 0, steps) : NULL;
}

CnnOnnxArray *
cnn_onnx_fold_gather (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in, *indices;
  CnnShape shape = { 0 };
  guint axis;
  gsize inner, dim, *index;

  if (lacks (ctx, 0, error) || lacks (ctx, 1, error))
    return NULL;
  in = cnn_onnx_fold_input (ctx, 0);
  indices = cnn_onnx_fold_input (ctx, 1);
  if (!cnn_shape_axis (&in->shape, cnn_onnx_attr_int (ctx->node, "axis", 0), &axis) ||
      in->shape.rank - 1 + indices->shape.rank > CNN_MAX_RANK) {
    cnn_onnx_refuse (ctx, error, _ ("gathers along an axis that its input does not have"));
    return NULL;
  }
  for (guint i = 0; i < axis; i++)
    shape.dims[shape.rank++] = in->shape.dims[i];
  for (guint i = 0; i < indices->shape.rank; i++)
    shape.dims[shape.rank++] = indices->shape.dims[i];
  for (guint i = axis + 1; i < in->shape.rank; i++)
    shape.dims[shape.rank++] = in->shape.dims[i];
  if (!cnn_onnx_spend (ctx, &shape, error))
    return NULL;
  inner = cnn_shape_size_from (&in->shape, axis + 1);
  dim = (gsize)in->shape.dims[axis];
  index = g_new (gsize, MAX (cnn_shape_size (&shape), 1));
  for (gsize i = 0; i < cnn_shape_size (&shape); i++) {
    gint64 at = cnn_onnx_array_get_int (indices, i / inner % indices->count);

    at += at < 0 ? (gint64)dim : 0;
    if (at < 0 || (gsize)at >= dim) {
      g_free (index);
      cnn_onnx_refuse (ctx, error, _ ("gathers an element that its input does not have"));
      return NULL;
    }
    index[i] = (i / (inner * indices->count) * dim + (gsize)at) * inner + i % inner;
  }
  return cnn_onnx_array_pick (in, &shape, index);
}

CnnOnnxArray *
cnn_onnx_fold_concat (CnnOnnxContext *ctx, GError **error)
{
  gboolean is_float = FALSE;
  CnnShape shape;
  guint axis;
  gsize before = 0, row;
  CnnOnnxResult result;

  if (lacks (ctx, 0, error))
    return NULL;
  shape = cnn_onnx_fold_input (ctx, 0)->shape;
  if (!cnn_shape_axis (&shape, cnn_onnx_attr_int (ctx->node, "axis", 1), &axis)) {
    cnn_onnx_refuse (ctx, error, _ ("joins along an axis that its inputs do not have"));
    return NULL;
  }
  shape.dims[axis] = 0;
  for (guint i = 0; i < ctx->node->n_inputs; i++) {
    CnnShape other;

    if (lacks (ctx, i, error))
      return NULL;
    other = cnn_onnx_fold_input (ctx, i)->shape;
    is_float = is_float || cnn_onnx_fold_input (ctx, i)->is_float;
    if (axis < other.rank) {
      gint64 dim = other.dims[axis];

      other.dims[axis] = shape.dims[axis];
      if (cnn_shape_equal (&other, &shape)) {
        shape.dims[axis] += dim;
        continue;
      }
    }
    cnn_onnx_refuse (ctx, error, _ ("has inputs whose shapes do not go together"));
    return NULL;
  }
  if (!cnn_onnx_result_init (ctx, &result, &shape, is_float, error))
    return NULL;
  row = cnn_shape_size_from (&shape, axis);
  for (guint i = 0; i < ctx->node->n_inputs; i++) {
    CnnOnnxArray *in = cnn_onnx_fold_input (ctx, i);
    gsize part = cnn_shape_size_from (&in->shape, axis);

    for (gsize k = 0; k < in->count; k++)
      cnn_onnx_result_set (&result, k / part * row + before + k % part, in, k);
    before += part;
  }
  return cnn_onnx_result_array (&result);
}

CnnOnnxArray *
cnn_onnx_fold_slice (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnOpAttrs attrs = { 0 };
  CnnShape shape;
  gint64 strides[CNN_MAX_RANK], steps[CNN_MAX_RANK] = { 0 }, base = 0;

  if (lacks (ctx, 0, error) || !cnn_onnx_slice_ranges (ctx, &in->shape, &attrs, &shape, error) ||
      !cnn_onnx_spend (ctx, &shape, error))
    return NULL;
  cnn_shape_strides (&in->shape, strides);
  for (guint i = 0; i < shape.rank; i++) {
    base += attrs.slice.start[i] * strides[i];
    steps[i] = attrs.slice.step[i] * strides[i];
  }
  return cnn_onnx_fold_strided (in, &shape, base, steps);
}
