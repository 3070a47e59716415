/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include "figure/diagram/cnn-diagram.h"
#include "cnn-figure.h"

G_BEGIN_DECLS

/* All lengths are points, 1/72 inch. */
#define CNN_POINTS_PER_MM (72.0 / 25.4)

/** Lines, pictures and baselines lie on a grid: whole pixels of a PNG, so that no program that shows SVG or
 * PDF rounds them to other pixels. This one, of 1/150 inch, is for all multiples of 150 dpi. */
#define CNN_GRID 0.48
/** Around the page. */
#define CNN_MARGIN 4.0

/** Sizes of text; none is below 6 pt, so that a column of 85 mm can be printed as it is. */
#define CNN_TEXT_TITLE 9.0
#define CNN_TEXT_HEADING 7.5
#define CNN_TEXT_CAPTION 7.0
#define CNN_TEXT_LABEL 6.5
#define CNN_TEXT_SMALL 6.0

typedef struct {
  double x, y, width, height;
} CnnRect;

typedef enum {
  CNN_PANEL_IMAGE,
  CNN_PANEL_MAP,
  CNN_PANEL_GALLERY,
  CNN_PANEL_PREDICTION,
  CNN_PANEL_TABLE,
  CNN_PANEL_DIAGRAM
} CnnPanelKind;

/** Colours of the page: paper, text, what is behind bars, bars, marks. */
typedef struct {
  double paper[3], ink[3], trough[3], bar[3], mark[3];
} CnnTheme;

/** CnnTable: texts in rows and columns; widths and heights are found when it is measured. */
typedef struct {
  guint n_columns, first_number, n_numbers, n_sums;
  char **header;
  GPtrArray *cells;
  double *widths;
  double size;     /* of the text */
  GArray *heights; /* double, of the rows */
} CnnTable;

/** One class of a class map with the number of its cells. */
typedef struct {
  guint index;
  gsize count;
} CnnClassCount;

/** Numbers along a colour bar. */
typedef struct {
  guint n;
  double values[12];
  char *labels[12];
  int exponent; /* labels are to be multiplied by 10 to this */
} CnnTicks;

typedef struct {
  CnnPanelKind kind;
  guint row; /* as the caller filled them */
  char *heading, *row_heading;
  const CnnTheme *theme;
  CnnTable *table;
  CnnDiagram *diagram;
  int diagram_page;   /* -1: all of it */
  double diagram_top; /* where that page begins */
  CnnImage *image;
  CnnMap *map;
  CnnGallery *gallery;
  CnnPrediction *prediction, *clean;
  guint top;
  CnnMapStyle style;

  /* what cnn_panel_measure() finds: width = fixed_width + aspect · (height - fixed_height) */
  double aspect, fixed_width, fixed_height, least_height;
  guint pixel_width, pixel_height; /* of a picture or map, 0: none */
  CnnTicks ticks;
  float low, high;
  const CnnColormap *colormap;
  GArray *classes;            /* CnnClassCount, most frequent first */
  guint columns, rows, shown; /* of a gallery */
  guint *channels;            /* of a gallery: those that are shown, or NULL */
  guint n_channels, forced_columns;
  const char *unit;   /* of a colour bar, or NULL */
  gboolean has_bar;   /* not where the next panel's says the same */
  double label_width; /* of a prediction's names, a legend's or a colour bar's texts */

  /* what cnn_figure_layout() decides */
  CnnRect content; /* with colour bar or legend */
  double heading_y;
  char *letter; /* "(a)", or NULL */
  gboolean hides_heading;
  CnnRect row_area; /* of its row's heading; width 0: none */
} CnnPanel;

struct _CnnFigure {
  char *title, *caption, *row_heading; /* of the row that is being filled */
  char *page_title;                    /* what is drawn: with the number of the page, or NULL */
  CnnModel *model;                     /* names of classes, or NULL */
  GPtrArray *panels;                   /* CnnPanel */
  GPtrArray *metadata;                 /* char *: keyword, text, … */
  guint row;
  gboolean dark, no_letters;
  guint columns;        /* rows of fewer panels are as high as those of so many, or 0 */
  gboolean is_grid;     /* rows have headings */
  double row_label;     /* room for the headings of rows */
  double width, height; /* of the page, after the layout */
  double title_y, caption_y;
};

/** For g_autoptr(), which Pango's own type lacks. */
typedef PangoContext CnnTextContext;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnTextContext, g_object_unref)

/** Text on the page: one family, so that the three kinds of file look the same. */
typedef enum { CNN_ALIGN_LEFT, CNN_ALIGN_CENTER, CNN_ALIGN_RIGHT } CnnAlign;
/** A Pango context whose unit is the point, with no hinting: the same lines break on every surface. It holds
 * the page's grid as well, which suits pictures of @dpi; 0: any. */
PangoContext *cnn_text_context_new (double dpi) G_GNUC_WARN_UNUSED_RESULT;
/** The step of the page's grid. */
double cnn_grid_step (PangoContext *context);
/** How many pixels of a PNG are a step; 0: it is for any resolution. */
guint cnn_grid_pixels (PangoContext *context);
/** What a PDF keeps away from the grid: programs round its coordinates down, and those on the grid to either
 * side. */
double cnn_grid_inset (PangoContext *context);
/** @points on the page's grid. */
double cnn_grid (PangoContext *context, double points);
/** @width: wrapped to, or 0 for one line. */
PangoLayout *cnn_text_layout (PangoContext *context, const char *text, double size, gboolean bold,
                              double width) G_GNUC_WARN_UNUSED_RESULT;
