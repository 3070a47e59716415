/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "figure/cnn-figure.h"
#include "methods/summary/cnn-layer-cost.h"
#include "methods/session/cnn-model-setup.h"
#include "methods/cnn-tensor-view.h"
#include "viz-view-choices.h"
#include "widgets/viz-scale.h"

G_BEGIN_DECLS

/** What changed; the argument of VizDocument::changed. */
typedef enum {
  /* what the person opened and chose */
  VIZ_CHANGED_MODEL = 1 << 0,      /* another network: layer, class and results start anew */
  VIZ_CHANGED_IMAGE = 1 << 1,      /* another picture, or its place in the list */
  VIZ_CHANGED_PREPROCESS = 1 << 2, /* scaling and fit */
  VIZ_CHANGED_LAYER = 1 << 3,
  VIZ_CHANGED_GALLERY_KIND = 1 << 4,
  VIZ_CHANGED_METHOD = 1 << 5,  /* method, modifier, class, target layer, filter, options */
  VIZ_CHANGED_DISPLAY = 1 << 6, /* opacity, colours */
  VIZ_CHANGED_OCCLUDER = 1 << 7,
  VIZ_CHANGED_VIEW = 1 << 8,
  /* what the network answered */
  VIZ_CHANGED_FITTED = 1 << 9,
  VIZ_CHANGED_PREDICTION = 1 << 10,
  VIZ_CHANGED_OCCLUDED = 1 << 11,
  VIZ_CHANGED_MAP = 1 << 12,
  VIZ_CHANGED_GALLERY = 1 << 13,
  VIZ_CHANGED_BUSY = 1 << 14, /* busy, progress */
  VIZ_CHANGED_ERROR = 1 << 15,
  VIZ_CHANGED_VIEW_CHOICE = 1 << 16, /* what is compared and maximised: chosen, too */
  VIZ_CHANGED_COMPARED = 1 << 17,    /* the grid, how far it is */
  VIZ_CHANGED_MAXIMIZED = 1 << 18,   /* the pictures, whether they go on */
  VIZ_CHANGED_SETUP = 1 << 19,       /* labels, output, size, further inputs */
  VIZ_CHANGED_TENSOR = 1 << 20,      /* which view of the network's input is wanted, or a new one is there */
  VIZ_CHANGED_LAYER_COST = 1 << 21,  /* measured times and dead shares of layers */
  VIZ_CHANGED_ALL = (1 << 24) - 1
} VizChange;

/** VizChoices: what the person chose. Read it, set it by the functions below. */
typedef struct {
  int layer;                /* -1: none */
  gboolean gallery_kernels; /* else activations */
  int gallery_inputs; /* of the kernels, see CnnGalleryInputs; the layer's own choice anew with each layer */
  const CnnMethod *method; /* NULL: no overlay */
  CnnModifier modifier;
  int class_index;  /* -1: the predicted one */
  int target_layer; /* -1: the method's default */
  int filter;       /* -1: none */
  double opacity;
  const CnnColormap *colormap; /* NULL: what suits the map */
  VizScale scale;
  CnnPreprocess preprocess;
  char *preprocess_reason; /* what the guess for this network rests on */
  CnnModelSetup setup;     /* of the network; what is not yet in the model is on its way */
  gboolean layer_cost;     /* times and dead shares of the layers are wanted */
  int tensor;              /* CNN_TENSOR_OFF, CNN_TENSOR_PICTURE or the channel that is shown */
  gboolean occluder_visible;
  int occluder[4]; /* x, y, width, height in pixels of the network's input */
  CnnFill occluder_fill;
  char *view; /* "explore", "compare", "maximize", "architecture" */
  char *view_choices[VIZ_N_VIEW_CHOICES];
} VizChoices;

/** Whether what is being maximised goes on. */
typedef enum {
  VIZ_MAXIMIZING_NOT, /* nothing was begun */
  VIZ_MAXIMIZING_RUNS,
  VIZ_MAXIMIZING_RESTS, /* can go on */
  VIZ_MAXIMIZING_DONE
} VizMaximizing;

