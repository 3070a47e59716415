/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"
#include "cnn-keras-ops.h"

#include <string.h>

/* x[..., ::-1] and its like: tf.keras' SlicingOpLambda and StridedSlice, Keras 3's GetItem. */

typedef struct {
  enum { RANGE, INDEX, NEW_AXIS, ELLIPSIS } kind;
  gboolean has_start, has_stop;
  gint64 start, stop, step;
} Piece;

#define MAX_PIECES (2 * CNN_MAX_RANK)
#define MAX_TAKEN 4096u

static gboolean
parse_bound (JsonObject *slice, const char *member, gboolean *has, gint64 *value)
{
  JsonNode *node = cnn_json_member (slice, member);
  *has = node != NULL;
  return node == NULL || cnn_json_node_integer (node, value);
}

/* No axis is longer, and a step of any size can be counted with. */
static gint64
bounded (gint64 number)
{
  return CLAMP (number, -G_MAXINT32, G_MAXINT32);
}

/* A number, null, {"class_name": "__ellipsis__"}, or start, stop and step, with or without a class around
 * them. */
static gboolean
parse_piece (JsonNode *node, Piece *piece)
{
  JsonObject *object = cnn_json_node_object (node), *config = cnn_json_object (object, "config");
  gboolean has_step;
  *piece = (Piece){ .kind = RANGE, .step = 1 };
  if (node == NULL || JSON_NODE_HOLDS_NULL (node)) {
    piece->kind = NEW_AXIS;
    return TRUE;
  }
  if (g_strcmp0 (cnn_json_string (object, "class_name", NULL), "__ellipsis__") == 0) {
    piece->kind = ELLIPSIS;
    return TRUE;
  }
  if (object == NULL) {
    piece->kind = INDEX;
    return cnn_json_node_integer (node, &piece->start);
  }
  object = config != NULL ? config : object;
  if (!parse_bound (object, "start", &piece->has_start, &piece->start) ||
      !parse_bound (object, "stop", &piece->has_stop, &piece->stop) ||
      !parse_bound (object, "step", &has_step, &piece->step))
    return FALSE;
  piece->step = bounded (piece->step);
  return piece->step != 0;
}

static guint
parse_pieces (JsonNode *node, Piece *pieces)
{
  JsonArray *array = cnn_json_node_array (node);
  guint n = array != NULL ? json_array_get_length (array) : 1;
  for (guint i = 0; i < n && n <= MAX_PIECES; i++)
    if (!parse_piece (array != NULL ? json_array_get_element (array, i) : node, &pieces[i]))
      return 0;
  return n <= MAX_PIECES ? n : 0;
}

/* Where the range starts and how many it takes of an axis of @dim; as Python counts. */
static void
resolve (const Piece *piece, gint64 dim, gint64 *start, gint64 *count)
{
  gint64 step = piece->step, low = step > 0 ? 0 : -1, high = step > 0 ? dim : dim - 1;
  gint64 from = piece->has_start ? piece->start + (piece->start < 0 ? dim : 0) : step > 0 ? 0 : dim - 1;
  gint64 to = piece->has_stop ? piece->stop + (piece->stop < 0 ? dim : 0) : step > 0 ? dim : -1;
  from = CLAMP (from, low, high);
  to = CLAMP (to, low, high);
  if (piece->kind == INDEX) {
    *start = piece->start + (piece->start < 0 ? dim : 0);
    *count = *start >= 0 && *start < dim ? 1 : 0;
    return;
  }
  *start = from;
  *count = step > 0    ? (to > from ? (to - from - 1) / step + 1 : 0)
           : from > to ? (from - to - 1) / -step + 1
                       : 0;
}

/* How many axes of the input the pieces name. */
static guint
named_axes (const Piece *pieces, guint n)
{
  guint named = 0;
  for (guint i = 0; i < n; i++)
    named += pieces[i].kind == RANGE || pieces[i].kind == INDEX;
  return named;
}

