/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of methods and what they share. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-methods-private.h"
#include "methods/session/cnn-model-setup.h"
#include "methods/occlusion/cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const CnnMethod *const methods[] = {
  &cnn_method_saliency,        &cnn_method_grad_cam,
  &cnn_method_guided_grad_cam, &cnn_method_occlusion,
  &cnn_method_activation,      &cnn_method_gradient_x_input,
  &cnn_method_smooth_grad,     &cnn_method_integrated_gradients,
  &cnn_method_grad_cam_plus,   &cnn_method_layer_cam,
  &cnn_method_hires_cam,       &cnn_method_score_cam,
  &cnn_method_maximize,        NULL,
};

const CnnMethod *const *
cnn_methods_list (void)
{
  return methods;
}

const CnnMethod *
cnn_method_find (const char *name)
{
  for (guint i = 0; methods[i] != NULL; i++)
    if (g_strcmp0 (methods[i]->name, name) == 0)
      return methods[i];
  return NULL;
}

/* requests */

void
cnn_method_request_init (CnnMethodRequest *request, const CnnMethod *method)
{
  *request = (CnnMethodRequest){ .class_index = -1, .layer = -1, .filter = 0 };
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL; i++)
    request->values[i] = method->params[i].standard;
}

void
cnn_method_request_clear (CnnMethodRequest *request)
{
  g_clear_pointer (&request->fill_text, g_free);
}

int
cnn_method_find_param (const CnnMethod *method, const char *name)
{
  for (int i = 0; method->params != NULL && method->params[i].name != NULL; i++)
    if (g_strcmp0 (method->params[i].name, name) == 0)
      return i;
  return -1;
}

double
cnn_method_value (const CnnMethod *method, const CnnMethodRequest *request, const char *name)
{
  int i = cnn_method_find_param (method, name);

  g_return_val_if_fail (i >= 0, 0);
  return request->values[i];
}

static gboolean
refuse_value (const CnnParam *param, const char *value, GError **error)
{
  g_autofree char *choices = param->choices != NULL ? g_strjoinv (", ", (char **)param->choices) : NULL;
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (choices != NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no %s: %s."), value, param->name, choices);
  else
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” is no %s: a number from %s to %s was expected."), value, param->name,
                 g_ascii_formatd (low, sizeof low, "%g", param->minimum),
                 g_ascii_formatd (high, sizeof high, "%g", param->maximum));
  return FALSE;
}

static gboolean
parse_bool (const char *value, double *out)
{
  static const char *const yes[] = { "1", "true", "yes", "on" }, *const no[] = { "0", "false", "no", "off" };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    if (g_ascii_strcasecmp (value, yes[i]) == 0 || g_ascii_strcasecmp (value, no[i]) == 0) {
      *out = g_ascii_strcasecmp (value, yes[i]) == 0;
      return TRUE;
    }
  return FALSE;
}

gboolean
cnn_method_request_set (CnnMethodRequest *request, const CnnMethod *method, const char *name,
                        const char *value, GError **error)
{
  int i = cnn_method_find_param (method, name);
  const CnnParam *param;
  double number;
  char *end;

  if (i < 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” has no parameter “%s”."), method->name, name);
    return FALSE;
  }
  param = &method->params[i];
  if (param->type == CNN_PARAM_BOOL)
    return parse_bool (value, &request->values[i]) || refuse_value (param, value, error);
  for (guint k = 0; param->type == CNN_PARAM_CHOICE && param->choices[k] != NULL; k++)
    if (strcmp (param->choices[k], value) == 0) {
      request->values[i] = k;
      return TRUE;
    }
  number = g_ascii_strtod (value, &end);
  if (end == value || *end != '\0' || !isfinite (number))
    return refuse_value (param, value, error);
  if (param->type == CNN_PARAM_CHOICE) {
    /* a fill may be a number instead of a name */
    if (strcmp (param->name, "fill") != 0)
      return refuse_value (param, value, error);
    g_free (request->fill_text);
    request->fill_text = g_strdup (value);
    return TRUE;
  }
  if (number < param->minimum || number > param->maximum ||
      (param->type == CNN_PARAM_INT && number != floor (number)))
    return refuse_value (param, value, error);
  request->values[i] = number;
  return TRUE;
}

/* what methods share */

guint
cnn_session_input_value (CnnSession *session)
{
  CnnModel *model = cnn_engine_get_model (session->engine);

  return cnn_model_get_input (model, (guint)MAX (cnn_model_get_image_input (model), 0))->value;
}

CnnSeed
cnn_method_seed (CnnSession *session, const CnnMethodRequest *request)
{
  CnnModel *model = cnn_engine_get_model (session->engine);

  return (CnnSeed){ cnn_model_get_score_value (model), (guint)MAX (request->class_index, 0),
                    request->against ? -1 : 1, NULL };
}

