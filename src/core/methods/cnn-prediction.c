/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predictions, clean and under an occluder. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-method.h"
#include "methods/occlusion/cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

CnnPrediction *
cnn_prediction_ref (CnnPrediction *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_prediction_unref (CnnPrediction *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_object_unref (self->model);
  g_free (self->entries);
  g_free (self->probabilities);
  g_free (self->scores);
  g_free (self);
}

static int
by_probability (gconstpointer a, gconstpointer b)
{
  const CnnPredictionEntry *x = a, *y = b;

  if (x->probability != y->probability)
    return x->probability < y->probability ? 1 : -1;
  if (x->score != y->score)
    return x->score < y->score ? 1 : -1;
  return x->class_index - y->class_index;
}

/* @raw: the score value of one sample. */
static CnnPrediction *
prediction_new (CnnEngine *engine, const float *raw)
{
  CnnPrediction *self = g_new0 (CnnPrediction, 1);
  CnnModel *model = cnn_engine_get_model (engine);

  self->model = g_object_ref (model);
  self->n = cnn_model_get_n_classes (model);
  self->entries = g_new0 (CnnPredictionEntry, MAX (self->n, 1));
  self->probabilities = g_new0 (float, MAX (self->n, 1));
  self->scores = g_new0 (float, MAX (self->n, 1));
  g_atomic_ref_count_init (&self->refs);
  cnn_engine_class_scores (engine, raw, 1, self->scores);
  cnn_engine_probabilities (engine, raw, 1, self->probabilities);
  for (guint i = 0; i < self->n; i++)
    self->entries[i] = (CnnPredictionEntry){ (int)i, cnn_model_get_label (model, i), self->probabilities[i],
                                             self->scores[i] };
  qsort (self->entries, self->n, sizeof *self->entries, by_probability);
  return self;
}

static float *
new_raw (CnnEngine *engine)
{
  guint value = cnn_model_get_score_value (cnn_engine_get_model (engine));

  return g_new0 (float, MAX (cnn_engine_value_size (engine, value), 1));
}

CnnPrediction *
cnn_predict (CnnSession *session, GCancellable *cancellable, GError **error)
{
  guint value = cnn_model_get_score_value (cnn_engine_get_model (session->engine));
  g_autofree float *raw = new_raw (session->engine);

  if (!cnn_engine_read (session->engine, value, raw, cancellable, error))
    return NULL;
  return prediction_new (session->engine, raw);
}

CnnPrediction *
cnn_predict_occluded (CnnSession *session, int x, int y, int width, int height, CnnFill fill, float value,
                      GCancellable *cancellable, GError **error)
{
  g_autofree float *filling = NULL, *raw = NULL;
  guint position;

  if (session->input == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  filling = cnn_occluder_filling (session, fill, value);
  if (!cnn_occluder_prepare_dragged (session, x, y, width, height, &position, error))
    return NULL;
  raw = new_raw (session->engine);
  if (!cnn_incremental_run (session->dragged, filling, &position, 1, raw, cancellable, error))
    return NULL;
  return prediction_new (session->engine, raw);
}
