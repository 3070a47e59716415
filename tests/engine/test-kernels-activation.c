/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The precision of the elementary functions, extreme arguments, and the rectifiers' gates. */
#include "engine/kernels/cnn-kernel.h"
#include "engine/kernels/cnn-activation-math.h"

#include <float.h>
#include <string.h>

typedef struct {
  const char *name;
  float (*f) (float x);
  double (*reference) (double x);
  double low, high;
} Precision;

static float
own_exp (float x)
{
  return cnn_math_exp (x);
}

static float
own_tanh (float x)
{
  return cnn_math_tanh (x);
}

static float
own_sigmoid (float x)
{
  return cnn_math_sigmoid (x);
}

static double
reference_sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

static float
own_softplus (float x)
{
  return cnn_math_softplus (x);
}

static double
reference_softplus (double x)
{
  return x > 0 ? x + log1p (exp (-x)) : log1p (exp (x));
}

static float
own_tanh_softplus (float x)
{
  return cnn_math_tanh_softplus (x);
}

static double
reference_tanh_softplus (double x)
{
  return tanh (reference_softplus (x));
}

static float
own_erf (float x)
{
  return cnn_math_erf (x);
}

static float
own_normal_cdf (float x)
{
  return cnn_math_normal_cdf (x);
}

static double
reference_normal_cdf (double x)
{
  return 0.5 * erfc (-x / sqrt (2));
}

static const Precision precisions[] = {
  { "exp", own_exp, exp, -87, 88.7 },
  { "tanh", own_tanh, tanh, -12, 12 },
  { "tanh near 0", own_tanh, tanh, -0.7, 0.7 },
  { "sigmoid", own_sigmoid, reference_sigmoid, -80, 20 },
  { "softplus", own_softplus, reference_softplus, -80, 40 },
  { "tanh of softplus", own_tanh_softplus, reference_tanh_softplus, -80, 40 },
  { "erf", own_erf, erf, -5, 5 },
  { "normal distribution", own_normal_cdf, reference_normal_cdf, -11, 6 },
};

static void
test_precision (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (precisions); k++) {
    const Precision *p = &precisions[k];
    double worst = 0, at = 0;

    for (int i = 0; i <= 400000; i++) {
      float x = (float)(p->low + (p->high - p->low) * i / 400000);
      double expected = p->reference (x), error;

      error = expected == 0 ? fabs (p->f (x)) : fabs ((p->f (x) - expected) / expected);
      if (!(error <= worst)) {
        worst = error;
        at = x;
      }
    }
    g_test_message ("%s: relative error %.3g at %g", p->name, worst, at);
    /* the normal distribution's argument is rounded before it is squared */
    g_assert_cmpfloat (worst, <=, p->f == own_normal_cdf ? 1.2e-5 : 5e-7);
  }
}

/* Elements by themselves give what they give in a long array: vector code and its remainder agree. */
static void
test_vector_remainder (void)
{
  enum { N = 100003 };
  g_autofree float *x = g_new (float, N), *y = g_new (float, N), *in_place = g_new (float, N);

  for (int i = 0; i < N; i++)
    x[i] = (float)(i - N / 2) * (20.0f / N);
  for (guint kind = 0; kind < CNN_N_ACTS; kind++) {
    CnnActivationAttrs act = { kind, 2.0f, 0.5f, 0.25f };

    cnn_activation_forward (&act, x, y, N);
    memcpy (in_place, x, N * sizeof *x);
    cnn_activation_forward (&act, in_place, in_place, N);
    g_assert_true (memcmp (y, in_place, N * sizeof *y) == 0);
    for (int i = 0; i < N; i += 997) {
      float alone;

      cnn_activation_forward (&act, x + i, &alone, 1);
      if (!isnan (alone) || !isnan (y[i]))
        g_assert_cmpfloat_with_epsilon (alone, y[i], 1e-6 * (1 + fabs (y[i])));
    }
  }
}

