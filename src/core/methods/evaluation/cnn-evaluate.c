/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a network gets wrong: predictions of many pictures against their classes. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-evaluate.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Pictures of a batch: as many as fit into about this many floats of input. */
#define BATCH_FLOATS (16u * 3 * 224 * 224)
#define MOST_BATCH 64u

static CnnEvaluation *
evaluation_new (CnnModel *model, CnnTruth *truth)
{
  CnnEvaluation *self = g_new0 (CnnEvaluation, 1);
  guint n = cnn_model_get_n_classes (model);

  self->model = g_object_ref (model);
  self->truth = cnn_truth_ref (truth);
  self->judgements = g_array_new (FALSE, FALSE, sizeof (CnnJudgement));
  self->class_total = g_new0 (guint, n + 1);
  self->class_right = g_new0 (guint, n + 1);
  g_atomic_ref_count_init (&self->refs);
  return self;
}

CnnEvaluation *
cnn_evaluation_ref (CnnEvaluation *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_evaluation_unref (CnnEvaluation *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_object_unref (self->model);
  cnn_truth_unref (self->truth);
  g_array_unref (self->judgements);
  g_free (self->class_total);
  g_free (self->class_right);
  g_free (self);
}

CnnEvaluation *
cnn_evaluation_copy (const CnnEvaluation *self)
{
  CnnEvaluation *copy = evaluation_new (self->model, self->truth);
  gsize bytes = cnn_model_get_n_classes (self->model) * sizeof (guint);

  g_array_append_vals (copy->judgements, self->judgements->data, self->judgements->len);
  copy->n_right = self->n_right;
  copy->n_wrong = self->n_wrong;
  copy->n_failed = self->n_failed;
  memcpy (copy->class_total, self->class_total, bytes);
  memcpy (copy->class_right, self->class_right, bytes);
  return copy;
}

/* The pictures that wait to be run. */
typedef struct {
  CnnSession *session;
  CnnPreprocess preprocess; /* of the beginning: others may work with the session meanwhile */
  CnnEvaluation *evaluation;
  guint channels, height, width, most;
  GArray *items; /* guint */
  float *inputs;
} Batch;

static void
judge (CnnEvaluation *self, guint item, const float *probabilities)
{
  const CnnTruthItem *of = self->truth->items->pdata[item];
  CnnJudgement judgement = { .item = item, .truth = of->truth };

  for (guint i = 1; i < cnn_model_get_n_classes (self->model); i++)
    if (probabilities[i] > probabilities[judgement.predicted])
      judgement.predicted = (int)i;
  judgement.confidence = probabilities[judgement.predicted];
  judgement.truth_probability = probabilities[of->truth];
  judgement.loss = -logf (fmaxf (judgement.truth_probability, 1e-30f));
  g_array_append_val (self->judgements, judgement);
  self->class_total[of->truth]++;
  if (judgement.predicted == of->truth) {
    self->n_right++;
    self->class_right[of->truth]++;
  } else {
    self->n_wrong++;
  }
}

static gboolean
run_batch (Batch *batch, GCancellable *cancellable, GError **error)
{
  CnnEngine *engine = batch->session->engine;
  CnnModel *model = batch->evaluation->model;
  guint n = batch->items->len, classes = cnn_model_get_n_classes (model);
  guint value = cnn_model_get_score_value (model);
  g_autofree float *raw = g_new (float, n *cnn_engine_value_size (engine, value) + 1);
  g_autofree float *probabilities = g_new (float, n *classes + 1);

  if (n == 0)
    return TRUE;
  if (!cnn_engine_forward (engine, batch->inputs, n, &value, 1, &raw, cancellable, error))
    return FALSE;
  cnn_engine_probabilities (engine, raw, n, probabilities);
  for (guint i = 0; i < n; i++)
    judge (batch->evaluation, g_array_index (batch->items, guint, i), probabilities + i * classes);
  g_array_set_size (batch->items, 0);
  return TRUE;
}

/* Reads the next picture into the batch; FALSE: it cannot be read. */
static gboolean
add_picture (Batch *batch, guint item, GCancellable *cancellable)
{
  const CnnTruthItem *of = batch->evaluation->truth->items->pdata[item];
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = cnn_image_read (of->path, cancellable, &error);
  gsize size = (gsize)batch->channels * batch->height * batch->width;

  if (image == NULL) {
    CnnJudgement judgement = { .item = item, .truth = of->truth, .predicted = -1, .failed = TRUE };

    g_info ("%s", error->message);
    if (!g_cancellable_is_cancelled (cancellable)) {
      g_array_append_val (batch->evaluation->judgements, judgement);
      batch->evaluation->n_failed++;
    }
    return FALSE;
  }
  cnn_preprocess_apply (&batch->preprocess, image, batch->channels, batch->height, batch->width, NULL,
                        batch->inputs + batch->items->len * size);
  g_array_append_val (batch->items, item);
  return TRUE;
}

static gboolean
evaluate_all (Batch *batch, CnnEvaluateProgress progress, gpointer data, GCancellable *cancellable,
              GError **error)
{
  guint n = batch->evaluation->truth->items->len;

  for (guint i = 0; i < n; i++) {
    if (g_cancellable_is_cancelled (cancellable))
      return TRUE;
    add_picture (batch, i, cancellable);
    if (batch->items->len >= batch->most && !run_batch (batch, NULL, error))
      return FALSE;
    if (progress != NULL && !progress (batch->evaluation, data))
      return TRUE;
  }
  return run_batch (batch, NULL, error);
}

gboolean
cnn_evaluate_check (CnnModel *model, GError **error)
{
  if (cnn_model_get_image_input (model) < 0 || cnn_model_get_n_classes (model) == 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("%s does not tell classes of pictures."),
                 cnn_model_get_name (model));
  else if (!cnn_model_has_probabilities (model))
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("%s gives one number and no classes: no picture is right or wrong."),
                 cnn_model_get_name (model));
  else
    return TRUE;
  return FALSE;
}

CnnEvaluation *
cnn_evaluate (CnnSession *session, CnnTruth *truth, CnnEvaluateProgress progress, gpointer data,
              GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnEvaluation) evaluation = NULL;
  Batch batch = { .session = session, .preprocess = session->preprocess };
  gboolean done;

  if (!cnn_evaluate_check (model, error))
    return NULL;
  evaluation = evaluation_new (model, truth);
  batch.evaluation = evaluation;
  cnn_model_get_image_size (model, &batch.channels, &batch.height, &batch.width);
  batch.most = CLAMP (BATCH_FLOATS / MAX (batch.channels * batch.height * batch.width, 1), 1, MOST_BATCH);
  batch.items = g_array_new (FALSE, FALSE, sizeof (guint));
  batch.inputs = g_new (float, (gsize)batch.most *batch.channels *batch.height *batch.width);
  done = evaluate_all (&batch, progress, data, cancellable, error);
  g_array_unref (batch.items);
  g_free (batch.inputs);
  return done ? g_steal_pointer (&evaluation) : NULL;
}
