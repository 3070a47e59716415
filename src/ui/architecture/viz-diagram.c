/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-diagram-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include <inttypes.h>
#include <math.h>

/* A drawing reaches this much further than what is in sight, on each side, and is never larger than this many
 * device pixels. */
#define REACH 0.4
#define MOST_PIXELS 4096.0
#define OVERVIEW_PIXELS 900.0

enum { PROP_FIT = 1 };
guint _viz_diagram_signals[VIZ_DIAGRAM_N_SIGNALS];

G_DEFINE_FINAL_TYPE (VizDiagram, viz_diagram, GTK_TYPE_WIDGET)

static gboolean
is_dark (void)
{
  return adw_style_manager_get_dark (adw_style_manager_get_default ());
}

static void
look_up (VizDiagram *self, const char *name, const char *otherwise, GdkRGBA *colour)
{
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), name, colour))
    gdk_rgba_parse (colour, otherwise);
}

static VizDrawing *
drawing_new (VizDiagram *self, const graphene_rect_t *area, double scale)
{
  VizDrawing *drawing = g_new0 (VizDrawing, 1);

  drawing->diagram = cnn_diagram_ref (self->diagram);
  drawing->dark = is_dark ();
  look_up (self, "view_bg_color", drawing->dark ? "#1e1e1e" : "#ffffff", &drawing->ground);
  drawing->scale = scale;
  drawing->area = *area;
  return drawing;
}

static gboolean
is_current (VizDiagram *self, const VizDrawing *drawing)
{
  return drawing != NULL && drawing->diagram == self->diagram && drawing->dark == is_dark ();
}

/* Whether a pixel of the drawing is one of the screen now. */
static gboolean
is_at_scale (VizDiagram *self, const VizDrawing *drawing)
{
  return fabs (drawing->scale - self->zoom * gtk_widget_get_scale_factor (GTK_WIDGET (self))) <= 1e-9;
}

gboolean
viz_diagram_is_sharp (VizDiagram *self)
{
  const graphene_rect_t *area;
  graphene_rect_t sight;

  if (self->diagram == NULL)
    return TRUE;
  if (!is_current (self, self->detail) || !is_at_scale (self, self->detail))
    return FALSE;
  _viz_diagram_get_sight (self, &sight);
  /* floats are not exact at the far edges */
  area = &self->detail->area;
  return sight.origin.x > area->origin.x - 0.1f && sight.origin.y > area->origin.y - 0.1f &&
         sight.origin.x + sight.size.width < area->origin.x + area->size.width + 0.1f &&
         sight.origin.y + sight.size.height < area->origin.y + area->size.height + 0.1f;
}

/* Takes a drawing that is ready, in the place of the one before. */
static gboolean
take (VizDiagram *self, GAsyncResult *result, VizDrawing **place)
{
  VizDrawing *drawing = viz_drawing_make_finish (result);

  if (gtk_widget_in_destruction (GTK_WIDGET (self)) || drawing->texture == NULL ||
      !is_current (self, drawing)) {
    viz_drawing_free (drawing);
    return FALSE;
  }
  g_clear_pointer (place, viz_drawing_free);
  *place = drawing;
  return TRUE;
}

static void
overview_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (object);

  self->overview_runs = FALSE;
  take (self, result, &self->overview);
  _viz_diagram_changed (self);
}

static void
detail_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  VizDiagram *self = VIZ_DIAGRAM (object);

  self->detail_runs = FALSE;
  take (self, result, &self->detail);
  _viz_diagram_changed (self);
}

/* What is in sight and around it, from whole device pixels on. */
static void
find_area (VizDiagram *self, double scale, graphene_rect_t *area)
{
  graphene_rect_t sight;
  double left, top, right, bottom, reach_x, reach_y;

  _viz_diagram_get_sight (self, &sight);
  reach_x = fmin (REACH, fmax (0, (MOST_PIXELS / ((double)sight.size.width * scale + 1) - 1) / 2)) *
            (double)sight.size.width;
  reach_y = fmin (REACH, fmax (0, (MOST_PIXELS / ((double)sight.size.height * scale + 1) - 1) / 2)) *
            (double)sight.size.height;
  left = floor (fmax (0, (double)sight.origin.x - reach_x) * scale) / scale;
  top = floor (fmax (0, (double)sight.origin.y - reach_y) * scale) / scale;
  right = fmin (self->width, (double)(sight.origin.x + sight.size.width) + reach_x);
  bottom = fmin (self->height, (double)(sight.origin.y + sight.size.height) + reach_y);
  graphene_rect_init (area, (float)left, (float)top, (float)(right - left), (float)(bottom - top));
}

