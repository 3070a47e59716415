/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-display-panel.h"
#include "widgets/viz-drop-down.h"
#include "widgets/viz-entry.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

struct _VizDisplayPanel {
  GtkWidget parent;
  GtkRange *opacity;
  GtkDropDown *colormap;
  GtkDropDown *scale;
  GtkWidget *scale_label;
  gboolean has_scale;
  GtkEditable *range;
  VizDocument *document;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizDisplayPanel, viz_display_panel, GTK_TYPE_WIDGET)

static void
on_opacity (VizDisplayPanel *self)
{
  if (!self->updating)
    viz_document_set_opacity (self->document, gtk_range_get_value (self->opacity));
}

static void
on_colormap (VizDisplayPanel *self)
{
  guint selected = gtk_drop_down_get_selected (self->colormap);

  if (!self->updating && selected != GTK_INVALID_LIST_POSITION)
    viz_document_set_colormap (self->document, selected > 0 ? cnn_colormaps_list ()[selected - 1] : NULL);
}

/* The range that is on screen becomes the fixed one, so that the next class can be compared with this. */
static VizScale
held_scale (VizDisplayPanel *self)
{
  const CnnMap *map = viz_document_get_results (self->document)->map;
  VizScale held = { VIZ_SCALE_FIXED, 0, 1 };
  CnnMapStyle style;

  viz_document_get_map_style (self->document, &style);
  if (map != NULL)
    cnn_map_style_resolve (&style, map, NULL, &held.low, &held.high);
  return held;
}

static void
on_scale (VizDisplayPanel *self)
{
  VizScale scale = { (VizScaleKind)gtk_drop_down_get_selected (self->scale), 0, 0 };

  if (self->updating || scale.kind > VIZ_SCALE_FIXED)
    return;
  if (scale.kind == VIZ_SCALE_FIXED)
    scale = held_scale (self);
  viz_document_set_scale (self->document, &scale);
}

/* What cannot be read is marked and changes nothing. */
static void
on_range (VizDisplayPanel *self)
{
  VizScale scale;

  if (viz_scale_parse (&scale, gtk_editable_get_text (self->range)) && scale.kind == VIZ_SCALE_FIXED) {
    gtk_widget_remove_css_class (GTK_WIDGET (self->range), "error");
    viz_document_set_scale (self->document, &scale);
  } else {
    gtk_widget_add_css_class (GTK_WIDGET (self->range), "error");
  }
}

static void
show_scale (VizDisplayPanel *self)
{
  const VizScale *scale = &viz_document_get_choices (self->document)->scale;
  g_autofree char *text = viz_scale_to_string (scale);

  gtk_drop_down_set_selected (self->scale, scale->kind);
  gtk_widget_set_visible (GTK_WIDGET (self->range), self->has_scale && scale->kind == VIZ_SCALE_FIXED);
  gtk_widget_remove_css_class (GTK_WIDGET (self->range), "error");
  viz_entry_show_text (self->range, text);
}

static void
on_changed (VizDocument *document, guint what, VizDisplayPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (document);
  const CnnColormap *const *maps = cnn_colormaps_list ();
  guint selected = 0;

  if (!(what & VIZ_CHANGED_DISPLAY))
    return;
  for (guint i = 0; maps[i] != NULL; i++)
    if (maps[i] == choices->colormap)
      selected = i + 1;
  self->updating = TRUE;
  gtk_range_set_value (self->opacity, choices->opacity);
  gtk_drop_down_set_selected (self->colormap, selected);
  show_scale (self);
  self->updating = FALSE;
}

static void
viz_display_panel_dispose (GObject *object)
{
  VizDisplayPanel *self = VIZ_DISPLAY_PANEL (object);

  viz_object_leave (&self->document, self);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_DISPLAY_PANEL);
  G_OBJECT_CLASS (viz_display_panel_parent_class)->dispose (object);
}

static void
viz_display_panel_class_init (VizDisplayPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_display_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-display-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, VizDisplayPanel, opacity);
  gtk_widget_class_bind_template_child (widget_class, VizDisplayPanel, colormap);
  gtk_widget_class_bind_template_child (widget_class, VizDisplayPanel, scale);
  gtk_widget_class_bind_template_child (widget_class, VizDisplayPanel, scale_label);
  gtk_widget_class_bind_template_child (widget_class, VizDisplayPanel, range);
}

static void
viz_display_panel_init (VizDisplayPanel *self)
{
  const CnnColormap *const *maps = cnn_colormaps_list ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  self->has_scale = TRUE;
  gtk_string_list_append (names, _ ("Automatic"));
  for (guint i = 0; maps[i] != NULL; i++)
    gtk_string_list_append (names, maps[i]->name);
  gtk_drop_down_set_model (self->colormap, G_LIST_MODEL (names));
  viz_drop_down_shorten (self->colormap);
  viz_drop_down_shorten (self->scale);
  g_signal_connect_swapped (self->opacity, "value-changed", G_CALLBACK (on_opacity), self);
  g_signal_connect_swapped (self->colormap, "notify::selected", G_CALLBACK (on_colormap), self);
  g_signal_connect_swapped (self->scale, "notify::selected", G_CALLBACK (on_scale), self);
  g_signal_connect_swapped (self->range, "activate", G_CALLBACK (on_range), self);
}

void
viz_display_panel_set_document (VizDisplayPanel *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
}

void
viz_display_panel_hide_scale (VizDisplayPanel *self)
{
  self->has_scale = FALSE;
  gtk_widget_set_visible (self->scale_label, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->scale), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->range), FALSE);
}
