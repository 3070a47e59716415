/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-session.h"

#include <glib/gi18n.h>

#include "formats/cnn-file-hash.h"
#include "document/viz-history.h"
#include "images/viz-evaluator.h"
#include "viz-saved.h"

/* What the window keeps for undo and sessions. */
typedef struct {
  VizWindow *window;
  VizHistory *history;
  GtkEventController *buttons;
  CnnSavedSession *pending; /* choices that wait for their network */
  CnnFigureRecipe *figure;  /* that they come from, or NULL */
  gboolean any_model;       /* the network is missing: the next one takes its place */
} Sessions;

/* A session as it was found on the disk. */
typedef struct {
  CnnSavedSession *saved;
  CnnFigureRecipe *figure; /* NULL: a session file */
  gboolean has_model, has_image, lost_folder;
  GPtrArray *images;  /* those that are there */
  GString *sentences; /* what is missing or has changed */
} Found;

static void
sessions_free (gpointer data)
{
  Sessions *self = data;

  g_signal_handlers_disconnect_by_data (self->window->document, self);
  g_signal_handlers_disconnect_by_data (self->history, self);
  gtk_widget_remove_controller (GTK_WIDGET (self->window), self->buttons);
  g_object_unref (self->history);
  g_clear_pointer (&self->pending, cnn_saved_session_free);
  g_clear_pointer (&self->figure, cnn_figure_recipe_free);
  g_free (self);
}

static Sessions *
sessions_of (VizWindow *window)
{
  return g_object_get_data (G_OBJECT (window), "viz-sessions");
}

static void
found_free (gpointer data)
{
  Found *found = data;

  cnn_saved_session_free (found->saved);
  g_clear_pointer (&found->figure, cnn_figure_recipe_free);
  g_ptr_array_unref (found->images);
  g_string_free (found->sentences, TRUE);
  g_free (found);
}

static void
say (Found *found, const char *format, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  if (found->sentences->len > 0)
    g_string_append_c (found->sentences, ' ');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_append_printf (found->sentences, format, name);
#pragma GCC diagnostic pop
}

/* Whether a file of the session is there; says if it is another one by now. */
static gboolean
look_at (Found *found, const char *path, const char *hash, const char *missing)
{
  g_autofree char *now = NULL;

  if (path == NULL || path[0] == '\0')
    return FALSE;
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    say (found, missing, path);
    return FALSE;
  }
  now = hash != NULL ? cnn_file_hash (path, NULL, NULL) : NULL;
  if (now != NULL && !g_str_equal (now, hash))
    say (found, _ ("%s has changed since the session was saved."), path);
  return TRUE;
}

static void
read_session (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  CnnFigureRecipe *recipe = cnn_figure_recipe_read (path, &error);
  CnnSavedSession *saved;
  Found *found;

  if (recipe == NULL) {
    g_task_return_error (task, error);
    return;
  }
  found = g_new0 (Found, 1);
  found->saved = saved = cnn_saved_session_copy (recipe->session);
  if (recipe->is_figure)
    found->figure = g_steal_pointer (&recipe);
  g_clear_pointer (&recipe, cnn_figure_recipe_free);
  found->images = g_ptr_array_new_with_free_func (g_free);
  found->sentences = g_string_new (NULL);
  found->has_model =
      look_at (found, saved->model, saved->model_hash, _ ("The network %s is missing: choose where it is."));
  found->has_image =
      look_at (found, saved->image, saved->image_hash, _ ("The picture %s is missing: choose where it is."));
  found->lost_folder = saved->evaluated != NULL && !g_file_test (saved->evaluated, G_FILE_TEST_EXISTS);
  if (found->lost_folder) {
    say (found, _ ("The folder %s, whose mistakes were listed, is missing: choose where it is."),
         saved->evaluated);
    g_clear_pointer (&saved->evaluated, g_free);
  }
  for (guint i = 0; i < saved->images->len; i++) {
    const char *name = ((CnnSavedImage *)saved->images->pdata[i])->path;

    if (g_file_test (name, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (found->images, g_strdup (name));
  }
  g_task_return_pointer (task, found, found_free);
}

/* A figure leaves the folder alone that the person looks through. */
static void
apply_folder (VizWindow *window, const CnnSavedSession *saved)
{
  if (saved->mistakes_show != NULL)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.mistakes-show", "s", saved->mistakes_show);
  if (saved->mistakes_sort != NULL)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.mistakes-sort", "s", saved->mistakes_sort);
  if (saved->evaluated != NULL || viz_evaluator_get_folder (window->evaluator) != NULL)
    viz_evaluator_set_folder (window->evaluator, saved->evaluated);
}

static void
apply_pending (Sessions *self)
{
  g_autoptr (CnnSavedSession) saved = g_steal_pointer (&self->pending);

  self->any_model = FALSE;
  viz_saved_apply (self->window->document, saved);
  if (saved->view != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self->window), "win.view", "s", saved->view);
  if (self->figure == NULL)
    apply_folder (self->window, saved);
  viz_jobs_set_opened_figure (self->window->jobs, self->figure);
  if (self->figure != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self->window), "win.view", "s",
                                viz_jobs_view_of (self->figure->kind));
  /* what the figure shows is made again: from its seed it is the same */
  if (self->figure != NULL && self->figure->kind == CNN_FIGURE_MAXIMIZED)
    viz_jobs_maximize_start (self->window->jobs, FALSE);
  g_clear_pointer (&self->figure, cnn_figure_recipe_free);
}

