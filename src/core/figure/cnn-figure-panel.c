/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cnn-figure-private.h"

#define LEGEND_GAP 3.0
#define LEGEND_LINE 8.5
#define LEGEND_MOST 90.0
#define LEGEND_SHARE 0.27 /* of the page, where that is more */

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  const CnnClassCount *one = a, *two = b;

  return one->count != two->count ? (one->count < two->count ? 1 : -1) : one->index < two->index ? -1 : 1;
}

/* The cells of each class, counted on the sweep's own grid where the map has it. */
static GArray *
count_classes (const CnnMap *map)
{
  g_autoptr (GHashTable) table = g_hash_table_new (NULL, NULL);
  GArray *classes = g_array_new (FALSE, FALSE, sizeof (CnnClassCount));
  const float *values = map->classes != NULL ? map->classes : map->raw != NULL ? map->raw : map->values;
  gsize n = values == map->values ? (gsize)map->width * map->height : (gsize)map->raw_width * map->raw_height;
  GHashTableIter iter;
  gpointer key, value;

  for (gsize i = 0; i < n; i++) {
    if (!(values[i] >= 0 && values[i] < 1e6f))
      continue;
    key = GUINT_TO_POINTER ((guint)lroundf (values[i]));
    value = g_hash_table_lookup (table, key);
    g_hash_table_insert (table, key, GSIZE_TO_POINTER (GPOINTER_TO_SIZE (value) + 1));
  }
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    CnnClassCount count = { GPOINTER_TO_UINT (key), GPOINTER_TO_SIZE (value) };

    g_array_append_val (classes, count);
  }
  g_array_sort (classes, compare_counts);
  return classes;
}

/* " (7)" behind a class's name. */
static char *
count_text (const CnnClassCount *count)
{
  return g_strdup_printf (" (%" G_GSIZE_FORMAT ")", count->count);
}

static void
measure_legend (CnnPanel *panel, CnnFigure *figure, PangoContext *context, double available)
{
  g_clear_pointer (&panel->classes, g_array_unref);
  panel->classes = count_classes (panel->map);
  panel->label_width = 20;
  for (guint i = 0; i < MIN (panel->classes->len, 12); i++) {
    const CnnClassCount *count = &g_array_index (panel->classes, CnnClassCount, i);
    g_autofree char *name = cnn_figure_class_name (figure, count->index), *text = count_text (count);
    double width = cnn_text_width (context, name, CNN_TEXT_LABEL, FALSE) +
                   cnn_text_width (context, text, CNN_TEXT_LABEL, FALSE) + 1;

    panel->label_width =
        fmin (fmax (panel->label_width, width), fmax (LEGEND_MOST, LEGEND_SHARE * available));
  }
  panel->fixed_width = LEGEND_GAP + 8 + panel->label_width;
  panel->least_height = LEGEND_LINE * MIN (panel->classes->len, 3);
}

static void
measure_bar (CnnPanel *panel, PangoContext *context)
{
  cnn_map_style_resolve (&panel->style, panel->map, &panel->colormap, &panel->low, &panel->high);
  if (panel->has_bar)
    cnn_panel_measure_bar (panel, context);
  else
    panel->fixed_width = 0;
}

static void
measure_prediction (CnnPanel *panel, PangoContext *context, double available)
{
  guint n = MIN (panel->top, panel->prediction->n);

  panel->label_width = 6;
  for (guint i = 0; i < n; i++)
    panel->label_width =
        fmax (panel->label_width,
              cnn_text_width (context, panel->prediction->entries[i].label, CNN_TEXT_LABEL, FALSE) + 1);
  panel->label_width = fmin (panel->label_width, fmax (available * 0.25, 80));
  panel->aspect = 0;
  panel->fixed_width = fmin (panel->label_width + 95, available);
  panel->least_height = n * 10.0;
}

/* The pixels that are drawn: of the picture, or of the finer one of a map and what is below it. */
static void
panel_size (const CnnPanel *panel, guint *width, guint *height)
{
  guint image_width = panel->image != NULL ? cnn_image_get_width (panel->image) : 0;
  guint image_height = panel->image != NULL ? cnn_image_get_height (panel->image) : 0;
  gboolean finer =
      panel->map == NULL || (image_width > panel->map->width && image_height > panel->map->height);

  *width = finer ? image_width : panel->map->width;
  *height = finer ? image_height : panel->map->height;
}

