/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "image/cnn-file.h"

static gpointer
run_summary (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  CnnModel *model = task->bench->model;
  g_autofree char *lower = g_ascii_strdown (task->path, -1);
  g_autofree char *text = g_str_has_suffix (lower, ".csv")    ? cnn_summary_csv (model)
                          : g_str_has_suffix (lower, ".json") ? cnn_summary_json (model)
                                                              : cnn_summary_text (model);

  return cnn_file_write (task->path, text, strlen (text), error) ? g_strdup (task->path) : NULL;
}

static void
written (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (self->worker == NULL)
    return;
  if (result != NULL)
    g_signal_emit_by_name (self, "saved", (const char *)result);
  else
    viz_document_report_error (self->document, error);
}

static void
write_file (VizJobs *self, const char *path, CnnJobRun run)
{
  VizTask *task;

  viz_document_clear_error (self->document);
  if (self->bench == NULL) {
    viz_document_report (self->document, _ ("There is no network to save: open one first."));
    return;
  }
  task = viz_jobs_task_new (self);
  task->path = g_strdup (path);
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, NULL, run, written, g_free);
  viz_jobs_update_busy (self);
}

void
viz_jobs_save_summary (VizJobs *self, const char *path)
{
  write_file (self, path, run_summary);
}
