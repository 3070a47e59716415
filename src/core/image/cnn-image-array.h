/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-npy.h"
#include "cnn-image.h"

G_BEGIN_DECLS

/** CnnImageArray: the numbers of a .npy file that stands for a picture, row-major. */
struct _CnnImageArray {
  float *values;
  gint64 dims[CNN_NPY_MAX_RANK];
  guint rank;
};

void cnn_image_array_free (CnnImageArray *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnImageArray, cnn_image_array_free)

/** Whether the file's name or its first bytes are those of a .npy file. */
gboolean cnn_image_array_is (const char *path);

/**
 * cnn_image_array_read:
 * @planes: (out) (transfer full): up to three channels, one plane after the other
 *
 * Reads an array of rows and columns; or of rows, columns and channels in that order or with channels first,
 * taking the shorter one of the two ends for channels; a batch axis of 1 may come first. (transfer full), or
 * %NULL with @error set.
 */
CnnImageArray *cnn_image_array_read (const char *path, float **planes, guint *channels, guint *height,
                                     guint *width, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
