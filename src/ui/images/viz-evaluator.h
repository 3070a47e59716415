/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/evaluation/cnn-evaluate.h"
#include "jobs/viz-jobs.h"

G_BEGIN_DECLS

#define VIZ_TYPE_EVALUATOR (viz_evaluator_get_type ())
G_DECLARE_FINAL_TYPE (VizEvaluator, viz_evaluator, VIZ, EVALUATOR, GObject)

/**
 * VizEvaluator:
 *
 * What the open network gets wrong in a folder whose pictures have classes. Runs behind everything else and
 * says how far it has got; starts anew for another network or preprocessing. While it has something to show,
 * the document's pictures are those that are listed: mistakes first by how sure the network was.
 *
 * Signal: "changed", another result, choice or state.
 */
VizEvaluator *viz_evaluator_new (VizDocument *document, VizJobs *jobs) G_GNUC_WARN_UNUSED_RESULT;

/** A folder or a table (see cnn_truth_read()); %NULL: none. */
void viz_evaluator_set_folder (VizEvaluator *self, const char *path);
const char *viz_evaluator_get_folder (VizEvaluator *self);
/** As far as it has got, or %NULL. */
CnnEvaluation *viz_evaluator_get_evaluation (VizEvaluator *self);
gboolean viz_evaluator_get_running (VizEvaluator *self);
/** What is said of the picture at that path, or %NULL. */
const CnnJudgement *viz_evaluator_find (VizEvaluator *self, const char *path);

/** What is listed. @class_index -1: of all classes. */
void viz_evaluator_set_show (VizEvaluator *self, CnnEvaluationShow show);
void viz_evaluator_set_sort (VizEvaluator *self, CnnEvaluationSort sort);
void viz_evaluator_set_class (VizEvaluator *self, int class_index);
CnnEvaluationShow viz_evaluator_get_show (VizEvaluator *self);
CnnEvaluationSort viz_evaluator_get_sort (VizEvaluator *self);
int viz_evaluator_get_class (VizEvaluator *self);
/** Lists one cell of the confusion table instead: pictures of the class @truth that were taken for
 * @predicted, the first of which is opened unless one of them is. Ends with another choice of what is listed,
 * or with -1, -1. */
void viz_evaluator_set_cell (VizEvaluator *self, int truth, int predicted);
/** Whether it is a cell that is listed, and which. */
gboolean viz_evaluator_get_cell (VizEvaluator *self, int *truth, int *predicted);
/** Writes .csv or .json. */
void viz_evaluator_save (VizEvaluator *self, const char *path);

/** For VizJobs: a run is over, also one that was stopped before it had anything. */
void viz_evaluator_ended (VizEvaluator *self, guint serial);

G_END_DECLS