static void
ask_drawings (VizDiagram *self)
{
  double scale = self->zoom * gtk_widget_get_scale_factor (GTK_WIDGET (self));
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float)self->width, (float)self->height);

  if (self->diagram == NULL || self->width <= 0 || gtk_widget_get_width (GTK_WIDGET (self)) < 2 ||
      !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (!self->overview_runs && !is_current (self, self->overview)) {
    self->overview_runs = TRUE;
    viz_drawing_make_async (
        drawing_new (self, &area, fmin (1, OVERVIEW_PIXELS / fmax (self->width, self->height))),
        G_OBJECT (self), overview_cb);
  }
  if (self->detail_runs || viz_diagram_is_sharp (self))
    return;
  find_area (self, scale, &area);
  self->detail_runs = TRUE;
  viz_drawing_make_async (drawing_new (self, &area, scale), G_OBJECT (self), detail_cb);
}

void
_viz_diagram_changed (VizDiagram *self)
{
  if (gtk_widget_in_destruction (GTK_WIDGET (self)))
    return;
  ask_drawings (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The tiles in sight of a drawing whose pixels are the screen's. */
static void
append_tiles (VizDiagram *self, GtkSnapshot *snapshot, const VizDrawing *drawing, float left, float top)
{
  int factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  float side = (float)VIZ_DRAWING_TILE / (float)factor;
  int columns = (gdk_texture_get_width (drawing->texture) + VIZ_DRAWING_TILE - 1) / VIZ_DRAWING_TILE;
  graphene_rect_t sight = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (GTK_WIDGET (self)),
                                              (float)gtk_widget_get_height (GTK_WIDGET (self)));

  for (guint i = 0; i < drawing->tiles->len; i++) {
    GdkTexture *tile = drawing->tiles->pdata[i];
    graphene_rect_t rect =
        GRAPHENE_RECT_INIT (left + side * (float)((int)i % columns), top + side * (float)((int)i / columns),
                            (float)gdk_texture_get_width (tile) / (float)factor,
                            (float)gdk_texture_get_height (tile) / (float)factor);

    if (graphene_rect_intersection (&rect, &sight, NULL))
      gtk_snapshot_append_texture (snapshot, tile, &rect);
  }
}

static void
append_drawing (VizDiagram *self, GtkSnapshot *snapshot, const VizDrawing *drawing)
{
  double left, top, scale = self->zoom / drawing->scale;
  graphene_rect_t rect;

  viz_diagram_from_points (self, (double)drawing->area.origin.x, (double)drawing->area.origin.y, &left, &top);
  if (is_at_scale (self, drawing)) {
    append_tiles (self, snapshot, drawing, (float)left, (float)top);
    return;
  }
  graphene_rect_init (&rect, (float)left, (float)top,
                      (float)(gdk_texture_get_width (drawing->texture) * scale),
                      (float)(gdk_texture_get_height (drawing->texture) * scale));
  gtk_snapshot_append_texture (snapshot, drawing->texture, &rect);
}

/* A frame around the box of a layer. */
static void
append_mark (VizDiagram *self, GtkSnapshot *snapshot, int layer, float line, const GdkRGBA *colour)
{
  double x, y, width, height;
  graphene_rect_t rect;
  GskRoundedRect rounded;
  const float widths[4] = { line, line, line, line };
  const GdkRGBA colours[4] = { *colour, *colour, *colour, *colour };

  if (layer < 0 || !cnn_diagram_get_box (self->diagram, (guint)layer, &x, &y, &width, &height))
    return;
  viz_diagram_from_points (self, x, y, &x, &y);
  graphene_rect_init (&rect, (float)x - line, (float)y - line, (float)(width * self->zoom) + 2 * line,
                      (float)(height * self->zoom) + 2 * line);
  gsk_rounded_rect_init_from_rect (&rounded, &rect, (float)(3 * self->zoom) + line);
  gtk_snapshot_append_border (snapshot, &rounded, widths, colours);
}

/* The arrows from and to the selected box, in the accent colour. */
static void
append_links (VizDiagram *self, GtkSnapshot *snapshot, const GdkRGBA *colour)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (GTK_WIDGET (self)),
                                               (float)gtk_widget_get_height (GTK_WIDGET (self)));
  double left, top;
  cairo_t *cr;

  if (self->layer < 0)
    return;
  viz_diagram_from_points (self, 0, 0, &left, &top);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  cairo_translate (cr, left, top);
  cairo_scale (cr, self->zoom, self->zoom);
  gdk_cairo_set_source_rgba (cr, colour);
  cnn_diagram_draw_links (self->diagram, (guint)self->layer, cr, fmax (1.4, 1.6 / self->zoom));
  cairo_destroy (cr);
}

