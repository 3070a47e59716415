/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-template.h"

void
viz_widget_drop_children (GtkWidget *widget)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (widget)) != NULL)
    gtk_widget_unparent (child);
}

void
viz_object_leave (gpointer source, gpointer listener)
{
  GObject *object = g_steal_pointer ((GObject **)source);

  if (object == NULL)
    return;
  g_signal_handlers_disconnect_by_data (object, listener);
  g_object_unref (object);
}

void
viz_template_dispose (GtkWidget *widget, GType type)
{
  viz_widget_drop_children (widget);
  gtk_widget_dispose_template (widget, type);
}

void
viz_template_dispose_of (GtkWidget *widget, GType type, gpointer source)
{
  GObject **object = source;

  if (*object != NULL)
    g_signal_handlers_disconnect_by_data (*object, widget);
  viz_template_dispose (widget, type);
  g_clear_object (object);
}