double cnn_text_width (PangoContext *context, const char *text, double size, gboolean bold);
double cnn_text_height (PangoContext *context, const char *text, double size, gboolean bold, double width);
/** One line with its vertical centre at @y; shortened with an ellipsis to @width unless that is 0. */
void cnn_text_draw (cairo_t *cr, PangoContext *context, const char *text, double size, CnnAlign align,
                    double x, double y, double width);

/** Draws @layout with its upper left corner at @x, @y, each baseline on the grid of the page. */
void cnn_text_show (cairo_t *cr, PangoLayout *layout, double x, double y);

/** About @target round numbers from @low to @high, with zero among them where it is in between. */
void cnn_ticks_init (CnnTicks *self, double low, double high, guint target);
void cnn_ticks_clear (CnnTicks *self);
/** "×10⁻³", or %NULL for an exponent of 0. (transfer full) */
char *cnn_ticks_factor (const CnnTicks *self);

/** The name of class @index for legends. (transfer full) */
char *cnn_figure_class_name (CnnFigure *self, guint index);
/** "(a)", "(b)", … "(aa)". (transfer full) */
char *cnn_figure_letter (guint index);

/** The title as it is drawn. */
const char *cnn_figure_get_page_title (const CnnFigure *self);
const CnnTheme *cnn_figure_get_theme (const CnnFigure *self);
void cnn_set_color (cairo_t *cr, const double color[3]);
/** What the numbers of @map are, translated, for its colour bar; or %NULL. */
const char *cnn_map_get_unit (const CnnMap *map);

/** The heading of a row in its two parts; the second may be %NULL. (transfer full) */
char **cnn_panel_split_row_heading (const CnnPanel *panel);
void cnn_panel_measure (CnnPanel *panel, CnnFigure *figure, PangoContext *context, double available);
void cnn_panel_draw (CnnPanel *panel, CnnFigure *figure, cairo_t *cr, PangoContext *context);
/** Its letter and heading, wrapped to @width. */
PangoLayout *cnn_panel_heading (const CnnPanel *panel, PangoContext *context,
                                double width) G_GNUC_WARN_UNUSED_RESULT;
void cnn_panel_draw_gallery (CnnPanel *panel, cairo_t *cr, PangoContext *context);
void cnn_panel_draw_prediction (CnnPanel *panel, cairo_t *cr, PangoContext *context);
/** What a gallery takes of @height: its cells have whole pixels and may be smaller. */
double cnn_panel_trim_gallery (CnnPanel *panel, PangoContext *context, double height);
void cnn_panel_measure_gallery (CnnPanel *panel, PangoContext *context, double available);
/** Finds ticks and width of a colour bar from low to high. */
void cnn_panel_measure_bar (CnnPanel *panel, PangoContext *context);
void cnn_panel_draw_bar (CnnPanel *panel, cairo_t *cr, PangoContext *context, const CnnRect *beside);
void cnn_table_free (CnnTable *self);
void cnn_panel_measure_table (CnnPanel *panel, PangoContext *context, double available);
void cnn_panel_draw_table (CnnPanel *panel, cairo_t *cr, PangoContext *context);
/** The sentence under a gallery that shows a part, or %NULL. (transfer full) */
char *cnn_panel_gallery_note (const CnnPanel *panel);
/** The picture, pixel by pixel: never interpolated. @rgba: straight alpha over white. Where the device has
 * fewer pixels, each is the mean of what it covers. */
void cnn_draw_pixels (cairo_t *cr, PangoContext *context, const guint8 *rgba, guint width, guint height,
                      const CnnRect *to);
/** What it costs to draw @columns x @rows pixels on @width x @height steps of the grid: 0 where each is a
 * whole number of steps of the grid, up to 0.4 where some of them together are, below 0 where programs would
 * round. */
double cnn_pixels_cost (double width, guint height, guint columns, guint rows);
/** The best height a little below @height points by the @cost of its steps of the grid and what is lost of
 * it;
 * @height if none has one. */
double cnn_pixels_fit (PangoContext *context, double height, double (*cost) (guint steps, gpointer data),
                       gpointer data);
/** From here on @notes gets a letter for each picture that is drawn on @file: w where its pixels are whole
 * ones of the grid, f where they are not. */
void cnn_pixels_watch (cairo_surface_t *file, GString *notes);
/** @rect with its corner and its size each on the grid: what has the same size is drawn in the same. */
CnnRect cnn_rect_on_grid (PangoContext *context, const CnnRect *rect);
/** A thin frame. */
void cnn_draw_frame (cairo_t *cr, PangoContext *context, const CnnRect *rect);

/** Places title, panels and caption for a page of @width and finds its height. */
void cnn_figure_layout (CnnFigure *self, PangoContext *context, double width);

/** What a page of any kind needs to become a file. */
typedef struct {
  double width, height; /* points */
  double dpi;           /* of a PNG */
  const char *title, *description;
  char *const *metadata; /* keyword, text, …, NULL */
  void (*draw) (cairo_t *cr, gpointer data);
  gpointer data;
} CnnPage;
/** Writes @page to @path: .png, .svg or .pdf, whole or not at all. */
gboolean cnn_page_write (const CnnPage *page, const char *path, GError **error);
/** All @n pages as one PDF; title, description and metadata are the first's. */
gboolean cnn_pages_write_pdf (const CnnPage *pages, guint n, const char *path, GError **error);

G_END_DECLS
