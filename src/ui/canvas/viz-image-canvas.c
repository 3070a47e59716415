/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-image-canvas"
#include "config.h"

#include "viz-image-canvas-private.h"

#include <glib/gi18n.h>

/* Up to this many pixels are turned into surfaces at once (about 2 ms), more on a thread. */
#define SMALL_PIXELS (256 * 1024)

G_DEFINE_FINAL_TYPE (VizImageCanvas, viz_image_canvas, GTK_TYPE_WIDGET)

GParamSpec *_viz_canvas_properties[VIZ_CANVAS_N_PROPS];
guint _viz_canvas_signals[VIZ_CANVAS_N_SIGNALS];

void
_viz_canvas_notify (VizImageCanvas *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), _viz_canvas_properties[prop]);
}

void
_viz_canvas_invalidate (VizImageCanvas *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
put_raster (VizImageCanvas *self, VizCanvasLayer layer, VizRaster *raster)
{
  g_clear_pointer (&self->raster[layer], viz_raster_unref);
  g_clear_pointer (&self->composed, viz_raster_unref);
  self->raster[layer] = raster;
  _viz_canvas_invalidate (self);
}

static void start_waiting (VizImageCanvas *self, VizCanvasLayer layer);

static void
rendered (VizImageCanvas *self, GAsyncResult *result, VizCanvasLayer layer)
{
  g_autoptr (VizRaster) raster = viz_raster_source_render_finish (result);
  /* a newer one that still waits does not make this one wrong to show; a newer one that is shown does */
  gboolean current = self->serial[layer] == self->running_serial[layer] || self->waiting[layer] != NULL;
  self->running[layer] = FALSE;
  if (current && raster != NULL && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    put_raster (self, layer, g_steal_pointer (&raster));
  start_waiting (self, layer);
}

static void
image_rendered_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  rendered (VIZ_IMAGE_CANVAS (object), result, LAYER_IMAGE);
}

static void
map_rendered_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  rendered (VIZ_IMAGE_CANVAS (object), result, LAYER_MAP);
}

static void
start_waiting (VizImageCanvas *self, VizCanvasLayer layer)
{
  if (self->running[layer] || self->waiting[layer] == NULL)
    return;
  self->running[layer] = TRUE;
  self->running_serial[layer] = self->serial[layer];
  viz_raster_source_render_async (g_steal_pointer (&self->waiting[layer]), G_OBJECT (self),
                                  layer == LAYER_IMAGE ? image_rendered_cb : map_rendered_cb, NULL);
}

/** Has @source drawn in @layer: now if it is small, else as soon as a thread has it ready. */
static void
request_raster (VizImageCanvas *self, VizCanvasLayer layer, const VizRasterSource *source)
{
  gsize size = viz_raster_source_size (source);
  self->serial[layer]++;
  g_clear_pointer (&self->waiting[layer], viz_raster_source_free);
  if (size <= SMALL_PIXELS) {
    put_raster (self, layer, size > 0 ? viz_raster_source_render (source) : NULL);
    return;
  }
  self->waiting[layer] = viz_raster_source_copy (source);
  start_waiting (self, layer);
}

void
viz_image_canvas_set_image (VizImageCanvas *self, CnnImage *image)
{
  VizRasterSource source = { .image = image };
  guint old_w, old_h, w, h;
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (image == self->image)
    return;
  _viz_canvas_get_size (self, &old_w, &old_h);
  g_clear_pointer (&self->image, cnn_image_unref);
  self->image = image != NULL ? cnn_image_ref (image) : NULL;
  _viz_canvas_get_size (self, &w, &h);
  if (w != old_w || h != old_h)
    put_raster (self, LAYER_IMAGE, NULL); /* the old picture would be shown out of shape */
  request_raster (self, LAYER_IMAGE, &source);
  _viz_canvas_drop_trail (self);
  if (w != old_w || h != old_h) {
    self->fit = TRUE;
    _viz_canvas_center (self);
    _viz_canvas_refit (self);
    _viz_canvas_notify (self, VIZ_CANVAS_PROP_FIT);
  }
  if (image != NULL)
    _viz_canvas_clip_occluder (self);
}

CnnImage *
viz_image_canvas_get_image (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), NULL);
  return self->image;
}

