/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A convolution's weights as its ways forward and back want them, each format packed once. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-conv-private.h"

#include <string.h>

/* (o, i, h, w), or (g, o, i, h, w) in groups. */
static void
weights_dims (const CnnStep *step, const CnnTensor *kernel, const CnnConvGeometry *g, dnnl_dims_t dims,
              int *rank)
{
  gint64 groups = step->op->attrs.conv.groups;
  int i = 0;

  if (groups > 1)
    dims[i++] = groups;
  dims[i++] = kernel->shape.dims[0] / groups;
  dims[i++] = kernel->shape.dims[1];
  dims[i++] = g->kernel[0];
  dims[i++] = g->kernel[1];
  *rank = i;
}

void
cnn_conv_weights_md (const CnnStep *step, const CnnTensor *kernel, const CnnConvGeometry *g, gboolean turned,
                     dnnl_memory_desc_t *md)
{
  dnnl_dims_t dims;
  int rank;

  weights_dims (step, kernel, g, dims, &rank);
  if (turned) {
    dims[0] = kernel->shape.dims[1];
    dims[1] = kernel->shape.dims[0];
  }
  if (dnnl_memory_desc_init_by_tag (md, rank, dims, dnnl_f32, dnnl_format_tag_any) != dnnl_success)
    g_error ("no description of weights");
}

/* As the tensor lies in memory. */
static void
weights_file_md (const CnnStep *step, const CnnTensor *kernel, const CnnConvGeometry *g,
                 const gint64 *strides, dnnl_memory_desc_t *md)
{
  gint64 groups = step->op->attrs.conv.groups;
  dnnl_dims_t dims, s;
  int rank, i = 0;
  guint last = kernel->shape.rank - 1;

  weights_dims (step, kernel, g, dims, &rank);
  if (groups > 1)
    s[i++] = strides[0] * (kernel->shape.dims[0] / groups);
  s[i++] = strides[0];
  s[i++] = strides[1];
  s[i++] = kernel->shape.rank == 4 ? strides[2] : strides[last] * g->kernel[1];
  s[i++] = strides[last];
  if (dnnl_memory_desc_init_by_strides (md, rank, dims, dnnl_f32, s) != dnnl_success)
    g_error ("no description of weights");
}

/* The kernel times the batch normalisation's scale, row-major; in double as the frameworks' own folding. */
static float *
fold_weights (CnnPlan *plan, const CnnStep *step, const CnnTensor *kernel)
{
  float *data = cnn_tensor_dup_data (kernel);
  const CnnTensor *scale_tensor = cnn_plan_constant (plan, step->batch_norm, 1);
  g_autofree float *scale = cnn_tensor_dup_data (scale_tensor);
  gsize row = cnn_shape_size_from (&kernel->shape, 1);

  for (gsize o = 0; o < (gsize)kernel->shape.dims[0]; o++)
    for (gsize i = 0; i < row; i++)
      data[o * row + i] *= scale[o];
  return data;
}

dnnl_memory_t
cnn_conv_weights (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, const dnnl_memory_desc_t *to)
{
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_memory_t packed =
      cnn_weight_cache_find (plan->weights, kernel, step->batch_norm, CNN_WEIGHTS_STRAIGHT, to);
  g_autofree float *folded = NULL;
  gint64 strides[CNN_MAX_RANK];
  dnnl_memory_desc_t from;

  if (packed != NULL)
    return packed;
  memcpy (strides, kernel->strides, sizeof strides);
  if (step->batch_norm != NULL)
    folded = fold_weights (plan, step, kernel);
  else if (to->format_kind == dnnl_format_kind_wino && !cnn_tensor_is_contiguous (kernel))
    /* is packed from row-major only */
    folded = cnn_tensor_dup_data (kernel);
  if (folded != NULL)
    cnn_shape_strides (&kernel->shape, strides);
  weights_file_md (step, kernel, g, strides, &from);
  return cnn_weight_cache_pack (plan->weights, kernel, step->batch_norm, CNN_WEIGHTS_STRAIGHT, &from,
                                folded != NULL ? folded : kernel->data, to, folded == NULL);
}

/* Row-major (in, out, rows, columns), each kernel turned by 180 degrees. */
static float *
turn_weights (const float *plain, gint64 n_out, gint64 n_in, gint64 size)
{
  float *turned = g_new (float, n_out *n_in *size);

  for (gint64 o = 0; o < n_out; o++)
    for (gint64 i = 0; i < n_in; i++)
      for (gint64 k = 0; k < size; k++)
        turned[(i * n_out + o) * size + size - 1 - k] = plain[(o * n_in + i) * size + k];
  return turned;
}

dnnl_memory_t
cnn_conv_turned_weights (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g,
                         const dnnl_memory_desc_t *to)
{
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_memory_t packed =
      cnn_weight_cache_find (plan->weights, kernel, step->batch_norm, CNN_WEIGHTS_TURNED, to);
  gint64 n_out = kernel->shape.dims[0], n_in = kernel->shape.dims[1];
  dnnl_dims_t dims = { n_in, n_out, g->kernel[0], g->kernel[1] };
  g_autofree float *plain = NULL, *turned = NULL;
  dnnl_memory_desc_t from;

  if (packed != NULL)
    return packed;
  plain = step->batch_norm != NULL ? fold_weights (plan, step, kernel) : cnn_tensor_dup_data (kernel);
  turned = turn_weights (plain, n_out, n_in, g->kernel[0] * g->kernel[1]);
  if (dnnl_memory_desc_init_by_tag (&from, 4, dims, dnnl_f32, dnnl_abcd) != dnnl_success)
    g_error ("no description of weights");
  return cnn_weight_cache_pack (plan->weights, kernel, step->batch_norm, CNN_WEIGHTS_TURNED, &from, turned,
                                to, FALSE);
}

const float *
cnn_conv_plain_weights (CnnPlan *plan, const CnnStep *step)
{
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  const float *known;

  if (step->batch_norm == NULL)
    return cnn_plan_plain_floats (plan, kernel);
  known = cnn_weight_cache_lookup (plan->weights, kernel, step->batch_norm, CNN_FLOATS_PLAIN);
  return known != NULL ? known
                       : cnn_weight_cache_put (plan->weights, kernel, step->batch_norm, CNN_FLOATS_PLAIN,
                                               fold_weights (plan, step, kernel));
}

const float *
cnn_conv_bias (CnnPlan *plan, const CnnStep *step)
{
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1),
                  *bias = cnn_plan_constant (plan, step->op, 2);
  const float *known =
      cnn_weight_cache_lookup (plan->weights, kernel, step->batch_norm, CNN_FLOATS_FOLDED_BIAS);
  gsize n = (gsize)kernel->shape.dims[0];
  float *data;

  if (known != NULL || (bias == NULL && step->batch_norm == NULL))
    return known;
  data = bias != NULL ? cnn_tensor_dup_data (bias) : g_new0 (float, n);
  if (step->batch_norm != NULL) {
    g_autofree float *scale = cnn_tensor_dup_data (cnn_plan_constant (plan, step->batch_norm, 1));
    g_autofree float *shift = cnn_tensor_dup_data (cnn_plan_constant (plan, step->batch_norm, 2));

    for (gsize i = 0; i < n; i++)
      data[i] = data[i] * scale[i] + shift[i];
  }
  return cnn_weight_cache_put (plan->weights, kernel, step->batch_norm, CNN_FLOATS_FOLDED_BIAS, data);
}
