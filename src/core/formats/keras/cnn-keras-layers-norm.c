/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* The one axis of "axis": a number or a list of one. */
static gboolean
single_axis (CnnKerasCall *call, gint64 *axis)
{
  JsonNode *node = cnn_json_member (call->config, "axis");
  JsonArray *array = cnn_json_node_array (node);
  *axis = -1;
  if (array != NULL)
    return json_array_get_length (array) == 1 &&
           cnn_json_node_integer (json_array_get_element (array, 0), axis);
  return node == NULL || cnn_json_node_integer (node, axis);
}

/* x·scale + shift along the value's axis; takes the arrays. */
static gboolean
add_affine (CnnKerasCall *call, guint x, guint axis, gsize n, float *scale, float *shift, GError **error)
{
  CnnOpAttrs attrs = { .batch_norm = { axis } };
  CnnShape shape = { 1, { (gint64)n } };
  CnnLayout layout = cnn_keras_value (call, x)->layout;
  g_autoptr (CnnTensor) a = cnn_tensor_new_take (&shape, scale);
  g_autoptr (CnnTensor) b = cnn_tensor_new_take (&shape, shift);
  guint inputs[] = { x, cnn_keras_constant (call, a), cnn_keras_constant (call, b) };
  gboolean done = cnn_keras_op (call, CNN_OP_BATCH_NORM, &attrs, inputs, 3, layout, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* gamma, beta, mean and variance, where the layer has them, become one scale and one shift. */
gboolean
cnn_keras_batch_normalization (CnnKerasCall *call, GError **error)
{
  static const char *const names[] = { "gamma", "beta", "moving_mean", "moving_variance" };
  gboolean has[] = { cnn_keras_config_boolean (call, "scale", TRUE),
                     cnn_keras_config_boolean (call, "center", TRUE), TRUE, TRUE };
  double epsilon = cnn_keras_config_number (call, "epsilon", 1e-3);
  guint x = call->inputs[0], axis;
  float *parts[4] = { NULL };
  gboolean done = TRUE;
  gint64 which, n = -1;
  if (!single_axis (call, &which) || cnn_json_integer (call->config, "mode", 0) != 0)
    return cnn_keras_unsupported (call, "BatchNormalization over several axes", error);
  if (!cnn_keras_axis (call, x, which, &axis, error))
    return FALSE;
  if (cnn_keras_rank (call, x) > 0)
    n = cnn_keras_value (call, x)->shape.dims[axis];
  for (guint i = 0; done && i < 4; i++) {
    CnnShape expected = { 1, { n } };
    if (!has[i])
      continue;
    g_autoptr (CnnTensor) tensor = cnn_keras_weight (call, names[i], &expected, NULL, i < 2, error);
    done = tensor != NULL;
    if (done) {
      n = tensor->shape.dims[0];
      parts[i] = cnn_tensor_dup_data (tensor);
    }
  }
  if (done) {
    float *scale = g_new (float, MAX (n, 1)), *shift = g_new (float, MAX (n, 1));
    for (gint64 i = 0; i < n; i++) {
      double factor = (parts[0] != NULL ? parts[0][i] : 1.0) / sqrt (parts[3][i] + epsilon);
      scale[i] = (float)factor;
      shift[i] = (float)((parts[1] != NULL ? parts[1][i] : 0.0) - parts[2][i] * factor);
    }
    done = add_affine (call, x, axis, (gsize)n, scale, shift, error);
  }
  for (guint i = 0; i < 4; i++)
    g_free (parts[i]);
  return done;
}

/* gamma and beta of a normalisation over each sample, of @expected's shape in the file. */
static gboolean
add_normalize (CnnKerasCall *call, guint x, const CnnShape *expected, const guint *axes,
               const CnnOpAttrs *attrs, GError **error)
{
  static const char *const names[] = { "gamma", "beta" };
  gboolean has[] = { cnn_keras_config_boolean (call, "scale", TRUE),
                     cnn_keras_config_boolean (call, "center", TRUE) };
  guint inputs[3] = { x, CNN_NO_VALUE, CNN_NO_VALUE };
  CnnLayout layout = cnn_keras_value (call, x)->layout;
  for (guint i = 0; i < 2; i++) {
    if (!has[i])
      continue;
    g_autoptr (CnnTensor) tensor = cnn_keras_weight (call, names[i], expected, axes, TRUE, error);
    if (tensor == NULL)
      return FALSE;
    inputs[i + 1] = cnn_keras_constant (call, tensor);
  }
  gboolean done = cnn_keras_op (call, CNN_OP_NORMALIZE, attrs, inputs, 3, layout, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* The first of the axes that are normalised, if they are all from there to the end; 0 if not. */
static guint
first_normalized (CnnKerasCall *call, guint rank)
{
  JsonNode *node = cnn_json_member (call->config, "axis");
  JsonArray *array = cnn_json_node_array (node);
  guint seen = 0, n = array != NULL ? json_array_get_length (array) : 1;
  for (guint i = 0; i < n; i++) {
    gint64 axis = -1;
    if (node != NULL &&
        !cnn_json_node_integer (array != NULL ? json_array_get_element (array, i) : node, &axis))
      return 0;
    axis += axis < 0 ? rank : 0;
    if (axis < 1 || axis >= rank)
      return 0;
    seen |= 1u << axis;
  }
  guint first = rank - n;
  return n < rank && seen == ((1u << rank) - (1u << first)) ? first : 0;
}

gboolean
cnn_keras_layer_normalization (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x), first = first_normalized (call, rank),
        axes[CNN_MAX_RANK] = { 0 };
  CnnOpAttrs attrs = { .normalize = { .epsilon = (float)cnn_keras_config_number (call, "epsilon", 1e-3) } };
  CnnShape expected = { 0 };
  if (rank == 0 || first == 0 || cnn_keras_config_boolean (call, "rms_scaling", FALSE))
    return cnn_keras_unsupported (call, call->class_name, error);
  gboolean last = cnn_keras_value (call, x)->layout == CNN_LAYOUT_CHANNELS_LAST && rank >= 3;
  if (last && first != rank - 1 && first != 1) {
    if (!cnn_keras_plain (call, &x, error))
      return FALSE;
    last = FALSE;
  }
  CnnShape shape = cnn_keras_value (call, x)->shape;
  expected.rank = rank - first;
  for (guint i = 0; i < expected.rank; i++) {
    guint a = first + i;
    expected.dims[i] = shape.dims[!last ? a : a == rank - 1 ? 1 : a + 1];
    axes[i] = !last || expected.rank == 1 ? i : i == 0 ? expected.rank - 1 : i - 1;
  }
  attrs.normalize.groups = last && first == rank - 1 ? -1 : 0;
  attrs.normalize.first_axis = first;
  return add_normalize (call, x, &expected, axes, &attrs, error);
}

gboolean
cnn_keras_group_normalization (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x), axis;
  CnnOpAttrs attrs = { .normalize = { .epsilon = (float)cnn_keras_config_number (call, "epsilon", 1e-3) } };
  gint64 which;
  if (rank == 0 || !single_axis (call, &which))
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_axis (call, x, which, &axis, error))
    return FALSE;
  gint64 wanted = which < 0 ? which + rank : which; /* in the framework's order */
  if (axis != 1 && (wanted == 1 || wanted == (gint64)rank - 1)) {
    if (!(wanted == 1 ? cnn_keras_plain (call, &x, error) : cnn_keras_channels_last (call, &x, error)))
      return FALSE;
    axis = 1;
  }
  CnnShape expected = { 1, { cnn_keras_value (call, x)->shape.dims[1] } };
  attrs.normalize.groups = cnn_keras_config_integer (call, "groups", 32);
  if (attrs.normalize.groups == -1)
    attrs.normalize.groups = expected.dims[0];
  if (axis != 1 || attrs.normalize.groups < 1)
    return cnn_keras_unsupported (call, call->class_name, error);
  return add_normalize (call, x, &expected, NULL, &attrs, error);
}

/* Numbers of a configuration, one or (possibly nested in lists of one) several. */
static gboolean
read_numbers (JsonNode *node, GArray *numbers)
{
  double number;
  JsonArray *array = cnn_json_node_array (node);
  if (array == NULL && cnn_json_node_number (node, &number)) {
    g_array_append_val (numbers, number);
    return TRUE;
  }
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (!read_numbers (json_array_get_element (array, i), numbers))
      return FALSE;
  return array != NULL;
}

/* x·scale + shift with one number each, or one for each place along the framework's axis @which. */
static gboolean
affine_along (CnnKerasCall *call, gint64 which, const GArray *scale, const GArray *shift, GError **error)
{
  guint x = call->inputs[0], axis, n = MAX (scale->len, shift->len);
  if ((scale->len != 1 && scale->len != n) || (shift->len != 1 && shift->len != n) || n == 0)
    return cnn_keras_fail (call, error, _ ("its scales and offsets do not go together"));
  cnn_keras_note_front (call, g_array_index (scale, double, 0), g_array_index (shift, double, 0));
  if (n == 1) {
    CnnOpAttrs attrs = { .activation = { CNN_ACT_LINEAR, (float)g_array_index (scale, double, 0),
                                         (float)g_array_index (shift, double, 0), 0 } };
    gboolean done = cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, x, &call->output, error);
    call->pre_activation = call->output;
    return done;
  }
  if (!cnn_keras_axis (call, x, which, &axis, error))
    return FALSE;
  float *a = g_new (float, n), *b = g_new (float, n);
  for (guint i = 0; i < n; i++) {
    a[i] = (float)g_array_index (scale, double, scale->len == 1 ? 0 : i);
    b[i] = (float)g_array_index (shift, double, shift->len == 1 ? 0 : i);
  }
  return add_affine (call, x, axis, n, a, b, error);
}

