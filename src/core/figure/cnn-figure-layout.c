/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cnn-figure-private.h"

#define MARGIN CNN_MARGIN
#define GAP 8.0      /* between the panels of a row */
#define CELL_GAP 5.0 /* of a grid */
#define HEADING_GAP 2.5
#define LEAST_HEIGHT 42.0 /* below it a row is broken in two */
#define LEAST_CELL 23.0   /* of a grid, whose rows belong together */
#define MOST_HEIGHT 283.0 /* 100 mm: a digit of 28 pixels need not fill a poster */
#define MOST_LETTERS 52

/* Neighbouring panels that share one height. */
typedef struct {
  guint first, n;
  double height;
} Row;

static CnnPanel *
get_panel (CnnFigure *self, guint index)
{
  return self->panels->pdata[index];
}

static double
gap_of (const CnnFigure *self)
{
  return self->is_grid ? CELL_GAP : GAP;
}

static double
panel_width (const CnnPanel *panel, double height)
{
  return panel->fixed_width + panel->aspect * fmax (height - panel->fixed_height, 1);
}

static double
row_width (CnnFigure *self, guint first, guint n, double height)
{
  double width = gap_of (self) * (n - 1);

  for (guint i = 0; i < n; i++)
    width += panel_width (get_panel (self, first + i), height);
  return width;
}

static double
most_height (CnnFigure *self, guint first, guint n, double available)
{
  double most = fmin (MOST_HEIGHT, available), bars = 0;
  gboolean gallery = FALSE, only_bars = TRUE;

  /* tables and diagrams are as high as their texts make them */
  if (get_panel (self, first)->kind == CNN_PANEL_TABLE || get_panel (self, first)->kind == CNN_PANEL_DIAGRAM)
    return 1;

  for (guint i = 0; i < n; i++) {
    CnnPanel *panel = get_panel (self, first + i);

    gallery = gallery || panel->kind == CNN_PANEL_GALLERY;
    only_bars = only_bars && panel->kind == CNN_PANEL_PREDICTION;
    if (panel->kind == CNN_PANEL_PREDICTION)
      bars = fmax (bars, panel->least_height);
  }
  if (only_bars)
    return bars;
  if (gallery)
    return 1.4 * available;
  /* beside bars a picture is as high as they are, within reason */
  return bars > 0 ? fmin (most, fmax (1.4 * bars, 100)) : most;
}

/* The greatest height at which the row fits, not below what its texts need. */
static double
fit_height (CnnFigure *self, guint first, guint n, double available)
{
  double low = 1, high = most_height (self, first, n, available), least = 0;

  if (row_width (self, first, n, high) > available) {
    for (int i = 0; i < 40; i++) {
      double middle = (low + high) / 2;

      if (row_width (self, first, n, middle) > available)
        high = middle;
      else
        low = middle;
    }
    high = low;
  }
  for (guint i = 0; i < n; i++)
    least = fmax (least, get_panel (self, first + i)->least_height);
  return fmax (high, least);
}

typedef struct {
  CnnFigure *figure;
  guint first, n;
  double least; /* steps of the grid */
} Pictures;

/* The worst of the row's pictures. */
static double
cost_of_height (guint steps, gpointer data)
{
  const Pictures *row = data;
  double worst = steps < row->least ? -1 : 0;

  for (guint i = 0; i < row->n && worst >= 0; i++) {
    const CnnPanel *panel = get_panel (row->figure, row->first + i);
    double cost = 0;

    if (panel->pixel_width > 0)
      cost = cnn_pixels_cost (panel->aspect * steps, steps, panel->pixel_width, panel->pixel_height);
    worst = cost < 0 ? cost : fmax (worst, cost);
  }
  return worst;
}

