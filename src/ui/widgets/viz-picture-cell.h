/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/viz-raster.h"

G_BEGIN_DECLS

/**
 * VizPictureCell:
 *
 * A small picture, perhaps with a map over it, and a line of text below; it takes the focus and can be
 * activated like a button. As wide as it is let be, as high as the picture then is.
 *
 * Signals:
 * - "activated": a click, Enter or Space.
 * - "pointer-moved" (int x, int y): the pixel of the picture under the pointer; -1, -1: it has left.
 */
#define VIZ_TYPE_PICTURE_CELL (viz_picture_cell_get_type ())
G_DECLARE_FINAL_TYPE (VizPictureCell, viz_picture_cell, VIZ, PICTURE_CELL, GtkWidget)

#define VIZ_PICTURE_CELL_LEAST 72
#define VIZ_PICTURE_CELL_MOST 240

GtkWidget *viz_picture_cell_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** Both may be %NULL: an empty place, as wide as high unless there was a picture before. */
void viz_picture_cell_set_pictures (VizPictureCell *self, VizRaster *picture, VizRaster *map);
/** Of the map over the picture. */
void viz_picture_cell_set_opacity (VizPictureCell *self, double opacity);
/** Dimmed: it belongs to choices that are no more. */
void viz_picture_cell_set_stale (VizPictureCell *self, gboolean stale);
void viz_picture_cell_set_caption (VizPictureCell *self, const char *caption);
/** Stands in the place of the picture where there is none; %NULL: nothing does. */
void viz_picture_cell_set_message (VizPictureCell *self, const char *message);
/** A cross over that pixel of the picture; negative: none. */
void viz_picture_cell_set_mark (VizPictureCell *self, int x, int y);
/** For assistive technology; @label is the tooltip, too. */
void viz_picture_cell_set_words (VizPictureCell *self, const char *label, const char *description);
/** The width that it asks for. */
void viz_picture_cell_set_size (VizPictureCell *self, int size);

G_END_DECLS
