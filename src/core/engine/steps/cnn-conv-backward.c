/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back through a convolution. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-conv-private.h"

#include <string.h>

typedef struct {
  CnnConvGeometry geometry;
  gboolean image; /* by cnn_conv_image_backward(); the rest is not used */
  dnnl_alg_kind_t algorithm;
  gboolean turned;            /* as a convolution with turned weights */
  dnnl_primitive_t primitive; /* else oneDNN's way back */
  dnnl_primitive_t adding;    /* the same convolution, added to what is there; made when first wanted */
  gboolean adding_tried;      /* so that what oneDNN does not have is asked for once */
  dnnl_memory_t diff_src, diff_dst, weights;
  guint src_block, dst_block; /* formats the primitive works in */
  float *src_copy, *dst_copy; /* where they differ from the slots' */
} ConvBackward;

/* At stride 1 the way back is a convolution itself: of the output's diff with turned kernels. Winograd's
 * algorithm is better on that than on oneDNN's own way back, which has it for large tensors only; and, other
 * than that way back, it can add to what the diff already holds. */
static dnnl_primitive_desc_t
describe_turned (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n,
                 dnnl_alg_kind_t algorithm, gboolean adds)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  guint block = cnn_dnnl_block ();
  dnnl_memory_desc_t diff_src, diff_dst, weights;
  dnnl_convolution_desc_t desc;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t pd;
  dnnl_dims_t begin, end;

  for (guint i = 0; i < 2; i++) {
    begin[i] = g->kernel[i] - 1 - g->pad_begin[i];
    end[i] = g->kernel[i] - 1 - g->pad_end[i];
    if (begin[i] < 0 || end[i] < 0)
      return NULL;
  }
  cnn_conv_image_md (&diff_src, in, n, block);
  cnn_conv_image_md (&diff_dst, out, n, block);
  cnn_conv_weights_md (step, kernel, g, TRUE, &weights);
  if (dnnl_convolution_forward_desc_init (&desc, dnnl_forward_inference, algorithm, &diff_dst, &weights, NULL,
                                          &diff_src, g->stride, begin, end) != dnnl_success)
    return NULL;
  if (adds)
    attributes = cnn_dnnl_sum_attributes ();
  pd = cnn_dnnl_describe (&desc, attributes, NULL);
  if (attributes != NULL)
    dnnl_primitive_attr_destroy (attributes);
  return pd;
}

static dnnl_primitive_desc_t
describe_backward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n, guint src_block,
                   guint dst_block)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnTensor *kernel = cnn_plan_constant (plan, step->op, 1);
  const CnnConvChoice choice = { dnnl_convolution_direct, src_block, dst_block, FALSE };
  dnnl_primitive_desc_t hint = cnn_conv_describe (plan, step, g, n, &choice, FALSE), pd = NULL;
  dnnl_memory_desc_t diff_src, diff_dst, weights;
  dnnl_convolution_desc_t desc;

  if (hint == NULL)
    return NULL;
  cnn_conv_image_md (&diff_src, in, n, src_block);
  cnn_conv_image_md (&diff_dst, out, n, dst_block);
  cnn_conv_weights_md (step, kernel, g, FALSE, &weights);
  if (dnnl_dilated_convolution_backward_data_desc_init (&desc, dnnl_convolution_direct, &diff_src, &weights,
                                                        &diff_dst, g->stride, g->dilation, g->pad_begin,
                                                        g->pad_end) == dnnl_success)
    pd = cnn_dnnl_describe (&desc, NULL, hint);
  dnnl_primitive_desc_destroy (hint);
  return pd;
}

static guint
block_of (const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
  return cnn_dnnl_block_of (dnnl_primitive_desc_query_md (pd, what, 0));
}

