/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Page up and page down in @box, which lies in a scrolled window: the focus goes as many rows as are in sight, in its
 * column, and rests in the last of them. GTK 4.8's own way asks for the child behind the last one. */
void viz_flow_box_mend_pages (GtkFlowBox *box);

G_END_DECLS
