/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"
#include "cnn-keras-ops.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Functions that change the shape, as TensorFlow's and Keras 3's models have them for layers. */

guint
cnn_keras_integers (JsonNode *node, gint64 *out, guint room)
{
  JsonArray *array = cnn_json_node_array (node);
  guint n = array != NULL ? json_array_get_length (array) : node != NULL ? 1 : 0;
  if (n > room)
    return 0;
  for (guint i = 0; i < n; i++)
    if (!cnn_json_node_integer (array != NULL ? json_array_get_element (array, i) : node, &out[i]))
      return 0;
  return n;
}

JsonNode *
cnn_keras_either (CnnKerasCall *call, guint position, const char *a, const char *b)
{
  JsonNode *node = cnn_keras_argument (call, position, a);
  return node != NULL ? node : cnn_keras_argument (call, position, b);
}

/* @value, held in the framework's order, in another shape. */
static gboolean
reshape (CnnKerasCall *call, guint value, const CnnShape *shape, GError **error)
{
  gboolean done = cnn_keras_reshape (call, value, shape, CNN_LAYOUT_PLAIN, &value, error) &&
                  cnn_keras_present (call, &value, error);
  return cnn_keras_result (call, done, value);
}

gboolean
cnn_keras_op_reshape (CnnKerasCall *call, int variant, GError **error)
{
  gint64 sizes[CNN_MAX_RANK];
  CnnShape shape = {
    cnn_keras_integers (cnn_keras_either (call, 1, "shape", "newshape"), sizes, G_N_ELEMENTS (sizes)), { 0 }
  };
  guint x = call->inputs[0];
  if (shape.rank < 1 || (sizes[0] != -1 && sizes[0] != 1))
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 1; i < shape.rank; i++)
    shape.dims[i] = sizes[i];
  return cnn_keras_plain (call, &x, error) && reshape (call, x, &shape, error);
}

/* @order: of the axes of the input in the framework's order */
static gboolean
reorder (CnnKerasCall *call, const guint *order, GError **error)
{
  guint x = call->inputs[0];
  gboolean done = cnn_keras_plain (call, &x, error) &&
                  cnn_keras_transpose (call, x, order, CNN_LAYOUT_PLAIN, &x, error) &&
                  cnn_keras_present (call, &x, error);
  return cnn_keras_result (call, done, x);
}

gboolean
cnn_keras_op_transpose (CnnKerasCall *call, int variant, GError **error)
{
  gint64 order[CNN_MAX_RANK];
  guint x = call->inputs[0],
        n = cnn_keras_integers (cnn_keras_either (call, 1, "perm", "axes"), order, G_N_ELEMENTS (order)),
        axes[CNN_MAX_RANK];
  if (n == 0 || n != cnn_keras_rank (call, x) || order[0] != 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < n; i++)
    axes[i] = order[i] >= 0 && order[i] < n ? (guint)order[i] : n;
  return reorder (call, axes, error);
}

/* Two axes, as arguments, of @call's input in the framework's order; neither the batch. */
static gboolean
two_axes (CnnKerasCall *call, const char *first, const char *second, guint out[2])
{
  guint rank = cnn_keras_rank (call, call->inputs[0]);
  for (guint i = 0; i < 2; i++) {
    gint64 axis;
    if (cnn_keras_integers (cnn_keras_argument (call, i + 1, i == 0 ? first : second), &axis, 1) != 1)
      return FALSE;
    axis += axis < 0 ? rank : 0;
    if (axis < 1 || axis >= rank)
      return FALSE;
    out[i] = (guint)axis;
  }
  return TRUE;
}

gboolean
cnn_keras_op_swapaxes (CnnKerasCall *call, int variant, GError **error)
{
  guint pair[2], order[CNN_MAX_RANK];
  if (!two_axes (call, "axis1", "axis2", pair))
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < CNN_MAX_RANK; i++)
    order[i] = i == pair[0] ? pair[1] : i == pair[1] ? pair[0] : i;
  return reorder (call, order, error);
}

gboolean
cnn_keras_op_moveaxis (CnnKerasCall *call, int variant, GError **error)
{
  guint pair[2], order[CNN_MAX_RANK], from = 0;
  if (!two_axes (call, "source", "destination", pair))
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < cnn_keras_rank (call, call->inputs[0]); i++) {
    from += from == pair[0];
    order[i] = i == pair[1] ? pair[0] : from++;
  }
  return reorder (call, order, error);
}

/* Blocks of pixels and channels change places: (n, h, w, b·b·c) and (n, h·b, w·b, c), as TensorFlow counts
 * them. */
