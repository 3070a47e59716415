/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-layer-tree.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "widgets/viz-list-keys.h"
#include "widgets/viz-tooltip.h"
#include <inttypes.h>

#include "viz-layer-columns.h"

struct _VizLayerTree {
  GtkWidget parent;
  GtkSearchEntry *search;
  GtkColumnView *view;
  GtkLabel *footer;
  GtkMenuButton *column_menu;
  VizLayerColumns *columns;
  VizDocument *document;
  CnnModel *model;   /* whose rows are shown */
  GListStore *items; /* the rows, groups with their children */
  GtkSingleSelection *selection;
  GtkFilter *filter; /* while searching */
  char *needle;
  gboolean has_groups;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizLayerTree, viz_layer_tree, GTK_TYPE_WIDGET)

static GListModel *
create_children (gpointer item, gpointer user_data)
{
  VizLayerItem *layer = item;

  return layer->children != NULL ? g_object_ref (G_LIST_MODEL (layer->children)) : NULL;
}

static gboolean
matches (gpointer object, gpointer user_data)
{
  VizLayerTree *self = user_data;
  VizLayerItem *item = object;
  const CnnLayer *layer = cnn_model_get_layer (item->model, (guint)item->layer);
  g_autofree char *name = g_utf8_casefold (layer->name, -1);
  g_autofree char *type = g_utf8_casefold (layer->type, -1);

  return self->needle == NULL || strstr (name, self->needle) != NULL || strstr (type, self->needle) != NULL;
}

/* The list inside the column view, which has the scrolling action. */
static GtkWidget *
list_of (GtkColumnView *view)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (view));

  while (child != NULL && !GTK_IS_LIST_VIEW (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static guint
find_row (VizLayerTree *self, int layer)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  for (guint i = 0; i < n; i++) {
    g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (self->selection), i);
    g_autoptr (VizLayerItem) item = viz_layer_item_of_row (row);

    if (item->layer == layer && layer >= 0)
      return i;
  }
  return GTK_INVALID_LIST_POSITION;
}

static void
show_selection (VizLayerTree *self)
{
  GtkWidget *list = list_of (self->view);
  guint row;

  if (self->selection == NULL)
    return;
  row = find_row (self, viz_document_get_choices (self->document)->layer);
  self->updating = TRUE;
  gtk_single_selection_set_selected (self->selection, row);
  self->updating = FALSE;
  if (row != GTK_INVALID_LIST_POSITION && list != NULL)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", row);
}

static void
on_selected (VizLayerTree *self)
{
  gpointer row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (VizLayerItem) item = row != NULL ? viz_layer_item_of_row (row) : NULL;

  if (!self->updating && item != NULL && item->layer >= 0)
    viz_document_set_layer (self->document, item->layer);
}

/* Enter or a double click: the layer becomes what the CAM methods look at; a group opens or closes. */
static void
on_activate (GtkColumnView *view, guint position, VizLayerTree *self)
{
  g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  g_autoptr (VizLayerItem) item = viz_layer_item_of_row (row);

  if (item->layer >= 0)
    viz_document_set_target_layer (self->document, item->layer);
  else if (GTK_IS_TREE_LIST_ROW (row))
    gtk_tree_list_row_set_expanded (GTK_TREE_LIST_ROW (row),
                                    !gtk_tree_list_row_get_expanded (GTK_TREE_LIST_ROW (row)));
}

static GtkSorter *
dup_sorter (VizLayerTree *self)
{
  return g_object_ref (gtk_column_view_get_sorter (self->view));
}

/* What is searched for, in one list. (transfer full) */
static GListModel *
found_rows (VizLayerTree *self)
{
  GListModel *found;

  self->filter = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  found = G_LIST_MODEL (
      gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->items)), g_object_ref (self->filter)));
  return G_LIST_MODEL (gtk_sort_list_model_new (found, dup_sorter (self)));
}

