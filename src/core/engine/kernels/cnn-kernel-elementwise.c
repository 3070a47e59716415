/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activations, PReLU and arithmetic of two arrays with numpy's broadcasting. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <math.h>
#include <string.h>

/* activation */

static void
activation_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  cnn_activation_forward (&args->op->attrs.activation, in[0], out, cnn_shape_size (args->out));
}

static void
activation_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                     guint which, CnnModifier modifier, float *din)
{
  cnn_activation_backward (&args->op->attrs.activation, in[0], out, dout, modifier, din,
                           cnn_shape_size (args->out));
}

const CnnKernel cnn_kernel_activation = { activation_forward, activation_backward, TRUE, TRUE };

/* Two inputs broadcast to an output: the arrays of the loop are a, b and the output. */
static gsize
pair_loop (CnnLoop *loop, const CnnKernelArgs *args)
{
  cnn_loop_init (loop, args->out);
  cnn_loop_add_broadcast (loop, args->out, &args->in[0]);
  cnn_loop_add_broadcast (loop, args->out, &args->in[1]);
  cnn_loop_add_broadcast (loop, args->out, args->out);
  cnn_loop_merge (loop);
  return cnn_loop_rows (loop);
}

/* An input that is not repeated has each of its gradients once; the others sum theirs. */
static gboolean
is_repeated (const CnnKernelArgs *args, guint which)
{
  return cnn_shape_size (&args->in[which]) != cnn_shape_size (args->out);
}

/* PReLU */

static void
prelu_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  CnnLoop loop;
  gsize rows = pair_loop (&loop, args);
  gint64 n = loop.dims[loop.rank - 1], sa = loop.strides[0][loop.rank - 1],
         sb = loop.strides[1][loop.rank - 1];

#pragma omp parallel for if (rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      float x = in[0][at[0] + i * sa];

      out[at[2] + i] = x > 0 ? x : in[1][at[1] + i * sb] * x;
    }
  }
}

static inline float
prelu_gate (float x, float slope, float g, CnnModifier modifier)
{
  if (modifier == CNN_MODIFIER_VANILLA)
    return x > 0 ? g : g * slope;
  return g > 0 && (modifier == CNN_MODIFIER_RELU || x > 0) ? g : 0;
}

static void
prelu_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                guint which, CnnModifier modifier, float *din)
{
  CnnLoop loop;
  gsize rows = pair_loop (&loop, args), n_slopes = cnn_shape_size (&args->in[1]);
  gint64 n = loop.dims[loop.rank - 1], sa = loop.strides[0][loop.rank - 1],
         sb = loop.strides[1][loop.rank - 1];
  g_autofree double *sums = which == 1 ? g_new0 (double, n_slopes) : NULL;

#pragma omp parallel for if (which == 0 && rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      float x = in[0][at[0] + i * sa], g = dout[at[2] + i];

      if (which == 0)
        din[at[0] + i * sa] = prelu_gate (x, in[1][at[1] + i * sb], g, modifier);
      else
        sums[at[1] + i * sb] += x > 0 ? 0 : (double)x * g;
    }
  }
  for (gsize i = 0; which == 1 && i < n_slopes; i++)
    din[i] = (float)sums[i];
}

const CnnKernel cnn_kernel_prelu = { prelu_forward, prelu_backward, TRUE, FALSE };

/* binary */

static inline float
apply (CnnBinaryKind kind, float a, float b)
{
  switch (kind) {
  case CNN_BINARY_ADD:
    return a + b;
  case CNN_BINARY_SUB:
    return a - b;
  case CNN_BINARY_MUL:
    return a * b;
  case CNN_BINARY_DIV:
    return a / b;
  case CNN_BINARY_MAX:
    return a > b || isnan (a) ? a : b;
  case CNN_BINARY_MIN:
    return a < b || isnan (a) ? a : b;
  case CNN_BINARY_POW:
    return b == 2.0f ? a * a : powf (a, b);
  case CNN_BINARY_MOD:
    return a - b * floorf (a / b);
  case CNN_BINARY_FMOD:
    return fmodf (a, b);
  }
  return 0;
}

/* The derivative by the first (@which 0) or second input. Equal values share a maximum's gradient. */
static inline float
derive (CnnBinaryKind kind, guint which, float a, float b)
{
  switch (kind) {
  case CNN_BINARY_ADD:
    return 1;
  case CNN_BINARY_SUB:
    return which == 0 ? 1 : -1;
  case CNN_BINARY_MUL:
    return which == 0 ? b : a;
  case CNN_BINARY_DIV:
    return which == 0 ? 1 / b : -a / (b * b);
  case CNN_BINARY_MAX:
    return a == b ? 0.5f : (a > b) == (which == 0) ? 1 : 0;
  case CNN_BINARY_MIN:
    return a == b ? 0.5f : (a < b) == (which == 0) ? 1 : 0;
  case CNN_BINARY_POW:
    if (which == 0)
      return b == 0 ? 0 : b == 2.0f ? 2 * a : b * powf (a, b - 1);
    return a == 0 && b >= 0 ? 0 : powf (a, b) * logf (a);
  case CNN_BINARY_MOD:
    return which == 0 ? 1 : -floorf (a / b);
  case CNN_BINARY_FMOD:
    return which == 0 ? 1 : -truncf (a / b);
  }
  return 0;
}

