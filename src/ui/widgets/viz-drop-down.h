/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Texts of @drop_down, whose model is a #GtkStringList, are shortened in the middle instead of widening the
 * pane that it lies in; their tooltips are whole, and the search looks at all. */
void viz_drop_down_shorten (GtkDropDown *drop_down);

G_END_DECLS
