/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-jobs.h"
#include "viz-tasks.h"

G_BEGIN_DECLS

/* What the files viz-jobs*.c share: viz-jobs.c answers the choices of the person, viz-jobs-compare.c and
 * viz-jobs-maximize.c those of the views by these names, viz-jobs-open.c reads files, viz-jobs-figure.c
 * writes figures. Everything here happens on the main thread. */

/* What has to be computed anew. */
typedef enum {
  WANT_FIT = 1 << 0,
  WANT_PREDICTION = 1 << 1,
  WANT_MAP = 1 << 2,
  WANT_GALLERY = 1 << 3,
  WANT_OCCLUDED = 1 << 4,
  WANT_COMPARED = 1 << 5,
  WANT_TENSOR = 1 << 6,
  WANT_LAYER_COST = 1 << 7,
  WANT_ALL = (1 << 8) - 1
} Want;

/* The serial numbers of the newest request and of what is shown. */
typedef struct {
  guint asked, shown;
} Serial;

struct _VizJobs {
  GObject parent;
  VizDocument *document;
  CnnWorker *worker;
  VizBench *bench;
  VizInput *input;
  Want wanted;
  guint running;        /* jobs whose data is not freed yet */
  VizInput *held_input; /* what the jobs that give way look at */
  guint n_held;         /* those jobs, while their data is not freed yet */
  guint n_long;         /* long maps among them */
  guint n_first;        /* jobs that what is wanted waits for */
  Serial prediction, map, gallery, occluded;
  guint opened_model, opened_image; /* the newest request */
  gboolean reading_model;
  char *labels_path;               /* for the network that is being read */
  char *memory_path, *memory_text; /* what is to be remembered and not written yet */
  double progress;
  /* viz-jobs-compare.c */
  Serial compared;
  char *compare_key; /* what was asked for last, or NULL */
  /* viz-jobs-maximize.c */
  struct _VizClimb *climb;        /* what is being maximised, or NULL */
  gboolean climbing;              /* and goes on */
  VizBench *started;              /* where it began by itself */
  guint changes_timer;            /* viz-jobs-changes.c: until the occluder is at rest; 0: it is */
  CnnFigureRecipe *opened_figure; /* see viz_jobs_set_opened_figure() */
  double evaluated;               /* how far an evaluation has got, 0..1; -1: none runs */
};

gboolean viz_jobs_is_view (VizJobs *self, const char *view);
/* Whether a result is newer than what is shown; then it counts as shown. */
gboolean viz_jobs_is_newer (Serial *serial, VizTask *task);
/* The task gives way to jobs that must not look at another picture before it has ended. */
void viz_jobs_hold_input (VizJobs *self, VizTask *task);
void viz_jobs_cancel_held (VizJobs *self);

typedef struct _VizClimb VizClimb;
void viz_climb_unref (VizClimb *self);

void viz_jobs_ask_compared (VizJobs *self);
void viz_jobs_compare_ended (VizJobs *self, VizTask *task);
/* Notes what a change means for what is being maximised. */
void viz_jobs_maximize_changed (VizJobs *self, guint what);

/* Notes what a change means for what the occluder changes in the filters. */
void viz_jobs_changes_changed (VizJobs *self, guint what);
/* Waits for no occluder any more. */
void viz_jobs_changes_stop (VizJobs *self);

/** A task that knows what is open now. */
VizTask *viz_jobs_task_new (VizJobs *self) G_GNUC_WARN_UNUSED_RESULT;
/** A task that is not wanted after all. */
void viz_jobs_task_drop (VizTask *task);
/** Hands a task to the worker, which frees it; done is called on the main loop with its result. */
void viz_jobs_submit (VizJobs *self, VizTask *task, CnnPriority priority, const char *slot, CnnJobRun run,
                      CnnJobDone done, GDestroyNotify free_result);
/** Whether a result is still about what is open. */
gboolean viz_jobs_is_current (VizJobs *self, VizTask *task);
/** Sets the open network up as is chosen, and as suits the picture. @first: nothing is computed before,
 * because it would be shown for a moment only. */
void viz_jobs_set_up (VizJobs *self, gboolean first);
/** Remembers what is chosen for the open network. */
void viz_jobs_remember (VizJobs *self);
/** Writes at once what is not written yet. */
void viz_jobs_flush_memory (VizJobs *self);
/** Asks for times and dead shares of the layers, if they are wanted. */
void viz_jobs_ask_layer_cost (VizJobs *self);
/** Asks for what the network sees, if that is shown. */
void viz_jobs_ask_tensor (VizJobs *self);
/** Tells the document whether anything runs, and how far a long job has got. */
void viz_jobs_update_busy (VizJobs *self);

G_END_DECLS
