/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pooling: forward on oneDNN; backward our own, so that ties go to the first maximum and a batch of gradients
 * shares one forward. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/cnn-plan.h"

#include <math.h>
#include <string.h>

typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t src, dst;
  gint64 kernel[2], stride[2], pad[2]; /* rows, columns; pad: at the beginning */
} PoolState;

static void
find_geometry (CnnPlan *plan, const CnnStep *step, PoolState *state, dnnl_dims_t pad_end)
{
  const CnnWindow *window = &step->op->attrs.pool.window;
  const CnnShape *in = &cnn_model_get_value (plan->model, step->op->inputs[0])->shape;
  guint skip = 2 - window->n_axes;

  for (guint i = 0; i < 2; i++) {
    state->kernel[i] = state->stride[i] = 1;
    state->pad[i] = pad_end[i] = 0;
  }
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 end, out;

    if (!cnn_window_resolve (window, i, in->dims[i + 2], &state->pad[i + skip], &end, &out))
      g_error ("a window that was checked does not fit");
    state->kernel[i + skip] = window->kernel[i];
    state->stride[i + skip] = window->stride[i];
    /* what the last window really reaches: ceil mode may go beyond the pad, other windows may stop before it
     */
    pad_end[i + skip] =
        (out - 1) * window->stride[i] + window->kernel[i] - in->dims[i + 2] - state->pad[i + skip];
    if (step->gathered[i + skip])
      state->pad[i + skip] = pad_end[i + skip] = 0;
  }
}

static gboolean
pool_compile (CnnPlan *plan, CnnStep *step, GError **error)
{
  static const dnnl_alg_kind_t kinds[] = { dnnl_pooling_max, dnnl_pooling_avg_exclude_padding,
                                           dnnl_pooling_avg_include_padding };
  PoolState *state = g_new0 (PoolState, 1);
  dnnl_dims_t kernel, stride, pad_begin, pad_end;
  dnnl_pooling_desc_t desc;
  dnnl_primitive_desc_t pd = NULL;
  dnnl_memory_desc_t src, dst;
  dnnl_status_t status;
  guint block = cnn_dnnl_block ();

  step->state = state;
  find_geometry (plan, step, state, pad_end);
  for (guint i = 0; i < 2; i++) {
    kernel[i] = state->kernel[i];
    stride[i] = state->stride[i];
    pad_begin[i] = state->pad[i];
  }
  step->inputs[0] = cnn_plan_in_block (plan, step->inputs[0], block);
  cnn_slot_set_block (cnn_plan_slot (plan, step->output), block);
  cnn_slot_md (cnn_plan_slot (plan, step->inputs[0]), cnn_plan_slot (plan, step->inputs[0])->n, &src);
  cnn_slot_md (cnn_plan_slot (plan, step->output), cnn_plan_slot (plan, step->output)->n, &dst);
  status = dnnl_pooling_forward_desc_init (&desc, dnnl_forward_inference, kinds[step->op->attrs.pool.kind],
                                           &src, &dst, stride, kernel, pad_begin, pad_end);
  if (status == dnnl_success)
    pd = cnn_dnnl_describe (&desc, NULL, NULL);
  if (status == dnnl_success)
    status = pd != NULL ? dnnl_primitive_create (&state->primitive, pd) : dnnl_unimplemented;
  if (pd != NULL)
    dnnl_primitive_desc_destroy (pd);
  state->src = cnn_dnnl_memory (&src, NULL);
  state->dst = cnn_dnnl_memory (&dst, NULL);
  return cnn_dnnl_check (status, "pooling", step->op->name, error);
}

static void
pool_forward (CnnPlan *plan, CnnStep *step)
{
  PoolState *state = step->state;
  dnnl_exec_arg_t args[] = { { DNNL_ARG_SRC, state->src }, { DNNL_ARG_DST, state->dst } };

  dnnl_memory_set_data_handle (state->src, cnn_plan_slot (plan, step->inputs[0])->data);
  dnnl_memory_set_data_handle (state->dst, cnn_plan_slot (plan, step->output)->data);
  cnn_dnnl_run (state->primitive, args, 2);
}

static void
pool_free (gpointer data)
{
  PoolState *state = data;

  if (state->primitive != NULL)
    dnnl_primitive_destroy (state->primitive);
  dnnl_memory_destroy (state->src);
  dnnl_memory_destroy (state->dst);
  g_free (state);
}

/* backward: one block of channels of one row at a time, each lane of a vector one channel */

#define MAX_BLOCK 16

typedef struct {
  const PoolState *pool;
  const CnnSlot *in, *out;
  const float *x, *y, *dy;
  float *dx;
  float slack[MAX_BLOCK]; /* what is so near to the maximum of its channel is as large */
} PoolRow;

/* The window's part inside the input. */
typedef struct {
  gint64 h0, h1, w0, w1;
} PoolWindow;

/* Flat regions give equal numbers, which the rounding of Winograd's algorithm tells apart at random; as a
 * share of a channel's largest output. Elsewhere what differs at all is not equal. */
#define SLACK 1e-6f

