/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs that raise classes or filters. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "methods/maximize/cnn-maximize.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* The terminal hears of the progress so often. */
#define TELL_EVERY_US 200000

#define MAX_PARAMS G_N_ELEMENTS (((CnnMethodRequest *)NULL)->values)

typedef struct {
  char *classes, *layer, *filters, *modifier, *range;
  char *params[MAX_PARAMS]; /* as the method declares them */
  gboolean flags[MAX_PARAMS];
  char *values[MAX_PARAMS]; /* what may stand there, for --help */
} Maximize;

static void
maximize_clear (Maximize *self)
{
  g_free (self->classes);
  g_free (self->layer);
  g_free (self->filters);
  g_free (self->modifier);
  g_free (self->range);
  for (guint i = 0; i < MAX_PARAMS; i++) {
    g_free (self->params[i]);
    g_free (self->values[i]);
  }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maximize, maximize_clear)

/* "LO,HI" as the scaling that takes bytes there. */
static gboolean
parse_range (const char *text, CnnPreprocess *preprocess, GError **error)
{
  char *end, *last;
  double low = g_ascii_strtod (text, &end), high = *end == ',' ? g_ascii_strtod (end + 1, &last) : low;

  if (end == text || *end != ',' || last == end + 1 || *last != '\0' || !(high > low) || high - low > 1e30) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no range like 0,255"), text);
    return FALSE;
  }
  cnn_preprocess_init (preprocess, CNN_PREPROCESS_UNKNOWN);
  preprocess->scale = (high - low) / 255;
  for (guint c = 0; c < 4; c++) {
    preprocess->mean[c] = -low;
    preprocess->std[c] = 1;
  }
  return TRUE;
}

/* With the picture that is to start from, if there is one. */
static CnnSession *
open_session (const CliOptions *options, const Maximize *self, GError **error)
{
  g_autoptr (CnnModel) model = options->rest[1] == NULL ? cli_read_model (options, error) : NULL;
  g_autoptr (CnnSession) session = NULL;
  CnnPreprocess preprocess;

  if (options->rest[1] != NULL)
    session = cli_open (options, error);
  else if (model != NULL)
    session = cli_session_new (options, model, error);
  if (session == NULL)
    return NULL;
  if (self->range != NULL) {
    CnnFit fit = session->preprocess.fit;

    if (!parse_range (self->range, &preprocess, error))
      return NULL;
    preprocess.fit = fit;
    if (!cnn_session_set_preprocess (session, &preprocess, error))
      return NULL;
    session->has_range = TRUE;
  }
  return g_steal_pointer (&session);
}

static GArray *
find_targets (const Maximize *self, CnnModel *model, CnnMethodRequest *request, GError **error)
{
  if (self->layer == NULL)
    return cnn_maximize_parse_targets (model, -1, self->classes, error);
  request->layer = cli_find_layer (model, self->layer, error);
  return request->layer >= 0 ? cnn_maximize_parse_targets (model, request->layer, self->filters, error)
                             : NULL;
}

static void
tell_progress (CnnMaximizer *maximizer, gint64 *told)
{
  gint64 now = g_get_monotonic_time ();

  if (!isatty (STDERR_FILENO) || now - *told < TELL_EVERY_US)
    return;
  *told = now;
  g_printerr ("\r%3.0f %%", 100 * cnn_maximizer_get_progress (maximizer));
}

static CnnMaximized *
climb (CnnSession *session, const CnnMethodRequest *request, GArray *targets, GError **error)
{
  g_autoptr (CnnMaximizer) maximizer =
      cnn_maximizer_new (session, request, (const guint *)(gpointer)targets->data, targets->len, error);
  gint64 told = 0;
  gboolean good = maximizer != NULL;

  while (good && !cnn_maximizer_is_done (maximizer)) {
    good = cnn_maximizer_step (maximizer, NULL, error);
    tell_progress (maximizer, &told);
  }
  if (told != 0)
    g_printerr ("\r      \r");
  return good ? cnn_maximizer_snapshot (maximizer) : NULL;
}

/* One after the other along the batch axis. */
static gboolean
write_array (CnnModel *model, CnnMaximized *found, const char *path, GError **error)
{
  guint value = cnn_model_get_input (model, (guint)cnn_model_get_image_input (model))->value;
  gsize size = (gsize)found->channels * found->height * found->width;
  g_autofree float *all = g_new (float, size * found->n);

  for (guint i = 0; i < found->n; i++)
    memcpy (all + i * size, g_bytes_get_data (found->targets[i].input, NULL), size * sizeof (float));
  return cli_write_value (model, value, found->n, all, path, error);
}

static void
print_results (const CnnMaximized *found, guint seed)
{
  for (guint i = 0; i < found->n; i++)
    g_print (_ ("%s: score %.4g, loss %.4g after %u iterations from seed %u.\n"), found->targets[i].label,
             found->targets[i].score, found->targets[i].loss, found->targets[i].done, seed);
}

