/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-compared.h"

#include "methods/cnn-map-describe.h"

VizCompared *
viz_compared_ref (VizCompared *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
viz_compared_unref (VizCompared *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->grid->n_rows * self->grid->n_columns; i++) {
    g_clear_pointer (&self->maps[i], viz_raster_unref);
    g_free (self->words[i]);
  }
  g_free (self->maps);
  g_free (self->words);
  g_free (self->low);
  g_free (self->high);
  g_strfreev (self->headings);
  g_clear_pointer (&self->image, viz_raster_unref);
  cnn_compare_unref (self->grid);
  g_free (self);
}

/* The cell of @last that looks the same as this one, or NULL. */
static VizRaster *
find_same (const VizCompared *self, const VizCompared *last, guint cell)
{
  if (last == NULL || last->grid->n_rows != self->grid->n_rows ||
      last->grid->n_columns != self->grid->n_columns || last->maps[cell] == NULL ||
      last->grid->maps[cell] != self->grid->maps[cell] || last->colormap != self->colormap ||
      last->low[cell] < self->low[cell] || last->low[cell] > self->low[cell] ||
      last->high[cell] < self->high[cell] || last->high[cell] > self->high[cell])
    return NULL;
  return last->maps[cell];
}

static void
fill_cell (VizCompared *self, const VizCompared *last, guint row, guint column)
{
  guint cell = row * self->grid->n_columns + column;
  CnnMap *map = self->grid->maps[cell];
  VizRasterSource source = { .map = map, .style = { .colormap = self->colormap } };
  const CnnColormap *colormap;
  VizRaster *same;

  if (map == NULL)
    return;
  source.style.own_range =
      self->shared && cnn_compare_get_range (self->grid, row, column, &source.style.low, &source.style.high);
  cnn_map_style_resolve (&source.style, map, &colormap, &self->low[cell], &self->high[cell]);
  same = find_same (self, last, cell);
  self->maps[cell] = same != NULL ? viz_raster_ref (same) : viz_raster_source_render (&source);
  self->words[cell] = same != NULL ? g_strdup (last->words[cell]) : cnn_map_describe (map);
}

VizCompared *
viz_compared_new (CnnCompare *grid, const CnnColormap *colormap, gboolean shared, double progress,
                  const VizCompared *last)
{
  VizCompared *self = g_new0 (VizCompared, 1);
  gsize n = (gsize)grid->n_rows * grid->n_columns;

  g_atomic_ref_count_init (&self->refs);
  self->grid = cnn_compare_ref (grid);
  self->colormap = colormap;
  self->shared = shared;
  self->progress = progress;
  self->maps = g_new0 (VizRaster *, n);
  self->words = g_new0 (char *, n);
  self->low = g_new0 (float, n);
  self->high = g_new0 (float, n);
  self->headings = g_new0 (char *, grid->n_columns + 1);
  if (last != NULL && last->image != NULL && last->grid->image == grid->image)
    self->image = viz_raster_ref (last->image);
  else
    self->image =
        viz_raster_new_from_rgba (cnn_image_get_data (grid->image), cnn_image_get_width (grid->image),
                                  cnn_image_get_height (grid->image));
  for (guint c = 0; c < grid->n_columns; c++) {
    self->headings[c] = cnn_compare_get_heading (grid, c);
    for (guint r = 0; r < grid->n_rows; r++)
      fill_cell (self, last, r, c);
  }
  return self;
}

guint
viz_compared_count (const VizCompared *self)
{
  guint n = 0;

  for (guint i = 0; i < self->grid->n_rows * self->grid->n_columns; i++)
    n += self->grid->maps[i] != NULL;
  return n;
}

double
viz_compared_unscale (const CnnMap *map, double value)
{
  double low = map->scaled_low, high = map->scaled_high;

  return low < high ? low + value * (high - low) : value;
}
