/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predictions of many inputs, in batches. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <string.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 64

typedef struct {
  CnnModel *model;
  CnnSession *session;
  guint top;
  gboolean json;
  GPtrArray *names; /* of the rows that wait */
  GArray *rows;     /* float: their inputs */
  GArray *outputs;  /* float: all outputs so far, for --npy; or NULL */
  JsonBuilder *builder;
  GHashTable *failed; /* paths that could not be used */
} Predictor;

static gsize
input_size (Predictor *self)
{
  return cnn_engine_input_size (self->session->engine);
}

typedef struct {
  float probability;
  guint index;
} Ranked;

static int
by_probability (gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;

  if (x->probability != y->probability)
    return x->probability < y->probability ? 1 : -1;
  return (int)x->index - (int)y->index;
}

static void
add_json (Predictor *self, const char *name, const Ranked *ranked, const float *scores)
{
  json_builder_begin_object (self->builder);
  json_builder_set_member_name (self->builder, "input");
  json_builder_add_string_value (self->builder, name);
  json_builder_set_member_name (self->builder, "top");
  json_builder_begin_array (self->builder);
  for (guint i = 0; i < self->top; i++) {
    json_builder_begin_object (self->builder);
    json_builder_set_member_name (self->builder, "class");
    json_builder_add_int_value (self->builder, ranked[i].index);
    json_builder_set_member_name (self->builder, "label");
    json_builder_add_string_value (self->builder, cnn_model_get_label (self->model, ranked[i].index));
    json_builder_set_member_name (self->builder, "probability");
    /* a number that was regressed has none */
    if (cnn_model_has_probabilities (self->model))
      json_builder_add_double_value (self->builder, ranked[i].probability);
    else
      json_builder_add_null_value (self->builder);
    json_builder_set_member_name (self->builder, "score");
    json_builder_add_double_value (self->builder, scores[ranked[i].index]);
    json_builder_end_object (self->builder);
  }
  json_builder_end_array (self->builder);
  json_builder_end_object (self->builder);
}

static void
print_row (Predictor *self, const char *name, const Ranked *ranked, const float *scores)
{
  char probability[G_ASCII_DTOSTR_BUF_SIZE], score[G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%s\n", name);
  for (guint i = 0; i < self->top && !cnn_model_has_probabilities (self->model); i++)
    g_print ("  %-24s %s\n", cnn_model_get_label (self->model, ranked[i].index),
             cli_number (score, "%.4f", scores[ranked[i].index]));
  for (guint i = 0; i < self->top && cnn_model_has_probabilities (self->model); i++)
    g_print ("  %-24s %9s %%  %s\n", cnn_model_get_label (self->model, ranked[i].index),
             cli_number (probability, "%.4f", ranked[i].probability * 100.0),
             cli_number (score, "%.4f", scores[ranked[i].index]));
}

static void
report (Predictor *self, const char *name, const float *scores, const float *probabilities)
{
  guint n = cnn_model_get_n_classes (self->model);
  g_autofree Ranked *ranked = g_new (Ranked, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    ranked[i] = (Ranked){ probabilities[i], i };
  qsort (ranked, n, sizeof *ranked, by_probability);
  if (self->json)
    add_json (self, name, ranked, scores);
  else
    print_row (self, name, ranked, scores);
}

/* Runs what waits. */
static gboolean
flush_rows (Predictor *self, GError **error)
{
  CnnEngine *engine = self->session->engine;
  guint n = self->names->len, classes = cnn_model_get_n_classes (self->model);
  guint values[] = { cnn_model_get_score_value (self->model), cnn_model_get_selected_output (self->model) };
  gsize out_size = cnn_engine_value_size (engine, values[1]);
  g_autofree float *raw = g_new (float, n *cnn_engine_value_size (engine, values[0]) + 1);
  g_autofree float *out = g_new (float, n *out_size + 1);
  g_autofree float *scores = g_new (float, n *classes + 1), *probabilities = g_new (float, n *classes + 1);
  float *outs[] = { raw, out };

  if (n == 0)
    return TRUE;
  if (!cnn_engine_forward (engine, (const float *)(gconstpointer)self->rows->data, n, values, 2, outs, NULL,
                           error))
    return FALSE;
  cnn_engine_class_scores (engine, raw, n, scores);
  cnn_engine_probabilities (engine, raw, n, probabilities);
  for (guint i = 0; i < n; i++)
    report (self, g_ptr_array_index (self->names, i), scores + i * classes, probabilities + i * classes);
  if (self->outputs != NULL)
    g_array_append_vals (self->outputs, out, (guint)(n * out_size));
  g_ptr_array_set_size (self->names, 0);
  g_array_set_size (self->rows, 0);
  return TRUE;
}

static gboolean
add_rows (Predictor *self, const char *path, const CliInput *input, GError **error)
{
  gsize size = input_size (self);

  if (input->image != NULL) {
    if (!cnn_session_set_image (self->session, input->image, path, error))
      return FALSE;
    g_ptr_array_add (self->names, g_strdup (path));
    g_array_append_vals (self->rows, self->session->input, (guint)size);
    return self->names->len < BATCH || flush_rows (self, error);
  }
  for (guint i = 0; i < input->n; i++) {
    g_ptr_array_add (self->names, input->n == 1 ? g_strdup (path) : g_strdup_printf ("%s[%u]", path, i));
    g_array_append_vals (self->rows, input->values + i * size, (guint)size);
    if (self->names->len >= BATCH && !flush_rows (self, error))
      return FALSE;
  }
  return TRUE;
}

static void
predictor_clear (Predictor *self)
{
  g_clear_pointer (&self->session, cnn_session_free);
  g_clear_object (&self->model);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_array_unref);
  g_clear_pointer (&self->outputs, g_array_unref);
  g_clear_object (&self->builder);
  g_clear_pointer (&self->failed, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Predictor, predictor_clear)

static void
print_json (Predictor *self)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_array (self->builder);
  json_builder_end_object (self->builder);
  root = json_builder_get_root (self->builder);
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, NULL);
  g_print ("%s\n", text);
}

