/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** So many rows at the end are sums. */
#define CNN_SUMMARY_SUMS 3

/**
 * cnn_summary_cells:
 * @n_columns: (out): 4, or 5 where the network is no plain chain
 *
 * The architecture as a table, row by row: name, type, output shape, parameters, and what it is connected to;
 * sums in the last rows. (transfer full) (element-type utf8)
 */
GPtrArray *cnn_summary_cells (CnnModel *model, guint *n_columns) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
