/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-diagram-private.h"

#include <math.h>

void
viz_drawing_free (VizDrawing *self)
{
  cnn_diagram_unref (self->diagram);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->tiles, g_ptr_array_unref);
  g_free (self);
}

/* Cairo's order of bytes. GTK 4.8 turns premultiplied pixels into floats and back each time it draws them
 * without OpenGL, 6 ms a megapixel; straight ones, which are the same where all is opaque, take 2.5 ms. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define OPAQUE GDK_MEMORY_B8G8R8A8
#else
#define OPAQUE GDK_MEMORY_A8R8G8B8
#endif

/* A texture of @width x @height of @pixels from (@x, @y) on; the ground under the diagram leaves none of them
 * transparent. */
static GdkTexture *
texture_of (GBytes *pixels, gsize stride, int x, int y, int width, int height)
{
  gsize start = stride * (gsize)y + 4 * (gsize)x;
  g_autoptr (GBytes) part =
      g_bytes_new_from_bytes (pixels, start, stride * (gsize)(height - 1) + 4 * (gsize)width);

  return gdk_memory_texture_new (width, height, OPAQUE, part, stride);
}

/* Textures of the surface's pixels, which they keep. */
static void
make_textures (VizDrawing *self, cairo_surface_t *surface)
{
  gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  g_autoptr (GBytes) pixels = NULL;

  cairo_surface_flush (surface);
  pixels =
      g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), stride * (gsize)height,
                                  (GDestroyNotify)cairo_surface_destroy, cairo_surface_reference (surface));
  self->texture = texture_of (pixels, stride, 0, 0, width, height);
  self->tiles = g_ptr_array_new_with_free_func (g_object_unref);
  for (int y = 0; y < height; y += VIZ_DRAWING_TILE)
    for (int x = 0; x < width; x += VIZ_DRAWING_TILE)
      g_ptr_array_add (self->tiles, texture_of (pixels, stride, x, y, MIN (VIZ_DRAWING_TILE, width - x),
                                                MIN (VIZ_DRAWING_TILE, height - y)));
}

static void
make_thread (GTask *task, gpointer owner, gpointer data, GCancellable *cancellable)
{
  VizDrawing *self = data;
  int width = (int)ceil ((double)self->area.size.width * self->scale);
  int height = (int)ceil ((double)self->area.size.height * self->scale);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, MAX (width, 1), MAX (height, 1));
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, (double)self->ground.red, (double)self->ground.green, (double)self->ground.blue);
  cairo_paint (cr);
  cairo_scale (cr, self->scale, self->scale);
  cairo_translate (cr, -(double)self->area.origin.x, -(double)self->area.origin.y);
  cnn_diagram_draw_part (self->diagram, cr, self->dark, self->scale, (double)self->area.origin.x,
                         (double)self->area.origin.y, (double)self->area.size.width,
                         (double)self->area.size.height);
  cairo_destroy (cr);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    make_textures (self, surface);
  cairo_surface_destroy (surface);
  g_task_return_boolean (task, TRUE);
}

void
viz_drawing_make_async (VizDrawing *drawing, GObject *owner, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (owner, NULL, callback, NULL);

  g_task_set_source_tag (task, viz_drawing_make_async);
  /* the finish function takes it */
  g_task_set_task_data (task, drawing, NULL);
  g_task_run_in_thread (task, make_thread);
}

VizDrawing *
viz_drawing_make_finish (GAsyncResult *result)
{
  return g_task_get_task_data (G_TASK (result));
}
