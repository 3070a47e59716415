/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolutions on oneDNN, with batch normalisation, a residual sum and an activation drawn in. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-conv-private.h"

#include <string.h>

typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t src, dst, residual; /* residual: NULL, or the second operand of a binary post-op */
  dnnl_memory_t weights;            /* the cache's */
  dnnl_memory_t own_bias;
  gboolean copy_residual; /* the residual is copied to dst and summed there */
} ConvState;

void
cnn_conv_find_geometry (CnnPlan *plan, const CnnStep *step, CnnConvGeometry *g)
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
    g->stride[i + skip] = step->thinned ? 1 : window->stride[i];
    g->dilation[i + skip] = window->dilation[i] - 1;
    g->pad_begin[i + skip] = step->gathered[i + skip] ? 0 : begin;
    g->pad_end[i + skip] = step->gathered[i + skip] ? 0 : end;
  }
}

/* Winograd's algorithm (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016) needs 2.25
 * to 4 times fewer multiplications for 3x3 kernels at stride 1; its rounding is a few times that of the
 * direct sum, about 1e-6 of the largest output. With few channels or few places the transforms cost more than
 * they save (measured); with few channels and very many places, just behind the input, they save little and
 * their rounding puts units of all rectifiers behind on the other side of the edge. */
gboolean
cnn_conv_suits_winograd (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 channels = MIN (in->c, out->c), places = out->h * out->w;

  if (step->op->attrs.conv.groups != 1 || in->c % 16 != 0 || out->c % 16 != 0)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (g->kernel[i] != 3 || g->stride[i] != 1 || g->dilation[i] != 0)
      return FALSE;
  return (channels >= 64 && places >= 16) || (channels >= 32 && n * places >= 28 * 28 && places <= 64 * 64);
}