static void
on_changed (VizDocument *document, guint what, Sessions *self)
{
  if ((what & VIZ_CHANGED_MODEL) && self->pending != NULL && viz_document_get_model (document) != NULL &&
      (self->any_model || g_strcmp0 (viz_document_get_model_path (document), self->pending->model) == 0))
    apply_pending (self);
}

/* Opens the pictures that are there; another one of the list if the open one is gone. */
static void
open_images (VizWindow *window, Found *found)
{
  const char *path = found->has_image ? found->saved->image : NULL;

  if (path == NULL)
    return;
  viz_jobs_open_image (window->jobs, path);
  if (found->images->len > 0) {
    g_ptr_array_add (found->images, NULL);
    viz_document_set_images (window->document, (const char *const *)found->images->pdata);
  }
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  VizWindow *window = VIZ_WINDOW (source);
  Sessions *self = sessions_of (window);
  GError *error = NULL;
  Found *found = g_task_propagate_pointer (G_TASK (result), &error);
  gboolean open;

  if (self == NULL || gtk_widget_in_destruction (GTK_WIDGET (window))) {
    g_clear_error (&error);
    g_clear_pointer (&found, found_free);
    return;
  }
  if (found == NULL) {
    viz_document_report_error (window->document, error);
    g_error_free (error);
    return;
  }
  g_clear_pointer (&self->pending, cnn_saved_session_free);
  g_clear_pointer (&self->figure, cnn_figure_recipe_free);
  self->figure = g_steal_pointer (&found->figure);
  open = found->has_model &&
         g_strcmp0 (viz_document_get_model_path (window->document), found->saved->model) == 0;
  if (found->has_model && !open)
    viz_jobs_open_model (window->jobs, found->saved->model);
  open_images (window, found);
  if (found->sentences->len > 0)
    viz_document_report (window->document, found->sentences->str);
  if (!found->has_model && found->saved->model != NULL)
    viz_window_choose (window, VIZ_CHOOSE_MODEL);
  else if (!found->has_image && found->saved->image != NULL)
    viz_window_choose (window, VIZ_CHOOSE_IMAGE);
  else if (found->lost_folder)
    viz_window_choose (window, VIZ_CHOOSE_FOLDER);
  self->pending = g_steal_pointer (&found->saved);
  found->saved = cnn_saved_session_new ();
  self->any_model = !found->has_model;
  if (open || self->pending->model == NULL)
    apply_pending (self);
  found_free (found);
}

void
viz_window_open_session (VizWindow *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_read, NULL);

  viz_document_clear_error (self->document);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, read_session);
}

static gboolean
write_session (gpointer saved, const char *path, GError **error)
{
  cnn_saved_session_hash (saved, NULL);
  return cnn_session_file_write (saved, path, error);
}

