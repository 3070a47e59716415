/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-document-private.h"

#include <glib/gi18n.h>
#include <math.h>

enum { SIGNAL_CHANGED, SIGNAL_ERROR, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VizDocument, viz_document, G_TYPE_OBJECT)

void
_viz_document_changed (VizDocument *self, VizChange what)
{
  self->pending |= what;
  if (self->frozen > 0 || self->pending == 0)
    return;
  what = self->pending;
  self->pending = 0;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, (guint)what);
}

void
viz_document_freeze (VizDocument *self)
{
  self->frozen++;
}

void
viz_document_thaw (VizDocument *self)
{
  g_return_if_fail (self->frozen > 0);
  self->frozen--;
  _viz_document_changed (self, 0);
}

/* What belongs to a network: its classes and layers. */
static void
reset_view_choices (VizDocument *self)
{
  static const VizViewChoice own[] = { VIZ_COMPARE_CLASSES, VIZ_MAXIMIZE_LAYER, VIZ_MAXIMIZE_TARGETS };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++) {
    g_free (self->choices.view_choices[own[i]]);
    self->choices.view_choices[own[i]] = g_strdup (viz_view_choice_get_standard (own[i]));
  }
}

static void
viz_document_finalize (GObject *object)
{
  VizDocument *self = VIZ_DOCUMENT (object);

  _viz_document_clear_results (self);
  g_clear_pointer (&self->results.fitted, cnn_image_unref);
  g_clear_object (&self->model);
  g_clear_pointer (&self->image, cnn_image_unref);
  g_free (self->image_path);
  g_ptr_array_unref (self->images);
  for (guint i = 0; i < self->n_methods; i++)
    cnn_method_request_clear (&self->requests[i]);
  g_free (self->requests);
  g_free (self->choices.preprocess_reason);
  cnn_model_setup_clear (&self->choices.setup);
  g_free (self->choices.view);
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++)
    g_free (self->choices.view_choices[i]);
  g_free (self->last_error);
  G_OBJECT_CLASS (viz_document_parent_class)->finalize (object);
}

static void
viz_document_class_init (VizDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_document_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", VIZ_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_ERROR] = g_signal_new ("error", VIZ_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
viz_document_init (VizDocument *self)
{
  const CnnMethod *const *methods = cnn_methods_list ();

  self->images = g_ptr_array_new_with_free_func (g_free);
  self->last_error = g_strdup ("");
  while (methods[self->n_methods] != NULL)
    self->n_methods++;
  self->requests = g_new0 (CnnMethodRequest, self->n_methods);
  for (guint i = 0; i < self->n_methods; i++)
    cnn_method_request_init (&self->requests[i], methods[i]);
  self->choices = (VizChoices){
    .layer = -1,
    .gallery_kernels = TRUE,
    .gallery_inputs = CNN_GALLERY_SUITED,
    .method = cnn_method_find ("grad-cam"),
    .class_index = -1,
    .target_layer = -1,
    .filter = -1,
    .opacity = 0.6,
    .occluder_fill = CNN_FILL_GRAY,
    .tensor = CNN_TENSOR_OFF,
    .view = g_strdup ("explore"),
  };
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++)
    self->choices.view_choices[i] = g_strdup (viz_view_choice_get_standard ((VizViewChoice)i));
  self->prefers_kernels = TRUE;
  self->method_before = self->choices.method;
  cnn_preprocess_init (&self->choices.preprocess, CNN_PREPROCESS_UNIT);
  self->results.progress = self->results.compare_progress = -1;
  self->wanted_class = -1;
}

VizDocument *
viz_document_new (void)
{
  return g_object_new (VIZ_TYPE_DOCUMENT, NULL);
}

const VizChoices *
viz_document_get_choices (VizDocument *self)
{
  return &self->choices;
}

