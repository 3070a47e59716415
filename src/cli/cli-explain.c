/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every visualisation method as a command; the method's declared parameters are its options. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "image/cnn-npy.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_PARAMS 16

typedef struct {
  char *class_name, *modifier, *layer;
  char *gradient_npy, *cam_npy, *class_npy;
  int filter;
  gboolean json, strip;
  char *params[MAX_PARAMS];
  char *values[MAX_PARAMS]; /* what may stand there, for --help */
} Explain;

static void
explain_clear (Explain *self)
{
  g_free (self->class_name);
  g_free (self->modifier);
  g_free (self->layer);
  g_free (self->gradient_npy);
  g_free (self->cam_npy);
  g_free (self->class_npy);
  for (guint i = 0; i < MAX_PARAMS; i++) {
    g_free (self->params[i]);
    g_free (self->values[i]);
  }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Explain, explain_clear)

static void
add_entry (GArray *entries, gboolean wanted, const char *name, GOptionArg arg, gpointer data,
           const char *help, const char *value)
{
  GOptionEntry entry = { name, 0, 0, arg, data, help, value };

  if (wanted)
    g_array_append_val (entries, entry);
}

/* What the method takes, then its parameters. */
static GArray *
make_entries (Explain *self, const CnnMethod *method)
{
  gboolean sweeps = cnn_method_find_param (method, "stride") >= 0;
  GArray *entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  add_entry (entries, method->uses_class, "class", G_OPTION_ARG_STRING, &self->class_name,
             N_ ("Class by number or label; else the predicted one"), N_ ("C"));
  add_entry (entries, method->uses_modifier, "modifier", G_OPTION_ARG_STRING, &self->modifier,
             N_ ("vanilla, guided or relu"), N_ ("M"));
  add_entry (entries, method->uses_layer || method->uses_filter, "layer", G_OPTION_ARG_STRING, &self->layer,
             N_ ("The layer"), N_ ("L"));
  add_entry (entries, method->uses_filter, "filter", G_OPTION_ARG_INT, &self->filter,
             N_ ("The filter of the layer"), N_ ("N"));
  add_entry (entries, method->uses_class && !sweeps, "gradient-npy", G_OPTION_ARG_FILENAME,
             &self->gradient_npy, N_ ("Write the raw gradient"), N_ ("FILE"));
  add_entry (entries, method->uses_layer, "cam-npy", G_OPTION_ARG_FILENAME, &self->cam_npy,
             N_ ("Write the map at its own size"), N_ ("FILE"));
  add_entry (entries, sweeps, "class-npy", G_OPTION_ARG_FILENAME, &self->class_npy,
             N_ ("Write the winning classes"), N_ ("FILE"));
  add_entry (entries, method->uses_modifier, "strip", G_OPTION_ARG_NONE, &self->strip,
             N_ ("Draw original, vanilla, guided and relu side by side"), NULL);
  add_entry (entries, sweeps, "json", G_OPTION_ARG_NONE, &self->json, N_ ("Print counts as JSON"), NULL);
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL && i < MAX_PARAMS; i++) {
    self->values[i] = cli_describe_param (&method->params[i]);
    add_entry (entries, TRUE, method->params[i].name, G_OPTION_ARG_STRING, &self->params[i],
               method->params[i].help, self->values[i]);
  }
  return entries;
}

/* What can be judged without the model: a wrong value is a wrong call. */
static gboolean
parse_params (const Explain *self, const CnnMethod *method, CnnMethodRequest *request)
{
  if (self->modifier != NULL && !cli_read_modifier ("modifier", self->modifier, &request->modifier))
    return FALSE;
  for (guint i = 0; i < MAX_PARAMS; i++)
    if (self->params[i] != NULL &&
        !cli_set_param (request, method, method->params[i].name, method->params[i].name, self->params[i]))
      return FALSE;
  return TRUE;
}

static gboolean
fill_request (const Explain *self, const CnnMethod *method, CnnModel *model, CnnMethodRequest *request,
              GError **error)
{
  if (self->class_name != NULL) {
    request->class_index = cli_find_class (model, self->class_name, error);
    if (request->class_index < 0)
      return FALSE;
  }
  if (self->layer != NULL) {
    request->layer = cli_find_layer (model, self->layer, error);
    if (request->layer < 0)
      return FALSE;
  }
  if (method->uses_filter)
    request->filter = self->filter;
  return TRUE;
}

static gboolean
write_plane (const char *path, const float *values, guint width, guint height, GError **error)
{
  gint64 dims[] = { height, width };

  return cnn_npy_write (path, dims, 2, values, error);
}

