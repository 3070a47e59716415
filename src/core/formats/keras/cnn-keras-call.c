/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define MAX_SIZE (G_GINT64_CONSTANT (1) << 20)

gboolean
cnn_keras_fail (CnnKerasCall *call, GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” (%s): %s."), call->scope.path,
               call->class_name, what);
  return FALSE;
}

/* Keras 1 had other names. */
JsonNode *
cnn_keras_config (CnnKerasCall *call, const char *member)
{
  static const struct {
    const char *now, *then;
  } names[] = { { "filters", "nb_filter" },
                { "strides", "subsample" },
                { "padding", "border_mode" },
                { "units", "output_dim" },
                { "use_bias", "bias" },
                { "dilation_rate", "atrous_rate" },
                { "rate", "p" },
                { "data_format", "dim_ordering" } };
  JsonNode *node = cnn_json_member (call->config, member);
  for (guint i = 0; node == NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (member, names[i].now))
      node = cnn_json_member (call->config, names[i].then);
  return node;
}

gint64
cnn_keras_config_integer (CnnKerasCall *call, const char *member, gint64 fallback)
{
  gint64 value;
  return cnn_json_node_integer (cnn_keras_config (call, member), &value) ? value : fallback;
}

double
cnn_keras_config_number (CnnKerasCall *call, const char *member, double fallback)
{
  double value;
  return cnn_json_node_number (cnn_keras_config (call, member), &value) ? value : fallback;
}

gboolean
cnn_keras_config_boolean (CnnKerasCall *call, const char *member, gboolean fallback)
{
  return cnn_keras_config_number (call, member, fallback) != 0;
}

const char *
cnn_keras_config_string (CnnKerasCall *call, const char *member, const char *fallback)
{
  const char *text = cnn_json_node_string (cnn_keras_config (call, member));
  return text != NULL ? text : fallback;
}

gboolean
cnn_keras_channels_first (CnnKerasCall *call)
{
  const char *format = cnn_keras_config_string (call, "data_format", NULL);
  if (format == NULL)
    return call->reader->channels_first;
  return g_str_equal (format, "channels_first") || g_str_equal (format, "th");
}

gboolean
cnn_keras_sizes (CnnKerasCall *call, const char *member, guint n, gint64 least, gint64 fallback, gint64 *out,
                 GError **error)
{
  JsonNode *node = cnn_keras_config (call, member);
  JsonArray *array = cnn_json_node_array (node);
  for (guint i = 0; i < n; i++) {
    JsonNode *element = array == NULL                       ? node
                        : i < json_array_get_length (array) ? json_array_get_element (array, i)
                                                            : NULL;
    out[i] = fallback;
    if (node == NULL && fallback != 0)
      continue;
    if (!cnn_json_node_integer (element, &out[i]))
      return cnn_keras_fail (call, error, _ ("its “%s” should be %u whole numbers"), member, n);
    if (out[i] < least || out[i] > MAX_SIZE)
      return cnn_keras_fail (call, error, _ ("its “%s” of %" PRId64 " is impossible"), member, out[i]);
  }
  return TRUE;
}

const CnnValue *
cnn_keras_value (CnnKerasCall *call, guint value)
{
  return cnn_model_builder_get_value (call->reader->builder, value);
}

guint
cnn_keras_rank (CnnKerasCall *call, guint value)
{
  const CnnValue *v = cnn_keras_value (call, value);
  return v->known || v->constant != NULL ? v->shape.rank : 0;
}

gint64
cnn_keras_channels (CnnKerasCall *call, guint value)
{
  return cnn_keras_rank (call, value) > 1 ? cnn_keras_value (call, value)->shape.dims[1] : -1;
}

static gboolean
is_channels_last (CnnKerasCall *call, guint value)
{
  return cnn_keras_value (call, value)->layout == CNN_LAYOUT_CHANNELS_LAST &&
         cnn_keras_rank (call, value) >= 3;
}

gboolean
cnn_keras_axis (CnnKerasCall *call, guint value, gint64 axis, guint *held, GError **error)
{
  guint rank = cnn_keras_rank (call, value);
  if (rank == 0) { /* behind something unknown: what is asked for cannot matter */
    *held = 1;
    return TRUE;
  }
  if (axis < -(gint64)rank || axis >= (gint64)rank)
    return cnn_keras_fail (call, error, _ ("its axis %" PRId64 " does not exist in an input of %u axes"),
                           axis, rank);
  guint a = (guint)(axis < 0 ? axis + rank : axis);
  *held = !is_channels_last (call, value) || a == 0 ? a : a == rank - 1 ? 1 : a + 1;
  return TRUE;
}

