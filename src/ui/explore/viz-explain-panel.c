/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-explain-panel.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "layers/viz-layer-drop-down.h"
#include "widgets/viz-drop-down.h"
#include "viz-method-options.h"

/* Work that takes longer than this shows how far it is. */
#define PROGRESS_DELAY_MS 200

struct _VizExplainPanel {
  GtkWidget parent;
  GtkDropDown *method;
  GtkWidget *modifier;
  GtkWidget *modifier_label;
  GtkDropDown *class;
  GtkWidget *class_label;
  GtkDropDown *layer;
  GtkWidget *layer_label, *layer_box, *use_selected;
  GtkGrid *options;
  GtkSizeGroup *label_group;
  GtkWidget *progress_row;
  GtkProgressBar *progress;
  GtkLabel *notes;
  GtkWidget *show_signed;
  VizDocument *document;
  CnnModel *model;        /* whose classes and layers are listed */
  GArray *layers;         /* int: the layer of each entry of the drop-down */
  const CnnMethod *shown; /* whose options are there */
  int predicted;          /* the class that the first entry names */
  guint progress_timer;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizExplainPanel, viz_explain_panel, GTK_TYPE_WIDGET)

static void
on_method (VizExplainPanel *self)
{
  guint selected = gtk_drop_down_get_selected (self->method);

  if (!self->updating && selected != GTK_INVALID_LIST_POSITION)
    viz_document_set_method (self->document, selected > 0 ? cnn_methods_list ()[selected - 1] : NULL);
}

static void
on_class (VizExplainPanel *self)
{
  guint selected = gtk_drop_down_get_selected (self->class);

  if (!self->updating && selected != GTK_INVALID_LIST_POSITION)
    viz_document_set_class (self->document, (int)selected - 1);
}

static void
on_layer (VizExplainPanel *self)
{
  guint selected = gtk_drop_down_get_selected (self->layer);

  if (!self->updating && selected < self->layers->len)
    viz_document_set_target_layer (self->document, g_array_index (self->layers, int, selected));
}

static void
use_selected (VizExplainPanel *self)
{
  viz_document_set_target_layer (self->document, viz_document_get_choices (self->document)->layer);
}

/* The layer that is selected in the tree is one click from being the target, where it can be. */
static void
update_use_selected (VizExplainPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  gboolean is_listed = FALSE;

  for (guint i = 1; i < self->layers->len && !is_listed; i++)
    is_listed = g_array_index (self->layers, int, i) == choices->layer;
  gtk_widget_set_sensitive (self->use_selected, is_listed && choices->layer != choices->target_layer);
}

static char *
predicted_text (VizExplainPanel *self)
{
  const CnnPrediction *prediction = viz_document_get_results (self->document)->prediction;

  if (prediction == NULL || prediction->n == 0)
    return g_strdup (_ ("Predicted"));
  return g_strdup_printf (_ ("Predicted (%s)"), prediction->entries[0].label);
}

static void
list_classes (VizExplainPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *first = predicted_text (self);

  gtk_string_list_append (names, first);
  for (guint i = 0; self->model != NULL && i < cnn_model_get_n_classes (self->model); i++) {
    const char *label = cnn_model_get_label (self->model, i);
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_autofree char *text = g_strdup_printf ("%s  %s", number, label);

    gtk_string_list_append (names, g_str_equal (label, number) ? number : text);
  }
  gtk_drop_down_set_model (self->class, G_LIST_MODEL (names));
}

/* The first entry follows the prediction; the others stay. */
static void
rename_predicted (VizExplainPanel *self)
{
  const CnnPrediction *prediction = viz_document_get_results (self->document)->prediction;
  int predicted = prediction != NULL && prediction->n > 0 ? prediction->entries[0].class_index : -1;
  GtkStringList *names = GTK_STRING_LIST (gtk_drop_down_get_model (self->class));
  g_autofree char *first = NULL;

  if (predicted == self->predicted || names == NULL)
    return;
  self->predicted = predicted;
  first = predicted_text (self);
  gtk_string_list_splice (names, 0, 1, (const char *const[]){ first, NULL });
}

