/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of classes and modifiers, or of classes and methods, as a figure. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include "image/cnn-npy.h"
#include "methods/cnn-compare.h"

#include <glib/gi18n.h>
#include <string.h>

/* What is compared, as it was asked for. */
typedef struct {
  char *methods, *classes, *modifiers;
  gboolean shared, overlay;
} Wish;

static void
wish_clear (Wish *self)
{
  g_free (self->methods);
  g_free (self->classes);
  g_free (self->modifiers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static GArray *
choose_classes (CnnSession *session, const char *text, GError **error)
{
  CnnModel *model = cnn_engine_get_model (session->engine);
  g_autoptr (CnnPrediction) prediction = NULL;
  g_autoptr (GArray) classes = NULL;
  g_auto (GStrv) names = NULL;

  if (text == NULL || strcmp (text, "all") == 0) {
    prediction = cnn_predict (session, NULL, error);
    return prediction != NULL ? cnn_compare_choose (prediction, NULL, 0) : NULL;
  }
  classes = g_array_new (FALSE, FALSE, sizeof (int));
  names = g_strsplit (text, ",", -1);
  for (char **name = names; *name != NULL; name++) {
    int class_index = cli_find_class (model, g_strstrip (*name), error);

    if (class_index < 0)
      return NULL;
    g_array_append_val (classes, class_index);
  }
  return g_steal_pointer (&classes);
}

static void
add_column (GArray *columns, const CnnMethod *method, CnnModifier modifier)
{
  CnnCompareColumn column = { .method = method };

  cnn_method_request_init (&column.request, method);
  column.request.modifier = modifier;
  g_array_append_val (columns, column);
}

/* A column for each modifier that was asked for; all of them for one method, else vanilla. */
static gboolean
add_columns (GArray *columns, const CnnMethod *method, gboolean alone, const char *modifiers)
{
  g_auto (GStrv) names = modifiers != NULL ? g_strsplit (modifiers, ",", -1) : NULL;

  if (!method->uses_modifier || (names == NULL && !alone)) {
    add_column (columns, method, CNN_MODIFIER_VANILLA);
    return TRUE;
  }
  for (guint m = 0; names == NULL && m < CNN_N_MODIFIERS; m++)
    add_column (columns, method, (CnnModifier)m);
  for (char **name = names; name != NULL && *name != NULL; name++) {
    CnnModifier modifier;

    if (!cli_read_modifier ("modifiers", g_strstrip (*name), &modifier))
      return FALSE;
    add_column (columns, method, modifier);
  }
  return TRUE;
}

static GArray *
parse_columns (const Wish *wish)
{
  g_auto (GStrv) names = g_strsplit (wish->methods != NULL ? wish->methods : "saliency", ",", -1);
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (CnnCompareColumn));

  for (char **name = names; *name != NULL; name++) {
    const CnnMethod *method = cnn_method_find (g_strstrip (*name));

    if (method == NULL || !method->uses_class || method->uses_filter) {
      cli_usage (_ ("“%s” is no method to compare"), *name);
      return NULL;
    }
    if (!add_columns (columns, method, names[1] == NULL, wish->modifiers))
      return NULL;
  }
  if (columns->len == 0 || columns->len > CNN_COMPARE_MAX_COLUMNS) {
    cli_usage (_ ("“compare” draws 1 to %d columns"), CNN_COMPARE_MAX_COLUMNS);
    return NULL;
  }
  return g_steal_pointer (&columns);
}

static CnnFigureRecipe *
make_recipe (const CliOptions *options, const Wish *wish, const GArray *columns, CnnSession *session,
             const char *input)
{
  CnnFigureRecipe *recipe = cli_recipe_new (options, CNN_FIGURE_COMPARE, session, input);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < columns->len; i++) {
    const CnnCompareColumn *column = &g_array_index (columns, CnnCompareColumn, i);

    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", column->method->name);
    if (column->method->uses_modifier)
      g_string_append_printf (text, ":%s", cnn_modifier_name (column->request.modifier));
  }
  recipe->columns = g_string_free (text, FALSE);
  recipe->classes = g_strdup (wish->classes);
  recipe->shared = wish->shared;
  recipe->overlay = wish->overlay;
  return recipe;
}

