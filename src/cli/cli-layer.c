/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a layer holds: kernels and activations. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "image/cnn-npy.h"

#include <glib/gi18n.h>
#include <string.h>

/* What "filters" and "activations" have in common. */
typedef struct {
  char *layer, *inputs, *scale, *channels;
  gboolean csv, json;
} Layer;

static void
layer_clear (Layer *self)
{
  g_free (self->layer);
  g_free (self->inputs);
  g_free (self->scale);
  g_free (self->channels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layer, layer_clear)

/* Says so where the call is wrong. */
static gboolean
layer_check (const Layer *self, int *inputs)
{
  if (self->inputs != NULL && !cnn_gallery_parse_inputs (self->inputs, inputs))
    return cli_refuse_value ("input-channel", self->inputs, "N|mean|norm");
  if (self->scale != NULL && strcmp (self->scale, "each") != 0 && strcmp (self->scale, "layer") != 0)
    return cli_refuse_value ("scale", self->scale, "each|layer");
  if (self->csv && self->json) {
    cli_usage (_ ("--csv and --json exclude each other"));
    return FALSE;
  }
  return TRUE;
}

static gboolean
draw_gallery (const Layer *self, CnnGallery *gallery, CnnSession *session, const CliOptions *options,
              const char *input, const char *path, GError **error)
{
  g_autoptr (CnnFigureRecipe) recipe = cli_recipe_new (
      options, gallery->is_kernels ? CNN_FIGURE_KERNELS : CNN_FIGURE_ACTIVATIONS, session, input);

  recipe->session->layer = g_strdup (gallery->layer);
  recipe->channels = g_strdup (self->channels);
  recipe->inputs = g_strdup (self->inputs);
  recipe->shared = g_strcmp0 (self->scale, "layer") == 0;
  return cli_recipe_write (recipe, session, NULL, path, options->provenance, error);
}

/* The figure @path of @input, and the table where one was asked for or nothing else was. */
static gboolean
show_gallery (const Layer *self, CnnGallery *gallery, CnnSession *session, const CliOptions *options,
              const char *input, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (path != NULL && !draw_gallery (self, gallery, session, options, input, path, error))
    return FALSE;
  if (self->json)
    text = cnn_gallery_to_json (gallery);
  else if (self->csv || (options->figure == NULL && options->npy == NULL))
    text = cnn_gallery_to_csv (gallery);
  if (text != NULL)
    g_print ("%s%s", text, self->json ? "\n" : "");
  return TRUE;
}

/* The layer's kernels: its weight of the highest rank. */
static CnnTensor *
find_kernel (CnnModel *model, guint layer, GError **error)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);
  CnnTensor *best = NULL;

  for (guint i = 0; i < l->weights->len; i++) {
    CnnWeight *weight = g_ptr_array_index (l->weights, i);

    if (best == NULL || weight->tensor->shape.rank > best->shape.rank)
      best = weight->tensor;
  }
  if (best == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("Layer “%s” (%s) has no weights."), l->name,
                 l->type);
  return best;
}

static gboolean
write_kernel (CnnModel *model, guint layer, const char *path, GError **error)
{
  CnnTensor *kernel = find_kernel (model, layer, error);
  g_autoptr (CnnTensor) ordered = NULL;
  g_autofree float *data = NULL;

  if (kernel == NULL)
    return FALSE;
  ordered = cnn_tensor_in_file_order (kernel);
  data = cnn_tensor_dup_data (ordered);
  return cnn_npy_write (path, ordered->shape.dims, ordered->shape.rank, data, error);
}

