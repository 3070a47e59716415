/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session-file.h"
#include "document/viz-document.h"

G_BEGIN_DECLS

/** What the document has open and chosen, without hashes; @all: also the view and the list of pictures, which
 * a step of undo leaves alone. */
CnnSavedSession *viz_saved_take (VizDocument *document, gboolean all) G_GNUC_WARN_UNUSED_RESULT;
/** Sets the choices as one change. What the network does not have is left as it is; files are not opened. */
void viz_saved_apply (VizDocument *document, const CnnSavedSession *saved);

G_END_DECLS
