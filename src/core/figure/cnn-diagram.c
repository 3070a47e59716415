/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "../model/cnn-error.h"
#include "cnn-diagram-private.h"

static void
node_free (gpointer data)
{
  CnnDiagramNode *node = data;

  g_array_unref (node->above);
  g_array_unref (node->below);
  g_free (node);
}

static void
frame_free (gpointer data)
{
  CnnDiagramFrame *frame = data;

  g_free (frame->name);
  g_free (frame);
}

CnnDiagram *
cnn_diagram_new (CnnModel *model)
{
  CnnDiagram *self = g_new0 (CnnDiagram, 1);
  g_autoptr (CnnTextContext) context = cnn_text_context_new ();

  self->model = g_object_ref (model);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->ranks = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  self->breaks = g_array_new (FALSE, FALSE, sizeof (guint));
  self->tops = g_array_new (FALSE, FALSE, sizeof (CnnRect));
  self->frames = g_ptr_array_new_with_free_func (frame_free);
  cnn_diagram_layout (self, context);
  return self;
}

void
cnn_diagram_free (CnnDiagram *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->frames);
  g_array_unref (self->tops);
  g_array_unref (self->breaks);
  g_ptr_array_unref (self->ranks);
  g_ptr_array_unref (self->nodes);
  g_object_unref (self->model);
  g_free (self);
}

void
cnn_diagram_get_size (CnnDiagram *self, double *width, double *height)
{
  *width = self->width;
  *height = self->height;
}

gboolean
cnn_diagram_get_box (CnnDiagram *self, guint layer, double *x, double *y, double *width, double *height)
{
  CnnDiagramNode *node;

  if (layer >= cnn_model_get_n_layers (self->model))
    return FALSE;
  node = cnn_diagram_node (self, layer);
  *x = node->x - node->width / 2;
  *y = node->y;
  *width = node->width;
  *height = CNN_DIAGRAM_BOX_HEIGHT;
  return TRUE;
}

int
cnn_diagram_layer_at (CnnDiagram *self, double x, double y)
{
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);

    if (fabs (x - node->x) <= node->width / 2 && y >= node->y && y <= node->y + CNN_DIAGRAM_BOX_HEIGHT)
      return (int)i;
  }
  return -1;
}

/* "26×26×32" without the batch, in the file's own order. */
char *
cnn_diagram_shape_text (CnnModel *model, const CnnLayer *layer)
{
  GString *text = g_string_new (NULL);
  CnnShape shape;

  if (layer->output >= cnn_model_get_n_values (model) || !cnn_model_get_value (model, layer->output)->known)
    return g_string_free (g_string_append (text, "?"), FALSE);
  cnn_model_get_framework_shape (model, layer->output, &shape);
  for (guint i = 1; i < shape.rank; i++) {
    if (i > 1)
      g_string_append (text, "\u00d7");
    if (shape.dims[i] < 0)
      g_string_append (text, "?");
    else
      g_string_append_printf (text, "%" G_GINT64_FORMAT, shape.dims[i]);
  }
  return g_string_free (text, FALSE);
}

/* With commas between the thousands, as the summary table has them. */
char *
cnn_diagram_params_text (const CnnLayer *layer)
{
  guint64 count = layer->trainable_params + layer->non_trainable_params;
  g_autofree char *plain = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  g_autoptr (GString) grouped = g_string_new (NULL);

  if (count == 0)
    return g_strdup ("");
  for (const char *p = plain; *p != '\0'; p++) {
    g_string_append_c (grouped, *p);
    if (p[1] != '\0' && strlen (p + 1) % 3 == 0)
      g_string_append_c (grouped, ',');
  }
  /* TRANSLATORS: the number of parameters of a layer, short */
  return g_strdup_printf (_ ("%s params"), grouped->str);
}

/* The colour of a kind of layer: {part of the type's name, red, green, blue}; the first that fits counts. */
static const struct {
  const char *part;
  double r, g, b;
} kinds[] = {
  { "Conv", 0.80, 0.89, 0.98 },   { "Pool", 0.82, 0.94, 0.83 },   { "Norm", 0.93, 0.93, 0.93 },
  { "Dense", 0.99, 0.89, 0.75 },  { "Gemm", 0.99, 0.89, 0.75 },   { "MatMul", 0.99, 0.89, 0.75 },
  { "Add", 0.92, 0.85, 0.97 },    { "Concat", 0.92, 0.85, 0.97 }, { "Mul", 0.92, 0.85, 0.97 },
  { "Relu", 1.00, 0.97, 0.78 },   { "ReLU", 1.00, 0.97, 0.78 },   { "Activation", 1.00, 0.97, 0.78 },
  { "oftmax", 1.00, 0.97, 0.78 }, { "igmoid", 1.00, 0.97, 0.78 }, { "Input", 1.00, 1.00, 1.00 },
};

