/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-saved.h"

#include "methods/occlusion/cnn-occluder.h"

static void
take_params (VizDocument *document, CnnSavedSession *saved)
{
  const CnnMethod *const *methods = cnn_methods_list ();

  for (guint m = 0; methods[m] != NULL; m++) {
    CnnMethodRequest request;

    cnn_method_request_init (&request, methods[m]);
    for (guint i = 0; methods[m]->params != NULL && methods[m]->params[i].name != NULL; i++)
      request.values[i] = viz_document_get_param (document, methods[m], i);
    cnn_saved_session_add_request (saved, methods[m], &request);
    cnn_method_request_clear (&request);
  }
}

/* What the views show is saved like parameters, under the view's name: "compare", "columns". */
static void
take_view_choices (VizDocument *document, CnnSavedSession *saved)
{
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++) {
    VizViewChoice choice = (VizViewChoice)i;
    const char *text = viz_document_get_view_choice (document, choice);
    g_auto (GStrv) name = g_strsplit (viz_view_choice_get_name (choice), "-", 2);

    if (!g_str_equal (text, viz_view_choice_get_standard (choice)))
      cnn_saved_session_add_param (saved, name[0], name[1], text);
  }
}

static void
apply_view_choices (VizDocument *document, const CnnSavedSession *saved)
{
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++) {
    VizViewChoice choice = (VizViewChoice)i;
    const char *text = viz_view_choice_get_standard (choice);

    for (guint k = 0; k < saved->params->len; k++) {
      const CnnSavedParam *param = saved->params->pdata[k];
      g_autofree char *name = g_strconcat (param->method, "-", param->param, NULL);

      if (g_str_equal (name, viz_view_choice_get_name (choice)))
        text = param->value;
    }
    viz_document_set_view_choice (document, choice, text, NULL);
  }
}

/* The size of pictures, where the network leaves it free. */
static char *
size_in_use (VizDocument *document)
{
  return cnn_model_size_in_use (viz_document_get_model (document),
                                viz_document_get_choices (document)->setup.size);
}

CnnSavedSession *
viz_saved_take (VizDocument *document, VizSaved what)
{
  const VizChoices *c = viz_document_get_choices (document);
  CnnSavedSession *saved = cnn_saved_session_new ();

  saved->model = g_strdup (viz_document_get_model_path (document));
  saved->image = g_strdup (viz_document_get_image_path (document));
  saved->layer = g_strdup (viz_document_get_layer_name (document, c->layer));
  saved->gallery = g_strdup (c->gallery_kernels ? "kernels" : "activations");
  saved->method = g_strdup (c->method != NULL ? c->method->name : "none");
  saved->modifier = g_strdup (cnn_modifier_name (c->modifier));
  saved->target_layer = g_strdup (viz_document_get_layer_name (document, c->target_layer));
  saved->colormap = g_strdup (c->colormap != NULL ? c->colormap->name : "automatic");
  saved->scale = viz_scale_to_string (&c->scale);
  saved->preprocess = cnn_preprocess_to_string (&c->preprocess);
  saved->fit = g_strdup (cnn_fit_name (c->preprocess.fit));
  saved->invert = c->preprocess.invert;
  saved->occluder_fill = g_strdup (cnn_fill_name (c->occluder_fill));
  saved->labels = g_strdup (c->setup.labels);
  saved->output = g_strdup (c->setup.output);
  saved->input_size = what == VIZ_SAVED_STEP ? g_strdup (c->setup.size) : size_in_use (document);
  saved->inputs = g_strdup (c->setup.inputs);
  saved->rotate = g_strdup (c->setup.rotate);
  saved->tensor = cnn_tensor_view_name (c->tensor);
  saved->class_index = c->class_index;
  saved->filter = c->filter;
  saved->opacity = c->opacity;
  saved->occluder = c->occluder_visible;
  memcpy (saved->occluder_rect, c->occluder, sizeof saved->occluder_rect);
  take_params (document, saved);
  take_view_choices (document, saved);
  if (what == VIZ_SAVED_SESSION) {
    saved->view = g_strdup (c->view);
    for (guint i = 0; i < viz_document_get_n_images (document); i++)
      cnn_saved_session_add_image (saved, viz_document_get_listed_image (document, i), NULL);
  }
  return saved;
}

