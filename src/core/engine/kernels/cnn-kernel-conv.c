/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plain direct convolution. It relates a large array (channels, H, W) to a small one (outputs, h, w): a
 * convolution goes from the large to the small, a transposed convolution the other way with the same sums.
 */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <string.h>

typedef struct {
  gint64 samples, groups;
  gint64 channels, large[2]; /* the large array, rows and columns */
  gint64 outputs, small[2];
  gint64 kernel[2], stride[2], dilation[2], pad[2];
} Geometry;

static void
geometry_init (Geometry *g, const CnnWindow *window, gint64 groups, const CnnShape *large,
               const CnnShape *small)
{
  guint skip = 2 - window->n_axes;

  *g = (Geometry){
    .samples = large->dims[0], .groups = groups, .channels = large->dims[1], .outputs = small->dims[1]
  };
  g->large[0] = g->small[0] = g->kernel[0] = g->stride[0] = g->dilation[0] = 1;
  for (guint i = 0; i < window->n_axes; i++) {
    g->large[i + skip] = large->dims[i + 2];
    g->small[i + skip] = small->dims[i + 2];
    g->kernel[i + skip] = window->kernel[i];
    g->stride[i + skip] = window->stride[i];
    g->dilation[i + skip] = window->dilation[i];
    g->pad[i + skip] = window->pad_begin[i];
  }
}

static void
conv_geometry (Geometry *g, const CnnKernelArgs *args)
{
  const CnnWindow *window = &args->op->attrs.conv.window;

  geometry_init (g, window, args->op->attrs.conv.groups, &args->in[0], args->out);
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 end, out;

    (void)!cnn_window_resolve (window, i, args->in[0].dims[i + 2], &g->pad[i + 2 - window->n_axes], &end,
                               &out);
  }
}

/* The transposed convolution's pads follow its output where they are not given. */
static void
conv_transpose_geometry (Geometry *g, const CnnKernelArgs *args)
{
  const CnnWindow *window = &args->op->attrs.conv_transpose.window;

  geometry_init (g, window, args->op->attrs.conv_transpose.groups, args->out, &args->in[0]);
  for (guint i = 0; window->same && i < window->n_axes; i++) {
    guint k = i + 2 - window->n_axes;
    gint64 reach = (g->kernel[k] - 1) * g->dilation[k] + 1;
    gint64 total = MAX ((g->small[k] - 1) * g->stride[k] + reach - g->large[k], 0);

    g->pad[k] = window->same_lower ? total - total / 2 : total / 2;
  }
}

/* The columns (axis 1) or rows (axis 0) of the small array whose element @k of the window lies inside. */
static void
inside (const Geometry *g, guint axis, gint64 k, gint64 *begin, gint64 *end)
{
  gint64 first = k * g->dilation[axis] - g->pad[axis], stride = g->stride[axis];
  gint64 rest = g->large[axis] - 1 - first;

  *begin = first >= 0 ? 0 : (-first + stride - 1) / stride;
  *end = rest < 0 ? 0 : MIN (rest / stride + 1, g->small[axis]);
  *begin = MIN (*begin, *end);
}

typedef enum { TO_SMALL, TO_LARGE } Direction;

CNN_KERNEL_CLONES static void
add_strided_in (float *y, const float *x, gint64 stride, float w, gint64 n)
{
  if (stride == 1) {
#pragma GCC ivdep
    for (gint64 i = 0; i < n; i++)
      y[i] += w * x[i];
  } else {
    for (gint64 i = 0; i < n; i++)
      y[i] += w * x[i * stride];
  }
}

static void
add_strided_out (float *y, gint64 stride, const float *x, float w, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    y[i * stride] += w * x[i];
}

/* One plane of each through one plane of the kernel, added to the destination. */
static void
add_plane (const Geometry *g, Direction direction, const float *kernel, float *large, float *small)
{
  for (gint64 ky = 0; ky < g->kernel[0]; ky++)
    for (gint64 kx = 0; kx < g->kernel[1]; kx++) {
      float w = kernel[ky * g->kernel[1] + kx];
      gint64 y0, y1, x0, x1;

      inside (g, 0, ky, &y0, &y1);
      inside (g, 1, kx, &x0, &x1);
      for (gint64 y = y0; y < y1; y++) {
        float *s = small + y * g->small[1] + x0;
        float *l = large + (y * g->stride[0] + ky * g->dilation[0] - g->pad[0]) * g->large[1] +
                   x0 * g->stride[1] + kx * g->dilation[1] - g->pad[1];

        if (direction == TO_SMALL)
          add_strided_in (s, l, g->stride[1], w, x1 - x0);
        else if (g->stride[1] == 1)
          add_strided_in (l, s, 1, w, x1 - x0);
        else
          add_strided_out (l, g->stride[1], s, w, x1 - x0);
      }
    }
}