static dnnl_primitive_attr_t
make_attributes (const CnnStep *step, const CnnSlot *out, guint dst_block, gboolean binary_residual)
{
  dnnl_primitive_attr_t attributes = cnn_dnnl_attributes ();
  dnnl_post_ops_t post = NULL;
  dnnl_alg_kind_t alg;
  float alpha, beta;

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

void
cnn_conv_image_md (dnnl_memory_desc_t *md, const CnnSlot *slot, gint64 n, guint block)
{
  if (block == 0)
    cnn_dnnl_any_md (md, n, slot->c, slot->h, slot->w);
  else
    cnn_dnnl_image_md (md, n, slot->c, slot->h, slot->w, block);
}

dnnl_primitive_desc_t
cnn_conv_describe (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n,
                   const CnnConvChoice *choice, gboolean with_attributes)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  dnnl_memory_desc_t src, dst, weights, bias;
  dnnl_dims_t bias_dims = { kernel->shape.dims[0] };
  gboolean has_bias = with_attributes && cnn_conv_bias (plan, step) != NULL;
  dnnl_convolution_desc_t desc;
  dnnl_primitive_desc_t pd;
  dnnl_primitive_attr_t attributes = NULL;

  cnn_conv_image_md (&src, in, n, choice->src);
  cnn_conv_image_md (&dst, out, n, choice->dst);
  cnn_conv_weights_md (step, kernel, g, FALSE, &weights);
  dnnl_memory_desc_init_by_tag (&bias, 1, bias_dims, dnnl_f32, dnnl_a);
  if (dnnl_dilated_convolution_forward_desc_init (
          &desc, with_attributes ? dnnl_forward_inference : dnnl_forward_training, choice->algorithm, &src,
          &weights, has_bias ? &bias : NULL, &dst, g->stride, g->dilation, g->pad_begin,
          g->pad_end) != dnnl_success)
    return NULL;
  if (with_attributes)
    attributes = make_attributes (step, out, choice->dst == 0 ? cnn_dnnl_block () : choice->dst,
                                  choice->binary_residual);
  pd = cnn_dnnl_describe (&desc, attributes, NULL);
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
choose_forward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, CnnConvChoice *chosen)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  guint block = cnn_dnnl_block ();
  gboolean has_residual = step->residual != CNN_NO_SLOT;
  const dnnl_alg_kind_t direct = dnnl_convolution_direct, winograd = dnnl_convolution_winograd;
  const CnnConvChoice choices[] = {
    { winograd, block, block, has_residual },
    { winograd, block, block, FALSE },
    { direct, in->c < 5 && in->block == 1 ? 1 : block, block, has_residual },
    { direct, in->c < 5 && in->block == 1 ? 1 : block, block, FALSE },
    { direct, 0, 0, FALSE },
    { direct, (guint)in->c, (guint)out->c, FALSE },
    { direct, 1, 1, FALSE },
  };
  dnnl_primitive_desc_t fallback = NULL;

  for (guint i = cnn_conv_suits_winograd (plan, step, g, out->n) ? 0 : 2; i < G_N_ELEMENTS (choices); i++) {
    dnnl_primitive_desc_t pd = cnn_conv_describe (plan, step, g, out->n, &choices[i], TRUE);
    CnnConvChoice found = choices[i];

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
  CnnConvGeometry g;
  CnnConvChoice choice = { 0 };
  dnnl_primitive_desc_t pd;
  dnnl_memory_desc_t md;
  dnnl_status_t status;

  step->state = state;
  cnn_conv_find_geometry (plan, step, &g);
  pd = choose_forward (plan, step, &g, &choice);
  if (pd == NULL)
    return cnn_dnnl_check (dnnl_unimplemented, "convolution", step->op->name, error);
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), choice.dst);
  cnn_plan_slot (plan, step->output)->rounded = choice.algorithm == dnnl_convolution_winograd;
  step->inputs[0] = cnn_plan_in_block (plan, step->inputs[0], choice.src);
  if (step->residual != CNN_NO_SLOT) {
    step->residual = cnn_plan_in_block (plan, step->residual, choice.dst);
    state->copy_residual = !choice.binary_residual;
  }
  state->weights =
      cnn_conv_weights (plan, step, &g, dnnl_primitive_desc_query_md (pd, dnnl_query_weights_md, 0));
  if (cnn_conv_bias (plan, step) != NULL) {
    dnnl_dims_t dims = { cnn_plan_slot (plan, step->output)->c };

    dnnl_memory_desc_init_by_tag (&md, 1, dims, dnnl_f32, dnnl_a);
    state->own_bias = cnn_dnnl_memory (&md, cnn_conv_bias (plan, step));
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

void
cnn_conv_bind (dnnl_memory_t memory, const float *data)
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

  cnn_conv_bind (state->src, in->data);
  cnn_conv_bind (state->dst, out->data);
  if (state->own_bias != NULL)
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, state->own_bias };
  if (step->residual != CNN_NO_SLOT && state->copy_residual) {
    memcpy (out->data, cnn_plan_slot (plan, step->residual)->data,
            out->sample_size * (gsize)out->n * sizeof (float));
  } else if (step->residual != CNN_NO_SLOT) {
    cnn_conv_bind (state->residual, cnn_plan_slot (plan, step->residual)->data);
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_ATTR_MULTIPLE_POST_OP (0) | DNNL_ARG_SRC_1, state->residual };
  }
  cnn_dnnl_run (state->primitive, args, n);
}

void
cnn_conv_destroy_memory (dnnl_memory_t memory)
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
  cnn_conv_destroy_memory (state->src);
  cnn_conv_destroy_memory (state->dst);
  cnn_conv_destroy_memory (state->residual);
  cnn_conv_destroy_memory (state->own_bias);
  g_free (state);
}

const CnnStepClass cnn_step_class_conv = {
  conv_compile, conv_forward, cnn_conv_compile_backward, cnn_conv_backward, conv_free, cnn_conv_free_backward,
};
