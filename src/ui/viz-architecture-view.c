/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-architecture-view.h"
#include "viz-template.h"

struct _VizArchitectureView {
  GtkWidget parent;
  GtkTextView *text;
  VizDocument *document;
  CnnModel *model; /* whose table is shown */
};

G_DEFINE_FINAL_TYPE (VizArchitectureView, viz_architecture_view, GTK_TYPE_WIDGET)

static void
on_changed (VizDocument *document, guint what, VizArchitectureView *self)
{
  CnnModel *model = viz_document_get_model (document);
  gboolean seen = g_strcmp0 (viz_document_get_choices (document)->view, "architecture") == 0;

  /* the table of a large network is long: made when it is looked at */
  if (seen && what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_VIEW) && g_set_object (&self->model, model)) {
    g_autofree char *summary = model != NULL ? cnn_summary_text (model) : NULL;

    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text), summary != NULL ? summary : "", -1);
  }
}

static void
viz_architecture_view_dispose (GObject *object)
{
  VizArchitectureView *self = VIZ_ARCHITECTURE_VIEW (object);

  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
  g_clear_object (&self->model);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_ARCHITECTURE_VIEW);
  G_OBJECT_CLASS (viz_architecture_view_parent_class)->dispose (object);
}

static void
viz_architecture_view_class_init (VizArchitectureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_architecture_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-architecture-view.ui");
  gtk_widget_class_bind_template_child (widget_class, VizArchitectureView, text);
}

static void
viz_architecture_view_init (VizArchitectureView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
viz_architecture_view_set_document (VizArchitectureView *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
}