static gboolean
is_tutorial (const CnnMethod *method, const CnnMethodRequest *request)
{
  int mode = cnn_method_find_param (method, "mode");

  return mode >= 0 && g_strcmp0 (method->params[mode].choices[(int)request->values[mode]], "tutorial") == 0;
}

/* The tutorial's class map has the input's size: each cell is filled with its winner. A sweep's grid stays a
 * grid. */
static gboolean
write_classes (const Explain *self, const CnnMethod *method, const CnnMethodRequest *request,
               const CnnMap *map, GError **error)
{
  g_autofree float *plane = NULL;
  guint cell;

  if (!is_tutorial (method, request))
    return write_plane (self->class_npy, map->classes, map->raw_width, map->raw_height, error);
  cell = (map->width + map->raw_width - 1) / map->raw_width;
  if (cnn_method_find_param (method, "stride") >= 0 &&
      request->values[cnn_method_find_param (method, "stride")] >= 1)
    cell = (guint)request->values[cnn_method_find_param (method, "stride")];
  plane = g_new (float, (gsize)map->width * map->height);
  for (guint y = 0; y < map->height; y++)
    for (guint x = 0; x < map->width; x++)
      plane[y * map->width + x] = map->classes[MIN (y / cell, map->raw_height - 1) * map->raw_width +
                                               MIN (x / cell, map->raw_width - 1)];
  return write_plane (self->class_npy, plane, map->width, map->height, error);
}

/* Refuses a file for what the method does not compute. */
static gboolean
check_arrays (const Explain *self, const CnnMethod *method, const CnnMap *map, GError **error)
{
  const char *lacking = NULL;

  if (self->cam_npy != NULL && map->raw == NULL)
    lacking = "--cam-npy";
  else if (self->class_npy != NULL && map->classes == NULL)
    lacking = "--class-npy";
  else if (self->gradient_npy != NULL && map->gradient == NULL)
    lacking = "--gradient-npy";
  if (lacking == NULL)
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” computes nothing for %s to write."),
               method->name, lacking);
  return FALSE;
}

static gboolean
write_arrays (const Explain *self, const CliOptions *options, const CnnMethod *method,
              const CnnMethodRequest *request, CnnSession *session, const CnnMap *map, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);

  if (!check_arrays (self, method, map, error))
    return FALSE;
  if (options->npy != NULL && !write_plane (options->npy, map->values, map->width, map->height, error))
    return FALSE;
  if (self->cam_npy != NULL && map->raw != NULL &&
      !write_plane (self->cam_npy, map->raw, map->raw_width, map->raw_height, error))
    return FALSE;
  if (self->class_npy != NULL && map->classes != NULL && !write_classes (self, method, request, map, error))
    return FALSE;
  if (self->gradient_npy == NULL || map->gradient == NULL)
    return TRUE;
  return cli_write_value (model, cnn_model_get_input (model, (guint)cnn_model_get_image_input (model))->value,
                          1, map->gradient, self->gradient_npy, error);
}

static gboolean
draw_figure (const Explain *self, const CliOptions *options, const CnnMethod *method,
             const CnnMethodRequest *request, CnnSession *session, CnnMap *map, const char *input,
             const char *path, GError **error)
{
  g_autoptr (CnnFigureRecipe) recipe =
      cli_recipe_new (options, self->strip ? CNN_FIGURE_STRIP : CNN_FIGURE_CANVAS, session, input);
  CnnFigureKnown known = { .map = map };

  cli_recipe_set_request (recipe, cnn_engine_get_model (session->engine), method, request);
  return cli_recipe_write (recipe, session, &known, path, options->provenance, error);
}

static gboolean
print_counts (CnnSession *session, const CnnMap *map, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint n = cnn_model_get_n_classes (model), positions = map->raw_width * map->raw_height;
  g_autofree guint *counts = g_new0 (guint, MAX (n, 1));
  g_autoptr (CnnPrediction) clean = cnn_predict (session, NULL, error);
  const char *separator = "";
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (clean == NULL)
    return FALSE;
  for (guint i = 0; i < positions && map->classes != NULL; i++)
    if (map->classes[i] >= 0 && map->classes[i] < (float)n)
      counts[(guint)map->classes[i]]++;
  g_print ("{\"class\": %d, \"clean_probability\": %s, \"positions\": %u, \"counts\": {", map->class_index,
           cnn_model_has_probabilities (model)
               ? cli_number (number, "%.9g", clean->probabilities[map->class_index])
               : "null",
           positions);
  for (guint i = 0; i < n; i++)
    if (counts[i] > 0) {
      g_print ("%s\"%u\": %u", separator, i, counts[i]);
      separator = ", ";
    }
  g_print ("}}\n");
  return TRUE;
}

