/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

/**
 * viz_other_inputs_show:
 * @grid: two columns: names and entries
 * @labels: keeps the names as wide as others
 *
 * Lists the inputs that @document's network has beside the picture, and what each is held at: a number or a
 * .npy file. What is typed there goes to the document. Hides @grid where there are none.
 */
void viz_other_inputs_show (GtkGrid *grid, GtkSizeGroup *labels, VizDocument *document);

G_END_DECLS
