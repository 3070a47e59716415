/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kernels, by the operator table. */
#include "cnn-kernel-private.h"

static const CnnKernel cnn_kernel_unsupported = { NULL };

const CnnKernel *
cnn_kernel_for (CnnOpKind kind)
{
  static const CnnKernel *const kernels[CNN_N_OPS] = {
#define CNN_OP_KERNEL(ENUM, name, stem) [CNN_OP_##ENUM] = &cnn_kernel_##stem,
    CNN_OPERATOR_TABLE (CNN_OP_KERNEL)
#undef CNN_OP_KERNEL
  };

  g_return_val_if_fail (kind < CNN_N_OPS, NULL);
  return kernels[kind]->forward != NULL ? kernels[kind] : NULL;
}
