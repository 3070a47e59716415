/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session-file.h"
#include "document/viz-document.h"

G_BEGIN_DECLS

/** What it is for: a step of undo takes only what was chosen; a figure also the size that follows the
 * picture; a session also the view and the list of pictures. */
typedef enum { VIZ_SAVED_STEP, VIZ_SAVED_FIGURE, VIZ_SAVED_SESSION } VizSaved;

/** What the document has open and chosen, without hashes. */
CnnSavedSession *viz_saved_take (VizDocument *document, VizSaved what) G_GNUC_WARN_UNUSED_RESULT;
/** Sets the choices as one change. What the network does not have is left as it is; files are not opened. */
void viz_saved_apply (VizDocument *document, const CnnSavedSession *saved);

G_END_DECLS
