/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-ops.h"

/* Functions that take numbers along axes together. */

static gboolean
flag (CnnKerasCall *call, const char *keyword)
{
  double number = 0;
  return cnn_json_node_number (cnn_keras_argument (call, G_MAXUINT, keyword), &number) && number != 0;
}

/* The axes as held, and whether they are to be kept; FALSE without an error where they cannot be told. */
static gboolean
read_axes (CnnKerasCall *call, CnnOpAttrs *attrs, GError **error)
{
  gint64 axes[CNN_MAX_RANK];
  guint x = call->inputs[0],
        n = cnn_keras_integers (cnn_keras_either (call, 1, "axis", "axes"), axes, G_N_ELEMENTS (axes));
  double keep = 0;
  if (!cnn_json_node_number (cnn_keras_either (call, 2, "keepdims", "keep_dims"), &keep))
    keep = flag (call, "keepdims");
  attrs->reduce.keep_dims = keep != 0;
  attrs->reduce.n_axes = n;
  for (guint i = 0; i < n; i++)
    if (!cnn_keras_axis (call, x, axes[i], &attrs->reduce.axes[i], error))
      return FALSE;
  return n > 0 && cnn_keras_rank (call, x) > 0;
}

/* Takes @value together. What is left keeps its order only if it is the channels alone. */
static gboolean
reduce (CnnKerasCall *call, CnnOpAttrs attrs, guint *value, GError **error)
{
  guint rank = cnn_keras_rank (call, *value);
  gboolean last = cnn_keras_value (call, *value)->layout == CNN_LAYOUT_CHANNELS_LAST;
  gboolean spatial = TRUE;
  for (guint i = 0; i < attrs.reduce.n_axes; i++)
    spatial = spatial && attrs.reduce.axes[i] >= 2;
  gboolean all = spatial && attrs.reduce.n_axes + 2 == rank;
  CnnLayout layout = attrs.reduce.keep_dims ? cnn_keras_value (call, *value)->layout : CNN_LAYOUT_PLAIN;
  if (!attrs.reduce.keep_dims && !all && last) {
    if (!cnn_keras_plain (call, value, error))
      return FALSE;
    for (guint i = 0; i < attrs.reduce.n_axes; i++) { /* back to the framework's axes */
      guint *axis = &attrs.reduce.axes[i];
      *axis = *axis == 0 ? 0 : *axis == 1 ? rank - 1 : *axis - 1;
    }
  }
  return cnn_keras_op (call, CNN_OP_REDUCE, &attrs, value, 1, layout, value, error);
}

/* What read_axes() could not do: an error, or a layer that is not computed. */
static gboolean
refuse (CnnKerasCall *call, GError **error)
{
  return (error == NULL || *error == NULL) && cnn_keras_unsupported (call, call->class_name, error);
}

gboolean
cnn_keras_op_reduce (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { .reduce = { .kind = (CnnReduceKind)variant } };
  guint x = call->inputs[0];
  if (call->n_inputs != 1 || !read_axes (call, &attrs, error))
    return refuse (call, error);
  gboolean done = reduce (call, attrs, &x, error);
  return cnn_keras_result (call, done, x);
}

/* The Euclidean length. */
gboolean
cnn_keras_op_norm (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { .reduce = { .kind = CNN_REDUCE_L2, .n_axes = 1 } };
  JsonNode *order = cnn_keras_argument (call, 1, "ord");
  guint x = call->inputs[0];
  double number = 2;
  gint64 axis;
  gboolean euclidean = order == NULL || JSON_NODE_HOLDS_NULL (order) ||
                       g_strcmp0 (cnn_json_node_string (order), "euclidean") == 0 ||
                       (cnn_json_node_number (order, &number) && number == 2);
  if (!euclidean || cnn_keras_integers (cnn_keras_argument (call, 2, "axis"), &axis, 1) != 1 ||
      cnn_keras_rank (call, x) == 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  attrs.reduce.keep_dims = flag (call, "keepdims");
  gboolean done =
      cnn_keras_axis (call, x, axis, &attrs.reduce.axes[0], error) && reduce (call, attrs, &x, error);
  return cnn_keras_result (call, done, x);
}

/* mean ((x - mean (x))²) and its root */
gboolean
cnn_keras_op_spread (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { .reduce = { .kind = CNN_REDUCE_MEAN } }, kept;
  CnnOpAttrs square = { .activation = { CNN_ACT_POWER, 2, 0, 0 } }, root = { .activation = { CNN_ACT_SQRT } };
  guint x = call->inputs[0], mean = x, centred, spread;
  if (!read_axes (call, &attrs, error))
    return refuse (call, error);
  kept = attrs;
  kept.reduce.keep_dims = TRUE;
  if (!reduce (call, kept, &mean, error) ||
      !cnn_keras_binary (call, CNN_BINARY_SUB, x, mean, &centred, error) ||
      !cnn_keras_op1 (call, CNN_OP_ACTIVATION, &square, centred, &spread, error) ||
      !reduce (call, attrs, &spread, error) ||
      (variant == CNN_KERAS_DEVIATION &&
       !cnn_keras_op1 (call, CNN_OP_ACTIVATION, &root, spread, &spread, error)))
    return FALSE;
  if (variant != CNN_KERAS_MOMENTS)
    return cnn_keras_result (call, TRUE, spread);
  g_array_append_val (call->more, spread);
  if (!attrs.reduce.keep_dims) {
    mean = x;
    if (!reduce (call, attrs, &mean, error))
      return FALSE;
  }
  return cnn_keras_result (call, TRUE, mean);
}

gboolean
cnn_keras_op_cumsum (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { .along = { .kind = CNN_ALONG_SUMS } };
  guint x = call->inputs[0], out;
  gint64 axis;
  if (cnn_keras_integers (cnn_keras_argument (call, 1, "axis"), &axis, 1) != 1 ||
      cnn_keras_rank (call, x) == 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  attrs.along.exclusive = flag (call, "exclusive");
  attrs.along.backward = flag (call, "reverse");
  if (!cnn_keras_axis (call, x, axis, &attrs.along.axis, error) ||
      !cnn_keras_op1 (call, CNN_OP_ALONG, &attrs, x, &out, error))
    return FALSE;
  return cnn_keras_result (call, TRUE, out);
}
