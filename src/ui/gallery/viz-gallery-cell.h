/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "methods/gallery/cnn-gallery.h"

G_BEGIN_DECLS

/** VizGalleryCell: the picture of a filter, with its number and strongest value below. Drawn whole in one
 * snapshot. */
#define VIZ_TYPE_GALLERY_CELL (viz_gallery_cell_get_type ())
G_DECLARE_FINAL_TYPE (VizGalleryCell, viz_gallery_cell, VIZ, GALLERY_CELL, GtkWidget)

GtkWidget *viz_gallery_cell_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** Logical pixels of the picture's square. */
void viz_gallery_cell_set_size (VizGalleryCell *self, int size);
/** Which filter of @gallery it shows; its words; forgets the picture if the filter is another. @gallery
 * %NULL: none. */
void viz_gallery_cell_set (VizGalleryCell *self, const CnnGallery *gallery, guint index);
guint viz_gallery_cell_get_index (VizGalleryCell *self);
/** At one texel per device pixel; %NULL: not made yet. */
void viz_gallery_cell_set_texture (VizGalleryCell *self, GdkTexture *texture);
GdkTexture *viz_gallery_cell_get_texture (VizGalleryCell *self);

G_END_DECLS