/* A little less than @height, so that the pixels of pictures are whole ones of the page's grid. */
static double
fit_pixels (CnnFigure *self, PangoContext *context, guint first, guint n, double height)
{
  Pictures row = { self, first, n, 0 };
  gboolean pictures = FALSE;

  for (guint i = first; i < first + n; i++) {
    row.least = fmax (row.least, get_panel (self, i)->least_height / cnn_grid_step (context));
    pictures = pictures || get_panel (self, i)->pixel_width > 0;
  }
  return pictures ? cnn_pixels_fit (context, height, cost_of_height, &row) : height;
}

/* Whether the row can be drawn so that a person sees something. */
static gboolean
row_fits (CnnFigure *self, guint first, guint n, double available)
{
  double height = fit_height (self, first, n, available);

  return n == 1 || (height >= (self->is_grid ? LEAST_CELL : LEAST_HEIGHT) &&
                    row_width (self, first, n, height) <= available + 0.5);
}

/* What of the page's width a row of @n panels takes. */
static double
row_room (const CnnFigure *self, guint n, double available)
{
  double gap = gap_of (self);

  return n < self->columns ? (available + gap) * n / self->columns - gap : available;
}

/* The caller's rows, broken where they do not fit into the page. */
static GArray *
find_rows (CnnFigure *self, PangoContext *context, double available)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint first = 0, end; first < self->panels->len; first = end) {
    guint n, chunk, parts = 1;

    for (end = first; end < self->panels->len && get_panel (self, end)->row == get_panel (self, first)->row;
         end++)
      ;
    n = chunk = end - first;
    while (chunk > 1 && !row_fits (self, first, chunk, available))
      chunk = (n + parts) / (parts + 1), parts++;
    for (guint i = first; i < end; i += chunk) {
      Row row = { i, MIN (chunk, end - i), 0 };

      row.height = fit_pixels (self, context, row.first, row.n,
                               fit_height (self, row.first, row.n, row_room (self, row.n, available)));
      if (get_panel (self, row.first)->kind == CNN_PANEL_GALLERY && row.n == 1)
        row.height = cnn_panel_trim_gallery (get_panel (self, row.first), context, row.height);
      g_array_append_val (rows, row);
    }
  }
  return rows;
}

/* The parts of one grid are drawn in one size: rows of as many panels, and the rest of a broken row. */
static void
align_rows (CnnFigure *self, GArray *rows)
{
  for (guint i = 1; i < rows->len; i++) {
    Row *above = &g_array_index (rows, Row, i - 1), *row = &g_array_index (rows, Row, i);
    gboolean continued = get_panel (self, row->first)->row == get_panel (self, above->first)->row;

    if ((row->n == above->n && row->n > 1) || continued)
      row->height = fmin (row->height, above->height);
  }
  for (guint i = rows->len; i-- > 1;) {
    Row *above = &g_array_index (rows, Row, i - 1), *row = &g_array_index (rows, Row, i);

    if (row->n == above->n && row->n > 1)
      above->height = fmin (row->height, above->height);
  }
}

static gboolean
is_grid (GArray *rows)
{
  guint n = g_array_index (rows, Row, 0).n;

  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, Row, i).n > n)
      return FALSE;
  return rows->len > 1;
}

/* Widths of the columns of a grid: each as wide as its widest panel. NULL where the rows are no grid, or do
 * not fit. */
static double *
column_widths (CnnFigure *self, GArray *rows, double available)
{
  guint n = g_array_index (rows, Row, 0).n;
  double *widths, sum = gap_of (self) * (n - 1);

  if (!is_grid (rows))
    return NULL;
  widths = g_new0 (double, n);
  for (guint i = 0; i < rows->len; i++) {
    Row *row = &g_array_index (rows, Row, i);

    for (guint k = 0; k < row->n; k++)
      widths[k] = fmax (widths[k], panel_width (get_panel (self, row->first + k), row->height));
  }
  for (guint k = 0; k < n; k++)
    sum += widths[k];
  if (sum > available + 0.5)
    g_clear_pointer (&widths, g_free);
  return widths;
}

