/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "engine/cnn-threads.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

static const CliCommand commands[] = {
  { "summary", "MODEL [--json|--csv] [-o FIG]", cli_summary },
  { "diagram", "MODEL -o FIG", cli_diagram },
  { "predict", "MODEL INPUT… [--top N] [--json] [--npy OUT] [-o FIG] [--occluder X,Y,W,H]", cli_predict },
  { "evaluate", "MODEL FOLDER|TABLE [--top N] [--json|--csv]", cli_evaluate },
  { "filters",
    "MODEL --layer L [--input-channel N|mean|norm] [--scale each|layer] [--channels N,N-N,…] [--csv|--json] [-o FIG] "
    "[--npy OUT]",
    cli_filters },
  { "activations", "MODEL INPUT… --layer L [--scale each|layer] [--channels N,N-N,…] [--csv|--json] [-o FIG] [--npy OUT]",
    cli_activations },
  { "maximize",
    "MODEL [INPUT] (--class C,…|all | --layer L --filter N,…|all) [--iterations N] [--seed N] [--range "
    "LO,HI] "
    "[--start noise|mean|image] [--tv W] [--lp W] [--jitter N] [--decay SHARE] [--against] [-o FIG] [--npy OUT]",
    cli_maximize },
  { "compare",
    "MODEL INPUT… --method METHOD[,METHOD…] [--modifiers M,…] [--classes all|C,C,…] [--shared-scale] [--overlay] [-o FIG] [--npy OUT]",
    cli_compare },
  { "remake", "FIG -o NEW [--npy OUT]", cli_remake },
  { "bench", "MODEL [INPUT] [--json] [--runs N] [--threads N]", cli_bench },
};

static void
print_usage (void)
{
  g_print ("%s\n", _ ("Usage:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  cnn-viz-cli %s %s\n", commands[i].name, commands[i].arguments);
  for (const CnnMethod *const *method = cnn_methods_list (); *method != NULL; method++) {
    if (strcmp ((*method)->name, "maximize") == 0)
      continue;
    g_print ("  cnn-viz-cli %s MODEL INPUT… [--class C]%s%s [-o FIG] [--npy OUT]\n", (*method)->name,
             (*method)->uses_modifier ? " [--modifier M|--strip]" : "",
             (*method)->uses_layer ? " [--layer L]" : "");
  }
  g_print ("%s\n",
           _ ("With several INPUTs the names of FIG and OUT hold {name} (the input's), {index} or {class}."));
  g_print ("%s\n", _ ("“cnn-viz-cli COMMAND --help” lists a command's options."));
}

int
main (int argc, char **argv)
{
  cnn_threads_restart (argv);
  /* a file that grows too large is an error to be told, not an end without a word */
  signal (SIGXFSZ, SIG_IGN);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, CNN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("cnn-viz-cli");

  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)) {
    print_usage ();
    return CLI_DONE;
  }
  if (argc >= 2 && strcmp (argv[1], "--version") == 0) {
    g_print ("cnn-viz-cli %s\n", CNN_VERSION);
    return CLI_DONE;
  }
  if (argc < 2)
    return cli_usage (_ ("no command was given: see cnn-viz-cli --help"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 1, argv + 1);
  if (cnn_method_find (argv[1]) != NULL)
    return cli_explain (argc - 1, argv + 1);
  return cli_usage (_ ("there is no command “%s”: see cnn-viz-cli --help"), argv[1]);
}
