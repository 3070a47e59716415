/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators that move numbers and compute none. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <string.h>

/* identity, reshape */

static void
copy_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  memcpy (out, in[0], cnn_shape_size (args->out) * sizeof (float));
}

static void
copy_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
               guint which, CnnModifier modifier, float *din)
{
  if (which == 0)
    memcpy (din, dout, cnn_shape_size (&args->in[0]) * sizeof (float));
  else
    memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof (float));
}

const CnnKernel cnn_kernel_identity = { copy_forward, copy_backward, FALSE, FALSE };
const CnnKernel cnn_kernel_reshape = { copy_forward, copy_backward, FALSE, FALSE };

/* concat */

/* An input's run in each row of the output. */
static gsize
concat_run (const CnnKernelArgs *args, guint which)
{
  return cnn_shape_size_from (&args->in[which], args->op->attrs.concat.axis);
}

static void
concat_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  guint axis = args->op->attrs.concat.axis;
  gsize rows = cnn_shape_size_before (args->out, axis), stride = cnn_shape_size_from (args->out, axis),
        offset = 0;

  for (guint which = 0; which < args->op->n_inputs; which++) {
    gsize run = concat_run (args, which);

    for (gsize row = 0; row < rows; row++)
      memcpy (out + row * stride + offset, in[which] + row * run, run * sizeof (float));
    offset += run;
  }
}

static void
concat_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  guint axis = args->op->attrs.concat.axis;
  gsize rows = cnn_shape_size_before (args->out, axis), stride = cnn_shape_size_from (args->out, axis),
        offset = 0;
  gsize run = concat_run (args, which);

  for (guint i = 0; i < which; i++)
    offset += concat_run (args, i);
  for (gsize row = 0; row < rows; row++)
    memcpy (din + row * run, dout + row * stride + offset, run * sizeof (float));
}

const CnnKernel cnn_kernel_concat = { concat_forward, concat_backward, FALSE, FALSE };

/* slice, transpose: the output walks the input with other strides */

static gsize
transpose_loop (CnnLoop *loop, const CnnKernelArgs *args)
{
  gint64 own[CNN_MAX_RANK], strides[CNN_MAX_RANK];

  cnn_shape_strides (&args->in[0], own);
  for (guint i = 0; i < args->out->rank; i++)
    strides[i] = own[args->op->attrs.transpose.axes[i]];
  cnn_loop_init (loop, args->out);
  cnn_loop_add (loop, strides);
  cnn_loop_add_broadcast (loop, args->out, args->out);
  cnn_loop_merge (loop);
  return cnn_loop_rows (loop);
}

static gsize
slice_loop (CnnLoop *loop, const CnnKernelArgs *args, gint64 *offset)
{
  gint64 own[CNN_MAX_RANK], strides[CNN_MAX_RANK];

  cnn_shape_strides (&args->in[0], own);
  *offset = 0;
  for (guint i = 0; i < args->out->rank; i++) {
    strides[i] = own[i] * args->op->attrs.slice.step[i];
    *offset += own[i] * args->op->attrs.slice.start[i];
  }
  cnn_loop_init (loop, args->out);
  cnn_loop_add (loop, strides);
  cnn_loop_add_broadcast (loop, args->out, args->out);
  cnn_loop_merge (loop);
  return cnn_loop_rows (loop);
}

/* out[row] = strided (or, when @scatter, strided = out[row]). */
static void
run_strided (const CnnLoop *loop, gsize rows, const float *from, float *to, gboolean scatter)
{
  gint64 n = loop->dims[loop->rank - 1], step = loop->strides[0][loop->rank - 1];

#pragma omp parallel for if (rows * (gsize)n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at[3];

    cnn_loop_seek (loop, row, at);
    if (step == 1)
      memcpy (to + at[scatter ? 0 : 1], from + at[scatter ? 1 : 0], (gsize)n * sizeof (float));
    else if (scatter)
      for (gint64 i = 0; i < n; i++)
        to[at[0] + i * step] = from[at[1] + i];
    else
      for (gint64 i = 0; i < n; i++)
        to[at[1] + i] = from[at[0] + i * step];
  }
}

static void
transpose_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  CnnLoop loop;
  gsize rows = transpose_loop (&loop, args);

  run_strided (&loop, rows, in[0], out, FALSE);
}

static void
transpose_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                    guint which, CnnModifier modifier, float *din)
{
  CnnLoop loop;
  gsize rows = transpose_loop (&loop, args);

  run_strided (&loop, rows, dout, din, TRUE);
}

