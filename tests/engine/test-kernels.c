/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels against PyTorch's numbers and against differences. */
#include "kernel-cases.h"

#include <math.h>
#include <string.h>

static GPtrArray *cases;

static float *
new_poisoned (gsize n)
{
  float *data = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    data[i] = NAN;
  return data;
}

static void
check (const KernelCase *c, const char *what, const float *found, const float *expected, gsize n)
{
  double distance = relative_distance (found, expected, n);

  if (!(distance <= 3e-6)) {
    g_test_message ("%s: %s is off by %g", c->name, what, distance);
    for (gsize i = 0; i < MIN (n, 12); i++)
      g_test_message ("  [%u] %g, expected %g", (guint)i, found[i], expected[i]);
    g_test_fail ();
  }
}

static void
run_case (const KernelCase *c)
{
  const CnnKernel *kernel = cnn_kernel_for (c->op.kind);
  CnnKernelArgs args = { &c->op, c->in, &c->out };
  gsize n = cnn_shape_size (&c->out);
  g_autofree float *out = new_poisoned (n);

  kernel->forward (&args, (const float *const *)c->inputs, out);
  check (c, "the output", out, c->expected, n);
  for (guint i = 0; i < c->n_inputs; i++) {
    gsize m = cnn_shape_size (&c->in[i]);
    g_autofree float *din = new_poisoned (m);
    g_autofree char *what = g_strdup_printf ("the gradient of input %u", i);

    if (c->gradients[i] == NULL)
      continue;
    kernel->backward (&args, kernel->backward_needs_inputs ? (const float *const *)c->inputs : NULL,
                      kernel->backward_needs_output ? out : NULL, c->dout, i, CNN_MODIFIER_VANILLA, din);
    check (c, what, din, c->gradients[i], m);
  }
}

static void
test_vectors (gconstpointer data)
{
  CnnOpKind kind = GPOINTER_TO_UINT (data);
  guint n = 0;

  for (guint i = 0; i < cases->len; i++) {
    const KernelCase *c = g_ptr_array_index (cases, i);

    if (c->op.kind != kind)
      continue;
    run_case (c);
    n++;
  }
  g_test_message ("%u cases", n);
  g_assert_cmpuint (n, >, 0);
}

/* The shape rules give PyTorch's shapes. */
static void
test_shapes (void)
{
  for (guint i = 0; i < cases->len; i++) {
    const KernelCase *c = g_ptr_array_index (cases, i);
    g_autoptr (GError) error = NULL;
    CnnShape out;

    cnn_op_infer_shape (&c->op, c->in, &out, &error);
    g_assert_no_error (error);
    if (!cnn_shape_equal (&out, &c->out)) {
      g_autofree char *a = cnn_shape_to_string (&out), *b = cnn_shape_to_string (&c->out);

      g_test_message ("%s: %s, expected %s", c->name, a, b);
      g_test_fail ();
    }
  }
}

/* Σ dout · f (inputs), in double. */
static double
scalar (const KernelCase *c, float *out)
{
  CnnKernelArgs args = { &c->op, c->in, &c->out };
  double sum = 0;

  cnn_kernel_for (c->op.kind)->forward (&args, (const float *const *)c->inputs, out);
  for (gsize i = 0; i < cnn_shape_size (&c->out); i++)
    sum += (double)out[i] * c->dout[i];
  return sum;
}

/* Piecewise operators are drawn away from their edges only by chance: they are left to the vectors. */
static gboolean
is_smooth (const CnnOp *op)
{
  switch (op->kind) {
  case CNN_OP_POOL:
    return op->attrs.pool.kind != CNN_POOL_MAX;
  case CNN_OP_BINARY:
    return op->attrs.binary.kind != CNN_BINARY_MAX && op->attrs.binary.kind != CNN_BINARY_MIN;
  case CNN_OP_REDUCE:
    return op->attrs.reduce.kind != CNN_REDUCE_MAX && op->attrs.reduce.kind != CNN_REDUCE_MIN;
  case CNN_OP_ACTIVATION:
    return op->attrs.activation.kind >= CNN_ACT_SIGMOID && op->attrs.activation.kind <= CNN_ACT_SOFTSIGN;
  case CNN_OP_ALONG:
    return op->attrs.along.kind == CNN_ALONG_SUMS;
  case CNN_OP_PRELU:
  case CNN_OP_SELECT:
  case CNN_OP_GATHER:
  case CNN_OP_SCATTER:
  case CNN_OP_GRID_SAMPLE:
    return FALSE;
  default:
    return TRUE;
  }
}

static void
check_differences (const KernelCase *c, guint which)
{
  const CnnKernel *kernel = cnn_kernel_for (c->op.kind);
  CnnKernelArgs args = { &c->op, c->in, &c->out };
  gsize n = cnn_shape_size (&c->in[which]), m = cnn_shape_size (&c->out);
  g_autofree float *din = new_poisoned (n), *out = new_poisoned (m), *numeric = new_poisoned (n);
  float *x = c->inputs[which];
  const float h = 1.0f / 128;

  scalar (c, out);
  kernel->backward (&args, (const float *const *)c->inputs, out, c->dout, which, CNN_MODIFIER_VANILLA, din);
  for (gsize i = 0; i < n; i++) {
    float kept = x[i];
    double up, down;

    x[i] = kept + h;
    up = scalar (c, out);
    x[i] = kept - h;
    down = scalar (c, out);
    x[i] = kept;
    numeric[i] = (float)((up - down) / ((double)(kept + h) - (double)(kept - h)));
  }
  if (!(relative_distance (din, numeric, n) <= 1e-2)) {
    g_test_message ("%s, input %u: %g from the differences", c->name, which,
                    relative_distance (din, numeric, n));
    g_test_fail ();
  }
}

static void
test_differences (void)
{
  for (guint i = 0; i < cases->len; i++) {
    const KernelCase *c = g_ptr_array_index (cases, i);

    for (guint which = 0; which < c->n_inputs && is_smooth (&c->op); which++)
      if (c->gradients[which] != NULL && cnn_shape_size (&c->in[which]) <= 200)
        check_differences (c, which);
  }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  cases = kernel_cases_load ();
  for (guint kind = 0; kind < CNN_OP_UNSUPPORTED; kind++) {
    g_autofree char *path = g_strdup_printf ("/kernels/vectors/%s", cnn_op_kind_name (kind));

    g_test_add_data_func (path, GUINT_TO_POINTER (kind), test_vectors);
  }
  g_test_add_func ("/kernels/shapes", test_shapes);
  g_test_add_func ("/kernels/differences", test_differences);
  result = g_test_run ();
  kernel_cases_free (cases);
  return result;
}
