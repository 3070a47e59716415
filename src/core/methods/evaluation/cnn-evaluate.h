/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session.h"
#include "cnn-truth.h"

G_BEGIN_DECLS

/** CnnJudgement: what the network says of one picture. */
typedef struct {
  guint item; /* of the truth */
  int truth, predicted;
  float confidence;        /* the probability of the predicted class */
  float truth_probability; /* of the true class */
  float loss;              /* -log of the true class' probability */
  gboolean failed;         /* the picture could not be read */
} CnnJudgement;

/** How often the true class @truth was taken for @predicted. */
typedef struct {
  int truth, predicted;
  guint count;
} CnnConfusion;

/**
 * CnnEvaluation: what the network says of pictures whose classes are known, as far as it has got. Immutable
 * once handed out; reference-counted.
 */
typedef struct {
  CnnModel *model;
  CnnTruth *truth;
  GArray *judgements; /* CnnJudgement, in the order of the truth's items */
  guint n_right, n_wrong, n_failed;
  guint *class_total, *class_right; /* of each class */
  gatomicrefcount refs;
} CnnEvaluation;

CnnEvaluation *cnn_evaluation_ref (CnnEvaluation *self);
void cnn_evaluation_unref (CnnEvaluation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnEvaluation, cnn_evaluation_unref)
/** As it is now, for another thread. */
CnnEvaluation *cnn_evaluation_copy (const CnnEvaluation *self) G_GNUC_WARN_UNUSED_RESULT;

/** Called between pictures with what is known so far; FALSE ends the evaluation, which keeps what it has. */
typedef gboolean (*CnnEvaluateProgress) (const CnnEvaluation *so_far, gpointer data);

/** Whether @model tells classes of pictures, that it can be right or wrong about; the number that a single
 * raw output gives (see cnn_model_has_probabilities()) is neither. FALSE with @error set. */
gboolean cnn_evaluate_check (CnnModel *model, GError **error);

/**
 * cnn_evaluate:
 *
 * Predicts every picture of @truth, in batches, prepared as the session prepares its pictures; the session's
 * own input stays as it is. A picture that cannot be read is counted as failed and passed over. Returns:
 * (transfer full), or %NULL with @error set.
 */
CnnEvaluation *cnn_evaluate (CnnSession *session, CnnTruth *truth, CnnEvaluateProgress progress,
                             gpointer data, GCancellable *cancellable,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The share of right ones, 0 to 1; 0 where there are none. */
double cnn_evaluation_get_accuracy (const CnnEvaluation *self);
/** Which judgements to list, and in which order. */
typedef enum { CNN_SHOW_MISTAKES, CNN_SHOW_RIGHT, CNN_SHOW_ALL } CnnEvaluationShow;
typedef enum { CNN_SORT_CONFIDENCE, CNN_SORT_LOSS, CNN_SORT_FILE } CnnEvaluationSort;
/**
 * cnn_evaluation_list:
 * @class_index: those of this true class or taken for it; -1: all
 *
 * Returns: (transfer full): guint indices of judgements; by falling confidence, by falling loss or as the
 * files come.
 */
GArray *cnn_evaluation_list (const CnnEvaluation *self, CnnEvaluationShow show, CnnEvaluationSort sort,
                             int class_index) G_GNUC_WARN_UNUSED_RESULT;
/** The same of those of the class @truth that were taken for @predicted: one cell of the confusion table. */
GArray *cnn_evaluation_list_cell (const CnnEvaluation *self, CnnEvaluationSort sort, int truth,
                                  int predicted) G_GNUC_WARN_UNUSED_RESULT;
/** The confusions that happened, the most frequent first. (transfer full): CnnConfusion */
GArray *cnn_evaluation_confusions (const CnnEvaluation *self) G_GNUC_WARN_UNUSED_RESULT;
/** A table "file,true,predicted,confidence,true_probability,loss,right"; and all of it as JSON. (transfer
 * full) */
char *cnn_evaluation_to_csv (const CnnEvaluation *self) G_GNUC_WARN_UNUSED_RESULT;
char *cnn_evaluation_to_json (const CnnEvaluation *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