static void
append_map (VizDiagram *self, GtkSnapshot *snapshot, const GdkRGBA *accent)
{
  graphene_rect_t map, sight;
  GskRoundedRect frame;
  const float one[4] = { 1, 1, 1, 1 };
  GdkRGBA edge = { 0.5f, 0.5f, 0.5f, 0.6f }, veil = *accent;
  const GdkRGBA edges[4] = { edge, edge, edge, edge }, accents[4] = { *accent, *accent, *accent, *accent };
  double scale;

  if (!_viz_diagram_get_map (self, &map) || !is_current (self, self->overview))
    return;
  gtk_snapshot_append_texture (snapshot, self->overview->texture, &map);
  gsk_rounded_rect_init_from_rect (&frame, &map, 0);
  gtk_snapshot_append_border (snapshot, &frame, one, edges);
  _viz_diagram_get_sight (self, &sight);
  scale = (double)map.size.width / self->width;
  graphene_rect_scale (&sight, (float)scale, (float)scale, &sight);
  graphene_rect_offset (&sight, map.origin.x, map.origin.y);
  veil.alpha = 0.18f;
  gtk_snapshot_append_color (snapshot, &veil, &sight);
  gsk_rounded_rect_init_from_rect (&frame, &sight, 0);
  gtk_snapshot_append_border (snapshot, &frame, one, accents);
}

static void
viz_diagram_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizDiagram *self = VIZ_DIAGRAM (widget);
  gboolean sharp = viz_diagram_is_sharp (self);
  GdkRGBA accent, pale;

  if (self->diagram == NULL)
    return;
  look_up (self, "accent_color", "#1c71d8", &accent);
  pale = accent;
  pale.alpha = 0.55f;
  if (!sharp && is_current (self, self->overview))
    append_drawing (self, snapshot, self->overview);
  if (is_current (self, self->detail))
    append_drawing (self, snapshot, self->detail);
  append_links (self, snapshot, &accent);
  append_mark (self, snapshot, self->hovered, 1.5f, &pale);
  append_mark (self, snapshot, self->layer, gtk_widget_has_visible_focus (widget) ? 3.5f : 2.5f, &accent);
  append_map (self, snapshot, &accent);
}

static char *
describe (VizDiagram *self, guint index, gboolean links)
{
  CnnModel *model = cnn_diagram_get_model (self->diagram);
  const CnnLayer *layer = cnn_model_get_layer (model, index);
  guint64 params = layer->trainable_params + layer->non_trainable_params;
  g_autofree char *shape = cnn_diagram_shape_text (model, layer);
  GString *text = g_string_new (layer->name);

  g_string_append_printf (text, "\n%s", layer->type);
  if (layer->activation != NULL)
    g_string_append_printf (text, ", %s", layer->activation);
  g_string_append_printf (text, _ ("\nOutput %s"), shape);
  if (params > 0)
    g_string_append_printf (text, _ ("\n%'" PRIu64 " parameters"), params);
  if (layer->multiply_adds > 0)
    g_string_append_printf (text, _ ("\n%'" PRIu64 " multiply-adds"), layer->multiply_adds);
  for (guint i = 0; links && i < MIN (layer->inbound->len, 8); i++)
    g_string_append_printf (text, i == 0 ? _ ("\nReads %s") : ", %s",
                            cnn_model_get_layer (model, g_array_index (layer->inbound, guint, i))->name);
  return g_string_free (text, FALSE);
}

