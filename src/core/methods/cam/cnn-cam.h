/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * CnnCam: what the methods of the Grad-CAM family share: a layer with space, its activation, and the gradient
 * of the score with respect to it.
 */
typedef struct {
  guint layer, channels, height, width;
  gsize space; /* height · width */
  float *activation,
      *gradient; /* channels x height x width; the gradient is NULL where it was not asked for */
  CnnGateCount gates;
} CnnCam;

/** Fills @self for the request's layer, class and @modifier. @self must be zeroed. */
gboolean cnn_cam_read (CnnCam *self, CnnSession *session, const CnnMethodRequest *request,
                       CnnModifier modifier, gboolean with_gradient, GCancellable *cancellable,
                       GError **error);
void cnn_cam_clear (CnnCam *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CnnCam, cnn_cam_clear)

/** The mean over space of the gradient of each channel: Grad-CAM's weights. */
void cnn_cam_mean_gradient (const CnnCam *self, double *weights);
/** out = Σ_k weights_k A_k */
void cnn_cam_weigh (const CnnCam *self, const double *weights, float *out);

/**
 * cnn_cam_make_map:
 * @raw: (transfer full): the map at the layer's own size
 * @is_signed: keep what is negative
 *
 * Clips, enlarges to the input's size, divides by the largest magnitude, and says what was clipped and gated.
 */
CnnMap *cnn_cam_make_map (const CnnCam *self, CnnSession *session, const CnnMethodRequest *request,
                          CnnModifier modifier, float *raw, gboolean is_signed) G_GNUC_WARN_UNUSED_RESULT;

/** The parameter "signed" of the whole family, for its tables. */
#define CNN_CAM_PARAM_SIGNED                                                                                 \
  {                                                                                                          \
    "signed", N_ ("Signed"), N_ ("Keep evidence against the class, drawn around zero"), CNN_PARAM_BOOL, 0,   \
        1, 0, 1, NULL, NULL                                                                                  \
  }

G_END_DECLS
