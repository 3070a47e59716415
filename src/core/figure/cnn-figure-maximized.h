/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/maximize/cnn-maximize.h"
#include "cnn-figure.h"

G_BEGIN_DECLS

/** What raises @n of the targets from @first on, side by side with the scores that were reached; caption and
 * provenance, of all of them, are filled in. (transfer full) */
CnnFigure *cnn_figure_new_maximized (CnnMaximized *maximized, guint first, guint n) G_GNUC_WARN_UNUSED_RESULT;
/** So many pictures are in a row. */
guint cnn_figure_maximized_columns (const CnnMaximized *maximized);

G_END_DECLS
