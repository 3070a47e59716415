/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-diagram-private.h"

#include <math.h>

#define FIT_MARGIN 6
/* at this zoom the names are about as large as the window's small text */
#define READING_ZOOM 1.3
/* below it a fitted diagram cannot be read, so one begins at reading size */
#define LEAST_READABLE 0.9
#define MAX_FIT 2.0
#define STEP 1.25
/* the small map's longer side, and its distance from the corner */
#define MAP_SIZE 150.0
#define MAP_MARGIN 10.0

static double
fit_zoom (VizDiagram *self)
{
  double wide = MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * FIT_MARGIN);
  double high = MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - 2 * FIT_MARGIN);

  return fmin (MAX_FIT, fmin (wide / fmax (self->width, 1), high / fmax (self->height, 1)));
}

static void
set_fit (VizDiagram *self, gboolean fit)
{
  if (self->fit == fit)
    return;
  self->fit = fit;
  g_object_notify (G_OBJECT (self), "fit");
}

/* The middle stays on the diagram; one that is smaller than the widget stays in its middle. */
static void
set_view (VizDiagram *self, double zoom, double x, double y)
{
  self->zoom = CLAMP (zoom, VIZ_DIAGRAM_MIN_ZOOM, VIZ_DIAGRAM_MAX_ZOOM);
  self->x = self->width * self->zoom <= gtk_widget_get_width (GTK_WIDGET (self)) ? self->width / 2
                                                                                 : CLAMP (x, 0, self->width);
  self->y = self->height * self->zoom <= gtk_widget_get_height (GTK_WIDGET (self))
                ? self->height / 2
                : CLAMP (y, 0, self->height);
  _viz_diagram_changed (self);
}

void
viz_diagram_from_points (VizDiagram *self, double x, double y, double *widget_x, double *widget_y)
{
  double factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  /* whole device pixels, or the text shimmers while it moves */
  double left =
      round ((gtk_widget_get_width (GTK_WIDGET (self)) / 2.0 - self->x * self->zoom) * factor) / factor;
  double top =
      round ((gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 - self->y * self->zoom) * factor) / factor;

  *widget_x = left + x * self->zoom;
  *widget_y = top + y * self->zoom;
}

void
_viz_diagram_to_points (VizDiagram *self, double x, double y, double *points_x, double *points_y)
{
  double left, top;

  viz_diagram_from_points (self, 0, 0, &left, &top);
  *points_x = (x - left) / self->zoom;
  *points_y = (y - top) / self->zoom;
}

void
_viz_diagram_get_sight (VizDiagram *self, graphene_rect_t *sight)
{
  double left, top, right, bottom;

  _viz_diagram_to_points (self, 0, 0, &left, &top);
  _viz_diagram_to_points (self, gtk_widget_get_width (GTK_WIDGET (self)),
                          gtk_widget_get_height (GTK_WIDGET (self)), &right, &bottom);
  left = CLAMP (left, 0, self->width);
  top = CLAMP (top, 0, self->height);
  graphene_rect_init (sight, (float)left, (float)top, (float)(CLAMP (right, 0, self->width) - left),
                      (float)(CLAMP (bottom, 0, self->height) - top));
}

gboolean
_viz_diagram_get_map (VizDiagram *self, graphene_rect_t *map)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  double longer = fmin (MAP_SIZE, fmin (width, height) / 3), scale;

  if (self->diagram == NULL || self->width <= 0 || self->height <= 0 ||
      (self->width * self->zoom <= width + 1 && self->height * self->zoom <= height + 1))
    return FALSE;
  scale = longer / fmax (self->width, self->height);
  graphene_rect_init (map, (float)(width - MAP_MARGIN - self->width * scale),
                      (float)(height - MAP_MARGIN - self->height * scale), (float)(self->width * scale),
                      (float)(self->height * scale));
  return TRUE;
}

void
_viz_diagram_center (VizDiagram *self, double x, double y)
{
  set_fit (self, FALSE);
  set_view (self, self->zoom, x, y);
}

void
_viz_diagram_move (VizDiagram *self, double dx, double dy)
{
  if (self->diagram != NULL)
    _viz_diagram_center (self, self->x - dx / self->zoom, self->y - dy / self->zoom);
}

