/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Maximize view shows: computed in slices, each a job of its own, so that whatever else is long gets
 * its turn between two of them and what is more urgent between two steps. */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>

#include "maximize/viz-maximized.h"

#define SLICE_MICROSECONDS 100000
#define INPUT_IS_IMAGE 2 /* the choice "image" of the parameter "from" */

/* What is being maximised. Shared with the jobs; the maximiser is the worker's while one of them is there. */
struct _VizClimb {
  gatomicrefcount refs;
  VizBench *bench;
  CnnMethodRequest request;
  CnnPreprocess preprocess;
  GArray *targets; /* guint */
  char *key;       /* all that the pictures depend on but the number of iterations */
  /*< worker >*/
  CnnMaximizer *maximizer;
  VizMaximized *last;
};

typedef struct {
  VizClimb *climb;
  guint iterations;
} Slice;

void
viz_climb_unref (VizClimb *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->maximizer, cnn_maximizer_free);
  g_clear_pointer (&self->last, viz_maximized_unref);
  cnn_method_request_clear (&self->request);
  g_array_unref (self->targets);
  viz_bench_unref (self->bench);
  g_free (self->key);
  g_free (self);
}

static void
slice_free (gpointer data)
{
  Slice *slice = data;

  viz_climb_unref (slice->climb);
  g_free (slice);
}

static const CnnMethod *
get_method (void)
{
  return cnn_method_find ("maximize");
}

static double
get_param (const CnnMethodRequest *request, const char *name)
{
  return request->values[cnn_method_find_param (get_method (), name)];
}

static char *
make_key (VizJobs *self, const VizClimb *climb)
{
  GString *key = g_string_new (NULL);
  g_autofree char *preprocess = cnn_preprocess_to_string (&climb->preprocess);

  g_string_append_printf (key, "%p %d %d %s", (void *)climb->bench, climb->request.layer,
                          climb->request.modifier, preprocess);
  for (int i = 0; get_method ()->params[i].name != NULL; i++)
    if (i != cnn_method_find_param (get_method (), "iterations"))
      g_string_append_printf (key, " %a", climb->request.values[i]);
  if ((int)get_param (&climb->request, "from") == INPUT_IS_IMAGE)
    g_string_append_printf (key, " %p", (void *)self->input);
  for (guint i = 0; i < climb->targets->len; i++)
    g_string_append_printf (key, " %u", g_array_index (climb->targets, guint, i));
  return g_string_free (key, FALSE);
}

/* What the choices ask for, with nothing done yet; NULL with @error set where they cannot be met. */
static VizClimb *
climb_new (VizJobs *self, GError **error)
{
  VizDocument *document = self->document;
  const char *name = viz_document_get_view_choice (document, VIZ_MAXIMIZE_LAYER);
  int layer = name[0] != '\0' ? cnn_model_find_layer (self->bench->model, name) : -1;
  GArray *targets = viz_maximize_targets (self->bench->model, layer,
                                          viz_document_get_view_choice (document, VIZ_MAXIMIZE_TARGETS),
                                          viz_document_get_results (document)->prediction, error);
  VizClimb *climb;

  if (targets == NULL)
    return NULL;
  climb = g_new0 (VizClimb, 1);
  g_atomic_ref_count_init (&climb->refs);
  climb->bench = viz_bench_ref (self->bench);
  climb->preprocess = viz_document_get_choices (document)->preprocess;
  climb->targets = targets;
  viz_document_fill_request_of (document, get_method (), &climb->request);
  climb->request.layer = layer;
  climb->key = make_key (self, climb);
  return climb;
}

/* On the worker. */

static gboolean
prepare (VizTask *task, VizClimb *climb, GError **error)
{
  CnnSession *session = climb->bench->session;

  if (climb->maximizer != NULL)
    return TRUE;
  if (task->input != NULL ? !viz_task_ensure_input (task, error)
                          : !cnn_session_set_preprocess (session, &climb->preprocess, error))
    return FALSE;
  climb->maximizer = cnn_maximizer_new (
      session, &climb->request, (const guint *)(gpointer)climb->targets->data, climb->targets->len, error);
  return climb->maximizer != NULL;
}

static gpointer
run_slice (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  Slice *slice = task->order;
  VizClimb *climb = slice->climb;
  gint64 start = g_get_monotonic_time ();
  GError *failure = NULL;

  if (!prepare (task, climb, error))
    return NULL;
  cnn_maximizer_set_iterations (climb->maximizer, slice->iterations);
  while (!cnn_maximizer_is_done (climb->maximizer) && g_get_monotonic_time () - start < SLICE_MICROSECONDS &&
         cnn_maximizer_step (climb->maximizer, cancellable, &failure) && cnn_job_checkpoint (job))
    ;
  if (failure != NULL && !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, failure);
    return NULL;
  }
  g_clear_error (&failure);
  g_clear_pointer (&climb->last, viz_maximized_unref);
  climb->last = viz_maximized_new (cnn_maximizer_snapshot (climb->maximizer), climb->last);
  return viz_maximized_ref (climb->last);
}

/* On the main loop. */

static guint
wanted_iterations (VizJobs *self)
{
  return (guint)viz_document_get_param (self->document, get_method (),
                                        (guint)cnn_method_find_param (get_method (), "iterations"));
}

static gboolean
is_finished (VizJobs *self, const VizMaximized *maximized)
{
  guint wanted = wanted_iterations (self);

  for (guint i = 0; i < maximized->found->n; i++)
    if (maximized->found->targets[i].done < wanted)
      return FALSE;
  return TRUE;
}

