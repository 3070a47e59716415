/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_DISPLAY_PANEL (viz_display_panel_get_type ())
G_DECLARE_FINAL_TYPE (VizDisplayPanel, viz_display_panel, VIZ, DISPLAY_PANEL, GtkWidget)

/**
 * VizDisplayPanel:
 *
 * How the map is drawn: opacity and colours.
 */
void viz_display_panel_set_document (VizDisplayPanel *self, VizDocument *document);
/** For a view that has scales of its own: without the range of the colours. */
void viz_display_panel_hide_scale (VizDisplayPanel *self);

G_END_DECLS
