/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

#include "methods/occlusion/cnn-occluder.h"

#include <math.h>

/* Reports a name that does not exist, and returns FALSE for it. */
static gboolean
check (VizWindow *self, gboolean good, const char *format, const char *name)
{
  g_autofree char *text = NULL;

  if (good)
    return TRUE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, name);
#pragma GCC diagnostic pop
  viz_document_report (self->document, text);
  return FALSE;
}

char *
viz_action_path (GVariant *parameter)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (g_variant_get_string (parameter, NULL));
  char *path = g_file_get_path (file);

  return path != NULL ? path : g_variant_dup_string (parameter, NULL);
}

/* The layer of that name, -1 for "", -2 for a name that does not exist (reported). */
static int
layer_of (VizWindow *self, GVariant *parameter)
{
  const char *name = g_variant_get_string (parameter, NULL);
  CnnModel *model = viz_document_get_model (self->document);
  int layer = model != NULL && name[0] != '\0' ? cnn_model_find_layer (model, name) : -1;

  return check (self, name[0] == '\0' || layer >= 0, _ ("The network has no layer called “%s”."), name)
             ? layer
             : -2;
}

static void
on_open_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_jobs_open_model (VIZ_WINDOW (data)->jobs, path);
}

static void
on_open_image (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_jobs_open_image (VIZ_WINDOW (data)->jobs, path);
}

static void
on_open_labels (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_jobs_open_labels (VIZ_WINDOW (data)->jobs, path);
}

static void
on_open_sample (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_document_clear_error (VIZ_WINDOW (data)->document);
  viz_window_open_sample (data, g_variant_get_string (parameter, NULL));
}

static void
on_save_figure (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_jobs_save_figure (VIZ_WINDOW (data)->jobs, path);
}

static void
on_choose_files (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose (data, VIZ_CHOOSE_ANY);
}

static void
on_choose_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose (data, VIZ_CHOOSE_MODEL);
}

static void
on_choose_image (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose (data, VIZ_CHOOSE_IMAGE);
}

static void
on_choose_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose (data, VIZ_CHOOSE_FOLDER);
}

static void
on_choose_labels (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_choose (data, VIZ_CHOOSE_LABELS);
}

static void
on_export (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_export (data);
}

static void
on_paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_paste (data);
}

static void
on_previous_image (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_step_image (data, -1);
}

static void
on_next_image (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_window_step_image (data, 1);
}

static void
on_search (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  VizWindow *self = data;

  if (g_strcmp0 (viz_document_get_choices (self->document)->view, "architecture") == 0) {
    viz_architecture_view_focus_search (self->architecture);
    return;
  }
  viz_document_set_view (self->document, "explore");
  viz_explore_view_focus_search (self->explore);
}

static void
on_stop (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_jobs_stop (VIZ_WINDOW (data)->jobs);
}

static void
set_view (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);

  if (check (self, adw_view_stack_get_child_by_name (self->views, name) != NULL,
             _ ("There is no view called “%s”."), name))
    viz_document_set_view (self->document, name);
}

static void
set_layer (GSimpleAction *action, GVariant *value, gpointer data)
{
  int layer = layer_of (data, value);

  if (layer > -2)
    viz_document_set_layer (VIZ_WINDOW (data)->document, layer);
}

static void
set_target_layer (GSimpleAction *action, GVariant *value, gpointer data)
{
  int layer = layer_of (data, value);

  if (layer > -2)
    viz_document_set_target_layer (VIZ_WINDOW (data)->document, layer);
}

static void
set_filter (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const VizChoices *choices = viz_document_get_choices (self->document);
  CnnModel *model = viz_document_get_model (self->document);
  int filter = g_variant_get_int32 (value);
  g_autofree char *number = g_strdup_printf ("%d", filter);
  const CnnValue *output;
  gint64 n;

  if (filter >= 0) {
    if (!check (self, model != NULL && choices->layer >= 0, _ ("Choose a layer before its filter %s."),
                number))
      return;
    output = cnn_model_get_value (model, cnn_model_get_layer (model, (guint)choices->layer)->output);
    n = output->known && output->shape.rank > 1 ? output->shape.dims[1] : 0;
    if (!check (self, filter < n, _ ("The layer has no filter %s."), number))
      return;
  }
  viz_document_set_filter (self->document, filter);
}

