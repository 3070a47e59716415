/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VIZ_TYPE_WORK_LINE (viz_work_line_get_type ())
G_DECLARE_FINAL_TYPE (VizWorkLine, viz_work_line, VIZ, WORK_LINE, GtkWidget)

/**
 * VizWorkLine:
 *
 * The line at the foot of a view: what is under the pointer, what was done, and, where work takes its time,
 * how far it is, with a button that stops it.
 */
void viz_work_line_set_left (VizWorkLine *self, const char *text);
void viz_work_line_set_right (VizWorkLine *self, const char *text);
/** 0..1; -1: nothing runs. What takes less than a blink is not shown. */
void viz_work_line_set_progress (VizWorkLine *self, double progress);

G_END_DECLS
