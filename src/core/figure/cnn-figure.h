/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "image/cnn-colormap.h"
#include "methods/cnn-method.h"
#include "figure/diagram/cnn-diagram.h"

G_BEGIN_DECLS

/** How a map is drawn over a picture. */
typedef struct {
  const CnnColormap *colormap; /* NULL: viridis, a diverging one for signed maps */
  double opacity;              /* of the map, 0..1 */
  gboolean own_range;          /* else low..high below */
  float low, high;
} CnnMapStyle;

/** The range and colour map that suit @map: from 0 for positive ones, symmetric for signed, 0..1 for
 * probabilities. */
void cnn_map_style_resolve (const CnnMapStyle *style, const CnnMap *map, const CnnColormap **colormap,
                            float *low, float *high);

/** The colours of @map, width·height·4 bytes; the opacity is left to whoever lays them over a picture.
 * (transfer full), g_free(). */
guint8 *cnn_map_render (const CnnMap *map, const CnnMapStyle *style) G_GNUC_WARN_UNUSED_RESULT;

/**
 * CnnFigure: panels with headings, colour bars and a caption, laid out for a page and drawn with Cairo. The
 * window's export and cnn-viz-cli fill the same model.
 */
typedef struct _CnnFigure CnnFigure;
CnnFigure *cnn_figure_new (const char *title) G_GNUC_WARN_UNUSED_RESULT;
void cnn_figure_free (CnnFigure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnFigure, cnn_figure_free)
/** Over and under the panels; (nullable). The getters' strings belong to the figure. */
void cnn_figure_set_title (CnnFigure *self, const char *title);
const char *cnn_figure_get_title (const CnnFigure *self);
/** The figure is page @number of @n: said behind its title, as that is now. */
void cnn_figure_set_page (CnnFigure *self, guint number, guint n);
void cnn_figure_set_caption (CnnFigure *self, const char *caption);
const char *cnn_figure_get_caption (const CnnFigure *self);
/** Light text on dark paper, for screens; else dark on white. */
void cnn_figure_set_dark (CnnFigure *self, gboolean dark);
/** (a), (b), (c) before the headings of several panels, unless the rows have headings; on from the start. */
void cnn_figure_set_letters (CnnFigure *self, gboolean letters);
/** Whose names the classes of a class map bear; a prediction panel's model, unless set. */
void cnn_figure_set_model (CnnFigure *self, CnnModel *model);
/** A text of the file's metadata ("cnnviz:provenance", …). */
void cnn_figure_add_metadata (CnnFigure *self, const char *keyword, const char *text);
/** Panels fill rows from left to right; cnn_figure_new_row() starts the next. */
void cnn_figure_new_row (CnnFigure *self);
/** What stands before the row that is being filled; a second line is kept where the first is too long.
 * Headings of panels that repeat those of the row above are then drawn once. */
void cnn_figure_set_row_heading (CnnFigure *self, const char *heading);
void cnn_figure_add_image (CnnFigure *self, const char *heading, CnnImage *image);
/** @image (nullable): the picture under the map. A colour bar with numbers goes beside it. */
void cnn_figure_add_map (CnnFigure *self, const char *heading, CnnMap *map, CnnImage *image,
                         const CnnMapStyle *style);
void cnn_figure_add_gallery (CnnFigure *self, const char *heading, CnnGallery *gallery,
                             const CnnMapStyle *style);
/** The filters @channels (n of them, copied) of @gallery alone; @columns: cells in a row, 0: what suits. */
void cnn_figure_add_channels (CnnFigure *self, const char *heading, CnnGallery *gallery,
                              const CnnMapStyle *style, const guint *channels, guint n, guint columns);
/** Rows of fewer panels than @columns have panels as large as if there were so many; 0: they fill the page.
 */
void cnn_figure_set_columns (CnnFigure *self, guint columns);
/** A table under one @header of @n_columns; @cells (element-type utf8): row by row, copied; the columns from
 * @first_number on are numbers, set to the right, up to @n_numbers of them. The last @n_sums rows
 * stand under a rule. */
void cnn_figure_add_table (CnnFigure *self, const char *const *header, guint n_columns, guint first_number,
                           guint n_numbers, const GPtrArray *cells, guint n_sums);
/** The architecture, @page of @diagram or (-1) all of it, at its natural size: the page grows to it. */
void cnn_figure_add_diagram (CnnFigure *self, CnnDiagram *diagram, int page);
/** The @top strongest classes as bars; @clean (nullable): thin marks at the clean values. */
void cnn_figure_add_prediction (CnnFigure *self, const char *heading, CnnPrediction *prediction,
                                CnnPrediction *clean, guint top);
/** The height in mm of the page at that width, and the page itself drawn with points (1/72 inch) as units: a
 * preview. @dpi: its lines and pictures lie on the pixels of a PNG of that resolution; 0: of any. */
double cnn_figure_get_height (CnnFigure *self, double width_mm, double dpi);
/** The width of the page in mm, which is @width_mm unless a diagram needs more. */
double cnn_figure_get_width (CnnFigure *self, double width_mm, double dpi);
void cnn_figure_draw (CnnFigure *self, cairo_t *cr, double width_mm, double dpi);
/** Written whole or not at all; .png, .svg or .pdf by extension. Width in mm, dpi for PNG. */
gboolean cnn_figure_write (CnnFigure *self, const char *path, double width_mm, double dpi, GError **error);

/** Whether @path ends like a figure that can be written: .png, .svg or .pdf. */
gboolean cnn_figure_is_file_name (const char *path);
/**
 * cnn_figures_write:
 * @pages: (element-type CnnFigure): at least one
 * @path: "{page}" in it becomes each page's number and each page a file; else all are pages of one PDF, and
 * of several pages PNG and SVG refuse to be one file
 */
gboolean cnn_figures_write (const GPtrArray *pages, const char *path, double width_mm, double dpi,
                            GError **error);

/** @path with @number, from 1 on, where "{page}" stands: the file of that page. (transfer full) */
char *cnn_figure_page_path (const char *path, guint number) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
