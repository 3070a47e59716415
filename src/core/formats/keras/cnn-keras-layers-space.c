/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
add (CnnKerasCall *call, CnnOpKind kind, const CnnOpAttrs *attrs, guint x, GError **error)
{
  gboolean done = cnn_keras_op1 (call, kind, attrs, x, &call->output, error);
  call->pre_activation = call->output;
  return done;
}

/* A size of a margin: a whole number that is not negative. */
static gboolean
margin (CnnKerasCall *call, JsonNode *node, const char *member, gint64 *out, GError **error)
{
  if (!cnn_json_node_integer (node, out) || *out < 0 || *out > 1 << 20)
    return cnn_keras_fail (call, error, _ ("its “%s” should be whole numbers, not negative"), member);
  return TRUE;
}

/* Keras 1 can name the sides. Returns FALSE where it did not. */
static gboolean
named_margins (JsonObject *sides, guint n_axes, gint64 *before, gint64 *after)
{
  static const char *const names[] = { "top_pad", "bottom_pad", "left_pad", "right_pad" };
  gboolean known = TRUE;
  if (sides == NULL || json_object_has_member (sides, "class_name"))
    return FALSE;
  for (guint i = 0; i < n_axes; i++) {
    guint first = 4 - 2 * n_axes + 2 * i;
    before[i] = cnn_json_integer (sides, names[first], 0);
    after[i] = cnn_json_integer (sides, names[first + 1], 0);
    known &= MIN (before[i], after[i]) >= 0 && MAX (before[i], after[i]) <= 1 << 20;
  }
  return known;
}

/* n, [rows, columns], [[top, bottom], [left, right]], and of Keras 1 [top, bottom, left, right] or by name.
 */
