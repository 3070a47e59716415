/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a recipe to figures. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "methods/occlusion/cnn-occluder.h"
#include "methods/session/cnn-provenance.h"
#include "methods/summary/cnn-summary-table.h"
#include "model/cnn-error.h"
#include "cnn-figure-kinds.h"
#include "cnn-figure-maximized.h"
#include "cnn-figure-private.h"
#include "cnn-figure-recipe.h"

/* A page of paper without its margins. */
#define PAGE_HEIGHT_MM 240.0
#define TABLE_ROWS 64
#define MOST_PICTURES 160 /* generated ones: whole rows */
#define MOST_BANDS                                                                                           \
  4 /* more below each other in one picture make it a strip that nobody can read: then it is a poster */
#define TEXT_HEIGHT 50.0 /* of title and caption around a diagram, points */
#define NARROW_MM 110.0

/* What the making of every kind needs. */
typedef struct {
  const CnnFigureRecipe *recipe;
  const CnnSavedSession *saved;
  CnnSession *session;
  CnnModel *model;
  const CnnFigureKnown *known;
  gboolean paged;
  GCancellable *cancellable;
  GPtrArray *pages; /* CnnFigure */
  CnnMapStyle style;
} Making;

static gboolean
find_layer (CnnModel *model, const char *name, int *layer, GError **error)
{
  *layer = name != NULL && *name != '\0' ? cnn_model_find_layer (model, name) : -1;
  if (*layer >= 0 || name == NULL || *name == '\0')
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” has no layer “%s”."),
               cnn_model_get_name (model), name);
  return FALSE;
}

gboolean
cnn_figure_recipe_fill_request (const CnnFigureRecipe *self, const CnnMethod *method, CnnModel *model,
                                CnnMethodRequest *request, GError **error)
{
  const CnnSavedSession *saved = self->session;

  cnn_method_request_init (request, method);
  request->class_index = saved->class_index;
  request->filter = MAX (saved->filter, 0);
  if (saved->modifier != NULL)
    cnn_modifier_from_name (saved->modifier, &request->modifier);
  for (guint i = 0; i < saved->params->len; i++) {
    const CnnSavedParam *param = saved->params->pdata[i];

    /* sessions hold more under these names, like what a view shows */
    if (g_str_equal (param->method, method->name) && cnn_method_find_param (method, param->param) >= 0 &&
        !cnn_method_request_set (request, method, param->param, param->value, error))
      return FALSE;
  }
  return (!method->uses_layer && !method->uses_filter) ||
         find_layer (model, method->uses_filter ? saved->layer : saved->target_layer, &request->layer, error);
}

static void
take_page (Making *making, CnnFigure *figure)
{
  g_ptr_array_add (making->pages, figure);
}

/* maps */

static void
set_progress (const Making *making, CnnMethodRequest *request)
{
  if (making->known == NULL)
    return;
  request->progress = making->known->progress;
  request->progress_data = making->known->progress_data;
  request->give_way = making->known->give_way;
  request->give_way_data = making->known->progress_data;
}

static CnnMap *
get_map (Making *making, const CnnMethod *method, const CnnMethodRequest *request, GError **error)
{
  CnnMap *known = making->known != NULL ? making->known->map : NULL;

  if (known != NULL && g_strcmp0 (known->method, method->name) == 0)
    return cnn_map_ref (known);
  return cnn_method_compute (method, making->session, request, making->cancellable, error);
}

static CnnFigure *
make_of_method (Making *making, const CnnMethod *method, const CnnMethodRequest *request, GError **error)
{
  g_autoptr (CnnMap) map = NULL;
  CnnMethodRequest same = *request;

  if (making->recipe->kind == CNN_FIGURE_STRIP && !method->uses_modifier) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%s is not computed by modifiers."),
                 _ (method->title));
    return NULL;
  }
  map = get_map (making, method, request, error);
  if (map == NULL)
    return NULL;
  if (making->recipe->kind != CNN_FIGURE_STRIP)
    return cnn_figure_new_explained (making->session, map, &making->style, making->recipe->top,
                                     making->cancellable, error);
  same.class_index = map->class_index;
  return cnn_figure_new_strip (making->session, method, &same, map, &making->style, making->cancellable,
                               error);
}

