/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-evaluator.h"
#include "jobs/viz-jobs-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "image/cnn-file.h"

/* Partial results no more often than this, in microseconds. */
#define PACE (G_USEC_PER_SEC / 2)

struct _VizEvaluator {
  GObject parent;
  VizDocument *document;
  VizJobs *jobs;
  char *folder;
  CnnEvaluation *evaluation;
  GHashTable *by_path; /* path to index + 1 of a judgement */
  guint serial;        /* of the newest job */
  gboolean running;
  CnnEvaluationShow show;
  CnnEvaluationSort sort;
  int class_index;
  int truth, predicted; /* of the cell that is listed, or -1 */
};

G_DEFINE_FINAL_TYPE (VizEvaluator, viz_evaluator, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct {
  CnnJob *job;
  gint64 last;
} Progress;

static gboolean
on_progress (const CnnEvaluation *so_far, gpointer data)
{
  Progress *progress = data;
  gint64 now = g_get_monotonic_time ();

  if (now - progress->last > PACE && so_far->judgements->len > 0) {
    progress->last = now;
    cnn_job_partial (progress->job, cnn_evaluation_copy (so_far));
  }
  return cnn_job_checkpoint (progress->job);
}

static gpointer
run_evaluation (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  CnnSession *session = task->bench->session;
  Progress progress = { job, g_get_monotonic_time () };
  g_autoptr (CnnTruth) truth = NULL;

  if (cnn_evaluate_check (task->bench->model, error))
    truth = cnn_truth_read (task->path, task->bench->model, cancellable, error);

  if (truth == NULL)
    return NULL;
  if (task->has_preprocess)
    session->preprocess = task->preprocess;
  return cnn_evaluate (session, truth, on_progress, &progress, cancellable, error);
}

/* The pictures that are to be looked at, if they are others than before. */
static void
list_images (VizEvaluator *self)
{
  const CnnEvaluation *evaluation = self->evaluation;
  g_autoptr (GArray) list =
      self->truth >= 0 ? cnn_evaluation_list_cell (evaluation, self->sort, self->truth, self->predicted)
                       : cnn_evaluation_list (evaluation, self->show, self->sort, self->class_index);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  gboolean same = list->len == viz_document_get_n_images (self->document);

  for (guint i = 0; i < list->len; i++) {
    const CnnJudgement *judgement =
        &g_array_index (evaluation->judgements, CnnJudgement, g_array_index (list, guint, i));
    const CnnTruthItem *item = evaluation->truth->items->pdata[judgement->item];

    same = same && g_strcmp0 (viz_document_get_listed_image (self->document, i), item->path) == 0;
    g_ptr_array_add (paths, item->path);
  }
  g_ptr_array_add (paths, NULL);
  if (!same)
    viz_document_set_images (self->document, (const char *const *)paths->pdata);
}

static void
take (VizEvaluator *self, CnnEvaluation *evaluation)
{
  g_clear_pointer (&self->evaluation, cnn_evaluation_unref);
  g_hash_table_remove_all (self->by_path);
  self->evaluation = evaluation;
  for (guint i = 0; evaluation != NULL && i < evaluation->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (evaluation->judgements, CnnJudgement, i);

    g_hash_table_insert (self->by_path,
                         ((CnnTruthItem *)evaluation->truth->items->pdata[judgement->item])->path,
                         GUINT_TO_POINTER (i + 1));
  }
  if (evaluation != NULL)
    list_images (self);
}

static void
evaluation_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizEvaluator *self = VIZ_EVALUATOR (task->evaluator);

  if (task->serial != self->serial || self->jobs->worker == NULL)
    return;
  self->running = partial;
  if (result != NULL) {
    take (self, cnn_evaluation_ref (result));
    self->jobs->evaluated =
        partial ? (double)self->evaluation->judgements->len / self->evaluation->truth->items->len : -1;
    /* the surest mistake first */
    if (!partial && viz_document_get_image_position (self->document) < 0 &&
        viz_document_get_n_images (self->document) > 0)
      viz_jobs_open_image (self->jobs, viz_document_get_listed_image (self->document, 0));
    if (!partial && self->evaluation->truth->notes->len > 0)
      viz_document_report (self->document, self->evaluation->truth->notes->pdata[0]);
  } else {
    self->jobs->evaluated = -1;
    viz_document_report_error (self->document, error);
  }
  viz_jobs_update_busy (self->jobs);
  g_signal_emit (self, changed_signal, 0);
}

void
viz_evaluator_ended (VizEvaluator *self, guint serial)
{
  if (serial != self->serial || !self->running)
    return;
  self->running = FALSE;
  self->jobs->evaluated = -1;
  g_signal_emit (self, changed_signal, 0);
}

static void
start (VizEvaluator *self)
{
  VizTask *task;

  cnn_worker_cancel (self->jobs->worker, "evaluate");
  self->serial++;
  self->running = FALSE;
  self->jobs->evaluated = -1;
  take (self, NULL);
  if (self->folder != NULL && self->jobs->bench != NULL) {
    task = viz_jobs_task_new (self->jobs);
    task->path = g_strdup (self->folder);
    task->serial = self->serial;
    task->evaluator = G_OBJECT (g_object_ref (self));
    task->preprocess = viz_document_get_choices (self->document)->preprocess;
    task->has_preprocess = TRUE;
    self->running = TRUE;
    self->jobs->evaluated = 0;
    viz_jobs_submit (self->jobs, task, CNN_PRIORITY_LONG, "evaluate", run_evaluation, evaluation_done,
                     (GDestroyNotify)cnn_evaluation_unref);
    viz_jobs_update_busy (self->jobs);
  }
  g_signal_emit (self, changed_signal, 0);
}

