/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-scale.h"

#include <math.h>

/* enough to tell apart the strongest hundredth of a map that has single bright points */
#define N_BINS 4096
#define CLIPPED 0.01

/* The magnitude that all but the strongest hundredth of the values stay below; 0: there is none. */
static float
clip_magnitude (const CnnMap *map)
{
  gsize n = (gsize)map->width * map->height, above = 0;
  float top = fmaxf (fabsf (map->min), fabsf (map->max));
  g_autofree guint *bins = g_new0 (guint, N_BINS);
  int bin = N_BINS - 1;

  if (!isfinite (top) || !(top > 0))
    return 0;
  for (gsize i = 0; i < n; i++) {
    float share = fabsf (map->values[i]) / top;

    if (isfinite (share))
      bins[(guint)(CLAMP (share, 0, 1) * (N_BINS - 1))]++;
  }
  while (bin > 0 && above + bins[bin] <= CLIPPED * n)
    above += bins[bin--];
  return top * (float)(bin + 1) / N_BINS;
}

void
viz_scale_apply (const VizScale *scale, const CnnMap *map, CnnMapStyle *style)
{
  float low, high, limit;

  style->own_range = FALSE;
  if (scale->kind == VIZ_SCALE_OWN || map == NULL || map->kind == CNN_MAP_CLASS)
    return;
  if (scale->kind == VIZ_SCALE_FIXED) {
    style->low = scale->low;
    style->high = scale->high;
    style->own_range = TRUE;
    return;
  }
  cnn_map_style_resolve (style, map, NULL, &low, &high);
  limit = clip_magnitude (map);
  style->low = fmaxf (low, -limit);
  style->high = fminf (high, limit);
  style->own_range = style->low < style->high;
}

gboolean
viz_scale_equal (const VizScale *a, const VizScale *b)
{
  g_autofree char *x = viz_scale_to_string (a);
  g_autofree char *y = viz_scale_to_string (b);

  return g_str_equal (x, y);
}

char *
viz_scale_to_string (const VizScale *scale)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (scale->kind == VIZ_SCALE_OWN)
    return g_strdup ("own");
  if (scale->kind == VIZ_SCALE_CLIP)
    return g_strdup ("clip");
  g_ascii_formatd (low, sizeof low, "%.6g", (double)scale->low);
  g_ascii_formatd (high, sizeof high, "%.6g", (double)scale->high);
  return g_strconcat (low, ",", high, NULL);
}

static gboolean
parse_number (const char *text, float *value)
{
  char *end = NULL;
  double number = g_ascii_strtod (text, &end);

  *value = (float)number;
  return end != text && *end == '\0' && isfinite (*value);
}

gboolean
viz_scale_parse (VizScale *scale, const char *text)
{
  g_auto (GStrv) parts = NULL;
  float low, high;

  if (g_str_equal (text, "own") || g_str_equal (text, "clip")) {
    scale->kind = g_str_equal (text, "own") ? VIZ_SCALE_OWN : VIZ_SCALE_CLIP;
    return TRUE;
  }
  parts = g_strsplit (text, ",", 3);
  if (g_strv_length (parts) != 2 || !parse_number (g_strstrip (parts[0]), &low) ||
      !parse_number (g_strstrip (parts[1]), &high) || !(low < high))
    return FALSE;
  *scale = (VizScale){ VIZ_SCALE_FIXED, low, high };
  return TRUE;
}
