/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-architecture-view.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "viz-diagram.h"
#include "viz-summary-table.h"

struct _VizArchitectureView {
  GtkWidget parent;
  GtkPaned *paned;
  GtkSearchEntry *search;
  GtkLabel *found;
  GtkToggleButton *fit_button;
  GtkWidget *zoom_in;
  GtkWidget *zoom_out;
  VizDiagram *diagram;
  VizSummaryTable *table;
  VizDocument *document;
  CnnModel *model; /* that is shown, or being laid out */
  GArray *hits;    /* guint: layers that the search found */
};

G_DEFINE_FINAL_TYPE (VizArchitectureView, viz_architecture_view, GTK_TYPE_WIDGET)

/* What is made of a network on the thread. */
typedef struct {
  CnnModel *model;
  CnnDiagram *diagram;
  char *text;
  guint *lines;
} Drawn;

static void
drawn_free (gpointer data)
{
  Drawn *drawn = data;

  g_object_unref (drawn->model);
  cnn_diagram_unref (drawn->diagram);
  g_free (drawn->text);
  g_free (drawn->lines);
  g_free (drawn);
}

static void
draw_thread (GTask *task, gpointer source, gpointer model, GCancellable *cancellable)
{
  Drawn *drawn = g_new0 (Drawn, 1);

  drawn->model = g_object_ref (model);
  drawn->diagram = cnn_diagram_new (model);
  drawn->text = cnn_summary_text (model);
  drawn->lines = cnn_summary_lines (model);
  g_task_return_pointer (task, drawn, drawn_free);
}

static void
show_layer (VizArchitectureView *self)
{
  int layer = viz_document_get_choices (self->document)->layer;

  viz_diagram_set_layer (self->diagram, layer);
  viz_summary_table_set_layer (self->table, layer);
}

/* Which layers are found, and which of them one is at. */
static void
update_found (VizArchitectureView *self)
{
  int layer = viz_diagram_get_layer (self->diagram);
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->hits->len && text == NULL; i++)
    if ((int)g_array_index (self->hits, guint, i) == layer)
      /* TRANSLATORS: which of the layers that were found, as "2 of 13" */
      text = g_strdup_printf (_ ("%u of %u"), i + 1, self->hits->len);
  if (text == NULL && self->hits->len > 0)
    text = g_strdup_printf ("%u", self->hits->len);
  else if (text == NULL && gtk_editable_get_text (GTK_EDITABLE (self->search))[0] != '\0')
    text = g_strdup (_ ("none"));
  gtk_label_set_text (self->found, text != NULL ? text : "");
}

static void
on_drawn (GObject *object, GAsyncResult *result, gpointer data)
{
  VizArchitectureView *self = VIZ_ARCHITECTURE_VIEW (object);
  Drawn *drawn = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self->document != NULL && drawn->model == self->model) {
    viz_diagram_set_diagram (self->diagram, drawn->diagram);
    viz_summary_table_set_text (self->table, drawn->text, drawn->lines,
                                cnn_model_get_n_layers (drawn->model));
    show_layer (self);
  }
  drawn_free (drawn);
}

static void
draw (VizArchitectureView *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_drawn, NULL);

  g_task_set_source_tag (task, draw);
  g_task_set_task_data (task, g_object_ref (self->model), g_object_unref);
  g_task_run_in_thread (task, draw_thread);
}

static void
on_changed (VizDocument *document, guint what, VizArchitectureView *self)
{
  CnnModel *model = viz_document_get_model (document);
  gboolean seen = g_strcmp0 (viz_document_get_choices (document)->view, "architecture") == 0;

  /* a large network takes its time: drawn when it is looked at */
  if (seen && what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_VIEW) && g_set_object (&self->model, model)) {
    viz_diagram_set_diagram (self->diagram, NULL);
    viz_summary_table_set_text (self->table, "", NULL, 0);
    gtk_editable_set_text (GTK_EDITABLE (self->search), "");
    if (model != NULL)
      draw (self);
  }
  if (what & VIZ_CHANGED_LAYER && model == self->model) {
    show_layer (self);
    update_found (self);
  }
}

static void
on_layer (VizArchitectureView *self, int layer)
{
  if (viz_document_get_model (self->document) == self->model)
    viz_document_set_layer (self->document, layer);
  update_found (self);
}

