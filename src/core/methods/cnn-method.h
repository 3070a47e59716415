/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/gallery/cnn-gallery.h"
#include "cnn-map.h"
#include "methods/session/cnn-session.h"

G_BEGIN_DECLS

/** The kind of a parameter's value. */
typedef enum { CNN_PARAM_BOOL, CNN_PARAM_INT, CNN_PARAM_FLOAT, CNN_PARAM_CHOICE } CnnParamType;

/**
 * CnnParam: one declared parameter of a method. Declared once; the window's controls, the options of
 * cnn-viz-cli, sessions and captions come from it.
 */
typedef struct {
  const char *name;  /* "stride": option --stride, action occlusion-stride */
  const char *label; /* N_() */
  const char *help;  /* N_() one sentence */
  CnnParamType type;
  double minimum, maximum, standard, step;
  const char *unit;           /* "px", or NULL */
  const char *const *choices; /* for CNN_PARAM_CHOICE, NULL-terminated; standard is an index */
  const char *const
      *titles;      /* N_() of the choices in the window, in their order; NULL: they say it themselves */
  const char *zero; /* N_() what 0 means, where it stands for another value; or NULL */
} CnnParam;

/** Progress of long work. @partial (transfer none) is what there is so far, or %NULL. */
typedef void (*CnnProgressFunc) (double fraction, CnnMap *partial, gpointer user_data);

/** What a method is asked for. */
typedef struct {
  int class_index; /* -1: the predicted class */
  CnnModifier modifier;
  int layer;         /* -1: the method's default */
  int filter;        /* for "activation" */
  double values[16]; /* parameters in the order of the method's table */
  gboolean against; /* -score is differentiated; cnn_method_compute() takes it from the parameter "against" */
  char *fill_text;  /* occlusion: a number as fill, or NULL */
  /* long methods: called between batches; may run more urgent work (see worker) */
  CnnProgressFunc progress;
  gpointer progress_data;
  /* long methods: called much more often, within a batch, to let more urgent work pass; may be NULL */
  void (*give_way) (gpointer user_data);
  gpointer give_way_data;
} CnnMethodRequest;

/** CnnMethod: one visualisation method. */
typedef struct {
  const char *name;  /* "grad-cam": the action's and the command's */
  const char *title; /* N_() */
  const char *help;  /* N_() */
  gboolean uses_class, uses_modifier, uses_layer, uses_filter, is_long;
  const CnnParam *params; /* ends with name == NULL; or NULL */
  /** Computes. (transfer full), or NULL with @error set. */
  CnnMap *(*compute) (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                      GError **error);
} CnnMethod;

/** All methods, %NULL-terminated, in the order of the window's list. */
const CnnMethod *const *cnn_methods_list (void);
/** By name, or %NULL. */
const CnnMethod *cnn_method_find (const char *name);
/** Defaults of @method. Free with cnn_method_request_clear(). */
void cnn_method_request_init (CnnMethodRequest *request, const CnnMethod *method);
void cnn_method_request_clear (CnnMethodRequest *request);
/** Index of a parameter by name or -1. */
int cnn_method_find_param (const CnnMethod *method, const char *name);
/** Sets a parameter from text, checked against its declaration. */
gboolean cnn_method_request_set (CnnMethodRequest *request, const CnnMethod *method, const char *name,
                                 const char *value, GError **error);

/** Fills title, class, notes and provenance, times the call, checks ranges, then runs method->compute. */
CnnMap *cnn_method_compute (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request,
                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** One class of a prediction. */
typedef struct {
  int class_index;
  const char *label; /* the model's */
  float probability, score;
} CnnPredictionEntry;

/** CnnPrediction: all classes, highest probability first. Immutable, reference-counted. */
typedef struct {
  CnnModel *model;
  guint n;
  CnnPredictionEntry *entries;
  float *probabilities; /* by class index */
  float *scores;
  gatomicrefcount refs;
} CnnPrediction;

CnnPrediction *cnn_predict (CnnSession *session, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
CnnPrediction *cnn_prediction_ref (CnnPrediction *self);
void cnn_prediction_unref (CnnPrediction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnPrediction, cnn_prediction_unref)

/** What an occluder is filled with. */
typedef enum {
  CNN_FILL_GRAY,
  CNN_FILL_BLACK,
  CNN_FILL_WHITE,
  CNN_FILL_MEAN,
  CNN_FILL_BLUR,
  CNN_FILL_VALUE
} CnnFill;
/** The prediction under an occluder of @rect (clipped to the input). */
CnnPrediction *cnn_predict_occluded (CnnSession *session, int x, int y, int width, int height, CnnFill fill,
                                     float value, GCancellable *cancellable,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The summary table in Keras' form, as text (@csv: as CSV) or JSON. (transfer full) */
char *cnn_summary_text (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
/** The line of cnn_summary_text(), from 0, that each layer begins at; as many as there are layers. (transfer
 * full) */
guint *cnn_summary_lines (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
char *cnn_summary_csv (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
char *cnn_summary_json (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
