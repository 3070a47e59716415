/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-tooltip.h"

#define KEY "viz-tooltip"

static gboolean
on_query (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  gtk_tooltip_set_text (tooltip, g_object_get_data (G_OBJECT (widget), KEY));
  return TRUE;
}

/* Where the pointer rests, the text on the screen changes too. */
static void
show_again (GtkWidget *widget)
{
  if (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_PRELIGHT)
    gtk_widget_trigger_tooltip_query (widget);
}

void
viz_tooltip_set (GtkWidget *widget, const char *text)
{
  const char *shown = g_object_get_data (G_OBJECT (widget), KEY);

  if (shown != NULL && g_strcmp0 (shown, text) == 0)
    return;
  if (shown == NULL)
    g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query), NULL);
  g_object_set_data_full (G_OBJECT (widget), KEY, g_strdup (text), g_free);
  gtk_widget_set_has_tooltip (widget, TRUE);
  show_again (widget);
}
