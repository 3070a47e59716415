/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-noise.h"

#include <math.h>

struct _CnnNoise {
  guint64 state;
  double spare;
  gboolean has_spare;
};

CnnNoise *
cnn_noise_new (guint32 seed)
{
  CnnNoise *self = g_new0 (CnnNoise, 1);

  self->state = seed;
  return self;
}

void
cnn_noise_free (CnnNoise *self)
{
  g_free (self);
}

/* SplitMix64 (G. Steele, D. Lea, C. Flood 2014) */
static guint64
next (CnnNoise *self)
{
  guint64 z = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

double
cnn_noise_uniform (CnnNoise *self)
{
  return (double)(next (self) >> 11) / 9007199254740992.0;
}

double
cnn_noise_normal (CnnNoise *self)
{
  double radius, angle;

  if (self->has_spare) {
    self->has_spare = FALSE;
    return self->spare;
  }
  radius = sqrt (-2 * log (1 - cnn_noise_uniform (self)));
  angle = 2 * G_PI * cnn_noise_uniform (self);
  self->spare = radius * sin (angle);
  self->has_spare = TRUE;
  return radius * cos (angle);
}

int
cnn_noise_integer (CnnNoise *self, int low, int high)
{
  return low + (int)(cnn_noise_uniform (self) * (high - low + 1));
}