static void
select_choices (VizExplainPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  const CnnMethod *const *methods = cnn_methods_list ();
  guint selected = 0;

  for (guint i = 0; methods[i] != NULL; i++)
    if (methods[i] == choices->method)
      selected = i + 1;
  gtk_drop_down_set_selected (self->method, selected);
  gtk_drop_down_set_selected (self->class, (guint)(choices->class_index + 1));
  viz_layer_drop_down_select (self->layer, self->layers, choices->target_layer);
}

static void
show_rows (VizExplainPanel *self)
{
  const CnnMethod *method = viz_document_get_choices (self->document)->method;
  gboolean layer = method != NULL && method->uses_layer && !method->uses_filter;

  gtk_widget_set_visible (self->modifier, method != NULL && method->uses_modifier);
  gtk_widget_set_visible (self->modifier_label, method != NULL && method->uses_modifier);
  gtk_widget_set_visible (GTK_WIDGET (self->class), method != NULL && method->uses_class);
  gtk_widget_set_visible (self->class_label, method != NULL && method->uses_class);
  gtk_widget_set_visible (self->layer_box, layer);
  gtk_widget_set_visible (self->layer_label, layer);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->method), method != NULL ? _ (method->help) : NULL);
}

/* The place of the parameter that shows what the shown map leaves out; -1: there is none, or it is on. */
static int
find_signed (VizExplainPanel *self)
{
  const CnnMap *map = viz_document_get_results (self->document)->map;
  const CnnMethod *method = viz_document_get_choices (self->document)->method;
  int param;

  if (map == NULL || !map->hides_negative || method == NULL || g_strcmp0 (map->method, method->name) != 0)
    return -1;
  param = cnn_method_find_param (method, "signed");
  return param >= 0 && viz_document_get_param (self->document, method, (guint)param) == 0 ? param : -1;
}

static void
show_signed (VizExplainPanel *self)
{
  int param = find_signed (self);

  if (param >= 0)
    viz_document_set_param (self->document, viz_document_get_choices (self->document)->method, (guint)param,
                            1);
}

/* The button stands where the progress does, which goes first. */
static void
offer_signed (VizExplainPanel *self)
{
  gtk_widget_set_visible (self->show_signed,
                          find_signed (self) >= 0 && !gtk_widget_get_visible (self->progress_row));
}

/* The place of the notes only grows while the method and the network stay: another class or picture, or a
 * control below, moves nothing under the pointer. @anew: it may shrink. */
static void
keep_place (VizExplainPanel *self, gboolean anew)
{
  GtkWidget *notes = GTK_WIDGET (self->notes);
  int width = gtk_widget_get_width (GTK_WIDGET (self)), kept, height;

  gtk_widget_get_size_request (notes, NULL, &kept);
  gtk_widget_set_size_request (notes, -1, -1);
  gtk_widget_measure (notes, GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &height, NULL, NULL);
  gtk_widget_set_size_request (notes, -1, anew || width == 0 ? -1 : MAX (kept, height));
}

static void
show_notes (VizExplainPanel *self, gboolean anew)
{
  const CnnMap *map = viz_document_get_results (self->document)->map;
  const char *unsupported = self->model != NULL ? cnn_model_get_unsupported (self->model) : NULL;
  GString *text = g_string_new (map == NULL ? unsupported : NULL); /* why there is no prediction either */

  for (guint i = 0; map != NULL && map->notes != NULL && i < map->notes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *)map->notes->pdata[i]);
  gtk_label_set_text (self->notes, text->str);
  keep_place (self, anew);
  offer_signed (self);
  g_string_free (text, TRUE);
}

static gboolean
show_progress (gpointer data)
{
  VizExplainPanel *self = data;

  self->progress_timer = 0;
  gtk_widget_set_visible (self->progress_row, TRUE);
  offer_signed (self);
  return G_SOURCE_REMOVE;
}

