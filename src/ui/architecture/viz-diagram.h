/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/diagram/cnn-diagram.h"

G_BEGIN_DECLS

#define VIZ_TYPE_DIAGRAM (viz_diagram_get_type ())
G_DECLARE_FINAL_TYPE (VizDiagram, viz_diagram, VIZ, DIAGRAM, GtkWidget)

#define VIZ_DIAGRAM_MIN_ZOOM 0.02
#define VIZ_DIAGRAM_MAX_ZOOM 8.0

/**
 * VizDiagram:
 *
 * A network's diagram to walk in. A click selects a box, the arrow keys follow the arrows from box to box,
 * Enter or a double click activates one. The wheel and + and - zoom, 0 fits, 1 is reading size, dragging and
 * a touchpad move it; a small map shows where one is when not all is in sight. What is seen is drawn on a
 * thread; meanwhile the last drawing is shown, moved and scaled.
 *
 * Signals: "layer-selected" (int), the person went to a box; "layer-activated" (int). Property "fit": all of
 * it is in sight, also when the size changes.
 */
GtkWidget *viz_diagram_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** Shows another diagram, or none: the whole if that is readable, else where the selected layer is. */
void viz_diagram_set_diagram (VizDiagram *self, CnnDiagram *diagram);
CnnDiagram *viz_diagram_get_diagram (VizDiagram *self);

/** Marks the box of a layer (-1: none) and brings it into sight; no signal. */
void viz_diagram_set_layer (VizDiagram *self, int layer);
int viz_diagram_get_layer (VizDiagram *self);
/** Goes to a box at reading size, selects it and tells so. */
void viz_diagram_go_to (VizDiagram *self, int layer);

void viz_diagram_set_fit (VizDiagram *self, gboolean fit);
gboolean viz_diagram_get_fit (VizDiagram *self);
void viz_diagram_zoom_in (VizDiagram *self);
void viz_diagram_zoom_out (VizDiagram *self);
/** Widget units per point of the diagram. */
double viz_diagram_get_zoom (VizDiagram *self);
/** Where a point of the diagram is in the widget. */
void viz_diagram_from_points (VizDiagram *self, double x, double y, double *widget_x, double *widget_y);
/** Whether what is shown is the drawing of what is in sight now. */
gboolean viz_diagram_is_sharp (VizDiagram *self);

G_END_DECLS
