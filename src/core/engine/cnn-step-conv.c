/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolutions on oneDNN, with batch normalisation, a residual sum and an activation drawn in. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-plan.h"

#include <string.h>

typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t src, dst, residual; /* residual: NULL, or the second operand of a binary post-op */
  dnnl_memory_t weights;            /* the cache's */
  dnnl_memory_t own_bias;
  gboolean copy_residual; /* the residual is copied to dst and summed there */
} ConvState;

typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t diff_src, diff_dst, weights;
  guint src_block, dst_block; /* formats the primitive works in */
  float *src_copy, *dst_copy; /* where they differ from the slots' */
} ConvBackward;

/* oneDNN's view of the geometry: always two spatial axes, the first of 1 for 1-D. */
typedef struct {
  gint64 kernel[2];
  dnnl_dims_t stride, dilation, pad_begin, pad_end;
} Geometry;

/* Winograd's algorithm (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016) needs 2.25
 * to 4 times fewer multiplications for 3x3 kernels at stride 1; its rounding is a few times that of the
 * direct sum, about 1e-6 of the largest output. With few channels or few places the transforms cost more than
 * they save (measured). */
static gboolean
suits_winograd (const CnnStep *step, const Geometry *g, const CnnSlot *in, const CnnSlot *out, gint64 n)
{
  gint64 channels = MIN (in->c, out->c), places = out->h * out->w;

  if (step->op->attrs.conv.groups != 1 || in->c % 16 != 0 || out->c % 16 != 0)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (g->kernel[i] != 3 || g->stride[i] != 1 || g->dilation[i] != 0)
      return FALSE;
  return (channels >= 64 && places >= 16) || (channels >= 32 && n * places >= 28 * 28);
}

static void
find_geometry (CnnPlan *plan, const CnnStep *step, Geometry *g)
{
  const CnnWindow *window = &step->op->attrs.conv.window;
  const CnnShape *in = &cnn_model_get_value (plan->model, step->op->inputs[0])->shape;
  guint skip = 2 - window->n_axes;

  for (guint i = 0; i < 2; i++) {
    g->kernel[i] = g->stride[i] = 1;
    g->dilation[i] = g->pad_begin[i] = g->pad_end[i] = 0;
  }
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 begin, end, out;

    if (!cnn_window_resolve (window, i, in->dims[i + 2], &begin, &end, &out))
      g_error ("a window that was checked does not fit");
    g->kernel[i + skip] = window->kernel[i];
    g->stride[i + skip] = window->stride[i];
    g->dilation[i + skip] = window->dilation[i] - 1;
    g->pad_begin[i + skip] = step->gathered[i + skip] ? 0 : begin;
    g->pad_end[i + skip] = step->gathered[i + skip] ? 0 : end;
  }
}

/* weights */

/* (o, i, h, w), or (g, o, i, h, w) in groups. */
static void
weights_dims (const CnnStep *step, const CnnTensor *kernel, const Geometry *g, dnnl_dims_t dims, int *rank)
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

static void
weights_any_md (const CnnStep *step, const CnnTensor *kernel, const Geometry *g, dnnl_memory_desc_t *md)
{
  dnnl_dims_t dims;
  int rank;

  weights_dims (step, kernel, g, dims, &rank);
  if (dnnl_memory_desc_init_by_tag (md, rank, dims, dnnl_f32, dnnl_format_tag_any) != dnnl_success)
    g_error ("no description of weights");
}

/* As the tensor lies in memory. */
static void
weights_file_md (const CnnStep *step, const CnnTensor *kernel, const Geometry *g, const gint64 *strides,
                 dnnl_memory_desc_t *md)
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

static dnnl_memory_t
pack_weights (CnnPlan *plan, const CnnStep *step, const Geometry *g, const dnnl_memory_desc_t *to)
{
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_memory_t packed = cnn_weight_cache_find (plan->weights, kernel, step->batch_norm, to);
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
  return cnn_weight_cache_pack (plan->weights, kernel, step->batch_norm, &from,
                                folded != NULL ? folded : kernel->data, to, folded == NULL);
}

