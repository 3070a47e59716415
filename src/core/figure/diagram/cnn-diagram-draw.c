/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cnn-diagram-private.h"

/* Text of fewer device pixels than this is not drawn: nobody can read it. */
#define LEAST_TEXT 3.2
#define BREAK_TEXT 110.0

typedef struct {
  double r, g, b;
} Colour;

/* What the drawing functions share. */
typedef struct {
  CnnDiagram *diagram;
  cairo_t *cr;
  PangoContext *context;
  gboolean dark;
  double scale;
  CnnRect clip;
} Drawing;

/* The colour of a kind of layer on paper: the first whose part is in the type's name counts. */
static const struct {
  const char *part;
  Colour colour;
} kinds[] = {
  { "Conv", { 0.80, 0.89, 0.98 } },   { "Pool", { 0.82, 0.94, 0.83 } },
  { "Norm", { 0.93, 0.93, 0.93 } },   { "Dense", { 0.99, 0.89, 0.75 } },
  { "Gemm", { 0.99, 0.89, 0.75 } },   { "MatMul", { 0.99, 0.89, 0.75 } },
  { "Add", { 0.92, 0.85, 0.97 } },    { "Concat", { 0.92, 0.85, 0.97 } },
  { "Mul", { 0.92, 0.85, 0.97 } },    { "Relu", { 1.00, 0.97, 0.78 } },
  { "ReLU", { 1.00, 0.97, 0.78 } },   { "Activation", { 1.00, 0.97, 0.78 } },
  { "oftmax", { 1.00, 0.97, 0.78 } }, { "igmoid", { 1.00, 0.97, 0.78 } },
  { "Input", { 1.00, 1.00, 1.00 } },
};

/* Roles of colour: {on paper, on a dark ground}. */
typedef enum { BOX_EDGE, TEXT, SMALL_TEXT, LINE, FRAME_EDGE, FRAME_TEXT } Role;
static const Colour roles[][2] = {
  [BOX_EDGE] = { { 0.35, 0.35, 0.35 }, { 0.62, 0.62, 0.64 } },
  [TEXT] = { { 0.10, 0.10, 0.10 }, { 0.97, 0.97, 0.97 } },
  [SMALL_TEXT] = { { 0.30, 0.30, 0.30 }, { 0.82, 0.82, 0.84 } },
  [LINE] = { { 0.30, 0.30, 0.35 }, { 0.70, 0.70, 0.74 } },
  [FRAME_EDGE] = { { 0.55, 0.62, 0.72 }, { 0.42, 0.50, 0.62 } },
  [FRAME_TEXT] = { { 0.35, 0.42, 0.55 }, { 0.68, 0.76, 0.88 } },
};

static void
set_role (const Drawing *d, Role role)
{
  const Colour *colour = &roles[role][d->dark];

  cairo_set_source_rgb (d->cr, colour->r, colour->g, colour->b);
}

/* On a dark ground a box is dark and keeps its hue. */
static void
set_box_colour (const Drawing *d, const char *type)
{
  Colour colour = { 0.97, 0.97, 0.97 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (strstr (type, kinds[i].part) != NULL) {
      colour = kinds[i].colour;
      break;
    }
  }
  if (d->dark) {
    double mean = (colour.r + colour.g + colour.b) / 3;

    colour.r = 0.24 + (colour.r - mean) * 1.1;
    colour.g = 0.24 + (colour.g - mean) * 1.1;
    colour.b = 0.26 + (colour.b - mean) * 1.1;
  }
  cairo_set_source_rgb (d->cr, colour.r, colour.g, colour.b);
}

/* Whether anything between these corners, in any order, is to be drawn. */
static gboolean
is_seen (const Drawing *d, double x1, double y1, double x2, double y2)
{
  const CnnRect *clip = &d->clip;

  return fmax (x1, x2) >= clip->x && fmin (x1, x2) <= clip->x + clip->width && fmax (y1, y2) >= clip->y &&
         fmin (y1, y2) <= clip->y + clip->height;
}

static gboolean
is_read (const Drawing *d, double size)
{
  return size * d->scale >= LEAST_TEXT;
}

