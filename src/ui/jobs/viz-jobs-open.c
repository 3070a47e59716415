/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>

#include "image/cnn-image-array.h"
#include "methods/session/cnn-array-input.h"

/* Takes over a network that was read. */
static void
apply_bench (VizJobs *self, VizBench *bench, gboolean same_network)
{
  viz_jobs_cancel_held (self);
  g_clear_pointer (&self->bench, viz_bench_unref);
  self->bench = viz_bench_ref (bench);
  viz_document_freeze (self->document);
  if (same_network) {
    viz_document_replace_model (self->document, bench->model);
  } else {
    viz_document_set_model (self->document, bench->model);
    viz_document_restore (self->document, &bench->setup, bench->remembered);
  }
  viz_document_thaw (self->document);
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
  apply_bench (self, bench, FALSE);
  if (bench->complaint != NULL)
    viz_document_report (self->document, bench->complaint);
  if (cnn_model_get_unsupported (bench->model) != NULL)
    viz_document_report (self->document, cnn_model_get_unsupported (bench->model));
  if (self->labels_path != NULL) {
    g_autofree char *path = g_steal_pointer (&self->labels_path);

    viz_jobs_open_labels (self, path);
  }
}

/* An array that the open network cannot take is refused before it takes the picture's place. */
static gboolean
suits_network (VizJobs *self, CnnImage *image, const char *path)
{
  const CnnImageArray *array = cnn_image_get_array (image);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;

  if (array == NULL || self->bench == NULL || self->reading_model ||
      cnn_array_match (self->bench->base, array->dims, array->rank, NULL, NULL, NULL, &error))
    return TRUE;
  g_prefix_error (&error, "%s: ", name);
  viz_document_report_error (self->document, error);
  return FALSE;
}

static void
image_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;

  if (self->worker == NULL || task->serial != self->opened_image)
    return;
  if (result != NULL && !suits_network (self, result, task->path))
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
  CnnModelSetup setup;

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
  setup = viz_document_get_choices (self->document)->setup;
  setup.labels = (char *)path;
  viz_document_set_setup (self->document, &setup);
}

/* The size that suits the open picture, where the network leaves it free and nobody chose one; or NULL. An
 * array is not resized: its size counts in any case. */
static char *
suited_size (VizJobs *self)
{
  const char *chosen = viz_document_get_choices (self->document)->setup.size;
  CnnImage *image = viz_document_get_image (self->document);
  const CnnImageArray *array = image != NULL ? cnn_image_get_array (image) : NULL;
  CnnModel *model = self->bench->base;
  guint height, width;

  if (array != NULL && cnn_model_has_free_size (model) &&
      cnn_array_match (model, array->dims, array->rank, NULL, &height, &width, NULL))
    return g_strdup_printf ("%ux%u", width, height);
  if (image == NULL || chosen != NULL)
    return NULL;
  return cnn_model_suited_size (model, cnn_image_get_width (image), cnn_image_get_height (image));
}

static gboolean
is_set_up (VizJobs *self, const char *suited)
{
  return cnn_model_setup_equal (&viz_document_get_choices (self->document)->setup, &self->bench->setup) &&
         g_strcmp0 (suited, self->bench->suited) == 0;
}

static void
set_up_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  g_autofree char *suited = NULL;

  if (self->worker == NULL || task->bench != self->bench ||
      !cnn_model_setup_equal (&task->setup, &viz_document_get_choices (self->document)->setup))
    return;
  suited = suited_size (self);
  if (g_strcmp0 (task->suited, suited) != 0)
    return;
  if (result != NULL) {
    apply_bench (self, result, TRUE);
    return;
  }
  viz_document_set_setup (self->document, &self->bench->setup);
  viz_document_report_error (self->document, error);
}

void
viz_jobs_set_up (VizJobs *self, gboolean first)
{
  g_autofree char *suited = self->bench != NULL ? suited_size (self) : NULL;
  VizTask *task;

  if (self->bench == NULL || is_set_up (self, suited))
    return;
  task = viz_jobs_task_new (self);
  task->goes_first = first;
  self->n_first += first ? 1 : 0;
  cnn_model_setup_copy (&task->setup, &viz_document_get_choices (self->document)->setup);
  task->suited = g_steal_pointer (&suited);
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, "set-up", viz_task_set_up, set_up_done,
                   (GDestroyNotify)viz_bench_unref);
  viz_jobs_update_busy (self);
}
