/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/onnx/cnn-onnx-array.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

/** Numbers that lie with the first axis fastest, as numpy writes the transpose of an array. */
static inline CnnOnnxArray *
npy_from_fortran (const CnnShape *shape, float *data)
{
  CnnShape reversed = { .rank = shape->rank };
  guint axes[CNN_MAX_RANK];
  g_autoptr (CnnTensor) tensor = NULL, turned = NULL;

  for (guint i = 0; i < shape->rank; i++) {
    reversed.dims[i] = shape->dims[shape->rank - 1 - i];
    axes[i] = shape->rank - 1 - i;
  }
  tensor = cnn_tensor_new_take (&reversed, data);
  turned = cnn_tensor_permute (tensor, axes);
  return cnn_onnx_array_new_floats (shape, cnn_tensor_dup_data (turned));
}

/** A numpy file of float32, float64, int64, int32 or bool. Aborts the test where it is none of
 * these. */
static inline CnnOnnxArray *
npy_read (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  CnnShape shape = { 0 };
  gsize length, count, at;
  guint16 header;
  const char *p, *type;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, >, 10);
  memcpy (&header, text + 8, sizeof header);
  at = 10 + (gsize)header;
  type = strstr (text + 10, "'descr': '") + strlen ("'descr': '");
  p = strchr (strstr (text + 10, "'shape':"), '(') + 1;
  while (*p != ')') {
    char *end;
    gint64 dim = g_ascii_strtoll (p, &end, 10);

    if (end != p)
      shape.dims[shape.rank++] = dim;
    p = end + strspn (end, ", ");
  }
  count = cnn_shape_size (&shape);
  if (g_str_has_prefix (type, "<f4")) {
    float *data = g_new0 (float, MAX (count, 1));

    memcpy (data, text + at, count * sizeof (float));
    if (strstr (text + 10, "'fortran_order': True") != NULL)
      return npy_from_fortran (&shape, data);
    return cnn_onnx_array_new_floats (&shape, data);
  }
  if (g_str_has_prefix (type, "<f8")) {
    float *data = g_new0 (float, MAX (count, 1));

    for (gsize i = 0; i < count; i++) {
      double value;

      memcpy (&value, text + at + i * sizeof value, sizeof value);
      data[i] = (float)value;
    }
    return cnn_onnx_array_new_floats (&shape, data);
  } else {
    gsize size = strtoul (type + 2, NULL, 10);
    gint64 *data = g_new0 (gint64, MAX (count, 1));

    g_assert_true (g_str_has_prefix (type, "<i") || g_str_has_prefix (type, "|b") ||
                   g_str_has_prefix (type, "|i"));
    for (gsize i = 0; i < count; i++) {
      gint32 narrow;

      if (size == 4) {
        memcpy (&narrow, text + at + i * size, size);
        data[i] = narrow;
      } else
        memcpy (&data[i], text + at + i * size, size);
    }
    return cnn_onnx_array_new_ints (&shape, data);
  }
}
