/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figure/cnn-figure-recipe.h"
#include "formats/cnn-model-reader.h"
#include "methods/cnn-method.h"
#include "methods/session/cnn-model-setup.h"

G_BEGIN_DECLS

/** Exit statuses of cnn-viz-cli. */
typedef enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 } CliStatus;

/** A command: @argv[0] is its name. */
typedef struct {
  const char *name;
  const char *arguments; /* what stands behind the name in the usage */
  CliStatus (*run) (int argc, char **argv);
} CliCommand;

CliStatus cli_summary (int argc, char **argv);
CliStatus cli_diagram (int argc, char **argv);
CliStatus cli_predict (int argc, char **argv);
CliStatus cli_filters (int argc, char **argv);
CliStatus cli_activations (int argc, char **argv);
CliStatus cli_maximize (int argc, char **argv);
CliStatus cli_compare (int argc, char **argv);
CliStatus cli_evaluate (int argc, char **argv);
CliStatus cli_bench (int argc, char **argv);
CliStatus cli_remake (int argc, char **argv);
/** Any visualisation method; its own parameters become options. */
CliStatus cli_explain (int argc, char **argv);

/** One line on standard error: what, where, why. Returns CLI_FAILED. */
CliStatus cli_fail (const GError *error);
/** One line on standard error. */
void cli_say (const char *message);
/** The same for a wrong call. Returns CLI_USAGE. */
CliStatus cli_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** CliOptions: what most commands take. Zero it, then cli_options_parse(). */
typedef struct {
  char *preprocess, *fit, *rotate;
  char **inputs; /* further inputs, NAME=VALUE */
  CnnModelSetup setup;
  char *figure, *npy;
  char **rest; /* MODEL INPUT… */
  /* of figures; what was not said is NULL, 0 or negative */
  char *theme, *title, *caption, *colormap, *map_range;
  double width_mm, dpi, opacity;
  gboolean no_letters, provenance;
} CliOptions;

void cli_options_clear (CliOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliOptions, cli_options_clear)

/** Parses the common options and @own; says so and returns %FALSE where the call is wrong. */
gboolean cli_options_parse (CliOptions *options, const GOptionEntry *own, const char *arguments, int argc,
                            char **argv);

/** Says so and returns %FALSE where --npy (@npy) or -o (@figure) was given to @command, which writes no such
 * file.
 */
gboolean cli_options_refuse (const CliOptions *options, const char *command, gboolean npy, gboolean figure);

/** Reads the model of @options->rest[0] as its setup says: labels, output, size, further inputs. */
CnnModel *cli_read_model (const CliOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Numbers for the network's image input, in CnnViz' order: @n samples; or a picture. */
typedef struct {
  CnnImage *image;
  float *values;
  guint n;
} CliInput;

void cli_input_clear (CliInput *input);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliInput, cli_input_clear)

/** A picture, or a .npy in the model's own layout. A free size of @model is set to the array's: @model may be
 * replaced. */
gboolean cli_read_input (const char *path, CnnModel **model, CliInput *input, GError **error);

