/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure once more, from what it tells about itself. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "formats/cnn-file-hash.h"
#include "image/cnn-npy.h"

#include <glib/gi18n.h>

/* The options that would open the same. */
static void
fill_options (const CnnFigureRecipe *recipe, CliOptions *options)
{
  const CnnSavedSession *saved = recipe->session;

  options->rest = g_new0 (char *, 3);
  options->rest[0] = g_strdup (saved->model);
  options->rest[1] = g_strdup (saved->image);
  options->preprocess = g_strdup (saved->preprocess);
  options->fit = g_strdup (saved->fit);
  options->setup.labels = g_strdup (saved->labels);
  options->setup.output = g_strdup (saved->output);
  options->setup.size = g_strdup (saved->input_size);
  options->setup.inputs = g_strdup (saved->inputs);
  options->rotate = g_strdup (saved->rotate);
}

/* Warns where a file is another one by now. */
static void
compare_hash (const char *path, const char *hash)
{
  g_autofree char *now = path != NULL && hash != NULL ? cnn_file_hash (path, NULL, NULL) : NULL;

  if (now != NULL && !g_str_equal (now, hash)) {
    g_autofree char *text = g_strdup_printf (_ ("%s has changed since the figure was made."), path);

    cli_say (text);
  }
}

static CnnSession *
open_session (const CliOptions *made, GError **error)
{
  g_autoptr (CnnModel) model = NULL;

  if (made->rest[1] != NULL)
    return cli_open (made, error);
  model = cli_read_model (made, error);
  return model != NULL ? cli_session_new (made, model, error) : NULL;
}

/* The numbers of the map, of the kinds that show one. */
static CnnMap *
compute_map (const CnnFigureRecipe *recipe, CnnSession *session, GError **error)
{
  const char *name = recipe->kind == CNN_FIGURE_OCCLUSION ? "occlusion" : recipe->session->method;
  const CnnMethod *method = name != NULL ? cnn_method_find (name) : NULL;
  CnnMap *map = NULL;
  CnnMethodRequest request;

  if (method == NULL || recipe->kind > CNN_FIGURE_OCCLUSION || recipe->kind == CNN_FIGURE_COMPARE ||
      recipe->kind == CNN_FIGURE_METHODS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("The figure shows no single map that --npy could write."));
    return NULL;
  }
  if (cnn_figure_recipe_fill_request (recipe, method, cnn_engine_get_model (session->engine), &request,
                                      error))
    map = cnn_method_compute (method, session, &request, NULL, error);
  cnn_method_request_clear (&request);
  return map;
}

static gboolean
remake (const CliOptions *options, const CnnFigureRecipe *recipe, CnnSession *session, GError **error)
{
  g_autoptr (CnnMap) map = NULL;
  CnnFigureKnown known = { 0 };

  if (options->npy != NULL) {
    map = compute_map (recipe, session, error);
    if (map == NULL ||
        !cnn_npy_write (options->npy, (gint64[]){ map->height, map->width }, 2, map->values, error))
      return FALSE;
    known.map = map;
  }
  return options->figure == NULL ||
         cli_recipe_write (recipe, session, &known, options->figure, options->provenance, error);
}

CliStatus
cli_remake (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 }, made = { 0 };
  g_autoptr (CnnFigureRecipe) recipe = NULL;
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (GError) error = NULL;

  if (!cli_options_parse (&options, NULL, "FIG", argc, argv))
    return CLI_USAGE;
  if (options.rest[1] != NULL || (options.figure == NULL && options.npy == NULL))
    return cli_usage (_ ("“remake” takes one FIG, and -o NEW or --npy OUT"));
  recipe = cnn_figure_recipe_read (options.rest[0], &error);
  if (recipe == NULL)
    return cli_fail (error);
  if (recipe->session->model == NULL)
    return cli_usage (_ ("“%s” does not say which network it shows"), options.rest[0]);
  cli_page_apply (&options, recipe);
  compare_hash (recipe->session->model, recipe->session->model_hash);
  compare_hash (recipe->session->image, recipe->session->image_hash);
  fill_options (recipe, &made);
  session = open_session (&made, &error);
  if (session == NULL || !remake (&options, recipe, session, &error))
    return cli_fail (error);
  return CLI_DONE;
}
