/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define VIZ_TYPE_APPLICATION (viz_application_get_type ())
G_DECLARE_FINAL_TYPE (VizApplication, viz_application, VIZ, APPLICATION, AdwApplication)

/** The program: cnn-viz [MODEL] [IMAGE…]. Without arguments it opens the sample network and a sample digit.
 */
VizApplication *viz_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
