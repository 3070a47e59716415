/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"
#include "cnn-keras-ops.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/*
 * Functions that stand in a model as layers: tf.keras' TFOpLambda ("math.add") and TensorFlowOpLayer
 * ("AddV2"), and Keras 3's operations ("Add"). Names are brought to lower case without the module and looked
 * up in one table.
 */

typedef gboolean (*FunctionBuild) (CnnKerasCall *call, int variant, GError **error);

JsonNode *
cnn_keras_argument (CnnKerasCall *call, guint position, const char *keyword)
{
  guint n = 0;
  for (guint i = 0; i < call->args->len; i++) {
    const CnnKerasArg *arg = &g_array_index (call->args, CnnKerasArg, i);
    if (arg->keyword != NULL ? g_str_equal (arg->keyword, keyword) : n++ == position)
      return arg->value == CNN_NO_VALUE ? arg->constant : NULL;
  }
  return cnn_json_member (call->config, keyword);
}

static gboolean
done (CnnKerasCall *call, gboolean success, const guint *value)
{
  call->output = call->pre_activation = *value;
  return success;
}

/* The numbers of a constant and its shape, row by row. */
static gboolean
read_constant (JsonNode *node, guint depth, CnnShape *shape, GArray *numbers)
{
  JsonArray *array = cnn_json_node_array (node);
  double number;
  if (array == NULL) {
    if (depth != shape->rank || !cnn_json_node_number (node, &number))
      return FALSE;
    float f = (float)number;
    g_array_append_val (numbers, f);
    return TRUE;
  }
  guint n = json_array_get_length (array);
  if (depth >= shape->rank || shape->dims[depth] != (gint64)n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!read_constant (json_array_get_element (array, i), depth + 1, shape, numbers))
      return FALSE;
  return TRUE;
}

/* The shape of a constant by its first elements, and its numbers; FALSE where it is no such thing. */
static gboolean
parse_constant (JsonNode *node, CnnShape *shape, GArray *numbers)
{
  JsonNode *inner = node;
  *shape = (CnnShape){ 0 };
  for (JsonArray *array; (array = cnn_json_node_array (inner)) != NULL && shape->rank < CNN_MAX_RANK;) {
    shape->dims[shape->rank++] = json_array_get_length (array);
    if (json_array_get_length (array) == 0)
      return FALSE;
    inner = json_array_get_element (array, 0);
  }
  return read_constant (node, 0, shape, numbers);
}

/* A constant of two axes as it stands. */
static CnnTensor *
constant_matrix (JsonNode *node)
{
  CnnShape shape;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (float));
  if (!parse_constant (node, &shape, numbers) || shape.rank != 2)
    return NULL;
  return cnn_tensor_new_copy (&shape, (float *)numbers->data);
}

/* A constant that goes together with @like by numpy's rules, in the order in which that is held. */
static CnnTensor *
constant_beside (CnnKerasCall *call, JsonNode *node, guint like)
{
  CnnShape shape, raised = { cnn_keras_rank (call, like), { 0 } };
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (float));
  guint axes[CNN_MAX_RANK];
  if (!parse_constant (node, &shape, numbers))
    return NULL;
  if (raised.rank < shape.rank)
    raised.rank = shape.rank;
  for (guint i = 0; i < raised.rank; i++) {
    raised.dims[i] = i + shape.rank < raised.rank ? 1 : shape.dims[i + shape.rank - raised.rank];
    axes[i] = i == 0 ? 0 : i == 1 ? raised.rank - 1 : i - 1;
  }
  if (shape.rank == 0)
    raised.rank = 0;
  g_autoptr (CnnTensor) tensor = cnn_tensor_new_copy (&raised, (float *)numbers->data);
  if (raised.rank >= 3 && cnn_keras_value (call, like)->layout == CNN_LAYOUT_CHANNELS_LAST)
    return cnn_tensor_permute (tensor, axes);
  return g_steal_pointer (&tensor);
}

