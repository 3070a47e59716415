/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-gallery-cell"
#include "config.h"

#include "viz-gallery-cell.h"
#include "widgets/viz-draw-text.h"
#include "widgets/viz-text.h"

#include <glib/gi18n.h>
#include <math.h>

struct _VizGalleryCell {
  GtkWidget parent_instance;
  int size;
  guint index;
  gboolean dead;
  char *text;  /* number and value */
  char *words; /* the same in words */
  GdkTexture *texture;
  PangoLayout *layout;
};

G_DEFINE_FINAL_TYPE (VizGalleryCell, viz_gallery_cell, GTK_TYPE_WIDGET)

static PangoLayout *
get_layout (VizGalleryCell *self)
{
  if (self->layout == NULL) {
    PangoAttrList *attributes = pango_attr_list_new ();
    pango_attr_list_insert (attributes, pango_attr_scale_new (0.78));
    pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
    self->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->text != NULL ? self->text : "0");
    pango_layout_set_attributes (self->layout, attributes);
    pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment (self->layout, PANGO_ALIGN_CENTER);
    pango_layout_set_width (self->layout, self->size * PANGO_SCALE);
    pango_attr_list_unref (attributes);
  }
  return self->layout;
}

static void
viz_gallery_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  VizGalleryCell *self = VIZ_GALLERY_CELL (widget);
  int height = 0;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    pango_layout_get_pixel_size (get_layout (self), NULL, &height);
  *minimum = *natural = self->size + height;
}

static void
draw_dead (GtkSnapshot *snapshot, const graphene_rect_t *box, const GdkRGBA *fg)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, box);
  double x = (double)box->origin.x, y = (double)box->origin.y, w = (double)box->size.width,
         h = (double)box->size.height;
  cairo_set_source_rgba (cr, (double)fg->red, (double)fg->green, (double)fg->blue, 0.5);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + w, y + h);
  cairo_move_to (cr, x + w, y);
  cairo_line_to (cr, x, y + h);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/** Where the texture goes: in the middle, on whole device pixels, where it is not smoothed. */
static graphene_rect_t
picture_box (VizGalleryCell *self, const graphene_rect_t *box)
{
  float scale = (float)gtk_widget_get_scale_factor (GTK_WIDGET (self));
  float w = (float)gdk_texture_get_width (self->texture) / scale,
        h = (float)gdk_texture_get_height (self->texture) / scale;
  float x = roundf ((box->origin.x + (box->size.width - w) / 2) * scale) / scale;
  float y = roundf ((box->origin.y + (box->size.height - h) / 2) * scale) / scale;
  return GRAPHENE_RECT_INIT (x, y, w, h);
}

static void
draw_picture (VizGalleryCell *self, GtkSnapshot *snapshot, const graphene_rect_t *box, const GdkRGBA *fg)
{
  graphene_rect_t area = self->texture != NULL ? picture_box (self, box) : *box;
  GdkRGBA ground = *fg;
  ground.alpha *= 0.08f;
  if (self->texture == NULL || self->dead)
    gtk_snapshot_append_color (snapshot, &ground, &area);
  else
    gtk_snapshot_append_texture (snapshot, self->texture, &area);
  if (self->dead)
    draw_dead (snapshot, &area, fg);
}

static void
viz_gallery_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizGalleryCell *self = VIZ_GALLERY_CELL (widget);
  float size = (float)self->size, left = floorf (((float)gtk_widget_get_width (widget) - size) / 2);
  graphene_rect_t box = GRAPHENE_RECT_INIT (left, 0, size, size);
  GdkRGBA fg;
  if (self->index == G_MAXUINT)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &fg);
  draw_picture (self, snapshot, &box, &fg);
  if (self->dead)
    fg.alpha *= 0.6f;
  viz_draw_text (snapshot, get_layout (self), &fg, left, size);
}

