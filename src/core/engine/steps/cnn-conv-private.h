/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-plan.h"

G_BEGIN_DECLS

/* What the files cnn-conv-*.c share: cnn-step-conv.c runs convolutions, cnn-conv-weights.c packs their
 * weights, cnn-conv-backward.c runs the way back, cnn-conv-image.c that to a picture of few channels. */

/** CnnConvGeometry: oneDNN's view of a window: always two spatial axes, the first of 1 for 1-D. */
typedef struct {
  gint64 kernel[2];
  dnnl_dims_t stride, dilation, pad_begin, pad_end;
} CnnConvGeometry;

void cnn_conv_find_geometry (CnnPlan *plan, const CnnStep *step, CnnConvGeometry *g);

/** CnnConvChoice: how oneDNN is asked to compute a convolution. */
typedef struct {
  dnnl_alg_kind_t algorithm;
  guint src, dst; /* blocks; 0: oneDNN's choice */
  gboolean binary_residual;
} CnnConvChoice;

/** Whether a convolution of @n pictures is done faster by Winograd's algorithm. */
gboolean cnn_conv_suits_winograd (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n);

/** Describes the step; %NULL where oneDNN has no such choice. @with_attributes: with bias and what is fused.
 */
dnnl_primitive_desc_t cnn_conv_describe (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g,
                                         gint64 n, const CnnConvChoice *choice, gboolean with_attributes);

/** An image batch of @slot's size; @block 0: in a format that oneDNN chooses. */
void cnn_conv_image_md (dnnl_memory_desc_t *md, const CnnSlot *slot, gint64 n, guint block);
/** The weights in a format that oneDNN chooses; @turned: as cnn_conv_turned_weights() has them. */
void cnn_conv_weights_md (const CnnStep *step, const CnnTensor *kernel, const CnnConvGeometry *g,
                          gboolean turned, dnnl_memory_desc_t *md);
/** The weights with the batch normalisation's scale, in the format @to; (transfer none). */
dnnl_memory_t cnn_conv_weights (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g,
                                const dnnl_memory_desc_t *to);
/** The same of the convolution that is the way back at stride 1: in and out exchanged, each kernel turned by
 * 180 degrees. */
dnnl_memory_t cnn_conv_turned_weights (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g,
                                       const dnnl_memory_desc_t *to);
/** The same row-major (out, in, rows, columns); (transfer none). */
const float *cnn_conv_plain_weights (CnnPlan *plan, const CnnStep *step);
/** bias · scale + shift, or %NULL where there is none of them; (transfer none). */
const float *cnn_conv_bias (CnnPlan *plan, const CnnStep *step);

/** Points a memory object to @data. */
void cnn_conv_bind (dnnl_memory_t memory, const float *data);
void cnn_conv_destroy_memory (dnnl_memory_t memory);

/** Whether cnn_conv_image_backward() can do the way back of a step, which it does faster than oneDNN. */
gboolean cnn_conv_image_suits (CnnPlan *plan, const CnnStep *step);
/** From the diff of @n outputs to that of the picture, which is overwritten. */
void cnn_conv_image_backward (CnnPlan *plan, const CnnStep *step, const CnnConvGeometry *g, gint64 n,
                              const float *diff, float *target);

gboolean cnn_conv_compile_backward (CnnBackward *backward, CnnStep *step, gpointer *result, GError **error);
void cnn_conv_backward (CnnBackward *backward, CnnStep *step, gpointer state);
void cnn_conv_free_backward (gpointer data);

G_END_DECLS
