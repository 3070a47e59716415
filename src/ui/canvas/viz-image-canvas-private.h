/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-image-canvas.h"
#include "viz-raster.h"

G_BEGIN_DECLS

/* Shared by the parts of VizImageCanvas: viz-image-canvas.c (contents), -view.c (zoom and pan), -draw.c,
 * -input.c, -occluder.c. */

typedef enum { LAYER_IMAGE, LAYER_MAP, N_LAYERS } VizCanvasLayer;

/** What of the occluder is under the pointer: edges that move, or all of it. */
typedef enum {
  VIZ_GRIP_NONE = 0,
  VIZ_GRIP_LEFT = 1,
  VIZ_GRIP_RIGHT = 2,
  VIZ_GRIP_TOP = 4,
  VIZ_GRIP_BOTTOM = 8,
  VIZ_GRIP_MOVE = 16
} VizGrip;

typedef struct {
  int x, y, width, height;
} VizRect;

struct _VizImageCanvas {
  GtkWidget parent_instance;

  /* contents */
  CnnImage *image;
  CnnMap *map;
  VizRaster *raster[N_LAYERS];
  VizRaster *composed; /* picture and map in one, or NULL */
  VizRasterSource *waiting[N_LAYERS];
  gboolean running[N_LAYERS];
  guint64 serial[N_LAYERS]; /* of the newest request */
  guint64 running_serial[N_LAYERS];
  double opacity;
  gboolean stale, bare;
  GskRenderNode *node; /* the heavy part of the drawing, or NULL */
  char *label, *description;

  /* view: the point of the picture in the middle of the widget */
  double zoom, center_x, center_y;
  gboolean fit;

  /* occluder */
  gboolean occluder_visible;
  VizRect occluder;
  CnnFill fill;
  double fill_value;
  VizRaster *fill_picture;
  gboolean trail;
  cairo_surface_t *trail_surface;

  /* input */
  const char *cursor; /* its name, static */
  GtkGesture *drag;
  GtkEventController *motion;
  VizGrip grip;
  gboolean dragging, panning, space_held, was_panned;
  VizRect drag_rect;
  double pan_x, pan_y, pinch_zoom;
  double pointer_x, pointer_y;
  gboolean pointer_inside;
  gboolean tell_occluder, tell_pointer;
  guint tick;
};

enum {
  VIZ_CANVAS_PROP_0,
  VIZ_CANVAS_PROP_ZOOM,
  VIZ_CANVAS_PROP_FIT,
  VIZ_CANVAS_PROP_MAP_OPACITY,
  VIZ_CANVAS_PROP_STALE,
  VIZ_CANVAS_PROP_OCCLUDER_VISIBLE,
  VIZ_CANVAS_PROP_TRAIL,
  VIZ_CANVAS_PROP_BARE,
  VIZ_CANVAS_N_PROPS
};
extern GParamSpec *_viz_canvas_properties[VIZ_CANVAS_N_PROPS];

enum { VIZ_CANVAS_OCCLUDER_CHANGED, VIZ_CANVAS_POINTER_MOVED, VIZ_CANVAS_ACTIVATED, VIZ_CANVAS_N_SIGNALS };
extern guint _viz_canvas_signals[VIZ_CANVAS_N_SIGNALS];

void _viz_canvas_notify (VizImageCanvas *self, guint prop);
/** Forgets the drawn contents and draws anew. */
void _viz_canvas_invalidate (VizImageCanvas *self);
void _viz_canvas_set_bare (VizImageCanvas *self, gboolean bare);

/** Size of the picture, 0x0 without one. */
void _viz_canvas_get_size (VizImageCanvas *self, guint *width, guint *height);
/** Where the whole picture lies, in logical pixels, on whole device pixels. FALSE: nothing to show. */
gboolean _viz_canvas_get_area (VizImageCanvas *self, graphene_rect_t *area);
/** @zoom around a point of the widget that stays where it is. */
void _viz_canvas_zoom_at (VizImageCanvas *self, double zoom, double x, double y);
void _viz_canvas_refit (VizImageCanvas *self);
void _viz_canvas_center (VizImageCanvas *self);

void _viz_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);

void _viz_canvas_init_input (VizImageCanvas *self);
void _viz_canvas_class_init_keys (GtkWidgetClass *class);
/** Has the signals emitted before the next frame. */
void _viz_canvas_tell (VizImageCanvas *self, gboolean occluder, gboolean pointer);
void _viz_canvas_dispose_input (VizImageCanvas *self);

/** The occluder in the widget's logical pixels. */
gboolean _viz_canvas_get_occluder_area (VizImageCanvas *self, graphene_rect_t *area);
VizGrip _viz_canvas_find_grip (VizImageCanvas *self, double x, double y);
const char *_viz_canvas_grip_cursor (VizGrip grip);
/** @rect dragged by @grip, kept inside the picture. */
VizRect _viz_canvas_drag_rect (VizImageCanvas *self, VizRect rect, VizGrip grip, int dx, int dy);
/** @by_person: announce it. */
void _viz_canvas_put_occluder (VizImageCanvas *self, VizRect rect, gboolean by_person);
void _viz_canvas_clip_occluder (VizImageCanvas *self);
void _viz_canvas_drop_trail (VizImageCanvas *self);
void _viz_canvas_set_cursor (VizImageCanvas *self, const char *name);

G_END_DECLS
