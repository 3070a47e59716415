/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "canvas/viz-image-canvas.h"
#include "canvas/viz-raster.h"
#include "widgets-common.h"

#include <math.h>
#include <string.h>

typedef struct {
  guint occluder, pointer, activated;
  int x, y, width, height;
  double pointer_x, pointer_y;
  gboolean inside;
} Told;

static void
occluder_cb (VizImageCanvas *canvas, int x, int y, int width, int height, Told *told)
{
  told->occluder++;
  told->x = x;
  told->y = y;
  told->width = width;
  told->height = height;
}

static void
pointer_cb (VizImageCanvas *canvas, double x, double y, gboolean inside, Told *told)
{
  told->pointer++;
  told->pointer_x = x;
  told->pointer_y = y;
  told->inside = inside;
}

static void
activated_cb (VizImageCanvas *canvas, double x, double y, Told *told)
{
  told->activated++;
}

static VizImageCanvas *
make_canvas (CnnImage *image, Told *told)
{
  VizImageCanvas *canvas = VIZ_IMAGE_CANVAS (viz_image_canvas_new ());
  viz_image_canvas_set_image (canvas, image);
  if (told != NULL) {
    memset (told, 0, sizeof *told);
    g_signal_connect (canvas, "occluder-changed", G_CALLBACK (occluder_cb), told);
    g_signal_connect (canvas, "pointer-moved", G_CALLBACK (pointer_cb), told);
    g_signal_connect (canvas, "activated", G_CALLBACK (activated_cb), told);
  }
  return canvas;
}

/** A point of the picture on the screen. */
static void
on_screen (VizImageCanvas *canvas, double x, double y, int *screen_x, int *screen_y)
{
  double wx, wy;
  viz_image_canvas_from_image (canvas, x, y, &wx, &wy);
  widgets_to_screen (GTK_WIDGET (canvas), wx, wy, screen_x, screen_y);
}

/** How many colours the picture's place shows. */
static guint
count_colours (VizImageCanvas *canvas, guint image_width, guint image_height)
{
  g_autoptr (GHashTable) colours = g_hash_table_new (NULL, NULL);
  g_autofree guint32 *pixels = NULL;
  double x0, y0, x1, y1;
  int w, h;
  pixels = widgets_pixels (GTK_WIDGET (canvas), &w, &h);
  viz_image_canvas_from_image (canvas, 0, 0, &x0, &y0);
  viz_image_canvas_from_image (canvas, image_width, image_height, &x1, &y1);
  for (int y = MAX ((int)lround (y0), 0); y < MIN ((int)lround (y1), h); y++)
    for (int x = MAX ((int)lround (x0), 0); x < MIN ((int)lround (x1), w); x++)
      g_hash_table_add (colours, GUINT_TO_POINTER (pixels[y * w + x]));
  return g_hash_table_size (colours);
}

/** Enlarged pixels keep their colours at every zoom, also at odd ones and when panned. */
static void
test_nearest (void)
{
  g_autoptr (CnnImage) image = widgets_checkerboard (8, 8);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 400, 300);
  const double zooms[] = { 1, 1.7, 3, 20, 33.3, 64 };
  g_assert_cmpuint (count_colours (canvas, 8, 8), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++) {
    viz_image_canvas_set_zoom (canvas, zooms[i]);
    viz_image_canvas_pan (canvas, 3.3, -1.7);
    g_assert_cmpuint (count_colours (canvas, 8, 8), ==, 2);
  }
  viz_image_canvas_set_zoom (canvas, 0.5);
  g_assert_cmpuint (count_colours (canvas, 8, 8), ==, 1); /* the mean of black and white */
  widgets_close (window, GTK_WIDGET (canvas));
}

