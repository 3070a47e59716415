/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-filter-gallery"
#include "config.h"

#include "viz-filter-gallery-private.h"

#include <glib/gi18n.h>

static void
kind_toggled_cb (GtkToggleButton *button, VizFilterGallery *self)
{
  if (self->updating || !gtk_toggle_button_get_active (button))
    return;
  viz_filter_gallery_set_kind (self, GTK_WIDGET (button) == self->kernels ? VIZ_GALLERY_KERNELS
                                                                          : VIZ_GALLERY_ACTIVATIONS);
}

static void
sort_changed_cb (GtkDropDown *list, GParamSpec *pspec, VizFilterGallery *self)
{
  if (!self->updating)
    viz_filter_gallery_set_sort (self, (VizGallerySort)gtk_drop_down_get_selected (list));
}

static void
scale_changed_cb (GtkDropDown *list, GParamSpec *pspec, VizFilterGallery *self)
{
  if (!self->updating)
    viz_filter_gallery_set_shared_scale (self, gtk_drop_down_get_selected (list) == 1);
}

static void
size_changed_cb (GtkRange *range, VizFilterGallery *self)
{
  if (!self->updating)
    viz_filter_gallery_set_cell_size (self, (int)gtk_range_get_value (range));
}

/* The entries of the list; before them "As they are" where there are three. */
enum { INPUTS_MEAN, INPUTS_NORM, INPUTS_ONE };

static gboolean
has_colour (VizFilterGallery *self)
{
  return self->gallery != NULL && self->gallery->is_kernels && self->gallery->n_inputs == 3;
}

static void
inputs_changed_cb (VizFilterGallery *self)
{
  int chosen =
      (int)gtk_drop_down_get_selected (GTK_DROP_DOWN (self->inputs_list)) - (has_colour (self) ? 1 : 0);
  if (self->updating)
    return;
  if (chosen == INPUTS_ONE)
    viz_filter_gallery_set_inputs (self,
                                   gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->input_number)));
  else if (chosen < 0)
    viz_filter_gallery_set_inputs (self, CNN_GALLERY_SUITED);
  else
    viz_filter_gallery_set_inputs (self, chosen == INPUTS_MEAN ? CNN_GALLERY_MEAN : CNN_GALLERY_NORM);
}

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (widget, name);
}

static GtkWidget *
make_kinds (VizFilterGallery *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  self->kernels = gtk_toggle_button_new_with_label (_ ("Kernels"));
  self->activations = gtk_toggle_button_new_with_label (_ ("Activations"));
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->kernels), GTK_TOGGLE_BUTTON (self->activations));
  gtk_widget_set_tooltip_text (self->kernels, _ ("The weights of each filter"));
  gtk_widget_set_tooltip_text (self->activations, _ ("What each filter answers to the open image"));
  gtk_widget_add_css_class (box, "linked");
  gtk_box_append (GTK_BOX (box), self->kernels);
  gtk_box_append (GTK_BOX (box), self->activations);
  g_signal_connect (self->kernels, "toggled", G_CALLBACK (kind_toggled_cb), self);
  g_signal_connect (self->activations, "toggled", G_CALLBACK (kind_toggled_cb), self);
  return box;
}

static void
fill_sort_list (VizFilterGallery *self)
{
  const char *with[] = { _ ("By number"), _ ("By strength"), _ ("By change"), NULL };
  const char *without[] = { with[0], with[1], NULL };
  GListModel *old = gtk_drop_down_get_model (GTK_DROP_DOWN (self->sort_list));
  guint n = self->n_changes > 0 ? 3 : 2;
  GtkStringList *list;
  if (old != NULL && g_list_model_get_n_items (old) == n)
    return;
  list = gtk_string_list_new (n == 3 ? with : without);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->sort_list), G_LIST_MODEL (list));
  g_object_unref (list);
}

static GtkWidget *
make_size_scale (VizFilterGallery *self)
{
  GtkWidget *scale =
      gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, VIZ_GALLERY_MIN_SIZE, VIZ_GALLERY_MAX_SIZE, 8);
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  gtk_widget_set_size_request (scale, 90, -1);
  return scale;
}

static void
fill_inputs_list (VizFilterGallery *self)
{
  const char *names[] = { _ ("As a colour"), _ ("Mean"), _ ("Norm"), _ ("Channel"), NULL };
  GListModel *old = gtk_drop_down_get_model (GTK_DROP_DOWN (self->inputs_list));
  guint first = has_colour (self) ? 0 : 1;
  GtkStringList *list;
  if (old != NULL && g_list_model_get_n_items (old) == 4 - first)
    return;
  list = gtk_string_list_new (names + first);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->inputs_list), G_LIST_MODEL (list));
  g_object_unref (list);
}

/* What of a deep layer's kernels is shown, and the number of the input channel. */
static GtkWidget *
make_inputs (VizFilterGallery *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->inputs_box = box;
  self->inputs_list = gtk_drop_down_new (NULL, NULL);
  fill_inputs_list (self);
  set_name (self->inputs_list, _ ("Input channels of the kernels"));
  self->input_number = gtk_spin_button_new_with_range (0, 1, 1);
  set_name (self->input_number, _ ("Number of the input channel"));
  g_signal_connect_swapped (self->inputs_list, "notify::selected", G_CALLBACK (inputs_changed_cb), self);
  g_signal_connect_swapped (self->input_number, "value-changed", G_CALLBACK (inputs_changed_cb), self);
  gtk_box_append (GTK_BOX (box), self->inputs_list);
  gtk_box_append (GTK_BOX (box), self->input_number);
  return box;
}

