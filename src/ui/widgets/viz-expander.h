/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * viz_expander_mend:
 * @expander: with its child
 *
 * The child is in the expander only while that is open. GTK 4.8 hands the focus to the child of a closed one
 * too, which has no window then, and complains.
 */
void viz_expander_mend (GtkExpander *expander);

G_END_DECLS
