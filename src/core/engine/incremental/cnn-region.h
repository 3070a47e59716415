/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-plan.h"

G_BEGIN_DECLS

/**
 * CnnRegion: the window of a tensor that is computed anew when an occluder covers a part of the input. The
 * occluder visits rows x columns of positions; axes are independent, so what changes is kept by row and by
 * column. Index 0: rows (height), 1: columns (width). All windows of a tensor have one size, so that the
 * positions of a batch are one computation; what lies outside a window is as in the clean tensor.
 */
struct _CnnRegion {
  guint value;             /* whose clean tensor lies around the window */
  gint64 whole[2];         /* the tensor's extent */
  gint64 size[2];          /* the window's */
  gint64 step[2];          /* from one of its rows or columns to the next, in the tensor's; else 1 */
  gint32 *origin[2];       /* of the window, by position; negative where it reaches into padding */
  gint32 *from[2], *to[2]; /* what changes, [from, to), by position; within the window */
};

/** Where the clean tensor of @value lies, with channels in blocks of @block; one sample. */
typedef const float *(*CnnCleanFunc) (gpointer data, guint value, guint block);

/** CnnRegions: the windows of a plan, and the positions of the batch that runs. */
struct _CnnRegions {
  guint n_positions[2];
  GPtrArray *all;     /* CnnRegion */
  guint *position[2]; /* by row of the batch, during a run */
  gboolean keep_all;  /* windows stay windows, however large: to estimate */
  CnnCleanFunc clean;
  gpointer clean_data;
};

/** @batch: rows of the plans that use it. */
CnnRegions *cnn_regions_new (guint n_rows, guint n_columns, guint batch);
void cnn_regions_free (CnnRegions *self);

/** The region of an occluder of @size at @at (both rows, columns; by position), clipped to @whole; %NULL
 * where that is nearly everything. */
CnnRegion *cnn_region_of_occluder (CnnRegions *self, guint value, const gint64 *whole, const int *size,
                                   const int *const *at);

/**
 * cnn_region_fit:
 * @step: with its inputs as they come and everything that is fused into it
 * @value: what it writes
 * @region: (out) (nullable): the window of its output, or %NULL: the whole tensor
 *
 * Finds what @step has to compute and puts steps before it that gather what it reads: the changed window,
 * with its margin from the clean tensor; or the whole tensor where the window has grown to nearly that or the
 * operator does not know windows.
 *
 * Returns: whether @step is still to be run: padding is gathering, and then the output's slot is set.
 */
gboolean cnn_region_fit (CnnPlan *plan, CnnStep *step, guint value, CnnRegion **region);

/** Whether two regions' windows hold the same at every position. */
gboolean cnn_region_same_rectangle (const CnnRegions *self, const CnnRegion *a, const CnnRegion *b);

/** The slot with all of what @slot has a window of. */
guint cnn_region_whole (CnnPlan *plan, guint slot);

G_END_DECLS
