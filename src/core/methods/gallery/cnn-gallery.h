/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session.h"

G_BEGIN_DECLS

/** Which input channels of its kernels a gallery shows, where it is not the number of one. */
typedef enum {
  CNN_GALLERY_SUITED = -1, /* as they are where there is one, or three as a colour; else the mean */
  CNN_GALLERY_MEAN = -2,   /* the mean over the input channels */
  CNN_GALLERY_NORM = -3    /* the root of the sum of squares over the input channels */
} CnnGalleryInputs;

/**
 * CnnGallery: pictures of a layer's filters: kernels or activations. Immutable, reference-counted.
 */
typedef struct {
  guint n;                              /* filters */
  guint width, height;                  /* of one; 1-D activations are laid out as a near-square or a strip */
  guint channels;                       /* 3: RGB kernels of a first layer; else 1 */
  float *values;                        /* n x channels x height x width */
  float *min, *max, *mean, *zero_share; /* per filter, of what is shown */
  gboolean is_kernels;
  guint n_inputs; /* kernels: input channels of one filter; else 1 */
  int inputs; /* kernels: a number of one, or what of CnnGalleryInputs is shown; SUITED: all as they are */
  char *layer;
  gatomicrefcount refs;
} CnnGallery;

/** @kernels: the layer's kernels, as cnn_gallery_new_kernels() suits; else its activations for the current
 * input.
 */
CnnGallery *cnn_gallery_compute (CnnSession *session, guint layer, gboolean kernels,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_gallery_new_kernels:
 * @inputs: the number of an input channel, or one of #CnnGalleryInputs
 *
 * The kernels of a convolution of any kind (of a separable one those with an extent) or the weights of a
 * dense layer, one filter for each output channel or unit.
 */
CnnGallery *cnn_gallery_new_kernels (CnnModel *model, guint layer, int inputs,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
CnnGallery *cnn_gallery_ref (CnnGallery *self);
void cnn_gallery_unref (CnnGallery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnGallery, cnn_gallery_unref)

/** Whether the layer has kernels to show. */
gboolean cnn_layer_has_kernels (CnnModel *model, guint layer);
/** "mean", "norm" or the number of an input channel as @inputs. */
gboolean cnn_gallery_parse_inputs (const char *text, int *inputs);

/** The value that stands for a filter: the largest, for kernels and where all are negative the one of the
 * largest magnitude. */
float cnn_gallery_strength (const CnnGallery *self, guint filter);
/** Whether all of a filter is zero, or all of an activation is one number. */
gboolean cnn_gallery_is_dead (const CnnGallery *self, guint filter);

/** A row for each filter: number, strongest value, least, largest, mean, share of zeros, whether it is dead;
 * as CSV with a heading, or as JSON. (transfer full) */
char *cnn_gallery_to_csv (const CnnGallery *self) G_GNUC_WARN_UNUSED_RESULT;
char *cnn_gallery_to_json (const CnnGallery *self) G_GNUC_WARN_UNUSED_RESULT;

/** What all filters span: around zero for kernels. */
void cnn_gallery_get_range (const CnnGallery *self, float *low, float *high);

G_END_DECLS
