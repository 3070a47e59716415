/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-incremental-sweep.h"
#include "cnn-incremental-private.h"

#include <string.h>

#define MAX_CLUSTERS 3
/* A further cluster must save this share of the work: each is compiled by itself. */
#define WORTH 0.06
/* The coarsest grid that is visited first. */
#define COARSEST 8

/* The places of one cluster of rows and one of columns. */
typedef struct {
  CnnOccluderGrid grid;
  guint batch;
  CnnIncremental *incremental; /* compiled when it first runs */
} Group;

typedef struct {
  guint group, n;
  guint *positions; /* of the sweep's grid */
  guint *places;    /* of the group's grid */
} Batch;

struct _CnnIncrementalSweep {
  CnnEngine *engine;
  CnnOccluderGrid grid;
  guint64 constants_number;
  guint n_clusters[2];
  guint *cluster[2]; /* by place along the axis */
  guint *index[2];   /* of the place among those of its cluster */
  Group *groups;     /* n_clusters[0] x n_clusters[1] */
  guint n_groups;
  GPtrArray *batches; /* Batch */
  CnnBetweenFunc between;
  gpointer between_data;
};

/* clusters */

static int
by_work (gconstpointer a, gconstpointer b, gpointer data)
{
  const double *work = data;
  double x = work[*(const guint *)a], y = work[*(const guint *)b];

  return x < y ? -1 : x > y;
}

/* What the places order[from] … order[to - 1] cost when all take the windows of the most expensive. */
static double
cluster_work (const double *work, const guint *order, guint from, guint to)
{
  return to > from ? (to - from) * work[order[to - 1]] : 0;
}

/* The cheapest cuts into up to three clusters of places ordered by their work: ends of the first and second.
 */
static guint
find_cuts (const double *work, const guint *order, guint n, guint *cuts)
{
  double one = cluster_work (work, order, 0, n), best_two = one, best_three = one;
  guint two = n, three[2] = { n, n };

  for (guint i = 1; i < n; i++) {
    double first = cluster_work (work, order, 0, i), sum = first + cluster_work (work, order, i, n);

    if (sum < best_two) {
      best_two = sum;
      two = i;
    }
    for (guint k = i + 1; k < n; k++) {
      sum = first + cluster_work (work, order, i, k) + cluster_work (work, order, k, n);
      if (sum < best_three) {
        best_three = sum;
        three[0] = i;
        three[1] = k;
      }
    }
  }
  if (best_three < best_two * (1 - WORTH)) {
    memcpy (cuts, three, sizeof three);
    return 3;
  }
  cuts[0] = two;
  return best_two < one * (1 - WORTH) ? 2 : 1;
}

static void
find_clusters (CnnIncrementalSweep *self, guint axis, const double *work)
{
  guint n = self->grid.n[axis], cuts[MAX_CLUSTERS - 1] = { 0 };
  g_autofree guint *order = g_new (guint, n);

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int)n, sizeof *order, by_work, (gpointer)work);
  self->n_clusters[axis] = find_cuts (work, order, n, cuts);
  self->cluster[axis] = g_new (guint, n);
  self->index[axis] = g_new (guint, n);
  for (guint i = 0; i < n; i++) {
    guint cluster = 0;

    while (cluster + 1 < self->n_clusters[axis] && i >= cuts[cluster])
      cluster++;
    self->cluster[axis][order[i]] = cluster;
  }
}

/* groups */

static void
make_groups (CnnIncrementalSweep *self)
{
  self->n_groups = self->n_clusters[0] * self->n_clusters[1];
  self->groups = g_new0 (Group, self->n_groups);
  for (guint g = 0; g < self->n_groups; g++) {
    Group *group = &self->groups[g];
    guint cluster[2] = { g / self->n_clusters[1], g % self->n_clusters[1] };

    for (guint axis = 0; axis < 2; axis++) {
      int *at;

      group->grid.size[axis] = self->grid.size[axis];
      group->grid.at[axis] = at = g_new (int, self->grid.n[axis]);
      for (guint i = 0; i < self->grid.n[axis]; i++)
        if (self->cluster[axis][i] == cluster[axis]) {
          self->index[axis][i] = group->grid.n[axis];
          at[group->grid.n[axis]++] = self->grid.at[axis][i];
        }
    }
  }
}

/* batches */

static guint
level_of (guint row, guint column)
{
  guint level = 0;

  for (guint step = COARSEST; step > 1 && (row % step != 0 || column % step != 0); step /= 2)
    level++;
  return level;
}

static void
batch_free (Batch *batch)
{
  g_free (batch->positions);
  g_free (batch->places);
  g_free (batch);
}

