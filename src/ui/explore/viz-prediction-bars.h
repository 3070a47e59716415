/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * VizPredictionBars:
 *
 * The most probable classes as bars with label and percentage, more of them on demand, and a search for any
 * class by name or number. Under the occluder a bar shows the value now, a thin mark the clean one, and a
 * number the change. Rows keep the clean order while the occluder moves, so nothing jumps under the eye; a
 * class that the occluder lifts into the lead gets a row of its own below. An update costs one redraw, so it
 * may come with every frame.
 *
 * Signal "class-selected" (int index): a row or a search result was picked.
 */
#define VIZ_TYPE_PREDICTION_BARS (viz_prediction_bars_get_type ())
G_DECLARE_FINAL_TYPE (VizPredictionBars, viz_prediction_bars, VIZ, PREDICTION_BARS, GtkWidget)

GtkWidget *viz_prediction_bars_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** The clean prediction; %NULL: nothing to show. Ends what set_occluded() showed if the model is another. */
void viz_prediction_bars_set_prediction (VizPredictionBars *self, CnnPrediction *prediction);
/** The prediction under the occluder; %NULL: no occluder. */
void viz_prediction_bars_set_occluded (VizPredictionBars *self, CnnPrediction *occluded);
/** The class that is explained is marked and always has a row; -1: none. */
void viz_prediction_bars_set_explained (VizPredictionBars *self, int class_index);
int viz_prediction_bars_get_explained (VizPredictionBars *self);
/** Dims the bars: a newer prediction is on its way. */
void viz_prediction_bars_set_stale (VizPredictionBars *self, gboolean stale);
/** Names by class index where they are newer than the prediction's own; %NULL: the prediction's. Copied. */
void viz_prediction_bars_set_labels (VizPredictionBars *self, const char *const *labels);

G_END_DECLS
