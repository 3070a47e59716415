/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const struct {
  const char *name;
  CnnActivationAttrs act;
} functions[] = {
  { "linear", { CNN_ACT_LINEAR, 1, 0, 0 } },
  { "relu", { CNN_ACT_RELU, INFINITY, 0, 0 } },
  { "relu6", { CNN_ACT_RELU, 6, 0, 0 } },
  { "leaky_relu", { CNN_ACT_RELU, INFINITY, 0.2f, 0 } },
  { "elu", { CNN_ACT_ELU, 1, 1, 0 } },
  { "celu", { CNN_ACT_ELU, 1, 1, 0 } },
  { "selu", { CNN_ACT_ELU, 1.7580993408473766f, 1.0507009873554805f, 0 } },
  { "sigmoid", { CNN_ACT_SIGMOID, 0, 0, 0 } },
  { "tanh", { CNN_ACT_TANH, 0, 0, 0 } },
  { "softplus", { CNN_ACT_SOFTPLUS, 0, 0, 0 } },
  { "softsign", { CNN_ACT_SOFTSIGN, 0, 0, 0 } },
  { "hard_sigmoid", { CNN_ACT_HARD_SIGMOID, 0.2f, 0.5f, 0 } },
  { "hard_swish", { CNN_ACT_HARD_SWISH, 0, 0, 0 } },
  { "hard_silu", { CNN_ACT_HARD_SWISH, 0, 0, 0 } },
  { "h_swish", { CNN_ACT_HARD_SWISH, 0, 0, 0 } },
  { "hard_tanh", { CNN_ACT_CLIP, -1, 1, 0 } },
  { "swish", { CNN_ACT_SWISH, 1, 0, 0 } },
  { "silu", { CNN_ACT_SWISH, 1, 0, 0 } },
  { "mish", { CNN_ACT_MISH, 0, 0, 0 } },
  { "gelu", { CNN_ACT_GELU_ERF, 0, 0, 0 } },
  { "exponential", { CNN_ACT_EXP, 0, 0, 0 } },
  { "exp", { CNN_ACT_EXP, 0, 0, 0 } },
  { "log", { CNN_ACT_LOG, 0, 0, 0 } },
  { "sqrt", { CNN_ACT_SQRT, 0, 0, 0 } },
  { "abs", { CNN_ACT_ABS, 0, 0, 0 } },
  { "absolute", { CNN_ACT_ABS, 0, 0, 0 } },
  { "erf", { CNN_ACT_ERF, 0, 0, 0 } },
  { "sin", { CNN_ACT_SIN, 0, 0, 0 } },
  { "cos", { CNN_ACT_COS, 0, 0, 0 } },
  { "reciprocal", { CNN_ACT_POWER, -1, 0, 0 } },
  { "square", { CNN_ACT_POWER, 2, 0, 0 } },
  { "rsqrt", { CNN_ACT_POWER, -0.5f, 0, 0 } },
  { "negative", { CNN_ACT_LINEAR, -1, 0, 0 } },
  { "neg", { CNN_ACT_LINEAR, -1, 0, 0 } },
  { "hard_shrink", { CNN_ACT_SHRINK, 0.5f, 0, 0 } },
  { "soft_shrink", { CNN_ACT_SHRINK, 0.5f, 0.5f, 0 } },
  { "sparse_sigmoid", { CNN_ACT_HARD_SIGMOID, 0.5f, 0.5f, 0 } },
  { "sign", { CNN_ACT_SIGN, 0, 0, 0 } },
  { "floor", { CNN_ACT_FLOOR, 0, 0, 0 } },
  { "ceil", { CNN_ACT_CEIL, 0, 0, 0 } },
  { "round", { CNN_ACT_ROUND, 0, 0, 0 } },
  { "tan", { CNN_ACT_TAN, 0, 0, 0 } },
  { "arctan", { CNN_ACT_ATAN, 0, 0, 0 } },
  { "sinh", { CNN_ACT_SINH, 0, 0, 0 } },
  { "cosh", { CNN_ACT_COSH, 0, 0, 0 } },
};

/* Whether two names are the same but for capitals and underscores: Keras 3 has "hard_sigmoid" and
 * "HardSigmoid". */
gboolean
cnn_keras_same_name (const char *a, const char *b)
{
  for (;; a++, b++) {
    a += strspn (a, "_");
    b += strspn (b, "_");
    if (g_ascii_tolower (*a) != g_ascii_tolower (*b))
      return FALSE;
    if (*a == '\0')
      return TRUE;
  }
}