/** A session of @model with the preprocessing of @options. */
CnnSession *cli_session_new (const CliOptions *options, CnnModel *model,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Reads rest[0] and rest[1] and makes that the session's input. */
CnnSession *cli_open (const CliOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Makes @path the input of @kept (transfer full, nullable), or of a new session where that one does not
 * suit. (transfer full), or NULL with @error set: @kept is gone then. */
CnnSession *cli_open_input (const CliOptions *options, CnnModel *model, const char *path, CnnSession *kept,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The name number @i of some that there are. */
typedef const char *(*CliNameFunc) (guint i, gpointer data);
/** Up to three of @n names that @wanted may have meant, quoted and joined by commas, the likeliest first;
 * %NULL: none. (transfer full) */
char *cli_near_names (const char *wanted, CliNameFunc name, guint n, gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/** Index of a layer by name; an error that lists what there is. */
int cli_find_layer (CnnModel *model, const char *name, GError **error);
/** Index of a class by label or number; -1 with @error set. */
int cli_find_class (CnnModel *model, const char *name, GError **error);

/** Writes @n samples of @value as .npy in the model's own layout. */
gboolean cli_write_value (CnnModel *model, guint value, guint n, const float *values, const char *path,
                          GError **error);

/** "0.4213", the same in every locale. */
const char *cli_number (char buffer[G_ASCII_DTOSTR_BUF_SIZE], const char *format, double value);

/** Whether @patterns (@n of them, %NULL: not asked for) name a file of its own for each of @inputs; says so
 * where they do not. */
gboolean cli_batch_check (const char *const *patterns, guint n, char *const *inputs);
/** @pattern with {name}: the input's without folder and ending, {index}: @number from 1, {class}:
 * @class_name; what is no part of a plain file name becomes "_". (transfer full), %NULL for %NULL. */
char *cli_batch_name (const char *pattern, const char *input, guint number, const char *class_name);
/** On a terminal, that @number of @n inputs are done. */
void cli_batch_show (guint number, guint n);
/** Makes room for a line of text where that stands; cli_batch_show() puts it back. */
void cli_batch_hide (void);
/** Says what is wrong with one of several inputs, which do not end with it, and clears @error. */
void cli_batch_pass_over (const char *input, GError **error);
/** Says how many of @n inputs have @failed, if any. Returns: what the program ends with. */
CliStatus cli_batch_end (guint failed, guint n);
/** What is done with input @number, from 1, of the call, which is the session's. */
typedef gboolean (*CliBatchFunc) (CnnSession *session, guint number, gpointer data, GError **error);
/** Calls @each for every input of @options in one session; what cannot be done is said and passed over. */
CliStatus cli_batch_each (const CliOptions *options, CnnModel *model, CliBatchFunc each, gpointer data);

/* cli-values.c: what options take */

/** Says in one line that --@option takes @allowed and not @value. Returns %FALSE. */
gboolean cli_refuse_value (const char *option, const char *value, const char *allowed);
/** What may stand behind a parameter's option: "drop|tutorial", "0…100 %". (transfer full) */
char *cli_describe_param (const CnnParam *param) G_GNUC_WARN_UNUSED_RESULT;
/** Sets the parameter @name from --@option; says so and returns %FALSE where @value is none of its values. */
gboolean cli_set_param (CnnMethodRequest *request, const CnnMethod *method, const char *option,
                        const char *name, const char *value);
/** A modifier by name; says so and returns %FALSE where there is none called @value. */
gboolean cli_read_modifier (const char *option, const char *value, CnnModifier *modifier);
/** Says so and returns %FALSE where a common option has a value that no network could take. */
gboolean cli_values_check (const CliOptions *options);

/* cli-figure.c: figures from recipes */

/** Adds the options that are about the page. */
void cli_page_add_entries (CliOptions *options, GOptionContext *context);
/** Says so and returns %FALSE where they are wrong. */
gboolean cli_page_check (const CliOptions *options);
/** What the options say about the page, on @recipe. */
void cli_page_apply (const CliOptions *options, CnnFigureRecipe *recipe);
/** A recipe of what @session looks at. @input (nullable): its path. */
CnnFigureRecipe *cli_recipe_new (const CliOptions *options, CnnFigureKind kind, CnnSession *session,
                                 const char *input) G_GNUC_WARN_UNUSED_RESULT;
/** The method and its choices as they were asked for. */
void cli_recipe_set_request (CnnFigureRecipe *recipe, CnnModel *model, const CnnMethod *method,
                             const CnnMethodRequest *request);
/** Makes the figure and writes it to @path, on request with its JSON. @known: (nullable) */
gboolean cli_recipe_write (const CnnFigureRecipe *recipe, CnnSession *session, const CnnFigureKnown *known,
                           const char *path, gboolean provenance, GError **error);
/** The network itself as a figure: table or diagram. */
gboolean cli_write_architecture (const CliOptions *options, CnnModel *model, CnnFigureKind kind,
                                 GError **error);

G_END_DECLS