static void
test_zoom (void)
{
  g_autoptr (CnnImage) image = widgets_picture (224, 224);
  g_autoptr (CnnImage) other = widgets_picture (224, 224);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 480, 316);
  double x, y;
  g_assert_true (viz_image_canvas_get_fit (canvas));
  g_assert_cmpfloat_with_epsilon (viz_image_canvas_get_zoom (canvas), 300.0 / 224, 1e-9);
  viz_image_canvas_zoom_in (canvas);
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 1.5);
  g_assert_false (viz_image_canvas_get_fit (canvas));
  viz_image_canvas_zoom_out (canvas);
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 1);
  viz_image_canvas_set_zoom (canvas, 1000);
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 64);
  viz_image_canvas_set_zoom (canvas, 4);
  viz_image_canvas_to_image (canvas, 100, 50, &x, &y);
  viz_image_canvas_pan (canvas, 40, -20);
  viz_image_canvas_from_image (canvas, x, y, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 140, 0.51);
  g_assert_cmpfloat_with_epsilon (y, 30, 0.51);
  viz_image_canvas_set_image (canvas, other); /* the same size keeps the view */
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 4);
  viz_image_canvas_set_fit (canvas, TRUE);
  g_assert_cmpfloat_with_epsilon (viz_image_canvas_get_zoom (canvas), 300.0 / 224, 1e-9);
  viz_image_canvas_set_image (canvas, NULL);
  viz_image_canvas_zoom_in (canvas);
  widgets_wait_frame (GTK_WIDGET (canvas));
  widgets_close (window, GTK_WIDGET (canvas));
}

static guint32
middle_pixel (VizImageCanvas *canvas)
{
  int w, h;
  g_autofree guint32 *pixels = widgets_pixels (GTK_WIDGET (canvas), &w, &h);
  return pixels[(h / 2) * w + w / 2];
}

static int
red_of (guint32 pixel)
{
  return (int)(pixel >> 16) & 255;
}

/** Opacity, staleness and the bare picture, by the pixel in the middle. */
static void
test_overlay (void)
{
  const guint8 black[4] = { 0, 0, 0, 255 }, red[4] = { 255, 0, 0, 255 };
  g_autoptr (CnnImage) image = cnn_image_new (1, 1, black);
  g_autoptr (GBytes) bytes = g_bytes_new (red, 4);
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (1, 1, GDK_MEMORY_R8G8B8A8, bytes, 4);
  g_autoptr (CnnMap) map = cnn_map_new (1, 1, CNN_MAP_POSITIVE);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 200, 200);
  g_assert_cmphex (middle_pixel (canvas), ==, 0xff000000);
  viz_image_canvas_set_overlay (canvas, map, texture);
  g_assert_true (viz_image_canvas_get_map (canvas) == map);
  g_assert_cmpint (abs (red_of (middle_pixel (canvas)) - 128), <=, 1);
  viz_image_canvas_set_map_opacity (canvas, 1);
  g_assert_cmphex (middle_pixel (canvas), ==, 0xffff0000);
  viz_image_canvas_set_stale (canvas, TRUE);
  g_assert_cmpint (red_of (middle_pixel (canvas)), <, 128);
  viz_image_canvas_set_overlay (canvas, map, texture);
  g_assert_false (viz_image_canvas_get_stale (canvas));
  g_assert_cmphex (middle_pixel (canvas), ==, 0xffff0000);
  viz_image_canvas_set_map_opacity (canvas, 0);
  g_assert_cmphex (middle_pixel (canvas), ==, 0xff000000);
  viz_image_canvas_set_overlay (canvas, NULL, NULL);
  g_assert_null (viz_image_canvas_get_map (canvas));
  widgets_close (window, GTK_WIDGET (canvas));
}

static gboolean
is_idle (gpointer canvas)
{
  return !viz_image_canvas_is_busy (canvas);
}

/** Large pictures and maps go through a thread; the newest is what is shown in the end. */
static void
test_large (void)
{
  g_autoptr (CnnImage) image = widgets_picture (1200, 900);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 600, 450);
  const CnnMapStyle style = { .opacity = 0.1 };
  const guint8 *rgba;
  g_autofree guint8 *expected = NULL;
  guint32 pixel;
  viz_image_canvas_set_map_opacity (canvas, 1);
  for (int i = 1; i <= 5; i++) {
    g_autoptr (CnnMap) map = cnn_map_new (1000, 1000, CNN_MAP_PROBABILITY);
    for (gsize j = 0; j < 1000 * 1000; j++)
      map->values[j] = (float)i / 5;
    cnn_map_finish (map);
    viz_image_canvas_set_map (canvas, map, &style);
    g_assert_true (viz_image_canvas_is_busy (canvas));
  }
  g_assert_true (widgets_wait (is_idle, canvas));
  {
    CnnMapStyle opaque = { .opacity = 1 };
    expected = cnn_map_render (viz_image_canvas_get_map (canvas), &opaque);
  }
  rgba = expected;
  pixel = middle_pixel (canvas);
  g_assert_cmphex (pixel, ==,
                   0xff000000u | (guint32)rgba[0] << 16 | (guint32)rgba[1] << 8 | (guint32)rgba[2]);
  widgets_close (window, GTK_WIDGET (canvas));
}

