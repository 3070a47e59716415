/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands share: options, reading models and inputs, errors. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "image/cnn-npy.h"
#include "methods/session/cnn-array-input.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static CliStatus
complain (CliStatus status, const char *message)
{
  g_autofree char *line = g_strdelimit (g_strdup (message), "\n\r", ' ');

  g_printerr ("cnn-viz-cli: %s\n", line);
  return status;
}

void
cli_say (const char *message)
{
  complain (CLI_FAILED, message);
}

CliStatus
cli_fail (const GError *error)
{
  return complain (CLI_FAILED, error != NULL ? error->message : _ ("Something went wrong."));
}

CliStatus
cli_usage (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return complain (CLI_USAGE, message);
}

void
cli_options_clear (CliOptions *options)
{
  g_clear_pointer (&options->preprocess, g_free);
  g_clear_pointer (&options->fit, g_free);
  g_clear_pointer (&options->rotate, g_free);
  g_clear_pointer (&options->inputs, g_strfreev);
  cnn_model_setup_clear (&options->setup);
  g_clear_pointer (&options->figure, g_free);
  g_clear_pointer (&options->npy, g_free);
  g_clear_pointer (&options->rest, g_strfreev);
  g_clear_pointer (&options->theme, g_free);
  g_clear_pointer (&options->title, g_free);
  g_clear_pointer (&options->caption, g_free);
  g_clear_pointer (&options->colormap, g_free);
  g_clear_pointer (&options->map_range, g_free);
}

gboolean
cli_options_parse (CliOptions *options, const GOptionEntry *own, const char *arguments, int argc, char **argv)
{
  const GOptionEntry common[] = {
    { "preprocess", 0, 0, G_OPTION_ARG_STRING, &options->preprocess,
      N_ ("How pictures are scaled: unit, signed, imagenet, caffe, none or scale=S,mean=M,std=D"),
      N_ ("HOW") },
    { "fit", 0, 0, G_OPTION_ARG_STRING, &options->fit,
      N_ ("How pictures are fitted: stretch, crop, pad or center"), N_ ("HOW") },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &options->setup.labels, N_ ("Names of the classes, one a line"),
      N_ ("FILE") },
    { "output", 0, 0, G_OPTION_ARG_STRING, &options->setup.output, N_ ("The network's output that counts"),
      N_ ("NAME") },
    { "input-size", 0, 0, G_OPTION_ARG_STRING, &options->setup.size,
      N_ ("Picture size of a network that leaves it free"), N_ ("WxH") },
    { "rotate-kernels", 0, 0, G_OPTION_ARG_STRING, &options->rotate,
      N_ ("Turn the kernels of a Keras network of the Theano backend: auto, yes or no"), N_ ("WHETHER") },
    { "input", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->inputs,
      N_ ("What another input than the picture is held at; may be given several times"),
      N_ ("NAME=NUMBER|FILE.npy") },
    { "figure", 'o', 0, G_OPTION_ARG_FILENAME, &options->figure, N_ ("Draw a figure: .png, .svg or .pdf"),
      N_ ("FIG") },
    { "npy", 0, 0, G_OPTION_ARG_FILENAME, &options->npy, N_ ("Write the numbers"), N_ ("FILE") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->rest, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) copy = g_new0 (char *, argc + 1);
  g_autofree char **view = NULL;
  g_autofree char *program = g_strdup_printf ("cnn-viz-cli %s", argv[0]);

  /* the usage line of --help begins with it */
  g_set_prgname (program);
  for (int i = 0; i < argc; i++)
    copy[i] = g_strdup (argv[i]);
  view = g_memdup2 (copy, sizeof (char *) * (gsize)(argc + 1));
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  cli_page_add_entries (options, context);
  if (own != NULL)
    g_option_context_add_main_entries (context, own, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &view, &error)) {
    cli_usage ("%s", error->message);
    return FALSE;
  }
  if (options->rest == NULL || options->rest[0] == NULL) {
    cli_usage (_ ("no MODEL was given: see cnn-viz-cli --help"));
    return FALSE;
  }
  if (options->inputs != NULL)
    options->setup.inputs = g_strjoinv ("\n", options->inputs);
  return cli_values_check (options) && cli_page_check (options);
}

gboolean
cli_options_refuse (const CliOptions *options, const char *command, gboolean npy, gboolean figure)
{
  if (npy && options->npy != NULL)
    cli_usage (_ ("“%s” writes no numbers: --npy does not go with it"), command);
  else if (figure && options->figure != NULL)
    cli_usage (_ ("“%s” draws no figure: -o does not go with it"), command);
  else
    return TRUE;
  return FALSE;
}

/* models */

CnnModel *
cli_read_model (const CliOptions *options, GError **error)
{
  CnnKernelRotation rotation = CNN_KERNEL_ROTATION_AUTO;
  g_autoptr (CnnModel) model = NULL;

  /* what a figure says of itself has not been looked at before */
  if (options->rotate != NULL && !cnn_kernel_rotation_from_name (options->rotate, &rotation)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is neither auto nor yes nor no."),
                 options->rotate);
    return NULL;
  }
  model = cnn_model_read_with (options->rest[0], rotation, NULL, error);
  if (model == NULL)
    return NULL;
  return cnn_model_set_up (model, &options->setup, error);
}

static const char *
name_of_layer (guint i, gpointer data)
{
  return cnn_model_get_layer (data, i)->name;
}

static const char *
name_of_class (guint i, gpointer data)
{
  return cnn_model_get_label (data, i);
}

