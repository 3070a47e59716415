/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks whose diagrams are looked at, by the core's test and by the window's. */
#pragma once

#include "model/cnn-model-builder.h"

/* A layer that rectifies @a, or adds @b to it unless that is %CNN_NO_VALUE. */
static inline guint
add_layer (CnnModelBuilder *builder, const char *name, guint a, guint b)
{
  g_autoptr (GError) error = NULL;
  CnnOpAttrs attrs = { .binary = { CNN_BINARY_ADD } };
  guint inputs[2] = { a, b }, value;

  cnn_model_builder_begin_layer (builder, name, b != CNN_NO_VALUE ? "Add" : "ReLU");
  if (b == CNN_NO_VALUE)
    attrs.activation = cnn_activation_relu ();
  value = cnn_model_builder_add_op (builder, b != CNN_NO_VALUE ? CNN_OP_BINARY : CNN_OP_ACTIVATION, name,
                                    &attrs, inputs, b != CNN_NO_VALUE ? 2 : 1, CNN_LAYOUT_PLAIN, &error);
  g_assert_no_error (error);
  cnn_model_builder_end_layer (builder, value, value);
  return value;
}
