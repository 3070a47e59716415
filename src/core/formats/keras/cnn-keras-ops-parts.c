/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"
#include "cnn-keras-ops.h"

/* Functions that cut a value in parts or lay it down several times. */

/* Of one value; all parts of a network count as its layers do, see CnnKerasReader.n_calls. */
#define MAX_PARTS 4096

/* @count places of an axis as held, from @start on. */
static gboolean
cut (CnnKerasCall *call, guint x, guint axis, gint64 start, gint64 count, guint *out, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  for (guint i = 0; i < CNN_MAX_RANK; i++) {
    attrs.slice.step[i] = 1;
    attrs.slice.count[i] = -1;
  }
  attrs.slice.start[axis] = start;
  attrs.slice.count[axis] = count;
  call->reader->n_calls++;
  return cnn_keras_op1 (call, CNN_OP_SLICE, &attrs, x, out, error);
}

static gboolean
join (CnnKerasCall *call, const guint *parts, guint n, guint axis, guint *out, GError **error)
{
  CnnOpAttrs attrs = { .concat = { axis } };
  CnnLayout layout = cnn_keras_value (call, parts[0])->layout;
  return cnn_keras_op (call, CNN_OP_CONCAT, &attrs, parts, n, layout, out, error);
}

/* The axis in the framework's order, and its size where that does not follow from the picture; 0: neither. */
static gint64
fixed_axis (CnnKerasCall *call, JsonNode *node, gint64 fallback, guint *framework, guint *held)
{
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x);
  gint64 axis = fallback;
  if (rank == 0 || (node != NULL && cnn_keras_integers (node, &axis, 1) != 1) ||
      !cnn_keras_axis (call, x, axis, held, NULL))
    return 0;
  *framework = (guint)(axis < 0 ? axis + rank : axis);
  if (*framework == 0 || (*held >= 2 && call->reader->free_size))
    return 0;
  return MAX (cnn_keras_value (call, x)->shape.dims[*held], 0);
}

/* The first part is the call's output, the others come behind it. */
static void
give_part (CnnKerasCall *call, gboolean first, guint part)
{
  if (first)
    cnn_keras_result (call, TRUE, part);
  else
    g_array_append_val (call->more, part);
}

/* Where the parts begin, and behind the last of them where it ends. FALSE where that cannot be told. */
static gboolean
plan_parts (JsonNode *node, gboolean sizes, gint64 whole, GArray *borders)
{
  JsonArray *array = cnn_json_node_array (node);
  gint64 n, border = 0;
  g_array_append_val (borders, border);
  if (array == NULL) {
    if (!cnn_json_node_integer (node, &n) || n < 1 || n > MAX_PARTS || whole % n != 0)
      return FALSE;
    for (gint64 i = 1; i <= n; i++) {
      border = i * (whole / n);
      g_array_append_val (borders, border);
    }
    return TRUE;
  }
  for (guint i = 0; i < json_array_get_length (array); i++) {
    gint64 number;
    if (!cnn_json_node_integer (json_array_get_element (array, i), &number) || number < 0 || number > whole)
      return FALSE;
    number += sizes ? border : 0;
    if (number <= border || number > whole || (!sizes && number == whole))
      return FALSE;
    border = number;
    g_array_append_val (borders, border);
  }
  if (!sizes)
    g_array_append_val (borders, whole);
  return borders->len > 1 && (!sizes || border == whole);
}

gboolean
cnn_keras_op_split (CnnKerasCall *call, int variant, GError **error)
{
  guint framework, axis, part;
  gint64 whole = fixed_axis (call, cnn_keras_argument (call, 2, "axis"), 0, &framework, &axis);
  JsonNode *node = cnn_keras_either (call, 1, "indices_or_sections", "num_or_size_splits");
  g_autoptr (GArray) borders = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (whole == 0 || !plan_parts (node, variant, whole, borders))
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i + 1 < borders->len; i++) {
    gint64 start = g_array_index (borders, gint64, i), end = g_array_index (borders, gint64, i + 1);
    if (!cut (call, call->inputs[0], axis, start, end - start, &part, error))
      return FALSE;
    give_part (call, i == 0, part);
  }
  return TRUE;
}

/* Every place of an axis by itself, without the axis. */
gboolean
cnn_keras_op_unstack (CnnKerasCall *call, int variant, GError **error)
{
  guint framework, axis;
  gint64 n = fixed_axis (call, cnn_keras_argument (call, 2, "axis"), 0, &framework, &axis);
  if (n == 0 || n > MAX_PARTS)
    return cnn_keras_unsupported (call, call->class_name, error);
  for (gint64 i = 0; i < n; i++) {
    guint part;
    if (!cut (call, call->inputs[0], axis, i, 1, &part, error) || !cnn_keras_plain (call, &part, error))
      return FALSE;
    CnnShape from = cnn_keras_value (call, part)->shape, shape = { 1, { 0 } };
    for (guint k = 1; k < from.rank; k++)
      if (k != framework)
        shape.dims[shape.rank++] = from.dims[k];
    if (!cnn_keras_reshape (call, part, &shape, CNN_LAYOUT_PLAIN, &part, error) ||
        !cnn_keras_present (call, &part, error))
      return FALSE;
    give_part (call, i == 0, part);
  }
  return TRUE;
}

