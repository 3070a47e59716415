/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cutting rectangles out of clean tensors that carry a changed window. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-step-gather.h"
#include "engine/incremental/cnn-region.h"

#include <string.h>

typedef struct {
  const CnnRegion *rectangle; /* NULL: the whole tensor */
  float pad;
} GatherState;

/* One axis of one position: the rectangle, of which every @step-th place is wanted, the window, and the
 * tensor, in the tensor's coordinates. */
typedef struct {
  gint64 at, size, step, window, window_size, whole;
} Cut;

static void
fill_floats (float *out, gint64 n, float value)
{
  for (gint64 i = 0; i < n; i++)
    out[i] = value;
}

static void
copy_floats (float *out, const float *in, gint64 n)
{
  memcpy (out, in, (gsize)n * sizeof (float));
}

/* A row of the rectangle: padding, clean numbers, the window's, clean numbers, padding. @window: NULL where
 * the row does not meet it. */
static void
gather_row (const Cut *cut, guint block, const float *clean, const float *window, float pad, float *out)
{
  gint64 end = cut->at + cut->size;
  gint64 inside = CLAMP (0, cut->at, end), inside_end = CLAMP (cut->whole, inside, end);
  gint64 new = inside_end, new_end = inside_end;

  if (window != NULL) {
    new = CLAMP (cut->window, inside, inside_end);
    new_end = CLAMP (cut->window + cut->window_size, new, inside_end);
  }
  fill_floats (out, (inside - cut->at) * block, pad);
  copy_floats (out + (inside - cut->at) * block, clean + inside * block, (new - inside) * block);
  if (new_end > new)
    copy_floats (out + (new - cut->at) * block, window + (new - cut->window) * block,
                 (new_end - new) * block);
  copy_floats (out + (new_end - cut->at) * block, clean + new_end * block, (inside_end - new_end) * block);
  fill_floats (out + (inside_end - cut->at) * block, (end - inside_end) * block, pad);
}

/* The same of every @step-th place. */
static void
gather_thinned (const Cut *cut, guint block, const float *clean, const float *window, float pad, float *out)
{
  for (gint64 i = 0; i < cut->size; i++, out += block) {
    gint64 x = cut->at + i * cut->step;

    if (x < 0 || x >= cut->whole)
      fill_floats (out, block, pad);
    else if (window != NULL && x >= cut->window && x < cut->window + cut->window_size)
      copy_floats (out, window + (x - cut->window) * block, block);
    else
      copy_floats (out, clean + x * block, block);
  }
}

/* One block of channels of one position. */
static void
gather_plane (const Cut *cuts, guint block, const float *clean, const float *window, float pad, float *out)
{
  const Cut *rows = &cuts[0], *columns = &cuts[1];

  for (gint64 i = 0; i < rows->size; i++) {
    gint64 y = rows->at + i * rows->step;
    float *to = out + i * columns->size * block;

    if (y < 0 || y >= rows->whole)
      fill_floats (to, columns->size * block, pad);
    else
      (columns->step == 1 ? gather_row
                          : gather_thinned) (columns, block, clean + y * columns->whole * block,
                                             y >= rows->window && y < rows->window + rows->window_size
                                                 ? window + (y - rows->window) * columns->window_size * block
                                                 : NULL,
                                             pad, to);
  }
}

static void
gather_forward (CnnPlan *plan, CnnStep *step)
{
  const GatherState *state = step->state;
  const CnnSlot *in = cnn_plan_slot (plan, step->inputs[0]), *out = cnn_plan_slot (plan, step->output);
  const CnnRegion *window = in->region, *rectangle = state->rectangle;
  const CnnRegions *regions = plan->regions;
  const float *clean = regions->clean (regions->clean_data, window->value, in->block);
  gint64 blocks = (in->c + in->block - 1) / in->block;
  gsize whole = (gsize)(window->whole[0] * window->whole[1] * in->block);

#pragma omp parallel for collapse(2)
  for (gint64 n = 0; n < in->n; n++)
    for (gint64 b = 0; b < blocks; b++) {
      Cut cuts[2];

      for (guint axis = 0; axis < 2; axis++) {
        guint position = regions->position[axis][n];

        cuts[axis] = (Cut){ rectangle != NULL ? rectangle->origin[axis][position] : 0,
                            rectangle != NULL ? rectangle->size[axis] : window->whole[axis],
                            rectangle != NULL ? rectangle->step[axis] : 1,
                            window->origin[axis][position],
                            window->size[axis],
                            window->whole[axis] };
      }
      gather_plane (
          cuts, in->block, clean + (gsize)b * whole,
          in->data + (gsize)n * in->sample_size + (gsize)b * (gsize)(in->h * in->w) * in->block, state->pad,
          out->data + (gsize)n * out->sample_size + (gsize)b * (gsize)(out->h * out->w) * in->block);
    }
}

static const CnnStepClass gather_class = { .forward = gather_forward, .free_state = g_free };

/* A step that gathers the same already. */
static CnnStep *
find_gather (CnnPlan *plan, guint slot, const CnnRegion *rectangle, float pad)
{
  for (guint i = plan->steps->len; i-- > 0;) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);
    const GatherState *state = step->state;

    if (step->klass != &gather_class || step->inputs[0] != slot ||
        (state->rectangle == NULL) != (rectangle == NULL))
      continue;
    if (rectangle == NULL || (cnn_region_same_rectangle (plan->regions, state->rectangle, rectangle) &&
                              memcmp (&state->pad, &pad, sizeof pad) == 0))
      return step;
  }
  return NULL;
}

guint
cnn_plan_gather (CnnPlan *plan, guint slot, const CnnRegion *rectangle, const CnnRegion *region, float pad)
{
  CnnStep *step = find_gather (plan, slot, rectangle, pad);
  CnnSlot result = *cnn_plan_slot (plan, slot);
  GatherState *state;

  if (step != NULL && (region == NULL || cnn_plan_slot (plan, step->output)->region->value == region->value))
    return step->output;
  step = cnn_step_new (&gather_class, NULL, 1);
  state = g_new0 (GatherState, 1);
  state->rectangle = rectangle;
  state->pad = pad;
  step->state = state;
  step->inputs[0] = slot;
  cnn_slot_set_region (&result, region, cnn_plan_slot (plan, slot)->region);
  result.first = result.last = plan->steps->len;
  g_array_append_val (plan->slots, result);
  step->output = plan->slots->len - 1;
  g_ptr_array_add (plan->steps, step);
  return step->output;
}
