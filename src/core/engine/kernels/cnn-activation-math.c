/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Element-wise functions and their derivatives. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"
#include "cnn-activation-math.h"

#include <string.h>

/* An element-wise loop is run in blocks: large enough to vectorise, small enough to share among threads. */
#define BLOCK 8192

/* the functions: x, and the parameters a, b, c */

static inline float
f_linear (float x, float a, float b, float c)
{
  return a * x + b;
}

static inline float
f_relu (float x, float a, float b, float c)
{
  float y = x > c ? x : b * (x - c);

  return x >= a ? a : y;
}

static inline float
f_elu (float x, float a, float b, float c)
{
  float negative = x < 0.0f ? x : 0.0f;
  float z = x > -0.25f ? x : -0.25f;
  /* near 0 the series, where e^x - 1 would cancel */
  float near = z + z * z * (0.5f + z * (1.0f / 6 + z * (1.0f / 24 + z * (1.0f / 120 + z * (1.0f / 720)))));
  float far = cnn_math_exp (negative) - 1.0f;

  return x > 0.0f ? b * x : a * (x > -0.25f ? near : far);
}

static inline float
f_sigmoid (float x, float a, float b, float c)
{
  return cnn_math_sigmoid (x);
}

static inline float
f_tanh (float x, float a, float b, float c)
{
  return cnn_math_tanh (x);
}

static inline float
f_softplus (float x, float a, float b, float c)
{
  return cnn_math_softplus (x);
}

static inline float
f_softsign (float x, float a, float b, float c)
{
  return x / (1.0f + fabsf (x));
}

static inline float
clip (float x, float low, float high)
{
  x = x < low ? low : x;
  return x > high ? high : x;
}

static inline float
f_hard_sigmoid (float x, float a, float b, float c)
{
  return clip (a * x + b, 0.0f, 1.0f);
}

static inline float
f_hard_swish (float x, float a, float b, float c)
{
  return x * clip (x * (1.0f / 6) + 0.5f, 0.0f, 1.0f);
}

static inline float
f_swish (float x, float a, float b, float c)
{
  return x * cnn_math_sigmoid (a * x);
}

static inline float
f_mish (float x, float a, float b, float c)
{
  return x * cnn_math_tanh_softplus (x);
}

static inline float
f_gelu_erf (float x, float a, float b, float c)
{
  return x * cnn_math_normal_cdf (x);
}

/* tanh-GELU is x·sigmoid (2u), which keeps its precision in the lower tail */
#define GELU_SCALE 0.797884561f
#define GELU_CUBE 0.044715f

static inline float
f_gelu_tanh (float x, float a, float b, float c)
{
  float z = clip (x, -20.0f, 20.0f);

  return x * cnn_math_sigmoid (2.0f * GELU_SCALE * (z + GELU_CUBE * z * z * z));
}

static inline float
f_erf (float x, float a, float b, float c)
{
  return cnn_math_erf (x);
}

static inline float
f_exp (float x, float a, float b, float c)
{
  return cnn_math_exp (x);
}

static inline float
f_log (float x, float a, float b, float c)
{
  return logf (x);
}

static inline float
f_sqrt (float x, float a, float b, float c)
{
  return sqrtf (x);
}

static inline float
f_abs (float x, float a, float b, float c)
{
  return fabsf (x);
}

static inline float
f_power (float x, float a, float b, float c)
{
  return a == 2.0f ? x * x : powf (x, a);
}

static inline float
f_clip (float x, float a, float b, float c)
{
  return clip (x, a, b);
}

static inline float
f_sign (float x, float a, float b, float c)
{
  return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; /* keeps 0 and NaN */
}

static inline float
f_floor (float x, float a, float b, float c)
{
  return floorf (x);
}

static inline float
f_ceil (float x, float a, float b, float c)
{
  return ceilf (x);
}