static gboolean
read_margins (CnnKerasCall *call, const char *member, guint n_axes, gint64 *before, gint64 *after,
              GError **error)
{
  JsonNode *node = cnn_json_member (call->config, member);
  JsonArray *array = cnn_json_node_array (node);
  guint n = array != NULL ? json_array_get_length (array) : 0;
  if (named_margins (array == NULL ? cnn_json_node_object (node) : NULL, n_axes, before, after))
    return TRUE;
  if (array != NULL && n != n_axes && n != 2 * n_axes)
    return cnn_keras_fail (call, error, _ ("its “%s” should be whole numbers, not negative"), member);
  for (guint i = 0; i < n_axes; i++) {
    JsonNode *first = node, *second = node;
    if (n == 2 * n_axes) {
      first = json_array_get_element (array, 2 * i);
      second = json_array_get_element (array, 2 * i + 1);
    } else if (array != NULL) {
      first = second = json_array_get_element (array, i);
      JsonArray *pair = cnn_json_node_array (first);
      if (pair != NULL && json_array_get_length (pair) == 2) {
        first = json_array_get_element (pair, 0);
        second = json_array_get_element (pair, 1);
      }
    }
    if (node == NULL)
      before[i] = after[i] = 1;
    else if (!margin (call, first, member, &before[i], error) ||
             !margin (call, second, member, &after[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
pad (CnnKerasCall *call, const char *member, int sign, GError **error)
{
  guint x, n_axes = (guint)call->variant;
  gint64 before[3], after[3];
  CnnOpAttrs attrs = { .pad = { .kind = CNN_PAD_CONSTANT } };
  if (!read_margins (call, member, n_axes, before, after, error) ||
      !cnn_keras_take_input (call, n_axes, &x, error))
    return FALSE;
  for (guint i = 0; i < n_axes; i++) {
    attrs.pad.before[i + 2] = sign * before[i];
    attrs.pad.after[i + 2] = sign * after[i];
  }
  return add (call, CNN_OP_PAD, &attrs, x, error);
}

gboolean
cnn_keras_zero_padding (CnnKerasCall *call, GError **error)
{
  return pad (call, "padding", 1, error);
}

gboolean
cnn_keras_cropping (CnnKerasCall *call, GError **error)
{
  return pad (call, "cropping", -1, error);
}

/* TensorFlow's interpolations; FALSE where the name is none that is known. */
gboolean
cnn_keras_set_interpolation (const char *name, CnnOpAttrs *attrs)
{
  attrs->resize.coords = CNN_COORDS_HALF_PIXEL;
  attrs->resize.nearest = CNN_NEAREST_ROUND_PREFER_CEIL;
  attrs->resize.cubic_a = -0.5f;
  if (g_str_equal (name, "nearest"))
    attrs->resize.kind = CNN_RESIZE_NEAREST;
  else if (g_str_equal (name, "bilinear"))
    attrs->resize.kind = CNN_RESIZE_LINEAR;
  else if (g_str_equal (name, "bicubic"))
    attrs->resize.kind = CNN_RESIZE_CUBIC;
  else
    return FALSE;
  return TRUE;
}

gboolean
cnn_keras_up_sampling (CnnKerasCall *call, GError **error)
{
  guint x, n_axes = (guint)call->variant;
  gint64 size[2] = { 1, 1 };
  CnnOpAttrs attrs = { .resize = { .kind = CNN_RESIZE_NEAREST } };
  const char *interpolation = cnn_keras_config_string (call, "interpolation", "nearest");
  if (!cnn_keras_set_interpolation (interpolation, &attrs)) {
    g_autofree char *type = g_strdup_printf ("%s (%s)", call->class_name, interpolation);
    return cnn_keras_unsupported (call, type, error);
  }
  if (!cnn_keras_sizes (call, cnn_json_member (call->config, "length") != NULL ? "length" : "size", n_axes, 1,
                        2, size, error) ||
      !cnn_keras_take_input (call, n_axes, &x, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    attrs.resize.scale[i] = (double)size[i];
  return add (call, CNN_OP_RESIZE, &attrs, x, error);
}

/* The part of @length that has the target's proportions, beside @other that is kept. */
static gint64
in_proportion (gint64 other, gint64 target, gint64 target_other)
{
  return (gint64)((double)(other * target) / (double)target_other);
}

/* Cuts off, or adds on both sides alike, what makes the proportions of @x those of @size. */
static gboolean
fit_proportions (CnnKerasCall *call, const gint64 size[2], gboolean crop, float fill, guint *x,
                 GError **error)
{
  const CnnShape shape = cnn_keras_value (call, *x)->shape;
  CnnOpAttrs attrs = { .pad = { .kind = CNN_PAD_CONSTANT, .value = fill } };
  for (guint i = 0; i < 2; i++) {
    gint64 length = shape.dims[i + 2], wanted = in_proportion (shape.dims[3 - i], size[i], size[1 - i]);
    if (crop && wanted < length) {
      attrs.pad.before[i + 2] = -((length - wanted) / 2);
      attrs.pad.after[i + 2] = -(length - wanted - (length - wanted) / 2);
      if (wanted < 1)
        return cnn_keras_fail (call, error,
                               _ ("nothing is left of its input in the proportions that it wants"));
    } else if (!crop && wanted > length) {
      attrs.pad.before[i + 2] = attrs.pad.after[i + 2] = (wanted - length) / 2;
    }
  }
  return cnn_keras_op1 (call, CNN_OP_PAD, &attrs, *x, x, error);
}

gboolean
cnn_keras_resizing (CnnKerasCall *call, GError **error)
{
  guint x;
  gint64 size[2];
  CnnOpAttrs attrs = { .resize = { .kind = CNN_RESIZE_LINEAR } };
  gboolean crop = cnn_keras_config_boolean (call, "crop_to_aspect_ratio", FALSE),
           add_margin = cnn_keras_config_boolean (call, "pad_to_aspect_ratio", FALSE);
  if (!cnn_keras_set_interpolation (cnn_keras_config_string (call, "interpolation", "bilinear"), &attrs))
    return cnn_keras_unsupported (call, call->class_name, error);
  if (!cnn_keras_sizes (call, "height", 1, 1, 0, &size[0], error) ||
      !cnn_keras_sizes (call, "width", 1, 1, 0, &size[1], error) ||
      !cnn_keras_take_input (call, 2, &x, error))
    return FALSE;
  if (crop || add_margin) {
    /* with a free size, what is cut off or added would change */
    if (cnn_keras_rank (call, x) != 4 || call->reader->free_size ||
        g_strcmp0 (cnn_keras_config_string (call, "fill_mode", "constant"), "constant") != 0)
      return cnn_keras_unsupported (call, call->class_name, error);
    if (!fit_proportions (call, size, crop, (float)cnn_keras_config_number (call, "fill_value", 0), &x,
                          error))
      return FALSE;
  }
  attrs.resize.size[0] = size[0];
  attrs.resize.size[1] = size[1];
  attrs.resize.antialias = attrs.resize.exclude_outside = cnn_keras_config_boolean (call, "antialias", FALSE);
  return add (call, CNN_OP_RESIZE, &attrs, x, error);
}

/* A picture smaller than the crop is cut to the crop's proportions and enlarged. */
static gboolean
enlarge (CnnKerasCall *call, const gint64 size[2], guint x, GError **error)
{
  CnnOpAttrs attrs = { .resize = { .size = { size[0], size[1] } } };
  return cnn_keras_set_interpolation ("bilinear", &attrs) &&
         fit_proportions (call, size, TRUE, 0, &x, error) && add (call, CNN_OP_RESIZE, &attrs, x, error);
}

gboolean
cnn_keras_center_crop (CnnKerasCall *call, GError **error)
{
  guint x;
  gint64 size[2];
  CnnOpAttrs attrs = { .slice = { .start = { 0 } } };
  if (!cnn_keras_sizes (call, "height", 1, 1, 0, &size[0], error) ||
      !cnn_keras_sizes (call, "width", 1, 1, 0, &size[1], error) ||
      !cnn_keras_take_input (call, 2, &x, error))
    return FALSE;
  CnnShape shape = cnn_keras_value (call, x)->shape;
  if (shape.rank != 4 || call->reader->free_size) /* a free size would change the crop */
    return cnn_keras_unsupported (call, call->class_name, error);
  if (shape.dims[2] < size[0] || shape.dims[3] < size[1])
    return enlarge (call, size, x, error);
  for (guint i = 0; i < CNN_MAX_RANK; i++) {
    attrs.slice.step[i] = 1;
    attrs.slice.count[i] = -1;
  }
  for (guint i = 0; i < 2; i++) {
    attrs.slice.start[i + 2] = (shape.dims[i + 2] - size[i]) / 2;
    attrs.slice.count[i + 2] = size[i];
  }
  return add (call, CNN_OP_SLICE, &attrs, x, error);
}

/* Outside training, Keras takes the crop of a picture of that very size as it is; a larger one it would
 * resize. */
gboolean
cnn_keras_random_crop (CnnKerasCall *call, GError **error)
{
  guint x;
  gint64 size[2];
  if (!cnn_keras_sizes (call, "height", 1, 1, 0, &size[0], error) ||
      !cnn_keras_sizes (call, "width", 1, 1, 0, &size[1], error) ||
      !cnn_keras_take_input (call, 2, &x, error))
    return FALSE;
  const CnnShape *shape = &cnn_keras_value (call, x)->shape;
  if (shape->rank != 4 || call->reader->free_size || shape->dims[2] != size[0] || shape->dims[3] != size[1])
    return cnn_keras_unsupported (call, call->class_name, error);
  return cnn_keras_identity (call, error);
}
