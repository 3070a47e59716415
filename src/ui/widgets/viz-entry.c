/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-entry.h"
#include "viz-shortcut.h"

void
viz_entry_leave_undo (GtkEntry *entry)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_editable_set_enable_undo (GTK_EDITABLE (entry), FALSE);
  /* the text inside takes the keys even where it has nothing to undo */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  viz_shortcut_add (keys, "<Control>z", "win.undo");
  viz_shortcut_add (keys, "<Control><Shift>z", "win.redo");
  gtk_widget_add_controller (GTK_WIDGET (entry), keys);
}

void
viz_entry_show_text (GtkEditable *editable, const char *text)
{
  if (text == NULL)
    text = "";
  if (!g_str_equal (gtk_editable_get_text (editable), text))
    gtk_editable_set_text (editable, text);
}