/* The slice of each axis, and the shape after axes are dropped and added; FALSE where it cannot be told. */
static gboolean
plan_slice (CnnKerasCall *call, guint x, const Piece *pieces, guint n, CnnOpAttrs *attrs, CnnShape *shape,
            gboolean *reshaped)
{
  guint rank = cnn_keras_rank (call, x), named = named_axes (pieces, n), axis = 0, held;
  gboolean open = TRUE; /* no ellipsis yet */
  if (rank == 0 || named > rank)
    return FALSE;
  *shape = (CnnShape){ 0 };
  *reshaped = FALSE;
  for (guint i = 0; i <= n; i++) {
    guint skip = i == n || pieces[i].kind == ELLIPSIS ? (open ? rank - named : 0) : 0;
    open = open && skip == 0 && (i == n || pieces[i].kind != ELLIPSIS);
    for (; skip > 0; skip--, axis++) {
      if (shape->rank == CNN_MAX_RANK || !cnn_keras_axis (call, x, axis, &held, NULL))
        return FALSE;
      shape->dims[shape->rank++] = cnn_keras_value (call, x)->shape.dims[held];
    }
    if (i == n || pieces[i].kind == ELLIPSIS)
      continue;
    if (shape->rank == CNN_MAX_RANK)
      return FALSE;
    if (pieces[i].kind == NEW_AXIS) {
      shape->dims[shape->rank++] = 1;
      *reshaped = TRUE;
      continue;
    }
    if (!cnn_keras_axis (call, x, axis, &held, NULL))
      return FALSE;
    gint64 dim = cnn_keras_value (call, x)->shape.dims[held], start, count;
    resolve (&pieces[i], dim, &start, &count);
    gboolean whole = start == 0 && pieces[i].step == 1 && count == dim && pieces[i].kind == RANGE;
    if ((axis == 0 && !whole) || count < 1 || (call->reader->free_size && held > 1 && !whole))
      return FALSE;
    if (!whole) {
      attrs->slice.start[held] = start;
      attrs->slice.step[held] = pieces[i].kind == INDEX ? 1 : pieces[i].step;
      attrs->slice.count[held] = count;
    }
    *reshaped |= pieces[i].kind == INDEX;
    if (pieces[i].kind == RANGE)
      shape->dims[shape->rank++] = count;
    axis++;
  }
  return shape->rank > 0;
}

static gboolean
slice (CnnKerasCall *call, const Piece *pieces, guint n, GError **error)
{
  CnnOpAttrs attrs = { 0 };
  CnnShape shape;
  gboolean reshaped, done;
  guint x = call->inputs[0];
  for (guint i = 0; i < CNN_MAX_RANK; i++) {
    attrs.slice.step[i] = 1;
    attrs.slice.count[i] = -1;
  }
  if (n == 0 || !plan_slice (call, x, pieces, n, &attrs, &shape, &reshaped))
    return cnn_keras_unsupported (call, call->class_name, error);
  done = cnn_keras_op1 (call, CNN_OP_SLICE, &attrs, x, &x, error);
  if (done && reshaped) {
    shape.dims[0] = 0;
    done = cnn_keras_plain (call, &x, error) &&
           cnn_keras_reshape (call, x, &shape, CNN_LAYOUT_PLAIN, &x, error) &&
           cnn_keras_present (call, &x, error);
  }
  call->output = call->pre_activation = x;
  return done;
}

gboolean
cnn_keras_op_getitem (CnnKerasCall *call, int variant, GError **error)
{
  Piece pieces[MAX_PIECES];
  JsonNode *spec = cnn_keras_argument (call, 1, "slice_spec");
  if (spec == NULL)
    spec = cnn_keras_argument (call, 1, "key");
  return slice (call, pieces, spec != NULL ? parse_pieces (spec, pieces) : 0, error);
}

/* Whole axes the other way round. */
gboolean
cnn_keras_op_flip (CnnKerasCall *call, int variant, GError **error)
{
  JsonNode *node = cnn_keras_argument (call, 1, "axis");
  JsonArray *array = cnn_json_node_array (node);
  guint rank = cnn_keras_rank (call, call->inputs[0]), n = array != NULL ? json_array_get_length (array) : 1;
  Piece pieces[CNN_MAX_RANK];
  for (guint i = 0; i < rank; i++)
    pieces[i] = (Piece){ .kind = RANGE, .step = 1 };
  for (guint i = 0; i < n; i++) {
    gint64 axis;
    if (!cnn_json_node_integer (array != NULL ? json_array_get_element (array, i) : node, &axis) ||
        axis < -(gint64)rank || axis >= (gint64)rank)
      return cnn_keras_unsupported (call, call->class_name, error);
    pieces[axis < 0 ? axis + rank : axis].step = -1;
  }
  return slice (call, pieces, rank, error);
}

