/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/kernels/cnn-kernel.h"

G_BEGIN_DECLS

/** One operator with drawn inputs and what PyTorch says of it: tests/data/make-kernel-vectors.py. */
typedef struct {
  char *name;
  CnnOp op; /* inputs[i] is i, or CNN_NO_VALUE */
  guint n_inputs;
  CnnShape in[3];
  float *inputs[3];
  CnnShape out;
  const float *expected;
  float *dout;
  const float *gradients[3]; /* NULL: not asked for */
  guint indices[3];
} KernelCase;

/** All cases. (element-type KernelCase) */
GPtrArray *kernel_cases_load (void);
void kernel_cases_free (GPtrArray *cases);

/** Relative L2 distance; infinite where one has a NaN that the other has not. */
double relative_distance (const float *a, const float *b, gsize n);

/** Fills with the generator of the vectors. */
void kernel_cases_draw (float *out, gsize n, guint32 seed, double low, double high, double step);

G_END_DECLS
