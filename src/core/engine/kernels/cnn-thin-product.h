/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Whether cnn_thin_product() is faster than a library's product for @n rows on this processor. */
gboolean cnn_thin_product_suits (gint64 n);

/**
 * cnn_thin_product:
 * @weights: (outputs, inputs) row-major
 * @x: (n, inputs)
 * @y: (n, outputs), overwritten
 *
 * y = x · weightsᵀ for few rows. Libraries first copy the weights into an order of their own, which takes
 * longer than few rows do; here they are read where they lie, once for all rows.
 */
void cnn_thin_product (const float *weights, const float *x, float *y, gint64 n, gint64 inputs,
                       gint64 outputs);

G_END_DECLS