/** A picture that is still being prepared when the widget goes. */
static void
test_close_while_busy (void)
{
  g_autoptr (CnnImage) image = widgets_picture (2000, 1500);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  g_object_ref_sink (canvas);
  g_assert_true (viz_image_canvas_is_busy (canvas));
  g_object_run_dispose (G_OBJECT (canvas));
  g_assert_true (widgets_wait (is_idle, canvas));
  g_assert_finalize_object (canvas);
}

static void
test_occluder (void)
{
  g_autoptr (CnnImage) image = widgets_picture (100, 80);
  Told told;
  VizImageCanvas *canvas = make_canvas (image, &told);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 400, 340);
  const struct {
    CnnFill fill;
    guint32 colour;
  } fills[] = { { CNN_FILL_GRAY, 0xff808080 },
                { CNN_FILL_BLACK, 0xff000000 },
                { CNN_FILL_WHITE, 0xffffffff },
                { CNN_FILL_VALUE, 0xff404040 } };
  int x, y, w, h;
  viz_image_canvas_set_occluder_visible (canvas, TRUE);
  viz_image_canvas_set_occluder (canvas, 90, -5, 30, 20);
  viz_image_canvas_get_occluder (canvas, &x, &y, &w, &h);
  g_assert_cmpint (x, ==, 70);
  g_assert_cmpint (y, ==, 0);
  g_assert_cmpint (w, ==, 30);
  g_assert_cmpint (h, ==, 20);
  viz_image_canvas_set_occluder (canvas, 0, 0, 1000, 1000);
  viz_image_canvas_get_occluder (canvas, &x, &y, &w, &h);
  g_assert_cmpint (w, ==, 100);
  g_assert_cmpint (h, ==, 80);
  viz_image_canvas_set_occluder (canvas, 40, 30, 20, 20);
  for (guint i = 0; i < G_N_ELEMENTS (fills); i++) {
    viz_image_canvas_set_occluder_fill (canvas, fills[i].fill, 0.25);
    g_assert_cmphex (middle_pixel (canvas), ==, fills[i].colour);
  }
  viz_image_canvas_set_occluder_fill (canvas, CNN_FILL_MEAN, 0);
  g_assert_cmphex (middle_pixel (canvas), !=, 0xff808080);
  widgets_wait_frame (GTK_WIDGET (canvas));
  g_assert_cmpuint (told.occluder, ==, 0); /* only the person's moves are told */
  widgets_close (window, GTK_WIDGET (canvas));
}

/** Real pointer events: move, resize at an edge and a corner, not beyond the picture. */
static void
test_drag (void)
{
  g_autoptr (CnnImage) image = widgets_picture (100, 80);
  Told told;
  VizImageCanvas *canvas;
  GtkWidget *window;
  int x0, y0, x1, y1;
  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  canvas = make_canvas (image, &told);
  window = widgets_show (GTK_WIDGET (canvas), 400, 340);
  viz_image_canvas_set_occluder_visible (canvas, TRUE);
  viz_image_canvas_set_occluder (canvas, 10, 10, 20, 20);
  on_screen (canvas, 20, 20, &x0, &y0);
  on_screen (canvas, 50, 35, &x1, &y1);
  widgets_xdotool ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mouseup 1", x0, y0,
                   (x0 + x1) / 2, (y0 + y1) / 2, x1, y1);
  g_assert_cmpuint (told.occluder, >=, 1);
  g_assert_cmpint (told.x, ==, 40);
  g_assert_cmpint (told.y, ==, 25);
  g_assert_cmpint (told.width, ==, 20);
  g_assert_true (told.inside);
  g_assert_cmpfloat_with_epsilon (told.pointer_x, 50, 0.6);
  on_screen (canvas, 60, 35, &x0, &y0); /* right edge */
  on_screen (canvas, 70, 35, &x1, &y1);
  widgets_xdotool ("mousemove %d %d mousedown 1 mousemove %d %d mouseup 1", x0, y0, x1, y1);
  g_assert_cmpint (told.x, ==, 40);
  g_assert_cmpint (told.width, ==, 30);
  g_assert_cmpint (told.height, ==, 20);
  on_screen (canvas, 40, 25, &x0, &y0); /* upper left corner, far out of the picture */
  on_screen (canvas, -20, -20, &x1, &y1);
  widgets_xdotool ("mousemove %d %d mousedown 1 mousemove %d %d mouseup 1", x0, y0, MAX (x1, 0), MAX (y1, 0));
  g_assert_cmpint (told.x, ==, 0);
  g_assert_cmpint (told.y, ==, 0);
  g_assert_cmpint (told.width, ==, 70);
  g_assert_cmpint (told.height, ==, 45);
  widgets_close (window, GTK_WIDGET (canvas));
}