gboolean
cnn_keras_rescaling (CnnKerasCall *call, GError **error)
{
  g_autoptr (GArray) scale = g_array_new (FALSE, FALSE, sizeof (double)),
                     offset = g_array_new (FALSE, FALSE, sizeof (double));
  JsonNode *node = cnn_json_member (call->config, "offset");
  double zero = 0;
  if (!read_numbers (cnn_json_member (call->config, "scale"), scale) ||
      (node != NULL && !read_numbers (node, offset)))
    return cnn_keras_fail (call, error, _ ("its scales and offsets should be numbers"));
  if (node == NULL)
    g_array_append_val (offset, zero);
  return affine_along (call, -1, scale, offset, error);
}

static gboolean
weight_numbers (CnnKerasCall *call, const char *param, GArray *numbers, GError **error)
{
  g_autoptr (CnnTensor) tensor = cnn_keras_weight (call, param, NULL, NULL, FALSE, error);
  if (tensor == NULL)
    return FALSE;
  g_autofree float *data = cnn_tensor_dup_data (tensor);
  for (gsize i = 0; i < cnn_shape_size (&tensor->shape); i++) {
    double number = data[i];
    g_array_append_val (numbers, number);
  }
  return TRUE;
}

/* (x - mean) / max (sqrt (variance), 1e-7), or the other way round. */
gboolean
cnn_keras_normalization (CnnKerasCall *call, GError **error)
{
  g_autoptr (GArray) scale = g_array_new (FALSE, FALSE, sizeof (double)),
                     shift = g_array_new (FALSE, FALSE, sizeof (double));
  JsonNode *mean = cnn_json_member (call->config, "mean"),
           *variance = cnn_json_member (call->config, "variance");
  gboolean invert = cnn_keras_config_boolean (call, "invert", FALSE);
  JsonArray *axes = cnn_json_array (call->config, "axis");
  gboolean all = axes != NULL && json_array_get_length (axes) == 0; /* one mean of everything */
  gint64 axis = -1;
  if (!all && !single_axis (call, &axis))
    return cnn_keras_unsupported (call, "Normalization over several axes", error);
  if (mean != NULL && variance != NULL) {
    if (!read_numbers (mean, shift) || !read_numbers (variance, scale))
      return cnn_keras_fail (call, error, _ ("its mean and variance should be numbers"));
  } else if (!weight_numbers (call, "mean", shift, error) ||
             !weight_numbers (call, "variance", scale, error)) {
    return FALSE;
  }
  if (scale->len != shift->len)
    return cnn_keras_fail (call, error, _ ("its scales and offsets do not go together"));
  for (guint i = 0; i < scale->len; i++) {
    double *a = &g_array_index (scale, double, i), *b = &g_array_index (shift, double, i);
    double deviation = fmax (sqrt (*a), 1e-7);
    *a = invert ? deviation : 1 / deviation;
    *b = invert ? *b : -*b / deviation;
  }
  return affine_along (call, axis, scale, shift, error);
}