/* The first choice of formats that oneDNN has real code for. */
static dnnl_primitive_desc_t
choose_backward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n, ConvBackward *state)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  guint block = cnn_dnnl_block ();
  guint choices[][2] = {
    { block, block }, { 0, 0 }, { in->block, out->block }, { (guint)in->c, (guint)out->c }, { 1, 1 }
  };
  dnnl_primitive_desc_t fallback = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++) {
    dnnl_primitive_desc_t pd = describe_backward (plan, step, g, n, choices[i][0], choices[i][1]);
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

/* Memory objects of the two diffs and the weights. */
static void
make_memories (CnnPlan *plan, const CnnStep *step, const_dnnl_primitive_desc_t pd, ConvBackward *state)
{
  dnnl_query_t src = state->turned ? dnnl_query_dst_md : dnnl_query_diff_src_md,
               dst = state->turned ? dnnl_query_src_md : dnnl_query_diff_dst_md;
  const dnnl_memory_desc_t *weights = dnnl_primitive_desc_query_md (pd, dnnl_query_weights_md, 0);

  state->weights = state->turned ? cnn_conv_turned_weights (plan, step, &state->geometry, weights)
                                 : cnn_conv_weights (plan, step, &state->geometry, weights);
  state->diff_src = cnn_dnnl_memory (dnnl_primitive_desc_query_md (pd, src, 0), NULL);
  state->diff_dst = cnn_dnnl_memory (dnnl_primitive_desc_query_md (pd, dst, 0), NULL);
}

/* A 1x1 convolution that leaves nothing out is a matrix product, whose way back is one too. */
static gboolean
is_product (const CnnStep *step, const CnnConvGeometry *g)
{
  for (guint i = 0; i < 2; i++)
    if (g->kernel[i] != 1 || g->stride[i] != 1 || g->pad_begin[i] != 0 || g->pad_end[i] != 0)
      return FALSE;
  return step->op->attrs.conv.groups == 1;
}

static dnnl_primitive_desc_t
choose (CnnPlan *plan, const CnnStep *step, gint64 n, ConvBackward *state)
{
  const CnnConvGeometry *g = &state->geometry;
  dnnl_primitive_desc_t pd = NULL;

  state->algorithm =
      cnn_conv_suits_winograd (plan, step, g, n) ? dnnl_convolution_winograd : dnnl_convolution_direct;
  if (state->algorithm == dnnl_convolution_winograd || is_product (step, g))
    pd = describe_turned (plan, step, g, n, state->algorithm, FALSE);
  if (pd != NULL && cnn_dnnl_is_reference (pd))
    g_clear_pointer (&pd, dnnl_primitive_desc_destroy);
  if (pd == NULL)
    return choose_backward (plan, step, g, n, state);
  state->turned = TRUE;
  state->src_block = state->dst_block = cnn_dnnl_block ();
  return pd;
}

gboolean
cnn_conv_compile_backward (CnnBackward *backward, CnnStep *step, gpointer *result, GError **error)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  gint64 n = in->n / plan->batch * backward->batch;
  ConvBackward *state = g_new0 (ConvBackward, 1);
  dnnl_primitive_desc_t pd;
  dnnl_status_t status;

  *result = state;
  cnn_conv_find_geometry (plan, step, &state->geometry);
  state->image = cnn_conv_image_suits (plan, step);
  if (state->image)
    return TRUE;
  pd = choose (plan, step, n, state);
  if (pd == NULL)
    return cnn_dnnl_check (dnnl_unimplemented, "convolution's gradient", step->op->name, error);
  make_memories (plan, step, pd, state);
  if (state->src_block != in->block)
    state->src_copy = cnn_dnnl_alloc (blocked_size (in, n, state->src_block));
  if (state->dst_block != out->block)
    state->dst_copy = cnn_dnnl_alloc (blocked_size (out, n, state->dst_block));
  status = dnnl_primitive_create (&state->primitive, pd);
  dnnl_primitive_desc_destroy (pd);
  return cnn_dnnl_check (status, "convolution's gradient", step->op->name, error);
}

