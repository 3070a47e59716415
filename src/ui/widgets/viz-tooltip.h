/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Shows @text (copied) over @widget when it is asked for. Other than gtk_widget_set_tooltip_text() this does
 * not ask the display where the pointer is, which for a grid of widgets takes longer than a frame. */
void viz_tooltip_set (GtkWidget *widget, const char *text);

G_END_DECLS
