/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"
#include "widgets/viz-shortcut.h"

void
viz_window_add_keys (VizWindow *self)
{
  GtkEventController *letters = gtk_shortcut_controller_new ();
  GtkEventController *escape = gtk_shortcut_controller_new ();

  /* bare letters belong to the picture: elsewhere they are text */
  viz_shortcut_add (letters, "o", "win.toggle-occluder");
  viz_shortcut_add (letters, "comma", "win.previous-image");
  viz_shortcut_add (letters, "period", "win.next-image");
  gtk_widget_add_controller (viz_explore_view_get_canvas (self->explore), letters);
  /* after popovers, entries and the picture had their chance */
  viz_shortcut_add (escape, "Escape", "win.stop");
  viz_shortcut_add (escape, "<Control>z", "win.undo");
  viz_shortcut_add (escape, "<Control><Shift>z", "win.redo");
  gtk_widget_add_controller (GTK_WIDGET (self), escape);
}
