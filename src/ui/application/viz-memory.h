/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "document/viz-document.h"

G_BEGIN_DECLS

/** Where is remembered what was chosen for a network, by the file's content: it may be moved. (transfer full)
 */
char *viz_memory_path (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
/** What is to be remembered of the open network, or %NULL: nothing but what is guessed. (transfer full) */
char *viz_memory_text (VizDocument *document) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