/* One of several inputs that cannot be used does not keep the others from being predicted. */
static gboolean
go_on_without (const Predictor *self, const CliOptions *options, const char *path, GError **error)
{
  if (options->rest[2] == NULL)
    return FALSE;
  cli_batch_pass_over (path, error);
  g_hash_table_add (self->failed, g_strdup (path));
  return TRUE;
}

/* A session of the network at the size that it has by now. */
static gboolean
renew_session (Predictor *self, const CliOptions *options, GError **error)
{
  if (self->session != NULL && !flush_rows (self, error))
    return FALSE;
  g_clear_pointer (&self->session, cnn_session_free);
  self->session = cli_session_new (options, self->model, error);
  if (self->session == NULL)
    return FALSE;
  self->top = MIN (self->top, cnn_model_get_n_classes (self->model));
  return TRUE;
}

static gboolean
predict_all (Predictor *self, const CliOptions *options, GError **error)
{
  for (char **path = options->rest + 1; *path != NULL; path++) {
    g_auto (CliInput) input = { 0 };
    CnnModel *before = self->model;

    if (!cli_read_input (*path, &self->model, &input, error)) {
      if (!go_on_without (self, options, *path, error))
        return FALSE;
      continue;
    }
    if ((self->session == NULL || self->model != before) && !renew_session (self, options, error))
      return FALSE;
    if (!add_rows (self, *path, &input, error))
      return FALSE;
  }
  return self->session == NULL || flush_rows (self, error);
}

/* What a call ends with that has left out some of its inputs. */
static CliStatus
sum_up (const Predictor *self, const CliOptions *options)
{
  guint failed = 0, n = g_strv_length (options->rest + 1);

  for (char **path = options->rest + 1; *path != NULL; path++)
    failed += g_hash_table_contains (self->failed, *path);
  return cli_batch_end (failed, n);
}

static gboolean
parse_occluder (const char *text, int rect[4])
{
  char end;

  return sscanf (text, "%d,%d,%d,%d%c", &rect[0], &rect[1], &rect[2], &rect[3], &end) == 4 && rect[0] >= 0 &&
         rect[1] >= 0 && rect[2] > 0 && rect[3] > 0 &&
         MAX (MAX (rect[0], rect[1]), MAX (rect[2], rect[3])) < 32768;
}

typedef struct {
  const CliOptions *options;
  const int *occluder;
  guint top;
} Bars;

