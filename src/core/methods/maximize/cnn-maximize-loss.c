/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-loss.h"

#include <math.h>

#define POWER 6

static double
power (double x, guint n)
{
  double product = 1;

  for (; n > 0; n--)
    product *= x;
  return product;
}

double
cnn_loss_lp (const float *x, gsize n, double weight, float *gradient)
{
  double most = 0, sum = 0, norm;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, fabs ((double)x[i]));
  /* at zero the norm has no gradient; it pulls nowhere */
  if (most == 0 || weight == 0)
    return 0;
  for (gsize i = 0; i < n; i++)
    sum += power (fabs (x[i] / most), POWER);
  norm = pow (sum, 1.0 / POWER);
  for (gsize i = 0; i < n; i++) {
    double share = fabs (x[i] / most) / norm;

    gradient[i] += (float)(weight / (double)n * copysign (power (share, POWER - 1), x[i]));
  }
  return weight * most * norm / (double)n;
}

double
cnn_loss_tv (const float *x, guint channels, guint height, guint width, double weight, float *gradient)
{
  gsize plane = (gsize)height * width;
  double sum = 0, scale = weight / (double)(plane * channels);

  for (guint c = 0; c < channels; c++)
    for (guint row = 0; row + 1 < height; row++)
      for (guint column = 0; column + 1 < width; column++) {
        gsize at = c * plane + (gsize)row * width + column;
        double right = (double)x[at + 1] - x[at], below = (double)x[at + width] - x[at];

        sum += right * right + below * below;
        gradient[at + 1] += (float)(2 * scale * right);
        gradient[at + width] += (float)(2 * scale * below);
        gradient[at] -= (float)(2 * scale * (right + below));
      }
  return scale * sum;
}
