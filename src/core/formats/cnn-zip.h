/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <archive.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/** More entries than any file of a network has. */
#define CNN_ZIP_MAX_ENTRIES 4096

/**
 * cnn_zip_unpack:
 * @zip: at the entry
 * @zip_size: bytes of the whole file: nothing in it may unpack to two hundred times as many
 * @what, @name: file and entry, for messages
 * @limit: bytes that the entry may have
 *
 * The current entry's bytes, or %NULL where it is damaged, too large, or no network would be packed so small.
 */
GBytes *cnn_zip_unpack (struct archive *zip, gsize zip_size, const char *what, const char *name,
                        guint64 limit, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_zip_unpack_model:
 * @bytes: a zip
 * @what: its name, for messages
 * @folder: (out) (transfer full): a temporary folder, to be removed with cnn_zip_remove(); %NULL where there
 * is none
 *
 * A download of Teachable Machine or of a converter: a network and its labels, zipped together. Unpacks a
 * model.json, an HDF5, .keras or ONNX file and what lies beside it (shards, external data, labels).
 *
 * Returns: (transfer full): the path of the network's file; %NULL with @error, or without one where the zip
 * holds none
 */
char *cnn_zip_unpack_model (GBytes *bytes, const char *what, char **folder, GCancellable *cancellable,
                            GError **error);
/** Removes the folder and what was unpacked into it. What was mapped stays. Takes @folder. */
void cnn_zip_remove (char *folder);

G_END_DECLS
