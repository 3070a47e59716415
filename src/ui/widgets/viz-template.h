/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * viz_template_dispose:
 *
 * For the dispose of a class made of GtkWidget and a template: lets go of the children, which nothing else unparents,
 * then of the template's pointers to them. May be called again.
 */
void viz_template_dispose (GtkWidget *widget, GType type);

G_END_DECLS
