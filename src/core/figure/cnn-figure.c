/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "model/cnn-error.h"
#include "cnn-figure-private.h"

static void
panel_free (gpointer data)
{
  CnnPanel *panel = data;

  g_free (panel->heading);
  g_free (panel->row_heading);
  g_free (panel->letter);
  g_free (panel->channels);
  g_clear_pointer (&panel->table, cnn_table_free);
  g_clear_pointer (&panel->diagram, cnn_diagram_unref);
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
  g_free (self->page_title);
  g_free (self->caption);
  g_free (self->row_heading);
  g_clear_object (&self->model);
  g_ptr_array_unref (self->panels);
  g_ptr_array_unref (self->metadata);
  g_free (self);
}

static void
set_text (char **text, const char *value)
{
  char *copy = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  g_free (*text);
  *text = copy;
}

void
cnn_figure_set_title (CnnFigure *self, const char *title)
{
  set_text (&self->title, title);
}

void
cnn_figure_set_page (CnnFigure *self, guint number, guint n)
{
  g_clear_pointer (&self->page_title, g_free);
  if (n > 1 && self->title != NULL && *self->title != '\0')
    self->page_title = g_strdup_printf (_ ("%s (%u of %u)"), self->title, number, n);
}

const char *
cnn_figure_get_page_title (const CnnFigure *self)
{
  return self->page_title != NULL ? self->page_title : self->title;
}

const char *
cnn_figure_get_title (const CnnFigure *self)
{
  return self->title;
}

void
cnn_figure_set_caption (CnnFigure *self, const char *caption)
{
  set_text (&self->caption, caption);
}

const char *
cnn_figure_get_caption (const CnnFigure *self)
{
  return self->caption;
}

void
cnn_figure_set_dark (CnnFigure *self, gboolean dark)
{
  self->dark = dark;
}

void
cnn_figure_set_letters (CnnFigure *self, gboolean letters)
{
  self->no_letters = !letters;
}

const CnnTheme *
cnn_figure_get_theme (const CnnFigure *self)
{
  static const CnnTheme page = {
    { 1, 1, 1 }, { 0.1, 0.1, 0.1 }, { 0.92, 0.92, 0.92 }, { 0.12, 0.40, 0.70 }, { 0.75, 0.2, 0.1 }
  };
  static const CnnTheme dark = {
    { 0.12, 0.12, 0.13 }, { 0.92, 0.92, 0.92 }, { 0.25, 0.25, 0.27 }, { 0.38, 0.65, 0.95 }, { 1, 0.55, 0.4 }
  };

  return self->dark ? &dark : &page;
}