static void submit_slice (VizJobs *self);

static void
slice_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  Slice *slice = task->order;
  VizMaximized *maximized = result;
  gboolean old = viz_document_get_results (self->document)->maximized_old;

  if (self->worker == NULL || slice->climb != self->climb)
    return;
  if (maximized == NULL) {
    self->climbing = FALSE;
    g_clear_pointer (&self->climb, viz_climb_unref);
    viz_document_set_maximizing (self->document, VIZ_MAXIMIZING_NOT, FALSE);
    viz_document_report_error (self->document, error);
    return;
  }
  viz_document_freeze (self->document);
  viz_document_take_maximized (self->document, viz_maximized_ref (maximized));
  if (is_finished (self, maximized)) {
    self->climbing = FALSE;
    viz_document_set_maximizing (self->document, VIZ_MAXIMIZING_DONE, old);
  }
  viz_document_thaw (self->document);
  if (self->climbing)
    submit_slice (self);
}

static void
submit_slice (VizJobs *self)
{
  VizTask *task = viz_jobs_task_new (self);
  Slice *slice = g_new0 (Slice, 1);

  slice->climb = self->climb;
  g_atomic_ref_count_inc (&self->climb->refs);
  slice->iterations = wanted_iterations (self);
  task->order = slice;
  task->free_order = slice_free;
  viz_jobs_submit (self, task, CNN_PRIORITY_LONG, "maximize", run_slice, slice_done,
                   (GDestroyNotify)viz_maximized_unref);
}

void
viz_jobs_maximize_start (VizJobs *self, gboolean anew)
{
  g_autoptr (GError) error = NULL;
  VizClimb *climb;

  if (self->worker == NULL)
    return;
  viz_document_clear_error (self->document);
  if (self->bench == NULL) {
    viz_document_report (self->document, _ ("There is nothing to maximise: open a network first."));
    return;
  }
  climb = climb_new (self, &error);
  if (climb == NULL) {
    viz_document_report_error (self->document, error);
    return;
  }
  if (!anew && self->climb != NULL && g_str_equal (climb->key, self->climb->key)) {
    viz_climb_unref (climb);
    if (self->climbing || viz_document_get_results (self->document)->maximizing == VIZ_MAXIMIZING_DONE)
      return;
  } else {
    cnn_worker_cancel (self->worker, "maximize");
    g_clear_pointer (&self->climb, viz_climb_unref);
    self->climb = climb;
    viz_document_take_maximized (self->document, NULL);
  }
  self->climbing = TRUE;
  viz_document_set_maximizing (self->document, VIZ_MAXIMIZING_RUNS, FALSE);
  submit_slice (self);
  viz_jobs_update_busy (self);
}

void
viz_jobs_maximize_pause (VizJobs *self)
{
  if (!self->climbing || self->worker == NULL)
    return;
  self->climbing = FALSE;
  cnn_worker_cancel (self->worker, "maximize");
  viz_document_set_maximizing (self->document, VIZ_MAXIMIZING_RESTS,
                               viz_document_get_results (self->document)->maximized_old);
}

/* A few classes are soon done: they begin when the view is seen. Those of a large network are chosen first.
 */
static gboolean
starts_by_itself (VizJobs *self)
{
  guint n = self->bench != NULL ? cnn_model_get_n_classes (self->bench->model) : 0;

  return n > 0 && n <= CNN_COMPARE_ALL && self->bench != self->started &&
         viz_jobs_is_view (self, "maximize") && self->climb == NULL &&
         cnn_model_get_image_input (self->bench->model) >= 0 &&
         cnn_model_get_unsupported (self->bench->model) == NULL &&
         viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_LAYER)[0] == '\0' &&
         viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_TARGETS)[0] == '\0';
}

/* Whether the pictures are still of the choices, and whether more of them is wanted. */
static void
look_again (VizJobs *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  VizClimb *now = climb_new (self, NULL);
  gboolean old = now == NULL || !g_str_equal (now->key, self->climb->key);
  VizMaximizing maximizing = results->maximizing;

  g_clear_pointer (&now, viz_climb_unref);
  if (!self->climbing && results->maximized != NULL)
    maximizing = is_finished (self, results->maximized) ? VIZ_MAXIMIZING_DONE : VIZ_MAXIMIZING_RESTS;
  viz_document_set_maximizing (self->document, maximizing, old);
}

void
viz_jobs_maximize_changed (VizJobs *self, guint what)
{
  const guint choices = VIZ_CHANGED_METHOD | VIZ_CHANGED_VIEW_CHOICE | VIZ_CHANGED_IMAGE |
                        VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_PREDICTION;

  if (what & VIZ_CHANGED_MODEL && self->climb != NULL) {
    self->climbing = FALSE;
    cnn_worker_cancel (self->worker, "maximize");
    g_clear_pointer (&self->climb, viz_climb_unref);
    viz_document_set_maximizing (self->document, VIZ_MAXIMIZING_NOT, FALSE);
  }
  if (what & choices && self->climb != NULL && self->bench != NULL)
    look_again (self);
  if (what & (VIZ_CHANGED_VIEW | VIZ_CHANGED_MODEL) && starts_by_itself (self)) {
    g_clear_pointer (&self->started, viz_bench_unref);
    self->started = viz_bench_ref (self->bench);
    viz_jobs_maximize_start (self, FALSE);
  }
}
