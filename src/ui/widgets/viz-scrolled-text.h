/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * viz_scrolled_text_mend:
 * @text: in a GtkScrolledWindow
 *
 * The scrollbars stand beside the text and are drawn before it. GTK 4.8 measures lines while it draws a text,
 * which changes scrollbars that are drawn after it, and complains that they have no place.
 */
void viz_scrolled_text_mend (GtkTextView *text);

G_END_DECLS
