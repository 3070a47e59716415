/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn-worker"
#include "config.h"

#include <glib/gi18n-lib.h>

#include "model/cnn-error.h"
#include "cnn-worker.h"

/*
 * The life of a job: it waits in the queue of its priority, runs on the worker's thread, and is then handed
 * to its main context by one idle source, which calls done() and frees it. The worker's list of live jobs
 * owns it all that time, so the worker's thread never drops the last reference: data dies on the main
 * context, or, at shutdown, on the thread that asked for it.
 */
struct _CnnJob {
  gatomicrefcount refs;
  CnnWorker *worker;
  guint64 number;
  CnnPriority priority;
  char *slot;
  CnnJobRun run;
  CnnJobDone done;
  gpointer data;
  GDestroyNotify free_data;
  GDestroyNotify free_result;
  GCancellable *cancellable;
  GMainContext *context;

  /* under the worker's lock */
  GSource *source;  /* takes what is below to the main context, or NULL */
  gboolean silent;  /* replaced or cancelled: nobody wants to hear of it */
  gboolean ended;   /* nothing more comes after the source */
  gboolean counted; /* still in the worker's count of pending jobs */
  gpointer partial; /* the newest partial result that waits */
  gpointer result;
  GError *error;
};

struct _CnnWorker {
  GObject parent_instance;
  GThread *thread;
  GMutex lock;
  GCond wake;
  /* under the lock */
  GQueue waiting[CNN_N_PRIORITIES];
  GQueue running; /* innermost last: a long job and what its checkpoints started */
  GQueue live;    /* every job that is not yet delivered; owns them */
  guint pending[CNN_N_PRIORITIES];
  guint64 last_number;
  gboolean closing;
};

G_DEFINE_FINAL_TYPE (CnnWorker, cnn_worker, G_TYPE_OBJECT)

static void
free_job_result (CnnJob *job, gpointer result)
{
  if (result != NULL && job->free_result != NULL)
    job->free_result (result);
}

static void
job_unref (gpointer data)
{
  CnnJob *job = data;

  if (!g_atomic_ref_count_dec (&job->refs))
    return;
  free_job_result (job, job->partial);
  free_job_result (job, job->result);
  g_clear_error (&job->error);
  if (job->free_data != NULL)
    job->free_data (job->data);
  g_object_unref (job->cancellable);
  g_main_context_unref (job->context);
  g_free (job->slot);
  g_free (job);
}

static CnnJob *
job_new (CnnWorker *worker, const CnnJobSpec *spec)
{
  CnnJob *job = g_new0 (CnnJob, 1);

  g_atomic_ref_count_init (&job->refs);
  job->worker = worker;
  job->priority = MIN ((guint)spec->priority, CNN_N_PRIORITIES - 1);
  job->slot = g_strdup (spec->slot);
  job->run = spec->run;
  job->done = spec->done;
  job->data = spec->data;
  job->free_data = spec->free_data;
  job->free_result = spec->free_result;
  job->cancellable = g_cancellable_new ();
  job->context = g_main_context_ref_thread_default ();
  return job;
}

static gboolean
job_matches (const CnnJob *job, const char *slot)
{
  return slot == NULL || g_strcmp0 (job->slot, slot) == 0;
}

/* With the lock held. */
static void
uncount (CnnJob *job)
{
  if (job->counted)
    job->worker->pending[job->priority]--;
  job->counted = FALSE;
}

/* On the job's main context: hands over what waits, a partial result or the end of the job. */
static gboolean
deliver (gpointer data)
{
  CnnJob *job = data;
  CnnWorker *self = job->worker;
  gpointer result = NULL;
  gboolean ended, silent, has_partial;

  g_mutex_lock (&self->lock);
  g_clear_pointer (&job->source, g_source_unref);
  ended = job->ended;
  has_partial = !ended && job->partial != NULL;
  silent = job->silent || self->closing || job->done == NULL || (!ended && !has_partial);
  if (ended) {
    result = g_steal_pointer (&job->result);
    uncount (job);
    /* the list's reference goes with the source's: done() may shut the worker down */
    if (g_queue_remove (&self->live, job))
      g_atomic_ref_count_dec (&job->refs);
  } else {
    result = g_steal_pointer (&job->partial);
  }
  g_mutex_unlock (&self->lock);

  if (!silent)
    job->done (job, result, has_partial, ended && result == NULL ? job->error : NULL, job->data);
  free_job_result (job, result);
  return G_SOURCE_REMOVE;
}

