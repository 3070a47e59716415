/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cnn-figure.h"

static const CnnColormap *
first_colormap (gboolean diverging)
{
  for (const CnnColormap *const *maps = cnn_colormaps_list (); *maps != NULL; maps++)
    if ((*maps)->diverging == diverging)
      return *maps;
  return NULL;
}

static float
finite_or (float value, float fallback)
{
  return isfinite (value) ? value : fallback;
}

/* The range that shows where zero is. */
static void
natural_range (const CnnMap *map, gboolean diverging, float *low, float *high)
{
  float min = finite_or (map->min, 0), max = finite_or (map->max, 1);

  switch (map->kind) {
  case CNN_MAP_PROBABILITY:
    *low = 0;
    *high = 1;
    return;
  case CNN_MAP_SIGNED:
    *high = fmaxf (fabsf (min), fabsf (max));
    *low = -*high;
    break;
  case CNN_MAP_ACTIVATION:
    *low = min;
    *high = max;
    break;
  case CNN_MAP_POSITIVE:
  case CNN_MAP_CLASS:
  default:
    *low = fminf (min, 0);
    /* rounding leaves a map that was scaled to 1 a little below it */
    *high = map->scaled_low < map->scaled_high && fabsf (max - 1) < 1e-5f ? 1 : max;
    break;
  }
  if (diverging && map->kind != CNN_MAP_CLASS) {
    *high = fmaxf (fabsf (*low), fabsf (*high));
    *low = -*high;
  }
}

void
cnn_map_style_resolve (const CnnMapStyle *style, const CnnMap *map, const CnnColormap **colormap, float *low,
                       float *high)
{
  const CnnColormap *chosen = style != NULL ? style->colormap : NULL;

  /* on a sequential scale the sign would be lost */
  if (chosen == NULL || (map->kind == CNN_MAP_SIGNED && !chosen->diverging))
    chosen = first_colormap (map->kind == CNN_MAP_SIGNED);
  natural_range (map, chosen != NULL && chosen->diverging, low, high);
  if (style != NULL && style->own_range && isfinite (style->low) && isfinite (style->high) &&
      style->low < style->high) {
    *low = style->low;
    *high = style->high;
  }
  /* of a map that is zero everywhere zero stays in the middle */
  if (!(*low < *high)) {
    *high = *low + 1;
    *low = map->kind == CNN_MAP_SIGNED ? *low - 1 : *low;
  }
  if (colormap != NULL)
    *colormap = chosen;
}

guint8 *
cnn_map_render (const CnnMap *map, const CnnMapStyle *style)
{
  gsize n = (gsize)map->width * map->height;
  guint8 *rgba = g_malloc_n (MAX (n, 1), 4);
  const CnnColormap *colormap;
  float low, high;

  cnn_map_style_resolve (style, map, &colormap, &low, &high);
  if (map->kind != CNN_MAP_CLASS) {
    cnn_colormap_apply (colormap, map->values, n, low, high, rgba);
    return rgba;
  }
  for (gsize i = 0; i < n; i++) {
    float value = map->values[i];

    if (value >= 0 && value < 1e6f)
      cnn_colormap_class ((guint)lroundf (value), rgba + 4 * i);
    else
      memset (rgba + 4 * i, 0, 4);
  }
  return rgba;
}
