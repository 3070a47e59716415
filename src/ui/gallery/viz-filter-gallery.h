/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

G_BEGIN_DECLS

typedef enum { VIZ_GALLERY_KERNELS, VIZ_GALLERY_ACTIVATIONS } VizGalleryKind;
typedef enum { VIZ_GALLERY_SORT_INDEX, VIZ_GALLERY_SORT_STRENGTH, VIZ_GALLERY_SORT_CHANGE } VizGallerySort;

/**
 * VizFilterGallery:
 *
 * The pictures of a layer's filters with a row of controls: kernels or activations, sort, scale, size. Cells
 * are made on demand and their pictures in small slices of idle time, those in sight first, so thousands of
 * channels do not stall the window. It scrolls by itself.
 *
 * Properties (all notify): "kind" (VizGalleryKind as int: the window answers notify::kind with
 * viz_filter_gallery_set_gallery()), "inputs" (what of the kernels' input channels is shown, see
 * CnnGalleryInputs: answered alike), "sort" (VizGallerySort as int), "shared-scale" (the layer's range
 * instead of each filter's own), "cell-size" (logical pixels, 32..160), "selected" (index of the filter, -1:
 * none), "stale".
 *
 * Signals:
 * - "filter-selected" (int index): the person selected a filter (-1: none any more). Not for set_selected().
 * - "filter-activated" (int index): double click or Enter.
 */
#define VIZ_TYPE_FILTER_GALLERY (viz_filter_gallery_get_type ())
G_DECLARE_FINAL_TYPE (VizFilterGallery, viz_filter_gallery, VIZ, FILTER_GALLERY, GtkWidget)

GtkWidget *viz_filter_gallery_new (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viz_filter_gallery_set_gallery:
 * @gallery: (nullable): keeps selection and scroll position if it is of the same layer, kind and count
 *
 * Sets "kind" to what @gallery is and clears "stale".
 */
void viz_filter_gallery_set_gallery (VizFilterGallery *self, CnnGallery *gallery);
CnnGallery *viz_filter_gallery_get_gallery (VizFilterGallery *self);
/** Shown instead of the cells while there is no gallery ("dropout_1 has no filters"); %NULL: a standard
 * sentence. */
void viz_filter_gallery_set_message (VizFilterGallery *self, const char *message);

/** Which kinds the layer has; the other button is insensitive. */
void viz_filter_gallery_set_kinds (VizFilterGallery *self, gboolean kernels, gboolean activations);
void viz_filter_gallery_set_kind (VizFilterGallery *self, VizGalleryKind kind);
VizGalleryKind viz_filter_gallery_get_kind (VizFilterGallery *self);
void viz_filter_gallery_set_inputs (VizFilterGallery *self, int inputs);
int viz_filter_gallery_get_inputs (VizFilterGallery *self);
void viz_filter_gallery_set_sort (VizFilterGallery *self, VizGallerySort sort);
VizGallerySort viz_filter_gallery_get_sort (VizFilterGallery *self);
void viz_filter_gallery_set_shared_scale (VizFilterGallery *self, gboolean shared);
gboolean viz_filter_gallery_get_shared_scale (VizFilterGallery *self);
void viz_filter_gallery_set_cell_size (VizFilterGallery *self, int size);
int viz_filter_gallery_get_cell_size (VizFilterGallery *self);
/** Of the cells; %NULL: gray. Kernels are drawn around zero, the middle of the scale. */
void viz_filter_gallery_set_colormap (VizFilterGallery *self, const CnnColormap *colormap);
void viz_filter_gallery_set_stale (VizFilterGallery *self, gboolean stale);

/** How much each filter's activation changed under the occluder: enables that order. Copied; @n 0: none. */
void viz_filter_gallery_set_changes (VizFilterGallery *self, const float *changes, guint n);

/** Selects and scrolls to a filter; -1: none. */
void viz_filter_gallery_set_selected (VizFilterGallery *self, int index);
int viz_filter_gallery_get_selected (VizFilterGallery *self);

/** Pictures still to be made for cells in sight. */
guint viz_filter_gallery_get_pending (VizFilterGallery *self);

G_END_DECLS