static void
rounded_rectangle (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_name (const Drawing *d, const char *name, double size, double x, double y, double width)
{
  g_autoptr (PangoLayout) layout = cnn_text_layout (d->context, name, size, TRUE, 0);
  PangoRectangle logical;

  pango_layout_set_width (layout, (int)(fmax (width, 8) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
  pango_layout_get_extents (layout, NULL, &logical);
  cnn_text_show (d->cr, layout, x, y - (double)logical.height / PANGO_SCALE / 2);
}

/* Name, type, shape and parameters under each other. */
static void
write_narrow (const Drawing *d, const CnnLayer *layer, const CnnDiagramNode *node)
{
  g_autofree char *shape = cnn_diagram_shape_text (d->diagram->model, layer);
  g_autofree char *params = cnn_diagram_params_text (layer);
  const char *lines[] = { layer->type, shape, params };
  double left = node->x - node->width / 2 + 4, room = node->width - 8;

  set_role (d, TEXT);
  draw_name (d, layer->name + node->framed, CNN_TEXT_SMALL, left, node->y + 7, room);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    set_role (d, i == 1 ? TEXT : SMALL_TEXT);
    cnn_text_draw (d->cr, d->context, lines[i], CNN_TEXT_SMALL, CNN_ALIGN_LEFT, left, node->y + 15 + 8 * i,
                   room);
  }
}

static void
draw_box (const Drawing *d, guint index)
{
  const CnnLayer *layer = cnn_model_get_layer (d->diagram->model, index);
  const CnnDiagramNode *node = cnn_diagram_node (d->diagram, index);
  double left = node->x - node->width / 2, right = node->x + node->width / 2;

  rounded_rectangle (d->cr, left, node->y, node->width, d->diagram->box_height, 3);
  set_box_colour (d, layer->type);
  cairo_fill_preserve (d->cr);
  set_role (d, BOX_EDGE);
  cairo_set_line_width (d->cr, 0.6);
  cairo_stroke (d->cr);
  if (cnn_diagram_is_narrow (d->diagram)) {
    if (is_read (d, CNN_TEXT_SMALL))
      write_narrow (d, layer, node);
    return;
  }
  if (is_read (d, CNN_TEXT_LABEL)) {
    g_autofree char *shape = cnn_diagram_shape_text (d->diagram->model, layer);
    double shape_width = cnn_text_width (d->context, shape, CNN_TEXT_LABEL, FALSE);

    set_role (d, TEXT);
    draw_name (d, layer->name + node->framed, CNN_TEXT_LABEL, left + 5, node->y + 8,
               node->width - shape_width - 14);
    cnn_text_draw (d->cr, d->context, shape, CNN_TEXT_LABEL, CNN_ALIGN_RIGHT, right - 5, node->y + 8, 0);
  }
  if (is_read (d, CNN_TEXT_SMALL)) {
    g_autofree char *params = cnn_diagram_params_text (layer);
    double taken = cnn_text_width (d->context, params, CNN_TEXT_SMALL, FALSE);

    set_role (d, SMALL_TEXT);
    cnn_text_draw (d->cr, d->context, layer->type, CNN_TEXT_SMALL, CNN_ALIGN_LEFT, left + 5, node->y + 17.5,
                   fmax (node->width - taken - 14, 8));
    cnn_text_draw (d->cr, d->context, params, CNN_TEXT_SMALL, CNN_ALIGN_RIGHT, right - 5, node->y + 17.5, 0);
  }
}

static void
draw_arrow_head (cairo_t *cr, double x, double y)
{
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x - 2.2, y - 4.5);
  cairo_line_to (cr, x + 2.2, y - 4.5);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* To the next column: down, through the gap between the columns, and in from above. */
static void
draw_wire (const Drawing *d, const CnnDiagramNode *from, const CnnDiagramNode *to)
{
  const CnnRect *column = &g_array_index (d->diagram->tops, CnnRect, from->column);
  double gap = column->x + column->width + 20,
         low = from->y + d->diagram->box_height + CNN_DIAGRAM_RANK_GAP / 2;
  double high = to->y - CNN_DIAGRAM_RANK_GAP + 2, turn = 5;
  cairo_t *cr = d->cr;

  if (!is_seen (d, from->x, fmin (high, from->y), fmax (to->x, gap), fmax (low, to->y)))
    return;
  cairo_move_to (cr, from->x, from->y + d->diagram->box_height);
  cairo_line_to (cr, from->x, low - turn);
  cairo_curve_to (cr, from->x, low, from->x, low, from->x + turn, low);
  cairo_line_to (cr, gap - turn, low);
  cairo_curve_to (cr, gap, low, gap, low, gap, low - turn);
  cairo_line_to (cr, gap, high + turn);
  cairo_curve_to (cr, gap, high, gap, high, gap + turn, high);
  cairo_line_to (cr, to->x - turn, high);
  cairo_curve_to (cr, to->x, high, to->x, high, to->x, high + turn);
  cairo_line_to (cr, to->x, to->y - (to->layer >= 0 ? 4 : 0));
  cairo_stroke (cr);
}

static guint
layer_of (const CnnDiagramNode *node)
{
  return node->layer >= 0 ? (guint)node->layer : node->source;
}

/* A word beside a line that breaks off. */
static void
write_end (const Drawing *d, const char *format, guint layer, double x, double y)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_autofree char *text = g_strdup_printf (format, cnn_model_get_layer (d->diagram->model, layer)->name);
#pragma GCC diagnostic pop

  double right = d->diagram->width - x - 4;
  double length = fmin (cnn_text_width (d->context, text, CNN_TEXT_SMALL, FALSE) + 0.5, BREAK_TEXT);
  gboolean before = length > right && x - 4 > right;

  set_role (d, SMALL_TEXT);
  cnn_text_draw (d->cr, d->context, text, CNN_TEXT_SMALL, before ? CNN_ALIGN_RIGHT : CNN_ALIGN_LEFT,
                 before ? x - 4 : x + 4, y, fmin (length, before ? x - 4 : right));
  set_role (d, LINE);
}

/* Across pages a line breaks off; both ends say where it goes on. @first: of those that break off at @from;
 * another says so again only where there is room beside it. */
static void
draw_break (const Drawing *d, const CnnDiagramNode *from, const CnnDiagramNode *to,
            const CnnDiagramNode *first)
{
  double bottom = from->y + d->diagram->box_height, end = bottom + CNN_DIAGRAM_RANK_GAP;
  double top = to->y - CNN_DIAGRAM_RANK_GAP;

  if (to == first && is_seen (d, from->x, from->y, from->x, bottom)) {
    cairo_move_to (d->cr, from->x, bottom);
    cairo_line_to (d->cr, from->x, end - 3);
    cairo_stroke (d->cr);
    draw_arrow_head (d->cr, from->x, end);
    /* TRANSLATORS: of a line in a diagram that goes on elsewhere, %s is a layer */
    write_end (d, _ ("to %s"), layer_of (to), from->x, end - 4);
  }
  if (!is_seen (d, to->x, to->y, to->x, to->y))
    return;
  cairo_move_to (d->cr, to->x, top + 3);
  cairo_line_to (d->cr, to->x, to->y - (to->layer >= 0 ? 4 : 0));
  cairo_stroke (d->cr);
  if (to == first || to->x > first->x + BREAK_TEXT || to->x < first->x - BREAK_TEXT)
    write_end (d, _ ("from %s"), layer_of (from), to->x, top + 5);
}

static gboolean
is_broken (const Drawing *d, const CnnDiagramNode *from, const CnnDiagramNode *to)
{
  return g_array_index (d->diagram->band_of, guint, from->column) !=
         g_array_index (d->diagram->band_of, guint, to->column);
}

static const CnnDiagramNode *
first_broken (const Drawing *d, const CnnDiagramNode *from)
{
  for (guint i = 0; i < from->below->len; i++) {
    const CnnDiagramNode *to = cnn_diagram_node (d->diagram, g_array_index (from->below, guint, i));

    if (is_broken (d, from, to))
      return to;
  }
  return NULL;
}

static void
draw_link (const Drawing *d, const CnnDiagramNode *from, const CnnDiagramNode *to)
{
  double top = from->y + d->diagram->box_height, end = to->y - (to->layer >= 0 ? 4 : 0);
  double middle = (top + end) / 2;
  cairo_t *cr = d->cr;

  if (is_broken (d, from, to)) {
    draw_break (d, from, to, first_broken (d, from));
  } else if (from->column != to->column) {
    draw_wire (d, from, to);
  } else if (!is_seen (d, from->x, from->y, to->x, to->y)) {
    return;
  } else {
    /* where the line begins in passing, it also has the height of the boxes beside it to cover */
    cairo_move_to (cr, from->x, from->layer >= 0 ? top : from->y);
    cairo_line_to (cr, from->x, top);
    if (fabs (from->x - to->x) < 0.3)
      cairo_line_to (cr, to->x, end);
    else
      cairo_curve_to (cr, from->x, middle, to->x, middle, to->x, end);
    cairo_stroke (cr);
  }
  if (to->layer >= 0)
    draw_arrow_head (cr, to->x, to->y);
}

static void
draw_frame (const Drawing *d, const CnnDiagramFrame *frame)
{
  const CnnRect *rect = &frame->rect;
  cairo_t *cr = d->cr;

  if (!is_seen (d, rect->x - 12, rect->y, rect->x + rect->width, rect->y + rect->height))
    return;
  rounded_rectangle (cr, rect->x, rect->y, rect->width, rect->height, 4);
  if (d->dark)
    cairo_set_source_rgba (cr, 0.60, 0.72, 0.90, 0.07);
  else
    cairo_set_source_rgba (cr, 0.35, 0.45, 0.6, 0.06);
  cairo_fill_preserve (cr);
  set_role (d, FRAME_EDGE);
  cairo_set_line_width (cr, 0.5);
  cairo_stroke (cr);
  if (frame->depth > 1 || !is_read (d, CNN_TEXT_SMALL))
    return;
  /* beside the left edge, where there are no lines */
  cairo_save (cr);
  cairo_translate (cr, rect->x - 4, rect->y + rect->height / 2);
  cairo_rotate (cr, -G_PI_2);
  set_role (d, FRAME_TEXT);
  cnn_text_draw (cr, d->context, frame->name, CNN_TEXT_SMALL, CNN_ALIGN_CENTER, 0, 0, 0);
  cairo_restore (cr);
}

void
cnn_diagram_draw_with (CnnDiagram *self, cairo_t *cr, PangoContext *context, gboolean dark, double scale,
                       const CnnRect *clip)
{
  Drawing d = { self, cr, context, dark, scale, { 0, 0, self->width, self->height } };

  if (clip != NULL)
    d.clip = *clip;
  pango_cairo_update_context (cr, context);
  for (guint i = 0; i < self->frames->len; i++)
    draw_frame (&d, self->frames->pdata[i]);
  set_role (&d, LINE);
  cairo_set_line_width (cr, 0.8);
  for (guint i = 0; i < self->nodes->len; i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);

    for (guint k = 0; k < node->below->len; k++)
      draw_link (&d, node, cnn_diagram_node (self, g_array_index (node->below, guint, k)));
  }
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);

    if (is_seen (&d, node->x - node->width / 2, node->y, node->x + node->width / 2,
                 node->y + self->box_height))
      draw_box (&d, i);
  }
}

