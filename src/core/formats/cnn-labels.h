/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * cnn_labels_find:
 * @has_labels: the network's file names its classes itself
 * @source: (out) (transfer full): where they are from: a file's name, or "ImageNet"
 *
 * Class names for a network, if there are just @n_classes: those in NAME.labels.txt beside NAME.h5, in
 * labels.txt, labels.json, metadata.json and the like beside it; else ImageNet's for 1,000 classes, and for
 * 1,001 with the background first. %NULL: none (transfer full).
 */
char **cnn_labels_find (const char *model_path, guint n_classes, gboolean has_labels,
                        char **source) G_GNUC_WARN_UNUSED_RESULT;
/** ImageNet's 1,000 names. (transfer full) */
char **cnn_labels_imagenet (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
