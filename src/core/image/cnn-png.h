/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * cnn_png_write:
 * @rgba: width·height·4 bytes, straight alpha
 * @texts: (nullable): keyword, text, keyword, text, …, NULL: stored as tEXt/iTXt
 * @dpi: 0: not stored
 *
 * Writes a PNG whole or not at all (a temporary file in the same folder, renamed).
 */
gboolean cnn_png_write (const char *path, guint width, guint height, const guint8 *rgba, const char *const *texts, double dpi, GError **error);
/** The text of @keyword in a PNG, or %NULL. (transfer full) */
char *cnn_png_read_text (const char *path, const char *keyword, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Writes bytes whole or not at all. */
gboolean cnn_file_write (const char *path, gconstpointer data, gsize length, GError **error);
/** A float32 .npy, version 1.0. */
gboolean cnn_npy_write (const char *path, const gint64 *dims, guint rank, const float *data, GError **error);
/** Reads a float32/float64/uint8/int64 .npy as float32; @dims takes up to 8. (transfer full), g_free(). */
float *cnn_npy_read (const char *path, gint64 *dims, guint *rank, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