/* All that the lane of a box leads to: rank by rank to readers, and on. */
static void
draw_below (const Drawing *d, const CnnDiagramNode *node)
{
  while (node != NULL) {
    const CnnDiagramNode *lane = NULL;

    for (guint i = 0; i < node->below->len; i++) {
      const CnnDiagramNode *next = cnn_diagram_node (d->diagram, g_array_index (node->below, guint, i));

      draw_link (d, node, next);
      if (next->layer < 0)
        lane = next;
    }
    node = lane;
  }
}

/* The way to @node from the box that its line @above begins at. */
static void
draw_above (const Drawing *d, const CnnDiagramNode *above, const CnnDiagramNode *node)
{
  draw_link (d, above, node);
  while (above->layer < 0 && above->above->len > 0) {
    node = above;
    above = cnn_diagram_node (d->diagram, g_array_index (node->above, guint, 0));
    draw_link (d, above, node);
  }
}

void
cnn_diagram_draw_links (CnnDiagram *self, guint layer, cairo_t *cr, double line)
{
  Drawing d = { .diagram = self, .cr = cr, .clip = { 0, 0, self->width, self->height } };
  const CnnDiagramNode *node;

  g_return_if_fail (layer < cnn_model_get_n_layers (self->model));
  node = cnn_diagram_node (self, layer);
  cairo_set_line_width (cr, line);
  draw_below (&d, node);
  for (guint i = 0; i < node->above->len; i++)
    draw_above (&d, cnn_diagram_node (self, g_array_index (node->above, guint, i)), node);
}
