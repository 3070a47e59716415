/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "explore/viz-class-search.h"
#include "explore/viz-prediction-bars.h"
#include "explore/viz-prediction-row.h"
#include "widgets/viz-text.h"
#include "widgets-common.h"

typedef struct {
  guint count;
  int index;
} Told;

static void
selected_cb (VizPredictionBars *bars, int index, Told *told)
{
  told->count++;
  told->index = index;
}

/** The first visible row of class @index. */
static GtkWidget *
find_row (GtkWidget *widget, int index)
{
  if (VIZ_IS_PREDICTION_ROW (widget) && gtk_widget_get_mapped (widget) &&
      viz_prediction_row_get_class (VIZ_PREDICTION_ROW (widget)) == index)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_row (child, index);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_type (child, type);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static guint
count_rows (GtkWidget *widget)
{
  guint n = VIZ_IS_PREDICTION_ROW (widget) && gtk_widget_get_mapped (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_rows (child);
  return n;
}

/* a function, because the macro's message takes the text as a format */
static void
assert_label (GtkWidget *row, const char *text)
{
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text);
}

static VizPredictionBars *
make_bars (Told *told)
{
  VizPredictionBars *bars = VIZ_PREDICTION_BARS (viz_prediction_bars_new ());
  gtk_widget_set_valign (GTK_WIDGET (bars), GTK_ALIGN_START);
  *told = (Told){ 0, -2 };
  g_signal_connect (bars, "class-selected", G_CALLBACK (selected_cb), told);
  return bars;
}

static void
test_text (void)
{
  const struct {
    char *(*make) (double);
    double value;
    const char *text;
  } cases[] = { { viz_text_percent, 0.42, "42.0%" },     { viz_text_percent, 0.0001, "<0.1%" },
                { viz_text_percent, 0, "0.0%" },         { viz_text_percent, 1, "100.0%" },
                { viz_text_percent, 0.99999, ">99.9%" }, { viz_text_change, -0.571, "−57.1" },
                { viz_text_change, 0.03, "+3.0" },       { viz_text_change, -0.0001, "0.0" },
                { viz_text_change, 0.0001, "0.0" },      { viz_text_short, 0, "0.00" },
                { viz_text_short, -12.34, "−12.3" },     { viz_text_short, 0.00002, "2e-05" } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = cases[i].make (cases[i].value);
    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

static void
test_rows (void)
{
  g_autoptr (CnnPrediction) clean = widgets_prediction (10, 7, 0.9f);
  g_autoptr (CnnPrediction) hidden = widgets_prediction (10, 9, 0.6f);
  Told told;
  VizPredictionBars *bars = make_bars (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (bars), 320, 420);
  g_assert_cmpuint (count_rows (window), ==, 0);
  viz_prediction_bars_set_prediction (bars, clean);
  viz_prediction_bars_set_explained (bars, 7);
  widgets_wait_frame (window);
  g_assert_cmpuint (count_rows (window), ==, 5);
  widgets_spin (400); /* the words follow with a delay */
  assert_label (find_row (window, 7), "class 7: probability 90.0%, score −0.11");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (find_row (window, 7)), GTK_ACCESSIBLE_ROLE_BUTTON);
  widgets_shot (window, "prediction");
  viz_prediction_bars_set_explained (bars, 8);     /* not among the top five: a row of its own */
  viz_prediction_bars_set_occluded (bars, hidden); /* 9 leads now: another */
  widgets_wait_frame (window);
  g_assert_cmpuint (count_rows (window), ==, 7);
  g_assert_nonnull (find_row (window, 8));
  g_assert_nonnull (find_row (window, 9));
  widgets_spin (400);
  assert_label (find_row (window, 9),
                "class 9: probability 60.0% under the occluder, score −0.51; without it <0.1%");
  widgets_shot (window, "prediction-occluded");
  viz_prediction_bars_set_occluded (bars, NULL);
  viz_prediction_bars_set_explained (bars, -1);
  viz_prediction_bars_set_stale (bars, TRUE);
  widgets_wait_frame (window);
  g_assert_cmpuint (count_rows (window), ==, 5);
  viz_prediction_bars_set_prediction (bars, NULL);
  widgets_wait_frame (window);
  g_assert_cmpuint (count_rows (window), ==, 0);
  widgets_close (window, GTK_WIDGET (bars));
}

/** Names that the person chose go before the model's; a prediction of another size under the occluder is
 * refused. */
static void
test_other_model (void)
{
  const char *const labels[] = { "cat", "dog", NULL };
  g_autoptr (CnnPrediction) clean = widgets_prediction (3, 1, 0.7f);
  g_autoptr (CnnPrediction) other = widgets_prediction (10, 9, 0.6f);
  Told told;
  VizPredictionBars *bars = make_bars (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (bars), 320, 420);
  viz_prediction_bars_set_labels (bars, labels);
  viz_prediction_bars_set_prediction (bars, clean);
  viz_prediction_bars_set_occluded (bars, other);
  viz_prediction_bars_set_explained (bars, 500);
  widgets_spin (400);
  g_assert_cmpuint (count_rows (window), ==, 3);
  assert_label (find_row (window, 1), "dog: probability 70.0%, score −0.36");
  assert_label (find_row (window, 2), "class 2: probability 7.5%, score −2.59");
  widgets_close (window, GTK_WIDGET (bars));
}

static void
assert_found (CnnPrediction *prediction, const char *text, const int *expected, guint n)
{
  g_autoptr (GArray) found = viz_class_search_find (prediction, NULL, 0, text, 50);
  g_assert_cmpuint (found->len, >=, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (g_array_index (found, int, i), ==, expected[i]);
}

static void
test_find (void)
{
  g_autoptr (CnnPrediction) prediction = widgets_prediction (1000, 123, 0.9f);
  g_autoptr (GArray) many = viz_class_search_find (prediction, NULL, 0, "Class", 50);
  g_autoptr (GArray) none = viz_class_search_find (prediction, NULL, 0, "zebra", 50);
  g_autoptr (GArray) empty = viz_class_search_find (prediction, NULL, 0, "  ", 50);
  assert_found (prediction, "12", (const int[]){ 12, 123 }, 2);
  assert_found (prediction, " CLASS 5 ", (const int[]){ 5 }, 1);
  g_assert_cmpuint (many->len, ==, 50);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (empty->len, ==, 0);
}

/** Real input: a click on a row, the expander, and the search by keys. */
static void
test_click (void)
{
  g_autoptr (CnnPrediction) clean = widgets_prediction (1000, 7, 0.9f);
  Told told;
  VizPredictionBars *bars;
  GtkWidget *window, *entry;
  int x, y;
  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  bars = make_bars (&told);
  window = widgets_show (GTK_WIDGET (bars), 320, 900);
  viz_prediction_bars_set_prediction (bars, clean);
  widgets_wait_frame (window);
  widgets_to_screen (find_row (window, 1), 100, 15, &x, &y);
  widgets_xdotool ("mousemove %d %d click 1", x, y);
  g_assert_cmpuint (told.count, ==, 1);
  g_assert_cmpint (told.index, ==, 1);
  gtk_expander_set_expanded (GTK_EXPANDER (find_type (GTK_WIDGET (bars), GTK_TYPE_EXPANDER)), TRUE);
  widgets_wait_frame (window);
  g_assert_cmpuint (count_rows (window), ==, 20);
  entry = find_type (GTK_WIDGET (bars), GTK_TYPE_SEARCH_ENTRY);
  gtk_widget_grab_focus (entry);
  widgets_xdotool ("type --delay 20 543");
  widgets_spin (300);
  widgets_shot (window, "prediction-search");
  widgets_xdotool ("key Return");
  g_assert_cmpuint (told.count, ==, 2);
  g_assert_cmpint (told.index, ==, 543);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  widgets_close (window, GTK_WIDGET (bars));
}

/** Updates as a dragged occluder brings them; reports what they cost. */
static void
test_updates (void)
{
  g_autoptr (CnnPrediction) clean = widgets_prediction (1000, 7, 0.9f);
  g_autoptr (CnnPrediction) one = widgets_prediction (1000, 7, 0.5f),
                            two = widgets_prediction (1000, 3, 0.4f);
  Told told;
  VizPredictionBars *bars = make_bars (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (bars), 320, 420), *row;
  gint64 start;
  viz_prediction_bars_set_prediction (bars, clean);
  widgets_wait_frame (window);
  row = find_row (window, 7);
  start = g_get_monotonic_time ();
  for (int i = 0; i < 1000; i++)
    viz_prediction_bars_set_occluded (bars, i % 2 != 0 ? one : two);
  g_test_message ("an update of 1000 classes: %.1f us", (double)(g_get_monotonic_time () - start) / 1000);
  widgets_longest_iteration ();
  for (int i = 0; i < 30; i++) {
    viz_prediction_bars_set_occluded (bars, i % 2 != 0 ? one : two);
    widgets_spin (16);
  }
  g_test_message ("60 updates a second: longest main-loop iteration %.1f ms", widgets_longest_iteration ());
  g_assert_true (find_row (window, 7) == row); /* rows are kept */
  widgets_close (window, GTK_WIDGET (bars));
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/widgets/prediction/text", test_text);
  g_test_add_func ("/widgets/prediction/rows", test_rows);
  g_test_add_func ("/widgets/prediction/other-model", test_other_model);
  g_test_add_func ("/widgets/prediction/find", test_find);
  g_test_add_func ("/widgets/prediction/click", test_click);
  g_test_add_func ("/widgets/prediction/updates", test_updates);
  return g_test_run ();
}
