/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-layer-cost.h"

#include <math.h>
#include <string.h>

guint64
cnn_layer_output_bytes (CnnModel *model, guint layer)
{
  guint output = cnn_model_get_layer (model, layer)->output;

  if (output == CNN_NO_VALUE || !cnn_model_get_value (model, output)->known)
    return 0;
  return cnn_shape_size (&cnn_model_get_value (model, output)->shape) * sizeof (float);
}

guint64
cnn_layer_weight_bytes (CnnModel *model, guint layer)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);

  return (l->trainable_params + l->non_trainable_params) * sizeof (float);
}

guint64
cnn_model_multiply_adds (CnnModel *model)
{
  guint64 sum = 0;

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    sum += cnn_model_get_layer (model, i)->multiply_adds;
  return sum;
}

/* Whether a layer's output is what a rectifier let through, so that zero means that it is off. */
static gboolean
is_rectified (CnnModel *model, guint layer)
{
  guint output = cnn_model_get_layer (model, layer)->output;
  const CnnValue *value = output == CNN_NO_VALUE ? NULL : cnn_model_get_value (model, output);
  const CnnOp *op;

  if (value == NULL || !value->known || value->producer == CNN_NO_VALUE || value->shape.rank < 2)
    return FALSE;
  op = cnn_model_get_op (model, value->producer);
  return op->kind == CNN_OP_ACTIVATION && cnn_activation_is_rectifier (&op->attrs.activation);
}

static double
dead_share (const float *values, gsize channels, gsize space)
{
  gsize dead = 0;

  for (gsize c = 0; c < channels; c++) {
    gsize i = 0;

    while (i < space && values[c * space + i] == 0)
      i++;
    dead += i == space;
  }
  return channels > 0 ? (double)dead / (double)channels : NAN;
}

static gboolean
find_dead (CnnLayerCost *self, CnnSession *session, guint layer, GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint output = cnn_model_get_layer (model, layer)->output;
  const CnnShape *shape = &cnn_model_get_value (model, output)->shape;
  g_autofree float *values = g_new (float, MAX (cnn_engine_value_size (session->engine, output), 1));

  if (!cnn_engine_read (session->engine, output, values, cancellable, error))
    return FALSE;
  self->dead[layer] = dead_share (values, (gsize)shape->dims[1], cnn_shape_size_from (shape, 2));
  return TRUE;
}

CnnLayerCost *
cnn_layer_cost_measure (CnnSession *session, const CnnLayerCost *before, GCancellable *cancellable,
                        GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnLayerCost) self = g_new0 (CnnLayerCost, 1);

  g_atomic_ref_count_init (&self->refs);
  self->n = cnn_model_get_n_layers (model);
  self->ms = g_new0 (double, MAX (self->n, 1));
  self->dead = g_new (double, MAX (self->n, 1));
  if (before != NULL && before->n == self->n)
    memcpy (self->ms, before->ms, self->n * sizeof *self->ms);
  else if (!cnn_engine_measure_layers (session->engine, self->ms, cancellable, error))
    return NULL;
  for (guint i = 0; i < self->n; i++) {
    self->dead[i] = NAN;
    if (!is_rectified (model, i) ||
        !cnn_model_is_before_score (model, cnn_model_get_layer (model, i)->output))
      continue;
    if (!find_dead (self, session, i, cancellable, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

CnnLayerCost *
cnn_layer_cost_ref (CnnLayerCost *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_layer_cost_unref (CnnLayerCost *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->ms);
  g_free (self->dead);
  g_free (self);
}