guint
cnn_session_batch (const CnnSession *session)
{
  return (gsize)session->width * session->height <= 64 * 64 ? 32 : 4;
}

gboolean
cnn_method_keeps (gboolean some, GError **failure, GError **error)
{
  if (some && g_error_matches (*failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (failure));
  return FALSE;
}

void
cnn_strongest_channel (const float *values, guint channels, gsize plane, float *out)
{
  for (gsize i = 0; i < plane; i++) {
    out[i] = values[i];
    for (guint c = 1; c < channels; c++)
      if (fabsf (values[c * plane + i]) > fabsf (out[i]))
        out[i] = values[c * plane + i];
  }
}

void
cnn_value_extent (CnnModel *model, guint value, guint *channels, guint *height, guint *width)
{
  const CnnShape *shape = &cnn_model_get_value (model, value)->shape;

  *channels = (guint)shape->dims[1];
  *width = (guint)shape->dims[shape->rank - 1];
  *height = (guint)(cnn_shape_size_from (shape, 2) / MAX (*width, 1));
}

int
cnn_method_target (CnnSession *session, int layer, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  const CnnLayer *l;

  if (layer < 0)
    layer = cnn_model_get_default_cam_layer (model);
  if (layer < 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("No layer of “%s” has an extent above 1x1."),
                 cnn_model_get_name (model));
    return -1;
  }
  l = cnn_model_get_layer (model, (guint)layer);
  if (l->output == CNN_NO_VALUE || !cnn_model_get_value (model, l->output)->known ||
      cnn_model_get_value (model, l->output)->shape.rank < 3) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” (%s) has no spatial extent; choose one that has."), l->name, l->type);
    return -1;
  }
  if (!cnn_model_is_before_score (model, l->output)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("No path leads from layer “%s” to the score; choose one before it."), l->name);
    return -1;
  }
  return layer;
}

void
cnn_map_note_gates (CnnMap *map, const CnnGateCount *gates, CnnModifier modifier, const char *layer)
{
  if (gates->gated == 0 && layer != NULL)
    cnn_map_add_note (map, _ ("No rectifier between %s and the score: the three modifiers agree."), layer);
  else if (gates->gated == 0)
    cnn_map_add_note (map, _ ("No rectifier on the way: the three modifiers agree."));
  else if (modifier != CNN_MODIFIER_VANILLA && gates->smooth > 0)
    cnn_map_add_note (map, _ ("%u rectifiers gated; %u smooth activations keep their own derivative."),
                      gates->gated, gates->smooth);
  else if (modifier != CNN_MODIFIER_VANILLA)
    cnn_map_add_note (map, ngettext ("%u rectifier gated.", "%u rectifiers gated.", gates->gated),
                      gates->gated);
}

void
cnn_map_note_silence (CnnMap *map, CnnSession *session, guint value, const char *layer, const float *values,
                      gsize n)
{
  CnnModel *model = cnn_engine_get_model (session->engine);

  for (gsize i = 0; i < n; i++)
    if (values[i] != 0)
      return;
  if (!cnn_model_is_before_score (model, value))
    cnn_map_explain_zero (map, _ ("This map is zero everywhere: no path leads from here to the score."));
  else if (layer != NULL)
    cnn_map_explain_zero (map,
                          _ ("This map is zero everywhere: no gradient arrives at %s; the rectifiers behind "
                             "it are all off."),
                          layer);
  else
    cnn_map_explain_zero (map, _ ("This map is zero everywhere: no gradient arrives at the input; the "
                                  "rectifiers on the way are all off."));
}

/* The score's layer where it is one's output, before its activation or after it; else the tensor's own name.
 */
static const char *
score_name (CnnModel *model)
{
  guint score = cnn_model_get_score_value (model);

  for (guint i = cnn_model_get_n_layers (model); i-- > 0;) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);

    if (layer->output == score || layer->pre_activation == score)
      return layer->name;
  }
  return cnn_model_get_value (model, score)->name;
}

/* Which tensor the score is, and what else a sigmoid unit has to tell. */
static void
note_score (CnnMap *map, CnnSession *session, const CnnMethodRequest *request)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  CnnHead head = cnn_model_get_head (model);
  const char *name = score_name (model);
  gboolean single = cnn_model_get_n_classes (model) == 1;

  if (single && head == CNN_HEAD_SIGMOID && request->against)
    cnn_map_add_note (map, _ ("Evidence against: what lowers the one sigmoid unit."));
  else if (single && head == CNN_HEAD_SIGMOID)
    cnn_map_add_note (map,
                      _ ("Evidence for: what raises the one sigmoid unit; “against” shows the other side."));
  if (name == NULL || *name == '\0')
    return;
  if (head == CNN_HEAD_SOFTMAX)
    cnn_map_add_note (map, _ ("The score is “%s”, before the softmax."), name);
  else if (head == CNN_HEAD_SIGMOID)
    cnn_map_add_note (map, _ ("The score is “%s”, before the sigmoid."), name);
  else
    cnn_map_add_note (map, _ ("The score is the output “%s” itself."), name);
}