gboolean
cnn_keras_activation_by_name (CnnKerasReader *reader, const char *name, CnnActivationAttrs *act)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (cnn_keras_same_name (name, functions[i].name)) {
      *act = functions[i].act;
      if (reader->keras_major >= 3 && act->kind == CNN_ACT_HARD_SIGMOID && act->a == 0.2f)
        act->a = 1.0f / 6;
      return TRUE;
    }
  return FALSE;
}

/* The name of an activation: a string, or an object in one of Keras' ways to write down a function or a
 * layer. */
static const char *
activation_name (JsonNode *node)
{
  JsonObject *object = cnn_json_node_object (node);
  if (object == NULL)
    return cnn_json_node_string (node);
  const char *name = cnn_json_string (object, "class_name", NULL);
  if (name == NULL || g_str_equal (name, "function"))
    name = cnn_json_string (object, "config", cnn_json_string (object, "registered_name", NULL));
  return name;
}

static const char *
without_package (const char *name)
{
  const char *mark = strrchr (name, '>');
  return mark != NULL ? mark + 1 : name;
}

static gboolean
add_activation (CnnKerasCall *call, const CnnActivationAttrs *act, guint *value, GError **error)
{
  CnnOpAttrs attrs = { .activation = *act };
  if (act->kind == CNN_ACT_LINEAR && act->a == 1 && act->b == 0)
    return TRUE;
  return cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, *value, value, error);
}

static gboolean
add_softmax (CnnKerasCall *call, gint64 axis, gboolean log, guint *value, GError **error)
{
  CnnOpAttrs attrs = { .softmax = { 0, log } };
  return cnn_keras_axis (call, *value, axis, &attrs.softmax.axis, error) &&
         cnn_keras_op1 (call, CNN_OP_SOFTMAX, &attrs, *value, value, error);
}

/* A layer written as an activation: {"class_name": "LeakyReLU", "config": …}. */
static gboolean
apply_layer (CnnKerasCall *call, JsonObject *object, const char *name, guint *value, GError **error)
{
  const CnnKerasLayerKind *kind = cnn_keras_find_layer (name);
  static const CnnKerasBuild simple[] = {
    cnn_keras_relu,    cnn_keras_leaky_relu,       cnn_keras_elu,
    cnn_keras_softmax, cnn_keras_thresholded_relu, cnn_keras_activation
  };
  for (guint i = 0; kind != NULL && i < G_N_ELEMENTS (simple); i++)
    if (kind->build == simple[i]) {
      CnnKerasCall inner = *call;
      inner.config = cnn_json_object (object, "config");
      inner.inputs = value;
      inner.n_inputs = 1;
      inner.variant = kind->variant;
      if (!kind->build (&inner, error))
        return FALSE;
      *value = inner.output;
      return TRUE;
    }
  return FALSE;
}

gboolean
cnn_keras_apply_activation (CnnKerasCall *call, JsonNode *activation, guint *value, GError **error)
{
  const char *name = activation_name (activation);
  JsonObject *object = cnn_json_node_object (activation);
  CnnActivationAttrs act;
  g_autoptr (GError) cause = NULL;
  if (name == NULL)
    return TRUE;
  name = without_package (name);
  if (cnn_json_object (object, "config") != NULL) { /* a layer: its parameters count */
    if (apply_layer (call, object, name, value, &cause))
      return TRUE;
    if (cause != NULL) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  }
  if (cnn_keras_activation_by_name (call->reader, name, &act))
    return add_activation (call, &act, value, error);
  if (cnn_keras_is_composed (name))
    return cnn_keras_add_composed (call, name, value, error);
  if (g_str_equal (name, "softmax") || g_str_equal (name, "softmax_v2") || g_str_equal (name, "log_softmax"))
    return add_softmax (call, -1, name[0] == 'l', value, error);
  g_autofree char *type = g_strdup_printf ("%s %s", call->class_name, name);
  CnnOpAttrs attrs = { .unsupported = { type } };
  return cnn_keras_op1 (call, CNN_OP_UNSUPPORTED, &attrs, *value, value, error);
}

gboolean
cnn_keras_finish (CnnKerasCall *call, guint value, GError **error)
{
  JsonNode *activation = cnn_json_member (call->config, "activation");
  const char *name = activation_name (activation);
  call->pre_activation = call->output = value;
  if (!cnn_keras_apply_activation (call, activation, &call->output, error))
    return FALSE;
  if (call->output != value && name != NULL)
    cnn_model_builder_set_layer_activation (call->reader->builder, without_package (name));
  return TRUE;
}

/* A layer that is nothing but a function: there is nothing before it. */
static gboolean
finish_function (CnnKerasCall *call, gboolean done, const guint *value)
{
  call->output = call->pre_activation = *value;
  return done;
}