static gboolean
draw_figure (const Bars *bars, CnnSession *session, guint number, GError **error)
{
  const CliOptions *options = bars->options;
  const char *input = options->rest[number];
  g_autoptr (CnnPrediction) prediction = cnn_predict (session, NULL, error);
  g_autoptr (CnnFigureRecipe) recipe = NULL;
  g_autofree char *path = NULL;

  if (prediction == NULL)
    return FALSE;
  recipe = cli_recipe_new (options, CNN_FIGURE_PREDICTION, session, input);
  recipe->top = MIN (bars->top, 100);
  recipe->session->occluder = bars->occluder != NULL;
  if (bars->occluder != NULL) {
    memcpy (recipe->session->occluder_rect, bars->occluder, sizeof recipe->session->occluder_rect);
    recipe->session->occluder_fill = g_strdup ("gray");
  }
  path = cli_batch_name (options->figure, input, number,
                         prediction->n > 0 ? prediction->entries[0].label : "none");
  return cli_recipe_write (recipe, session, NULL, path, options->provenance, error);
}

/* One figure for each input. */
static gboolean
draw_figures (const Predictor *self, const Bars *bars, CnnModel *model, GError **error)
{
  const CliOptions *options = bars->options;
  guint n = g_strv_length (options->rest + 1);
  g_autoptr (CnnSession) session = NULL;

  for (guint number = 1; number <= n; number++) {
    const char *input = options->rest[number];

    cli_batch_show (number - 1, n);
    if (g_hash_table_contains (self->failed, input))
      continue;
    session = cli_open_input (options, model, input, g_steal_pointer (&session), error);
    if ((session == NULL || !draw_figure (bars, session, number, error)) &&
        !go_on_without (self, options, input, error))
      return FALSE;
  }
  cli_batch_show (n, n);
  return TRUE;
}

CliStatus
cli_predict (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_auto (Predictor) self = { 0 };
  g_autofree char *occluder = NULL;
  int top = 5, rect[4];
  const GOptionEntry own[] = {
    { "top", 0, 0, G_OPTION_ARG_INT, &top, N_ ("How many classes to show"), N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, N_ ("As JSON"), NULL },
    { "occluder", 0, 0, G_OPTION_ARG_STRING, &occluder, N_ ("Draw the bars under a gray occluder"),
      N_ ("X,Y,W,H") },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (CnnModel) model = NULL; /* as it was read; an array may set the size it leaves free */
  g_autoptr (GError) error = NULL;

  if (!cli_options_parse (&options, own, "MODEL INPUT…", argc, argv))
    return CLI_USAGE;
  if (options.rest[1] == NULL)
    return cli_usage (_ ("“predict” takes a MODEL and at least one INPUT"));
  if (top < 1)
    return cli_usage (_ ("--top takes a number from 1"));
  if (occluder != NULL && (options.figure == NULL || !parse_occluder (occluder, rect)))
    return cli_usage (_ ("--occluder takes X,Y,W,H in pixels of the input and needs -o FIG"));
  if (!cli_batch_check ((const char *const[]){ options.figure }, 1, options.rest + 1))
    return CLI_USAGE;
  model = cli_read_model (&options, &error);
  if (model == NULL)
    return cli_fail (error);
  self.model = g_object_ref (model);
  self.top = (guint)top;
  self.names = g_ptr_array_new_with_free_func (g_free);
  self.rows = g_array_new (FALSE, FALSE, sizeof (float));
  self.outputs = options.npy != NULL ? g_array_new (FALSE, FALSE, sizeof (float)) : NULL;
  self.failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.builder = json_builder_new ();
  json_builder_begin_object (self.builder);
  json_builder_set_member_name (self.builder, "model");
  json_builder_add_string_value (self.builder, options.rest[0]);
  json_builder_set_member_name (self.builder, "inputs");
  json_builder_begin_array (self.builder);
  if (!predict_all (&self, &options, &error))
    return cli_fail (error);
  if (options.npy != NULL && self.session != NULL) {
    guint value = cnn_model_get_selected_output (self.model);
    guint n = (guint)(self.outputs->len / MAX (cnn_engine_value_size (self.session->engine, value), 1));

    if (!cli_write_value (self.model, value, n, (const float *)(gconstpointer)self.outputs->data, options.npy,
                          &error))
      return cli_fail (error);
  }
  if (options.figure != NULL &&
      !draw_figures (&self, &(Bars){ &options, occluder != NULL ? rect : NULL, (guint)top }, model, &error))
    return cli_fail (error);
  if (self.json)
    print_json (&self);
  return sum_up (&self, &options);
}
