/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Class names in labels.txt, labels.json, metadata.json, … beside @model_path, if there are just @n_classes.
 * (transfer full) */
char **cnn_labels_find_beside (const char *model_path, guint n_classes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
