/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * viz_mnemonics_name:
 *
 * Gives the buttons with a mnemonic in @root, which may be one itself, an accessible name without the
 * underscore, now and whenever their labels change: GTK 4.8 has screen readers say "_Open".
 */
void viz_mnemonics_name (GtkWidget *root);

G_END_DECLS
