/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "canvas/viz-color-bar.h"
#include "widgets-common.h"

#include <math.h>

static void
assert_ticks (double low, double high, guint most, const double *expected, guint n, double step)
{
  double found_step;
  g_autoptr (GArray) ticks = viz_color_bar_ticks (low, high, most, &found_step);
  g_assert_cmpuint (ticks->len, ==, n);
  for (guint i = 0; i < n; i++) {
    double value = g_array_index (ticks, double, i);
    g_assert_cmpfloat_with_epsilon (value, expected[i], step * 1e-6);
    g_assert_false (value == 0 && signbit (value));
  }
  if (n > 0)
    g_assert_cmpfloat_with_epsilon (found_step, step, step * 1e-9);
}

static void
test_ticks (void)
{
  double step;
  assert_ticks (0, 1, 5, (const double[]){ 0, 0.2, 0.4, 0.6, 0.8, 1 }, 6, 0.2);
  assert_ticks (-0.93, 0.93, 5, (const double[]){ -0.5, 0, 0.5 }, 3, 0.5);
  assert_ticks (0, 3e-6, 4, (const double[]){ 0, 1e-6, 2e-6, 3e-6 }, 4, 1e-6);
  assert_ticks (1, 1, 5, NULL, 0, 0);
  assert_ticks (2, 1, 5, NULL, 0, 0);
  assert_ticks (NAN, 1, 5, NULL, 0, 0);
  assert_ticks (-INFINITY, 1, 5, NULL, 0, 0);
  for (guint most = 0; most < 12; most++)
    for (double high = 1e-30; high < 1e30; high *= 7.3) {
      g_autoptr (GArray) ticks = viz_color_bar_ticks (-high / 3, high, most, &step);
      g_assert_cmpuint (ticks->len, <=, MAX (most, 2) + 2);
      g_assert_cmpuint (ticks->len, >=, 1);
    }
}

/** Colours run from the low end at the bottom to the high end at the top; the words say the range. */
static void
test_range (void)
{
  const CnnColormap *viridis = cnn_colormap_find ("viridis");
  GtkWidget *bar = viz_color_bar_new (), *window;
  g_autofree guint32 *pixels = NULL;
  guint8 low[4], high[4];
  int w, h, min, natural;
  gtk_widget_set_halign (bar, GTK_ALIGN_START);
  window = widgets_show (bar, 120, 300);
  gtk_widget_measure (bar, GTK_ORIENTATION_HORIZONTAL, -1, &min, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 0); /* empty: no room */
  viz_color_bar_set_range (VIZ_COLOR_BAR (bar), viridis, 0, 2.5);
  widgets_wait_frame (window);
  pixels = widgets_pixels (bar, &w, &h);
  cnn_colormap_lookup (viridis, 0, low);
  cnn_colormap_lookup (viridis, 1, high);
  guint32 bottom = pixels[(h - 24) * w + 7], top = pixels[24 * w + 7];
  g_assert_cmpint (abs ((int)((bottom >> 8) & 255) - low[1]), <, 40);
  g_assert_cmpint (abs ((int)((top >> 8) & 255) - high[1]), <, 40);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "from 0.00 to 2.50");
  viz_color_bar_set_title (VIZ_COLOR_BAR (bar), "score");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, "score");
  widgets_wait_frame (window);
  widgets_shot (window, "color-bar");
  viz_color_bar_set_range (VIZ_COLOR_BAR (bar), viridis, 1, 1); /* nothing to divide by */
  widgets_wait_frame (window);
  viz_color_bar_set_range (VIZ_COLOR_BAR (bar), NULL, 0, 0);
  widgets_wait_frame (window);
  widgets_close (window, bar);
}

static void
test_map (void)
{
  const char *const labels[] = { "zero", "one", "two", "three", NULL };
  g_autoptr (CnnMap) map = widgets_map (40, 40, CNN_MAP_SIGNED),
                     classes = widgets_map (40, 40, CNN_MAP_CLASS);
  g_autoptr (CnnMap) small = cnn_map_new (2, 1, CNN_MAP_POSITIVE);
  GtkWidget *bar = viz_color_bar_new (), *window;
  gtk_widget_set_halign (bar, GTK_ALIGN_START);
  window = widgets_show (bar, 120, 300);
  viz_color_bar_set_map (VIZ_COLOR_BAR (bar), map, NULL);
  widgets_wait_frame (window);
  widgets_shot (window, "color-bar-signed");
  small->values[1] = 3.2e-7f;
  cnn_map_finish (small);
  viz_color_bar_set_title (VIZ_COLOR_BAR (bar), "gradient");
  viz_color_bar_set_map (VIZ_COLOR_BAR (bar), small, NULL);
  widgets_wait_frame (window);
  widgets_shot (window, "color-bar-small");
  viz_color_bar_set_labels (VIZ_COLOR_BAR (bar), labels);
  viz_color_bar_set_map (VIZ_COLOR_BAR (bar), classes, NULL);
  widgets_wait_frame (window);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "one, 7, three");
  widgets_shot (window, "color-bar-classes");
  viz_color_bar_set_map (VIZ_COLOR_BAR (bar), NULL, NULL);
  widgets_wait_frame (window);
  widgets_close (window, bar);
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/widgets/color-bar/ticks", test_ticks);
  g_test_add_func ("/widgets/color-bar/range", test_range);
  g_test_add_func ("/widgets/color-bar/map", test_map);
  return g_test_run ();
}