static gboolean
make_prediction (Making *making, GError **error)
{
  g_autoptr (CnnPrediction) clean = cnn_predict (making->session, making->cancellable, error);
  const int *rect = making->saved->occluder ? making->saved->occluder_rect : NULL;
  CnnFill fill = CNN_FILL_GRAY;
  CnnFigure *figure;

  cnn_fill_from_name (making->saved->occluder_fill, &fill);
  if (clean == NULL)
    return FALSE;
  figure = cnn_figure_new_prediction (making->session, clean, rect, fill, making->recipe->top,
                                      making->cancellable, error);
  if (figure == NULL)
    return FALSE;
  take_page (making, figure);
  return TRUE;
}

static gboolean
make_explained (Making *making, GError **error)
{
  const char *name = making->recipe->kind == CNN_FIGURE_OCCLUSION ? "occlusion" : making->saved->method;
  const CnnMethod *method = name != NULL ? cnn_method_find (name) : NULL;
  CnnFigure *figure = NULL;
  CnnMethodRequest request;

  if (method == NULL && making->recipe->kind == CNN_FIGURE_CANVAS)
    return make_prediction (making, error);
  if (method == NULL)
    method = cnn_method_find ("saliency");
  if (cnn_figure_recipe_fill_request (making->recipe, method, making->model, &request, error)) {
    set_progress (making, &request);
    figure = make_of_method (making, method, &request, error);
  }
  cnn_method_request_clear (&request);
  if (figure == NULL)
    return FALSE;
  take_page (making, figure);
  return TRUE;
}

/* grids */

static gboolean
add_column (Making *making, GArray *columns, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  CnnCompareColumn column = { .method = cnn_method_find (g_strstrip (parts[0])) };

  if (column.method == NULL || !column.method->uses_class || column.method->uses_filter ||
      g_str_equal (column.method->name, "maximize")) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no method to compare."), parts[0]);
    return FALSE;
  }
  if (!cnn_figure_recipe_fill_request (making->recipe, column.method, making->model, &column.request,
                                       error) ||
      (parts[1] != NULL && !cnn_modifier_from_name (parts[1], &column.request.modifier))) {
    if (error != NULL && *error == NULL)
      g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no modifier: vanilla, guided or relu"),
                   parts[1]);
    cnn_method_request_clear (&column.request);
    return FALSE;
  }
  g_array_append_val (columns, column);
  return TRUE;
}

/* The columns when none are named. */
static char *
standard_columns (const Making *making)
{
  const char *name = making->saved->method;
  const CnnMethod *method = name != NULL ? cnn_method_find (name) : NULL;

  if (making->recipe->kind == CNN_FIGURE_METHODS) {
    gboolean extra = method != NULL && method->uses_class && !method->is_long &&
                     strstr ("saliency,grad-cam,guided-grad-cam", name) == NULL;

    return g_strconcat ("saliency,grad-cam,guided-grad-cam", extra ? "," : NULL, name, NULL);
  }
  if (method == NULL || !method->uses_class || method->uses_filter)
    name = "saliency";
  else if (!method->uses_modifier)
    return g_strdup (name);
  return g_strdup_printf ("%s:vanilla,%s:guided,%s:relu", name, name, name);
}

static void
clear_column (gpointer data)
{
  cnn_method_request_clear (&((CnnCompareColumn *)data)->request);
}

static GArray *
parse_columns (Making *making, GError **error)
{
  g_autofree char *standard = making->recipe->columns == NULL ? standard_columns (making) : NULL;
  g_auto (GStrv) names = g_strsplit (standard != NULL ? standard : making->recipe->columns, ",", -1);
  g_autoptr (GArray) columns = g_array_new (FALSE, TRUE, sizeof (CnnCompareColumn));

  g_array_set_clear_func (columns, clear_column);
  for (char **name = names; *name != NULL; name++)
    if (!add_column (making, columns, *name, error))
      return NULL;
  if (columns->len == 0 || columns->len > CNN_COMPARE_MAX_COLUMNS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("A grid has 1 to %d columns, not %u."),
                 CNN_COMPARE_MAX_COLUMNS, columns->len);
    return NULL;
  }
  return g_steal_pointer (&columns);
}

