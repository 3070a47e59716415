/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controls of the panels: numbers that read as words, lists of long names. */
#include "config.h"

#include "widgets-common.h"

#include "widgets/viz-drop-down.h"
#include "widgets/viz-spin-button.h"
#include "widgets/viz-tooltip.h"

static const char *
text_of (GtkWidget *spin)
{
  return gtk_editable_get_text (GTK_EDITABLE (spin));
}

static void
type (GtkWidget *spin, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (spin), text);
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
}

static void
test_zero_in_words (void)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0, 4096, 1), *window;

  viz_spin_button_say_zero (GTK_SPIN_BUTTON (spin), "Automatic");
  window = widgets_show (spin, 200, 60);
  g_assert_cmpstr (text_of (spin), ==, "Automatic");
  gtk_test_accessible_assert_property (spin, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "Automatic");
  gtk_spin_button_spin (GTK_SPIN_BUTTON (spin), GTK_SPIN_STEP_FORWARD, 12);
  g_assert_cmpstr (text_of (spin), ==, "12");
  g_assert_false (
      gtk_test_accessible_has_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT));
  type (spin, "7");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 7);
  type (spin, "");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 0);
  g_assert_cmpstr (text_of (spin), ==, "Automatic");
  type (spin, "7");
  type (spin, "Automatic");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 0);
  type (spin, "7");
  type (spin, "nonsense");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 7);
  widgets_close (window, spin);
}

static GtkWidget *
find_label (GtkWidget *widget, const char *text)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, text);
  return found;
}

static void
test_long_names (void)
{
  const char *name = "/layer4/layer4.2/downsample/downsample.0/Conv_the_last_one_of_the_network";
  GtkWidget *list = gtk_drop_down_new_from_strings ((const char *const[]){ name, "short", NULL }), *window,
            *label;
  int least, wanted;

  viz_drop_down_shorten (GTK_DROP_DOWN (list));
  window = widgets_show (list, 200, 60);
  gtk_widget_measure (list, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
  g_assert_cmpint (least, <, 120);
  g_assert_cmpint (wanted, <, 200); /* or it would take the place of its label */
  label = find_label (list, name);
  g_assert_nonnull (label);
  g_assert_true (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (label))));
  g_assert_cmpstr (viz_tooltip_get (label), ==, name);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), 1);
  g_assert_nonnull (find_label (list, "short"));
  widgets_close (window, list);
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/widgets/controls/zero-in-words", test_zero_in_words);
  g_test_add_func ("/widgets/controls/long-names", test_long_names);
  return g_test_run ();
}
