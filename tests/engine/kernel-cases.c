/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel-cases.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

void
kernel_cases_draw (float *out, gsize n, guint32 seed, double low, double high, double step)
{
  for (gsize i = 0; i < n; i++) {
    double v;

    seed = seed * 1664525u + 1013904223u;
    v = low + (seed >> 8) / 16777216.0 * (high - low);
    out[i] = (float)(step > 0 ? floor (v / step + 0.5) * step : v);
  }
}

double
relative_distance (const float *a, const float *b, gsize n)
{
  double difference = 0, size = 0;

  for (gsize i = 0; i < n; i++) {
    if (isnan (a[i]) != isnan (b[i]))
      return INFINITY;
    if (a[i] == b[i])
      difference += 0;
    else
      difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    size += (double)b[i] * b[i];
  }
  return size > 0 ? sqrt (difference / size) : sqrt (difference);
}

/* Number @i of the member @key: of an array or a plain number. */
static double
number (JsonObject *o, const char *key, guint i, double otherwise)
{
  JsonNode *node = json_object_get_member (o, key);

  if (node == NULL)
    return otherwise;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return i == 0 ? json_node_get_double (node) : otherwise;
  return i < json_array_get_length (json_node_get_array (node))
             ? json_array_get_double_element (json_node_get_array (node), i)
             : otherwise;
}

static guint
length (JsonObject *o, const char *key)
{
  return json_object_has_member (o, key) ? json_array_get_length (json_object_get_array_member (o, key)) : 0;
}

static CnnWindow
read_window (JsonObject *o)
{
  CnnWindow w = { .n_axes = length (o, "kernel") };

  for (guint i = 0; i < 2; i++) {
    w.kernel[i] = (gint64)number (o, "kernel", i, 1);
    w.stride[i] = (gint64)number (o, "stride", i, 1);
    w.dilation[i] = (gint64)number (o, "dilation", i, 1);
    w.pad_begin[i] = (gint64)number (o, "begin", i, 0);
    w.pad_end[i] = (gint64)number (o, "end", i, 0);
  }
  w.same = number (o, "same", 0, 0) > 0;
  w.same_lower = number (o, "same_lower", 0, 0) > 0;
  w.ceil_mode = number (o, "ceil", 0, 0) > 0;
  return w;
}

static CnnShape
read_shape (JsonArray *array)
{
  CnnShape shape = { .rank = json_array_get_length (array) };

  for (guint i = 0; i < shape.rank; i++)
    shape.dims[i] = json_array_get_int_element (array, i);
  return shape;
}

static void
read_resize (CnnOpAttrs *attrs, JsonObject *o)
{
  attrs->resize.kind = (CnnResizeKind)number (o, "kind", 0, 0);
  attrs->resize.coords = (CnnResizeCoords)number (o, "coords", 0, 0);
  attrs->resize.nearest = (CnnResizeNearest)number (o, "nearest", 0, 0);
  attrs->resize.cubic_a = (float)number (o, "cubic_a", 0, 0);
  attrs->resize.antialias = attrs->resize.exclude_outside = number (o, "antialias", 0, 0) > 0;
  for (guint i = 0; i < 2; i++)
    attrs->resize.size[i] = (gint64)number (o, "size", i, 0);
}

