/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include "images/viz-evaluator.h"

enum { SIGNAL_SAVED, SIGNAL_PREVIEWED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VizJobs, viz_jobs, G_TYPE_OBJECT)

static void flush (VizJobs *self);

void
viz_jobs_update_busy (VizJobs *self)
{
  viz_document_set_busy (self->document, self->running > 0 || self->wanted != 0,
                         self->n_long > 0 ? MAX (self->progress, 0) : self->evaluated);
}

gboolean
viz_jobs_is_view (VizJobs *self, const char *view)
{
  return g_strcmp0 (viz_document_get_choices (self->document)->view, view) == 0;
}

void
viz_jobs_hold_input (VizJobs *self, VizTask *task)
{
  task->holds_input = TRUE;
  self->n_held++;
  g_clear_pointer (&self->held_input, viz_input_unref);
  self->held_input = viz_input_ref (self->input);
}

static void
release_input (VizJobs *self)
{
  self->n_held--;
  if (self->n_held == 0)
    g_clear_pointer (&self->held_input, viz_input_unref);
}

void
viz_jobs_cancel_held (VizJobs *self)
{
  cnn_worker_cancel (self->worker, "sweep");
  cnn_worker_cancel (self->worker, "compare");
}

VizTask *
viz_jobs_task_new (VizJobs *self)
{
  VizTask *task = g_new0 (VizTask, 1);

  task->owner = g_object_ref (self);
  task->bench = self->bench != NULL ? viz_bench_ref (self->bench) : NULL;
  task->input = self->input != NULL ? viz_input_ref (self->input) : NULL;
  return task;
}

void
viz_jobs_task_drop (VizTask *task)
{
  g_object_unref (task->owner);
  viz_task_free (task);
}

/* The end of every job, whether it ran, was replaced or cancelled. */
static void
task_done (gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (task->goes_first)
    self->n_first--;
  if (task->holds_input)
    release_input (self);
  if (task->holds_input && task->method == NULL)
    viz_jobs_compare_ended (self, task);
  if (task->method != NULL && task->method->is_long) {
    self->n_long--;
    if (self->n_long == 0) {
      self->progress = -1;
      /* stopped: what is shown is all there will be */
      if (task->serial == self->map.asked && viz_document_get_results (self->document)->map_stale &&
          (self->wanted & WANT_MAP) == 0) {
        CnnMap *map = viz_document_get_results (self->document)->map;

        if (self->map.shown == self->map.asked)
          viz_document_take_map (self->document, cnn_map_ref (map), FALSE);
      }
    }
  }
  self->running--;
  if (task->evaluator != NULL)
    viz_evaluator_ended (VIZ_EVALUATOR (task->evaluator), task->serial);
  if (self->worker != NULL) {
    flush (self);
    viz_jobs_update_busy (self);
  }
  viz_task_free (task);
  g_object_unref (self);
}

void
viz_jobs_submit (VizJobs *self, VizTask *task, CnnPriority priority, const char *slot, CnnJobRun run,
                 CnnJobDone done, GDestroyNotify free_result)
{
  CnnJobSpec spec = {
    .priority = priority,
    .slot = slot,
    .run = run,
    .done = done,
    .data = task,
    .free_data = task_done,
    .free_result = free_result,
  };

  self->running++;
  cnn_worker_submit (self->worker, &spec);
}

gboolean
viz_jobs_is_current (VizJobs *self, VizTask *task)
{
  return self->worker != NULL && task->bench == self->bench && task->input == self->input;
}

gboolean
viz_jobs_is_newer (Serial *serial, VizTask *task)
{
  if (task->serial < serial->shown)
    return FALSE;
  serial->shown = task->serial;
  return TRUE;
}

static void
fit_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (!viz_jobs_is_current (self, task))
    return;
  if (result != NULL)
    viz_document_take_fitted (self->document, cnn_image_ref (result));
  else
    viz_document_report_error (self->document, error);
}

static void
prediction_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (!viz_jobs_is_current (self, task) || !viz_jobs_is_newer (&self->prediction, task))
    return;
  if (result == NULL) {
    viz_document_take_prediction (self->document, NULL, FALSE);
    viz_document_report_error (self->document, error);
    return;
  }
  viz_document_take_prediction (self->document, cnn_prediction_ref (result), FALSE);
}

static void
occluded_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (!viz_jobs_is_current (self, task) || !viz_jobs_is_newer (&self->occluded, task) ||
      !viz_document_get_choices (self->document)->occluder_visible)
    return;
  if (result != NULL)
    viz_document_take_occluded (self->document, cnn_prediction_ref (result));
  else
    viz_document_report_error (self->document, error);
}

static void
map_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  VizMapResult *found = result;
  const VizChoices *choices = viz_document_get_choices (self->document);

  if (!viz_jobs_is_current (self, task) || choices->method == NULL)
    return;
  if (found != NULL && partial && task->serial == self->map.asked) {
    self->progress = found->progress;
    viz_jobs_update_busy (self);
  }
  if (found != NULL && found->map == NULL)
    return;
  if (!viz_jobs_is_newer (&self->map, task))
    return;
  if (found != NULL) {
    viz_document_take_map (self->document, cnn_map_ref (found->map),
                           task->serial != self->map.asked || partial);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    viz_document_take_map (self->document, NULL, FALSE);
    viz_document_report_error (self->document, error);
  }
}

