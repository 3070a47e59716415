/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-view-choices.h"

#include <glib/gi18n.h>
#include <string.h>

#include "methods/maximize/cnn-maximize.h"

/* Filters that are raised unless others are named. */
#define FIRST_FILTERS 12

typedef gboolean (*Check) (const char *text, CnnModel *model, GError **error);

static gboolean
check_word (const char *text, const char *one, const char *other, GError **error)
{
  if (g_str_equal (text, one) || g_str_equal (text, other))
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” or “%s” was expected, not “%s”."), one, other,
               text);
  return FALSE;
}

static gboolean
check_columns (const char *text, CnnModel *model, GError **error)
{
  return check_word (text, "modifiers", "methods", error);
}

static gboolean
check_rows (const char *text, CnnModel *model, GError **error)
{
  return check_word (text, "strongest", "picked", error);
}

static gboolean
check_scale (const char *text, CnnModel *model, GError **error)
{
  return check_word (text, "own", "shared", error);
}

gboolean
viz_method_is_comparable (const CnnMethod *method)
{
  return method->uses_class && !method->uses_filter;
}

static gboolean
check_method (const char *text, CnnModel *model, GError **error)
{
  const CnnMethod *method = cnn_method_find (text);

  if (method != NULL && viz_method_is_comparable (method) && method->uses_modifier)
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no method to compare"), text);
  return FALSE;
}

/* The words of a list; none of "". */
static char **
split (const char *text)
{
  return text[0] != '\0' ? g_strsplit (text, ",", -1) : g_new0 (char *, 1);
}

static gboolean
check_methods (const char *text, CnnModel *model, GError **error)
{
  g_auto (GStrv) names = split (text);

  if (g_strv_length (names) > CNN_COMPARE_MAX_COLUMNS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“compare” draws 1 to %d columns"),
                 CNN_COMPARE_MAX_COLUMNS);
    return FALSE;
  }
  for (char **name = names; *name != NULL; name++) {
    const CnnMethod *method = cnn_method_find (*name);

    if (method == NULL || !viz_method_is_comparable (method)) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no method to compare"), *name);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_classes (const char *text, CnnModel *model, GError **error)
{
  guint n = model != NULL ? cnn_model_get_n_classes (model) : 0;
  g_auto (GStrv) words = split (text);

  for (char **word = words; *word != NULL; word++) {
    guint64 number;

    if (g_ascii_string_to_unsigned (*word, 10, 0, G_MAXINT, &number, NULL) && number < n)
      continue;
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("The network has no class %s."), *word);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_layer (const char *text, CnnModel *model, GError **error)
{
  int layer = model != NULL ? cnn_model_find_layer (model, text) : -1;

  if (text[0] == '\0' || (layer >= 0 && cnn_maximize_count (model, layer) > 0))
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
               layer >= 0 ? _ ("Layer “%s” has no filters to raise.")
                          : _ ("The network has no layer called “%s”."),
               text);
  return FALSE;
}

/* Which words are targets depends on the layer too: see viz_maximize_targets(). */
static gboolean
check_targets (const char *text, CnnModel *model, GError **error)
{
  return TRUE;
}

static const struct {
  const char *name, *standard;
  Check check;
} table[VIZ_N_VIEW_CHOICES] = {
  [VIZ_COMPARE_COLUMNS] = { "compare-columns", "modifiers", check_columns },
  [VIZ_COMPARE_METHOD] = { "compare-method", "saliency", check_method },
  [VIZ_COMPARE_METHODS] = { "compare-methods", "saliency,gradient-x-input,grad-cam,guided-grad-cam",
                            check_methods },
  [VIZ_COMPARE_CLASSES] = { "compare-classes", "", check_classes },
  [VIZ_COMPARE_ROWS] = { "compare-rows", "strongest", check_rows },
  [VIZ_COMPARE_SCALE] = { "compare-scale", "own", check_scale },
  [VIZ_MAXIMIZE_LAYER] = { "maximize-layer", "", check_layer },
  [VIZ_MAXIMIZE_TARGETS] = { "maximize-targets", "", check_targets },
};

const char *
viz_view_choice_get_name (VizViewChoice choice)
{
  return table[choice].name;
}

const char *
viz_view_choice_get_standard (VizViewChoice choice)
{
  return table[choice].standard;
}

gboolean
viz_view_choice_check (VizViewChoice choice, const char *text, CnnModel *model, GError **error)
{
  return table[choice].check (text, model, error);
}

GArray *
viz_view_choice_parse_classes (const char *text)
{
  GArray *classes = g_array_new (FALSE, FALSE, sizeof (int));
  g_auto (GStrv) words = split (text);

  for (char **word = words; *word != NULL; word++) {
    int number = (int)g_ascii_strtoll (*word, NULL, 10);

    g_array_append_val (classes, number);
  }
  return classes;
}

char *
viz_view_choice_format_classes (const GArray *classes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < classes->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? "," : "", g_array_index (classes, int, i));
  return g_string_free (text, FALSE);
}

GPtrArray *
viz_view_choice_parse_methods (const char *text)
{
  GPtrArray *methods = g_ptr_array_new ();
  g_auto (GStrv) names = split (text);

  for (char **name = names; *name != NULL; name++)
    g_ptr_array_add (methods, (gpointer)cnn_method_find (*name));
  return methods;
}

/* What is raised where nothing was named. */
static GArray *
suitable_targets (CnnModel *model, int layer, const CnnPrediction *prediction)
{
  GArray *targets = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n = cnn_maximize_count (model, layer);
  gboolean strongest = layer < 0 && n > CNN_COMPARE_ALL;

  if (layer >= 0 || strongest)
    n = MIN (n, strongest ? CNN_COMPARE_TOP : FIRST_FILTERS);
  for (guint i = 0; i < n; i++) {
    guint target = strongest && prediction != NULL ? (guint)prediction->entries[i].class_index : i;

    g_array_append_val (targets, target);
  }
  return targets;
}

GArray *
viz_maximize_targets (CnnModel *model, int layer, const char *text, const CnnPrediction *prediction,
                      GError **error)
{
  g_autoptr (GArray) targets = NULL;

  if (text[0] != '\0')
    targets = cnn_maximize_parse_targets (model, layer, text, error);
  else
    targets = suitable_targets (model, layer, prediction);
  if (targets == NULL)
    return NULL;
  if (targets->len == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The output of “%s” has no classes."),
                 cnn_model_get_name (model));
    return NULL;
  }
  if (targets->len > VIZ_MAXIMIZE_MOST) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("%u are too many to be raised at once: name at most %d."), targets->len,
                 VIZ_MAXIMIZE_MOST);
    return NULL;
  }
  return g_steal_pointer (&targets);
}