static void
read_attrs (CnnOp *op, JsonObject *o)
{
  CnnOpAttrs *attrs = &op->attrs;

  switch (op->kind) {
  case CNN_OP_CONV:
    attrs->conv.window = read_window (o);
    attrs->conv.groups = (gint64)number (o, "groups", 0, 1);
    break;
  case CNN_OP_CONV_TRANSPOSE:
    attrs->conv_transpose.window = read_window (o);
    attrs->conv_transpose.groups = (gint64)number (o, "groups", 0, 1);
    for (guint i = 0; i < 2; i++)
      attrs->conv_transpose.output_pad[i] = (gint64)number (o, "output_pad", i, 0);
    break;
  case CNN_OP_POOL:
    attrs->pool.window = read_window (o);
    attrs->pool.kind = (CnnPoolKind)number (o, "kind", 0, 0);
    break;
  case CNN_OP_BATCH_NORM:
    attrs->batch_norm.axis = (guint)number (o, "axis", 0, 1);
    break;
  case CNN_OP_NORMALIZE:
    attrs->normalize.groups = (gint64)number (o, "groups", 0, 0);
    attrs->normalize.first_axis = (guint)number (o, "first_axis", 0, 1);
    attrs->normalize.epsilon = (float)number (o, "epsilon", 0, 0);
    break;
  case CNN_OP_LRN:
    attrs->lrn.size = (gint64)number (o, "size", 0, 1);
    attrs->lrn.alpha = (float)number (o, "alpha", 0, 0);
    attrs->lrn.beta = (float)number (o, "beta", 0, 0);
    attrs->lrn.bias = (float)number (o, "bias", 0, 0);
    break;
  case CNN_OP_ACTIVATION:
    attrs->activation.kind = (CnnActivation)number (o, "kind", 0, 0);
    attrs->activation.a = (float)number (o, "a", 0, 0);
    attrs->activation.b = (float)number (o, "b", 0, 0);
    attrs->activation.c = (float)number (o, "c", 0, 0);
    if (attrs->activation.a > 1e29f)
      attrs->activation.a = INFINITY;
    break;
  case CNN_OP_SOFTMAX:
    attrs->softmax.axis = (guint)number (o, "axis", 0, 1);
    attrs->softmax.log = number (o, "log", 0, 0) > 0;
    break;
  case CNN_OP_BINARY:
    attrs->binary.kind = (CnnBinaryKind)number (o, "kind", 0, 0);
    break;
  case CNN_OP_CONCAT:
    attrs->concat.axis = (guint)number (o, "axis", 0, 1);
    break;
  case CNN_OP_SLICE:
    for (guint i = 0; i < CNN_MAX_RANK; i++) {
      attrs->slice.start[i] = (gint64)number (o, "start", i, 0);
      attrs->slice.step[i] = (gint64)number (o, "step", i, 1);
      attrs->slice.count[i] = (gint64)number (o, "count", i, -1);
    }
    break;
  case CNN_OP_PAD:
    attrs->pad.kind = (CnnPadKind)number (o, "kind", 0, 0);
    attrs->pad.value = (float)number (o, "value", 0, 0);
    for (guint i = 0; i < CNN_MAX_RANK; i++) {
      attrs->pad.before[i] = (gint64)number (o, "before", i, 0);
      attrs->pad.after[i] = (gint64)number (o, "after", i, 0);
    }
    break;
  case CNN_OP_RESIZE:
    read_resize (attrs, o);
    break;
  case CNN_OP_RESHAPE:
    attrs->reshape.shape = read_shape (json_object_get_array_member (o, "shape"));
    break;
  case CNN_OP_TRANSPOSE:
    for (guint i = 0; i < CNN_MAX_RANK; i++)
      attrs->transpose.axes[i] = (guint)number (o, "axes", i, 0);
    break;
  case CNN_OP_REDUCE:
    attrs->reduce.kind = (CnnReduceKind)number (o, "kind", 0, 0);
    attrs->reduce.keep_dims = number (o, "keep", 0, 0) > 0;
    attrs->reduce.n_axes = length (o, "axes");
    for (guint i = 0; i < attrs->reduce.n_axes; i++)
      attrs->reduce.axes[i] = (guint)number (o, "axes", i, 0);
    break;
  case CNN_OP_ALONG:
    attrs->along.kind = (CnnAlongKind)number (o, "kind", 0, 0);
    attrs->along.axis = (guint)number (o, "axis", 0, 0);
    attrs->along.count = (gint64)number (o, "count", 0, 0);
    attrs->along.smallest = number (o, "smallest", 0, 0) > 0;
    attrs->along.last = number (o, "last", 0, 0) > 0;
    attrs->along.exclusive = number (o, "exclusive", 0, 0) > 0;
    attrs->along.backward = number (o, "backward", 0, 0) > 0;
    break;
  case CNN_OP_GATHER:
  case CNN_OP_SCATTER:
    attrs->gather.kind = (CnnPlacesKind)number (o, "kind", 0, 0);
    attrs->gather.axis = (guint)number (o, "axis", 0, 0);
    attrs->gather.add = number (o, "add", 0, 0) > 0;
    break;
  case CNN_OP_GRID_SAMPLE:
    attrs->grid_sample.kind = (CnnGridKind)number (o, "kind", 0, 0);
    attrs->grid_sample.padding = (CnnGridPadding)number (o, "padding", 0, 0);
    attrs->grid_sample.align_corners = number (o, "align", 0, 0) > 0;
    break;
  default:
    break;
  }
}

