/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures: the options that are about the page, and recipes of what the commands draw. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "formats/cnn-file-hash.h"

#include <glib/gi18n.h>
#include <string.h>

void
cli_page_add_entries (CliOptions *options, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "figure-width", 0, 0, G_OPTION_ARG_DOUBLE, &options->width_mm,
      N_ ("Width of the page: 85 for a column, 174 for a page"), N_ ("MM") },
    { "dpi", 0, 0, G_OPTION_ARG_DOUBLE, &options->dpi, N_ ("Pixels to an inch of a PNG"), N_ ("N") },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &options->theme, N_ ("page (dark on white) or dark"), N_ ("T") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &options->title, N_ ("Instead of the figure's own; \"\": none"),
      N_ ("TEXT") },
    { "caption", 0, 0, G_OPTION_ARG_STRING, &options->caption, N_ ("Instead of the figure's own; \"\": none"),
      N_ ("TEXT") },
    { "no-letters", 0, 0, G_OPTION_ARG_NONE, &options->no_letters, N_ ("No (a), (b), (c)"), NULL },
    { "colormap", 0, 0, G_OPTION_ARG_STRING, &options->colormap, N_ ("Colours of maps"), N_ ("NAME") },
    { "opacity", 0, 0, G_OPTION_ARG_DOUBLE, &options->opacity, N_ ("Of maps over the picture, 0 to 1"),
      N_ ("X") },
    { "map-range", 0, 0, G_OPTION_ARG_STRING, &options->map_range,
      N_ ("Numbers at the ends of the colours, instead of the map's own"), N_ ("LO,HI") },
    { "provenance", 0, 0, G_OPTION_ARG_NONE, &options->provenance,
      N_ ("Write how the figure was made beside it, as FIG.json"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  GOptionGroup *group = g_option_group_new ("page", _ ("The page of a figure:"),
                                            _ ("Show the options of a figure's page"), NULL, NULL);

  options->opacity = -1;
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_group_add_entries (group, entries);
  g_option_context_add_group (context, group);
}

static gboolean
parse_range (const char *text, double *low, double *high)
{
  char *end = NULL, *last = NULL;

  *low = g_ascii_strtod (text, &end);
  *high = *end == ',' ? g_ascii_strtod (end + 1, &last) : *low;
  return end != text && last != NULL && last != end + 1 && *last == '\0' && *low < *high &&
         *high - *low < 1e38;
}

/* The names of the colour maps, one beside the other. (transfer full) */
static char *
list_colormaps (void)
{
  GString *names = g_string_new (NULL);

  for (const CnnColormap *const *map = cnn_colormaps_list (); *map != NULL; map++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? "|" : "", (*map)->name);
  return g_string_free (names, FALSE);
}

static gboolean
refuse_number (const char *option, double value, const char *allowed)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  return cli_refuse_value (option, cli_number (text, "%.10g", value), allowed);
}

gboolean
cli_page_check (const CliOptions *options)
{
  g_autofree char *colormaps = list_colormaps ();
  double low, high;

  if (options->theme != NULL && !g_str_equal (options->theme, "page") &&
      !g_str_equal (options->theme, "dark"))
    return cli_refuse_value ("theme", options->theme, "page|dark");
  if (options->colormap != NULL && cnn_colormap_find (options->colormap) == NULL)
    return cli_refuse_value ("colormap", options->colormap, colormaps);
  if (options->map_range != NULL && !parse_range (options->map_range, &low, &high))
    return cli_refuse_value ("map-range", options->map_range, "LO,HI");
  if (!(options->width_mm >= 20 && options->width_mm <= 2000) &&
      (options->width_mm < 0 || options->width_mm > 0))
    return refuse_number ("figure-width", options->width_mm, "20…2000 mm");
  if (!(options->dpi >= 30 && options->dpi <= 2400) && (options->dpi < 0 || options->dpi > 0))
    return refuse_number ("dpi", options->dpi, "30…2400");
  if (options->opacity > 1 || (options->opacity < 0 && options->opacity > -1) || options->opacity < -1)
    return refuse_number ("opacity", options->opacity, "0…1");
  if (options->provenance && options->figure == NULL) {
    cli_usage (_ ("%s needs -o FIG"), "--provenance");
    return FALSE;
  }
  return TRUE;
}

static void
set (char **text, const char *value)
{
  if (value == NULL)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

void
cli_page_apply (const CliOptions *options, CnnFigureRecipe *recipe)
{
  if (options->width_mm > 0)
    recipe->width_mm = options->width_mm;
  if (options->dpi > 0)
    recipe->dpi = options->dpi;
  if (options->opacity >= 0)
    recipe->session->opacity = options->opacity;
  if (options->theme != NULL)
    recipe->dark = g_str_equal (options->theme, "dark");
  recipe->no_letters = recipe->no_letters || options->no_letters;
  set (&recipe->title, options->title);
  set (&recipe->caption, options->caption);
  set (&recipe->session->colormap, options->colormap);
  if (options->map_range != NULL)
    recipe->own_range = parse_range (options->map_range, &recipe->low, &recipe->high);
}

CnnFigureRecipe *
cli_recipe_new (const CliOptions *options, CnnFigureKind kind, CnnSession *session, const char *input)
{
  CnnFigureRecipe *recipe = cnn_figure_recipe_new (kind, NULL);
  CnnSavedSession *saved = recipe->session;

  saved->model = g_strdup (options->rest[0]);
  saved->model_hash = g_strdup (cnn_model_get_hash (cnn_engine_get_model (session->engine)));
  saved->image = g_strdup (input);
  saved->image_hash = input != NULL ? cnn_file_hash (input, NULL, NULL) : NULL;
  /* an array is fed as it is */
  if (session->has_range)
    saved->preprocess = cnn_preprocess_to_string (&session->preprocess);
  saved->fit = g_strdup (cnn_fit_name (session->preprocess.fit));
  saved->invert = session->preprocess.invert;
  set (&saved->labels, options->setup.labels);
  set (&saved->output, options->setup.output);
  g_free (saved->input_size);
  saved->input_size = cnn_model_size_in_use (cnn_engine_get_model (session->engine), options->setup.size);
  set (&saved->inputs, options->setup.inputs);
  set (&saved->rotate, options->rotate);
  cli_page_apply (options, recipe);
  return recipe;
}

void
cli_recipe_set_request (CnnFigureRecipe *recipe, CnnModel *model, const CnnMethod *method,
                        const CnnMethodRequest *request)
{
  CnnSavedSession *saved = recipe->session;
  const char *layer = request->layer >= 0 ? cnn_model_get_layer (model, (guint)request->layer)->name : NULL;

  saved->method = g_strdup (method->name);
  saved->modifier = g_strdup (cnn_modifier_name (request->modifier));
  saved->class_index = request->class_index;
  if (method->uses_filter) {
    saved->layer = g_strdup (layer);
    saved->filter = request->filter;
  } else {
    saved->target_layer = g_strdup (layer);
  }
  cnn_saved_session_add_request (saved, method, request);
}

gboolean
cli_recipe_write (const CnnFigureRecipe *recipe, CnnSession *session, const CnnFigureKnown *known,
                  const char *path, gboolean provenance, GError **error)
{
  g_autoptr (GPtrArray) pages =
      cnn_figure_recipe_make (recipe, session, known, cnn_figure_path_is_paged (path), NULL, error);

  return pages != NULL && cnn_figures_write (pages, path, recipe->width_mm, recipe->dpi, error) &&
         (!provenance || cnn_figure_write_provenance (pages->pdata[0], path, error));
}
