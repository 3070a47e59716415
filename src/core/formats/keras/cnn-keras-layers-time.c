/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

/* TimeDistributed: a layer for each step in time. */

/* A step is a copy of the layer's operators, which share the weights. */
#define MAX_STEPS 64

/* The layer inside, ready to be built on call's input. */
static void
enter (const CnnKerasCall *call, JsonObject *layer, const CnnKerasLayerKind *kind, const char *folder,
       CnnKerasCall *inner)
{
  *inner = *call;
  inner->class_name = cnn_json_string (layer, "class_name", "");
  inner->config = cnn_json_object (layer, "config");
  inner->variant = kind->variant;
  inner->scope.folder = folder;
}

/* What works on the last axis, or on each number, does the same for all steps at once. */
static gboolean
works_on_all (const CnnKerasLayerKind *kind)
{
  static const CnnKerasBuild simple[] = { cnn_keras_dense,    cnn_keras_activation, cnn_keras_identity,
                                          cnn_keras_relu,     cnn_keras_leaky_relu, cnn_keras_elu,
                                          cnn_keras_rescaling };
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    if (kind->build == simple[i])
      return TRUE;
  return FALSE;
}

/* Step @t of @value, which is held in the framework's order, without the axis of time. */
static gboolean
take_step (CnnKerasCall *call, guint value, gint64 t, guint *step, GError **error)
{
  CnnShape shape = cnn_keras_value (call, value)->shape, one = { shape.rank - 1, { 0 } };
  CnnOpAttrs attrs = { .slice = { .start = { 0, t } } };
  for (guint i = 0; i < CNN_MAX_RANK; i++) {
    attrs.slice.step[i] = 1;
    attrs.slice.count[i] = i == 1 ? 1 : -1;
  }
  for (guint i = 1; i < one.rank; i++)
    one.dims[i] = shape.dims[i + 1];
  return cnn_keras_op1 (call, CNN_OP_SLICE, &attrs, value, step, error) &&
         cnn_keras_reshape (call, *step, &one, CNN_LAYOUT_PLAIN, step, error) &&
         cnn_keras_present (call, step, error);
}

/* Gives @value the axis of time back. */
static gboolean
put_step (CnnKerasCall *call, guint *value, GError **error)
{
  if (!cnn_keras_plain (call, value, error))
    return FALSE;
  CnnShape shape = cnn_keras_value (call, *value)->shape, whole = { shape.rank + 1, { 0, 1 } };
  for (guint i = 1; i < shape.rank; i++)
    whole.dims[i + 1] = shape.dims[i];
  return cnn_keras_reshape (call, *value, &whole, CNN_LAYOUT_PLAIN, value, error);
}

/* Step after step, joined again along time. */
static gboolean
distribute (CnnKerasCall *call, JsonObject *layer, const CnnKerasLayerKind *kind, const char *folder,
            guint value, gint64 n, GError **error)
{
  guint steps[MAX_STEPS];
  CnnOpAttrs attrs = { .concat = { 1 } };
  for (gint64 t = 0; t < n; t++) {
    CnnKerasCall inner;
    guint step;
    enter (call, layer, kind, folder, &inner);
    inner.inputs = &step;
    inner.n_inputs = 1;
    inner.first = call->first && t == 0;
    if (!take_step (call, value, t, &step, error) || !kind->build (&inner, error))
      return FALSE;
    steps[t] = inner.output;
    if (cnn_keras_rank (call, steps[t]) == 0 || cnn_keras_rank (call, steps[t]) == CNN_MAX_RANK)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (!put_step (call, &steps[t], error))
      return FALSE;
  }
  gboolean done =
      cnn_keras_op (call, CNN_OP_CONCAT, &attrs, steps, (guint)n, CNN_LAYOUT_PLAIN, &call->output, error) &&
      cnn_keras_present (call, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_time_distributed (CnnKerasCall *call, GError **error)
{
  JsonObject *layer = cnn_json_object (call->config, "layer");
  const char *class_name = cnn_json_string (layer, "class_name", "");
  const CnnKerasLayerKind *kind = cnn_keras_find_layer (class_name);
  g_autofree char *folder = g_strdup_printf ("%s/layer", call->scope.folder);
  g_autofree char *type = g_strdup_printf ("TimeDistributed %s", class_name);
  CnnKerasCall inner;
  if (kind == NULL || kind->build == cnn_keras_time_distributed)
    return cnn_keras_unsupported (call, type, error);
  if (works_on_all (kind)) {
    enter (call, layer, kind, folder, &inner);
    if (!kind->build (&inner, error))
      return FALSE;
    call->output = inner.output;
    call->pre_activation = inner.pre_activation;
    return TRUE;
  }
  guint value = call->inputs[0], rank = cnn_keras_rank (call, value);
  if (rank >= 3 && !cnn_keras_plain (call, &value, error))
    return FALSE;
  gint64 n = rank >= 3 ? cnn_keras_value (call, value)->shape.dims[1] : 0;
  /* a step is there at any size of the input only if time does not follow from that size */
  if (n < 1 || n > MAX_STEPS || call->reader->free_size)
    return cnn_keras_unsupported (call, type, error);
  return distribute (call, layer, kind, folder, value, n, error);
}