/* All maps as one array of classes, columns, height, width. */
static gboolean
write_grid (const CnnCompare *grid, const char *path, GError **error)
{
  gint64 dims[] = { grid->n_rows, grid->n_columns, grid->maps[0]->height, grid->maps[0]->width };
  gsize plane = (gsize)dims[2] * (gsize)dims[3], n = (gsize)grid->n_rows * grid->n_columns;
  g_autofree float *all = g_try_new (float, n *plane);

  if (all == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%u maps do not fit into the memory at once."),
                 (guint)n);
    return FALSE;
  }
  for (gsize i = 0; i < n; i++)
    memcpy (all + i * plane, grid->maps[i]->values, plane * sizeof (float));
  return cnn_npy_write (path, dims, 4, all, error);
}

/* What the inputs have in common. */
typedef struct {
  const CliOptions *options;
  const Wish *wish;
  const GArray *columns;
} Call;

static gboolean
compare (CnnSession *session, guint number, gpointer data, GError **error)
{
  const Call *call = data;
  const CliOptions *options = call->options;
  const char *input = options->rest[number], *label;
  g_autoptr (GArray) classes = choose_classes (session, call->wish->classes, error);
  g_autoptr (CnnCompare) grid = NULL;
  g_autoptr (CnnFigureRecipe) recipe = NULL;
  g_autofree char *npy = NULL, *figure = NULL;
  CnnFigureKnown known = { 0 };

  if (classes == NULL)
    return FALSE;
  grid = cnn_compare_compute (session, (const int *)(gpointer)classes->data, classes->len,
                              (const CnnCompareColumn *)(gpointer)call->columns->data, call->columns->len,
                              NULL, NULL, NULL, error);
  if (grid == NULL || !cnn_compare_check (grid, error))
    return FALSE;
  label = grid->prediction != NULL && grid->prediction->n > 0 ? grid->prediction->entries[0].label : "none";
  npy = cli_batch_name (options->npy, input, number, label);
  figure = cli_batch_name (options->figure, input, number, label);
  if (npy != NULL && !write_grid (grid, npy, error))
    return FALSE;
  known.compare = grid;
  recipe = make_recipe (options, call->wish, call->columns, session, input);
  return figure == NULL || cli_recipe_write (recipe, session, &known, figure, options->provenance, error);
}

/* Every input in a session of the network. */
static CliStatus
compare_all (const CliOptions *options, const Wish *wish, const GArray *columns)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cli_read_model (options, &error);

  return model != NULL ? cli_batch_each (options, model, compare, &(Call){ options, wish, columns })
                       : cli_fail (error);
}

CliStatus
cli_compare (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_auto (Wish) wish = { 0 };
  g_autoptr (GArray) columns = NULL;
  const GOptionEntry own[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &wish.methods, N_ ("saliency, grad-cam, …; several are columns"),
      N_ ("METHOD,…") },
    { "modifiers", 0, 0, G_OPTION_ARG_STRING, &wish.modifiers, N_ ("Modifiers that are columns"),
      N_ ("M,M,…") },
    { "classes", 0, 0, G_OPTION_ARG_STRING, &wish.classes, N_ ("Classes, or all"), N_ ("C,C,…") },
    { "shared-scale", 0, 0, G_OPTION_ARG_NONE, &wish.shared, N_ ("One scale for all classes of a column"),
      NULL },
    { "overlay", 0, 0, G_OPTION_ARG_NONE, &wish.overlay, N_ ("Lay all maps over the picture"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!cli_options_parse (&options, own, "MODEL INPUT…", argc, argv))
    return CLI_USAGE;
  if (options.rest[1] == NULL || (options.figure == NULL && options.npy == NULL))
    return cli_usage (_ ("“compare” takes a MODEL, at least one INPUT, and -o FIG or --npy OUT"));
  if (!cli_batch_check ((const char *const[]){ options.figure, options.npy }, 2, options.rest + 1))
    return CLI_USAGE;
  columns = parse_columns (&wish);
  return columns != NULL ? compare_all (&options, &wish, columns) : CLI_USAGE;
}
