/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages over the foot of a window: one at a time, whatever is done to them and whenever. */
#include "config.h"

#include "widgets-common.h"

#include "widgets/viz-toasts.h"

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type);
  return found;
}

static GtkWidget *
revealer (gpointer toasts)
{
  return find (toasts, GTK_TYPE_REVEALER);
}

static GtkWidget *
close_button (gpointer toasts)
{
  return find (revealer (toasts), GTK_TYPE_BUTTON);
}

/* What is shown, also half faded. */
static const char *
text (gpointer toasts)
{
  return gtk_widget_get_visible (revealer (toasts))
             ? gtk_label_get_text (GTK_LABEL (find (revealer (toasts), GTK_TYPE_LABEL)))
             : NULL;
}

static gboolean
is_there (gpointer toasts)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (revealer (toasts))) &&
         gtk_revealer_get_child_revealed (GTK_REVEALER (revealer (toasts)));
}

static gboolean
is_gone (gpointer toasts)
{
  return !gtk_widget_get_visible (revealer (toasts));
}

static void
press_close (GtkWidget *toasts)
{
  g_signal_emit_by_name (close_button (toasts), "clicked");
}

static void
set_animations (gboolean on)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", on, NULL);
}

typedef struct {
  GtkWidget *toasts, *below, *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer animated)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *last = gtk_button_new_with_label ("last");

  set_animations (animated != NULL);
  self->below = gtk_button_new_with_label ("below");
  gtk_box_append (GTK_BOX (box), gtk_button_new_with_label ("first"));
  gtk_box_append (GTK_BOX (box), self->below);
  gtk_box_append (GTK_BOX (box), last);
  self->toasts = g_object_new (VIZ_TYPE_TOASTS, "child", box, NULL);
  self->window = widgets_show (self->toasts, 500, 300);
}

static void
tear_down (Fixture *self, gconstpointer animated)
{
  if (self->window != NULL)
    widgets_close (self->window, self->toasts);
  set_animations (FALSE);
}

static void
say (Fixture *self, const char *words, guint seconds)
{
  viz_toasts_add (VIZ_TOASTS (self->toasts), words, seconds);
}

static void
test_order (Fixture *self, gconstpointer animated)
{
  static const char *const all[] = { "One <b>is</b> & said", "two", "three" };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    say (self, all[i], 100);
  say (self, "two", 100);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    g_assert_true (widgets_wait (is_there, self->toasts));
    g_assert_cmpstr (text (self->toasts), ==, all[i]);
    press_close (self->toasts);
    press_close (self->toasts);
    g_assert_false (is_there (self->toasts));
  }
  g_assert_true (widgets_wait (is_gone, self->toasts));
  widgets_spin (300);
  g_assert_true (is_gone (self->toasts));
}

/** Closed at any time of its coming, by the button, with its window, and with the widget itself. */
static void
test_any_time (Fixture *self, gconstpointer animated)
{
  for (guint wait = 0; wait < 320; wait += 100) {
    say (self, "first", 100);
    say (self, "second", 100);
    widgets_spin (wait);
    press_close (self->toasts);
    widgets_spin (wait);
    press_close (self->toasts);
    gtk_widget_set_visible (self->window, wait % 200 != 0);
    widgets_spin (20);
    gtk_widget_set_visible (self->window, TRUE);
    while (!is_gone (self->toasts)) {
      press_close (self->toasts);
      widgets_spin (20);
    }
  }
  for (guint wait = 0; wait < 320; wait += 100) {
    GtkWidget *other = g_object_new (VIZ_TYPE_TOASTS, "child", gtk_label_new ("other"), NULL), *window;

    window = widgets_show (other, 300, 200);
    viz_toasts_add (VIZ_TOASTS (other), "soon nowhere", 100);
    viz_toasts_add (VIZ_TOASTS (other), "never", 100);
    widgets_spin (wait);
    if (wait % 200 == 0)
      press_close (other);
    widgets_close (window, other);
  }
  widgets_spin (400);
}

