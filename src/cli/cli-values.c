/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options: what may stand there, and one line that says so where something else does. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <string.h>

gboolean
cli_refuse_value (const char *option, const char *value, const char *allowed)
{
  /* TRANSLATORS: an option, what it takes, what was given to it */
  cli_usage (_ ("--%s takes %s, not “%s”"), option, allowed, value);
  return FALSE;
}

char *
cli_describe_param (const CnnParam *param)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (param->type == CNN_PARAM_BOOL)
    return g_strdup ("yes|no");
  if (param->type == CNN_PARAM_CHOICE) {
    g_autofree char *choices = g_strjoinv ("|", (char **)param->choices);

    /* a fill may be a number, too */
    return g_strconcat (choices, strcmp (param->name, "fill") == 0 ? "|N" : "", NULL);
  }
  return g_strdup_printf ("%s…%s%s%s", cli_number (low, "%.10g", param->minimum),
                          cli_number (high, "%.10g", param->maximum), param->unit != NULL ? " " : "",
                          param->unit != NULL ? param->unit : "");
}

gboolean
cli_set_param (CnnMethodRequest *request, const CnnMethod *method, const char *option, const char *name,
               const char *value)
{
  g_autofree char *allowed = NULL;

  if (cnn_method_request_set (request, method, name, value, NULL))
    return TRUE;
  allowed = cli_describe_param (&method->params[cnn_method_find_param (method, name)]);
  return cli_refuse_value (option, value, allowed);
}

gboolean
cli_read_modifier (const char *option, const char *value, CnnModifier *modifier)
{
  return cnn_modifier_from_name (value, modifier) || cli_refuse_value (option, value, "vanilla|guided|relu");
}

/* "WxH", both from 1; whether the network takes it is found out later. */
static gboolean
is_size (const char *text)
{
  guint width, height;

  return cnn_model_setup_parse_size (text, &width, &height) && width > 0 && height > 0;
}

gboolean
cli_values_check (const CliOptions *options)
{
  CnnPreprocess preprocess = { .fit = CNN_FIT_STRETCH };
  CnnKernelRotation rotation;

  if (options->preprocess != NULL && !cnn_preprocess_parse (&preprocess, options->preprocess, NULL))
    return cli_refuse_value ("preprocess", options->preprocess,
                             "unit|signed|imagenet|caffe|none|scale=S,mean=M,std=D");
  if (options->fit != NULL && !cnn_fit_from_name (options->fit, &preprocess.fit))
    return cli_refuse_value ("fit", options->fit, "stretch|crop|pad|center");
  if (options->rotate != NULL && !cnn_kernel_rotation_from_name (options->rotate, &rotation))
    return cli_refuse_value ("rotate-kernels", options->rotate, "auto|yes|no");
  if (options->setup.size != NULL && !is_size (options->setup.size))
    return cli_refuse_value ("input-size", options->setup.size, "WxH");
  for (char **input = options->inputs; input != NULL && *input != NULL; input++)
    if (strchr (*input, '=') == NULL)
      return cli_refuse_value ("input", *input, "NAME=NUMBER|NAME=FILE.npy");
  if (options->figure != NULL && !cnn_figure_is_file_name (options->figure))
    return cli_refuse_value ("figure", options->figure, ".png|.svg|.pdf");
  return TRUE;
}
