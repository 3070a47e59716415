/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-toasts.h"

#define KEY "viz-toasts"
/* In microseconds: the longest that a toast of libadwaita 1.2 takes to come in. */
#define COMING (500 * G_TIME_SPAN_MILLISECOND)
/* How often it is looked whether a toast has left. */
#define LOOK_MS 50

/* What waits to be shown in an overlay: AdwToast. */
typedef struct {
  AdwToastOverlay *overlay;
  GQueue waiting;
  guint timer;
} Toasts;

static void
toasts_free (Toasts *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_queue_clear_full (&self->waiting, g_object_unref);
  g_free (self);
}

static Toasts *
toasts_of (AdwToastOverlay *overlay)
{
  Toasts *self = g_object_get_data (G_OBJECT (overlay), KEY);

  if (self == NULL) {
    self = g_new0 (Toasts, 1);
    self->overlay = overlay;
    g_object_set_data_full (G_OBJECT (overlay), KEY, self, (GDestroyNotify)toasts_free);
  }
  return self;
}

/* The toast that is in the overlay, also one that is leaving. */
static GtkWidget *
find_toast (AdwToastOverlay *overlay)
{
  GtkWidget *last = gtk_widget_get_last_child (GTK_WIDGET (overlay));

  return last != adw_toast_overlay_get_child (overlay) ? last : NULL;
}

static void
set_closable (GtkWidget *toast, gboolean closable)
{
  gtk_widget_set_can_target (toast, closable);
  gtk_widget_set_can_focus (toast, closable);
}

/* One that is leaving is not to be closed again. */
static void
on_dismissed (AdwToastOverlay *overlay)
{
  GtkWidget *toast = find_toast (overlay);

  if (toast != NULL)
    set_closable (toast, FALSE);
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

static gboolean
show_next (gpointer data)
{
  Toasts *self = data;
  GtkWidget *toast;

  if (find_toast (self->overlay) != NULL)
    return G_SOURCE_CONTINUE;
  adw_toast_overlay_add_toast (self->overlay, g_queue_pop_head (&self->waiting));
  toast = find_toast (self->overlay);
  set_closable (toast, FALSE);
  gtk_widget_add_tick_callback (toast, on_frame, g_new0 (gint64, 1), g_free);
  if (!g_queue_is_empty (&self->waiting))
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

void
viz_toasts_add (AdwToastOverlay *overlay, const char *text, guint seconds)
{
  Toasts *self = toasts_of (overlay);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, seconds);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_dismissed), overlay, G_CONNECT_SWAPPED);
  g_queue_push_tail (&self->waiting, toast);
  if (self->timer == 0 && show_next (self) == G_SOURCE_CONTINUE)
    self->timer = g_timeout_add (LOOK_MS, show_next, self);
}