static void
set_gallery (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);

  if (check (self, g_str_equal (name, "kernels") || g_str_equal (name, "activations"),
             _ ("The gallery shows “kernels” or “activations”, not “%s”."), name))
    viz_document_set_gallery_kernels (self->document, g_str_equal (name, "kernels"));
}

static void
set_gallery_inputs (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  const CnnGallery *gallery = viz_document_get_results (self->document)->gallery;
  int inputs = CNN_GALLERY_SUITED;

  if (!check (self, g_str_equal (name, "") || cnn_gallery_parse_inputs (name, &inputs),
              _ ("The gallery shows “mean”, “norm” or the number of an input channel, not “%s”."), name))
    return;
  if (check (self, gallery == NULL || !gallery->is_kernels || inputs < (int)gallery->n_inputs,
             _ ("The kernels have no input channel %s."), name))
    viz_document_set_gallery_inputs (self->document, inputs);
}

/* "" for what suits the layer. */
static GVariant *
state_of_inputs (int inputs)
{
  if (inputs >= 0)
    return g_variant_new_take_string (g_strdup_printf ("%d", inputs));
  return g_variant_new_string (inputs == CNN_GALLERY_MEAN   ? "mean"
                               : inputs == CNN_GALLERY_NORM ? "norm"
                                                            : "");
}

static void
set_method (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  const CnnMethod *method = cnn_method_find (name);

  if (check (self, method != NULL || g_str_equal (name, "none"), _ ("There is no method called “%s”."), name))
    viz_document_set_method (self->document, method);
}

static void
set_modifier (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  CnnModifier modifier = CNN_MODIFIER_VANILLA;

  if (check (self, cnn_modifier_from_name (name, &modifier), _ ("There is no modifier called “%s”."), name))
    viz_document_set_modifier (self->document, modifier);
}

static void
set_class (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  int class_index = g_variant_get_int32 (value);
  CnnModel *model = viz_document_get_model (self->document);
  g_autofree char *number = g_strdup_printf ("%d", class_index);

  if (check (self, class_index >= -1 && model != NULL && class_index < (int)cnn_model_get_n_classes (model),
             _ ("The network has no class %s."), number))
    viz_document_set_class (self->document, class_index);
}

static void
set_opacity (GSimpleAction *action, GVariant *value, gpointer data)
{
  viz_document_set_opacity (VIZ_WINDOW (data)->document, g_variant_get_double (value));
}

static void
set_colormap (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  const CnnColormap *colormap = cnn_colormap_find (name);

  if (check (self, colormap != NULL || name[0] == '\0' || g_str_equal (name, "automatic"),
             _ ("There is no colour map called “%s”."), name))
    viz_document_set_colormap (self->document, colormap);
}

static void
set_scale (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *text = g_variant_get_string (value, NULL);
  VizScale scale = { VIZ_SCALE_OWN, 0, 0 };

  if (check (self, viz_scale_parse (&scale, text),
             _ ("A scale is “own”, “clip” or two numbers as “0,1”, not “%s”."), text))
    viz_document_set_scale (self->document, &scale);
}

static void
set_occluder (GSimpleAction *action, GVariant *value, gpointer data)
{
  viz_document_set_occluder_visible (VIZ_WINDOW (data)->document, g_variant_get_boolean (value));
}

static void
set_occluder_rect (GSimpleAction *action, GVariant *value, gpointer data)
{
  int x, y, width, height;

  g_variant_get (value, "(iiii)", &x, &y, &width, &height);
  viz_document_set_occluder (VIZ_WINDOW (data)->document, x, y, width, height);
}

static void
set_occluder_fill (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizWindow *self = data;
  const char *name = g_variant_get_string (value, NULL);
  CnnFill fill = CNN_FILL_GRAY;

  if (check (self, cnn_fill_from_name (name, &fill), _ ("There is no fill called “%s”."), name))
    viz_document_set_occluder_fill (self->document, fill);
}

