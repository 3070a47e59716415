/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "widgets-common.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define WAIT_SECONDS 10

static gint64 longest;

gboolean
widgets_test_init (int *argc, char ***argv)
{
  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL) {
    g_print ("1..0 # SKIP there is no display\n");
    return FALSE;
  }
  gtk_test_init (argc, argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  return TRUE;
}

/** Of this thread's processor time: what other programs take does not count. */
static gint64
thread_time (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gboolean
iterate (gboolean may_block)
{
  gint64 start;
  gboolean ready = g_main_context_pending (NULL);
  if (!ready && may_block) {
    g_usleep (1000);
    return FALSE;
  }
  start = thread_time ();
  g_main_context_iteration (NULL, FALSE);
  longest = MAX (longest, thread_time () - start);
  return ready;
}

double
widgets_longest_iteration (void)
{
  double milliseconds = (double)longest / 1000;
  longest = 0;
  return milliseconds;
}

gboolean
widgets_wait (gboolean (*done) (gpointer), gpointer data)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;
  while (!done (data)) {
    if (g_get_monotonic_time () > end)
      return FALSE;
    iterate (TRUE);
  }
  return TRUE;
}

void
widgets_spin (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;
  while (g_get_monotonic_time () < end)
    iterate (TRUE);
}

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  (*(guint *)data)++;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_two (gpointer data)
{
  return *(guint *)data >= 2;
}

void
widgets_wait_frame (GtkWidget *widget)
{
  guint frames = 0, tick = gtk_widget_add_tick_callback (widget, frame_cb, &frames, NULL);
  g_assert_true (widgets_wait (has_two, &frames));
  gtk_widget_remove_tick_callback (widget, tick);
  while (iterate (FALSE))
    ;
}

GtkWidget *
widgets_show (GtkWidget *child, int width, int height)
{
  GtkWidget *window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  widgets_wait_frame (window);
  return window;
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *)data == NULL;
}

void
widgets_close (GtkWidget *window, GtkWidget *child)
{
  gpointer weak = child;
  g_object_add_weak_pointer (G_OBJECT (child), &weak);
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  g_assert_true (widgets_wait (is_null, &weak)); /* GTK may hold it until the pointer's next event */
  gtk_window_destroy (GTK_WINDOW (window));
  widgets_spin (20);
}

gboolean
widgets_have_input (void)
{
  g_autofree char *path = g_find_program_in_path ("xdotool");
  return path != NULL && g_getenv ("DISPLAY") != NULL;
}

static void
ended_cb (GObject *process, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error);
  g_assert_no_error (error);
  *(gboolean *)data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *)data;
}

void
widgets_xdotool (const char *format, ...)
{
  g_autofree char *words = NULL, *command = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ended = FALSE;
  va_list args;
  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  command = g_strconcat ("xdotool ", words, NULL);
  argv = g_strsplit (command, " ", -1);
  process = g_subprocess_newv ((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, ended_cb, &ended);
  g_assert_true (widgets_wait (is_true, &ended));
  widgets_spin (60);
}

void
widgets_to_screen (GtkWidget *widget, double x, double y, int *screen_x, int *screen_y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  double wx, wy, sx, sy;
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native), x, y, &wx, &wy));
  gtk_native_get_surface_transform (native, &sx, &sy);
  *screen_x = (int)lround (wx + sx);
  *screen_y = (int)lround (wy + sy);
}

static GdkTexture *
render (GtkWidget *widget, int *width, int *height)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  g_autoptr (GskRenderNode) node = NULL;
  double x = 0, y = 0;
  *width = gtk_widget_get_width (widget);
  *height = gtk_widget_get_height (widget);
  if (parent != NULL) {
    gtk_widget_translate_coordinates (widget, parent, 0, 0, &x, &y);
    gtk_widget_snapshot_child (parent, widget, snapshot);
  } else {
    g_autoptr (GdkPaintable) paintable = NULL;
    widgets_wait_frame (widget);
    paintable = gtk_widget_paintable_new (widget);
    gdk_paintable_snapshot (paintable, snapshot, *width, *height);
  }
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  return gsk_renderer_render_texture (
      renderer, node, &GRAPHENE_RECT_INIT ((float)x, (float)y, (float)*width, (float)*height));
}

guint32 *
widgets_pixels (GtkWidget *widget, int *width, int *height)
{
  g_autoptr (GdkTexture) texture = render (widget, width, height);
  guint32 *pixels = g_new0 (guint32, (gsize)*width * (gsize)*height);
  gdk_texture_download (texture, (guchar *)pixels, (gsize)*width * 4);
  return pixels;
}

