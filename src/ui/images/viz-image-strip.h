/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "viz-evaluator.h"

G_BEGIN_DECLS

#define VIZ_TYPE_IMAGE_STRIP (viz_image_strip_get_type ())
G_DECLARE_FINAL_TYPE (VizImageStrip, viz_image_strip, VIZ, IMAGE_STRIP, GtkWidget)

/**
 * VizImageStrip:
 *
 * The document's pictures as a row of thumbnails, the open one marked; a click or the arrow keys open one.
 * Seen when there are several. Where their classes are known, a line above says how many are right, chooses
 * what is listed, and names the true and the predicted class of the open picture as buttons that explain
 * them.
 *
 * Signal: "open" (string path).
 */
GtkWidget *viz_image_strip_new (void) G_GNUC_WARN_UNUSED_RESULT;
void viz_image_strip_set_document (VizImageStrip *self, VizDocument *document);
/** @evaluator: (nullable) */
void viz_image_strip_set_evaluator (VizImageStrip *self, VizEvaluator *evaluator);

G_END_DECLS
