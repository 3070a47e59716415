/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

/**
 * VizColorBar:
 *
 * A vertical colour bar with round numbers; zero is marked where it lies inside the range. For a map of
 * classes it shows a swatch and a label for each class that occurs. With nothing to show it is empty and
 * takes no room.
 */
#define VIZ_TYPE_COLOR_BAR (viz_color_bar_get_type ())
G_DECLARE_FINAL_TYPE (VizColorBar, viz_color_bar, VIZ, COLOR_BAR, GtkWidget)

GtkWidget *viz_color_bar_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** Range and colours as cnn_map_style_resolve() gives them; @map %NULL: empty. */
void viz_color_bar_set_map (VizColorBar *self, CnnMap *map, const CnnMapStyle *style);
/** The same without a map (galleries). @colormap %NULL: empty. */
void viz_color_bar_set_range (VizColorBar *self, const CnnColormap *colormap, double low, double high);
/** What the numbers are, above the bar ("probability"); or %NULL. */
void viz_color_bar_set_title (VizColorBar *self, const char *title);
/** For maps of classes: names by class index; %NULL: numbers. Copied. */
void viz_color_bar_set_labels (VizColorBar *self, const char *const *labels);

/**
 * viz_color_bar_ticks:
 * @most: as many numbers as there is room for, at least 2
 * @step: (out): their distance, 1, 2 or 5 times a power of ten
 *
 * Round numbers inside [low, high], and zero exactly as 0. Returns: (transfer full) (element-type double)
 */
GArray *viz_color_bar_ticks (double low, double high, guint most, double *step) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
