/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "model/cnn-error.h"
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

static CnnDiagram *
lay_out (CnnModel *model, double page_width, double page_height, double most_width)
{
  CnnDiagram *self = g_new0 (CnnDiagram, 1);
  g_autoptr (CnnTextContext) context = cnn_text_context_new (0);

  g_atomic_ref_count_init (&self->refs);
  self->model = g_object_ref (model);
  self->page_width = page_width;
  self->page_height = page_height;
  self->most_width = most_width;
  self->box_height = cnn_diagram_is_narrow (self) ? CNN_DIAGRAM_NARROW_HEIGHT : CNN_DIAGRAM_BOX_HEIGHT;
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->ranks = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  self->breaks = g_array_new (FALSE, FALSE, sizeof (guint));
  self->tops = g_array_new (FALSE, FALSE, sizeof (CnnRect));
  self->bands = g_array_new (FALSE, FALSE, sizeof (CnnRect));
  self->band_of = g_array_new (FALSE, FALSE, sizeof (guint));
  self->frames = g_ptr_array_new_with_free_func (frame_free);
  cnn_diagram_layout (self, context);
  return self;
}

CnnDiagram *
cnn_diagram_new (CnnModel *model)
{
  return lay_out (model, 0, 0, CNN_DIAGRAM_BOX_WIDTH);
}

CnnDiagram *
cnn_diagram_new_for_page (CnnModel *model, double width, double height)
{
  static const double widths[] = { CNN_DIAGRAM_BOX_WIDTH, 110, 84, 68, 56 };
  CnnDiagram *self = cnn_diagram_new (model);

  if (self->width <= width && self->height <= height)
    return self;
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++) {
    cnn_diagram_unref (self);
    self = lay_out (model, width, height, widths[i]);
    if (self->width <= width)
      break;
  }
  return self;
}

CnnDiagram *
cnn_diagram_ref (CnnDiagram *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_diagram_unref (CnnDiagram *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->frames);
  g_array_unref (self->tops);
  g_array_unref (self->bands);
  g_array_unref (self->band_of);
  g_array_unref (self->breaks);
  g_ptr_array_unref (self->ranks);
  g_ptr_array_unref (self->nodes);
  g_object_unref (self->model);
  g_free (self);
}

CnnModel *
cnn_diagram_get_model (CnnDiagram *self)
{
  return self->model;
}

void
cnn_diagram_get_size (CnnDiagram *self, double *width, double *height)
{
  *width = self->width;
  *height = self->height;
}

guint
cnn_diagram_get_n_pages (CnnDiagram *self)
{
  return self->bands->len;
}

void
cnn_diagram_get_page (CnnDiagram *self, guint page, double *y, double *height)
{
  const CnnRect *band = &g_array_index (self->bands, CnnRect, page);

  *y = band->y;
  *height = band->height;
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
  *height = self->box_height;
  return TRUE;
}

int
cnn_diagram_layer_at (CnnDiagram *self, double x, double y)
{
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);

    if (fabs (x - node->x) <= node->width / 2 && y >= node->y && y <= node->y + self->box_height)
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

void
cnn_diagram_draw (CnnDiagram *self, cairo_t *cr)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new (0);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_fill (cr);
  cnn_diagram_draw_with (self, cr, context, FALSE, 1, NULL);
}

void
cnn_diagram_draw_part (CnnDiagram *self, cairo_t *cr, gboolean dark, double scale, double x, double y,
                       double width, double height)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new (0);
  CnnRect clip = { x, y, width, height };

  cnn_diagram_draw_with (self, cr, context, dark, scale, &clip);
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