/** VizResults: what is known for the open model and image. Any of them may be %NULL. */
typedef struct {
  CnnImage *fitted;         /* the picture at the network's size */
  CnnTensorView *tensor;    /* what the network sees, if that is wanted */
  CnnLayerCost *layer_cost; /* of the open network and a picture that may be an earlier one */
  CnnPrediction *prediction;
  CnnPrediction *occluded;
  CnnMap *map;
  gboolean map_stale; /* a newer map is on its way */
  gboolean prediction_stale;
  CnnGallery *gallery;
  gboolean gallery_stale;
  GBytes *changes; /* floats: how much the occluder changes each filter, see cnn_gallery_changes() */
  int changes_layer;
  gboolean busy;
  double progress;               /* of a long job, 0..1; -1: none runs */
  guint shown;                   /* maps and predictions applied so far */
  double milliseconds;           /* what the last map took */
  struct _VizCompared *compared; /* see viz-compared.h */
  gboolean compared_stale;
  char *compare_error;             /* why there is no grid, or NULL */
  double compare_progress;         /* 0..1; -1: the grid is not being computed */
  struct _VizMaximized *maximized; /* see viz-maximized.h */
  VizMaximizing maximizing;
  gboolean maximized_old; /* the choices are others by now */
} VizResults;

/** Whether anything runs that a person may want to stop. */
gboolean viz_results_can_stop (const VizResults *self);

#define VIZ_TYPE_DOCUMENT (viz_document_get_type ())
G_DECLARE_FINAL_TYPE (VizDocument, viz_document, VIZ, DOCUMENT, GObject)

/**
 * VizDocument:
 *
 * What is open and chosen in a window, and what the network said about it. Views show it and change it by the
 * setters; VizJobs answers the changes by new results. Everything happens on the main thread.
 *
 * Signals: "changed" (VizChange flags), after a setter changed something; "error" (string), a sentence for
 * the person about something that did not work.
 */
VizDocument *viz_document_new (void) G_GNUC_WARN_UNUSED_RESULT;

const VizChoices *viz_document_get_choices (VizDocument *self);
const VizResults *viz_document_get_results (VizDocument *self);
CnnModel *viz_document_get_model (VizDocument *self);
CnnImage *viz_document_get_image (VizDocument *self);
/** The paths, or %NULL; and the names for people. */
const char *viz_document_get_model_path (VizDocument *self);
const char *viz_document_get_image_path (VizDocument *self);
char *viz_document_dup_image_name (VizDocument *self) G_GNUC_WARN_UNUSED_RESULT;

/** Several changes as one signal. */
void viz_document_freeze (VizDocument *self);
void viz_document_thaw (VizDocument *self);

/** Another network. The choices that still make sense stay (method, modifier, display); the rest starts anew.
 */
void viz_document_set_model (VizDocument *self, CnnModel *model);
/** The same network with other labels, another size, output or other further inputs; choices stay as far as
 * there is what they name. */
void viz_document_replace_model (VizDocument *self, CnnModel *model);
/** Asks for the open network to be set up in another way; VizJobs does it. */
void viz_document_set_setup (VizDocument *self, const CnnModelSetup *setup);
/** What was remembered of the network; @preprocess may be %NULL. */
void viz_document_restore (VizDocument *self, const CnnModelSetup *setup, const CnnPreprocess *preprocess);
void viz_document_set_image (VizDocument *self, CnnImage *image, const char *path);
/** The pictures that comma and full stop step through. */
void viz_document_set_images (VizDocument *self, const char *const *paths);
guint viz_document_get_n_images (VizDocument *self);
/** The place of the open picture in the list, -1: it is not in it. */
int viz_document_get_image_position (VizDocument *self);
const char *viz_document_get_listed_image (VizDocument *self, guint position);