static gboolean
draw_figure (const Maximize *self, const CliOptions *options, CnnSession *session,
             const CnnMethodRequest *request, CnnMaximized *found, GError **error)
{
  g_autoptr (CnnFigureRecipe) recipe =
      cli_recipe_new (options, CNN_FIGURE_MAXIMIZED, session, options->rest[1]);
  CnnFigureKnown known = { .maximized = found };

  cli_recipe_set_request (recipe, cnn_engine_get_model (session->engine), cnn_method_find ("maximize"),
                          request);
  recipe->classes = g_strdup (self->layer != NULL ? self->filters : self->classes);
  recipe->columns = self->layer != NULL ? g_strdup ("filters") : NULL;
  g_free (recipe->session->layer);
  recipe->session->layer = g_strdup (self->layer);
  return cli_recipe_write (recipe, session, &known, options->figure, options->provenance, error);
}

static CliStatus
maximize (const Maximize *self, const CliOptions *options, const CnnMethod *method, CnnMethodRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnSession) session = open_session (options, self, &error);
  CnnModel *model = session != NULL ? cnn_engine_get_model (session->engine) : NULL;
  g_autoptr (GArray) targets = model != NULL ? find_targets (self, model, request, &error) : NULL;
  g_autoptr (CnnMaximized) found = targets != NULL ? climb (session, request, targets, &error) : NULL;

  if (found == NULL || (options->npy != NULL && !write_array (model, found, options->npy, &error)))
    return cli_fail (error);
  if (options->figure != NULL && !draw_figure (self, options, session, request, found, &error))
    return cli_fail (error);
  print_results (found, (guint)request->values[cnn_method_find_param (method, "seed")]);
  return CLI_DONE;
}

/* What is "from" for the method is "start" for the command, whose INPUT it comes from. */
static const char *
option_of (const CnnParam *param)
{
  return strcmp (param->name, "from") == 0 ? "start" : param->name;
}

/* The parameters of the method; those that are on or off take no value. */
static void
add_params (Maximize *self, const CnnMethod *method, GArray *entries)
{
  for (guint i = 0; method->params[i].name != NULL && i < MAX_PARAMS; i++) {
    const CnnParam *param = &method->params[i];
    gboolean flag = param->type == CNN_PARAM_BOOL;
    GOptionEntry entry = { option_of (param),
                           0,
                           0,
                           flag ? G_OPTION_ARG_NONE : G_OPTION_ARG_STRING,
                           flag ? (gpointer)&self->flags[i] : (gpointer)&self->params[i],
                           param->help };

    if (!flag)
      entry.arg_description = self->values[i] = cli_describe_param (param);
    g_array_append_val (entries, entry);
  }
}

static gboolean
set_params (const Maximize *self, CnnMethodRequest *request, const CnnMethod *method)
{
  CnnPreprocess unused;

  for (guint i = 0; i < MAX_PARAMS; i++) {
    const char *value = self->flags[i] ? "yes" : self->params[i];

    if (value != NULL &&
        !cli_set_param (request, method, option_of (&method->params[i]), method->params[i].name, value))
      return FALSE;
  }
  return self->range == NULL || parse_range (self->range, &unused, NULL) ||
         cli_refuse_value ("range", self->range, "LO,HI");
}

/* Whether the picture behind the MODEL is what it starts from. */
static gboolean
starts_from_image (const CnnMethodRequest *request, const CnnMethod *method)
{
  int from = cnn_method_find_param (method, "from");

  return g_strcmp0 (method->params[from].choices[(int)request->values[from]], "image") == 0;
}

static CliStatus
check_and_run (const Maximize *self, const CliOptions *options, CnnMethodRequest *request)
{
  const CnnMethod *method = cnn_method_find ("maximize");

  if ((options->rest[1] != NULL && options->rest[2] != NULL) ||
      (self->classes == NULL) == (self->layer == NULL) || (self->layer == NULL) != (self->filters == NULL))
    return cli_usage (_ ("“maximize” takes one MODEL and either --class or --layer and --filter"));
  if (!set_params (self, request, method) ||
      (self->modifier != NULL && !cli_read_modifier ("modifier", self->modifier, &request->modifier)))
    return CLI_USAGE;
  if (starts_from_image (request, method) && options->rest[1] == NULL)
    return cli_usage (_ ("“--start image” takes an INPUT behind the MODEL"));
  return maximize (self, options, method, request);
}

CliStatus
cli_maximize (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_auto (Maximize) self = { 0 };
  const GOptionEntry own[] = {
    { "class", 0, 0, G_OPTION_ARG_STRING, &self.classes, N_ ("Classes by number, range or label, or all"),
      N_ ("C,…") },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.layer, N_ ("The layer"), N_ ("L") },
    { "filter", 0, 0, G_OPTION_ARG_STRING, &self.filters, N_ ("Filters of the layer, or all"), N_ ("N,…") },
    { "modifier", 0, 0, G_OPTION_ARG_STRING, &self.modifier, N_ ("vanilla, guided or relu"), N_ ("M") },
    { "range", 0, 0, G_OPTION_ARG_STRING, &self.range, N_ ("Lowest and highest number of the input"),
      N_ ("LO,HI") },
  };
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  CnnMethodRequest request;
  CliStatus status;

  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
  add_params (&self, cnn_method_find ("maximize"), entries);
  if (!cli_options_parse (&options, (const GOptionEntry *)(gpointer)entries->data, "MODEL [INPUT]", argc,
                          argv))
    return CLI_USAGE;
  cnn_method_request_init (&request, cnn_method_find ("maximize"));
  status = check_and_run (&self, &options, &request);
  cnn_method_request_clear (&request);
  return status;
}
