/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** The open list of a drop-down (or the open menu of a text) in a scrolled panel is closed before it can be
 * scrolled or pushed out of its window, and does not open out there; to be called once, when GTK has been
 * initialized. GTK 4.8 looks for the monitor that such a popover belongs to, finds none, and lays it out in a
 * size that was never set. */
void viz_popovers_mend_place (void);

G_END_DECLS
