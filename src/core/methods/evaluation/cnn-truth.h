/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** CnnTruthItem: a picture and what is on it. */
typedef struct {
  char *path;
  int truth; /* class index; -1: not known */
} CnnTruthItem;

/**
 * CnnTruth:
 *
 * Pictures with their classes, for cnn_evaluate(). Immutable and reference-counted.
 */
typedef struct {
  char *path;       /* the folder or file it was read from */
  GPtrArray *items; /* CnnTruthItem, in the order of their paths */
  GPtrArray *notes; /* char *: sentences on what was left out or how names were understood */
  char **names; /* for classes whose folder has a better name than the network; NULL-terminated, or NULL */
  gatomicrefcount refs;
} CnnTruth;

/**
 * cnn_truth_read:
 * @path: a folder with a sub-folder of pictures for each class, a folder with a labels file beside the
 * pictures (labels.csv, .tsv or .txt), or such a file: lines of "file,label", "file<tab>label" or "file
 * label"
 *
 * Names of classes are matched to the network's labels, whatever their case, blanks and underscores; else to
 * class numbers ("7", "07", "class_7"). Where no folder fits any label but there are as many as classes, the
 * folders in alphabetical order are the classes, as training programs count them. Files outside of the folder
 * of a labels file are left out. Returns: (transfer full), or %NULL with @error set where there is nothing to
 * compare.
 */
CnnTruth *cnn_truth_read (const char *path, CnnModel *model, GCancellable *cancellable,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
CnnTruth *cnn_truth_ref (CnnTruth *self);
void cnn_truth_unref (CnnTruth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnTruth, cnn_truth_unref)

/** The class that a person's name means, -1 for none. */
int cnn_truth_match_class (CnnModel *model, const char *name);
/** The name of a class for people. */
const char *cnn_truth_get_name (const CnnTruth *self, CnnModel *model, int class_index);

/** Pictures of a folder by their names' endings, sorted; with @deep also those of its folders. (transfer
 * full) */
GPtrArray *cnn_list_pictures (const char *folder, gboolean deep, GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether a folder has folders with pictures, or a labels file: whether cnn_truth_read() may say more than a
 * list. */
gboolean cnn_truth_is_likely (const char *folder);

G_END_DECLS
