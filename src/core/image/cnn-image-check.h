/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Whether the file at @path holds as much as a picture of @width x @height pixels needs, told from the
 * structure of PNG, JPEG, GIF and BMP files without decoding them; other kinds pass. Decoders fill what is
 * missing with gray, or take memory for what is claimed before they find out. On failure sets @error
 * (CNN_ERROR_INPUT). */
gboolean cnn_image_check_data (const char *path, guint width, guint height, GError **error);

/** Sets @error (CNN_ERROR_INPUT) for a file that no decoder knows: where its first bytes tell a kind of
 * picture, with the name of the kind and the Debian package that reads it. */
void cnn_image_refuse_kind (const char *path, GError **error);

G_END_DECLS
