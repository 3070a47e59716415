/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-tensor-view.h"

#include <string.h>

static void
find_range (CnnTensorView *self, const float *values, gsize n)
{
  double sum = 0;

  self->low = self->high = values[0];
  for (gsize i = 0; i < n; i++) {
    self->low = MIN (self->low, values[i]);
    self->high = MAX (self->high, values[i]);
    sum += values[i];
  }
  self->mean = (float)(sum / (double)n);
}

static guint8
shade (const CnnTensorView *self, float value)
{
  float range = self->high - self->low;

  return range > 0 ? (guint8)(CLAMP ((value - self->low) / range, 0, 1) * 255 + 0.5f) : 0;
}

CnnTensorView *
cnn_tensor_view_new (CnnSession *session, int channel)
{
  CnnTensorView *self = g_new0 (CnnTensorView, 1);
  gsize plane = (gsize)session->width * session->height;
  gboolean whole = channel < 0 || channel >= (int)session->channels;
  const float *values = session->input + (whole ? 0 : (gsize)channel * plane);
  guint step = whole && session->channels >= 3 ? 1 : 0; /* planes between red, green and blue */
  g_autofree guint8 *rgba = g_malloc (plane * 4);

  find_range (self, values, whole ? plane * session->channels : plane);
  for (gsize i = 0; i < plane; i++) {
    for (guint k = 0; k < 3; k++)
      rgba[4 * i + k] = shade (self, values[(gsize)step * k * plane + i]);
    rgba[4 * i + 3] = 255;
  }
  self->image = cnn_image_new (session->width, session->height, rgba);
  self->channel = whole ? CNN_TENSOR_PICTURE : channel;
  g_atomic_ref_count_init (&self->refs);
  return self;
}

CnnTensorView *
cnn_tensor_view_ref (CnnTensorView *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_tensor_view_unref (CnnTensorView *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  cnn_image_unref (self->image);
  g_free (self);
}

char *
cnn_tensor_view_name (int channel)
{
  if (channel <= CNN_TENSOR_OFF)
    return g_strdup ("off");
  return channel < 0 ? g_strdup ("picture") : g_strdup_printf ("%d", channel + 1);
}

gboolean
cnn_tensor_view_from_name (const char *name, int *channel)
{
  char *end;
  guint64 number;

  if (g_strcmp0 (name, "off") == 0 || g_strcmp0 (name, "picture") == 0) {
    *channel = name[0] == 'o' ? CNN_TENSOR_OFF : CNN_TENSOR_PICTURE;
    return TRUE;
  }
  if (name == NULL || !g_ascii_isdigit (name[0]))
    return FALSE;
  number = g_ascii_strtoull (name, &end, 10);
  if (*end != '\0' || number < 1 || number > G_MAXINT)
    return FALSE;
  *channel = (int)number - 1;
  return TRUE;
}
