/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Shows @text (copied; %NULL: nothing) over @widget when it is asked for. Other than
 * gtk_widget_set_tooltip_text() this does not ask the display where the pointer is, which for a grid of
 * widgets takes longer than a frame. */
void viz_tooltip_set (GtkWidget *widget, const char *text);
/** The same, and screen readers say it as the description, which they do not with viz_tooltip_set(). */
void viz_tooltip_describe (GtkWidget *widget, const char *text);
/** What viz_tooltip_set() has set, or %NULL. */
const char *viz_tooltip_get (GtkWidget *widget);

G_END_DECLS
