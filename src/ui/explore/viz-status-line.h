/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_STATUS_LINE (viz_status_line_get_type ())
G_DECLARE_FINAL_TYPE (VizStatusLine, viz_status_line, VIZ, STATUS_LINE, GtkWidget)

/**
 * VizStatusLine:
 *
 * What is under the pointer, what the occluder does to the explained class, and what runs.
 */
void viz_status_line_set_document (VizStatusLine *self, VizDocument *document);
/** The pointer is at (@x, @y) of the picture; @inside: over it. */
void viz_status_line_set_pointer (VizStatusLine *self, double x, double y, gboolean inside);

G_END_DECLS
