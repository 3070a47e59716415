/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nests of loops over strided arrays. */
#include "cnn-kernel-private.h"

#include <string.h>

void
cnn_loop_init (CnnLoop *loop, const CnnShape *space)
{
  memset (loop, 0, sizeof *loop);
  loop->rank = space->rank;
  memcpy (loop->dims, space->dims, sizeof loop->dims);
}

void
cnn_loop_add (CnnLoop *loop, const gint64 *strides)
{
  for (guint i = 0; i < loop->rank; i++)
    loop->strides[loop->n_arrays][i] = strides[i];
  loop->n_arrays++;
}

void
cnn_loop_add_broadcast (CnnLoop *loop, const CnnShape *space, const CnnShape *shape)
{
  gint64 own[CNN_MAX_RANK], strides[CNN_MAX_RANK] = { 0 };

  cnn_shape_strides (shape, own);
  for (guint i = 0; i < shape->rank; i++)
    strides[space->rank - shape->rank + i] = shape->dims[i] == 1 ? 0 : own[i];
  cnn_loop_add (loop, strides);
}

void
cnn_loop_merge (CnnLoop *loop)
{
  guint n = 0;

  for (guint i = 0; i < loop->rank; i++) {
    gboolean merge = n > 0;

    if (loop->dims[i] == 1)
      continue;
    for (guint k = 0; merge && k < loop->n_arrays; k++)
      merge = loop->strides[k][n - 1] == loop->strides[k][i] * loop->dims[i];
    n -= merge;
    loop->dims[n] = merge ? loop->dims[n] * loop->dims[i] : loop->dims[i];
    for (guint k = 0; k < loop->n_arrays; k++)
      loop->strides[k][n] = loop->strides[k][i];
    n++;
  }
  if (n == 0) { /* a single element */
    loop->dims[0] = 1;
    n = 1;
  }
  loop->rank = n;
}

gsize
cnn_loop_rows (const CnnLoop *loop)
{
  gsize rows = 1;

  for (guint i = 0; i + 1 < loop->rank; i++)
    rows *= (gsize)loop->dims[i];
  return rows;
}

void
cnn_loop_seek (const CnnLoop *loop, gsize row, gint64 offsets[3])
{
  offsets[0] = offsets[1] = offsets[2] = 0;
  for (guint i = loop->rank - 1; i > 0; i--) {
    gint64 index = (gint64)(row % (gsize)loop->dims[i - 1]);

    row /= (gsize)loop->dims[i - 1];
    for (guint k = 0; k < loop->n_arrays; k++)
      offsets[k] += index * loop->strides[k][i - 1];
  }
}

gsize
cnn_shape_size_before (const CnnShape *shape, guint axis)
{
  gsize n = 1;

  for (guint i = 0; i < axis; i++)
    n *= (gsize)shape->dims[i];
  return n;
}

CNN_KERNEL_CLONES static float
dot_block (const float *a, const float *b, gsize n)
{
  float sum = 0;

#pragma omp simd reduction(+ : sum)
  for (gsize i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

double
cnn_kernel_dot (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i += 1024)
    sum += dot_block (a + i, b + i, MIN (n - i, 1024));
  return sum;
}
