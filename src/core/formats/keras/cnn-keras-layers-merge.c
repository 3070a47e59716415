/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Puts axes of one between the batch and the rest until the rank is @rank, as Keras' merging layers do. */
static gboolean
raise_rank (CnnKerasCall *call, guint *value, guint rank, gboolean channels_last, GError **error)
{
  if (!cnn_keras_plain (call, value, error))
    return FALSE;
  CnnShape shape = cnn_keras_value (call, *value)->shape, raised = { rank, { 0 } };
  guint missing = rank - shape.rank;
  /* (batch, channels) beside images held with the channels on axis 1 */
  if (channels_last && shape.rank == 2) {
    for (guint i = 1; i < rank; i++)
      raised.dims[i] = i == 1 ? shape.dims[1] : 1;
    return cnn_keras_reshape (call, *value, &raised, CNN_LAYOUT_CHANNELS_LAST, value, error);
  }
  for (guint i = 1; i < rank; i++)
    raised.dims[i] = i <= missing ? 1 : shape.dims[i - missing];
  return cnn_keras_reshape (call, *value, &raised, CNN_LAYOUT_PLAIN, value, error) &&
         (!channels_last || cnn_keras_channels_last (call, value, error));
}

gboolean
cnn_keras_unify (CnnKerasCall *call, guint *values, guint n, GError **error)
{
  guint rank = 0;
  gboolean channels_last = FALSE, unknown = FALSE;
  for (guint i = 0; i < n; i++) {
    const CnnValue *value = cnn_keras_value (call, values[i]);
    unknown |= cnn_keras_rank (call, values[i]) == 0;
    rank = MAX (rank, cnn_keras_rank (call, values[i]));
    channels_last |= value->layout == CNN_LAYOUT_CHANNELS_LAST && value->shape.rank >= 3;
  }
  for (guint i = 0; i < n && !unknown; i++) {
    if (cnn_keras_rank (call, values[i]) < rank && !raise_rank (call, &values[i], rank, channels_last, error))
      return FALSE;
    if (channels_last && !cnn_keras_channels_last (call, &values[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
scale (CnnKerasCall *call, float factor, guint *value, GError **error)
{
  CnnOpAttrs attrs = { .activation = { CNN_ACT_LINEAR, factor, 0, 0 } };
  return cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, *value, value, error);
}

static gboolean
merge (CnnKerasCall *call, int variant, GError **error)
{
  g_autofree guint *values = g_memdup2 (call->inputs, call->n_inputs * sizeof (guint));
  CnnBinaryKind kind = variant == CNN_KERAS_AVERAGE ? CNN_BINARY_ADD : (CnnBinaryKind)variant;
  if (call->n_inputs < 2)
    return cnn_keras_fail (call, error, _ ("it joins at least two inputs, but has %u"), call->n_inputs);
  if (!cnn_keras_unify (call, values, call->n_inputs, error))
    return FALSE;
  guint sum = values[0];
  for (guint i = 1; i < call->n_inputs; i++)
    if (!cnn_keras_binary (call, kind, sum, values[i], &sum, error))
      return FALSE;
  if (variant == CNN_KERAS_AVERAGE && !scale (call, 1.0f / (float)call->n_inputs, &sum, error))
    return FALSE;
  call->output = call->pre_activation = sum;
  return TRUE;
}

/* Add and its like; Keras 3 has functions of the same name, whose arguments may be constants. */
gboolean
cnn_keras_merge (CnnKerasCall *call, GError **error)
{
  if (call->n_inputs < 2 && call->args->len > 1)
    return cnn_keras_function (call, error);
  return merge (call, call->variant, error);
}

static gboolean
concatenate (CnnKerasCall *call, gint64 axis, GError **error)
{
  g_autofree guint *values = g_memdup2 (call->inputs, call->n_inputs * sizeof (guint));
  CnnOpAttrs attrs = { 0 };
  if (!cnn_keras_unify (call, values, call->n_inputs, error) ||
      !cnn_keras_axis (call, values[0], axis, &attrs.concat.axis, error))
    return FALSE;
  CnnLayout layout = cnn_keras_value (call, values[0])->layout;
  gboolean done =
      cnn_keras_op (call, CNN_OP_CONCAT, &attrs, values, call->n_inputs, layout, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_concatenate (CnnKerasCall *call, GError **error)
{
  return concatenate (call, cnn_keras_config_integer (call, "axis", -1), error);
}

/* Keras 1: one layer for all ways to merge. */
gboolean
cnn_keras_merge_v1 (CnnKerasCall *call, GError **error)
{
  static const struct {
    const char *mode;
    int variant;
  } modes[] = { { "sum", CNN_BINARY_ADD },
                { "mul", CNN_BINARY_MUL },
                { "max", CNN_BINARY_MAX },
                { "ave", CNN_KERAS_AVERAGE } };
  const char *mode = cnn_keras_config_string (call, "mode", "sum");
  if (g_str_equal (mode, "concat"))
    return concatenate (call, cnn_keras_config_integer (call, "concat_axis", -1), error);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (mode, modes[i].mode))
      return merge (call, modes[i].variant, error);
  g_autofree char *type = g_strdup_printf ("Merge (%s)", mode);
  return cnn_keras_unsupported (call, type, error);
}

/* A vector beside a matrix takes part as a matrix of one column. */
static gboolean
raise_vector (CnnKerasCall *call, guint *value, GError **error)
{
  CnnShape column = { 3, { 0, cnn_keras_value (call, *value)->shape.dims[1], 1 } };
  return cnn_keras_rank (call, *value) != 2 ||
         cnn_keras_reshape (call, *value, &column, CNN_LAYOUT_PLAIN, value, error);
}

/* The product of two values of rank 2 or 3, not both 2, over one axis each. */
static gboolean
dot_matrices (CnnKerasCall *call, guint a, guint b, const guint axes[2], GError **error)
{
  static const guint swap[] = { 0, 2, 1 };
  guint inputs[2], n_vectors = (cnn_keras_rank (call, a) == 2) + (cnn_keras_rank (call, b) == 2);
  if (!raise_vector (call, &a, error) || !raise_vector (call, &b, error))
    return FALSE;
  if ((axes[0] == 1 && !cnn_keras_transpose (call, a, swap, CNN_LAYOUT_PLAIN, &a, error)) ||
      (axes[1] == 2 && !cnn_keras_transpose (call, b, swap, CNN_LAYOUT_PLAIN, &b, error)))
    return FALSE;
  inputs[0] = a;
  inputs[1] = b;
  CnnShape row = { 2, { 0, -1 } };
  return cnn_keras_op (call, CNN_OP_MATMUL, NULL, inputs, 2, CNN_LAYOUT_PLAIN, &call->output, error) &&
         (n_vectors == 0 ||
          cnn_keras_reshape (call, call->output, &row, CNN_LAYOUT_PLAIN, &call->output, error));
}

static gboolean
dot_vectors (CnnKerasCall *call, guint a, guint b, GError **error)
{
  CnnOpAttrs sum = { .reduce = { .kind = CNN_REDUCE_SUM, .n_axes = 1, .axes = { 1 }, .keep_dims = TRUE } };
  return cnn_keras_binary (call, CNN_BINARY_MUL, a, b, &a, error) &&
         cnn_keras_op1 (call, CNN_OP_REDUCE, &sum, a, &call->output, error);
}

gboolean
cnn_keras_dot (CnnKerasCall *call, GError **error)
{
  JsonNode *node = cnn_json_member (call->config, "axes");
  JsonArray *array = cnn_json_node_array (node);
  guint values[2], axes[2];
  if (call->n_inputs != 2)
    return cnn_keras_fail (call, error, _ ("it joins two inputs, but has %u"), call->n_inputs);
  for (guint i = 0; i < 2; i++) {
    gint64 axis = -1;
    JsonNode *element = array == NULL                       ? node
                        : i < json_array_get_length (array) ? json_array_get_element (array, i)
                                                            : NULL;
    values[i] = call->inputs[i];
    guint rank = cnn_keras_rank (call, values[i]);
    if (!cnn_json_node_integer (element, &axis))
      return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), "axes", 2u);
    if (rank < 2 || rank > 3)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (!cnn_keras_plain (call, &values[i], error) ||
        !cnn_keras_axis (call, values[i], axis, &axes[i], error))
      return FALSE;
    if (axes[i] == 0)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (cnn_keras_config_boolean (call, "normalize", FALSE) &&
        !cnn_keras_normalize_axes (call, &values[i], &axes[i], 1, error))
      return FALSE;
  }
  gboolean done = cnn_keras_rank (call, values[0]) == 2 && cnn_keras_rank (call, values[1]) == 2
                      ? dot_vectors (call, values[0], values[1], error)
                      : dot_matrices (call, values[0], values[1], axes, error);
  call->pre_activation = call->output;
  return done;
}

/* a + b·scale, with the scale in @config */
static gboolean
scaled_residual (CnnKerasCall *call, JsonObject *config, GError **error)
{
  double factor;
  guint values[2];
  if (call->n_inputs != 2 || !cnn_json_node_number (cnn_json_member (config, "scale"), &factor))
    return cnn_keras_unsupported (call, call->class_name, error);
  values[0] = call->inputs[0];
  values[1] = call->inputs[1];
  gboolean done = cnn_keras_unify (call, values, 2, error) &&
                  scale (call, (float)factor, &values[1], error) &&
                  cnn_keras_binary (call, CNN_BINARY_ADD, values[0], values[1], &call->output, error);
  call->pre_activation = call->output;
  return done;
}

gboolean
cnn_keras_scaled_residual (CnnKerasCall *call, GError **error)
{
  return scaled_residual (call, call->config, error);
}

/* Python code is not run. What Keras' own Inception-ResNet writes as a Lambda is told by its name and
 * argument. */
gboolean
cnn_keras_lambda (CnnKerasCall *call, GError **error)
{
  JsonObject *arguments = cnn_json_object (call->config, "arguments");
  const char *rest = call->scope.name;
  if (arguments != NULL && json_object_get_size (arguments) == 1 && call->n_inputs == 2 &&
      (g_str_has_prefix (rest, "block35_") || g_str_has_prefix (rest, "block17_") ||
       g_str_has_prefix (rest, "block8_")))
    return scaled_residual (call, arguments, error);
  return cnn_keras_unsupported (call, call->class_name, error);
}