static void
test_extremes (void)
{
  static const float x[] = { -INFINITY, -FLT_MAX, -1e10f, -1000, -200,  -0.0f,
                             0,         1e-40f,   200,    1000,  1e10f, FLT_MAX };
  static const CnnActivation bounded[] = { CNN_ACT_SIGMOID, CNN_ACT_TANH, CNN_ACT_SOFTSIGN, CNN_ACT_ERF };
  float y[G_N_ELEMENTS (x)], one[G_N_ELEMENTS (x)], dx[G_N_ELEMENTS (x)];

  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    one[i] = 1;
  for (guint kind = CNN_ACT_SIGMOID; kind <= CNN_ACT_EXP; kind++) {
    CnnActivationAttrs act = { kind, 1.0f, 0.5f, 0 };
    guint skip = kind == CNN_ACT_SOFTSIGN || kind == CNN_ACT_HARD_SWISH || kind == CNN_ACT_SWISH ||
                 kind == CNN_ACT_MISH || kind == CNN_ACT_GELU_ERF || kind == CNN_ACT_GELU_TANH;

    cnn_activation_forward (&act, x, y, G_N_ELEMENTS (x));
    cnn_activation_backward (&act, x, y, one, CNN_MODIFIER_VANILLA, dx, G_N_ELEMENTS (x));
    for (guint i = skip; i < G_N_ELEMENTS (x); i++) {
      g_assert_false (isnan (y[i]));
      g_assert_false (isnan (dx[i]));
    }
  }
  for (guint k = 0; k < G_N_ELEMENTS (bounded); k++) {
    CnnActivationAttrs act = { bounded[k], 0, 0, 0 };
    float nan = NAN;

    cnn_activation_forward (&act, x + 1, y, G_N_ELEMENTS (x) - 1);
    for (guint i = 0; i + 1 < G_N_ELEMENTS (x); i++)
      g_assert_cmpfloat (fabsf (y[i]), <=, 1);
    cnn_activation_forward (&act, &nan, &nan, 1);
    g_assert_true (isnan (nan));
  }
  g_assert_cmpfloat (cnn_math_exp (-INFINITY), ==, 0);
  g_assert_true (isinf (cnn_math_exp (100)));
  g_assert_true (isnan (cnn_math_exp (NAN)));
  g_assert_cmpfloat (cnn_math_exp (-100), >, 0); /* subnormal */
}

/* Where the derivative follows from the output, the input may be left out and the numbers are the same. */
static void
test_from_output (void)
{
  enum { N = 200 };
  float x[N], y[N], dy[N], a[N], b[N];

  for (int i = 0; i < N; i++) {
    x[i] = (float)i / 20 - 4.97f;
    dy[i] = (i % 7) - 2.5f;
  }
  for (guint kind = 0; kind < CNN_N_ACTS; kind++) {
    CnnActivationAttrs act = { kind, 3.0f, 0.5f, 0.25f };

    if (!cnn_activation_derives_from_output (&act))
      continue;
    cnn_activation_forward (&act, x, y, N);
    for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++) {
      cnn_activation_backward (&act, x, y, dy, modifier, a, N);
      cnn_activation_backward (&act, NULL, y, dy, modifier, b, N);
      for (int i = 0; i < N; i++)
        if (!isnan (a[i]) || !isnan (b[i]))
          g_assert_cmpfloat_with_epsilon (a[i], b[i], 1e-5f);
    }
  }
  g_assert_false (
      cnn_activation_derives_from_output (&(CnnActivationAttrs){ CNN_ACT_RELU, INFINITY, -0.1f, 0 }));
  g_assert_false (
      cnn_activation_derives_from_output (&(CnnActivationAttrs){ CNN_ACT_RELU, INFINITY, 0, -1 }));
  g_assert_true (cnn_activation_derives_from_output (&(CnnActivationAttrs){ CNN_ACT_RELU, 6, 0.1f, 0 }));
}

/* The trigonometric functions, the hyperbolic ones and Shrink against the C library and finite differences.
 */
