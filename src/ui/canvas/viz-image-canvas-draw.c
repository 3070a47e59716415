/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-image-canvas"
#include "config.h"

#include "viz-image-canvas-private.h"

/* up to this many pixels picture and map are put together once, not at every draw */
#define COMPOSE_PIXELS (1024 * 1024)
#define STALE_OPACITY 0.35
#define HANDLE_SIZE 7.0

static double
map_opacity (VizImageCanvas *self)
{
  if (self->bare)
    return 0;
  return self->opacity * (self->stale ? STALE_OPACITY : 1);
}

/** Whether one raster can stand for both layers; makes it. */
static gboolean
compose (VizImageCanvas *self)
{
  VizRaster *image = self->raster[LAYER_IMAGE], *map = self->raster[LAYER_MAP];
  guint w, h;
  if (self->bare || self->zoom < 1 || image == NULL || map == NULL)
    return FALSE;
  w = viz_raster_get_width (image);
  h = viz_raster_get_height (image);
  if (w != viz_raster_get_width (map) || h != viz_raster_get_height (map) || (gsize)w * h > COMPOSE_PIXELS)
    return FALSE;
  if (self->composed == NULL)
    self->composed = viz_raster_new_composed (image, map, map_opacity (self));
  return self->composed != NULL;
}

/** The picture and the map over it, as one node that is kept until something changes. */
static GskRenderNode *
make_node (VizImageCanvas *self, const graphene_rect_t *area, const graphene_rect_t *seen)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  GskRenderNode *node = gsk_cairo_node_new (seen);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  gdk_cairo_rectangle (cr, &(GdkRectangle){ (int)seen->origin.x - 1, (int)seen->origin.y - 1,
                                            (int)seen->size.width + 2, (int)seen->size.height + 2 });
  cairo_clip (cr);
  if (compose (self)) {
    viz_raster_draw (self->composed, cr, area, scale, 1, FALSE);
  } else {
    if (self->raster[LAYER_IMAGE] != NULL)
      viz_raster_draw (self->raster[LAYER_IMAGE], cr, area, scale, 1, FALSE);
    if (self->raster[LAYER_MAP] != NULL && map_opacity (self) > 0)
      viz_raster_draw (self->raster[LAYER_MAP], cr, area, scale, map_opacity (self), FALSE);
  }
  cairo_destroy (cr);
  return node;
}

static void
draw_trail (VizImageCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *area,
            const graphene_rect_t *seen)
{
  cairo_t *cr;
  if (self->trail_surface == NULL || self->bare)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, seen);
  cairo_translate (cr, (double)area->origin.x, (double)area->origin.y);
  cairo_scale (cr, (double)area->size.width / cairo_image_surface_get_width (self->trail_surface),
               (double)area->size.height / cairo_image_surface_get_height (self->trail_surface));
  cairo_set_source_surface (cr, self->trail_surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint_with_alpha (cr, 0.6);
  cairo_destroy (cr);
}

static void
draw_frame (GtkSnapshot *snapshot, const graphene_rect_t *area, float inset, const GdkRGBA *colour)
{
  const float widths[4] = { 1, 1, 1, 1 };
  const GdkRGBA colours[4] = { *colour, *colour, *colour, *colour };
  graphene_rect_t bounds;
  GskRoundedRect outline;
  graphene_rect_inset_r (area, inset, inset, &bounds);
  if (bounds.size.width < 1 || bounds.size.height < 1)
    return;
  gsk_rounded_rect_init_from_rect (&outline, &bounds, 0);
  gtk_snapshot_append_border (snapshot, &outline, widths, colours);
}

static void
draw_handle (GtkSnapshot *snapshot, float x, float y)
{
  const GdkRGBA white = { 1, 1, 1, 1 }, black = { 0, 0, 0, 0.85f };
  const float half = (float)HANDLE_SIZE / 2;
  graphene_rect_t box = GRAPHENE_RECT_INIT (x - half, y - half, 2 * half, 2 * half);
  gtk_snapshot_append_color (snapshot, &white, &box);
  draw_frame (snapshot, &box, 0, &black);
}

static void
draw_handles (GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  float left = area->origin.x, top = area->origin.y, w = area->size.width, h = area->size.height;
  if (w < 3 * (float)HANDLE_SIZE || h < 3 * (float)HANDLE_SIZE)
    return; /* they would hide what lies under them; the edges can be dragged all the same */
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      if (i != 1 || j != 1)
        draw_handle (snapshot, left + w * (float)i / 2, top + h * (float)j / 2);
}

static void
draw_fill (VizImageCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *area,
           const graphene_rect_t *image_area)
{
  VizRaster *picture = self->fill_picture;
  gboolean blur = picture == NULL && self->fill == CNN_FILL_BLUR;
  GdkRGBA colour = { 0.5f, 0.5f, 0.5f, 1 };
  if (blur)
    picture = self->raster[LAYER_IMAGE];
  if (picture != NULL && (blur || self->fill_picture != NULL)) {
    cairo_t *cr = gtk_snapshot_append_cairo (snapshot, area);
    viz_raster_draw (picture, cr, image_area, gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1, blur);
    cairo_destroy (cr);
    return;
  }
  if (self->fill == CNN_FILL_MEAN && self->raster[LAYER_IMAGE] != NULL) {
    viz_raster_get_mean (self->raster[LAYER_IMAGE], &colour);
  } else if (self->fill != CNN_FILL_GRAY) {
    float v = self->fill == CNN_FILL_WHITE ? 1 : self->fill == CNN_FILL_VALUE ? (float)self->fill_value : 0;
    colour = (GdkRGBA){ v, v, v, 1 };
  }
  gtk_snapshot_append_color (snapshot, &colour, area);
}

static void
draw_occluder (VizImageCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *image_area)
{
  const GdkRGBA white = { 1, 1, 1, 0.95f }, black = { 0, 0, 0, 0.8f };
  graphene_rect_t area;
  if (self->bare || !_viz_canvas_get_occluder_area (self, &area))
    return;
  draw_fill (self, snapshot, &area, image_area);
  /* dark, light, dark: seen on any ground, and outside the fill so that a small one stays visible */
  draw_frame (snapshot, &area, -1, &black);
  draw_frame (snapshot, &area, -2, &white);
  draw_frame (snapshot, &area, -3, &black);
  draw_handles (snapshot, &area);
}

/** A thin frame in the colour of the text, so that a white picture ends somewhere on a white page. */
static void
draw_edge (VizImageCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  GdkRGBA colour;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &colour);
  colour.alpha *= 0.3f;
  draw_frame (snapshot, area, -1, &colour);
}

void
_viz_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  graphene_rect_t bounds, area, seen;
  graphene_rect_init (&bounds, 0, 0, (float)gtk_widget_get_width (widget),
                      (float)gtk_widget_get_height (widget));
  if (!_viz_canvas_get_area (self, &area) || !graphene_rect_intersection (&area, &bounds, &seen))
    return;
  gtk_snapshot_push_clip (snapshot, &bounds);
  draw_edge (self, snapshot, &area);
  if (self->node == NULL)
    self->node = make_node (self, &area, &seen);
  gtk_snapshot_append_node (snapshot, self->node);
  draw_trail (self, snapshot, &area, &seen);
  draw_occluder (self, snapshot, &area);
  gtk_snapshot_pop (snapshot);
}