static void
on_activated (VizArchitectureView *self, int layer)
{
  on_layer (self, layer);
  viz_document_set_view (self->document, "explore");
}

static gboolean
matches (const char *text, const char *needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, needle) != NULL;
}

/* Goes to the hit before or after the layer one is at, round the end. */
static void
go_to_hit (VizArchitectureView *self, int by)
{
  int layer = viz_diagram_get_layer (self->diagram);
  guint n = self->hits->len, at = by > 0 ? 0 : n - 1;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++) {
    guint k = by > 0 ? n - 1 - i : i;
    int hit = (int)g_array_index (self->hits, guint, k);

    if (by > 0 ? hit > layer : hit < layer)
      at = k;
  }
  viz_diagram_go_to (self->diagram, (int)g_array_index (self->hits, guint, at));
}

static void
on_search (VizArchitectureView *self)
{
  g_autofree char *needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);

  g_array_set_size (self->hits, 0);
  for (guint i = 0; self->model != NULL && needle[0] != '\0' && i < cnn_model_get_n_layers (self->model);
       i++) {
    const CnnLayer *layer = cnn_model_get_layer (self->model, i);

    if (matches (layer->name, needle) || matches (layer->type, needle))
      g_array_append_val (self->hits, i);
  }
  update_found (self);
}

static void
on_next (VizArchitectureView *self)
{
  on_search (self); /* Enter may come before the delayed search */
  go_to_hit (self, 1);
}

static void
on_previous (VizArchitectureView *self)
{
  on_search (self);
  go_to_hit (self, -1);
}

static void
on_stop_search (VizArchitectureView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->diagram));
}

static void
viz_architecture_view_dispose (GObject *object)
{
  VizArchitectureView *self = VIZ_ARCHITECTURE_VIEW (object);

  viz_object_leave (&self->document, self);
  g_clear_object (&self->model);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_ARCHITECTURE_VIEW);
  g_clear_pointer (&self->hits, g_array_unref);
  G_OBJECT_CLASS (viz_architecture_view_parent_class)->dispose (object);
}

static void
viz_architecture_view_class_init (VizArchitectureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_architecture_view_dispose;
  g_type_ensure (VIZ_TYPE_DIAGRAM);
  g_type_ensure (VIZ_TYPE_SUMMARY_TABLE);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-architecture-view.ui");
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, paned);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, search);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, found);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, fit_button);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, zoom_in);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, zoom_out);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, diagram);
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, table);
}

static gboolean
focus_diagram (gpointer data)
{
  VizArchitectureView *self = data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_grab_focus (GTK_WIDGET (self->diagram));
  return G_SOURCE_REMOVE;
}

/* At first the diagram has the larger part and the keys; then the person has the say. */
static void
on_map (VizArchitectureView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  g_signal_handlers_disconnect_by_func (self, on_map, NULL);
  if (width > 0)
    gtk_paned_set_position (self->paned, MAX (width * 55 / 100, width - 640));
  /* the stack gives the keys to the first widget after this */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, focus_diagram, g_object_ref (self), g_object_unref);
}

static void
viz_architecture_view_init (VizArchitectureView *self)
{
  self->hits = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_search), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (on_next), self);
  g_signal_connect_swapped (self->search, "next-match", G_CALLBACK (on_next), self);
  g_signal_connect_swapped (self->search, "previous-match", G_CALLBACK (on_previous), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (on_stop_search), self);
  g_signal_connect_swapped (self->diagram, "layer-selected", G_CALLBACK (on_layer), self);
  g_signal_connect_swapped (self->diagram, "layer-activated", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->table, "layer-selected", G_CALLBACK (on_layer), self);
  g_signal_connect_swapped (self->zoom_in, "clicked", G_CALLBACK (viz_diagram_zoom_in), self->diagram);
  g_signal_connect_swapped (self->zoom_out, "clicked", G_CALLBACK (viz_diagram_zoom_out), self->diagram);
  g_object_bind_property (self->diagram, "fit", self->fit_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

void
viz_architecture_view_set_document (VizArchitectureView *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
}

void
viz_architecture_view_focus_search (VizArchitectureView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}
