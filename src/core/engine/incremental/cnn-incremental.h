/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-engine.h"

G_BEGIN_DECLS

/**
 * CnnOccluderGrid: an occluder of @size at every combination of the @at: index 0 rows (y, height), 1 columns
 * (x, width), in pixels of the input; what lies outside the input is cut off.
 */
typedef struct {
  int size[2];
  guint n[2];
  const int *at[2];
} CnnOccluderGrid;

/**
 * CnnIncremental:
 *
 * Forward passes of the current input under an occluder. Only what the occluder changes is computed, layer by
 * layer, from the kept tensors of the clean input; the result is that of a whole forward pass, to rounding.
 * Where a window has grown to nearly the whole tensor, or an operator mixes all of space, whole tensors are
 * computed from there on. It belongs to its engine's thread and must be freed before the engine.
 */
typedef struct _CnnIncremental CnnIncremental;

/**
 * cnn_incremental_new:
 * @grid: copied
 * @batch: positions that are computed at a time
 *
 * Compiles for the positions of @grid: the windows are as large as these need.
 */
CnnIncremental *cnn_incremental_new (CnnEngine *engine, const CnnOccluderGrid *grid, guint batch,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cnn_incremental_free (CnnIncremental *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnIncremental, cnn_incremental_free)

/** Whether @grid is the one it was compiled for, and further inputs have not been changed since. */
gboolean cnn_incremental_suits (CnnIncremental *self, const CnnOccluderGrid *grid);

/** Called between steps, several times in a batch: a long job lets more urgent ones pass. These may use the
 * engine, too. */
typedef void (*CnnBetweenFunc) (gpointer data);
void cnn_incremental_set_between (CnnIncremental *self, CnnBetweenFunc between, gpointer data);

/**
 * cnn_incremental_run:
 * @filling: what lies under the occluder everywhere: as many floats as the input has
 * @positions: @n of them: row · columns + column of the grid
 * @scores: takes @n rows of the model's score value
 *
 * G_IO_ERROR_CANCELLED also where the input was changed by what ran between the steps.
 */
gboolean cnn_incremental_run (CnnIncremental *self, const float *filling, const guint *positions, guint n,
                              float *scores, GCancellable *cancellable, GError **error);

G_END_DECLS
