/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk/gdk.h>

#include "figure/cnn-figure-recipe.h"
#include "jobs/viz-tasks.h"

G_BEGIN_DECLS

/** VizFigureTask: what becomes of a recipe; the part of a VizTask that is about figures. */
typedef struct _VizFigureTask {
  CnnFigureRecipe *recipe;
  char *path;          /* to write to; NULL: it becomes a picture */
  gboolean provenance; /* with its JSON beside */
  gboolean paged;      /* a picture of the first of several pages */
  double pixels;       /* of the picture's longer side; 0: as many as its dpi makes */
  CnnMap *map;         /* what is known already, or NULL */
  CnnCompare *compare;
  CnnMaximized *maximized;
} VizFigureTask;

VizFigureTask *viz_figure_task_new (const CnnFigureRecipe *recipe) G_GNUC_WARN_UNUSED_RESULT;
void viz_figure_task_free (VizFigureTask *self);

/** VizFigureResult: a page as a picture, or how far the work has got. */
typedef struct {
  GdkTexture *texture; /* NULL: written, or a partial result */
  char *path;          /* that was written, or NULL */
  char *title, *caption;
  double width_mm, height_mm;
  guint n_pages;
  double progress;
} VizFigureResult;

void viz_figure_result_free (VizFigureResult *self);

/** Runs on the worker: a VizFigureResult. */
gpointer viz_task_figure (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
