/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders of pictures, the list that is stepped through, and what the network gets wrong in it. */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

#include "images/viz-evaluator.h"

/* What is found in a folder, off the main loop. */
typedef struct {
  char *path;
  GPtrArray *pictures;
  gboolean is_truth;
} Folder;

static void
folder_free (gpointer data)
{
  Folder *folder = data;

  g_free (folder->path);
  g_clear_pointer (&folder->pictures, g_ptr_array_unref);
  g_free (folder);
}

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Folder *folder = g_new0 (Folder, 1);
  GError *error = NULL;
  gboolean is_folder = g_file_test (data, G_FILE_TEST_IS_DIR);

  folder->path = g_strdup (data);
  folder->is_truth = !is_folder || cnn_truth_is_likely (data);
  folder->pictures = is_folder ? cnn_list_pictures (data, TRUE, cancellable, &error)
                               : g_ptr_array_new_with_free_func (g_free);
  if (folder->pictures != NULL) {
    g_task_return_pointer (task, folder, folder_free);
    return;
  }
  folder_free (folder);
  g_task_return_error (task, error);
}

static void
on_listed (GObject *object, GAsyncResult *result, gpointer data)
{
  VizWindow *self = VIZ_WINDOW (object);
  g_autoptr (GError) error = NULL;
  Folder *folder = g_task_propagate_pointer (G_TASK (result), &error);

  if (gtk_widget_in_destruction (GTK_WIDGET (self)) || self->evaluator == NULL) {
    g_clear_pointer (&folder, folder_free);
    return;
  }
  if (folder == NULL) {
    viz_document_report_error (self->document, error);
    return;
  }
  if (folder->pictures->len == 0 && !folder->is_truth) {
    g_autofree char *text = g_strdup_printf (_ ("There are no pictures in %s."), folder->path);

    viz_document_report (self->document, text);
  } else {
    if (folder->pictures->len > 0) {
      viz_jobs_open_image (self->jobs, folder->pictures->pdata[0]);
      g_ptr_array_add (folder->pictures, NULL);
      viz_document_set_images (self->document, (const char *const *)folder->pictures->pdata);
    }
    viz_evaluator_set_folder (self->evaluator, folder->is_truth ? folder->path : NULL);
  }
  folder_free (folder);
}

void
viz_window_open_folder (VizWindow *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_listed, NULL);

  viz_document_clear_error (self->document);
  g_task_set_source_tag (task, viz_window_open_folder);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, list_thread);
}

static void
on_open_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_window_open_folder (data, path);
}

static void
on_save_evaluation (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_evaluator_save (VIZ_WINDOW (data)->evaluator, path);
}

static void
save_evaluation (VizWindow *self, const char *path)
{
  viz_evaluator_save (self->evaluator, path);
}

static void
on_save_evaluation_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose_target (data, _ ("Save the Mistakes"), "mistakes.csv", save_evaluation);
}

static void
set_image (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  int position = g_variant_get_int32 (value);
  const char *path = position >= 0 ? viz_document_get_listed_image (self->document, (guint)position) : NULL;
  g_autofree char *text = NULL;

  if (path != NULL) {
    viz_jobs_open_image (self->jobs, path);
    return;
  }
  text = g_strdup_printf (_ ("There is no picture %d in the list."), position);
  viz_document_report (self->document, text);
}

static const char *const shows[] = { "mistakes", "right", "all" };
static const char *const sorts[] = { "confidence", "loss", "file" };

/* The place of a name, or -1 with a word to the person. */
static int
place_of (VizWindow *self, const char *const *names, guint n, GVariant *value)
{
  const char *name = g_variant_get_string (value, NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    if (g_str_equal (names[i], name))
      return (int)i;
  text = g_strdup_printf (_ ("The list of pictures does not know “%s”."), name);
  viz_document_report (self->document, text);
  return -1;
}

static void
set_show (GSimpleAction *action, GVariant *value, gpointer data)
{
  int show = place_of (data, shows, G_N_ELEMENTS (shows), value);

  if (show >= 0)
    viz_evaluator_set_show (VIZ_WINDOW (data)->evaluator, (CnnEvaluationShow)show);
}

static void
set_sort (GSimpleAction *action, GVariant *value, gpointer data)
{
  int sort = place_of (data, sorts, G_N_ELEMENTS (sorts), value);

  if (sort >= 0)
    viz_evaluator_set_sort (VIZ_WINDOW (data)->evaluator, (CnnEvaluationSort)sort);
}

/* A cell of the confusion table: the class of the pictures and the class that is seen; -1, -1: none. */
static void
set_cell (GSimpleAction *action, GVariant *value, gpointer data)
{
  int truth, predicted;

  g_variant_get (value, "(ii)", &truth, &predicted);
  viz_evaluator_set_cell (VIZ_WINDOW (data)->evaluator, truth, predicted);
}

static void
set_state (VizWindow *self, const char *name, GVariant *state)
{
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), state);
}

static void
sync_evaluation (VizWindow *self)
{
  CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
  const char *folder = viz_evaluator_get_folder (self->evaluator);
  int truth, predicted;

  set_state (self, "open-folder", g_variant_new_string (folder != NULL ? folder : ""));
  set_state (self, "mistakes-show", g_variant_new_string (shows[viz_evaluator_get_show (self->evaluator)]));
  set_state (self, "mistakes-sort", g_variant_new_string (sorts[viz_evaluator_get_sort (self->evaluator)]));
  viz_evaluator_get_cell (self->evaluator, &truth, &predicted);
  set_state (self, "mistakes-cell", g_variant_new ("(ii)", truth, predicted));
  set_state (self, "evaluation",
             g_variant_new ("(buuu)", viz_evaluator_get_running (self->evaluator),
                            evaluation != NULL ? evaluation->n_right : 0,
                            evaluation != NULL ? evaluation->n_wrong : 0,
                            evaluation != NULL ? evaluation->n_failed : 0));
}

static void
on_changed (VizDocument *document, guint what, VizWindow *self)
{
  if (what & VIZ_CHANGED_IMAGE)
    set_state (self, "image", g_variant_new_int32 (viz_document_get_image_position (document)));
}

static void
on_open (VizWindow *self, const char *path)
{
  viz_jobs_open_image (self->jobs, path);
}

void
viz_window_add_images (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "open-folder", on_open_folder, "s", "''", NULL },
    { "save-evaluation", on_save_evaluation, "s", NULL, NULL },
    { "save-evaluation-as", on_save_evaluation_as, NULL, NULL, NULL },
    { "image", NULL, "i", "-1", set_image },
    { "mistakes-show", NULL, "s", "'mistakes'", set_show },
    { "mistakes-sort", NULL, "s", "'confidence'", set_sort },
    { "mistakes-cell", NULL, "(ii)", "(-1, -1)", set_cell },
    /* running, right, wrong, unreadable; only read */
    { "evaluation", NULL, NULL, "(false, uint32 0, uint32 0, uint32 0)", NULL },
  };
  VizImageStrip *strip = viz_explore_view_get_strip (self->explore);

  self->evaluator = viz_evaluator_new (self->document, self->jobs);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "evaluation")), FALSE);
  viz_image_strip_set_evaluator (strip, self->evaluator);
  g_signal_connect_swapped (strip, "open", G_CALLBACK (on_open), self);
  g_signal_connect_object (self->evaluator, "changed", G_CALLBACK (sync_evaluation), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->document, "changed", G_CALLBACK (on_changed), self);
}
