/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-compare-view.h"

#include <glib/gi18n.h>

#include "explore/viz-class-search.h"
#include "viz-compare-grid.h"
#include "explore/viz-display-panel.h"
#include "widgets/viz-empty.h"
#include "layers/viz-layer-drop-down.h"
#include "widgets/viz-drop-down.h"
#include "explore/viz-method-options.h"
#include "widgets/viz-template.h"
#include "widgets/viz-text.h"
#include "widgets/viz-work-line.h"

struct _VizCompareView {
  GtkWidget parent;
  GtkStack *stack;
  GtkScrolledWindow *scrolled;
  VizCompareGrid *grid;
  AdwStatusPage *empty;
  GtkButton *empty_button;
  GtkWidget *modifiers_box, *methods_box, *layer_box;
  GtkDropDown *method, *layer;
  GtkWidget *methods; /* a box of GtkCheckButton */
  GtkGrid *options;
  GtkSizeGroup *label_group;
  GtkCheckButton *strongest;
  VizClassSearch *search;
  VizDisplayPanel *display;
  VizWorkLine *line;
  VizDocument *document;
  GPtrArray *with_modifiers; /* CnnMethod: of the drop-down */
  GArray *layers;            /* int: of the drop-down */
  const CnnMethod *shown;    /* whose options are there */
  gboolean updating;
  gboolean wants_focus; /* the view was entered, the grid is not there yet */
};

G_DEFINE_FINAL_TYPE (VizCompareView, viz_compare_view, GTK_TYPE_WIDGET)

static const char *
get_choice (VizCompareView *self, VizViewChoice choice)
{
  return viz_document_get_view_choice (self->document, choice);
}

static gboolean
is_choice (VizCompareView *self, VizViewChoice choice, const char *text)
{
  return g_str_equal (get_choice (self, choice), text);
}

static void
set_choice (VizCompareView *self, VizViewChoice choice, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!viz_document_set_view_choice (self->document, choice, text, &error))
    viz_document_report_error (self->document, error);
}

/* what the person does */

static void
on_method (VizCompareView *self)
{
  guint selected = gtk_drop_down_get_selected (self->method);

  if (!self->updating && selected < self->with_modifiers->len)
    set_choice (self, VIZ_COMPARE_METHOD, ((const CnnMethod *)self->with_modifiers->pdata[selected])->name);
}

static void
on_layer (VizCompareView *self)
{
  guint selected = gtk_drop_down_get_selected (self->layer);

  if (!self->updating && selected < self->layers->len)
    viz_document_set_target_layer (self->document, g_array_index (self->layers, int, selected));
}

/* The tick of a method, the first or the one after @check. */
static GtkCheckButton *
next_check (VizCompareView *self, GtkCheckButton *check)
{
  return (GtkCheckButton *)(check != NULL ? gtk_widget_get_next_sibling (GTK_WIDGET (check))
                                          : gtk_widget_get_first_child (self->methods));
}

static const CnnMethod *
method_of (GtkCheckButton *check)
{
  return g_object_get_data (G_OBJECT (check), "viz-method");
}

/* The columns are the methods that are ticked, in the order of the list. */
static void
on_methods (VizCompareView *self)
{
  GString *names = g_string_new (NULL);

  for (GtkCheckButton *check = next_check (self, NULL); check != NULL; check = next_check (self, check))
    if (gtk_check_button_get_active (check))
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", method_of (check)->name);
  if (!self->updating)
    set_choice (self, VIZ_COMPARE_METHODS, names->str);
  g_string_free (names, TRUE);
}

static void
on_strongest (VizCompareView *self)
{
  if (!self->updating)
    set_choice (self, VIZ_COMPARE_ROWS,
                gtk_check_button_get_active (self->strongest) ? "strongest" : "picked");
}

static void
change_picked (VizCompareView *self, int class_index, gboolean add)
{
  g_autoptr (GArray) picked = viz_view_choice_parse_classes (get_choice (self, VIZ_COMPARE_CLASSES));
  g_autofree char *text = NULL;

  for (guint i = picked->len; i-- > 0;)
    if (g_array_index (picked, int, i) == class_index)
      g_array_remove_index (picked, i);
  if (add)
    g_array_append_val (picked, class_index);
  text = viz_view_choice_format_classes (picked);
  set_choice (self, VIZ_COMPARE_CLASSES, text);
}

static void
on_found (VizCompareView *self, int class_index)
{
  change_picked (self, class_index, TRUE);
}

static void
on_removed (VizCompareView *self, int class_index)
{
  change_picked (self, class_index, FALSE);
}

/* Shows in Explore what the cell shows. */
static void
on_cell (VizCompareView *self, int row, int column)
{
  const VizCompared *compared = viz_document_get_results (self->document)->compared;

  if (compared == NULL || row >= (int)compared->grid->n_rows)
    return;
  viz_document_freeze (self->document);
  viz_document_set_class (self->document, compared->grid->classes[row]);
  if (column >= 0 && column < (int)compared->grid->n_columns) {
    viz_document_set_method (self->document, compared->grid->columns[column].method);
    viz_document_set_modifier (self->document, compared->grid->columns[column].request.modifier);
  }
  viz_document_set_view (self->document, "explore");
  viz_document_thaw (self->document);
}

