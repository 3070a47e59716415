/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order, places and what lies at them: ArgMax, TopK, GatherElements, ScatterND, GridSample and their like. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static gboolean
read_axis (CnnOnnxContext *ctx, gint64 wanted, guint *axis, const CnnShape **in, GError **error)
{
  *in = cnn_onnx_in_shape (ctx, 0);
  if (*in != NULL && cnn_shape_axis (*in, wanted, axis))
    return TRUE;
  cnn_onnx_refuse (ctx, error, _ ("works along an axis that its input does not have"));
  return FALSE;
}

static guint
add_with_inputs (CnnOnnxContext *ctx, CnnOpKind kind, const CnnOpAttrs *attrs, guint n, GError **error)
{
  guint inputs[3];

  for (guint i = 0; i < n; i++) {
    inputs[i] = cnn_onnx_in_value (ctx, i, error);
    if (inputs[i] == CNN_NO_VALUE)
      return CNN_NO_VALUE;
  }
  return cnn_onnx_add (ctx, kind, attrs, inputs, n, error);
}

/* One whole number in input @i. */
static gboolean
read_number (CnnOnnxContext *ctx, guint i, const char *name, gint64 *number, GError **error)
{
  g_autoptr (GArray) ints = NULL;

  if (!cnn_onnx_in_ints (ctx, i, name, &ints, error))
    return FALSE;
  if (ints == NULL || ints->len != 1) {
    cnn_onnx_refuse (ctx, error, _ ("lacks its input number %u"), i + 1);
    return FALSE;
  }
  *number = g_array_index (ints, gint64, 0);
  return TRUE;
}

guint
cnn_onnx_emit_sums (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .along = { .kind = CNN_ALONG_SUMS } };
  const CnnShape *in;
  gint64 axis;

  attrs.along.exclusive = cnn_onnx_attr_int (ctx->node, "exclusive", 0) != 0;
  attrs.along.backward = cnn_onnx_attr_int (ctx->node, "reverse", 0) != 0;
  if (!read_number (ctx, 1, "", &axis, error) || !read_axis (ctx, axis, &attrs.along.axis, &in, error))
    return CNN_NO_VALUE;
  return add_with_inputs (ctx, CNN_OP_ALONG, &attrs, 1, error);
}

/* ArgMax, and with the parameter 1 ArgMin. */
guint
cnn_onnx_emit_arg (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .along = { .kind = CNN_ALONG_PLACES, .count = 1, .smallest = ctx->op->parameter } };
  const CnnShape *in;
  CnnShape out = { 0 };
  guint x;

  attrs.along.last = cnn_onnx_attr_int (ctx->node, "select_last_index", 0) != 0;
  if (!read_axis (ctx, cnn_onnx_attr_int (ctx->node, "axis", 0), &attrs.along.axis, &in, error))
    return CNN_NO_VALUE;
  for (guint i = 0; i < in->rank; i++)
    if (i != attrs.along.axis)
      out.dims[out.rank++] = in->dims[i];
  x = add_with_inputs (ctx, CNN_OP_ALONG, &attrs, 1, error);
  if (x == CNN_NO_VALUE || cnn_onnx_attr_int (ctx->node, "keepdims", 1) != 0)
    return x;
  return cnn_onnx_add_reshape (ctx, x, &out, error);
}

/* The numbers, and as second output their places. */
guint
cnn_onnx_emit_top_k (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { .along = { .kind = CNN_ALONG_VALUES } }, places;
  const CnnShape *in;
  guint values;

  attrs.along.smallest = cnn_onnx_attr_int (ctx->node, "largest", 1) == 0;
  attrs.along.count = cnn_onnx_attr_int (ctx->node, "k", 0);
  if ((ctx->graph->opset >= 10 && !read_number (ctx, 1, "", &attrs.along.count, error)) ||
      !read_axis (ctx, cnn_onnx_attr_int (ctx->node, "axis", -1), &attrs.along.axis, &in, error))
    return CNN_NO_VALUE;
  if (attrs.along.count < 1 || attrs.along.count > in->dims[attrs.along.axis])
    return cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "k",
                            attrs.along.count);
  values = add_with_inputs (ctx, CNN_OP_ALONG, &attrs, 1, error);
  if (values == CNN_NO_VALUE || ctx->node->n_outputs < 2 || ctx->node->outputs[1] == NULL)
    return values;
  places = attrs;
  places.along.kind = CNN_ALONG_PLACES;
  cnn_onnx_set_output (ctx, 1, add_with_inputs (ctx, CNN_OP_ALONG, &places, 1, error));
  return values;
}

