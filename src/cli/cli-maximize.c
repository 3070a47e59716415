/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An input that raises a class or a filter. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "figure/cnn-figure-kinds.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  char *class_name, *layer, *modifier, *iterations, *seed, *range;
  int filter;
} Maximize;

static void
maximize_clear (Maximize *self)
{
  g_free (self->class_name);
  g_free (self->layer);
  g_free (self->modifier);
  g_free (self->iterations);
  g_free (self->seed);
  g_free (self->range);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maximize, maximize_clear)

/* "LO,HI" as the scaling that takes bytes there. */
static gboolean
parse_range (const char *text, CnnPreprocess *preprocess, GError **error)
{
  char *end, *last;
  double low = g_ascii_strtod (text, &end), high = *end == ',' ? g_ascii_strtod (end + 1, &last) : low;

  if (end == text || *end != ',' || *last != '\0' || !(high > low) || high - low > 1e30) {
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

/* A session that looks at a gray picture: the method starts from noise, but the network needs an input. */
static CnnSession *
open_gray (const CliOptions *options, const Maximize *self, CnnModel *model, GError **error)
{
  g_autoptr (CnnSession) session = cli_session_new (options, model, error);
  g_autoptr (CnnImage) image = NULL;
  g_autofree guint8 *rgba = NULL;
  CnnPreprocess preprocess;
  guint channels, height, width;

  if (session == NULL)
    return NULL;
  preprocess = session->preprocess;
  if (self->range != NULL && (!parse_range (self->range, &preprocess, error) ||
                              !cnn_session_set_preprocess (session, &preprocess, error)))
    return NULL;
  cnn_model_get_image_size (model, &channels, &height, &width);
  rgba = g_malloc ((gsize)height * width * 4);
  memset (rgba, 128, (gsize)height * width * 4);
  for (gsize i = 0; i < (gsize)height * width; i++)
    rgba[4 * i + 3] = 255;
  image = cnn_image_new (width, height, rgba);
  return cnn_session_set_image (session, image, "noise", error) ? g_steal_pointer (&session) : NULL;
}

static gboolean
find_target (const Maximize *self, CnnModel *model, CnnMethodRequest *request, GError **error)
{
  if (self->layer != NULL) {
    request->layer = cli_find_layer (model, self->layer, error);
    request->filter = self->filter;
    request->class_index = 0;
    return request->layer >= 0;
  }
  request->class_index = cli_find_class (model, self->class_name, error);
  return request->class_index >= 0;
}

static gboolean
write_results (const CliOptions *options, CnnSession *session, CnnMap *map, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint value = cnn_model_get_input (model, (guint)cnn_model_get_image_input (model))->value;
  g_autoptr (CnnFigure) figure = NULL;
  g_autoptr (CnnImage) image = NULL;

  if (options->npy != NULL && !cli_write_value (model, value, 1, map->gradient, options->npy, error))
    return FALSE;
  if (options->figure == NULL)
    return TRUE;
  figure = cnn_figure_new (map->title);
  image = cnn_preprocess_to_image (&session->preprocess, map->gradient, session->channels, session->height,
                                   session->width);
  cnn_figure_describe (figure, session, NULL, &map, 1);
  cnn_figure_add_image (figure, map->title, image);
  return cnn_figure_write (figure, options->figure, CLI_FIGURE_MM, CLI_FIGURE_DPI, error);
}

static CliStatus
maximize (const Maximize *self, const CliOptions *options, const CnnMethod *method, CnnMethodRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cli_read_model (options, &error);
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (CnnMap) map = NULL;

  if (model == NULL || !find_target (self, model, request, &error))
    return cli_fail (error);
  session = open_gray (options, self, model, &error);
  map = session != NULL ? cnn_method_compute (method, session, request, NULL, &error) : NULL;
  if (map == NULL || !write_results (options, session, map, &error))
    return cli_fail (error);
  for (guint i = 0; i < map->notes->len; i++)
    g_print ("%s\n", (const char *)g_ptr_array_index (map->notes, i));
  return CLI_DONE;
}

CliStatus
cli_maximize (int argc, char **argv)
{
  const CnnMethod *method = cnn_method_find ("maximize");
  g_auto (CliOptions) options = { 0 };
  g_auto (Maximize) self = { 0 };
  g_autoptr (GError) error = NULL;
  const GOptionEntry own[] = {
    { "class", 0, 0, G_OPTION_ARG_STRING, &self.class_name, N_ ("Class by number or label"), N_ ("C") },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &self.layer, N_ ("The layer"), N_ ("L") },
    { "filter", 0, 0, G_OPTION_ARG_INT, &self.filter, N_ ("The filter of the layer"), N_ ("N") },
    { "modifier", 0, 0, G_OPTION_ARG_STRING, &self.modifier, N_ ("vanilla, guided or relu"), N_ ("M") },
    { "iterations", 0, 0, G_OPTION_ARG_STRING, &self.iterations, N_ ("How many steps are made"), N_ ("N") },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &self.seed, N_ ("Where the random numbers start"), N_ ("N") },
    { "range", 0, 0, G_OPTION_ARG_STRING, &self.range, N_ ("Lowest and highest number of the input"),
      N_ ("LO,HI") },
    G_OPTION_ENTRY_NULL,
  };
  CnnMethodRequest request;
  CnnPreprocess unused;
  CliStatus status;

  if (!cli_options_parse (&options, own, "MODEL", argc, argv))
    return CLI_USAGE;
  if (options.rest[1] != NULL || (self.class_name == NULL) == (self.layer == NULL))
    return cli_usage (_ ("“maximize” takes one MODEL and either --class or --layer and --filter"));
  cnn_method_request_init (&request, method);
  if ((self.iterations != NULL &&
       !cnn_method_request_set (&request, method, "iterations", self.iterations, &error)) ||
      (self.seed != NULL && !cnn_method_request_set (&request, method, "seed", self.seed, &error)) ||
      (self.range != NULL && !parse_range (self.range, &unused, &error)))
    status = cli_usage ("%s", error->message);
  else if (self.modifier != NULL && !cnn_modifier_from_name (self.modifier, &request.modifier))
    status = cli_usage (_ ("“%s” is no modifier: vanilla, guided or relu"), self.modifier);
  else
    status = maximize (&self, &options, method, &request);
  cnn_method_request_clear (&request);
  return status;
}
