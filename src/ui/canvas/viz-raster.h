/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

/**
 * VizRaster: a picture as cairo surfaces, each half the size of the one before, so that drawing it small
 * costs no more than drawing it large. Immutable, reference-counted, may be made on any thread.
 */
typedef struct _VizRaster VizRaster;

#define VIZ_RASTER_MAX_LEVELS 16

/** @rgba: straight alpha, copied. %NULL if there is no memory for it. */
VizRaster *viz_raster_new_from_rgba (const guint8 *rgba, guint width, guint height) G_GNUC_WARN_UNUSED_RESULT;
VizRaster *viz_raster_new_from_texture (GdkTexture *texture) G_GNUC_WARN_UNUSED_RESULT;
/** @over at @opacity on @under, at the size of @under; only the first level. */
VizRaster *viz_raster_new_composed (VizRaster *under, VizRaster *over,
                                    double opacity) G_GNUC_WARN_UNUSED_RESULT;
VizRaster *viz_raster_ref (VizRaster *self);
void viz_raster_unref (VizRaster *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VizRaster, viz_raster_unref)

guint viz_raster_get_width (const VizRaster *self);
guint viz_raster_get_height (const VizRaster *self);
/** The mean colour. */
void viz_raster_get_mean (const VizRaster *self, GdkRGBA *mean);

/**
 * viz_raster_draw:
 * @area: where the whole picture goes, in the units of @cr
 * @scale: device pixels per unit of @cr
 * @blur: draw a coarse version, smoothly
 *
 * Fills the clip of @cr; from 100 % up without smoothing.
 */
void viz_raster_draw (const VizRaster *self, cairo_t *cr, const graphene_rect_t *area, double scale,
                      double opacity, gboolean blur);

/** The same at a size in pixels: enlarged without smoothing, made smaller with it. Destroy it with
 * cairo_surface_destroy(). */
cairo_surface_t *viz_raster_make_surface (const VizRaster *self, guint width,
                                          guint height) G_GNUC_WARN_UNUSED_RESULT;

/** What a raster is made of: one of picture, map or texture. */
typedef struct {
  CnnImage *image;
  CnnMap *map;
  CnnMapStyle style;
  GdkTexture *texture;
} VizRasterSource;

VizRasterSource *viz_raster_source_copy (const VizRasterSource *source) G_GNUC_WARN_UNUSED_RESULT;
void viz_raster_source_free (VizRasterSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VizRasterSource, viz_raster_source_free)
/** Pixels to be worked on, to decide where. */
gsize viz_raster_source_size (const VizRasterSource *source);
VizRaster *viz_raster_source_render (const VizRasterSource *source) G_GNUC_WARN_UNUSED_RESULT;
/** On a thread. Takes @source. */
void viz_raster_source_render_async (VizRasterSource *source, GObject *owner, GAsyncReadyCallback callback,
                                     gpointer data);
VizRaster *viz_raster_source_render_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
