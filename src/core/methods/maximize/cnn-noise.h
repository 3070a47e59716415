/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** CnnNoise: random numbers that are the same for the same seed, on every machine. */
typedef struct _CnnNoise CnnNoise;

CnnNoise *cnn_noise_new (guint32 seed) G_GNUC_WARN_UNUSED_RESULT;
void cnn_noise_free (CnnNoise *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnNoise, cnn_noise_free)

/** Uniform in [0, 1). */
double cnn_noise_uniform (CnnNoise *self);
/** Normal, mean 0, deviation 1. */
double cnn_noise_normal (CnnNoise *self);
/** An integer from @low to @high, both included. */
int cnn_noise_integer (CnnNoise *self, int low, int high);

G_END_DECLS
