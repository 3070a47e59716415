/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Lets Ctrl+Z and Ctrl+Shift+Z in @entry be the window's, where each text that is entered is a step of its
 * own there. */
void viz_entry_leave_undo (GtkEntry *entry);

/** Shows @text, NULL as none, in @editable. Text that is there already is left alone: setting it would take
 * away what the person has selected to type over. */
void viz_entry_show_text (GtkEditable *editable, const char *text);

G_END_DECLS
