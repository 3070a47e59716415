/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

/** Fills @grid with a control for each parameter that @method declares; empties it for %NULL. */
void viz_method_options_build (GtkGrid *grid, VizDocument *document, const CnnMethod *method);
/** Shows the document's values. */
void viz_method_options_update (GtkGrid *grid);

/** The labels of later options are as wide as the others of @group, which outlives @grid. */
void viz_method_options_set_label_group (GtkGrid *grid, GtkSizeGroup *group);

G_END_DECLS
