/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/** What was found for one target. */
typedef struct {
  guint index;        /* of the class or filter */
  char *label;        /* the class's, or the filter's number */
  guint done;         /* iterations made */
  guint best;         /* the iteration that scored @input */
  double start_score; /* of the input that it began with; NaN before the first iteration */
  double score, loss; /* of @input */
  GBytes *input;      /* float: channels, height, width, in the network's units: the input that was scored */
  CnnImage *image;    /* the same as a picture */
} CnnMaximizedTarget;

/**
 * CnnMaximized: inputs that raise classes or filters, as far as they have got. Immutable,
 * reference-counted; it may travel between threads.
 */
typedef struct {
  guint n;
  CnnMaximizedTarget *targets;
  guint channels, height, width;
  gboolean lowered;     /* scores were lowered instead of raised */
  int layer;            /* of the filters; -1: classes */
  char *layer_name;     /* or NULL */
  char *title;          /* "What raises the filters of conv2d_2", translated */
  char *model;          /* its name */
  guint iterations;     /* that are wanted of each target */
  double progress;      /* 0..1, of all targets */
  GVariant *provenance; /* a{sv} */
  gatomicrefcount refs;
} CnnMaximized;

CnnMaximized *cnn_maximized_ref (CnnMaximized *self);
void cnn_maximized_unref (CnnMaximized *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnMaximized, cnn_maximized_unref)

/**
 * CnnMaximizer:
 *
 * Activation maximisation as a state that goes on step by step: it can be stopped between any two steps, or
 * amid one by the cancellable, and goes on as if nothing had been. What becomes of a target does not depend
 * on which others are there or on how often it was stopped. It borrows the session's engine, which must
 * outlive it, but neither reads nor changes the current input after it was made.
 */
typedef struct _CnnMaximizer CnnMaximizer;

/**
 * cnn_maximizer_new:
 * @request: of the method "maximize"; its layer (-1: classes), modifier and parameters count
 * @targets: classes, or filters of the layer; copied
 *
 * Computes nothing yet.
 */
CnnMaximizer *cnn_maximizer_new (CnnSession *session, const CnnMethodRequest *request, const guint *targets,
                                 guint n, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cnn_maximizer_free (CnnMaximizer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnMaximizer, cnn_maximizer_free)

/** One iteration of the next few targets in turn: one pass of the engine. %TRUE also where nothing is left to
 * do. When cancelled the state stays as it was before the step. */
gboolean cnn_maximizer_step (CnnMaximizer *self, GCancellable *cancellable, GError **error);
/** Whether every target has had its iterations. */
gboolean cnn_maximizer_is_done (const CnnMaximizer *self);
/** How many iterations each target gets in all; more of them go on where it ended. */
void cnn_maximizer_set_iterations (CnnMaximizer *self, guint iterations);
guint cnn_maximizer_get_iterations (const CnnMaximizer *self);
/** Share of all iterations that are made, 0..1. */
double cnn_maximizer_get_progress (const CnnMaximizer *self);
/** What there is so far; what did not change since the last time is shared with it. (transfer full) */
CnnMaximized *cnn_maximizer_snapshot (CnnMaximizer *self) G_GNUC_WARN_UNUSED_RESULT;

/** How many classes or filters @layer (-1: classes) has to be raised; 0 where it has none. */
guint cnn_maximize_count (CnnModel *model, int layer);

/**
 * cnn_maximize_parse_targets:
 * @layer: -1: @text names classes
 * @text: "all", or labels, numbers and ranges like "0-15", joined by commas
 *
 * Returns: (transfer full) (element-type guint): each once, as they were named; %NULL with @error set.
 */
GArray *cnn_maximize_parse_targets (CnnModel *model, int layer, const char *text,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
