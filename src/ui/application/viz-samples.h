/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The folder with the program's models and samples: the environment's CNN_DATA_DIR, where it was installed,
 * or near the program (as in a build inside the sources). (transfer full) (nullable)
 */
char *viz_data_dir (void) G_GNUC_WARN_UNUSED_RESULT;
/** The sample network "digits" or "tank"; (transfer full) (nullable). */
char *viz_sample_model (const char *network) G_GNUC_WARN_UNUSED_RESULT;
/** Its sample pictures, sorted; (transfer full), empty where there are none. */
char **viz_sample_images (const char *network) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