static const GActionEntry entries[] = {
  { "open-model", on_open_model, "s", NULL, NULL },
  { "open-image", on_open_image, "s", NULL, NULL },
  { "open-labels", on_open_labels, "s", NULL, NULL },
  { "open-sample", on_open_sample, "s", NULL, NULL },
  { "save-figure", on_save_figure, "s", NULL, NULL },
  { "choose-files", on_choose_files, NULL, NULL, NULL },
  { "choose-model", on_choose_model, NULL, NULL, NULL },
  { "choose-image", on_choose_image, NULL, NULL, NULL },
  { "choose-folder", on_choose_folder, NULL, NULL, NULL },
  { "choose-labels", on_choose_labels, NULL, NULL, NULL },
  { "export", on_export, NULL, NULL, NULL },
  { "paste", on_paste, NULL, NULL, NULL },
  { "previous-image", on_previous_image, NULL, NULL, NULL },
  { "next-image", on_next_image, NULL, NULL, NULL },
  { "search", on_search, NULL, NULL, NULL },
  { "stop", on_stop, NULL, NULL, NULL },
  { "view", NULL, "s", "'explore'", set_view },
  { "layer", NULL, "s", "''", set_layer },
  { "filter", NULL, "i", "-1", set_filter },
  { "gallery", NULL, "s", "'kernels'", set_gallery },
  { "gallery-inputs", NULL, "s", "''", set_gallery_inputs },
  { "method", NULL, "s", "'none'", set_method },
  { "modifier", NULL, "s", "'vanilla'", set_modifier },
  { "class", NULL, "i", "-1", set_class },
  { "target-layer", NULL, "s", "''", set_target_layer },
  { "opacity", NULL, "d", "0.0", set_opacity },
  { "colormap", NULL, "s", "'automatic'", set_colormap },
  { "scale", NULL, "s", "'own'", set_scale },
  { "occluder", NULL, "b", "false", set_occluder },
  { "toggle-occluder", NULL, NULL, "false", set_occluder },
  { "occluder-rect", NULL, "(iiii)", "(0, 0, 0, 0)", set_occluder_rect },
  { "occluder-fill", NULL, "s", "'gray'", set_occluder_fill },
};

/* A parameter of a method as an action "METHOD-PARAMETER". */
typedef struct {
  VizWindow *window;
  const CnnMethod *method;
  guint param;
  GSimpleAction *action;
} ParamAction;

static GVariant *
param_state (VizDocument *document, const CnnMethod *method, guint index)
{
  const CnnParam *param = &method->params[index];
  double value = viz_document_get_param (document, method, index);

  switch (param->type) {
  case CNN_PARAM_BOOL:
    return g_variant_new_boolean (value != 0);
  case CNN_PARAM_INT:
    return g_variant_new_int32 ((int)value);
  case CNN_PARAM_CHOICE:
    return g_variant_new_string (param->choices[(guint)value]);
  case CNN_PARAM_FLOAT:
  default:
    return g_variant_new_double (value);
  }
}

static double
param_value (const CnnParam *param, GVariant *value)
{
  const char *name;

  switch (param->type) {
  case CNN_PARAM_BOOL:
    return g_variant_get_boolean (value);
  case CNN_PARAM_INT:
    return g_variant_get_int32 (value);
  case CNN_PARAM_CHOICE:
    name = g_variant_get_string (value, NULL);
    for (guint i = 0; param->choices[i] != NULL; i++)
      if (g_str_equal (param->choices[i], name))
        return i;
    return NAN;
  case CNN_PARAM_FLOAT:
  default:
    return g_variant_get_double (value);
  }
}

static void
set_param (GSimpleAction *action, GVariant *value, gpointer data)
{
  ParamAction *item = data;
  double number = param_value (&item->method->params[item->param], value);
  g_autofree char *text = g_variant_print (value, FALSE);

  check (item->window, viz_document_set_param (item->window->document, item->method, item->param, number),
         _ ("%s is not a value that this option can have."), text);
}

static void
add_param_actions (VizWindow *self, const CnnMethod *method, GPtrArray *items)
{
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL; i++) {
    g_autofree char *name = g_strconcat (method->name, "-", method->params[i].name, NULL);
    GVariant *state = g_variant_ref_sink (param_state (self->document, method, i));
    ParamAction *item = g_new0 (ParamAction, 1);

    item->window = self;
    item->method = method;
    item->param = i;
    item->action = g_simple_action_new_stateful (name, g_variant_get_type (state), state);
    g_signal_connect (item->action, "change-state", G_CALLBACK (set_param), item);
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (item->action));
    g_object_unref (item->action);
    g_ptr_array_add (items, item);
    g_variant_unref (state);
  }
}

