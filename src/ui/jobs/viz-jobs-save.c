/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

/* Files that the worker is not needed for: what they hold is there already. */

typedef struct {
  char *path;
  VizJobsWrite write;
  gpointer what;
  GDestroyNotify destroy;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  saving->destroy (saving->what);
  g_free (saving->path);
  g_free (saving);
}

static void
save_thread (GTask *task, gpointer jobs, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;
  GError *error = NULL;

  if (saving->write (saving->what, saving->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_saved (GObject *object, GAsyncResult *result, gpointer data)
{
  VizJobs *self = VIZ_JOBS (object);
  Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean saved = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->worker == NULL) /* the window has gone */
    return;
  if (saved)
    g_signal_emit_by_name (self, "saved", saving->path);
  else
    viz_document_report_error (self->document, error);
}

void
viz_jobs_save (VizJobs *self, const char *path, VizJobsWrite write, gpointer what, GDestroyNotify destroy)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_saved, NULL);
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving){ g_strdup (path), write, what, destroy };
  viz_document_clear_error (self->document);
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, save_thread);
}
