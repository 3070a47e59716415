/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-toasts.h"

/* In microseconds: the longest that a toast of libadwaita 1.2 takes to come in. */
#define COMING (500 * G_TIME_SPAN_MILLISECOND)
#define KNOWN "viz-toast-known"

static void
set_closable (GtkWidget *toast, gboolean closable)
{
  gtk_widget_set_can_target (toast, closable);
  gtk_widget_set_can_focus (toast, closable);
}

/* In a frame, not by a timer: the overlay has moved its toasts in the same frame, however late that is. */
static gboolean
on_frame (GtkWidget *toast, GdkFrameClock *clock, gpointer data)
{
  gint64 *first = data, now = gdk_frame_clock_get_frame_time (clock);

  if (*first == 0)
    *first = now;
  if (now - *first < COMING)
    return G_SOURCE_CONTINUE;
  set_closable (toast, TRUE);
  return G_SOURCE_REMOVE;
}

/* A toast that has just been shown is the last child. */
static void
hold_newest (AdwToastOverlay *overlay)
{
  GtkWidget *toast = gtk_widget_get_last_child (GTK_WIDGET (overlay));

  if (toast == NULL || toast == adw_toast_overlay_get_child (overlay) ||
      g_object_get_data (G_OBJECT (toast), KNOWN) != NULL)
    return;
  g_object_set_data (G_OBJECT (toast), KNOWN, toast);
  set_closable (toast, FALSE);
  gtk_widget_add_tick_callback (toast, on_frame, g_new0 (gint64, 1), g_free);
}

void
viz_toasts_add (AdwToastOverlay *overlay, const char *text, guint seconds)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, seconds);
  /* the one that waits behind it is shown when it goes */
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (hold_newest), overlay,
                           G_CONNECT_AFTER | G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (overlay, toast);
  hold_newest (overlay);
}
