/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an occluder changes, from layer to layer. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-region.h"
#include "engine/steps/cnn-step-gather.h"

#include <math.h>
#include <string.h>

/* A window of more than this share of its tensor costs more, with its margins and copies, than the tensor. */
#define NEARLY_WHOLE 0.75

/* One spatial axis of a sliding window; reach: dilated kernel. */
typedef struct {
  gint64 stride, reach, pad;
} Slide;

/* regions */

static void
region_free (CnnRegion *region)
{
  for (guint axis = 0; axis < 2; axis++) {
    g_free (region->origin[axis]);
    g_free (region->from[axis]);
    g_free (region->to[axis]);
  }
  g_free (region);
}

CnnRegions *
cnn_regions_new (guint n_rows, guint n_columns, guint batch)
{
  CnnRegions *self = g_new0 (CnnRegions, 1);

  self->n_positions[0] = n_rows;
  self->n_positions[1] = n_columns;
  self->all = g_ptr_array_new_with_free_func ((GDestroyNotify)region_free);
  for (guint axis = 0; axis < 2; axis++)
    self->position[axis] = g_new0 (guint, batch);
  return self;
}

void
cnn_regions_free (CnnRegions *self)
{
  g_ptr_array_unref (self->all);
  for (guint axis = 0; axis < 2; axis++)
    g_free (self->position[axis]);
  g_free (self);
}

static CnnRegion *
region_new (CnnRegions *self, guint value, gint64 height, gint64 width)
{
  CnnRegion *region = g_new0 (CnnRegion, 1);

  region->value = value;
  region->whole[0] = height;
  region->whole[1] = width;
  region->step[0] = region->step[1] = 1;
  for (guint axis = 0; axis < 2; axis++) {
    region->origin[axis] = g_new0 (gint32, self->n_positions[axis]);
    region->from[axis] = g_new0 (gint32, self->n_positions[axis]);
    region->to[axis] = g_new0 (gint32, self->n_positions[axis]);
  }
  g_ptr_array_add (self->all, region);
  return region;
}

/* Sizes the window for the largest change and lays it over each; %NULL where it is nearly everything. */
static CnnRegion *
close_region (CnnRegions *self, CnnRegion *region)
{
  for (guint axis = 0; axis < 2; axis++) {
    gint64 size = 1;

    for (guint i = 0; i < self->n_positions[axis]; i++)
      size = MAX (size, region->to[axis][i] - region->from[axis][i]);
    region->size[axis] = size;
  }
  if (!self->keep_all && (double)region->size[0] * (double)region->size[1] >=
                             NEARLY_WHOLE * (double)region->whole[0] * (double)region->whole[1])
    return NULL;
  for (guint axis = 0; axis < 2; axis++)
    for (guint i = 0; i < self->n_positions[axis]; i++)
      region->origin[axis][i] =
          (gint32)CLAMP (region->from[axis][i], 0, region->whole[axis] - region->size[axis]);
  return region;
}

CnnRegion *
cnn_region_of_occluder (CnnRegions *self, guint value, const gint64 *whole, const int *size,
                        const int *const *at)
{
  CnnRegion *region = region_new (self, value, whole[0], whole[1]);

  for (guint axis = 0; axis < 2; axis++)
    for (guint i = 0; i < self->n_positions[axis]; i++) {
      region->from[axis][i] = (gint32)CLAMP (at[axis][i], 0, whole[axis]);
      region->to[axis][i] =
          (gint32)CLAMP ((gint64)at[axis][i] + size[axis], region->from[axis][i], whole[axis]);
    }
  return close_region (self, region);
}

/* what changes behind an operator */

