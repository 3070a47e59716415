/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Return in any popover of the program while nothing of the window has the focus does nothing; to be called
 * once, when GTK has been initialized. GTK 4.8's own way asks for the parents of the widget that is not
 * there, and complains. */
void viz_popovers_mend_keys (void);

G_END_DECLS
