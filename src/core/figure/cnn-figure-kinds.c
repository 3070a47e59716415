/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-figure-kinds.h"

#include <glib/gi18n-lib.h>

#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "methods/occlusion/cnn-occluder.h"
#include "methods/session/cnn-provenance.h"
#include "model/cnn-error.h"
#include "cnn-figure-private.h"
#include "cnn-figure-recipe.h"

/* captions and provenance */

/* One object for one map, else an array of them. */
static char *
provenance_json (CnnMap *const *maps, guint n)
{
  GString *json = g_string_new (n > 1 ? "[" : NULL);
  const char *separator = "";

  for (guint i = 0; i < n; i++) {
    g_autofree char *object = NULL;

    if (maps[i]->provenance == NULL)
      continue;
    object = json_gvariant_serialize_data (maps[i]->provenance, NULL);
    g_string_append_printf (json, "%s%s", separator, object);
    separator = ",";
  }
  if (n > 1)
    g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

static gboolean
is_off (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && !g_variant_get_boolean (value);
}

static gboolean
is_zero (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_INT32) && g_variant_get_int32 (value) == 0;
}

/* As a person would write it: 0.95 and not what the bits of a double say. */
static char *
print_value (GVariant *value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.6g", g_variant_get_double (value)));
  return g_variant_print (value, FALSE);
}

void
cnn_figure_append_params (GString *text, const CnnMethod *method, GVariant *provenance, gboolean zeros)
{
  for (const CnnParam *param = method->params; param != NULL && param->name != NULL; param++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (provenance, param->name, NULL);
    g_autofree char *printed = NULL;

    if (value == NULL || is_off (value) || (!zeros && is_zero (value)))
      continue;
    printed = print_value (value);
    g_string_append_printf (text, ", %s %s%s%s", param->name, printed, param->unit != NULL ? " " : "",
                            param->unit != NULL ? param->unit : "");
  }
}

static void
append_modifier (GString *text, const CnnMap *map)
{
  const char *modifier;

  if (map->provenance != NULL && g_variant_lookup (map->provenance, "modifier", "&s", &modifier))
    g_string_append_printf (text, ", %s", modifier);
}

static void
append_params (GString *text, const CnnMap *map)
{
  const CnnMethod *method = map->method != NULL ? cnn_method_find (map->method) : NULL;

  /* what is left to the method says nothing: a note tells what the method took */
  if (method != NULL && map->provenance != NULL)
    cnn_figure_append_params (text, method, map->provenance, FALSE);
}

static void
append_confidence (GString *text, CnnPrediction *prediction, int class_index)
{
  char probability[G_ASCII_DTOSTR_BUF_SIZE], score[G_ASCII_DTOSTR_BUF_SIZE];

  if (prediction == NULL || class_index < 0 || (guint)class_index >= prediction->n)
    return;
  g_ascii_formatd (probability, sizeof probability, "%.4g", prediction->probabilities[class_index]);
  g_ascii_formatd (score, sizeof score, "%.4g", prediction->scores[class_index]);
  if (!cnn_model_has_probabilities (prediction->model))
    g_string_append_printf (text, _ (", score %s"), score);
  else
    g_string_append_printf (text, _ (", probability %s, score %s"), probability, score);
}

/* Notes of several maps bear the letters of their panels, which stand behind the input's. */
static void
append_notes (GString *text, CnnMap *const *maps, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *letter = n > 1 ? cnn_figure_letter (i + 1) : NULL;

    if (letter != NULL && maps[i]->notes != NULL && maps[i]->notes->len > 0)
      g_string_append_printf (text, " %s", letter);
    for (guint k = 0; maps[i]->notes != NULL && k < maps[i]->notes->len; k++)
      g_string_append_printf (text, " %s", (char *)maps[i]->notes->pdata[k]);
  }
}

void
cnn_figure_add_provenance (CnnFigure *self, CnnMap *const *maps, guint n)
{
  g_autofree char *json = provenance_json (maps, n);

  cnn_figure_add_metadata (self, "Software", "CnnViz " CNN_VERSION);
  if (*json != '\0')
    cnn_figure_add_metadata (self, CNN_METADATA_PROVENANCE, json);
}

