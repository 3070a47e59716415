/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

static void
add (GtkEventController *controller, const char *trigger, const char *action)
{
  GtkShortcut *shortcut =
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger), gtk_named_action_new (action));

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
}

void
viz_window_add_keys (VizWindow *self)
{
  GtkEventController *letters = gtk_shortcut_controller_new ();
  GtkEventController *escape = gtk_shortcut_controller_new ();

  /* bare letters belong to the picture: elsewhere they are text */
  add (letters, "o", "win.toggle-occluder");
  add (letters, "comma", "win.previous-image");
  add (letters, "period", "win.next-image");
  gtk_widget_add_controller (viz_explore_view_get_canvas (self->explore), letters);
  /* after popovers, entries and the picture had their chance */
  add (escape, "Escape", "win.stop");
  add (escape, "<Control>z", "win.undo");
  add (escape, "<Control><Shift>z", "win.redo");
  gtk_widget_add_controller (GTK_WIDGET (self), escape);
}
