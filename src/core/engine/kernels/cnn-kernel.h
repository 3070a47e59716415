/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-engine.h"

G_BEGIN_DECLS

/** Compiles a loop for wider vectors too; the loader picks. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define CNN_KERNEL_CLONES __attribute__ ((target_clones ("default", "avx2", "avx512f")))
#else
#define CNN_KERNEL_CLONES
#endif

/**
 * CnnKernel: our own arithmetic of an operator, on row-major float32 in CnnViz' order, one sample at a time.
 * Every operator has one; what oneDNN does faster (convolutions, dense, pooling, …) is compiled to oneDNN
 * steps instead (cnn-plan.c) and uses the kernel only where oneDNN cannot. Kernels may use OpenMP inside;
 * they keep no state.
 */
typedef struct {
  const CnnOp *op;
  const CnnShape *in; /* one shape an input, rank 0 for an absent one; constants included */
  const CnnShape *out;
} CnnKernelArgs;

typedef struct {
  /** Writes @out from @in[] (NULL for an absent input). */
  void (*forward) (const CnnKernelArgs *args, const float *const *in, float *out);
  /**
   * Writes to @din (overwritten) the gradient with respect to input @which, given @dout. The modifier matters
   * to rectifiers only. @in and @out are the forward's, NULL where the flags below say that they are not
   * needed. NULL: the operator passes no gradient to that input.
   */
  void (*backward) (const CnnKernelArgs *args, const float *const *in, const float *out, const float *dout,
                    guint which, CnnModifier modifier, float *din);
  gboolean backward_needs_inputs;
  gboolean backward_needs_output;
} CnnKernel;

/** The kernel of an operator; %NULL for CNN_OP_UNSUPPORTED. */
const CnnKernel *cnn_kernel_for (CnnOpKind kind);

/** y = f (x), @n elements; @x may be @y. */
void cnn_activation_forward (const CnnActivationAttrs *act, const float *x, float *y, gsize n);
/** dx = dy · f'(x); @y is f (x). @dx may be @dy. A rectifier is gated by @modifier, see
 * cnn_activation_gate(). */
void cnn_activation_backward (const CnnActivationAttrs *act, const float *x, const float *y, const float *dy,
                              CnnModifier modifier, float *dx, gsize n);
/** Whether the derivative can be had from the output alone (then @x may be NULL in the above). */
gboolean cnn_activation_derives_from_output (const CnnActivationAttrs *act);
/**
 * The rectifiers' gate from the output alone. Vanilla: dy · slope(y) with 0 beyond the cap; guided: dy · [0 <
 * y < cap] [dy > 0]; relu: dy · [dy > 0]. A leaky rectifier's mask is y > 0, and its slope counts in vanilla
 * only.
 */
void cnn_activation_gate (const CnnActivationAttrs *act, const float *y, const float *dy,
                          CnnModifier modifier, float *dx, gsize n);

G_END_DECLS