static GtkWidget *
add_row (GtkWidget *grid, int row, const char *text, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), control, 1, row, 1, 1);
  return label;
}

/* Order, scale and size: behind a button, so that the gallery also fits a small window. */
static GtkWidget *
make_options (VizFilterGallery *self)
{
  const char *scales[] = { _ ("Each its own"), _ ("The layer's"), NULL };
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  self->sort_list = gtk_drop_down_new (NULL, NULL);
  fill_sort_list (self);
  set_name (self->sort_list, _ ("Order of the filters"));
  g_signal_connect (self->sort_list, "notify::selected", G_CALLBACK (sort_changed_cb), self);
  add_row (grid, 0, _ ("Order"), self->sort_list);
  self->scale_list = gtk_drop_down_new_from_strings (scales);
  set_name (self->scale_list, _ ("Scale of brightness"));
  g_signal_connect (self->scale_list, "notify::selected", G_CALLBACK (scale_changed_cb), self);
  add_row (grid, 1, _ ("Scale"), self->scale_list);
  self->size_scale = make_size_scale (self);
  set_name (self->size_scale, _ ("Size of the pictures"));
  g_signal_connect (self->size_scale, "value-changed", G_CALLBACK (size_changed_cb), self);
  add_row (grid, 2, _ ("Size"), self->size_scale);
  self->inputs_label = add_row (grid, 3, _ ("Inputs"), make_inputs (self));
  gtk_popover_set_child (GTK_POPOVER (popover), grid);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-sort-descending-symbolic");
  set_name (button, _ ("Order, scale and size of the pictures"));
  return button;
}

GtkWidget *
_viz_gallery_make_header (VizFilterGallery *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 4);
  gtk_widget_set_margin_bottom (box, 4);
  self->updating = TRUE;
  self->title = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_add_css_class (self->title, "heading");
  gtk_widget_set_margin_start (self->title, 9);
  gtk_widget_set_margin_top (self->title, 4);
  gtk_widget_add_css_class (box, "viz-compact");
  gtk_box_append (GTK_BOX (box), make_kinds (self));
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  gtk_widget_set_hexpand (gtk_widget_get_last_child (box), TRUE);
  gtk_box_append (GTK_BOX (box), make_options (self));
  gtk_box_append (GTK_BOX (column), self->title);
  gtk_box_append (GTK_BOX (column), box);
  self->updating = FALSE;
  return column;
}

static void
update_title (VizFilterGallery *self)
{
  const CnnGallery *gallery = self->gallery;
  g_autofree char *count = NULL, *text = NULL;
  if (gallery == NULL) {
    gtk_label_set_text (GTK_LABEL (self->title), NULL);
    return;
  }
  count = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u filter", "%u filters", gallery->n), gallery->n);
  /* Translators: name of a layer, how many filters, size of one */
  text = g_strdup_printf (_ ("%s: %s, %u\303\227%u"), gallery->layer != NULL ? gallery->layer : "", count,
                          gallery->width, gallery->height);
  gtk_label_set_text (GTK_LABEL (self->title), text);
  gtk_widget_set_tooltip_text (
      self->title, gallery->inputs == CNN_GALLERY_MEAN ? _ ("Averaged over the input channels") : NULL);
}

static void
update_inputs (VizFilterGallery *self)
{
  guint n = self->gallery != NULL && self->gallery->is_kernels ? self->gallery->n_inputs : 1;
  int first = has_colour (self) ? 1 : 0, chosen = INPUTS_MEAN + first;
  gtk_widget_set_visible (self->inputs_label, n > 1);
  gtk_widget_set_visible (self->inputs_box, n > 1);
  fill_inputs_list (self);
  if (self->inputs == CNN_GALLERY_SUITED)
    chosen = 0;
  else if (self->inputs == CNN_GALLERY_NORM)
    chosen = INPUTS_NORM + first;
  else if (self->inputs >= 0)
    chosen = INPUTS_ONE + first;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->inputs_list), (guint)chosen);
  gtk_widget_set_visible (self->input_number, self->inputs >= 0);
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->input_number), 0, MAX (n, 2) - 1);
  if (self->inputs >= 0)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->input_number), self->inputs);
}

void
_viz_gallery_update_header (VizFilterGallery *self)
{
  self->updating = TRUE;
  update_title (self);
  gtk_toggle_button_set_active (
      GTK_TOGGLE_BUTTON (self->kind == VIZ_GALLERY_KERNELS ? self->kernels : self->activations), TRUE);
  update_inputs (self);
  fill_sort_list (self);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->sort_list), self->sort);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->scale_list), self->shared ? 1 : 0);
  gtk_range_set_value (GTK_RANGE (self->size_scale), self->cell_size);
  self->updating = FALSE;
}