/** Wheel around the pointer, middle drag, and a plain drag outside the occluder. */
static void
test_wheel_and_pan (void)
{
  g_autoptr (CnnImage) image = widgets_picture (100, 80);
  Told told;
  VizImageCanvas *canvas;
  GtkWidget *window;
  double zoom, x, y;
  int sx, sy;
  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  canvas = make_canvas (image, &told);
  window = widgets_show (GTK_WIDGET (canvas), 400, 340);
  zoom = viz_image_canvas_get_zoom (canvas);
  on_screen (canvas, 25, 20, &sx, &sy);
  widgets_xdotool ("mousemove %d %d click --repeat 3 4", sx, sy);
  g_assert_cmpfloat_with_epsilon (viz_image_canvas_get_zoom (canvas), zoom * 1.25 * 1.25 * 1.25, 1e-6);
  viz_image_canvas_from_image (canvas, 25, 20, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, sx, 2);
  g_assert_cmpfloat_with_epsilon (y, sy, 2);
  widgets_xdotool ("mousedown 2 mousemove_relative 30 15 mouseup 2");
  viz_image_canvas_from_image (canvas, 25, 20, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, sx + 30, 2);
  g_assert_cmpfloat_with_epsilon (y, sy + 15, 2);
  widgets_xdotool ("mousedown 1 mousemove_relative --sync -- -12 9 mouseup 1");
  viz_image_canvas_from_image (canvas, 25, 20, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, sx + 18, 2);
  g_assert_cmpuint (told.activated, ==, 0);
  widgets_xdotool ("click --repeat 2 --delay 40 1");
  g_assert_cmpuint (told.activated, ==, 1);
  widgets_close (window, GTK_WIDGET (canvas));
}

static void
test_keys (void)
{
  g_autoptr (CnnImage) image = widgets_picture (100, 80);
  Told told;
  VizImageCanvas *canvas;
  GtkWidget *window;
  gboolean bare;
  int sx, sy;
  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  canvas = make_canvas (image, &told);
  window = widgets_show (GTK_WIDGET (canvas), 400, 340);
  viz_image_canvas_set_occluder_visible (canvas, TRUE);
  viz_image_canvas_set_occluder (canvas, 10, 10, 20, 20);
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  on_screen (canvas, 80, 70, &sx, &sy);
  widgets_xdotool ("mousemove %d %d key Right key Right key shift+Down key ctrl+Left", sx, sy);
  g_assert_cmpint (told.x, ==, 12);
  g_assert_cmpint (told.y, ==, 20);
  g_assert_cmpint (told.width, ==, 19);
  widgets_xdotool ("key plus");
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 4);
  widgets_xdotool ("key 1");
  g_assert_cmpfloat (viz_image_canvas_get_zoom (canvas), ==, 1);
  widgets_xdotool ("key 0");
  g_assert_true (viz_image_canvas_get_fit (canvas));
  widgets_xdotool ("keydown space");
  g_object_get (canvas, "bare", &bare, NULL);
  g_assert_true (bare);
  widgets_xdotool ("keyup space");
  g_object_get (canvas, "bare", &bare, NULL);
  g_assert_false (bare);
  widgets_xdotool ("key Escape");
  g_assert_false (viz_image_canvas_get_occluder_visible (canvas));
  widgets_close (window, GTK_WIDGET (canvas));
}