gboolean
viz_results_can_stop (const VizResults *self)
{
  return self->progress >= 0 || self->compare_progress >= 0 || self->maximizing == VIZ_MAXIMIZING_RUNS;
}

CnnModel *
viz_document_get_model (VizDocument *self)
{
  return self->model;
}

CnnImage *
viz_document_get_image (VizDocument *self)
{
  return self->image;
}

const char *
viz_document_get_model_path (VizDocument *self)
{
  return self->model != NULL ? cnn_model_get_path (self->model) : NULL;
}

const char *
viz_document_get_image_path (VizDocument *self)
{
  return self->image_path;
}

char *
viz_document_dup_image_name (VizDocument *self)
{
  if (self->image == NULL)
    return NULL;
  if (self->image_path == NULL)
    return g_strdup (_ ("pasted image"));
  return g_path_get_basename (self->image_path);
}

/* An occluder of a quarter of the network's input, in its middle. */
static void
place_occluder (VizDocument *self)
{
  guint channels, height, width;
  int *r = self->choices.occluder;

  cnn_model_get_image_size (self->model, &channels, &height, &width);
  r[2] = MAX (1, (int)width / 4);
  r[3] = MAX (1, (int)height / 4);
  r[0] = ((int)width - r[2]) / 2;
  r[1] = ((int)height - r[3]) / 2;
}

/* A layer without kernels shows its activations; the next one with kernels shows them again. */
static gboolean
follow_layer (VizDocument *self)
{
  VizChoices *c = &self->choices;
  gboolean kernels =
      self->prefers_kernels && c->layer >= 0 && cnn_layer_has_kernels (self->model, (guint)c->layer);

  if (c->gallery_kernels == kernels)
    return FALSE;
  c->gallery_kernels = kernels;
  return TRUE;
}

/* The first layer with kernels is the best start: its gallery shows pictures. */
static int
first_layer (CnnModel *model)
{
  guint n = cnn_model_get_n_layers (model);

  for (guint i = 0; i < n; i++)
    if (cnn_layer_has_kernels (model, i))
      return (int)i;
  return n > 0 ? 0 : -1;
}

void
viz_document_set_model (VizDocument *self, CnnModel *model)
{
  VizChoices *c = &self->choices;

  if (!g_set_object (&self->model, model))
    return;
  _viz_document_clear_results (self);
  reset_view_choices (self);
  g_clear_pointer (&self->results.fitted, cnn_image_unref);
  g_clear_pointer (&c->preprocess_reason, g_free);
  cnn_model_setup_clear (&c->setup);
  self->wanted_class = -1;
  self->setting_up = FALSE;
  c->tensor = MIN (c->tensor, CNN_TENSOR_PICTURE);
  c->class_index = c->target_layer = c->filter = c->layer = -1;
  if (c->method != NULL && c->method->uses_filter)
    c->method = self->method_before;
  if (model != NULL) {
    c->layer = first_layer (model);
    follow_layer (self);
    cnn_preprocess_guess (&c->preprocess, model, &c->preprocess_reason);
    if (cnn_model_get_image_input (model) >= 0)
      place_occluder (self);
  }
  _viz_document_changed (self, VIZ_CHANGED_ALL & ~(VIZ_CHANGED_BUSY | VIZ_CHANGED_ERROR | VIZ_CHANGED_VIEW));
}