/* computing */

static void
add_params (GVariantDict *dict, const CnnMethod *method, const CnnMethodRequest *request)
{
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL; i++) {
    const CnnParam *param = &method->params[i];

    if (param->type == CNN_PARAM_CHOICE && strcmp (param->name, "fill") == 0 && request->fill_text != NULL)
      g_variant_dict_insert (dict, param->name, "s", request->fill_text);
    else if (param->type == CNN_PARAM_CHOICE)
      g_variant_dict_insert (dict, param->name, "s", param->choices[(guint)request->values[i]]);
    else if (param->type == CNN_PARAM_BOOL)
      g_variant_dict_insert (dict, param->name, "b", request->values[i] != 0);
    else if (param->type == CNN_PARAM_INT)
      g_variant_dict_insert (dict, param->name, "i", (gint32)request->values[i]);
    else
      g_variant_dict_insert (dict, param->name, "d", request->values[i]);
  }
}

/* Where the names of the classes are from: a file's name or "ImageNet"; "model": the network's own file;
 * "numbers": there are none. */
static const char *
labels_source (CnnModel *model)
{
  const char *source = cnn_model_get_labels_source (model);

  if (!cnn_model_has_labels (model))
    return "numbers";
  return source != NULL ? source : "model";
}

/* How the picture goes in and what counts of what comes out. */
static void
add_setup (GVariantDict *dict, CnnSession *session)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  const CnnPreprocess *preprocess = &session->preprocess;
  g_autofree char *size = g_strdup_printf ("%ux%u", session->width, session->height);
  guint output = cnn_model_get_selected_output (model);

  if (session->has_range && session->channels > 0) {
    g_variant_dict_insert (dict, "fit", "s", cnn_fit_name (preprocess->fit));
    g_variant_dict_insert (dict, "channel-order", "s",
                           session->channels < 3 || preprocess->gray ? "gray"
                           : preprocess->bgr                         ? "bgr"
                                                                     : "rgb");
  }
  if (session->channels > 0)
    g_variant_dict_insert (dict, "input-size", "s", size);
  g_variant_dict_insert (dict, "labels", "s", labels_source (model));
  for (guint i = 0; i < cnn_model_get_n_outputs (model); i++)
    if (cnn_model_get_output (model, i) == output)
      g_variant_dict_insert (dict, "output", "s", cnn_model_output_name (model, i));
}

GVariant *
cnn_method_make_provenance (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autofree char *preprocess =
      session->has_range ? cnn_preprocess_to_string (&session->preprocess) : g_strdup ("array");
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "program", "s", "CnnViz " CNN_VERSION);
  g_variant_dict_insert (&dict, "model", "s", cnn_model_get_name (model));
  g_variant_dict_insert (&dict, "model-sha256", "s", cnn_model_get_hash (model));
  g_variant_dict_insert (&dict, "image", "s", session->input_name != NULL ? session->input_name : "");
  g_variant_dict_insert (&dict, "image-sha256", "s", session->input_hash != NULL ? session->input_hash : "");
  g_variant_dict_insert (&dict, "preprocess", "s", preprocess);
  add_setup (&dict, session);
  if (method == NULL)
    return g_variant_ref_sink (g_variant_dict_end (&dict));
  g_variant_dict_insert (&dict, "method", "s", method->name);
  if (method->uses_class && request->class_index >= 0) {
    g_variant_dict_insert (&dict, "class", "i", request->class_index);
    g_variant_dict_insert (&dict, "label", "s", cnn_model_get_label (model, (guint)request->class_index));
  }
  if (method->uses_modifier)
    g_variant_dict_insert (&dict, "modifier", "s", cnn_modifier_name (request->modifier));
  if (request->layer >= 0 && (method->uses_layer || method->uses_filter))
    g_variant_dict_insert (&dict, "layer", "s", cnn_model_get_layer (model, (guint)request->layer)->name);
  if (method->uses_filter && request->filter >= 0)
    g_variant_dict_insert (&dict, "filter", "i", request->filter);
  add_params (&dict, method, request);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* The same with what the map found. */
