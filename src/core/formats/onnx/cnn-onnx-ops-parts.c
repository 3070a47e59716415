/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of tensors: concat, slice, split, gather, pad, resize. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

static const CnnShape *
require_shape (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);

  if (in == NULL)
    cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), 1u);
  return in;
}

static gboolean
read_axis (CnnOnnxContext *ctx, const CnnShape *in, gint64 standard, guint *axis, GError **error)
{
  if (cnn_shape_axis (in, cnn_onnx_attr_int (ctx->node, "axis", standard), axis))
    return TRUE;
  cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
  return FALSE;
}

guint
cnn_onnx_emit_concat (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  g_autofree guint *inputs = g_new (guint, ctx->node->n_inputs + 1);
  CnnOpAttrs attrs = { 0 };

  if (in == NULL || !read_axis (ctx, in, 1, &attrs.concat.axis, error))
    return CNN_NO_VALUE;
  for (guint i = 0; i < ctx->node->n_inputs; i++) {
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, CNN_OP_CONCAT, &attrs, inputs, ctx->node->n_inputs, error);
}

/* Everything of every axis. */
static void
slice_all (CnnOpAttrs *attrs)
{
  for (guint i = 0; i < CNN_MAX_RANK; i++) {
    attrs->slice.start[i] = 0;
    attrs->slice.step[i] = 1;
    attrs->slice.count[i] = -1;
  }
}

static void
slice_axis (CnnOpAttrs *attrs, guint axis, gint64 dim, gint64 start, gint64 end, gint64 step, gint64 *count)
{
  start += start < 0 ? dim : 0;
  end += end < 0 ? dim : 0;
  if (step > 0) {
    start = CLAMP (start, 0, dim);
    end = CLAMP (end, 0, dim);
    *count = end > start ? (end - start - 1) / step + 1 : 0;
  } else {
    start = CLAMP (start, -1, dim - 1);
    end = CLAMP (end, -1, dim - 1);
    *count = start > end ? (start - end - 1) / -step + 1 : 0;
  }
  attrs->slice.start[axis] = start;
  attrs->slice.step[axis] = step;
  /* to the end, whatever the size is */
  attrs->slice.count[axis] = step > 0 && end == dim && *count > 0 ? -1 : *count;
}

gboolean
cnn_onnx_slice_ranges (CnnOnnxContext *ctx, const CnnShape *in, CnnOpAttrs *attrs, CnnShape *out,
                       GError **error)
{
  g_autoptr (GArray) starts = NULL, ends = NULL, axes = NULL, steps = NULL;

  if (!cnn_onnx_in_ints (ctx, 1, "starts", &starts, error) ||
      !cnn_onnx_in_ints (ctx, 2, "ends", &ends, error) || !cnn_onnx_in_ints (ctx, 3, "axes", &axes, error) ||
      !cnn_onnx_in_ints (ctx, 4, "steps", &steps, error))
    return FALSE;
  if (starts == NULL || ends == NULL || starts->len != ends->len ||
      (axes == NULL && starts->len > in->rank) || (axes != NULL && axes->len != starts->len) ||
      (steps != NULL && steps->len != starts->len)) {
    cnn_onnx_refuse (ctx, error, _ ("has starts, ends, axes and steps that do not go together"));
    return FALSE;
  }
  slice_all (attrs);
  *out = *in;
  for (guint i = 0; i < starts->len; i++) {
    gint64 step = steps != NULL ? g_array_index (steps, gint64, i) : 1, dim;
    gint64 start = g_array_index (starts, gint64, i), end = g_array_index (ends, gint64, i);
    guint axis = i;

    if ((axes != NULL && !cnn_shape_axis (in, g_array_index (axes, gint64, i), &axis)) || step == 0 ||
        step == G_MININT64) {
      cnn_onnx_refuse (ctx, error, _ ("has starts, ends, axes and steps that do not go together"));
      return FALSE;
    }
    dim = in->dims[axis];
    slice_axis (attrs, axis, dim, start, end, step, &out->dims[axis]);
  }
  return TRUE;
}

