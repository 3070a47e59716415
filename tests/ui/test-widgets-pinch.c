/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two fingers on the picture. No X server without a touch screen sends those; GTK's Broadway server does,
 * which takes its input from a browser. This test is the browser. */
#include "config.h"

#include "canvas/viz-image-canvas.h"
#include "widgets-common.h"

#include <adwaita.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* of Broadway's protocol: words in network order, the first a kind of event */
enum { EVENT_TOUCH = 5, EVENT_SCREEN_SIZE_CHANGED = 12 };
enum { TOUCH_BEGIN, TOUCH_UPDATE, TOUCH_END };
#define MAX_WORDS 12
#define HANDSHAKE                                                                                            \
  "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                 \
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"                             \
  "Sec-WebSocket-Protocol: broadway\r\nOrigin: http://localhost\r\n\r\n"

static guint16 port;
static GSocketConnection *browser;
static GThread *drainer;

/** A frame of a web socket: binary, masked with zeros. */
static void
send_words (const guint32 *words, guint n)
{
  guint8 frame[6 + 4 * MAX_WORDS] = { 0x82, (guint8)(0x80 | 4 * n), 0, 0, 0, 0 };

  g_assert_cmpuint (n, <=, MAX_WORDS);
  for (guint i = 0; i < n; i++) {
    guint32 word = g_htonl (words[i]);
    memcpy (frame + 6 + 4 * i, &word, 4);
  }
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (browser)), frame,
                                            6 + 4 * n, NULL, NULL, NULL));
}

static guint32
now (void)
{
  return (guint32)(g_get_monotonic_time () / 1000);
}

static void
touch (guint32 kind, guint32 finger, double x, double y)
{
  const guint32 at_x = (guint32)x, at_y = (guint32)y;

  /* the window is the first surface, in the corner of the screen */
  send_words ((const guint32[]){ EVENT_TOUCH, 1, now (), kind, 1, finger, 0, at_x, at_y, at_x, at_y, 0 }, 12);
}

/** What the server draws is of no use here, but has to be taken from it. */
static gpointer
drain (gpointer data)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (browser));
  char buffer[4096];

  while (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL) > 0)
    ;
  return NULL;
}

static guint16
free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 number = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_socket_listener_close (listener);
  return number;
}

/** From here on frames wait for a browser that has drawn the last one, which this one never says; input does
 * not. */
static void
start_browser (void)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  browser = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  g_assert_nonnull (browser);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (browser)), HANDSHAKE,
                                            strlen (HANDSHAKE), NULL, NULL, NULL));
  send_words ((const guint32[]){ EVENT_SCREEN_SIZE_CHANGED, 1, now (), 800, 600, 1 }, 6);
  drainer = g_thread_new ("drain", drain, NULL);
}

static GSubprocess *
start_server (const char *folder)
{
  g_autofree char *text = g_strdup_printf ("%u", port = free_port ());
  const char *const words[] = { "gtk4-broadwayd", "--address", "127.0.0.1", "--port", text, ":7", NULL };
  g_autofree char *path = g_build_filename (folder, "broadway8.socket", NULL);
  GSubprocess *server;

  /* its socket is there, where nobody else's is */
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_setenv ("GDK_BACKEND", "broadway", TRUE);
  g_setenv ("BROADWAY_DISPLAY", ":7", TRUE);
  server =
      g_subprocess_newv (words, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  g_assert_nonnull (server);
  for (guint i = 0; i < 500 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (20000);
  start_browser ();
  return server;
}

typedef struct {
  VizImageCanvas *canvas;
  double zoom;
} Wanted;

static gboolean
is_zoomed (gpointer data)
{
  const Wanted *wanted = data;

  return ABS (viz_image_canvas_get_zoom (wanted->canvas) - wanted->zoom) < 0.02 * wanted->zoom;
}

/** The one frame that is drawn. */
static gboolean
has_size (gpointer canvas)
{
  return gtk_widget_get_width (canvas) > 0;
}

/** Two fingers 60 apart that move to @apart, around @x, @y of the window. */
static void
pinch (double x, double y, double apart)
{
  touch (TOUCH_BEGIN, 1, x - 30, y);
  touch (TOUCH_BEGIN, 2, x + 30, y);
  for (guint i = 1; i <= 10; i++) {
    double half = 30 + (apart / 2 - 30) * i / 10;

    touch (TOUCH_UPDATE, 1, x - half, y);
    touch (TOUCH_UPDATE, 2, x + half, y);
    widgets_spin (20);
  }
  touch (TOUCH_END, 1, x - apart / 2, y);
  touch (TOUCH_END, 2, x + apart / 2, y);
}

static void
test_pinch (void)
{
  g_autoptr (CnnImage) image = widgets_picture (100, 80);
  VizImageCanvas *canvas = VIZ_IMAGE_CANVAS (viz_image_canvas_new ());
  GtkWidget *window;
  Wanted wanted = { canvas, 0 };
  double before_x, before_y, x, y;

  viz_image_canvas_set_image (canvas, image);
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 340);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (canvas));
  gtk_window_present (GTK_WINDOW (window));
  g_assert_true (widgets_wait (has_size, canvas));
  /* apart: what lies between the fingers is three times as large and where it was */
  viz_image_canvas_to_image (canvas, 150, 120, &before_x, &before_y);
  wanted.zoom = 3 * viz_image_canvas_get_zoom (canvas);
  pinch (150, 120, 180);
  g_assert_true (widgets_wait (is_zoomed, &wanted));
  viz_image_canvas_to_image (canvas, 150, 120, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, before_x, 1);
  g_assert_cmpfloat_with_epsilon (y, before_y, 1);
  /* together, from where the first pinch left it */
  wanted.zoom = 0.5 * viz_image_canvas_get_zoom (canvas);
  pinch (150, 120, 30);
  g_assert_true (widgets_wait (is_zoomed, &wanted));
  gtk_window_destroy (GTK_WINDOW (window));
  widgets_spin (20);
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_find_program_in_path ("gtk4-broadwayd");
  g_autofree char *folder = g_dir_make_tmp ("cnn-viz-pinch-XXXXXX", NULL);
  g_autoptr (GSubprocess) server = NULL;
  int result;

  if (program == NULL || folder == NULL) {
    g_print ("1..0 # SKIP gtk4-broadwayd is not installed\n");
    return 0;
  }
  server = start_server (folder);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/widgets/pinch", test_pinch);
  result = g_test_run ();
  g_subprocess_force_exit (server);
  g_subprocess_wait (server, NULL, NULL);
  g_clear_pointer (&drainer, g_thread_join);
  g_clear_object (&browser);
  return result;
}