void
widgets_shot (GtkWidget *widget, const char *name)
{
  const char *folder = g_getenv ("VIZ_TEST_SHOTS");
  g_autofree char *path = NULL;
  int width, height;
  if (folder == NULL)
    return;
  g_autoptr (GdkTexture) texture = render (widget, &width, &height);
  path = g_strdup_printf ("%s/%s.png", folder, name);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

CnnImage *
widgets_checkerboard (guint width, guint height)
{
  g_autofree guint8 *rgba = g_malloc ((gsize)width * height * 4);
  for (gsize i = 0; i < (gsize)width * height; i++) {
    memset (rgba + 4 * i, ((i % width) + (i / width)) % 2 != 0 ? 255 : 0, 3);
    rgba[4 * i + 3] = 255;
  }
  return cnn_image_new (width, height, rgba);
}

CnnImage *
widgets_picture (guint width, guint height)
{
  g_autofree guint8 *rgba = g_malloc ((gsize)width * height * 4);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      guint8 *p = rgba + ((gsize)y * width + x) * 4;
      double u = (double)x / width, v = (double)y / height, d = hypot (u - 0.45, v - 0.55);
      p[0] = (guint8)(d < 0.25 ? 230 - 200 * d : 90 + 60 * v);
      p[1] = (guint8)(d < 0.25 ? 150 + 150 * d : 130 + 100 * (1 - v));
      p[2] = (guint8)(d < 0.25 ? 60 : 160 + 80 * sin (u * 9));
      p[3] = 255;
    }
  return cnn_image_new (width, height, rgba);
}

CnnMap *
widgets_map (guint width, guint height, CnnMapKind kind)
{
  CnnMap *map = cnn_map_new (width, height, kind);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      double u = (double)x / width, v = (double)y / height;
      double hill = exp (-20 * ((u - 0.4) * (u - 0.4) + (v - 0.5) * (v - 0.5)));
      double hollow = exp (-30 * ((u - 0.75) * (u - 0.75) + (v - 0.3) * (v - 0.3)));
      float *value = &map->values[(gsize)y * width + x];
      *value = (float)(kind == CNN_MAP_SIGNED ? hill - 0.7 * hollow : hill);
      if (kind == CNN_MAP_CLASS)
        *value = hill > 0.3 ? 7 : hollow > 0.3 ? 3 : 1;
    }
  cnn_map_finish (map);
  return map;
}

CnnGallery *
widgets_gallery (guint n, guint width, guint height, guint channels, gboolean kernels)
{
  CnnGallery *gallery = g_new0 (CnnGallery, 1);
  gsize size = (gsize)channels * width * height;
  g_atomic_ref_count_init (&gallery->refs);
  gallery->n = n;
  gallery->width = width;
  gallery->height = height;
  gallery->channels = channels;
  gallery->is_kernels = kernels;
  gallery->layer = g_strdup ("conv2d_2");
  gallery->values = g_new0 (float, n *size);
  gallery->min = g_new0 (float, n);
  gallery->max = g_new0 (float, n);
  gallery->mean = g_new0 (float, n);
  gallery->zero_share = g_new0 (float, n);
  for (guint i = 0; i < n; i++) {
    float *values = gallery->values + i * size;
    gallery->min[i] = gallery->max[i] = 0;
    for (gsize j = 0; j < size && i % 9 != 4; j++) {
      double wave = sin (0.7 * (double)(i + 1) * (double)(j % width) / width * 6 +
                         (double)(j / width) * (0.3 + 0.05 * (i % 7)));
      values[j] = (float)((kernels ? wave : MAX (wave, 0)) * (0.2 + (double)((i * 37) % 101) / 101));
    }
    for (gsize j = 0; j < size; j++) {
      gallery->min[i] = j == 0 ? values[j] : MIN (gallery->min[i], values[j]);
      gallery->max[i] = j == 0 ? values[j] : MAX (gallery->max[i], values[j]);
    }
  }
  return gallery;
}

static int
by_probability (gconstpointer a, gconstpointer b)
{
  const CnnPredictionEntry *one = a, *two = b;
  return one->probability < two->probability   ? 1
         : one->probability > two->probability ? -1
                                               : one->class_index - two->class_index;
}

CnnPrediction *
widgets_prediction (guint n, guint winner, float p)
{
  CnnPrediction *prediction = g_new0 (CnnPrediction, 1);
  float rest = 1 - p;
  static char labels[1000][16]; /* entries do not own them */
  g_assert_cmpuint (n, <=, G_N_ELEMENTS (labels));
  g_atomic_ref_count_init (&prediction->refs);
  prediction->model = g_object_new (CNN_TYPE_MODEL, NULL);
  prediction->n = n;
  prediction->entries = g_new0 (CnnPredictionEntry, n);
  prediction->probabilities = g_new0 (float, n);
  prediction->scores = g_new0 (float, n);
  for (guint i = 0; i < n; i++) {
    float value = i == winner ? p : rest / 2;
    g_snprintf (labels[i], sizeof labels[i], "class %u", i);
    if (i != winner)
      rest -= value;
    prediction->probabilities[i] = value;
    prediction->scores[i] = logf (MAX (value, 1e-20f));
    prediction->entries[i] = (CnnPredictionEntry){ (int)i, labels[i], value, prediction->scores[i] };
  }
  qsort (prediction->entries, n, sizeof (CnnPredictionEntry), by_probability);
  return prediction;
}
