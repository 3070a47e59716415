/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

/**
 * viz_empty_show:
 * @wants_image: a picture must be open
 * @wants_classes: the network must have classes
 * @failure: (nullable): what went wrong where nothing is missing
 *
 * Lets the page say what a view lacks, and the button what can be done about it. Returns: whether it lacks
 * anything.
 */
gboolean viz_empty_show (AdwStatusPage *page, GtkButton *button, VizDocument *document, gboolean wants_image,
                         gboolean wants_classes, const char *failure);

G_END_DECLS
