/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "jobs/viz-jobs.h"

G_BEGIN_DECLS

#define VIZ_TYPE_EXPORT_DIALOG (viz_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (VizExportDialog, viz_export_dialog, VIZ, EXPORT_DIALOG, AdwWindow)

/**
 * VizExportDialog:
 *
 * Asks what a figure is to show and on what page, shows it as it will be, and writes or copies it. The figure
 * is made on the worker. It closes when the file is written.
 */

/** @settings: (nullable): what is remembered, and the folder that is offered. */
GtkWidget *viz_export_dialog_new (GtkWindow *parent, VizDocument *document, VizJobs *jobs,
                                  GSettings *settings) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
