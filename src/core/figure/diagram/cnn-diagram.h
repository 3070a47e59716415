/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "model/cnn-model.h"

G_BEGIN_DECLS

/**
 * CnnDiagram: the architecture as boxes and arrows: each layer a box with name, type, output shape and
 * parameters, the flow from top to bottom, branches beside each other, nested models framed. A deep network
 * continues in further columns. Lengths are points. Immutable and reference-counted; may be laid out and
 * drawn on any thread.
 */
typedef struct _CnnDiagram CnnDiagram;

/** Lays out @model. */
CnnDiagram *cnn_diagram_new (CnnModel *model) G_GNUC_WARN_UNUSED_RESULT;
/**
 * cnn_diagram_new_for_page:
 * @width, @height: of a page, points
 *
 * Lays out @model for pages of that size, with letters as large as ever: the columns go on from page to page,
 * boxes are narrow where many stand beside each other. Where it fits on one page as it is, it is as of
 * cnn_diagram_new(). What cannot be broken, like one block of many branches, makes its page larger.
 */
CnnDiagram *cnn_diagram_new_for_page (CnnModel *model, double width, double height) G_GNUC_WARN_UNUSED_RESULT;
CnnDiagram *cnn_diagram_ref (CnnDiagram *self);
void cnn_diagram_unref (CnnDiagram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnDiagram, cnn_diagram_unref)

CnnModel *cnn_diagram_get_model (CnnDiagram *self);

void cnn_diagram_get_size (CnnDiagram *self, double *width, double *height);
guint cnn_diagram_get_n_pages (CnnDiagram *self);
/** Where page @page lies in the drawing: below those before it. */
void cnn_diagram_get_page (CnnDiagram *self, guint page, double *y, double *height);
/** Draws it on white paper. */
void cnn_diagram_draw (CnnDiagram *self, cairo_t *cr);
/**
 * cnn_diagram_draw_part:
 * @dark: light lines and text on dark boxes; the ground is left as it is
 * @scale: device pixels per point: text that would be too small to read is left out
 *
 * Draws what touches the rectangle, in points.
 */
void cnn_diagram_draw_part (CnnDiagram *self, cairo_t *cr, gboolean dark, double scale, double x, double y,
                            double width, double height);
/** Draws the lines that lead to and from the box of @layer in the source colour, @line points wide. */
void cnn_diagram_draw_links (CnnDiagram *self, guint layer, cairo_t *cr, double line);
/** "26×26×32": a layer's output in the file's own order, without the batch; "?" where it is not known. */
char *cnn_diagram_shape_text (CnnModel *model, const CnnLayer *layer) G_GNUC_WARN_UNUSED_RESULT;
/** The layer whose box is at that point, or -1. */
int cnn_diagram_layer_at (CnnDiagram *self, double x, double y);
/** The box of @layer. Returns: %FALSE for a layer that does not exist. */
gboolean cnn_diagram_get_box (CnnDiagram *self, guint layer, double *x, double *y, double *width,
                              double *height);
/** Where one goes from a box: against the arrows, along them, or to the boxes beside it. */
typedef enum { CNN_DIAGRAM_UP, CNN_DIAGRAM_DOWN, CNN_DIAGRAM_LEFT, CNN_DIAGRAM_RIGHT } CnnDiagramWay;
/**
 * cnn_diagram_step:
 *
 * Up and down follow an arrow, of several the straightest; left and right go to the next box of the same
 * height, else of the column beside. Returns: the layer there, or @layer where that way nothing is.
 */
guint cnn_diagram_step (CnnDiagram *self, guint layer, CnnDiagramWay way);
/** Writes .png (144 dpi, less for very large ones), .svg or .pdf, whole or not at all. */
gboolean cnn_diagram_write (CnnDiagram *self, const char *path, GError **error);

G_END_DECLS