gboolean
cnn_keras_op_space_depth (CnnKerasCall *call, int variant, GError **error)
{
  static const guint order[] = { 0, 1, 3, 2, 4, 5 }; /* its own inverse */
  guint x = call->inputs[0];
  gint64 b;
  const char *format = cnn_json_node_string (cnn_keras_argument (call, 2, "data_format"));
  if (cnn_keras_rank (call, x) != 4 || call->reader->free_size ||
      (format != NULL && !g_str_equal (format, "NHWC")) ||
      cnn_keras_integers (cnn_keras_argument (call, 1, "block_size"), &b, 1) != 1 || b < 1 || b > 4096)
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_plain (call, &x, error))
    return FALSE;
  const gint64 *in = cnn_keras_value (call, x)->shape.dims;
  gint64 h = in[1], w = in[2], c = in[3];
  if (variant ? c % (b * b) != 0 : h % b != 0 || w % b != 0)
    return cnn_keras_fail (call, error, _ ("its input does not divide into blocks of %" PRId64), b);
  CnnShape split = variant ? cnn_shape (6, (gint64)0, h, w, b, b, c / (b * b))
                           : cnn_shape (6, (gint64)0, h / b, b, w / b, b, c);
  CnnShape out =
      variant ? cnn_shape4 (0, h * b, w * b, c / (b * b)) : cnn_shape4 (0, h / b, w / b, c * b * b);
  return cnn_keras_reshape (call, x, &split, CNN_LAYOUT_PLAIN, &x, error) &&
         cnn_keras_transpose (call, x, order, CNN_LAYOUT_PLAIN, &x, error) && reshape (call, x, &out, error);
}

/* Holds @value in the framework's order, with an axis of one place more. */
static gboolean
insert_axis (CnnKerasCall *call, guint *value, guint axis, GError **error)
{
  if (!cnn_keras_plain (call, value, error))
    return FALSE;
  CnnShape from = cnn_keras_value (call, *value)->shape, shape = { from.rank + 1, { 0 } };
  for (guint i = 1; i < shape.rank; i++)
    shape.dims[i] = i == axis ? 1 : from.dims[i < axis ? i : i - 1];
  return cnn_keras_reshape (call, *value, &shape, CNN_LAYOUT_PLAIN, value, error);
}

gboolean
cnn_keras_op_expand_dims (CnnKerasCall *call, int variant, GError **error)
{
  gint64 axis;
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x);
  if (rank == 0 || rank + 1 > CNN_MAX_RANK ||
      cnn_keras_integers (cnn_keras_argument (call, 1, "axis"), &axis, 1) != 1)
    return cnn_keras_unsupported (call, call->class_name, error);
  axis += axis < 0 ? rank + 1 : 0;
  if (axis < 1 || axis > rank)
    return cnn_keras_unsupported (call, call->class_name, error);
  gboolean done = insert_axis (call, &x, (guint)axis, error) && cnn_keras_present (call, &x, error);
  return cnn_keras_result (call, done, x);
}

/* One behind the other along a new axis. */
gboolean
cnn_keras_op_stack (CnnKerasCall *call, int variant, GError **error)
{
  gint64 axis;
  guint rank = cnn_keras_rank (call, call->inputs[0]), n = call->n_inputs, out;
  g_autofree guint *values = g_memdup2 (call->inputs, n * sizeof (guint));
  if (cnn_keras_integers (cnn_keras_argument (call, n, "axis"), &axis, 1) != 1)
    axis = 0;
  axis += axis < 0 ? rank + 1 : 0;
  if (rank == 0 || rank + 1 > CNN_MAX_RANK || axis < 1 || axis > rank || n < call->args->len - 1)
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < n; i++) {
    if (cnn_keras_rank (call, values[i]) != rank)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (!insert_axis (call, &values[i], (guint)axis, error))
      return FALSE;
  }
  CnnOpAttrs attrs = { .concat = { (guint)axis } };
  gboolean done = cnn_keras_op (call, CNN_OP_CONCAT, &attrs, values, n, CNN_LAYOUT_PLAIN, &out, error) &&
                  cnn_keras_present (call, &out, error);
  return cnn_keras_result (call, done, done ? out : values[0]);
}

