/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-tasks.h"

#include <glib/gi18n.h>

#include "formats/cnn-model-reader.h"
#include "methods/session/cnn-model-memory.h"
#include "export/viz-figure-task.h"
#include "application/viz-memory.h"

/* Takes @model. */
static VizBench *
viz_bench_new (CnnModel *base, CnnModel *model, const CnnModelSetup *setup)
{
  VizBench *self = g_new0 (VizBench, 1);

  self->base = g_object_ref (base);
  self->model = model;
  cnn_model_setup_copy (&self->setup, setup);
  self->session = cnn_session_new (model);
  g_atomic_ref_count_init (&self->refs);
  return self;
}

VizBench *
viz_bench_ref (VizBench *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
viz_bench_unref (VizBench *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->session, cnn_session_free);
  g_clear_pointer (&self->input, viz_input_unref);
  g_object_unref (self->model);
  g_object_unref (self->base);
  cnn_model_setup_clear (&self->setup);
  g_free (self->suited);
  g_free (self->remembered);
  g_free (self->complaint);
  g_free (self);
}

VizInput *
viz_input_new (CnnImage *image, const char *name, const CnnPreprocess *preprocess)
{
  VizInput *self = g_new0 (VizInput, 1);

  self->image = cnn_image_ref (image);
  self->name = g_strdup (name);
  self->preprocess = *preprocess;
  g_atomic_ref_count_init (&self->refs);
  return self;
}

VizInput *
viz_input_ref (VizInput *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
viz_input_unref (VizInput *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  cnn_image_unref (self->image);
  g_free (self->name);
  g_free (self);
}

void
viz_task_free (VizTask *self)
{
  g_clear_pointer (&self->bench, viz_bench_unref);
  g_clear_pointer (&self->input, viz_input_unref);
  g_free (self->path);
  g_free (self->suited);
  cnn_model_setup_clear (&self->setup);
  if (self->has_request)
    cnn_method_request_clear (&self->request);
  g_clear_pointer (&self->figure, viz_figure_task_free);
  g_clear_pointer (&self->cost, cnn_layer_cost_unref);
  g_free (self->text);
  if (self->free_order != NULL)
    self->free_order (self->order);
  g_clear_object (&self->evaluator);
  g_free (self);
}

void
viz_map_result_free (VizMapResult *self)
{
  g_clear_pointer (&self->map, cnn_map_unref);
  g_free (self);
}

/* The file read anew with its kernels turned as is said; @base where nothing is said. (transfer full) */
static CnnModel *
turn_kernels (CnnModel *base, const char *rotate, GCancellable *cancellable, GError **error)
{
  CnnKernelRotation rotation = CNN_KERNEL_ROTATION_AUTO;

  if (rotate != NULL && !cnn_kernel_rotation_from_name (rotate, &rotation)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("Kernels are turned: yes or no, not “%s”."),
                 rotate);
    return NULL;
  }
  return cnn_model_read_with (cnn_model_get_path (base), rotation, cancellable, error);
}

/* A network as it was read, set up as was remembered of it, as far as that can still be done. */
static VizBench *
bench_of_file (CnnModel *read, GCancellable *cancellable)
{
  const CnnModelSetup nothing = { 0 };
  g_autofree char *path = viz_memory_path (read);
  g_autoptr (CnnSavedSession) saved = cnn_model_memory_read (path);
  g_autoptr (CnnModel) turned =
      saved != NULL && saved->rotate != NULL ? turn_kernels (read, saved->rotate, cancellable, NULL) : NULL;
  CnnModel *base = turned != NULL ? turned : read;
  CnnModelSetup setup = saved != NULL
                            ? (CnnModelSetup){ saved->labels, saved->output, saved->input_size, saved->inputs,
                                               turned != NULL ? saved->rotate : NULL }
                            : nothing;
  g_autoptr (GError) error = NULL;
  CnnModel *model = cnn_model_set_up (base, &setup, &error);
  VizBench *bench =
      viz_bench_new (base, model != NULL ? model : g_object_ref (base), model != NULL ? &setup : &nothing);
  CnnPreprocess preprocess;

  if (error != NULL)
    bench->complaint = g_strdup (error->message);
  if (cnn_model_memory_preprocess (saved, &preprocess))
    bench->remembered = g_memdup2 (&preprocess, sizeof preprocess);
  return bench;
}

