/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Tab leaves @list, a list, a column or a grid view of thousands of items, at once; arrows walk inside.
 * (GTK 4.8 would visit each item.) */
void viz_list_leave_by_tab (GtkWidget *list);

G_END_DECLS
