/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** The regularisers of activation maximisation. Each adds its gradient to @gradient and returns its weighted
 * value. */

/** weight · (Σ |x|^6)^(1/6) / n */
double cnn_loss_lp (const float *x, gsize n, double weight, float *gradient);

/** weight · Σ ((x right - x)² + (x below - x)²) / n over the places that have both neighbours, channel by
 * channel */
double cnn_loss_tv (const float *x, guint channels, guint height, guint width, double weight,
                    float *gradient);

G_END_DECLS
