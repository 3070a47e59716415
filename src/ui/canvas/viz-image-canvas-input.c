/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-image-canvas"
#include "config.h"

#include "viz-image-canvas-private.h"

#include <math.h>

/* one notch of a wheel */
#define WHEEL_FACTOR 1.25
/* a press that moves less than this is a click */
#define PAN_THRESHOLD 4.0
#define KEY_PAN 40.0

static void
emit_pointer (VizImageCanvas *self)
{
  guint w, h;
  double x = 0, y = 0;
  gboolean inside = FALSE;
  _viz_canvas_get_size (self, &w, &h);
  if (self->pointer_inside && w > 0) {
    viz_image_canvas_to_image (self, self->pointer_x, self->pointer_y, &x, &y);
    inside = x >= 0 && y >= 0 && x < w && y < h;
  }
  g_signal_emit (self, _viz_canvas_signals[VIZ_CANVAS_POINTER_MOVED], 0, x, y, inside);
}

static gboolean
tell_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  gboolean occluder = self->tell_occluder, pointer = self->tell_pointer;
  self->tick = 0;
  self->tell_occluder = self->tell_pointer = FALSE;
  g_object_ref (self);
  if (occluder)
    g_signal_emit (self, _viz_canvas_signals[VIZ_CANVAS_OCCLUDER_CHANGED], 0, self->occluder.x,
                   self->occluder.y, self->occluder.width, self->occluder.height);
  if (pointer)
    emit_pointer (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

void
_viz_canvas_tell (VizImageCanvas *self, gboolean occluder, gboolean pointer)
{
  self->tell_occluder = self->tell_occluder || occluder;
  self->tell_pointer = self->tell_pointer || pointer;
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tell_cb, NULL, NULL);
}

/* Each call loads the cursor's picture again, which for every motion of the pointer is too much. */
void
_viz_canvas_set_cursor (VizImageCanvas *self, const char *name)
{
  if (g_strcmp0 (name, self->cursor) == 0)
    return;
  self->cursor = name;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

static void
update_cursor (VizImageCanvas *self)
{
  const char *name = NULL;
  if (self->panning)
    name = "grabbing";
  else if (self->dragging)
    name = _viz_canvas_grip_cursor (self->grip);
  else if (self->space_held)
    name = "grab";
  else if (self->pointer_inside)
    name = _viz_canvas_grip_cursor (_viz_canvas_find_grip (self, self->pointer_x, self->pointer_y));
  _viz_canvas_set_cursor (self, name);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, VizImageCanvas *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  self->pointer_inside = TRUE;
  update_cursor (self);
  _viz_canvas_tell (self, FALSE, TRUE);
}

static void
leave_cb (GtkEventControllerMotion *controller, VizImageCanvas *self)
{
  self->pointer_inside = FALSE;
  _viz_canvas_tell (self, FALSE, TRUE);
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, VizImageCanvas *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag));
  if (button == GDK_BUTTON_SECONDARY || button > 3) {
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->pan_x = self->pan_y = 0;
  self->was_panned = FALSE;
  self->grip =
      button == GDK_BUTTON_PRIMARY && !self->space_held ? _viz_canvas_find_grip (self, x, y) : VIZ_GRIP_NONE;
  self->dragging = self->grip != VIZ_GRIP_NONE;
  self->panning = button == GDK_BUTTON_MIDDLE || self->space_held;
  self->drag_rect = self->occluder;
  if (self->dragging || self->panning)
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  update_cursor (self);
}

