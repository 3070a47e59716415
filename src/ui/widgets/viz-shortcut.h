/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Has @keys, a GtkShortcutController, activate the action named @action on @trigger, such as "<Control>z".
 */
void viz_shortcut_add (GtkEventController *keys, const char *trigger, const char *action);

G_END_DECLS
