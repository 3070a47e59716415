/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VIZ_TYPE_TOASTS (viz_toasts_get_type ())
G_DECLARE_FINAL_TYPE (VizToasts, viz_toasts, VIZ, TOASTS, GtkWidget)

/**
 * VizToasts:
 *
 * A widget, its property "child", over whose foot short messages come and go, one after the other, each with
 * a button that closes it. It stands in for AdwToastOverlay, which libadwaita 1.2 frees a message of when
 * that has left, also one that is still coming in, so that the end of its coming finds freed memory.
 */

/** Shows @text, which is no markup, for @seconds, and longer while the pointer or the focus is on it. It
 * waits for those that came before; of many that wait the oldest give way. What is said already is not said
 * again. */
void viz_toasts_add (VizToasts *self, const char *text, guint seconds);

G_END_DECLS
