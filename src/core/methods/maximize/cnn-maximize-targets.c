/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which classes or filters are to be raised. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

guint
cnn_maximize_value (CnnModel *model, int layer)
{
  const CnnLayer *l;

  if (layer < 0)
    return cnn_model_get_score_value (model);
  l = cnn_model_get_layer (model, (guint)layer);
  return l->pre_activation != CNN_NO_VALUE ? l->pre_activation : l->output;
}

guint
cnn_maximize_count (CnnModel *model, int layer)
{
  guint index = cnn_maximize_value (model, layer);
  const CnnValue *value = index != CNN_NO_VALUE ? cnn_model_get_value (model, index) : NULL;

  if (layer < 0)
    return cnn_model_get_n_classes (model);
  return value != NULL && value->known && value->shape.rank >= 2 ? (guint)value->shape.dims[1] : 0;
}

gboolean
cnn_maximize_check_target (CnnModel *model, int layer, gint64 index, GError **error)
{
  guint n = cnn_maximize_count (model, layer);

  if (index >= 0 && index < n)
    return TRUE;
  if (layer < 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” has no class %d: it has %u, numbered from 0."), cnn_model_get_name (model),
                 (int)index, n);
  else
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("Layer “%s” has no filter %d: it has %d, numbered from 0."),
                 cnn_model_get_layer (model, (guint)layer)->name, (int)index, (int)n);
  return FALSE;
}

static void
add_once (GArray *targets, guint index)
{
  for (guint i = 0; i < targets->len; i++)
    if (g_array_index (targets, guint, i) == index)
      return;
  g_array_append_val (targets, index);
}

/* "7" or "3-9"; both ends included. */
static gboolean
parse_range (const char *word, gint64 *first, gint64 *last)
{
  char *end;

  if (!g_ascii_isdigit (*word))
    return FALSE;
  *first = *last = g_ascii_strtoll (word, &end, 10);
  if (*end == '-' && g_ascii_isdigit (end[1]))
    *last = g_ascii_strtoll (end + 1, &end, 10);
  return *end == '\0' && *first <= *last;
}

static gboolean
parse_word (CnnModel *model, int layer, const char *word, GArray *targets, GError **error)
{
  int class_index = layer < 0 ? cnn_model_find_class (model, word) : -1;
  gint64 first, last;

  if (class_index >= 0) {
    add_once (targets, (guint)class_index);
    return TRUE;
  }
  if (!parse_range (word, &first, &last)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 layer < 0
                     ? _ ("“%s” is no class: a label, a number, a range like 0-9 or “all” was expected.")
                     : _ ("“%s” is no filter: a number, a range like 0-15 or “all” was expected."),
                 word);
    return FALSE;
  }
  if (!cnn_maximize_check_target (model, layer, first, error) ||
      !cnn_maximize_check_target (model, layer, last, error))
    return FALSE;
  for (gint64 i = first; i <= last; i++)
    add_once (targets, (guint)i);
  return TRUE;
}

GArray *
cnn_maximize_parse_targets (CnnModel *model, int layer, const char *text, GError **error)
{
  g_autoptr (GArray) targets = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *whole = g_strstrip (g_strdup (text));
  g_auto (GStrv) words = NULL;

  if (strcmp (whole, "all") == 0) {
    for (guint i = 0; i < cnn_maximize_count (model, layer); i++)
      g_array_append_val (targets, i);
  } else if (layer < 0 && cnn_model_find_class (model, whole) >= 0) {
    /* labels may hold commas */
    add_once (targets, (guint)cnn_model_find_class (model, whole));
  } else if (*whole == '\0') {
    parse_word (model, layer, whole, targets, error);
    return NULL;
  } else {
    words = g_strsplit (whole, ",", -1);
    for (char **word = words; *word != NULL; word++)
      if (!parse_word (model, layer, g_strstrip (*word), targets, error))
        return NULL;
  }
  if (targets->len == 0) {
    if (layer >= 0)
      g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("Layer “%s” has no filters to raise."),
                   cnn_model_get_layer (model, (guint)layer)->name);
    else
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The output of “%s” has no classes."),
                   cnn_model_get_name (model));
    return NULL;
  }
  return g_steal_pointer (&targets);
}
