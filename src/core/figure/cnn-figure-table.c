/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: a rule above, one under the header and one at the end; long texts are wrapped. */
#include "config.h"

#include <math.h>

#include "cnn-figure-private.h"

#define COLUMN_GAP 7.0
#define LINE_GAP 2.6
#define RULE_GAP 2.0
#define LEAST_COLUMN 26.0

void
cnn_table_free (CnnTable *self)
{
  g_strfreev (self->header);
  g_ptr_array_unref (self->cells);
  g_free (self->widths);
  g_clear_pointer (&self->heights, g_array_unref);
  g_free (self);
}

static const char *
get_cell (const CnnTable *table, guint row, guint column)
{
  return table->cells->pdata[row * table->n_columns + column];
}

static guint
count_rows (const CnnTable *table)
{
  return table->cells->len / table->n_columns;
}

static gboolean
is_number (const CnnTable *table, guint column)
{
  return column >= table->first_number && column < table->first_number + table->n_numbers;
}

/* Where Pango breaks a line without breaking a word. */
static double
longest_word (PangoContext *context, const char *text, double size, gboolean bold)
{
  g_auto (GStrv) words = g_strsplit_set (text, " /", -1);
  double longest = 0;

  for (char **word = words; *word != NULL; word++)
    longest = fmax (longest, cnn_text_width (context, *word, size, bold));
  return longest;
}

/* The widths that no word needs to be broken for; none may take what all have together. */
static double *
find_least_widths (const CnnTable *table, PangoContext *context, double available)
{
  double *least = g_new0 (double, table->n_columns);

  for (guint c = 0; c < table->n_columns; c++) {
    least[c] = longest_word (context, table->header[c], table->size, TRUE);
    for (guint r = 0; r < count_rows (table); r++)
      least[c] = fmax (least[c], longest_word (context, get_cell (table, r, c), table->size, FALSE));
    least[c] = CLAMP (ceil (least[c]) + 4, LEAST_COLUMN, available / table->n_columns + LEAST_COLUMN);
  }
  return least;
}

/* Takes what is too much from the widest columns of text, but not more than @least leaves them (nullable). */
static void
shrink (CnnTable *table, const double *least, double available)
{
  double sum = COLUMN_GAP * (table->n_columns - 1);

  for (guint c = 0; c < table->n_columns; c++)
    sum += table->widths[c];
  while (sum > available + 0.01) {
    int widest = -1;
    double second = LEAST_COLUMN, take;

    for (guint c = 0; c < table->n_columns; c++)
      if (!is_number (table, c) && table->widths[c] > (least != NULL ? least[c] : LEAST_COLUMN) &&
          (widest < 0 || table->widths[c] > table->widths[widest]))
        widest = (int)c;
    if (widest < 0)
      return;
    if (least != NULL)
      second = least[widest];
    for (guint c = 0; c < table->n_columns; c++)
      if (!is_number (table, c) && (int)c != widest && table->widths[c] < table->widths[widest])
        second = fmax (second, table->widths[c]);
    take = fmin (sum - available, fmax (table->widths[widest] - second, 0.5));
    table->widths[widest] -= take;
    sum -= take;
  }
}

/* Returns: the width that no text needs to be broken for. */
static double
find_natural_widths (CnnTable *table, PangoContext *context)
{
  double sum = COLUMN_GAP * (table->n_columns - 1);

  for (guint c = 0; c < table->n_columns; c++) {
    table->widths[c] = cnn_text_width (context, table->header[c], table->size, TRUE);
    for (guint r = 0; r < count_rows (table); r++)
      table->widths[c] =
          fmax (table->widths[c], cnn_text_width (context, get_cell (table, r, c), table->size, FALSE));
    table->widths[c] = ceil (table->widths[c]) + 1;
    sum += table->widths[c];
  }
  return sum;
}

static void
find_widths (CnnTable *table, PangoContext *context, double available)
{
  g_free (table->widths);
  table->widths = g_new0 (double, table->n_columns);
  table->size = CNN_TEXT_LABEL;
  if (find_natural_widths (table, context) <= available)
    return;
  table->size = CNN_TEXT_SMALL;
  if (find_natural_widths (table, context) > available) {
    g_autofree double *least = find_least_widths (table, context, available);

    shrink (table, least, available);
    shrink (table, NULL, available);
  }
}