/* The rows: the classes that are named, else those that suit; of methods side by side the explained one. */
static GArray *
parse_classes (Making *making, GError **error)
{
  const char *text = making->recipe->classes;
  gboolean one = making->recipe->kind == CNN_FIGURE_METHODS;
  g_autoptr (CnnPrediction) prediction = NULL;
  GArray *classes;

  if (!one && text != NULL && strcmp (text, "all") != 0)
    return cnn_maximize_parse_targets (making->model, -1, text, error);
  prediction = cnn_predict (making->session, making->cancellable, error);
  if (prediction == NULL)
    return NULL;
  if (!one)
    return cnn_compare_choose (prediction, NULL, 0);
  classes = g_array_new (FALSE, FALSE, sizeof (int));
  if (making->saved->class_index >= 0)
    g_array_append_val (classes, making->saved->class_index);
  else if (prediction->n > 0)
    g_array_append_val (classes, prediction->entries[0].class_index);
  return classes;
}

typedef struct {
  const CnnFigureKnown *known;
} Telling;

static void
tell (double fraction, CnnCompare *partial, gpointer data)
{
  const CnnFigureKnown *known = ((Telling *)data)->known;

  if (known != NULL && known->progress != NULL)
    known->progress (fraction, NULL, known->progress_data);
}

static gboolean
make_grid (Making *making, GError **error)
{
  CnnCompare *known = making->known != NULL ? making->known->compare : NULL;
  g_autoptr (CnnCompare) grid = known != NULL ? cnn_compare_ref (known) : NULL;
  Telling telling = { making->known };

  if (grid == NULL) {
    g_autoptr (GArray) columns = parse_columns (making, error);
    g_autoptr (GArray) classes = columns != NULL ? parse_classes (making, error) : NULL;

    if (classes == NULL)
      return FALSE;
    grid = cnn_compare_compute (making->session, (const int *)(gpointer)classes->data, classes->len,
                                (const CnnCompareColumn *)(gpointer)columns->data, columns->len, tell,
                                &telling, making->cancellable, error);
  }
  if (grid == NULL)
    return FALSE;
  take_page (making, cnn_figure_new_compare (grid, making->session->input_name, making->recipe->shared,
                                             making->recipe->overlay, &making->style));
  return TRUE;
}

/* galleries */

static gboolean
add_range (GArray *channels, const char *part, guint n, GError **error)
{
  char *end = NULL;
  guint64 first = g_ascii_strtoull (part, &end, 10), last = first;

  if (end != part && *end == '-' && g_ascii_isdigit (end[1]))
    last = g_ascii_strtoull (end + 1, &end, 10);
  if (!g_ascii_isdigit (*part) || *end != '\0' || first > last || last >= n) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” is no filter or range of filters: there are %u, numbered from 0."), part, n);
    return FALSE;
  }
  for (guint64 i = first; i <= last; i++) {
    guint channel = (guint)i;

    g_array_append_val (channels, channel);
  }
  return TRUE;
}

/* "0,5,10-20" or "all". */
static GArray *
parse_channels (const char *text, guint n, GError **error)
{
  g_autoptr (GArray) channels = g_array_new (FALSE, FALSE, sizeof (guint));
  g_auto (GStrv) parts = NULL;

  if (text == NULL || *text == '\0' || g_str_equal (text, "all")) {
    for (guint i = 0; i < n; i++)
      g_array_append_val (channels, i);
    return g_steal_pointer (&channels);
  }
  parts = g_strsplit (text, ",", -1);
  for (char **part = parts; *part != NULL; part++)
    if (!add_range (channels, g_strstrip (*part), n, error))
      return NULL;
  if (channels->len > 65536) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%u filters are too many for a figure."),
                 channels->len);
    return NULL;
  }
  return g_steal_pointer (&channels);
}