void
cnn_panel_measure (CnnPanel *panel, CnnFigure *figure, PangoContext *context, double available)
{
  guint width = 1, height = 1;

  panel->fixed_width = panel->fixed_height = panel->least_height = 0;
  panel->pixel_width = panel->pixel_height = 0;
  switch (panel->kind) {
  case CNN_PANEL_IMAGE:
    width = cnn_image_get_width (panel->image);
    height = cnn_image_get_height (panel->image);
    break;
  case CNN_PANEL_MAP:
    width = panel->map->width;
    height = panel->map->height;
    if (panel->map->kind == CNN_MAP_CLASS)
      measure_legend (panel, figure, context, available);
    else
      measure_bar (panel, context);
    break;
  case CNN_PANEL_GALLERY:
    cnn_panel_measure_gallery (panel, context, available);
    return;
  case CNN_PANEL_TABLE:
    cnn_panel_measure_table (panel, context, available);
    return;
  case CNN_PANEL_DIAGRAM:
    cnn_diagram_get_size (panel->diagram, &panel->fixed_width, &panel->least_height);
    if (panel->diagram_page >= 0)
      cnn_diagram_get_page (panel->diagram, (guint)panel->diagram_page, &panel->diagram_top,
                            &panel->least_height);
    panel->aspect = 0;
    return;
  case CNN_PANEL_PREDICTION:
    measure_prediction (panel, context, available);
    return;
  default:
    return;
  }
  panel->aspect = CLAMP ((double)MAX (width, 1) / MAX (height, 1), 0.05, 20);
  panel_size (panel, &panel->pixel_width, &panel->pixel_height);
}

/* The map over its picture as one opaque raster at the finer one's size: files need no blending of their own.
 */
static guint8 *
compose (const CnnPanel *panel, guint *width, guint *height)
{
  const CnnMap *map = panel->map;
  g_autofree guint8 *colours = cnn_map_render (map, &panel->style);
  const guint8 *picture = panel->image != NULL ? cnn_image_get_data (panel->image) : NULL;
  guint image_width = picture != NULL ? cnn_image_get_width (panel->image) : 0;
  guint image_height = picture != NULL ? cnn_image_get_height (panel->image) : 0;
  double opacity = picture != NULL ? panel->style.opacity : 1;
  guint8 *out;

  panel_size (panel, width, height);
  out = g_malloc_n ((gsize)*width * *height, 4);
  for (guint y = 0; y < *height; y++) {
    const guint8 *map_row = colours + 4 * (gsize)map->width * ((guint64)y * map->height / *height);

    for (guint x = 0; x < *width; x++) {
      const guint8 *above = map_row + 4 * ((guint64)x * map->width / *width);
      guint8 *to = out + 4 * ((gsize)y * *width + x);
      double alpha = opacity * above[3] / 255;
      static const guint8 paper[4] = { 255, 255, 255, 255 };
      const guint8 *below = paper;

      if (picture != NULL)
        below = picture + 4 * ((gsize)((guint64)y * image_height / *height) * image_width +
                               (guint64)x * image_width / *width);
      for (int c = 0; c < 3; c++) {
        double under = 255 + (below[c] - 255.0) * below[3] / 255;

        to[c] = (guint8)lround (under + (above[c] - under) * alpha);
      }
      to[3] = 255;
    }
  }
  return out;
}

static void
draw_legend (CnnPanel *panel, CnnFigure *figure, cairo_t *cr, PangoContext *context, const CnnRect *map)
{
  guint room = (guint)fmax (floor (map->height / LEGEND_LINE), 1), n = panel->classes->len;
  guint shown = n <= room ? n : MAX (room, 2) - 1;
  double x = map->x + map->width + LEGEND_GAP, y = map->y + LEGEND_LINE / 2;

  for (guint i = 0; i < shown; i++, y += LEGEND_LINE) {
    CnnClassCount *count = &g_array_index (panel->classes, CnnClassCount, i);
    g_autofree char *name = cnn_figure_class_name (figure, count->index), *text = count_text (count);
    double width = cnn_text_width (context, text, CNN_TEXT_LABEL, FALSE);
    double room_for_name =
        fmin (cnn_text_width (context, name, CNN_TEXT_LABEL, FALSE) + 0.5, panel->label_width - width);
    CnnRect box = { x, y - 2.75, 5.5, 5.5 };
    guint8 rgba[4];

    cnn_colormap_class (count->index, rgba);
    cairo_set_source_rgb (cr, rgba[0] / 255.0, rgba[1] / 255.0, rgba[2] / 255.0);
    cairo_rectangle (cr, box.x, box.y, box.width, box.height);
    cairo_fill (cr);
    cnn_draw_frame (cr, context, &box);
    cnn_set_color (cr, panel->theme->ink);
    cnn_text_draw (cr, context, name, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, x + 8, y, room_for_name);
    cnn_text_draw (cr, context, text, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, x + 8 + room_for_name, y, 0);
  }
  if (shown < n) {
    g_autofree char *more = g_strdup_printf (_ ("+%u more"), n - shown);

    cnn_text_draw (cr, context, more, CNN_TEXT_LABEL, CNN_ALIGN_LEFT, x, y, panel->label_width + 8);
  }
}

