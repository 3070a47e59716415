/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model-builder.h"

G_BEGIN_DECLS

/**
 * A small network drawn from @seed: convolutions of all sorts, batch norms, activations, pools, residual
 * sums, joins, squeeze-and-excite products, resizes, then a classifier. With @smooth without rectifiers and
 * maxima.
 */
CnnModel *random_graph_new (guint32 seed, gboolean smooth);

G_END_DECLS