static CnnGallery *
compute_gallery (Making *making, guint layer, GError **error)
{
  const char *text = making->recipe->inputs;
  int inputs = CNN_GALLERY_SUITED;

  if (making->recipe->kind != CNN_FIGURE_KERNELS)
    return cnn_gallery_compute (making->session, layer, FALSE, making->cancellable, error);
  if (text != NULL && !cnn_gallery_parse_inputs (text, &inputs)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no input channel, nor mean or norm."),
                 text);
    return NULL;
  }
  return cnn_gallery_new_kernels (making->model, layer, inputs, error);
}

static CnnFigure *
new_gallery_page (Making *making, CnnGallery *gallery, const CnnMapStyle *style, const GArray *channels,
                  guint first, guint n, guint columns)
{
  gboolean kernels = making->recipe->kind == CNN_FIGURE_KERNELS;
  g_autofree char *title =
      g_strdup_printf (kernels ? _ ("Kernels of %s") : _ ("Activations of %s"), gallery->layer);
  CnnFigure *figure = cnn_figure_new (title);

  cnn_figure_describe_gallery (figure, making->session, gallery, style->own_range);
  if (columns > 0)
    cnn_figure_add_channels (figure, NULL, gallery, style, &g_array_index (channels, guint, first), n,
                             columns);
  else
    cnn_figure_add_channels (figure, NULL, gallery, style, (const guint *)(gpointer)channels->data,
                             channels->len, 0);
  return figure;
}

/* Pages of up to 16 x 16 cells that can be told apart. */
static gboolean
make_gallery (Making *making, GError **error)
{
  CnnMapStyle style = { .opacity = 1, .colormap = making->style.colormap };
  guint columns = (guint)CLAMP (making->recipe->width_mm / 10, 4, 16);
  g_autoptr (CnnGallery) gallery = NULL;
  g_autoptr (GArray) channels = NULL;
  guint each = columns * 16;
  int layer;

  if (!find_layer (making->model, making->saved->layer, &layer, error))
    return FALSE;
  if (layer < 0) {
    g_set_error_literal (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("No layer was chosen to show."));
    return FALSE;
  }
  gallery = compute_gallery (making, (guint)layer, error);
  channels = gallery != NULL ? parse_channels (making->recipe->channels, gallery->n, error) : NULL;
  if (channels == NULL)
    return FALSE;
  if (making->recipe->shared) {
    style.own_range = TRUE;
    cnn_gallery_get_range (gallery, &style.low, &style.high);
  }
  if (!making->paged || channels->len <= each) {
    take_page (making, new_gallery_page (making, gallery, &style, channels, 0, channels->len, 0));
    return TRUE;
  }
  for (guint first = 0; first < channels->len; first += each)
    take_page (making, new_gallery_page (making, gallery, &style, channels, first,
                                         MIN (each, channels->len - first), columns));
  return TRUE;
}

/* the architecture */

static CnnFigure *
new_table_page (Making *making, const GPtrArray *cells, guint n_columns, guint first, guint n)
{
  const char *const header[] = { _ ("Layer"), _ ("Type"), _ ("Output shape"), _ ("Parameters"),
                                 _ ("Connected to") };
  g_autofree char *title = g_strdup_printf (_ ("Architecture of %s"), cnn_model_get_name (making->model));
  g_autoptr (GPtrArray) part = g_ptr_array_new ();
  /* a narrow page has no room for what a layer is connected to */
  guint shown = making->recipe->width_mm < NARROW_MM ? MIN (n_columns, 4) : n_columns;
  CnnFigure *figure = cnn_figure_new (title);

  for (guint i = first * n_columns; i < (first + n) * n_columns; i++)
    if (i % n_columns < shown)
      g_ptr_array_add (part, cells->pdata[i]);
  /* the last page has the sums */
  cnn_figure_add_table (figure, header, shown, 3, 1, part,
                        (first + n) * n_columns == cells->len ? MIN (n, CNN_SUMMARY_SUMS) : 0);
  cnn_figure_describe_model (figure, making->session);
  return figure;
}