gboolean
cnn_keras_op (CnnKerasCall *call, CnnOpKind kind, const CnnOpAttrs *attrs, const guint *inputs, guint n,
              CnnLayout layout, guint *out, GError **error)
{
  static const CnnOpAttrs none = { 0 };
  *out = cnn_model_builder_add_op (call->reader->builder, kind, call->scope.path,
                                   attrs != NULL ? attrs : &none, inputs, n, layout, error);
  return *out != CNN_NO_VALUE;
}

gboolean
cnn_keras_op1 (CnnKerasCall *call, CnnOpKind kind, const CnnOpAttrs *attrs, guint input, guint *out,
               GError **error)
{
  return cnn_keras_op (call, kind, attrs, &input, 1, cnn_keras_value (call, input)->layout, out, error);
}

gboolean
cnn_keras_binary (CnnKerasCall *call, CnnBinaryKind kind, guint a, guint b, guint *out, GError **error)
{
  CnnOpAttrs attrs = { .binary = { kind } };
  guint inputs[] = { a, b };
  guint main = cnn_keras_value (call, a)->constant != NULL ? b : a;
  return cnn_keras_op (call, CNN_OP_BINARY, &attrs, inputs, 2, cnn_keras_value (call, main)->layout, out,
                       error);
}

gboolean
cnn_keras_transpose (CnnKerasCall *call, guint input, const guint *axes, CnnLayout layout, guint *out,
                     GError **error)
{
  CnnOpAttrs attrs = { 0 };
  memcpy (attrs.transpose.axes, axes, cnn_keras_rank (call, input) * sizeof (guint));
  return cnn_keras_op (call, CNN_OP_TRANSPOSE, &attrs, &input, 1, layout, out, error);
}

gboolean
cnn_keras_reshape (CnnKerasCall *call, guint input, const CnnShape *shape, CnnLayout layout, guint *out,
                   GError **error)
{
  CnnOpAttrs attrs = { .reshape = { *shape } };
  return cnn_keras_op (call, CNN_OP_RESHAPE, &attrs, &input, 1, layout, out, error);
}

gboolean
cnn_keras_result (CnnKerasCall *call, gboolean done, guint value)
{
  call->output = call->pre_activation = value;
  return done;
}

gboolean
cnn_keras_unsupported (CnnKerasCall *call, const char *type, GError **error)
{
  CnnOpAttrs attrs = { .unsupported = { (char *)type } };
  CnnLayout layout = call->n_inputs > 0 ? cnn_keras_value (call, call->inputs[0])->layout : CNN_LAYOUT_PLAIN;
  if (!cnn_keras_op (call, CNN_OP_UNSUPPORTED, &attrs, call->inputs, call->n_inputs, layout, &call->output,
                     error))
    return FALSE;
  call->pre_activation = call->output;
  return TRUE;
}

guint
cnn_keras_constant (CnnKerasCall *call, CnnTensor *tensor)
{
  return cnn_model_builder_add_constant (call->reader->builder, NULL, tensor);
}

/* Moves the channels between axis 1 and the end. Where there is one position only, the memory need not move.
 */
static gboolean
move_channels (CnnKerasCall *call, guint *value, gboolean to_end, GError **error)
{
  const CnnShape *shape = &cnn_keras_value (call, *value)->shape;
  guint rank = shape->rank, axes[CNN_MAX_RANK] = { 0 };
  CnnLayout layout = to_end ? CNN_LAYOUT_PLAIN : CNN_LAYOUT_CHANNELS_LAST;
  CnnShape moved = { .rank = rank };
  gsize positions = 1;
  for (guint i = 1; i < rank; i++) {
    axes[i] = to_end ? (i == rank - 1 ? 1 : i + 1) : (i == 1 ? rank - 1 : i - 1);
    moved.dims[i] = shape->dims[axes[i]];
    if (axes[i] != (to_end ? 1 : rank - 1))
      positions *= (gsize)moved.dims[i];
  }
  if (positions == 1 && !call->reader->free_size)
    return cnn_keras_reshape (call, *value, &moved, layout, value, error);
  return cnn_keras_transpose (call, *value, axes, layout, value, error);
}

gboolean
cnn_keras_plain (CnnKerasCall *call, guint *value, GError **error)
{
  return !is_channels_last (call, *value) || move_channels (call, value, TRUE, error);
}

gboolean
cnn_keras_channels_last (CnnKerasCall *call, guint *value, GError **error)
{
  return is_channels_last (call, *value) || cnn_keras_rank (call, *value) < 3 ||
         move_channels (call, value, FALSE, error);
}