static void
drag_occluder (VizImageCanvas *self, double dx, double dy)
{
  graphene_rect_t area;
  guint w, h;
  if (!_viz_canvas_get_area (self, &area))
    return;
  _viz_canvas_get_size (self, &w, &h);
  int by_x = (int)lround (dx * w / (double)area.size.width),
      by_y = (int)lround (dy * h / (double)area.size.height);
  _viz_canvas_put_occluder (self, _viz_canvas_drag_rect (self, self->drag_rect, self->grip, by_x, by_y),
                            TRUE);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, VizImageCanvas *self)
{
  if (self->dragging) {
    drag_occluder (self, dx, dy);
    return;
  }
  if (!self->panning && hypot (dx, dy) >= PAN_THRESHOLD) {
    self->panning = TRUE;
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
    update_cursor (self);
  }
  if (!self->panning)
    return;
  viz_image_canvas_pan (self, dx - self->pan_x, dy - self->pan_y);
  self->pan_x = dx;
  self->pan_y = dy;
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, VizImageCanvas *self)
{
  self->dragging = self->panning = FALSE;
  self->grip = VIZ_GRIP_NONE;
  update_cursor (self);
}

static void
drag_cancel_cb (GtkGesture *drag, GdkEventSequence *sequence, VizImageCanvas *self)
{
  drag_end_cb (GTK_GESTURE_DRAG (drag), 0, 0, self);
}

static void
pressed_cb (GtkGestureClick *click, int n_press, double x, double y, VizImageCanvas *self)
{
  double image_x, image_y;
  guint w, h;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  _viz_canvas_get_size (self, &w, &h);
  if (n_press != 2 || w == 0)
    return;
  viz_image_canvas_to_image (self, x, y, &image_x, &image_y);
  if (image_x >= 0 && image_y >= 0 && image_x < w && image_y < h)
    g_signal_emit (self, _viz_canvas_signals[VIZ_CANVAS_ACTIVATED], 0, image_x, image_y);
}

/** A wheel zooms; a touchpad's two fingers move the view; Ctrl always zooms, Shift turns a wheel sideways. */
static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, VizImageCanvas *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  gboolean wheel = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_WHEEL;
  double x = self->pointer_inside ? self->pointer_x : gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
  double y = self->pointer_inside ? self->pointer_y : gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
  if (self->image == NULL)
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_CONTROL_MASK)
    _viz_canvas_zoom_at (self, self->zoom * pow (WHEEL_FACTOR, wheel ? -dy : -dy / 40), x, y);
  else if (!wheel)
    viz_image_canvas_pan (self, -dx, -dy);
  else if (state & GDK_SHIFT_MASK)
    viz_image_canvas_pan (self, -(dx + dy) * KEY_PAN, 0);
  else if (dy != 0)
    _viz_canvas_zoom_at (self, self->zoom * pow (WHEEL_FACTOR, -dy), x, y);
  else
    viz_image_canvas_pan (self, -dx * KEY_PAN, 0);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, VizImageCanvas *self)
{
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, VizImageCanvas *self)
{
  double x, y;
  if (self->image != NULL && gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    _viz_canvas_zoom_at (self, self->pinch_zoom * scale, x, y);
}

static void
hold_space (VizImageCanvas *self, gboolean held)
{
  self->space_held = held;
  _viz_canvas_set_bare (self, held);
  update_cursor (self);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
                VizImageCanvas *self)
{
  if (key != GDK_KEY_space || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (!self->space_held)
    hold_space (self, TRUE);
  return GDK_EVENT_STOP;
}

static void
key_released_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
                 VizImageCanvas *self)
{
  if (key == GDK_KEY_space)
    hold_space (self, FALSE);
}

static void
focus_left_cb (GtkEventControllerFocus *controller, VizImageCanvas *self)
{
  hold_space (self, FALSE);
}

static gboolean
zoom_key_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  switch (g_variant_get_int32 (args)) {
  case '+':
    viz_image_canvas_zoom_in (self);
    break;
  case '-':
    viz_image_canvas_zoom_out (self);
    break;
  case '0':
    viz_image_canvas_set_fit (self, TRUE);
    break;
  default:
    viz_image_canvas_set_zoom (self, 1);
  }
  return TRUE;
}