void
cnn_set_color (cairo_t *cr, const double color[3])
{
  cairo_set_source_rgb (cr, color[0], color[1], color[2]);
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
cnn_figure_set_columns (CnnFigure *self, guint columns)
{
  self->columns = columns;
}

void
cnn_figure_new_row (CnnFigure *self)
{
  if (self->panels->len > 0)
    self->row = ((CnnPanel *)self->panels->pdata[self->panels->len - 1])->row + 1;
  g_clear_pointer (&self->row_heading, g_free);
}

void
cnn_figure_set_row_heading (CnnFigure *self, const char *heading)
{
  set_text (&self->row_heading, heading);
}

static CnnPanel *
add_panel (CnnFigure *self, CnnPanelKind kind, const char *heading, const CnnMapStyle *style)
{
  CnnPanel *panel = g_new0 (CnnPanel, 1);

  panel->kind = kind;
  panel->row = self->row;
  panel->heading = g_strdup (heading);
  panel->row_heading = g_strdup (self->row_heading);
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
cnn_figure_add_channels (CnnFigure *self, const char *heading, CnnGallery *gallery, const CnnMapStyle *style,
                         const guint *channels, guint n, guint columns)
{
  CnnPanel *panel;

  g_return_if_fail (gallery != NULL && channels != NULL && n > 0);
  for (guint i = 0; i < n; i++)
    g_return_if_fail (channels[i] < gallery->n);
  panel = add_panel (self, CNN_PANEL_GALLERY, heading, style);
  panel->gallery = cnn_gallery_ref (gallery);
  panel->channels = g_memdup2 (channels, n * sizeof *channels);
  panel->n_channels = n;
  panel->forced_columns = columns;
}

void
cnn_figure_add_table (CnnFigure *self, const char *const *header, guint n_columns, guint first_number,
                      guint n_numbers, const GPtrArray *cells, guint n_sums)
{
  CnnTable *table;

  g_return_if_fail (n_columns > 0 && cells->len % n_columns == 0);
  table = g_new0 (CnnTable, 1);
  table->n_columns = n_columns;
  table->first_number = first_number;
  table->n_numbers = n_numbers;
  table->n_sums = n_sums;
  table->header = g_new0 (char *, n_columns + 1);
  for (guint i = 0; i < n_columns; i++)
    table->header[i] = g_strdup (header[i]);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < cells->len; i++)
    g_ptr_array_add (table->cells, g_utf8_make_valid (cells->pdata[i], -1));
  add_panel (self, CNN_PANEL_TABLE, NULL, NULL)->table = table;
}

void
cnn_figure_add_diagram (CnnFigure *self, CnnDiagram *diagram, int page)
{
  CnnPanel *panel;

  g_return_if_fail (page < (int)cnn_diagram_get_n_pages (diagram));
  panel = add_panel (self, CNN_PANEL_DIAGRAM, NULL, NULL);
  panel->diagram = cnn_diagram_ref (diagram);
  panel->diagram_page = page;
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

char **
cnn_panel_split_row_heading (const CnnPanel *panel)
{
  return g_strsplit (panel->row_heading, "\n", 2);
}

/* What stands before a row, in the middle of its height; what is too long for it ends in an ellipsis. */
static void
draw_row_heading (const CnnPanel *panel, cairo_t *cr, PangoContext *context)
{
  const CnnRect *area = &panel->row_area;
  g_auto (GStrv) parts = area->width > 0 ? cnn_panel_split_row_heading (panel) : NULL;
  g_autoptr (PangoLayout) layout = NULL;
  PangoRectangle logical;
  double second, height, y;

  if (parts == NULL || parts[0] == NULL)
    return;
  second = cnn_text_height (context, parts[1], CNN_TEXT_LABEL, FALSE, area->width);
  layout = cnn_text_layout (context, parts[0], CNN_TEXT_HEADING, FALSE, area->width);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, (int)(fmax (area->height - second, CNN_TEXT_HEADING) * PANGO_SCALE));
  pango_layout_get_extents (layout, NULL, &logical);
  height = (double)logical.height / PANGO_SCALE;
  y = area->y + fmax (area->height - height - second, 0) / 2;
  cnn_text_show (cr, layout, area->x, y);
  draw_wrapped (cr, context, parts[1], CNN_TEXT_LABEL, FALSE, area->x, y + height, area->width);
}

/* The page, once it is laid out; its colours are the theme's whatever the desktop's are. */
static void
draw_page (CnnFigure *self, cairo_t *cr, PangoContext *context)
{
  const CnnTheme *theme = cnn_figure_get_theme (self);

  cnn_set_color (cr, theme->paper);
  /* the last row of pixels may be more than the page */
  cairo_rectangle (cr, 0, 0, self->width + 1, self->height + 1);
  cairo_fill (cr);
  cnn_set_color (cr, theme->ink);
  draw_wrapped (cr, context, cnn_figure_get_page_title (self), CNN_TEXT_TITLE, TRUE, 4, self->title_y,
                self->width - 8);
  for (guint i = 0; i < self->panels->len; i++) {
    cnn_set_color (cr, theme->ink);
    draw_row_heading (self->panels->pdata[i], cr, context);
    cnn_panel_draw (self->panels->pdata[i], self, cr, context);
  }
  cnn_set_color (cr, theme->ink);
  draw_wrapped (cr, context, self->caption, CNN_TEXT_CAPTION, FALSE, 4, self->caption_y, self->width - 8);
}

double
cnn_figure_get_height (CnnFigure *self, double width_mm, double dpi)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new (dpi);

  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  return self->height / CNN_POINTS_PER_MM;
}

double
cnn_figure_get_width (CnnFigure *self, double width_mm, double dpi)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new (dpi);

  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  return self->width / CNN_POINTS_PER_MM;
}