CliStatus
cli_filters (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_auto (Layer) self = { 0 };
  int layer, inputs = CNN_GALLERY_SUITED;
  const GOptionEntry own[] = {
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.layer, N_ ("The layer"), N_ ("L") },
    { "input-channel", 0, 0, G_OPTION_ARG_STRING, &self.inputs,
      N_ ("The kernels' input channel by number, or mean or norm over all"), N_ ("N") },
    { "scale", 0, 0, G_OPTION_ARG_STRING, &self.scale,
      N_ ("Brightness in the figure: each its own, or layer"), N_ ("S") },
    { "channels", 0, 0, G_OPTION_ARG_STRING, &self.channels,
      N_ ("Filters that are drawn; more than fit become pages of a PDF, or files by {page} in FIG"),
      N_ ("N,N-N,…") },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &self.csv, N_ ("Print a row for each filter as CSV"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_ ("Print the same as JSON"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnGallery) gallery = NULL;
  g_autoptr (CnnSession) session = NULL;

  if (!cli_options_parse (&options, own, "MODEL", argc, argv))
    return CLI_USAGE;
  if (self.layer == NULL || options.rest[1] != NULL)
    return cli_usage (_ ("“filters” takes one MODEL and --layer"));
  if (!layer_check (&self, &inputs))
    return CLI_USAGE;
  model = cli_read_model (&options, &error);
  layer = model != NULL ? cli_find_layer (model, self.layer, &error) : -1;
  if (layer < 0 || find_kernel (model, (guint)layer, &error) == NULL ||
      (options.npy != NULL && !write_kernel (model, (guint)layer, options.npy, &error)))
    return cli_fail (error);
  if (options.npy != NULL && options.figure == NULL && !self.csv && !self.json)
    return CLI_DONE;
  gallery = cnn_gallery_new_kernels (model, (guint)layer, inputs, &error);
  session = cnn_session_new (model);
  if (gallery == NULL || !show_gallery (&self, gallery, session, &options, NULL, options.figure, &error))
    return cli_fail (error);
  return CLI_DONE;
}

/* The layer's output, or the very tensor that was named. */
static guint
find_value (CnnModel *model, guint layer, const char *name)
{
  if (cnn_model_find_value (model, name) >= 0 && strcmp (cnn_model_get_layer (model, layer)->name, name) != 0)
    return (guint)cnn_model_find_value (model, name);
  return cnn_model_get_layer (model, layer)->output;
}

static gboolean
write_activation (CnnSession *session, guint value, const char *path, GError **error)
{
  g_autofree float *values = g_new (float, cnn_engine_value_size (session->engine, value) + 1);

  return cnn_engine_read (session->engine, value, values, NULL, error) &&
         cli_write_value (cnn_engine_get_model (session->engine), value, 1, values, path, error);
}

/* What the inputs have in common. */
typedef struct {
  const Layer *self;
  const CliOptions *options;
} Call;

static gboolean
names_class (const char *pattern)
{
  return pattern != NULL && strstr (pattern, "{class}") != NULL;
}

/* For the files' names. What comes behind the layer may not be computable, so it is not asked for without
 * need. */
static char *
dup_class (CnnSession *session, const CliOptions *options)
{
  g_autoptr (CnnPrediction) prediction = NULL;

  if (names_class (options->figure) || names_class (options->npy))
    prediction = cnn_predict (session, NULL, NULL);
  return g_strdup (prediction != NULL && prediction->n > 0 ? prediction->entries[0].label : "none");
}

static gboolean
show_activations (CnnSession *session, guint number, gpointer data, GError **error)
{
  const Layer *self = ((const Call *)data)->self;
  const CliOptions *options = ((const Call *)data)->options;
  const char *input = options->rest[number];
  CnnModel *model = cnn_engine_get_model (session->engine);
  int layer = cli_find_layer (model, self->layer, error);
  g_autofree char *label = layer >= 0 ? dup_class (session, options) : NULL;
  g_autofree char *npy = layer >= 0 ? cli_batch_name (options->npy, input, number, label) : NULL;
  g_autofree char *figure = layer >= 0 ? cli_batch_name (options->figure, input, number, label) : NULL;
  g_autoptr (CnnGallery) gallery = NULL;

  if (layer < 0 ||
      (npy != NULL && !write_activation (session, find_value (model, (guint)layer, self->layer), npy, error)))
    return FALSE;
  if (npy != NULL && figure == NULL && !self->csv && !self->json)
    return TRUE;
  gallery = cnn_gallery_compute (session, (guint)layer, FALSE, NULL, error);
  return gallery != NULL && show_gallery (self, gallery, session, options, input, figure, error);
}

CliStatus
cli_activations (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_auto (Layer) self = { 0 };
  int unused;
  const GOptionEntry own[] = {
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.layer, N_ ("The layer"), N_ ("L") },
    { "scale", 0, 0, G_OPTION_ARG_STRING, &self.scale,
      N_ ("Brightness in the figure: each its own, or layer"), N_ ("S") },
    { "channels", 0, 0, G_OPTION_ARG_STRING, &self.channels,
      N_ ("Filters that are drawn; more than fit become pages of a PDF, or files by {page} in FIG"),
      N_ ("N,N-N,…") },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &self.csv, N_ ("Print a row for each filter as CSV"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_ ("Print the same as JSON"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;

  if (!cli_options_parse (&options, own, "MODEL INPUT…", argc, argv))
    return CLI_USAGE;
  if (self.layer == NULL || options.rest[1] == NULL)
    return cli_usage (_ ("“activations” takes a MODEL, at least one INPUT and --layer"));
  if (options.rest[2] != NULL && (self.csv || self.json || (options.figure == NULL && options.npy == NULL)))
    return cli_usage (_ ("a table takes one INPUT; several need -o FIG or --npy OUT"));
  if (!layer_check (&self, &unused) ||
      !cli_batch_check ((const char *const[]){ options.figure, options.npy }, 2, options.rest + 1))
    return CLI_USAGE;
  model = cli_read_model (&options, &error);
  return model != NULL ? cli_batch_each (&options, model, show_activations, &(Call){ &self, &options })
                       : cli_fail (error);
}
