/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * cnn_other_kind_tell:
 * @data: a file's bytes; @size of them
 * @name: of the file
 *
 * Files of other programs that people take for a model that could be opened: what it is, and what to do
 * instead.
 *
 * Returns: (nullable): a sentence; %NULL where the bytes are none of these
 */
char *cnn_other_kind_tell (const guint8 *data, gsize size, const char *name) G_GNUC_WARN_UNUSED_RESULT;

/** The same of a folder. */
char *cnn_other_kind_tell_folder (const char *path, const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