gboolean
cnn_keras_activation (CnnKerasCall *call, GError **error)
{
  guint value = call->inputs[0];
  gboolean done =
      cnn_keras_apply_activation (call, cnn_json_member (call->config, "activation"), &value, error);
  if (done && value == call->inputs[0])
    return cnn_keras_identity (call, error);
  return finish_function (call, done, &value);
}

gboolean
cnn_keras_relu (CnnKerasCall *call, GError **error)
{
  CnnActivationAttrs act = cnn_activation_relu ();
  guint value = call->inputs[0];
  act.a = (float)cnn_keras_config_number (call, "max_value", INFINITY);
  act.b = (float)cnn_keras_config_number (call, "negative_slope", 0);
  act.c = (float)cnn_keras_config_number (call, "threshold", 0);
  return finish_function (call, add_activation (call, &act, &value, error), &value);
}

gboolean
cnn_keras_leaky_relu (CnnKerasCall *call, GError **error)
{
  CnnActivationAttrs act = cnn_activation_relu ();
  guint value = call->inputs[0];
  act.b =
      (float)cnn_keras_config_number (call, "negative_slope", cnn_keras_config_number (call, "alpha", 0.3));
  return finish_function (call, add_activation (call, &act, &value, error), &value);
}

gboolean
cnn_keras_elu (CnnKerasCall *call, GError **error)
{
  CnnActivationAttrs act = { CNN_ACT_ELU, (float)cnn_keras_config_number (call, "alpha", 1), 1, 0 };
  guint value = call->inputs[0];
  return finish_function (call, add_activation (call, &act, &value, error), &value);
}

/* x where x > theta, else 0. */
gboolean
cnn_keras_thresholded_relu (CnnKerasCall *call, GError **error)
{
  CnnActivationAttrs act = { CNN_ACT_RELU, INFINITY, 0, (float)cnn_keras_config_number (call, "theta", 1) };
  guint value = call->inputs[0];
  return finish_function (call, add_activation (call, &act, &value, error), &value);
}

/* Softmax over several axes: they are brought to the end and joined. */
static gboolean
softmax_over_axes (CnnKerasCall *call, JsonArray *list, guint *value, GError **error)
{
  guint rank = cnn_keras_rank (call, *value), n = json_array_get_length (list), order[CNN_MAX_RANK],
        back[CNN_MAX_RANK], seen = 0, k = 0;
  CnnShape joined = { 1, { 0 } }, moved = { rank, { 0 } };
  CnnOpAttrs attrs = { 0 };
  if (!cnn_keras_plain (call, value, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    guint axis;
    gint64 which;
    if (!cnn_json_node_integer (json_array_get_element (list, i), &which) ||
        !cnn_keras_axis (call, *value, which, &axis, error))
      return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), "axis", n);
    seen |= 1u << axis;
  }
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < rank; i++)
      if ((seen >> i & 1u) == pass)
        order[k++] = i;
  for (guint i = 0; i < rank; i++) {
    back[order[i]] = i;
    if (i > 0)
      moved.dims[i] = cnn_keras_value (call, *value)->shape.dims[order[i]];
    if (i > 0 && !(seen >> order[i] & 1u))
      joined.dims[joined.rank++] = moved.dims[i];
  }
  attrs.softmax.axis = joined.rank;
  joined.dims[joined.rank++] = -1;
  return cnn_keras_transpose (call, *value, order, CNN_LAYOUT_PLAIN, value, error) &&
         cnn_keras_reshape (call, *value, &joined, CNN_LAYOUT_PLAIN, value, error) &&
         cnn_keras_op1 (call, CNN_OP_SOFTMAX, &attrs, *value, value, error) &&
         cnn_keras_reshape (call, *value, &moved, CNN_LAYOUT_PLAIN, value, error) &&
         cnn_keras_transpose (call, *value, back, CNN_LAYOUT_PLAIN, value, error) &&
         cnn_keras_present (call, value, error);
}

gboolean
cnn_keras_softmax (CnnKerasCall *call, GError **error)
{
  JsonArray *axes = cnn_json_array (call->config, "axis");
  gint64 axis = cnn_keras_config_integer (call, "axis", -1);
  guint value = call->inputs[0], n = axes != NULL ? json_array_get_length (axes) : 0;
  if (n > 1) {
    /* a free size would be taken for the one at hand, and the batch is never joined */
    if (call->reader->free_size || cnn_keras_rank (call, value) == 0 || n >= cnn_keras_rank (call, value))
      return cnn_keras_unsupported (call, "Softmax over several axes", error);
    return finish_function (call, softmax_over_axes (call, axes, &value, error), &value);
  }
  if (axes != NULL && (n == 0 || !cnn_json_node_integer (json_array_get_element (axes, 0), &axis)))
    return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), "axis", 1u);
  return finish_function (call, add_softmax (call, axis, FALSE, &value, error), &value);
}
