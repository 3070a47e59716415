/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-other-inputs.h"
#include "widgets/viz-entry.h"

#include <glib/gi18n.h>

/* Networks have a few inputs; of a hostile one with thousands no more are listed. */
#define MAX_INPUTS 32

static const char *
name_of (CnnModel *model, guint input)
{
  const char *name = cnn_model_get_value (model, cnn_model_get_input (model, input)->value)->name;

  return name != NULL ? name : "";
}

static void
on_entry (GtkEntry *entry, VizDocument *document)
{
  const char *name = g_object_get_data (G_OBJECT (entry), "viz-input");
  CnnModelSetup setup = viz_document_get_choices (document)->setup;
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry)));
  g_autofree char *inputs = NULL;

  g_strstrip (text);
  inputs = cnn_model_setup_replace_input (setup.inputs, name, g_str_equal (text, "0") ? NULL : text);
  setup.inputs = inputs;
  viz_document_set_setup (document, &setup);
}

static void
on_leave (GtkEventControllerFocus *focus, VizDocument *document)
{
  on_entry (GTK_ENTRY (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (focus))), document);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, GtkEntry *entry)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL) {
    gtk_editable_set_text (GTK_EDITABLE (entry), path);
    g_signal_emit_by_name (entry, "activate");
  }
  g_object_set_data (G_OBJECT (entry), "viz-dialog", NULL);
}

static void
on_icon (GtkEntry *entry, GtkEntryIconPosition position, gpointer user_data)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (entry));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Numbers for the Input"), GTK_WINDOW (root),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("NumPy arrays"));
  gtk_file_filter_add_suffix (filter, "npy");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), entry, 0);
  g_object_set_data_full (G_OBJECT (entry), "viz-dialog", dialog, g_object_unref);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static GtkWidget *
new_entry (VizDocument *document, CnnModel *model, guint input)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  CnnShape shape;
  g_autofree char *text = NULL, *tip = NULL;

  cnn_model_get_framework_shape (model, cnn_model_get_input (model, input)->value, &shape);
  text = cnn_shape_to_string (&shape);
  tip = g_strdup_printf (_ ("What the input “%s” of shape %s is held at: a number, or a .npy file"),
                         name_of (model, input), text);
  gtk_widget_set_tooltip_text (entry, tip);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  viz_entry_leave_undo (GTK_ENTRY (entry));
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (entry), GTK_ENTRY_ICON_SECONDARY, "document-open-symbolic");
  gtk_entry_set_icon_tooltip_text (GTK_ENTRY (entry), GTK_ENTRY_ICON_SECONDARY, _ ("Choose a .npy file"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name_of (model, input), -1);
  g_object_set_data_full (G_OBJECT (entry), "viz-input", g_strdup (name_of (model, input)), g_free);
  g_signal_connect_object (entry, "activate", G_CALLBACK (on_entry), document, 0);
  g_signal_connect (entry, "icon-press", G_CALLBACK (on_icon), NULL);
  g_signal_connect_object (focus, "leave", G_CALLBACK (on_leave), document, 0);
  gtk_widget_add_controller (entry, focus);
  return entry;
}

static GtkWidget *
new_label (const char *name)
{
  GtkWidget *label = gtk_label_new (name);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, name);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

/* One row for each input but the image's. */
static void
fill (GtkGrid *grid, GtkSizeGroup *labels, VizDocument *document, CnnModel *model)
{
  GtkWidget *child;
  int row = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
  for (guint i = 0; model != NULL && i < cnn_model_get_n_inputs (model) && row < MAX_INPUTS; i++) {
    if ((int)i == cnn_model_get_image_input (model))
      continue;
    child = new_label (name_of (model, i));
    gtk_size_group_add_widget (labels, child);
    gtk_grid_attach (grid, child, 0, row, 1, 1);
    gtk_grid_attach (grid, new_entry (document, model, i), 1, row++, 1, 1);
  }
  gtk_widget_set_visible (GTK_WIDGET (grid), row > 0);
}

void
viz_other_inputs_show (GtkGrid *grid, GtkSizeGroup *labels, VizDocument *document)
{
  const CnnModelSetup *setup = &viz_document_get_choices (document)->setup;
  CnnModel *model = viz_document_get_model (document);
  const char *shown = g_object_get_data (G_OBJECT (grid), "viz-model");
  const char *path = model != NULL ? cnn_model_get_path (model) : NULL;

  /* the rows stay while somebody types in them */
  if (g_strcmp0 (shown, path) != 0 || path == NULL) {
    fill (grid, labels, document, model);
    g_object_set_data_full (G_OBJECT (grid), "viz-model", g_strdup (path), g_free);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    const char *name = g_object_get_data (G_OBJECT (child), "viz-input");
    g_autofree char *text = name != NULL ? cnn_model_setup_input (setup->inputs, name) : NULL;

    if (name != NULL)
      viz_entry_show_text (GTK_EDITABLE (child), text != NULL ? text : "0");
  }
}