void
viz_document_replace_model (VizDocument *self, CnnModel *model)
{
  VizChoices *c = &self->choices;
  guint channels, height, width, old_height = 0, old_width = 0;
  guint n_classes = self->model != NULL ? cnn_model_get_n_classes (self->model) : 0;

  if (self->model != NULL)
    cnn_model_get_image_size (self->model, &channels, &old_height, &old_width);
  if (!g_set_object (&self->model, model))
    return;
  cnn_model_get_image_size (model, &channels, &height, &width);
  if (height != old_height || width != old_width) {
    _viz_document_clear_results (self);
    place_occluder (self);
  } else if (cnn_model_get_n_classes (model) != n_classes) {
    _viz_document_clear_results (self);
    reset_view_choices (self);
  }
  if (self->wanted_class >= 0)
    c->class_index = self->wanted_class;
  self->wanted_class = -1;
  self->setting_up = FALSE;
  if (c->class_index >= (int)cnn_model_get_n_classes (model))
    c->class_index = -1;
  _viz_document_changed (self, VIZ_CHANGED_MODEL | VIZ_CHANGED_METHOD | VIZ_CHANGED_OCCLUDER |
                                   VIZ_CHANGED_PREDICTION | VIZ_CHANGED_MAP | VIZ_CHANGED_GALLERY |
                                   VIZ_CHANGED_OCCLUDED | VIZ_CHANGED_TENSOR | VIZ_CHANGED_VIEW_CHOICE |
                                   VIZ_CHANGED_COMPARED | VIZ_CHANGED_MAXIMIZED);
}

void
viz_document_set_setup (VizDocument *self, const CnnModelSetup *setup)
{
  if (self->model == NULL || cnn_model_setup_equal (&self->choices.setup, setup))
    return;
  cnn_model_setup_copy (&self->choices.setup, setup);
  self->setting_up = TRUE;
  _viz_document_changed (self, VIZ_CHANGED_SETUP);
}

void
viz_document_restore (VizDocument *self, const CnnModelSetup *setup, const CnnPreprocess *preprocess)
{
  cnn_model_setup_copy (&self->choices.setup, setup);
  if (preprocess != NULL)
    self->choices.preprocess = *preprocess;
  _viz_document_changed (self, VIZ_CHANGED_SETUP | VIZ_CHANGED_PREPROCESS);
}

static int
find_image (VizDocument *self, const char *path)
{
  for (guint i = 0; path != NULL && i < self->images->len; i++)
    if (g_strcmp0 (self->images->pdata[i], path) == 0)
      return (int)i;
  return -1;
}

void
viz_document_set_image (VizDocument *self, CnnImage *image, const char *path)
{
  if (self->image == image)
    return;
  if (image != NULL)
    cnn_image_ref (image);
  g_clear_pointer (&self->image, cnn_image_unref);
  self->image = image;
  g_free (self->image_path);
  self->image_path = g_strdup (path);
  if (path != NULL && find_image (self, path) < 0) {
    g_ptr_array_set_size (self->images, 0);
    g_ptr_array_add (self->images, g_strdup (path));
  }
  self->results.map_stale = self->results.map != NULL;
  self->results.prediction_stale = self->results.prediction != NULL;
  self->results.gallery_stale = self->results.gallery != NULL && !self->results.gallery->is_kernels;
  self->results.compared_stale = self->results.compared != NULL;
  _viz_document_changed (self, VIZ_CHANGED_IMAGE);
}

void
viz_document_set_images (VizDocument *self, const char *const *paths)
{
  g_ptr_array_set_size (self->images, 0);
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    g_ptr_array_add (self->images, g_strdup (paths[i]));
  _viz_document_changed (self, VIZ_CHANGED_IMAGE);
}

guint
viz_document_get_n_images (VizDocument *self)
{
  return self->images->len;
}

int
viz_document_get_image_position (VizDocument *self)
{
  return find_image (self, self->image_path);
}

const char *
viz_document_get_listed_image (VizDocument *self, guint position)
{
  return position < self->images->len ? self->images->pdata[position] : NULL;
}

void
viz_document_set_layer (VizDocument *self, int layer)
{
  VizChoices *c = &self->choices;
  VizChange what = VIZ_CHANGED_LAYER;

  if (c->layer == layer || self->model == NULL || layer < -1 ||
      layer >= (int)cnn_model_get_n_layers (self->model))
    return;
  c->layer = layer;
  c->gallery_inputs = CNN_GALLERY_SUITED;
  if (follow_layer (self))
    what |= VIZ_CHANGED_GALLERY_KIND;
  if (c->filter >= 0) {
    /* the filter belonged to the former layer */
    c->filter = -1;
    if (c->method != NULL && c->method->uses_filter)
      c->method = self->method_before;
    what |= VIZ_CHANGED_METHOD;
  }
  _viz_document_changed (self, what);
}

