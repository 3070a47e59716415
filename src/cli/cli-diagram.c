/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The architecture as a picture. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "figure/cnn-diagram.h"

#include <glib/gi18n.h>

CliStatus
cli_diagram (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnDiagram) diagram = NULL;

  if (!cli_options_parse (&options, NULL, "MODEL", argc, argv))
    return CLI_USAGE;
  if (!cli_options_refuse (&options, argv[0], TRUE, FALSE))
    return CLI_USAGE;
  if (options.figure == NULL || options.rest[1] != NULL)
    return cli_usage (_ ("“diagram” takes one MODEL and -o FIG"));
  model = cli_read_model (&options, &error);
  if (model == NULL)
    return cli_fail (error);
  diagram = cnn_diagram_new (model);
  return cnn_diagram_write (diagram, options.figure, &error) ? CLI_DONE : cli_fail (error);
}