static void
update_progress (VizExplainPanel *self)
{
  double progress = viz_document_get_results (self->document)->progress;

  if (progress < 0) {
    g_clear_handle_id (&self->progress_timer, g_source_remove);
    gtk_widget_set_visible (self->progress_row, FALSE);
    offer_signed (self);
    return;
  }
  gtk_progress_bar_set_fraction (self->progress, CLAMP (progress, 0, 1));
  if (self->progress_timer == 0 && !gtk_widget_get_visible (self->progress_row))
    self->progress_timer = g_timeout_add (PROGRESS_DELAY_MS, show_progress, self);
}

static void
on_changed (VizDocument *document, guint what, VizExplainPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (document);
  gboolean anew = (what & VIZ_CHANGED_MODEL) != 0 || self->shown != choices->method;

  self->updating = TRUE;
  if (what & VIZ_CHANGED_MODEL && g_set_object (&self->model, viz_document_get_model (document))) {
    viz_layer_drop_down_fill_targets (self->layer, self->layers, self->model);
    list_classes (self);
    self->predicted = -1;
  }
  if (what & VIZ_CHANGED_PREDICTION)
    rename_predicted (self);
  if (what & (VIZ_CHANGED_METHOD | VIZ_CHANGED_MODEL | VIZ_CHANGED_PREDICTION)) {
    select_choices (self);
    show_rows (self);
  }
  if (what & (VIZ_CHANGED_LAYER | VIZ_CHANGED_METHOD | VIZ_CHANGED_MODEL))
    update_use_selected (self);
  if (what & VIZ_CHANGED_METHOD) {
    if (self->shown != choices->method)
      viz_method_options_build (self->options, document, choices->method);
    else
      viz_method_options_update (self->options);
    self->shown = choices->method;
  }
  if (what & (VIZ_CHANGED_MAP | VIZ_CHANGED_MODEL | VIZ_CHANGED_METHOD))
    show_notes (self, anew);
  if (what & VIZ_CHANGED_BUSY)
    update_progress (self);
  self->updating = FALSE;
}

static void
viz_explain_panel_dispose (GObject *object)
{
  VizExplainPanel *self = VIZ_EXPLAIN_PANEL (object);

  g_clear_handle_id (&self->progress_timer, g_source_remove);
  viz_object_leave (&self->document, self);
  g_clear_object (&self->model);
  g_clear_pointer (&self->layers, g_array_unref);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_EXPLAIN_PANEL);
  G_OBJECT_CLASS (viz_explain_panel_parent_class)->dispose (object);
}

static void
viz_explain_panel_class_init (VizExplainPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_explain_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-explain-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, method);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, modifier);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, modifier_label);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, class);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, class_label);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, layer);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, layer_label);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, layer_box);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, use_selected);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, options);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, label_group);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, progress_row);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, progress);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, notes);
  gtk_widget_class_bind_template_child (widget_class, VizExplainPanel, show_signed);
  gtk_widget_class_bind_template_callback (widget_class, show_signed);
  gtk_widget_class_bind_template_callback (widget_class, use_selected);
}

static void
viz_explain_panel_init (VizExplainPanel *self)
{
  const CnnMethod *const *methods = cnn_methods_list ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  viz_method_options_set_label_group (self->options, self->label_group);
  self->layers = g_array_new (FALSE, FALSE, sizeof (int));
  self->predicted = -1;
  gtk_string_list_append (names, _ ("None"));
  for (guint i = 0; methods[i] != NULL; i++)
    gtk_string_list_append (names, _ (methods[i]->title));
  gtk_drop_down_set_model (self->method, G_LIST_MODEL (names));
  viz_drop_down_shorten (self->method);
  viz_drop_down_shorten (self->class);
  viz_drop_down_shorten (self->layer);
}

void
viz_explain_panel_set_document (VizExplainPanel *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  viz_layer_drop_down_fill_targets (self->layer, self->layers, self->model);
  list_classes (self);
  on_changed (document, VIZ_CHANGED_ALL, self);
  g_signal_connect_swapped (self->method, "notify::selected", G_CALLBACK (on_method), self);
  g_signal_connect_swapped (self->class, "notify::selected", G_CALLBACK (on_class), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (on_layer), self);
}
