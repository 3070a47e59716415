/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-diagram.h"

G_BEGIN_DECLS

/* What the files viz-diagram*.c share: viz-diagram.c is the widget, -view.c where things are, -input.c what
 * the person does, -drawing.c the pictures made on a thread. */

/** A part of a diagram as a picture. */
typedef struct {
  CnnDiagram *diagram;
  gboolean dark;
  GdkRGBA ground;
  double scale;         /* device pixels per point */
  graphene_rect_t area; /* points */
  GdkTexture *texture;  /* NULL until drawn */
  /* its parts of VIZ_DRAWING_TILE device pixels a side, row by row: only those in sight need be drawn, which
   * counts without OpenGL, where GTK converts the whole of each texture for each frame. Enlarged they would
   * have seams; then it is the texture that is drawn. */
  GPtrArray *tiles;
} VizDrawing;

#define VIZ_DRAWING_TILE 256

void viz_drawing_free (VizDrawing *self);
/** Draws on a thread; takes @drawing. */
void viz_drawing_make_async (VizDrawing *drawing, GObject *owner, GAsyncReadyCallback callback);
VizDrawing *viz_drawing_make_finish (GAsyncResult *result);

struct _VizDiagram {
  GtkWidget parent;
  CnnDiagram *diagram;
  double width, height; /* points */
  int layer, hovered;
  double zoom; /* widget units per point */
  double x, y; /* the point in the middle of the widget */
  gboolean fit;
  gboolean fresh; /* not yet laid out at a size */
  VizDrawing *overview, *detail;
  gboolean overview_runs, detail_runs;
  /* input */
  double pointer_x, pointer_y;
  gboolean pointer_inside;
  double drag_x, drag_y;
  gboolean panning, in_map;
  double pinch_zoom;
};

typedef enum { VIZ_DIAGRAM_SELECTED, VIZ_DIAGRAM_ACTIVATED, VIZ_DIAGRAM_N_SIGNALS } VizDiagramSignal;
extern guint _viz_diagram_signals[VIZ_DIAGRAM_N_SIGNALS];

/** Selects a layer for the person: marks it, shows it, tells so. */
void _viz_diagram_choose (VizDiagram *self, int layer);

void _viz_diagram_to_points (VizDiagram *self, double x, double y, double *points_x, double *points_y);
void _viz_diagram_place (VizDiagram *self); /* after the size or the diagram changed */
void _viz_diagram_zoom_at (VizDiagram *self, double zoom, double x, double y);
void _viz_diagram_move (VizDiagram *self, double dx, double dy);
void _viz_diagram_center (VizDiagram *self, double x, double y);
/** Moves as little as brings the box of @layer into sight. */
void _viz_diagram_show (VizDiagram *self, int layer);
/** What of the diagram is in sight, in points. */
void _viz_diagram_get_sight (VizDiagram *self, graphene_rect_t *sight);
/** The small map, in widget units. FALSE: all is in sight. */
gboolean _viz_diagram_get_map (VizDiagram *self, graphene_rect_t *map);
/** The view changed: draw again, and have drawn what is missing. */
void _viz_diagram_changed (VizDiagram *self);

void _viz_diagram_class_init_keys (GtkWidgetClass *klass);
void _viz_diagram_init_input (VizDiagram *self);

G_END_DECLS
