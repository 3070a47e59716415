/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-window-private.h"

G_BEGIN_DECLS

/** Undo, redo and session files: their actions, and what they keep for the window. */
void viz_window_add_sessions (VizWindow *self);
/** Reads a session off the main loop, then opens what it names. */
void viz_window_open_session (VizWindow *self, const char *path);
/** Hashes what is open and writes the session off the main loop. */
void viz_window_save_session (VizWindow *self, const char *path);
/** Keeps what is open for the next start; called when the window closes. */
void viz_window_keep_session (VizWindow *self);

G_END_DECLS
