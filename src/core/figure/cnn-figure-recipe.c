/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-figure-recipe.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <float.h>
#include <string.h>

#include "formats/cnn-json.h"
#include "methods/session/cnn-model-setup.h"
#include "model/cnn-error.h"

static const struct {
  const char *name, *title;
} kinds[CNN_N_FIGURE_KINDS] = {
  [CNN_FIGURE_CANVAS] = { "canvas", N_ ("Map and prediction") },
  [CNN_FIGURE_STRIP] = { "strip", N_ ("Strip of modifiers") },
  [CNN_FIGURE_COMPARE] = { "compare", N_ ("Grid of classes") },
  [CNN_FIGURE_METHODS] = { "methods", N_ ("Methods side by side") },
  [CNN_FIGURE_OCCLUSION] = { "occlusion", N_ ("Occlusion, winning classes") },
  [CNN_FIGURE_ACTIVATIONS] = { "activations", N_ ("Activations of the layer") },
  [CNN_FIGURE_KERNELS] = { "kernels", N_ ("Kernels of the layer") },
  [CNN_FIGURE_MAXIMIZED] = { "maximized", N_ ("Maximised pictures") },
  [CNN_FIGURE_TABLE] = { "table", N_ ("Architecture table") },
  [CNN_FIGURE_DIAGRAM] = { "diagram", N_ ("Architecture diagram") },
  [CNN_FIGURE_PREDICTION] = { "prediction", N_ ("Prediction") },
};

/* The members that are one string each. */
static const struct {
  const char *name;
  gsize offset;
} strings[] = {
  { "title", G_STRUCT_OFFSET (CnnFigureRecipe, title) },
  { "caption", G_STRUCT_OFFSET (CnnFigureRecipe, caption) },
  { "classes", G_STRUCT_OFFSET (CnnFigureRecipe, classes) },
  { "columns", G_STRUCT_OFFSET (CnnFigureRecipe, columns) },
  { "channels", G_STRUCT_OFFSET (CnnFigureRecipe, channels) },
  { "input-channel", G_STRUCT_OFFSET (CnnFigureRecipe, inputs) },
};

static char **
string_at (const CnnFigureRecipe *self, guint i)
{
  return G_STRUCT_MEMBER_P (self, strings[i].offset);
}

const char *
cnn_figure_kind_name (CnnFigureKind kind)
{
  return kinds[kind].name;
}

const char *
cnn_figure_kind_title (CnnFigureKind kind)
{
  return _ (kinds[kind].title);
}

gboolean
cnn_figure_kind_from_name (const char *name, CnnFigureKind *kind)
{
  for (guint i = 0; i < CNN_N_FIGURE_KINDS; i++)
    if (g_strcmp0 (kinds[i].name, name) == 0) {
      *kind = (CnnFigureKind)i;
      return TRUE;
    }
  return FALSE;
}

CnnFigureRecipe *
cnn_figure_recipe_new (CnnFigureKind kind, CnnSavedSession *session)
{
  CnnFigureRecipe *self = g_new0 (CnnFigureRecipe, 1);

  self->kind = kind;
  self->is_figure = TRUE;
  self->session = session != NULL ? session : cnn_saved_session_new ();
  self->width_mm = CNN_FIGURE_MM;
  self->dpi = CNN_FIGURE_DPI;
  self->top = 5;
  return self;
}

void
cnn_figure_recipe_free (CnnFigureRecipe *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*string_at (self, i));
  cnn_saved_session_free (self->session);
  g_free (self);
}

CnnFigureRecipe *
cnn_figure_recipe_copy (const CnnFigureRecipe *self)
{
  CnnFigureRecipe *copy = g_memdup2 (self, sizeof *self);

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    *string_at (copy, i) = g_strdup (*string_at (self, i));
  copy->session = cnn_saved_session_copy (self->session);
  return copy;
}

/* what a kind reads */