void
viz_document_set_gallery_kernels (VizDocument *self, gboolean kernels)
{
  self->prefers_kernels = !!kernels;
  if (self->choices.gallery_kernels == !!kernels)
    return;
  self->choices.gallery_kernels = !!kernels;
  _viz_document_changed (self, VIZ_CHANGED_GALLERY_KIND);
}

void
viz_document_set_gallery_inputs (VizDocument *self, int inputs)
{
  if (self->choices.gallery_inputs == inputs)
    return;
  self->choices.gallery_inputs = inputs;
  _viz_document_changed (self, VIZ_CHANGED_GALLERY_KIND);
}

void
viz_document_set_method (VizDocument *self, const CnnMethod *method)
{
  VizChoices *c = &self->choices;

  if (c->method == method)
    return;
  c->method = method;
  if (method != NULL && method->uses_filter)
    c->filter = MAX (c->filter, 0);
  else
    c->filter = -1;
  if (method == NULL || !method->uses_filter)
    self->method_before = method;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
}

void
viz_document_set_filter (VizDocument *self, int filter)
{
  VizChoices *c = &self->choices;
  const CnnMethod *activation = cnn_method_find ("activation");

  filter = MAX (filter, -1);
  if (c->filter == filter || (filter >= 0 && activation == NULL))
    return;
  c->filter = filter;
  c->method = filter >= 0 ? activation : self->method_before;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
}

void
viz_document_set_modifier (VizDocument *self, CnnModifier modifier)
{
  if (self->choices.modifier == modifier)
    return;
  self->choices.modifier = modifier;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
}

void
viz_document_set_class (VizDocument *self, int class_index)
{
  class_index = MAX (class_index, -1);
  if (self->setting_up && self->model != NULL && class_index >= (int)cnn_model_get_n_classes (self->model))
    self->wanted_class = class_index;
  if (self->choices.class_index == class_index || self->model == NULL ||
      class_index >= (int)cnn_model_get_n_classes (self->model))
    return;
  self->choices.class_index = class_index;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
}

void
viz_document_set_target_layer (VizDocument *self, int layer)
{
  if (self->choices.target_layer == layer || self->model == NULL ||
      layer >= (int)cnn_model_get_n_layers (self->model))
    return;
  self->choices.target_layer = layer;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
}

void
viz_document_set_opacity (VizDocument *self, double opacity)
{
  if (!isfinite (opacity))
    return;
  opacity = CLAMP (opacity, 0, 1);
  if (ABS (self->choices.opacity - opacity) < 1e-6)
    return;
  self->choices.opacity = opacity;
  _viz_document_changed (self, VIZ_CHANGED_DISPLAY);
}

void
viz_document_set_colormap (VizDocument *self, const CnnColormap *colormap)
{
  if (self->choices.colormap == colormap)
    return;
  self->choices.colormap = colormap;
  _viz_document_changed (self, VIZ_CHANGED_DISPLAY);
}

void
viz_document_set_scale (VizDocument *self, const VizScale *scale)
{
  if (viz_scale_equal (&self->choices.scale, scale))
    return;
  self->choices.scale = *scale;
  _viz_document_changed (self, VIZ_CHANGED_DISPLAY);
}

void
viz_document_set_preprocess (VizDocument *self, const CnnPreprocess *preprocess)
{
  /* own values that are a preset's are still own values */
  if (cnn_preprocess_equal (&self->choices.preprocess, preprocess) &&
      self->choices.preprocess.kind == preprocess->kind)
    return;
  self->choices.preprocess = *preprocess;
  _viz_document_changed (self, VIZ_CHANGED_PREPROCESS);
}