static void
test_trail (void)
{
  const guint8 black[4 * 4] = { 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255 };
  g_autoptr (CnnImage) image = cnn_image_new (2, 2, black);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 200, 200);
  int w, h;
  viz_image_canvas_set_occluder (canvas, 1, 1, 1, 1);
  viz_image_canvas_set_occluder_visible (canvas, TRUE);
  viz_image_canvas_set_trail (canvas, TRUE);
  viz_image_canvas_set_occluder (canvas, 0, 0, 1, 1);
  viz_image_canvas_mark_trail (canvas, 1, 0, 1, 1, -0.8);
  g_autofree guint32 *pixels = widgets_pixels (GTK_WIDGET (canvas), &w, &h);
  g_assert_cmphex (pixels[150 * w + 150] & 0xffffff, !=, 0); /* has been there */
  g_assert_cmphex (pixels[150 * w + 50] & 0xffffff, ==, 0);  /* has not */
  g_assert_cmpint (red_of (pixels[50 * w + 150]), >, 40);    /* a drop */
  viz_image_canvas_set_trail (canvas, FALSE);
  g_free (g_steal_pointer (&pixels));
  pixels = widgets_pixels (GTK_WIDGET (canvas), &w, &h);
  g_assert_cmphex (pixels[150 * w + 150] & 0xffffff, ==, 0);
  widgets_close (window, GTK_WIDGET (canvas));
}

static void
test_accessible (void)
{
  VizImageCanvas *canvas = make_canvas (NULL, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 200, 200);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_ROLE_IMG);
  viz_image_canvas_set_words (canvas, "seven.png", "strongest in the middle");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_LABEL, "seven.png");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "strongest in the middle");
  viz_image_canvas_set_stale (canvas, TRUE);
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_STATE_BUSY, TRUE);
  widgets_close (window, GTK_WIDGET (canvas));
}

/** The whole canvas, for the eye; reports what a frame costs. */
static void
test_look (void)
{
  g_autoptr (CnnImage) image = widgets_picture (224, 224);
  g_autoptr (CnnMap) map = widgets_map (224, 224, CNN_MAP_POSITIVE);
  VizImageCanvas *canvas = make_canvas (image, NULL);
  GtkWidget *window = widgets_show (GTK_WIDGET (canvas), 1000, 800);
  gint64 start;
  viz_image_canvas_set_map (canvas, map, NULL);
  viz_image_canvas_set_occluder (canvas, 100, 60, 48, 40);
  viz_image_canvas_set_occluder_visible (canvas, TRUE);
  viz_image_canvas_set_trail (canvas, TRUE);
  for (int i = 0; i < 12; i++)
    viz_image_canvas_set_occluder (canvas, 40 + 8 * i, 60 + 6 * i, 48, 40);
  viz_image_canvas_set_occluder_fill (canvas, CNN_FILL_BLUR, 0);
  widgets_wait_frame (window);
  widgets_shot (window, "canvas");
  widgets_longest_iteration ();
  start = g_get_monotonic_time ();
  for (int i = 0; i < 30; i++) {
    viz_image_canvas_set_occluder (canvas, 10 + 3 * i, 60, 48, 40);
    widgets_spin (16);
  }
  g_test_message ("dragging the occluder: longest main-loop iteration %.1f ms in %.0f ms",
                  widgets_longest_iteration (), (double)(g_get_monotonic_time () - start) / 1000);
  for (int i = 0; i < 30; i++) {
    viz_image_canvas_pan (canvas, 3, 2);
    widgets_spin (16);
  }
  g_test_message ("panning: longest main-loop iteration %.1f ms", widgets_longest_iteration ());
  widgets_close (window, GTK_WIDGET (canvas));
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/widgets/canvas/nearest", test_nearest);
  g_test_add_func ("/widgets/canvas/zoom", test_zoom);
  g_test_add_func ("/widgets/canvas/overlay", test_overlay);
  g_test_add_func ("/widgets/canvas/large", test_large);
  g_test_add_func ("/widgets/canvas/close-while-busy", test_close_while_busy);
  g_test_add_func ("/widgets/canvas/occluder", test_occluder);
  g_test_add_func ("/widgets/canvas/drag", test_drag);
  g_test_add_func ("/widgets/canvas/wheel-and-pan", test_wheel_and_pan);
  g_test_add_func ("/widgets/canvas/keys", test_keys);
  g_test_add_func ("/widgets/canvas/trail", test_trail);
  g_test_add_func ("/widgets/canvas/accessible", test_accessible);
  g_test_add_func ("/widgets/canvas/look", test_look);
  return g_test_run ();
}
