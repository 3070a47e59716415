/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-jobs.h"
#include "viz-tasks.h"

G_BEGIN_DECLS

/* What the files viz-jobs*.c share: viz-jobs.c answers the choices of the person, viz-jobs-open.c reads
 * files, viz-jobs-figure.c writes figures. Everything here happens on the main thread. */

/* What has to be computed anew. */
typedef enum {
  WANT_FIT = 1 << 0,
  WANT_PREDICTION = 1 << 1,
  WANT_MAP = 1 << 2,
  WANT_GALLERY = 1 << 3,
  WANT_OCCLUDED = 1 << 4,
  WANT_ALL = (1 << 5) - 1
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
  VizInput *long_input; /* what the running long job looks at */
  guint n_long;         /* long jobs whose data is not freed yet */
  Serial prediction, map, gallery, occluded;
  guint opened_model, opened_image; /* the newest request */
  gboolean reading_model;
  char *labels_path; /* for the network that is being read */
  double progress;
};

/** A task that knows what is open now. */
VizTask *viz_jobs_task_new (VizJobs *self) G_GNUC_WARN_UNUSED_RESULT;
/** Hands a task to the worker, which frees it; done is called on the main loop with its result. */
void viz_jobs_submit (VizJobs *self, VizTask *task, CnnPriority priority, const char *slot, CnnJobRun run,
                      CnnJobDone done, GDestroyNotify free_result);
/** Whether a result is still about what is open. */
gboolean viz_jobs_is_current (VizJobs *self, VizTask *task);
/** Tells the document whether anything runs, and how far a long job has got. */
void viz_jobs_update_busy (VizJobs *self);

G_END_DECLS