gboolean
viz_document_is_guessed (VizDocument *self)
{
  CnnPreprocess guess;

  if (self->model == NULL)
    return TRUE;
  cnn_preprocess_guess (&guess, self->model, NULL);
  return cnn_preprocess_equal (&guess, &self->choices.preprocess);
}

void
viz_document_guess_again (VizDocument *self)
{
  const CnnModelSetup nothing = { 0 };
  CnnPreprocess guess;

  if (self->model == NULL)
    return;
  cnn_preprocess_guess (&guess, self->model, NULL);
  viz_document_freeze (self);
  viz_document_set_preprocess (self, &guess);
  viz_document_set_setup (self, &nothing);
  viz_document_thaw (self);
}

void
viz_document_set_tensor (VizDocument *self, int tensor)
{
  guint channels = 0, height, width;

  if (self->model != NULL)
    cnn_model_get_image_size (self->model, &channels, &height, &width);
  if (self->choices.tensor == tensor || tensor >= (int)channels || tensor < CNN_TENSOR_OFF)
    return;
  self->choices.tensor = tensor;
  if (tensor == CNN_TENSOR_OFF)
    g_clear_pointer (&self->results.tensor, cnn_tensor_view_unref);
  _viz_document_changed (self, VIZ_CHANGED_TENSOR);
}

void
viz_document_set_occluder_visible (VizDocument *self, gboolean visible)
{
  if (self->choices.occluder_visible == !!visible)
    return;
  self->choices.occluder_visible = !!visible;
  if (!visible)
    g_clear_pointer (&self->results.occluded, cnn_prediction_unref);
  _viz_document_changed (self, VIZ_CHANGED_OCCLUDER | (visible ? 0 : VIZ_CHANGED_OCCLUDED));
}

void
viz_document_set_occluder (VizDocument *self, int x, int y, int width, int height)
{
  guint channels, h, w;
  int *r = self->choices.occluder;
  int rect[4];

  if (self->model == NULL)
    return;
  cnn_model_get_image_size (self->model, &channels, &h, &w);
  rect[0] = CLAMP (x, 0, MAX (0, (int)w - 1));
  rect[1] = CLAMP (y, 0, MAX (0, (int)h - 1));
  rect[2] = CLAMP (width, 1, MAX (1, (int)w - rect[0]));
  rect[3] = CLAMP (height, 1, MAX (1, (int)h - rect[1]));
  if (memcmp (r, rect, sizeof rect) == 0)
    return;
  memcpy (r, rect, sizeof rect);
  _viz_document_changed (self, VIZ_CHANGED_OCCLUDER);
}

void
viz_document_set_occluder_fill (VizDocument *self, CnnFill fill)
{
  if (self->choices.occluder_fill == fill)
    return;
  self->choices.occluder_fill = fill;
  _viz_document_changed (self, VIZ_CHANGED_OCCLUDER);
}

void
viz_document_set_view (VizDocument *self, const char *view)
{
  if (g_strcmp0 (self->choices.view, view) == 0)
    return;
  g_free (self->choices.view);
  self->choices.view = g_strdup (view);
  _viz_document_changed (self, VIZ_CHANGED_VIEW);
}

static CnnMethodRequest *
request_of (VizDocument *self, const CnnMethod *method)
{
  const CnnMethod *const *methods = cnn_methods_list ();

  for (guint i = 0; i < self->n_methods; i++)
    if (methods[i] == method)
      return &self->requests[i];
  return NULL;
}

double
viz_document_get_param (VizDocument *self, const CnnMethod *method, guint param)
{
  CnnMethodRequest *request = request_of (self, method);

  g_return_val_if_fail (request != NULL && param < G_N_ELEMENTS (request->values), 0);
  return request->values[param];
}