static void
test_trigonometric (void)
{
  static const struct {
    CnnActivation kind;
    double (*f) (double x);
    double low, high;
  } cases[] = {
    { CNN_ACT_SIN, sin, -4, 4 },         { CNN_ACT_COS, cos, -4, 4 },         { CNN_ACT_TAN, tan, -1.4, 1.4 },
    { CNN_ACT_ASIN, asin, -0.95, 0.95 }, { CNN_ACT_ACOS, acos, -0.95, 0.95 }, { CNN_ACT_ATAN, atan, -5, 5 },
    { CNN_ACT_SINH, sinh, -3, 3 },       { CNN_ACT_COSH, cosh, -3, 3 },       { CNN_ACT_ASINH, asinh, -5, 5 },
    { CNN_ACT_ACOSH, acosh, 1.1, 5 },    { CNN_ACT_ATANH, atanh, -0.9, 0.9 },
  };
  static const float edges[] = { -2, -0.6f, -0.4f, 0.4f, 0.6f, 2 },
                     shrunk[] = { -1.9f, -0.5f, 0, 0, 0.5f, 1.9f };
  CnnActivationAttrs shrink = { CNN_ACT_SHRINK, 0.5f, 0.1f, 0 };
  float y[6], dx[6], ones[6] = { 1, 1, 1, 1, 1, 1 };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    for (int i = 0; i <= 100; i++) {
      CnnActivationAttrs act = { cases[k].kind, 0, 0, 0 };
      double at = cases[k].low + (cases[k].high - cases[k].low) * i / 100, h = 1e-5;
      double slope = (cases[k].f (at + h) - cases[k].f (at - h)) / (2 * h);
      float x = (float)at;

      cnn_activation_forward (&act, &x, y, 1);
      cnn_activation_backward (&act, &x, y, ones, CNN_MODIFIER_VANILLA, dx, 1);
      g_assert_cmpfloat_with_epsilon (y[0], cases[k].f (at), 1e-5 * (1 + fabs (y[0])));
      g_assert_cmpfloat_with_epsilon (dx[0], slope, 1e-4 * (1 + fabs (slope)));
    }
  cnn_activation_forward (&shrink, edges, y, 6);
  cnn_activation_backward (&shrink, edges, y, ones, CNN_MODIFIER_VANILLA, dx, 6);
  for (int i = 0; i < 6; i++) {
    g_assert_cmpfloat_with_epsilon (y[i], shrunk[i], 1e-6);
    g_assert_cmpfloat (dx[i], ==, shrunk[i] != 0);
  }
}

static void
check_gate (const CnnActivationAttrs *act, CnnModifier modifier, const float *expected)
{
  /* below, at 0, inside, at the cap of 6, beyond; each with a rising and a falling gradient */
  static const float x[] = { -2, -2, 0, 0, 3, 3, 6, 6, 8, 8 };
  static const float dy[] = { 1, -1, 1, -1, 1, -1, 1, -1, 1, -1 };
  float y[10], dx[10];

  cnn_activation_forward (act, x, y, 10);
  cnn_activation_backward (act, x, y, dy, modifier, dx, 10);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat (dx[i], ==, expected[i]);
  cnn_activation_gate (act, y, dy, modifier, dx, 10);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat (dx[i], ==, expected[i]);
}

static void
test_gates (void)
{
  CnnActivationAttrs relu = cnn_activation_relu (), capped = relu, leaky = relu;

  capped.a = 6;
  leaky.b = 0.25f;
  check_gate (&relu, CNN_MODIFIER_VANILLA, (float[]){ 0, 0, 0, 0, 1, -1, 1, -1, 1, -1 });
  check_gate (&relu, CNN_MODIFIER_GUIDED, (float[]){ 0, 0, 0, 0, 1, 0, 1, 0, 1, 0 });
  check_gate (&relu, CNN_MODIFIER_RELU, (float[]){ 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 });
  check_gate (&capped, CNN_MODIFIER_VANILLA, (float[]){ 0, 0, 0, 0, 1, -1, 0, 0, 0, 0 });
  check_gate (&capped, CNN_MODIFIER_GUIDED, (float[]){ 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 });
  check_gate (&capped, CNN_MODIFIER_RELU, (float[]){ 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 });
  check_gate (&leaky, CNN_MODIFIER_VANILLA, (float[]){ 0.25f, -0.25f, 0.25f, -0.25f, 1, -1, 1, -1, 1, -1 });
  check_gate (&leaky, CNN_MODIFIER_GUIDED, (float[]){ 0, 0, 0, 0, 1, 0, 1, 0, 1, 0 });
  check_gate (&leaky, CNN_MODIFIER_RELU, (float[]){ 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 });
}