/* A map that has but one value is named, not drawn as if it were a picture. */
static void
draw_flat_note (const CnnPanel *panel, cairo_t *cr, PangoContext *context, const CnnRect *rect)
{
  g_autofree char *text = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  PangoRectangle logical;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (panel->map->kind == CNN_MAP_CLASS || panel->map->min != panel->map->max)
    return;
  /* not "-0" */
  g_ascii_formatd (number, sizeof number, "%.3g", panel->map->min == 0 ? 0 : panel->map->min);
  text =
      panel->map->min == 0 ? g_strdup (_ ("zero everywhere")) : g_strdup_printf (_ ("%s everywhere"), number);
  /* a small panel has room for the number alone */
  layout = cnn_text_layout (
      context, cnn_text_width (context, text, CNN_TEXT_LABEL, FALSE) < rect->width ? text : number,
      CNN_TEXT_LABEL, FALSE, rect->width);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_get_extents (layout, NULL, &logical);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.85);
  cairo_rectangle (cr, rect->x, rect->y + rect->height / 2 - 6, rect->width, 12);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  cnn_text_show (cr, layout, rect->x, rect->y + rect->height / 2 - (double)logical.height / PANGO_SCALE / 2);
}

static void
draw_map (CnnPanel *panel, CnnFigure *figure, cairo_t *cr, PangoContext *context)
{
  CnnRect rect = panel->content;
  g_autofree guint8 *pixels = NULL;
  guint width, height;

  rect.width = fmax (rect.width - panel->fixed_width, 1);
  pixels = compose (panel, &width, &height);
  cnn_draw_pixels (cr, context, pixels, width, height, &rect);
  cnn_draw_frame (cr, context, &rect);
  draw_flat_note (panel, cr, context, &rect);
  if (panel->map->kind == CNN_MAP_CLASS)
    draw_legend (panel, figure, cr, context, &rect);
  else if (panel->has_bar)
    cnn_panel_draw_bar (panel, cr, context, &rect);
}

static void
draw_diagram (CnnPanel *panel, gboolean dark, cairo_t *cr, PangoContext *context)
{
  double top = panel->diagram_page >= 0 ? panel->diagram_top : 0;

  cairo_save (cr);
  cairo_translate (cr, panel->content.x, cnn_grid (context, panel->content.y - top));
  cnn_diagram_draw_part (panel->diagram, cr, dark, 1, 0, top, panel->fixed_width, panel->least_height);
  cairo_restore (cr);
}

/* The letter in bold, then the heading. */
PangoLayout *
cnn_panel_heading (const CnnPanel *panel, PangoContext *context, double width)
{
  const char *heading = panel->heading != NULL && !panel->hides_heading ? panel->heading : "";
  gboolean both = panel->letter != NULL && *heading != '\0';
  g_autofree char *text =
      g_strconcat (panel->letter != NULL ? panel->letter : "", both ? " " : "", heading, NULL);
  PangoLayout *layout = cnn_text_layout (context, text, CNN_TEXT_HEADING, FALSE, width);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* no letter is added to a name that is broken */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  if (panel->letter != NULL) {
    PangoAttribute *bold = pango_attr_weight_new (PANGO_WEIGHT_BOLD);

    bold->start_index = 0;
    bold->end_index = (guint)strlen (panel->letter);
    pango_attr_list_insert (attributes, bold);
  }
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static void
draw_heading (const CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  g_autoptr (PangoLayout) layout = cnn_panel_heading (panel, context, panel->content.width);

  cnn_set_color (cr, panel->theme->ink);
  cnn_text_show (cr, layout, panel->content.x, panel->heading_y);
}

void
cnn_panel_draw (CnnPanel *panel, CnnFigure *figure, cairo_t *cr, PangoContext *context)
{
  draw_heading (panel, cr, context);
  switch (panel->kind) {
  case CNN_PANEL_IMAGE:
    cnn_draw_pixels (cr, context, cnn_image_get_data (panel->image), cnn_image_get_width (panel->image),
                     cnn_image_get_height (panel->image), &panel->content);
    cnn_draw_frame (cr, context, &panel->content);
    break;
  case CNN_PANEL_MAP:
    draw_map (panel, figure, cr, context);
    break;
  case CNN_PANEL_GALLERY:
    cnn_panel_draw_gallery (panel, cr, context);
    break;
  case CNN_PANEL_TABLE:
    cnn_panel_draw_table (panel, cr, context);
    break;
  case CNN_PANEL_DIAGRAM:
    draw_diagram (panel, figure->dark, cr, context);
    break;
  case CNN_PANEL_PREDICTION:
  default:
    cnn_panel_draw_prediction (panel, cr, context);
    break;
  }
}
