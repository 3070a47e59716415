/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

/** The range that the gallery's own scale spans. */
void viz_thumbnail_range (const CnnGallery *gallery, float *low, float *high);

/**
 * viz_thumbnail_render:
 * @size: device pixels that it may take in each direction
 * @shared: the layer's range instead of the filter's own
 * @colormap: (nullable): gray; not for RGB kernels
 *
 * The picture of a filter at the very size it is drawn: small ones enlarged by a whole factor, large ones
 * reduced by means. Kernels are shown around zero, which is the middle of the scale. Returns: (transfer full)
 */
GdkTexture *viz_thumbnail_render (const CnnGallery *gallery, guint index, guint size, gboolean shared,
                                  const CnnColormap *colormap) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
