/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures on a page. Programs that show SVG and PDF disagree about pixels that are not whole ones of their
 * device, so a picture gets a size at which its pixels, or a few of them together, are whole steps of the
 * page's grid, and is put into the file with each pixel repeated so often that nothing is left to round.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cnn-figure-private.h"

#define MOST_REPEATED 2400 /* pixels along a side, so repeated: 100 mm at 600 dpi */
#define MOST_TIMES 32
#define LARGE 6          /* steps of the grid to a pixel */
#define FINEST 4         /* repeated pixels to a step of the grid: 600 dpi */
#define MOST_LOSS 0.25   /* of a size for whole steps */
#define MIXED_COST 0.12  /* what pixels of one size are worth, in parts of the size */
#define REPEAT_COST 6e-3 /* and a file that is not blown up */
#define FINE_STEPS 8     /* repeated pixels to a step of the grid where nothing divides the other */

/* How pixels along one side come to whole steps of the grid: @times so many of each, of which @share go into
 * a step. */
typedef struct {
  guint times, share;
} Repeat;

static guint
common_divisor (guint a, guint b)
{
  while (b != 0) {
    guint rest = a % b;

    a = b;
    b = rest;
  }
  return MAX (a, 1);
}

static gboolean
find_repeat (guint steps, guint pixels, Repeat *repeat)
{
  guint divisor = common_divisor (steps, pixels);

  *repeat = (Repeat){ steps / divisor, pixels / divisor };
  return repeat->times > 0 &&
         (repeat->share == 1 || (repeat->times <= MOST_TIMES && repeat->times * pixels <= MOST_REPEATED));
}

static guint
to_steps (PangoContext *context, double points)
{
  return (guint)CLAMP (lround (points / cnn_grid_step (context)), 1, 100000);
}

double
cnn_pixels_cost (double width, guint height, guint columns, guint rows)
{
  Repeat across, down;

  if (width < 1 || fabs (width - round (width)) > 1e-4 ||
      !find_repeat ((guint)lround (width), columns, &across) || !find_repeat (height, rows, &down))
    return -1;
  if (across.share == 1 && down.share == 1)
    return 0;
  return MIXED_COST + REPEAT_COST * MAX (across.times, down.times);
}

double
cnn_pixels_fit (PangoContext *context, double height, double (*cost) (guint steps, gpointer data),
                gpointer data)
{
  double step = cnn_grid_step (context), best = G_MAXDOUBLE;
  guint most = (guint)floor (height / step + 1e-6), found = 0;

  for (guint steps = most; steps > 0 && steps >= (1 - MOST_LOSS) * most; steps--) {
    double its = cost (steps, data), whole = its + 1 - (double)steps / most;

    if (its >= 0 && whole < best) {
      best = whole;
      found = steps;
    }
  }
  return found > 0 ? found * step : height;
}

CnnRect
cnn_rect_on_grid (PangoContext *context, const CnnRect *rect)
{
  double step = cnn_grid_step (context);

  return (CnnRect){ cnn_grid (context, rect->x), cnn_grid (context, rect->y),
                    to_steps (context, rect->width) * step, to_steps (context, rect->height) * step };
}

void
cnn_draw_frame (cairo_t *cr, PangoContext *context, const CnnRect *rect)
{
  CnnRect at = cnn_rect_on_grid (context, rect);
  double step = cnn_grid_step (context);

  cairo_save (cr);
  cairo_set_source_rgb (cr, 0.45, 0.45, 0.45);
  cairo_set_line_width (cr, step);
  cairo_rectangle (cr, at.x + step / 2, at.y + step / 2, at.width - step, at.height - step);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Straight alpha over white. */
static void
over_paper (const guint8 *rgba, guint8 out[3])
{
  guint paper = 255 * (255u - rgba[3]);

  for (int c = 0; c < 3; c++)
    out[c] = (guint8)((rgba[c] * rgba[3] + paper + 127) / 255);
}

static cairo_surface_t *
create_surface (gsize width, gsize height)
{
  return cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)MIN (width, G_MAXINT),
                                     (int)MIN (height, G_MAXINT));
}

