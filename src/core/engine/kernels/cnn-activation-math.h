/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Elementary functions without branches or calls, so that loops over them become vector code. The polynomials
 * are relative minimax fits over the stated ranges; every function stays below 3e-7 relative error where its
 * result is a normal number.
 */

#include <glib.h>
#include <math.h>

/** 2^n for -126 <= n <= 127. */
static inline float
cnn_math_exp2i (gint32 n)
{
  union {
    guint32 u;
    float f;
  } bits = { .u = ((guint32)n + 127u) << 23 };

  return bits.f;
}

static inline float
cnn_math_exp (float x)
{
  union {
    float f;
    guint32 u;
  } shifted;
  gint32 n, half;
  float r, p;

  x = x < -105.0f ? -105.0f : x;
  x = x > 89.0f ? 89.0f : x;
  /* adding 1.5·2^23 leaves the nearest integer in the low bits */
  shifted.f = x * 1.44269504f + 12582912.0f;
  n = (gint32)(shifted.u - 0x4b400000u);
  r = shifted.f - 12582912.0f;
  /* ln 2 in two parts, the first with few enough bits to multiply exactly */
  r = x - r * 0.693359375f + r * 2.12194440e-4f;
  p = 1.390135690e-03f;
  p = p * r + 8.363351804e-03f;
  p = p * r + 4.166685620e-02f;
  p = p * r + 1.666657605e-01f;
  p = p * r + 4.999999954e-01f;
  p = p * r * r + r + 1.0f;
  /* in two factors: the result may be subnormal or infinite; a NaN's n is arbitrary, so it is kept in range
   */
  n = n < -152 ? -152 : n;
  n = n > 130 ? 130 : n;
  half = n >> 1;
  return p * cnn_math_exp2i (half) * cnn_math_exp2i (n - half);
}

/** log (1 + u) for 0 <= u <= 1. */
static inline float
cnn_math_log1p_unit (float u)
{
  float s = u / (2.0f + u), z = s * s, p;

  p = 1.215047580e-01f;
  p = p * z + 1.071382629e-01f;
  p = p * z + 1.430844269e-01f;
  p = p * z + 1.999943886e-01f;
  p = p * z + 3.333333781e-01f;
  return 2.0f * s + 2.0f * s * z * p;
}

static inline float
cnn_math_sigmoid (float x)
{
  float e = cnn_math_exp (-fabsf (x)), r = 1.0f / (1.0f + e);

  return x >= 0.0f ? r : e * r;
}

static inline float
cnn_math_tanh (float x)
{
  float a = fabsf (x), z = x * x, p, large;

  large = copysignf (1.0f - 2.0f / (cnn_math_exp (2.0f * a) + 1.0f), x);
  p = -5.603879211e-03f;
  p = p * z + 2.055168374e-02f;
  p = p * z - 5.371409461e-02f;
  p = p * z + 1.333115262e-01f;
  p = p * z - 3.333327207e-01f;
  p = x + x * z * p;
  return a > 0.625f ? large : p; /* a NaN takes p */
}

static inline float
cnn_math_softplus (float x)
{
  return (x > 0.0f ? x : 0.0f) + cnn_math_log1p_unit (cnn_math_exp (-fabsf (x)));
}

/** tanh (softplus (x)), with one exponential. */
static inline float
cnn_math_tanh_softplus (float x)
{
  float e = cnn_math_exp (-fabsf (x));
  float top = x > 0.0f ? 1.0f + 2.0f * e : e * (e + 2.0f);
  float rest = x > 0.0f ? 2.0f * e * e : 2.0f;

  return top / (top + rest);
}

/** erfc (x) for x >= 0.98; elsewhere it is not used. */
static inline float
cnn_math_erfc_large (float x)
{
  float t = 1.0f / (1.0f + 0.5f * x), p, high, low;
  union {
    float f;
    guint32 u;
  } head = { .f = x };

  p = -4.571368976e-02f;
  p = p * t + 2.452959303e-01f;
  p = p * t - 4.411654720e-01f;
  p = p * t + 2.515184345e-01f;
  p = p * t - 1.967051840e-02f;
  p = p * t + 2.026498209e-01f;
  p = p * t + 2.426941354e-01f;
  p = p * t + 2.824612873e-01f;
  p = p * t + 2.820808089e-01f;
  /* x² in two parts: its rounding error would be multiplied by x² in the exponential */
  head.u &= 0xfffff000u;
  high = head.f * head.f;
  low = (x - head.f) * (x + head.f);
  high = high > 1e4f ? 1e4f : high;
  low = high >= 1e4f ? 0.0f : low;
  return cnn_math_exp (-high) * (1.0f - low + 0.5f * low * low) * p * t;
}

static inline float
cnn_math_erf_small (float x)
{
  float z = x * x, p;

  p = 7.853847069e-05f;
  p = p * z - 8.010189288e-04f;
  p = p * z + 5.188327190e-03f;
  p = p * z - 2.685381167e-02f;
  p = p * z + 1.128358514e-01f;
  p = p * z - 3.761262582e-01f;
  p = p * z + 1.128379166e+00f;
  return p * x;
}

static inline float
cnn_math_erf (float x)
{
  float a = fabsf (x);
  float large = copysignf (1.0f - cnn_math_erfc_large (a), x), small = cnn_math_erf_small (x);

  return a > 0.98f ? large : small;
}

/** The normal distribution function, exact in its lower tail too. */
static inline float
cnn_math_normal_cdf (float x)
{
  float s = x * 0.707106781f, a = fabsf (s);
  float tail = 0.5f * cnn_math_erfc_large (a), middle = 0.5f + 0.5f * cnn_math_erf_small (s);

  tail = s > 0.0f ? 1.0f - tail : tail;
  return a > 0.98f ? tail : middle;
}