static gint64
floor_division (gint64 a, gint64 b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* The outputs whose windows meet what changes. */
static void
slide_changes (const CnnRegions *self, const CnnRegion *in, const Slide *slides, CnnRegion *out)
{
  for (guint axis = 0; axis < 2; axis++) {
    const Slide *slide = &slides[axis];

    for (guint i = 0; i < self->n_positions[axis]; i++) {
      gint64 from = in->from[axis][i], to = in->to[axis][i], first, end;

      /* output o reads inputs o·stride - pad … o·stride - pad + reach - 1 */
      first = floor_division (from + slide->pad - slide->reach, slide->stride) + 1;
      end = from < to ? floor_division (to - 1 + slide->pad, slide->stride) + 1 : first;
      first = CLAMP (first, 0, out->whole[axis]);
      out->from[axis][i] = (gint32)first;
      out->to[axis][i] = (gint32)CLAMP (end, first, out->whole[axis]);
    }
  }
}

static void
shift_changes (const CnnRegions *self, const CnnRegion *in, const gint64 *shift, CnnRegion *out)
{
  for (guint axis = 0; axis < 2; axis++)
    for (guint i = 0; i < self->n_positions[axis]; i++) {
      gint64 from = CLAMP (in->from[axis][i] + shift[axis], 0, out->whole[axis]);

      out->from[axis][i] = (gint32)from;
      out->to[axis][i] = (gint32)CLAMP (in->to[axis][i] + shift[axis], from, out->whole[axis]);
    }
}

/* Also what changes in @other. */
static void
unite_changes (const CnnRegions *self, const CnnRegion *other, CnnRegion *out)
{
  for (guint axis = 0; axis < 2; axis++)
    for (guint i = 0; i < self->n_positions[axis]; i++) {
      gboolean is_empty = out->from[axis][i] >= out->to[axis][i];

      if (other->from[axis][i] >= other->to[axis][i])
        continue;
      out->from[axis][i] = is_empty ? other->from[axis][i] : MIN (out->from[axis][i], other->from[axis][i]);
      out->to[axis][i] = is_empty ? other->to[axis][i] : MAX (out->to[axis][i], other->to[axis][i]);
    }
}

/* gathering */

gboolean
cnn_region_same_rectangle (const CnnRegions *self, const CnnRegion *a, const CnnRegion *b)
{
  for (guint axis = 0; axis < 2; axis++)
    if (a->size[axis] != b->size[axis] || a->step[axis] != b->step[axis] ||
        memcmp (a->origin[axis], b->origin[axis], self->n_positions[axis] * sizeof (gint32)) != 0)
      return FALSE;
  return TRUE;
}

/* A kernel of one place with a stride leaves places out, which need not be gathered. */
static gboolean
is_thinning (const CnnStep *step, const CnnRegion *out, const Slide *slides)
{
  for (guint axis = 0; axis < 2; axis++)
    if (slides[axis].reach != 1 || slides[axis].stride < 2 || out->size[axis] == out->whole[axis])
      return FALSE;
  return step->klass == &cnn_step_class_conv;
}

/* The rectangle of the input that the windows of @out read. An axis that the output has whole is read whole,
 * with the padding left to the step. */
static CnnRegion *
rectangle_behind (CnnRegions *self, const CnnRegion *in, const CnnRegion *out, const Slide *slides,
                  CnnStep *step)
{
  CnnRegion *rectangle = region_new (self, in->value, in->whole[0], in->whole[1]);

  step->thinned = is_thinning (step, out, slides);
  for (guint axis = 0; axis < 2; axis++) {
    const Slide *slide = &slides[axis];

    step->gathered[axis] = out->size[axis] < out->whole[axis];
    if (step->thinned) {
      rectangle->size[axis] = out->size[axis];
      rectangle->step[axis] = slide->stride;
    } else {
      rectangle->size[axis] =
          step->gathered[axis] ? (out->size[axis] - 1) * slide->stride + slide->reach : in->whole[axis];
    }
    for (guint i = 0; i < self->n_positions[axis] && step->gathered[axis]; i++)
      rectangle->origin[axis][i] = (gint32)(out->origin[axis][i] * slide->stride - slide->pad);
  }
  return rectangle;
}

static guint
gather (CnnPlan *plan, guint slot, CnnRegion *rectangle, float pad)
{
  const CnnRegion *have = cnn_plan_slot (plan, slot)->region;

  if (cnn_region_same_rectangle (plan->regions, have, rectangle))
    return slot;
  return cnn_plan_gather (plan, slot, rectangle, rectangle, pad);
}

guint
cnn_region_whole (CnnPlan *plan, guint slot)
{
  return slot == CNN_NO_SLOT || cnn_plan_slot (plan, slot)->region == NULL
             ? slot
             : cnn_plan_gather (plan, slot, NULL, NULL, 0);
}

static void
read_whole (CnnPlan *plan, CnnStep *step)
{
  for (guint i = 0; i < step->n_inputs; i++)
    step->inputs[i] = cnn_region_whole (plan, step->inputs[i]);
  step->residual = cnn_region_whole (plan, step->residual);
}

/* operators */

static gboolean
is_sliding (CnnPlan *plan, const CnnStep *step, Slide *slides)
{
  const CnnWindow *window =
      step->klass == &cnn_step_class_conv ? &step->op->attrs.conv.window : &step->op->attrs.pool.window;
  const CnnShape *in = &cnn_model_get_value (plan->model, step->op->inputs[0])->shape;
  gboolean is_padded = FALSE;

  if (step->klass != &cnn_step_class_conv && step->klass != &cnn_step_class_pool)
    return FALSE;
  slides[0] = slides[1] = (Slide){ 1, 1, 0 };
  for (guint i = 0; i < window->n_axes; i++) {
    Slide *slide = &slides[i + 2 - window->n_axes];
    gint64 end, out;

    if (!cnn_window_resolve (window, i, in->dims[i + 2], &slide->pad, &end, &out))
      return FALSE;
    slide->stride = window->stride[i];
    slide->reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
    is_padded = is_padded || slide->pad > 0 || (out - 1) * slide->stride + slide->reach > in->dims[i + 2];
  }
  /* an average that leaves the padding out divides by other numbers at the border */
  return step->klass == &cnn_step_class_conv || step->op->attrs.pool.kind != CNN_POOL_AVERAGE_VALID ||
         !is_padded;
}

/* Whether each output position depends on the inputs' same position only. */
static gboolean
is_pointwise (const CnnStep *step)
{
  return step->klass == &cnn_step_class_activation || step->klass == &cnn_step_class_affine ||
         step->klass == &cnn_step_class_add || step->klass == &cnn_step_class_concat;
}

static gboolean
is_padding (CnnPlan *plan, const CnnStep *step)
{
  guint rank = cnn_model_get_value (plan->model, step->op->output)->shape.rank;

  if (step->op->kind != CNN_OP_PAD || step->op->attrs.pad.kind != CNN_PAD_CONSTANT || rank < 3 || rank > 4)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (step->op->attrs.pad.before[i] != 0 || step->op->attrs.pad.after[i] != 0)
      return FALSE;
  return TRUE;
}

/* Whether a window of each input is known: an activation that comes whole makes everything after it whole. */
static gboolean
all_have_regions (CnnPlan *plan, const CnnStep *step)
{
  guint n = step->klass == &cnn_step_class_conv || step->klass == &cnn_step_class_affine ? 1 : step->n_inputs;

  for (guint i = 0; i < n; i++)
    if (step->inputs[i] == CNN_NO_SLOT || cnn_plan_slot (plan, step->inputs[i])->region == NULL)
      return FALSE;
  return step->residual == CNN_NO_SLOT || cnn_plan_slot (plan, step->residual)->region != NULL;
}

static const CnnRegion *
region_of (CnnPlan *plan, guint slot)
{
  return cnn_plan_slot (plan, slot)->region;
}

static CnnRegion *
output_region (CnnPlan *plan, guint value)
{
  const CnnShape *shape = &cnn_model_get_value (plan->model, value)->shape;

  return region_new (plan->regions, value, shape->rank > 3 ? shape->dims[2] : 1,
                     shape->dims[shape->rank - 1]);
}

static CnnRegion *
fit_sliding (CnnPlan *plan, CnnStep *step, const Slide *slides, guint value)
{
  CnnRegion *out = output_region (plan, value);
  gboolean is_max = step->klass == &cnn_step_class_pool && step->op->attrs.pool.kind == CNN_POOL_MAX;

  slide_changes (plan->regions, region_of (plan, step->inputs[0]), slides, out);
  if (step->residual != CNN_NO_SLOT)
    unite_changes (plan->regions, region_of (plan, step->residual), out);
  out = close_region (plan->regions, out);
  if (out == NULL) {
    read_whole (plan, step);
    return NULL;
  }
  step->inputs[0] =
      gather (plan, step->inputs[0],
              rectangle_behind (plan->regions, region_of (plan, step->inputs[0]), out, slides, step),
              is_max ? -INFINITY : 0);
  if (step->residual != CNN_NO_SLOT)
    step->residual = gather (plan, step->residual, out, 0);
  return out;
}

static CnnRegion *
fit_pointwise (CnnPlan *plan, CnnStep *step, guint value)
{
  CnnRegion *out = output_region (plan, value);
  guint n = step->klass == &cnn_step_class_affine ? 1 : step->n_inputs;

  for (guint i = 0; i < n; i++)
    unite_changes (plan->regions, region_of (plan, step->inputs[i]), out);
  out = close_region (plan->regions, out);
  if (out == NULL) {
    read_whole (plan, step);
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    step->inputs[i] = gather (plan, step->inputs[i], out, 0);
  return out;
}

/* Padding and cropping: a gathering at another place. */
static gboolean
fit_padding (CnnPlan *plan, CnnStep *step, guint value, CnnRegion **region)
{
  CnnRegion *out = output_region (plan, value), *rectangle;
  const CnnRegion *in = region_of (plan, step->inputs[0]);
  const CnnShape *shape = &cnn_model_get_value (plan->model, value)->shape;
  gint64 shift[2] = { 0, step->op->attrs.pad.before[shape->rank - 1] };

  if (shape->rank > 3)
    shift[0] = step->op->attrs.pad.before[2];
  shift_changes (plan->regions, in, shift, out);
  *region = close_region (plan->regions, out);
  if (*region == NULL) {
    read_whole (plan, step);
    return TRUE;
  }
  rectangle = region_new (plan->regions, in->value, in->whole[0], in->whole[1]);
  for (guint axis = 0; axis < 2; axis++) {
    rectangle->size[axis] = out->size[axis];
    for (guint i = 0; i < plan->regions->n_positions[axis]; i++)
      rectangle->origin[axis][i] = (gint32)(out->origin[axis][i] - shift[axis]);
  }
  step->output = cnn_plan_gather (plan, step->inputs[0], rectangle, out, step->op->attrs.pad.value);
  return FALSE;
}

gboolean
cnn_region_fit (CnnPlan *plan, CnnStep *step, guint value, CnnRegion **region)
{
  Slide slides[2];

  *region = NULL;
  if (plan->regions == NULL)
    return TRUE;
  if (all_have_regions (plan, step)) {
    if (is_padding (plan, step))
      return fit_padding (plan, step, value, region);
    if (is_sliding (plan, step, slides)) {
      *region = fit_sliding (plan, step, slides, value);
      return TRUE;
    }
    if (is_pointwise (step)) {
      *region = fit_pointwise (plan, step, value);
      return TRUE;
    }
  }
  read_whole (plan, step);
  return TRUE;
}