enum {
  READS_IMAGE = 1 << 0,
  READS_METHOD = 1 << 1, /* with its options */
  READS_CLASS = 1 << 2,
  READS_LAYER = 1 << 3, /* the chosen one, which galleries show */
  READS_STYLE = 1 << 4,
  READS_OCCLUDER = 1 << 5,
};

static guint
what_it_reads (const CnnFigureRecipe *self)
{
  switch (self->kind) {
  case CNN_FIGURE_CANVAS:
    if (g_strcmp0 (self->session->method, "activation") == 0)
      return READS_IMAGE | READS_METHOD | READS_LAYER | READS_STYLE;
    /* without a method it is the prediction, under the occluder if there is one */
    if (self->session->method == NULL || g_str_equal (self->session->method, "none"))
      return READS_IMAGE | READS_METHOD | READS_OCCLUDER;
    return READS_IMAGE | READS_METHOD | READS_CLASS | READS_STYLE;
  case CNN_FIGURE_STRIP:
  case CNN_FIGURE_METHODS:
  case CNN_FIGURE_OCCLUSION:
    return READS_IMAGE | READS_METHOD | READS_CLASS | READS_STYLE;
  case CNN_FIGURE_COMPARE:
    return READS_IMAGE | READS_METHOD | READS_STYLE;
  case CNN_FIGURE_ACTIVATIONS:
    return READS_IMAGE | READS_LAYER | READS_STYLE;
  case CNN_FIGURE_KERNELS:
    return READS_LAYER | READS_STYLE;
  case CNN_FIGURE_MAXIMIZED:
    /* classes are not of the layer that happens to be chosen */
    return READS_IMAGE | READS_METHOD | (g_strcmp0 (self->columns, "filters") == 0 ? (guint)READS_LAYER : 0);
  case CNN_FIGURE_PREDICTION:
    return READS_IMAGE | READS_OCCLUDER;
  case CNN_FIGURE_TABLE:
  case CNN_FIGURE_DIAGRAM:
  default:
    return 0;
  }
}

/* Whether an option of @method says anything in this figure. */
static gboolean
reads_param (const CnnFigureRecipe *self, const CnnSavedParam *param)
{
  const char *name = param->method;
  const CnnMethod *method = cnn_method_find (name);

  if (method == NULL || cnn_method_find_param (method, param->param) < 0)
    return FALSE;
  switch (self->kind) {
  case CNN_FIGURE_COMPARE:
  case CNN_FIGURE_METHODS:
    return TRUE;
  case CNN_FIGURE_OCCLUSION:
    return g_str_equal (name, "occlusion");
  case CNN_FIGURE_MAXIMIZED:
    return g_str_equal (name, "maximize");
  default:
    return (what_it_reads (self) & READS_METHOD) != 0 && g_strcmp0 (name, self->session->method) == 0;
  }
}

static void
drop_params (const CnnFigureRecipe *self, CnnSavedSession *session)
{
  for (guint i = session->params->len; i-- > 0;)
    if (!reads_param (self, session->params->pdata[i]))
      g_ptr_array_remove_index (session->params, i);
}

static void
drop_method (CnnSavedSession *session)
{
  g_clear_pointer (&session->method, g_free);
  g_clear_pointer (&session->modifier, g_free);
  g_clear_pointer (&session->target_layer, g_free);
}

/* A choice of "" or "automatic" is none. */
static void
drop_standard (char **text)
{
  if (*text != NULL && (**text == '\0' || g_str_equal (*text, "automatic")))
    g_clear_pointer (text, g_free);
}

