/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-compare.h"
#include "methods/maximize/cnn-maximize.h"
#include "methods/session/cnn-session-file.h"
#include "cnn-figure.h"

G_BEGIN_DECLS

/** What a figure shows. */
typedef enum {
  CNN_FIGURE_CANVAS,      /* input, map over it, prediction; for an occlusion the winning classes */
  CNN_FIGURE_STRIP,       /* one class under every modifier */
  CNN_FIGURE_COMPARE,     /* classes against modifiers or methods */
  CNN_FIGURE_METHODS,     /* one class by several methods */
  CNN_FIGURE_OCCLUSION,   /* the canvas of an occlusion, whatever the method is */
  CNN_FIGURE_ACTIVATIONS, /* of the chosen layer */
  CNN_FIGURE_KERNELS,
  CNN_FIGURE_MAXIMIZED, /* generated pictures */
  CNN_FIGURE_TABLE,     /* the architecture */
  CNN_FIGURE_DIAGRAM,
  CNN_FIGURE_PREDICTION, /* bars, with an occluder clean and under it */
  CNN_N_FIGURE_KINDS
} CnnFigureKind;

/** "canvas", "strip", … */
const char *cnn_figure_kind_name (CnnFigureKind kind);
gboolean cnn_figure_kind_from_name (const char *name, CnnFigureKind *kind);
/** For people, translated. */
const char *cnn_figure_kind_title (CnnFigureKind kind);

/**
 * CnnFigureRecipe:
 *
 * All that it takes to make a figure again: what was open and chosen, what is drawn of it and on what page.
 * The window, cnn-viz-cli and the metadata of the figures hold the same one. Plain data; texts that are %NULL
 * are made or left to what suits.
 */
typedef struct {
  CnnFigureKind kind;
  gboolean is_figure; /* FALSE: read from a session that was not a figure's */
  gboolean is_opened; /* read from a figure */
  CnnSavedSession *session;
  double width_mm, dpi;
  gboolean dark, no_letters;
  char *title, *caption; /* "": none */
  char *classes;         /* "3,7" or "all": of grids; what is maximised */
  char *columns;         /* of grids: "saliency:guided,grad-cam"; maximised filters: "filters" */
  char *channels;        /* of galleries: "0,5,10-20" */
  char *inputs;          /* of kernels: cnn_gallery_parse_inputs() reads it */
  gboolean overlay;      /* grids: maps lie over the picture */
  gboolean shared;       /* grids: one scale for each column; galleries: for all cells */
  guint top;             /* classes of a prediction */
  gboolean own_range;    /* the maps are drawn from low to high */
  double low, high;
} CnnFigureRecipe;

/** @session: (transfer full) (nullable) */
CnnFigureRecipe *cnn_figure_recipe_new (CnnFigureKind kind,
                                        CnnSavedSession *session) G_GNUC_WARN_UNUSED_RESULT;
CnnFigureRecipe *cnn_figure_recipe_copy (const CnnFigureRecipe *self) G_GNUC_WARN_UNUSED_RESULT;
void cnn_figure_recipe_free (CnnFigureRecipe *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnFigureRecipe, cnn_figure_recipe_free)

/** The recipe as a session file with a member "figure"; paths below the home folder begin with "~/". Choices
 * that the kind does not read are left out. */
char *cnn_figure_recipe_to_json (const CnnFigureRecipe *self) G_GNUC_WARN_UNUSED_RESULT;
/** @what: the file for messages. (transfer full), or NULL with @error set. */
CnnFigureRecipe *cnn_figure_recipe_from_json (const char *text, gsize length, const char *what,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** What is known already, so that it is not computed again; any may be %NULL. */
typedef struct {
  CnnMap *map;             /* of the recipe's method and choices */
  CnnMaximized *maximized; /* what CNN_FIGURE_MAXIMIZED draws */
  CnnCompare *compare;     /* what CNN_FIGURE_COMPARE draws */
  CnnProgressFunc progress;
  gpointer progress_data;
  void (*give_way) (gpointer data);
} CnnFigureKnown;

/**
 * cnn_figure_recipe_make:
 * @session: with the input, on its own thread
 * @known: (nullable)
 * @paged: long galleries and tables are split into pages; else they are one
 *
 * Computes and fills the figures. They carry the recipe and the provenance as metadata.
 * Returns: (transfer full) (element-type CnnFigure): the pages; or %NULL with @error set.
 */
GPtrArray *cnn_figure_recipe_make (const CnnFigureRecipe *self, CnnSession *session,
                                   const CnnFigureKnown *known, gboolean paged, GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The request of the recipe's method; NULL @error: what the network does not have is ignored. Clear it with
 * cnn_method_request_clear(). */
gboolean cnn_figure_recipe_fill_request (const CnnFigureRecipe *self, const CnnMethod *method,
                                         CnnModel *model, CnnMethodRequest *request, GError **error);
/** Whether figures written to @path may have several pages. */
gboolean cnn_figure_path_is_paged (const char *path);

/** The recipe that a figure (.png, .svg, .pdf), the .json beside one or a session file holds. Its files are
 * looked for where it says, beside the figure and, by their hashes, in the folders around. (transfer full),
 * or NULL with @error set. */
CnnFigureRecipe *cnn_figure_recipe_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether a file is a figure that tells how it was made, by a look at its beginning; a PDF is taken for one.
 */
gboolean cnn_figure_file_is (const char *path);
/** Writes recipe and provenance of @figure as JSON to @path with ".json" behind it, whole or not at all;
 * "{page}" becomes 1. */
gboolean cnn_figure_write_provenance (CnnFigure *figure, const char *path, GError **error);

#define CNN_FIGURE_MM 160.0
#define CNN_FIGURE_DPI 150.0
#define CNN_METADATA_SESSION "cnnviz:session"
#define CNN_METADATA_PROVENANCE "cnnviz:provenance"

G_END_DECLS
