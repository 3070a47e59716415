/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-filter-gallery.h"
#include "viz-filter-model.h"
#include "viz-gallery-cell.h"

G_BEGIN_DECLS

/* Shared by the parts of VizFilterGallery: viz-filter-gallery.c (contents and cells) and -header.c (the
 * controls). */

struct _VizFilterGallery {
  GtkWidget parent_instance;

  CnnGallery *gallery;
  VizFilterModel *model;
  GtkSingleSelection *selection;
  float *changes;
  guint n_changes;
  const CnnColormap *colormap;
  VizGalleryKind kind;
  VizGallerySort sort;
  gboolean shared, stale;
  int inputs; /* of the kernels, see CnnGalleryInputs */
  int cell_size;
  int selected;
  gboolean selecting; /* by the program, not by the person */

  GQueue pending;    /* VizGalleryCell, newest first */
  GHashTable *bound; /* VizGalleryCell that show a filter */
  guint idle;
  guint scroll_tick, scroll_to;
  int scroll_frames;

  GtkWidget *box, *stack, *scrolled, *view, *message;
  GtkWidget *title, *kernels, *activations, *sort_list, *scale_list, *size_scale;
  GtkWidget *inputs_label, *inputs_box, *inputs_list, *input_number;
  gboolean updating; /* the controls, from the values */
};

enum {
  VIZ_GALLERY_PROP_0,
  VIZ_GALLERY_PROP_KIND,
  VIZ_GALLERY_PROP_SORT,
  VIZ_GALLERY_PROP_INPUTS,
  VIZ_GALLERY_PROP_SHARED_SCALE,
  VIZ_GALLERY_PROP_CELL_SIZE,
  VIZ_GALLERY_PROP_SELECTED,
  VIZ_GALLERY_PROP_STALE,
  VIZ_GALLERY_N_PROPS
};

#define VIZ_GALLERY_MIN_SIZE 32
#define VIZ_GALLERY_MAX_SIZE 160

GtkWidget *_viz_gallery_make_header (VizFilterGallery *self);
/** Brings the controls in line with the values. */
void _viz_gallery_update_header (VizFilterGallery *self);

G_END_DECLS
