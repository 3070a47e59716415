/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <math.h>

/* Element-wise functions of Keras 3 that take more than one of the engine's. */

static gboolean
apply (CnnKerasCall *call, CnnActivation kind, float a, float b, float c, guint x, guint *out, GError **error)
{
  CnnOpAttrs attrs = { .activation = { kind, a, b, c } };
  return cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, x, out, error);
}

/* log (sigmoid (x)) = -softplus (-x) */
static gboolean
log_sigmoid (CnnKerasCall *call, guint *value, GError **error)
{
  return apply (call, CNN_ACT_LINEAR, -1, 0, 0, *value, value, error) &&
         apply (call, CNN_ACT_SOFTPLUS, 0, 0, 0, *value, value, error) &&
         apply (call, CNN_ACT_LINEAR, -1, 0, 0, *value, value, error);
}

static gboolean
tanh_shrink (CnnKerasCall *call, guint *value, GError **error)
{
  guint bent;
  return apply (call, CNN_ACT_TANH, 0, 0, 0, *value, &bent, error) &&
         cnn_keras_binary (call, CNN_BINARY_SUB, *value, bent, value, error);
}

/* (x + sqrt (x² + 4)) / 2 */
static gboolean
squareplus (CnnKerasCall *call, guint *value, GError **error)
{
  guint root;
  return apply (call, CNN_ACT_POWER, 2, 0, 0, *value, &root, error) &&
         apply (call, CNN_ACT_LINEAR, 1, 4, 0, root, &root, error) &&
         apply (call, CNN_ACT_SQRT, 0, 0, 0, root, &root, error) &&
         cnn_keras_binary (call, CNN_BINARY_ADD, *value, root, value, error) &&
         apply (call, CNN_ACT_LINEAR, 0.5f, 0, 0, *value, value, error);
}

/* 0 up to -1, (x + 1)² / 4 up to 1, x from there on: clip (x + 1, 0, 2)² / 4 + max (x - 1, 0) */
static gboolean
sparse_plus (CnnKerasCall *call, guint *value, GError **error)
{
  guint low, high;
  return apply (call, CNN_ACT_HARD_SIGMOID, 0.5f, 0.5f, 0, *value, &low, error) &&
         apply (call, CNN_ACT_POWER, 2, 0, 0, low, &low, error) &&
         apply (call, CNN_ACT_LINEAR, 1, -1, 0, *value, &high, error) &&
         apply (call, CNN_ACT_CLIP, 0, INFINITY, 0, high, &high, error) &&
         cnn_keras_binary (call, CNN_BINARY_ADD, low, high, value, error);
}

static gboolean
log1p_of (CnnKerasCall *call, guint *value, GError **error)
{
  return apply (call, CNN_ACT_LINEAR, 1, 1, 0, *value, value, error) &&
         apply (call, CNN_ACT_LOG, 0, 0, 0, *value, value, error);
}

static gboolean
expm1_of (CnnKerasCall *call, guint *value, GError **error)
{
  return apply (call, CNN_ACT_EXP, 0, 0, 0, *value, value, error) &&
         apply (call, CNN_ACT_LINEAR, 1, -1, 0, *value, value, error);
}

/* log (x) by another base */
static gboolean
log_of (CnnKerasCall *call, double base, guint *value, GError **error)
{
  return apply (call, CNN_ACT_LOG, 0, 0, 0, *value, value, error) &&
         apply (call, CNN_ACT_LINEAR, (float)(1 / log (base)), 0, 0, *value, value, error);
}

static gboolean
log10_of (CnnKerasCall *call, guint *value, GError **error)
{
  return log_of (call, 10, value, error);
}

static gboolean
log2_of (CnnKerasCall *call, guint *value, GError **error)
{
  return log_of (call, 2, value, error);
}

static const struct {
  const char *name;
  gboolean (*add) (CnnKerasCall *call, guint *value, GError **error);
} composed[] = { { "log_sigmoid", log_sigmoid }, { "tanh_shrink", tanh_shrink },
                 { "squareplus", squareplus },   { "sparse_plus", sparse_plus },
                 { "log1p", log1p_of },          { "expm1", expm1_of },
                 { "log10", log10_of },          { "log2", log2_of } };

gboolean
cnn_keras_is_composed (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (composed); i++)
    if (cnn_keras_same_name (name, composed[i].name))
      return TRUE;
  return FALSE;
}

gboolean
cnn_keras_add_composed (CnnKerasCall *call, const char *name, guint *value, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (composed); i++)
    if (cnn_keras_same_name (name, composed[i].name))
      return composed[i].add (call, value, error);
  g_return_val_if_reached (FALSE);
}
