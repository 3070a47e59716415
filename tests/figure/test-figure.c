/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure/cnn-figure-private.h"
#include "image/cnn-png.h"
#include "model/cnn-error.h"

static CnnImage *
make_image (guint width, guint height)
{
  g_autofree guint8 *rgba = g_malloc ((gsize)width * height * 4);

  for (guint i = 0; i < width * height; i++) {
    guint8 level = (guint8)(i % width / 4 % 2 ? 230 : 30);

    memcpy (rgba + 4 * i, (guint8[]){ level, level, (guint8)(i / width * 3), 255 }, 4);
  }
  return cnn_image_new (width, height, rgba);
}

static CnnMap *
make_map (CnnMapKind kind, float scale)
{
  CnnMap *map = cnn_map_new (28, 28, kind);

  for (guint i = 0; i < 784; i++) {
    float value = scale * sinf ((float)(i % 28) * 0.3f) * cosf ((float)(i / 28) * 0.2f);

    map->values[i] = kind == CNN_MAP_SIGNED  ? value
                     : kind == CNN_MAP_CLASS ? (float)(i / 28 / 7)
                                             : fabsf (value);
  }
  cnn_map_finish (map);
  return map;
}

static CnnFigure *
make_strip (void)
{
  g_autoptr (CnnImage) image = make_image (28, 28);
  g_autoptr (CnnMap) positive = make_map (CNN_MAP_POSITIVE, 2), small = make_map (CNN_MAP_SIGNED, 0.002f);
  g_autoptr (CnnMap) classes = make_map (CNN_MAP_CLASS, 1);
  CnnMapStyle style = { NULL, 0.5 };
  CnnFigure *figure = cnn_figure_new ("Strip of seven");

  cnn_figure_add_image (figure, "Input", image);
  cnn_figure_add_map (figure, "Vanilla", positive, NULL, NULL);
  cnn_figure_add_map (figure, "Overlay", small, image, &style);
  cnn_figure_add_map (figure, "Winners", classes, NULL, NULL);
  cnn_figure_set_caption (figure,
                          "Saliency of class seven <&> with a caption that is long enough to be wrapped into "
                          "more than one line in a column of the usual width.");
  cnn_figure_add_metadata (figure, "cnnviz:provenance", "{\"class\": 7, \"text\": \"<&>\"}");
  return figure;
}

static char *
temporary_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("cnn-figure-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static char *
write_figure (CnnFigure *figure, const char *folder, const char *name, double width, double dpi)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (cnn_figure_write (figure, path, width, dpi, &error));
  g_assert_no_error (error);
  return path;
}

/* The output of a tool, or NULL where it is not installed. */
static char *
run_tool (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = g_find_program_in_path (first);
  char *output = NULL;
  int status = -1;
  va_list args;

  if (program == NULL)
    return NULL;
  g_ptr_array_add (argv, program);
  va_start (args, first);
  for (char *arg = va_arg (args, char *); arg != NULL; arg = va_arg (args, char *))
    g_ptr_array_add (argv, arg);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  g_assert_true (g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                               &status, NULL));
  g_assert_cmpint (status, ==, 0);
  return output;
}

