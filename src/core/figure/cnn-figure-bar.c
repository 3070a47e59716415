/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour bars: a scale with numbers and what they are. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cnn-figure-private.h"

#define BAR_WIDTH 5.0
#define BAR_GAP 3.0
#define TICK 2.0
#define UNIT_WIDTH 8.0

const char *
cnn_map_get_unit (const CnnMap *map)
{
  static const struct {
    const char *method, *unit;
  } units[] = {
    { "saliency", N_ ("|gradient| of the score") },   { "smooth-grad", N_ ("|gradient| of the score") },
    { "grad-cam", N_ ("weighted activation") },       { "grad-cam++", N_ ("weighted activation") },
    { "hires-cam", N_ ("weighted activation") },      { "layer-cam", N_ ("weighted activation") },
    { "score-cam", N_ ("weighted activation") },      { "activation", N_ ("activation") },
    { "gradient-x-input", N_ ("part of the score") }, { "integrated-gradients", N_ ("part of the score") },
  };

  if (map->kind == CNN_MAP_PROBABILITY)
    return _ ("probability");
  if (g_strcmp0 (map->method, "occlusion") == 0)
    return _ ("drop of the probability");
  /* a map that was scaled to its own largest value has no unit any more */
  if (map->scaled_low < map->scaled_high)
    return _ ("relative to the largest");
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_strcmp0 (map->method, units[i].method) == 0)
      return _ (units[i].unit);
  return NULL;
}

void
cnn_panel_measure_bar (CnnPanel *panel, PangoContext *context)
{
  g_autofree char *factor = NULL;

  cnn_ticks_clear (&panel->ticks);
  cnn_ticks_init (&panel->ticks, panel->low, panel->high, 4);
  panel->label_width = 0;
  for (guint i = 0; i < panel->ticks.n; i++)
    panel->label_width =
        fmax (panel->label_width, cnn_text_width (context, panel->ticks.labels[i], CNN_TEXT_SMALL, FALSE));
  factor = cnn_ticks_factor (&panel->ticks);
  if (factor != NULL)
    panel->label_width =
        fmax (panel->label_width, cnn_text_width (context, factor, CNN_TEXT_SMALL, FALSE) - BAR_WIDTH);
  panel->fixed_width =
      BAR_GAP + BAR_WIDTH + TICK + 1 + panel->label_width + (panel->unit != NULL ? UNIT_WIDTH : 0);
}

/* Every so manieth tick, so that their numbers do not touch; zero, if it is there, is among them. */
static guint
tick_step (const CnnPanel *panel, const CnnRect *bar, guint *first)
{
  const CnnTicks *ticks = &panel->ticks;
  double spacing =
      ticks->n > 1 ? bar->height * (ticks->values[1] - ticks->values[0]) / ((double)panel->high - panel->low)
                   : bar->height;
  /* numbers at the ends are moved inwards */
  gboolean to_the_end =
      ticks->n > 0 && ticks->values[ticks->n - 1] > panel->high - 0.05 * (panel->high - panel->low);
  guint step = (guint)CLAMP (ceil ((to_the_end ? 9 : 7.2) / fmax (spacing, 0.1)), 1, 100);

  *first = 0;
  for (guint i = 0; i < ticks->n; i++)
    if (fabs (ticks->values[i]) <= 0)
      *first = i % step;
  return step;
}

static void
draw_ticks (CnnPanel *panel, cairo_t *cr, PangoContext *context, const CnnRect *bar)
{
  guint first, step = tick_step (panel, bar, &first);

  for (guint i = first; i < panel->ticks.n; i += step) {
    double value = panel->ticks.values[i];
    double y = bar->y + bar->height * (1 - (value - panel->low) / ((double)panel->high - panel->low));
    gboolean zero = value == 0;

    /* zero is marked across the bar */
    cairo_set_line_width (cr, (zero ? 2 : 1) * cnn_grid_step (context));
    cairo_move_to (cr, cnn_grid (context, zero ? bar->x - 1 : bar->x + bar->width),
                   cnn_grid (context, y) - (zero ? 0 : cnn_grid_step (context) / 2));
    cairo_line_to (cr, cnn_grid (context, bar->x + bar->width + TICK),
                   cnn_grid (context, y) - (zero ? 0 : cnn_grid_step (context) / 2));
    cairo_stroke (cr);
    y = CLAMP (y, bar->y + CNN_TEXT_SMALL * 0.45, bar->y + bar->height - CNN_TEXT_SMALL * 0.45);
    cnn_text_draw (cr, context, panel->ticks.labels[i], CNN_TEXT_SMALL, CNN_ALIGN_LEFT,
                   bar->x + bar->width + TICK + 1, y, 0);
  }
}

/* From bottom to top beside the numbers; not where the bar is too short for it. */
static void
draw_unit (const CnnPanel *panel, cairo_t *cr, PangoContext *context, const CnnRect *beside)
{
  if (panel->unit == NULL || cnn_text_width (context, panel->unit, CNN_TEXT_SMALL, FALSE) > beside->height)
    return;
  cairo_save (cr);
  cairo_translate (cr, cnn_grid (context, beside->x + beside->width + panel->fixed_width - UNIT_WIDTH / 2),
                   cnn_grid (context, beside->y + beside->height / 2));
  cairo_rotate (cr, -G_PI_2);
  cnn_text_draw (cr, context, panel->unit, CNN_TEXT_SMALL, CNN_ALIGN_CENTER, 0, 0, 0);
  cairo_restore (cr);
}

void
cnn_panel_draw_bar (CnnPanel *panel, cairo_t *cr, PangoContext *context, const CnnRect *beside)
{
  g_autofree char *factor = cnn_ticks_factor (&panel->ticks);
  double top = factor != NULL ? CNN_TEXT_SMALL + 3 : 0;
  CnnRect bar = { beside->x + beside->width + BAR_GAP, beside->y + top, BAR_WIDTH, beside->height - top };
  guint8 colours[256 * 4];

  for (int i = 0; i < 256; i++)
    cnn_colormap_lookup (panel->colormap, (float)(255 - i) / 255, colours + 4 * i);
  cnn_draw_pixels (cr, context, colours, 1, 256, &bar);
  cnn_draw_frame (cr, context, &bar);
  cnn_set_color (cr, panel->theme->ink);
  if (factor != NULL)
    cnn_text_draw (cr, context, factor, CNN_TEXT_SMALL, CNN_ALIGN_LEFT, bar.x,
                   beside->y + CNN_TEXT_SMALL / 2 + 0.5, 0);
  draw_ticks (panel, cr, context, &bar);
  draw_unit (panel, cr, context, beside);
}
