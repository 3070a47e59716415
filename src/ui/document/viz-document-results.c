/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was computed and is shown: taken from the jobs, marked while it is out of date. */
#include "config.h"
#include "viz-document-private.h"

#include "compare/viz-compared.h"
#include "maximize/viz-maximized.h"

void
_viz_document_clear_results (VizDocument *self)
{
  VizResults *r = &self->results;

  g_clear_pointer (&r->prediction, cnn_prediction_unref);
  g_clear_pointer (&r->occluded, cnn_prediction_unref);
  g_clear_pointer (&r->map, cnn_map_unref);
  g_clear_pointer (&r->gallery, cnn_gallery_unref);
  g_clear_pointer (&r->changes, g_bytes_unref);
  g_clear_pointer (&r->compared, viz_compared_unref);
  g_clear_pointer (&r->compare_error, g_free);
  g_clear_pointer (&r->maximized, viz_maximized_unref);
  g_clear_pointer (&r->tensor, cnn_tensor_view_unref);
  g_clear_pointer (&r->layer_cost, cnn_layer_cost_unref);
  r->map_stale = r->prediction_stale = r->gallery_stale = r->compared_stale = r->maximized_old = FALSE;
  r->maximizing = VIZ_MAXIMIZING_NOT;
  r->compare_progress = -1;
}

const VizResults *
viz_document_get_results (VizDocument *self)
{
  return &self->results;
}

void
viz_document_take_fitted (VizDocument *self, CnnImage *fitted)
{
  g_clear_pointer (&self->results.fitted, cnn_image_unref);
  self->results.fitted = fitted;
  _viz_document_changed (self, VIZ_CHANGED_FITTED);
}

void
viz_document_take_layer_cost (VizDocument *self, CnnLayerCost *cost)
{
  g_clear_pointer (&self->results.layer_cost, cnn_layer_cost_unref);
  self->results.layer_cost = cost;
  _viz_document_changed (self, VIZ_CHANGED_LAYER_COST);
}

void
viz_document_take_tensor (VizDocument *self, CnnTensorView *tensor)
{
  g_clear_pointer (&self->results.tensor, cnn_tensor_view_unref);
  self->results.tensor = tensor;
  _viz_document_changed (self, VIZ_CHANGED_TENSOR);
}

void
viz_document_take_prediction (VizDocument *self, CnnPrediction *prediction, gboolean stale)
{
  g_clear_pointer (&self->results.prediction, cnn_prediction_unref);
  self->results.prediction = prediction;
  self->results.prediction_stale = stale && prediction != NULL;
  if (prediction != NULL)
    self->results.shown++;
  _viz_document_changed (self, VIZ_CHANGED_PREDICTION);
}

void
viz_document_take_occluded (VizDocument *self, CnnPrediction *occluded)
{
  g_clear_pointer (&self->results.occluded, cnn_prediction_unref);
  self->results.occluded = occluded;
  if (occluded != NULL)
    self->results.shown++;
  _viz_document_changed (self, VIZ_CHANGED_OCCLUDED);
}

void
viz_document_take_map (VizDocument *self, CnnMap *map, gboolean stale)
{
  g_clear_pointer (&self->results.map, cnn_map_unref);
  self->results.map = map;
  self->results.map_stale = stale && map != NULL;
  if (map != NULL) {
    self->results.shown++;
    self->results.milliseconds = map->milliseconds;
  }
  _viz_document_changed (self, VIZ_CHANGED_MAP);
}

void
viz_document_take_changes (VizDocument *self, GBytes *changes, int layer)
{
  g_clear_pointer (&self->results.changes, g_bytes_unref);
  self->results.changes = changes;
  self->results.changes_layer = layer;
  _viz_document_changed (self, VIZ_CHANGED_GALLERY);
}

void
viz_document_take_gallery (VizDocument *self, CnnGallery *gallery)
{
  g_clear_pointer (&self->results.gallery, cnn_gallery_unref);
  self->results.gallery = gallery;
  self->results.gallery_stale = FALSE;
  _viz_document_changed (self, VIZ_CHANGED_GALLERY);
}

void
viz_document_take_compared (VizDocument *self, VizCompared *compared, gboolean stale, double progress,
                            const char *error)
{
  VizResults *r = &self->results;

  g_clear_pointer (&r->compared, viz_compared_unref);
  g_free (r->compare_error);
  r->compared = compared;
  r->compared_stale = stale && compared != NULL;
  r->compare_progress = progress;
  r->compare_error = g_strdup (error);
  if (compared != NULL)
    r->shown++;
  _viz_document_changed (self, VIZ_CHANGED_COMPARED);
}

void
viz_document_take_maximized (VizDocument *self, VizMaximized *maximized)
{
  g_clear_pointer (&self->results.maximized, viz_maximized_unref);
  self->results.maximized = maximized;
  if (maximized != NULL)
    self->results.shown++;
  _viz_document_changed (self, VIZ_CHANGED_MAXIMIZED);
}

void
viz_document_set_maximizing (VizDocument *self, VizMaximizing maximizing, gboolean old)
{
  VizResults *r = &self->results;

  if (r->maximizing == maximizing && r->maximized_old == !!old)
    return;
  r->maximizing = maximizing;
  r->maximized_old = !!old;
  _viz_document_changed (self, VIZ_CHANGED_MAXIMIZED);
}

void
viz_document_mark_stale (VizDocument *self, VizChange results)
{
  VizResults *r = &self->results;

  if (results & VIZ_CHANGED_MAP)
    r->map_stale = r->map != NULL;
  if (results & VIZ_CHANGED_PREDICTION)
    r->prediction_stale = r->prediction != NULL;
  if (results & VIZ_CHANGED_GALLERY)
    r->gallery_stale = r->gallery != NULL;
  if (results & VIZ_CHANGED_COMPARED)
    r->compared_stale = r->compared != NULL;
  _viz_document_changed (self, results);
}

void
viz_document_set_busy (VizDocument *self, gboolean busy, double progress)
{
  VizResults *r = &self->results;

  if (r->busy == !!busy && ABS (r->progress - progress) < 1e-6)
    return;
  r->busy = !!busy;
  r->progress = progress;
  _viz_document_changed (self, VIZ_CHANGED_BUSY);
}
