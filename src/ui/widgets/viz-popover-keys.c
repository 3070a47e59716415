/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-popover-keys.h"

static void
on_activate_default (GtkPopover *popover)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (popover));

  if (root != NULL && gtk_root_get_focus (root) != NULL)
    g_signal_chain_from_overridden_handler (popover);
}

void
viz_popovers_mend_keys (void)
{
  g_autoptr (GTypeClass) class = g_type_class_ref (GTK_TYPE_POPOVER);

  g_signal_override_class_handler ("activate-default", GTK_TYPE_POPOVER, G_CALLBACK (on_activate_default));
}
