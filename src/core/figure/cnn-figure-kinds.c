/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-figure-kinds.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "../image/cnn-file.h"
#include "../model/cnn-error.h"
#include "cnn-figure-private.h"

#define PROVENANCE "cnnviz:provenance"
#define OVERLAY_OPACITY 0.6

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
is_nothing (GVariant *value)
{
  return (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && !g_variant_get_boolean (value)) ||
         (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32) && g_variant_get_int32 (value) == 0);
}

static void
append_modifier (GString *text, const CnnMap *map)
{
  const char *modifier;

  if (map->provenance != NULL && g_variant_lookup (map->provenance, "modifier", "&s", &modifier))
    g_string_append_printf (text, ", %s", modifier);
}

/* ", stride 4 px, size 8 px" as the map was computed with them. */
static void
append_params (GString *text, const CnnMap *map)
{
  const CnnMethod *method = map->method != NULL ? cnn_method_find (map->method) : NULL;

  if (method == NULL || map->provenance == NULL)
    return;
  for (const CnnParam *param = method->params; param != NULL && param->name != NULL; param++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (map->provenance, param->name, NULL);
    g_autofree char *printed = NULL;

    /* what is off or left to the method says nothing: a note tells what the method took */
    if (value == NULL || is_nothing (value))
      continue;
    printed = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL)
                                                                  : g_variant_print (value, FALSE);
    g_string_append_printf (text, ", %s %s%s%s", param->name, printed, param->unit != NULL ? " " : "",
                            param->unit != NULL ? param->unit : "");
  }
}

static void
append_confidence (GString *text, CnnPrediction *prediction, int class_index)
{
  char probability[G_ASCII_DTOSTR_BUF_SIZE], score[G_ASCII_DTOSTR_BUF_SIZE];

  if (prediction == NULL || class_index < 0 || (guint)class_index >= prediction->n)
    return;
  g_ascii_formatd (probability, sizeof probability, "%.4g", prediction->probabilities[class_index]);
  g_ascii_formatd (score, sizeof score, "%.4g", prediction->scores[class_index]);
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
    cnn_figure_add_metadata (self, PROVENANCE, json);
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
  cnn_figure_add_provenance (self, maps, n);
}

gboolean
cnn_figure_write_provenance (CnnFigure *self, const char *path, GError **error)
{
  g_autofree char *beside = g_strconcat (path, ".json", NULL);

  for (guint i = 0; i + 1 < self->metadata->len; i += 2)
    if (strcmp (self->metadata->pdata[i], PROVENANCE) == 0) {
      g_autofree char *text = g_strconcat (self->metadata->pdata[i + 1], "\n", NULL);

      return cnn_file_write (beside, text, strlen (text), error);
    }
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%s: it is not known how the figure was made."),
               path);
  return FALSE;
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
cnn_figure_new_explained (CnnSession *session, CnnMap *map, GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnPrediction) prediction = cnn_predict (session, cancellable, error);
  CnnMapStyle style = { .opacity = OVERLAY_OPACITY };
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
                        map, session->fitted, &style);
    cnn_figure_add_map (figure, _ ("Winning class (positions)"), winners, NULL, NULL);
  } else {
    cnn_figure_add_map (figure, map->title, map, session->fitted, &style);
    cnn_figure_add_prediction (figure, _ ("Prediction"), prediction, NULL, 5);
  }
  return figure;
}

/* the strip */

CnnFigure *
cnn_figure_new_strip (CnnSession *session, const CnnMethod *method, const CnnMethodRequest *request,
                      CnnMap *map, GCancellable *cancellable, GError **error)
{
  static const char *const headings[CNN_N_MODIFIERS] = { N_ ("Vanilla"), N_ ("Guided"), N_ ("ReLU") };
  g_autoptr (GPtrArray) maps = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_map_unref);
  g_autoptr (CnnPrediction) prediction = NULL;
  CnnMapStyle style = { .opacity = OVERLAY_OPACITY };
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
  /* a map as fine as the picture speaks for itself, a coarse one needs the picture under it */
  for (guint m = 0; m < maps->len; m++)
    cnn_figure_add_map (figure, _ (headings[m]), maps->pdata[m], method->uses_layer ? session->fitted : NULL,
                        &style);
  return figure;
}

/* the prediction */

/* The fitted picture with the occluder on it. */
static CnnImage *
cover (CnnImage *image, const int occluder[4])
{
  guint width = cnn_image_get_width (image), height = cnn_image_get_height (image);
  guint8 *rgba = g_memdup2 (cnn_image_get_data (image), 4 * (gsize)width * height);
  CnnImage *covered;

  for (int y = occluder[1]; y < MIN (occluder[1] + occluder[3], (int)height); y++)
    for (int x = occluder[0]; x < MIN (occluder[0] + occluder[2], (int)width); x++) {
      guint8 *pixel = rgba + 4 * ((gsize)y * width + (gsize)x);

      pixel[0] = pixel[1] = pixel[2] = 128;
      pixel[3] = 255;
    }
  covered = cnn_image_new (width, height, rgba);
  g_free (rgba);
  return covered;
}

static gboolean
add_occluded (CnnFigure *figure, CnnSession *session, CnnPrediction *clean, const int occluder[4], guint top,
              GCancellable *cancellable, GError **error)
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
  occluded = cnn_predict_occluded (session, occluder[0], occluder[1], occluder[2], occluder[3], CNN_FILL_GRAY,
                                   0, cancellable, error);
  if (occluded == NULL)
    return FALSE;
  covered = cover (session->fitted, occluder);
  cnn_figure_add_image (figure, _ ("Under the occluder"), covered);
  cnn_figure_add_prediction (figure, _ ("Prediction (mark: clean)"), occluded, clean, top);
  return TRUE;
}

CnnFigure *
cnn_figure_new_prediction (CnnSession *session, CnnPrediction *clean, const int occluder[4], guint top,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnFigure) figure = NULL;
  g_autofree char *caption = NULL;

  figure = cnn_figure_new (_ ("Prediction"));
  cnn_figure_describe (figure, session, clean, NULL, 0);
  cnn_figure_add_image (figure, _ ("Input"), session->fitted);
  if (occluder == NULL) {
    cnn_figure_add_prediction (figure, _ ("Prediction"), clean, NULL, top);
    return g_steal_pointer (&figure);
  }
  if (!add_occluded (figure, session, clean, occluder, top, cancellable, error))
    return NULL;
  caption = g_strdup_printf (_ ("%s Gray occluder of %d x %d px at %d, %d."), figure->caption, occluder[2],
                             occluder[3], occluder[0], occluder[1]);
  cnn_figure_set_caption (figure, caption);
  return g_steal_pointer (&figure);
}
