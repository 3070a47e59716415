/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reshape and its relatives: the same numbers in another shape or order. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static const CnnShape *
require_shape (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);

  if (in == NULL)
    cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), 1u);
  return in;
}

gboolean
cnn_onnx_reshape_target (CnnOnnxContext *ctx, const CnnShape *in, CnnOnnxArray *dims, CnnShape *out,
                         GError **error)
{
  gboolean allow_zero = cnn_onnx_attr_int (ctx->node, "allowzero", 0) != 0;
  gsize n_attribute, n = cnn_shape_size (in), known = 1, n_dims;
  const gint64 *attribute = cnn_onnx_attr_ints (ctx->node, "shape", &n_attribute);
  int rest = -1;

  n_dims = dims != NULL ? dims->count : n_attribute;
  if ((dims == NULL && attribute == NULL) || n_dims > CNN_MAX_RANK) {
    cnn_onnx_refuse (ctx, error, _ ("is not told a shape that can be read"));
    return FALSE;
  }
  out->rank = (guint)n_dims;
  for (guint i = 0; i < out->rank; i++) {
    gint64 dim = dims != NULL ? cnn_onnx_array_get_int (dims, i) : attribute[i];

    if (dim == 0 && !allow_zero && i < in->rank)
      dim = in->dims[i];
    if (i == 0 && in->rank > 0 && in->dims[0] == 1 && dim == ctx->graph->file_batch)
      dim = 1; /* the file's batch is read as one */
    out->dims[i] = dim;
    if (dim == -1 && rest < 0)
      rest = (int)i;
    else if (dim < 0 || (dim > 0 && known > n / (gsize)dim))
      rest = CNN_MAX_RANK;
    else
      known *= (gsize)dim;
  }
  if (rest >= 0 && rest < CNN_MAX_RANK && known > 0)
    out->dims[rest] = (gint64)(n / known);
  if (rest == CNN_MAX_RANK || !cnn_shape_count (out, &known) || known != n) {
    g_autofree char *from = cnn_shape_to_string (in), *to = cnn_shape_to_string (out);

    cnn_onnx_refuse (ctx, error, _ ("cannot give an input of shape %s the shape %s"), from, to);
    return FALSE;
  }
  return TRUE;
}