static gboolean
read_places (CnnOnnxContext *ctx, CnnOpAttrs *attrs, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  gint64 common = cnn_onnx_attr_int (ctx->node, "batch_dims", 0);

  attrs->gather.kind = (CnnPlacesKind)ctx->op->parameter;
  if (attrs->gather.kind != CNN_PLACES_TUPLES)
    return read_axis (ctx, cnn_onnx_attr_int (ctx->node, "axis", 0), &attrs->gather.axis, &in, error);
  if (in == NULL || common < 0 || common >= in->rank) {
    cnn_onnx_refuse (ctx, error, _ ("has the “%s” %" PRId64 ", which is out of range"), "batch_dims", common);
    return FALSE;
  }
  attrs->gather.axis = (guint)common;
  return TRUE;
}

/* Places that the file holds must be there; computed ones are moved to the edge. */
static gboolean
check_places (CnnOnnxContext *ctx, const CnnOpAttrs *attrs, GError **error)
{
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  guint axis = attrs->gather.axis, n = 1;
  CnnOnnxArray *places;

  if (in == NULL || !cnn_onnx_has_input (ctx, 1) || !cnn_onnx_edge_is_constant (ctx->node->inputs[1]))
    return TRUE;
  if (!cnn_onnx_in_array (ctx, 1, &places, error))
    return FALSE;
  if (attrs->gather.kind == CNN_PLACES_TUPLES && places->shape.rank > 0)
    n = (guint)CLAMP (places->shape.dims[places->shape.rank - 1], 1, in->rank - axis);
  for (gsize i = 0; i < places->count; i++) {
    gint64 place = cnn_onnx_array_get_int (places, i), dim = in->dims[axis + i % n];

    if (place < -dim || place >= dim) {
      cnn_onnx_refuse (ctx, error, _ ("gathers an element that its input does not have"));
      return FALSE;
    }
  }
  return TRUE;
}

guint
cnn_onnx_emit_pick (CnnOnnxContext *ctx, GError **error)
{
  CnnOpAttrs attrs = { 0 };

  if (!read_places (ctx, &attrs, error) || !check_places (ctx, &attrs, error))
    return CNN_NO_VALUE;
  return add_with_inputs (ctx, CNN_OP_GATHER, &attrs, 2, error);
}

guint
cnn_onnx_emit_scatter (CnnOnnxContext *ctx, GError **error)
{
  static const char *const reductions[] = { "none", "add", NULL };
  int reduction = cnn_onnx_attr_choice (ctx->node, "reduction", "none", reductions);
  CnnOpAttrs attrs = { .gather = { .add = reduction == 1 } };

  if (reduction < 0)
    return cnn_onnx_unsupported (ctx, error, _ ("%s that neither replaces nor adds"), ctx->node->type);
  if (!read_places (ctx, &attrs, error) || !check_places (ctx, &attrs, error))
    return CNN_NO_VALUE;
  return add_with_inputs (ctx, CNN_OP_SCATTER, &attrs, 3, error);
}

guint
cnn_onnx_emit_mod (CnnOnnxContext *ctx, GError **error)
{
  gboolean as_c = cnn_onnx_attr_int (ctx->node, "fmod", 0) != 0;
  CnnOpAttrs attrs = { .binary = { as_c ? CNN_BINARY_FMOD : CNN_BINARY_MOD } };

  return add_with_inputs (ctx, CNN_OP_BINARY, &attrs, 2, error);
}

guint
cnn_onnx_emit_grid_sample (CnnOnnxContext *ctx, GError **error)
{
  /* the names changed with version 20 */
  static const char *const modes[] = { "bilinear", "nearest", "bicubic", "linear", "cubic", NULL };
  static const CnnGridKind kinds[] = { CNN_GRID_BILINEAR, CNN_GRID_NEAREST, CNN_GRID_BICUBIC,
                                       CNN_GRID_BILINEAR, CNN_GRID_BICUBIC };
  static const char *const paddings[] = { "zeros", "border", "reflection", NULL };
  const CnnShape *in = cnn_onnx_in_shape (ctx, 0);
  int mode = cnn_onnx_attr_choice (ctx->node, "mode", "bilinear", modes),
      padding = cnn_onnx_attr_choice (ctx->node, "padding_mode", "zeros", paddings);
  CnnOpAttrs attrs = { 0 };

  if (mode < 0 || padding < 0) {
    g_autofree char *text = cnn_onnx_attr_string (ctx->node, mode < 0 ? "mode" : "padding_mode");

    return cnn_onnx_unsupported (ctx, error, _ ("%s with the mode %s"), ctx->node->type, text);
  }
  if (in != NULL && in->rank != 4)
    return cnn_onnx_unsupported (ctx, error, _ ("%s of other than the spatial axes"), ctx->node->type);
  attrs.grid_sample.kind = kinds[mode];
  attrs.grid_sample.padding = (CnnGridPadding)padding;
  attrs.grid_sample.align_corners = cnn_onnx_attr_int (ctx->node, "align_corners", 0) != 0;
  return add_with_inputs (ctx, CNN_OP_GRID_SAMPLE, &attrs, 2, error);
}