static guint32 *
get_row (cairo_surface_t *surface, guint y)
{
  return (guint32 *)(gpointer)(cairo_image_surface_get_data (surface) +
                               (gsize)y * (gsize)cairo_image_surface_get_stride (surface));
}

/* Opaque pixels, each @times_x by @times_y times. */
static cairo_surface_t *
repeat_pixels (const guint8 *rgba, guint width, guint height, guint times_x, guint times_y)
{
  cairo_surface_t *surface = create_surface ((gsize)width * times_x, (gsize)height * times_y);

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush (surface);
  for (guint y = 0; y < height * times_y; y++) {
    guint32 *out = get_row (surface, y);
    const guint8 *in = rgba + 4 * (gsize)width * (y / times_y);

    for (guint x = 0; x < width; x++, in += 4) {
      guint8 c[3];

      over_paper (in, c);
      for (guint k = 0; k < times_x; k++)
        *out++ = (guint32)c[0] << 16 | (guint32)c[1] << 8 | c[2];
    }
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* What of the whole numbers of pixels from @from to @to lies in pixel @i. */
static float
share_of (guint i, double from, double to)
{
  return (float)(fmin (to, i + 1.0) - fmax (from, i));
}

/* The rows from @from to @to of the picture, summed: three channels of @width. */
static void
sum_rows (const guint8 *rgba, guint width, double from, double to, float *sum)
{
  memset (sum, 0, (gsize)width * 3 * sizeof *sum);
  for (guint y = (guint)from; y < to - 1e-9; y++) {
    const guint8 *in = rgba + 4 * (gsize)y * width;
    float share = share_of (y, from, to);

    for (guint x = 0; x < width; x++, in += 4) {
      guint8 c[3];

      over_paper (in, c);
      for (gsize k = 0; k < 3; k++)
        sum[3 * (gsize)x + k] += share * c[k];
    }
  }
}

/* The means of @columns equal parts of a row of sums over @height rows. */
static void
average_columns (const float *row, guint width, double height, guint columns, guint32 *out)
{
  double part = (double)width / columns;

  for (guint x = 0; x < columns; x++) {
    double from = x * part, to = fmin ((x + 1) * part, width);
    float sum[3] = { 0, 0, 0 };
    guint32 c[3];

    for (guint i = (guint)from; i < to - 1e-9; i++)
      for (gsize k = 0; k < 3; k++)
        sum[k] += share_of (i, from, to) * row[3 * (gsize)i + k];
    for (int k = 0; k < 3; k++)
      c[k] = (guint32)CLAMP (lround (sum[k] / (part * height)), 0, 255);
    out[x] = c[0] << 16 | c[1] << 8 | c[2];
  }
}

/* The picture in @columns x @rows pixels of the device: each the mean of what it covers. */
static cairo_surface_t *
average_pixels (const guint8 *rgba, guint width, guint height, guint columns, guint rows)
{
  cairo_surface_t *surface = create_surface (columns, rows);
  g_autofree float *row = g_new (float, (gsize)width * 3);
  double part = (double)height / rows;

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush (surface);
  for (guint y = 0; y < rows; y++) {
    sum_rows (rgba, width, y * part, fmin ((y + 1) * part, height), row);
    average_columns (row, width, part, columns, get_row (surface, y));
  }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* How often each of @pixels is repeated on @steps of the grid. A step gets whole ones, best so many that
 * programs need not enlarge them at 600 dpi, nor at the page's own: they would smooth them. */
static guint
times_for (PangoContext *context, guint steps, guint pixels, gboolean *whole)
{
  guint most = MAX (MOST_REPEATED / pixels, 1), own = cnn_grid_pixels (context);
  guint finer = own > FINEST / 2 ? own : FINEST;
  Repeat repeat;

  if (!find_repeat (steps, pixels, &repeat)) {
    *whole = FALSE;
    return (guint)CLAMP (ceil ((double)FINE_STEPS * steps / pixels), 1, most);
  }
  *whole = *whole && repeat.share == 1;
  /* of large pixels the edges are little: they need not be so fine, and the file is written faster */
  if (repeat.share == 1 && repeat.times >= LARGE && own <= FINEST)
    finer = FINEST / 2;
  while (finer > 1 && finer / common_divisor (repeat.share, finer) * repeat.times > most)
    finer /= 2;
  return MAX (finer / common_divisor (repeat.share, finer) * repeat.times, 1);
}

/* Whether @at covers whole pixels of the device: how many. */
static gboolean
is_whole (cairo_t *cr, const CnnRect *at, guint *columns, guint *rows)
{
  double x = at->x, y = at->y, width = at->width, height = at->height;

  cairo_user_to_device (cr, &x, &y);
  cairo_user_to_device_distance (cr, &width, &height);
  *columns = (guint)CLAMP (lround (width), 1, 32767);
  *rows = (guint)CLAMP (lround (height), 1, 32767);
  return fabs (x - round (x)) < 1e-3 && fabs (y - round (y)) < 1e-3 && fabs (width - *columns) < 1e-3 &&
         fabs (height - *rows) < 1e-3;
}

/* Whether a pixel of the picture gets less than one of the surface: then some would be left out. */
static gboolean
is_too_fine (cairo_t *cr, const CnnRect *at, guint width, guint height)
{
  double x = at->width / width, y = at->height / height;

  cairo_user_to_device_distance (cr, &x, &y);
  return fabs (x) < 1 - 1e-6 || fabs (y) < 1 - 1e-6;
}

/* On pixels of a device. */
static void
draw_on_pixels (cairo_t *cr, const guint8 *rgba, guint width, guint height, const CnnRect *at)
{
  gboolean fine = is_too_fine (cr, at, width, height);
  guint columns = width, rows = height;
  cairo_surface_t *surface = is_whole (cr, at, &columns, &rows)
                                 ? average_pixels (rgba, width, height, columns, rows)
                                 : repeat_pixels (rgba, columns = width, rows = height, 1, 1);

  cairo_save (cr);
  cairo_translate (cr, at->x, at->y);
  cairo_scale (cr, at->width / columns, at->height / rows);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), fine ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
  /* keeps the outermost pixels opaque where the edge falls between two of the device's */
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_rectangle (cr, 0, 0, columns, rows);
  cairo_fill (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

static const cairo_user_data_key_t whole_key;

/* Remembers of each picture that goes into a file whether its pixels are whole ones there. */
static void
note_whole (cairo_surface_t *file, gboolean whole)
{
  GString *notes = cairo_surface_get_user_data (file, &whole_key);

  if (notes != NULL)
    g_string_append_c (notes, whole ? 'w' : 'f');
}

void
cnn_pixels_watch (cairo_surface_t *file, GString *notes)
{
  cairo_surface_set_user_data (file, &whole_key, notes, NULL);
}

/* Into a file: each pixel repeated, because programs smooth pictures whatever the file says; what is repeated
 * keeps its edges all the same. */
static void
draw_into_file (cairo_t *cr, PangoContext *context, const guint8 *rgba, guint width, guint height, CnnRect at)
{
  gboolean whole = TRUE;
  guint times_x = times_for (context, to_steps (context, at.width), width, &whole);
  guint times_y = times_for (context, to_steps (context, at.height), height, &whole);
  cairo_surface_t *surface = repeat_pixels (rgba, width, height, times_x, times_y);
  double inset = cnn_grid_inset (context);

  note_whole (cairo_get_target (cr), whole);
  if (cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_PDF)
    at = (CnnRect){ at.x + inset, at.y + inset, at.width - 2 * inset, at.height - 2 * inset };
  cairo_save (cr);
  cairo_translate (cr, at.x, at.y);
  cairo_scale (cr, at.width / (width * times_x), at.height / (height * times_y));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

void
cnn_draw_pixels (cairo_t *cr, PangoContext *context, const guint8 *rgba, guint width, guint height,
                 const CnnRect *to)
{
  CnnRect at = cnn_rect_on_grid (context, to);

  if (width == 0 || height == 0)
    return;
  if (cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_IMAGE)
    draw_on_pixels (cr, rgba, width, height, &at);
  else
    draw_into_file (cr, context, rgba, width, height, at);
}
