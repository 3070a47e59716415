/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-expander.h"

static void
on_expanded (GtkExpander *expander, GParamSpec *property, GtkWidget *child)
{
  gtk_expander_set_child (expander, gtk_expander_get_expanded (expander) ? child : NULL);
}

void
viz_expander_mend (GtkExpander *expander)
{
  GtkWidget *child = g_object_ref (gtk_expander_get_child (expander));

  g_signal_connect_data (expander, "notify::expanded", G_CALLBACK (on_expanded), child,
                         (GClosureNotify)(GCallback)g_object_unref, 0);
  on_expanded (expander, NULL, child);
}