/* With the lock held: makes sure that deliver() will run. Not g_main_context_invoke(), which may run right
 * here. */
static void
wake_main (CnnJob *job)
{
  if (job->source != NULL)
    return;
  g_atomic_ref_count_inc (&job->refs);
  job->source = g_idle_source_new ();
  g_source_set_priority (job->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (job->source, deliver, job, job_unref);
  g_source_set_static_name (job->source, "[cnnviz] job");
  g_source_attach (job->source, job->context);
}

/* With the lock held: a job that waited is wanted no more; its data dies on the main context. */
static void
drop_waiting (CnnJob *job)
{
  job->silent = TRUE;
  job->ended = TRUE;
  uncount (job);
  wake_main (job);
}

/* With the lock held. */
static CnnJob *
take_most_urgent (CnnWorker *self, int below)
{
  for (int i = 0; i < below && !self->closing; i++) {
    CnnJob *job = g_queue_pop_head (&self->waiting[i]);

    if (job != NULL)
      return job;
  }
  return NULL;
}

/* With the lock held, which is let go while the job runs. */
static void
run_job (CnnWorker *self, CnnJob *job)
{
  GDestroyNotify free_result = job->free_result;
  gpointer result, partial;
  GError *error = NULL;

  g_queue_push_tail (&self->running, job);
  g_mutex_unlock (&self->lock);

  result = job->run (job, job->data, job->cancellable, &error);
  if (result != NULL)
    g_clear_error (&error);
  else if (error == NULL)
    error = g_error_new_literal (CNN_ERROR, CNN_ERROR_ENGINE, _ ("The computation ended without a result."));

  g_mutex_lock (&self->lock);
  g_queue_pop_tail (&self->running);
  partial = g_steal_pointer (&job->partial);
  job->result = result;
  job->error = error;
  job->silent = result == NULL && g_cancellable_is_cancelled (job->cancellable);
  job->ended = TRUE;
  wake_main (job);
  /* from the next unlock on the job is the main context's, which may free it */
  if (partial != NULL && free_result != NULL) {
    g_mutex_unlock (&self->lock);
    free_result (partial);
    g_mutex_lock (&self->lock);
  }
}

static gpointer
worker_main (gpointer data)
{
  CnnWorker *self = data;

  g_mutex_lock (&self->lock);
  while (!self->closing) {
    CnnJob *job = take_most_urgent (self, CNN_N_PRIORITIES);

    if (job != NULL)
      run_job (self, job);
    else
      g_cond_wait (&self->wake, &self->lock);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
cnn_worker_dispose (GObject *object)
{
  cnn_worker_shutdown (CNN_WORKER (object));
  G_OBJECT_CLASS (cnn_worker_parent_class)->dispose (object);
}

static void
cnn_worker_finalize (GObject *object)
{
  CnnWorker *self = CNN_WORKER (object);

  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  G_OBJECT_CLASS (cnn_worker_parent_class)->finalize (object);
}

static void
cnn_worker_class_init (CnnWorkerClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cnn_worker_dispose;
  G_OBJECT_CLASS (class)->finalize = cnn_worker_finalize;
}

static void
cnn_worker_init (CnnWorker *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->thread = g_thread_new ("cnn-worker", worker_main, self);
}

CnnWorker *
cnn_worker_new (void)
{
  return g_object_new (CNN_TYPE_WORKER, NULL);
}

/* With the lock held: the job of @slot that waits, at most one. */
static GList *
find_waiting (CnnWorker *self, const char *slot, int *priority)
{
  for (int i = 0; i < CNN_N_PRIORITIES; i++) {
    for (GList *l = self->waiting[i].head; l != NULL; l = l->next) {
      CnnJob *job = l->data;

      if (g_strcmp0 (job->slot, slot) == 0) {
        *priority = i;
        return l;
      }
    }
  }
  return NULL;
}

/* With the lock held. A newer job takes its elder's place, so a slot that is refilled all the time gets its
 * turn. */
static void
enqueue (CnnWorker *self, CnnJob *job)
{
  int priority = 0;
  GList *elder = job->slot != NULL ? find_waiting (self, job->slot, &priority) : NULL;
  CnnJob *replaced = elder != NULL ? elder->data : NULL;

  if (replaced != NULL && priority == (int)job->priority) {
    elder->data = job;
  } else {
    if (replaced != NULL)
      g_queue_delete_link (&self->waiting[priority], elder);
    g_queue_push_tail (&self->waiting[job->priority], job);
  }
  if (replaced != NULL)
    drop_waiting (replaced);
}

guint64
cnn_worker_submit (CnnWorker *self, const CnnJobSpec *spec)
{
  CnnJob *job;
  guint64 number = 0;

  g_return_val_if_fail (CNN_IS_WORKER (self), 0);
  g_return_val_if_fail (spec != NULL && spec->run != NULL, 0);

  job = job_new (self, spec);
  g_mutex_lock (&self->lock);
  if (!self->closing) {
    number = job->number = ++self->last_number;
    job->counted = TRUE;
    self->pending[job->priority]++;
    g_queue_push_tail (&self->live, job);
    enqueue (self, job);
    g_cond_signal (&self->wake);
  }
  g_mutex_unlock (&self->lock);
  if (number == 0)
    job_unref (job);
  return number;
}

/* With the lock held: the stop signs of the running jobs of @slot. Raised without the lock, they call others'
 * code. */
static GPtrArray *
collect_running (CnnWorker *self, const char *slot)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = self->running.head; l != NULL; l = l->next) {
    CnnJob *job = l->data;

    if (job_matches (job, slot))
      g_ptr_array_add (list, g_object_ref (job->cancellable));
  }
  return list;
}

static void
cancel_all (GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    g_cancellable_cancel (list->pdata[i]);
}

void
cnn_worker_cancel (CnnWorker *self, const char *slot)
{
  g_autoptr (GPtrArray) list = NULL;

  g_return_if_fail (CNN_IS_WORKER (self));

  g_mutex_lock (&self->lock);
  for (int i = 0; i < CNN_N_PRIORITIES; i++) {
    for (GList *l = self->waiting[i].head, *next; l != NULL; l = next) {
      CnnJob *job = l->data;

      next = l->next;
      if (!job_matches (job, slot))
        continue;
      g_queue_delete_link (&self->waiting[i], l);
      drop_waiting (job);
    }
  }
  list = collect_running (self, slot);
  g_mutex_unlock (&self->lock);
  cancel_all (list);
}

gboolean
cnn_worker_is_busy (CnnWorker *self, CnnPriority least_urgent)
{
  gboolean busy = FALSE;

  g_return_val_if_fail (CNN_IS_WORKER (self), FALSE);

  g_mutex_lock (&self->lock);
  for (int i = 0; i <= (int)MIN (least_urgent, CNN_PRIORITY_LONG); i++)
    busy = busy || self->pending[i] > 0;
  g_mutex_unlock (&self->lock);
  return busy;
}

/* After the thread has ended: nothing is left that could add to the list. */
static void
free_live (CnnWorker *self)
{
  CnnJob *job;

  for (int i = 0; i < CNN_N_PRIORITIES; i++) {
    g_queue_clear (&self->waiting[i]);
    self->pending[i] = 0;
  }
  while ((job = g_queue_pop_head (&self->live)) != NULL) {
    GSource *source = g_steal_pointer (&job->source);

    job->counted = FALSE;
    if (source != NULL) {
      g_source_destroy (source);
      g_source_unref (source);
    }
    job_unref (job);
  }
}

void
cnn_worker_shutdown (CnnWorker *self)
{
  g_autoptr (GPtrArray) list = NULL;
  GThread *thread;

  g_return_if_fail (CNN_IS_WORKER (self));
  g_return_if_fail (self->thread != g_thread_self ());

  g_mutex_lock (&self->lock);
  self->closing = TRUE;
  thread = g_steal_pointer (&self->thread);
  list = collect_running (self, NULL);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  if (thread == NULL)
    return;
  cancel_all (list);
  g_thread_join (thread);
  free_live (self);
}

guint64
cnn_job_get_number (CnnJob *job)
{
  return job->number;
}

void
cnn_job_partial (CnnJob *job, gpointer result)
{
  CnnWorker *self = job->worker;
  gpointer older;

  g_mutex_lock (&self->lock);
  older = job->partial;
  job->partial = result;
  wake_main (job);
  g_mutex_unlock (&self->lock);
  free_job_result (job, older);
}

gboolean
cnn_job_checkpoint (CnnJob *job)
{
  CnnWorker *self = job->worker;
  CnnJob *urgent;

  g_mutex_lock (&self->lock);
  while (!g_cancellable_is_cancelled (job->cancellable) &&
         (urgent = take_most_urgent (self, (int)job->priority)) != NULL)
    run_job (self, urgent);
  g_mutex_unlock (&self->lock);
  return !g_cancellable_is_cancelled (job->cancellable);
}
