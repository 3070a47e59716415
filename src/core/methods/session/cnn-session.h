/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/incremental/cnn-incremental-sweep.h"
#include "image/cnn-image.h"

G_BEGIN_DECLS

/**
 * CnnSession: one engine and the input it looks at. Methods work on it. It belongs to the thread that
 * computes (the worker's); the model and the pictures it hands out are immutable and may travel.
 */
typedef struct {
  CnnEngine *engine;
  CnnPreprocess preprocess;
  gboolean has_range; /* FALSE for a .npy input: [0,1] is assumed for "gray" */
  /*< input; NULL until set >*/
  CnnImage *image;  /* as opened; NULL for an array */
  CnnImage *fitted; /* at the network's size; for arrays a rendering of the numbers */
  float *input;     /* channels, height, width */
  guint channels, height, width;
  char *input_name; /* for captions and provenance */
  char *input_hash;
  /*< private: what was compiled for occluders, the sweep's and the dragged one; see cnn-occluder.h >*/
  CnnIncrementalSweep *sweep;
  CnnIncremental *dragged;
  float *blurred;                  /* the input blurred, once it was asked for */
  struct _CnnGradients *gradients; /* while classes are compared, see cnn-gradients.h; not owned */
} CnnSession;

CnnSession *cnn_session_new (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
void cnn_session_free (CnnSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnSession, cnn_session_free)

/** Prepares @image by the session's preprocessing and makes it the engine's current input; an array that stands for
 * a picture goes in as it is. */
gboolean cnn_session_set_image (CnnSession *self, CnnImage *image, const char *name, GError **error);
/** A float32 array in CnnViz' order, fed as it is. */
gboolean cnn_session_set_array (CnnSession *self, const float *values, const char *name, GError **error);
/** Changes the preprocessing and prepares the open picture again. */
gboolean cnn_session_set_preprocess (CnnSession *self, const CnnPreprocess *preprocess, GError **error);

G_END_DECLS
