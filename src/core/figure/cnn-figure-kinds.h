/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-compare.h"
#include "cnn-figure.h"

G_BEGIN_DECLS

/**
 * What is drawn of a session, as figures. They compute, so they belong to the thread of the session; captions
 * and provenance are filled in.
 */

/** @map of the session's input: input, map and prediction; for an occlusion input, map and the winning class
 * of each position with counts. @style: colours and opacity; @top: bars of the prediction. (transfer full),
 * or NULL with @error set. */
CnnFigure *cnn_figure_new_explained (CnnSession *session, CnnMap *map, const CnnMapStyle *style, guint top,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** One class and one input under every modifier: original, vanilla, guided, relu. @map: that of @request, of
 * which the others are made by another modifier. @method uses modifiers. (transfer full), or NULL with @error
 * set. */
CnnFigure *cnn_figure_new_strip (CnnSession *session, const CnnMethod *method,
                                 const CnnMethodRequest *request, CnnMap *map, const CnnMapStyle *style,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The session's input and its @top classes; @clean: its prediction. @occluder (nullable): x, y, width,
 * height in its pixels, filled with @fill; the bars are those under it, with marks at the clean values.
 * (transfer full), or NULL with @error set. */
CnnFigure *cnn_figure_new_prediction (CnnSession *session, CnnPrediction *clean, const int occluder[4],
                                      CnnFill fill, guint top, GCancellable *cancellable,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A grid of classes: the input and the maps of each row. @shared: one scale for each column. @overlay: the
 * maps lie over the picture as they do on the screen, else only those that need it do. @style (nullable):
 * colours and opacity; its range is not read. Cells that are not computed yet stay empty. Computes nothing:
 * any thread may make it. (transfer full) */
CnnFigure *cnn_figure_new_compare (const CnnCompare *grid, const char *input_name, gboolean shared,
                                   gboolean overlay, const CnnMapStyle *style) G_GNUC_WARN_UNUSED_RESULT;
/** Gives @self the caption and the provenance of the @n @maps of @session; several maps
 * are panels behind one of the input. @prediction (nullable) of its
 * input: the caption says how sure the network is of the class. */
void cnn_figure_describe (CnnFigure *self, CnnSession *session, CnnPrediction *prediction,
                          CnnMap *const *maps, guint n);
/** Appends ", stride 4 px, size 8 px" as @provenance has the parameters of @method, without what is off.
 * @zeros: with numbers that are 0. */
void cnn_figure_append_params (GString *text, const CnnMethod *method, GVariant *provenance, gboolean zeros);
/** Whether @map is so coarse that it needs the picture under it; a fine one speaks for itself. */
gboolean cnn_figure_needs_picture (const CnnMap *map);
/** The provenance of the @n @maps alone, for figures with captions of their own. */
void cnn_figure_add_provenance (CnnFigure *self, CnnMap *const *maps, guint n);
/** Caption and provenance of a gallery of the session's network; @shared: its cells have one scale. */
void cnn_figure_describe_gallery (CnnFigure *self, CnnSession *session, const CnnGallery *gallery,
                                  gboolean shared);
/** Caption and provenance of what is about the network alone. */
void cnn_figure_describe_model (CnnFigure *self, CnnSession *session);

G_END_DECLS
