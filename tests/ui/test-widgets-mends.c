/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GTK 4.8 would stumble over. */
#include "config.h"

#include "widgets-common.h"

#include "widgets/viz-expander.h"
#include "widgets/viz-popover-keys.h"
#include "widgets/viz-popover-place.h"
#include "widgets/viz-scrolled-text.h"

static void
count_up (guint *count)
{
  (*count)++;
}

/** What Return does in a popover with a default widget, with and without something that has the focus. */
static void
test_popover (void)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new (), *entry = gtk_entry_new (),
            *apply = gtk_button_new_with_label ("Apply"), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6),
            *window;
  guint count = 0;

  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), apply);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_popover_set_default_widget (GTK_POPOVER (popover), apply);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  g_signal_connect_swapped (apply, "clicked", G_CALLBACK (count_up), &count);
  window = widgets_show (button, 300, 200);
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  gtk_widget_grab_focus (entry);
  widgets_wait_frame (popover);
  g_signal_emit_by_name (popover, "activate-default");
  widgets_spin (400); /* a widget that is activated shows itself pressed for a moment */
  g_assert_cmpuint (count, ==, 1);
  gtk_window_set_focus (GTK_WINDOW (window), NULL);
  g_assert_null (gtk_window_get_focus (GTK_WINDOW (window)));
  g_signal_emit_by_name (popover, "activate-default");
  widgets_spin (400);
  g_assert_cmpuint (count, ==, 1);
  widgets_close (window, button);
}

/** The open list of a drop-down that is pushed out of the window, as by a panel that grows above it, is
 * closed. */
static void
test_popover_place (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6),
            *above = gtk_label_new ("above"), *below = gtk_label_new ("below"),
            *list = gtk_drop_down_new_from_strings ((const char *[]){ "a", "b", "c", NULL }), *popover,
            *window;
  GtkAdjustment *vertical = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  gtk_box_append (GTK_BOX (box), above);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), below);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  window = widgets_show (scrolled, 300, 200);
  popover = gtk_widget_get_last_child (list);
  g_assert_true (GTK_IS_POPOVER (popover));
  gtk_widget_activate (list);
  widgets_spin (400);
  gtk_widget_set_size_request (above, -1, 40);
  widgets_spin (200);
  g_assert_true (gtk_widget_get_visible (popover));
  gtk_widget_set_size_request (above, -1, 4000);
  widgets_spin (200);
  g_assert_false (gtk_widget_get_visible (popover));
  gtk_widget_set_size_request (above, -1, 40);
  gtk_widget_set_size_request (below, -1, 4000);
  widgets_spin (200);
  gtk_adjustment_set_value (vertical, 0);
  widgets_spin (200);
  gtk_widget_activate (list);
  widgets_spin (400);
  gtk_adjustment_set_value (vertical, 20);
  widgets_spin (200);
  g_assert_true (gtk_widget_get_visible (popover));
  gtk_adjustment_set_value (vertical, 3000);
  widgets_spin (200);
  g_assert_false (gtk_widget_get_visible (popover));
  /* asked for out there it is scrolled to, and opens when asked again */
  gtk_adjustment_set_value (vertical, 3000);
  widgets_spin (200);
  gtk_widget_activate (list);
  widgets_spin (400);
  g_assert_false (gtk_widget_get_visible (popover));
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), <, 100);
  gtk_widget_activate (list);
  widgets_spin (400);
  g_assert_true (gtk_widget_get_visible (popover));
  gtk_popover_popdown (GTK_POPOVER (popover));
  widgets_spin (100);
  widgets_close (window, scrolled);
}

/** The focus goes through a closed expander in every direction, and its child comes and goes with it. */
static void
test_expander (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *expander = gtk_expander_new ("More"),
            *inside = gtk_button_new_with_label ("inside"), *window;

  gtk_box_append (GTK_BOX (box), gtk_button_new_with_label ("before"));
  gtk_box_append (GTK_BOX (box), expander);
  gtk_box_append (GTK_BOX (box), gtk_button_new_with_label ("after"));
  gtk_expander_set_child (GTK_EXPANDER (expander), inside);
  viz_expander_mend (GTK_EXPANDER (expander));
  window = widgets_show (box, 300, 200);
  for (guint round = 0; round < 2; round++)
    for (GtkDirectionType way = GTK_DIR_TAB_FORWARD; way <= GTK_DIR_RIGHT; way++)
      for (guint step = 0; step < 6; step++)
        gtk_widget_child_focus (window, way);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  g_assert_true (gtk_widget_get_root (inside) == GTK_ROOT (window));
  g_assert_true (gtk_widget_grab_focus (inside));
  gtk_expander_set_expanded (GTK_EXPANDER (expander), FALSE);
  g_assert_null (gtk_widget_get_root (inside));
  gtk_expander_set_expanded (GTK_EXPANDER (expander), TRUE);
  g_assert_true (gtk_widget_get_root (inside) == GTK_ROOT (window));
  widgets_close (window, box);
}

/* In the middle of a frame, as what a relayout brings about. */
static gboolean
on_frame (GtkWidget *text, GdkFrameClock *clock, gpointer data)
{
  guint *count = data, width = 20 + *count * 37 % 200, lines = 1 + *count * 13 % 90;
  GString *words = g_string_new (NULL);

  (*count)++;
  for (guint i = 0; i < lines; i++) {
    for (guint k = 0; k < width; k++)
      g_string_append_c (words, 'x');
    g_string_append_c (words, '\n');
  }
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (text)), words->str, -1);
  g_string_free (words, TRUE);
  return *count < 40 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_over (gpointer count)
{
  return *(guint *)count >= 40;
}

/** Other lines in every frame: their scrollbars come, go and change without a complaint. */
static void
test_scrolled_text (void)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *text = gtk_text_view_new (), *window;
  guint count = 0;

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), text);
  viz_scrolled_text_mend (GTK_TEXT_VIEW (text));
  window = widgets_show (scrolled, 300, 200);
  gtk_widget_add_tick_callback (text, on_frame, &count, NULL);
  g_assert_true (widgets_wait (is_over, &count));
  widgets_wait_frame (text);
  g_assert_cmpfloat (
      gtk_adjustment_get_upper (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled))), >,
      300);
  widgets_close (window, scrolled);
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  viz_popovers_mend_keys ();
  viz_popovers_mend_place ();
  g_test_add_func ("/widgets/mends/popover", test_popover);
  g_test_add_func ("/widgets/mends/popover-place", test_popover_place);
  g_test_add_func ("/widgets/mends/expander", test_expander);
  g_test_add_func ("/widgets/mends/scrolled-text", test_scrolled_text);
  return g_test_run ();
}