static void
set_box_colour (cairo_t *cr, const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (strstr (type, kinds[i].part) != NULL) {
      cairo_set_source_rgb (cr, kinds[i].r, kinds[i].g, kinds[i].b);
      return;
    }
  }
  cairo_set_source_rgb (cr, 0.97, 0.97, 0.97);
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
draw_name (cairo_t *cr, PangoContext *context, const char *name, double x, double y, double width)
{
  g_autoptr (PangoLayout) layout = cnn_text_layout (context, name, CNN_TEXT_LABEL, TRUE, 0);
  PangoRectangle logical;

  pango_layout_set_width (layout, (int)(fmax (width, 8) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
  pango_layout_get_extents (layout, NULL, &logical);
  cnn_text_show (cr, layout, x, y - (double)logical.height / PANGO_SCALE / 2);
}

static void
draw_box (CnnDiagram *self, guint index, cairo_t *cr, PangoContext *context)
{
  const CnnLayer *layer = cnn_model_get_layer (self->model, index);
  const CnnDiagramNode *node = cnn_diagram_node (self, index);
  g_autofree char *shape = cnn_diagram_shape_text (self->model, layer);
  g_autofree char *params = cnn_diagram_params_text (layer);
  double left = node->x - node->width / 2, right = node->x + node->width / 2;
  double shape_width = cnn_text_width (context, shape, CNN_TEXT_LABEL, FALSE);

  rounded_rectangle (cr, left, node->y, node->width, CNN_DIAGRAM_BOX_HEIGHT, 3);
  set_box_colour (cr, layer->type);
  cairo_fill_preserve (cr);
  cairo_set_source_rgb (cr, 0.35, 0.35, 0.35);
  cairo_set_line_width (cr, 0.6);
  cairo_stroke (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  draw_name (cr, context, layer->name + node->framed, left + 5, node->y + 8, node->width - shape_width - 14);
  cnn_text_draw (cr, context, shape, CNN_TEXT_LABEL, CNN_ALIGN_RIGHT, right - 5, node->y + 8, 0);
  cairo_set_source_rgb (cr, 0.3, 0.3, 0.3);
  cnn_text_draw (cr, context, layer->type, CNN_TEXT_SMALL, CNN_ALIGN_LEFT, left + 5, node->y + 17.5, 0);
  cnn_text_draw (cr, context, params, CNN_TEXT_SMALL, CNN_ALIGN_RIGHT, right - 5, node->y + 17.5, 0);
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
draw_wire (CnnDiagram *self, cairo_t *cr, const CnnDiagramNode *from, const CnnDiagramNode *to)
{
  const CnnRect *column = &g_array_index (self->tops, CnnRect, from->column);
  double gap = column->x + column->width + 20,
         low = from->y + CNN_DIAGRAM_BOX_HEIGHT + CNN_DIAGRAM_RANK_GAP / 2;
  double high = to->y - CNN_DIAGRAM_RANK_GAP + 2, turn = 5;

  cairo_move_to (cr, from->x, from->y + CNN_DIAGRAM_BOX_HEIGHT);
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

static void
draw_link (CnnDiagram *self, cairo_t *cr, const CnnDiagramNode *from, const CnnDiagramNode *to)
{
  double top = from->y + CNN_DIAGRAM_BOX_HEIGHT, end = to->y - (to->layer >= 0 ? 4 : 0);
  double middle = (top + end) / 2;

  cairo_set_source_rgb (cr, 0.3, 0.3, 0.35);
  cairo_set_line_width (cr, 0.8);
  if (from->column != to->column) {
    draw_wire (self, cr, from, to);
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
draw_frame (const CnnDiagramFrame *frame, cairo_t *cr, PangoContext *context)
{
  rounded_rectangle (cr, frame->rect.x, frame->rect.y, frame->rect.width, frame->rect.height, 4);
  cairo_set_source_rgba (cr, 0.35, 0.45, 0.6, 0.06);
  cairo_fill_preserve (cr);
  cairo_set_source_rgb (cr, 0.55, 0.62, 0.72);
  cairo_set_line_width (cr, 0.5);
  cairo_stroke (cr);
  if (frame->depth > 1)
    return;
  /* beside the left edge, where there are no lines */
  cairo_save (cr);
  cairo_translate (cr, frame->rect.x - 4, frame->rect.y + frame->rect.height / 2);
  cairo_rotate (cr, -G_PI_2);
  cairo_set_source_rgb (cr, 0.35, 0.42, 0.55);
  cnn_text_draw (cr, context, frame->name, CNN_TEXT_SMALL, CNN_ALIGN_CENTER, 0, 0, 0);
  cairo_restore (cr);
}

static void
draw_with (CnnDiagram *self, cairo_t *cr, PangoContext *context)
{
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_fill (cr);
  pango_cairo_update_context (cr, context);
  for (guint i = 0; i < self->frames->len; i++)
    draw_frame (self->frames->pdata[i], cr, context);
  for (guint i = 0; i < self->nodes->len; i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);

    for (guint k = 0; k < node->below->len; k++)
      draw_link (self, cr, node, cnn_diagram_node (self, g_array_index (node->below, guint, k)));
  }
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++)
    draw_box (self, i, cr, context);
}

void
cnn_diagram_draw (CnnDiagram *self, cairo_t *cr)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new ();

  draw_with (self, cr, context);
}

static void
draw_page (cairo_t *cr, gpointer data)
{
  cnn_diagram_draw (data, cr);
}

gboolean
cnn_diagram_write (CnnDiagram *self, const char *path, GError **error)
{
  g_autofree char *title = g_strdup_printf (_ ("Architecture of %s"), cnn_model_get_name (self->model));
  char *metadata[] = { (char *)"cnnviz:model", (char *)cnn_model_get_name (self->model), NULL };
  CnnPage page = { .width = self->width,
                   .height = ceil (self->height / CNN_GRID - 1e-6) * CNN_GRID,
                   .dpi = 150,
                   .title = title,
                   .metadata = metadata,
                   .draw = draw_page,
                   .data = self };
  double largest = fmax (self->width, self->height);

  if (cnn_model_get_n_layers (self->model) == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("%s has no layers to draw."),
                 cnn_model_get_name (self->model));
    return FALSE;
  }
  page.dpi = fmax (floor (fmin (150, 16000 * 72 / largest)), 30);
  return cnn_page_write (&page, path, error);
}