static void
set_map_source (VizImageCanvas *self, CnnMap *map, const VizRasterSource *source)
{
  CnnMap *old = self->map;
  self->map = map != NULL ? cnn_map_ref (map) : NULL;
  g_clear_pointer (&old, cnn_map_unref);
  request_raster (self, LAYER_MAP, source);
  viz_image_canvas_set_stale (self, FALSE);
}

void
viz_image_canvas_set_map (VizImageCanvas *self, CnnMap *map, const CnnMapStyle *style)
{
  VizRasterSource source = { .map = map };
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (style != NULL)
    source.style = *style;
  source.style.opacity = 1; /* applied when it is drawn */
  set_map_source (self, map, &source);
}

void
viz_image_canvas_set_overlay (VizImageCanvas *self, CnnMap *map, GdkTexture *texture)
{
  VizRasterSource source = { .texture = texture };
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  set_map_source (self, map, &source);
}

CnnMap *
viz_image_canvas_get_map (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), NULL);
  return self->map;
}

gboolean
viz_image_canvas_is_busy (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), FALSE);
  return self->running[LAYER_IMAGE] || self->running[LAYER_MAP];
}

void
viz_image_canvas_set_map_opacity (VizImageCanvas *self, double opacity)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  opacity = CLAMP (opacity, 0, 1);
  if (opacity == self->opacity)
    return;
  self->opacity = opacity;
  g_clear_pointer (&self->composed, viz_raster_unref);
  _viz_canvas_invalidate (self);
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_MAP_OPACITY);
}

double
viz_image_canvas_get_map_opacity (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), 0);
  return self->opacity;
}

void
viz_image_canvas_set_stale (VizImageCanvas *self, gboolean stale)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  stale = stale != FALSE;
  if (stale == self->stale)
    return;
  self->stale = stale;
  g_clear_pointer (&self->composed, viz_raster_unref);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_BUSY, stale, -1);
  _viz_canvas_invalidate (self);
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_STALE);
}

gboolean
viz_image_canvas_get_stale (VizImageCanvas *self)
{
  g_return_val_if_fail (VIZ_IS_IMAGE_CANVAS (self), FALSE);
  return self->stale;
}

void
_viz_canvas_set_bare (VizImageCanvas *self, gboolean bare)
{
  if (self->bare == bare)
    return;
  self->bare = bare;
  _viz_canvas_invalidate (self);
  _viz_canvas_notify (self, VIZ_CANVAS_PROP_BARE);
}

void
viz_image_canvas_set_words (VizImageCanvas *self, const char *label, const char *description)
{
  g_return_if_fail (VIZ_IS_IMAGE_CANVAS (self));
  if (label == NULL)
    label = _ ("Image");
  if (g_strcmp0 (label, self->label) != 0) {
    g_free (self->label);
    self->label = g_strdup (label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  }
  if (g_strcmp0 (description, self->description) != 0) {
    g_free (self->description);
    self->description = g_strdup (description);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    description != NULL ? description : "", -1);
  }
}

static void
viz_image_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  _viz_canvas_refit (VIZ_IMAGE_CANVAS (widget));
  g_clear_pointer (&VIZ_IMAGE_CANVAS (widget)->node, gsk_render_node_unref);
}

static void
viz_image_canvas_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 96;
  *natural = 320;
}

static void
viz_image_canvas_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (object);
  switch (prop) {
  case VIZ_CANVAS_PROP_ZOOM:
    g_value_set_double (value, self->zoom);
    break;
  case VIZ_CANVAS_PROP_FIT:
    g_value_set_boolean (value, self->fit);
    break;
  case VIZ_CANVAS_PROP_MAP_OPACITY:
    g_value_set_double (value, self->opacity);
    break;
  case VIZ_CANVAS_PROP_STALE:
    g_value_set_boolean (value, self->stale);
    break;
  case VIZ_CANVAS_PROP_OCCLUDER_VISIBLE:
    g_value_set_boolean (value, self->occluder_visible);
    break;
  case VIZ_CANVAS_PROP_TRAIL:
    g_value_set_boolean (value, self->trail);
    break;
  case VIZ_CANVAS_PROP_BARE:
    g_value_set_boolean (value, self->bare);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
  }
}

