/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-toasts.h"

#include <glib/gi18n.h>

#define FADE_MS 250
/* Between one that has left and the next: long enough to be seen as two. */
#define PAUSE_MS 100
#define MOST_WAITING 4
#define WIDTH_CHARS 60
#define MOST_LINES 4

/* One that waits. */
typedef struct {
  char *text;
  guint seconds;
} Message;

struct _VizToasts {
  GtkWidget parent;
  GtkWidget *overlay, *revealer, *label;
  GtkEventController *pointer, *focus;
  GtkWidget *focused_before; /* weak: what has the focus back when a message with the focus goes */
  GQueue waiting;            /* Message */
  guint seconds;             /* of the one that is shown */
  guint timer;               /* until it goes, or, when none is shown, until the next comes */
};

enum { PROP_CHILD = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VizToasts, viz_toasts, GTK_TYPE_WIDGET)

static gboolean on_next (gpointer data);

static void
message_free (gpointer data)
{
  Message *message = data;

  g_free (message->text);
  g_free (message);
}

static gboolean
is_shown (VizToasts *self)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer));
}

/* Also one that still fades counts. */
static gboolean
is_empty (VizToasts *self)
{
  return !is_shown (self) && !gtk_revealer_get_child_revealed (GTK_REVEALER (self->revealer));
}

/* The revealer says so in the middle of its frame: what follows is done after it. */
static void
on_revealed (VizToasts *self)
{
  if (is_empty (self) && self->timer == 0)
    self->timer = g_timeout_add (PAUSE_MS, on_next, self);
}

static void
hide (VizToasts *self)
{
  gboolean focused = gtk_event_controller_focus_contains_focus (GTK_EVENT_CONTROLLER_FOCUS (self->focus));

  g_clear_handle_id (&self->timer, g_source_remove);
  gtk_widget_set_can_target (self->revealer, FALSE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), FALSE);
  if (focused && self->focused_before != NULL && gtk_widget_get_mapped (self->focused_before))
    gtk_widget_grab_focus (self->focused_before);
  g_clear_weak_pointer (&self->focused_before);
  on_revealed (self); /* one that had not begun to come is gone without a word */
}

static gboolean
on_late (gpointer data)
{
  VizToasts *self = data;

  self->timer = 0;
  hide (self);
  return G_SOURCE_REMOVE;
}

/* It stays as long as somebody is at it, and then its time again. */
static void
restart (VizToasts *self)
{
  gboolean held =
      gtk_event_controller_motion_contains_pointer (GTK_EVENT_CONTROLLER_MOTION (self->pointer)) ||
      gtk_event_controller_focus_contains_focus (GTK_EVENT_CONTROLLER_FOCUS (self->focus));

  if (!is_shown (self))
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!held)
    self->timer = g_timeout_add_seconds (self->seconds, on_late, self);
}

static void
show (VizToasts *self, const Message *message)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_label_set_text (GTK_LABEL (self->label), message->text);
  self->seconds = message->seconds;
  g_set_weak_pointer (&self->focused_before, root != NULL ? gtk_root_get_focus (root) : NULL);
  gtk_widget_set_visible (self->revealer, TRUE);
  gtk_widget_set_can_target (self->revealer, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), TRUE);
  restart (self);
}

static gboolean
on_next (gpointer data)
{
  VizToasts *self = data;
  Message *message = g_queue_pop_head (&self->waiting);

  self->timer = 0;
  if (message == NULL) {
    gtk_widget_set_visible (self->revealer, FALSE);
    return G_SOURCE_REMOVE;
  }
  show (self, message);
  message_free (message);
  return G_SOURCE_REMOVE;
}

static void
on_close (VizToasts *self)
{
  if (is_shown (self))
    hide (self);
}

static gboolean
is_said (VizToasts *self, const char *text)
{
  if (is_shown (self) && g_str_equal (gtk_label_get_text (GTK_LABEL (self->label)), text))
    return TRUE;
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    if (g_str_equal (((Message *)link->data)->text, text))
      return TRUE;
  return FALSE;
}

