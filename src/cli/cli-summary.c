/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>

CliStatus
cli_summary (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  gboolean json = FALSE, csv = FALSE;
  const GOptionEntry own[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("As JSON"), NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, N_ ("As CSV"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autofree char *text = NULL;

  if (!cli_options_parse (&options, own, "MODEL", argc, argv))
    return CLI_USAGE;
  if (!cli_options_refuse (&options, argv[0], TRUE, FALSE))
    return CLI_USAGE;
  if (options.rest[1] != NULL)
    return cli_usage (_ ("“summary” takes one MODEL"));
  model = cli_read_model (&options, &error);
  if (model == NULL)
    return cli_fail (error);
  if (options.figure != NULL && !cli_write_architecture (&options, model, CNN_FIGURE_TABLE, &error))
    return cli_fail (error);
  text = json ? cnn_summary_json (model) : csv ? cnn_summary_csv (model) : cnn_summary_text (model);
  g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
  if (cnn_model_get_unsupported (model) != NULL)
    g_printerr ("cnn-viz-cli: %s\n", cnn_model_get_unsupported (model));
  return CLI_DONE;
}
