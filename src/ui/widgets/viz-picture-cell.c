/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-picture-cell"
#include "config.h"

#include "viz-picture-cell.h"
#include "viz-draw-text.h"
#include "viz-tooltip.h"

#include <math.h>

#define CAPTION_GAP 3
#define STALE_OPACITY 0.4
/* Of a frame, for making pictures, in microseconds. */
#define FRAME_SHARE 5000

struct _VizPictureCell {
  GtkWidget parent_instance;
  VizRaster *picture, *map;
  cairo_surface_t *drawn; /* one on the other at that opacity, at the size on the screen */
  gboolean outdated;      /* another one is to be made */
  double opacity;
  gboolean stale;
  char *caption, *message;
  int mark_x, mark_y;
  int size;
  double aspect; /* height by width */
  PangoLayout *layout;
  int line_height; /* of the caption; 0: to be measured */
};

G_DEFINE_FINAL_TYPE (VizPictureCell, viz_picture_cell, GTK_TYPE_WIDGET)

enum { ACTIVATED, POINTER_MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* The line below, as wide as the cell. */
static PangoLayout *
get_layout (VizPictureCell *self, int width)
{
  if (self->layout == NULL) {
    g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

    pango_attr_list_insert (attributes, pango_attr_scale_new (0.85));
    pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
    self->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->caption);
    pango_layout_set_attributes (self->layout, attributes);
    pango_layout_set_alignment (self->layout, PANGO_ALIGN_CENTER);
    pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  }
  pango_layout_set_text (self->layout, self->caption != NULL ? self->caption : "", -1);
  pango_layout_set_width (self->layout, width * PANGO_SCALE);
  return self->layout;
}

/* One line, whatever it says: a grid asks every cell several times for each of its layouts. */
static int
caption_height (VizPictureCell *self)
{
  if (self->caption == NULL)
    return 0;
  if (self->line_height == 0)
    pango_layout_get_pixel_size (get_layout (self, self->size), NULL, &self->line_height);
  return self->line_height + CAPTION_GAP;
}

static GtkSizeRequestMode
viz_picture_cell_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
viz_picture_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  VizPictureCell *self = VIZ_PICTURE_CELL (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = VIZ_PICTURE_CELL_LEAST;
    *natural = MAX (self->size, VIZ_PICTURE_CELL_LEAST);
    return;
  }
  if (for_size < 0)
    for_size = self->size;
  *minimum = *natural = (int)ceil (for_size * self->aspect) + caption_height (self);
}

/* Where the picture is: the whole width, at the top, in its own proportions. */
static graphene_rect_t
picture_area (VizPictureCell *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double room = gtk_widget_get_height (GTK_WIDGET (self)) - caption_height (self);
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  double w = MAX (1, MIN (width, room / self->aspect)), h = MAX (1, w * self->aspect);

  return GRAPHENE_RECT_INIT ((float)(round ((width - w) / 2 * scale) / scale), 0, (float)round (w),
                             (float)round (h));
}

static void
draw_mark (VizPictureCell *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  float w = area->size.width / (float)viz_raster_get_width (self->picture);
  float h = area->size.height / (float)viz_raster_get_height (self->picture);
  float x = area->origin.x + ((float)self->mark_x + 0.5f) * w;
  float y = area->origin.y + ((float)self->mark_y + 0.5f) * h;
  const GdkRGBA dark = { 0, 0, 0, 0.6f }, light = { 1, 1, 1, 0.9f };

  for (int i = 0; i < 2; i++) {
    const GdkRGBA *colour = i == 0 ? &dark : &light;
    float wide = i == 0 ? 3 : 1;

    gtk_snapshot_append_color (snapshot, colour,
                               &GRAPHENE_RECT_INIT (x - wide / 2, area->origin.y, wide, area->size.height));
    gtk_snapshot_append_color (snapshot, colour,
                               &GRAPHENE_RECT_INIT (area->origin.x, y - wide / 2, area->size.width, wide));
  }
}

/* The map over the picture at the size of both, unless so little of it is seen that it matters how. */
static VizRaster *
join (VizPictureCell *self, guint width)
{
  VizRaster *any = self->picture != NULL ? self->picture : self->map;

  if (self->picture == NULL || self->map == NULL)
    return viz_raster_ref (any);
  if (viz_raster_get_width (self->map) != viz_raster_get_width (any) ||
      viz_raster_get_height (self->map) != viz_raster_get_height (any) ||
      2 * width < viz_raster_get_width (any))
    return NULL;
  return viz_raster_new_composed (self->picture, self->map, self->opacity);
}

