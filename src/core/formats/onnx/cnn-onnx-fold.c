/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on what is known while reading: the shape computations that exporters leave behind, weights that
 * are reshaped or filled by operators. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-fold.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

CnnOnnxArray *
cnn_onnx_fold_input (CnnOnnxContext *ctx, guint i)
{
  return cnn_onnx_has_input (ctx, i) ? ctx->node->inputs[i]->array : NULL;
}

gboolean
cnn_onnx_fold_require (CnnOnnxContext *ctx, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (cnn_onnx_fold_input (ctx, i) == NULL) {
      cnn_onnx_refuse (ctx, error, _ ("lacks one of its %u inputs"), n);
      return FALSE;
    }
  return TRUE;
}

gboolean
cnn_onnx_result_init (CnnOnnxContext *ctx, CnnOnnxResult *result, const CnnShape *shape, gboolean is_float,
                      GError **error)
{
  memset (result, 0, sizeof *result);
  if (!cnn_onnx_spend (ctx, shape, error))
    return FALSE;
  result->shape = *shape;
  result->count = cnn_shape_size (shape);
  if (is_float)
    result->floats = g_new0 (float, MAX (result->count, 1));
  else
    result->ints = g_new0 (gint64, MAX (result->count, 1));
  return TRUE;
}

void
cnn_onnx_result_set (CnnOnnxResult *result, gsize i, const CnnOnnxArray *from, gsize k)
{
  if (result->floats != NULL)
    result->floats[i] = (float)cnn_onnx_array_get (from, k);
  else
    result->ints[i] = cnn_onnx_array_get_int (from, k);
}

CnnOnnxArray *
cnn_onnx_result_array (CnnOnnxResult *result)
{
  return result->floats != NULL ? cnn_onnx_array_new_floats (&result->shape, result->floats)
                                : cnn_onnx_array_new_ints (&result->shape, result->ints);
}

CnnOnnxArray *
cnn_onnx_fold_identity (CnnOnnxContext *ctx, GError **error)
{
  return cnn_onnx_fold_require (ctx, 1, error) ? cnn_onnx_array_ref (cnn_onnx_fold_input (ctx, 0)) : NULL;
}

CnnOnnxArray *
cnn_onnx_fold_constant (CnnOnnxContext *ctx, GError **error)
{
  const Onnx__AttributeProto *tensor = cnn_onnx_attr_find (ctx->node, "value");
  const Onnx__AttributeProto *f = cnn_onnx_attr_find (ctx->node, "value_float"),
                             *i = cnn_onnx_attr_find (ctx->node, "value_int");
  const Onnx__AttributeProto *fs = cnn_onnx_attr_find (ctx->node, "value_floats"),
                             *is = cnn_onnx_attr_find (ctx->node, "value_ints");
  CnnShape shape = { .rank = 0 };

  if (tensor != NULL && tensor->t != NULL)
    return cnn_onnx_file_read_tensor (ctx->graph->file, tensor->t, ctx->node->name, error);
  if (f != NULL)
    return cnn_onnx_array_new_uniform (&shape, TRUE, (double)f->f);
  if (i != NULL) {
    gint64 *one = g_new (gint64, 1);

    *one = i->i;
    return cnn_onnx_array_new_ints (&shape, one);
  }
  shape.rank = 1;
  if (fs != NULL) {
    shape.dims[0] = (gint64)fs->n_floats;
    return cnn_onnx_array_new_floats (&shape, g_memdup2 (fs->floats, fs->n_floats * sizeof (float)));
  }
  if (is != NULL) {
    shape.dims[0] = (gint64)is->n_ints;
    return cnn_onnx_array_new_ints (&shape, g_memdup2 (is->ints, is->n_ints * sizeof (gint64)));
  }
  cnn_onnx_refuse (ctx, error, _ ("has no value that can be read"));
  return NULL;
}