void
cnn_figure_describe (CnnFigure *self, CnnSession *session, CnnPrediction *prediction, CnnMap *const *maps,
                     guint n)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  GString *caption = g_string_new (NULL);

  cnn_figure_set_model (self, model);
  g_string_append (caption, cnn_model_get_name (model));
  if (session->input_name != NULL)
    g_string_append_printf (caption, ", %s", session->input_name);
  if (n > 0) {
    g_string_append_printf (caption, ": %s", maps[0]->title);
    if (n == 1)
      append_modifier (caption, maps[0]);
    append_confidence (caption, prediction, maps[0]->class_index);
    append_params (caption, maps[0]);
  }
  g_string_append_c (caption, '.');
  append_notes (caption, maps, n);
  cnn_figure_set_caption (self, caption->str);
  g_string_free (caption, TRUE);
  if (n > 0)
    cnn_figure_add_provenance (self, maps, n);
}

/* The provenance of what is no map: the network, the picture if that is shown (@input), and @more. */
static void
add_base_provenance (CnnFigure *self, CnnSession *session, gboolean input, GVariant *more)
{
  g_autoptr (GVariant) common = cnn_method_make_provenance (NULL, session, NULL);
  g_autoptr (GVariant) all = NULL;
  g_autofree char *json = NULL;
  GVariantDict dict;
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_dict_init (&dict, common);
  if (!input) {
    g_variant_dict_remove (&dict, "image");
    g_variant_dict_remove (&dict, "image-sha256");
    g_variant_dict_remove (&dict, "preprocess");
  }
  g_variant_iter_init (&iter, more);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    g_variant_dict_insert_value (&dict, key, value);
    g_variant_unref (value);
  }
  all = g_variant_ref_sink (g_variant_dict_end (&dict));
  json = json_gvariant_serialize_data (all, NULL);
  cnn_figure_add_metadata (self, "Software", "CnnViz " CNN_VERSION);
  cnn_figure_add_metadata (self, CNN_METADATA_PROVENANCE, json);
}

void
cnn_figure_describe_gallery (CnnFigure *self, CnnSession *session, const CnnGallery *gallery, gboolean shared)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  GString *caption = g_string_new (cnn_model_get_name (model));
  g_autoptr (GVariant) more = NULL;
  double low = G_MAXDOUBLE, high = -G_MAXDOUBLE;
  GVariantDict dict;

  for (guint i = 0; i < gallery->n; i++) {
    low = MIN (low, (double)gallery->min[i]);
    high = MAX (high, (double)gallery->max[i]);
  }
  cnn_figure_set_model (self, model);
  if (!gallery->is_kernels && session->input_name != NULL)
    g_string_append_printf (caption, ", %s", session->input_name);
  g_string_append_printf (caption,
                          gallery->is_kernels ? _ (": %u kernels of %s, each %u x %u")
                                              : _ (": %u activations of %s, each %u x %u"),
                          gallery->n, gallery->layer, gallery->height, gallery->width);
  g_string_append_printf (caption, ", %.3g \342\200\246 %.3g. ", low, high);
  if (gallery->is_kernels && gallery->inputs == CNN_GALLERY_MEAN)
    g_string_append_printf (caption, "%s ", _ ("Each is the mean over the input channels."));
  else if (gallery->is_kernels && gallery->inputs == CNN_GALLERY_NORM)
    g_string_append_printf (caption, "%s ", _ ("Each is the norm over the input channels."));
  else if (gallery->is_kernels && gallery->inputs >= 0 && gallery->n_inputs > 1)
    g_string_append_printf (caption, _ ("Input channel %d of %u. "), gallery->inputs, gallery->n_inputs);
  g_string_append (caption, shared ? _ ("All have one scale.") : _ ("Each has its own scale."));
  cnn_figure_set_caption (self, caption->str);
  g_string_free (caption, TRUE);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "what", "s", gallery->is_kernels ? "kernels" : "activations");
  g_variant_dict_insert (&dict, "layer", "s", gallery->layer);
  g_variant_dict_insert (&dict, "min", "d", low);
  g_variant_dict_insert (&dict, "max", "d", high);
  more = g_variant_ref_sink (g_variant_dict_end (&dict));
  add_base_provenance (self, session, !gallery->is_kernels, more);
}

