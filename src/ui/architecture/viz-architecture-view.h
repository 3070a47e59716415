/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_ARCHITECTURE_VIEW (viz_architecture_view_get_type ())
G_DECLARE_FINAL_TYPE (VizArchitectureView, viz_architecture_view, VIZ, ARCHITECTURE_VIEW, GtkWidget)

/**
 * VizArchitectureView:
 *
 * The network as a diagram to walk in and as a table of its layers, to read and to copy. Both show the
 * document's layer and choose it. They are made on a thread when the view is first looked at.
 */
void viz_architecture_view_set_document (VizArchitectureView *self, VizDocument *document);
void viz_architecture_view_focus_search (VizArchitectureView *self);

G_END_DECLS