int
cli_find_layer (CnnModel *model, const char *name, GError **error)
{
  int layer = cnn_model_find_layer (model, name);
  g_autofree char *near =
      layer < 0 ? cli_near_names (name, name_of_layer, cnn_model_get_n_layers (model), model) : NULL;

  if (near != NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” has no layer “%s”; it has %s."),
                 cnn_model_get_name (model), name, near);
  else if (layer < 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” has no layer “%s”: “cnn-viz-cli summary” lists them."), cnn_model_get_name (model),
                 name);
  return layer;
}

int
cli_find_class (CnnModel *model, const char *name, GError **error)
{
  int class_index = cnn_model_find_class (model, name);
  g_autofree char *near =
      class_index < 0 ? cli_near_names (name, name_of_class, cnn_model_get_n_classes (model), model) : NULL;

  if (near != NULL && !g_ascii_isdigit (*name))
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” has no class “%s”; it has %s."),
                 cnn_model_get_name (model), name, near);
  else if (class_index < 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” has no class “%s”: it has %u classes, numbered from 0."),
                 cnn_model_get_name (model), name, cnn_model_get_n_classes (model));
  return class_index;
}

/* inputs */

void
cli_input_clear (CliInput *input)
{
  g_clear_pointer (&input->image, cnn_image_unref);
  g_clear_pointer (&input->values, g_free);
}

/* Free sizes follow the array. */
static gboolean
follow_array (CnnModel **model, const gint64 *dims, guint rank, GError **error)
{
  guint height, width;

  if (!cnn_array_match (*model, dims, rank, NULL, &height, &width, error))
    return FALSE;
  return !cnn_model_has_free_size (*model) ||
         cnn_model_replace (model, cnn_model_with_image_size (*model, height, width, error));
}

static gboolean
read_array (const char *path, CnnModel **model, CliInput *input, GError **error)
{
  gint64 dims[CNN_NPY_MAX_RANK];
  guint rank;
  g_autofree float *values = cnn_npy_read (path, dims, &rank, error);

  if (values == NULL)
    return FALSE;
  if (follow_array (model, dims, rank, error))
    input->values = cnn_array_to_input (*model, values, dims, rank, &input->n, error);
  if (input->values == NULL)
    g_prefix_error (error, "%s: ", path);
  return input->values != NULL;
}

gboolean
cli_read_input (const char *path, CnnModel **model, CliInput *input, GError **error)
{
  if (g_str_has_suffix (path, ".npy"))
    return read_array (path, model, input, error);
  if (cnn_model_get_image_input (*model) < 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("The network “%s” takes no image."),
                 cnn_model_get_name (*model));
    return FALSE;
  }
  input->n = 1;
  input->image = cnn_image_read (path, NULL, error);
  return input->image != NULL;
}

static gboolean
set_preprocess (const CliOptions *options, CnnSession *session, GError **error)
{
  CnnPreprocess preprocess = session->preprocess;

  if (options->preprocess != NULL && !cnn_preprocess_parse (&preprocess, options->preprocess, error))
    return FALSE;
  if (options->fit != NULL && !cnn_fit_from_name (options->fit, &preprocess.fit)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” is no way to fit a picture: stretch, crop, pad or center."), options->fit);
    return FALSE;
  }
  return cnn_session_set_preprocess (session, &preprocess, error);
}

CnnSession *
cli_session_new (const CliOptions *options, CnnModel *model, GError **error)
{
  g_autoptr (CnnSession) session = cnn_session_new (model);

  if (!set_preprocess (options, session, error))
    return NULL;
  return g_steal_pointer (&session);
}

CnnSession *
cli_open_input (const CliOptions *options, CnnModel *base, const char *path, CnnSession *kept, GError **error)
{
  g_autoptr (CnnModel) model = g_object_ref (base);
  g_autoptr (CnnSession) session = kept;
  g_auto (CliInput) input = { 0 };

  if (!cli_read_input (path, &model, &input, error))
    return NULL;
  if (input.n != 1) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("%s holds %u inputs, one was expected."), path,
                 input.n);
    return NULL;
  }
  /* an array may have set the size that a network leaves free */
  if (session != NULL && cnn_engine_get_model (session->engine) != model)
    g_clear_pointer (&session, cnn_session_free);
  if (session == NULL)
    session = cli_session_new (options, model, error);
  if (session == NULL ||
      (input.image != NULL && !cnn_session_set_image (session, input.image, path, error)) ||
      (input.image == NULL && !cnn_session_set_array (session, input.values, path, error)))
    return NULL;
  return g_steal_pointer (&session);
}

CnnSession *
cli_open (const CliOptions *options, GError **error)
{
  g_autoptr (CnnModel) model = cli_read_model (options, error);

  return model != NULL ? cli_open_input (options, model, options->rest[1], NULL, error) : NULL;
}

/* output */

gboolean
cli_write_value (CnnModel *model, guint value, guint n, const float *values, const char *path, GError **error)
{
  CnnShape shape;
  g_autofree float *ordered = NULL;

  cnn_model_get_framework_shape (model, value, &shape);
  ordered = g_new (float, MAX (cnn_shape_size (&shape) * n, 1));
  cnn_model_to_framework (model, value, n, values, ordered);
  shape.dims[0] *= n;
  return cnn_npy_write (path, shape.dims, shape.rank, ordered, error);
}

const char *
cli_number (char buffer[G_ASCII_DTOSTR_BUF_SIZE], const char *format, double value)
{
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, format, value);
}
