/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "viz-compared.h"

G_BEGIN_DECLS

/**
 * VizCompareGrid:
 *
 * Classes against modifiers or methods: a row for each class with its name and probability, the picture and
 * its maps; the headings stay in sight while it is scrolled. One cell has the focus, the arrow keys walk.
 *
 * Signals:
 * - "cell-activated" (int row, int column): column -1: the picture.
 * - "class-removed" (int class)
 * - "pointer-moved" (int x, int y): the pixel under the pointer, marked in all cells; -1, -1: none.
 */
#define VIZ_TYPE_COMPARE_GRID (viz_compare_grid_get_type ())
G_DECLARE_FINAL_TYPE (VizCompareGrid, viz_compare_grid, VIZ, COMPARE_GRID, GtkWidget)

GtkWidget *viz_compare_grid_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** @removable: (element-type int): classes that have a button to take them out. */
void viz_compare_grid_show (VizCompareGrid *self, VizCompared *compared, const GArray *removable);
void viz_compare_grid_set_stale (VizCompareGrid *self, gboolean stale);
/** Of the maps over the pictures. */
void viz_compare_grid_set_opacity (VizCompareGrid *self, double opacity);
/** What scrolls it. */
void viz_compare_grid_set_adjustment (VizCompareGrid *self, GtkAdjustment *vertical);

G_END_DECLS