/* What the method itself does not read. */
static void
drop_unread (const CnnFigureRecipe *self, CnnSavedSession *session)
{
  const CnnMethod *method = session->method != NULL ? cnn_method_find (session->method) : NULL;

  drop_standard (&session->target_layer);
  drop_standard (&session->layer);
  drop_standard (&session->colormap);
  drop_standard (&session->labels);
  drop_standard (&session->output);
  drop_standard (&session->input_size);
  drop_standard (&session->inputs);
  drop_standard (&session->rotate);
  if (g_strcmp0 (session->tensor, "off") == 0)
    g_clear_pointer (&session->tensor, g_free);
  if (self->kind == CNN_FIGURE_STRIP || (self->kind == CNN_FIGURE_COMPARE && self->columns != NULL))
    g_clear_pointer (&session->modifier, g_free);
  if (self->kind == CNN_FIGURE_COMPARE && self->columns != NULL)
    g_clear_pointer (&session->method, g_free);
  if (self->kind == CNN_FIGURE_OCCLUSION || self->kind == CNN_FIGURE_MAXIMIZED)
    g_clear_pointer (&session->method, g_free);
  if (self->kind != CNN_FIGURE_CANVAS && self->kind != CNN_FIGURE_STRIP)
    return;
  if (method == NULL || !method->uses_modifier)
    g_clear_pointer (&session->modifier, g_free);
  if (method == NULL || !method->uses_layer)
    g_clear_pointer (&session->target_layer, g_free);
  if (method == NULL || !method->uses_class)
    session->class_index = -1;
}

/* The choices that tell one figure from another, so that the same figure says the same wherever it was made.
 */
static CnnSavedSession *
reduce (const CnnFigureRecipe *self)
{
  CnnSavedSession *session = cnn_saved_session_copy (self->session);
  guint reads = what_it_reads (self);

  g_ptr_array_set_size (session->images, 0);
  drop_params (self, session);
  if (!(reads & READS_IMAGE)) {
    g_clear_pointer (&session->image, g_free);
    g_clear_pointer (&session->image_hash, g_free);
    g_clear_pointer (&session->preprocess, g_free);
    g_clear_pointer (&session->fit, g_free);
    session->invert = FALSE;
  }
  if (!(reads & READS_METHOD))
    drop_method (session);
  if (!(reads & READS_CLASS))
    session->class_index = -1;
  if (!(reads & READS_LAYER)) {
    g_clear_pointer (&session->layer, g_free);
    session->filter = -1;
  }
  if (!(reads & READS_STYLE)) {
    session->opacity = 0.6;
    g_clear_pointer (&session->colormap, g_free);
  }
  if (!(reads & READS_OCCLUDER))
    session->occluder = FALSE;
  if (!session->occluder) {
    memset (session->occluder_rect, 0, sizeof session->occluder_rect);
    g_clear_pointer (&session->occluder_fill, g_free);
  }
  drop_unread (self, session);
  g_clear_pointer (&session->gallery, g_free);
  g_clear_pointer (&session->view, g_free);
  /* the recipe has the range itself */
  g_clear_pointer (&session->scale, g_free);
  return session;
}

/* The name of a home is nobody's business, and it differs between machines. */
static void
shorten (char **path, gpointer unused)
{
  g_autofree char *absolute = *path != NULL && **path != '\0' ? g_canonicalize_filename (*path, NULL) : NULL;
  g_autofree char *home = g_strconcat (g_get_home_dir (), "/", NULL);

  if (absolute == NULL)
    return;
  g_free (*path);
  *path = strlen (home) > 2 && g_str_has_prefix (absolute, home)
              ? g_strconcat ("~/", absolute + strlen (home), NULL)
              : g_steal_pointer (&absolute);
}

static void
add_text (JsonObject *object, const char *name, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    json_object_set_string_member (object, name, valid);
}

static JsonObject *
figure_object (const CnnFigureRecipe *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind", kinds[self->kind].name);
  json_object_set_double_member (object, "width-mm", self->width_mm);
  json_object_set_double_member (object, "dpi", self->dpi);
  json_object_set_string_member (object, "theme", self->dark ? "dark" : "page");
  json_object_set_boolean_member (object, "letters", !self->no_letters);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    add_text (object, strings[i].name, *string_at (self, i));
  json_object_set_boolean_member (object, "shared-scale", self->shared);
  json_object_set_boolean_member (object, "overlay", self->overlay);
  json_object_set_int_member (object, "top", self->top);
  if (self->own_range) {
    json_object_set_double_member (object, "low", self->low);
    json_object_set_double_member (object, "high", self->high);
  }
  return object;
}

