/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-status-line.h"
#include "widgets/viz-template.h"

#include "widgets/viz-text.h"

#include <glib/gi18n.h>

#include <math.h>

struct _VizStatusLine {
  GtkWidget parent;
  GtkLabel *pointer;
  GtkLabel *occluder;
  GtkLabel *work;
  VizDocument *document;
  int x, y; /* the pixel under the pointer; -1: none */
};

G_DEFINE_FINAL_TYPE (VizStatusLine, viz_status_line, GTK_TYPE_WIDGET)

static void
append_pixel (GString *text, const CnnImage *image, int x, int y)
{
  const guint8 *p = cnn_image_get_data (image) + 4 * ((gsize)y * cnn_image_get_width (image) + (gsize)x);

  if (p[0] == p[1] && p[1] == p[2])
    g_string_append_printf (text, _ ("   pixel %.2f"), p[0] / 255.0);
  else
    g_string_append_printf (text, _ ("   pixel %u %u %u"), p[0], p[1], p[2]);
}

static void
append_map (GString *text, const CnnMap *map, guint width, guint height, int x, int y)
{
  guint mx = (guint)x * map->width / MAX (width, 1), my = (guint)y * map->height / MAX (height, 1);
  float value;

  if (mx >= map->width || my >= map->height)
    return;
  value = map->values[(gsize)my * map->width + mx];
  if (!isfinite (value))
    g_string_append (text, _ ("   map: not a number"));
  else if (map->kind == CNN_MAP_CLASS)
    g_string_append_printf (text, _ ("   class %d"), (int)value);
  else
    g_string_append_printf (text, _ ("   map %.3g (above %.0f %%)"), value,
                            floor (100 * cnn_map_percentile (map, value)));
}

static void
update_pointer (VizStatusLine *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  CnnImage *image = results->fitted;
  GString *text = g_string_new (NULL);

  if (image != NULL && self->x >= 0 && self->y >= 0 && self->x < (int)cnn_image_get_width (image) &&
      self->y < (int)cnn_image_get_height (image)) {
    g_string_append_printf (text, "x %d  y %d", self->x, self->y);
    append_pixel (text, image, self->x, self->y);
    if (results->map != NULL && !results->map_stale)
      append_map (text, results->map, cnn_image_get_width (image), cnn_image_get_height (image), self->x,
                  self->y);
  }
  gtk_label_set_text (self->pointer, text->str);
  g_string_free (text, TRUE);
}

static void
update_occluder (VizStatusLine *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  int class_index = viz_document_get_explained (self->document);
  g_autofree char *text = NULL, *clean = NULL, *occluded = NULL;
  gboolean shown = results->occluded != NULL && results->prediction != NULL && class_index >= 0 &&
                   class_index < (int)results->prediction->n && class_index < (int)results->occluded->n;

  if (shown) {
    clean = viz_text_outcome (results->prediction, class_index);
    occluded = viz_text_outcome (results->occluded, class_index);
    /* Translators: label of an output, its value without the occluder, its value under it */
    text = g_strdup_printf (_ ("%s: %s → %s under the occluder"),
                            cnn_model_get_label (results->prediction->model, (guint)class_index), clean,
                            occluded);
  }
  gtk_label_set_text (self->occluder, text != NULL ? text : "");
}

static void
update_work (VizStatusLine *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  const CnnMethod *method = viz_document_get_choices (self->document)->method;
  g_autofree char *text = NULL;

  if (results->progress >= 0 && method != NULL)
    text = g_strdup_printf (_ ("%s: %.0f %%"), _ (method->title), 100 * results->progress);
  else if (results->map != NULL && !results->map_stale)
    text = viz_text_duration (results->milliseconds);
  gtk_label_set_text (self->work, text != NULL ? text : "");
}

static void
on_changed (VizDocument *document, guint what, VizStatusLine *self)
{
  if (what & (VIZ_CHANGED_FITTED | VIZ_CHANGED_MAP))
    update_pointer (self);
  if (what & (VIZ_CHANGED_PREDICTION | VIZ_CHANGED_OCCLUDED | VIZ_CHANGED_METHOD))
    update_occluder (self);
  if (what & (VIZ_CHANGED_MAP | VIZ_CHANGED_BUSY | VIZ_CHANGED_METHOD))
    update_work (self);
}

static void
viz_status_line_dispose (GObject *object)
{
  VizStatusLine *self = VIZ_STATUS_LINE (object);

  viz_object_leave (&self->document, self);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_STATUS_LINE);
  G_OBJECT_CLASS (viz_status_line_parent_class)->dispose (object);
}

static void
viz_status_line_class_init (VizStatusLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_status_line_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-status-line.ui");
  gtk_widget_class_bind_template_child (widget_class, VizStatusLine, pointer);
  gtk_widget_class_bind_template_child (widget_class, VizStatusLine, occluder);
  gtk_widget_class_bind_template_child (widget_class, VizStatusLine, work);
}

static void
viz_status_line_init (VizStatusLine *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->x = self->y = -1;
}

void
viz_status_line_set_document (VizStatusLine *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
}

void
viz_status_line_set_pointer (VizStatusLine *self, double x, double y, gboolean inside)
{
  self->x = inside ? (int)floor (x) : -1;
  self->y = inside ? (int)floor (y) : -1;
  update_pointer (self);
}
