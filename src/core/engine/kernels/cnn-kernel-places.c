/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements and slices at places that are computed: taken from there, or put there. A place below 0 counts
 * from the end, one outside is moved to the edge. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-kernel-private.h"

#include <string.h>

/* Where the elements that the places choose lie in x. */
typedef struct {
  CnnPlacesKind kind;
  const CnnShape *x, *chosen;
  gint64 x_strides[CNN_MAX_RANK], chosen_strides[CNN_MAX_RANK];
  guint axis;
  gsize n_places, inner; /* SLICES, TUPLES: elements of a slice */
  guint n;               /* TUPLES: numbers of a tuple */
  gsize per_common;      /* TUPLES: tuples for each combination of the common axes */
} Places;

static void
places_init (Places *p, const CnnKernelArgs *args, const CnnShape *chosen)
{
  const CnnShape *places = &args->in[1];

  *p = (Places){ .kind = args->op->attrs.gather.kind, .x = &args->in[0], .chosen = chosen };
  p->axis = args->op->attrs.gather.axis;
  p->n_places = cnn_shape_size (places);
  cnn_shape_strides (p->x, p->x_strides);
  cnn_shape_strides (chosen, p->chosen_strides);
  if (p->kind == CNN_PLACES_TUPLES) {
    p->n = (guint)places->dims[places->rank - 1];
    p->inner = cnn_shape_size_from (p->x, p->axis + p->n);
    p->per_common = cnn_shape_size_from (places, p->axis) / p->n;
  } else {
    p->inner = cnn_shape_size_from (p->x, p->axis + 1);
  }
}

static gsize
clamp_place (float place, gint64 size)
{
  double at = place < 0 ? place + (double)size : place;

  return at > 0 ? (gsize)MIN (at, (double)(size - 1)) : 0; /* not a number: 0 */
}

/* Where chosen element @i lies in x. */
static gsize
find (const Places *p, const float *places, gsize i)
{
  gsize at = 0, rest = i;

  switch (p->kind) {
  case CNN_PLACES_ELEMENTS:
    for (guint k = 0; k < p->x->rank; k++) {
      gsize coordinate = rest / (gsize)p->chosen_strides[k];

      rest %= (gsize)p->chosen_strides[k];
      if (k == p->axis)
        coordinate = clamp_place (places[i], p->x->dims[k]);
      at += coordinate * (gsize)p->x_strides[k];
    }
    return at;
  case CNN_PLACES_SLICES:
    rest = i / p->inner;
    at = clamp_place (places[rest % p->n_places], p->x->dims[p->axis]);
    return (rest / p->n_places * (gsize)p->x->dims[p->axis] + at) * p->inner + i % p->inner;
  case CNN_PLACES_TUPLES:
    rest = i / p->inner;
    at = rest / p->per_common * cnn_shape_size_from (p->x, p->axis) + i % p->inner;
    for (guint k = 0; k < p->n; k++)
      at += clamp_place (places[rest * p->n + k], p->x->dims[p->axis + k]) * (gsize)p->x_strides[p->axis + k];
    return at;
  }
  return 0;
}

static void
gather_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  gsize n = cnn_shape_size (args->out);
  Places p;

  places_init (&p, args, args->out);
#pragma omp parallel for if (n > CNN_KERNEL_PARALLEL)
  for (gsize i = 0; i < n; i++)
    out[i] = in[0][find (&p, in[1], i)];
}

/* The places pass none. */
static void
gather_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                 guint which, CnnModifier modifier, float *din)
{
  gsize n = which == 0 ? cnn_shape_size (args->out) : 0;
  Places p;

  places_init (&p, args, args->out);
  memset (din, 0, cnn_shape_size (&args->in[which]) * sizeof *din);
  for (gsize i = 0; i < n; i++)
    din[find (&p, in[1], i)] += dout[i];
}

const CnnKernel cnn_kernel_gather = { gather_forward, gather_backward, TRUE, FALSE };

static void
scatter_forward (const CnnKernelArgs *args, const float *const *in, float *out)
{
  gsize n = cnn_shape_size (&args->in[2]);
  Places p;

  places_init (&p, args, &args->in[2]);
  memcpy (out, in[0], cnn_shape_size (args->out) * sizeof *out);
  for (gsize i = 0; i < n; i++) {
    gsize at = find (&p, in[1], i);

    out[at] = args->op->attrs.gather.add ? out[at] + in[2][i] : in[2][i];
  }
}

/* What was put in gets the gradient of its place, what was there before none; the places pass none. */
static void
scatter_backward (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                  guint which, CnnModifier modifier, float *din)
{
  gsize n = cnn_shape_size (&args->in[2]);
  Places p;

  places_init (&p, args, &args->in[2]);
  if (which == 1)
    memset (din, 0, cnn_shape_size (&args->in[1]) * sizeof *din);
  if (which == 0)
    memcpy (din, dout, cnn_shape_size (args->out) * sizeof *din);
  for (gsize i = 0; which == 2 && i < n; i++)
    din[i] = dout[find (&p, in[1], i)];
  for (gsize i = 0; which == 0 && !args->op->attrs.gather.add && i < n; i++)
    din[find (&p, in[1], i)] = 0;
}

const CnnKernel cnn_kernel_scatter = { scatter_forward, scatter_backward, TRUE, FALSE };