static CnnOpKind
kind_from_name (const char *name)
{
  for (guint i = 0; i < CNN_N_OPS; i++)
    if (g_str_equal (cnn_op_kind_name (i), name))
      return i;
  g_error ("no operator %s", name);
}

static KernelCase *
read_case (JsonObject *o, guint index, const float **numbers)
{
  KernelCase *c = g_new0 (KernelCase, 1);
  JsonArray *in = json_object_get_array_member (o, "in"), *grads = json_object_get_array_member (o, "grads");

  c->name = g_strdup (json_object_get_string_member (o, "name"));
  c->op.name = c->name;
  c->op.kind = kind_from_name (json_object_get_string_member (o, "op"));
  c->op.n_inputs = c->n_inputs = json_array_get_length (in);
  c->op.inputs = c->indices;
  read_attrs (&c->op, json_object_get_object_member (o, "attrs"));
  for (guint i = 0; i < c->n_inputs; i++) {
    gsize n;

    c->indices[i] = i;
    if (json_array_get_null_element (in, i)) {
      c->indices[i] = CNN_NO_VALUE;
      continue;
    }
    c->in[i] = read_shape (json_array_get_array_element (in, i));
    n = cnn_shape_size (&c->in[i]);
    c->inputs[i] = g_new (float, n);
    kernel_cases_draw (c->inputs[i], n, index * 1000 + i, number (o, "range", 0, 0),
                       number (o, "range", 1, 0), number (o, "range", 2, 0));
  }
  c->out = read_shape (json_object_get_array_member (o, "out"));
  c->dout = g_new (float, cnn_shape_size (&c->out));
  kernel_cases_draw (c->dout, cnn_shape_size (&c->out), index * 1000 + 99, -1, 1, 0);
  c->expected = *numbers;
  *numbers += cnn_shape_size (&c->out);
  for (guint i = 0; i < json_array_get_length (grads); i++) {
    guint which = (guint)json_array_get_int_element (grads, i);

    c->gradients[which] = *numbers;
    *numbers += cnn_shape_size (&c->in[which]);
  }
  return c;
}

static char *content; /* the cases point into it */

GPtrArray *
kernel_cases_load (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "kernel-vectors.json", NULL);
  g_autofree char *bin =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "kernel-vectors.bin", NULL);
  GPtrArray *cases = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const float *numbers;
  JsonArray *array;
  gsize size;

  g_file_get_contents (bin, &content, &size, &error);
  g_assert_no_error (error);
  json_parser_load_from_file (parser, json, &error);
  g_assert_no_error (error);
  numbers = (const float *)(gpointer)content;
  array = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (cases, read_case (json_array_get_object_element (array, i), i, &numbers));
  g_assert_true ((const char *)numbers == content + size);
  return cases;
}

void
kernel_cases_free (GPtrArray *cases)
{
  for (guint i = 0; i < cases->len; i++) {
    KernelCase *c = g_ptr_array_index (cases, i);

    for (guint k = 0; k < c->n_inputs; k++)
      g_free (c->inputs[k]);
    g_free (c->dout);
    g_free (c->name);
    g_free (c);
  }
  g_ptr_array_unref (cases);
  g_clear_pointer (&content, g_free);
}
