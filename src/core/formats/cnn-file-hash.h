/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * cnn_file_hash:
 *
 * SHA-256 of a file in hex. It is read in blocks: hashing a mapped file would bring all of it into memory.
 * Returns: (transfer full): the sum, or %NULL with @error set.
 */
char *cnn_file_hash (const char *path, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The same of bytes in memory; @portable: without the processor's own instructions. (transfer full) */
char *cnn_bytes_hash (const guint8 *data, gsize size, gboolean portable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