guint
cnn_onnx_emit_slice (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { 0 };
  CnnShape out;

  if (in == NULL || !cnn_onnx_slice_ranges (ctx, in, &attrs, &out, error))
    return CNN_NO_VALUE;
  return cnn_onnx_add1 (ctx, CNN_OP_SLICE, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

static guint
add_part (CnnOnnxContext *ctx, guint x, guint axis, gint64 start, gint64 count, GError **error)
{
  CnnOpAttrs attrs;

  slice_all (&attrs);
  attrs.slice.start[axis] = start;
  attrs.slice.count[axis] = count;
  return cnn_onnx_add1 (ctx, CNN_OP_SLICE, &attrs, x, error);
}

/* Parts of the same size, but for the last ones. (transfer full) */
static GArray *
equal_sizes (gint64 dim, guint n)
{
  GArray *sizes = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);

  for (gint64 equal = (dim + n - 1) / n; sizes->len < n;) {
    gint64 size = MIN (equal, dim);

    g_array_append_val (sizes, size);
    dim -= size;
  }
  return sizes;
}

GArray *
cnn_onnx_split_sizes (CnnOnnxContext *ctx, const CnnShape *in, guint *axis, GError **error)
{
  g_autoptr (GArray) sizes = NULL;
  guint n = ctx->node->n_outputs;
  gint64 left;

  if (!read_axis (ctx, in, 0, axis, error) || !cnn_onnx_in_ints (ctx, 1, "split", &sizes, error))
    return NULL;
  left = in->dims[*axis];
  if (sizes == NULL)
    return equal_sizes (left, n);
  if (sizes->len != n) {
    cnn_onnx_refuse (ctx, error, _ ("is told %u sizes for %u outputs"), sizes->len, n);
    return NULL;
  }
  for (guint i = 0; i < n; i++) {
    gint64 size = g_array_index (sizes, gint64, i);

    if (size < 0 || size > left) {
      cnn_onnx_refuse (ctx, error, _ ("is told sizes that do not add up to %" PRId64), in->dims[*axis]);
      return NULL;
    }
    left -= size;
  }
  return g_steal_pointer (&sizes);
}

guint
cnn_onnx_emit_split (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  g_autoptr (GArray) sizes = NULL;
  guint axis, x, first = CNN_NO_VALUE;
  gint64 start = 0;

  if (in == NULL || (sizes = cnn_onnx_split_sizes (ctx, in, &axis, error)) == NULL)
    return CNN_NO_VALUE;
  x = cnn_onnx_in_value (ctx, 0, error);
  for (guint i = 0; i < sizes->len && x != CNN_NO_VALUE; i++) {
    gint64 size = g_array_index (sizes, gint64, i);
    guint part = add_part (ctx, x, axis, start, size, error);

    if (part == CNN_NO_VALUE)
      return CNN_NO_VALUE;
    cnn_onnx_set_output (ctx, i, part);
    first = i == 0 ? part : first;
    start += size;
  }
  return first;
}

/* Index @i along an axis of @dim elements, of which those below 0 count from the end. */
static gint64
index_at (CnnOnnxArray *indices, gsize i, gint64 dim)
{
  gint64 index = cnn_onnx_array_get_int (indices, i);

  /* what is outside stays outside, but near enough to count on from */
  return index < 0 && index >= -dim ? index + dim : CLAMP (index, -1, dim);
}

/* Chosen elements along an axis: runs of neighbours are slices, which are joined again. */
guint
cnn_onnx_emit_gather (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { 0 };
  CnnShape out = { 0 };
  CnnOnnxArray *indices;
  guint parts[64], n_parts = 0, axis, x, joined;

  if (cnn_onnx_has_input (ctx, 1) && !cnn_onnx_edge_is_constant (ctx->node->inputs[1]))
    return cnn_onnx_emit_pick (ctx, error);
  if (in == NULL || !read_axis (ctx, in, 0, &axis, error) || !cnn_onnx_in_array (ctx, 1, &indices, error))
    return CNN_NO_VALUE;
  if (indices == NULL || indices->count == 0 || in->rank - 1 + indices->shape.rank > CNN_MAX_RANK)
    return cnn_onnx_refuse (ctx, error, _ ("is not told what to gather"));
  x = cnn_onnx_in_value (ctx, 0, error);
  for (gsize i = 0; i < indices->count;) {
    gint64 dim = in->dims[axis], first = index_at (indices, i, dim), n = 1;

    while (i + (gsize)n < indices->count && index_at (indices, i + (gsize)n, dim) == first + n)
      n++;
    i += (gsize)n;
    if (first < 0 || first + n > dim)
      return cnn_onnx_refuse (ctx, error, _ ("gathers an element that its input does not have"));
    if (n_parts == G_N_ELEMENTS (parts))
      return cnn_onnx_emit_pick (ctx, error);
    parts[n_parts] = add_part (ctx, x, axis, first, n, error);
    if (parts[n_parts++] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  attrs.concat.axis = axis;
  joined = n_parts == 1 ? parts[0] : cnn_onnx_add (ctx, CNN_OP_CONCAT, &attrs, parts, n_parts, error);
  if (indices->shape.rank == 1)
    return joined;
  for (guint i = 0; i < in->rank; i++) {
    if (i != axis)
      out.dims[out.rank++] = in->dims[i];
    for (guint k = 0; i == axis && k < indices->shape.rank; k++)
      out.dims[out.rank++] = indices->shape.dims[k];
  }
  return cnn_onnx_add_reshape (ctx, joined, &out, error);
}

static gboolean
read_pad_mode (CnnOnnxContext *ctx, CnnOpAttrs *attrs, GError **error)
{
  g_autofree char *mode = cnn_onnx_attr_string (ctx->node, "mode");
  CnnOnnxArray *value;

  if (mode == NULL || g_str_equal (mode, "constant"))
    attrs->pad.kind = CNN_PAD_CONSTANT;
  else if (g_str_equal (mode, "reflect"))
    attrs->pad.kind = CNN_PAD_REFLECT;
  else if (g_str_equal (mode, "edge"))
    attrs->pad.kind = CNN_PAD_EDGE;
  else if (g_str_equal (mode, "wrap"))
    attrs->pad.kind = CNN_PAD_WRAP;
  else {
    cnn_onnx_unsupported (ctx, error, _ ("%s with the mode %s"), ctx->node->type, mode);
    return FALSE;
  }
  attrs->pad.value = cnn_onnx_attr_float (ctx->node, "value", 0);
  if (!cnn_onnx_in_array (ctx, 2, &value, error))
    return FALSE;
  if (value != NULL && value->count == 1)
    attrs->pad.value = (float)cnn_onnx_array_get (value, 0);
  return TRUE;
}

guint
cnn_onnx_emit_pad (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  g_autoptr (GArray) pads = NULL, axes = NULL;
  CnnOpAttrs attrs = { 0 };
  guint n;

  if (in == NULL || !read_pad_mode (ctx, &attrs, error) || !cnn_onnx_in_ints (ctx, 1, "pads", &pads, error) ||
      !cnn_onnx_in_ints (ctx, 3, "axes", &axes, error))
    return CNN_NO_VALUE;
  n = axes != NULL ? axes->len : in->rank;
  if (pads == NULL || pads->len != 2 * n)
    return cnn_onnx_refuse (ctx, error, _ ("is not told two borders for each axis"));
  for (guint i = 0; i < n; i++) {
    guint axis = i;

    if (axes != NULL && !cnn_shape_axis (in, g_array_index (axes, gint64, i), &axis))
      return cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
    attrs.pad.before[axis] = g_array_index (pads, gint64, i);
    attrs.pad.after[axis] = g_array_index (pads, gint64, n + i);
    if (MAX (attrs.pad.before[axis], attrs.pad.after[axis]) > G_MAXINT32 ||
        MIN (attrs.pad.before[axis], attrs.pad.after[axis]) < -G_MAXINT32)
      return cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "pads",
                              attrs.pad.before[axis]);
  }
  return cnn_onnx_add1 (ctx, CNN_OP_PAD, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

static gboolean
read_resize_mode (CnnOnnxContext *ctx, CnnOpAttrs *attrs, GError **error)
{
  static const char *const modes[] = { "nearest", "linear", "cubic", "bilinear", NULL };
  static const char *const coords[] = { "half_pixel", "pytorch_half_pixel",   "align_corners",
                                        "asymmetric", "half_pixel_symmetric", "tf_half_pixel_for_nn",
                                        NULL };
  static const char *const nearest[] = { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL };
  gboolean old = ctx->op->parameter != 0 || ctx->graph->opset < 11;
  int mode = cnn_onnx_attr_choice (ctx->node, "mode", "nearest", modes);
  int coord = old ? CNN_COORDS_ASYMMETRIC
                  : cnn_onnx_attr_choice (ctx->node, "coordinate_transformation_mode", "half_pixel", coords);
  int round = old ? CNN_NEAREST_FLOOR
                  : cnn_onnx_attr_choice (ctx->node, "nearest_mode", "round_prefer_floor", nearest);

  if (mode < 0 || coord < 0 || round < 0) {
    g_autofree char *text =
        cnn_onnx_attr_string (ctx->node, mode < 0 ? "mode" : "coordinate_transformation_mode");

    cnn_onnx_unsupported (ctx, error, _ ("%s with the mode %s"), ctx->node->type, text != NULL ? text : "");
    return FALSE;
  }
  attrs->resize.kind = mode == 3 ? CNN_RESIZE_LINEAR : (CnnResizeKind)mode;
  attrs->resize.coords = (CnnResizeCoords)coord;
  attrs->resize.nearest = (CnnResizeNearest)round;
  attrs->resize.cubic_a = cnn_onnx_attr_float (ctx->node, "cubic_coeff_a", -0.75f);
  attrs->resize.antialias = cnn_onnx_attr_int (ctx->node, "antialias", 0) != 0;
  attrs->resize.exclude_outside = cnn_onnx_attr_int (ctx->node, "exclude_outside", 0) != 0;
  return TRUE;
}

/* Scale of each axis of the input, and the size where the file gives sizes. */
static gboolean
read_resize_scales (CnnOnnxContext *ctx, const CnnShape *in, double *scales, gint64 *sizes, GError **error)
{
  gboolean roi = ctx->op->parameter == 0 && ctx->graph->opset >= 11;
  CnnOnnxArray *by_scale, *by_size = NULL;
  const Onnx__AttributeProto *attribute = cnn_onnx_attr_find (ctx->node, "scales");
  g_autoptr (GArray) axes = NULL;
  gsize n;

  if (!cnn_onnx_in_array (ctx, roi ? 2 : 1, &by_scale, error) ||
      (roi && !cnn_onnx_in_array (ctx, 3, &by_size, error)) ||
      !cnn_onnx_in_ints (ctx, G_MAXUINT, "axes", &axes, error))
    return FALSE;
  if (by_scale != NULL && by_scale->count == 0)
    by_scale = NULL;
  n = by_size != NULL     ? by_size->count
      : by_scale != NULL  ? by_scale->count
      : attribute != NULL ? attribute->n_floats
                          : 0;
  if (n != (axes != NULL ? axes->len : in->rank)) {
    cnn_onnx_refuse (ctx, error, _ ("is not told a scale for each axis"));
    return FALSE;
  }
  for (guint i = 0; i < in->rank; i++) {
    scales[i] = 1;
    sizes[i] = in->dims[i];
  }
  for (guint i = 0; i < n; i++) {
    guint axis = i;

    if (axes != NULL && !cnn_shape_axis (in, g_array_index (axes, gint64, i), &axis)) {
      cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
      return FALSE;
    }
    if (by_size != NULL) {
      sizes[axis] = cnn_onnx_array_get_int (by_size, i);
      scales[axis] = (double)sizes[axis] / (double)in->dims[axis];
    } else {
      scales[axis] = by_scale != NULL ? cnn_onnx_array_get (by_scale, i) : (double)attribute->floats[i];
      sizes[axis] = 0;
    }
  }
  return TRUE;
}

/* "not_larger" and "not_smaller": one scale for all axes, with which the given sizes are kept within or
 * filled. */
static gboolean
keep_aspect (CnnOnnxContext *ctx, const CnnShape *in, double *scales, gint64 *sizes, GError **error)
{
  static const char *const policies[] = { "stretch", "not_larger", "not_smaller", NULL };
  int policy = cnn_onnx_attr_choice (ctx->node, "keep_aspect_ratio_policy", "stretch", policies);
  double scale = 0;

  if (policy < 0) {
    cnn_onnx_unsupported (ctx, error, _ ("%s with an unknown keep_aspect_ratio_policy"), ctx->node->type);
    return FALSE;
  }
  for (guint i = 2; policy > 0 && i < in->rank; i++)
    scale = i == 2 ? scales[i] : policy == 1 ? MIN (scale, scales[i]) : MAX (scale, scales[i]);
  for (guint i = 2; policy > 0 && i < in->rank; i++) {
    scales[i] = scale;
    sizes[i] = (gint64)floor (MIN (scale * (double)in->dims[i], 1e9) + 0.5);
  }
  return TRUE;
}

guint
cnn_onnx_emit_resize (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { 0 };
  double scales[CNN_MAX_RANK];
  gint64 sizes[CNN_MAX_RANK];
  gboolean by_size = ctx->op->parameter == 0 && ctx->graph->opset >= 11 && cnn_onnx_has_input (ctx, 3);

  if (in == NULL || !read_resize_mode (ctx, &attrs, error) ||
      !read_resize_scales (ctx, in, scales, sizes, error) ||
      (by_size && !keep_aspect (ctx, in, scales, sizes, error)))
    return CNN_NO_VALUE;
  if (in->rank < 3 || in->rank > 4 || scales[0] != 1 || scales[1] != 1)
    return cnn_onnx_unsupported (ctx, error, _ ("%s of other than the spatial axes"), ctx->node->type);
  for (guint i = 2; i < in->rank; i++) {
    if (!(scales[i] > 0 && scales[i] < 1e6))
      return cnn_onnx_refuse (ctx, error, _ ("is not told a scale for each axis"));
    attrs.resize.scale[i - 2] = scales[i];
    attrs.resize.size[i - 2] = by_size ? sizes[i] : 0;
  }
  return cnn_onnx_add1 (ctx, CNN_OP_RESIZE, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}
