/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VIZ_TYPE_TOUR (viz_tour_get_type ())
G_DECLARE_FINAL_TYPE (VizTour, viz_tour, VIZ, TOUR, GtkWidget)

/**
 * VizTour:
 *
 * The guided tour, one step at a time: words, and buttons that go on and back. Each step sets @actions so
 * that the window shows what the words are about. Nothing happens before the person starts it.
 */
GtkWidget *viz_tour_new (GActionGroup *actions) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
