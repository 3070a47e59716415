/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cnn-figure-private.h"

#define GRID_KEY "cnn-grid"
#define INSET 0.125 /* of a pixel */
#define FAMILY "DejaVu Sans, Cantarell, Sans"

/* Of a page, in points. */
typedef struct {
  double step, inset;
  guint pixels; /* of a PNG, to a step; 0: any */
} Grid;

PangoContext *
cnn_text_context_new (double dpi)
{
  /* the default font map is the calling thread's own */
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();
  /* as near to the usual one as whole pixels allow */
  double pixels = fmax (round (dpi * CNN_GRID / 72), 1);
  Grid grid = { dpi >= 60 ? 72 * pixels / dpi : CNN_GRID, 0, dpi >= 60 ? (guint)pixels : 0 };

  grid.inset = INSET * grid.step / pixels;

  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  pango_cairo_context_set_resolution (context, 72);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
  g_object_set_data_full (G_OBJECT (context), GRID_KEY, g_memdup2 (&grid, sizeof grid), g_free);
  return context;
}

PangoLayout *
cnn_text_layout (PangoContext *context, const char *text, double size, gboolean bold, double width)
{
  g_autoptr (PangoFontDescription) font = pango_font_description_from_string (FAMILY);
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  PangoLayout *layout = pango_layout_new (context);

  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  if (bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, valid, -1);
  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  } else {
    pango_layout_set_single_paragraph_mode (layout, TRUE);
  }
  return layout;
}

double
cnn_text_width (PangoContext *context, const char *text, double size, gboolean bold)
{
  g_autoptr (PangoLayout) layout = cnn_text_layout (context, text, size, bold, 0);
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  return (double)logical.width / PANGO_SCALE;
}

double
cnn_text_height (PangoContext *context, const char *text, double size, gboolean bold, double width)
{
  g_autoptr (PangoLayout) layout = cnn_text_layout (context, text, size, bold, width);
  PangoRectangle logical;

  if (text == NULL || *text == '\0')
    return 0;
  pango_layout_get_extents (layout, NULL, &logical);
  return (double)logical.height / PANGO_SCALE;
}

static const Grid *
get_grid (PangoContext *context)
{
  static const Grid usual = { CNN_GRID, INSET * CNN_GRID, 0 };
  const Grid *grid = g_object_get_data (G_OBJECT (context), GRID_KEY);

  return grid != NULL ? grid : &usual;
}

double
cnn_grid_step (PangoContext *context)
{
  return get_grid (context)->step;
}

guint
cnn_grid_pixels (PangoContext *context)
{
  return get_grid (context)->pixels;
}

double
cnn_grid_inset (PangoContext *context)
{
  return get_grid (context)->inset;
}

double
cnn_grid (PangoContext *context, double points)
{
  double step = cnn_grid_step (context);

  return round (points / step) * step;
}

/* Off the baseline by turns: a difference that nobody sees, but more than the thousandth of a letter's height
 * up to which Cairo does not say anew where a word is. */
#define WORD_SHIFT 0.02

/* The end of the first word of @text, before @end: names of layers are long, but have parts. */
static const char *
find_word_end (const char *text, const char *end)
{
  while (text < end && strchr (" _/.", *text) == NULL)
    text++;
  return text < end ? text : NULL;
}

/*
 * In a PDF the advances of letters are whole thousandths of their size, whose error adds up along what is
 * shown at once: so each word is shown on its own.
 */
static void
show_words (cairo_t *cr, const char *text, PangoLayoutLine *line, double x, double baseline)
{
  guint n = 0;

  for (GSList *run = line->runs; run != NULL; run = run->next) {
    PangoGlyphItem *rest = pango_glyph_item_copy (run->data);

    while (rest != NULL) {
      const PangoItem *item = rest->item;
      const char *start = text + item->offset, *space = NULL;
      PangoGlyphItem *word = NULL;

      /* the letters of what is read from the right stand in another order than their text, an ellipsis for
       * text that is not there */
      if (item->analysis.level % 2 == 0 && (item->analysis.flags & PANGO_ANALYSIS_FLAG_IS_ELLIPSIS) == 0)
        space = find_word_end (start, start + item->length);
      if (space != NULL && space + 1 < start + item->length)
        word = pango_glyph_item_split (rest, text, (int)(space + 1 - start));
      if (word == NULL)
        word = g_steal_pointer (&rest);
      cairo_move_to (cr, x, baseline + (n++ % 2 == 0 ? 0 : WORD_SHIFT));
      pango_cairo_show_glyph_item (cr, text, word);
      x += (double)pango_glyph_string_get_width (word->glyphs) / PANGO_SCALE;
      pango_glyph_item_free (word);
    }
  }
}

static void
show_line (cairo_t *cr, const char *text, PangoLayoutLine *line, double x, double baseline)
{
  switch (cairo_surface_get_type (cairo_get_target (cr))) {
  case CAIRO_SURFACE_TYPE_PDF:
    show_words (cr, text, line, x, baseline + cnn_grid_inset (pango_layout_get_context (line->layout)));
    break;
  case CAIRO_SURFACE_TYPE_IMAGE:
    /* on pixels Cairo would move each glyph to a whole one, unlike in SVG and PDF */
    cairo_move_to (cr, x, baseline);
    pango_cairo_layout_line_path (cr, line);
    cairo_fill (cr);
    break;
  default:
    cairo_move_to (cr, x, baseline);
    pango_cairo_show_layout_line (cr, line);
    break;
  }
}

void
cnn_text_show (cairo_t *cr, PangoLayout *layout, double x, double y)
{
  PangoLayoutIter *iter = pango_layout_get_iter (layout);

  do {
    double baseline = cnn_grid (pango_layout_get_context (layout),
                                y + (double)pango_layout_iter_get_baseline (iter) / PANGO_SCALE);
    PangoRectangle logical;

    pango_layout_iter_get_line_extents (iter, NULL, &logical);
    show_line (cr, pango_layout_get_text (layout), pango_layout_iter_get_line_readonly (iter),
               x + (double)logical.x / PANGO_SCALE, baseline);
  } while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

void
cnn_text_draw (cairo_t *cr, PangoContext *context, const char *text, double size, CnnAlign align, double x,
               double y, double width)
{
  g_autoptr (PangoLayout) layout = cnn_text_layout (context, text, size, FALSE, 0);
  PangoRectangle logical;
  double shift;

  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  }
  pango_layout_get_extents (layout, NULL, &logical);
  shift = (double)logical.width / PANGO_SCALE;
  shift = align == CNN_ALIGN_LEFT ? 0 : align == CNN_ALIGN_CENTER ? shift / 2 : shift;
  cnn_text_show (cr, layout, x - shift - (double)logical.x / PANGO_SCALE,
                 y - (double)logical.height / PANGO_SCALE / 2);
}