static gboolean
tooltip_cb (VizDiagram *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  int layer = keyboard ? self->layer : self->hovered;
  g_autofree char *text = NULL;

  if (self->diagram == NULL || layer < 0)
    return FALSE;
  text = describe (self, (guint)layer, TRUE);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* What a screen reader says: the network, and the box one is at. */
static void
update_words (VizDiagram *self)
{
  g_autofree char *label = NULL, *text = NULL;

  if (self->diagram != NULL) {
    CnnModel *model = cnn_diagram_get_model (self->diagram);

    label = g_strdup_printf (_ ("Diagram of %s, %u layers"), cnn_model_get_name (model),
                             cnn_model_get_n_layers (model));
    text = self->layer >= 0 ? g_strdelimit (describe (self, (guint)self->layer, TRUE), "\n", ';') : NULL;
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label != NULL ? label : _ ("Diagram of the network"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : _ ("No layer is selected"), -1);
}

void
viz_diagram_set_layer (VizDiagram *self, int layer)
{
  g_return_if_fail (VIZ_IS_DIAGRAM (self));
  if (self->diagram != NULL && layer >= (int)cnn_model_get_n_layers (cnn_diagram_get_model (self->diagram)))
    layer = -1;
  if (self->layer == layer)
    return;
  self->layer = layer;
  update_words (self);
  _viz_diagram_show (self, layer);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
viz_diagram_get_layer (VizDiagram *self)
{
  return self->layer;
}

void
_viz_diagram_choose (VizDiagram *self, int layer)
{
  viz_diagram_set_layer (self, layer);
  _viz_diagram_show (self, layer);
  g_signal_emit (self, _viz_diagram_signals[VIZ_DIAGRAM_SELECTED], 0, layer);
}

void
viz_diagram_set_diagram (VizDiagram *self, CnnDiagram *diagram)
{
  g_return_if_fail (VIZ_IS_DIAGRAM (self));
  if (diagram == self->diagram)
    return;
  g_clear_pointer (&self->diagram, cnn_diagram_unref);
  g_clear_pointer (&self->overview, viz_drawing_free);
  g_clear_pointer (&self->detail, viz_drawing_free);
  self->layer = self->hovered = -1;
  self->width = self->height = 0;
  self->fresh = TRUE;
  if (diagram != NULL) {
    self->diagram = cnn_diagram_ref (diagram);
    cnn_diagram_get_size (diagram, &self->width, &self->height);
    /* the layer to begin with is set right after this */
  }
  update_words (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

CnnDiagram *
viz_diagram_get_diagram (VizDiagram *self)
{
  return self->diagram;
}

gboolean
viz_diagram_get_fit (VizDiagram *self)
{
  return self->fit;
}

double
viz_diagram_get_zoom (VizDiagram *self)
{
  return self->zoom;
}

static void
viz_diagram_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  *minimum = 120;
  *natural = 480;
}

static void
viz_diagram_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  _viz_diagram_place (VIZ_DIAGRAM (widget));
}

static void
viz_diagram_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (viz_diagram_parent_class)->map (widget);
  _viz_diagram_changed (VIZ_DIAGRAM (widget));
}

static void
viz_diagram_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, VIZ_DIAGRAM (object)->fit);
}

static void
viz_diagram_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  viz_diagram_set_fit (VIZ_DIAGRAM (object), g_value_get_boolean (value));
}

static void
viz_diagram_dispose (GObject *object)
{
  VizDiagram *self = VIZ_DIAGRAM (object);

  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_pointer (&self->diagram, cnn_diagram_unref);
  g_clear_pointer (&self->overview, viz_drawing_free);
  g_clear_pointer (&self->detail, viz_drawing_free);
  G_OBJECT_CLASS (viz_diagram_parent_class)->dispose (object);
}

static void
viz_diagram_class_init (VizDiagramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = viz_diagram_dispose;
  object_class->get_property = viz_diagram_get_property;
  object_class->set_property = viz_diagram_set_property;
  widget_class->snapshot = viz_diagram_snapshot;
  widget_class->measure = viz_diagram_measure;
  widget_class->size_allocate = viz_diagram_size_allocate;
  widget_class->map = viz_diagram_map;
  g_object_class_install_property (
      object_class, PROP_FIT,
      g_param_spec_boolean ("fit", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  _viz_diagram_signals[VIZ_DIAGRAM_SELECTED] = g_signal_new (
      "layer-selected", VIZ_TYPE_DIAGRAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  _viz_diagram_signals[VIZ_DIAGRAM_ACTIVATED] =
      g_signal_new ("layer-activated", VIZ_TYPE_DIAGRAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                    1, G_TYPE_INT);
  _viz_diagram_class_init_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "diagram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
viz_diagram_init (VizDiagram *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->layer = self->hovered = -1;
  self->zoom = 1;
  self->fresh = TRUE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (widget, "view");
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (_viz_diagram_changed), self);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (_viz_diagram_changed), NULL);
  update_words (self);
  _viz_diagram_init_input (self);
}

GtkWidget *
viz_diagram_new (void)
{
  return g_object_new (VIZ_TYPE_DIAGRAM, NULL);
}
