/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** The keys that move the focus in @box, which lies in a scrolled window: by a child, a row, the rows in sight, or to
 * the first and the last. GTK 4.8's own way asks now and then for the child behind the last one, and complains. */
void viz_flow_box_mend_keys (GtkFlowBox *box);

G_END_DECLS