/* A shape given by the numbers of an array. */
static gboolean
array_shape (CnnOnnxContext *ctx, const CnnOnnxArray *array, CnnShape *shape, GError **error)
{
  gsize count;

  shape->rank = (guint)MIN (array->count, CNN_MAX_RANK + 1);
  if (array->count <= CNN_MAX_RANK)
    for (guint i = 0; i < shape->rank; i++)
      shape->dims[i] = cnn_onnx_array_get_int (array, i);
  if (array->count > CNN_MAX_RANK || !cnn_shape_count (shape, &count)) {
    cnn_onnx_refuse (ctx, error, _ ("asks for an impossible shape"));
    return FALSE;
  }
  return TRUE;
}

CnnOnnxArray *
cnn_onnx_fold_constant_of_shape (CnnOnnxContext *ctx, GError **error)
{
  const Onnx__AttributeProto *value = cnn_onnx_attr_find (ctx->node, "value");
  g_autoptr (CnnOnnxArray) fill = NULL;
  CnnShape shape;

  if (!cnn_onnx_fold_require (ctx, 1, error) ||
      !array_shape (ctx, cnn_onnx_fold_input (ctx, 0), &shape, error))
    return NULL;
  if (value == NULL || value->t == NULL)
    return cnn_onnx_array_new_uniform (&shape, TRUE, 0);
  fill = cnn_onnx_file_read_tensor (ctx->graph->file, value->t, ctx->node->name, error);
  if (fill == NULL)
    return NULL;
  if (fill->count != 1) {
    cnn_onnx_refuse (ctx, error, _ ("must have one number to fill with"));
    return NULL;
  }
  return cnn_onnx_array_new_uniform (&shape, fill->is_float, cnn_onnx_array_get (fill, 0));
}

CnnOnnxArray *
cnn_onnx_fold_shape (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnShape out = { .rank = 1 };
  gint64 first, last, *dims;

  if (in == NULL) {
    cnn_onnx_refuse (ctx, error, _ ("has no input"));
    return NULL;
  }
  first = cnn_onnx_attr_int (ctx->node, "start", 0);
  last = cnn_onnx_attr_int (ctx->node, "end", in->rank);
  first = CLAMP (first < 0 ? first + in->rank : first, 0, in->rank);
  last = CLAMP (last < 0 ? last + in->rank : last, first, in->rank);
  out.dims[0] = last - first;
  dims = g_new0 (gint64, CNN_MAX_RANK);
  for (gint64 i = first; i < last; i++)
    dims[i - first] = in->dims[i];
  return cnn_onnx_array_new_ints (&out, dims);
}

CnnOnnxArray *
cnn_onnx_fold_size (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnShape out = { .rank = 0 };
  gint64 *size;

  if (in == NULL) {
    cnn_onnx_refuse (ctx, error, _ ("has no input"));
    return NULL;
  }
  size = g_new (gint64, 1);
  *size = (gint64)cnn_shape_size (in);
  return cnn_onnx_array_new_ints (&out, size);
}