static inline float
f_round (float x, float a, float b, float c)
{
  return nearbyintf (x); /* halves to even */
}

static inline float
f_sin (float x, float a, float b, float c)
{
  return sinf (x);
}

static inline float
f_cos (float x, float a, float b, float c)
{
  return cosf (x);
}

/* the derivatives: by y where there is a Y in the table below, else by x */

static inline float
d_linear (float y, float a, float b, float c)
{
  return a;
}

/* of a rectifier whose output does not tell: by x */
static inline float
d_relu (float x, float a, float b, float c)
{
  float slope = x > c ? 1.0f : b;

  return x >= a ? 0.0f : slope;
}

static inline float
d_elu (float x, float a, float b, float c)
{
  return x > 0.0f ? b : a * cnn_math_exp (x < 0.0f ? x : 0.0f);
}

static inline float
d_elu_by_output (float y, float a, float b, float c)
{
  return y > 0.0f ? b : y + a;
}

static inline float
d_sigmoid (float y, float a, float b, float c)
{
  return y * (1.0f - y);
}

static inline float
d_tanh (float y, float a, float b, float c)
{
  return (1.0f - y) * (1.0f + y);
}

static inline float
d_softplus (float x, float a, float b, float c)
{
  return cnn_math_sigmoid (x);
}

static inline float
d_softsign (float x, float a, float b, float c)
{
  float r = 1.0f / (1.0f + fabsf (x));

  return r * r;
}

static inline float
d_hard_sigmoid (float y, float a, float b, float c)
{
  return y > 0.0f && y < 1.0f ? a : 0.0f;
}

static inline float
d_hard_swish (float x, float a, float b, float c)
{
  float inside = x * (1.0f / 3) + 0.5f;

  inside = x <= -3.0f ? 0.0f : inside;
  return x >= 3.0f ? 1.0f : inside;
}

static inline float
d_swish (float x, float a, float b, float c)
{
  float s = cnn_math_sigmoid (a * x);

  return s + a * x * s * (1.0f - s);
}

static inline float
d_mish (float x, float a, float b, float c)
{
  float t = cnn_math_tanh_softplus (x);

  return t + x * (1.0f - t) * (1.0f + t) * cnn_math_sigmoid (x);
}

static inline float
d_gelu_erf (float x, float a, float b, float c)
{
  float z = clip (x, -20.0f, 20.0f);

  return cnn_math_normal_cdf (x) + z * 0.398942280f * cnn_math_exp (-0.5f * z * z);
}

static inline float
d_gelu_tanh (float x, float a, float b, float c)
{
  float z = clip (x, -20.0f, 20.0f);
  float s = cnn_math_sigmoid (2.0f * GELU_SCALE * (z + GELU_CUBE * z * z * z));

  return s + z * s * (1.0f - s) * 2.0f * GELU_SCALE * (1.0f + 3.0f * GELU_CUBE * z * z);
}

static inline float
d_erf (float x, float a, float b, float c)
{
  float z = clip (x, -20.0f, 20.0f);

  return 1.128379167f * cnn_math_exp (-z * z);
}

static inline float
d_exp (float y, float a, float b, float c)
{
  return y;
}

static inline float
d_log (float x, float a, float b, float c)
{
  return 1.0f / x;
}

static inline float
d_sqrt (float y, float a, float b, float c)
{
  return 0.5f / y;
}

static inline float
d_power (float x, float a, float b, float c)
{
  return a == 2.0f ? 2.0f * x : a == 1.0f ? 1.0f : a == 0.0f ? 0.0f : a * powf (x, a - 1.0f);
}

static inline float
d_clip (float y, float a, float b, float c)
{
  return y > a && y < b ? 1.0f : 0.0f;
}

static inline float
d_zero (float y, float a, float b, float c)
{
  return 0.0f;
}

static inline float
d_sin (float x, float a, float b, float c)
{
  return cosf (x);
}

