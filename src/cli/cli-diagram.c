/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The architecture as a picture. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>

gboolean
cli_write_architecture (const CliOptions *options, CnnModel *model, CnnFigureKind kind, GError **error)
{
  g_autoptr (CnnSession) session = cnn_session_new (model);
  g_autoptr (CnnFigureRecipe) recipe = cli_recipe_new (options, kind, session, NULL);

  return cli_recipe_write (recipe, session, NULL, options->figure, options->provenance, error);
}

CliStatus
cli_diagram (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;

  if (!cli_options_parse (&options, NULL, "MODEL", argc, argv))
    return CLI_USAGE;
  if (!cli_options_refuse (&options, argv[0], TRUE, FALSE))
    return CLI_USAGE;
  if (options.figure == NULL || options.rest[1] != NULL)
    return cli_usage (_ ("“diagram” takes one MODEL and -o FIG"));
  model = cli_read_model (&options, &error);
  if (model == NULL)
    return cli_fail (error);
  return cli_write_architecture (&options, model, CNN_FIGURE_DIAGRAM, &error) ? CLI_DONE : cli_fail (error);
}