static void
make_surface (VizPictureCell *self, guint width, guint height)
{
  g_autoptr (VizRaster) whole = join (self, width);

  g_clear_pointer (&self->drawn, cairo_surface_destroy);
  if (whole != NULL)
    self->drawn = viz_raster_make_surface (whole, width, height);
  self->outdated = FALSE;
}

static gboolean
draw_again (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  gtk_widget_queue_draw (widget);
  return G_SOURCE_REMOVE;
}

/* Whether there is time in this frame to make another picture; what comes too late is made in the next one.
 */
static gboolean
has_time (VizPictureCell *self)
{
  static gint64 frame, spent_until;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));
  gint64 now = g_get_monotonic_time ();

  if (clock == NULL)
    return TRUE;
  if (gdk_frame_clock_get_frame_counter (clock) != frame) {
    frame = gdk_frame_clock_get_frame_counter (clock);
    spent_until = now + FRAME_SHARE;
  }
  if (now < spent_until)
    return TRUE;
  gtk_widget_add_tick_callback (GTK_WIDGET (self), draw_again, NULL, NULL);
  return FALSE;
}

static void
draw_pictures (VizPictureCell *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  guint width = (guint)MAX (1, (double)area->size.width * scale);
  guint height = (guint)MAX (1, (double)area->size.height * scale);
  gboolean fits = self->drawn != NULL && cairo_image_surface_get_width (self->drawn) == (int)width &&
                  cairo_image_surface_get_height (self->drawn) == (int)height;
  cairo_t *cr;

  if ((self->outdated || !fits) && has_time (self))
    make_surface (self, width, height);
  if (self->drawn == NULL && self->outdated)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, area);
  if (self->drawn != NULL) {
    cairo_translate (cr, (double)area->origin.x, (double)area->origin.y);
    cairo_scale (cr, (double)area->size.width / cairo_image_surface_get_width (self->drawn),
                 (double)area->size.height / cairo_image_surface_get_height (self->drawn));
    cairo_set_source_surface (cr, self->drawn, 0, 0);
    cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_FAST);
    cairo_paint (cr);
  } else {
    viz_raster_draw (self->picture, cr, area, scale, 1, FALSE);
    viz_raster_draw (self->map, cr, area, scale, self->opacity, FALSE);
  }
  cairo_destroy (cr);
}

static void
draw_empty (VizPictureCell *self, GtkSnapshot *snapshot, const graphene_rect_t *area, const GdkRGBA *fg)
{
  GdkRGBA faint = *fg;
  g_autoptr (PangoLayout) layout = NULL;
  int height;

  faint.alpha *= 0.08f;
  gtk_snapshot_append_color (snapshot, &faint, area);
  if (self->message == NULL)
    return;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->message);
  pango_layout_set_width (layout, (int)(area->size.width - 8) * PANGO_SCALE);
  pango_layout_set_height (layout, (int)(area->size.height - 8) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_get_pixel_size (layout, NULL, &height);
  faint.alpha = fg->alpha * 0.7f;
  viz_draw_text (snapshot, layout, &faint, area->origin.x + 4,
                 area->origin.y + (area->size.height - (float)height) / 2);
}

static void
viz_picture_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizPictureCell *self = VIZ_PICTURE_CELL (widget);
  graphene_rect_t area = picture_area (self);
  GdkRGBA fg;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &fg);
  if (self->stale)
    gtk_snapshot_push_opacity (snapshot, STALE_OPACITY);
  if (self->picture == NULL && self->map == NULL)
    draw_empty (self, snapshot, &area, &fg);
  else
    draw_pictures (self, snapshot, &area);
  if (self->picture != NULL && self->mark_x >= 0)
    draw_mark (self, snapshot, &area);
  if (self->caption != NULL)
    viz_draw_text (snapshot, get_layout (self, gtk_widget_get_width (widget)), &fg, 0,
                   area.size.height + CAPTION_GAP);
  if (self->stale)
    gtk_snapshot_pop (snapshot);
}

static gboolean
set_raster (VizRaster **stored, VizRaster *raster)
{
  if (*stored == raster)
    return FALSE;
  if (raster != NULL)
    viz_raster_ref (raster);
  g_clear_pointer (stored, viz_raster_unref);
  *stored = raster;
  return TRUE;
}

