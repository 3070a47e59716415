/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** With CNN_VIZ_TRACE_STALLS in the environment: tells on standard error when the main loop took longer than
 * a frame; where it is "all", how long each of its turns took. */
void viz_stalls_trace (void);

G_END_DECLS