/* Names of layers are broken where they must be, but no letter is added to them. */
static PangoLayout *
cell_layout (const CnnTable *table, PangoContext *context, const char *text, gboolean bold, double width)
{
  PangoLayout *layout = cnn_text_layout (context, text, table->size, bold, width);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static double
cell_height (const CnnTable *table, PangoContext *context, const char *text, gboolean bold, double width)
{
  g_autoptr (PangoLayout) layout = cell_layout (table, context, text, bold, width);
  PangoRectangle logical;

  pango_layout_get_extents (layout, NULL, &logical);
  return (double)logical.height / PANGO_SCALE;
}

static double
header_height (const CnnTable *table, PangoContext *context)
{
  double height = 0;

  for (guint c = 0; c < table->n_columns; c++)
    height = fmax (height, cell_height (table, context, table->header[c], TRUE, table->widths[c]));
  return height + 2 * RULE_GAP;
}

void
cnn_panel_measure_table (CnnPanel *panel, PangoContext *context, double available)
{
  CnnTable *table = panel->table;
  double width = COLUMN_GAP * (table->n_columns - 1), total;

  find_widths (table, context, available);
  for (guint c = 0; c < table->n_columns; c++)
    width += table->widths[c];
  g_clear_pointer (&table->heights, g_array_unref);
  table->heights = g_array_new (FALSE, FALSE, sizeof (double));
  total = header_height (table, context) + 2 * RULE_GAP;
  for (guint r = 0; r < count_rows (table); r++) {
    double height = table->size;

    for (guint c = 0; c < table->n_columns; c++)
      height = fmax (height, cell_height (table, context, get_cell (table, r, c), FALSE, table->widths[c]));
    height += LINE_GAP;
    g_array_append_val (table->heights, height);
    total += height;
  }
  panel->aspect = 0;
  panel->fixed_width = fmin (width, available);
  panel->least_height = total;
}

static void
draw_cell (const CnnTable *table, guint column, const char *text, gboolean bold, cairo_t *cr,
           PangoContext *context, double x, double y)
{
  g_autoptr (PangoLayout) layout = cell_layout (table, context, text, bold, table->widths[column]);

  if (is_number (table, column))
    pango_layout_set_alignment (layout, PANGO_ALIGN_RIGHT);
  cnn_text_show (cr, layout, x, y);
}

static void
draw_rule (cairo_t *cr, PangoContext *context, double x, double y, double width, double thick)
{
  double at = cnn_grid (context, y);

  cairo_rectangle (cr, cnn_grid (context, x), at, cnn_grid (context, width), thick * cnn_grid_step (context));
  cairo_fill (cr);
}

void
cnn_panel_draw_table (CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  const CnnTable *table = panel->table;
  const CnnRect *area = &panel->content;
  double y = area->y, x = area->x;

  cnn_set_color (cr, panel->theme->ink);
  draw_rule (cr, context, area->x, y, panel->fixed_width, 2);
  for (guint c = 0; c < table->n_columns; x += table->widths[c++] + COLUMN_GAP)
    draw_cell (table, c, table->header[c], TRUE, cr, context, x, y + RULE_GAP);
  y += header_height (table, context);
  draw_rule (cr, context, area->x, y - 1, panel->fixed_width, 1);
  y += RULE_GAP / 2;
  for (guint r = 0; r < count_rows (table); r++) {
    x = area->x;
    if (r > 0 && r + table->n_sums == count_rows (table))
      draw_rule (cr, context, area->x, y - LINE_GAP / 2, panel->fixed_width, 1);
    for (guint c = 0; c < table->n_columns; x += table->widths[c++] + COLUMN_GAP)
      draw_cell (table, c, get_cell (table, r, c), FALSE, cr, context, x, y);
    y += g_array_index (table->heights, double, r);
  }
  draw_rule (cr, context, area->x, y, panel->fixed_width, 2);
}
