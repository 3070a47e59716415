/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/** Whether the @length bytes of @what stand at @offset of a file's @size bytes: its signature, or one of its
 * parts'. */
static inline gboolean
cnn_signature_at (const guint8 *data, gsize size, gsize offset, const void *what, gsize length)
{
  return size >= length && offset <= size - length && memcmp (data + offset, what, length) == 0;
}

G_END_DECLS