static gboolean
arrow_key_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  int dx, dy;
  gboolean resize;
  g_variant_get (args, "(iib)", &dx, &dy, &resize);
  if (self->image == NULL)
    return FALSE;
  if (!self->occluder_visible)
    viz_image_canvas_pan (self, -dx * KEY_PAN, -dy * KEY_PAN);
  else
    _viz_canvas_put_occluder (
        self,
        _viz_canvas_drag_rect (self, self->occluder,
                               resize ? VIZ_GRIP_RIGHT | VIZ_GRIP_BOTTOM : VIZ_GRIP_MOVE, dx, dy),
        TRUE);
  return TRUE;
}

static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  if (!self->occluder_visible)
    return FALSE;
  viz_image_canvas_set_occluder_visible (self, FALSE);
  return TRUE;
}

static gboolean
enter_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (widget);
  if (self->image == NULL)
    return FALSE;
  g_signal_emit (self, _viz_canvas_signals[VIZ_CANVAS_ACTIVATED], 0, self->center_x, self->center_y);
  return TRUE;
}

static void
add_arrow_keys (GtkWidgetClass *class, guint key, guint keypad, int dx, int dy)
{
  const struct {
    GdkModifierType state;
    int times;
    gboolean resize;
  } kinds[] = { { 0, 1, FALSE },
                { GDK_SHIFT_MASK, 10, FALSE },
                { GDK_CONTROL_MASK, 1, TRUE },
                { GDK_CONTROL_MASK | GDK_SHIFT_MASK, 10, TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    int x = dx * kinds[i].times, y = dy * kinds[i].times;
    gtk_widget_class_add_binding (class, key, kinds[i].state, arrow_key_cb, "(iib)", x, y, kinds[i].resize);
    gtk_widget_class_add_binding (class, keypad, kinds[i].state, arrow_key_cb, "(iib)", x, y,
                                  kinds[i].resize);
  }
}

void
_viz_canvas_class_init_keys (GtkWidgetClass *class)
{
  const struct {
    guint key;
    int what;
  } zooms[] = { { GDK_KEY_plus, '+' },  { GDK_KEY_equal, '+' },       { GDK_KEY_KP_Add, '+' },
                { GDK_KEY_minus, '-' }, { GDK_KEY_KP_Subtract, '-' }, { GDK_KEY_0, '0' },
                { GDK_KEY_KP_0, '0' },  { GDK_KEY_1, '1' },           { GDK_KEY_KP_1, '1' } };
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (class, zooms[i].key, 0, zoom_key_cb, "i", zooms[i].what);
  add_arrow_keys (class, GDK_KEY_Left, GDK_KEY_KP_Left, -1, 0);
  add_arrow_keys (class, GDK_KEY_Right, GDK_KEY_KP_Right, 1, 0);
  add_arrow_keys (class, GDK_KEY_Up, GDK_KEY_KP_Up, 0, -1);
  add_arrow_keys (class, GDK_KEY_Down, GDK_KEY_KP_Down, 0, 1);
  gtk_widget_class_add_binding (class, GDK_KEY_Escape, 0, escape_cb, NULL);
  gtk_widget_class_add_binding (class, GDK_KEY_Return, 0, enter_cb, NULL);
  gtk_widget_class_add_binding (class, GDK_KEY_KP_Enter, 0, enter_cb, NULL);
}

static void
scale_changed_cb (VizImageCanvas *self)
{
  _viz_canvas_refit (self);
  _viz_canvas_invalidate (self);
}

void
_viz_canvas_init_input (VizImageCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new (), *pinch = gtk_gesture_zoom_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *key = gtk_event_controller_key_new (), *focus = gtk_event_controller_focus_new ();
  self->motion = gtk_event_controller_motion_new ();
  g_signal_connect (self->motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (self->motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (self->motion, "leave", G_CALLBACK (leave_cb), self);
  self->drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (self->drag), 0);
  g_signal_connect (self->drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (self->drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (self->drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (self->drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (key, "key-released", G_CALLBACK (key_released_cb), self);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_left_cb), self);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_changed_cb), NULL);
  gtk_widget_add_controller (widget, self->motion);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (self->drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, key);
  gtk_widget_add_controller (widget, focus);
}

void
_viz_canvas_dispose_input (VizImageCanvas *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}
