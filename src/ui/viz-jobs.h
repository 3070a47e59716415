/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_JOBS (viz_jobs_get_type ())
G_DECLARE_FINAL_TYPE (VizJobs, viz_jobs, VIZ, JOBS, GObject)

/**
 * VizJobs:
 *
 * The window's only way to the worker: watches the document, turns its choices into jobs and applies the
 * results that are newer than what is shown and still about the open network and picture.
 *
 * Signal "saved" (string path): a figure was written.
 */
VizJobs *viz_jobs_new (VizDocument *document) G_GNUC_WARN_UNUSED_RESULT;

/** Reads files off the main loop; what is open stays open if they are bad. */
void viz_jobs_open_model (VizJobs *self, const char *path);
void viz_jobs_open_image (VizJobs *self, const char *path);
void viz_jobs_open_labels (VizJobs *self, const char *path);
/** Writes what the canvas shows; the kind of file by its extension. */
void viz_jobs_save_figure (VizJobs *self, const char *path);
/** Begins to maximise what the choices say, or goes on with it; @anew: begins in any case. */
void viz_jobs_maximize_start (VizJobs *self, gboolean anew);
/** Lets it rest; it can go on as if nothing had been. */
void viz_jobs_maximize_pause (VizJobs *self);
/** Ends the running long job; what it has found so far stays. */
void viz_jobs_stop (VizJobs *self);
/** Ends the thread. Nothing is computed any more. */
void viz_jobs_shutdown (VizJobs *self);

G_END_DECLS
