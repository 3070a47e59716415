/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants by the places of their elements: parts and repetitions, triangles, running sums, what is not
 * zero. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-fold.h"

#include <glib/gi18n-lib.h>

/* Elements @start up to @start + @size along @axis. */
static CnnOnnxArray *
part (CnnOnnxArray *in, guint axis, gint64 start, gint64 size)
{
  CnnShape shape = in->shape;
  gint64 strides[CNN_MAX_RANK];

  cnn_shape_strides (&in->shape, strides);
  shape.dims[axis] = size;
  return cnn_onnx_fold_strided (in, &shape, start * strides[axis], strides);
}

/* The parts together are as large as the whole. */
CnnOnnxArray *
cnn_onnx_fold_split (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  g_autoptr (GArray) sizes = NULL;
  gint64 start = 0;
  guint axis;

  if (!cnn_onnx_fold_require (ctx, 1, error) ||
      (sizes = cnn_onnx_split_sizes (ctx, &in->shape, &axis, error)) == NULL ||
      !cnn_onnx_spend (ctx, &in->shape, error))
    return NULL;
  for (guint i = 1; i < sizes->len; i++) {
    start += g_array_index (sizes, gint64, i - 1);
    if (ctx->node->outputs[i] != NULL)
      ctx->node->outputs[i]->array = part (in, axis, start, g_array_index (sizes, gint64, i));
  }
  return part (in, axis, 0, g_array_index (sizes, gint64, 0));
}

/* The shape of @in repeated, whose dims may not overflow. */
static gboolean
repeated (CnnOnnxContext *ctx, const CnnShape *in, const CnnOnnxArray *repeats, CnnShape *shape,
          GError **error)
{
  gboolean told = repeats->count == in->rank;

  *shape = *in;
  for (guint i = 0; told && i < in->rank; i++) {
    gint64 n = cnn_onnx_array_get_int (repeats, i);

    told = n == 0 || (n > 0 && in->dims[i] <= G_MAXINT64 / n);
    shape->dims[i] = told ? in->dims[i] * n : 0;
  }
  if (!told)
    cnn_onnx_refuse (ctx, error, _ ("is not told how often to repeat each axis"));
  return told;
}

CnnOnnxArray *
cnn_onnx_fold_tile (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnShape shape;
  gint64 strides[CNN_MAX_RANK];
  gsize count, *index;

  if (!cnn_onnx_fold_require (ctx, 2, error) ||
      !repeated (ctx, &in->shape, cnn_onnx_fold_input (ctx, 1), &shape, error) ||
      !cnn_onnx_spend (ctx, &shape, error))
    return NULL;
  cnn_shape_strides (&in->shape, strides);
  count = cnn_shape_size (&shape);
  index = g_new0 (gsize, MAX (count, 1));
  for (gsize i = 0; i < count; i++) {
    gsize rest = i;

    for (guint k = shape.rank; k-- > 0; rest /= (gsize)shape.dims[k])
      index[i] += rest % (gsize)shape.dims[k] % (gsize)in->shape.dims[k] * (gsize)strides[k];
  }
  return cnn_onnx_array_pick (in, &shape, index);
}

/* Running sums of @n numbers from element @i on, every @step one, with the number itself or without. Whole
 * numbers wrap around, as in other programs. */
static void
sum_line (const CnnOnnxArray *in, CnnOnnxResult *result, gint64 i, gint64 step, gsize n, gboolean exclusive)
{
  double sum = 0;
  guint64 whole = 0;

  for (; n > 0; n--, i += step)
    if (in->is_float) {
      double before = sum;

      sum += cnn_onnx_array_get (in, (gsize)i);
      result->floats[i] = (float)(exclusive ? before : sum);
    } else {
      guint64 before = whole;

      whole += (guint64)cnn_onnx_array_get_int (in, (gsize)i);
      result->ints[i] = (gint64)(exclusive ? before : whole);
    }
}

CnnOnnxArray *
cnn_onnx_fold_sums (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0), *number = cnn_onnx_fold_input (ctx, 1);
  gboolean exclusive = cnn_onnx_attr_int (ctx->node, "exclusive", 0) != 0;
  gboolean reverse = cnn_onnx_attr_int (ctx->node, "reverse", 0) != 0;
  gsize inner, n;
  guint axis;
  CnnOnnxResult result;

  if (!cnn_onnx_fold_require (ctx, 2, error))
    return NULL;
  if (number->count != 1 || !cnn_shape_axis (&in->shape, cnn_onnx_array_get_int (number, 0), &axis)) {
    cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
    return NULL;
  }
  if (!cnn_onnx_result_init (ctx, &result, &in->shape, in->is_float, error))
    return NULL;
  inner = cnn_shape_size_from (&in->shape, axis + 1);
  n = (gsize)in->shape.dims[axis];
  for (gsize row = 0; row < result.count; row += n * inner)
    for (gsize column = 0; column < inner; column++)
      sum_line (in, &result, (gint64)(row + column + (reverse ? (n - 1) * inner : 0)),
                reverse ? -(gint64)inner : (gint64)inner, n, exclusive);
  return cnn_onnx_result_array (&result);
}

