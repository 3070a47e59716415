/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/maximize/cnn-maximize.h"
#include "cnn-figure.h"

G_BEGIN_DECLS

/** What raises each of the targets, side by side with the scores that were reached; caption and provenance
 * are filled in. */
CnnFigure *cnn_figure_new_maximized (CnnMaximized *maximized) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