void viz_document_set_layer (VizDocument *self, int layer);
void viz_document_set_gallery_kernels (VizDocument *self, gboolean kernels);
void viz_document_set_gallery_inputs (VizDocument *self, int inputs);
void viz_document_set_method (VizDocument *self, const CnnMethod *method);
void viz_document_set_modifier (VizDocument *self, CnnModifier modifier);
void viz_document_set_class (VizDocument *self, int class_index);
void viz_document_set_target_layer (VizDocument *self, int layer);
/** Overlays that filter of the chosen layer; -1 goes back to the method before. */
void viz_document_set_filter (VizDocument *self, int filter);
void viz_document_set_opacity (VizDocument *self, double opacity);
void viz_document_set_colormap (VizDocument *self, const CnnColormap *colormap);
/** What range of values the colours of maps span. */
void viz_document_set_scale (VizDocument *self, const VizScale *scale);
void viz_document_set_preprocess (VizDocument *self, const CnnPreprocess *preprocess);
/** Whether the preprocessing is what is guessed for the network. */
gboolean viz_document_is_guessed (VizDocument *self);
/** Goes back to the guess, and to what the file says of labels, output, size and further inputs. */
void viz_document_guess_again (VizDocument *self);
/** Whether layers are measured: the network runs a few times more for it. */
void viz_document_set_layer_cost (VizDocument *self, gboolean wanted);
/** CNN_TENSOR_OFF, CNN_TENSOR_PICTURE or a channel of the network's input. */
void viz_document_set_tensor (VizDocument *self, int tensor);
void viz_document_set_occluder_visible (VizDocument *self, gboolean visible);
/** Clipped to the network's input. */
void viz_document_set_occluder (VizDocument *self, int x, int y, int width, int height);
void viz_document_set_occluder_fill (VizDocument *self, CnnFill fill);
void viz_document_set_view (VizDocument *self, const char *view);

/** A parameter of a method, by its place in the method's table. */
double viz_document_get_param (VizDocument *self, const CnnMethod *method, guint param);
gboolean viz_document_set_param (VizDocument *self, const CnnMethod *method, guint param, double value);
/** What a view is to show, as text; false with @error set where it may not be. */
const char *viz_document_get_view_choice (VizDocument *self, VizViewChoice choice);
gboolean viz_document_set_view_choice (VizDocument *self, VizViewChoice choice, const char *text,
                                       GError **error);
/** The request that the choices make for @method, which need not be the chosen one. */
void viz_document_fill_request_of (VizDocument *self, const CnnMethod *method, CnnMethodRequest *request);
/** The request that the choices make for the chosen method. Clear it with cnn_method_request_clear(). */
void viz_document_fill_request (VizDocument *self, CnnMethodRequest *request);

/** The class that is explained: the chosen one, else the predicted; -1: not known. */
int viz_document_get_explained (VizDocument *self);
/** The style of the map by the choices. */
void viz_document_get_map_style (VizDocument *self, CnnMapStyle *style);
/** The name of a layer; "" for -1. */
const char *viz_document_get_layer_name (VizDocument *self, int layer);

/* results, set by VizJobs; all (transfer full) */
void viz_document_take_fitted (VizDocument *self, CnnImage *fitted);
void viz_document_take_layer_cost (VizDocument *self, CnnLayerCost *cost);
void viz_document_take_tensor (VizDocument *self, CnnTensorView *tensor);
void viz_document_take_prediction (VizDocument *self, CnnPrediction *prediction, gboolean stale);
void viz_document_take_occluded (VizDocument *self, CnnPrediction *occluded);
void viz_document_take_map (VizDocument *self, CnnMap *map, gboolean stale);
void viz_document_take_gallery (VizDocument *self, CnnGallery *gallery);
void viz_document_take_changes (VizDocument *self, GBytes *changes, int layer);
/** @compared (nullable) with @error, a sentence, if it could not be made; @progress: -1: it is not being
 * made. */
void viz_document_take_compared (VizDocument *self, struct _VizCompared *compared, gboolean stale,
                                 double progress, const char *error);
void viz_document_take_maximized (VizDocument *self, struct _VizMaximized *maximized);
void viz_document_set_maximizing (VizDocument *self, VizMaximizing maximizing, gboolean old);
void viz_document_mark_stale (VizDocument *self, VizChange results);
void viz_document_set_busy (VizDocument *self, gboolean busy, double progress);

/** The last sentence about something that did not work; "" if all did. */
const char *viz_document_get_last_error (VizDocument *self);
void viz_document_report (VizDocument *self, const char *sentence);
void viz_document_report_error (VizDocument *self, const GError *error);
void viz_document_clear_error (VizDocument *self);

G_END_DECLS
