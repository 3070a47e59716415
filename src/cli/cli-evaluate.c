/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the network gets wrong. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "methods/evaluation/cnn-evaluate.h"

#include <glib/gi18n.h>

static void
print_classes (const CnnEvaluation *evaluation)
{
  g_print ("%s\n", _ ("Right, by class:"));
  for (guint i = 0; i < cnn_model_get_n_classes (evaluation->model); i++)
    if (evaluation->class_total[i] > 0)
      g_print ("  %-24s %6u / %u\n", cnn_truth_get_name (evaluation->truth, evaluation->model, (int)i),
               evaluation->class_right[i], evaluation->class_total[i]);
}

static void
print_mistakes (const CnnEvaluation *evaluation, guint top)
{
  g_autoptr (GArray) list = cnn_evaluation_list (evaluation, CNN_SHOW_MISTAKES, CNN_SORT_CONFIDENCE, -1);
  char number[G_ASCII_DTOSTR_BUF_SIZE], second[G_ASCII_DTOSTR_BUF_SIZE];

  if (list->len > 0)
    g_print ("%s\n", _ ("Mistakes, the most confident first:"));
  for (guint i = 0; i < MIN (list->len, top); i++) {
    const CnnJudgement *judgement =
        &g_array_index (evaluation->judgements, CnnJudgement, g_array_index (list, guint, i));
    const CnnTruthItem *item = evaluation->truth->items->pdata[judgement->item];

    g_print ("  %8s %%  %s -> %s (%s %%)  %s\n", cli_number (number, "%.3f", 100.0 * judgement->confidence),
             cnn_truth_get_name (evaluation->truth, evaluation->model, judgement->truth),
             cnn_truth_get_name (evaluation->truth, evaluation->model, judgement->predicted),
             cli_number (second, "%.3f", 100.0 * judgement->truth_probability), item->path);
  }
  if (list->len > top)
    g_print (_ ("  and %u more; --top shows them\n"), list->len - top);
}

static void
print_text (const CnnEvaluation *evaluation, guint top)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_print (_ ("%u of %u right: %s %%\n"), evaluation->n_right, evaluation->n_right + evaluation->n_wrong,
           cli_number (number, "%.2f", 100 * cnn_evaluation_get_accuracy (evaluation)));
  if (evaluation->n_failed > 0)
    g_print (_ ("%u pictures could not be read\n"), evaluation->n_failed);
  print_classes (evaluation);
  print_mistakes (evaluation, top);
}

CliStatus
cli_evaluate (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  gboolean json = FALSE, csv = FALSE;
  int top = 20;
  const GOptionEntry own[] = {
    { "top", 0, 0, G_OPTION_ARG_INT, &top, N_ ("How many mistakes to show"), N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("As JSON"), NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, N_ ("As CSV, a line for each picture"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (CnnTruth) truth = NULL;
  g_autoptr (CnnEvaluation) evaluation = NULL;

  if (!cli_options_parse (&options, own, "MODEL FOLDER|TABLE", argc, argv))
    return CLI_USAGE;
  if (options.rest[1] == NULL || options.rest[2] != NULL)
    return cli_usage (
        _ ("“evaluate” takes a MODEL and a folder of class folders or a table of files and labels"));
  if (top < 0 || (json && csv))
    return cli_usage (_ ("“evaluate” takes --top N from 0, and one of --json and --csv"));
  model = cli_read_model (&options, &error);
  session = model != NULL ? cli_session_new (&options, model, &error) : NULL;
  truth = session != NULL && cnn_evaluate_check (model, &error)
              ? cnn_truth_read (options.rest[1], model, NULL, &error)
              : NULL;
  evaluation = truth != NULL ? cnn_evaluate (session, truth, NULL, NULL, NULL, &error) : NULL;
  if (evaluation == NULL)
    return cli_fail (error);
  for (guint i = 0; i < truth->notes->len; i++)
    cli_say (truth->notes->pdata[i]);
  if (json || csv) {
    g_autofree char *text = json ? cnn_evaluation_to_json (evaluation) : cnn_evaluation_to_csv (evaluation);

    g_print ("%s%s", text, json ? "\n" : "");
  } else {
    print_text (evaluation, (guint)top);
  }
  return CLI_DONE;
}
