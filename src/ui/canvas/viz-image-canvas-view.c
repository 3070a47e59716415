/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-image-canvas"
#include "config.h"

#include "viz-image-canvas-private.h"

#include <math.h>

/* room around a picture that is fitted, in logical pixels */
#define FIT_MARGIN 8

static const double zoom_steps[] = { 1.0 / 64, 1.0 / 48, 1.0 / 32, 1.0 / 24, 1.0 / 16, 1.0 / 12, 1.0 / 8,
                                     1.0 / 6,  1.0 / 4,  1.0 / 3,  1.0 / 2,  2.0 / 3,  1,        1.5,
                                     2,        3,        4,        6,        8,        12,       16,
                                     24,       32,       48,       64 };

void
_viz_canvas_get_size (VizImageCanvas *self, guint *width, guint *height)
{
  *width = *height = 0;
  if (self->image != NULL) {
    *width = cnn_image_get_width (self->image);
    *height = cnn_image_get_height (self->image);
  }
}

gboolean
_viz_canvas_get_area (VizImageCanvas *self, graphene_rect_t *area)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  guint w, h;
  _viz_canvas_get_size (self, &w, &h);
  if (w == 0 || h == 0)
    return FALSE;
  /* whole device pixels, or the edges of enlarged pixels shimmer */
  double left = round (gtk_widget_get_width (GTK_WIDGET (self)) * scale / 2 - self->center_x * self->zoom);
  double top = round (gtk_widget_get_height (GTK_WIDGET (self)) * scale / 2 - self->center_y * self->zoom);
  double wide = MAX (1, round (w * self->zoom)), high = MAX (1, round (h * self->zoom));
  graphene_rect_init (area, (float)(left / scale), (float)(top / scale), (float)(wide / scale),
                      (float)(high / scale));
  return TRUE;
}

void
viz_image_canvas_to_image (VizImageCanvas *self, double x, double y, double *image_x, double *image_y)
{
  graphene_rect_t area;
  guint w, h;
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  *image_x = *image_y = 0;
  if (!_viz_canvas_get_area (self, &area))
    return;
  _viz_canvas_get_size (self, &w, &h);
  *image_x = (x - (double)area.origin.x) * w / (double)area.size.width;
  *image_y = (y - (double)area.origin.y) * h / (double)area.size.height;
}

void
viz_image_canvas_from_image (VizImageCanvas *self, double image_x, double image_y, double *x, double *y)
{
  graphene_rect_t area;
  guint w, h;
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  *x = *y = 0;
  if (!_viz_canvas_get_area (self, &area))
    return;
  _viz_canvas_get_size (self, &w, &h);
  *x = (double)area.origin.x + image_x * (double)area.size.width / w;
  *y = (double)area.origin.y + image_y * (double)area.size.height / h;
}

/** Sets the view as it is; the picture's middle may not leave the widget altogether. */
static void
set_view (VizImageCanvas *self, double zoom, double center_x, double center_y)
{
  guint w, h;
  gboolean zoomed;
  _viz_canvas_get_size (self, &w, &h);
  zoom = CLAMP (zoom, VIZ_IMAGE_CANVAS_MIN_ZOOM, VIZ_IMAGE_CANVAS_MAX_ZOOM);
  zoomed = zoom != self->zoom;
  self->zoom = zoom;
  self->center_x = CLAMP (center_x, 0, (double)w);
  self->center_y = CLAMP (center_y, 0, (double)h);
  _viz_canvas_invalidate (self);
  _viz_canvas_tell (self, FALSE, TRUE);
  if (zoomed)
    _viz_canvas_notify (self, VIZ_CANVAS_PROP_ZOOM);
}

void
_viz_canvas_center (VizImageCanvas *self)
{
  guint w, h;
  _viz_canvas_get_size (self, &w, &h);
  self->center_x = w / 2.0;
  self->center_y = h / 2.0;
}

void
_viz_canvas_refit (VizImageCanvas *self)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double wide = MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * FIT_MARGIN) * scale;
  double high = MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - 2 * FIT_MARGIN) * scale;
  guint w, h;
  _viz_canvas_get_size (self, &w, &h);
  if (!self->fit || w == 0 || h == 0)
    return;
  set_view (self, MIN (wide / w, high / h), w / 2.0, h / 2.0);
}

static void
leave_fit (VizImageCanvas *self)
{
  if (!self->fit)
    return;
  self->fit = FALSE;
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_FIT);
}

void
viz_image_canvas_set_fit (VizImageCanvas *self, gboolean fit)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (!fit) {
    leave_fit (self);
    return;
  }
  if (!self->fit) {
    self->fit = TRUE;
    _viz_canvas_notify (self, VIZ_CANVAS_PROP_FIT);
  }
  _viz_canvas_refit (self);
}

gboolean
viz_image_canvas_get_fit (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), FALSE);
  return self->fit;
}

void
_viz_canvas_zoom_at (VizImageCanvas *self, double zoom, double x, double y)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double dx = (x - gtk_widget_get_width (GTK_WIDGET (self)) / 2.0) * scale;
  double dy = (y - gtk_widget_get_height (GTK_WIDGET (self)) / 2.0) * scale;
  double at_x = self->center_x + dx / self->zoom, at_y = self->center_y + dy / self->zoom;
  zoom = CLAMP (zoom, VIZ_IMAGE_CANVAS_MIN_ZOOM, VIZ_IMAGE_CANVAS_MAX_ZOOM);
  leave_fit (self);
  set_view (self, zoom, at_x - dx / zoom, at_y - dy / zoom);
}

void
viz_image_canvas_set_zoom (VizImageCanvas *self, double zoom)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  leave_fit (self);
  set_view (self, zoom, self->center_x, self->center_y);
}

double
viz_image_canvas_get_zoom (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), 1);
  return self->zoom;
}

void
viz_image_canvas_zoom_in (VizImageCanvas *self)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  for (guint i = 0; i < G_N_ELEMENTS (zoom_steps); i++)
    if (zoom_steps[i] > self->zoom * 1.01) {
      viz_image_canvas_set_zoom (self, zoom_steps[i]);
      return;
    }
}

void
viz_image_canvas_zoom_out (VizImageCanvas *self)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  for (guint i = G_N_ELEMENTS (zoom_steps); i > 0; i--)
    if (zoom_steps[i - 1] < self->zoom * 0.99) {
      viz_image_canvas_set_zoom (self, zoom_steps[i - 1]);
      return;
    }
}

void
viz_image_canvas_pan (VizImageCanvas *self, double dx, double dy)
{
  double scale;
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (dx == 0 && dy == 0)
    return;
  scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  leave_fit (self);
  set_view (self, self->zoom, self->center_x - dx * scale / self->zoom,
            self->center_y - dy * scale / self->zoom);
}
