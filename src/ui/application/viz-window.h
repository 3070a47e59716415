/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "document/viz-document.h"
#include "images/viz-evaluator.h"

G_BEGIN_DECLS

#define VIZ_TYPE_WINDOW (viz_window_get_type ())
G_DECLARE_FINAL_TYPE (VizWindow, viz_window, VIZ, WINDOW, AdwApplicationWindow)

GtkWidget *viz_window_new (GtkApplication *application) G_GNUC_WARN_UNUSED_RESULT;
VizDocument *viz_window_get_document (VizWindow *self);
/** (transfer none) */
VizEvaluator *viz_window_get_evaluator (VizWindow *self);

/** Opens networks, pictures and files of class names in one go; what each file is shows its name, else its
 * content. */
void viz_window_open_files (VizWindow *self, GFile **files, guint n);
/** Opens a sample network with its pictures ("digits", "tank"), or one of them: a name or the beginning of
 * one; those of the tank's network begin with "tank-". */
void viz_window_open_sample (VizWindow *self, const char *name);

G_END_DECLS