guint
cnn_onnx_emit_reshape (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { 0 };
  CnnOnnxArray *dims;
  CnnShape target;
  guint i = 0;

  if (in == NULL || !cnn_onnx_in_array (ctx, 1, &dims, error) ||
      !cnn_onnx_reshape_target (ctx, in, dims, &target, error))
    return CNN_NO_VALUE;
  attrs.reshape.shape = target;
  /* "keep" and "the rest" rather than numbers, so that the network still fits another size of image */
  for (; i < target.rank && i < in->rank && target.dims[i] == in->dims[i]; i++)
    attrs.reshape.shape.dims[i] = 0;
  for (; i < target.rank; i++)
    if (dims != NULL && cnn_onnx_array_get_int (dims, i) == -1)
      attrs.reshape.shape.dims[i] = -1;
  return cnn_onnx_add1 (ctx, CNN_OP_RESHAPE, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

gboolean
cnn_onnx_flattened (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error)
{
  gint64 axis = cnn_onnx_attr_int (ctx->node, "axis", 1);

  axis += axis < 0 ? in->rank : 0;
  if (axis < 0 || axis > in->rank) {
    cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
    return FALSE;
  }
  out->rank = 2;
  out->dims[1] = (gint64)cnn_shape_size_from (in, (guint)axis);
  out->dims[0] = 1;
  for (gint64 i = 0; i < axis; i++)
    out->dims[0] *= in->dims[i];
  return TRUE;
}

guint
cnn_onnx_emit_flatten (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { 0 };
  CnnShape target;

  if (in == NULL || !cnn_onnx_flattened (ctx, in, &target, error))
    return CNN_NO_VALUE;
  if (in->rank == 0 || target.dims[0] != in->dims[0])
    return cnn_onnx_add_reshape (ctx, cnn_onnx_in_value (ctx, 0, error), &target, error);
  attrs.reshape.shape = cnn_shape (2, (gint64)0, (gint64)-1);
  return cnn_onnx_add1 (ctx, CNN_OP_RESHAPE, &attrs, cnn_onnx_in_value (ctx, 0, error), error);
}

gboolean
cnn_onnx_squeezed (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error)
{
  g_autoptr (GArray) axes = NULL;
  guint drop = 0;

  if (!cnn_onnx_in_ints (ctx, 1, "axes", &axes, error))
    return FALSE;
  for (guint i = 0; axes == NULL && i < in->rank; i++)
    drop |= in->dims[i] == 1 ? 1u << i : 0;
  for (guint i = 0; axes != NULL && i < axes->len; i++) {
    guint axis;

    if (!cnn_shape_axis (in, g_array_index (axes, gint64, i), &axis) || in->dims[axis] != 1) {
      g_autofree char *text = cnn_shape_to_string (in);

      cnn_onnx_refuse (ctx, error, _ ("cannot drop axis %" PRId64 " of an input of shape %s"),
                       g_array_index (axes, gint64, i), text);
      return FALSE;
    }
    drop |= 1u << axis;
  }
  out->rank = 0;
  for (guint i = 0; i < in->rank; i++)
    if (!(drop & 1u << i))
      out->dims[out->rank++] = in->dims[i];
  return TRUE;
}

guint
cnn_onnx_emit_squeeze (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnShape out;

  if (in == NULL || !cnn_onnx_squeezed (ctx, in, &out, error))
    return CNN_NO_VALUE;
  return cnn_onnx_add_reshape (ctx, cnn_onnx_in_value (ctx, 0, error), &out, error);
}

gboolean
cnn_onnx_unsqueezed (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error)
{
  g_autoptr (GArray) axes = NULL;
  guint added = 0, from = 0;

  if (!cnn_onnx_in_ints (ctx, 1, "axes", &axes, error))
    return FALSE;
  if (axes == NULL || in->rank + axes->len > CNN_MAX_RANK) {
    cnn_onnx_refuse (ctx, error, _ ("is not told axes that can be added"));
    return FALSE;
  }
  out->rank = in->rank + axes->len;
  for (guint i = 0; i < axes->len; i++) {
    gint64 axis = g_array_index (axes, gint64, i);

    axis += axis < 0 ? out->rank : 0;
    if (axis < 0 || axis >= out->rank || (added & 1u << axis)) {
      cnn_onnx_refuse (ctx, error, _ ("is not told axes that can be added"));
      return FALSE;
    }
    added |= 1u << axis;
  }
  for (guint i = 0; i < out->rank; i++)
    out->dims[i] = added & 1u << i ? 1 : in->dims[from++];
  return TRUE;
}

guint
cnn_onnx_emit_unsqueeze (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnShape out;

  if (in == NULL || !cnn_onnx_unsqueezed (ctx, in, &out, error))
    return CNN_NO_VALUE;
  return cnn_onnx_add_reshape (ctx, cnn_onnx_in_value (ctx, 0, error), &out, error);
}

gboolean
cnn_onnx_permutation (CnnOnnxContext *ctx, const CnnShape *in, guint axes[CNN_MAX_RANK], GError **error)
{
  gsize n;
  const gint64 *perm = cnn_onnx_attr_ints (ctx->node, "perm", &n);
  guint seen = 0;

  for (guint i = 0; i < in->rank; i++) {
    if (perm != NULL && (n != in->rank || perm[i] < 0 || perm[i] >= in->rank || (seen & 1u << perm[i]))) {
      cnn_onnx_refuse (ctx, error, _ ("has a perm that is no order of its input’s %u axes"), in->rank);
      return FALSE;
    }
    axes[i] = perm != NULL ? (guint)perm[i] : in->rank - 1 - i;
    seen |= 1u << axes[i];
  }
  return TRUE;
}

guint
cnn_onnx_emit_transpose (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  guint axes[CNN_MAX_RANK];

  if (in == NULL || !cnn_onnx_permutation (ctx, in, axes, error))
    return CNN_NO_VALUE;
  return cnn_onnx_add_transpose (ctx, cnn_onnx_in_value (ctx, 0, error), axes, in->rank, error);
}

/* Broadcasting to a shape: adding zeros of it. */
guint
cnn_onnx_emit_expand (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  CnnOpAttrs attrs = { .binary = { .kind = CNN_BINARY_ADD } };
  g_autoptr (CnnOnnxArray) zeros = NULL;
  g_autoptr (CnnTensor) tensor = NULL;
  CnnShape wanted = { 0 }, out;
  CnnOnnxArray *dims;
  guint inputs[2];

  if (in == NULL || !cnn_onnx_in_array (ctx, 1, &dims, error))
    return CNN_NO_VALUE;
  if (dims == NULL || dims->count > CNN_MAX_RANK)
    return cnn_onnx_refuse (ctx, error, _ ("is not told a shape that can be read"));
  wanted.rank = (guint)dims->count;
  for (guint i = 0; i < wanted.rank; i++)
    wanted.dims[i] = cnn_onnx_array_get_int (dims, i);
  if (wanted.rank == in->rank && in->rank > 0 && in->dims[0] == 1 && wanted.dims[0] == ctx->graph->file_batch)
    wanted.dims[0] = 1;
  if (!cnn_shape_broadcast (in, &wanted, &out))
    return cnn_onnx_refuse (ctx, error, _ ("cannot give its input the shape that is asked for"));
  inputs[0] = cnn_onnx_in_value (ctx, 0, error);
  if (cnn_shape_equal (in, &out))
    return cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, inputs[0], error);
  if (!cnn_onnx_spend_filled (ctx, &out, error))
    return CNN_NO_VALUE;
  zeros = cnn_onnx_array_new_uniform (&out, TRUE, 0);
  tensor = cnn_onnx_array_to_tensor (zeros);
  inputs[1] = cnn_onnx_add_constant (ctx, NULL, tensor);
  return cnn_onnx_add (ctx, CNN_OP_BINARY, &attrs, inputs, 2, error);
}

guint
cnn_onnx_emit_tile (CnnOnnxContext *ctx, GError **error)
{
  const CnnShape *in = require_shape (ctx, error);
  g_autoptr (GArray) repeats = NULL;
  guint x;

  if (in == NULL || !cnn_onnx_in_ints (ctx, 1, "", &repeats, error))
    return CNN_NO_VALUE;
  if (repeats == NULL || repeats->len != in->rank)
    return cnn_onnx_refuse (ctx, error, _ ("is not told how often to repeat each axis"));
  x = cnn_onnx_add1 (ctx, CNN_OP_IDENTITY, NULL, cnn_onnx_in_value (ctx, 0, error), error);
  for (guint axis = 0; axis < repeats->len && x != CNN_NO_VALUE; axis++) {
    gint64 n = g_array_index (repeats, gint64, axis);
    CnnOpAttrs attrs = { .concat = { .axis = axis } };
    guint inputs[256];

    if (n < 1 || n > (gint64)G_N_ELEMENTS (inputs))
      return cnn_onnx_unsupported (ctx, error, _ ("%s of %" PRId64 " times"), ctx->node->type, n);
    for (gint64 i = 0; i < n; i++)
      inputs[i] = x;
    if (n > 1)
      x = cnn_onnx_add (ctx, CNN_OP_CONCAT, &attrs, inputs, (guint)n, error);
  }
  return x;
}

/* Blocks of pixels to channels, and back. */
guint
cnn_onnx_emit_space_depth (CnnOnnxContext *ctx, GError **error)
{
  static const guint orders[3][6] = { { 0, 3, 5, 1, 2, 4 }, { 0, 3, 4, 1, 5, 2 }, { 0, 1, 4, 2, 5, 3 } };
  const CnnShape *in = require_shape (ctx, error);
  g_autofree char *mode = cnn_onnx_attr_string (ctx->node, "mode");
  gint64 b = cnn_onnx_attr_int (ctx->node, "blocksize", 0), n, c, h, w;
  gboolean to_space = ctx->op->parameter != 0, crd = g_strcmp0 (mode, "CRD") == 0;
  CnnShape split, out;
  guint x = cnn_onnx_in_value (ctx, 0, error);

  if (in == NULL || x == CNN_NO_VALUE)
    return CNN_NO_VALUE;
  if (in->rank != 4 || b < 1 || b > 4096 ||
      (to_space ? in->dims[1] % (b * b) != 0 : in->dims[2] % b != 0 || in->dims[3] % b != 0))
    return cnn_onnx_refuse (ctx, error, _ ("has an input that does not divide into blocks of %" PRId64), b);
  n = in->dims[0];
  c = in->dims[1];
  h = in->dims[2];
  w = in->dims[3];
  if (!to_space) {
    split = cnn_shape (6, n, c, h / b, b, w / b, b);
    out = cnn_shape4 (n, c * b * b, h / b, w / b);
  } else {
    split = crd ? cnn_shape (6, n, c / (b * b), b, b, h, w) : cnn_shape (6, n, b, b, c / (b * b), h, w);
    out = cnn_shape4 (n, c / (b * b), h * b, w * b);
  }
  x = cnn_onnx_add_reshape (ctx, x, &split, error);
  x = cnn_onnx_add_transpose (ctx, x, orders[!to_space ? 0 : crd ? 2 : 1], 6, error);
  return cnn_onnx_add_reshape (ctx, x, &out, error);
}
