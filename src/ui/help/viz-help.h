/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define VIZ_TYPE_HELP (viz_help_get_type ())
G_DECLARE_FINAL_TYPE (VizHelp, viz_help, VIZ, HELP, AdwWindow)

/**
 * VizHelp:
 *
 * The built-in help: pages with a search, and the guided tour, which works the window it was made for by the
 * window's actions. It stays beside that window and is closed with it.
 */
GtkWidget *viz_help_new (GtkWindow *window) G_GNUC_WARN_UNUSED_RESULT;
/** Shows a page by its id ("start", "tour", …); FALSE if there is none. */
gboolean viz_help_show_page (VizHelp *self, const char *id);

G_END_DECLS
