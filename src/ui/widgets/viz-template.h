/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** For the dispose of a widget that parents its children itself: lets go of them. May be called again. */
void viz_widget_drop_children (GtkWidget *widget);

/** Ends what @listener hears of *@source, a GObject, and lets go of it; nothing where it is %NULL. */
void viz_object_leave (gpointer source, gpointer listener);

/**
 * viz_template_dispose:
 *
 * For the dispose of a class made of GtkWidget and a template: lets go of the children, which nothing else
 * unparents, then of the template's pointers to them. May be called again.
 */
void viz_template_dispose (GtkWidget *widget, GType type);

/** The same of a widget that shows *@source (nullable), a GObject: hears nothing of it any more, and lets go
 * of it once the children are gone. */
void viz_template_dispose_of (GtkWidget *widget, GType type, gpointer source);

G_END_DECLS
