/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-raster"
#include "config.h"

#include "viz-raster.h"

#include <math.h>
#include <string.h>

struct _VizRaster {
  cairo_surface_t *levels[VIZ_RASTER_MAX_LEVELS];
  guint n_levels;
  guint width, height;
  gatomicrefcount refs;
};

static VizRaster *
raster_new (guint width, guint height)
{
  VizRaster *self = g_new0 (VizRaster, 1);
  g_atomic_ref_count_init (&self->refs);
  self->width = width;
  self->height = height;
  self->levels[0] = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)width, (int)height);
  self->n_levels = 1;
  if (cairo_surface_status (self->levels[0]) == CAIRO_STATUS_SUCCESS)
    return self;
  viz_raster_unref (self);
  return NULL;
}

static guint32 *
surface_row (cairo_surface_t *surface, guint y)
{
  guint8 *data = cairo_image_surface_get_data (surface);
  return (guint32 *)(gpointer)(data + (gsize)y * (gsize)cairo_image_surface_get_stride (surface));
}

/** Half size, each pixel the mean of up to four; borders of odd sizes repeat. */
static cairo_surface_t *
surface_halve (cairo_surface_t *from)
{
  guint w = (guint)cairo_image_surface_get_width (from), h = (guint)cairo_image_surface_get_height (from);
  guint half_w = (w + 1) / 2, half_h = (h + 1) / 2;
  cairo_surface_t *to = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)half_w, (int)half_h);
  if (cairo_surface_status (to) != CAIRO_STATUS_SUCCESS)
    return to;
  for (guint y = 0; y < half_h; y++) {
    const guint32 *a = surface_row (from, 2 * y);
    const guint32 *b = surface_row (from, MIN (2 * y + 1, h - 1));
    guint32 *out = surface_row (to, y);
    for (guint x = 0; x < half_w; x++) {
      guint32 p[4] = { a[2 * x], a[MIN (2 * x + 1, w - 1)], b[2 * x], b[MIN (2 * x + 1, w - 1)] };
      guint32 even = 0x00020002, odd = 0x00020002; /* two channels at once, rounded */
      for (guint i = 0; i < 4; i++) {
        even += p[i] & 0x00ff00ff;
        odd += (p[i] >> 8) & 0x00ff00ff;
      }
      out[x] = ((even >> 2) & 0x00ff00ff) | (((odd >> 2) & 0x00ff00ff) << 8);
    }
  }
  cairo_surface_mark_dirty (to);
  return to;
}

static void
raster_make_levels (VizRaster *self)
{
  cairo_surface_mark_dirty (self->levels[0]);
  while (self->n_levels < VIZ_RASTER_MAX_LEVELS) {
    cairo_surface_t *last = self->levels[self->n_levels - 1], *next;
    if (cairo_image_surface_get_width (last) == 1 && cairo_image_surface_get_height (last) == 1)
      return;
    next = surface_halve (last);
    if (cairo_surface_status (next) != CAIRO_STATUS_SUCCESS) {
      cairo_surface_destroy (next);
      return;
    }
    self->levels[self->n_levels++] = next;
  }
}

static inline guint32
premultiply (const guint8 *rgba)
{
  guint a = rgba[3];
  guint r = (rgba[0] * a + 127) / 255, g = (rgba[1] * a + 127) / 255, b = (rgba[2] * a + 127) / 255;
  return (guint32)a << 24 | (guint32)r << 16 | (guint32)g << 8 | (guint32)b;
}

VizRaster *
viz_raster_new_from_rgba (const guint8 *rgba, guint width, guint height)
{
  VizRaster *self = width > 0 && height > 0 ? raster_new (width, height) : NULL;
  if (self == NULL)
    return NULL;
  cairo_surface_flush (self->levels[0]);
  for (guint y = 0; y < height; y++) {
    guint32 *row = surface_row (self->levels[0], y);
    for (guint x = 0; x < width; x++, rgba += 4)
      row[x] = rgba[3] == 255
                   ? 0xff000000u | (guint32)rgba[0] << 16 | (guint32)rgba[1] << 8 | (guint32)rgba[2]
                   : premultiply (rgba);
  }
  raster_make_levels (self);
  return self;
}

VizRaster *
viz_raster_new_from_texture (GdkTexture *texture)
{
  VizRaster *self =
      raster_new ((guint)gdk_texture_get_width (texture), (guint)gdk_texture_get_height (texture));
  if (self == NULL)
    return NULL;
  cairo_surface_flush (self->levels[0]);
  gdk_texture_download (texture, cairo_image_surface_get_data (self->levels[0]),
                        (gsize)cairo_image_surface_get_stride (self->levels[0]));
  raster_make_levels (self);
  return self;
}

VizRaster *
viz_raster_new_composed (VizRaster *under, VizRaster *over, double opacity)
{
  VizRaster *self = raster_new (under->width, under->height);
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float)under->width, (float)under->height);
  if (self == NULL)
    return NULL;
  cairo_t *cr = cairo_create (self->levels[0]);
  viz_raster_draw (under, cr, &area, 1, 1, FALSE);
  viz_raster_draw (over, cr, &area, 1, opacity, FALSE);
  cairo_destroy (cr);
  return self;
}

VizRaster *
viz_raster_ref (VizRaster *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
viz_raster_unref (VizRaster *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->n_levels; i++)
    cairo_surface_destroy (self->levels[i]);
  g_free (self);
}

guint
viz_raster_get_width (const VizRaster *self)
{
  return self->width;
}

guint
viz_raster_get_height (const VizRaster *self)
{
  return self->height;
}