void
cnn_figure_draw (CnnFigure *self, cairo_t *cr, double width_mm, double dpi)
{
  g_autoptr (CnnTextContext) context = cnn_text_context_new (dpi);

  cnn_figure_layout (self, context, width_mm * CNN_POINTS_PER_MM);
  draw_page (self, cr, context);
}

/* files */

typedef struct {
  CnnFigure *figure;
  CnnTextContext *context;
} DrawData;

static void
draw_for_file (cairo_t *cr, gpointer data)
{
  DrawData *draw = data;

  draw_page (draw->figure, cr, draw->context);
}

static gboolean
check_page (CnnFigure *self, double width_mm, GError **error)
{
  if (self->panels->len == 0) {
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("There is nothing to draw in the figure."));
    return FALSE;
  }
  if (!(width_mm >= 20 && width_mm <= 2000)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("A figure is 20 to 2000 mm wide, not %.0f."),
                 width_mm);
    return FALSE;
  }
  return TRUE;
}

/* The page as a file needs it. The metadata gets its end; free_page() takes it off again. */
static CnnPage
make_page (CnnFigure *self, DrawData *data, double width_mm, double dpi)
{
  data->figure = self;
  data->context = cnn_text_context_new (dpi);
  cnn_figure_layout (self, data->context, width_mm * CNN_POINTS_PER_MM);
  g_ptr_array_add (self->metadata, NULL);
  return (CnnPage){ .width = self->width,
                    .height = self->height,
                    .dpi = dpi,
                    .title = cnn_figure_get_page_title (self),
                    .description = self->caption,
                    .metadata = (char *const *)self->metadata->pdata,
                    .draw = draw_for_file,
                    .data = data };
}

static void
free_page (DrawData *data)
{
  g_ptr_array_remove_index (data->figure->metadata, data->figure->metadata->len - 1);
  g_object_unref (data->context);
}

gboolean
cnn_figure_write (CnnFigure *self, const char *path, double width_mm, double dpi, GError **error)
{
  DrawData data;
  CnnPage page;
  gboolean written;

  if (!check_page (self, width_mm, error))
    return FALSE;
  page = make_page (self, &data, width_mm, dpi);
  written = cnn_page_write (&page, path, error);
  free_page (&data);
  return written;
}

static gboolean
write_one_pdf (const GPtrArray *pages, const char *path, double width_mm, double dpi, GError **error)
{
  g_autofree DrawData *data = g_new0 (DrawData, pages->len);
  g_autofree CnnPage *page = g_new0 (CnnPage, pages->len);
  gboolean written;

  for (guint i = 0; i < pages->len; i++)
    if (!check_page (pages->pdata[i], width_mm, error))
      return FALSE;
  for (guint i = 0; i < pages->len; i++)
    page[i] = make_page (pages->pdata[i], &data[i], width_mm, dpi);
  written = cnn_pages_write_pdf (page, pages->len, path, error);
  for (guint i = 0; i < pages->len; i++)
    free_page (&data[i]);
  return written;
}

char *
cnn_figure_page_path (const char *path, guint number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  GString *name = g_string_new (path);

  g_string_replace (name, "{page}", text, 0);
  return g_string_free (name, FALSE);
}

gboolean
cnn_figures_write (const GPtrArray *pages, const char *path, double width_mm, double dpi, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  g_return_val_if_fail (pages->len > 0, FALSE);
  if (strstr (path, "{page}") == NULL) {
    if (pages->len == 1)
      return cnn_figure_write (pages->pdata[0], path, width_mm, dpi, error);
    if (g_str_has_suffix (lower, ".pdf"))
      return write_one_pdf (pages, path, width_mm, dpi, error);
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("%s: the figure has %u pages: only a PDF holds several, else the name needs {page}."),
                 path, pages->len);
    return FALSE;
  }
  for (guint i = 0; i < pages->len; i++) {
    g_autofree char *name = cnn_figure_page_path (path, i + 1);

    if (!cnn_figure_write (pages->pdata[i], name, width_mm, dpi, error))
      return FALSE;
  }
  return TRUE;
}