static void
on_pointer (VizCompareView *self, int x, int y)
{
  g_autofree char *text = x >= 0 ? g_strdup_printf ("x %d  y %d", x, y) : NULL;

  viz_work_line_set_left (self->line, text);
}

/* what is shown */

static void
show_columns (VizCompareView *self)
{
  gboolean methods = is_choice (self, VIZ_COMPARE_COLUMNS, "methods");
  const CnnMethod *method = cnn_method_find (get_choice (self, VIZ_COMPARE_METHOD));
  g_autoptr (GPtrArray) chosen = viz_view_choice_parse_methods (get_choice (self, VIZ_COMPARE_METHODS));
  gboolean layer = !methods && method->uses_layer;
  guint at;

  for (guint i = 0; methods && i < chosen->len; i++)
    layer = layer || ((const CnnMethod *)chosen->pdata[i])->uses_layer;
  gtk_widget_set_visible (self->modifiers_box, !methods);
  gtk_widget_set_visible (self->methods_box, methods);
  gtk_widget_set_visible (self->layer_box, layer);
  if (g_ptr_array_find (self->with_modifiers, method, &at))
    gtk_drop_down_set_selected (self->method, at);
  for (GtkCheckButton *check = next_check (self, NULL); check != NULL; check = next_check (self, check))
    gtk_check_button_set_active (check, g_ptr_array_find (chosen, method_of (check), NULL));
}

/* One method's options; those of several are set in Explore. */
static void
show_options (VizCompareView *self)
{
  const CnnMethod *method = is_choice (self, VIZ_COMPARE_COLUMNS, "modifiers")
                                ? cnn_method_find (get_choice (self, VIZ_COMPARE_METHOD))
                                : NULL;

  if (self->shown != method)
    viz_method_options_build (self->options, self->document, method);
  else
    viz_method_options_update (self->options);
  gtk_widget_set_visible (GTK_WIDGET (self->options),
                          method != NULL && method->params != NULL && method->params[0].name != NULL);
  self->shown = method;
}

static void
show_rows (VizCompareView *self)
{
  CnnModel *model = viz_document_get_model (self->document);
  guint n = model != NULL ? cnn_model_get_n_classes (model) : 0;
  g_autofree char *text = n <= CNN_COMPARE_ALL
                              ? g_strdup_printf (ngettext ("All %u class", "All %u classes", n), n)
                              : g_strdup_printf (_ ("The %d strongest classes"), CNN_COMPARE_TOP);

  gtk_check_button_set_label (self->strongest, text);
  gtk_check_button_set_active (self->strongest, is_choice (self, VIZ_COMPARE_ROWS, "strongest"));
}

/* Classes that were picked, where that makes a difference. */
static GArray *
find_removable (VizCompareView *self)
{
  CnnModel *model = viz_document_get_model (self->document);
  gboolean all = is_choice (self, VIZ_COMPARE_ROWS, "strongest") && model != NULL &&
                 cnn_model_get_n_classes (model) <= CNN_COMPARE_ALL;

  return viz_view_choice_parse_classes (all ? "" : get_choice (self, VIZ_COMPARE_CLASSES));
}

static void
show_grid (VizCompareView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  g_autoptr (GArray) removable = find_removable (self);
  const char *failure = results->compare_error;

  if (failure == NULL && is_choice (self, VIZ_COMPARE_COLUMNS, "methods") &&
      get_choice (self, VIZ_COMPARE_METHODS)[0] == '\0')
    failure = _ ("Tick the methods to compare.");
  viz_compare_grid_show (self->grid, results->compared, removable);
  viz_compare_grid_set_stale (self->grid, results->compared_stale);
  gtk_stack_set_visible_child_name (
      self->stack, viz_empty_show (self->empty, self->empty_button, self->document, TRUE, TRUE, failure)
                       ? "empty"
                       : "grid");
}

static void
show_work (VizCompareView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  const VizCompared *compared = results->compared;
  g_autofree char *text = NULL;

  if (results->compare_progress >= 0)
    text = g_strdup_printf (_ ("%.0f %%"), 100 * results->compare_progress);
  else if (compared != NULL && !results->compared_stale && compared->grid->stopped)
    text = g_strdup_printf (_ ("stopped with %u of %u maps"), viz_compared_count (compared),
                            compared->grid->n_rows * compared->grid->n_columns);
  else if (compared != NULL && !results->compared_stale) {
    g_autofree char *time = viz_text_duration (compared->grid->milliseconds);

    /* Translators: how many pictures were computed, and how long that took */
    text = g_strdup_printf (_ ("%u maps, %s"), viz_compared_count (compared), time);
  }
  viz_work_line_set_right (self->line, text);
  viz_work_line_set_progress (self->line, results->compare_progress);
}