/* @value @n times along an axis as held. */
static gboolean
lay (CnnKerasCall *call, guint *value, guint axis, gint64 n, GError **error)
{
  if (n == 1)
    return TRUE;
  g_autofree guint *parts = g_new (guint, (gsize)n);
  call->reader->n_calls += (guint)n;
  for (gint64 i = 0; i < n; i++)
    parts[i] = *value;
  return join (call, parts, (guint)n, axis, value, error);
}

/* @times: for every axis in the framework's order */
static gboolean
lay_all (CnnKerasCall *call, const gint64 *times, GError **error)
{
  guint x = call->inputs[0];
  for (guint i = 0; i < cnn_keras_rank (call, call->inputs[0]); i++) {
    guint axis;
    if (!cnn_keras_axis (call, x, i, &axis, error) || !lay (call, &x, axis, times[i], error))
      return FALSE;
  }
  return x == call->inputs[0] ? cnn_keras_identity (call, error) : cnn_keras_result (call, TRUE, x);
}

gboolean
cnn_keras_op_tile (CnnKerasCall *call, int variant, GError **error)
{
  gint64 times[CNN_MAX_RANK];
  guint rank = cnn_keras_rank (call, call->inputs[0]);
  guint n =
      cnn_keras_integers (cnn_keras_either (call, 1, "repeats", "multiples"), times, G_N_ELEMENTS (times));
  gboolean possible = n == rank && n > 0 && times[0] == 1;
  for (guint i = 0; possible && i < n; i++)
    possible = times[i] >= 1 && times[i] <= MAX_PARTS;
  if (!possible)
    return cnn_keras_unsupported (call, call->class_name, error);
  return lay_all (call, times, error);
}

gboolean
cnn_keras_op_broadcast (CnnKerasCall *call, int variant, GError **error)
{
  gint64 shape[CNN_MAX_RANK], times[CNN_MAX_RANK] = { 1 };
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x);
  gboolean possible =
      rank > 0 && !call->reader->free_size &&
      cnn_keras_integers (cnn_keras_argument (call, 1, "shape"), shape, G_N_ELEMENTS (shape)) == rank;
  for (guint i = 1; possible && i < rank; i++) {
    guint axis;
    if (!cnn_keras_axis (call, x, i, &axis, error))
      return FALSE;
    gint64 from = cnn_keras_value (call, x)->shape.dims[axis];
    possible = from == shape[i] || (from == 1 && shape[i] >= 1 && shape[i] <= MAX_PARTS);
    times[i] = from == 1 ? shape[i] : 1;
  }
  if (!possible)
    return cnn_keras_unsupported (call, call->class_name, error);
  return lay_all (call, times, error);
}

/* Each place of an axis several times, before the next one comes. */
gboolean
cnn_keras_op_repeat (CnnKerasCall *call, int variant, GError **error)
{
  guint framework, held, x = call->inputs[0];
  gint64 times, n = fixed_axis (call, cnn_keras_argument (call, 2, "axis"), 0, &framework, &held);
  if (n == 0 || cnn_keras_integers (cnn_keras_argument (call, 1, "repeats"), &times, 1) != 1 || times < 1 ||
      times > MAX_PARTS || call->reader->free_size || cnn_keras_rank (call, x) >= CNN_MAX_RANK)
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_plain (call, &x, error))
    return FALSE;
  CnnShape from = cnn_keras_value (call, x)->shape, split = { from.rank + 1, { 0 } }, whole = from;
  for (guint i = 1; i <= from.rank; i++)
    split.dims[i] = i <= framework ? from.dims[i] : i == framework + 1 ? 1 : from.dims[i - 1];
  whole.dims[0] = 0;
  whole.dims[framework] = n * times;
  gboolean done = cnn_keras_reshape (call, x, &split, CNN_LAYOUT_PLAIN, &x, error) &&
                  lay (call, &x, framework + 1, times, error) &&
                  cnn_keras_reshape (call, x, &whole, CNN_LAYOUT_PLAIN, &x, error) &&
                  cnn_keras_present (call, &x, error);
  return cnn_keras_result (call, done, x);
}

/* What leaves an axis at its end comes back at its beginning. */
gboolean
cnn_keras_op_roll (CnnKerasCall *call, int variant, GError **error)
{
  guint framework, axis, parts[2], out;
  JsonNode *node = cnn_keras_argument (call, 2, "axis");
  gint64 shift, n = node != NULL ? fixed_axis (call, node, 0, &framework, &axis) : 0;
  if (n == 0 || cnn_keras_integers (cnn_keras_argument (call, 1, "shift"), &shift, 1) != 1)
    return cnn_keras_unsupported (call, call->class_name, error);
  shift = (shift % n + n) % n;
  if (shift == 0)
    return cnn_keras_identity (call, error);
  gboolean done = cut (call, call->inputs[0], axis, n - shift, shift, &parts[0], error) &&
                  cut (call, call->inputs[0], axis, 0, n - shift, &parts[1], error) &&
                  join (call, parts, 2, axis, &out, error);
  return cnn_keras_result (call, done, done ? out : call->inputs[0]);
}
