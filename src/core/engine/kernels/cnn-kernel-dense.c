/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense over the last axis, and numpy's matmul. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <string.h>

CNN_KERNEL_CLONES static void
add_scaled (float *y, const float *x, float factor, gsize n)
{
#pragma GCC ivdep
  for (gsize i = 0; i < n; i++)
    y[i] += factor * x[i];
}

/* dense */

static void
dense_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  gsize n_out = (gsize)args->in[1].dims[0], n_in = (gsize)args->in[1].dims[1];
  gsize n = cnn_shape_size (args->out);
  const float *bias = args->op->n_inputs > 2 ? in[2] : NULL;

#pragma omp parallel for if (n * n_in > CNN_KERNEL_PARALLEL)
  for (gsize i = 0; i < n; i++) {
    gsize row = i / n_out, o = i % n_out;

    out[i] = (float)(cnn_kernel_dot (in[0] + row * n_in, in[1] + o * n_in, n_in) +
                     (bias != NULL ? (double)bias[o] : 0.0));
  }
}

static void
dense_backward_x (const CnnKernelArgs *args, const float *weights, const float *dout, float *din)
{
  gsize n_out = (gsize)args->in[1].dims[0], n_in = (gsize)args->in[1].dims[1];
  gsize rows = cnn_shape_size (args->out) / n_out, block = 1024, blocks = (n_in + block - 1) / block;

#pragma omp parallel for if (rows * n_in * n_out > CNN_KERNEL_PARALLEL)
  for (gsize job = 0; job < rows * blocks; job++) {
    gsize row = job / blocks, first = job % blocks * block, n = MIN (block, n_in - first);
    float *d = din + row * n_in + first;

    memset (d, 0, n * sizeof (float));
    for (gsize o = 0; o < n_out; o++)
      add_scaled (d, weights + o * n_in + first, dout[row * n_out + o], n);
  }
}

static void
dense_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                guint which, CnnModifier modifier, float *din)
{
  gsize n_out = (gsize)args->in[1].dims[0], n_in = (gsize)args->in[1].dims[1];
  gsize rows = cnn_shape_size (args->out) / n_out;

  if (which == 0) {
    dense_backward_x (args, in[1], dout, din);
    return;
  }
  if (which == 1) {
    memset (din, 0, n_out * n_in * sizeof (float));
    for (gsize row = 0; row < rows; row++)
      for (gsize o = 0; o < n_out; o++)
        add_scaled (din + o * n_in, in[0] + row * n_in, dout[row * n_out + o], n_in);
    return;
  }
  for (gsize o = 0; o < n_out; o++) {
    double sum = 0;

    for (gsize row = 0; row < rows; row++)
      sum += dout[row * n_out + o];
    din[o] = (float)sum;
  }
}

const CnnKernel cnn_kernel_dense = { dense_forward, dense_backward, TRUE, FALSE };

/* matmul */

typedef struct {
  gsize m, k, n;  /* (m, k) x (k, n) */
  gsize matrices; /* of the output */
  CnnLoop loop;   /* over them: offsets of a, b and out */
} Matmul;

static void
matmul_init (Matmul *self, const CnnKernelArgs *args)
{
  CnnShape a = args->in[0], b = args->in[1], space = *args->out;

  self->m = (gsize)a.dims[a.rank - 2];
  self->k = (gsize)a.dims[a.rank - 1];
  self->n = (gsize)b.dims[b.rank - 1];
  a.rank -= 2;
  b.rank -= 2;
  space.rank -= 2;
  self->matrices = cnn_shape_size (&space);
  cnn_loop_init (&self->loop, &space);
  cnn_loop_add_broadcast (&self->loop, &space, &a);
  cnn_loop_add_broadcast (&self->loop, &space, &b);
  cnn_loop_add_broadcast (&self->loop, &space, &space);
  /* one matrix a row: an axis of one element at the end */
  self->loop.dims[self->loop.rank++] = 1;
}

static void
matmul_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  Matmul mm;

  matmul_init (&mm, args);
#pragma omp parallel for if (mm.matrices * mm.m * mm.n * mm.k > CNN_KERNEL_PARALLEL)
  for (gsize job = 0; job < mm.matrices * mm.m; job++) {
    gint64 at[3];
    const float *a, *b;
    float *y = out + job * mm.n;

    cnn_loop_seek (&mm.loop, job / mm.m, at);
    a = in[0] + ((gsize)at[0] * mm.m + job % mm.m) * mm.k;
    b = in[1] + (gsize)at[1] * mm.k * mm.n;
    memset (y, 0, mm.n * sizeof (float));
    for (gsize k = 0; k < mm.k; k++)
      add_scaled (y, b + k * mm.n, a[k], mm.n);
  }
}

static void
matmul_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  Matmul mm;

  matmul_init (&mm, args);
  memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof (float));
  /* matrices may share an input, so they go one after the other */
  for (gsize matrix = 0; matrix < mm.matrices; matrix++) {
    gint64 at[3];
    const float *a, *b, *dy = dout + matrix * mm.m * mm.n;
    float *da, *db;

    cnn_loop_seek (&mm.loop, matrix, at);
    a = in[0] + (gsize)at[0] * mm.m * mm.k;
    b = in[1] + (gsize)at[1] * mm.k * mm.n;
    if (which == 0) {
      da = din + (gsize)at[0] * mm.m * mm.k;
#pragma omp parallel for if (mm.m * mm.n * mm.k > CNN_KERNEL_PARALLEL)
      for (gsize i = 0; i < mm.m * mm.k; i++)
        da[i] += (float)cnn_kernel_dot (dy + i / mm.k * mm.n, b + i % mm.k * mm.n, mm.n);
    } else {
      db = din + (gsize)at[1] * mm.k * mm.n;
#pragma omp parallel for if (mm.m * mm.n * mm.k > CNN_KERNEL_PARALLEL)
      for (gsize k = 0; k < mm.k; k++)
        for (gsize i = 0; i < mm.m; i++)
          add_scaled (db + k * mm.n, dy + i * mm.n, a[i * mm.k + k], mm.n);
    }
  }
}

const CnnKernel cnn_kernel_matmul = { matmul_forward, matmul_backward, TRUE, FALSE };