/* The places of all elements that are not 0, a column each. */
CnnOnnxArray *
cnn_onnx_fold_nonzero (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnShape shape = { .rank = 2 };
  CnnOnnxResult result;
  gsize n = 0, column = 0;

  if (!cnn_onnx_fold_require (ctx, 1, error) || !cnn_onnx_spend (ctx, &in->shape, error))
    return NULL;
  for (gsize i = 0; i < in->count; i++)
    n += cnn_onnx_array_get (in, i) != 0;
  shape.dims[0] = (gint64)in->shape.rank;
  shape.dims[1] = (gint64)n;
  if (!cnn_onnx_result_init (ctx, &result, &shape, FALSE, error))
    return NULL;
  for (gsize i = 0; i < in->count; i++) {
    gsize rest = i;

    if (cnn_onnx_array_get (in, i) == 0)
      continue;
    for (guint k = in->shape.rank; k-- > 0; rest /= (gsize)in->shape.dims[k])
      result.ints[k * n + column] = (gint64)(rest % (gsize)in->shape.dims[k]);
    column++;
  }
  return cnn_onnx_result_array (&result);
}

/* Which elements of the last two axes are kept. */
typedef struct {
  gboolean upper;
  gint64 diagonal;
} Triangle;

static gboolean
read_triangle (CnnOnnxContext *ctx, const CnnShape *in, Triangle *triangle, GError **error)
{
  g_autoptr (GArray) diagonal = NULL;

  if (!cnn_onnx_in_ints (ctx, 1, "", &diagonal, error))
    return FALSE;
  if (in->rank < 2 || (diagonal != NULL && diagonal->len != 1)) {
    cnn_onnx_refuse (ctx, error, _ ("needs at least two axes, and one number of a diagonal"));
    return FALSE;
  }
  triangle->upper = cnn_onnx_attr_int (ctx->node, "upper", 1) != 0;
  triangle->diagonal = diagonal != NULL ? g_array_index (diagonal, gint64, 0) : 0;
  return TRUE;
}

static gboolean
is_kept (const Triangle *triangle, const CnnShape *in, gsize i)
{
  gint64 width = in->dims[in->rank - 1], height = in->dims[in->rank - 2];
  gint64 x = (gint64)i % width, y = (gint64)i / width % height;

  return triangle->upper ? x - y >= triangle->diagonal : x - y <= triangle->diagonal;
}

CnnOnnxArray *
cnn_onnx_fold_triangle (CnnOnnxContext *ctx, GError **error)
{
  CnnOnnxArray *in = cnn_onnx_fold_input (ctx, 0);
  CnnOnnxResult result;
  Triangle triangle;

  if (!cnn_onnx_fold_require (ctx, 1, error) || !read_triangle (ctx, &in->shape, &triangle, error) ||
      !cnn_onnx_result_init (ctx, &result, &in->shape, in->is_float, error))
    return NULL;
  for (gsize i = 0; i < result.count; i++)
    if (is_kept (&triangle, &in->shape, i))
      cnn_onnx_result_set (&result, i, in, i);
  return cnn_onnx_result_array (&result);
}

/* What is computed is multiplied by the triangle. */
guint
cnn_onnx_emit_triangle (CnnOnnxContext *ctx, GError **error)
{
  const CnnOpAttrs times = { .binary = { CNN_BINARY_MUL } };
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  CnnShape shape = { 0 };
  g_autoptr (CnnTensor) mask = NULL;
  Triangle triangle;
  float *kept;
  guint inputs[2];

  if (in == NULL)
    return cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), 1u);
  shape.rank = in->rank;
  for (guint i = 0; i < in->rank; i++)
    shape.dims[i] = i + 2 < in->rank ? 1 : in->dims[i];
  if (!read_triangle (ctx, &shape, &triangle, error) || !cnn_onnx_spend (ctx, &shape, error))
    return CNN_NO_VALUE;
  kept = g_new (float, MAX (cnn_shape_size (&shape), 1));
  for (gsize i = 0; i < cnn_shape_size (&shape); i++)
    kept[i] = is_kept (&triangle, &shape, i) ? 1 : 0;
  mask = cnn_tensor_new_take (&shape, kept);
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  if (inputs[0] == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, mask);
  return cnn_onnx_add (ctx, CNN_OP_BINARY, &times, inputs, 2, error);
}