static void
add_position (CnnIncrementalSweep *self, Batch **open, guint g, guint row, guint column)
{
  Group *group = &self->groups[g];
  Batch *batch = open[g];

  if (batch == NULL || batch->n == group->batch) {
    batch = open[g] = g_new0 (Batch, 1);
    batch->group = g;
    batch->positions = g_new (guint, group->batch);
    batch->places = g_new (guint, group->batch);
    g_ptr_array_add (self->batches, batch);
  }
  batch->positions[batch->n] = row * self->grid.n[1] + column;
  batch->places[batch->n++] = self->index[0][row] * group->grid.n[1] + self->index[1][column];
}

/* Batches of a group are alike in size, so that no rows are computed in vain. */
static void
make_batches (CnnIncrementalSweep *self, guint most)
{
  g_autofree Batch **open = g_new0 (Batch *, self->n_groups);

  for (guint g = 0; g < self->n_groups; g++) {
    guint n = self->groups[g].grid.n[0] * self->groups[g].grid.n[1], batches = (n + most - 1) / most;

    self->groups[g].batch = (n + batches - 1) / batches;
  }
  for (guint level = 0, step = COARSEST; step > 0; step /= 2, level++)
    for (guint row = 0; row < self->grid.n[0]; row += step)
      for (guint column = 0; column < self->grid.n[1]; column += step)
        if (level_of (row, column) == level)
          add_position (self, open, self->cluster[0][row] * self->n_clusters[1] + self->cluster[1][column],
                        row, column);
}

/* life */

CnnIncrementalSweep *
cnn_incremental_sweep_new (CnnEngine *engine, const CnnOccluderGrid *grid, guint most, GError **error)
{
  g_autoptr (CnnIncrementalSweep) self = g_new0 (CnnIncrementalSweep, 1);
  double *work[2];
  gboolean done;

  self->engine = engine;
  cnn_occluder_grid_copy (&self->grid, grid);
  self->constants_number = cnn_engine_get_constants_number (engine);
  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify)batch_free);
  for (guint axis = 0; axis < 2; axis++)
    work[axis] = g_new0 (double, grid->n[axis]);
  done = cnn_incremental_estimate (engine, &self->grid, work, error);
  for (guint axis = 0; axis < 2; axis++) {
    if (done)
      find_clusters (self, axis, work[axis]);
    g_free (work[axis]);
  }
  if (!done)
    return NULL;
  make_groups (self);
  make_batches (self, cnn_model_is_batchable (cnn_engine_get_model (engine)) ? MAX (most, 1) : 1);
  return g_steal_pointer (&self);
}

void
cnn_incremental_sweep_free (CnnIncrementalSweep *self)
{
  for (guint g = 0; g < self->n_groups; g++) {
    g_clear_pointer (&self->groups[g].incremental, cnn_incremental_free);
    cnn_occluder_grid_clear (&self->groups[g].grid);
  }
  g_free (self->groups);
  for (guint axis = 0; axis < 2; axis++) {
    g_free (self->cluster[axis]);
    g_free (self->index[axis]);
  }
  cnn_occluder_grid_clear (&self->grid);
  g_ptr_array_unref (self->batches);
  g_free (self);
}

gboolean
cnn_incremental_sweep_suits (CnnIncrementalSweep *self, const CnnOccluderGrid *grid)
{
  return cnn_occluder_grid_equal (&self->grid, grid) &&
         self->constants_number == cnn_engine_get_constants_number (self->engine);
}

void
cnn_incremental_sweep_set_between (CnnIncrementalSweep *self, CnnBetweenFunc between, gpointer data)
{
  self->between = between;
  self->between_data = data;
}

guint
cnn_incremental_sweep_get_n_batches (CnnIncrementalSweep *self)
{
  return self->batches->len;
}

const guint *
cnn_incremental_sweep_get_batch (CnnIncrementalSweep *self, guint batch, guint *n)
{
  const Batch *found = g_ptr_array_index (self->batches, batch);

  *n = found->n;
  return found->positions;
}

gboolean
cnn_incremental_sweep_run (CnnIncrementalSweep *self, guint batch, const float *filling, float *scores,
                           GCancellable *cancellable, GError **error)
{
  const Batch *found = g_ptr_array_index (self->batches, batch);
  Group *group = &self->groups[found->group];

  if (group->incremental == NULL)
    group->incremental = cnn_incremental_new (self->engine, &group->grid, group->batch, error);
  if (group->incremental == NULL)
    return FALSE;
  cnn_incremental_set_between (group->incremental, self->between, self->between_data);
  return cnn_incremental_run (group->incremental, filling, found->places, found->n, scores, cancellable,
                              error);
}
