/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** How a gradient G passes a rectifier with output y (methods: vanilla, guided backpropagation, deconvnet).
 */
typedef enum {
  CNN_MODIFIER_VANILLA, /* G · [y > 0] */
  CNN_MODIFIER_GUIDED,  /* G · [y > 0] · [G > 0] (Springenberg 2014) */
  CNN_MODIFIER_RELU,    /* G · [G > 0] (Zeiler & Fergus 2013) */
  CNN_N_MODIFIERS
} CnnModifier;

const char *cnn_modifier_name (CnnModifier modifier); /* "vanilla", "guided", "relu" */
gboolean cnn_modifier_from_name (const char *name, CnnModifier *modifier);

/**
 * CnnEngine:
 *
 * A model made ready to compute on oneDNN: compiled plans, packed weights, and the kept forward results of
 * the current input. All arrays that go in and out are float32, row-major, batch first, in CnnViz' order
 * (channels before space). One thread at a time may use an engine (the worker's); long calls poll their
 * cancellable between steps and then fail with G_IO_ERROR_CANCELLED.
 */
typedef struct _CnnEngine CnnEngine;

/** References @model. Compiles nothing yet. */
CnnEngine *cnn_engine_new (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
void cnn_engine_free (CnnEngine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnEngine, cnn_engine_free)

CnnModel *cnn_engine_get_model (CnnEngine *self);

/** Number of threads the engine's loops use, process-wide; 0: one per core. */
void cnn_engine_set_threads (guint n);
guint cnn_engine_get_threads (void);

/** Elements of one sample of the image input / of a value. */
gsize cnn_engine_input_size (CnnEngine *self);
gsize cnn_engine_value_size (CnnEngine *self, guint value);

/**
 * cnn_engine_set_input:
 * @image: cnn_engine_input_size() floats
 *
 * Makes @image the current input. What was kept of the former is forgotten; nothing is computed yet.
 */
void cnn_engine_set_input (CnnEngine *self, const float *image);

/**
 * cnn_engine_read:
 * @out: cnn_engine_value_size() floats
 *
 * The activation of @value for the current input. The forward pass runs once; a value that was folded away is
 * recovered by a plan that keeps it.
 */
gboolean cnn_engine_read (CnnEngine *self, guint value, float *out, GCancellable *cancellable,
                          GError **error);

/**
 * CnnSeed: what is differentiated: the mean of channel @channel of @value over space (the value itself for
 * rank 2), times @sign. For cnn_engine_gradient() each seed is one row of the batch. With @distribution (as
 * many floats as one sample of @value, or %NULL) that is used as the gradient at @value instead.
 */
typedef struct {
  guint value;
  guint channel;
  float sign; /* +1 for the evidence for, -1 against */
  const float *distribution;
} CnnSeed;

/** What the modifiers met on the way back. */
typedef struct {
  guint gated;  /* rectifiers whose gradient was gated */
  guint smooth; /* other activations between, which keep their own derivative */
} CnnGateCount;

/**
 * cnn_engine_gradient:
 * @seeds: all of one value
 * @wrt: values whose gradient is wanted; each @outs[i] takes n_seeds x value_size floats
 * @gates: (out) (optional)
 *
 * Gradients for the current input: one kept forward, one backward with a batch of @n_seeds. A value in @wrt
 * that the seed does not depend on gets zeros.
 */
gboolean cnn_engine_gradient (CnnEngine *self, const CnnSeed *seeds, guint n_seeds, CnnModifier modifier,
                              const guint *wrt, guint n_wrt, float *const *outs, CnnGateCount *gates,
                              GCancellable *cancellable, GError **error);

/**
 * cnn_engine_forward:
 * @images: @n samples
 * @outs: outs[i] takes n x value_size floats of values[i]
 *
 * A forward pass of other images than the current, in batches of the engine's choosing. The current input and
 * what is kept of it stay untouched.
 */
gboolean cnn_engine_forward (CnnEngine *self, const float *images, guint n, const guint *values,
                             guint n_values, float *const *outs, GCancellable *cancellable, GError **error);

/**
 * cnn_engine_gradient_at:
 * @images: @n samples; @seeds: one for each
 * @scores: (nullable): takes the seeds' scores, n floats
 *
 * Forward and backward for other images than the current (SmoothGrad, integrated gradients, maximisation).
 */
gboolean cnn_engine_gradient_at (CnnEngine *self, const float *images, const CnnSeed *seeds, guint n,
                                 CnnModifier modifier, guint wrt, float *out, float *scores,
                                 GCancellable *cancellable, GError **error);

/** Holds a further input (index as in cnn_model_get_input()) at these numbers, in CnnViz' order. */
void cnn_engine_set_constant_input (CnnEngine *self, guint input, const float *values);

/** Probabilities (see CnnHead) of @n rows of scores of the model's score value, averaged over space: @out n x
 * classes. */
void cnn_engine_probabilities (CnnEngine *self, const float *scores, guint n, float *out);
/** The same in double precision: near 0 and 1 the differences of two probabilities are below float's steps.
 */
void cnn_engine_probabilities_double (CnnEngine *self, const float *scores, guint n, double *out);
/** The probabilities, or the scores of a network that has none (cnn_model_has_probabilities()): what an
 * occluder is watched by. */
void cnn_engine_outcomes (CnnEngine *self, const float *scores, guint n, double *out);
/** The scores themselves, averaged over space where the score value has any: @out n x classes. */
void cnn_engine_class_scores (CnnEngine *self, const float *scores, guint n, float *out);

/** Milliseconds that each layer's operators took when last measured; @out takes n_layers doubles. Runs the
 * network. */
gboolean cnn_engine_measure_layers (CnnEngine *self, double *out, GCancellable *cancellable, GError **error);

G_END_DECLS