/* Every parameter gets the value that was saved, else its standard. */
static void
apply_params (VizDocument *document, const CnnMethod *method, const CnnSavedSession *saved)
{
  CnnMethodRequest request;

  cnn_method_request_init (&request, method);
  for (guint i = 0; i < saved->params->len; i++) {
    const CnnSavedParam *param = saved->params->pdata[i];

    if (g_str_equal (param->method, method->name))
      cnn_method_request_set (&request, method, param->param, param->value, NULL);
  }
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL; i++)
    viz_document_set_param (document, method, i, request.values[i]);
  cnn_method_request_clear (&request);
}

static void
apply_layer (VizDocument *document, const char *name, void (*set) (VizDocument *document, int layer))
{
  CnnModel *model = viz_document_get_model (document);
  int layer = model != NULL && name != NULL && name[0] != '\0' ? cnn_model_find_layer (model, name) : -1;

  if (name != NULL && (layer >= 0 || name[0] == '\0'))
    set (document, layer);
}

static void
apply_filter (VizDocument *document, int filter)
{
  CnnModel *model = viz_document_get_model (document);
  int layer = viz_document_get_choices (document)->layer;
  const CnnValue *output;

  if (model == NULL || layer < 0 || filter < 0)
    return;
  output = cnn_model_get_value (model, cnn_model_get_layer (model, (guint)layer)->output);
  if (output->known && output->shape.rank > 1 && filter < output->shape.dims[1])
    viz_document_set_filter (document, filter);
}

static void
apply_preprocess (VizDocument *document, const CnnSavedSession *saved)
{
  CnnPreprocess preprocess = viz_document_get_choices (document)->preprocess;

  if (saved->preprocess != NULL && cnn_preprocess_parse (&preprocess, saved->preprocess, NULL))
    preprocess.invert = saved->invert;
  cnn_fit_from_name (saved->fit, &preprocess.fit);
  viz_document_set_preprocess (document, &preprocess);
}

static void
apply_method (VizDocument *document, const CnnSavedSession *saved)
{
  const CnnMethod *const *methods = cnn_methods_list ();
  const CnnMethod *method = saved->method != NULL ? cnn_method_find (saved->method) : NULL;
  CnnModifier modifier;

  if (method != NULL || g_strcmp0 (saved->method, "none") == 0)
    viz_document_set_method (document, method);
  apply_filter (document, saved->filter);
  if (saved->modifier != NULL && cnn_modifier_from_name (saved->modifier, &modifier))
    viz_document_set_modifier (document, modifier);
  viz_document_set_class (document, saved->class_index);
  apply_layer (document, saved->target_layer, viz_document_set_target_layer);
  for (guint i = 0; methods[i] != NULL; i++)
    apply_params (document, methods[i], saved);
}

void
viz_saved_apply (VizDocument *document, const CnnSavedSession *saved)
{
  const int *r = saved->occluder_rect;
  VizScale scale = { VIZ_SCALE_OWN, 0, 0 };
  CnnFill fill;

  CnnModelSetup setup = { saved->labels, saved->output, saved->input_size, saved->inputs, saved->rotate };
  int tensor;

  viz_document_freeze (document);
  viz_document_set_setup (document, &setup);
  apply_layer (document, saved->layer, viz_document_set_layer);
  if (saved->gallery != NULL)
    viz_document_set_gallery_kernels (document, g_str_equal (saved->gallery, "kernels"));
  apply_method (document, saved);
  apply_view_choices (document, saved);
  viz_document_set_opacity (document, saved->opacity);
  if (saved->colormap != NULL)
    viz_document_set_colormap (document, cnn_colormap_find (saved->colormap));
  if (saved->scale == NULL || viz_scale_parse (&scale, saved->scale))
    viz_document_set_scale (document, &scale);
  apply_preprocess (document, saved);
  if (r[2] > 0 && r[3] > 0)
    viz_document_set_occluder (document, r[0], r[1], r[2], r[3]);
  if (saved->occluder_fill != NULL && cnn_fill_from_name (saved->occluder_fill, &fill))
    viz_document_set_occluder_fill (document, fill);
  viz_document_set_occluder_visible (document, saved->occluder);
  if (cnn_tensor_view_from_name (saved->tensor, &tensor))
    viz_document_set_tensor (document, tensor);
  viz_document_thaw (document);
}
