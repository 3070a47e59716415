/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-maximize.h"

G_BEGIN_DECLS

/* What the files cnn-maximize*.c share. */

/** The choices of the parameter "from". */
typedef enum { CNN_MAXIMIZE_NOISE, CNN_MAXIMIZE_MEAN, CNN_MAXIMIZE_IMAGE } CnnMaximizeStart;

/** The value whose channels are raised: the class scores, or the layer's before its own activation. */
guint cnn_maximize_value (CnnModel *model, int layer);
/** Whether the layer has that filter, or the network that class. */
gboolean cnn_maximize_check_target (CnnModel *model, int layer, gint64 index, GError **error);

/** @n targets of @layer with nothing in them. */
CnnMaximized *cnn_maximized_new (guint n, CnnModel *model, int layer) G_GNUC_WARN_UNUSED_RESULT;
/** Once the targets are filled in: the title, and what they have reached added to @provenance (transfer
 * full).
 */
void cnn_maximized_finish (CnnMaximized *self, GVariant *provenance);

G_END_DECLS
