/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** What one row of VizPredictionBars shows. */
typedef struct {
  int class_index;    /* -1: nothing, the row hides */
  double probability; /* now */
  double clean;       /* without the occluder */
  double score;       /* now */
  double clean_score; /* without the occluder */
  gboolean scored;    /* the network has no probabilities: the row shows scores and no bar */
  gboolean occluded;  /* there is a clean value beside the one now */
  gboolean explained;
} VizPredictionValues;

/** VizPredictionRow: a class with its bar; a button. Drawn whole in one snapshot, so that an update is one
 * redraw. Signal "clicked". */
#define VIZ_TYPE_PREDICTION_ROW (viz_prediction_row_get_type ())
G_DECLARE_FINAL_TYPE (VizPredictionRow, viz_prediction_row, VIZ, PREDICTION_ROW, GtkWidget)

GtkWidget *viz_prediction_row_new (void) G_GNUC_WARN_UNUSED_RESULT;
void viz_prediction_row_set (VizPredictionRow *self, const char *label, const VizPredictionValues *values);
int viz_prediction_row_get_class (VizPredictionRow *self);
/** Brings the words for assistive technology up to date; apart from set(), which comes with every frame. */
void viz_prediction_row_update_words (VizPredictionRow *self);

G_END_DECLS