/* One factor a channel: ConvNeXt's branches start with nearly none. */
gboolean
cnn_keras_layer_scale (CnnKerasCall *call, GError **error)
{
  guint x = call->inputs[0], axis, rank = cnn_keras_rank (call, x);
  if (!cnn_keras_axis (call, x, -1, &axis, error))
    return FALSE;
  CnnShape expected = { 1, { rank > 0 ? cnn_keras_value (call, x)->shape.dims[axis] : -1 } };
  g_autoptr (CnnTensor) gamma = cnn_keras_weight (call, "gamma", &expected, NULL, TRUE, error);
  if (gamma == NULL)
    return FALSE;
  gsize n = cnn_shape_size (&gamma->shape);
  return add_affine (call, x, axis, n, cnn_tensor_dup_data (gamma), g_new0 (float, MAX (n, 1)), error);
}

gboolean
cnn_keras_normalize_axes (CnnKerasCall *call, guint *value, const guint *axes, guint n, GError **error)
{
  CnnOpAttrs length = { .reduce = { .kind = CNN_REDUCE_L2, .n_axes = n, .keep_dims = TRUE } };
  CnnOpAttrs least = { .activation = { CNN_ACT_CLIP, 1e-6f, 1e30f, 0 } };
  guint norm;
  memcpy (length.reduce.axes, axes, n * sizeof *axes);
  return cnn_keras_op1 (call, CNN_OP_REDUCE, &length, *value, &norm, error) &&
         cnn_keras_op1 (call, CNN_OP_ACTIVATION, &least, norm, &norm, error) &&
         cnn_keras_binary (call, CNN_BINARY_DIV, *value, norm, value, error);
}

