/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-diagram-private.h"

#include <math.h>

/* one notch of a wheel */
#define WHEEL_FACTOR 1.25
/* a press that moves less than this is a click */
#define PAN_THRESHOLD 4.0
#define KEY_PAN 60.0

static int
layer_at (VizDiagram *self, double x, double y)
{
  double px, py;

  if (self->diagram == NULL)
    return -1;
  _viz_diagram_to_points (self, x, y, &px, &py);
  return cnn_diagram_layer_at (self->diagram, px, py);
}

static void
hover (VizDiagram *self)
{
  graphene_rect_t map;
  gboolean on_map = _viz_diagram_get_map (self, &map) &&
                    graphene_rect_contains_point (
                        &map, &GRAPHENE_POINT_INIT ((float)self->pointer_x, (float)self->pointer_y));
  int layer = self->pointer_inside && !on_map ? layer_at (self, self->pointer_x, self->pointer_y) : -1;

  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->panning ? "grabbing"
                                                      : layer >= 0  ? "pointer"
                                                                    : NULL);
  if (layer == self->hovered)
    return;
  self->hovered = layer;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, VizDiagram *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  self->pointer_inside = TRUE;
  hover (self);
}

static void
leave_cb (GtkEventControllerMotion *controller, VizDiagram *self)
{
  self->pointer_inside = FALSE;
  hover (self);
}

/* Goes to the place of the small map that is pointed at. */
static gboolean
follow_map (VizDiagram *self, double x, double y, gboolean begin)
{
  graphene_rect_t map;

  if (!_viz_diagram_get_map (self, &map) ||
      (begin && !graphene_rect_contains_point (&map, &GRAPHENE_POINT_INIT ((float)x, (float)y))))
    return FALSE;
  _viz_diagram_center (self, (x - (double)map.origin.x) / (double)map.size.width * self->width,
                       (y - (double)map.origin.y) / (double)map.size.height * self->height);
  return TRUE;
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, VizDiagram *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag));

  if (button != GDK_BUTTON_PRIMARY && button != GDK_BUTTON_MIDDLE) {
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = self->drag_y = 0;
  self->in_map = follow_map (self, x, y, TRUE);
  if (self->in_map)
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, VizDiagram *self)
{
  double x, y;

  if (self->in_map && gtk_gesture_drag_get_start_point (drag, &x, &y)) {
    follow_map (self, x + dx, y + dy, FALSE);
    return;
  }
  if (!self->panning && hypot (dx, dy) >= PAN_THRESHOLD) {
    self->panning = TRUE;
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
    hover (self);
  }
  if (!self->panning)
    return;
  _viz_diagram_move (self, dx - self->drag_x, dy - self->drag_y);
  self->drag_x = dx;
  self->drag_y = dy;
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, VizDiagram *self)
{
  self->panning = self->in_map = FALSE;
  hover (self);
}

static void
drag_cancel_cb (GtkGesture *drag, GdkEventSequence *sequence, VizDiagram *self)
{
  drag_end_cb (GTK_GESTURE_DRAG (drag), 0, 0, self);
}

static void
released_cb (GtkGestureClick *click, int n_press, double x, double y, VizDiagram *self)
{
  int layer = layer_at (self, x, y);

  if (self->panning || self->in_map || layer < 0)
    return;
  _viz_diagram_choose (self, layer);
  if (n_press == 2)
    g_signal_emit (self, _viz_diagram_signals[VIZ_DIAGRAM_ACTIVATED], 0, layer);
}

/* As on the picture: a wheel zooms, a touchpad's two fingers move; Ctrl always zooms, Shift turns a wheel
 * sideways. */
static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, VizDiagram *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  gboolean wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  double x = self->pointer_inside ? self->pointer_x : gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
  double y = self->pointer_inside ? self->pointer_y : gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;

  if (self->diagram == NULL)
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_CONTROL_MASK)
    _viz_diagram_zoom_at (self, self->zoom * pow (WHEEL_FACTOR, wheel ? -dy : -dy / 40), x, y);
  else if (!wheel)
    _viz_diagram_move (self, -dx, -dy);
  else if (state & GDK_SHIFT_MASK)
    _viz_diagram_move (self, -(dx + dy) * KEY_PAN, 0);
  else if (dy != 0)
    _viz_diagram_zoom_at (self, self->zoom * pow (WHEEL_FACTOR, -dy), x, y);
  else
    _viz_diagram_move (self, -dx * KEY_PAN, 0);
  hover (self);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, VizDiagram *self)
{
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, VizDiagram *self)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    _viz_diagram_zoom_at (self, self->pinch_zoom * scale, x, y);
}

