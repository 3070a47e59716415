/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Draws @layout with its top left corner at the whole pixel next to @x, @y, so that its letters stay crisp.
 */
void viz_draw_text (GtkSnapshot *snapshot, PangoLayout *layout, const GdkRGBA *colour, float x, float y);

G_END_DECLS