static void
viz_image_canvas_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (object);
  switch (prop) {
  case VIZ_CANVAS_PROP_ZOOM:
    viz_image_canvas_set_zoom (self, g_value_get_double (value));
    break;
  case VIZ_CANVAS_PROP_FIT:
    viz_image_canvas_set_fit (self, g_value_get_boolean (value));
    break;
  case VIZ_CANVAS_PROP_MAP_OPACITY:
    viz_image_canvas_set_map_opacity (self, g_value_get_double (value));
    break;
  case VIZ_CANVAS_PROP_STALE:
    viz_image_canvas_set_stale (self, g_value_get_boolean (value));
    break;
  case VIZ_CANVAS_PROP_OCCLUDER_VISIBLE:
    viz_image_canvas_set_occluder_visible (self, g_value_get_boolean (value));
    break;
  case VIZ_CANVAS_PROP_TRAIL:
    viz_image_canvas_set_trail (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
  }
}

static void
viz_image_canvas_dispose (GObject *object)
{
  VizImageCanvas *self = VIZ_IMAGE_CANVAS (object);
  _viz_canvas_dispose_input (self);
  for (guint i = 0; i < N_LAYERS; i++) {
    g_clear_pointer (&self->raster[i], viz_raster_unref);
    g_clear_pointer (&self->waiting[i], viz_raster_source_free);
  }
  g_clear_pointer (&self->composed, viz_raster_unref);
  g_clear_pointer (&self->fill_picture, viz_raster_unref);
  g_clear_pointer (&self->trail_surface, cairo_surface_destroy);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_pointer (&self->image, cnn_image_unref);
  g_clear_pointer (&self->map, cnn_map_unref);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->description, g_free);
  G_OBJECT_CLASS (viz_image_canvas_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamSpec **props = _viz_canvas_properties;
  props[VIZ_CANVAS_PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, VIZ_IMAGE_CANVAS_MIN_ZOOM,
                                                     VIZ_IMAGE_CANVAS_MAX_ZOOM, 1, flags);
  props[VIZ_CANVAS_PROP_FIT] = g_param_spec_boolean ("fit", NULL, NULL, TRUE, flags);
  props[VIZ_CANVAS_PROP_MAP_OPACITY] = g_param_spec_double ("map-opacity", NULL, NULL, 0, 1, 0.5, flags);
  props[VIZ_CANVAS_PROP_STALE] = g_param_spec_boolean ("stale", NULL, NULL, FALSE, flags);
  props[VIZ_CANVAS_PROP_OCCLUDER_VISIBLE] =
      g_param_spec_boolean ("occluder-visible", NULL, NULL, FALSE, flags);
  props[VIZ_CANVAS_PROP_TRAIL] = g_param_spec_boolean ("trail", NULL, NULL, FALSE, flags);
  props[VIZ_CANVAS_PROP_BARE] =
      g_param_spec_boolean ("bare", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (class, VIZ_CANVAS_N_PROPS, props);
}

static void
viz_image_canvas_class_init (VizImageCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GType type = G_TYPE_FROM_CLASS (class);
  object_class->dispose = viz_image_canvas_dispose;
  object_class->get_property = viz_image_canvas_get_property;
  object_class->set_property = viz_image_canvas_set_property;
  widget_class->snapshot = _viz_canvas_snapshot;
  widget_class->measure = viz_image_canvas_measure;
  widget_class->size_allocate = viz_image_canvas_size_allocate;
  install_properties (object_class);
  _viz_canvas_signals[VIZ_CANVAS_OCCLUDER_CHANGED] =
      g_signal_new ("occluder-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                    G_TYPE_INT, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT);
  _viz_canvas_signals[VIZ_CANVAS_POINTER_MOVED] =
      g_signal_new ("pointer-moved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                    G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_BOOLEAN);
  _viz_canvas_signals[VIZ_CANVAS_ACTIVATED] =
      g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE,
                    G_TYPE_DOUBLE);
  _viz_canvas_class_init_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "imagecanvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
viz_image_canvas_init (VizImageCanvas *self)
{
  self->zoom = 1;
  self->fit = TRUE;
  self->opacity = 0.5;
  self->occluder = (VizRect){ 0, 0, 16, 16 };
  self->fill = CNN_FILL_GRAY;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  viz_image_canvas_set_words (self, NULL, NULL);
  _viz_canvas_init_input (self);
}

GtkWidget *
viz_image_canvas_new (void)
{
  return g_object_new (VIZ_TYPE_IMAGE_CANVAS, NULL);
}