gpointer
viz_task_load_model (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  g_autoptr (CnnModel) base = cnn_model_read (task->path, cancellable, error);

  return base != NULL ? bench_of_file (base, cancellable) : NULL;
}

gpointer
viz_task_set_up (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  CnnModelSetup setup = task->setup;
  g_autoptr (CnnModel) base = g_strcmp0 (setup.rotate, task->bench->setup.rotate) == 0
                                  ? g_object_ref (task->bench->base)
                                  : turn_kernels (task->bench->base, setup.rotate, cancellable, error);
  CnnModel *model;
  VizBench *bench;

  if (base == NULL)
    return NULL;
  /* the size of an array counts more than what was chosen */
  if (task->suited != NULL)
    setup.size = NULL;
  model = cnn_model_set_up_suited (base, &setup, task->suited, error);
  bench = model != NULL ? viz_bench_new (base, model, &task->setup) : NULL;
  if (bench != NULL)
    bench->suited = g_strdup (task->suited);
  return bench;
}

gpointer
viz_task_remember (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  return cnn_model_memory_write (task->path, task->text, error) ? g_strdup (task->path) : NULL;
}

gpointer
viz_task_load_image (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  return cnn_image_read (task->path, cancellable, error);
}

gboolean
viz_task_ensure_input (VizTask *task, GError **error)
{
  VizBench *bench = task->bench;

  if (bench->input == task->input)
    return TRUE;
  g_clear_pointer (&bench->input, viz_input_unref);
  if (!cnn_session_set_preprocess (bench->session, &task->input->preprocess, error) ||
      !cnn_session_set_image (bench->session, task->input->image, task->input->name, error))
    return FALSE;
  bench->input = viz_input_ref (task->input);
  return TRUE;
}

gpointer
viz_task_fit (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_image_ref (task->bench->session->fitted);
}

gpointer
viz_task_layer_cost (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_layer_cost_measure (task->bench->session, task->cost, cancellable, error);
}

gpointer
viz_task_tensor (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_tensor_view_new (task->bench->session, task->layer);
}

gpointer
viz_task_predict (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_predict (task->bench->session, cancellable, error);
}

gpointer
viz_task_occluded (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_predict_occluded (task->bench->session, task->rect[0], task->rect[1], task->rect[2],
                               task->rect[3], task->fill, 0, cancellable, error);
}

/* Between batches of a long method: shows what there is, and lets more urgent jobs pass. */
static void
on_progress (double fraction, CnnMap *partial, gpointer user_data)
{
  CnnJob *job = user_data;
  VizMapResult *result = g_new0 (VizMapResult, 1);

  result->progress = fraction;
  result->map = partial != NULL ? cnn_map_ref (partial) : NULL;
  cnn_job_partial (job, result);
  cnn_job_checkpoint (job);
}

static void
on_give_way (gpointer user_data)
{
  cnn_job_checkpoint (user_data);
}

gpointer
viz_task_map (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  VizMapResult *result;
  CnnMap *map;

  if (!viz_task_ensure_input (task, error))
    return NULL;
  if (task->method->is_long) {
    task->request.progress = on_progress;
    task->request.progress_data = job;
    task->request.give_way = on_give_way;
    task->request.give_way_data = job;
  }
  map = cnn_method_compute (task->method, task->bench->session, &task->request, cancellable, error);
  if (map == NULL)
    return NULL;
  result = g_new0 (VizMapResult, 1);
  result->map = map;
  result->progress = 1;
  return result;
}

gpointer
viz_task_gallery (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;

  if (task->kernels)
    return cnn_gallery_new_kernels (task->bench->model, (guint)task->layer, task->inputs, error);
  if (!viz_task_ensure_input (task, error))
    return NULL;
  return cnn_gallery_compute (task->bench->session, (guint)task->layer, FALSE, cancellable, error);
}
