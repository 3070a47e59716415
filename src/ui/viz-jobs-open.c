/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>

/* Takes over a network that was read. */
static void
apply_bench (VizJobs *self, VizBench *bench, gboolean same_network)
{
  viz_jobs_cancel_held (self);
  g_clear_pointer (&self->bench, viz_bench_unref);
  self->bench = viz_bench_ref (bench);
  if (same_network)
    viz_document_replace_model (self->document, bench->model);
  else
    viz_document_set_model (self->document, bench->model);
}

static void
model_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  VizBench *bench = result;

  if (self->worker == NULL || task->serial != self->opened_model)
    return;
  self->reading_model = FALSE;
  if (bench == NULL) {
    g_clear_pointer (&self->labels_path, g_free);
    viz_document_report_error (self->document, error);
    return;
  }
  apply_bench (self, bench, task->bench != NULL && task->bench == self->bench && task->kernels);
  if (cnn_model_get_unsupported (bench->model) != NULL)
    viz_document_report (self->document, cnn_model_get_unsupported (bench->model));
  if (self->labels_path != NULL) {
    g_autofree char *path = g_steal_pointer (&self->labels_path);

    viz_jobs_open_labels (self, path);
  }
}

static void
image_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (self->worker == NULL || task->serial != self->opened_image)
    return;
  if (result != NULL)
    viz_document_set_image (self->document, result, task->path);
  else
    viz_document_report_error (self->document, error);
}

void
viz_jobs_open_model (VizJobs *self, const char *path)
{
  VizTask *task = viz_jobs_task_new (self);

  viz_document_clear_error (self->document);
  task->path = g_strdup (path);
  task->serial = ++self->opened_model;
  self->reading_model = TRUE;
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "load-model", viz_task_load_model, model_done,
                   (GDestroyNotify)viz_bench_unref);
  viz_jobs_update_busy (self);
}

void
viz_jobs_open_image (VizJobs *self, const char *path)
{
  VizTask *task = viz_jobs_task_new (self);

  viz_document_clear_error (self->document);
  task->path = g_strdup (path);
  task->serial = ++self->opened_image;
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "load-image", viz_task_load_image, image_done,
                   (GDestroyNotify)cnn_image_unref);
  viz_jobs_update_busy (self);
}

void
viz_jobs_open_labels (VizJobs *self, const char *path)
{
  VizTask *task;

  viz_document_clear_error (self->document);
  if (self->reading_model) {
    g_free (self->labels_path);
    self->labels_path = g_strdup (path);
    return;
  }
  if (self->bench == NULL) {
    viz_document_report (self->document, _ ("Class names belong to a network: open the network first."));
    return;
  }
  task = viz_jobs_task_new (self);
  task->path = g_strdup (path);
  task->kernels = TRUE; /* the same network */
  task->serial = ++self->opened_model;
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "load-model", viz_task_relabel, model_done,
                   (GDestroyNotify)viz_bench_unref);
  viz_jobs_update_busy (self);
}
