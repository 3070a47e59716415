/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "figure/cnn-figure-recipe.h"

G_BEGIN_DECLS

/** VizExportSettings: what the export dialog remembers from one time to the next. */
typedef struct {
  char *kind, *format; /* "strip"; "png" */
  double width_mm, dpi;
  gboolean dark, letters, title, caption, json;
} VizExportSettings;

void viz_export_settings_clear (VizExportSettings *self);
/** @settings: (nullable): without them the standard. */
void viz_export_settings_load (VizExportSettings *self, GSettings *settings);
void viz_export_settings_save (const VizExportSettings *self, GSettings *settings);

G_END_DECLS
