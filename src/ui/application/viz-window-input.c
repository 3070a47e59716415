/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes into the network, as actions: preprocessing, labels, output, size, further inputs. */
#include "config.h"
#include "viz-window-private.h"
#include "formats/cnn-model-reader.h"

#include <glib/gi18n.h>

static const char *const orders[] = { "rgb", "bgr", "gray", NULL };

static void
complain (VizWindow *self, const char *sentence, const char *name)
{
  g_autofree char *text = g_strdup_printf ("%s “%s”.", sentence, name);

  viz_document_report (self->document, text);
}

static CnnPreprocess
preprocess_of (gpointer window)
{
  return viz_document_get_choices (VIZ_WINDOW (window)->document)->preprocess;
}

static void
set_preprocess (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnPreprocess preprocess = preprocess_of (self);
  g_autoptr (GError) error = NULL;

  if (cnn_preprocess_parse (&preprocess, g_variant_get_string (value, NULL), &error))
    viz_document_set_preprocess (self->document, &preprocess);
  else
    viz_document_report_error (self->document, error);
}

static void
set_fit (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnPreprocess preprocess = preprocess_of (self);
  const char *name = g_variant_get_string (value, NULL);

  if (cnn_fit_from_name (name, &preprocess.fit))
    viz_document_set_preprocess (self->document, &preprocess);
  else
    complain (self, _ ("A picture is fitted by stretch, crop, pad or center, not by"), name);
}

static void
set_channel_order (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnPreprocess preprocess = preprocess_of (self);
  const char *name = g_variant_get_string (value, NULL);

  if (!g_strv_contains (orders, name)) {
    complain (self, _ ("The order of channels is rgb, bgr or gray, not"), name);
    return;
  }
  cnn_preprocess_set_order (&preprocess, g_str_equal (name, "bgr"), g_str_equal (name, "gray"));
  viz_document_set_preprocess (self->document, &preprocess);
}

static void
set_invert (GSimpleAction *action, GVariant *value, gpointer data)
{
  CnnPreprocess preprocess = preprocess_of (data);

  preprocess.invert = g_variant_get_boolean (value);
  viz_document_set_preprocess (VIZ_WINDOW (data)->document, &preprocess);
}

static void
set_labels (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;
  g_autofree char *path = g_variant_get_string (value, NULL)[0] != '\0' ? viz_action_path (value) : NULL;

  setup.labels = path;
  viz_document_set_setup (self->document, &setup);
}

static void
set_output (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;

  setup.output = (char *)g_variant_get_string (value, NULL);
  viz_document_set_setup (self->document, &setup);
}

static void
set_input_size (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;

  setup.size = (char *)g_variant_get_string (value, NULL);
  viz_document_set_setup (self->document, &setup);
}

static void
set_inputs (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;

  setup.inputs = (char *)g_variant_get_string (value, NULL);
  viz_document_set_setup (self->document, &setup);
}

static void
set_rotate (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;
  const char *name = g_variant_get_string (value, NULL);
  CnnKernelRotation rotation;

  if (name[0] != '\0' &&
      (!cnn_kernel_rotation_from_name (name, &rotation) || rotation == CNN_KERNEL_ROTATION_AUTO)) {
    complain (self, _ ("Kernels are turned by yes or no, not by"), name);
    return;
  }
  setup.rotate = (char *)name;
  viz_document_set_setup (self->document, &setup);
}

static void
set_tensor (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  guint channels = 0, height, width;
  int tensor = CNN_TENSOR_OFF;

  if (viz_document_get_model (self->document) != NULL)
    cnn_model_get_image_size (viz_document_get_model (self->document), &channels, &height, &width);
  if (cnn_tensor_view_from_name (name, &tensor) && tensor < (int)channels)
    viz_document_set_tensor (self->document, tensor);
  else
    complain (self, _ ("The input is shown as off, picture or a channel's number, not as"), name);
}

static void
on_guess_again (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_document_guess_again (VIZ_WINDOW (data)->document);
}

void
viz_window_add_input_actions (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "preprocess", NULL, "s", "'unit'", set_preprocess },
    { "fit", NULL, "s", "'stretch'", set_fit },
    { "channel-order", NULL, "s", "'rgb'", set_channel_order },
    { "invert", NULL, "b", "false", set_invert },
    { "labels", NULL, "s", "''", set_labels },
    { "output", NULL, "s", "''", set_output },
    { "input-size", NULL, "s", "''", set_input_size },
    { "inputs", NULL, "s", "''", set_inputs },
    { "rotate-kernels", NULL, "s", "''", set_rotate },
    { "tensor", NULL, "s", "'off'", set_tensor },
    { "guess-again", on_guess_again, NULL, NULL, NULL },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

static GVariant *
new_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  return g_variant_new_string (valid);
}

static void
sync_preprocess (VizWindow *self, const CnnPreprocess *preprocess)
{
  g_autofree char *text = cnn_preprocess_to_string (preprocess);

  viz_window_set_action_state (self, "preprocess", g_variant_new_string (text));
  viz_window_set_action_state (self, "fit", g_variant_new_string (cnn_fit_name (preprocess->fit)));
  viz_window_set_action_state (self, "channel-order",
                               g_variant_new_string (orders[preprocess->gray  ? 2
                                                            : preprocess->bgr ? 1
                                                                              : 0]));
  viz_window_set_action_state (self, "invert", g_variant_new_boolean (preprocess->invert));
}

/* What the open network really is; what was asked for and is not done yet is not shown. */
static void
sync_model (VizWindow *self, CnnModel *model, const CnnModelSetup *setup)
{
  g_autofree char *size = NULL;
  guint channels, height, width;

  cnn_model_get_image_size (model, &channels, &height, &width);
  size = g_strdup_printf ("%ux%u", width, height);
  for (guint i = 0; i < cnn_model_get_n_outputs (model); i++)
    if (cnn_model_get_output (model, i) == cnn_model_get_selected_output (model)) {
      viz_window_set_action_state (self, "output", new_text (cnn_model_output_name (model, i)));
      break;
    }
  viz_window_set_action_state (self, "input-size", g_variant_new_string (size));
  viz_window_set_action_state (self, "labels", new_text (setup->labels));
  viz_window_set_action_state (self, "inputs", new_text (setup->inputs));
  viz_window_set_action_state (self, "rotate-kernels", new_text (setup->rotate));
}

void
viz_window_sync_input_actions (VizWindow *self, guint what)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  CnnModel *model = viz_document_get_model (self->document);
  g_autofree char *tensor = cnn_tensor_view_name (choices->tensor);

  if (what & (VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_MODEL))
    sync_preprocess (self, &choices->preprocess);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_SETUP) && model != NULL)
    sync_model (self, model, &choices->setup);
  if (what & (VIZ_CHANGED_TENSOR | VIZ_CHANGED_MODEL))
    viz_window_set_action_state (self, "tensor", g_variant_new_string (tensor));
}