static inline float
d_cos (float x, float a, float b, float c)
{
  return -sinf (x);
}

static inline float
f_tan (float x, float a, float b, float c)
{
  return tanf (x);
}

static inline float
d_tan (float x, float a, float b, float c)
{
  float y = tanf (x);

  return 1.0f + y * y;
}

static inline float
f_asin (float x, float a, float b, float c)
{
  return asinf (x);
}

static inline float
d_asin (float x, float a, float b, float c)
{
  return 1.0f / sqrtf (1.0f - x * x);
}

static inline float
f_acos (float x, float a, float b, float c)
{
  return acosf (x);
}

static inline float
d_acos (float x, float a, float b, float c)
{
  return -1.0f / sqrtf (1.0f - x * x);
}

static inline float
f_atan (float x, float a, float b, float c)
{
  return atanf (x);
}

static inline float
d_atan (float x, float a, float b, float c)
{
  return 1.0f / (1.0f + x * x);
}

static inline float
f_sinh (float x, float a, float b, float c)
{
  return sinhf (x);
}

static inline float
d_sinh (float x, float a, float b, float c)
{
  return coshf (x);
}

static inline float
f_cosh (float x, float a, float b, float c)
{
  return coshf (x);
}

static inline float
d_cosh (float x, float a, float b, float c)
{
  return sinhf (x);
}

static inline float
f_asinh (float x, float a, float b, float c)
{
  return asinhf (x);
}

static inline float
d_asinh (float x, float a, float b, float c)
{
  return 1.0f / sqrtf (x * x + 1.0f);
}

static inline float
f_acosh (float x, float a, float b, float c)
{
  return acoshf (x);
}

static inline float
d_acosh (float x, float a, float b, float c)
{
  return 1.0f / (sqrtf (x - 1.0f) * sqrtf (x + 1.0f));
}

static inline float
f_atanh (float x, float a, float b, float c)
{
  return atanhf (x);
}

static inline float
d_atanh (float x, float a, float b, float c)
{
  return 1.0f / (1.0f - x * x);
}

static inline float
f_shrink (float x, float a, float b, float c)
{
  float low = x < -a ? x + b : 0.0f;

  return x > a ? x - b : low;
}

static inline float
d_shrink (float x, float a, float b, float c)
{
  return x < -a || x > a ? 1.0f : 0.0f;
}