/* Slices of one axis at given places: one without its axis, or several. */
gboolean
cnn_keras_op_take (CnnKerasCall *call, int variant, GError **error)
{
  JsonNode *node = cnn_keras_argument (call, 1, "indices");
  JsonArray *array = cnn_json_node_array (node);
  guint x = call->inputs[0], rank = cnn_keras_rank (call, x),
        n = array != NULL ? json_array_get_length (array) : 1, held;
  gint64 axis, place;
  Piece pieces[CNN_MAX_RANK];
  if (cnn_keras_integers (cnn_keras_argument (call, 2, "axis"), &axis, 1) != 1 || rank == 0 || n == 0 ||
      n > MAX_TAKEN || axis < -(gint64)rank || axis >= (gint64)rank || axis == 0)
    return cnn_keras_unsupported (call, call->class_name, error);
  axis += axis < 0 ? rank : 0;
  if (!cnn_keras_axis (call, x, axis, &held, error))
    return FALSE;
  g_autofree guint *parts = g_new (guint, n);
  for (guint i = 0; i < rank; i++)
    pieces[i] = (Piece){ .kind = RANGE, .step = 1 };
  for (guint i = 0; i < n; i++) {
    if (!cnn_json_node_integer (array != NULL ? json_array_get_element (array, i) : node, &place))
      return cnn_keras_unsupported (call, call->class_name, error);
    place = bounded (place);
    pieces[axis] = array == NULL ? (Piece){ .kind = INDEX, .start = place }
                                 : (Piece){ RANGE, TRUE, place != -1, place, place + 1, 1 };
    call->reader->n_calls++;
    if (!slice (call, pieces, rank, error))
      return FALSE;
    parts[i] = call->output;
  }
  if (array == NULL || cnn_keras_rank (call, parts[0]) == 0)
    return TRUE;
  CnnOpAttrs attrs = { .concat = { held } };
  gboolean done = cnn_keras_op (call, CNN_OP_CONCAT, &attrs, parts, n, cnn_keras_value (call, x)->layout,
                                &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* From a place on every axis, so many. */
gboolean
cnn_keras_op_slice (CnnKerasCall *call, int variant, GError **error)
{
  gint64 start[CNN_MAX_RANK], size[CNN_MAX_RANK];
  Piece pieces[CNN_MAX_RANK];
  guint n =
      cnn_keras_integers (cnn_keras_either (call, 1, "begin", "start_indices"), start, G_N_ELEMENTS (start));
  if (n == 0 ||
      cnn_keras_integers (cnn_keras_either (call, 2, "size", "shape"), size, G_N_ELEMENTS (size)) != n ||
      n != cnn_keras_rank (call, call->inputs[0]))
    return cnn_keras_unsupported (call, call->class_name, error);
  for (guint i = 0; i < n; i++) {
    gboolean rest = size[i] == -1 || (i == 0 && start[i] == 0 && size[i] == 1);
    if (start[i] < 0 || start[i] > 1 << 20 || size[i] > 1 << 20)
      return cnn_keras_unsupported (call, call->class_name, error);
    pieces[i] = (Piece){ RANGE, TRUE, !rest, start[i], start[i] + size[i], 1 };
  }
  return slice (call, pieces, n, error);
}

/* Bits of a mask attribute: {"i": "5"}. */
static guint64
mask (JsonObject *masks, const char *name)
{
  JsonObject *attribute = cnn_json_object (masks, name);
  const char *text = cnn_json_string (attribute, "i", NULL);
  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : (guint64)cnn_json_integer (attribute, "i", 0);
}

gboolean
cnn_keras_op_strided_slice (CnnKerasCall *call, JsonObject *masks, GError **error)
{
  static const char *const names[] = { "begin", "end", "strides" };
  JsonArray *bounds[3];
  Piece pieces[MAX_PIECES];
  guint n = 0;
  for (guint i = 0; i < 3; i++) {
    bounds[i] = cnn_json_node_array (cnn_keras_argument (call, i + 1, names[i]));
    n = bounds[i] == NULL ? 0 : i == 0 ? json_array_get_length (bounds[i]) : n;
    if (n == 0 || n > MAX_PIECES || json_array_get_length (bounds[i]) != n)
      return cnn_keras_unsupported (call, "StridedSlice", error);
  }
  for (guint i = 0; i < n; i++) {
    guint64 bit = G_GUINT64_CONSTANT (1) << i;
    Piece *piece = &pieces[i];
    *piece = (Piece){ .kind = mask (masks, "ellipsis_mask") & bit      ? ELLIPSIS
                              : mask (masks, "new_axis_mask") & bit    ? NEW_AXIS
                              : mask (masks, "shrink_axis_mask") & bit ? INDEX
                                                                       : RANGE };
    piece->has_start = !(mask (masks, "begin_mask") & bit);
    piece->has_stop = !(mask (masks, "end_mask") & bit);
    if (!cnn_json_node_integer (json_array_get_element (bounds[0], i), &piece->start) ||
        !cnn_json_node_integer (json_array_get_element (bounds[1], i), &piece->stop) ||
        !cnn_json_node_integer (json_array_get_element (bounds[2], i), &piece->step) || piece->step == 0)
      return cnn_keras_unsupported (call, "StridedSlice", error);
    piece->step = bounded (piece->step);
  }
  return slice (call, pieces, n, error);
}
