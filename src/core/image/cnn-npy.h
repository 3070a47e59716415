/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** The highest rank that is read. */
#define CNN_NPY_MAX_RANK 8

/** A float32 .npy, version 1.0, row-major; written whole or not at all. */
gboolean cnn_npy_write (const char *path, const gint64 *dims, guint rank, const float *data, GError **error);

/**
 * cnn_npy_read:
 * @dims: (out): takes CNN_NPY_MAX_RANK
 *
 * Reads a .npy of float32, float64, bool or integers of 8 to 64 bits, in either order of axes, as float32 in
 * row-major order. The size that the header claims is checked against the file's before anything is
 * allocated. Returns: (transfer full): the numbers, freed by g_free().
 */
float *cnn_npy_read (const char *path, gint64 *dims, guint *rank, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
