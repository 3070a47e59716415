/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of what is open: which one a view shows, and the jobs that make them. */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>

#include "export/viz-figure-task.h"
#include "export/viz-figure-views.h"
#include "application/viz-saved.h"

#define PREVIEW "preview"
#define WRITING "figure"

/* What each view shows. */
static const struct {
  const char *view;
  CnnFigureKind kind;
} views[] = {
  { "explore", CNN_FIGURE_CANVAS },
  { "compare", CNN_FIGURE_COMPARE },
  { "maximize", CNN_FIGURE_MAXIMIZED },
  { "architecture", CNN_FIGURE_DIAGRAM },
};

const char *
viz_jobs_view_of (CnnFigureKind kind)
{
  if (kind == CNN_FIGURE_TABLE)
    kind = CNN_FIGURE_DIAGRAM;
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (views[i].kind == kind)
      return views[i].view;
  return "explore";
}

static CnnFigureKind
kind_of (const char *view)
{
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_strcmp0 (views[i].view, view) == 0)
      return views[i].kind;
  return CNN_FIGURE_CANVAS;
}

/* The colours end where they do on the canvas. */
static void
take_scale (VizJobs *self, CnnFigureRecipe *recipe)
{
  CnnMapStyle style;

  viz_document_get_map_style (self->document, &style);
  recipe->own_range = style.own_range;
  recipe->low = (double)style.low;
  recipe->high = (double)style.high;
}

CnnFigureRecipe *
viz_jobs_new_recipe (VizJobs *self, CnnFigureKind kind)
{
  CnnModel *model = viz_document_get_model (self->document);
  CnnSavedSession *saved = viz_saved_take (self->document, VIZ_SAVED_FIGURE);
  CnnFigureRecipe *recipe = cnn_figure_recipe_new (kind, saved);

  if (model != NULL)
    saved->model_hash = g_strdup (cnn_model_get_hash (model));
  viz_figure_describe_view (recipe, self->document);
  if (kind == CNN_FIGURE_CANVAS)
    take_scale (self, recipe);
  return recipe;
}

/* Its page and what it shows, with the choices as they are now. */
static CnnFigureRecipe *
renew (VizJobs *self, const CnnFigureRecipe *opened)
{
  CnnFigureRecipe *recipe = cnn_figure_recipe_copy (opened);

  cnn_saved_session_free (recipe->session);
  recipe->session = viz_saved_take (self->document, VIZ_SAVED_FIGURE);
  recipe->session->model_hash = g_strdup (opened->session->model_hash);
  return recipe;
}

CnnFigureRecipe *
viz_jobs_new_view_recipe (VizJobs *self)
{
  const char *view = viz_document_get_choices (self->document)->view;
  const CnnFigureRecipe *opened = self->opened_figure;
  CnnModel *model = viz_document_get_model (self->document);

  if (opened != NULL && model != NULL &&
      g_strcmp0 (cnn_model_get_hash (model), opened->session->model_hash) == 0 &&
      g_strcmp0 (viz_jobs_view_of (opened->kind), view) == 0)
    return renew (self, opened);
  return viz_jobs_new_recipe (self, kind_of (view));
}

void
viz_jobs_set_opened_figure (VizJobs *self, const CnnFigureRecipe *recipe)
{
  g_clear_pointer (&self->opened_figure, cnn_figure_recipe_free);
  if (recipe == NULL)
    return;
  self->opened_figure = cnn_figure_recipe_copy (recipe);
  viz_figure_show_in_view (recipe, self->document);
}

gboolean
viz_jobs_can_draw (VizJobs *self, CnnFigureKind kind)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  CnnModel *model = viz_document_get_model (self->document);

  if (model == NULL || self->bench == NULL)
    return FALSE;
  switch (kind) {
  case CNN_FIGURE_TABLE:
  case CNN_FIGURE_DIAGRAM:
    return cnn_model_get_n_layers (model) > 0;
  case CNN_FIGURE_MAXIMIZED:
    return TRUE;
  case CNN_FIGURE_KERNELS:
    return choices->layer >= 0 && cnn_layer_has_kernels (model, (guint)choices->layer);
  case CNN_FIGURE_ACTIVATIONS:
    return choices->layer >= 0 && self->input != NULL;
  case CNN_FIGURE_STRIP:
    return self->input != NULL && (choices->method == NULL || choices->method->uses_modifier);
  case CNN_FIGURE_CANVAS:
  case CNN_FIGURE_COMPARE:
  case CNN_FIGURE_METHODS:
  case CNN_FIGURE_OCCLUSION:
  case CNN_FIGURE_PREDICTION:
  default:
    return self->input != NULL;
  }
}