static void
gallery_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  const VizChoices *choices = viz_document_get_choices (self->document);

  if (self->worker == NULL || task->bench != self->bench || (!task->kernels && task->input != self->input) ||
      task->layer != choices->layer || task->kernels != choices->gallery_kernels ||
      (task->kernels && task->inputs != choices->gallery_inputs) || !viz_jobs_is_newer (&self->gallery, task))
    return;
  if (result == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  viz_document_take_gallery (self->document, result != NULL ? cnn_gallery_ref (result) : NULL);
  viz_document_report_error (self->document, error);
}

static void
ask_map (VizJobs *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  gboolean is_long;
  VizTask *task;

  cnn_worker_cancel (self->worker, "sweep");
  self->map.asked++;
  if (choices->method == NULL) {
    self->map.shown = self->map.asked;
    viz_document_take_map (self->document, NULL, FALSE);
    return;
  }
  if (choices->method->uses_filter && choices->layer < 0)
    return;
  is_long = choices->method->is_long;
  task = viz_jobs_task_new (self);
  task->serial = self->map.asked;
  task->method = choices->method;
  viz_document_fill_request (self->document, &task->request);
  task->has_request = TRUE;
  viz_document_mark_stale (self->document, VIZ_CHANGED_MAP);
  if (is_long) {
    self->n_long++;
    self->progress = 0;
    viz_jobs_hold_input (self, task);
  }
  viz_jobs_submit (self, task, is_long ? CNN_PRIORITY_LONG : CNN_PRIORITY_VIEW, is_long ? "sweep" : "map",
                   viz_task_map, map_done, (GDestroyNotify)viz_map_result_free);
}

static void
ask_gallery (VizJobs *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  VizTask *task;

  self->gallery.asked++;
  if (choices->layer < 0 || (!choices->gallery_kernels && self->input == NULL) ||
      (choices->gallery_kernels && !cnn_layer_has_kernels (self->bench->model, (guint)choices->layer))) {
    self->gallery.shown = self->gallery.asked;
    viz_document_take_gallery (self->document, NULL);
    return;
  }
  task = viz_jobs_task_new (self);
  task->serial = self->gallery.asked;
  task->layer = choices->layer;
  task->kernels = choices->gallery_kernels;
  task->inputs = choices->gallery_inputs;
  viz_document_mark_stale (self->document, VIZ_CHANGED_GALLERY);
  viz_jobs_submit (self, task, CNN_PRIORITY_GALLERY, "gallery", viz_task_gallery, gallery_done,
                   (GDestroyNotify)cnn_gallery_unref);
}

static void
ask_occluded (VizJobs *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  VizTask *task;

  self->occluded.asked++;
  if (!choices->occluder_visible)
    return;
  task = viz_jobs_task_new (self);
  task->serial = self->occluded.asked;
  memcpy (task->rect, choices->occluder, sizeof task->rect);
  task->fill = choices->occluder_fill;
  viz_jobs_submit (self, task, CNN_PRIORITY_POINTER, "occluded", viz_task_occluded, occluded_done,
                   (GDestroyNotify)cnn_prediction_unref);
}

static void
ask_prediction (VizJobs *self)
{
  VizTask *task = viz_jobs_task_new (self);

  task->serial = ++self->prediction.asked;
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "prediction", viz_task_predict, prediction_done,
                   (GDestroyNotify)cnn_prediction_unref);
}

/* Turns what is wanted into jobs. A job that gives way holds the session's input: while it looks at another
 * picture, the rest waits until it has stopped, which is one batch away. */
static void
flush (VizJobs *self)
{
  Want wanted = self->wanted;

  if (wanted == 0 || self->bench == NULL || self->n_first > 0)
    return;
  if (self->n_held > 0 && self->held_input != self->input) {
    viz_jobs_cancel_held (self);
    return;
  }
  self->wanted = 0;
  viz_document_freeze (self->document);
  if (self->input != NULL) {
    if (wanted & WANT_FIT)
      viz_jobs_submit (self, viz_jobs_task_new (self), CNN_PRIORITY_VIEW, "fit", viz_task_fit, fit_done,
                       (GDestroyNotify)cnn_image_unref);
    if (wanted & WANT_TENSOR)
      viz_jobs_ask_tensor (self);
    if (wanted & WANT_PREDICTION)
      ask_prediction (self);
    if (wanted & WANT_MAP)
      ask_map (self);
    if (wanted & WANT_OCCLUDED)
      ask_occluded (self);
    if (wanted & WANT_LAYER_COST)
      viz_jobs_ask_layer_cost (self);
  }
  if (wanted & WANT_GALLERY)
    ask_gallery (self);
  if (wanted & WANT_COMPARED)
    viz_jobs_ask_compared (self);
  viz_document_thaw (self->document);
}

