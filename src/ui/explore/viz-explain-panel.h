/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_EXPLAIN_PANEL (viz_explain_panel_get_type ())
G_DECLARE_FINAL_TYPE (VizExplainPanel, viz_explain_panel, VIZ, EXPLAIN_PANEL, GtkWidget)

/**
 * VizExplainPanel:
 *
 * What is shown over the picture: method, rectifiers, class, layer, the method's own options, and what there
 * is to say about the result.
 */
void viz_explain_panel_set_document (VizExplainPanel *self, VizDocument *document);

G_END_DECLS