void
viz_window_add_actions (VizWindow *self)
{
  const CnnMethod *const *methods = cnn_methods_list ();
  GPtrArray *items = g_ptr_array_new_with_free_func (g_free);

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  viz_window_add_input_actions (self);
  for (guint i = 0; methods[i] != NULL; i++)
    add_param_actions (self, methods[i], items);
  g_object_set_data_full (G_OBJECT (self), "viz-param-actions", items, (GDestroyNotify)g_ptr_array_unref);
  viz_window_add_view_actions (self);
}

static void
set_state (VizWindow *self, const char *name, GVariant *state)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);
  g_autoptr (GVariant) old = g_action_get_state (action);

  g_variant_ref_sink (state);
  if (!g_variant_equal (old, state))
    g_simple_action_set_state (G_SIMPLE_ACTION (action), state);
  g_variant_unref (state);
}

void
viz_window_set_action_state (VizWindow *self, const char *name, GVariant *state)
{
  set_state (self, name, state);
}

static void
set_enabled (VizWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)),
                               enabled);
}

static void
sync_method (VizWindow *self, const VizChoices *choices)
{
  GPtrArray *items = g_object_get_data (G_OBJECT (self), "viz-param-actions");

  set_state (self, "method", g_variant_new_string (choices->method != NULL ? choices->method->name : "none"));
  set_state (self, "modifier", g_variant_new_string (cnn_modifier_name (choices->modifier)));
  set_state (self, "class", g_variant_new_int32 (choices->class_index));
  set_state (self, "target-layer",
             g_variant_new_string (viz_document_get_layer_name (self->document, choices->target_layer)));
  set_state (self, "filter", g_variant_new_int32 (choices->filter));
  for (guint i = 0; i < items->len; i++) {
    ParamAction *item = items->pdata[i];

    g_simple_action_set_state (item->action, param_state (self->document, item->method, item->param));
  }
}

void
viz_window_sync_actions (VizWindow *self, guint what)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  const int *r = choices->occluder;

  viz_window_sync_input_actions (self, what);
  if (what & VIZ_CHANGED_VIEW)
    set_state (self, "view", g_variant_new_string (choices->view));
  if (what & VIZ_CHANGED_LAYER)
    set_state (self, "layer",
               g_variant_new_string (viz_document_get_layer_name (self->document, choices->layer)));
  if (what & (VIZ_CHANGED_GALLERY_KIND | VIZ_CHANGED_LAYER))
    set_state (self, "gallery-inputs", state_of_inputs (choices->gallery_inputs));
  if (what & VIZ_CHANGED_GALLERY_KIND)
    set_state (self, "gallery", g_variant_new_string (choices->gallery_kernels ? "kernels" : "activations"));
  if (what & VIZ_CHANGED_METHOD)
    sync_method (self, choices);
  if (what & VIZ_CHANGED_DISPLAY) {
    g_autofree char *scale = viz_scale_to_string (&choices->scale);

    set_state (self, "scale", g_variant_new_string (scale));
    set_state (self, "opacity", g_variant_new_double (choices->opacity));
    set_state (self, "colormap",
               g_variant_new_string (choices->colormap != NULL ? choices->colormap->name : "automatic"));
  }
  if (what & VIZ_CHANGED_OCCLUDER) {
    set_state (self, "occluder", g_variant_new_boolean (choices->occluder_visible));
    set_state (self, "toggle-occluder", g_variant_new_boolean (choices->occluder_visible));
    set_state (self, "occluder-rect", g_variant_new ("(iiii)", r[0], r[1], r[2], r[3]));
    set_state (self, "occluder-fill", g_variant_new_string (cnn_fill_name (choices->occluder_fill)));
  }
  viz_window_sync_view_actions (self, what);
  if (what & VIZ_CHANGED_MODEL)
    set_enabled (self, "export", viz_document_get_model (self->document) != NULL);
  if (what & VIZ_CHANGED_IMAGE) {
    set_enabled (self, "previous-image", viz_document_get_n_images (self->document) > 1);
    set_enabled (self, "next-image", viz_document_get_n_images (self->document) > 1);
  }
}