/* A new picture, network or preprocessing: another input. */
static void
renew_input (VizJobs *self)
{
  CnnImage *image = viz_document_get_image (self->document);
  const VizChoices *choices = viz_document_get_choices (self->document);
  g_autofree char *name = viz_document_dup_image_name (self->document);

  g_clear_pointer (&self->input, viz_input_unref);
  cnn_worker_cancel (self->worker, "layer-cost");
  if (image != NULL)
    self->input = viz_input_new (image, name, &choices->preprocess);
}

static void
on_changed (VizDocument *document, guint what, VizJobs *self)
{
  const VizChoices *choices = viz_document_get_choices (document);

  if (self->worker == NULL)
    return;
  if (what & VIZ_CHANGED_MODEL || what & VIZ_CHANGED_PREPROCESS ||
      (what & VIZ_CHANGED_IMAGE &&
       (self->input == NULL || self->input->image != viz_document_get_image (document)))) {
    renew_input (self);
    self->wanted |= WANT_ALL;
  }
  if (what & (VIZ_CHANGED_LAYER | VIZ_CHANGED_GALLERY_KIND))
    self->wanted |= WANT_GALLERY;
  if (what & VIZ_CHANGED_METHOD)
    self->wanted |= WANT_MAP;
  if (what & (VIZ_CHANGED_METHOD | VIZ_CHANGED_VIEW_CHOICE | VIZ_CHANGED_DISPLAY | VIZ_CHANGED_VIEW) &&
      viz_jobs_is_view (self, "compare"))
    self->wanted |= WANT_COMPARED;
  if (what & VIZ_CHANGED_OCCLUDER && choices->occluder_visible)
    self->wanted |= WANT_OCCLUDED;
  if (what & VIZ_CHANGED_TENSOR && choices->tensor != CNN_TENSOR_OFF &&
      (viz_document_get_results (document)->tensor == NULL ||
       viz_document_get_results (document)->tensor->channel != choices->tensor))
    self->wanted |= WANT_TENSOR;
  if (what & VIZ_CHANGED_LAYER_COST && choices->layer_cost &&
      viz_document_get_results (document)->layer_cost == NULL)
    self->wanted |= WANT_LAYER_COST;
  if (what & (VIZ_CHANGED_SETUP | VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE))
    viz_jobs_set_up (self, (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE)) != 0);
  if (what & (VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_SETUP) && !(what & VIZ_CHANGED_MODEL))
    viz_jobs_remember (self);
  if (self->bench == NULL)
    self->wanted = 0;
  viz_jobs_maximize_changed (self, what);
  viz_jobs_changes_changed (self, what);
  if (self->wanted == 0)
    return;
  flush (self);
  viz_jobs_update_busy (self);
}

void
viz_jobs_stop (VizJobs *self)
{
  if (self->worker == NULL)
    return;
  viz_jobs_maximize_pause (self);
  viz_jobs_cancel_held (self);
  viz_jobs_stop_figures (self);
  cnn_worker_cancel (self->worker, "evaluate");
}

void
viz_jobs_shutdown (VizJobs *self)
{
  CnnWorker *worker = g_steal_pointer (&self->worker);

  if (worker == NULL)
    return;
  g_object_ref (self);
  viz_jobs_flush_memory (self);
  viz_jobs_changes_stop (self);
  g_signal_handlers_disconnect_by_data (self->document, self);
  cnn_worker_shutdown (worker);
  g_object_unref (worker);
  g_object_unref (self);
}

static void
viz_jobs_finalize (GObject *object)
{
  VizJobs *self = VIZ_JOBS (object);

  viz_jobs_shutdown (self);
  g_clear_pointer (&self->bench, viz_bench_unref);
  g_clear_pointer (&self->input, viz_input_unref);
  g_clear_pointer (&self->held_input, viz_input_unref);
  g_clear_pointer (&self->climb, viz_climb_unref);
  g_clear_pointer (&self->started, viz_bench_unref);
  g_free (self->compare_key);
  g_free (self->labels_path);
  g_clear_pointer (&self->opened_figure, cnn_figure_recipe_free);
  g_free (self->memory_path);
  g_free (self->memory_text);
  g_object_unref (self->document);
  G_OBJECT_CLASS (viz_jobs_parent_class)->finalize (object);
}

static void
viz_jobs_class_init (VizJobsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_jobs_finalize;
  signals[SIGNAL_SAVED] = g_signal_new ("saved", VIZ_TYPE_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_PREVIEWED] = g_signal_new ("previewed", VIZ_TYPE_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_STRING);
}

static void
viz_jobs_init (VizJobs *self)
{
  self->worker = cnn_worker_new ();
  self->progress = self->evaluated = -1;
}

VizJobs *
viz_jobs_new (VizDocument *document)
{
  VizJobs *self = g_object_new (VIZ_TYPE_JOBS, NULL);

  self->document = g_object_ref (document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  return self;
}