static void
on_changed (VizDocument *document, guint what, VizEvaluator *self)
{
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_PREPROCESS) && self->folder != NULL &&
      self->jobs->worker != NULL) {
    self->class_index = self->truth = self->predicted = -1;
    start (self);
  }
}

void
viz_evaluator_set_folder (VizEvaluator *self, const char *path)
{
  g_return_if_fail (VIZ_IS_EVALUATOR (self));
  if (self->jobs->worker == NULL)
    return;
  g_free (self->folder);
  self->folder = g_strdup (path);
  self->class_index = self->truth = self->predicted = -1;
  start (self);
}

const char *
viz_evaluator_get_folder (VizEvaluator *self)
{
  return self->folder;
}

CnnEvaluation *
viz_evaluator_get_evaluation (VizEvaluator *self)
{
  return self->evaluation;
}

gboolean
viz_evaluator_get_running (VizEvaluator *self)
{
  return self->running;
}

const CnnJudgement *
viz_evaluator_find (VizEvaluator *self, const char *path)
{
  guint at = path != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (self->by_path, path)) : 0;

  return at > 0 ? &g_array_index (self->evaluation->judgements, CnnJudgement, at - 1) : NULL;
}

/* Another choice of what is listed. */
static void
relist (VizEvaluator *self)
{
  if (self->evaluation != NULL)
    list_images (self);
  g_signal_emit (self, changed_signal, 0);
}

void
viz_evaluator_set_show (VizEvaluator *self, CnnEvaluationShow show)
{
  if (self->show == show && self->truth < 0)
    return;
  self->truth = self->predicted = -1;
  self->show = show;
  relist (self);
}

void
viz_evaluator_set_sort (VizEvaluator *self, CnnEvaluationSort sort)
{
  if (self->sort == sort)
    return;
  self->sort = sort;
  relist (self);
}

void
viz_evaluator_set_class (VizEvaluator *self, int class_index)
{
  if (self->class_index == class_index && self->truth < 0)
    return;
  self->truth = self->predicted = -1;
  self->class_index = class_index;
  relist (self);
}

void
viz_evaluator_set_cell (VizEvaluator *self, int truth, int predicted)
{
  g_return_if_fail (VIZ_IS_EVALUATOR (self));
  if (truth < 0 || predicted < 0)
    truth = predicted = -1;
  if (self->truth == truth && self->predicted == predicted)
    return;
  self->truth = truth;
  self->predicted = predicted;
  relist (self);
  if (truth >= 0 && viz_document_get_image_position (self->document) < 0 &&
      viz_document_get_n_images (self->document) > 0)
    viz_jobs_open_image (self->jobs, viz_document_get_listed_image (self->document, 0));
}

gboolean
viz_evaluator_get_cell (VizEvaluator *self, int *truth, int *predicted)
{
  *truth = self->truth;
  *predicted = self->predicted;
  return self->truth >= 0;
}

CnnEvaluationShow
viz_evaluator_get_show (VizEvaluator *self)
{
  return self->show;
}

CnnEvaluationSort
viz_evaluator_get_sort (VizEvaluator *self)
{
  return self->sort;
}

int
viz_evaluator_get_class (VizEvaluator *self)
{
  return self->class_index;
}

static gboolean
write_evaluation (gpointer evaluation, const char *path, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  g_autofree char *text = g_str_has_suffix (lower, ".json") ? cnn_evaluation_to_json (evaluation)
                                                            : cnn_evaluation_to_csv (evaluation);

  return cnn_file_write (path, text, strlen (text), error);
}

void
viz_evaluator_save (VizEvaluator *self, const char *path)
{
  if (self->evaluation == NULL) {
    viz_document_clear_error (self->document);
    viz_document_report (self->document,
                         _ ("There is nothing to save: open a folder with a folder for each class."));
    return;
  }
  viz_jobs_save (self->jobs, path, write_evaluation, cnn_evaluation_ref (self->evaluation),
                 (GDestroyNotify)cnn_evaluation_unref);
}

static void
viz_evaluator_finalize (GObject *object)
{
  VizEvaluator *self = VIZ_EVALUATOR (object);

  g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_pointer (&self->evaluation, cnn_evaluation_unref);
  g_hash_table_unref (self->by_path);
  g_free (self->folder);
  g_object_unref (self->jobs);
  g_object_unref (self->document);
  G_OBJECT_CLASS (viz_evaluator_parent_class)->finalize (object);
}

static void
viz_evaluator_class_init (VizEvaluatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_evaluator_finalize;
  changed_signal =
      g_signal_new ("changed", VIZ_TYPE_EVALUATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
viz_evaluator_init (VizEvaluator *self)
{
  self->class_index = self->truth = self->predicted = -1;
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
}

VizEvaluator *
viz_evaluator_new (VizDocument *document, VizJobs *jobs)
{
  VizEvaluator *self = g_object_new (VIZ_TYPE_EVALUATOR, NULL);

  self->document = g_object_ref (document);
  self->jobs = g_object_ref (jobs);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  return self;
}