static void
remove_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_cmpint (g_remove (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_png (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip ();
  g_autofree char *path = write_figure (figure, folder, "f.png", 85, 300);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = cnn_image_read (path, NULL, &error);
  g_autofree char *provenance = NULL, *title = NULL;
  double height = cnn_figure_get_height (figure, 85, 300);

  g_assert_no_error (error);
  g_assert_cmpfloat (fabs (cnn_image_get_width (image) - 85 / 25.4 * 300), <=, 1);
  g_assert_cmpfloat (fabs (cnn_image_get_height (image) - height / 25.4 * 300), <=, 1);
  g_assert_cmpmem (cnn_image_get_data (image), 4, "\xff\xff\xff\xff", 4);
  provenance = cnn_png_read_text (path, "cnnviz:provenance", &error);
  g_assert_cmpstr (provenance, ==, "{\"class\": 7, \"text\": \"<&>\"}");
  title = cnn_png_read_text (path, "Title", &error);
  g_assert_cmpstr (title, ==, "Strip of seven");
  remove_files (folder);
}

/* Each pixel of the picture is in the file as one block of its own colour. */
static void
test_nearest (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = cnn_figure_new (NULL);
  g_autoptr (CnnImage) image = make_image (28, 28);
  g_autoptr (CnnImage) drawn = NULL;
  g_autofree char *path = NULL;
  CnnPanel *panel;
  double scale = 300 / 72.0;

  cnn_figure_add_image (figure, NULL, image);
  path = write_figure (figure, folder, "f.png", 85, 300);
  drawn = cnn_image_read (path, NULL, NULL);
  panel = figure->panels->pdata[0];
  for (guint i = 0; i < 784; i++) {
    guint x = (guint)((panel->content.x + panel->content.width * (i % 28 + 0.3) / 28) * scale);
    guint y = (guint)((panel->content.y + panel->content.height * (i / 28 + 0.7) / 28) * scale);

    g_assert_cmpmem (cnn_image_get_data (drawn) + 4 * ((gsize)y * cnn_image_get_width (drawn) + x), 4,
                     cnn_image_get_data (image) + 4 * i, 4);
  }
  remove_files (folder);
}

static void
test_pdf (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip ();
  g_autofree char *path = write_figure (figure, folder, "f.pdf", 85, 300);
  g_autofree char *again = write_figure (figure, folder, "g.pdf", 85, 300);
  g_autofree char *text = run_tool ("pdftotext", path, "-", NULL), *fonts = run_tool ("pdffonts", path, NULL);
  g_autofree char *info = run_tool ("pdfinfo", path, NULL);
  g_autofree char *one = NULL, *two = NULL;
  gsize n1, n2;

  g_assert_true (g_file_get_contents (path, &one, &n1, NULL));
  g_assert_true (g_file_get_contents (again, &two, &n2, NULL));
  g_assert_cmpmem (one, n1, two, n2);
  if (text == NULL || fonts == NULL || info == NULL) {
    g_test_skip ("poppler-utils are not installed");
  } else {
    g_auto (GStrv) lines = g_strsplit (fonts, "\n", -1);

    g_assert_nonnull (strstr (text, "Strip of seven"));
    g_assert_nonnull (strstr (text, "(b) Vanilla"));
    g_assert_nonnull (strstr (text, "Saliency of class seven"));
    g_assert_nonnull (strstr (info, "cnnviz:provenance"));
    for (guint i = 2; lines[i] != NULL && *lines[i] != '\0'; i++)
      g_assert_nonnull (strstr (lines[i], " yes yes "));
    g_assert_cmpuint (g_strv_length (lines), >, 2);
  }
  remove_files (folder);
}

static void
note_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (data, text, (gssize)length);
}

static void
test_svg (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip ();
  g_autofree char *path = write_figure (figure, folder, "f.svg", 85, 300);
  g_autoptr (GString) text = g_string_new (NULL);
  GMarkupParser parser = { .text = note_text };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, text, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_true (g_markup_parse_context_parse (context, content, (gssize)length, &error));
  g_assert_true (g_markup_parse_context_end_parse (context, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text->str, "Strip of seven"));
  g_assert_nonnull (strstr (text->str, "Saliency of class seven <&>"));
  g_assert_nonnull (strstr (text->str, "{\"class\": 7, \"text\": \"<&>\"}"));
  g_assert_nonnull (strstr (content, "image-rendering:pixelated"));
  remove_files (folder);
}

/* Mean difference of two pictures, in levels; they must be of (nearly) one size. */
static double
difference (const char *one, const char *two)
{
  g_autoptr (CnnImage) a = cnn_image_read (one, NULL, NULL), b = cnn_image_read (two, NULL, NULL);
  guint width = MIN (cnn_image_get_width (a), cnn_image_get_width (b));
  guint height = MIN (cnn_image_get_height (a), cnn_image_get_height (b));
  double sum = 0;

  g_assert_cmpint (abs ((int)cnn_image_get_width (a) - (int)cnn_image_get_width (b)), <=, 1);
  g_assert_cmpint (abs ((int)cnn_image_get_height (a) - (int)cnn_image_get_height (b)), <=, 1);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width * 4; x++)
      sum += abs ((int)cnn_image_get_data (a)[4 * (gsize)y * cnn_image_get_width (a) + x] -
                  (int)cnn_image_get_data (b)[4 * (gsize)y * cnn_image_get_width (b) + x]);
  return sum / width / height / 4;
}

