/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

/**
 * VizImageCanvas:
 *
 * Shows a picture, a map over it and the occluder, with zoom and pan. It fills its place and does its own
 * panning: never put it into a scrolled window. Coordinates are pixels of the picture, from its upper left
 * corner.
 *
 * Everything heavy (turning large pictures and maps into surfaces) happens off the main loop; what is on
 * screen stays until the new surface is there.
 *
 * Properties (all notify): "zoom" (device pixels per pixel of the picture), "fit", "map-opacity", "stale",
 * "occluder-visible", "trail", "bare" (read-only: Space is held).
 *
 * Signals:
 * - "occluder-changed" (int x, int y, int width, int height): the person moved or resized the occluder; at
 * most once per frame. viz_image_canvas_set_occluder() does not emit it.
 * - "pointer-moved" (double x, double y, gboolean inside): at most once per frame; @inside: over the picture.
 * The pixel is (floor (x), floor (y)).
 * - "activated" (double x, double y): double click, or Enter (the middle of what is seen).
 *
 * Keys while it has the focus: + - zoom, 0 fit, 1 one to one, hold Space for the bare picture. With the
 * occluder: arrows move it (Shift: by 10), Ctrl+arrows resize it, Escape hides it. Without: arrows pan.
 */
#define VIZ_TYPE_IMAGE_CANVAS (viz_image_canvas_get_type ())
G_DECLARE_FINAL_TYPE (VizImageCanvas, viz_image_canvas, VIZ, IMAGE_CANVAS, GtkWidget)

#define VIZ_IMAGE_CANVAS_MIN_ZOOM (1.0 / 64)
#define VIZ_IMAGE_CANVAS_MAX_ZOOM 64.0

GtkWidget *viz_image_canvas_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** @image may be %NULL. A picture of another size fits the view again and moves the occluder inside it. */
void viz_image_canvas_set_image (VizImageCanvas *self, CnnImage *image);
CnnImage *viz_image_canvas_get_image (VizImageCanvas *self);

/**
 * viz_image_canvas_set_map:
 * @map: (nullable): stretched over the picture if it has another size
 * @style: (nullable): colours and range; its opacity is ignored, see viz_image_canvas_set_map_opacity()
 *
 * Coloured here if small, on a thread if large. Clears "stale".
 */
void viz_image_canvas_set_map (VizImageCanvas *self, CnnMap *map, const CnnMapStyle *style);
/** The same with the colours already made (on the worker, say). @texture %NULL: no overlay. */
void viz_image_canvas_set_overlay (VizImageCanvas *self, CnnMap *map, GdkTexture *texture);
CnnMap *viz_image_canvas_get_map (VizImageCanvas *self);

/** 0..1, 0.5 at first. */
void viz_image_canvas_set_map_opacity (VizImageCanvas *self, double opacity);
double viz_image_canvas_get_map_opacity (VizImageCanvas *self);

/** Dims the map: a newer one is on its way. The next set_map() or set_overlay() ends it. */
void viz_image_canvas_set_stale (VizImageCanvas *self, gboolean stale);
gboolean viz_image_canvas_get_stale (VizImageCanvas *self);

/** 1.0 = one pixel of the picture on one device pixel. Setting it leaves "fit" and keeps the middle in place.
 */
void viz_image_canvas_set_zoom (VizImageCanvas *self, double zoom);
double viz_image_canvas_get_zoom (VizImageCanvas *self);
/** The next round step up or down. */
void viz_image_canvas_zoom_in (VizImageCanvas *self);
void viz_image_canvas_zoom_out (VizImageCanvas *self);
/** Keeps the whole picture in view, also when the widget is resized, until the person zooms or pans. */
void viz_image_canvas_set_fit (VizImageCanvas *self, gboolean fit);
gboolean viz_image_canvas_get_fit (VizImageCanvas *self);
/** Moves the view by logical pixels. */
void viz_image_canvas_pan (VizImageCanvas *self, double dx, double dy);

void viz_image_canvas_set_occluder_visible (VizImageCanvas *self, gboolean visible);
gboolean viz_image_canvas_get_occluder_visible (VizImageCanvas *self);
/** Clipped to the picture, at least 1x1. Ignored while the person drags it. */
void viz_image_canvas_set_occluder (VizImageCanvas *self, int x, int y, int width, int height);
void viz_image_canvas_get_occluder (VizImageCanvas *self, int *x, int *y, int *width, int *height);

/**
 * viz_image_canvas_set_occluder_fill:
 * @value: for CNN_FILL_VALUE: the brightness to show, 0..1
 *
 * How the inside is drawn; mean and blur are taken from the picture.
 */
void viz_image_canvas_set_occluder_fill (VizImageCanvas *self, CnnFill fill, double value);
/** For fills that the canvas cannot know: a picture of the network's input with the fill everywhere; %NULL:
 * as set_occluder_fill() says. */
void viz_image_canvas_set_occluder_picture (VizImageCanvas *self, CnnImage *picture);

/** Whether places where the occluder has been leave a faint trail; off clears it. */
void viz_image_canvas_set_trail (VizImageCanvas *self, gboolean trail);
gboolean viz_image_canvas_get_trail (VizImageCanvas *self);
/** Gives the trail at a place its meaning: @change in -1..1, the class's probability under the occluder minus
 * the clean one. */
void viz_image_canvas_mark_trail (VizImageCanvas *self, int x, int y, int width, int height, double change);
void viz_image_canvas_clear_trail (VizImageCanvas *self);

/** The words for assistive technology: name ("seven.png, Grad-CAM of 7") and description
 * (cnn_map_describe()). */
void viz_image_canvas_set_words (VizImageCanvas *self, const char *label, const char *description);

/** Between the widget's logical pixels and the picture's pixels. */
void viz_image_canvas_to_image (VizImageCanvas *self, double x, double y, double *image_x, double *image_y);
void viz_image_canvas_from_image (VizImageCanvas *self, double image_x, double image_y, double *x, double *y);

/** Whether a picture or map is still being prepared off the main loop. */
gboolean viz_image_canvas_is_busy (VizImageCanvas *self);

G_END_DECLS
