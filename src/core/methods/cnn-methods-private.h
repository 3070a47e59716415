/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-method.h"
#include "methods/session/cnn-provenance.h"

G_BEGIN_DECLS

/* The methods, one file each; listed in cnn-method.c. */
extern const CnnMethod cnn_method_saliency, cnn_method_grad_cam, cnn_method_occlusion, cnn_method_activation;
extern const CnnMethod cnn_method_guided_grad_cam, cnn_method_gradient_x_input, cnn_method_smooth_grad;
extern const CnnMethod cnn_method_integrated_gradients, cnn_method_grad_cam_plus, cnn_method_layer_cam;
extern const CnnMethod cnn_method_hires_cam, cnn_method_score_cam, cnn_method_maximize;

/** The value of a parameter of @method by name; the declaration must have it. */
double cnn_method_value (const CnnMethod *method, const CnnMethodRequest *request, const char *name);

/** The parameter "against" of the methods that follow a gradient, for their tables. */
#define CNN_PARAM_AGAINST                                                                                    \
  {                                                                                                          \
    "against", N_ ("Evidence against"), N_ ("What lowers the score: its negative goes back"),                \
        CNN_PARAM_BOOL, 0, 1, 0, 1, NULL, NULL                                                               \
  }

/** The score that @request asks for: its class, evidence for or against. */
CnnSeed cnn_method_seed (CnnSession *session, const CnnMethodRequest *request);

/** The value of the session's image input. */
guint cnn_session_input_value (CnnSession *session);

/**
 * cnn_method_target:
 * @layer: the request's, or -1 for the deepest with an extent above 1x1
 *
 * The layer of the Grad-CAM family, checked: it has space and leads to the score. -1 with @error set.
 */
int cnn_method_target (CnnSession *session, int layer, GError **error);

/** Channels, rows and columns of a value with space. */
void cnn_value_extent (CnnModel *model, guint value, guint *channels, guint *height, guint *width);

/**
 * cnn_method_keeps:
 * @some: whether anything was computed before it failed
 * @failure: (inout): why; moved to @error where nothing is kept
 *
 * Whether a long method that failed returns what it has: it was stopped, and there is some.
 */
gboolean cnn_method_keeps (gboolean some, GError **failure, GError **error);

/** How many inputs a long method runs at a time: as much as a more urgent job may have to wait for. */
guint cnn_session_batch (const CnnSession *session);

/** At each place the number of the channel with the largest magnitude, with its sign. */
void cnn_strongest_channel (const float *values, guint channels, gsize plane, float *out);

/**
 * cnn_map_note_silence:
 * @layer: (nullable): where @values are, by its name; %NULL: the input
 *
 * What an all-zero map means where @values, a gradient with respect to @value, decide it.
 */
void cnn_map_note_silence (CnnMap *map, CnnSession *session, guint value, const char *layer,
                           const float *values, gsize n);

/** The sentence on rectifiers gated and activations that keep their own derivative. */
void cnn_map_note_gates (CnnMap *map, const CnnGateCount *gates, CnnModifier modifier, const char *layer);

G_END_DECLS
