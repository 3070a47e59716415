/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of two arrays by a third: what is not chosen has no part, be it infinite. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

/* The arrays of the loop are the inputs; the output is walked by rows. */
static gsize
select_loop (CnnLoop *loop, const CnnKernelArgs *args)
{
  cnn_loop_init (loop, args->out);
  for (guint i = 0; i < 3; i++)
    cnn_loop_add_broadcast (loop, args->out, &args->in[i]);
  cnn_loop_merge (loop);
  return cnn_loop_rows (loop);
}

static void
select_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  CnnLoop loop;
  gsize rows = select_loop (&loop, args);
  guint last = loop.rank - 1;
  gint64 n = loop.dims[last], sc = loop.strides[0][last], sa = loop.strides[1][last],
         sb = loop.strides[2][last];

#pragma omp parallel for if (rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++)
      out[row * (gsize)n + (gsize)i] =
          in[0][at[0] + i * sc] != 0 ? in[1][at[1] + i * sa] : in[2][at[2] + i * sb];
  }
}

/* The condition passes none; a repeated input sums its own. */
static void
select_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  gsize size = cnn_shape_size (&args->in[which]);
  g_autofree double *sums = g_new0 (double, MAX (size, 1));
  CnnLoop loop;
  gsize rows = select_loop (&loop, args);
  gint64 n = loop.dims[loop.rank - 1];

  for (gsize row = 0; which > 0 && row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (&loop, row, at);
    for (gint64 i = 0; i < n; i++) {
      gboolean first = in[0][at[0] + i * loop.strides[0][loop.rank - 1]] != 0;

      if (first == (which == 1))
        sums[at[which] + i * loop.strides[which][loop.rank - 1]] += dout[row * (gsize)n + (gsize)i];
    }
  }
  for (gsize i = 0; i < size; i++)
    din[i] = (float)sums[i];
}

const CnnKernel cnn_kernel_select = { select_forward, select_backward, TRUE, FALSE };
