/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reference-interpreter.h"

#include <string.h>

static gsize
value_size (Reference *self, guint value)
{
  return cnn_shape_size (&cnn_model_get_value (self->model, value)->shape);
}

Reference *
reference_new (CnnModel *model)
{
  Reference *self = g_new0 (Reference, 1);
  guint n = cnn_model_get_n_values (model);

  self->model = g_object_ref (model);
  self->values = g_new0 (float *, n);
  self->diffs = g_new0 (float *, n);
  for (guint i = 0; i < n; i++) {
    const CnnTensor *constant = cnn_model_get_value (model, i)->constant;

    self->values[i] = g_new0 (float, MAX (value_size (self, i), 1));
    self->diffs[i] = g_new0 (float, MAX (value_size (self, i), 1));
    if (constant != NULL)
      cnn_tensor_read (constant, self->values[i]);
  }
  return self;
}

void
reference_free (Reference *self)
{
  for (guint i = 0; i < cnn_model_get_n_values (self->model); i++) {
    g_free (self->values[i]);
    g_free (self->diffs[i]);
  }
  g_free (self->values);
  g_free (self->diffs);
  g_object_unref (self->model);
  g_free (self);
}

void
reference_set_input (Reference *self, guint input, const float *data)
{
  guint value = cnn_model_get_input (self->model, input)->value;

  memcpy (self->values[value], data, value_size (self, value) * sizeof *data);
}

typedef struct {
  CnnKernelArgs args;
  CnnShape *shapes;
  const float **in;
} Call;

static void
call_init (Call *call, Reference *self, const CnnOp *op)
{
  call->shapes = g_new0 (CnnShape, MAX (op->n_inputs, 1));
  call->in = g_new0 (const float *, MAX (op->n_inputs, 1));
  call->args = (CnnKernelArgs){ op, call->shapes, &cnn_model_get_value (self->model, op->output)->shape };
  for (guint i = 0; i < op->n_inputs; i++)
    if (op->inputs[i] != CNN_NO_VALUE) {
      call->shapes[i] = cnn_model_get_value (self->model, op->inputs[i])->shape;
      call->in[i] = self->values[op->inputs[i]];
    }
}

static void
call_clear (Call *call)
{
  g_free (call->shapes);
  g_free (call->in);
}

void
reference_forward (Reference *self)
{
  for (guint i = 0; i < cnn_model_get_n_ops (self->model); i++) {
    const CnnOp *op = cnn_model_get_op (self->model, i);
    Call call;

    call_init (&call, self, op);
    cnn_kernel_for (op->kind)->forward (&call.args, call.in, self->values[op->output]);
    call_clear (&call);
  }
}

static void
backward_op (Reference *self, const CnnOp *op, CnnModifier modifier)
{
  Call call;

  call_init (&call, self, op);
  for (guint i = 0; i < op->n_inputs; i++) {
    guint value = op->inputs[i];
    gsize n = value == CNN_NO_VALUE ? 0 : value_size (self, value);
    g_autofree float *din = NULL;

    if (value == CNN_NO_VALUE || cnn_model_get_value (self->model, value)->constant != NULL)
      continue;
    din = g_new0 (float, MAX (n, 1));
    cnn_kernel_for (op->kind)->backward (&call.args, call.in, self->values[op->output],
                                         self->diffs[op->output], i, modifier, din);
    for (gsize k = 0; k < n; k++)
      self->diffs[value][k] += din[k];
  }
  call_clear (&call);
}

void
reference_backward (Reference *self, guint value, const float *seed, CnnModifier modifier)
{
  for (guint i = 0; i < cnn_model_get_n_values (self->model); i++)
    memset (self->diffs[i], 0, value_size (self, i) * sizeof (float));
  memcpy (self->diffs[value], seed, value_size (self, value) * sizeof (float));
  for (guint i = cnn_model_get_n_ops (self->model); i-- > 0;) {
    const CnnOp *op = cnn_model_get_op (self->model, i);

    backward_op (self, op, modifier);
  }
}
