/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between CnnViz' order of axes (batch, channels, space) and the file's. */
#include "cnn-model.h"

#include <string.h>

void
cnn_model_get_framework_shape (CnnModel *self, guint value, CnnShape *shape)
{
  const CnnValue *v = cnn_model_get_value (self, value);

  *shape = v->shape;
  if (v->layout != CNN_LAYOUT_CHANNELS_LAST || shape->rank < 3)
    return;
  for (guint i = 1; i + 1 < shape->rank; i++)
    shape->dims[i] = v->shape.dims[i + 1];
  shape->dims[shape->rank - 1] = v->shape.dims[1];
}

static void
transpose (const float *in, float *out, gsize rows, gsize columns)
{
  for (gsize i = 0; i < rows; i++)
    for (gsize j = 0; j < columns; j++)
      out[j * rows + i] = in[i * columns + j];
}

static void
convert (CnnModel *self, guint value, guint n_batch, const float *in, float *out, gboolean to_framework)
{
  const CnnValue *v = cnn_model_get_value (self, value);
  gsize size = cnn_shape_size (&v->shape), n = n_batch, channels, space;

  if (v->layout != CNN_LAYOUT_CHANNELS_LAST || v->shape.rank < 3) {
    memcpy (out, in, size * n_batch * sizeof (float));
    return;
  }
  n *= (gsize)v->shape.dims[0];
  channels = (gsize)v->shape.dims[1];
  space = cnn_shape_size_from (&v->shape, 2);
  for (gsize i = 0; i < n; i++, in += channels * space, out += channels * space) {
    if (to_framework)
      transpose (in, out, channels, space);
    else
      transpose (in, out, space, channels);
  }
}

void
cnn_model_to_framework (CnnModel *self, guint value, guint n_batch, const float *in, float *out)
{
  convert (self, value, n_batch, in, out, TRUE);
}

void
cnn_model_from_framework (CnnModel *self, guint value, guint n_batch, const float *in, float *out)
{
  convert (self, value, n_batch, in, out, FALSE);
}
