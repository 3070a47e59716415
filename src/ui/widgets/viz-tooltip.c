/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-tooltip.h"

#define KEY "viz-tooltip"

static gboolean
on_query (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  gtk_tooltip_set_text (tooltip, viz_tooltip_get (widget));
  return TRUE;
}

/* Where the pointer rests, the text on the screen changes too. */
static void
show_again (GtkWidget *widget)
{
  if (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_PRELIGHT)
    gtk_widget_trigger_tooltip_query (widget);
}

const char *
viz_tooltip_get (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), KEY);
}

void
viz_tooltip_set (GtkWidget *widget, const char *text)
{
  if (g_strcmp0 (viz_tooltip_get (widget), text) == 0)
    return;
  g_signal_handlers_disconnect_by_func (widget, on_query, NULL);
  if (text != NULL)
    g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query), NULL);
  g_object_set_data_full (G_OBJECT (widget), KEY, g_strdup (text), g_free);
  gtk_widget_set_has_tooltip (widget, text != NULL);
  show_again (widget);
}

void
viz_tooltip_describe (GtkWidget *widget, const char *text)
{
  viz_tooltip_set (widget, text);
  if (text != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
}