static void
test_prelu_gates (void)
{
  static const float x[] = { -2, -2, 0, 3, 3 }, slope[] = { 0.25f }, dy[] = { 1, -1, 1, 1, -1 };
  static const float expected[CNN_N_MODIFIERS][5] = { { 0.25f, -0.25f, 0.25f, 1, -1 },
                                                      { 0, 0, 0, 1, 0 },
                                                      { 1, 0, 1, 1, 0 } };
  CnnOp op = { .kind = CNN_OP_PRELU, .n_inputs = 2 };
  CnnShape shapes[2], out;
  const float *in[] = { x, slope };
  CnnKernelArgs args = { &op, shapes, &out };

  shapes[0] = out = cnn_shape (2, (gint64)1, (gint64)5);
  shapes[1] = cnn_shape (1, (gint64)1);
  for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++) {
    float dx[5];

    cnn_kernel_for (CNN_OP_PRELU)->backward (&args, in, NULL, dy, 0, modifier, dx);
    for (int i = 0; i < 5; i++)
      g_assert_cmpfloat (dx[i], ==, expected[modifier][i]);
  }
}

static void
dense (const float *w, gint64 n_out, gint64 n_in, const float *x, float *y, const float *dy, float *dx)
{
  CnnOp op = { .kind = CNN_OP_DENSE, .n_inputs = 2 };
  CnnShape shapes[2], out = cnn_shape (2, (gint64)1, n_out);
  CnnKernelArgs args = { &op, shapes, &out };
  const float *in[] = { x, w };

  shapes[0] = cnn_shape (2, (gint64)1, n_in);
  shapes[1] = cnn_shape (2, n_out, n_in);
  if (dy == NULL)
    cnn_kernel_for (CNN_OP_DENSE)->forward (&args, in, y);
  else
    cnn_kernel_for (CNN_OP_DENSE)->backward (&args, in, y, dy, 0, CNN_MODIFIER_VANILLA, dx);
}

/* Rectified units of -(a + b) and a + b, and an output of the second less the first: the network whose
 * gradients keras-vis states in its tests. */
static void
test_two_unit_network (void)
{
  static const float w1[] = { -1, -1, 1, 1 }, w2[] = { -1, 1 };
  static const float inputs[7][2] = {
    { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { -1, 0 }, { 0, -1 }, { -1, -1 }
  };
  CnnActivationAttrs relu = cnn_activation_relu ();

  for (guint i = 0; i < 7; i++)
    for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++) {
      float z[2], y[2], score[1], dy[2], dz[2], dx[2], one = 1, expected;

      dense (w1, 2, 2, inputs[i], z, NULL, NULL);
      cnn_activation_forward (&relu, z, y, 2);
      dense (w2, 1, 2, y, score, NULL, NULL);
      dense (w2, 1, 2, y, score, &one, dy);
      cnn_activation_gate (&relu, y, dy, modifier, dz, 2);
      dense (w1, 2, 2, inputs[i], z, dz, dx);
      expected = modifier == CNN_MODIFIER_RELU      ? 1
                 : i == 0                           ? 0
                 : modifier == CNN_MODIFIER_VANILLA ? 1
                                                    : i < 4;
      g_assert_cmpfloat (dx[0], ==, expected);
      g_assert_cmpfloat (dx[1], ==, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/activations/precision", test_precision);
  g_test_add_func ("/activations/vector-remainder", test_vector_remainder);
  g_test_add_func ("/activations/extremes", test_extremes);
  g_test_add_func ("/activations/from-output", test_from_output);
  g_test_add_func ("/activations/gates", test_gates);
  g_test_add_func ("/activations/trigonometric", test_trigonometric);
  g_test_add_func ("/activations/prelu-gates", test_prelu_gates);
  g_test_add_func ("/activations/two-unit-network", test_two_unit_network);
  return g_test_run ();
}
