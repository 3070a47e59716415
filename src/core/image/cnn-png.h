/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-file.h"
#include "cnn-npy.h"

G_BEGIN_DECLS

/**
 * cnn_png_write:
 * @rgba: width·height·4 bytes, straight alpha
 * @texts: (nullable): keyword, text, keyword, text, …, NULL: stored as tEXt/iTXt
 * @dpi: 0: not stored
 *
 * Writes a PNG whole or not at all (a temporary file in the same folder, renamed).
 */
gboolean cnn_png_write (const char *path, guint width, guint height, const guint8 *rgba,
                        const char *const *texts, double dpi, GError **error);
/** The text of @keyword in a PNG, or %NULL. (transfer full) */
char *cnn_png_read_text (const char *path, const char *keyword, GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS
