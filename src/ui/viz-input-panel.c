/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-input-panel.h"
#include "viz-template.h"

#include <glib/gi18n.h>

struct _VizInputPanel {
  GtkWidget parent;
  GtkDropDown *scaling;
  GtkDropDown *fit;
  GtkCheckButton *invert;
  GtkLabel *reason;
  VizDocument *document;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizInputPanel, viz_input_panel, GTK_TYPE_WIDGET)

static const struct {
  CnnPreprocessKind kind;
  const char *title;
} scalings[] = {
  { CNN_PREPROCESS_UNIT, N_ ("0 to 1") },
  { CNN_PREPROCESS_SIGNED, N_ ("-1 to 1") },
  { CNN_PREPROCESS_IMAGENET, N_ ("ImageNet mean and deviation") },
  { CNN_PREPROCESS_CAFFE, N_ ("BGR less the mean (Caffe)") },
  { CNN_PREPROCESS_NONE, N_ ("0 to 255") },
};

static void
on_chosen (VizInputPanel *self)
{
  CnnPreprocess preprocess = viz_document_get_choices (self->document)->preprocess;
  guint scaling = gtk_drop_down_get_selected (self->scaling);

  if (self->updating)
    return;
  if (scaling < G_N_ELEMENTS (scalings) && scalings[scaling].kind != preprocess.kind)
    cnn_preprocess_init (&preprocess, scalings[scaling].kind);
  preprocess.fit = (CnnFit)gtk_drop_down_get_selected (self->fit);
  preprocess.invert = gtk_check_button_get_active (self->invert);
  viz_document_set_preprocess (self->document, &preprocess);
}

static void
on_changed (VizDocument *document, guint what, VizInputPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (document);
  guint selected = GTK_INVALID_LIST_POSITION;

  if (!(what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_PREPROCESS)))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (scalings); i++)
    if (scalings[i].kind == choices->preprocess.kind)
      selected = i;
  self->updating = TRUE;
  gtk_drop_down_set_selected (self->scaling, selected);
  gtk_drop_down_set_selected (self->fit, choices->preprocess.fit);
  gtk_check_button_set_active (self->invert, choices->preprocess.invert);
  gtk_label_set_text (self->reason, choices->preprocess_reason != NULL ? choices->preprocess_reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason), choices->preprocess_reason != NULL);
  self->updating = FALSE;
}

static void
viz_input_panel_dispose (GObject *object)
{
  VizInputPanel *self = VIZ_INPUT_PANEL (object);

  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_INPUT_PANEL);
  G_OBJECT_CLASS (viz_input_panel_parent_class)->dispose (object);
}

static void
viz_input_panel_class_init (VizInputPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_input_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-input-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, VizInputPanel, scaling);
  gtk_widget_class_bind_template_child (widget_class, VizInputPanel, fit);
  gtk_widget_class_bind_template_child (widget_class, VizInputPanel, invert);
  gtk_widget_class_bind_template_child (widget_class, VizInputPanel, reason);
}

static void
viz_input_panel_init (VizInputPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (scalings); i++)
    gtk_string_list_append (names, _ (scalings[i].title));
  gtk_drop_down_set_model (self->scaling, G_LIST_MODEL (names));
}

void
viz_input_panel_set_document (VizInputPanel *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
  g_signal_connect_swapped (self->scaling, "notify::selected", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (self->fit, "notify::selected", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (self->invert, "toggled", G_CALLBACK (on_chosen), self);
}
