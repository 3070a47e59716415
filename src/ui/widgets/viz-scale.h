/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

typedef enum {
  VIZ_SCALE_OWN,  /* what suits each map */
  VIZ_SCALE_CLIP, /* the same without the strongest hundredth, which would hide the rest */
  VIZ_SCALE_FIXED /* low..high, so that maps can be compared */
} VizScaleKind;

/** VizScale: the range of values that the colours of a map span. Plain data. */
typedef struct {
  VizScaleKind kind;
  float low, high; /* VIZ_SCALE_FIXED: finite, low < high */
} VizScale;

/** Sets the range of @style for @map (nullable). Costs one pass over the values. */
void viz_scale_apply (const VizScale *scale, const CnnMap *map, CnnMapStyle *style);
gboolean viz_scale_equal (const VizScale *a, const VizScale *b);
/** "own", "clip" or "LOW,HIGH", in the C locale; (transfer full). */
char *viz_scale_to_string (const VizScale *scale) G_GNUC_WARN_UNUSED_RESULT;
/** The reverse. FALSE, leaving @scale alone, if @text is none of these. */
gboolean viz_scale_parse (VizScale *scale, const char *text);

G_END_DECLS