static GVariant *
map_provenance (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request,
                const CnnMap *map)
{
  g_autoptr (GVariant) common = cnn_method_make_provenance (method, session, request);
  GVariantDict dict;

  g_variant_dict_init (&dict, common);
  if (map->layer != NULL)
    g_variant_dict_insert (&dict, "layer", "s", map->layer);
  g_variant_dict_insert (&dict, "min", "d", (double)map->min);
  g_variant_dict_insert (&dict, "max", "d", (double)map->max);
  if (map->scaled_low < map->scaled_high) {
    g_variant_dict_insert (&dict, "raw-min", "d", (double)map->scaled_low);
    g_variant_dict_insert (&dict, "raw-max", "d", (double)map->scaled_high);
  }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
set_title (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request, CnnMap *map)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  const char *label = method->uses_class ? cnn_model_get_label (model, (guint)request->class_index) : "";

  if (map->title != NULL)
    return;
  if (method->uses_class && method->uses_layer && request->against)
    map->title = g_strdup_printf (_ ("%s against %s at %s"), _ (method->title), label, map->layer);
  else if (method->uses_class && method->uses_layer)
    map->title = g_strdup_printf (_ ("%s of %s at %s"), _ (method->title), label, map->layer);
  else if (method->uses_class && request->against)
    map->title = g_strdup_printf (_ ("%s against %s"), _ (method->title), label);
  else if (method->uses_class)
    map->title = g_strdup_printf (_ ("%s of %s"), _ (method->title), label);
  else
    map->title = g_strdup (_ (method->title));
  if (method->uses_modifier && request->modifier != CNN_MODIFIER_VANILLA) {
    g_autofree char *plain = g_steal_pointer (&map->title);

    map->title = g_strdup_printf ("%s (%s)", plain, cnn_modifier_name (request->modifier));
  }
}

/* The class that is asked for, or the predicted one. */
static gboolean
resolve_class (CnnSession *session, CnnMethodRequest *request, GCancellable *cancellable, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnPrediction) prediction = NULL;

  if (request->class_index >= (int)cnn_model_get_n_classes (model)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” has no class %d: it has %u, numbered from 0."), cnn_model_get_name (model),
                 request->class_index, cnn_model_get_n_classes (model));
    return FALSE;
  }
  if (request->class_index >= 0)
    return TRUE;
  prediction = cnn_predict (session, cancellable, error);
  if (prediction == NULL)
    return FALSE;
  if (prediction->n == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The output of “%s” has no classes."),
                 cnn_model_get_name (model));
    return FALSE;
  }
  request->class_index = prediction->entries[0].class_index;
  return TRUE;
}

/* What a partial result needs to be shown like a finished one. */
typedef struct {
  const CnnMethod *method;
  CnnSession *session;
  const CnnMethodRequest *request; /* with the class resolved */
  CnnProgressFunc progress;
  gpointer data;
} Streaming;

static void
complete (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request, CnnMap *map)
{
  CnnModel *model = cnn_engine_get_model (session->engine);

  cnn_map_finish (map);
  if (method->uses_class && !method->uses_filter)
    note_score (map, session, request);
  map->method = g_strdup (method->name);
  if (method->uses_class)
    map->class_index = request->class_index;
  if (map->layer == NULL && request->layer >= 0 && (method->uses_layer || method->uses_filter))
    map->layer = g_strdup (cnn_model_get_layer (model, (guint)request->layer)->name);
  set_title (method, session, request, map);
  map->provenance = map_provenance (method, session, request, map);
}

static void
stream (double fraction, CnnMap *partial, gpointer data)
{
  const Streaming *streaming = data;

  if (partial != NULL)
    complete (streaming->method, streaming->session, streaming->request, partial);
  streaming->progress (fraction, partial, streaming->data);
}

CnnMap *
cnn_method_compute (const CnnMethod *method, CnnSession *session, const CnnMethodRequest *request,
                    GCancellable *cancellable, GError **error)
{
  CnnMethodRequest resolved = *request;
  Streaming streaming = { method, session, &resolved, request->progress, request->progress_data };
  gint64 start = g_get_monotonic_time ();
  CnnMap *map;

  if (session->input == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  if (request->layer >= (int)cnn_model_get_n_layers (cnn_engine_get_model (session->engine))) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("There is no layer %d."), request->layer);
    return NULL;
  }
  if (method->uses_class && !resolve_class (session, &resolved, cancellable, error))
    return NULL;
  if (cnn_method_find_param (method, "against") >= 0)
    resolved.against = cnn_method_value (method, request, "against") != 0;
  if (request->progress != NULL) {
    resolved.progress = stream;
    resolved.progress_data = &streaming;
  }
  map = method->compute (session, &resolved, cancellable, error);
  if (map == NULL)
    return NULL;
  complete (method, session, &resolved, map);
  map->milliseconds = (double)(g_get_monotonic_time () - start) / 1000.0;
  return map;
}
