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

char *
cnn_panel_gallery_note (const CnnPanel *panel)
{
  if (panel->shown >= panel->gallery->n)
    return NULL;
  return g_strdup_printf (_ ("The first %u of %u filters."), panel->shown, panel->gallery->n);
}

void
cnn_panel_draw_gallery (CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  const CnnGallery *gallery = panel->gallery;
  const CnnRect *area = &panel->content;
  g_autofree char *note = cnn_panel_gallery_note (panel);
  double label = CNN_TEXT_SMALL + 2.5, room = area->height - (note != NULL ? 10 : 0);
  double cell_width = (area->width - 2.0 * (panel->columns - 1)) / panel->columns;
  double cell_height = room / panel->rows - label;

  for (guint i = 0; i < MIN (panel->shown, gallery->n); i++) {
    CnnRect cell = { area->x + (cell_width + 2) * (i % panel->columns),
                     area->y + (cell_height + label) * (i / panel->columns) + label - 1, cell_width,
                     cell_height };
    g_autofree guint8 *pixels = render_cell (panel, i);
    char number[16];

    cnn_draw_pixels (cr, pixels, gallery->width, gallery->height, &cell);
    cnn_draw_frame (cr, &cell);
    g_snprintf (number, sizeof number, "%u", i);
    cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
    cnn_text_draw (cr, context, number, CNN_TEXT_SMALL, CNN_ALIGN_LEFT, cell.x,
                   cell.y - CNN_TEXT_SMALL / 2 - 0.8, 0);
  }
  if (note != NULL)
    cnn_text_draw (cr, context, note, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, area->x, area->y + area->height - 4,
                   area->width);
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

static void
draw_entry (const CnnPanel *panel, guint index, cairo_t *cr, PangoContext *context, const CnnRect *line)
{
  const CnnPredictionEntry *entry = &panel->prediction->entries[index];
  g_autofree char *percent = format_percent (entry->probability);
  double left = line->x + panel->label_width + 3, full = fmax (line->x + line->width - left - 28, 4);
  double thick = fmin (line->height * 0.7, 9), y = line->y + line->height / 2;

  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  cnn_text_draw (cr, context, entry->label, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, line->x, y, panel->label_width);
  cnn_text_draw (cr, context, percent, CNN_TEXT_LABEL, CNN_ALIGN_RIGHT, line->x + line->width, y, 0);
  cairo_set_source_rgb (cr, 0.92, 0.92, 0.92);
  cairo_rectangle (cr, left, y - thick / 2, full, thick);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.12, 0.40, 0.70);
  cairo_rectangle (cr, left, y - thick / 2, bar_length (entry->probability, full), thick);
  cairo_fill (cr);
  if (panel->clean != NULL && entry->class_index >= 0 && (guint)entry->class_index < panel->clean->n) {
    double x = left + bar_length (panel->clean->probabilities[entry->class_index], full);

    cairo_set_source_rgb (cr, 0.75, 0.2, 0.1);
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

    draw_entry (panel, i, cr, context, &line);
  }
}
