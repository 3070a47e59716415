/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figure/cnn-figure-recipe.h"
#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_JOBS (viz_jobs_get_type ())
G_DECLARE_FINAL_TYPE (VizJobs, viz_jobs, VIZ, JOBS, GObject)

/**
 * VizJobs:
 *
 * The window's only way to the worker: watches the document, turns its choices into jobs and applies the
 * results that are newer than what is shown and still about the open network and picture.
 *
 * Signals: "saved" (string path): a file was written; "previewed" (VizFigureResult, nullable; string): what
 * viz_jobs_preview_figure() asked for, or how far it is; or %NULL with a sentence about why not.
 */
VizJobs *viz_jobs_new (VizDocument *document) G_GNUC_WARN_UNUSED_RESULT;

/** Reads files off the main loop; what is open stays open if they are bad. */
void viz_jobs_open_model (VizJobs *self, const char *path);
void viz_jobs_open_image (VizJobs *self, const char *path);
void viz_jobs_open_labels (VizJobs *self, const char *path);
/** Writes what the view shows, in Architecture the diagram; the kind of file by its extension. */
void viz_jobs_save_figure (VizJobs *self, const char *path);
/** Begins to maximise what the choices say, or goes on with it; @anew: begins in any case. */
void viz_jobs_maximize_start (VizJobs *self, gboolean anew);
/** Lets it rest; it can go on as if nothing had been. */
void viz_jobs_maximize_pause (VizJobs *self);
/** A recipe for a figure of that kind of what is open and chosen now. (transfer full) */
CnnFigureRecipe *viz_jobs_new_recipe (VizJobs *self, CnnFigureKind kind) G_GNUC_WARN_UNUSED_RESULT;
/** The recipe for what the view shows, as viz_jobs_save_figure() writes it. (transfer full) */
CnnFigureRecipe *viz_jobs_new_view_recipe (VizJobs *self) G_GNUC_WARN_UNUSED_RESULT;
/** The name of the view that shows such figures. */
const char *viz_jobs_view_of (CnnFigureKind kind);
/** The figure that was opened, so that it is written again as it was, until another network or view is
 * chosen. @recipe: (nullable) */
void viz_jobs_set_opened_figure (VizJobs *self, const CnnFigureRecipe *recipe);
/** Whether there is what the kind shows. */
gboolean viz_jobs_can_draw (VizJobs *self, CnnFigureKind kind);
/** Makes the figure a picture of @pixels on its longer side, 0: by its dpi; a newer one replaces it. Of
 * several pages (@paged) the first. */
void viz_jobs_preview_figure (VizJobs *self, const CnnFigureRecipe *recipe, double pixels, gboolean paged);
/** Writes it, on request with its JSON beside. */
void viz_jobs_write_figure (VizJobs *self, const CnnFigureRecipe *recipe, const char *path,
                            gboolean provenance);
/** Ends what the two have not done yet. */
void viz_jobs_stop_figures (VizJobs *self);
/** Writes the table of the network's layers as text, .csv or .json. */
void viz_jobs_save_summary (VizJobs *self, const char *path);
/** Writes @what to a file. */
typedef gboolean (*VizJobsWrite) (gpointer what, const char *path, GError **error);
/** Has @write do so on a thread of its own: "saved", or the document says why not. @what is freed by
 * @destroy. */
void viz_jobs_save (VizJobs *self, const char *path, VizJobsWrite write, gpointer what,
                    GDestroyNotify destroy);
/** Ends the running long job; what it has found so far stays. */
void viz_jobs_stop (VizJobs *self);
/** Ends the thread. Nothing is computed any more. */
void viz_jobs_shutdown (VizJobs *self);

G_END_DECLS
