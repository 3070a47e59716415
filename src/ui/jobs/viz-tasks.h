/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figure/cnn-figure-kinds.h"
#include "methods/summary/cnn-layer-cost.h"
#include "methods/maximize/cnn-maximize.h"
#include "methods/session/cnn-model-setup.h"
#include "methods/cnn-tensor-view.h"
#include "worker/cnn-worker.h"

G_BEGIN_DECLS

/**
 * VizBench: a network and the session that computes with it. Reference-counted; the session is the worker's
 * alone.
 */
typedef struct {
  CnnModel *base;  /* as it was read */
  CnnModel *model; /* as it was set up */
  CnnModelSetup setup;
  char *suited;              /* the size that suits the picture, where none is chosen; or NULL */
  CnnPreprocess *remembered; /* the preprocessing that was chosen for it once; or NULL */
  char *complaint;           /* what could not be restored; or NULL */
  /*< worker >*/
  CnnSession *session;
  struct _VizInput *input; /* what the session looks at */
  gatomicrefcount refs;
} VizBench;

VizBench *viz_bench_ref (VizBench *self);
void viz_bench_unref (VizBench *self);

/** VizInput: a picture and how the network gets to eat it. Immutable, reference-counted, told apart by its
 * address. */
typedef struct _VizInput {
  CnnImage *image;
  char *name;
  CnnPreprocess preprocess;
  gatomicrefcount refs;
} VizInput;

VizInput *viz_input_new (CnnImage *image, const char *name,
                         const CnnPreprocess *preprocess) G_GNUC_WARN_UNUSED_RESULT;
VizInput *viz_input_ref (VizInput *self);
void viz_input_unref (VizInput *self);

/** VizTask: what a job needs to know; the fields that its kind reads. */
typedef struct {
  gpointer owner; /* the VizJobs; touched on the main thread only */
  VizBench *bench;
  VizInput *input;
  guint serial; /* of the choices that it answers */
  char *path;   /* files: what to read or write */
  CnnModelSetup setup;
  char *suited; /* see VizBench */
  const CnnMethod *method;
  CnnMethodRequest request;
  gboolean has_request;
  int layer;
  gboolean kernels;
  int inputs; /* of the kernels */
  int rect[4];
  CnnFill fill;
  CnnLayerCost *cost;   /* an earlier measurement */
  char *text;           /* what is to be remembered */
  gboolean goes_first;  /* the rest waits for its end */
  gboolean holds_input; /* gives way to jobs that must not look at another picture */
  gpointer order;       /* what the files of a view add */
  GDestroyNotify free_order;
  struct _VizFigureTask *figure; /* see viz-figure-task.h */
  GObject *evaluator;            /* evaluations: who gets the result */
  CnnPreprocess preprocess;
  gboolean has_preprocess;
} VizTask;

void viz_task_free (VizTask *self);
/** For run functions: makes the task's picture the session's input, unless it is already. */
gboolean viz_task_ensure_input (VizTask *self, GError **error);

/* What runs on the worker. Results: */
gpointer viz_task_load_model (CnnJob *job, gpointer data, GCancellable *cancellable,
                              GError **error); /* VizBench */
gpointer viz_task_set_up (CnnJob *job, gpointer data, GCancellable *cancellable,
                          GError **error); /* VizBench */
gpointer viz_task_remember (CnnJob *job, gpointer data, GCancellable *cancellable,
                            GError **error); /* char: the path; @text: what to write, NULL: nothing */
gpointer viz_task_layer_cost (CnnJob *job, gpointer data, GCancellable *cancellable,
                              GError **error); /* CnnLayerCost; @cost: an earlier one */
gpointer viz_task_tensor (CnnJob *job, gpointer data, GCancellable *cancellable,
                          GError **error); /* CnnTensorView of @layer */
gpointer viz_task_load_image (CnnJob *job, gpointer data, GCancellable *cancellable,
                              GError **error);                                                 /* CnnImage */
gpointer viz_task_fit (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error); /* CnnImage */
gpointer viz_task_predict (CnnJob *job, gpointer data, GCancellable *cancellable,
                           GError **error); /* CnnPrediction */
gpointer viz_task_occluded (CnnJob *job, gpointer data, GCancellable *cancellable,
                            GError **error); /* CnnPrediction */
gpointer viz_task_map (CnnJob *job, gpointer data, GCancellable *cancellable,
                       GError **error); /* VizMapResult */
gpointer viz_task_gallery (CnnJob *job, gpointer data, GCancellable *cancellable,
                           GError **error); /* CnnGallery */

/** A map, or how far a long method has got. */
typedef struct {
  CnnMap *map; /* or NULL */
  double progress;
} VizMapResult;
void viz_map_result_free (VizMapResult *self);

G_END_DECLS