/** By itself; a message says it again keeps it; what nobody can read any more gives way to what is newer. */
static void
test_time (Fixture *self, gconstpointer animated)
{
  char words[] = "0";

  say (self, "short", 1);
  g_assert_true (widgets_wait (is_there, self->toasts));
  g_assert_true (widgets_wait (is_gone, self->toasts));
  for (; words[0] <= '9'; words[0]++)
    say (self, words, 100);
  g_assert_cmpstr (text (self->toasts), ==, "0");
  press_close (self->toasts);
  for (words[0] = '6'; words[0] <= '9'; words[0]++) {
    g_assert_true (widgets_wait (is_there, self->toasts));
    g_assert_cmpstr (text (self->toasts), ==, words);
    press_close (self->toasts);
  }
  g_assert_true (widgets_wait (is_gone, self->toasts));
}

/** The keyboard gets to the button, holds the message meanwhile, and is back where it was afterwards. */
static void
test_focus (Fixture *self, gconstpointer animated)
{
  gtk_widget_grab_focus (self->below);
  say (self, "with the focus", 1);
  g_assert_true (widgets_wait (is_there, self->toasts));
  g_assert_true (gtk_widget_child_focus (self->window, GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_widget_child_focus (self->window, GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self->window)) == close_button (self->toasts));
  widgets_spin (1200);
  g_assert_true (is_there (self->toasts));
  press_close (self->toasts);
  g_assert_true (widgets_wait (is_gone, self->toasts));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (self->window)) == self->below);
}

/** The pointer on it holds it, and presses its button; one that has gone lets it through. */
static void
test_pointer (Fixture *self, gconstpointer animated)
{
  GtkWidget *button = close_button (self->toasts);
  int x, y;

  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  say (self, "under the pointer", 1);
  g_assert_true (widgets_wait (is_there, self->toasts));
  widgets_wait_frame (self->toasts);
  widgets_to_screen (button, gtk_widget_get_width (button) / 2.0, gtk_widget_get_height (button) / 2.0, &x,
                     &y);
  widgets_xdotool ("mousemove %d %d", x, y);
  widgets_spin (1200);
  g_assert_true (is_there (self->toasts));
  widgets_xdotool ("click 1");
  g_assert_true (widgets_wait (is_gone, self->toasts));
  widgets_xdotool ("mousemove 0 0");
}

/** What a screen reader is told, and that long words fit a narrow window. */
static void
test_words (Fixture *self, gconstpointer animated)
{
  GtkWidget *toast = gtk_revealer_get_child (GTK_REVEALER (revealer (self->toasts)));
  g_autofree char *path = g_strnfill (300, 'x');
  g_autofree char *sentence =
      g_strdup_printf ("“/%s” cannot be opened: there is no such file in this folder.", path);

  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (toast)), ==,
                   GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_test_accessible_assert_relation (toast, GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                       find (toast, GTK_TYPE_LABEL), NULL);
  gtk_test_accessible_assert_property (close_button (self->toasts), GTK_ACCESSIBLE_PROPERTY_LABEL, "Close");
  say (self, "Saved as figure.png", 100);
  g_assert_true (widgets_wait (is_there, self->toasts));
  widgets_shot (self->window, "toast-short");
  press_close (self->toasts);
  say (self, sentence, 100);
  g_assert_true (widgets_wait (is_there, self->toasts));
  widgets_wait_frame (self->toasts);
  widgets_shot (self->window, "toast-long");
  g_assert_cmpint (gtk_widget_get_width (toast), <=, gtk_widget_get_width (self->window));
  g_assert_cmpint (gtk_widget_get_height (toast), <, gtk_widget_get_height (self->window) / 2);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*run) (Fixture *, gconstpointer);
    gboolean animated;
  } tests[] = { { "/widgets/toasts/order", test_order, TRUE },
                { "/widgets/toasts/order-at-once", test_order, FALSE },
                { "/widgets/toasts/any-time", test_any_time, TRUE },
                { "/widgets/toasts/time", test_time, FALSE },
                { "/widgets/toasts/focus", test_focus, TRUE },
                { "/widgets/toasts/pointer", test_pointer, TRUE },
                { "/widgets/toasts/words", test_words, FALSE } };

  if (!widgets_test_init (&argc, &argv))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, GINT_TO_POINTER (tests[i].animated), set_up, tests[i].run, tear_down);
  return g_test_run ();
}
