/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/maximize/cnn-maximize.h"
#include "canvas/viz-raster.h"

G_BEGIN_DECLS

/** VizMaximized: the found inputs made ready for the screen. Immutable, reference-counted; made on the
 * worker.
 */
typedef struct _VizMaximized {
  CnnMaximized *found;
  VizRaster **pictures; /* by target; NULL where there was no memory for it */
  gatomicrefcount refs;
} VizMaximized;

/** @found: (transfer full). @last (nullable): pictures that are the same are taken from it. */
VizMaximized *viz_maximized_new (CnnMaximized *found, const VizMaximized *last) G_GNUC_WARN_UNUSED_RESULT;
VizMaximized *viz_maximized_ref (VizMaximized *self);
void viz_maximized_unref (VizMaximized *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VizMaximized, viz_maximized_unref)

G_END_DECLS
