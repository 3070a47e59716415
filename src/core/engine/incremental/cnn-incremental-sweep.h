/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-incremental.h"

G_BEGIN_DECLS

/**
 * CnnIncrementalSweep:
 *
 * A whole grid of occluders as batches. Near the borders less is left of a window, so the places along each
 * axis fall into clusters of about the same size, and each pair of clusters is compiled by itself. The
 * batches come coarse grid first, then finer ones between.
 */
typedef struct _CnnIncrementalSweep CnnIncrementalSweep;

/** @most: positions in a batch. Nothing is compiled before it runs. */
CnnIncrementalSweep *cnn_incremental_sweep_new (CnnEngine *engine, const CnnOccluderGrid *grid, guint most,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cnn_incremental_sweep_free (CnnIncrementalSweep *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnIncrementalSweep, cnn_incremental_sweep_free)

/** See cnn_incremental_suits(). */
gboolean cnn_incremental_sweep_suits (CnnIncrementalSweep *self, const CnnOccluderGrid *grid);

/** See cnn_incremental_set_between(). */
void cnn_incremental_sweep_set_between (CnnIncrementalSweep *self, CnnBetweenFunc between, gpointer data);

guint cnn_incremental_sweep_get_n_batches (CnnIncrementalSweep *self);
/** The positions of a batch: row · columns + column of the grid. */
const guint *cnn_incremental_sweep_get_batch (CnnIncrementalSweep *self, guint batch, guint *n);

/** cnn_incremental_run() for a batch. */
gboolean cnn_incremental_sweep_run (CnnIncrementalSweep *self, guint batch, const float *filling,
                                    float *scores, GCancellable *cancellable, GError **error);

G_END_DECLS
