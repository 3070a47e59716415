/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-compare.h"

G_BEGIN_DECLS

/** What the views Compare and Maximize are to show, each choice a text: it is the state of the action, the
 * member of a session file and the step of undo. */
typedef enum {
  VIZ_COMPARE_COLUMNS, /* "modifiers" of one method, or "methods" side by side */
  VIZ_COMPARE_METHOD,  /* whose modifiers */
  VIZ_COMPARE_METHODS, /* names of methods joined by commas */
  VIZ_COMPARE_CLASSES, /* picked ones: numbers joined by commas */
  VIZ_COMPARE_ROWS,   /* "strongest": all of a few classes, the strongest of many, and the picked; or "picked"
                       */
  VIZ_COMPARE_SCALE,  /* "own" of each map, or "shared" by a column */
  VIZ_MAXIMIZE_LAYER, /* whose filters are raised; "": the classes */
  VIZ_MAXIMIZE_TARGETS, /* for cnn_maximize_parse_targets(); "": what suits */
  VIZ_N_VIEW_CHOICES
} VizViewChoice;

/** The most targets that are raised at once. */
#define VIZ_MAXIMIZE_MOST 256

/** "compare-columns", …: the action's name. */
const char *viz_view_choice_get_name (VizViewChoice choice);
const char *viz_view_choice_get_standard (VizViewChoice choice);
/** What a person may set, looking at @model (nullable). */
gboolean viz_view_choice_check (VizViewChoice choice, const char *text, CnnModel *model, GError **error);

/** Whether @method can be a column: of one class, made by one call. */
gboolean viz_method_is_comparable (const CnnMethod *method);
/** The numbers of @text, which was checked. (transfer full) (element-type int) */
GArray *viz_view_choice_parse_classes (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/** Their text. */
char *viz_view_choice_format_classes (const GArray *classes) G_GNUC_WARN_UNUSED_RESULT;
/** The methods of @text, which was checked. (transfer container) (element-type CnnMethod) */
GPtrArray *viz_view_choice_parse_methods (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viz_maximize_targets:
 * @layer: -1: classes
 * @prediction: (nullable): of the open picture
 *
 * The targets that @text names; for "" all classes up to CNN_COMPARE_ALL, else the strongest of @prediction,
 * or the first filters of the layer. (transfer full) (element-type guint), or %NULL with @error set.
 */
GArray *viz_maximize_targets (CnnModel *model, int layer, const char *text, const CnnPrediction *prediction,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
