/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of classes and modifiers as a figure. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "figure/cnn-figure-kinds.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

/* More classes than these are only drawn when they are named. */
#define MOST_CLASSES 20

static GArray *
choose_classes (CnnSession *session, const char *text, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (GArray) classes = g_array_new (FALSE, FALSE, sizeof (int));
  g_auto (GStrv) names = NULL;

  if (text == NULL || strcmp (text, "all") == 0) {
    g_autoptr (CnnPrediction) prediction = cnn_predict (session, NULL, error);
    gboolean all = cnn_model_get_n_classes (model) <= MOST_CLASSES;

    if (prediction == NULL)
      return NULL;
    for (guint i = 0; i < MIN (prediction->n, MOST_CLASSES); i++) {
      int class_index = all ? (int)i : prediction->entries[i].class_index;

      g_array_append_val (classes, class_index);
    }
    return g_steal_pointer (&classes);
  }
  names = g_strsplit (text, ",", -1);
  for (char **name = names; *name != NULL; name++) {
    int class_index = cli_find_class (model, g_strstrip (*name), error);

    if (class_index < 0)
      return NULL;
    g_array_append_val (classes, class_index);
  }
  return g_steal_pointer (&classes);
}

static gboolean
add_row (CnnFigure *figure, GPtrArray *maps, CnnSession *session, const CnnMethod *method, int class_index,
         GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  CnnMapStyle style = { .opacity = 0.6 };

  cnn_figure_add_image (figure, cnn_model_get_label (model, (guint)class_index), session->fitted);
  for (guint m = 0; m < CNN_N_MODIFIERS; m++) {
    CnnMap *map;
    CnnMethodRequest request;

    cnn_method_request_init (&request, method);
    request.class_index = class_index;
    request.modifier = m;
    map = cnn_method_compute (method, session, &request, NULL, error);
    cnn_method_request_clear (&request);
    if (map == NULL)
      return FALSE;
    g_ptr_array_add (maps, map);
    cnn_figure_add_map (figure, cnn_modifier_name (m), map, session->fitted, &style);
  }
  cnn_figure_new_row (figure);
  return TRUE;
}

static CliStatus
compare (const CliOptions *options, const CnnMethod *method, const char *classes_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnSession) session = cli_open (options, &error);
  g_autoptr (GArray) classes = session != NULL ? choose_classes (session, classes_text, &error) : NULL;
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_map_unref);
  g_autoptr (CnnFigure) figure = NULL;
  g_autofree char *caption = NULL;

  if (classes == NULL)
    return cli_fail (error);
  figure = cnn_figure_new (_ (method->title));
  caption = g_strdup_printf ("%s, %s", cnn_model_get_name (cnn_engine_get_model (session->engine)),
                             session->input_name);
  cnn_figure_set_caption (figure, caption);
  for (guint i = 0; i < classes->len; i++)
    if (!add_row (figure, maps, session, method, g_array_index (classes, int, i), &error))
      return cli_fail (error);
  cnn_figure_add_provenance (figure, (CnnMap *const *)maps->pdata, maps->len);
  if (!cnn_figure_write (figure, options->figure, CLI_FIGURE_MM, CLI_FIGURE_DPI, &error))
    return cli_fail (error);
  return CLI_DONE;
}

CliStatus
cli_compare (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_autofree char *method_name = NULL, *classes = NULL;
  const GOptionEntry own[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &method_name, N_ ("saliency or grad-cam"), N_ ("METHOD") },
    { "classes", 0, 0, G_OPTION_ARG_STRING, &classes, N_ ("Classes, or all"), N_ ("C,C,…") },
    G_OPTION_ENTRY_NULL,
  };
  const CnnMethod *method;

  if (!cli_options_parse (&options, own, "MODEL INPUT", argc, argv))
    return CLI_USAGE;
  method = cnn_method_find (method_name != NULL ? method_name : "saliency");
  if (options.rest[1] == NULL || options.rest[2] != NULL || options.figure == NULL)
    return cli_usage (_ ("“compare” takes a MODEL, one INPUT and -o FIG"));
  if (method == NULL || !method->uses_class || !method->uses_modifier)
    return cli_usage (_ ("“%s” is no method to compare"), method_name);
  return compare (&options, method, classes);
}
