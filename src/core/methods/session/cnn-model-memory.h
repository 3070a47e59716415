/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/cnn-image.h"
#include "cnn-session-file.h"

G_BEGIN_DECLS

/*
 * What a person chose for a network, kept in a small file of its own in the form of a session: preprocessing,
 * fit, labels, output, size, further inputs.
 */

/** %NULL where nothing is remembered, or what is there cannot be understood. */
CnnSavedSession *cnn_model_memory_read (const char *path) G_GNUC_WARN_UNUSED_RESULT;
/** The preprocessing that @saved (nullable) names; %FALSE where it names none. */
gboolean cnn_model_memory_preprocess (const CnnSavedSession *saved, CnnPreprocess *preprocess);
/** Writes @text whole or not at all, in a folder that is made if need be; %NULL forgets the file. */
gboolean cnn_model_memory_write (const char *path, const char *text, GError **error);

G_END_DECLS