gboolean
viz_document_set_param (VizDocument *self, const CnnMethod *method, guint param, double value)
{
  CnnMethodRequest *request = request_of (self, method);
  const CnnParam *p = &method->params[param];

  g_return_val_if_fail (request != NULL && param < G_N_ELEMENTS (request->values), FALSE);
  if (!isfinite (value) || (p->type != CNN_PARAM_CHOICE && (value < p->minimum || value > p->maximum)))
    return FALSE;
  if (ABS (request->values[param] - value) < 1e-9)
    return TRUE;
  request->values[param] = value;
  _viz_document_changed (self, VIZ_CHANGED_METHOD);
  return TRUE;
}

const char *
viz_document_get_view_choice (VizDocument *self, VizViewChoice choice)
{
  return self->choices.view_choices[choice];
}

gboolean
viz_document_set_view_choice (VizDocument *self, VizViewChoice choice, const char *text, GError **error)
{
  char **stored = &self->choices.view_choices[choice];

  if (g_str_equal (*stored, text))
    return TRUE;
  if (!viz_view_choice_check (choice, text, self->model, error))
    return FALSE;
  g_free (*stored);
  *stored = g_strdup (text);
  _viz_document_changed (self, VIZ_CHANGED_VIEW_CHOICE);
  return TRUE;
}

void
viz_document_fill_request_of (VizDocument *self, const CnnMethod *method, CnnMethodRequest *request)
{
  const VizChoices *c = &self->choices;
  const CnnMethodRequest *stored = request_of (self, method);

  g_return_if_fail (stored != NULL);
  cnn_method_request_init (request, method);
  memcpy (request->values, stored->values, sizeof request->values);
  request->class_index = c->class_index;
  request->modifier = c->modifier;
  request->layer = method->uses_filter ? c->layer : c->target_layer;
  request->filter = MAX (c->filter, 0);
}

void
viz_document_fill_request (VizDocument *self, CnnMethodRequest *request)
{
  viz_document_fill_request_of (self, self->choices.method, request);
}

int
viz_document_get_explained (VizDocument *self)
{
  const CnnPrediction *prediction = self->results.prediction;

  if (self->choices.class_index >= 0)
    return self->choices.class_index;
  return prediction != NULL && prediction->n > 0 ? prediction->entries[0].class_index : -1;
}

void
viz_document_get_map_style (VizDocument *self, CnnMapStyle *style)
{
  *style = (CnnMapStyle){ .colormap = self->choices.colormap, .opacity = self->choices.opacity };
  viz_scale_apply (&self->choices.scale, self->results.map, style);
}

const char *
viz_document_get_layer_name (VizDocument *self, int layer)
{
  if (self->model == NULL || layer < 0 || layer >= (int)cnn_model_get_n_layers (self->model))
    return "";
  return cnn_model_get_layer (self->model, (guint)layer)->name;
}

void
viz_document_set_layer_cost (VizDocument *self, gboolean wanted)
{
  if (self->choices.layer_cost == !!wanted)
    return;
  self->choices.layer_cost = !!wanted;
  _viz_document_changed (self, VIZ_CHANGED_LAYER_COST);
}

const char *
viz_document_get_last_error (VizDocument *self)
{
  return self->last_error;
}

void
viz_document_report (VizDocument *self, const char *sentence)
{
  g_free (self->last_error);
  self->last_error = g_strdup (sentence);
  _viz_document_changed (self, VIZ_CHANGED_ERROR);
  g_signal_emit (self, signals[SIGNAL_ERROR], 0, sentence);
}

void
viz_document_report_error (VizDocument *self, const GError *error)
{
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    viz_document_report (self, error->message);
}

void
viz_document_clear_error (VizDocument *self)
{
  if (self->last_error[0] == '\0')
    return;
  g_free (self->last_error);
  self->last_error = g_strdup ("");
  _viz_document_changed (self, VIZ_CHANGED_ERROR);
}
