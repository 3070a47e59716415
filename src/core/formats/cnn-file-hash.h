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

/**
 * CnnFileHasher:
 *
 * The same on a thread of its own, which begins at once, so that who opens a large file need not wait. The
 * file is held open: the sum is that of what was opened, also where another takes its name meanwhile.
 */
typedef struct _CnnFileHasher CnnFileHasher;

/** Counted references; the last one stops the work. */
CnnFileHasher *cnn_file_hasher_new (const char *path);
CnnFileHasher *cnn_file_hasher_ref (CnnFileHasher *self);
void cnn_file_hasher_unref (CnnFileHasher *self);
/** Waits for the sum, on any thread; (transfer none) (nullable): %NULL where the file cannot be read. */
const char *cnn_file_hasher_get (CnnFileHasher *self);

G_END_DECLS
