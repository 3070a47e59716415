/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-figure-views.h"

#include <string.h>

#include "compare/viz-compared.h"
#include "maximize/viz-maximized.h"

/* from the views */

static char *
columns_of (const CnnCompare *grid)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < grid->n_columns; i++) {
    const CnnCompareColumn *column = &grid->columns[i];

    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", column->method->name);
    if (column->method->uses_modifier)
      g_string_append_printf (text, ":%s", cnn_modifier_name (column->request.modifier));
  }
  return g_string_free (text, FALSE);
}

static char *
classes_of (const CnnCompare *grid)
{
  g_autoptr (GArray) classes = g_array_new (FALSE, FALSE, sizeof (int));

  g_array_append_vals (classes, grid->classes, grid->n_rows);
  return viz_view_choice_format_classes (classes);
}

static char *
targets_of (const CnnMaximized *found)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < found->n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", found->targets[i].index);
  return g_string_free (text, FALSE);
}

static void
take (char **text, char *value)
{
  g_free (*text);
  *text = value;
}

gboolean
viz_figure_describe_view (CnnFigureRecipe *recipe, VizDocument *document)
{
  const VizResults *results = viz_document_get_results (document);

  if (recipe->kind == CNN_FIGURE_COMPARE) {
    if (results->compared == NULL || results->compared_stale)
      return FALSE;
    take (&recipe->columns, columns_of (results->compared->grid));
    take (&recipe->classes, classes_of (results->compared->grid));
    recipe->shared = results->compared->shared;
    recipe->overlay = TRUE;
  } else if (recipe->kind == CNN_FIGURE_MAXIMIZED) {
    const CnnMaximized *found = results->maximized != NULL ? results->maximized->found : NULL;

    if (found == NULL)
      return FALSE;
    take (&recipe->classes, targets_of (found));
    take (&recipe->columns, found->layer >= 0 ? g_strdup ("filters") : NULL);
    take (&recipe->session->layer, g_strdup (found->layer_name));
  }
  return TRUE;
}

void
viz_figure_take_from_view (VizFigureTask *task, VizDocument *document)
{
  g_autoptr (CnnFigureRecipe) shown = cnn_figure_recipe_copy (task->recipe);
  const VizResults *results = viz_document_get_results (document);

  if (!viz_figure_describe_view (shown, document) || g_strcmp0 (shown->columns, task->recipe->columns) != 0 ||
      g_strcmp0 (shown->classes, task->recipe->classes) != 0)
    return;
  if (shown->kind == CNN_FIGURE_COMPARE && results->compared->progress >= 1 &&
      !results->compared->grid->stopped)
    task->compare = cnn_compare_ref (results->compared->grid);
  else if (shown->kind == CNN_FIGURE_MAXIMIZED)
    task->maximized = cnn_maximized_ref (results->maximized->found);
}

/* into the views */

static void
choose (VizDocument *document, VizViewChoice choice, const char *text)
{
  /* what this network does not have stays as it is */
  viz_document_set_view_choice (document, choice, text, NULL);
}

static void
choose_columns (const CnnFigureRecipe *recipe, VizDocument *document)
{
  g_auto (GStrv) columns = recipe->columns != NULL ? g_strsplit (recipe->columns, ",", -1) : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++) {
    char *name = g_strndup (columns[i], strcspn (columns[i], ":"));

    if (!g_hash_table_contains (seen, name))
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", name);
    g_hash_table_add (seen, name);
  }
  if (names->len == 0)
    return;
  if (g_hash_table_size (seen) == 1 && g_strv_length (columns) > 1) {
    choose (document, VIZ_COMPARE_COLUMNS, "modifiers");
    choose (document, VIZ_COMPARE_METHOD, names->str);
  } else {
    choose (document, VIZ_COMPARE_COLUMNS, "methods");
    choose (document, VIZ_COMPARE_METHODS, names->str);
  }
}

static void
choose_classes (const CnnFigureRecipe *recipe, VizDocument *document)
{
  CnnModel *model = viz_document_get_model (document);
  gboolean all = recipe->classes == NULL || g_str_equal (recipe->classes, "all");
  g_autoptr (GArray) classes =
      all || model == NULL ? NULL : cnn_maximize_parse_targets (model, -1, recipe->classes, NULL);
  g_autofree char *text = NULL;

  choose (document, VIZ_COMPARE_ROWS, classes != NULL ? "picked" : "strongest");
  if (classes == NULL)
    return;
  text = viz_view_choice_format_classes (classes);
  choose (document, VIZ_COMPARE_CLASSES, text);
}

void
viz_figure_show_in_view (const CnnFigureRecipe *recipe, VizDocument *document)
{
  if (recipe->kind == CNN_FIGURE_COMPARE) {
    choose_columns (recipe, document);
    choose_classes (recipe, document);
    choose (document, VIZ_COMPARE_SCALE, recipe->shared ? "shared" : "own");
  } else if (recipe->kind == CNN_FIGURE_MAXIMIZED) {
    gboolean filters = g_strcmp0 (recipe->columns, "filters") == 0;

    choose (document, VIZ_MAXIMIZE_LAYER,
            filters && recipe->session->layer != NULL ? recipe->session->layer : "");
    choose (document, VIZ_MAXIMIZE_TARGETS, recipe->classes != NULL ? recipe->classes : "all");
  }
}
