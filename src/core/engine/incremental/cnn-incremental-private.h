/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-engine-private.h"
#include "cnn-incremental.h"

G_BEGIN_DECLS

/**
 * cnn_incremental_estimate:
 * @work: work[axis][i]: takes what place i along an axis costs, in multiply-adds of windows as large as it
 * needs; only to be compared along the axis
 */
gboolean cnn_incremental_estimate (CnnEngine *engine, const CnnOccluderGrid *grid, double *const *work,
                                   GError **error);

/** A grid that owns its places. */
void cnn_occluder_grid_copy (CnnOccluderGrid *self, const CnnOccluderGrid *from);
void cnn_occluder_grid_clear (CnnOccluderGrid *self);
gboolean cnn_occluder_grid_equal (const CnnOccluderGrid *a, const CnnOccluderGrid *b);

G_END_DECLS