/* bias · scale + shift, or %NULL where there is none of them. */
static const float *
fold_bias (CnnPlan *plan, const CnnStep *step)
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

/* forward */

typedef struct {
  dnnl_alg_kind_t algorithm;
  guint src, dst; /* blocks; 0: oneDNN's choice */
  gboolean binary_residual;
} Choice;

static dnnl_primitive_attr_t
make_attributes (const CnnStep *step, const CnnSlot *out, guint dst_block, gboolean binary_residual)
{
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_alg_kind_t alg;
  float alpha, beta;

  dnnl_primitive_attr_create (&attributes);
  dnnl_post_ops_create (&post);
  if (step->residual != CNN_NO_SLOT && binary_residual) {
    dnnl_memory_desc_t md;

    cnn_dnnl_image_md (&md, out->n, out->c, out->h, out->w, dst_block);
    dnnl_post_ops_append_binary (post, dnnl_binary_add, &md);
  } else if (step->residual != CNN_NO_SLOT) {
    dnnl_post_ops_append_sum (post, 1);
  }
  if (step->activation != NULL && cnn_dnnl_eltwise (step->activation, &alg, &alpha, &beta))
    dnnl_post_ops_append_eltwise (post, 1, alg, alpha, beta);
  dnnl_primitive_attr_set_post_ops (attributes, post);
  dnnl_post_ops_destroy (post);
  return attributes;
}

static void
image_md (dnnl_memory_desc_t *md, const CnnSlot *slot, gint64 n, guint block)
{
  if (block == 0)
    cnn_dnnl_any_md (md, n, slot->c, slot->h, slot->w);
  else
    cnn_dnnl_image_md (md, n, slot->c, slot->h, slot->w, block);
}

static dnnl_primitive_desc_t
describe_forward (CnnPlan *plan, const CnnStep *step, const Geometry *g, gint64 n, const Choice *choice,
                  gboolean with_attributes)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_memory_desc_t src, dst, weights, bias;
  dnnl_dims_t bias_dims = { kernel->shape.dims[0] };
  gboolean has_bias = with_attributes && fold_bias (plan, step) != NULL;
  dnnl_convolution_desc_t desc;
  dnnl_primitive_desc_t pd = NULL;
  dnnl_primitive_attr_t attributes = NULL;

  image_md (&src, in, n, choice->src);
  image_md (&dst, out, n, choice->dst);
  weights_any_md (step, kernel, g, &weights);
  dnnl_memory_desc_init_by_tag (&bias, 1, bias_dims, dnnl_f32, dnnl_a);
  if (dnnl_dilated_convolution_forward_desc_init (
          &desc, with_attributes ? dnnl_forward_inference : dnnl_forward_training, choice->algorithm, &src,
          &weights, has_bias ? &bias : NULL, &dst, g->stride, g->dilation, g->pad_begin,
          g->pad_end) != dnnl_success)
    return NULL;
  if (with_attributes)
    attributes = make_attributes (step, out, choice->dst == 0 ? cnn_dnnl_block () : choice->dst,
                                  choice->binary_residual);
  if (dnnl_primitive_desc_create (&pd, &desc, attributes, cnn_dnnl_engine (), NULL) != dnnl_success)
    pd = NULL;
  if (attributes != NULL)
    dnnl_primitive_attr_destroy (attributes);
  return pd;
}

static guint
block_of (const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
  return cnn_dnnl_block_of (dnnl_primitive_desc_query_md (pd, what, 0));
}