static gboolean
zoom_key_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (widget);

  switch (g_variant_get_int32 (args)) {
  case '+':
    viz_diagram_zoom_in (self);
    break;
  case '-':
    viz_diagram_zoom_out (self);
    break;
  case '0':
    viz_diagram_set_fit (self, TRUE);
    break;
  default:
    viz_diagram_go_to (self, MAX (self->layer, 0));
  }
  return TRUE;
}

static gboolean
walk_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (widget);
  guint layer = (guint)MAX (self->layer, 0);

  if (self->diagram == NULL || cnn_model_get_n_layers (cnn_diagram_get_model (self->diagram)) == 0)
    return FALSE;
  if (self->layer >= 0)
    layer = cnn_diagram_step (self->diagram, layer, (CnnDiagramWay)g_variant_get_int32 (args));
  _viz_diagram_choose (self, (int)layer);
  return TRUE;
}

static gboolean
end_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (widget);
  guint n = self->diagram != NULL ? cnn_model_get_n_layers (cnn_diagram_get_model (self->diagram)) : 0;

  if (n == 0)
    return FALSE;
  _viz_diagram_choose (self, g_variant_get_boolean (args) ? (int)n - 1 : 0);
  return TRUE;
}

static gboolean
pan_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  int dx, dy;

  g_variant_get (args, "(ii)", &dx, &dy);
  _viz_diagram_move (VIZ_DIAGRAM (widget), -dx * KEY_PAN, -dy * KEY_PAN);
  return TRUE;
}

static gboolean
enter_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (widget);

  if (self->layer >= 0)
    g_signal_emit (self, _viz_diagram_signals[VIZ_DIAGRAM_ACTIVATED], 0, self->layer);
  return self->layer >= 0;
}

void
_viz_diagram_class_init_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key;
    int what;
  } zooms[] = { { GDK_KEY_plus, '+' },  { GDK_KEY_equal, '+' },       { GDK_KEY_KP_Add, '+' },
                { GDK_KEY_minus, '-' }, { GDK_KEY_KP_Subtract, '-' }, { GDK_KEY_0, '0' },
                { GDK_KEY_KP_0, '0' },  { GDK_KEY_1, '1' },           { GDK_KEY_KP_1, '1' } };
  static const struct {
    guint key, keypad;
    CnnDiagramWay way;
    int dx, dy;
  } ways[] = { { GDK_KEY_Up, GDK_KEY_KP_Up, CNN_DIAGRAM_UP, 0, -1 },
               { GDK_KEY_Down, GDK_KEY_KP_Down, CNN_DIAGRAM_DOWN, 0, 1 },
               { GDK_KEY_Left, GDK_KEY_KP_Left, CNN_DIAGRAM_LEFT, -1, 0 },
               { GDK_KEY_Right, GDK_KEY_KP_Right, CNN_DIAGRAM_RIGHT, 1, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (klass, zooms[i].key, 0, zoom_key_cb, "i", zooms[i].what);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    gtk_widget_class_add_binding (klass, ways[i].key, 0, walk_cb, "i", ways[i].way);
    gtk_widget_class_add_binding (klass, ways[i].keypad, 0, walk_cb, "i", ways[i].way);
    gtk_widget_class_add_binding (klass, ways[i].key, GDK_SHIFT_MASK, pan_cb, "(ii)", ways[i].dx, ways[i].dy);
  }
  gtk_widget_class_add_binding (klass, GDK_KEY_Home, 0, end_cb, "b", FALSE);
  gtk_widget_class_add_binding (klass, GDK_KEY_End, 0, end_cb, "b", TRUE);
  gtk_widget_class_add_binding (klass, GDK_KEY_Return, 0, enter_cb, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Enter, 0, enter_cb, NULL);
}

void
_viz_diagram_init_input (VizDiagram *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new (),
             *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (widget, scroll);
}