/* The two operands, in order: values or numbers, positional or named. */
static guint
operands (CnnKerasCall *call, const CnnKerasArg *found[2])
{
  guint n = 0;
  for (guint i = 0; i < call->args->len && n < 2; i++) {
    const CnnKerasArg *arg = &g_array_index (call->args, CnnKerasArg, i);
    double number;
    if (arg->value != CNN_NO_VALUE || cnn_json_node_array (arg->constant) != NULL ||
        cnn_json_node_number (arg->constant, &number))
      found[n++] = arg;
  }
  return n;
}

/* Adding or multiplying by one number is a linear function, which the engine folds away. */
static gboolean
binary_scalar (CnnKerasCall *call, CnnBinaryKind kind, guint x, double number, gboolean number_first,
               GError **error)
{
  CnnActivationAttrs act = { CNN_ACT_LINEAR, 1, 0, 0 };
  guint out;
  switch (kind) {
  case CNN_BINARY_ADD:
    act.b = (float)number;
    break;
  case CNN_BINARY_SUB:
    act.a = number_first ? -1 : 1;
    act.b = (float)(number_first ? number : -number);
    break;
  case CNN_BINARY_MUL:
    act.a = (float)number;
    break;
  case CNN_BINARY_DIV:
    if (number_first)
      return FALSE;
    act.a = (float)(1 / number);
    break;
  case CNN_BINARY_POW:
    if (number_first)
      return FALSE;
    act = (CnnActivationAttrs){ CNN_ACT_POWER, (float)number, 0, 0 };
    break;
  case CNN_BINARY_MAX:
    act = number == 0 ? cnn_activation_relu ()
                      : (CnnActivationAttrs){ CNN_ACT_CLIP, (float)number, INFINITY, 0 };
    break;
  case CNN_BINARY_MIN:
    act = (CnnActivationAttrs){ CNN_ACT_CLIP, -INFINITY, (float)number, 0 };
    break;
  default:
    return FALSE;
  }
  CnnOpAttrs attrs = { .activation = act };
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, x, &out, error), &out);
}

/* The first number of a constant, however deep it lies. */
static double
first_number (JsonNode *node)
{
  double number = 0;
  for (JsonArray *array; (array = cnn_json_node_array (node)) != NULL && json_array_get_length (array) > 0;)
    node = json_array_get_element (array, 0);
  cnn_json_node_number (node, &number);
  return number;
}

/* preprocess_input() as part of a model. */
static void
note_front (CnnKerasCall *call, CnnBinaryKind kind, double number, gboolean number_first)
{
  if (kind == CNN_BINARY_ADD)
    cnn_keras_note_front (call, 1, number);
  else if (kind == CNN_BINARY_SUB)
    cnn_keras_note_front (call, number_first ? -1 : 1, number_first ? number : -number);
  else if (kind == CNN_BINARY_MUL)
    cnn_keras_note_front (call, number, 0);
  else if (kind == CNN_BINARY_DIV && !number_first && number != 0)
    cnn_keras_note_front (call, 1 / number, 0);
}

static gboolean
build_binary (CnnKerasCall *call, int variant, GError **error)
{
  const CnnKerasArg *found[2];
  guint values[2], out;
  double number;
  if (operands (call, found) < 2)
    return cnn_keras_unsupported (call, call->class_name, error);
  guint x = found[0]->value != CNN_NO_VALUE ? 0 : 1;
  if (found[1 - x]->value == CNN_NO_VALUE) {
    JsonNode *constant = found[1 - x]->constant;
    g_autoptr (GError) cause = NULL;
    note_front (call, variant, first_number (constant), x == 1);
    if (cnn_json_node_number (constant, &number)) {
      if (binary_scalar (call, variant, found[x]->value, number, x == 1, &cause))
        return TRUE;
      if (cause != NULL) {
        g_propagate_error (error, g_steal_pointer (&cause));
        return FALSE;
      }
    }
    g_autoptr (CnnTensor) tensor = constant_beside (call, constant, found[x]->value);
    if (tensor == NULL)
      return cnn_keras_unsupported (call, call->class_name, error);
    values[x] = found[x]->value;
    values[1 - x] = cnn_keras_constant (call, tensor);
  } else {
    values[0] = found[0]->value;
    values[1] = found[1]->value;
    if (!cnn_keras_unify (call, values, 2, error))
      return FALSE;
  }
  return done (call, cnn_keras_binary (call, variant, values[0], values[1], &out, error), &out);
}