void
viz_toasts_add (VizToasts *self, const char *text, guint seconds)
{
  Message *message;

  g_return_if_fail (VIZ_IS_TOASTS (self) && text != NULL);
  if (is_said (self, text)) {
    restart (self);
    return;
  }
  message = g_new (Message, 1);
  *message = (Message){ g_strdup (text), seconds };
  g_queue_push_tail (&self->waiting, message);
  if (self->waiting.length > MOST_WAITING)
    message_free (g_queue_pop_head (&self->waiting));
  if (is_empty (self)) {
    g_clear_handle_id (&self->timer, g_source_remove);
    on_next (self);
  }
}

/* Named as in libadwaita, whose style it has that way. */
static GtkWidget *
make_toast (VizToasts *self)
{
  GtkWidget *toast = g_object_new (GTK_TYPE_BOX, "css-name", "toast", "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_ALERT, NULL),
            *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->label = g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "xalign", 0.0,
                              "ellipsize", PANGO_ELLIPSIZE_END, "lines", MOST_LINES, "max-width-chars",
                              WIDTH_CHARS, "hexpand", TRUE, "margin-start", 6, "margin-end", 6, NULL);
  gtk_widget_add_css_class (self->label, "heading");
  gtk_widget_add_css_class (toast, "viz-toast");
  gtk_widget_add_css_class (close, "circular");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_set_focus_on_click (close, FALSE);
  gtk_widget_set_tooltip_text (close, _ ("Close"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Close"), -1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (toast), GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->label,
                                  NULL, -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (on_close), self);
  gtk_box_append (GTK_BOX (toast), self->label);
  gtk_box_append (GTK_BOX (toast), close);
  self->pointer = gtk_event_controller_motion_new ();
  self->focus = gtk_event_controller_focus_new ();
  g_signal_connect_swapped (self->pointer, "notify::contains-pointer", G_CALLBACK (restart), self);
  g_signal_connect_swapped (self->focus, "notify::contains-focus", G_CALLBACK (restart), self);
  gtk_widget_add_controller (toast, self->pointer);
  gtk_widget_add_controller (toast, self->focus);
  return toast;
}

static void
viz_toasts_init (VizToasts *self)
{
  g_queue_init (&self->waiting);
  self->overlay = gtk_overlay_new ();
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
  self->revealer = g_object_new (GTK_TYPE_REVEALER, "transition-type", GTK_REVEALER_TRANSITION_TYPE_CROSSFADE,
                                 "transition-duration", FADE_MS, "halign", GTK_ALIGN_CENTER, "valign",
                                 GTK_ALIGN_END, "visible", FALSE, NULL);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), make_toast (self));
  g_signal_connect_swapped (self->revealer, "notify::child-revealed", G_CALLBACK (on_revealed), self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->revealer);
}

static void
viz_toasts_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  VizToasts *self = VIZ_TOASTS (object);

  g_value_set_object (value,
                      self->overlay != NULL ? gtk_overlay_get_child (GTK_OVERLAY (self->overlay)) : NULL);
}

static void
viz_toasts_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  gtk_overlay_set_child (GTK_OVERLAY (VIZ_TOASTS (object)->overlay), g_value_get_object (value));
}

static void
viz_toasts_dispose (GObject *object)
{
  VizToasts *self = VIZ_TOASTS (object);

  if (self->revealer != NULL)
    g_signal_handlers_disconnect_by_data (self->revealer, self);
  if (self->pointer != NULL)
    g_signal_handlers_disconnect_by_data (self->pointer, self);
  if (self->focus != NULL)
    g_signal_handlers_disconnect_by_data (self->focus, self);
  self->revealer = NULL;
  self->pointer = self->focus = NULL;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_weak_pointer (&self->focused_before);
  g_queue_clear_full (&self->waiting, message_free);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (viz_toasts_parent_class)->dispose (object);
}

static void
viz_toasts_class_init (VizToastsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = viz_toasts_dispose;
  object_class->get_property = viz_toasts_get_property;
  object_class->set_property = viz_toasts_set_property;
  properties[PROP_CHILD] =
      g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}