void
viz_raster_get_mean (const VizRaster *self, GdkRGBA *mean)
{
  cairo_surface_t *last = self->levels[self->n_levels - 1];
  guint32 pixel = *surface_row (last, 0);
  double a = MAX (pixel >> 24, 1u);
  mean->red = (float)(((pixel >> 16) & 255) / a);
  mean->green = (float)(((pixel >> 8) & 255) / a);
  mean->blue = (float)((pixel & 255) / a);
  mean->alpha = 1;
}

/** The level that is at least as large as what is drawn; for a blur one of about a dozen pixels. */
static guint
choose_level (const VizRaster *self, double zoom, gboolean blur)
{
  guint level = 0;
  if (blur) {
    while (level + 1 < self->n_levels && (MAX (self->width, self->height) >> level) > 16)
      level++;
    return MAX (level, MIN (2, self->n_levels - 1));
  }
  for (; level + 1 < self->n_levels && zoom * (double)(2u << level) <= 1; level++)
    ;
  return level;
}

void
viz_raster_draw (const VizRaster *self, cairo_t *cr, const graphene_rect_t *area, double scale,
                 double opacity, gboolean blur)
{
  double zoom = (double)area->size.width * scale / self->width;
  guint level = choose_level (self, zoom, blur);
  cairo_surface_t *surface = self->levels[level];
  cairo_save (cr);
  cairo_translate (cr, (double)area->origin.x, (double)area->origin.y);
  cairo_scale (cr, (double)area->size.width / cairo_image_surface_get_width (surface),
               (double)area->size.height / cairo_image_surface_get_height (surface));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            zoom < 1 || blur ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_rectangle (cr, 0, 0, cairo_image_surface_get_width (surface),
                   cairo_image_surface_get_height (surface));
  cairo_clip (cr);
  if (opacity < 1)
    cairo_paint_with_alpha (cr, opacity);
  else
    cairo_paint (cr);
  cairo_restore (cr);
}

/* By hand: cairo's way without smoothing costs ten times as much. */
static void
enlarge_into (const VizRaster *self, cairo_surface_t *surface, guint width, guint height)
{
  g_autofree guint *columns = g_new (guint, width);
  guint last = G_MAXUINT;
  cairo_surface_flush (surface);
  for (guint x = 0; x < width; x++)
    columns[x] = (guint)(((guint64)x * 2 + 1) * self->width / (2 * (guint64)width));
  for (guint y = 0; y < height; y++) {
    guint from_y = (guint)(((guint64)y * 2 + 1) * self->height / (2 * (guint64)height));
    guint32 *to = surface_row (surface, y);
    if (from_y == last) {
      memcpy (to, surface_row (surface, y - 1), (gsize)width * 4);
    } else {
      const guint32 *from = surface_row (self->levels[0], from_y);
      for (guint x = 0; x < width; x++)
        to[x] = from[columns[x]];
    }
    last = from_y;
  }
  cairo_surface_mark_dirty (surface);
}

cairo_surface_t *
viz_raster_make_surface (const VizRaster *self, guint width, guint height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)width, (int)height);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  if (width >= self->width && height >= self->height) {
    enlarge_into (self, surface, width, height);
  } else {
    cairo_t *cr = cairo_create (surface);
    viz_raster_draw (self, cr, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height), 1, 1, FALSE);
    cairo_destroy (cr);
  }
  return surface;
}

VizRasterSource *
viz_raster_source_copy (const VizRasterSource *source)
{
  VizRasterSource *copy = g_new0 (VizRasterSource, 1);
  copy->image = source->image != NULL ? cnn_image_ref (source->image) : NULL;
  copy->map = source->map != NULL ? cnn_map_ref (source->map) : NULL;
  copy->style = source->style;
  copy->texture = source->texture != NULL ? g_object_ref (source->texture) : NULL;
  return copy;
}

void
viz_raster_source_free (VizRasterSource *source)
{
  g_clear_pointer (&source->image, cnn_image_unref);
  g_clear_pointer (&source->map, cnn_map_unref);
  g_clear_object (&source->texture);
  g_free (source);
}

gsize
viz_raster_source_size (const VizRasterSource *source)
{
  if (source->image != NULL)
    return (gsize)cnn_image_get_width (source->image) * cnn_image_get_height (source->image);
  if (source->texture != NULL)
    return (gsize)gdk_texture_get_width (source->texture) * (gsize)gdk_texture_get_height (source->texture);
  return source->map != NULL ? (gsize)source->map->width * source->map->height : 0;
}

VizRaster *
viz_raster_source_render (const VizRasterSource *source)
{
  if (source->image != NULL)
    return viz_raster_new_from_rgba (cnn_image_get_data (source->image), cnn_image_get_width (source->image),
                                     cnn_image_get_height (source->image));
  if (source->texture != NULL)
    return viz_raster_new_from_texture (source->texture);
  if (source->map != NULL) {
    g_autofree guint8 *rgba = cnn_map_render (source->map, &source->style);
    return viz_raster_new_from_rgba (rgba, source->map->width, source->map->height);
  }
  return NULL;
}

static void
render_thread (GTask *task, gpointer owner, gpointer data, GCancellable *cancellable)
{
  VizRaster *raster = viz_raster_source_render (data);
  g_task_return_pointer (task, raster, raster != NULL ? (GDestroyNotify)viz_raster_unref : NULL);
}

void
viz_raster_source_render_async (VizRasterSource *source, GObject *owner, GAsyncReadyCallback callback,
                                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (owner, NULL, callback, data);
  g_task_set_source_tag (task, viz_raster_source_render_async);
  g_task_set_task_data (task, source, (GDestroyNotify)viz_raster_source_free);
  g_task_run_in_thread (task, render_thread);
}

VizRaster *
viz_raster_source_render_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