/* The three kinds of file show one picture. */
static void
test_render_back (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip ();
  g_autofree char *png = write_figure (figure, folder, "f.png", 85, 200);
  g_autofree char *svg = write_figure (figure, folder, "f.svg", 85, 200);
  g_autofree char *pdf = write_figure (figure, folder, "f.pdf", 85, 200);
  g_autofree char *base = g_build_filename (folder, "back", NULL);
  g_autofree char *from_pdf = g_strconcat (base, ".png", NULL),
                  *from_svg = g_strconcat (base, "-svg.png", NULL);
  g_autofree char *out1 = run_tool ("pdftoppm", "-r", "200", "-png", "-singlefile", pdf, base, NULL);
  g_autofree char *out2 = run_tool ("rsvg-convert", "-d", "200", "-p", "200", svg, "-o", from_svg, NULL);

  if (out1 == NULL && out2 == NULL)
    g_test_skip ("neither pdftoppm nor rsvg-convert is installed");
  if (out1 != NULL)
    g_assert_cmpfloat (difference (png, from_pdf), <, 9);
  if (out2 != NULL)
    g_assert_cmpfloat (difference (png, from_svg), <, 4);
  remove_files (folder);
}

static void
expect_failure (CnnFigure *figure, const char *path, double width, double dpi, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (cnn_figure_write (figure, path, width, dpi, &error));
  g_assert_nonnull (error);
  if (code >= 0)
    g_assert_error (error, CNN_ERROR, code);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

static void
test_whole_or_not (void)
{
  static const char *const names[] = { "f.png", "f.svg", "f.pdf" };
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip (), empty = cnn_figure_new ("Nothing");
  g_autofree char *path = g_build_filename (folder, "f.png", NULL),
                  *other = g_build_filename (folder, "f.txt", NULL);

  for (guint i = 0; i < 3; i++) {
    g_autofree char *missing = g_build_filename (folder, "no-such-folder", names[i], NULL);
    g_autofree char *blocked = g_build_filename (folder, names[i], NULL);

    expect_failure (figure, missing, 85, 300, -1);
    /* a folder stands where the file should go: nothing else may be left beside it */
    g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
    expect_failure (figure, blocked, 85, 300, -1);
    g_assert_cmpint (g_rmdir (blocked), ==, 0);
  }
  expect_failure (figure, other, 85, 300, CNN_ERROR_ARGUMENT);
  expect_failure (figure, path, 3, 300, CNN_ERROR_ARGUMENT);
  expect_failure (figure, path, 85, 1e9, CNN_ERROR_ARGUMENT);
  expect_failure (figure, path, NAN, 300, CNN_ERROR_ARGUMENT);
  expect_failure (empty, path, 85, 300, CNN_ERROR_ARGUMENT);
  remove_files (folder); /* fails on anything that was left */
}

/* All panels lie on the page and none on another, whatever is asked for. */
static void
check_layout (CnnFigure *figure, double width_mm)
{
  double height = cnn_figure_get_height (figure, width_mm, 0) * CNN_POINTS_PER_MM,
         width = width_mm * CNN_POINTS_PER_MM;

  for (guint i = 0; i < figure->panels->len; i++) {
    const CnnRect *a = &((CnnPanel *)figure->panels->pdata[i])->content;

    g_assert_cmpfloat (a->x, >=, 0);
    g_assert_cmpfloat (a->x + a->width, <=, width);
    g_assert_cmpfloat (a->y + a->height, <=, height);
    for (guint k = 0; k < i; k++) {
      const CnnRect *b = &((CnnPanel *)figure->panels->pdata[k])->content;

      g_assert_true (a->x + a->width <= b->x || b->x + b->width <= a->x || a->y + a->height <= b->y ||
                     b->y + b->height <= a->y);
    }
  }
}

static void
test_layout (void)
{
  for (guint n = 1; n < 14; n++) {
    g_autoptr (CnnFigure) figure = cnn_figure_new (n % 2 ? "Title" : NULL);
    g_autoptr (CnnImage) image = make_image (28 + n * 11 % 40, 28);
    g_autoptr (CnnMap) map = make_map (n % 3 ? CNN_MAP_POSITIVE : CNN_MAP_CLASS, 1000.f * (float)n);

    for (guint i = 0; i < n * 2; i++) {
      if (i == n)
        cnn_figure_new_row (figure);
      if (i % 3)
        cnn_figure_add_map (figure, "A heading of some length", map, image, NULL);
      else
        cnn_figure_add_image (figure, i % 2 ? NULL : "x", image);
    }
    check_layout (figure, 85);
    check_layout (figure, 170);
  }
}

static void
check_ticks (double low, double high)
{
  CnnTicks ticks;
  gboolean zero = FALSE;

  cnn_ticks_init (&ticks, low, high, 4);
  g_assert_cmpuint (ticks.n, >=, 2);
  g_assert_cmpuint (ticks.n, <=, 9);
  for (guint i = 0; i < ticks.n; i++) {
    g_autofree char *plain = g_strdup (ticks.labels[i]);
    gboolean negative = g_str_has_prefix (plain, "\u2212");
    double read =
        g_ascii_strtod (plain + (negative ? strlen ("\u2212") : 0), NULL) * pow (10, ticks.exponent);

    g_assert_cmpfloat (ticks.values[i], >=, low - 1e-6 * (high - low));
    g_assert_cmpfloat (ticks.values[i], <=, high + 1e-6 * (high - low));
    /* the label says what the mark means */
    g_assert_cmpfloat_with_epsilon (negative ? -read : read, ticks.values[i], 1e-6 * (high - low));
    zero = zero || ticks.values[i] == 0;
  }
  g_assert_true (zero == (low <= 0 && high >= 0));
  cnn_ticks_clear (&ticks);
}

/* A row that is not full has pictures as large as the others, from the left on. */
static void
test_columns (void)
{
  g_autoptr (CnnFigure) figure = cnn_figure_new ("Seven");
  g_autoptr (CnnImage) image = make_image (28, 28);
  const CnnRect *first, *last;

  cnn_figure_set_columns (figure, 5);
  for (guint i = 0; i < 6; i++) {
    if (i == 5)
      cnn_figure_new_row (figure);
    cnn_figure_add_image (figure, "A", image);
  }
  check_layout (figure, 160);
  first = &((CnnPanel *)figure->panels->pdata[0])->content;
  last = &((CnnPanel *)figure->panels->pdata[5])->content;
  g_assert_cmpfloat (fabs (last->width - first->width), <, 0.01);
  g_assert_cmpfloat (fabs (last->height - first->height), <, 0.01);
  g_assert_cmpfloat (fabs (last->x - first->x), <, 0.01);
}

static void
test_ticks (void)
{
  CnnTicks none;

  check_ticks (0, 1);
  check_ticks (-1, 1);
  check_ticks (-0.37, 0.37);
  check_ticks (0, 12345);
  check_ticks (0, 3.1e-5);
  check_ticks (-7e-9, 2e-9);
  check_ticks (2.2, 2.9);
  check_ticks (-5e20, 1e20);
  cnn_ticks_init (&none, 1, 1, 4);
  g_assert_cmpuint (none.n, ==, 0);
  cnn_ticks_init (&none, NAN, 1, 4);
  g_assert_cmpuint (none.n, ==, 0);
}

static void
test_style (void)
{
  g_autoptr (CnnMap) positive = make_map (CNN_MAP_POSITIVE, 3), with_sign = make_map (CNN_MAP_SIGNED, 3);
  CnnMapStyle style = { .colormap = cnn_colormap_find ("magma"), .own_range = TRUE, .low = -1, .high = 4 };
  const CnnColormap *colours;
  g_autofree guint8 *rgba = NULL;
  guint8 middle[4];
  float low, high;

  cnn_map_style_resolve (NULL, positive, &colours, &low, &high);
  g_assert_cmpstr (colours->name, ==, "viridis");
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat (high, ==, positive->max);
  cnn_map_style_resolve (NULL, with_sign, &colours, &low, &high);
  g_assert_true (colours->diverging);
  g_assert_cmpfloat (low, ==, -high);
  g_assert_cmpfloat (high, ==, fmaxf (with_sign->max, -with_sign->min));
  /* zero is the middle of the scale */
  rgba = cnn_map_render (with_sign, NULL);
  cnn_colormap_lookup (colours, 0.5f, middle);
  g_assert_cmpfloat (with_sign->values[0], ==, 0);
  for (int c = 0; c < 4; c++)
    g_assert_cmpint (abs (rgba[c] - middle[c]), <=, 3);
  cnn_map_style_resolve (&style, positive, &colours, &low, &high);
  g_assert_cmpstr (colours->name, ==, "magma");
  g_assert_cmpfloat (low, ==, -1);
  g_assert_cmpfloat (high, ==, 4);
  cnn_map_style_resolve (&style, with_sign, &colours, &low, &high);
  g_assert_true (colours->diverging);
}

/* Maps that are no pictures, and galleries without size: a page comes out, with the text where the picture is
 * not. */
static void
test_odd (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = cnn_figure_new ("Odd");
  g_autoptr (CnnMap) zero = cnn_map_new (28, 28, CNN_MAP_POSITIVE), nan = cnn_map_new (5, 1, CNN_MAP_SIGNED);
  g_autoptr (CnnMap) one = cnn_map_new (1, 1, CNN_MAP_CLASS);
  float values[64] = { 0 }, low[64] = { 0 }, high[64] = { 0 };
  CnnGallery gallery = {
    .n = 64, .width = 0, .height = 0, .channels = 1, .values = values, .min = low, .max = high
  };

  g_atomic_ref_count_init (&gallery.refs);
  g_atomic_ref_count_inc (&gallery.refs); /* it lives here: the figure must not free it */
  for (guint i = 0; i < 5; i++)
    nan->values[i] = i % 2 ? NAN : INFINITY;
  cnn_map_finish (zero);
  cnn_map_finish (nan);
  cnn_map_finish (one);
  cnn_figure_add_map (figure, "zero", zero, NULL, NULL);
  cnn_figure_add_map (figure, "\xff\xfe not UTF-8", nan, NULL, NULL);
  cnn_figure_add_map (figure, "one", one, NULL, NULL);
  cnn_figure_new_row (figure);
  cnn_figure_add_gallery (figure, "no size", &gallery, NULL);
  for (guint i = 0; i < 3; i++) {
    static const char *const names[] = { "f.png", "f.svg", "f.pdf" };
    g_autofree char *path = write_figure (figure, folder, names[i], 85, 150);

    g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  }
  remove_files (folder);
}

static gpointer
write_in_thread (gpointer data)
{
  g_autoptr (CnnFigure) figure = make_strip ();

  return write_figure (figure, data, "thread.png", 85, 100);
}

/* A figure is drawn wherever one has time for it. */
static void
test_thread (void)
{
  g_autofree char *folder = temporary_folder ();
  g_autoptr (CnnFigure) figure = make_strip ();
  g_autofree char *here = write_figure (figure, folder, "here.png", 85, 100);
  g_autofree char *there = g_thread_join (g_thread_new ("figure", write_in_thread, folder));

  g_assert_cmpfloat (difference (here, there), ==, 0);
  remove_files (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/figure/png", test_png);
  g_test_add_func ("/figure/nearest", test_nearest);
  g_test_add_func ("/figure/pdf", test_pdf);
  g_test_add_func ("/figure/svg", test_svg);
  g_test_add_func ("/figure/render-back", test_render_back);
  g_test_add_func ("/figure/whole-or-not", test_whole_or_not);
  g_test_add_func ("/figure/layout", test_layout);
  g_test_add_func ("/figure/columns", test_columns);
  g_test_add_func ("/figure/ticks", test_ticks);
  g_test_add_func ("/figure/style", test_style);
  g_test_add_func ("/figure/odd", test_odd);
  g_test_add_func ("/figure/thread", test_thread);
  return g_test_run ();
}
