/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include "methods/session/cnn-model-memory.h"
#include "application/viz-memory.h"

static void
tensor_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (!viz_jobs_is_current (self, task) || viz_document_get_choices (self->document)->tensor != task->layer)
    return;
  if (result != NULL)
    viz_document_take_tensor (self->document, cnn_tensor_view_ref (result));
  else
    viz_document_report_error (self->document, error);
}

void
viz_jobs_ask_tensor (VizJobs *self)
{
  int channel = viz_document_get_choices (self->document)->tensor;
  VizTask *task;

  if (channel == CNN_TENSOR_OFF)
    return;
  task = viz_jobs_task_new (self);
  task->layer = channel;
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "tensor", viz_task_tensor, tensor_done,
                   (GDestroyNotify)cnn_tensor_view_unref);
}

static void
layer_cost_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  /* a network that cannot be run has no times; its prediction says so already */
  if (viz_jobs_is_current (self, task) && result != NULL)
    viz_document_take_layer_cost (self->document, cnn_layer_cost_ref (result));
}

void
viz_jobs_ask_layer_cost (VizJobs *self)
{
  CnnLayerCost *before = viz_document_get_results (self->document)->layer_cost;
  VizTask *task;

  if (!viz_document_get_choices (self->document)->layer_cost)
    return;
  task = viz_jobs_task_new (self);
  task->cost = before != NULL ? cnn_layer_cost_ref (before) : NULL;
  viz_jobs_submit (self, task, CNN_PRIORITY_GALLERY, "layer-cost", viz_task_layer_cost, layer_cost_done,
                   (GDestroyNotify)cnn_layer_cost_unref);
}

/* remembering */

static void
remember_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (result == NULL && error != NULL)
    g_message ("The choices for the network are not remembered: %s", error->message);
  if (g_strcmp0 (task->path, self->memory_path) == 0 && g_strcmp0 (task->text, self->memory_text) == 0) {
    g_clear_pointer (&self->memory_path, g_free);
    g_clear_pointer (&self->memory_text, g_free);
  }
}

void
viz_jobs_remember (VizJobs *self)
{
  VizTask *task;

  if (self->bench == NULL)
    return;
  task = viz_jobs_task_new (self);
  task->path = viz_memory_path (self->bench->model);
  task->text = viz_memory_text (self->document);
  /* another network's choices are written before they are replaced here */
  if (self->memory_path != NULL && g_strcmp0 (self->memory_path, task->path) != 0)
    viz_jobs_flush_memory (self);
  g_free (self->memory_path);
  g_free (self->memory_text);
  self->memory_path = g_strdup (task->path);
  self->memory_text = g_strdup (task->text);
  viz_jobs_submit (self, task, CNN_PRIORITY_GALLERY, "remember", viz_task_remember, remember_done, g_free);
}

void
viz_jobs_flush_memory (VizJobs *self)
{
  g_autofree char *path = g_steal_pointer (&self->memory_path);
  g_autofree char *text = g_steal_pointer (&self->memory_text);

  if (path != NULL)
    cnn_model_memory_write (path, text, NULL);
}