/* enumerator, function, derivative, what the derivative is a function of */
#define ACTIVATION_TABLE(ROW)                                                                                \
  ROW (LINEAR, f_linear, d_linear, BY_Y)                                                                     \
  ROW (RELU, f_relu, d_relu, BY_X)                                                                           \
  ROW (ELU, f_elu, d_elu, BY_X)                                                                              \
  ROW (SIGMOID, f_sigmoid, d_sigmoid, BY_Y)                                                                  \
  ROW (TANH, f_tanh, d_tanh, BY_Y)                                                                           \
  ROW (SOFTPLUS, f_softplus, d_softplus, BY_X)                                                               \
  ROW (SOFTSIGN, f_softsign, d_softsign, BY_X)                                                               \
  ROW (HARD_SIGMOID, f_hard_sigmoid, d_hard_sigmoid, BY_Y)                                                   \
  ROW (HARD_SWISH, f_hard_swish, d_hard_swish, BY_X)                                                         \
  ROW (SWISH, f_swish, d_swish, BY_X)                                                                        \
  ROW (MISH, f_mish, d_mish, BY_X)                                                                           \
  ROW (GELU_ERF, f_gelu_erf, d_gelu_erf, BY_X)                                                               \
  ROW (GELU_TANH, f_gelu_tanh, d_gelu_tanh, BY_X)                                                            \
  ROW (ERF, f_erf, d_erf, BY_X)                                                                              \
  ROW (EXP, f_exp, d_exp, BY_Y)                                                                              \
  ROW (LOG, f_log, d_log, BY_X)                                                                              \
  ROW (SQRT, f_sqrt, d_sqrt, BY_Y)                                                                           \
  ROW (ABS, f_abs, f_sign, BY_X)                                                                             \
  ROW (POWER, f_power, d_power, BY_X)                                                                        \
  ROW (CLIP, f_clip, d_clip, BY_Y)                                                                           \
  ROW (SIGN, f_sign, d_zero, BY_Y)                                                                           \
  ROW (FLOOR, f_floor, d_zero, BY_Y)                                                                         \
  ROW (CEIL, f_ceil, d_zero, BY_Y)                                                                           \
  ROW (ROUND, f_round, d_zero, BY_Y)                                                                         \
  ROW (SIN, f_sin, d_sin, BY_X)                                                                              \
  ROW (COS, f_cos, d_cos, BY_X)                                                                              \
  ROW (TAN, f_tan, d_tan, BY_X)                                                                              \
  ROW (ASIN, f_asin, d_asin, BY_X)                                                                           \
  ROW (ACOS, f_acos, d_acos, BY_X)                                                                           \
  ROW (ATAN, f_atan, d_atan, BY_X)                                                                           \
  ROW (SINH, f_sinh, d_sinh, BY_X)                                                                           \
  ROW (COSH, f_cosh, d_cosh, BY_X)                                                                           \
  ROW (ASINH, f_asinh, d_asinh, BY_X)                                                                        \
  ROW (ACOSH, f_acosh, d_acosh, BY_X)                                                                        \
  ROW (ATANH, f_atanh, d_atanh, BY_X)                                                                        \
  ROW (SHRINK, f_shrink, d_shrink, BY_X)

typedef enum { BY_X, BY_Y } DerivativeOf;

/* One loop a function, so that each is compiled (and vectorised) on its own. @x may be @y. */
#define LOOP(ENUM, f, d, of)                                                                                 \
  CNN_KERNEL_CLONES static void forward_##ENUM (const CnnActivationAttrs *act, const float *x, float *y,     \
                                                gsize n)                                                     \
  {                                                                                                          \
    float a = act->a, b = act->b, c = act->c;                                                                \
    _Pragma ("GCC ivdep") for (gsize i = 0; i < n; i++) y[i] = f (x[i], a, b, c);                            \
  }                                                                                                          \
  CNN_KERNEL_CLONES static void backward_##ENUM (const CnnActivationAttrs *act, const float *v,              \
                                                 const float *dy, float *dx, gsize n)                        \
  {                                                                                                          \
    float a = act->a, b = act->b, c = act->c;                                                                \
    _Pragma ("GCC ivdep") for (gsize i = 0; i < n; i++) dx[i] = dy[i] * d (v[i], a, b, c);                   \
  }
ACTIVATION_TABLE (LOOP)
#undef LOOP

CNN_KERNEL_CLONES static void
backward_elu_by_output (const CnnActivationAttrs *act, const float *y, const float *dy, float *dx, gsize n)
{
  float a = act->a, b = act->b, c = act->c;

#pragma GCC ivdep
  for (gsize i = 0; i < n; i++)
    dx[i] = dy[i] * d_elu_by_output (y[i], a, b, c);
}

typedef struct {
  void (*forward) (const CnnActivationAttrs *act, const float *x, float *y, gsize n);
  void (*backward) (const CnnActivationAttrs *act, const float *v, const float *dy, float *dx, gsize n);
  DerivativeOf of;
} Activation;

static const Activation activations[CNN_N_ACTS] = {
#define ROW(ENUM, f, d, of) [CNN_ACT_##ENUM] = { forward_##ENUM, backward_##ENUM, of },
  ACTIVATION_TABLE (ROW)
#undef ROW
};

void
cnn_activation_forward (const CnnActivationAttrs *act, const float *x, float *y, gsize n)
{
  g_return_if_fail (act->kind < CNN_N_ACTS);
#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gsize i = 0; i < n; i += BLOCK)
    activations[act->kind].forward (act, x + i, y + i, MIN (n - i, BLOCK));
}