static double
heading_height (const CnnPanel *panel, PangoContext *context, double width)
{
  g_autoptr (PangoLayout) layout = cnn_panel_heading (panel, context, width);
  PangoRectangle logical;

  if (panel->letter == NULL && (panel->heading == NULL || *panel->heading == '\0' || panel->hides_heading))
    return 0;
  pango_layout_get_extents (layout, NULL, &logical);
  return (double)logical.height / PANGO_SCALE;
}

/* What a row leaves of the page goes to its bars. */
static double
spare_width (CnnFigure *self, const Row *row, double available)
{
  guint bars = 0;

  for (guint k = 0; k < row->n; k++)
    bars += get_panel (self, row->first + k)->kind == CNN_PANEL_PREDICTION;
  return bars > 0 ? fmax (available - row_width (self, row->first, row->n, row->height), 0) / bars : 0;
}

/* Places one row at @y. Returns: where it ends. */
static double
place_row (CnnFigure *self, PangoContext *context, Row *row, const double *columns, double x, double y,
           double available)
{
  double headings = 0, spare = columns == NULL ? spare_width (self, row, available) : 0;

  if (columns == NULL && row->n == 1 && spare == 0 && self->columns == 0)
    x += fmax (available - panel_width (get_panel (self, row->first), row->height), 0) / 2;
  for (guint k = 0; k < row->n; k++) {
    CnnPanel *panel = get_panel (self, row->first + k);
    double width = fmin (panel_width (panel, row->height), available);

    if (panel->kind == CNN_PANEL_PREDICTION)
      width += spare;
    panel->content = (CnnRect){ x, 0, width, row->height };
    headings = fmax (headings, heading_height (panel, context, width));
    x += (columns != NULL ? columns[k] : width) + gap_of (self);
  }
  for (guint k = 0; k < row->n; k++) {
    CnnPanel *panel = get_panel (self, row->first + k);

    panel->heading_y = y;
    panel->content.y = y + headings + (headings > 0 ? HEADING_GAP : 0);
    panel->row_area = (CnnRect){ 0 };
  }
  if (self->is_grid)
    get_panel (self, row->first)->row_area =
        (CnnRect){ MARGIN, y + headings + (headings > 0 ? HEADING_GAP : 0), self->row_label, row->height };
  return y + headings + (headings > 0 ? HEADING_GAP : 0) + row->height;
}

static void
give_letters (CnnFigure *self)
{
  gboolean wanted =
      !self->no_letters && !self->is_grid && self->panels->len > 1 && self->panels->len <= MOST_LETTERS;

  for (guint i = 0; i < self->panels->len; i++) {
    g_clear_pointer (&get_panel (self, i)->letter, g_free);
    if (wanted)
      get_panel (self, i)->letter = cnn_figure_letter (i);
  }
}

/* The room that the headings of rows take. */
static void
measure_row_headings (CnnFigure *self, PangoContext *context, double available)
{
  self->row_label = 0;
  for (guint i = 0; i < self->panels->len; i++) {
    g_auto (GStrv) parts =
        get_panel (self, i)->row_heading != NULL ? cnn_panel_split_row_heading (get_panel (self, i)) : NULL;

    for (guint k = 0; parts != NULL && parts[k] != NULL; k++)
      self->row_label = fmax (self->row_label, cnn_text_width (context, parts[k], CNN_TEXT_HEADING, FALSE));
  }
  self->is_grid = self->row_label > 0;
  self->row_label = fmin (ceil (self->row_label) + (self->is_grid ? 1 : 0), fmax (0.2 * available, 42));
}

