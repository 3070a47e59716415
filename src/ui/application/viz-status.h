/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "document/viz-document.h"
#include "images/viz-evaluator.h"

G_BEGIN_DECLS

/** What a window shows, as a{sv}: what com.example.CnnViz.Status answers to Get. (transfer floating) */
GVariant *viz_status_get (VizDocument *document, VizEvaluator *evaluator);
/**
 * Exports the document as com.example.CnnViz.Status at @path. Returns: what
 * g_dbus_connection_unregister_object() takes; 0: it could not be.
 */
guint viz_status_export (VizDocument *document, VizEvaluator *evaluator, GDBusConnection *connection,
                         const char *path);

G_END_DECLS
