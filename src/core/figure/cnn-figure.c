/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "../model/cnn-error.h"
#include "cnn-figure-private.h"

static void
panel_free (gpointer data)
{
  CnnPanel *panel = data;

  g_free (panel->heading);
  g_free (panel->letter);
  g_clear_pointer (&panel->image, cnn_image_unref);
  g_clear_pointer (&panel->map, cnn_map_unref);
  g_clear_pointer (&panel->gallery, cnn_gallery_unref);
  g_clear_pointer (&panel->prediction, cnn_prediction_unref);
  g_clear_pointer (&panel->clean, cnn_prediction_unref);
  g_clear_pointer (&panel->classes, g_array_unref);
  cnn_ticks_clear (&panel->ticks);
  g_free (panel);
}

CnnFigure *
cnn_figure_new (const char *title)
{
  CnnFigure *self = g_new0 (CnnFigure, 1);

  self->title = g_strdup (title);
  self->panels = g_ptr_array_new_with_free_func (panel_free);
  self->metadata = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
cnn_figure_free (CnnFigure *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->caption);
  g_clear_object (&self->model);
  g_ptr_array_unref (self->panels);
  g_ptr_array_unref (self->metadata);
  g_free (self);
}

void
cnn_figure_set_caption (CnnFigure *self, const char *caption)
{
  g_free (self->caption);
  self->caption = g_strdup (caption);
}

void
cnn_figure_set_model (CnnFigure *self, CnnModel *model)
{
  g_set_object (&self->model, model);
}

void
cnn_figure_add_metadata (CnnFigure *self, const char *keyword, const char *text)
{
  if (keyword == NULL || text == NULL)
    return;
  g_ptr_array_add (self->metadata, g_strdup (keyword));
  g_ptr_array_add (self->metadata, g_utf8_make_valid (text, -1));
}

void
cnn_figure_new_row (CnnFigure *self)
{
  if (self->panels->len > 0)
    self->row = ((CnnPanel *)self->panels->pdata[self->panels->len - 1])->row + 1;
}

static CnnPanel *
add_panel (CnnFigure *self, CnnPanelKind kind, const char *heading, const CnnMapStyle *style)
{
  CnnPanel *panel = g_new0 (CnnPanel, 1);

  panel->kind = kind;
  panel->row = self->row;
  panel->heading = g_strdup (heading);
  panel->style = style != NULL ? *style : (CnnMapStyle){ .opacity = 1 };
  panel->style.opacity = isfinite (panel->style.opacity) ? CLAMP (panel->style.opacity, 0, 1) : 1;
  g_ptr_array_add (self->panels, panel);
  return panel;
}

void
cnn_figure_add_image (CnnFigure *self, const char *heading, CnnImage *image)
{
  g_return_if_fail (image != NULL);
  add_panel (self, CNN_PANEL_IMAGE, heading, NULL)->image = cnn_image_ref (image);
}

void
cnn_figure_add_map (CnnFigure *self, const char *heading, CnnMap *map, CnnImage *image,
                    const CnnMapStyle *style)
{
  CnnPanel *panel;

  g_return_if_fail (map != NULL);
  panel = add_panel (self, CNN_PANEL_MAP, heading, style);
  panel->map = cnn_map_ref (map);
  panel->image = image != NULL ? cnn_image_ref (image) : NULL;
}

void
cnn_figure_add_gallery (CnnFigure *self, const char *heading, CnnGallery *gallery, const CnnMapStyle *style)
{
  g_return_if_fail (gallery != NULL);
  add_panel (self, CNN_PANEL_GALLERY, heading, style)->gallery = cnn_gallery_ref (gallery);
}

void
cnn_figure_add_prediction (CnnFigure *self, const char *heading, CnnPrediction *prediction,
                           CnnPrediction *clean, guint top)
{
  CnnPanel *panel;

  g_return_if_fail (prediction != NULL);
  panel = add_panel (self, CNN_PANEL_PREDICTION, heading, NULL);
  panel->prediction = cnn_prediction_ref (prediction);
  panel->clean = clean != NULL ? cnn_prediction_ref (clean) : NULL;
  panel->top = CLAMP (top, 1, 100);
  if (self->model == NULL && prediction->model != NULL)
    self->model = g_object_ref (prediction->model);
}

char *
cnn_figure_class_name (CnnFigure *self, guint index)
{
  if (self->model != NULL && index < cnn_model_get_n_classes (self->model))
    return g_strdup (cnn_model_get_label (self->model, index));
  return g_strdup_printf ("%u", index);
}

char *
cnn_figure_letter (guint index)
{
  if (index < 26)
    return g_strdup_printf ("(%c)", (char)('a' + index));
  return g_strdup_printf ("(%c%c)", (char)('a' + index / 26 - 1), (char)('a' + index % 26));
}

static void
draw_wrapped (cairo_t *cr, PangoContext *context, const char *text, double size, gboolean bold, double x,
              double y, double width)
{
  g_autoptr (PangoLayout) layout = NULL;

  if (text == NULL || *text == '\0')
    return;
  layout = cnn_text_layout (context, text, size, bold, width);
  cnn_text_show (cr, layout, x, y);
}

/* The page, once it is laid out. White with dark text whatever the desktop's colours are. */
static void
draw_page (CnnFigure *self, cairo_t *cr, PangoContext *context)
{
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  pango_cairo_update_context (cr, context);
  draw_wrapped (cr, context, self->title, CNN_TEXT_TITLE, TRUE, 4, self->title_y, self->width - 8);
  for (guint i = 0; i < self->panels->len; i++)
    cnn_panel_draw (self->panels->pdata[i], self, cr, context);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  draw_wrapped (cr, context, self->caption, CNN_TEXT_CAPTION, FALSE, 4, self->caption_y, self->width - 8);
}

double
cnn_figure_get_height (CnnFigure *self, double width_mm)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new ();

  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  return self->height / CNN_POINTS_PER_MM;
}

void
cnn_figure_draw (CnnFigure *self, cairo_t *cr, double width_mm)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new ();

  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  draw_page (self, cr, context);
}

typedef struct {
  CnnFigure *figure;
  PangoContext *context;
} DrawData;

static void
draw_for_file (cairo_t *cr, gpointer data)
{
  DrawData *draw = data;

  draw_page (draw->figure, cr, draw->context);
}

gboolean
cnn_figure_write (CnnFigure *self, const char *path, double width_mm, double dpi, GError **error)
{
  g_autoptr (CnnTextContext) context = NULL;
  DrawData data;
  CnnPage page = { .dpi = dpi, .title = self->title, .description = self->caption, .draw = draw_for_file };

  if (self->panels->len == 0) {
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("There is nothing to draw in the figure."));
    return FALSE;
  }
  if (!(width_mm >= 20 && width_mm <= 2000)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("A figure is 20 to 2000 mm wide, not %.0f."),
                 width_mm);
    return FALSE;
  }
  context = cnn_text_context_new ();
  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  data = (DrawData){ self, context };
  page.data = &data;
  page.width = self->width;
  page.height = self->height;
  /* the array of texts needs its end for the time of the call */
  g_ptr_array_add (self->metadata, NULL);
  page.metadata = (char *const *)self->metadata->pdata;
  if (!cnn_page_write (&page, path, error)) {
    g_ptr_array_remove_index (self->metadata, self->metadata->len - 1);
    return FALSE;
  }
  g_ptr_array_remove_index (self->metadata, self->metadata->len - 1);
  return TRUE;
}
