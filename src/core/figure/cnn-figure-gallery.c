/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "cnn-figure-private.h"

/* Colour pictures of a first layer: each stretched from its least to its largest value. */
static guint8 *
render_rgb (const CnnGallery *gallery, const float *values, float low, float high)
{
  gsize n = (gsize)gallery->width * gallery->height;
  guint8 *rgba = g_malloc_n (n, 4);
  float scale = high > low ? 255 / (high - low) : 0;

  for (gsize i = 0; i < n; i++) {
    for (int c = 0; c < 3; c++) {
      float level = (values[(gsize)c * n + i] - low) * scale;

      rgba[4 * i + (gsize)c] = (guint8)lroundf (level >= 0 ? fminf (level, 255) : 0);
    }
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

static guint8 *
render_cell (const CnnPanel *panel, guint index)
{
  const CnnGallery *gallery = panel->gallery;
  gsize n = (gsize)gallery->width * gallery->height;
  CnnMap map = { .width = gallery->width, .height = gallery->height };
  gboolean own_range = panel->style.own_range && panel->style.low < panel->style.high;

  map.values = gallery->values + (gsize)index * gallery->channels * n;
  map.min = gallery->min[index];
  map.max = gallery->max[index];
  if (gallery->channels == 3)
    return render_rgb (gallery, map.values, own_range ? panel->style.low : map.min,
                       own_range ? panel->style.high : map.max);
  map.kind = gallery->is_kernels ? CNN_MAP_SIGNED : CNN_MAP_ACTIVATION;
  return cnn_map_render (&map, &panel->style);
}

#define NOTE_HEIGHT 10.0
#define LABEL_HEIGHT (CNN_TEXT_SMALL + 2.5) /* over a cell */
#define CELL_GAP 2.0

static guint
count_all (const CnnPanel *panel)
{
  return panel->channels != NULL ? panel->n_channels : panel->gallery->n;
}

/* One scale for all cells is worth a bar. */
static gboolean
has_bar (const CnnPanel *panel)
{
  return panel->style.own_range && panel->style.low < panel->style.high && panel->gallery->channels == 1;
}

/* Columns so that the last row is nearly full and the whole nearly square, a little wider rather than taller.
 */
static void
choose_columns (CnnPanel *panel, guint most, double cell_aspect)
{
  double best = G_MAXDOUBLE;

  for (guint columns = MIN (most, panel->shown); columns >= 1; columns--) {
    guint rows = (panel->shown + columns - 1) / columns;
    double waste = ((double)columns * rows - panel->shown) / panel->shown;
    double cost = waste + 0.05 * fabs (log (columns * cell_aspect / (1.4 * rows)));

    if (cost < best) {
      best = cost;
      panel->columns = columns;
    }
  }
}

void
cnn_panel_measure_gallery (CnnPanel *panel, PangoContext *context, double available)
{
  const CnnGallery *gallery = panel->gallery;
  double cell_aspect = CLAMP ((double)MAX (gallery->width, 1) / MAX (gallery->height, 1), 0.1, 10);
  guint most = (guint)CLAMP (available / 17, 1, 40), n = count_all (panel);
  double bar = 0;

  if (has_bar (panel)) {
    CnnMap map = { .kind = gallery->is_kernels ? CNN_MAP_SIGNED : CNN_MAP_ACTIVATION };

    cnn_map_style_resolve (&panel->style, &map, &panel->colormap, &panel->low, &panel->high);
    cnn_panel_measure_bar (panel, context);
    bar = panel->fixed_width;
  }
  panel->shown = MAX (panel->forced_columns > 0 ? n : MIN (n, most * MAX (most * 5 / 4, 4)), 1);
  if (panel->forced_columns > 0)
    panel->columns = panel->forced_columns;
  else
    choose_columns (panel, most, cell_aspect);
  panel->rows = (panel->shown + panel->columns - 1) / panel->columns;
  panel->aspect = panel->columns * cell_aspect / panel->rows;
  panel->fixed_width = CELL_GAP * (panel->columns - 1) + bar;
  panel->fixed_height = LABEL_HEIGHT * panel->rows + (n > panel->shown ? NOTE_HEIGHT : 0);
  panel->label_width = bar;
}

char *
cnn_panel_gallery_note (const CnnPanel *panel)
{
  if (panel->shown >= count_all (panel))
    return NULL;
  return g_strdup_printf (_ ("The first %u of %u filters."), panel->shown, count_all (panel));
}

static void
draw_cell (CnnPanel *panel, guint index, const CnnRect *cell, cairo_t *cr, PangoContext *context)
{
  guint channel = panel->channels != NULL ? panel->channels[index] : index;
  g_autofree guint8 *pixels = render_cell (panel, channel);
  char number[16];

  cnn_draw_pixels (cr, context, pixels, panel->gallery->width, panel->gallery->height, cell);
  cnn_draw_frame (cr, context, cell);
  g_snprintf (number, sizeof number, "%u", channel);
  cnn_set_color (cr, panel->theme->ink);
  cnn_text_draw (cr, context, number, CNN_TEXT_SMALL, CNN_ALIGN_LEFT, cell->x,
                 cell->y - CNN_TEXT_SMALL / 2 - 0.8, 0);
}

static double
cost_of_cell (guint steps, gpointer data)
{
  const CnnPanel *panel = data;
  const CnnGallery *gallery = panel->gallery;

  return cnn_pixels_cost ((double)steps * gallery->width / gallery->height, steps, gallery->width,
                          gallery->height);
}

/* The greatest cell that fits and has whole pixels. */
static void
fit_cell (CnnPanel *panel, PangoContext *context, double *width, double *height)
{
  const CnnGallery *gallery = panel->gallery;
  double aspect = (double)MAX (gallery->width, 1) / MAX (gallery->height, 1);

  if (aspect < 0.1 || aspect > 10 || gallery->width == 0 || gallery->height == 0)
    return;
  *height = cnn_pixels_fit (context, fmin (*height, *width / aspect), cost_of_cell, panel);
  *width = *height * aspect;
}

double
cnn_panel_trim_gallery (CnnPanel *panel, PangoContext *context, double height)
{
  double room = fmax (height - panel->fixed_height, panel->rows);
  double cell_height = room / panel->rows, cell_width = panel->aspect * room / panel->columns;

  fit_cell (panel, context, &cell_width, &cell_height);
  return panel->fixed_height + cell_height * panel->rows;
}

void
cnn_panel_draw_gallery (CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  const CnnRect *area = &panel->content;
  g_autofree char *note = cnn_panel_gallery_note (panel);
  double bar = has_bar (panel) ? panel->label_width : 0, label = LABEL_HEIGHT;
  double room = area->height - (note != NULL ? NOTE_HEIGHT : 0);
  double cell_width = (area->width - bar - CELL_GAP * (panel->columns - 1)) / panel->columns;
  double cell_height = room / panel->rows - label;

  fit_cell (panel, context, &cell_width, &cell_height);
  for (guint i = 0; i < MIN (panel->shown, count_all (panel)); i++) {
    CnnRect cell = { area->x + (cell_width + CELL_GAP) * (i % panel->columns),
                     area->y + (cell_height + label) * (i / panel->columns) + label - 1, cell_width,
                     cell_height };

    draw_cell (panel, i, &cell, cr, context);
  }
  if (bar > 0) {
    CnnRect beside = { area->x, area->y + label - 1, (cell_width + CELL_GAP) * panel->columns - CELL_GAP,
                       fmin ((cell_height + label) * panel->rows - label, 110) };

    cnn_panel_draw_bar (panel, cr, context, &beside);
  }
  if (note != NULL) {
    cnn_set_color (cr, panel->theme->ink);
    cnn_text_draw (cr, context, note, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, area->x, area->y + area->height - 4,
                   area->width);
  }
}

/* "99.1 %", and what is next to nothing is not called nothing. */
static char *
format_percent (float probability)
{
  char buffer[32];

  if (!isfinite (probability))
    return g_strdup ("\u2013");
  if (probability > 0 && probability < 0.0005f)
    return g_strdup ("<0.1%");
  g_ascii_formatd (buffer, sizeof buffer, "%.1f", 100.0 * probability);
  return g_strconcat (buffer, "%", NULL);
}

static double
bar_length (float probability, double full)
{
  return isfinite (probability) ? full * CLAMP (probability, 0, 1) : 0;
}

/* An output that is no class of a choice has its value for a bar. */
static void
draw_score (const CnnPanel *panel, const CnnPredictionEntry *entry, cairo_t *cr, PangoContext *context,
            const CnnRect *line)
{
  char score[G_ASCII_DTOSTR_BUF_SIZE];
  double y = line->y + line->height / 2;

  g_ascii_formatd (score, sizeof score, "%.4g", (double)entry->score);
  cnn_set_color (cr, panel->theme->ink);
  cnn_text_draw (cr, context, entry->label, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, line->x, y, panel->label_width);
  cnn_text_draw (cr, context, score, CNN_TEXT_LABEL, CNN_ALIGN_RIGHT, line->x + line->width, y, 0);
}

static void
draw_entry (const CnnPanel *panel, guint index, cairo_t *cr, PangoContext *context, const CnnRect *line)
{
  const CnnPredictionEntry *entry = &panel->prediction->entries[index];
  g_autofree char *percent = format_percent (entry->probability);
  double left = line->x + panel->label_width + 3, full = fmax (line->x + line->width - left - 28, 4);
  double thick = fmin (line->height * 0.7, 9), y = line->y + line->height / 2;

  cnn_set_color (cr, panel->theme->ink);
  cnn_text_draw (cr, context, entry->label, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, line->x, y, panel->label_width);
  cnn_text_draw (cr, context, percent, CNN_TEXT_LABEL, CNN_ALIGN_RIGHT, line->x + line->width, y, 0);
  cnn_set_color (cr, panel->theme->trough);
  cairo_rectangle (cr, left, y - thick / 2, full, thick);
  cairo_fill (cr);
  cnn_set_color (cr, panel->theme->bar);
  cairo_rectangle (cr, left, y - thick / 2, bar_length (entry->probability, full), thick);
  cairo_fill (cr);
  if (panel->clean != NULL && entry->class_index >= 0 && (guint)entry->class_index < panel->clean->n) {
    double x = left + bar_length (panel->clean->probabilities[entry->class_index], full);

    cnn_set_color (cr, panel->theme->mark);
    cairo_set_line_width (cr, 1.2);
    cairo_move_to (cr, x, y - thick / 2 - 1);
    cairo_line_to (cr, x, y + thick / 2 + 1);
    cairo_stroke (cr);
  }
}

void
cnn_panel_draw_prediction (CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  guint n = MIN (panel->top, panel->prediction->n);
  double height = fmin (panel->content.height / MAX (n, 1), 16);

  for (guint i = 0; i < n; i++) {
    CnnRect line = { panel->content.x, panel->content.y + i * height, panel->content.width, height };

    if (cnn_model_has_probabilities (panel->prediction->model))
      draw_entry (panel, i, cr, context, &line);
    else
      draw_score (panel, &panel->prediction->entries[i], cr, context, &line);
  }
}
