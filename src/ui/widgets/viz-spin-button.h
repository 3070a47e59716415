/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** The value 0 of @spin reads as @word, for who sees and for who listens; that word, and nothing at all, is
 * taken as 0 when it is typed. */
void viz_spin_button_say_zero (GtkSpinButton *spin, const char *word);

G_END_DECLS