/* What adds to the diff where it lies, or NULL: then scratch memory is written and added. */
static dnnl_primitive_t
adding_primitive (CnnPlan *plan, const CnnStep *step, ConvBackward *state, gint64 n)
{
  dnnl_memory_desc_t weights;
  const dnnl_memory_desc_t *known;
  dnnl_primitive_desc_t pd;

  if (state->adding_tried || !state->turned || state->src_copy != NULL)
    return state->adding;
  state->adding_tried = TRUE;
  pd = describe_turned (plan, step, &state->geometry, n, state->algorithm, TRUE);
  if (pd == NULL)
    return NULL;
  weights = *dnnl_primitive_desc_query_md (pd, dnnl_query_weights_md, 0);
  if (dnnl_memory_get_memory_desc (state->weights, &known) == dnnl_success &&
      dnnl_memory_desc_equal (&weights, known) && !cnn_dnnl_is_reference (pd))
    dnnl_primitive_create (&state->adding, pd);
  dnnl_primitive_desc_destroy (pd);
  return state->adding;
}

static void
run_primitive (CnnPlan *plan, const CnnStep *step, ConvBackward *state, dnnl_primitive_t primitive, gint64 n,
               const float *diff, float *target)
{
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  dnnl_exec_arg_t args[] = { { state->turned ? DNNL_ARG_SRC : DNNL_ARG_DIFF_DST, state->diff_dst },
                             { DNNL_ARG_WEIGHTS, state->weights },
                             { state->turned ? DNNL_ARG_DST : DNNL_ARG_DIFF_SRC, state->diff_src } };

  if (state->dst_copy != NULL)
    cnn_block_convert (diff, out->block, state->dst_copy, state->dst_block, n, out->c, out->h * out->w,
                       FALSE);
  cnn_conv_bind (state->diff_dst, state->dst_copy != NULL ? state->dst_copy : diff);
  cnn_conv_bind (state->diff_src, state->src_copy != NULL ? state->src_copy : target);
  cnn_dnnl_run (primitive, args, 3);
  if (state->src_copy != NULL)
    cnn_block_convert (state->src_copy, state->src_block, target, in->block, n, in->c, in->h * in->w, FALSE);
}

/* The diff goes to the residual as it is: often the two share their memory. */
static void
pass_to_residual (CnnBackward *backward, const CnnStep *step, gint64 n, const float *diff)
{
  const CnnSlot *out = cnn_plan_slot (backward->plan, step->output);
  float *target = cnn_backward_target (backward, step->residual);

  if (target != diff)
    memcpy (target, diff, out->sample_size * (gsize)n * sizeof (float));
  cnn_backward_commit (backward, step->residual, target);
}

void
cnn_conv_backward (CnnBackward *backward, CnnStep *step, gpointer data)
{
  CnnPlan *plan = backward->plan;
  ConvBackward *state = data;
  guint input = step->inputs[0];
  gint64 n = cnn_plan_slot (plan, step->output)->n / plan->batch * backward->batch;
  const float *diff = backward->diffs[step->output];
  dnnl_primitive_t primitive = state->primitive, adding = NULL;
  float *target;

  cnn_backward_gate (backward, step);
  if (cnn_backward_wants (backward, step->residual))
    pass_to_residual (backward, step, n, diff);
  if (!cnn_backward_wants (backward, input))
    return;
  target = cnn_backward_target (backward, input);
  if (target != backward->diffs[input] && diff != backward->diffs[input])
    adding = adding_primitive (plan, step, state, n);
  if (adding != NULL) {
    target = backward->diffs[input];
    primitive = adding;
  }
  if (state->image)
    cnn_conv_image_backward (plan, step, &state->geometry, n, diff, target);
  else
    run_primitive (plan, step, state, primitive, n, diff, target);
  cnn_backward_commit (backward, input, target);
}

void
cnn_conv_free_backward (gpointer data)
{
  ConvBackward *state = data;

  if (state->primitive != NULL)
    dnnl_primitive_destroy (state->primitive);
  if (state->adding != NULL)
    dnnl_primitive_destroy (state->adding);
  cnn_conv_destroy_memory (state->diff_src);
  cnn_conv_destroy_memory (state->diff_dst);
  cnn_dnnl_free (state->src_copy);
  cnn_dnnl_free (state->dst_copy);
  g_free (state);
}
