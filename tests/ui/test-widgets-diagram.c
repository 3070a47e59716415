/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diagram one walks in, in a window with real events. */
#include "widgets-common.h"

#include <adwaita.h>

#include "architecture/viz-diagram.h"
#include "tests/figure/diagram-layers.h"

/* @n blocks of two layers beside a line that passes them, joined by a sum: layers 3·block and on. */
static CnnDiagram *
make_diagram (guint n)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("test.h5", "test");
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (GError) error = NULL;
  CnnShape shape = cnn_shape4 (-1, 4, 8, 8);
  guint value = cnn_model_builder_add_input (builder, "in", &shape, CNN_LAYOUT_PLAIN, &error);

  value = add_layer (builder, "stem", value, CNN_NO_VALUE);
  for (guint i = 0; i < n; i++) {
    g_autofree char *first = g_strdup_printf ("first_%u", i), *second = g_strdup_printf ("second_%u", i);
    g_autofree char *sum = g_strdup_printf ("sum_%u", i);
    guint inner = add_layer (builder, second, add_layer (builder, first, value, CNN_NO_VALUE), CNN_NO_VALUE);

    value = add_layer (builder, sum, value, inner);
  }
  cnn_model_builder_add_output (builder, value);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return cnn_diagram_new (model);
}

typedef struct {
  GtkWidget *window, *widget;
  VizDiagram *diagram;
  int selected, activated; /* what the last signal said */
} Fixture;

static void
selected_cb (VizDiagram *diagram, int layer, Fixture *f)
{
  f->selected = layer;
}

static void
activated_cb (VizDiagram *diagram, int layer, Fixture *f)
{
  f->activated = layer;
}

static gboolean
is_sharp (gpointer data)
{
  return viz_diagram_is_sharp (data);
}

static void
open_window (Fixture *f, guint n_blocks)
{
  CnnDiagram *diagram = make_diagram (n_blocks);

  *f = (Fixture){ .selected = -1, .activated = -1 };
  f->widget = viz_diagram_new ();
  f->diagram = VIZ_DIAGRAM (f->widget);
  g_signal_connect (f->widget, "layer-selected", G_CALLBACK (selected_cb), f);
  g_signal_connect (f->widget, "layer-activated", G_CALLBACK (activated_cb), f);
  viz_diagram_set_diagram (f->diagram, diagram);
  cnn_diagram_unref (diagram);
  f->window = widgets_show (f->widget, 600, 500);
  g_assert_true (widgets_wait (is_sharp, f->widget));
  widgets_wait_frame (f->widget);
}

/* The middle of a box in the widget. */
static void
box_in_widget (Fixture *f, guint layer, double *x, double *y)
{
  double left, top, width, height;

  g_assert_true (
      cnn_diagram_get_box (viz_diagram_get_diagram (f->diagram), layer, &left, &top, &width, &height));
  viz_diagram_from_points (f->diagram, left + width / 2, top + height / 2, x, y);
}

static gboolean
is_in_sight (Fixture *f, guint layer)
{
  double x, y;

  box_in_widget (f, layer, &x, &y);
  return x > 0 && y > 0 && x < gtk_widget_get_width (f->widget) && y < gtk_widget_get_height (f->widget);
}

static void
point_at (Fixture *f, double x, double y, const char *then)
{
  int screen_x, screen_y;

  widgets_to_screen (f->widget, x, y, &screen_x, &screen_y);
  widgets_xdotool ("mousemove %d %d %s", screen_x, screen_y, then);
}

static void
test_click (void)
{
  Fixture f;
  double x, y;

  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  open_window (&f, 2);
  g_assert_true (viz_diagram_get_fit (f.diagram));
  for (guint layer = 0; layer < 7; layer++) {
    box_in_widget (&f, layer, &x, &y);
    point_at (&f, x, y, "click 1");
    g_assert_cmpint (f.selected, ==, layer);
    g_assert_cmpint (viz_diagram_get_layer (f.diagram), ==, layer);
  }
  /* beside the boxes nothing is chosen */
  point_at (&f, 5, 5, "click 1");
  g_assert_cmpint (f.selected, ==, 6);
  box_in_widget (&f, 3, &x, &y);
  point_at (&f, x, y, "click --repeat 2 1");
  g_assert_cmpint (f.activated, ==, 3);
  widgets_shot (f.widget, "diagram");
  widgets_close (f.window, f.widget);
}

