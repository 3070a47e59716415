/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an occluder that has come to rest changes in the filters of the chosen layer. */
#include "config.h"
#include "viz-jobs-private.h"

#include "methods/gallery/cnn-gallery-change.h"

#include <string.h>

/* An occluder is at rest when it has not moved for so long, in milliseconds. */
#define REST 150

static gpointer
run_changes (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_gallery_changes (task->bench->session, (guint)task->layer, task->rect, task->fill, 0,
                              cancellable, error);
}

static void
changes_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  const VizChoices *choices = viz_document_get_choices (self->document);

  /* why a layer has no activations is said by its gallery */
  if (viz_jobs_is_current (self, task) && result != NULL && choices->occluder_visible &&
      task->layer == choices->layer)
    viz_document_take_changes (self->document, g_bytes_ref (result), task->layer);
}

static gboolean
on_rest (gpointer data)
{
  VizJobs *self = data;
  const VizChoices *choices = viz_document_get_choices (self->document);
  VizTask *task;

  /* see flush(): a job that gives way looks at another picture */
  if (self->n_held > 0 && self->held_input != self->input)
    return G_SOURCE_CONTINUE;
  self->changes_timer = 0;
  if (self->bench == NULL || self->input == NULL || choices->layer < 0 || !choices->occluder_visible)
    return G_SOURCE_REMOVE;
  task = viz_jobs_task_new (self);
  task->layer = choices->layer;
  memcpy (task->rect, choices->occluder, sizeof task->rect);
  task->fill = choices->occluder_fill;
  viz_jobs_submit (self, task, CNN_PRIORITY_GALLERY, "changes", run_changes, changes_done,
                   (GDestroyNotify)g_bytes_unref);
  viz_jobs_update_busy (self);
  return G_SOURCE_REMOVE;
}

void
viz_jobs_changes_stop (VizJobs *self)
{
  g_clear_handle_id (&self->changes_timer, g_source_remove);
}

void
viz_jobs_changes_changed (VizJobs *self, guint what)
{
  const VizChoices *choices = viz_document_get_choices (self->document);

  if (!(what & (VIZ_CHANGED_OCCLUDER | VIZ_CHANGED_LAYER | VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE |
                VIZ_CHANGED_PREPROCESS)))
    return;
  viz_jobs_changes_stop (self);
  cnn_worker_cancel (self->worker, "changes");
  if (choices->occluder_visible && choices->layer >= 0 && self->bench != NULL && self->input != NULL)
    self->changes_timer = g_timeout_add (REST, on_rest, self);
  else if (viz_document_get_results (self->document)->changes != NULL)
    viz_document_take_changes (self->document, NULL, -1);
}