/* The first choice that oneDNN has real code for; the image's few channels stay plain. */
static dnnl_primitive_desc_t
choose_forward (CnnPlan *plan, const CnnStep *step, const Geometry *g, Choice *chosen)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  guint block = cnn_dnnl_block ();
  gboolean has_residual = step->residual != CNN_NO_SLOT;
  const dnnl_alg_kind_t direct = dnnl_convolution_direct, winograd = dnnl_convolution_winograd;
  const Choice choices[] = {
    { winograd, block, block, has_residual },
    { winograd, block, block, FALSE },
    { direct, in->c < 5 && in->block == 1 ? 1 : block, block, has_residual },
    { direct, in->c < 5 && in->block == 1 ? 1 : block, block, FALSE },
    { direct, 0, 0, FALSE },
    { direct, (guint)in->c, (guint)out->c, FALSE },
    { direct, 1, 1, FALSE },
  };
  dnnl_primitive_desc_t fallback = NULL;

  for (guint i = suits_winograd (step, g, in, out, out->n) ? 0 : 2; i < G_N_ELEMENTS (choices); i++) {
    dnnl_primitive_desc_t pd = describe_forward (plan, step, g, out->n, &choices[i], TRUE);
    Choice found = choices[i];

    if (pd == NULL)
      continue;
    found.src = block_of (pd, dnnl_query_src_md);
    found.dst = block_of (pd, dnnl_query_dst_md);
    if (found.src == 0 || found.dst == 0 || (fallback != NULL && cnn_dnnl_is_reference (pd))) {
      dnnl_primitive_desc_destroy (pd);
      continue;
    }
    if (fallback != NULL)
      dnnl_primitive_desc_destroy (fallback);
    fallback = pd;
    *chosen = found;
    if (!cnn_dnnl_is_reference (pd))
      break;
  }
  return fallback;
}

static gboolean
conv_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  ConvState *state = g_new0 (ConvState, 1);
  Geometry g;
  Choice choice = { 0 };
  dnnl_primitive_desc_t pd;
  dnnl_memory_desc_t md;
  dnnl_status_t status;

  step->state = state;
  find_geometry (plan, step, &g);
  pd = choose_forward (plan, step, &g, &choice);
  if (pd == NULL)
    return cnn_dnnl_check (dnnl_unimplemented, "convolution", step->op->name, error);
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), choice.dst);
  step->inputs[0] = cnn_plan_in_block (plan, step->inputs[0], choice.src);
  if (step->residual != CNN_NO_SLOT) {
    step->residual = cnn_plan_in_block (plan, step->residual, choice.dst);
    state->copy_residual = !choice.binary_residual;
  }
  state->weights = pack_weights (plan, step, &g, dnnl_primitive_desc_query_md (pd, dnnl_query_weights_md, 0));
  if (fold_bias (plan, step) != NULL) {
    dnnl_dims_t dims = { cnn_plan_slot (plan, step->output)->c };

    dnnl_memory_desc_init_by_tag (&md, 1, dims, dnnl_f32, dnnl_a);
    state->own_bias = cnn_dnnl_memory (&md, fold_bias (plan, step));
  }
  cnn_slot_md (cnn_plan_slot (plan, step->inputs[0]), cnn_plan_slot (plan, step->inputs[0])->n, &md);
  state->src = cnn_dnnl_memory (&md, NULL);
  cnn_slot_md (cnn_plan_slot (plan, step->output), cnn_plan_slot (plan, step->output)->n, &md);
  state->dst = cnn_dnnl_memory (&md, NULL);
  if (step->residual != CNN_NO_SLOT)
    state->residual = cnn_dnnl_memory (&md, NULL);
  status = dnnl_primitive_create (&state->primitive, pd);
  dnnl_primitive_desc_destroy (pd);
  return cnn_dnnl_check (status, "convolution", step->op->name, error);
}

static void
bind (dnnl_memory_t memory, const float *data)
{
  void *now = NULL;

  dnnl_memory_get_data_handle (memory, &now);
  if (now != data)
    dnnl_memory_set_data_handle (memory, (void *)data);
}