gboolean
cnn_keras_format (CnnKerasCall *call, guint *value, GError **error)
{
  return cnn_keras_channels_first (call) ? cnn_keras_plain (call, value, error)
                                         : cnn_keras_channels_last (call, value, error);
}

gboolean
cnn_keras_take_input (CnnKerasCall *call, guint n_axes, guint *value, GError **error)
{
  *value = call->inputs[0];
  guint rank = cnn_keras_rank (call, *value);
  if (rank != 0 && rank != n_axes + 2)
    return cnn_keras_fail (call, error, _ ("its input has %u axes, but %u were expected"), rank, n_axes + 2);
  return cnn_keras_format (call, value, error);
}

gboolean
cnn_keras_present (CnnKerasCall *call, guint *value, GError **error)
{
  return call->reader->channels_first || cnn_keras_rank (call, *value) != 4 ||
         cnn_keras_channels_last (call, value, error);
}

/* The weight in the file's order, from the cache where another call of the layer read it. */
static CnnTensor *
load_weight (CnnKerasCall *call, const char *param, guint index, const CnnShape *expected, GError **error)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", call->scope.path, param);
  CnnTensor *tensor = g_hash_table_lookup (call->reader->tensors, key);
  if (tensor != NULL)
    return cnn_tensor_ref (tensor);
  tensor = call->reader->store->load (call->reader->store, &call->scope, param, index, expected, error);
  if (tensor != NULL)
    g_hash_table_insert (call->reader->tensors, g_steal_pointer (&key), cnn_tensor_ref (tensor));
  return tensor;
}

/* A kernel of (out, in, rows, columns): each window lies in one piece. */
static CnnTensor *
rotate_windows (CnnTensor *kernel)
{
  gsize window = (gsize)kernel->shape.dims[2] * (gsize)kernel->shape.dims[3],
        n = cnn_shape_size (&kernel->shape);
  g_autofree float *from = cnn_tensor_dup_data (kernel);
  float *to = g_new (float, MAX (n, 1));
  for (gsize i = 0; i < n; i++)
    to[i] = from[i - i % window + window - 1 - i % window];
  return cnn_tensor_new_take (&kernel->shape, to);
}

/* A kernel of rows, columns, in, out. */
static CnnTensor *
rotate_kernel (CnnTensor *kernel)
{
  guint rank = kernel->shape.rank;
  gsize positions = (gsize)kernel->shape.dims[0] * (gsize)(rank > 3 ? kernel->shape.dims[1] : 1);
  gsize block = cnn_shape_size (&kernel->shape) / MAX (positions, 1);
  g_autofree float *from = cnn_tensor_dup_data (kernel);
  float *to = g_new (float, MAX (positions * block, 1));
  for (gsize i = 0; i < positions; i++)
    memcpy (to + i * block, from + (positions - 1 - i) * block, block * sizeof (float));
  return cnn_tensor_new_take (&kernel->shape, to);
}

static CnnTensor *
add_weight (CnnKerasCall *call, const char *param, CnnTensor *tensor, const guint *axes, gboolean trainable)
{
  CnnTensor *held = axes != NULL ? cnn_tensor_permute (tensor, axes) : cnn_tensor_ref (tensor);
  if (call->first)
    cnn_model_builder_add_weight (call->reader->builder, param, held, trainable && call->trainable);
  return held;
}

CnnTensor *
cnn_keras_weight (CnnKerasCall *call, const char *param, const CnnShape *expected, const guint *axes,
                  gboolean trainable, GError **error)
{
  g_autoptr (CnnTensor) tensor = load_weight (call, param, call->n_weights++, expected, error);
  call->reader->front.closed |= trainable;
  return tensor != NULL ? add_weight (call, param, tensor, axes, trainable) : NULL;
}

CnnTensor *
cnn_keras_kernel (CnnKerasCall *call, const char *param, const CnnShape *expected, const guint *axes,
                  GError **error)
{
  g_autoptr (CnnTensor) tensor = load_weight (call, param, call->n_weights++, expected, error);
  if (tensor == NULL)
    return NULL;
  call->reader->front.closed = TRUE;
  if (call->reader->theano) {
    CnnTensor *rotated = axes != NULL ? rotate_kernel (tensor) : rotate_windows (tensor);
    cnn_tensor_unref (tensor);
    tensor = rotated;
  }
  return add_weight (call, param, tensor, axes, TRUE);
}

guint
cnn_keras_vector (CnnKerasCall *call, const char *param, gint64 n, GError **error)
{
  CnnShape shape = { 1, { n } };
  g_autoptr (CnnTensor) tensor = cnn_keras_weight (call, param, &shape, NULL, TRUE, error);
  return tensor != NULL ? cnn_keras_constant (call, tensor) : CNN_NO_VALUE;
}