/* The groups; a column sorts the layers of each group. (transfer full) */
static GListModel *
tree_rows (VizLayerTree *self)
{
  guint n = cnn_model_get_n_layers (self->model);
  GtkTreeListModel *tree;

  self->has_groups = g_list_model_get_n_items (G_LIST_MODEL (self->items)) < n;
  tree = gtk_tree_list_model_new (g_object_ref (G_LIST_MODEL (self->items)), FALSE, n <= 200, create_children,
                                  NULL, NULL);
  return G_LIST_MODEL (gtk_sort_list_model_new (
      G_LIST_MODEL (tree), GTK_SORTER (gtk_tree_list_row_sorter_new (dup_sorter (self)))));
}

static void
fill (VizLayerTree *self)
{
  GListModel *rows = NULL;

  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->items);
  if (self->model == NULL) {
    gtk_column_view_set_model (self->view, NULL);
    return;
  }
  self->items =
      self->needle != NULL ? viz_layer_items_new_flat (self->model) : viz_layer_items_new (self->model);
  viz_layer_items_set_cost (G_LIST_MODEL (self->items),
                            viz_document_get_results (self->document)->layer_cost);
  rows = self->needle != NULL ? found_rows (self) : tree_rows (self);
  self->selection = gtk_single_selection_new (rows);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  self->updating = TRUE;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  self->updating = FALSE;
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (on_selected), self);
  show_selection (self);
}

static void
on_search (VizLayerTree *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  gboolean searched = self->needle != NULL;

  g_clear_pointer (&self->needle, g_free);
  if (text[0] != '\0')
    self->needle = g_utf8_casefold (text, -1);
  if (searched && self->needle != NULL)
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  else if (searched || self->needle != NULL)
    fill (self);
}

static void
on_search_activate (VizLayerTree *self)
{
  /* Enter may come before the entry has told of the last letters */
  on_search (self);
  if (self->selection == NULL || g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0)
    return;
  gtk_single_selection_set_selected (self->selection, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_stop_search (VizLayerTree *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
update_footer (VizLayerTree *self)
{
  g_autofree char *text = NULL, *size = NULL, *work = NULL, *whole = NULL;
  guint64 trainable, fixed;

  if (self->model == NULL) {
    gtk_label_set_text (self->footer, "");
    return;
  }
  trainable = cnn_model_get_trainable_params (self->model);
  fixed = cnn_model_get_non_trainable_params (self->model);
  size = g_format_size ((trainable + fixed) * sizeof (float));
  if (fixed > 0)
    text = g_strdup_printf (_ ("%'" PRIu64 " parameters (%s)\n%'" PRIu64 " trainable, %'" PRIu64 " not"),
                            trainable + fixed, size, trainable, fixed);
  else
    text = g_strdup_printf (_ ("%'" PRIu64 " parameters (%s), all trainable"), trainable, size);
  work = viz_layer_count_text (cnn_model_multiply_adds (self->model));
  whole = g_strdup_printf (_ ("%s\n%s multiply-adds for a picture"), text, work);
  gtk_label_set_text (self->footer, whole);
}

static void
show_cost (VizLayerTree *self)
{
  if (self->items == NULL)
    return;
  viz_layer_items_set_cost (G_LIST_MODEL (self->items),
                            viz_document_get_results (self->document)->layer_cost);
  viz_layer_columns_refresh (self->columns);
}

static void
on_changed (VizDocument *document, guint what, VizLayerTree *self)
{
  if (what & VIZ_CHANGED_MODEL && g_set_object (&self->model, viz_document_get_model (document))) {
    fill (self);
    update_footer (self);
  } else if (what & VIZ_CHANGED_LAYER) {
    show_selection (self);
  }
  if (what & VIZ_CHANGED_LAYER_COST)
    show_cost (self);
}

static void
setup_name (GtkSignalListItemFactory *factory, GtkListItem *item, VizLayerTree *self)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_width_chars (GTK_LABEL (label), 6);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), label);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  gtk_list_item_set_child (item, expander);
}