gboolean
cnn_activation_derives_from_output (const CnnActivationAttrs *act)
{
  g_return_val_if_fail (act->kind < CNN_N_ACTS, FALSE);
  switch (act->kind) {
  case CNN_ACT_RELU: /* a falling branch, or one that reaches below 0, can end at any y */
    return act->b >= 0 && act->c >= 0;
  case CNN_ACT_ELU:
    return act->a >= 0 && act->b > 0;
  default:
    return activations[act->kind].of == BY_Y;
  }
}

/* A rectifier by its input: the linear part is c < x < a. */
static void
gate_by_input (const CnnActivationAttrs *act, const float *x, const float *dy, CnnModifier modifier,
               float *dx, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    gboolean open = modifier == CNN_MODIFIER_RELU || (x[i] > act->c && x[i] < act->a);

    dx[i] = open && dy[i] > 0 ? dy[i] : 0;
  }
}

void
cnn_activation_backward (const CnnActivationAttrs *act, const float *x, const float *y, const float *dy,
                         CnnModifier modifier, float *dx, gsize n)
{
  gboolean by_output = cnn_activation_derives_from_output (act);
  const Activation *activation = &activations[act->kind];
  const float *v;

  if (act->kind == CNN_ACT_RELU && by_output) {
    cnn_activation_gate (act, y, dy, modifier, dx, n);
    return;
  }
  if (act->kind == CNN_ACT_RELU && modifier != CNN_MODIFIER_VANILLA) {
    gate_by_input (act, x, dy, modifier, dx, n);
    return;
  }
  v = activation->of == BY_Y || (act->kind == CNN_ACT_ELU && by_output && x == NULL) ? y : x;
#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gsize i = 0; i < n; i += BLOCK) {
    gsize m = MIN (n - i, BLOCK);

    if (act->kind == CNN_ACT_ELU && v == y)
      backward_elu_by_output (act, y + i, dy + i, dx + i, m);
    else
      activation->backward (act, v + i, dy + i, dx + i, m);
  }
}

CNN_KERNEL_CLONES static void
gate_vanilla (float cap, float slope, const float *y, const float *dy, float *dx, gsize n)
{
#pragma GCC ivdep
  for (gsize i = 0; i < n; i++) {
    float s = y[i] > 0.0f ? 1.0f : slope;

    dx[i] = dy[i] * (y[i] >= cap ? 0.0f : s);
  }
}

CNN_KERNEL_CLONES static void
gate_guided (float cap, const float *y, const float *dy, float *dx, gsize n)
{
#pragma GCC ivdep
  for (gsize i = 0; i < n; i++) {
    float g = dy[i] > 0.0f ? dy[i] : 0.0f;

    g = y[i] > 0.0f ? g : 0.0f;
    dx[i] = y[i] < cap ? g : 0.0f;
  }
}

CNN_KERNEL_CLONES static void
gate_relu (const float *dy, float *dx, gsize n)
{
#pragma GCC ivdep
  for (gsize i = 0; i < n; i++)
    dx[i] = dy[i] > 0.0f ? dy[i] : 0.0f;
}

void
cnn_activation_gate (const CnnActivationAttrs *act, const float *y, const float *dy, CnnModifier modifier,
                     float *dx, gsize n)
{
#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gsize i = 0; i < n; i += BLOCK) {
    gsize m = MIN (n - i, BLOCK);

    if (modifier == CNN_MODIFIER_VANILLA)
      gate_vanilla (act->a, act->b, y + i, dy + i, dx + i, m);
    else if (modifier == CNN_MODIFIER_GUIDED)
      gate_guided (act->a, y + i, dy + i, dx + i, m);
    else
      gate_relu (dy + i, dx + i, m);
  }
}