static void
conv_forward (CnnPlan *plan, CnnStep *step)
{
  ConvState *state = step->state;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  dnnl_exec_arg_t args[5] = { { DNNL_ARG_SRC, state->src },
                              { DNNL_ARG_WEIGHTS, state->weights },
                              { DNNL_ARG_DST, state->dst } };
  int n = 3;

  bind (state->src, in->data);
  bind (state->dst, out->data);
  if (state->own_bias != NULL)
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, state->own_bias };
  if (step->residual != CNN_NO_SLOT && state->copy_residual) {
    memcpy (out->data, cnn_plan_slot (plan, step->residual)->data,
            out->sample_size * (gsize)out->n * sizeof (float));
  } else if (step->residual != CNN_NO_SLOT) {
    bind (state->residual, cnn_plan_slot (plan, step->residual)->data);
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_ATTR_MULTIPLE_POST_OP (0) | DNNL_ARG_SRC_1, state->residual };
  }
  cnn_dnnl_run (state->primitive, args, n);
}

static void
destroy_memory (dnnl_memory_t memory)
{
  if (memory != NULL)
    dnnl_memory_destroy (memory);
}

static void
conv_free (gpointer data)
{
  ConvState *state = data;

  if (state->primitive != NULL)
    dnnl_primitive_destroy (state->primitive);
  destroy_memory (state->src);
  destroy_memory (state->dst);
  destroy_memory (state->residual);
  destroy_memory (state->own_bias);
  g_free (state);
}

/* backward */

static dnnl_primitive_desc_t
describe_backward (CnnPlan *plan, const CnnStep *step, const Geometry *g, gint64 n, const Choice *choice)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_primitive_desc_t hint = describe_forward (plan, step, g, n, choice, FALSE), pd = NULL;
  dnnl_memory_desc_t diff_src, diff_dst, weights;
  dnnl_convolution_desc_t desc;

  if (hint == NULL)
    return NULL;
  image_md (&diff_src, in, n, choice->src);
  image_md (&diff_dst, out, n, choice->dst);
  weights_any_md (step, kernel, g, &weights);
  if (dnnl_dilated_convolution_backward_data_desc_init (&desc, choice->algorithm, &diff_src, &weights,
                                                        &diff_dst, g->stride, g->dilation, g->pad_begin,
                                                        g->pad_end) != dnnl_success ||
      dnnl_primitive_desc_create (&pd, &desc, NULL, cnn_dnnl_engine (), hint) != dnnl_success)
    pd = NULL;
  dnnl_primitive_desc_destroy (hint);
  return pd;
}

static dnnl_primitive_desc_t
choose_backward (CnnPlan *plan, const CnnStep *step, const Geometry *g, gint64 n, ConvBackward *state)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  guint block = cnn_dnnl_block ();
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  const Choice choices[] = {
    { dnnl_convolution_winograd, block, block, FALSE },
    { direct, block, block, FALSE },
    { direct, 0, 0, FALSE },
    { direct, in->block, out->block, FALSE },
    { direct, (guint)in->c, (guint)out->c, FALSE },
    { direct, 1, 1, FALSE },
  };
  dnnl_primitive_desc_t fallback = NULL;

  for (guint i = suits_winograd (step, g, in, out, n) ? 0 : 1; i < G_N_ELEMENTS (choices); i++) {
    dnnl_primitive_desc_t pd = describe_backward (plan, step, g, n, &choices[i]);
    guint src, dst;

    if (pd == NULL)
      continue;
    src = block_of (pd, dnnl_query_diff_src_md);
    dst = block_of (pd, dnnl_query_diff_dst_md);
    if (src == 0 || dst == 0 || (fallback != NULL && cnn_dnnl_is_reference (pd))) {
      dnnl_primitive_desc_destroy (pd);
      continue;
    }
    if (fallback != NULL)
      dnnl_primitive_desc_destroy (fallback);
    fallback = pd;
    state->src_block = src;
    state->dst_block = dst;
    if (!cnn_dnnl_is_reference (pd))
      break;
  }
  return fallback;
}

static gsize
blocked_size (const CnnSlot *slot, gint64 n, guint block)
{
  return (gsize)(n * ((slot->c + block - 1) / block * block) * slot->h * slot->w);
}

