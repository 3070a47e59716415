/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** What is more urgent runs first. */
typedef enum {
  CNN_PRIORITY_POINTER, /* follows the pointer: the dragged occluder */
  CNN_PRIORITY_VIEW,    /* the selected view: prediction, overlay */
  CNN_PRIORITY_GALLERY, /* gallery cells in sight */
  CNN_PRIORITY_LONG,    /* sweeps, maximisation, export */
  CNN_N_PRIORITIES
} CnnPriority;

#define CNN_TYPE_WORKER (cnn_worker_get_type ())
G_DECLARE_FINAL_TYPE (CnnWorker, cnn_worker, CNN, WORKER, GObject)

/**
 * CnnWorker:
 *
 * One thread that owns the engine. Jobs are submitted from the main thread and report to the main context
 * that was the thread default where they were submitted. Latest wins, but a running short job is finished:
 * submitting to a slot replaces only the job of that slot that still waits. A long job gives way between
 * batches.
 */
typedef struct _CnnJob CnnJob;

/** Runs on the worker. Returns a result (transfer full) that job's free function frees, or %NULL with @error
 * set. */
typedef gpointer (*CnnJobRun) (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error);
/** Runs on the main context. @result is borrowed (NULL with @error set); for a partial result @partial is
 * TRUE. Not called for replaced jobs, nor after the job's cancellable said stop *and* the run returned
 * nothing. */
typedef void (*CnnJobDone) (CnnJob *job, gpointer result, gboolean partial, const GError *error,
                            gpointer data);

/** What makes up a job. */
typedef struct {
  CnnPriority priority;
  const char *slot; /* jobs of one slot replace each other while waiting; NULL: never replaced */
  CnnJobRun run;
  CnnJobDone done;
  gpointer data;            /* both functions' */
  GDestroyNotify free_data; /* called on the main context */
  GDestroyNotify free_result;
} CnnJobSpec;

CnnWorker *cnn_worker_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** Queues a job. Returns: its number, growing from 1. */
guint64 cnn_worker_submit (CnnWorker *self, const CnnJobSpec *spec);
/** Cancels waiting and running jobs of @slot (NULL: all). A long job that supports it returns what it has. */
void cnn_worker_cancel (CnnWorker *self, const char *slot);
/** Whether anything waits or runs at @priority or more urgent than it, and its completion is not yet
 * delivered. */
gboolean cnn_worker_is_busy (CnnWorker *self, CnnPriority least_urgent);
/** Cancels everything, waits for the running job and ends the thread. Done functions are not called any more.
 */
void cnn_worker_shutdown (CnnWorker *self);

/** For CnnJobRun. Its number. */
guint64 cnn_job_get_number (CnnJob *job);
/** Reports a partial result (transfer full) to the done function; coalesced: only the newest waits. */
void cnn_job_partial (CnnJob *job, gpointer result);
/** Between batches of a long job: runs what is more urgent, right here. Returns %FALSE when the job was asked
 * to stop. */
gboolean cnn_job_checkpoint (CnnJob *job);

G_END_DECLS
