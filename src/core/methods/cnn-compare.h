/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-method.h"

G_BEGIN_DECLS

/** A network of so many classes is compared whole; of a larger one the strongest and the picked ones are. */
#define CNN_COMPARE_ALL 20
/** The strongest classes of a larger network. */
#define CNN_COMPARE_TOP 5
#define CNN_COMPARE_MAX_COLUMNS 16

/** CnnCompareColumn: a method with its parameters, layer and modifier; the class of the request is not read.
 */
typedef struct {
  const CnnMethod *method;
  CnnMethodRequest request;
} CnnCompareColumn;

/**
 * CnnCompare: a grid of maps of one input, rows of classes, columns of methods or modifiers. Immutable and
 * reference-counted; a partial one has cells that are %NULL.
 */
typedef struct {
  CnnModel *model;
  CnnImage *image; /* at the network's size */
  CnnPrediction *prediction;
  guint n_rows, n_columns;
  int *classes;              /* by row */
  CnnCompareColumn *columns; /* their pointers to functions and data are cleared */
  CnnMap **maps;             /* row · n_columns + column; or NULL */
  char **failures;           /* by column: why it cannot be computed, or NULL */
  gboolean stopped;          /* before all was there */
  double milliseconds;
  gatomicrefcount refs;
} CnnCompare;

CnnCompare *cnn_compare_ref (CnnCompare *self);
void cnn_compare_unref (CnnCompare *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnCompare, cnn_compare_unref)

/** @partial (transfer none) is what there is so far, or %NULL where nothing was added. */
typedef void (*CnnCompareProgress) (double fraction, CnnCompare *partial, gpointer user_data);

/**
 * cnn_compare_choose:
 * @picked: (array length=n_picked): classes that are wanted in any case
 *
 * The classes to compare: all in their order up to CNN_COMPARE_ALL, else the strongest, then the picked ones.
 * Returns: (transfer full) (element-type int)
 */
GArray *cnn_compare_choose (const CnnPrediction *prediction, const int *picked,
                            guint n_picked) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_compare_compute:
 * @classes: rows
 * @progress: (nullable): called after cells; may run more urgent work
 *
 * One forward pass for all, and one pass back for the classes of a column together (see cnn-gradients.h). A
 * column that cannot be computed leaves the others alone, unless there is none; a stop keeps the cells that
 * are done.
 */
CnnCompare *cnn_compare_compute (CnnSession *session, const int *classes, guint n_classes,
                                 const CnnCompareColumn *columns, guint n_columns,
                                 CnnCompareProgress progress, gpointer progress_data,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Whether every column could be computed, else the first failure. */
gboolean cnn_compare_check (const CnnCompare *self, GError **error);

/** What stands over a column: the modifier, or, where methods differ, the method. Translated; (transfer full)
 */
char *cnn_compare_get_heading (const CnnCompare *self, guint column) G_GNUC_WARN_UNUSED_RESULT;

/** The probability of a row's class. */
float cnn_compare_get_probability (const CnnCompare *self, guint row);

/**
 * cnn_compare_get_range:
 *
 * The range, in the units of a cell's values, that spans the values of its whole column before each map was
 * scaled to 0..1 on its own: with it the cells of a column can be compared. %FALSE where the column has no
 * such range.
 */
gboolean cnn_compare_get_range (const CnnCompare *self, guint row, guint column, float *low, float *high);

G_END_DECLS