static gboolean
conv_compile_backward (CnnBackward *backward, CnnStep *step, gpointer *result, GError **error)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 n = in->n / plan->batch * backward->batch;
  ConvBackward *state = g_new0 (ConvBackward, 1);
  dnnl_primitive_desc_t pd;
  dnnl_status_t status;
  Geometry g;

  *result = state;
  find_geometry (plan, step, &g);
  pd = choose_backward (plan, step, &g, n, state);
  if (pd == NULL)
    return cnn_dnnl_check (dnnl_unimplemented, "convolution's gradient", step->op->name, error);
  state->weights = pack_weights (plan, step, &g, dnnl_primitive_desc_query_md (pd, dnnl_query_weights_md, 0));
  state->diff_src = cnn_dnnl_memory (dnnl_primitive_desc_query_md (pd, dnnl_query_diff_src_md, 0), NULL);
  state->diff_dst = cnn_dnnl_memory (dnnl_primitive_desc_query_md (pd, dnnl_query_diff_dst_md, 0), NULL);
  if (state->src_block != in->block)
    state->src_copy = cnn_dnnl_alloc (blocked_size (in, n, state->src_block));
  if (state->dst_block != out->block)
    state->dst_copy = cnn_dnnl_alloc (blocked_size (out, n, state->dst_block));
  status = dnnl_primitive_create (&state->primitive, pd);
  dnnl_primitive_desc_destroy (pd);
  return cnn_dnnl_check (status, "convolution's gradient", step->op->name, error);
}

static void
conv_backward_data (CnnBackward *backward, CnnStep *step, ConvBackward *state, const float *diff)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 n = in->n / plan->batch * backward->batch;
  float *target = cnn_backward_target (backward, step->inputs[0]);
  dnnl_exec_arg_t args[] = { { DNNL_ARG_DIFF_DST, state->diff_dst },
                             { DNNL_ARG_WEIGHTS, state->weights },
                             { DNNL_ARG_DIFF_SRC, state->diff_src } };

  if (state->dst_copy != NULL)
    cnn_block_convert (diff, out->block, state->dst_copy, state->dst_block, n, out->c, out->h * out->w,
                       FALSE);
  bind (state->diff_dst, state->dst_copy != NULL ? state->dst_copy : diff);
  bind (state->diff_src, state->src_copy != NULL ? state->src_copy : target);
  cnn_dnnl_run (state->primitive, args, 3);
  if (state->src_copy != NULL)
    cnn_block_convert (state->src_copy, state->src_block, target, in->block, n, in->c, in->h * in->w, FALSE);
  cnn_backward_commit (backward, step->inputs[0], target);
}

static void
conv_backward (CnnBackward *backward, CnnStep *step, gpointer state)
{
  const CnnSlot *out = cnn_plan_slot (backward->plan, step->output);
  const float *diff = backward->diffs[step->output];

  cnn_backward_gate (backward, step);
  if (step->residual != CNN_NO_SLOT && cnn_backward_wants (backward, step->residual)) {
    float *target = cnn_backward_target (backward, step->residual);

    memcpy (target, diff,
            out->sample_size * (gsize)(out->n / backward->plan->batch * backward->batch) * sizeof (float));
    cnn_backward_commit (backward, step->residual, target);
  }
  if (cnn_backward_wants (backward, step->inputs[0]))
    conv_backward_data (backward, step, state, diff);
}

static void
conv_free_backward (gpointer data)
{
  ConvBackward *state = data;

  if (state->primitive != NULL)
    dnnl_primitive_destroy (state->primitive);
  destroy_memory (state->diff_src);
  destroy_memory (state->diff_dst);
  cnn_dnnl_free (state->src_copy);
  cnn_dnnl_free (state->dst_copy);
  g_free (state);
}

const CnnStepClass cnn_step_class_conv = {
  conv_compile, conv_forward, conv_compile_backward, conv_backward, conv_free, conv_free_backward,
};