/* What is on the screen need not be computed again. */
static void
take_known (VizJobs *self, VizFigureTask *figure)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (results->map != NULL && !results->map_stale && results->map->progress >= 1 &&
      (figure->recipe->kind == CNN_FIGURE_CANVAS || figure->recipe->kind == CNN_FIGURE_STRIP ||
       figure->recipe->kind == CNN_FIGURE_OCCLUSION))
    figure->map = cnn_map_ref (results->map);
  viz_figure_take_from_view (figure, self->document);
}

/* Kinds that may take minutes wait until nothing else is wanted. */
static gboolean
is_long (const VizFigureTask *figure)
{
  const char *name = figure->recipe->session->method;
  const CnnMethod *method = name != NULL ? cnn_method_find (name) : NULL;

  return figure->map == NULL && figure->maximized == NULL &&
         (figure->recipe->kind == CNN_FIGURE_OCCLUSION || figure->recipe->kind == CNN_FIGURE_MAXIMIZED ||
          (method != NULL && method->is_long));
}

static void
submit (VizJobs *self, VizFigureTask *figure, CnnJobDone done)
{
  VizTask *task = viz_jobs_task_new (self);
  const char *slot = figure->path != NULL ? WRITING : PREVIEW;

  task->figure = figure;
  take_known (self, figure);
  viz_jobs_submit (self, task, is_long (figure) ? CNN_PRIORITY_LONG : CNN_PRIORITY_VIEW, slot,
                   viz_task_figure, done, (GDestroyNotify)viz_figure_result_free);
  viz_jobs_update_busy (self);
}

static void
previewed (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizJobs *self = ((VizTask *)data)->owner;

  if (self->worker == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_signal_emit_by_name (self, "previewed", result, error != NULL ? error->message : NULL);
}

void
viz_jobs_preview_figure (VizJobs *self, const CnnFigureRecipe *recipe, double pixels, gboolean paged)
{
  VizFigureTask *figure;

  if (self->worker == NULL || self->bench == NULL)
    return;
  cnn_worker_cancel (self->worker, PREVIEW);
  figure = viz_figure_task_new (recipe);
  figure->pixels = pixels;
  figure->paged = paged;
  submit (self, figure, previewed);
}

static void
written (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizJobs *self = ((VizTask *)data)->owner;
  VizFigureResult *done = result;

  if (self->worker == NULL)
    return;
  if (partial)
    g_signal_emit_by_name (self, "previewed", result, NULL);
  else if (done != NULL)
    g_signal_emit_by_name (self, "saved", done->path);
  else
    viz_document_report_error (self->document, error);
}

void
viz_jobs_write_figure (VizJobs *self, const CnnFigureRecipe *recipe, const char *path, gboolean provenance)
{
  VizFigureTask *figure;

  viz_document_clear_error (self->document);
  if (self->worker == NULL || self->bench == NULL) {
    viz_document_report (self->document, _ ("There is nothing to export: open a network first."));
    return;
  }
  figure = viz_figure_task_new (recipe);
  figure->path = g_strdup (path);
  figure->provenance = provenance;
  submit (self, figure, written);
}

void
viz_jobs_save_figure (VizJobs *self, const char *path)
{
  g_autoptr (CnnFigureRecipe) recipe = viz_jobs_new_view_recipe (self);

  /* what takes minutes is not begun for a file that somebody waits for */
  if (recipe->kind == CNN_FIGURE_MAXIMIZED && !recipe->is_opened &&
      viz_document_get_results (self->document)->maximized == NULL) {
    viz_document_clear_error (self->document);
    viz_document_report (self->document, _ ("There are no pictures to export yet: start them first."));
    return;
  }
  viz_jobs_write_figure (self, recipe, path, FALSE);
}

void
viz_jobs_stop_figures (VizJobs *self)
{
  if (self->worker == NULL)
    return;
  cnn_worker_cancel (self->worker, PREVIEW);
  cnn_worker_cancel (self->worker, WRITING);
}