void
viz_gallery_cell_set_size (VizGalleryCell *self, int size)
{
  g_return_if_fail (VIZ_IS_GALLERY_CELL (self));
  if (size == self->size)
    return;
  self->size = size;
  g_clear_object (&self->layout);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
update_words (VizGalleryCell *self, const CnnGallery *gallery)
{
  g_autofree char *value = viz_text_short ((double)cnn_gallery_strength (gallery, self->index));
  g_autofree char *mean = viz_text_short ((double)gallery->mean[self->index]), *words = NULL;
  if (self->dead)
    /* Translators: a channel whose activations are all the same */
    words = g_strdup_printf (_ ("Filter %u, dead: %s everywhere"), self->index, value);
  else
    /* Translators: number of the filter, its strongest value, its mean, how much of it is zero */
    words = g_strdup_printf (_ ("Filter %u, strongest %s, mean %s, %.0f %% zeros"), self->index, value, mean,
                             100 * (double)gallery->zero_share[self->index]);
  g_free (self->text);
  self->text = self->dead ? g_strdup_printf (_ ("%u dead"), self->index)
                          : g_strdup_printf ("%u  %s", self->index, value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_free (self->words);
  self->words = g_steal_pointer (&words);
}

/* on demand: a bind of hundreds of cells must stay cheap */
static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  gtk_tooltip_set_text (tooltip, VIZ_GALLERY_CELL (widget)->words);
  return VIZ_GALLERY_CELL (widget)->words != NULL;
}

void
viz_gallery_cell_set (VizGalleryCell *self, const CnnGallery *gallery, guint index)
{
  g_return_if_fail (VIZ_IS_GALLERY_CELL (self));
  if (gallery == NULL)
    index = G_MAXUINT;
  if (index != self->index)
    g_clear_object (&self->texture);
  self->index = index;
  self->dead = gallery != NULL && cnn_gallery_is_dead (gallery, index);
  if (gallery != NULL)
    update_words (self, gallery);
  if (self->layout != NULL && self->text != NULL)
    pango_layout_set_text (self->layout, self->text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
viz_gallery_cell_get_index (VizGalleryCell *self)
{
  g_return_val_if_fail (VIZ_IS_GALLERY_CELL (self), G_MAXUINT);
  return self->index;
}

void
viz_gallery_cell_set_texture (VizGalleryCell *self, GdkTexture *texture)
{
  g_return_if_fail (VIZ_IS_GALLERY_CELL (self));
  if (g_set_object (&self->texture, texture))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

GdkTexture *
viz_gallery_cell_get_texture (VizGalleryCell *self)
{
  g_return_val_if_fail (VIZ_IS_GALLERY_CELL (self), NULL);
  return self->texture;
}

static void
viz_gallery_cell_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (viz_gallery_cell_parent_class)->css_changed (widget, change);
  g_clear_object (&VIZ_GALLERY_CELL (widget)->layout); /* perhaps another font */
}

static void
viz_gallery_cell_finalize (GObject *object)
{
  VizGalleryCell *self = VIZ_GALLERY_CELL (object);
  g_clear_object (&self->texture);
  g_clear_object (&self->layout);
  g_free (self->text);
  g_free (self->words);
  G_OBJECT_CLASS (viz_gallery_cell_parent_class)->finalize (object);
}

static void
viz_gallery_cell_class_init (VizGalleryCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  G_OBJECT_CLASS (class)->finalize = viz_gallery_cell_finalize;
  widget_class->measure = viz_gallery_cell_measure;
  widget_class->snapshot = viz_gallery_cell_snapshot;
  widget_class->css_changed = viz_gallery_cell_css_changed;
  gtk_widget_class_set_css_name (widget_class, "gallerycell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
viz_gallery_cell_init (VizGalleryCell *self)
{
  self->size = 64;
  self->index = G_MAXUINT;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
}

GtkWidget *
viz_gallery_cell_new (void)
{
  return g_object_new (VIZ_TYPE_GALLERY_CELL, NULL);
}