void
cnn_figure_describe_model (CnnFigure *self, CnnSession *session)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  guint64 trainable = cnn_model_get_trainable_params (model);
  g_autofree char *caption =
      g_strdup_printf (_ ("%s: %u layers, %" PRIu64 " parameters, of which %" PRIu64 " are trainable."),
                       cnn_model_get_name (model), cnn_model_get_n_layers (model),
                       trainable + cnn_model_get_non_trainable_params (model), trainable);
  g_autoptr (GVariant) more = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  cnn_figure_set_model (self, model);
  cnn_figure_set_caption (self, caption);
  add_base_provenance (self, session, FALSE, more);
}

/* one map */

/* The winners of a sweep at the input's size, each position as a block of one class. */
static CnnMap *
make_winners (const CnnMap *map)
{
  gsize n = (gsize)map->raw_width * map->raw_height;
  CnnMap *winners = cnn_map_new (map->width, map->height, CNN_MAP_CLASS);

  for (guint y = 0; y < map->height; y++)
    for (guint x = 0; x < map->width; x++)
      winners->values[(gsize)y * map->width + x] =
          map->classes[(gsize)((guint64)y * map->raw_height / map->height) * map->raw_width +
                       (guint64)x * map->raw_width / map->width];
  winners->raw_width = map->raw_width;
  winners->raw_height = map->raw_height;
  winners->raw = g_memdup2 (map->classes, n * sizeof (float));
  cnn_map_finish (winners);
  return winners;
}

CnnFigure *
cnn_figure_new_explained (CnnSession *session, CnnMap *map, const CnnMapStyle *style, guint top,
                          GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnPrediction) prediction = cnn_predict (session, cancellable, error);
  CnnFigure *figure;

  if (prediction == NULL)
    return NULL;
  figure = cnn_figure_new (map->title);
  cnn_figure_describe (figure, session, prediction, &map, 1);
  cnn_figure_add_image (figure, _ ("Input"), session->fitted);
  if (map->classes != NULL) {
    g_autoptr (CnnMap) winners = make_winners (map);

    cnn_figure_add_map (figure,
                        map->kind == CNN_MAP_PROBABILITY ? _ ("Probability under the occluder")
                                                         : _ ("Drop of the probability"),
                        map, session->fitted, style);
    cnn_figure_add_map (figure, _ ("Winning class (positions)"), winners, NULL, NULL);
  } else {
    cnn_figure_add_map (figure, map->title, map, session->fitted, style);
    cnn_figure_add_prediction (figure, _ ("Prediction"), prediction, NULL, top);
  }
  return figure;
}

/* the strip */

gboolean
cnn_figure_needs_picture (const CnnMap *map)
{
  /* the last has a coarse map only as a factor */
  return map->raw != NULL && map->raw_width < map->width && g_strcmp0 (map->method, "guided-grad-cam") != 0;
}

CnnFigure *
cnn_figure_new_strip (CnnSession *session, const CnnMethod *method, const CnnMethodRequest *request,
                      CnnMap *map, const CnnMapStyle *style, GCancellable *cancellable, GError **error)
{
  static const char *const headings[CNN_N_MODIFIERS] = { N_ ("Vanilla"), N_ ("Guided"), N_ ("ReLU") };
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_map_unref);
  g_autoptr (CnnPrediction) prediction = NULL;
  CnnMethodRequest each = *request;
  CnnFigure *figure;

  g_return_val_if_fail (method->uses_modifier, NULL);
  for (guint m = 0; m < CNN_N_MODIFIERS; m++) {
    CnnMap *other;

    each.modifier = (CnnModifier)m;
    other = each.modifier == request->modifier
                ? cnn_map_ref (map)
                : cnn_method_compute (method, session, &each, cancellable, error);
    if (other == NULL)
      return NULL;
    g_ptr_array_add (maps, other);
  }
  prediction = cnn_predict (session, cancellable, error);
  if (prediction == NULL)
    return NULL;
  figure = cnn_figure_new (((CnnMap *)maps->pdata[0])->title);
  cnn_figure_describe (figure, session, prediction, (CnnMap *const *)maps->pdata, maps->len);
  cnn_figure_add_image (figure, _ ("Original"), session->fitted);
  for (guint m = 0; m < maps->len; m++)
    cnn_figure_add_map (figure, _ (headings[m]), maps->pdata[m],
                        cnn_figure_needs_picture (maps->pdata[m]) ? session->fitted : NULL, style);
  return figure;
}

/* the prediction */