static gboolean
build_identity (CnnKerasCall *call, int variant, GError **error)
{
  return cnn_keras_identity (call, error);
}

/* An argument that is one number. */
static gboolean
number_argument (CnnKerasCall *call, guint position, const char *keyword, double *number)
{
  return cnn_json_node_number (cnn_keras_argument (call, position, keyword), number);
}

static gboolean
build_clip (CnnKerasCall *call, int variant, GError **error)
{
  double low, high;
  guint out;
  if ((!number_argument (call, 1, "clip_value_min", &low) && !number_argument (call, 1, "x_min", &low)) ||
      (!number_argument (call, 2, "clip_value_max", &high) && !number_argument (call, 2, "x_max", &high)))
    return cnn_keras_unsupported (call, call->class_name, error);
  CnnActivationAttrs relu = { CNN_ACT_RELU, (float)high, 0, 0 },
                     clip = { CNN_ACT_CLIP, (float)low, (float)high, 0 };
  CnnOpAttrs attrs = { .activation = low == 0 ? relu : clip };
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

static gboolean
build_concat (CnnKerasCall *call, int variant, GError **error)
{
  double axis = -1;
  g_autofree guint *values = g_memdup2 (call->inputs, call->n_inputs * sizeof (guint));
  CnnOpAttrs attrs = { 0 };
  guint out;
  if (!number_argument (call, call->n_inputs, "axis", &axis))
    axis = -1;
  if (!cnn_keras_unify (call, values, call->n_inputs, error) ||
      !cnn_keras_axis (call, values[0], (gint64)axis, &attrs.concat.axis, error))
    return FALSE;
  CnnLayout layout = cnn_keras_value (call, values[0])->layout;
  return done (call, cnn_keras_op (call, CNN_OP_CONCAT, &attrs, values, call->n_inputs, layout, &out, error),
               &out);
}

static gboolean
build_softmax (CnnKerasCall *call, int variant, GError **error)
{
  double axis = -1;
  CnnOpAttrs attrs = { .softmax = { 0, variant } };
  guint out;
  if (!number_argument (call, 1, "axis", &axis))
    axis = -1;
  return cnn_keras_axis (call, call->inputs[0], (gint64)axis, &attrs.softmax.axis, error) &&
         done (call, cnn_keras_op1 (call, CNN_OP_SOFTMAX, &attrs, call->inputs[0], &out, error), &out);
}

static gboolean
build_leaky_relu (CnnKerasCall *call, int variant, GError **error)
{
  double slope = 0.2;
  CnnOpAttrs attrs = { .activation = cnn_activation_relu () };
  guint out;
  if (!number_argument (call, 1, "alpha", &slope) && !number_argument (call, 1, "negative_slope", &slope))
    slope = 0.2;
  attrs.activation.b = (float)slope;
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

static gboolean
build_gelu (CnnKerasCall *call, int variant, GError **error)
{
  double approximate = call->reader->keras_major >= 3;
  CnnOpAttrs attrs = { 0 };
  guint out;
  number_argument (call, 1, "approximate", &approximate);
  attrs.activation.kind = approximate != 0 ? CNN_ACT_GELU_TANH : CNN_ACT_GELU_ERF;
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

/* numpy's product of matrices. @variant: whether only a constant one may stand on the right, with which dot
 * is the same. */
static gboolean
build_matmul (CnnKerasCall *call, int variant, GError **error)
{
  const CnnKerasArg *found[2];
  guint values[2], out;
  if (operands (call, found) < 2)
    return cnn_keras_unsupported (call, call->class_name, error);
  guint x = found[0]->value != CNN_NO_VALUE ? 0 : 1;
  for (guint i = 0; i < 2; i++) {
    values[i] = found[i]->value;
    if (values[i] == CNN_NO_VALUE)
      continue;
    if (cnn_keras_rank (call, values[i]) < 2)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (!cnn_keras_plain (call, &values[i], error))
      return FALSE;
  }
  if (values[1 - x] == CNN_NO_VALUE) {
    g_autoptr (CnnTensor) tensor = constant_matrix (found[1 - x]->constant);
    if (tensor == NULL || x == 1)
      return cnn_keras_unsupported (call, call->class_name, error);
    values[1 - x] = cnn_keras_constant (call, tensor);
  } else if (variant || cnn_keras_rank (call, values[0]) != cnn_keras_rank (call, values[1]) ||
             cnn_keras_rank (call, values[0]) < 3) {
    return cnn_keras_unsupported (call, call->class_name, error);
  }
  return done (call,
               cnn_keras_op (call, CNN_OP_MATMUL, NULL, values, 2, CNN_LAYOUT_PLAIN, &out, error) &&
                   cnn_keras_present (call, &out, error),
               &out);
}

/* max (x, 0) + min (0, alpha·(e^(x / alpha) - 1)) = alpha·elu (x / alpha) */
static gboolean
build_celu (CnnKerasCall *call, int variant, GError **error)
{
  double alpha = 1;
  guint out = call->inputs[0];
  number_argument (call, 1, "alpha", &alpha);
  if (!(alpha > 0))
    return cnn_keras_unsupported (call, call->class_name, error);
  CnnOpAttrs narrow = { .activation = { CNN_ACT_LINEAR, (float)(1 / alpha), 0, 0 } },
             bend = { .activation = { CNN_ACT_ELU, 1, 1, 0 } },
             widen = { .activation = { CNN_ACT_LINEAR, (float)alpha, 0, 0 } };
  return done (call,
               cnn_keras_op1 (call, CNN_OP_ACTIVATION, &narrow, out, &out, error) &&
                   cnn_keras_op1 (call, CNN_OP_ACTIVATION, &bend, out, &out, error) &&
                   cnn_keras_op1 (call, CNN_OP_ACTIVATION, &widen, out, &out, error),
               &out);
}

/* x above a threshold, else 0. */
static gboolean
build_threshold (CnnKerasCall *call, int variant, GError **error)
{
  double threshold = 0, below = 0;
  CnnOpAttrs attrs = { .activation = cnn_activation_relu () };
  guint out;
  if (!number_argument (call, 1, "threshold", &threshold))
    number_argument (call, 1, "threshold_value", &threshold);
  if (!number_argument (call, 2, "default_value", &below))
    number_argument (call, 2, "value", &below);
  if (below != 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  attrs.activation.c = (float)threshold;
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

/* The same number everywhere, in the shape of the input. */
static gboolean
build_filled (CnnKerasCall *call, int variant, GError **error)
{
  CnnOpAttrs attrs = { .activation = { CNN_ACT_LINEAR, 0, (float)variant, 0 } };
  guint out;
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

/* Capitals and underscores do not count. */
static const struct {
  const char *name;
  FunctionBuild build;
  int variant;
} functions[] = {
  { "add", build_binary, CNN_BINARY_ADD },
  { "addv2", build_binary, CNN_BINARY_ADD },
  { "bias_add", build_binary, CNN_BINARY_ADD },
  { "subtract", build_binary, CNN_BINARY_SUB },
  { "sub", build_binary, CNN_BINARY_SUB },
  { "multiply", build_binary, CNN_BINARY_MUL },
  { "mul", build_binary, CNN_BINARY_MUL },
  { "truediv", build_binary, CNN_BINARY_DIV },
  { "true_divide", build_binary, CNN_BINARY_DIV },
  { "realdiv", build_binary, CNN_BINARY_DIV },
  { "divide", build_binary, CNN_BINARY_DIV },
  { "div", build_binary, CNN_BINARY_DIV },
  { "maximum", build_binary, CNN_BINARY_MAX },
  { "minimum", build_binary, CNN_BINARY_MIN },
  { "pow", build_binary, CNN_BINARY_POW },
  { "power", build_binary, CNN_BINARY_POW },
  { "mod", build_binary, CNN_BINARY_MOD },
  { "floormod", build_binary, CNN_BINARY_MOD },
  { "matmul", build_matmul, 0 },
  { "dot", build_matmul, TRUE },
  { "clip_by_value", build_clip, 0 },
  { "clip", build_clip, 0 },
  { "reduce_mean", cnn_keras_op_reduce, CNN_REDUCE_MEAN },
  { "mean", cnn_keras_op_reduce, CNN_REDUCE_MEAN },
  { "average", cnn_keras_op_reduce, CNN_REDUCE_MEAN },
  { "reduce_sum", cnn_keras_op_reduce, CNN_REDUCE_SUM },
  { "sum", cnn_keras_op_reduce, CNN_REDUCE_SUM },
  { "reduce_max", cnn_keras_op_reduce, CNN_REDUCE_MAX },
  { "max", cnn_keras_op_reduce, CNN_REDUCE_MAX },
  { "amax", cnn_keras_op_reduce, CNN_REDUCE_MAX },
  { "reduce_min", cnn_keras_op_reduce, CNN_REDUCE_MIN },
  { "min", cnn_keras_op_reduce, CNN_REDUCE_MIN },
  { "amin", cnn_keras_op_reduce, CNN_REDUCE_MIN },
  { "reduce_prod", cnn_keras_op_reduce, CNN_REDUCE_PROD },
  { "prod", cnn_keras_op_reduce, CNN_REDUCE_PROD },
  { "norm", cnn_keras_op_norm, 0 },
  { "var", cnn_keras_op_spread, CNN_KERAS_VARIANCE },
  { "reduce_variance", cnn_keras_op_spread, CNN_KERAS_VARIANCE },
  { "std", cnn_keras_op_spread, CNN_KERAS_DEVIATION },
  { "reduce_std", cnn_keras_op_spread, CNN_KERAS_DEVIATION },
  { "moments", cnn_keras_op_spread, CNN_KERAS_MOMENTS },
  { "cumsum", cnn_keras_op_cumsum, 0 },
  { "concat", build_concat, 0 },
  { "concatenate", build_concat, 0 },
  { "stack", cnn_keras_op_stack, 0 },
  { "pack", cnn_keras_op_stack, 0 },
  { "split", cnn_keras_op_split, FALSE },
  { "unstack", cnn_keras_op_unstack, 0 },
  { "tile", cnn_keras_op_tile, 0 },
  { "broadcast_to", cnn_keras_op_broadcast, 0 },
  { "repeat", cnn_keras_op_repeat, 0 },
  { "roll", cnn_keras_op_roll, 0 },
  { "take", cnn_keras_op_take, 0 },
  { "gather", cnn_keras_op_take, 0 },
  { "slice", cnn_keras_op_slice, 0 },
  { "reshape", cnn_keras_op_reshape, 0 },
  { "transpose", cnn_keras_op_transpose, 0 },
  { "permute_dimensions", cnn_keras_op_transpose, 0 },
  { "swapaxes", cnn_keras_op_swapaxes, 0 },
  { "moveaxis", cnn_keras_op_moveaxis, 0 },
  { "depth_to_space", cnn_keras_op_space_depth, TRUE },
  { "space_to_depth", cnn_keras_op_space_depth, FALSE },
  { "expand_dims", cnn_keras_op_expand_dims, 0 },
  { "squeeze", cnn_keras_op_squeeze, 0 },
  { "pad", cnn_keras_op_pad, 0 },
  { "padv2", cnn_keras_op_pad, 0 },
  { "mirrorpad", cnn_keras_op_pad, 0 },
  { "flip", cnn_keras_op_flip, 0 },
  { "reverse", cnn_keras_op_flip, 0 },
  { "resize", cnn_keras_op_resize, 0 },
  { "getitem", cnn_keras_op_getitem, 0 },
  { "l2_normalize", cnn_keras_op_l2_normalize, 0 },
  { "normalize", cnn_keras_op_l2_normalize, 0 },
  { "softmax", build_softmax, FALSE },
  { "softmax_v2", build_softmax, FALSE },
  { "log_softmax", build_softmax, TRUE },
  { "leaky_relu", build_leaky_relu, 0 },
  { "gelu", build_gelu, 0 },
  { "celu", build_celu, 0 },
  { "threshold", build_threshold, 0 },
  { "ones_like", build_filled, 1 },
  { "zeros_like", build_filled, 0 },
  { "identity", build_identity, 0 },
  { "stop_gradient", build_identity, 0 },
  { "cast", build_identity, 0 },
  { "convert_to_tensor", build_identity, 0 },
  { "copy", build_identity, 0 },
};

/* What else an element-wise function is told. */
static void
set_parameters (CnnKerasCall *call, const char *name, CnnActivationAttrs *act)
{
  double number;
  if (cnn_keras_same_name (name, "elu") && number_argument (call, 1, "alpha", &number))
    act->a = (float)number;
  else if ((cnn_keras_same_name (name, "silu") || cnn_keras_same_name (name, "swish")) &&
           number_argument (call, 1, "beta", &number))
    act->a = (float)number;
  else if (act->kind == CNN_ACT_SHRINK && number_argument (call, 1, "threshold", &number)) {
    act->b = act->b != 0 ? (float)number : 0;
    act->a = (float)number;
  }
}

static gboolean
build_function (CnnKerasCall *call, const char *name, GError **error)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *plain = g_ascii_strdown (dot != NULL ? dot + 1 : name, -1);
  CnnActivationAttrs act;
  guint out;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (cnn_keras_same_name (plain, functions[i].name))
      return functions[i].build (call, functions[i].variant, error);
  double b = 4;
  if (cnn_keras_same_name (plain, "squareplus") && number_argument (call, 1, "b", &b) && b != 4)
    return cnn_keras_unsupported (call, call->class_name, error);
  if (cnn_keras_is_composed (plain)) {
    out = call->inputs[0];
    return done (call, cnn_keras_add_composed (call, plain, &out, error), &out);
  }
  if (!cnn_keras_activation_by_name (call->reader, plain, &act)) {
    g_autofree char *type = g_strdup_printf ("%s %s", call->class_name, name);
    return cnn_keras_unsupported (call, g_str_equal (call->class_name, name) ? name : type, error);
  }
  set_parameters (call, plain, &act);
  CnnOpAttrs attrs = { .activation = act };
  return done (call, cnn_keras_op1 (call, CNN_OP_ACTIVATION, &attrs, call->inputs[0], &out, error), &out);
}

gboolean
cnn_keras_tf_op_lambda (CnnKerasCall *call, GError **error)
{
  const char *name = cnn_keras_config_string (call, "function", call->class_name);
  const char *dot = strrchr (name, '.');
  if (g_str_equal (dot != NULL ? dot + 1 : name,
                   "split")) /* TensorFlow's list means sizes, numpy's and Keras' places */
    return cnn_keras_op_split (call, TRUE, error);
  return build_function (call, name, error);
}

gboolean
cnn_keras_function (CnnKerasCall *call, GError **error)
{
  return build_function (call, call->class_name, error);
}

/* TensorFlow 2.0 to 2.3: the node's definition, and the constants among its inputs by their place. */
gboolean
cnn_keras_tf_op_layer (CnnKerasCall *call, GError **error)
{
  JsonNode *definition = cnn_json_member (call->config, "node_def");
  const char *text = cnn_json_node_string (definition);
  g_autoptr (JsonNode) parsed = text != NULL ? cnn_json_parse (text, strlen (text), "node_def", NULL) : NULL;
  JsonObject *node = cnn_json_node_object (parsed != NULL ? parsed : definition),
             *constants = cnn_json_object (call->config, "constants");
  const char *op = cnn_json_string (node, "op", NULL);
  g_autoptr (GArray) args = g_array_new (FALSE, FALSE, sizeof (CnnKerasArg));
  guint n = 0;
  if (op == NULL)
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < CNN_MAX_RANK && (n < call->args->len || constants != NULL); i++) {
    g_autofree char *place = g_strdup_printf ("%u", i);
    JsonNode *constant = cnn_json_member (constants, place);
    CnnKerasArg arg = { CNN_NO_VALUE, constant, NULL };
    if (constant == NULL) {
      if (n == call->args->len)
        break;
      arg = g_array_index (call->args, CnnKerasArg, n++);
    }
    g_array_append_val (args, arg);
  }
  CnnKerasCall inner = *call;
  inner.args = args;
  gboolean success = g_str_equal (op, "StridedSlice")
                         ? cnn_keras_op_strided_slice (&inner, cnn_json_object (node, "attr"), error)
                         : build_function (&inner, op, error);
  call->output = inner.output;
  call->pre_activation = inner.pre_activation;
  return success;
}