static void
find_slack (PoolRow *row, guint block)
{
  for (guint lane = 0; lane < block; lane++)
    row->slack[lane] = 0;
  for (gint64 i = 0; row->in->rounded && i < row->out->h * row->out->w; i++)
    for (guint lane = 0; lane < block; lane++)
      row->slack[lane] = MAX (row->slack[lane], fabsf (row->y[i * block + lane]));
  for (guint lane = 0; lane < block; lane++)
    row->slack[lane] = isfinite (row->slack[lane]) ? row->slack[lane] * SLACK : 0;
}

static void
window_range (const PoolState *pool, guint axis, gint64 o, gint64 size, gint64 *from, gint64 *to)
{
  gint64 start = o * pool->stride[axis] - pool->pad[axis];

  *from = MAX (start, 0);
  *to = MIN (start + pool->kernel[axis], size);
}

static inline __attribute__ ((always_inline)) void
max_at (const PoolRow *row, const guint block, const PoolWindow *window, gint64 o)
{
  float left[MAX_BLOCK], least[MAX_BLOCK];

  for (guint lane = 0; lane < block; lane++) {
    left[lane] = row->dy[o + lane];
    least[lane] = row->y[o + lane] - row->slack[lane];
  }
  for (gint64 h = window->h0; h < window->h1; h++)
    for (gint64 w = window->w0; w < window->w1; w++) {
      const float *x = row->x + (h * row->in->w + w) * block;
      float *dx = row->dx + (h * row->in->w + w) * block;

      /* what is left goes to the first that equals the maximum, then nothing is left */
#pragma omp simd
      for (guint lane = 0; lane < block; lane++) {
        gboolean equal = x[lane] >= least[lane];

        dx[lane] += equal ? left[lane] : 0;
        left[lane] = equal ? 0 : left[lane];
      }
    }
}

static inline __attribute__ ((always_inline)) void
average_at (const PoolRow *row, const guint block, const PoolWindow *window, gint64 o, gboolean padded)
{
  gint64 size = (window->h1 - window->h0) * (window->w1 - window->w0);
  float share = 1.0f / (float)(padded ? row->pool->kernel[0] * row->pool->kernel[1] : MAX (size, 1));

  for (gint64 h = window->h0; h < window->h1; h++)
    for (gint64 w = window->w0; w < window->w1; w++) {
      float *dx = row->dx + (h * row->in->w + w) * block;

#pragma omp simd
      for (guint lane = 0; lane < block; lane++)
        dx[lane] += row->dy[o + lane] * share;
    }
}

static inline __attribute__ ((always_inline)) void
pool_windows (const PoolRow *row, const guint block, CnnPoolKind kind)
{
  for (gint64 oh = 0; oh < row->out->h; oh++)
    for (gint64 ow = 0; ow < row->out->w; ow++) {
      gint64 o = (oh * row->out->w + ow) * block;
      PoolWindow window;

      window_range (row->pool, 0, oh, row->in->h, &window.h0, &window.h1);
      window_range (row->pool, 1, ow, row->in->w, &window.w0, &window.w1);
      if (kind == CNN_POOL_MAX)
        max_at (row, block, &window, o);
      else
        average_at (row, block, &window, o, kind == CNN_POOL_AVERAGE_PADDED);
    }
}

CNN_KERNEL_CLONES static void
pool_row (PoolRow *row, guint block, CnnPoolKind kind)
{
  if (kind == CNN_POOL_MAX)
    find_slack (row, block);
  memset (row->dx, 0, (gsize)(row->in->h * row->in->w * block) * sizeof (float));
  /* with a block that the compiler knows a place is one vector */
  if (block == 16)
    pool_windows (row, 16, kind);
  else
    pool_windows (row, block, kind);
}

static void
pool_backward (CnnBackward *backward, CnnStep *step, gpointer unused)
{
  CnnPlan *plan = backward->plan;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  guint block = in->block;
  gint64 rows = in->n / plan->batch * backward->batch, blocks = (in->c + block - 1) / block;
  gsize in_size = (gsize)(in->h * in->w * block), out_size = (gsize)(out->h * out->w * block);
  float *target;

  if (!cnn_backward_wants (backward, step->inputs[0]))
    return;
  target = cnn_backward_target (backward, step->inputs[0]);
#pragma omp parallel for collapse(2)
  for (gint64 n = 0; n < rows; n++)
    for (gint64 b = 0; b < blocks; b++) {
      PoolRow row = { step->state, in, out };

      row.x = cnn_backward_row (backward, step->inputs[0], (guint)n) + (gsize)b * in_size;
      row.y = cnn_backward_row (backward, step->output, (guint)n) + (gsize)b * out_size;
      row.dy = backward->diffs[step->output] + (gsize)n * out->sample_size + (gsize)b * out_size;
      row.dx = target + (gsize)n * in->sample_size + (gsize)b * in_size;
      pool_row (&row, block, step->op->attrs.pool.kind);
    }
  cnn_backward_commit (backward, step->inputs[0], target);
}

const CnnStepClass cnn_step_class_pool = {
  .compile = pool_compile,
  .forward = pool_forward,
  .backward = pool_backward,
  .free_state = pool_free,
};
