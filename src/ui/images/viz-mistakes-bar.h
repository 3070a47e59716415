/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "viz-evaluator.h"

G_BEGIN_DECLS

#define VIZ_TYPE_MISTAKES_BAR (viz_mistakes_bar_get_type ())
G_DECLARE_FINAL_TYPE (VizMistakesBar, viz_mistakes_bar, VIZ, MISTAKES_BAR, GtkWidget)

/**
 * VizMistakesBar:
 *
 * The line above the pictures of a folder whose classes are known: how many are right, which are listed and
 * in which order, and the classes of the open one. Hidden while there is no such folder.
 */
GtkWidget *viz_mistakes_bar_new (void) G_GNUC_WARN_UNUSED_RESULT;
void viz_mistakes_bar_set_evaluator (VizMistakesBar *self, VizDocument *document, VizEvaluator *evaluator);
/** Whether there is such a folder. */
gboolean viz_mistakes_bar_is_used (VizMistakesBar *self);

G_END_DECLS