void
viz_picture_cell_set_pictures (VizPictureCell *self, VizRaster *picture, VizRaster *map)
{
  gboolean changed = set_raster (&self->picture, picture);
  VizRaster *any = picture != NULL ? picture : map;
  double aspect = self->aspect;

  changed = set_raster (&self->map, map) || changed;
  if (any != NULL)
    aspect = (double)viz_raster_get_height (any) / viz_raster_get_width (any);
  if (fabs (aspect - self->aspect) > 1e-6) {
    self->aspect = aspect;
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  if (!changed)
    return;
  self->outdated = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_opacity (VizPictureCell *self, double opacity)
{
  if (fabs (self->opacity - opacity) < 1e-6)
    return;
  self->opacity = opacity;
  self->outdated = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_stale (VizPictureCell *self, gboolean stale)
{
  if (self->stale == !!stale)
    return;
  self->stale = !!stale;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_caption (VizPictureCell *self, const char *caption)
{
  gboolean had = self->caption != NULL;

  if (g_strcmp0 (self->caption, caption) == 0)
    return;
  g_free (self->caption);
  self->caption = g_strdup (caption);
  if (had != (caption != NULL))
    gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_message (VizPictureCell *self, const char *message)
{
  if (g_strcmp0 (self->message, message) == 0)
    return;
  g_free (self->message);
  self->message = g_strdup (message);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_mark (VizPictureCell *self, int x, int y)
{
  if (self->mark_x == x && self->mark_y == y)
    return;
  self->mark_x = x;
  self->mark_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
viz_picture_cell_set_words (VizPictureCell *self, const char *label, const char *description)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description != NULL ? description : "",
                                  -1);
  viz_tooltip_set (GTK_WIDGET (self), label);
}

void
viz_picture_cell_set_size (VizPictureCell *self, int size)
{
  if (self->size == size)
    return;
  self->size = size;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
activate (VizPictureCell *self)
{
  g_signal_emit (self, signals[ACTIVATED], 0);
}

static void
on_released (GtkGestureClick *gesture, int n, double x, double y, VizPictureCell *self)
{
  if (!gtk_widget_contains (GTK_WIDGET (self), x, y))
    return;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  activate (self);
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, VizPictureCell *self)
{
  graphene_rect_t area = picture_area (self);
  int px = -1, py = -1;

  if (self->picture != NULL &&
      graphene_rect_contains_point (&area, &GRAPHENE_POINT_INIT ((float)x, (float)y))) {
    guint w = viz_raster_get_width (self->picture), h = viz_raster_get_height (self->picture);

    px = CLAMP ((int)((x - (double)area.origin.x) * w / (double)area.size.width), 0, (int)w - 1);
    py = CLAMP ((int)((y - (double)area.origin.y) * h / (double)area.size.height), 0, (int)h - 1);
  }
  g_signal_emit (self, signals[POINTER_MOVED], 0, px, py);
}

static void
on_leave (GtkEventControllerMotion *motion, VizPictureCell *self)
{
  g_signal_emit (self, signals[POINTER_MOVED], 0, -1, -1);
}

static void
viz_picture_cell_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (viz_picture_cell_parent_class)->css_changed (widget, change);
  /* perhaps another font */
  g_clear_object (&VIZ_PICTURE_CELL (widget)->layout);
  VIZ_PICTURE_CELL (widget)->line_height = 0;
}

static void
viz_picture_cell_finalize (GObject *object)
{
  VizPictureCell *self = VIZ_PICTURE_CELL (object);

  g_clear_pointer (&self->picture, viz_raster_unref);
  g_clear_pointer (&self->map, viz_raster_unref);
  g_clear_pointer (&self->drawn, cairo_surface_destroy);
  g_clear_object (&self->layout);
  g_free (self->caption);
  g_free (self->message);
  G_OBJECT_CLASS (viz_picture_cell_parent_class)->finalize (object);
}

static void
viz_picture_cell_class_init (VizPictureCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = viz_picture_cell_finalize;
  widget_class->get_request_mode = viz_picture_cell_get_request_mode;
  widget_class->measure = viz_picture_cell_measure;
  widget_class->snapshot = viz_picture_cell_snapshot;
  widget_class->css_changed = viz_picture_cell_css_changed;
  signals[ACTIVATED] =
      g_signal_new_class_handler ("activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
                                  NULL, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[POINTER_MOVED] = g_signal_new ("pointer-moved", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  for (guint i = 0; i < 3; i++) {
    static const guint keys[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_space };

    gtk_widget_class_add_binding_signal (widget_class, keys[i], 0, "activated", NULL);
  }
  gtk_widget_class_set_css_name (widget_class, "picturecell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_BUTTON);
}

static void
viz_picture_cell_init (VizPictureCell *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->size = VIZ_PICTURE_CELL_MOST;
  self->aspect = 1;
  self->opacity = 1;
  self->mark_x = self->mark_y = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_PRIMARY);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

GtkWidget *
viz_picture_cell_new (void)
{
  return g_object_new (VIZ_TYPE_PICTURE_CELL, NULL);
}
