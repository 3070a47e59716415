/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help beside the window, and the keys that go from pane to pane. */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

#include "help/viz-help.h"

#define HELP "viz-help"

static VizHelp *
get_help (VizWindow *self)
{
  GtkWidget *help = g_object_get_data (G_OBJECT (self), HELP);

  if (help == NULL) {
    help = viz_help_new (GTK_WINDOW (self));
    gtk_window_set_hide_on_close (GTK_WINDOW (help), TRUE);
    g_object_set_data (G_OBJECT (self), HELP, help);
  }
  return VIZ_HELP (help);
}

static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gtk_window_present (GTK_WINDOW (get_help (window)));
}

static void
on_help_page (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  VizHelp *help = get_help (window);
  const char *id = g_variant_get_string (parameter, NULL);

  if (!viz_help_show_page (help, id)) {
    g_autofree char *text = g_strdup_printf (_ ("The help has no page “%s”."), id);

    viz_document_report (VIZ_WINDOW (window)->document, text);
    return;
  }
  gtk_window_present (GTK_WINDOW (help));
}

/* The panes of what is seen, in reading order; a NULL ends them. */
static guint
list_panes (VizWindow *self, GtkWidget *panes[8])
{
  GtkWidget *view = adw_view_stack_get_visible_child (self->views);
  guint n = 0;

  panes[n++] = GTK_WIDGET (self->header);
  if (view == GTK_WIDGET (self->explore))
    n += viz_explore_view_list_parts (self->explore, panes + n);
  else if (view != NULL)
    panes[n++] = view;
  return n;
}

static void
go_to_pane (VizWindow *self, int by)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GtkWidget *panes[8];
  int n = (int)list_panes (self, panes), at = by > 0 ? -1 : 0;

  for (int i = 0; focus != NULL && i < n; i++)
    if (focus == panes[i] || gtk_widget_is_ancestor (focus, panes[i]))
      at = i;
  for (int i = 1; i <= n; i++) {
    GtkWidget *pane = panes[((at + i * by) % n + n) % n];

    if (gtk_widget_get_focusable (pane) ? gtk_widget_grab_focus (pane)
                                        : gtk_widget_child_focus (pane, GTK_DIR_TAB_FORWARD)) {
      gtk_window_set_focus_visible (GTK_WINDOW (self), TRUE);
      return;
    }
  }
}

static void
on_next_pane (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  go_to_pane (window, 1);
}

static void
on_previous_pane (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  go_to_pane (window, -1);
}

void
viz_window_add_help (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "help", on_help, NULL, NULL, NULL },
    { "help-page", on_help_page, "s", NULL, NULL },
    { "next-pane", on_next_pane, NULL, NULL, NULL },
    { "previous-pane", on_previous_pane, NULL, NULL, NULL },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