static void
test_keys (void)
{
  Fixture f;

  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  open_window (&f, 2);
  gtk_widget_grab_focus (f.widget);
  widgets_xdotool ("key Down");
  g_assert_cmpint (f.selected, ==, 0);
  /* along the arrows through the block and the sum after it, which is also at the end of the long line */
  for (int layer = 1; layer <= 4; layer++) {
    widgets_xdotool ("key Down");
    g_assert_cmpint (f.selected, ==, layer);
  }
  widgets_xdotool ("key Up");
  g_assert_cmpint (f.selected, ==, 3);
  widgets_xdotool ("key Up");
  g_assert_cmpint (f.selected, ==, 2);
  widgets_xdotool ("key End");
  g_assert_cmpint (f.selected, ==, 6);
  /* nothing follows */
  widgets_xdotool ("key Down");
  g_assert_cmpint (f.selected, ==, 6);
  widgets_xdotool ("key Home");
  g_assert_cmpint (f.selected, ==, 0);
  widgets_xdotool ("key Return");
  g_assert_cmpint (f.activated, ==, 0);
  widgets_close (f.window, f.widget);
}

/* A large one begins at reading size; keys, wheel, drag and the small map move about in it. */
static void
test_move (void)
{
  Fixture f;
  double zoom, x, y, after_x, after_y;

  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  open_window (&f, 60);
  zoom = viz_diagram_get_zoom (f.diagram);
  g_assert_false (viz_diagram_get_fit (f.diagram));
  g_assert_cmpfloat (zoom, >, 1);
  g_assert_true (is_in_sight (&f, 0));
  g_assert_false (is_in_sight (&f, 180));
  gtk_widget_grab_focus (f.widget);
  widgets_xdotool ("key End");
  g_assert_true (is_in_sight (&f, 180));
  widgets_xdotool ("key 0");
  g_assert_true (viz_diagram_get_fit (f.diagram));
  g_assert_true (is_in_sight (&f, 0) && is_in_sight (&f, 180));
  widgets_xdotool ("key 1");
  g_assert_false (viz_diagram_get_fit (f.diagram));
  g_assert_cmpfloat (viz_diagram_get_zoom (f.diagram), >, 1);
  g_assert_true (is_in_sight (&f, 180));
  zoom = viz_diagram_get_zoom (f.diagram);
  widgets_xdotool ("key plus");
  g_assert_cmpfloat (viz_diagram_get_zoom (f.diagram), >, zoom);
  widgets_xdotool ("key minus");
  g_assert_cmpfloat_with_epsilon (viz_diagram_get_zoom (f.diagram), zoom, 1e-6);
  /* the wheel zooms to where the pointer is */
  widgets_xdotool ("key Home");
  box_in_widget (&f, 1, &x, &y);
  point_at (&f, x, y, "click 4 click 4");
  g_assert_cmpfloat (viz_diagram_get_zoom (f.diagram), >, 1.3 * zoom);
  box_in_widget (&f, 1, &after_x, &after_y);
  g_assert_cmpfloat_with_epsilon (after_x, x, 2);
  g_assert_cmpfloat_with_epsilon (after_y, y, 2);
  /* dragging moves it and selects nothing */
  f.selected = -1;
  point_at (&f, 300, 300,
            "mousedown 1 sleep 0.05 mousemove_relative -- -20 -60 sleep 0.05 mousemove_relative -- -10 "
            "-20 sleep 0.05 mouseup 1");
  box_in_widget (&f, 1, &x, &y);
  g_assert_cmpfloat (y, <, after_y - 50);
  g_assert_cmpint (f.selected, ==, -1);
  /* the small map in the corner */
  widgets_xdotool ("key Home");
  g_assert_true (is_in_sight (&f, 0));
  point_at (&f, gtk_widget_get_width (f.widget) - 15, gtk_widget_get_height (f.widget) - 15, "click 1");
  g_assert_false (is_in_sight (&f, 0));
  g_assert_true (widgets_wait (is_sharp, f.widget));
  widgets_shot (f.widget, "diagram-large");
  widgets_close (f.window, f.widget);
}

/* A layer chosen elsewhere is brought into sight and told to screen readers; no signal comes back. */
static void
test_follow (void)
{
  Fixture f;

  open_window (&f, 60);
  for (int layer = 0; layer <= 180; layer += 45) {
    viz_diagram_set_layer (f.diagram, layer);
    g_assert_true (is_in_sight (&f, (guint)layer));
  }
  g_assert_cmpint (f.selected, ==, -1);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (f.widget), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f.widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Diagram of test.h5, 181 layers");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (f.widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "sum_59;Add;Output 4\u00d78\u00d78;Reads sum_58, second_59");
  viz_diagram_go_to (f.diagram, 7);
  g_assert_cmpint (f.selected, ==, 7);
  viz_diagram_set_diagram (f.diagram, NULL);
  widgets_wait_frame (f.widget);
  g_assert_cmpint (viz_diagram_get_layer (f.diagram), ==, -1);
  widgets_close (f.window, f.widget);
}