/* The kind is a constant where these are called, so each loop is compiled on its own. */
static inline __attribute__ ((always_inline)) void
apply_row (CnnBinaryKind kind, const float *a, gint64 sa, const float *b, gint64 sb, float *y, gint64 n)
{
  if (sa == 1 && sb == 1) {
#pragma GCC ivdep
    for (gint64 i = 0; i < n; i++)
      y[i] = apply (kind, a[i], b[i]);
  } else if (sa == 1 && sb == 0) {
#pragma GCC ivdep
    for (gint64 i = 0; i < n; i++)
      y[i] = apply (kind, a[i], b[0]);
  } else {
    for (gint64 i = 0; i < n; i++)
      y[i] = apply (kind, a[i * sa], b[i * sb]);
  }
}

#define APPLY_ROW(ENUM)                                                                                      \
  CNN_KERNEL_CLONES static void apply_row_##ENUM (const float *a, gint64 sa, const float *b, gint64 sb,      \
                                                  float *y, gint64 n)                                        \
  {                                                                                                          \
    apply_row (CNN_BINARY_##ENUM, a, sa, b, sb, y, n);                                                       \
  }
APPLY_ROW (ADD)
APPLY_ROW (SUB)
APPLY_ROW (MUL)
APPLY_ROW (DIV)
APPLY_ROW (MAX)
APPLY_ROW (MIN)
APPLY_ROW (POW)
APPLY_ROW (MOD)
APPLY_ROW (FMOD)
#undef APPLY_ROW

static void
binary_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  static void (*const row_functions[]) (const float *, gint64, const float *, gint64, float *, gint64) = {
    [CNN_BINARY_ADD] = apply_row_ADD, [CNN_BINARY_SUB] = apply_row_SUB, [CNN_BINARY_MUL] = apply_row_MUL,
    [CNN_BINARY_DIV] = apply_row_DIV, [CNN_BINARY_MAX] = apply_row_MAX, [CNN_BINARY_MIN] = apply_row_MIN,
    [CNN_BINARY_POW] = apply_row_POW, [CNN_BINARY_MOD] = apply_row_MOD, [CNN_BINARY_FMOD] = apply_row_FMOD,
  };
  CnnBinaryKind kind = args->op->attrs.binary.kind;
  CnnLoop loop;
  gsize rows = pair_loop (&loop, args);
  gint64 n = loop.dims[loop.rank - 1], sa = loop.strides[0][loop.rank - 1],
         sb = loop.strides[1][loop.rank - 1];
  /* a single long row is cut */
  gint64 piece = rows == 1 ? 16384 : MAX (n, 1);
  gsize pieces = n > 0 ? (gsize)((n + piece - 1) / piece) : 0;

#pragma omp parallel for if (rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize job = 0; job < rows * pieces; job++) {
    gint64 first = (gint64)(job % pieces) * piece, at[3];

    cnn_loop_seek (&loop, job / pieces, at);
    row_functions[kind](in[0] + at[0] + first * sa, sa, in[1] + at[1] + first * sb, sb, out + at[2] + first,
                        MIN (piece, n - first));
  }
}

static void
binary_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  CnnBinaryKind kind = args->op->attrs.binary.kind;
  gsize size = cnn_shape_size (&args->in[which]);
  gboolean sum = is_repeated (args, which);
  g_autofree double *sums = sum ? g_new0 (double, size) : NULL;
  CnnLoop loop;
  gsize rows = pair_loop (&loop, args);
  gint64 n = loop.dims[loop.rank - 1], sa = loop.strides[0][loop.rank - 1],
         sb = loop.strides[1][loop.rank - 1];
  gint64 step = which == 0 ? sa : sb;

#pragma omp parallel for if (!sum && rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      float g = dout[at[2] + i];

      if (kind != CNN_BINARY_ADD)
        g *= derive (kind, which, in[0][at[0] + i * sa], in[1][at[1] + i * sb]);
      if (sum)
        sums[at[which] + i * step] += g;
      else
        din[at[which] + i * step] = g;
    }
  }
  for (gsize i = 0; sum && i < size; i++)
    din[i] = (float)sums[i];
}

const CnnKernel cnn_kernel_binary = { binary_forward, binary_backward, TRUE, FALSE };