/* x / sqrt (mean (x²) + epsilon) over one axis, times a scale along it (Zhang and Sennrich 2019). */
gboolean
cnn_keras_rms_normalization (CnnKerasCall *call, GError **error)
{
  double epsilon = cnn_keras_config_number (call, "epsilon", 1e-6);
  guint x = call->inputs[0], axis, size;
  CnnOpAttrs square = { .activation = { CNN_ACT_POWER, 2, 0, 0 } },
             mean = { .reduce = { .kind = CNN_REDUCE_MEAN, .n_axes = 1, .keep_dims = TRUE } },
             shift = { .activation = { CNN_ACT_LINEAR, 1, (float)epsilon, 0 } },
             inverse = { .activation = { CNN_ACT_POWER, -0.5f, 0, 0 } };
  gint64 which;
  if (cnn_keras_rank (call, x) == 0 || !single_axis (call, &which))
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_axis (call, x, which, &axis, error))
    return FALSE;
  mean.reduce.axes[0] = axis;
  CnnShape expected = { 1, { cnn_keras_value (call, x)->shape.dims[axis] } };
  g_autoptr (CnnTensor) scale = cnn_keras_weight (call, "scale", &expected, NULL, TRUE, error);
  if (scale == NULL || !cnn_keras_op1 (call, CNN_OP_ACTIVATION, &square, x, &size, error) ||
      !cnn_keras_op1 (call, CNN_OP_REDUCE, &mean, size, &size, error) ||
      !cnn_keras_op1 (call, CNN_OP_ACTIVATION, &shift, size, &size, error) ||
      !cnn_keras_op1 (call, CNN_OP_ACTIVATION, &inverse, size, &size, error) ||
      !cnn_keras_binary (call, CNN_BINARY_MUL, x, size, &x, error))
    return FALSE;
  gsize n = cnn_shape_size (&scale->shape);
  return add_affine (call, x, axis, n, cnn_tensor_dup_data (scale), g_new0 (float, MAX (n, 1)), error);
}

gboolean
cnn_keras_unit_normalization (CnnKerasCall *call, GError **error)
{
  JsonNode *node = cnn_json_member (call->config, "axis");
  JsonArray *array = cnn_json_node_array (node);
  guint axes[CNN_MAX_RANK], n = array != NULL ? json_array_get_length (array) : 1;
  call->output = call->pre_activation = call->inputs[0];
  if (n == 0 || n > CNN_MAX_RANK)
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < n; i++) {
    gint64 which = -1;
    if ((node != NULL &&
         !cnn_json_node_integer (array != NULL ? json_array_get_element (array, i) : node, &which)) ||
        !cnn_keras_axis (call, call->output, which, &axes[i], error))
      return *error == NULL ? cnn_keras_unsupported (call, call->class_name, error) : FALSE;
  }
  gboolean done = cnn_keras_normalize_axes (call, &call->output, axes, n, error);
  call->pre_activation = call->output;
  return done;
}
