/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-compare.h"
#include "canvas/viz-raster.h"

G_BEGIN_DECLS

/**
 * VizCompared: a grid of maps made ready for the screen: pictures, ranges and words. Immutable,
 * reference-counted; made on the worker.
 */
typedef struct _VizCompared {
  CnnCompare *grid;
  gboolean shared; /* one scale for a column */
  const CnnColormap *colormap;
  VizRaster *image;  /* what the network got; NULL where there was no memory for it */
  VizRaster **maps;  /* row · n_columns + column; NULL where the map is not there yet */
  char **words;      /* what each map shows, see cnn_map_describe() */
  float *low, *high; /* the scale of each map */
  char **headings;   /* by column */
  double progress;   /* 1: all there is */
  gatomicrefcount refs;
} VizCompared;

/** @last (nullable): pictures that are the same are taken from it. */
VizCompared *viz_compared_new (CnnCompare *grid, const CnnColormap *colormap, gboolean shared,
                               double progress, const VizCompared *last) G_GNUC_WARN_UNUSED_RESULT;
VizCompared *viz_compared_ref (VizCompared *self);
void viz_compared_unref (VizCompared *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VizCompared, viz_compared_unref)

/** The cells that are there. */
guint viz_compared_count (const VizCompared *self);
/** What a map's value was before it was scaled to 0..1 by itself. */
double viz_compared_unscale (const CnnMap *map, double value);

G_END_DECLS
