/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cnn-shape.h"

#include <stdarg.h>
#include <string.h>

/* More than any machine's memory, and far enough from G_MAXINT64 for sums of offsets. */
#define MAX_BYTES (G_GINT64_CONSTANT (1) << 40)

CnnShape
cnn_shape (guint rank, ...)
{
  CnnShape shape = { .rank = rank };
  va_list args;

  g_assert (rank <= CNN_MAX_RANK);
  va_start (args, rank);
  for (guint i = 0; i < rank; i++)
    shape.dims[i] = va_arg (args, gint64);
  va_end (args);
  return shape;
}

CnnShape
cnn_shape4 (gint64 n, gint64 c, gint64 h, gint64 w)
{
  return (CnnShape){ .rank = 4, .dims = { n, c, h, w } };
}

gboolean
cnn_shape_equal (const CnnShape *a, const CnnShape *b)
{
  return a->rank == b->rank && memcmp (a->dims, b->dims, a->rank * sizeof a->dims[0]) == 0;
}

gboolean
cnn_shape_is_free (const CnnShape *shape)
{
  for (guint i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0)
      return TRUE;
  return FALSE;
}

gboolean
cnn_shape_count (const CnnShape *shape, gsize *count)
{
  gint64 n = 1;

  for (guint i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0)
      return FALSE;
  for (guint i = 0; i < shape->rank; i++) {
    if (shape->dims[i] != 0 && n > MAX_BYTES / (gint64)sizeof (float) / shape->dims[i])
      return FALSE;
    n *= shape->dims[i];
  }
  *count = (gsize)n;
  return TRUE;
}

gsize
cnn_shape_size (const CnnShape *shape)
{
  gsize count = 0;

  return cnn_shape_count (shape, &count) ? count : 0;
}

gsize
cnn_shape_size_from (const CnnShape *shape, guint first)
{
  gsize n = 1;

  for (guint i = first; i < shape->rank; i++)
    n *= (gsize)shape->dims[i];
  return n;
}

void
cnn_shape_strides (const CnnShape *shape, gint64 strides[CNN_MAX_RANK])
{
  gint64 stride = 1;

  for (guint i = shape->rank; i-- > 0;) {
    strides[i] = stride;
    stride *= shape->dims[i];
  }
}

gboolean
cnn_shape_axis (const CnnShape *shape, gint64 axis, guint *out)
{
  if (axis < 0)
    axis += shape->rank;
  if (axis < 0 || axis >= (gint64)shape->rank)
    return FALSE;
  *out = (guint)axis;
  return TRUE;
}

gboolean
cnn_shape_broadcast (const CnnShape *a, const CnnShape *b, CnnShape *out)
{
  guint rank = MAX (a->rank, b->rank);

  out->rank = rank;
  for (guint i = 0; i < rank; i++) {
    gint64 da = i + a->rank >= rank ? a->dims[i + a->rank - rank] : 1;
    gint64 db = i + b->rank >= rank ? b->dims[i + b->rank - rank] : 1;

    if (da != db && da != 1 && db != 1)
      return FALSE;
    out->dims[i] = da == 1 ? db : da;
  }
  return TRUE;
}

char *
cnn_shape_to_keras (const CnnShape *shape)
{
  GString *text = g_string_new ("(None");

  for (guint i = 1; i < shape->rank; i++) {
    if (shape->dims[i] < 0)
      g_string_append (text, ", None");
    else
      g_string_append_printf (text, ", %" G_GINT64_FORMAT, shape->dims[i]);
  }
  g_string_append (text, shape->rank == 1 ? ",)" : ")");
  return g_string_free (text, FALSE);
}

char *
cnn_shape_to_string (const CnnShape *shape)
{
  GString *text = g_string_new (shape->rank == 0 ? "scalar" : NULL);

  for (guint i = 0; i < shape->rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? "x" : "", shape->dims[i]);
  return g_string_free (text, FALSE);
}
