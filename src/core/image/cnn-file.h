/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * cnn_file_write:
 *
 * Writes bytes whole or not at all: a temporary file in the same folder, flushed to the disk, then renamed.
 */
gboolean cnn_file_write (const char *path, gconstpointer data, gsize length, GError **error);

G_END_DECLS
