/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-image-canvas"
#include "config.h"

#include "viz-image-canvas-private.h"

#include <math.h>

/* how far from an edge the pointer still takes it, in logical pixels */
#define GRIP_REACH 6.0
/* one visit leaves this much of the trail */
#define TRAIL_STEP 0.10

static VizRect
clip_rect (VizImageCanvas *self, VizRect rect)
{
  guint w, h;
  _viz_canvas_get_size (self, &w, &h);
  if (w == 0 || h == 0)
    return rect;
  rect.width = CLAMP (rect.width, 1, (int)w);
  rect.height = CLAMP (rect.height, 1, (int)h);
  rect.x = CLAMP (rect.x, 0, (int)w - rect.width);
  rect.y = CLAMP (rect.y, 0, (int)h - rect.height);
  return rect;
}

static gboolean
rect_equal (const VizRect *a, const VizRect *b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

static void
paint_trail (VizImageCanvas *self, VizRect rect, const GdkRGBA *colour)
{
  guint w, h;
  _viz_canvas_get_size (self, &w, &h);
  if (w == 0 || (gsize)w * h > 4096 * 4096)
    return;
  if (self->trail_surface == NULL)
    self->trail_surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)w, (int)h);
  cairo_t *cr = cairo_create (self->trail_surface);
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
  cairo_fill (cr);
  cairo_destroy (cr);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_viz_canvas_drop_trail (VizImageCanvas *self)
{
  g_clear_pointer (&self->trail_surface, cairo_surface_destroy);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_image_canvas_clear_trail (VizImageCanvas *self)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  _viz_canvas_drop_trail (self);
}

void
viz_image_canvas_set_trail (VizImageCanvas *self, gboolean trail)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  trail = trail != FALSE;
  if (trail == self->trail)
    return;
  self->trail = trail;
  _viz_canvas_drop_trail (self);
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_TRAIL);
}

gboolean
viz_image_canvas_get_trail (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), FALSE);
  return self->trail;
}

void
viz_image_canvas_mark_trail (VizImageCanvas *self, int x, int y, int width, int height, double change)
{
  GdkRGBA drop = { 0.90f, 0.28f, 0.10f, 0 }, rise = { 0.15f, 0.45f, 0.95f, 0 };
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (!self->trail || self->image == NULL || !isfinite (change))
    return;
  GdkRGBA colour = change < 0 ? drop : rise;
  colour.alpha = (float)(0.5 * MIN (fabs (change), 1));
  paint_trail (self, clip_rect (self, (VizRect){ x, y, width, height }), &colour);
}

void
_viz_canvas_put_occluder (VizImageCanvas *self, VizRect rect, gboolean by_person)
{
  GdkRGBA trace = { 0.55f, 0.35f, 0.85f, (float)TRAIL_STEP };
  rect = clip_rect (self, rect);
  if (rect_equal (&rect, &self->occluder))
    return;
  if (self->trail && self->occluder_visible && self->image != NULL)
    paint_trail (self, clip_rect (self, self->occluder), &trace);
  self->occluder = rect;
  if (self->occluder_visible)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  if (by_person)
    _viz_canvas_tell (self, TRUE, FALSE);
}

void
_viz_canvas_clip_occluder (VizImageCanvas *self)
{
  self->occluder = clip_rect (self, self->occluder);
}

void
viz_image_canvas_set_occluder (VizImageCanvas *self, int x, int y, int width, int height)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  /* what the person does right now is newer than what the caller has heard of */
  if (self->dragging || self->tell_occluder)
    return;
  _viz_canvas_put_occluder (self, (VizRect){ x, y, MAX (width, 1), MAX (height, 1) }, FALSE);
}

void
viz_image_canvas_get_occluder (VizImageCanvas *self, int *x, int *y, int *width, int *height)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  *x = self->occluder.x;
  *y = self->occluder.y;
  *width = self->occluder.width;
  *height = self->occluder.height;
}

void
viz_image_canvas_set_occluder_visible (VizImageCanvas *self, gboolean visible)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  visible = visible != FALSE;
  if (visible == self->occluder_visible)
    return;
  self->occluder_visible = visible;
  if (!visible)
    _viz_canvas_set_cursor (self, NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_OCCLUDER_VISIBLE);
}

gboolean
viz_image_canvas_get_occluder_visible (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), FALSE);
  return self->occluder_visible;
}

