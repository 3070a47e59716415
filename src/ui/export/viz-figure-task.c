/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making figures on the worker: to files, and to pictures for the preview and the clipboard. */
#include "config.h"
#include "viz-figure-task.h"

#include <glib/gi18n.h>
#include <math.h>

/* A picture for the clipboard is not larger. */
#define MOST_PIXELS 12000.0
/* so much of a long page is shown */
#define LONGEST 6.0

VizFigureTask *
viz_figure_task_new (const CnnFigureRecipe *recipe)
{
  VizFigureTask *self = g_new0 (VizFigureTask, 1);

  self->recipe = cnn_figure_recipe_copy (recipe);
  return self;
}

void
viz_figure_task_free (VizFigureTask *self)
{
  cnn_figure_recipe_free (self->recipe);
  g_free (self->path);
  g_clear_pointer (&self->map, cnn_map_unref);
  g_clear_pointer (&self->compare, cnn_compare_unref);
  g_clear_pointer (&self->maximized, cnn_maximized_unref);
  g_free (self);
}

void
viz_figure_result_free (VizFigureResult *self)
{
  g_clear_object (&self->texture);
  g_free (self->path);
  g_free (self->title);
  g_free (self->caption);
  g_free (self);
}

static void
on_progress (double fraction, CnnMap *partial, gpointer job)
{
  VizFigureResult *result = g_new0 (VizFigureResult, 1);

  result->progress = fraction;
  cnn_job_partial (job, result);
}

/* The surface's pixels live as long as the texture. */
static GdkTexture *
texture_of (cairo_surface_t *surface)
{
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = NULL;

  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), stride * (gsize)height,
                                      (GDestroyNotify)cairo_surface_destroy, surface);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

/* Whole pixels, as many as a PNG has. */
static int
count_pixels (double length_mm, double scale)
{
  return (int)CLAMP (ceil (length_mm * scale - 0.01), 1, MOST_PIXELS);
}

static GdkTexture *
draw_page (CnnFigure *figure, const VizFigureTask *figured, double width_mm, double height_mm, GError **error)
{
  double longer = fmax (width_mm, fmin (height_mm, LONGEST * width_mm));
  double pixels =
      figured->pixels > 0 ? figured->pixels : fmin (longer / 25.4 * figured->recipe->dpi, MOST_PIXELS);
  double scale = pixels / longer; /* pixels to a mm */
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, count_pixels (width_mm, scale),
                                                         count_pixels (height_mm, scale));
  cairo_t *cr;

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The figure is too large to be shown."));
    cairo_surface_destroy (surface);
    return NULL;
  }
  cr = cairo_create (surface);
  cairo_scale (cr, scale * 25.4 / 72, scale * 25.4 / 72);
  cnn_figure_draw (figure, cr, figured->recipe->width_mm, figured->recipe->dpi);
  cairo_destroy (cr);
  return texture_of (surface);
}

static VizFigureResult *
show_pages (const GPtrArray *pages, const VizFigureTask *figured, GError **error)
{
  CnnFigure *first = pages->pdata[0];
  const CnnFigureRecipe *recipe = figured->recipe;
  double width = cnn_figure_get_width (first, recipe->width_mm, recipe->dpi);
  double height = cnn_figure_get_height (first, recipe->width_mm, recipe->dpi);
  GdkTexture *texture = draw_page (first, figured, width, height, error);
  VizFigureResult *result;

  if (texture == NULL)
    return NULL;
  result = g_new0 (VizFigureResult, 1);
  result->texture = texture;
  result->title = g_strdup (cnn_figure_get_title (first));
  result->caption = g_strdup (cnn_figure_get_caption (first));
  result->width_mm = width;
  result->height_mm = height;
  result->n_pages = pages->len;
  result->progress = 1;
  return result;
}

static VizFigureResult *
write_pages (const GPtrArray *pages, const VizFigureTask *figured, GError **error)
{
  VizFigureResult *result;

  if (!cnn_figures_write (pages, figured->path, figured->recipe->width_mm, figured->recipe->dpi, error) ||
      (figured->provenance && !cnn_figure_write_provenance (pages->pdata[0], figured->path, error)))
    return NULL;
  result = g_new0 (VizFigureResult, 1);
  result->path = g_strdup (figured->path);
  result->n_pages = pages->len;
  result->progress = 1;
  return result;
}

static gboolean
needs_input (CnnFigureKind kind)
{
  return kind != CNN_FIGURE_TABLE && kind != CNN_FIGURE_DIAGRAM && kind != CNN_FIGURE_KERNELS &&
         kind != CNN_FIGURE_MAXIMIZED;
}

/* Without a picture the session has not heard of the scaling yet, which generated pictures go by. */
static gboolean
set_preprocess (VizTask *task, GError **error)
{
  const CnnSavedSession *saved = task->figure->recipe->session;
  CnnPreprocess preprocess = task->bench->session->preprocess;

  if (saved->preprocess == NULL || !cnn_preprocess_parse (&preprocess, saved->preprocess, NULL))
    return TRUE;
  return cnn_session_set_preprocess (task->bench->session, &preprocess, error);
}

gpointer
viz_task_figure (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  VizFigureTask *figured = task->figure;
  CnnFigureKnown known = { .map = figured->map,
                           .compare = figured->compare,
                           .maximized = figured->maximized,
                           .progress = on_progress,
                           .progress_data = job };
  gboolean paged = figured->path != NULL ? cnn_figure_path_is_paged (figured->path) : figured->paged;
  g_autoptr (GPtrArray) pages = NULL;

  if (task->input != NULL ? !viz_task_ensure_input (task, error) : !set_preprocess (task, error))
    return NULL;
  if (task->input == NULL && needs_input (figured->recipe->kind)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 _ ("There is no picture to export: open an image first."));
    return NULL;
  }
  cnn_saved_session_hash (figured->recipe->session, cancellable);
  pages = cnn_figure_recipe_make (figured->recipe, task->bench->session, &known, paged, cancellable, error);
  if (pages == NULL)
    return NULL;
  return figured->path != NULL ? write_pages (pages, figured, error) : show_pages (pages, figured, error);
}
