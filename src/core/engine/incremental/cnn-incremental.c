/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-incremental.h"
#include "cnn-incremental-private.h"
#include "cnn-region.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A clean tensor with its channels in other blocks than the live plan's. */
typedef struct {
  guint value, block;
  float *data;
  guint64 input_number;
} CleanCopy;

struct _CnnIncremental {
  CnnEngine *engine;
  CnnPlan *plan;
  CnnRegions *regions;
  guint batch;
  CnnOccluderGrid grid;
  gint64 height, width; /* of the input */
  guint64 constants_number;
  GArray *copies; /* CleanCopy */
  guint score_value;
};

/* grids */

void
cnn_occluder_grid_copy (CnnOccluderGrid *self, const CnnOccluderGrid *from)
{
  *self = *from;
  for (guint axis = 0; axis < 2; axis++)
    self->at[axis] = g_memdup2 (from->at[axis], from->n[axis] * sizeof (int));
}

void
cnn_occluder_grid_clear (CnnOccluderGrid *self)
{
  for (guint axis = 0; axis < 2; axis++)
    g_free ((int *)self->at[axis]);
}

gboolean
cnn_occluder_grid_equal (const CnnOccluderGrid *a, const CnnOccluderGrid *b)
{
  for (guint axis = 0; axis < 2; axis++)
    if (a->size[axis] != b->size[axis] || a->n[axis] != b->n[axis] ||
        memcmp (a->at[axis], b->at[axis], b->n[axis] * sizeof (int)) != 0)
      return FALSE;
  return TRUE;
}

/* clean tensors */

static const float *
copy_clean (CnnIncremental *self, const CnnSlot *slot, guint value, guint block)
{
  guint64 number = cnn_engine_get_input_number (self->engine);
  CleanCopy *copy = NULL, new = { value, block, NULL, 0 };

  for (guint i = 0; i < self->copies->len && copy == NULL; i++) {
    CleanCopy *known = &g_array_index (self->copies, CleanCopy, i);

    if (known->value == value && known->block == block)
      copy = known;
  }
  if (copy == NULL) {
    new.data = cnn_dnnl_alloc ((gsize)((slot->c + block - 1) / block * block * slot->h * slot->w));
    g_array_append_val (self->copies, new);
    copy = &g_array_index (self->copies, CleanCopy, self->copies->len - 1);
  }
  if (copy->input_number != number)
    cnn_block_convert (slot->data, slot->block, copy->data, block, 1, slot->c, slot->h * slot->w, FALSE);
  copy->input_number = number;
  return copy->data;
}

static const float *
find_clean (gpointer data, guint value, guint block)
{
  CnnIncremental *self = data;
  CnnPlan *live = cnn_engine_peek_live_plan (self->engine);
  const CnnSlot *slot;

  /* what ran between two steps may have thrown it away; the batch is lost then, but must end */
  if (live == NULL)
    live = cnn_engine_live_plan (self->engine, NULL, NULL);
  g_assert (live != NULL);
  slot = cnn_plan_value (live, value);
  return slot->block == block ? slot->data : copy_clean (self, slot, value, block);
}

