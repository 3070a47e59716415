/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-occluder-options.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "methods/occlusion/cnn-occluder.h"

struct _VizOccluderOptions {
  GtkWidget parent;
  GtkDropDown *fill;
  GtkSpinButton *width;
  GtkSpinButton *height;
  GtkSwitch *trail;
  VizDocument *document;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizOccluderOptions, viz_occluder_options, GTK_TYPE_WIDGET)

static void
on_fill (VizOccluderOptions *self)
{
  if (!self->updating)
    viz_document_set_occluder_fill (self->document, (CnnFill)gtk_drop_down_get_selected (self->fill));
}

/* It grows and shrinks around its middle. */
static void
on_size (VizOccluderOptions *self)
{
  int width = gtk_spin_button_get_value_as_int (self->width);
  int height = gtk_spin_button_get_value_as_int (self->height);
  const int *r;

  if (self->updating)
    return;
  r = viz_document_get_choices (self->document)->occluder;
  viz_document_set_occluder (self->document, MAX (0, r[0] + (r[2] - width) / 2),
                             MAX (0, r[1] + (r[3] - height) / 2), width, height);
}

static void
on_changed (VizDocument *document, guint what, VizOccluderOptions *self)
{
  const VizChoices *choices = viz_document_get_choices (document);
  CnnImage *fitted = viz_document_get_results (document)->fitted;

  if (!(what & (VIZ_CHANGED_OCCLUDER | VIZ_CHANGED_FITTED)))
    return;
  self->updating = TRUE;
  if (fitted != NULL) {
    gtk_spin_button_set_range (self->width, 1, MAX (1, cnn_image_get_width (fitted)));
    gtk_spin_button_set_range (self->height, 1, MAX (1, cnn_image_get_height (fitted)));
  }
  gtk_drop_down_set_selected (self->fill, choices->occluder_fill);
  gtk_spin_button_set_value (self->width, choices->occluder[2]);
  gtk_spin_button_set_value (self->height, choices->occluder[3]);
  self->updating = FALSE;
}

static void
viz_occluder_options_dispose (GObject *object)
{
  VizOccluderOptions *self = VIZ_OCCLUDER_OPTIONS (object);

  viz_object_leave (&self->document, self);
  viz_widget_drop_children (GTK_WIDGET (self));
  G_OBJECT_CLASS (viz_occluder_options_parent_class)->dispose (object);
}

static void
viz_occluder_options_class_init (VizOccluderOptionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_occluder_options_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
add_row (GtkGrid *grid, int row, const char *text, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL,
                                  -1);
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, control, 1, row, 1, 1);
}

static GtkSpinButton *
new_pixels (VizOccluderOptions *self)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (1, 1 << 14, 1);

  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (on_size), self);
  return GTK_SPIN_BUTTON (spin);
}

static void
viz_occluder_options_init (VizOccluderOptions *self)
{
  g_autoptr (GtkStringList) fills = gtk_string_list_new (NULL);
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (guint i = 0; cnn_fill_titles[i] != NULL; i++)
    gtk_string_list_append (fills, _ (cnn_fill_titles[i]));
  self->fill = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&fills)), NULL));
  self->width = new_pixels (self);
  self->height = new_pixels (self);
  self->trail = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_halign (GTK_WIDGET (self->trail), GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trail), _ ("Leaves a faint trace where the occluder was"));
  add_row (GTK_GRID (grid), 0, _ ("_Fill"), GTK_WIDGET (self->fill));
  add_row (GTK_GRID (grid), 1, _ ("_Width (px)"), GTK_WIDGET (self->width));
  add_row (GTK_GRID (grid), 2, _ ("_Height (px)"), GTK_WIDGET (self->height));
  add_row (GTK_GRID (grid), 3, _ ("_Trail"), GTK_WIDGET (self->trail));
  gtk_widget_set_parent (grid, GTK_WIDGET (self));
  g_signal_connect_swapped (self->fill, "notify::selected", G_CALLBACK (on_fill), self);
}

void
viz_occluder_options_set_document (VizOccluderOptions *self, VizDocument *document, VizImageCanvas *canvas)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  g_object_bind_property (canvas, "trail", self->trail, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  on_changed (document, VIZ_CHANGED_ALL, self);
}
