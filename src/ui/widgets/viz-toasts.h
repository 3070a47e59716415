/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** Shows @text, which is no markup, at the bottom of @overlay for @seconds, after those that are shown or
 * wait there. There is never more than one, and it cannot be closed while it still comes in: libadwaita 1.2
 * frees what it knows of a toast when that has left, which may be before it has come, and then its coming ends
 * in freed memory. */
void viz_toasts_add (AdwToastOverlay *overlay, const char *text, guint seconds);

G_END_DECLS