const CnnKernel cnn_kernel_transpose = { transpose_forward, transpose_backward, FALSE, FALSE };

static void
slice_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  gint64 offset;
  CnnLoop loop;
  gsize rows = slice_loop (&loop, args, &offset);

  if (cnn_shape_size (args->out) > 0)
    run_strided (&loop, rows, in[0] + offset, out, FALSE);
}

static void
slice_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                guint which, CnnModifier modifier, float *din)
{
  gint64 offset;
  CnnLoop loop;
  gsize rows = slice_loop (&loop, args, &offset);

  memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof (float));
  if (which == 0 && cnn_shape_size (args->out) > 0)
    run_strided (&loop, rows, dout, din + offset, TRUE);
}

const CnnKernel cnn_kernel_slice = { slice_forward, slice_backward, FALSE, FALSE };

/* pad */

/* The input's index that output @o takes along an axis; -1 for the constant. */
static gint64
pad_source (const CnnOp *op, guint axis, gint64 dim, gint64 o)
{
  gint64 i = o - op->attrs.pad.before[axis];

  if (i >= 0 && i < dim)
    return i;
  switch (op->attrs.pad.kind) {
  case CNN_PAD_EDGE:
    return CLAMP (i, 0, dim - 1);
  case CNN_PAD_REFLECT:
    i = ABS (i);
    return i < dim ? i : 2 * (dim - 1) - i;
  case CNN_PAD_WRAP:
    return (i % dim + dim) % dim;
  default:
    return -1;
  }
}

/* For each axis the input's offsets by output index, -1 for the constant, one axis behind the other. */
static gint64 *
pad_offsets (const CnnKernelArgs *args, gsize begin[CNN_MAX_RANK])
{
  gint64 strides[CNN_MAX_RANK], *offsets;
  gsize total = 0;

  for (guint axis = 0; axis < args->out->rank; axis++) {
    begin[axis] = total;
    total += (gsize)args->out->dims[axis];
  }
  offsets = g_new (gint64, MAX (total, 1));
  cnn_shape_strides (&args->in[0], strides);
  for (guint axis = 0; axis < args->out->rank; axis++)
    for (gint64 o = 0; o < args->out->dims[axis]; o++) {
      gint64 i = pad_source (args->op, axis, args->in[0].dims[axis], o);

      offsets[begin[axis] + (gsize)o] = i < 0 ? -1 : i * strides[axis];
    }
  return offsets;
}

/* Where row @row (all axes but the last) of the output begins in the input, -1 for a row of constants. */
static gint64
pad_row (const CnnShape *out, const gint64 *offsets, const gsize *begin, gsize row)
{
  gint64 at = 0;

  for (guint axis = out->rank - 1; axis-- > 0;) {
    gint64 offset = offsets[begin[axis] + row % (gsize)out->dims[axis]];

    row /= (gsize)out->dims[axis];
    if (offset < 0)
      return -1;
    at += offset;
  }
  return at;
}

static void
pad_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  gsize begin[CNN_MAX_RANK], n, rows;
  g_autofree gint64 *offsets = pad_offsets (args, begin);
  const gint64 *last;

  if (args->out->rank == 0) {
    out[0] = in[0][0];
    return;
  }
  n = (gsize)args->out->dims[args->out->rank - 1];
  rows = cnn_shape_size (args->out) / n;
  last = offsets + begin[args->out->rank - 1];
#pragma omp parallel for if (rows * n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < rows; row++) {
    gint64 at = pad_row (args->out, offsets, begin, row);

    for (gsize i = 0; i < n; i++)
      out[row * n + i] = at < 0 || last[i] < 0 ? args->op->attrs.pad.value : in[0][at + last[i]];
  }
}

static void
pad_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
              guint which, CnnModifier modifier, float *din)
{
  gsize begin[CNN_MAX_RANK], n, rows;
  g_autofree gint64 *offsets = pad_offsets (args, begin);
  const gint64 *last;

  memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof (float));
  if (which != 0)
    return;
  if (args->out->rank == 0) {
    din[0] = dout[0];
    return;
  }
  n = (gsize)args->out->dims[args->out->rank - 1];
  rows = cnn_shape_size (args->out) / n;
  last = offsets + begin[args->out->rank - 1];
  for (gsize row = 0; row < rows; row++) {
    gint64 at = pad_row (args->out, offsets, begin, row);

    for (gsize i = 0; at >= 0 && i < n; i++)
      if (last[i] >= 0)
        din[at + last[i]] += dout[row * n + i];
  }
}

const CnnKernel cnn_kernel_pad = { pad_forward, pad_backward, FALSE, FALSE };
