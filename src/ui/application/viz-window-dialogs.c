/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-session.h"

#include <glib/gi18n.h>

#include "export/viz-export-dialog.h"

/* Endings of the files that networks come in. */
#define MODELS "h5", "hdf5", "keras", "json", "onnx", "zip"

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *const *endings, gboolean pictures)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (guint i = 0; endings != NULL && endings[i] != NULL; i++)
    gtk_file_filter_add_suffix (filter, endings[i]);
  if (pictures)
    gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
start_in_last_folder (VizWindow *self, GtkFileChooser *chooser)
{
  g_autofree char *folder =
      self->settings != NULL ? g_settings_get_string (self->settings, "last-folder") : NULL;
  g_autoptr (GFile) file = folder != NULL && folder[0] != '\0' ? g_file_new_for_path (folder) : NULL;

  if (file != NULL && g_file_query_exists (file, NULL))
    gtk_file_chooser_set_current_folder (chooser, file, NULL);
}

static void
remember_folder (VizWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;

  if (folder != NULL && self->settings != NULL)
    g_settings_set_string (self->settings, "last-folder", folder);
}

static void
close_dialog (VizWindow *self)
{
  GtkNativeDialog *dialog = g_steal_pointer (&self->dialog);

  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, VizWindow *self)
{
  g_autoptr (GListModel) chosen = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; response == GTK_RESPONSE_ACCEPT && i < g_list_model_get_n_items (chosen); i++)
    g_ptr_array_add (files, g_list_model_get_item (chosen, i));
  if (files->len > 0) {
    remember_folder (self, files->pdata[0]);
    viz_window_open_files (self, (GFile **)files->pdata, files->len);
  }
  close_dialog (self);
}

static void
on_labels_chosen (GtkNativeDialog *dialog, int response, VizWindow *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    viz_jobs_open_labels (self->jobs, path);
  close_dialog (self);
}

void
viz_window_choose (VizWindow *self, VizChoose what)
{
  static const char *const any[] = { MODELS, "npy", NULL };
  static const char *const models[] = { MODELS, NULL };
  static const char *const arrays[] = { "npy", NULL };
  static const char *const labels[] = { "txt", "json", NULL };
  const char *title = what == VIZ_CHOOSE_LABELS   ? _ ("Open Class Names")
                      : what == VIZ_CHOOSE_FOLDER ? _ ("Open a Folder of Pictures")
                      : what == VIZ_CHOOSE_MODEL  ? _ ("Open a Network")
                      : what == VIZ_CHOOSE_IMAGE  ? _ ("Open Pictures")
                                                  : _ ("Open a Network or Pictures");
  GtkFileChooserNative *dialog;

  if (self->dialog != NULL)
    return;
  dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self),
                                        what == VIZ_CHOOSE_FOLDER ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER
                                                                  : GTK_FILE_CHOOSER_ACTION_OPEN,
                                        _ ("_Open"), _ ("_Cancel"));
  self->dialog = GTK_NATIVE_DIALOG (dialog);
  gtk_native_dialog_set_modal (self->dialog, TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog),
                                        what == VIZ_CHOOSE_ANY || what == VIZ_CHOOSE_IMAGE);
  if (what == VIZ_CHOOSE_ANY)
    add_filter (GTK_FILE_CHOOSER (dialog), _ ("Networks and pictures"), any, TRUE);
  if (what == VIZ_CHOOSE_MODEL || what == VIZ_CHOOSE_ANY)
    add_filter (GTK_FILE_CHOOSER (dialog), _ ("Networks"), models, FALSE);
  if (what == VIZ_CHOOSE_IMAGE || what == VIZ_CHOOSE_ANY)
    add_filter (GTK_FILE_CHOOSER (dialog), _ ("Pictures"), arrays, TRUE);
  if (what == VIZ_CHOOSE_LABELS)
    add_filter (GTK_FILE_CHOOSER (dialog), _ ("Class names"), labels, FALSE);
  start_in_last_folder (self, GTK_FILE_CHOOSER (dialog));
  g_signal_connect (dialog, "response",
                    what == VIZ_CHOOSE_LABELS ? G_CALLBACK (on_labels_chosen) : G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (self->dialog);
}

static void
on_target_chosen (GtkNativeDialog *dialog, int response, VizWindow *self)
{
  VizWrite write = g_object_get_data (G_OBJECT (dialog), "viz-write");
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL) {
    remember_folder (self, file);
    write (self, path);
  }
  close_dialog (self);
}

void
viz_window_choose_target (VizWindow *self, const char *title, const char *name, VizWrite write)
{
  GtkFileChooserNative *dialog;

  if (self->dialog != NULL)
    return;
  dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"),
                                        _ ("_Cancel"));
  self->dialog = GTK_NATIVE_DIALOG (dialog);
  g_object_set_data (G_OBJECT (dialog), "viz-write", write);
  gtk_native_dialog_set_modal (self->dialog, TRUE);
  start_in_last_folder (self, GTK_FILE_CHOOSER (dialog));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (on_target_chosen), self);
  gtk_native_dialog_show (self->dialog);
}

void
viz_window_export (VizWindow *self)
{
  if (self->dialog == NULL && viz_document_get_model (self->document) != NULL)
    gtk_window_present (
        GTK_WINDOW (viz_export_dialog_new (GTK_WINDOW (self), self->document, self->jobs, self->settings)));
}

static void
on_session_chosen (GtkNativeDialog *dialog, int response, VizWindow *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  gboolean save = gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog)) == GTK_FILE_CHOOSER_ACTION_SAVE;

  /* a session may ask for a missing file */
  close_dialog (self);
  if (response != GTK_RESPONSE_ACCEPT || path == NULL)
    return;
  remember_folder (self, file);
  if (save)
    viz_window_save_session (self, path);
  else
    viz_window_open_session (self, path);
}

void
viz_window_choose_session (VizWindow *self, gboolean save)
{
  static const char *const sessions[] = { "json", "cnnviz", NULL };
  GtkFileChooserNative *dialog;

  if (self->dialog != NULL)
    return;
  dialog =
      gtk_file_chooser_native_new (save ? _ ("Save the Session") : _ ("Open a Session"), GTK_WINDOW (self),
                                   save ? GTK_FILE_CHOOSER_ACTION_SAVE : GTK_FILE_CHOOSER_ACTION_OPEN,
                                   save ? _ ("_Save") : _ ("_Open"), _ ("_Cancel"));
  self->dialog = GTK_NATIVE_DIALOG (dialog);
  gtk_native_dialog_set_modal (self->dialog, TRUE);
  add_filter (GTK_FILE_CHOOSER (dialog), _ ("Sessions"), sessions, FALSE);
  start_in_last_folder (self, GTK_FILE_CHOOSER (dialog));
  if (save)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), "session.json");
  g_signal_connect (dialog, "response", G_CALLBACK (on_session_chosen), self);
  gtk_native_dialog_show (self->dialog);
}
