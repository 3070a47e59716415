/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GTK 4.8 and libadwaita 1.2 would stumble over. */
#include "config.h"

#include "widgets-common.h"

#include "widgets/viz-expander.h"
#include "widgets/viz-popover-keys.h"
#include "widgets/viz-toasts.h"

static GtkWidget *
newest (GtkWidget *overlay)
{
  GtkWidget *child = gtk_widget_get_last_child (overlay);

  return child != adw_toast_overlay_get_child (ADW_TOAST_OVERLAY (overlay)) ? child : NULL;
}

static gboolean
is_closable (gpointer overlay)
{
  return gtk_widget_get_can_target (newest (overlay));
}

static gboolean
is_empty (gpointer overlay)
{
  return newest (overlay) == NULL;
}

static GtkWidget *
find_close (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON (widget) &&
      g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), "window-close-symbolic") == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_close (child);
  return found;
}

/* As the pointer or a key would: not where neither of them gets. */
static gboolean
close_newest (GtkWidget *overlay)
{
  GtkWidget *toast = newest (overlay);

  if (!gtk_widget_get_can_target (toast) && !gtk_widget_get_can_focus (toast))
    return FALSE;
  g_signal_emit_by_name (find_close (toast), "clicked");
  return TRUE;
}

/** The close button pressed twice, when another toast waits: it takes longer to come than to leave. */
static void
test_toasts (void)
{
  GtkWidget *overlay = adw_toast_overlay_new (), *window;
  gboolean again;

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), gtk_label_new ("below"));
  window = widgets_show (overlay, 500, 300);
  for (int i = 0; i < 2; i++)
    viz_toasts_add (ADW_TOAST_OVERLAY (overlay), "What <is> said", 30);
  g_assert_nonnull (newest (overlay));
  g_assert_true (widgets_wait (is_closable, overlay));
  g_assert_true (close_newest (overlay));
  again = close_newest (overlay);
  widgets_spin (700);
  g_assert_false (again);
  g_assert_true (widgets_wait (is_closable, overlay));
  g_assert_true (close_newest (overlay));
  g_assert_true (widgets_wait (is_empty, overlay));
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  widgets_close (window, overlay);
}

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

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  viz_popovers_mend_keys ();
  g_test_add_func ("/widgets/mends/toasts", test_toasts);
  g_test_add_func ("/widgets/mends/popover", test_popover);
  g_test_add_func ("/widgets/mends/expander", test_expander);
  return g_test_run ();
}