gboolean
cnn_keras_op_squeeze (CnnKerasCall *call, int variant, GError **error)
{
  gint64 axes[CNN_MAX_RANK];
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x);
  guint n = cnn_keras_integers (cnn_keras_either (call, 1, "axis", "squeeze_dims"), axes,
                                G_N_ELEMENTS (axes)),
        drop = 0;
  if (rank == 0 || n == 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_plain (call, &x, error))
    return FALSE;
  CnnShape from = cnn_keras_value (call, x)->shape, shape = { 1, { 0 } };
  for (guint i = 0; i < n; i++) {
    gint64 axis = axes[i] + (axes[i] < 0 ? rank : 0);
    if (axis < 1 || axis >= rank || from.dims[axis] != 1)
      return cnn_keras_unsupported (call, call->class_name, error);
    drop |= 1u << axis;
  }
  for (guint i = 1; i < rank; i++)
    if (!(drop & 1u << i))
      shape.dims[shape.rank++] = from.dims[i];
  return reshape (call, x, &shape, error);
}

/* Two margins an axis, in the framework's order. */
static gboolean
read_margins (CnnKerasCall *call, guint x, JsonNode *node, CnnOpAttrs *attrs)
{
  JsonArray *pairs = cnn_json_node_array (node);
  guint rank = cnn_keras_rank (call, x);
  if (pairs == NULL || json_array_get_length (pairs) != rank)
    return FALSE;
  for (guint i = 0; i < rank; i++) {
    gint64 pair[CNN_MAX_RANK];
    guint axis;
    if (cnn_keras_integers (json_array_get_element (pairs, i), pair, G_N_ELEMENTS (pair)) != 2 ||
        MIN (pair[0], pair[1]) < 0 || MAX (pair[0], pair[1]) > 1 << 20 ||
        (i == 0 && (pair[0] != 0 || pair[1] != 0)) || !cnn_keras_axis (call, x, i, &axis, NULL))
      return FALSE;
    attrs->pad.before[axis] = pair[0];
    attrs->pad.after[axis] = pair[1];
  }
  return TRUE;
}

gboolean
cnn_keras_op_pad (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  guint x = call->inputs[0], out;
  const char *mode = cnn_json_node_string (cnn_keras_argument (call, 2, "mode"));
  double value = 0;
  cnn_json_node_number (cnn_keras_argument (call, 3, "constant_values"), &value);
  attrs.pad.value = (float)value;
  if (mode == NULL || g_ascii_strcasecmp (mode, "constant") == 0)
    attrs.pad.kind = CNN_PAD_CONSTANT;
  else if (g_ascii_strcasecmp (mode, "reflect") == 0)
    attrs.pad.kind = CNN_PAD_REFLECT;
  else
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!read_margins (call, x, cnn_keras_either (call, 1, "paddings", "pad_width"), &attrs))
    return cnn_keras_unsupported (call, call->class_name, error);
  gboolean done = cnn_keras_op1 (call, CNN_OP_PAD, &attrs, x, &out, error);
  return cnn_keras_result (call, done, done ? out : x);
}

gboolean
cnn_keras_op_resize (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  gint64 size[CNN_MAX_RANK];
  guint x = call->inputs[0], out;
  JsonNode *given = cnn_keras_either (call, 2, "method", "interpolation");
  const char *method = given != NULL ? cnn_json_node_string (given) : "bilinear";
  double flag = 0, keep = 0;
  cnn_json_node_number (cnn_keras_argument (call, 4, "antialias"), &flag);
  cnn_json_node_number (cnn_keras_argument (call, 3, "preserve_aspect_ratio"), &keep);
  if (method == NULL || !cnn_keras_set_interpolation (method, &attrs) || keep != 0 ||
      cnn_keras_rank (call, x) != 4 ||
      cnn_keras_integers (cnn_keras_argument (call, 1, "size"), size, G_N_ELEMENTS (size)) != 2 ||
      MIN (size[0], size[1]) < 1 || MAX (size[0], size[1]) > 1 << 20)
    return cnn_keras_unsupported (call, call->class_name, error);
  attrs.resize.size[0] = size[0];
  attrs.resize.size[1] = size[1];
  attrs.resize.antialias = attrs.resize.exclude_outside = flag != 0;
  gboolean done =
      cnn_keras_format (call, &x, error) && cnn_keras_op1 (call, CNN_OP_RESIZE, &attrs, x, &out, error);
  return cnn_keras_result (call, done, done ? out : x);
}

gboolean
cnn_keras_op_l2_normalize (CnnKerasCall *call, int variant, GError **error)
{
  gint64 axis;
  guint x = call->inputs[0], held;
  if (cnn_keras_integers (cnn_keras_argument (call, 1, "axis"), &axis, 1) != 1)
    return cnn_keras_unsupported (call, call->class_name, error);
  gboolean done =
      cnn_keras_axis (call, x, axis, &held, error) && cnn_keras_normalize_axes (call, &x, &held, 1, error);
  return cnn_keras_result (call, done, x);
}