/* What is drawn where a box is has the box's colour and not the ground's, light or dark. */
static void
test_pixels (void)
{
  Fixture f;
  int width, height;
  g_autofree guint32 *pixels = NULL;
  double x, y;
  guint box, ground;

  open_window (&f, 2);
  widgets_wait_frame (f.widget);
  pixels = widgets_pixels (f.widget, &width, &height);
  box_in_widget (&f, 0, &x, &y);
  box = pixels[(int)(y + 16) * width + (int)x];
  ground = pixels[3 * width + 3];
  /* the yellow of rectifiers: more red than blue */
  g_assert_cmpint ((int)(box >> 16 & 255) - (int)(box & 255), >, 20);
  g_assert_cmpint (ABS ((int)(ground >> 16 & 255) - (int)(ground & 255)), <, 6);
  widgets_close (f.window, f.widget);
}

/* The diagram at once, as the widget shows it at its place and zoom. */
static guint32 *
draw_at_once (Fixture *f, int width, int height, guint32 ground)
{
  guint32 *pixels = g_new (guint32, (gsize)width * (gsize)height);
  cairo_surface_t *surface =
      cairo_image_surface_create_for_data ((guchar *)pixels, CAIRO_FORMAT_ARGB32, width, height, 4 * width);
  cairo_t *cr = cairo_create (surface);
  double zoom = viz_diagram_get_zoom (f->diagram), left, top;

  cairo_set_source_rgb (cr, (ground >> 16 & 255) / 255.0, (ground >> 8 & 255) / 255.0,
                        (ground & 255) / 255.0);
  cairo_paint (cr);
  viz_diagram_from_points (f->diagram, 0, 0, &left, &top);
  cairo_translate (cr, left, top);
  cairo_scale (cr, zoom, zoom);
  cnn_diagram_draw_part (viz_diagram_get_diagram (f->diagram), cr,
                         adw_style_manager_get_dark (adw_style_manager_get_default ()), zoom, -left / zoom,
                         -top / zoom, width / zoom, height / zoom);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return pixels;
}

/* The tiles lie side by side, wherever the view is; above the map all is as if drawn at once. */
static void
test_tiles (void)
{
  Fixture f;

  open_window (&f, 60);
  viz_diagram_set_fit (f.diagram, FALSE);
  for (int layer = 0; layer <= 180; layer += 60) {
    int width, height;
    g_autofree guint32 *pixels = NULL, *expected = NULL;
    guint far = 0;

    viz_diagram_set_layer (f.diagram, layer);
    viz_diagram_set_layer (f.diagram, -1);
    point_at (&f, 1, 1, "sleep 0.05");
    g_assert_true (widgets_wait (is_sharp, f.widget));
    widgets_wait_frame (f.widget);
    pixels = widgets_pixels (f.widget, &width, &height);
    expected = draw_at_once (&f, width, height, pixels[width + 1]);
    g_assert_cmpint (width, >, 512);
    for (int i = 0; i < width * height / 2; i++)
      for (int shift = 0; shift < 24; shift += 8)
        far += ABS ((int)(pixels[i] >> shift & 255) - (int)(expected[i] >> shift & 255)) > 8;
    g_assert_cmpuint (far, ==, 0);
  }
  widgets_close (f.window, f.widget);
}

/* Thousands of layers: no step of the main loop does the drawing. */
static void
test_huge (void)
{
  Fixture f;

  open_window (&f, 700);
  viz_diagram_set_fit (f.diagram, TRUE);
  g_assert_true (widgets_wait (is_sharp, f.widget));
  viz_diagram_set_layer (f.diagram, 2100);
  widgets_longest_iteration ();
  for (int layer = 0; layer < 2100; layer += 100) {
    viz_diagram_go_to (f.diagram, layer);
    widgets_wait_frame (f.widget);
  }
  g_test_message ("longest iteration %.1f ms", widgets_longest_iteration ());
  g_assert_true (widgets_wait (is_sharp, f.widget));
  widgets_close (f.window, f.widget);
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/diagram/click", test_click);
  g_test_add_func ("/diagram/keys", test_keys);
  g_test_add_func ("/diagram/move", test_move);
  g_test_add_func ("/diagram/follow", test_follow);
  g_test_add_func ("/diagram/pixels", test_pixels);
  g_test_add_func ("/diagram/tiles", test_tiles);
  g_test_add_func ("/diagram/huge", test_huge);
  return g_test_run ();
}
