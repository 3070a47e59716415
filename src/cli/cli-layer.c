/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a layer holds: kernels and activations. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "image/cnn-npy.h"

#include <glib/gi18n.h>

static gboolean
write_gallery (CnnSession *session, guint layer, gboolean kernels, const char *path, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnGallery) gallery = cnn_gallery_compute (session, layer, kernels, NULL, error);
  g_autoptr (CnnFigure) figure = NULL;
  g_autofree char *title = NULL;
  CnnMapStyle style = { .opacity = 1 };

  if (gallery == NULL)
    return FALSE;
  title = g_strdup_printf (kernels ? _ ("Kernels of %s") : _ ("Activations of %s"),
                           cnn_model_get_layer (model, layer)->name);
  figure = cnn_figure_new (title);
  cnn_figure_set_caption (figure, cnn_model_get_name (model));
  cnn_figure_add_metadata (figure, "Software", "CnnViz " CNN_VERSION);
  cnn_figure_add_gallery (figure, NULL, gallery, &style);
  return cnn_figure_write (figure, path, CLI_FIGURE_MM, CLI_FIGURE_DPI, error);
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
  g_autofree char *layer_name = NULL;
  const GOptionEntry own[] = {
    { "layer", 0, 0, G_OPTION_ARG_STRING, &layer_name, N_ ("The layer"), N_ ("L") },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (CnnSession) session = NULL;
  int layer;

  if (!cli_options_parse (&options, own, "MODEL", argc, argv))
    return CLI_USAGE;
  if (layer_name == NULL || options.rest[1] != NULL)
    return cli_usage (_ ("“filters” takes one MODEL and --layer"));
  model = cli_read_model (&options, &error);
  layer = model != NULL ? cli_find_layer (model, layer_name, &error) : -1;
  if (layer < 0 || find_kernel (model, (guint)layer, &error) == NULL)
    return cli_fail (error);
  session = cnn_session_new (model);
  if (options.npy != NULL && !write_kernel (model, (guint)layer, options.npy, &error))
    return cli_fail (error);
  if (options.figure != NULL && !write_gallery (session, (guint)layer, TRUE, options.figure, &error))
    return cli_fail (error);
  return CLI_DONE;
}

CliStatus
cli_activations (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_autofree char *layer_name = NULL;
  const GOptionEntry own[] = {
    { "layer", 0, 0, G_OPTION_ARG_STRING, &layer_name, N_ ("The layer"), N_ ("L") },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnSession) session = NULL;
  g_autofree float *values = NULL;
  CnnModel *model;
  guint value;
  int layer;

  if (!cli_options_parse (&options, own, "MODEL INPUT", argc, argv))
    return CLI_USAGE;
  if (layer_name == NULL || options.rest[1] == NULL || options.rest[2] != NULL)
    return cli_usage (_ ("“activations” takes a MODEL, one INPUT and --layer"));
  session = cli_open (&options, &error);
  if (session == NULL)
    return cli_fail (error);
  model = cnn_engine_get_model (session->engine);
  layer = cli_find_layer (model, layer_name, &error);
  if (layer < 0)
    return cli_fail (error);
  value = cnn_model_get_layer (model, (guint)layer)->output;
  /* a tensor's own name means that tensor */
  if (cnn_model_find_value (model, layer_name) >= 0 &&
      g_strcmp0 (cnn_model_get_layer (model, (guint)layer)->name, layer_name) != 0)
    value = (guint)cnn_model_find_value (model, layer_name);
  values = g_new (float, cnn_engine_value_size (session->engine, value) + 1);
  if (!cnn_engine_read (session->engine, value, values, NULL, &error))
    return cli_fail (error);
  if (options.npy != NULL && !cli_write_value (model, value, 1, values, options.npy, &error))
    return cli_fail (error);
  if (options.figure != NULL && !write_gallery (session, (guint)layer, FALSE, options.figure, &error))
    return cli_fail (error);
  return CLI_DONE;
}