/* Whether both maps say the same with a colour, so that one bar is enough. */
static gboolean
same_scale (CnnPanel *one, CnnPanel *other)
{
  const CnnColormap *colormaps[2];
  float low[2], high[2];

  if (one->kind != CNN_PANEL_MAP || other->kind != CNN_PANEL_MAP || one->map->kind == CNN_MAP_CLASS ||
      other->map->kind == CNN_MAP_CLASS || one->row != other->row)
    return FALSE;
  cnn_map_style_resolve (&one->style, one->map, &colormaps[0], &low[0], &high[0]);
  cnn_map_style_resolve (&other->style, other->map, &colormaps[1], &low[1], &high[1]);
  return colormaps[0] == colormaps[1] && low[0] >= low[1] && low[0] <= low[1] && high[0] >= high[1] &&
         high[0] <= high[1] && g_strcmp0 (cnn_map_get_unit (one->map), cnn_map_get_unit (other->map)) == 0;
}

/* Of neighbours with the same scale the last one has the bar. */
static void
prepare_panels (CnnFigure *self)
{
  for (guint i = 0; i < self->panels->len; i++) {
    CnnPanel *panel = get_panel (self, i);

    panel->theme = cnn_figure_get_theme (self);
    panel->hides_heading = FALSE;
    /* the many bars of a grid have numbers alone */
    panel->unit = panel->kind == CNN_PANEL_MAP && !self->is_grid ? cnn_map_get_unit (panel->map) : NULL;
    panel->has_bar = i + 1 == self->panels->len || !same_scale (panel, get_panel (self, i + 1));
  }
}

/* What stands over the panel above need not be said again. */
static void
hide_headings (CnnFigure *self, GArray *rows)
{
  const Row *top = &g_array_index (rows, Row, 0);

  for (guint i = 1; i < rows->len && self->is_grid; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    /* a row that is broken in two has its headings */
    if (row->n != top->n || get_panel (self, row->first)->row != i)
      continue;
    for (guint k = 0; k < row->n; k++)
      get_panel (self, row->first + k)->hides_heading =
          g_strcmp0 (get_panel (self, row->first + k)->heading, get_panel (self, top->first + k)->heading) ==
          0;
  }
}

/* A diagram's lines and letters keep their size: the page follows. */
static double
page_width (CnnFigure *self, double width)
{
  for (guint i = 0; i < self->panels->len; i++)
    if (get_panel (self, i)->kind == CNN_PANEL_DIAGRAM) {
      double wanted, height;

      cnn_diagram_get_size (get_panel (self, i)->diagram, &wanted, &height);
      width = fmax (width, wanted + 2 * MARGIN);
    }
  return width;
}

void
cnn_figure_layout (CnnFigure *self, PangoContext *context, double asked)
{
  double width = page_width (self, asked), whole = width - 2 * MARGIN, available, x = MARGIN, y = MARGIN;
  g_autoptr (GArray) rows = NULL;
  g_autofree double *columns = NULL;

  self->width = width;
  measure_row_headings (self, context, whole);
  available = whole - (self->is_grid ? self->row_label + GAP / 2 : 0);
  x += whole - available;
  give_letters (self);
  prepare_panels (self);
  for (guint i = 0; i < self->panels->len; i++)
    cnn_panel_measure (get_panel (self, i), self, context, available);
  self->title_y = y;
  y += cnn_text_height (context, cnn_figure_get_page_title (self), CNN_TEXT_TITLE, TRUE, whole);
  y += self->title != NULL && *self->title != '\0' ? 5 : 0;
  rows = find_rows (self, context, available);
  align_rows (self, rows);
  if (rows->len > 0) {
    columns = column_widths (self, rows, available);
    hide_headings (self, rows);
  }
  for (guint i = 0; i < rows->len; i++)
    y = place_row (self, context, &g_array_index (rows, Row, i), columns, x, y + (i > 0 ? gap_of (self) : 0),
                   available);
  self->caption_y = y + 6;
  if (self->caption != NULL && *self->caption != '\0')
    y = self->caption_y + cnn_text_height (context, self->caption, CNN_TEXT_CAPTION, FALSE, whole);
  self->height = ceil ((y + MARGIN) / cnn_grid_step (context) - 1e-6) * cnn_grid_step (context);
}