static void
print_result (const CnnMap *map)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%s: %s … %s\n", map->title, cli_number (low, "%.6g", map->min),
           cli_number (high, "%.6g", map->max));
  for (guint i = 0; map->notes != NULL && i < map->notes->len; i++)
    g_print ("  %s\n", (char *)g_ptr_array_index (map->notes, i));
}

/* The names of the files of one input, instead of their patterns. */
static void
name_files (const Explain *patterns, const CliOptions *options, const CnnMap *map, CnnModel *model,
            guint number, Explain *self, CliOptions *named)
{
  const char *input = options->rest[number];
  const char *label = map->class_index >= 0 ? cnn_model_get_label (model, (guint)map->class_index) : "none";

  named->figure = cli_batch_name (options->figure, input, number, label);
  named->npy = cli_batch_name (options->npy, input, number, label);
  self->json = patterns->json;
  self->strip = patterns->strip;
  self->gradient_npy = cli_batch_name (patterns->gradient_npy, input, number, label);
  self->cam_npy = cli_batch_name (patterns->cam_npy, input, number, label);
  self->class_npy = cli_batch_name (patterns->class_npy, input, number, label);
}

/* One input: its arrays, its figure, its line. */
static gboolean
explain (const Explain *patterns, const CliOptions *options, const CnnMethod *method,
         const CnnMethodRequest *request, CnnSession *session, guint number, GError **error)
{
  g_auto (Explain) self = { 0 };
  g_auto (CliOptions) named = { 0 };
  g_autoptr (CnnMap) map = cnn_method_compute (method, session, request, NULL, error);

  if (map == NULL)
    return FALSE;
  name_files (patterns, options, map, cnn_engine_get_model (session->engine), number, &self, &named);
  if (!write_arrays (&self, &named, method, request, session, map, error))
    return FALSE;
  if (named.figure != NULL && !draw_figure (&self, options, method, request, session, map,
                                            options->rest[number], named.figure, error))
    return FALSE;
  if (self.json)
    return print_counts (session, map, error);
  if (options->rest[2] != NULL) {
    cli_batch_hide ();
    g_print ("%s: ", options->rest[number]);
  }
  print_result (map);
  return TRUE;
}

/* What the inputs have in common. */
typedef struct {
  const Explain *self;
  const CliOptions *options;
  const CnnMethod *method;
  const CnnMethodRequest *request;
} Call;

static gboolean
explain_one (CnnSession *session, guint number, gpointer data, GError **error)
{
  const Call *call = data;

  return explain (call->self, call->options, call->method, call->request, session, number, error);
}

static CliStatus
explain_all (const Explain *self, const CliOptions *options, const CnnMethod *method,
             CnnMethodRequest *request)
{
  Call call = { self, options, method, request };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cli_read_model (options, &error);

  if (model == NULL || !fill_request (self, method, model, request, &error))
    return cli_fail (error);
  return cli_batch_each (options, model, explain_one, &call);
}

CliStatus
cli_explain (int argc, char **argv)
{
  const CnnMethod *method = cnn_method_find (argv[0]);
  g_auto (CliOptions) options = { 0 };
  g_auto (Explain) self = { 0 };
  g_autoptr (GArray) entries = make_entries (&self, method);
  CnnMethodRequest request;
  CliStatus status = CLI_USAGE;

  if (!cli_options_parse (&options, (const GOptionEntry *)(gconstpointer)entries->data, "MODEL INPUT…", argc,
                          argv))
    return CLI_USAGE;
  if (options.rest[1] == NULL)
    return cli_usage (_ ("“%s” takes a MODEL and at least one INPUT"), argv[0]);
  if (self.strip && options.figure == NULL)
    return cli_usage (_ ("%s needs -o FIG"), "--strip");
  if (self.json && options.rest[2] != NULL)
    return cli_usage (_ ("--json takes one INPUT"));
  {
    const char *const patterns[] = { options.figure, options.npy, self.gradient_npy, self.cam_npy,
                                     self.class_npy };

    if (!cli_batch_check (patterns, G_N_ELEMENTS (patterns), options.rest + 1))
      return CLI_USAGE;
  }
  cnn_method_request_init (&request, method);
  if (parse_params (&self, method, &request))
    status = explain_all (&self, &options, method, &request);
  cnn_method_request_clear (&request);
  return status;
}