static void
bind_name (GtkSignalListItemFactory *factory, GtkListItem *list_item, VizLayerTree *self)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item));
  GtkWidget *box = gtk_tree_expander_get_child (expander);
  GtkWidget *icon = gtk_widget_get_first_child (box);
  GtkWidget *label = gtk_widget_get_last_child (box);
  gpointer row = gtk_list_item_get_item (list_item);
  g_autoptr (VizLayerItem) item = viz_layer_item_of_row (row);
  g_autofree char *tip = NULL;

  gtk_tree_expander_set_indent_for_icon (expander, self->has_groups && self->needle == NULL);
  gtk_tree_expander_set_list_row (expander, GTK_IS_TREE_LIST_ROW (row) ? row : NULL);
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), viz_layer_item_get_icon_name (item));
  gtk_label_set_text (GTK_LABEL (label), item->name);
  if (item->layer >= 0) {
    const CnnLayer *layer = cnn_model_get_layer (item->model, (guint)item->layer);

    tip = layer->activation != NULL
              ? g_strdup_printf ("%s\n%s, %s", layer->name, layer->type, layer->activation)
              : g_strdup_printf ("%s\n%s", layer->name, layer->type);
  }
  viz_tooltip_describe (GTK_WIDGET (expander), tip);
}

static void
unbind_name (GtkSignalListItemFactory *factory, GtkListItem *list_item, VizLayerTree *self)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)), NULL);
}

static void
add_columns (VizLayerTree *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *name = gtk_column_view_column_new (_ ("Layer"), factory);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_name), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_name), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_name), self);
  gtk_column_view_column_set_resizable (name, TRUE);
  gtk_column_view_column_set_expand (name, TRUE);
  gtk_column_view_append_column (self->view, name);
  self->columns = viz_layer_columns_new (self->view, GTK_WIDGET (self));
  gtk_column_view_column_set_header_menu (name, viz_layer_columns_get_menu (self->columns));
  gtk_menu_button_set_menu_model (self->column_menu, viz_layer_columns_get_menu (self->columns));
  g_object_unref (name);
}

/* Layers are measured only while somebody looks at the numbers. */
static void
on_columns (VizLayerTree *self)
{
  if (self->document != NULL)
    viz_document_set_layer_cost (self->document, viz_layer_columns_need_cost (self->columns));
}

static void
viz_layer_tree_dispose (GObject *object)
{
  VizLayerTree *self = VIZ_LAYER_TREE (object);

  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->items);
  g_clear_object (&self->columns);
  g_clear_object (&self->model);
  viz_object_leave (&self->document, self);
  g_clear_pointer (&self->needle, g_free);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_LAYER_TREE);
  G_OBJECT_CLASS (viz_layer_tree_parent_class)->dispose (object);
}

static void
viz_layer_tree_class_init (VizLayerTreeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_layer_tree_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-layer-tree.ui");
  gtk_widget_class_bind_template_child (widget_class, VizLayerTree, search);
  gtk_widget_class_bind_template_child (widget_class, VizLayerTree, view);
  gtk_widget_class_bind_template_child (widget_class, VizLayerTree, footer);
  gtk_widget_class_bind_template_child (widget_class, VizLayerTree, column_menu);
}

static void
viz_layer_tree_init (VizLayerTree *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  viz_list_leave_by_tab (list_of (self->view));
  add_columns (self);
  g_signal_connect (self->view, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_search), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (on_search_activate), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (on_stop_search), self);
}

GtkWidget *
viz_layer_tree_new (void)
{
  return g_object_new (VIZ_TYPE_LAYER_TREE, NULL);
}

void
viz_layer_tree_set_document (VizLayerTree *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
  g_signal_connect_object (self->columns, "changed", G_CALLBACK (on_columns), self, G_CONNECT_SWAPPED);
  on_columns (self);
}

void
viz_layer_tree_focus_search (VizLayerTree *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}
