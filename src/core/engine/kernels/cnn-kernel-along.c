/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running sums and order along an axis. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <string.h>

typedef struct {
  gsize rows, n, n_out, inner; /* row r starts at (r / inner)·n·inner + r % inner, in steps of inner */
} Rows;

static Rows
rows_of (const CnnKernelArgs *args)
{
  guint axis = args->op->attrs.along.axis;
  Rows r = { .n = (gsize)args->in[0].dims[axis],
             .n_out = (gsize)args->out->dims[axis],
             .inner = cnn_shape_size_from (&args->in[0], axis + 1) };

  r.rows = cnn_shape_size_before (&args->in[0], axis) * r.inner;
  return r;
}

static gsize
start_of (const Rows *r, gsize row, gsize n)
{
  return row / r->inner * n * r->inner + row % r->inner;
}

/* Sums of @n numbers @step apart; @backward: from the last to the first. */
static void
sum_row (const float *x, float *y, gsize n, gsize step, gboolean exclusive, gboolean backward)
{
  double sum = 0;

  for (gsize k = 0; k < n; k++) {
    gsize at = (backward ? n - 1 - k : k) * step;

    if (exclusive)
      y[at] = (float)sum;
    sum += x[at];
    if (!exclusive)
      y[at] = (float)sum;
  }
}

typedef struct {
  const float *x;
  gsize step;
  gboolean smallest, last;
} Order;

static int
compare_places (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  guint i = *(const guint *)a, k = *(const guint *)b;
  float x = order->x[i * order->step], y = order->x[k * order->step];

  if (x != y && (x < y || x > y)) /* not a number is neither */
    return (x > y) == order->smallest ? 1 : -1;
  return (i > k) == order->last ? -1 : 1;
}

/* The places of a row's numbers in order, in @places. For one of them there is no need to sort. */
static void
order_row (const Order *order, gsize n, gsize wanted, guint *places)
{
  if (wanted == 1) {
    guint best = 0;

    for (guint i = 1; i < n; i++)
      if (compare_places (&i, &best, (gpointer)order) < 0)
        best = i;
    places[0] = best;
    return;
  }
  for (guint i = 0; i < n; i++)
    places[i] = i;
  g_qsort_with_data (places, (int)n, sizeof *places, compare_places, (gpointer)order);
}

static guint *
places_of (const CnnKernelArgs *args, const Rows *r, const float *x, gsize row)
{
  const Order order = { x + start_of (r, row, r->n), r->inner, args->op->attrs.along.smallest,
                        args->op->attrs.along.last };
  gsize wanted = args->op->attrs.along.kind == CNN_ALONG_ONE_HOT ? 1 : r->n_out;
  guint *places = g_new (guint, r->n);

  order_row (&order, r->n, wanted, places);
  return places;
}

static void
along_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  const CnnOpAttrs *attrs = &args->op->attrs;
  Rows r = rows_of (args);

#pragma omp parallel for if (r.rows * r.n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < r.rows; row++) {
    const float *x = in[0] + start_of (&r, row, r.n);
    float *y = out + start_of (&r, row, r.n_out);

    if (attrs->along.kind == CNN_ALONG_SUMS) {
      sum_row (x, y, r.n, r.inner, attrs->along.exclusive, attrs->along.backward);
    } else {
      g_autofree guint *places = places_of (args, &r, in[0], row);

      for (gsize i = 0; i < r.n_out; i++)
        y[i * r.inner] = attrs->along.kind == CNN_ALONG_VALUES   ? x[places[i] * r.inner]
                         : attrs->along.kind == CNN_ALONG_PLACES ? (float)places[i]
                                                                 : i == places[0];
    }
  }
}

static void
along_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                guint which, CnnModifier modifier, float *din)
{
  const CnnOpAttrs *attrs = &args->op->attrs;
  Rows r = rows_of (args);

  memset (din, 0, cnn_shape_size (&args->in[0]) * sizeof *din);
  if (attrs->along.kind == CNN_ALONG_PLACES || attrs->along.kind == CNN_ALONG_ONE_HOT)
    return;
#pragma omp parallel for if (r.rows * r.n > CNN_KERNEL_PARALLEL)
  for (gsize row = 0; row < r.rows; row++) {
    const float *dy = dout + start_of (&r, row, r.n_out);
    float *dx = din + start_of (&r, row, r.n);

    if (attrs->along.kind == CNN_ALONG_SUMS) {
      sum_row (dy, dx, r.n, r.inner, attrs->along.exclusive, !attrs->along.backward);
    } else {
      g_autofree guint *places = places_of (args, &r, in[0], row);

      for (gsize i = 0; i < r.n_out; i++)
        dx[places[i] * r.inner] = dy[i * r.inner];
    }
  }
}

const CnnKernel cnn_kernel_along = { along_forward, along_backward, TRUE, FALSE };