static void
convolve (const Geometry *g, Direction direction, const float *kernel, const float *bias, const float *from,
          float *to)
{
  gint64 c_group = g->channels / g->groups, o_group = g->outputs / g->groups;
  gint64 large = g->large[0] * g->large[1], small = g->small[0] * g->small[1],
         window = g->kernel[0] * g->kernel[1];
  gint64 planes = direction == TO_SMALL ? g->outputs : g->channels,
         size = direction == TO_SMALL ? small : large;
  gint64 others = direction == TO_SMALL ? c_group : o_group;

#pragma omp parallel for if (g->samples * g->outputs * small * c_group * window > CNN_KERNEL_PARALLEL)
  for (gint64 job = 0; job < g->samples * planes; job++) {
    gint64 sample = job / planes, plane = job % planes;
    gint64 group = plane / (direction == TO_SMALL ? o_group : c_group);
    float *target = to + job * size;

    for (gint64 i = 0; i < size; i++)
      target[i] = bias != NULL ? bias[plane] : 0;
    for (gint64 k = 0; k < others; k++) {
      gint64 o = direction == TO_SMALL ? plane : group * o_group + k;
      gint64 c = direction == TO_SMALL ? group * c_group + k : plane;
      const float *w = kernel + (o * c_group + c - group * c_group) * window;

      /* the source plane is only read */
      if (direction == TO_SMALL)
        add_plane (g, direction, w, (float *)from + (sample * g->channels + c) * large, target);
      else
        add_plane (g, direction, w, target, (float *)from + (sample * g->outputs + o) * small);
    }
  }
}

/* The gradient with respect to one number of the kernel. */
static float
kernel_element (const Geometry *g, const float *large, const float *small, gint64 o, gint64 c, gint64 ky,
                gint64 kx)
{
  gint64 y0, y1, x0, x1;
  double sum = 0;

  inside (g, 0, ky, &y0, &y1);
  inside (g, 1, kx, &x0, &x1);
  for (gint64 sample = 0; sample < g->samples; sample++) {
    const float *s = small + (sample * g->outputs + o) * g->small[0] * g->small[1];
    const float *l = large + (sample * g->channels + c) * g->large[0] * g->large[1];

    for (gint64 y = y0; y < y1; y++)
      for (gint64 x = x0; x < x1; x++)
        sum += s[y * g->small[1] + x] * l[(y * g->stride[0] + ky * g->dilation[0] - g->pad[0]) * g->large[1] +
                                          x * g->stride[1] + kx * g->dilation[1] - g->pad[1]];
  }
  return (float)sum;
}

static void
kernel_gradient (const Geometry *g, const float *large, const float *small, float *dkernel)
{
  gint64 c_group = g->channels / g->groups, o_group = g->outputs / g->groups;
  gint64 window = g->kernel[0] * g->kernel[1], n = g->outputs * c_group * window;

#pragma omp parallel for if (n * g->small[0] * g->small[1] > CNN_KERNEL_PARALLEL)
  for (gint64 i = 0; i < n; i++) {
    gint64 o = i / (c_group * window), c = o / o_group * c_group + i / window % c_group;

    dkernel[i] = kernel_element (g, large, small, o, c, i % window / g->kernel[1], i % g->kernel[1]);
  }
}

static void
bias_gradient (const CnnShape *out, const float *dout, float *dbias)
{
  gint64 channels = out->dims[1], space = (gint64)cnn_shape_size_from (out, 2);

  for (gint64 c = 0; c < channels; c++) {
    double sum = 0;

    for (gint64 sample = 0; sample < out->dims[0]; sample++)
      for (gint64 i = 0; i < space; i++)
        sum += dout[(sample * channels + c) * space + i];
    dbias[c] = (float)sum;
  }
}

static void
conv_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  Geometry g;

  conv_geometry (&g, args);
  convolve (&g, TO_SMALL, in[1], args->op->n_inputs > 2 ? in[2] : NULL, in[0], out);
}

static void
conv_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
               guint which, CnnModifier modifier, float *din)
{
  Geometry g;

  conv_geometry (&g, args);
  if (which == 0)
    convolve (&g, TO_LARGE, in[1], NULL, dout, din);
  else if (which == 1)
    kernel_gradient (&g, in[0], dout, din);
  else
    bias_gradient (args->out, dout, din);
}

const CnnKernel cnn_kernel_conv = { conv_forward, conv_backward, TRUE, FALSE };

static void
conv_transpose_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  Geometry g;

  conv_transpose_geometry (&g, args);
  convolve (&g, TO_LARGE, in[1], args->op->n_inputs > 2 ? in[2] : NULL, in[0], out);
}

static void
conv_transpose_backward (const CnnKernelArgs *args, const float *const *in, const float *out,
                         const float *dout, guint which, CnnModifier modifier, float *din)
{
  Geometry g;

  conv_transpose_geometry (&g, args);
  if (which == 0)
    convolve (&g, TO_SMALL, in[1], NULL, dout, din);
  else if (which == 1)
    kernel_gradient (&g, dout, in[0], din);
  else
    bias_gradient (args->out, dout, din);
}

const CnnKernel cnn_kernel_conv_transpose = { conv_transpose_forward, conv_transpose_backward, TRUE, FALSE };
