/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-shortcut.h"

void
viz_shortcut_add (GtkEventController *keys, const char *trigger, const char *action)
{
  GtkShortcut *shortcut =
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger), gtk_named_action_new (action));

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
}