char *
cnn_figure_recipe_to_json (const CnnFigureRecipe *self)
{
  g_autoptr (CnnSavedSession) session = reduce (self);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;

  shorten (&session->model, NULL);
  shorten (&session->image, NULL);
  shorten (&session->labels, NULL);
  cnn_model_setup_each_file (&session->inputs, shorten, NULL);
  text = cnn_saved_session_to_json (session);
  root = json_from_string (text, NULL);
  json_object_set_object_member (json_node_get_object (root), "figure", figure_object (self));
  return json_to_string (root, FALSE);
}

static gboolean
read_number (JsonObject *object, const char *name, double low, double high, const char *what, double *value,
             GError **error)
{
  JsonNode *node = cnn_json_member (object, name);
  double number;

  if (node == NULL)
    return TRUE;
  if (!cnn_json_node_number (node, &number) || !(number >= low && number <= high)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s: “%s” should be a number from %g to %g."), what,
                 name, low, high);
    return FALSE;
  }
  *value = number;
  return TRUE;
}

static gboolean
read_flag (JsonObject *object, const char *name)
{
  JsonNode *node = cnn_json_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
         json_node_get_boolean (node);
}

/* Figures once said this about the page and not about the session. */
static void
read_older (JsonObject *object, const char *name, char **text)
{
  if (*text == NULL)
    *text = g_strdup (cnn_json_string (object, name, NULL));
}

static gboolean
read_figure (CnnFigureRecipe *self, JsonObject *object, const char *what, GError **error)
{
  const char *kind = cnn_json_string (object, "kind", "canvas");
  double top = self->top;

  if (!cnn_figure_kind_from_name (kind, &self->kind)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s: there is no kind of figure called “%s”."), what,
                 kind);
    return FALSE;
  }
  if (!read_number (object, "width-mm", 20, 2000, what, &self->width_mm, error) ||
      !read_number (object, "dpi", 30, 2400, what, &self->dpi, error) ||
      !read_number (object, "top", 1, 100, what, &top, error) ||
      !read_number (object, "low", -FLT_MAX, FLT_MAX, what, &self->low, error) ||
      !read_number (object, "high", -FLT_MAX, FLT_MAX, what, &self->high, error))
    return FALSE;
  self->top = (guint)top;
  self->own_range = self->low < self->high;
  self->dark = g_strcmp0 (cnn_json_string (object, "theme", NULL), "dark") == 0;
  self->no_letters = cnn_json_member (object, "letters") != NULL && !read_flag (object, "letters");
  self->shared = read_flag (object, "shared-scale");
  self->overlay = read_flag (object, "overlay");
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    *string_at (self, i) = g_strdup (cnn_json_string (object, strings[i].name, NULL));
  read_older (object, "labels", &self->session->labels);
  read_older (object, "output", &self->session->output);
  read_older (object, "input-size", &self->session->input_size);
  return TRUE;
}

CnnFigureRecipe *
cnn_figure_recipe_from_json (const char *text, gsize length, const char *what, GError **error)
{
  CnnSavedSession *session = cnn_saved_session_from_json (text, length, what, error);
  g_autoptr (CnnFigureRecipe) self =
      session != NULL ? cnn_figure_recipe_new (CNN_FIGURE_CANVAS, session) : NULL;
  g_autoptr (JsonNode) root = self != NULL ? cnn_json_parse (text, length, what, error) : NULL;
  JsonNode *figure;

  if (root == NULL)
    return NULL;
  figure = cnn_json_member (cnn_json_node_object (root), "figure");
  if (figure != NULL && cnn_json_node_object (figure) != NULL &&
      !read_figure (self, cnn_json_node_object (figure), what, error))
    return NULL;
  self->is_figure = self->is_opened = figure != NULL;
  return g_steal_pointer (&self);
}
