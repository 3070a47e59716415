/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "document/viz-document.h"
#include "canvas/viz-image-canvas.h"

G_BEGIN_DECLS

#define VIZ_TYPE_OCCLUDER_OPTIONS (viz_occluder_options_get_type ())
G_DECLARE_FINAL_TYPE (VizOccluderOptions, viz_occluder_options, VIZ, OCCLUDER_OPTIONS, GtkWidget)

/**
 * VizOccluderOptions:
 *
 * Fill, width and height of the occluder as numbers, and the trail of where it has been; for a popover.
 */
void viz_occluder_options_set_document (VizOccluderOptions *self, VizDocument *document,
                                        VizImageCanvas *canvas);

G_END_DECLS
