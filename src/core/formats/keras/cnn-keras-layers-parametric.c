/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

/* A parameter has the shape of one sample, with 1 where axes share it; it is held as the input is. */
static CnnTensor *
load_parameter (CnnKerasCall *call, const char *param, GError **error)
{
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x), axes[CNN_MAX_RANK] = { 0 };
  CnnShape expected = { rank > 0 ? rank - 1 : 1, { -1, -1, -1, -1, -1, -1, -1, -1 } };
  guint last = expected.rank - 1;
  gboolean move = cnn_keras_value (call, x)->layout == CNN_LAYOUT_CHANNELS_LAST && rank >= 3;
  for (guint i = 0; i <= last; i++)
    axes[i] = !move ? i : i == 0 ? last : i - 1;
  return cnn_keras_weight (call, param, rank > 0 ? &expected : NULL, rank > 0 ? axes : NULL, TRUE, error);
}

static gboolean
add_parameter (CnnKerasCall *call, const char *param, guint *value, GError **error)
{
  g_autoptr (CnnTensor) tensor = load_parameter (call, param, error);
  if (tensor == NULL)
    return FALSE;
  *value = cnn_keras_constant (call, tensor);
  return TRUE;
}

static gboolean
apply (CnnKerasCall *call, CnnActivationAttrs act, guint x, guint *y, GError **error)
{
  CnnOpAttrs attrs = { .activation = act };
  return cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, x, y, error);
}

/* x > 0 ? x : alpha·x */
gboolean
cnn_keras_prelu (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], inputs[] = { x, 0 };
  CnnLayout layout = cnn_keras_value (call, x)->layout;
  if (!add_parameter (call, "alpha", &inputs[1], error))
    return FALSE;
  gboolean done = cnn_keras_op (call, CNN_OP_PRELU, NULL, inputs, 2, layout, &call->output, error);
  return cnn_keras_result (call, done, call->output);
}

/* Keras 1: alpha·ln (1 + e^(beta·x)) */
gboolean
cnn_keras_parametric_softplus (CnnKerasCall *call, GError **error)
{
  guint alpha, beta, y = call->inputs[0];
  gboolean done = add_parameter (call, "alphas", &alpha, error) &&
                  add_parameter (call, "betas", &beta, error) &&
                  cnn_keras_binary (call, CNN_BINARY_MUL, y, beta, &y, error) &&
                  apply (call, (CnnActivationAttrs){ .kind = CNN_ACT_SOFTPLUS }, y, &y, error) &&
                  cnn_keras_binary (call, CNN_BINARY_MUL, y, alpha, &y, error);
  return cnn_keras_result (call, done, y);
}

/*
 * Keras 1's rectifier in the shape of an S, with u = x - t_left and w = |t_right|:
 * t_left + min (relu (u), w) - a_left·relu (-u) + a_right·relu (u - w)
 */
gboolean
cnn_keras_srelu (CnnKerasCall *call, GError **error)
{
  static const char *const names[] = { "t_left", "a_left", "t_right", "a_right" };
  const CnnActivationAttrs relu = cnn_activation_relu (), minus = { CNN_ACT_LINEAR, -1, 0, 0 },
                           absolute = { CNN_ACT_ABS, 0, 0, 0 };
  enum { T_LEFT, A_LEFT, T_RIGHT, A_RIGHT };
  guint p[4], x = call->inputs[0], u, y, below, above;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!add_parameter (call, names[i], &p[i], error))
      return FALSE;
  gboolean done = apply (call, absolute, p[T_RIGHT], &p[T_RIGHT], error) &&
                  cnn_keras_binary (call, CNN_BINARY_SUB, x, p[T_LEFT], &u, error) &&
                  apply (call, relu, u, &y, error) &&
                  cnn_keras_binary (call, CNN_BINARY_MIN, y, p[T_RIGHT], &y, error) &&
                  apply (call, minus, u, &below, error) && apply (call, relu, below, &below, error) &&
                  cnn_keras_binary (call, CNN_BINARY_MUL, below, p[A_LEFT], &below, error) &&
                  cnn_keras_binary (call, CNN_BINARY_SUB, u, p[T_RIGHT], &above, error) &&
                  apply (call, relu, above, &above, error) &&
                  cnn_keras_binary (call, CNN_BINARY_MUL, above, p[A_RIGHT], &above, error) &&
                  cnn_keras_binary (call, CNN_BINARY_SUB, y, below, &y, error) &&
                  cnn_keras_binary (call, CNN_BINARY_ADD, y, above, &y, error) &&
                  cnn_keras_binary (call, CNN_BINARY_ADD, y, p[T_LEFT], &y, error);
  return cnn_keras_result (call, done, y);
}
