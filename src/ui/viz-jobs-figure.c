/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-jobs-private.h"

#include <glib/gi18n.h>

#include "viz-compared.h"
#include "viz-maximized.h"

static void
figure_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
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

/* The caption of an exported picture: what it shows, of what, and how it came about. */
static char *
make_caption (VizJobs *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  const VizResults *results = viz_document_get_results (self->document);
  GString *caption = g_string_new (NULL);

  if (results->map != NULL)
    g_string_append_printf (caption, "%s. ", results->map->title);
  if (self->input != NULL)
    g_string_append_printf (caption, _ ("Image: %s. "), self->input->name);
  if (self->bench != NULL)
    g_string_append_printf (caption, _ ("Network: %s. "), cnn_model_get_name (self->bench->model));
  if (results->prediction != NULL && results->prediction->n > 0)
    g_string_append_printf (caption, _ ("Predicted: %s (%.1f %%). "), results->prediction->entries[0].label,
                            100 * results->prediction->entries[0].probability);
  if (results->map != NULL && choices->method != NULL && choices->method->uses_modifier)
    g_string_append_printf (caption, _ ("Rectifiers: %s. "), cnn_modifier_name (choices->modifier));
  g_strchomp (caption->str);
  return g_string_free (caption, FALSE);
}

/* What the canvas shows; FALSE with a word about it where that is nothing. */
static gboolean
take_canvas (VizJobs *self, VizTask *task)
{
  const VizResults *results = viz_document_get_results (self->document);
  CnnImage *image = results->fitted != NULL ? results->fitted : viz_document_get_image (self->document);

  if (image == NULL) {
    viz_document_report (self->document, _ ("There is no picture to export: open an image first."));
    return FALSE;
  }
  task->image = cnn_image_ref (image);
  task->map = results->map != NULL ? cnn_map_ref (results->map) : NULL;
  task->caption = make_caption (self);
  return TRUE;
}

static gboolean
take_compared (VizJobs *self, VizTask *task)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (results->compared == NULL || results->compared_stale) {
    viz_document_report (self->document, _ ("There is no grid to export yet."));
    return FALSE;
  }
  task->compare = cnn_compare_ref (results->compared->grid);
  task->shared = results->compared->shared;
  return TRUE;
}

static gboolean
take_maximized (VizJobs *self, VizTask *task)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (results->maximized == NULL) {
    viz_document_report (self->document, _ ("There are no pictures to export yet: start them first."));
    return FALSE;
  }
  task->maximized = cnn_maximized_ref (results->maximized->found);
  return TRUE;
}

void
viz_jobs_save_figure (VizJobs *self, const char *path)
{
  VizTask *task = viz_jobs_task_new (self);
  gboolean taken;

  viz_document_clear_error (self->document);
  task->path = g_strdup (path);
  viz_document_get_map_style (self->document, &task->style);
  if (viz_jobs_is_view (self, "compare"))
    taken = take_compared (self, task);
  else if (viz_jobs_is_view (self, "maximize"))
    taken = take_maximized (self, task);
  else
    taken = take_canvas (self, task);
  if (!taken) {
    viz_jobs_task_drop (task);
    return;
  }
  viz_jobs_submit (self, task, CNN_PRIORITY_VIEW, NULL, viz_task_figure, figure_done, g_free);
  viz_jobs_update_busy (self);
}