CnnOnnxArray *
cnn_onnx_fold_cast (CnnOnnxContext *ctx, GError **error)
{
  int type = (int)cnn_onnx_attr_int (ctx->node, "to", CNN_ONNX_FLOAT);
  gboolean is_float = cnn_onnx_type_is_float (type);
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnOnnxResult result;

  if (!cnn_onnx_fold_require (ctx, 1, error))
    return NULL;
  if (in->is_float == is_float && type != CNN_ONNX_BOOL)
    return cnn_onnx_array_ref (in);
  if (in->uniform)
    return cnn_onnx_array_new_uniform (&in->shape, is_float,
                                       type == CNN_ONNX_BOOL ? in->value != 0
                                       : is_float            ? in->value
                                                             : (double)cnn_onnx_array_get_int (in, 0));
  if (!cnn_onnx_result_init (ctx, &result, &in->shape, is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++)
    if (type == CNN_ONNX_BOOL)
      result.ints[i] = cnn_onnx_array_get (in, i) != 0;
    else
      cnn_onnx_result_set (&result, i, in, i);
  return cnn_onnx_result_array (&result);
}

CnnOnnxArray *
cnn_onnx_fold_range (CnnOnnxContext *ctx, GError **error)
{
  CnnShape shape = { .rank = 1 };
  double start, limit, delta, n;
  CnnOnnxResult result;

  if (!cnn_onnx_fold_require (ctx, 3, error))
    return NULL;
  for (guint i = 0; i < 3; i++)
    if (cnn_onnx_fold_input (ctx, i)->count != 1) {
      cnn_onnx_refuse (ctx, error, _ ("must be given single numbers"));
      return NULL;
    }
  start = cnn_onnx_array_get (cnn_onnx_fold_input (ctx, 0), 0);
  limit = cnn_onnx_array_get (cnn_onnx_fold_input (ctx, 1), 0);
  delta = cnn_onnx_array_get (cnn_onnx_fold_input (ctx, 2), 0);
  n = ceil ((limit - start) / delta);
  if (!(n < 1e12)) {
    cnn_onnx_refuse (ctx, error, _ ("asks for an endless range"));
    return NULL;
  }
  shape.dims[0] = (gint64)MAX (n, 0);
  if (!cnn_onnx_result_init (ctx, &result, &shape, cnn_onnx_fold_input (ctx, 0)->is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++)
    if (result.floats != NULL)
      result.floats[i] = (float)(start + (double)i * delta);
    else
      result.ints[i] = (gint64)(start + (double)i * delta);
  return cnn_onnx_result_array (&result);
}

static double
unary (int function, double x)
{
  switch (function) {
  case CNN_ONNX_SQRT:
    return sqrt (x);
  case CNN_ONNX_EXP:
    return exp (x);
  case CNN_ONNX_LOG:
    return log (x);
  case CNN_ONNX_ABS:
    return fabs (x);
  case CNN_ONNX_NEG:
    return -x;
  case CNN_ONNX_RECIPROCAL:
    return 1 / x;
  case CNN_ONNX_FLOOR:
    return floor (x);
  case CNN_ONNX_CEIL:
    return ceil (x);
  case CNN_ONNX_ROUND:
    return nearbyint (x);
  case CNN_ONNX_SIGN:
    return x > 0 ? 1 : x < 0 ? -1 : 0;
  case CNN_ONNX_NOT:
    return x == 0;
  case CNN_ONNX_RELU:
    return MAX (x, 0);
  case CNN_ONNX_SIN:
    return sin (x);
  case CNN_ONNX_COS:
    return cos (x);
  case CNN_ONNX_TAN:
    return tan (x);
  case CNN_ONNX_ASIN:
    return asin (x);
  case CNN_ONNX_ACOS:
    return acos (x);
  case CNN_ONNX_ATAN:
    return atan (x);
  case CNN_ONNX_SINH:
    return sinh (x);
  case CNN_ONNX_COSH:
    return cosh (x);
  case CNN_ONNX_ASINH:
    return asinh (x);
  case CNN_ONNX_ACOSH:
    return acosh (x);
  case CNN_ONNX_ATANH:
    return atanh (x);
  case CNN_ONNX_ERF:
    return erf (x);
  case CNN_ONNX_TANH:
    return tanh (x);
  case CNN_ONNX_SIGMOID:
    return 1 / (1 + exp (-x));
  default:
    return NAN;
  }
}

CnnOnnxArray *
cnn_onnx_fold_unary (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnOnnxResult result;

  if (!cnn_onnx_fold_require (ctx, 1, error))
    return NULL;
  if (in->uniform)
    return cnn_onnx_array_new_uniform (&in->shape, in->is_float, unary (ctx->op->parameter, in->value));
  if (!cnn_onnx_result_init (ctx, &result, &in->shape, in->is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++) {
    double y = unary (ctx->op->parameter, cnn_onnx_array_get (in, i));

    if (result.floats != NULL)
      result.floats[i] = (float)y;
    else
      result.ints[i] = (gint64)y;
  }
  return cnn_onnx_result_array (&result);
}

/* Integers stay integers: dimensions may be divided, and large ones must not lose digits. */
static gboolean
binary_int (int function, gint64 a, gint64 b, gint64 *out)
{
  switch (function) {
  case CNN_ONNX_ADD:
  case CNN_ONNX_MEAN:
    return !__builtin_add_overflow (a, b, out);
  case CNN_ONNX_SUB:
    return !__builtin_sub_overflow (a, b, out);
  case CNN_ONNX_MUL:
    return !__builtin_mul_overflow (a, b, out);
  case CNN_ONNX_DIV:
    if (b == 0 || (a == G_MININT64 && b == -1))
      return FALSE;
    *out = a / b;
    return TRUE;
  case CNN_ONNX_MOD:
    if (b == 0)
      return FALSE;
    *out = b == -1 ? 0 : a % b;
    if (*out != 0 && (*out < 0) != (b < 0))
      *out += b;
    return TRUE;
  case CNN_ONNX_MAX:
    *out = MAX (a, b);
    return TRUE;
  case CNN_ONNX_MIN:
    *out = MIN (a, b);
    return TRUE;
  case CNN_ONNX_POW: {
    double power = pow ((double)a, (double)b);

    *out = fabs (power) < 9e15 ? (gint64)power : 0;
    return fabs (power) < 9e15;
  }
  default:
    return FALSE;
  }
}

static double
binary_float (int function, double a, double b)
{
  switch (function) {
  case CNN_ONNX_ADD:
  case CNN_ONNX_MEAN:
    return a + b;
  case CNN_ONNX_SUB:
    return a - b;
  case CNN_ONNX_MUL:
    return a * b;
  case CNN_ONNX_DIV:
    return a / b;
  case CNN_ONNX_MAX:
    return MAX (a, b);
  case CNN_ONNX_MIN:
    return MIN (a, b);
  case CNN_ONNX_POW:
    return pow (a, b);
  case CNN_ONNX_MOD:
    return fmod (a, b);
  case CNN_ONNX_EQUAL:
    return a == b;
  case CNN_ONNX_LESS:
    return a < b;
  case CNN_ONNX_LESS_EQUAL:
    return a <= b;
  case CNN_ONNX_GREATER:
    return a > b;
  case CNN_ONNX_GREATER_EQUAL:
    return a >= b;
  case CNN_ONNX_AND:
    return a != 0 && b != 0;
  case CNN_ONNX_OR:
    return a != 0 || b != 0;
  case CNN_ONNX_XOR:
    return (a != 0) != (b != 0);
  default:
    return NAN;
  }
}

/* Where the element of a broadcast operand lies that belongs to element @i of the result. */
static gsize
broadcast_index (const CnnShape *whole, const CnnShape *part, gsize i)
{
  gsize index = 0, stride = 1;

  for (guint k = 0; k < whole->rank; k++) {
    guint axis = whole->rank - 1 - k;
    gsize at = i % (gsize)whole->dims[axis];

    i /= (gsize)whole->dims[axis];
    if (k < part->rank) {
      gint64 dim = part->dims[part->rank - 1 - k];

      index += dim == 1 ? 0 : at * stride;
      stride *= (gsize)dim;
    }
  }
  return index;
}

static CnnOnnxArray *
combine (CnnOnnxContext *ctx, int function, CnnOnnxArray *a, CnnOnnxArray *b, GError **error)
{
  gboolean compares = function >= CNN_ONNX_EQUAL, is_float = !compares && (a->is_float || b->is_float);
  CnnShape shape;
  CnnOnnxResult result;

  if (!cnn_shape_broadcast (&a->shape, &b->shape, &shape)) {
    cnn_onnx_refuse (ctx, error, _ ("has inputs whose shapes do not go together"));
    return NULL;
  }
  if (a->uniform && b->uniform && is_float)
    return cnn_onnx_array_new_uniform (&shape, TRUE, binary_float (function, a->value, b->value));
  if (!cnn_onnx_result_init (ctx, &result, &shape, is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++) {
    gsize ia = broadcast_index (&shape, &a->shape, i), ib = broadcast_index (&shape, &b->shape, i);

    if (result.floats != NULL)
      result.floats[i] =
          (float)binary_float (function, cnn_onnx_array_get (a, ia), cnn_onnx_array_get (b, ib));
    else if (compares)
      result.ints[i] =
          (gint64)binary_float (function, cnn_onnx_array_get (a, ia), cnn_onnx_array_get (b, ib));
    else if (!binary_int (function, cnn_onnx_array_get_int (a, ia), cnn_onnx_array_get_int (b, ib),
                          &result.ints[i])) {
      g_free (result.ints);
      cnn_onnx_refuse (ctx, error, _ ("computes a dimension that is no number"));
      return NULL;
    }
  }
  return cnn_onnx_result_array (&result);
}

CnnOnnxArray *
cnn_onnx_fold_binary (CnnOnnxContext *ctx, GError **error)
{
  g_autoptr (CnnOnnxArray) sum = NULL;

  if (!cnn_onnx_fold_require (ctx, 1, error))
    return NULL;
  sum = cnn_onnx_array_ref (cnn_onnx_fold_input (ctx, 0));
  for (guint i = 1; i < ctx->node->n_inputs; i++) {
    CnnOnnxArray *next;

    if (cnn_onnx_fold_input (ctx, i) == NULL)
      continue;
    next = combine (ctx, ctx->op->parameter, sum, cnn_onnx_fold_input (ctx, i), error);
    if (next == NULL)
      return NULL;
    cnn_onnx_array_unref (sum);
    sum = next;
  }
  if (ctx->op->parameter == CNN_ONNX_MEAN) {
    CnnShape scalar = { .rank = 0 };
    g_autoptr (CnnOnnxArray) n = cnn_onnx_array_new_uniform (&scalar, TRUE, ctx->node->n_inputs);

    return combine (ctx, CNN_ONNX_DIV, sum, n, error);
  }
  return g_steal_pointer (&sum);
}

/* Weights that are stored as whole numbers: (x - zero)·scale, with one scale or one along an axis. */
CnnOnnxArray *
cnn_onnx_fold_dequantize (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *x = cnn_onnx_fold_input (ctx, 0), *scale = cnn_onnx_fold_input (ctx, 1),
               *zero = cnn_onnx_fold_input (ctx, 2);
  gsize inner = 1;
  CnnOnnxResult result;
  guint axis;

  if (!cnn_onnx_fold_require (ctx, 2, error))
    return NULL;
  if (scale->count != 1) {
    if (!cnn_shape_axis (&x->shape, cnn_onnx_attr_int (ctx->node, "axis", 1), &axis) ||
        scale->count != (gsize)x->shape.dims[axis] || cnn_onnx_attr_int (ctx->node, "block_size", 0) != 0) {
      cnn_onnx_refuse (ctx, error, _ ("has %zu scales, which do not fit its axis"), scale->count);
      return NULL;
    }
    inner = cnn_shape_size_from (&x->shape, axis + 1);
  }
  if (zero != NULL && zero->count != scale->count) {
    cnn_onnx_refuse (ctx, error, _ ("has inputs whose shapes do not go together"));
    return NULL;
  }
  if (!cnn_onnx_result_init (ctx, &result, &x->shape, TRUE, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++) {
    gsize k = scale->count == 1 ? 0 : i / MAX (inner, 1) % scale->count;
    double offset = zero != NULL ? cnn_onnx_array_get (zero, k) : 0;

    result.floats[i] = (float)((cnn_onnx_array_get (x, i) - offset) * cnn_onnx_array_get (scale, k));
  }
  return cnn_onnx_result_array (&result);
}

CnnOnnxArray *
cnn_onnx_fold_where (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *condition, *a, *b;
  CnnShape shape, all;
  CnnOnnxResult result;

  if (!cnn_onnx_fold_require (ctx, 3, error))
    return NULL;
  condition = cnn_onnx_fold_input (ctx, 0);
  a = cnn_onnx_fold_input (ctx, 1);
  b = cnn_onnx_fold_input (ctx, 2);
  if (!cnn_shape_broadcast (&a->shape, &b->shape, &shape) ||
      !cnn_shape_broadcast (&shape, &condition->shape, &all)) {
    cnn_onnx_refuse (ctx, error, _ ("has inputs whose shapes do not go together"));
    return NULL;
  }
  if (!cnn_onnx_result_init (ctx, &result, &all, a->is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++) {
    CnnOnnxArray *from =
        cnn_onnx_array_get (condition, broadcast_index (&all, &condition->shape, i)) != 0 ? a : b;

    cnn_onnx_result_set (&result, i, from, broadcast_index (&all, &from->shape, i));
  }
  return cnn_onnx_result_array (&result);
}

/* Reductions of constants: products and sums of dimensions, means of weights. */
CnnOnnxArray *
cnn_onnx_fold_reduce (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnOpAttrs attrs = { 0 };
  CnnShape kept, out = { 0 };
  g_autofree double *sums = NULL;
  gboolean nothing = FALSE;
  guint reduced = 0;
  CnnOnnxResult result;
  gsize n;

  if (!cnn_onnx_fold_require (ctx, 1, error) ||
      !cnn_onnx_reduce_axes (ctx, &in->shape, &attrs, &nothing, error))
    return NULL;
  if (nothing)
    return cnn_onnx_array_ref (in);
  if (in->count == 0 || ctx->op->parameter > CNN_REDUCE_PROD) {
    cnn_onnx_unsupported (ctx, error, "%s", ctx->node->type);
    return NULL;
  }
  kept = in->shape;
  for (guint i = 0; i < attrs.reduce.n_axes; i++) {
    kept.dims[attrs.reduce.axes[i]] = 1;
    reduced |= 1u << attrs.reduce.axes[i];
  }
  for (guint i = 0; i < in->shape.rank; i++)
    if (!(reduced & (1u << i)) || attrs.reduce.keep_dims)
      out.dims[out.rank++] = kept.dims[i];
  if (!cnn_onnx_spend (ctx, &in->shape, error) ||
      !cnn_onnx_result_init (ctx, &result, &out, in->is_float, error))
    return NULL;
  n = in->count / result.count;
  sums = g_new (double, result.count);
  for (gsize i = 0; i < result.count; i++)
    sums[i] = ctx->op->parameter == CNN_REDUCE_PROD  ? 1
              : ctx->op->parameter == CNN_REDUCE_MAX ? -INFINITY
              : ctx->op->parameter == CNN_REDUCE_MIN ? INFINITY
                                                     : 0;
  for (gsize i = 0; i < in->count; i++) {
    double *sum = &sums[broadcast_index (&in->shape, &kept, i)], x = cnn_onnx_array_get (in, i);

    *sum = ctx->op->parameter == CNN_REDUCE_PROD  ? *sum * x
           : ctx->op->parameter == CNN_REDUCE_MAX ? MAX (*sum, x)
           : ctx->op->parameter == CNN_REDUCE_MIN ? MIN (*sum, x)
                                                  : *sum + x;
  }
  for (gsize i = 0; i < result.count; i++) {
    double value = ctx->op->parameter == CNN_REDUCE_MEAN ? sums[i] / (double)n : sums[i];

    if (result.floats != NULL)
      result.floats[i] = (float)value;
    else
      result.ints[i] = (gint64)CLAMP (value, -9e18, 9e18);
  }
  return cnn_onnx_result_array (&result);
}