static void
on_changed (VizDocument *document, guint what, VizCompareView *self)
{
  const guint choices = VIZ_CHANGED_VIEW_CHOICE | VIZ_CHANGED_MODEL;

  /* results may have been let go of, all else waits until it is seen */
  if (!g_str_equal (viz_document_get_choices (document)->view, "compare")) {
    if (what & VIZ_CHANGED_MODEL)
      viz_compare_grid_show (self->grid, NULL, NULL);
    return;
  }
  if (what & VIZ_CHANGED_VIEW) {
    what = VIZ_CHANGED_ALL;
    self->wants_focus = TRUE;
  }
  self->updating = TRUE;
  if (what & VIZ_CHANGED_MODEL)
    viz_layer_drop_down_fill_targets (self->layer, self->layers, viz_document_get_model (document));
  if (what & choices) {
    show_columns (self);
    show_rows (self);
  }
  if (what & (choices | VIZ_CHANGED_METHOD)) {
    viz_layer_drop_down_select (self->layer, self->layers, viz_document_get_choices (document)->target_layer);
    show_options (self);
  }
  if (what & (VIZ_CHANGED_PREDICTION | VIZ_CHANGED_MODEL))
    viz_class_search_set_prediction (self->search, viz_document_get_results (document)->prediction);
  if (what & VIZ_CHANGED_DISPLAY)
    viz_compare_grid_set_opacity (self->grid, viz_document_get_choices (document)->opacity);
  if (what & (VIZ_CHANGED_COMPARED | VIZ_CHANGED_IMAGE | choices)) {
    show_grid (self);
    show_work (self);
  }
  if (self->wants_focus && gtk_widget_grab_focus (GTK_WIDGET (self->grid)))
    self->wants_focus = FALSE;
  self->updating = FALSE;
}

static void
list_methods (VizCompareView *self)
{
  const CnnMethod *const *methods = cnn_methods_list ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; methods[i] != NULL; i++) {
    GtkWidget *check;

    if (!viz_method_is_comparable (methods[i]))
      continue;
    if (methods[i]->uses_modifier) {
      g_ptr_array_add (self->with_modifiers, (gpointer)methods[i]);
      gtk_string_list_append (names, _ (methods[i]->title));
    }
    check = gtk_check_button_new_with_label (_ (methods[i]->title));
    gtk_widget_set_tooltip_text (check, _ (methods[i]->help));
    g_object_set_data (G_OBJECT (check), "viz-method", (gpointer)methods[i]);
    g_signal_connect_swapped (check, "toggled", G_CALLBACK (on_methods), self);
    gtk_box_append (GTK_BOX (self->methods), check);
  }
  gtk_drop_down_set_model (self->method, G_LIST_MODEL (names));
}

static void
viz_compare_view_dispose (GObject *object)
{
  VizCompareView *self = VIZ_COMPARE_VIEW (object);

  self->updating = TRUE;
  viz_template_dispose_of (GTK_WIDGET (self), VIZ_TYPE_COMPARE_VIEW, &self->document);
  g_clear_pointer (&self->with_modifiers, g_ptr_array_unref);
  g_clear_pointer (&self->layers, g_array_unref);
  G_OBJECT_CLASS (viz_compare_view_parent_class)->dispose (object);
}

static void
viz_compare_view_class_init (VizCompareViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_compare_view_dispose;
  g_type_ensure (VIZ_TYPE_CLASS_SEARCH);
  g_type_ensure (VIZ_TYPE_COMPARE_GRID);
  g_type_ensure (VIZ_TYPE_DISPLAY_PANEL);
  g_type_ensure (VIZ_TYPE_WORK_LINE);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-compare-view.ui");
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, stack);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, grid);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, empty);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, empty_button);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, modifiers_box);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, methods_box);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, layer_box);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, method);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, layer);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, methods);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, options);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, label_group);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, strongest);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, search);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, display);
  gtk_widget_class_bind_template_child (widget_class, VizCompareView, line);
}

static void
viz_compare_view_init (VizCompareView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  viz_method_options_set_label_group (self->options, self->label_group);
  self->with_modifiers = g_ptr_array_new ();
  self->layers = g_array_new (FALSE, FALSE, sizeof (int));
  list_methods (self);
  viz_drop_down_shorten (self->method);
  viz_drop_down_shorten (self->layer);
  viz_compare_grid_set_adjustment (self->grid, gtk_scrolled_window_get_vadjustment (self->scrolled));
}

void
viz_compare_view_set_document (VizCompareView *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  viz_display_panel_set_document (self->display, document);
  viz_display_panel_hide_scale (self->display); /* the grid has its own */
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->method, "notify::selected", G_CALLBACK (on_method), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (on_layer), self);
  g_signal_connect_swapped (self->strongest, "toggled", G_CALLBACK (on_strongest), self);
  g_signal_connect_swapped (self->search, "class-selected", G_CALLBACK (on_found), self);
  g_signal_connect_swapped (self->grid, "cell-activated", G_CALLBACK (on_cell), self);
  g_signal_connect_swapped (self->grid, "class-removed", G_CALLBACK (on_removed), self);
  g_signal_connect_swapped (self->grid, "pointer-moved", G_CALLBACK (on_pointer), self);
}
