/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-map.h"

#include <glib/gi18n-lib.h>
#include <math.h>

CnnMap *
cnn_map_new (guint width, guint height, CnnMapKind kind)
{
  CnnMap *map = g_new0 (CnnMap, 1);

  map->width = width;
  map->height = height;
  map->values = g_new0 (float, MAX ((gsize)width * height, 1));
  map->kind = kind;
  map->class_index = -1;
  map->progress = 1;
  map->notes = g_ptr_array_new_with_free_func (g_free);
  g_atomic_ref_count_init (&map->refs);
  return map;
}

CnnMap *
cnn_map_ref (CnnMap *map)
{
  g_atomic_ref_count_inc (&map->refs);
  return map;
}

void
cnn_map_unref (CnnMap *map)
{
  if (!g_atomic_ref_count_dec (&map->refs))
    return;
  g_free (map->values);
  g_free (map->raw);
  g_free (map->classes);
  g_free (map->gradient);
  g_free (map->input);
  g_free (map->method);
  g_free (map->title);
  g_free (map->layer);
  g_ptr_array_unref (map->notes);
  g_free (map->if_zero);
  g_clear_pointer (&map->provenance, g_variant_unref);
  g_free (map);
}

void
cnn_map_add_note (CnnMap *map, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (map->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

void
cnn_map_explain_zero (CnnMap *map, const char *format, ...)
{
  va_list args;

  g_free (map->if_zero);
  va_start (args, format);
  map->if_zero = g_strdup_vprintf (format, args);
  va_end (args);
}

void
cnn_map_finish (CnnMap *map)
{
  gsize n = (gsize)map->width * map->height, bad = 0;

  map->min = INFINITY;
  map->max = -INFINITY;
  for (gsize i = 0; i < n; i++) {
    if (!isfinite (map->values[i])) {
      bad++;
      continue;
    }
    map->min = MIN (map->min, map->values[i]);
    map->max = MAX (map->max, map->values[i]);
  }
  if (bad == n) {
    map->min = map->max = 0;
    cnn_map_add_note (
        map, _ ("No number of this map is finite: the network's own numbers overflow for this input."));
  } else if (bad > 0) {
    cnn_map_add_note (map, _ ("%zu numbers of this map are not finite and are left blank."), bad);
  } else if (map->min == 0 && map->max == 0) {
    cnn_map_add_note (map, "%s", map->if_zero != NULL ? map->if_zero : _ ("This map is zero everywhere."));
  } else if (map->min == map->max) {
    cnn_map_add_note (map, _ ("This map has the same value everywhere; it does not tell places apart."));
  }
}

void
cnn_map_enlarge (const float *from, guint h1, guint w1, float *to, guint h2, guint w2)
{
  for (guint y = 0; y < h2; y++) {
    double sy = CLAMP ((y + 0.5) * h1 / h2 - 0.5, 0, h1 - 1.0);
    guint y0 = (guint)sy, y1 = MIN (y0 + 1, h1 - 1);
    double fy = sy - y0;

    for (guint x = 0; x < w2; x++) {
      double sx = CLAMP ((x + 0.5) * w1 / w2 - 0.5, 0, w1 - 1.0);
      guint x0 = (guint)sx, x1 = MIN (x0 + 1, w1 - 1);
      double fx = sx - x0;
      double top = from[y0 * w1 + x0] * (1 - fx) + from[y0 * w1 + x1] * fx;
      double bottom = from[y1 * w1 + x0] * (1 - fx) + from[y1 * w1 + x1] * fx;

      to[(gsize)y * w2 + x] = (float)(top * (1 - fy) + bottom * fy);
    }
  }
}

double
cnn_map_percentile (const CnnMap *map, float value)
{
  gsize n = (gsize)map->width * map->height, below = 0;

  for (gsize i = 0; i < n; i++)
    below += map->values[i] <= value;
  return n > 0 ? (double)below / (double)n : 0;
}