/* Whether the live plan keeps what every window lies in. */
static gboolean
has_all_clean (CnnIncremental *self, CnnPlan *live)
{
  for (guint i = 0; i < self->plan->slots->len; i++) {
    const CnnSlot *slot = cnn_plan_slot (self->plan, i);

    if (slot->region != NULL && cnn_plan_value (live, slot->region->value) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* life */

static CnnPlan *
compile (CnnIncremental *self, gboolean windowed, GError **error)
{
  CnnModel *model = cnn_engine_get_model (self->engine);
  guint input = cnn_engine_get_input_value (self->engine);
  CnnRegion *region = NULL;

  if (windowed)
    region = cnn_region_of_occluder (self->regions, input, (gint64[]){ self->height, self->width },
                                     self->grid.size, self->grid.at);
  return cnn_plan_new_windowed (model, self->batch, &self->score_value, 1, input, self->regions, region,
                                /* what keeps all windows is an estimate, not to be run */
                                self->regions->keep_all ? NULL : cnn_engine_get_weights (self->engine),
                                error);
}

/* Windows need an image at the input, and one sample a row. */
static gboolean
can_window (CnnEngine *engine)
{
  CnnModel *model = cnn_engine_get_model (engine);
  guint rank = cnn_model_get_value (model, cnn_engine_get_input_value (engine))->shape.rank;

  return cnn_model_is_batchable (model) && (rank == 3 || rank == 4);
}

static gboolean
check_score (CnnEngine *engine, GError **error)
{
  CnnModel *model = cnn_engine_get_model (engine);
  guint value = cnn_model_get_score_value (model);

  if (value < cnn_model_get_n_values (model) && cnn_model_get_value (model, value)->known)
    return TRUE;
  g_set_error_literal (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED,
                       _ ("The scores of this network cannot be computed."));
  return FALSE;
}

/* Everything but the plan. */
static CnnIncremental *
incremental_new (CnnEngine *engine, const CnnOccluderGrid *grid, guint batch)
{
  CnnModel *model = cnn_engine_get_model (engine);
  const CnnShape *shape = &cnn_model_get_value (model, cnn_engine_get_input_value (engine))->shape;
  CnnIncremental *self = g_new0 (CnnIncremental, 1);

  self->engine = engine;
  self->batch = cnn_model_is_batchable (model) ? MAX (batch, 1) : 1;
  self->score_value = cnn_model_get_score_value (model);
  self->copies = g_array_new (FALSE, FALSE, sizeof (CleanCopy));
  self->constants_number = cnn_engine_get_constants_number (engine);
  cnn_occluder_grid_copy (&self->grid, grid);
  self->width = shape->dims[shape->rank - 1];
  self->height = shape->rank > 3 ? shape->dims[2] : 1;
  self->regions = cnn_regions_new (grid->n[0], grid->n[1], self->batch);
  self->regions->clean = find_clean;
  self->regions->clean_data = self;
  return self;
}

CnnIncremental *
cnn_incremental_new (CnnEngine *engine, const CnnOccluderGrid *grid, guint batch, GError **error)
{
  g_autoptr (CnnIncremental) self = NULL;
  CnnPlan *live;

  if (!check_score (engine, error))
    return NULL;
  live = cnn_engine_live_plan (engine, NULL, error);
  if (live == NULL)
    return NULL;
  self = incremental_new (engine, grid, batch);
  self->plan = compile (self, can_window (engine), error);
  if (self->plan != NULL && !has_all_clean (self, live)) {
    cnn_plan_free (self->plan);
    self->plan = compile (self, FALSE, error);
  }
  if (self->plan == NULL)
    return NULL;
  cnn_engine_fill_constants (engine, self->plan);
  return g_steal_pointer (&self);
}

static double
step_work (CnnPlan *plan, const CnnStep *step)
{
  CnnShape shapes[3] = { { 0 } };

  if (step->op == NULL || step->n_inputs > G_N_ELEMENTS (shapes))
    return 0;
  for (guint i = 0; i < step->n_inputs; i++)
    if (step->op->inputs[i] != CNN_NO_VALUE)
      shapes[i] = cnn_model_get_value (plan->model, step->op->inputs[i])->shape;
  return (double)cnn_op_multiply_adds (step->op, shapes,
                                       &cnn_model_get_value (plan->model, step->op->output)->shape);
}

gboolean
cnn_incremental_estimate (CnnEngine *engine, const CnnOccluderGrid *grid, double *const *work, GError **error)
{
  g_autoptr (CnnIncremental) self = NULL;

  if (!check_score (engine, error))
    return FALSE;
  if (!can_window (engine))
    return TRUE;
  self = incremental_new (engine, grid, 1);
  self->regions->keep_all = TRUE;
  self->plan = compile (self, TRUE, error);
  for (guint i = 0; self->plan != NULL && i < self->plan->steps->len; i++) {
    const CnnStep *step = g_ptr_array_index (self->plan->steps, i);
    const CnnRegion *region = cnn_plan_slot (self->plan, step->output)->region;
    double all = step_work (self->plan, step);

    for (guint axis = 0; axis < 2; axis++)
      for (guint k = 0; k < grid->n[axis]; k++)
        work[axis][k] += region == NULL ? all
                                        : all * (double)(region->to[axis][k] - region->from[axis][k]) /
                                              (double)region->whole[axis] * (double)region->size[1 - axis] /
                                              (double)region->whole[1 - axis];
  }
  return self->plan != NULL;
}

void
cnn_incremental_free (CnnIncremental *self)
{
  g_clear_pointer (&self->plan, cnn_plan_free);
  cnn_regions_free (self->regions);
  for (guint i = 0; i < self->copies->len; i++)
    cnn_dnnl_free (g_array_index (self->copies, CleanCopy, i).data);
  g_array_unref (self->copies);
  cnn_occluder_grid_clear (&self->grid);
  g_free (self);
}

gboolean
cnn_incremental_suits (CnnIncremental *self, const CnnOccluderGrid *grid)
{
  return cnn_occluder_grid_equal (&self->grid, grid) &&
         self->constants_number == cnn_engine_get_constants_number (self->engine);
}

void
cnn_incremental_set_between (CnnIncremental *self, CnnBetweenFunc between, gpointer data)
{
  self->plan->between = between;
  self->plan->between_data = data;
}

/* running */

/* The occluded input, or the window of it that the plan takes, of row @b of the batch. */
static void
write_input (CnnIncremental *self, guint b, const float *filling)
{
  const CnnSlot *slot = cnn_plan_value (self->plan, cnn_engine_get_input_value (self->engine));
  const float *clean = cnn_engine_get_input (self->engine);
  gint64 at[2], from[2], to[2], planes = slot->n / self->batch * slot->c;
  float *out = slot->data + (gsize)b * (gsize)(slot->n / self->batch) * slot->sample_size;

  for (guint axis = 0; axis < 2; axis++) {
    guint position = self->regions->position[axis][b];
    gint64 side = axis == 0 ? self->height : self->width;

    at[axis] = slot->region != NULL ? slot->region->origin[axis][position] : 0;
    from[axis] = CLAMP (self->grid.at[axis][position], 0, side);
    to[axis] = CLAMP (self->grid.at[axis][position] + self->grid.size[axis], from[axis], side);
  }
  for (gint64 c = 0; c < planes; c++)
    for (gint64 y = at[0]; y < at[0] + slot->h; y++)
      for (gint64 x = at[1]; x < at[1] + slot->w; x++) {
        gboolean covered = y >= from[0] && y < to[0] && x >= from[1] && x < to[1];
        gsize i = (gsize)((c * self->height + y) * self->width + x);

        *out++ = covered ? filling[i] : clean[i];
      }
}

/* Rows beyond the last position repeat it. */
static void
write_inputs (CnnIncremental *self, const float *filling, const guint *positions, guint n)
{
  for (guint b = 0; b < self->batch; b++) {
    guint position = positions[MIN (b, n - 1)];

    self->regions->position[0][b] = position / self->grid.n[1];
    self->regions->position[1][b] = position % self->grid.n[1];
    write_input (self, b, filling);
  }
}

gboolean
cnn_incremental_run (CnnIncremental *self, const float *filling, const guint *positions, guint n,
                     float *scores, GCancellable *cancellable, GError **error)
{
  gsize size = cnn_engine_value_size (self->engine, self->score_value);
  guint64 number = cnn_engine_get_input_number (self->engine);

  for (guint done = 0; done < n; done += MIN (self->batch, n - done)) {
    guint m = MIN (self->batch, n - done);

    if (cnn_engine_live_plan (self->engine, cancellable, error) == NULL)
      return FALSE;
    write_inputs (self, filling, positions + done, m);
    if (!cnn_plan_forward (self->plan, NULL, cancellable, error))
      return FALSE;
    cnn_plan_read (self->plan, self->score_value, scores + done * size, m);
  }
  if (number == cnn_engine_get_input_number (self->engine))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Another image was opened meanwhile."));
  return FALSE;
}
