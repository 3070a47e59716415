/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_HISTORY (viz_history_get_type ())
G_DECLARE_FINAL_TYPE (VizHistory, viz_history, VIZ, HISTORY, GObject)

/**
 * VizHistory:
 *
 * The steps that a person made in a document's choices and pictures, for undo and redo. A drag is one step.
 * Another network begins anew.
 *
 * Signals: "changed" (), when there is more or less to undo or to redo; "open-image" (string path), when a
 * step wants a picture read.
 */
VizHistory *viz_history_new (VizDocument *document) G_GNUC_WARN_UNUSED_RESULT;
/** A button of the pointer was pressed or let go: what changes the same thing in between is one step. */
void viz_history_hold (VizHistory *self, gboolean held);
gboolean viz_history_can_undo (VizHistory *self);
gboolean viz_history_can_redo (VizHistory *self);
void viz_history_undo (VizHistory *self);
void viz_history_redo (VizHistory *self);

G_END_DECLS