/* Pages of as much of @all as each holds, whole rows of @row. @most: of a page; @make: that of @n from @first
 * on. */
static void
make_long (Making *making, guint all, guint row, guint most,
           CnnFigure *(*make) (Making *making, gpointer data, guint first, guint n), gpointer data)
{
  guint first = 0;

  do {
    guint n = making->paged ? MIN (all - first, most) : all - first;
    CnnFigure *figure = make (making, data, first, n);
    double height;

    while (making->paged && n > row &&
           (height = cnn_figure_get_height (figure, making->recipe->width_mm, making->recipe->dpi)) >
               PAGE_HEIGHT_MM) {
      guint fits = MIN ((guint)(n * PAGE_HEIGHT_MM / height), n - 1);

      n = MAX (fits / row * row, row);
      cnn_figure_free (figure);
      figure = make (making, data, first, n);
    }
    take_page (making, figure);
    first += n;
  } while (first < all);
}

typedef struct {
  GPtrArray *cells;
  guint n_columns;
} Cells;

static CnnFigure *
new_rows (Making *making, gpointer data, guint first, guint n)
{
  const Cells *table = data;

  return new_table_page (making, table->cells, table->n_columns, first, n);
}

static void
make_table (Making *making)
{
  guint n_columns;
  g_autoptr (GPtrArray) cells = cnn_summary_cells (making->model, &n_columns);
  Cells table = { cells, n_columns };

  make_long (making, cells->len / n_columns, 1, TABLE_ROWS, new_rows, &table);
}

static CnnFigure *
new_diagram_page (Making *making, CnnDiagram *diagram, int page)
{
  g_autofree char *title = g_strdup_printf (_ ("Architecture of %s"), cnn_model_get_name (making->model));
  CnnFigure *figure = cnn_figure_new (title);

  cnn_figure_add_diagram (figure, diagram, page);
  cnn_figure_describe_model (figure, making->session);
  return figure;
}

static gboolean
make_diagram (Making *making, GError **error)
{
  double width = making->recipe->width_mm * CNN_POINTS_PER_MM - 2 * CNN_MARGIN;
  g_autoptr (CnnDiagram) diagram = NULL;

  if (cnn_model_get_n_layers (making->model) == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("%s has no layers to draw."),
                 cnn_model_get_name (making->model));
    return FALSE;
  }
  diagram = cnn_diagram_new_for_page (making->model, width, PAGE_HEIGHT_MM * CNN_POINTS_PER_MM - TEXT_HEIGHT);
  if (!making->paged && cnn_diagram_get_n_pages (diagram) > MOST_BANDS) {
    cnn_diagram_unref (diagram);
    diagram = cnn_diagram_new (making->model);
  }
  if (!making->paged || cnn_diagram_get_n_pages (diagram) == 1) {
    take_page (making, new_diagram_page (making, diagram, -1));
    return TRUE;
  }
  for (guint i = 0; i < cnn_diagram_get_n_pages (diagram); i++)
    take_page (making, new_diagram_page (making, diagram, (int)i));
  return TRUE;
}

/* generated pictures */

static CnnMaximized *
climb (Making *making, GError **error)
{
  const CnnMethod *method = cnn_method_find ("maximize");
  gboolean filters = g_strcmp0 (making->recipe->columns, "filters") == 0;
  const char *text = making->recipe->classes != NULL ? making->recipe->classes : "all";
  g_autoptr (CnnMaximizer) maximizer = NULL;
  g_autoptr (GArray) targets = NULL;
  CnnMethodRequest request;
  gboolean good = cnn_figure_recipe_fill_request (making->recipe, method, making->model, &request, error);
  int layer = -1;

  if (good && filters)
    good = find_layer (making->model, making->saved->layer, &layer, error);
  request.layer = layer;
  targets = good ? cnn_maximize_parse_targets (making->model, layer, text, error) : NULL;
  if (targets != NULL)
    maximizer = cnn_maximizer_new (making->session, &request, (const guint *)(gpointer)targets->data,
                                   targets->len, error);
  cnn_method_request_clear (&request);
  good = maximizer != NULL;
  while (good && !cnn_maximizer_is_done (maximizer)) {
    good = cnn_maximizer_step (maximizer, making->cancellable, error);
    if (making->known != NULL && making->known->progress != NULL)
      making->known->progress (cnn_maximizer_get_progress (maximizer), NULL, making->known->progress_data);
  }
  return good ? cnn_maximizer_snapshot (maximizer) : NULL;
}

