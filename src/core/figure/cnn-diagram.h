/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "../model/cnn-model.h"

G_BEGIN_DECLS

/**
 * CnnDiagram: the architecture as boxes and arrows: each layer a box with name, type, output shape and
 * parameters, the flow from top to bottom, branches beside each other, nested models framed. A deep network
 * continues in further columns. Lengths are points.
 */
typedef struct _CnnDiagram CnnDiagram;

/** Lays out @model. */
CnnDiagram *cnn_diagram_new (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
void cnn_diagram_free (CnnDiagram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnDiagram, cnn_diagram_free)

void cnn_diagram_get_size (CnnDiagram *self, double *width, double *height);
/** Draws it on white paper. */
void cnn_diagram_draw (CnnDiagram *self, cairo_t *cr);
/** The layer whose box is at that point, or -1. */
int cnn_diagram_layer_at (CnnDiagram *self, double x, double y);
/** The box of @layer. Returns: %FALSE for a layer that does not exist. */
gboolean cnn_diagram_get_box (CnnDiagram *self, guint layer, double *x, double *y, double *width,
                              double *height);
/** Writes .png (144 dpi, less for very large ones), .svg or .pdf, whole or not at all. */
gboolean cnn_diagram_write (CnnDiagram *self, const char *path, GError **error);

G_END_DECLS