/* The fitted picture with the occluder on it. */
static CnnImage *
cover (CnnSession *session, const int occluder[4], CnnFill fill)
{
  guint width = cnn_image_get_width (session->fitted), height = cnn_image_get_height (session->fitted);
  guint8 *rgba = g_memdup2 (cnn_image_get_data (session->fitted), 4 * (gsize)width * height);
  g_autofree float *filling = cnn_occluder_filling (session, fill, 0);
  g_autoptr (CnnImage) under =
      cnn_preprocess_to_image (&session->preprocess, filling, session->channels, height, width);
  static const guint8 gray[4] = { 128, 128, 128, 255 };
  CnnImage *covered;

  for (int y = occluder[1]; y < MIN (occluder[1] + occluder[3], (int)height); y++)
    for (int x = occluder[0]; x < MIN (occluder[0] + occluder[2], (int)width); x++) {
      gsize at = 4 * ((gsize)y * width + (gsize)x);

      /* the numbers of an array are no colours */
      memcpy (rgba + at, session->has_range ? cnn_image_get_data (under) + at : gray, 4);
    }
  covered = cnn_image_new (width, height, rgba);
  g_free (rgba);
  return covered;
}

static gboolean
add_occluded (CnnFigure *figure, CnnSession *session, CnnPrediction *clean, const int occluder[4],
              CnnFill fill, guint top, GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnPrediction) occluded = NULL;
  g_autoptr (CnnImage) covered = NULL;

  if (occluder[0] < 0 || occluder[1] < 0 || occluder[0] >= (int)session->width ||
      occluder[1] >= (int)session->height) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("The occluder at %d, %d lies outside the input of %u x %u pixels."), occluder[0],
                 occluder[1], session->width, session->height);
    return FALSE;
  }
  occluded = cnn_predict_occluded (session, occluder[0], occluder[1], occluder[2], occluder[3], fill, 0,
                                   cancellable, error);
  if (occluded == NULL)
    return FALSE;
  covered = cover (session, occluder, fill);
  cnn_figure_add_image (figure, _ ("Under the occluder"), covered);
  cnn_figure_add_prediction (figure, _ ("Prediction (mark: clean)"), occluded, clean, top);
  return TRUE;
}

static void
add_prediction_provenance (CnnFigure *figure, CnnSession *session, const CnnPrediction *clean,
                           const int *occluder, CnnFill fill)
{
  g_autoptr (GVariant) more = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "what", "s", "prediction");
  if (clean->n > 0) {
    g_variant_dict_insert (&dict, "class", "i", clean->entries[0].class_index);
    g_variant_dict_insert (&dict, "label", "s", clean->entries[0].label);
    if (cnn_model_has_probabilities (clean->model))
      g_variant_dict_insert (&dict, "probability", "d", (double)clean->entries[0].probability);
    g_variant_dict_insert (&dict, "score", "d", (double)clean->entries[0].score);
  }
  if (occluder != NULL) {
    g_variant_dict_insert (&dict, "occluder", "(iiii)", occluder[0], occluder[1], occluder[2], occluder[3]);
    g_variant_dict_insert (&dict, "fill", "s", cnn_fill_name (fill));
  }
  more = g_variant_ref_sink (g_variant_dict_end (&dict));
  add_base_provenance (figure, session, TRUE, more);
}

CnnFigure *
cnn_figure_new_prediction (CnnSession *session, CnnPrediction *clean, const int occluder[4], CnnFill fill,
                           guint top, GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnFigure) figure = NULL;
  g_autofree char *caption = NULL;

  figure = cnn_figure_new (_ ("Prediction"));
  cnn_figure_describe (figure, session, clean, NULL, 0);
  add_prediction_provenance (figure, session, clean, occluder, fill);
  cnn_figure_add_image (figure, _ ("Input"), session->fitted);
  if (occluder == NULL) {
    cnn_figure_add_prediction (figure, _ ("Prediction"), clean, NULL, top);
    return g_steal_pointer (&figure);
  }
  if (!add_occluded (figure, session, clean, occluder, fill, top, cancellable, error))
    return NULL;
  caption = g_strdup_printf (_ ("%s Occluder of %d x %d px at %d, %d, fill: %s."), figure->caption,
                             occluder[2], occluder[3], occluder[0], occluder[1], cnn_fill_name (fill));
  cnn_figure_set_caption (figure, caption);
  return g_steal_pointer (&figure);
}