static CnnFigure *
new_pictures (Making *making, gpointer maximized, guint first, guint n)
{
  return cnn_figure_new_maximized (maximized, first, n);
}

static gboolean
make_maximized (Making *making, GError **error)
{
  CnnMaximized *known = making->known != NULL ? making->known->maximized : NULL;
  g_autoptr (CnnMaximized) maximized = known != NULL ? cnn_maximized_ref (known) : climb (making, error);

  if (maximized == NULL)
    return FALSE;
  make_long (making, maximized->n, cnn_figure_maximized_columns (maximized), MOST_PICTURES, new_pictures,
             maximized);
  return TRUE;
}

/* all */

static gboolean
make_pages (Making *making, GError **error)
{
  switch (making->recipe->kind) {
  case CNN_FIGURE_COMPARE:
  case CNN_FIGURE_METHODS:
    return make_grid (making, error);
  case CNN_FIGURE_ACTIVATIONS:
  case CNN_FIGURE_KERNELS:
    return make_gallery (making, error);
  case CNN_FIGURE_MAXIMIZED:
    return make_maximized (making, error);
  case CNN_FIGURE_TABLE:
    make_table (making);
    return TRUE;
  case CNN_FIGURE_DIAGRAM:
    return make_diagram (making, error);
  case CNN_FIGURE_PREDICTION:
    return make_prediction (making, error);
  case CNN_FIGURE_CANVAS:
  case CNN_FIGURE_STRIP:
  case CNN_FIGURE_OCCLUSION:
  default:
    return make_explained (making, error);
  }
}

/* The texts and the page that the recipe asks for. */
static void
finish_page (const CnnFigureRecipe *recipe, CnnFigure *figure, guint number, guint n)
{
  g_autofree char *json = cnn_figure_recipe_to_json (recipe);

  if (recipe->title != NULL)
    cnn_figure_set_title (figure, recipe->title);
  if (recipe->caption != NULL)
    cnn_figure_set_caption (figure, recipe->caption);
  cnn_figure_set_page (figure, number, n);
  cnn_figure_set_dark (figure, recipe->dark);
  /* letters that begin anew on each page would name nothing */
  cnn_figure_set_letters (figure, !recipe->no_letters && n == 1);
  cnn_figure_add_metadata (figure, CNN_METADATA_SESSION, json);
}

GPtrArray *
cnn_figure_recipe_make (const CnnFigureRecipe *self, CnnSession *session, const CnnFigureKnown *known,
                        gboolean paged, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_figure_free);
  const char *colormap = self->session->colormap;
  Making making = {
    .recipe = self,
    .saved = self->session,
    .session = session,
    .model = cnn_engine_get_model (session->engine),
    .known = known,
    .paged = paged,
    .cancellable = cancellable,
    .pages = pages,
    .style = { .opacity = self->session->opacity,
               .colormap = colormap != NULL ? cnn_colormap_find (colormap) : NULL,
               .own_range = self->own_range,
               .low = (float)self->low,
               .high = (float)self->high },
  };

  if (!make_pages (&making, error))
    return NULL;
  for (guint i = 0; i < pages->len; i++)
    finish_page (self, pages->pdata[i], i + 1, pages->len);
  return g_steal_pointer (&pages);
}

gboolean
cnn_figure_path_is_paged (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return strstr (path, "{page}") != NULL || g_str_has_suffix (lower, ".pdf");
}
