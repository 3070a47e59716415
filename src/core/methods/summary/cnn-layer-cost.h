/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session.h"

G_BEGIN_DECLS

/** Bytes of a layer's output for one picture, as float32; 0 where its shape is not known. */
guint64 cnn_layer_output_bytes (CnnModel *model, guint layer);
/** Bytes of a layer's parameters as float32. */
guint64 cnn_layer_weight_bytes (CnnModel *model, guint layer);
/** Multiply-adds of the whole network for one picture: of convolutions and matrix products. */
guint64 cnn_model_multiply_adds (CnnModel *model);

/**
 * CnnLayerCost: what was measured of each layer. Immutable, reference-counted.
 */
typedef struct {
  guint n;      /* layers */
  double *ms;   /* of a forward pass of one picture; what is fused into a layer is counted there */
  double *dead; /* share of a rectified layer's channels that are zero everywhere; NAN for others */
  gatomicrefcount refs;
} CnnLayerCost;

/**
 * cnn_layer_cost_measure:
 * @before: (nullable): an earlier measurement of the same network, whose times are taken over
 *
 * Runs the network on the session's input.
 */
CnnLayerCost *cnn_layer_cost_measure (CnnSession *session, const CnnLayerCost *before,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
CnnLayerCost *cnn_layer_cost_ref (CnnLayerCost *self);
void cnn_layer_cost_unref (CnnLayerCost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnLayerCost, cnn_layer_cost_unref)

G_END_DECLS