void
viz_image_canvas_set_occluder_fill (VizImageCanvas *self, CnnFill fill, double value)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  self->fill = fill;
  self->fill_value = CLAMP (value, 0, 1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_image_canvas_set_occluder_picture (VizImageCanvas *self, CnnImage *picture)
{
  VizRasterSource source = { .image = picture };
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  g_clear_pointer (&self->fill_picture, viz_raster_unref);
  if (picture != NULL)
    self->fill_picture = viz_raster_source_render (&source);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
_viz_canvas_get_occluder_area (VizImageCanvas *self, graphene_rect_t *area)
{
  const VizRect *r = &self->occluder;
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double x0, y0, x1, y1;
  if (!self->occluder_visible || self->image == NULL)
    return FALSE;
  viz_image_canvas_from_image (self, r->x, r->y, &x0, &y0);
  viz_image_canvas_from_image (self, r->x + r->width, r->y + r->height, &x1, &y1);
  x0 = round (x0 * scale) / scale;
  y0 = round (y0 * scale) / scale;
  x1 = MAX (round (x1 * scale) / scale, x0 + 1);
  y1 = MAX (round (y1 * scale) / scale, y0 + 1);
  graphene_rect_init (area, (float)x0, (float)y0, (float)(x1 - x0), (float)(y1 - y0));
  return TRUE;
}

VizGrip
_viz_canvas_find_grip (VizImageCanvas *self, double x, double y)
{
  graphene_rect_t area;
  VizGrip grip = VIZ_GRIP_NONE;
  if (!_viz_canvas_get_occluder_area (self, &area))
    return VIZ_GRIP_NONE;
  double left = (double)area.origin.x, top = (double)area.origin.y;
  double right = left + (double)area.size.width, bottom = top + (double)area.size.height;
  /* inside, the edges take a quarter each at most, so that a small one can still be moved */
  double reach_x = MIN (GRIP_REACH, (right - left) / 4), reach_y = MIN (GRIP_REACH, (bottom - top) / 4);
  if (x < left - GRIP_REACH || x > right + GRIP_REACH || y < top - GRIP_REACH || y > bottom + GRIP_REACH)
    return VIZ_GRIP_NONE;
  if (x < left + reach_x)
    grip |= VIZ_GRIP_LEFT;
  else if (x > right - reach_x)
    grip |= VIZ_GRIP_RIGHT;
  if (y < top + reach_y)
    grip |= VIZ_GRIP_TOP;
  else if (y > bottom - reach_y)
    grip |= VIZ_GRIP_BOTTOM;
  return grip != VIZ_GRIP_NONE ? grip : VIZ_GRIP_MOVE;
}

const char *
_viz_canvas_grip_cursor (VizGrip grip)
{
  switch ((int)grip) {
  case VIZ_GRIP_NONE:
    return NULL;
  case VIZ_GRIP_LEFT:
  case VIZ_GRIP_RIGHT:
    return "ew-resize";
  case VIZ_GRIP_TOP:
  case VIZ_GRIP_BOTTOM:
    return "ns-resize";
  case VIZ_GRIP_LEFT | VIZ_GRIP_TOP:
  case VIZ_GRIP_RIGHT | VIZ_GRIP_BOTTOM:
    return "nwse-resize";
  case VIZ_GRIP_RIGHT | VIZ_GRIP_TOP:
  case VIZ_GRIP_LEFT | VIZ_GRIP_BOTTOM:
    return "nesw-resize";
  default:
    return "move";
  }
}

VizRect
_viz_canvas_drag_rect (VizImageCanvas *self, VizRect rect, VizGrip grip, int dx, int dy)
{
  guint w, h;
  int left = rect.x, top = rect.y, right = rect.x + rect.width, bottom = rect.y + rect.height;
  _viz_canvas_get_size (self, &w, &h);
  if (grip == VIZ_GRIP_MOVE)
    return clip_rect (self, (VizRect){ left + dx, top + dy, rect.width, rect.height });
  if (grip & VIZ_GRIP_LEFT)
    left = CLAMP (left + dx, 0, right - 1);
  if (grip & VIZ_GRIP_RIGHT)
    right = CLAMP (right + dx, left + 1, (int)w);
  if (grip & VIZ_GRIP_TOP)
    top = CLAMP (top + dy, 0, bottom - 1);
  if (grip & VIZ_GRIP_BOTTOM)
    bottom = CLAMP (bottom + dy, top + 1, (int)h);
  return (VizRect){ left, top, right - left, bottom - top };
}