void
_viz_diagram_zoom_at (VizDiagram *self, double zoom, double x, double y)
{
  double px, py, dx = x - gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                 dy = y - gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;

  if (self->diagram == NULL)
    return;
  _viz_diagram_to_points (self, x, y, &px, &py);
  zoom = CLAMP (zoom, fmin (fit_zoom (self) / 2, 1), VIZ_DIAGRAM_MAX_ZOOM);
  set_fit (self, FALSE);
  set_view (self, zoom, px - dx / zoom, py - dy / zoom);
}

static void
zoom_by (VizDiagram *self, double factor)
{
  _viz_diagram_zoom_at (self, self->zoom * factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                        gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

void
viz_diagram_zoom_in (VizDiagram *self)
{
  zoom_by (self, STEP);
}

void
viz_diagram_zoom_out (VizDiagram *self)
{
  zoom_by (self, 1 / STEP);
}

void
viz_diagram_set_fit (VizDiagram *self, gboolean fit)
{
  g_return_if_fail (VIZ_IS_DIAGRAM (self));
  set_fit (self, fit);
  if (fit && self->diagram != NULL)
    set_view (self, fit_zoom (self), self->width / 2, self->height / 2);
}

/* How far a length from @low to @high must move to lie between @from and @to. */
static double
shift_into (double low, double high, double from, double to)
{
  if (high - low > to - from)
    return (from + to) / 2 - (low + high) / 2;
  return low < from ? from - low : high > to ? to - high : 0;
}

void
_viz_diagram_show (VizDiagram *self, int layer)
{
  double x, y, width, height, left, top, right, bottom;
  double wide = gtk_widget_get_width (GTK_WIDGET (self)), high = gtk_widget_get_height (GTK_WIDGET (self));
  double dx, dy;

  if (self->fit || self->fresh || self->diagram == NULL || layer < 0 ||
      !cnn_diagram_get_box (self->diagram, (guint)layer, &x, &y, &width, &height))
    return;
  viz_diagram_from_points (self, x, y, &left, &top);
  viz_diagram_from_points (self, x + width, y + height, &right, &bottom);
  /* with the boxes before and after it */
  dx = shift_into (left, right, wide * 0.08, wide * 0.92);
  dy = shift_into (top, bottom, high * 0.15, high * 0.85);
  if (dx != 0 || dy != 0)
    set_view (self, self->zoom, self->x - dx / self->zoom, self->y - dy / self->zoom);
}

void
viz_diagram_go_to (VizDiagram *self, int layer)
{
  double x, y, width, height;

  g_return_if_fail (VIZ_IS_DIAGRAM (self));
  if (self->diagram == NULL || layer < 0 ||
      !cnn_diagram_get_box (self->diagram, (guint)layer, &x, &y, &width, &height))
    return;
  if (self->zoom < LEAST_READABLE) {
    set_fit (self, FALSE);
    set_view (self, READING_ZOOM, x + width / 2, y + height / 2);
  }
  _viz_diagram_choose (self, layer);
}

/* At first: all of it, if it can be read; else the selected box, or where the network begins. */
static void
place_first (VizDiagram *self)
{
  double zoom = fit_zoom (self), x = 0, y = 0, width = self->width, height = 0;

  self->fresh = FALSE;
  if (zoom >= LEAST_READABLE) {
    viz_diagram_set_fit (self, TRUE);
    return;
  }
  set_fit (self, FALSE);
  cnn_diagram_get_box (self->diagram, (guint)MAX (self->layer, 0), &x, &y, &width, &height);
  zoom = READING_ZOOM;
  x += width / 2;
  y += height / 2;
  /* no more of the margin than need be */
  x = fmax (x, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0 / zoom);
  y = fmax (y, gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 / zoom);
  set_view (self, zoom, x, y);
}

void
_viz_diagram_place (VizDiagram *self)
{
  if (self->diagram == NULL || gtk_widget_get_width (GTK_WIDGET (self)) < 2)
    return;
  if (self->fresh)
    place_first (self);
  else if (self->fit)
    viz_diagram_set_fit (self, TRUE);
  else
    set_view (self, self->zoom, self->x, self->y);
}