/* All that the window has open. */
static CnnSavedSession *
take_session (VizWindow *self)
{
  CnnSavedSession *saved = viz_saved_take (self->document, VIZ_SAVED_SESSION);
  const char *folder = viz_evaluator_get_folder (self->evaluator);
  GActionGroup *actions = G_ACTION_GROUP (self);

  if (folder != NULL) {
    g_autoptr (GVariant) show = g_action_group_get_action_state (actions, "mistakes-show");
    g_autoptr (GVariant) sort = g_action_group_get_action_state (actions, "mistakes-sort");

    saved->evaluated = g_canonicalize_filename (folder, NULL);
    saved->mistakes_show = g_variant_dup_string (show, NULL);
    saved->mistakes_sort = g_variant_dup_string (sort, NULL);
  }
  return saved;
}

void
viz_window_save_session (VizWindow *self, const char *path)
{
  viz_jobs_save (self->jobs, path, write_session, take_session (self),
                 (GDestroyNotify)cnn_saved_session_free);
}

static char *
kept_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "cnn-viz", "last-session.json", NULL);
}

void
viz_window_keep_session (VizWindow *self)
{
  g_autofree char *path = kept_path (), *folder = g_path_get_dirname (path);
  g_autoptr (CnnSavedSession) saved = NULL;
  g_autoptr (GError) error = NULL;

  if (viz_document_get_model (self->document) == NULL)
    return;
  saved = take_session (self);
  g_mkdir_with_parents (folder, 0700);
  if (!cnn_session_file_write (saved, path, &error))
    g_message ("The last session is not kept: %s", error->message);
}

static void
on_save_session (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_window_save_session (window, path);
}

static void
on_open_session (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_window_open_session (window, path);
}

static void
on_restore_session (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autofree char *path = kept_path ();

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    viz_window_open_session (window, path);
  else
    viz_window_toast (window, _ ("There is no last session yet: it is kept when the window is closed."));
}

static void
on_choose_session (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  viz_window_choose_session (window, FALSE);
}

static void
on_save_session_as (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  viz_window_choose_session (window, TRUE);
}

static void
on_undo (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  viz_history_undo (sessions_of (window)->history);
}

static void
on_redo (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  viz_history_redo (sessions_of (window)->history);
}

static void
sync_undo (VizHistory *history, Sessions *self)
{
  GActionMap *map = G_ACTION_MAP (self->window);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "undo")),
                               viz_history_can_undo (history));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "redo")),
                               viz_history_can_redo (history));
}

static void
on_open_image (VizHistory *history, const char *path, Sessions *self)
{
  viz_jobs_open_image (self->window->jobs, path);
}

/* Sees the buttons before the widgets take them. */
static gboolean
on_event (GtkEventController *controller, GdkEvent *event, Sessions *self)
{
  GdkEventType type = gdk_event_get_event_type (event);

  if (type == GDK_BUTTON_PRESS || type == GDK_BUTTON_RELEASE)
    viz_history_hold (self->history, type == GDK_BUTTON_PRESS);
  return GDK_EVENT_PROPAGATE;
}

void
viz_window_add_sessions (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "undo", on_undo, NULL, NULL, NULL },
    { "redo", on_redo, NULL, NULL, NULL },
    { "save-session", on_save_session, "s", NULL, NULL },
    { "open-session", on_open_session, "s", NULL, NULL },
    { "choose-session", on_choose_session, NULL, NULL, NULL },
    { "save-session-as", on_save_session_as, NULL, NULL, NULL },
    { "restore-session", on_restore_session, NULL, NULL, NULL },
  };
  Sessions *sessions = g_new0 (Sessions, 1);
  GtkEventController *buttons = gtk_event_controller_legacy_new ();

  sessions->window = self;
  sessions->buttons = buttons;
  sessions->history = viz_history_new (self->document);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (sessions->history, "changed", G_CALLBACK (sync_undo), sessions);
  g_signal_connect (sessions->history, "open-image", G_CALLBACK (on_open_image), sessions);
  g_signal_connect (self->document, "changed", G_CALLBACK (on_changed), sessions);
  gtk_event_controller_set_propagation_phase (buttons, GTK_PHASE_CAPTURE);
  g_signal_connect (buttons, "event", G_CALLBACK (on_event), sessions);
  gtk_widget_add_controller (GTK_WIDGET (self), buttons);
  g_object_set_data_full (G_OBJECT (self), "viz-sessions", sessions, sessions_free);
  sync_undo (sessions->history, sessions);
}
