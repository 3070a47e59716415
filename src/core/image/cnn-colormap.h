/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Colour maps: 256 colours, R G B. */
typedef struct {
  const char *name;   /* "viridis" */
  gboolean diverging; /* centred on zero */
} CnnColormap;

/** NULL-terminated; sequential ones first: viridis, magma, inferno, gray, jet; then the diverging ones. */
const CnnColormap *const *cnn_colormaps_list (void);
const CnnColormap *cnn_colormap_find (const char *name);
/** @t in [0,1], clamped; NaN gives transparent black. */
void cnn_colormap_lookup (const CnnColormap *map, float t, guint8 rgba[4]);
/** The colour of class @index of @n, distinct between neighbours. */
void cnn_colormap_class (guint index, guint8 rgba[4]);
/** @n values scaled from [low, high] to [0,1] and coloured; @rgba takes 4n bytes. */
void cnn_colormap_apply (const CnnColormap *map, const float *values, gsize n, float low, float high,
                         guint8 *rgba);

G_END_DECLS
