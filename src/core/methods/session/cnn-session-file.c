/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "cnn-session-file.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#include "formats/cnn-file-hash.h"
#include "formats/cnn-json.h"
#include "image/cnn-file.h"
#include "cnn-model-setup.h"
#include "model/cnn-error.h"

#define MARK "cnnviz-session"
#define MAX_FILE (4 << 20)
#define MAX_IMAGES 100000
#define HEAD 256

/* The members that are one string each; written and read alike. */
static const struct {
  const char *name;
  gsize offset;
} strings[] = {
  { "model", G_STRUCT_OFFSET (CnnSavedSession, model) },
  { "model-sha256", G_STRUCT_OFFSET (CnnSavedSession, model_hash) },
  { "image", G_STRUCT_OFFSET (CnnSavedSession, image) },
  { "image-sha256", G_STRUCT_OFFSET (CnnSavedSession, image_hash) },
  { "view", G_STRUCT_OFFSET (CnnSavedSession, view) },
  { "layer", G_STRUCT_OFFSET (CnnSavedSession, layer) },
  { "gallery", G_STRUCT_OFFSET (CnnSavedSession, gallery) },
  { "method", G_STRUCT_OFFSET (CnnSavedSession, method) },
  { "modifier", G_STRUCT_OFFSET (CnnSavedSession, modifier) },
  { "target-layer", G_STRUCT_OFFSET (CnnSavedSession, target_layer) },
  { "colormap", G_STRUCT_OFFSET (CnnSavedSession, colormap) },
  { "scale", G_STRUCT_OFFSET (CnnSavedSession, scale) },
  { "preprocess", G_STRUCT_OFFSET (CnnSavedSession, preprocess) },
  { "fit", G_STRUCT_OFFSET (CnnSavedSession, fit) },
  { "occluder-fill", G_STRUCT_OFFSET (CnnSavedSession, occluder_fill) },
  { "labels", G_STRUCT_OFFSET (CnnSavedSession, labels) },
  { "output", G_STRUCT_OFFSET (CnnSavedSession, output) },
  { "input-size", G_STRUCT_OFFSET (CnnSavedSession, input_size) },
  { "inputs", G_STRUCT_OFFSET (CnnSavedSession, inputs) },
  { "rotate-kernels", G_STRUCT_OFFSET (CnnSavedSession, rotate) },
  { "evaluated-folder", G_STRUCT_OFFSET (CnnSavedSession, evaluated) },
  { "mistakes-show", G_STRUCT_OFFSET (CnnSavedSession, mistakes_show) },
  { "mistakes-sort", G_STRUCT_OFFSET (CnnSavedSession, mistakes_sort) },
  { "tensor", G_STRUCT_OFFSET (CnnSavedSession, tensor) },
};

static char **
string_at (CnnSavedSession *self, guint i)
{
  return G_STRUCT_MEMBER_P (self, strings[i].offset);
}

static void
free_param (gpointer data)
{
  CnnSavedParam *param = data;

  g_free (param->method);
  g_free (param->param);
  g_free (param->value);
  g_free (param);
}

static void
free_image (gpointer data)
{
  CnnSavedImage *image = data;

  g_free (image->path);
  g_free (image->hash);
  g_free (image);
}

CnnSavedSession *
cnn_saved_session_new (void)
{
  CnnSavedSession *self = g_new0 (CnnSavedSession, 1);

  self->images = g_ptr_array_new_with_free_func (free_image);
  self->params = g_ptr_array_new_with_free_func (free_param);
  self->class_index = self->filter = -1;
  self->opacity = 0.6;
  return self;
}

void
cnn_saved_session_free (CnnSavedSession *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*string_at (self, i));
  g_ptr_array_unref (self->images);
  g_ptr_array_unref (self->params);
  g_free (self);
}

void
cnn_saved_session_add_image (CnnSavedSession *self, const char *path, const char *hash)
{
  CnnSavedImage *image = g_new0 (CnnSavedImage, 1);

  image->path = g_strdup (path);
  image->hash = g_strdup (hash);
  g_ptr_array_add (self->images, image);
}

void
cnn_saved_session_add_param (CnnSavedSession *self, const char *method, const char *param, const char *value)
{
  CnnSavedParam *saved = g_new0 (CnnSavedParam, 1);

  saved->method = g_strdup (method);
  saved->param = g_strdup (param);
  saved->value = g_strdup (value);
  g_ptr_array_add (self->params, saved);
}

CnnSavedSession *
cnn_saved_session_copy (const CnnSavedSession *self)
{
  CnnSavedSession *copy = g_memdup2 (self, sizeof *self);

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    *string_at (copy, i) = g_strdup (*string_at ((CnnSavedSession *)self, i));
  copy->images = g_ptr_array_new_with_free_func (free_image);
  copy->params = g_ptr_array_new_with_free_func (free_param);
  for (guint i = 0; i < self->images->len; i++) {
    const CnnSavedImage *image = self->images->pdata[i];

    cnn_saved_session_add_image (copy, image->path, image->hash);
  }
  for (guint i = 0; i < self->params->len; i++) {
    const CnnSavedParam *param = self->params->pdata[i];

    cnn_saved_session_add_param (copy, param->method, param->param, param->value);
  }
  return copy;
}

/* A parameter's value as text that cnn_method_request_set() reads. */
static char *
value_text (const CnnParam *param, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  switch (param->type) {
  case CNN_PARAM_CHOICE:
    return g_strdup (param->choices[(guint)value]);
  case CNN_PARAM_BOOL:
    return g_strdup (value != 0 ? "yes" : "no");
  case CNN_PARAM_INT:
  case CNN_PARAM_FLOAT:
  default:
    return g_strdup (g_ascii_dtostr (text, sizeof text, value));
  }
}

void
cnn_saved_session_add_request (CnnSavedSession *self, const CnnMethod *method,
                               const CnnMethodRequest *request)
{
  for (guint i = 0; method->params != NULL && method->params[i].name != NULL; i++) {
    const CnnParam *param = &method->params[i];
    g_autofree char *text = NULL;

    if (g_str_equal (param->name, "fill") && request->fill_text != NULL)
      text = g_strdup (request->fill_text);
    else if (ABS (request->values[i] - param->standard) < 1e-9)
      continue;
    else
      text = value_text (param, request->values[i]);
    cnn_saved_session_add_param (self, method->name, param->name, text);
  }
}

gboolean
cnn_session_file_recognise (const char *text, gsize length)
{
  static const char mark[] = "\"" MARK "\"";
  gsize at = 0;

  while (at < length && g_ascii_isspace (text[at]))
    at++;
  if (at >= length || text[at++] != '{')
    return FALSE;
  while (at < length && g_ascii_isspace (text[at]))
    at++;
  return length - at >= sizeof mark - 1 && memcmp (text + at, mark, sizeof mark - 1) == 0;
}

/* A string that JSON can hold: a path need not be UTF-8, then the file's URI says it. */
static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *uri = NULL;

  if (value == NULL)
    return;
  if (!g_utf8_validate (value, -1, NULL))
    uri = g_filename_to_uri (value, NULL, NULL);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, uri != NULL ? uri : value);
}

static void
add_images (JsonBuilder *builder, const CnnSavedSession *self)
{
  json_builder_set_member_name (builder, "images");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->images->len; i++) {
    const CnnSavedImage *image = self->images->pdata[i];

    json_builder_begin_object (builder);
    add_string (builder, "path", image->path);
    add_string (builder, "sha256", image->hash);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_params (JsonBuilder *builder, const CnnSavedSession *self)
{
  json_builder_set_member_name (builder, "parameters");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->params->len; i++) {
    const CnnSavedParam *param = self->params->pdata[i];

    json_builder_begin_object (builder);
    add_string (builder, "method", param->method);
    add_string (builder, "name", param->param);
    add_string (builder, "value", param->value);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

char *
cnn_saved_session_to_json (const CnnSavedSession *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, MARK);
  json_builder_add_int_value (builder, CNN_SESSION_FILE_VERSION);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    add_string (builder, strings[i].name, *string_at ((CnnSavedSession *)self, i));
  json_builder_set_member_name (builder, "invert");
  json_builder_add_boolean_value (builder, self->invert);
  json_builder_set_member_name (builder, "class");
  json_builder_add_int_value (builder, self->class_index);
  json_builder_set_member_name (builder, "filter");
  json_builder_add_int_value (builder, self->filter);
  json_builder_set_member_name (builder, "opacity");
  json_builder_add_double_value (builder, self->opacity);
  json_builder_set_member_name (builder, "occluder");
  json_builder_add_boolean_value (builder, self->occluder);
  json_builder_set_member_name (builder, "occluder-rect");
  json_builder_begin_array (builder);
  for (guint i = 0; i < 4; i++)
    json_builder_add_int_value (builder, self->occluder_rect[i]);
  json_builder_end_array (builder);
  add_images (builder, self);
  add_params (builder, self);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

/* Where a value went wrong; FALSE for returning. */
static gboolean
refuse (const char *what, const char *member, const char *expected, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s: “%s” should be %s."), what, member, expected);
  return FALSE;
}

/* A path, which may be written as a file's URI. */
static char *
dup_path (const char *text)
{
  char *path = g_str_has_prefix (text, "file:") ? g_filename_from_uri (text, NULL, NULL) : NULL;

  return path != NULL ? path : g_strdup (text);
}

static gboolean
read_strings (CnnSavedSession *self, JsonObject *object, const char *what, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++) {
    JsonNode *node = cnn_json_member (object, strings[i].name);
    const char *text = node != NULL ? cnn_json_node_string (node) : NULL;

    if (node == NULL || JSON_NODE_HOLDS_NULL (node))
      continue;
    if (text == NULL)
      return refuse (what, strings[i].name, _ ("a text"), error);
    *string_at (self, i) = dup_path (text);
  }
  return TRUE;
}

static gboolean
read_integer (JsonNode *node, int low, const char *what, const char *member, int *value, GError **error)
{
  gint64 number = 0;

  if (node == NULL)
    return TRUE;
  if (!cnn_json_node_integer (node, &number) || number < low || number > G_MAXINT / 2)
    return refuse (what, member, _ ("a whole number in its range"), error);
  *value = (int)number;
  return TRUE;
}

static gboolean
read_rect (CnnSavedSession *self, JsonObject *object, const char *what, GError **error)
{
  JsonNode *node = cnn_json_member (object, "occluder-rect");
  JsonArray *rect = cnn_json_node_array (node);

  if (node == NULL)
    return TRUE;
  if (rect == NULL || json_array_get_length (rect) != 4)
    return refuse (what, "occluder-rect", _ ("a list of four whole numbers"), error);
  for (guint i = 0; i < 4; i++)
    if (!read_integer (json_array_get_element (rect, i), 0, what, "occluder-rect", &self->occluder_rect[i],
                       error))
      return FALSE;
  return TRUE;
}

static gboolean
read_boolean (JsonObject *object, const char *member, const char *what, gboolean *value, GError **error)
{
  JsonNode *node = cnn_json_member (object, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (what, member, _ ("true or false"), error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
read_numbers (CnnSavedSession *self, JsonObject *object, const char *what, GError **error)
{
  JsonNode *opacity = cnn_json_member (object, "opacity");

  if (opacity != NULL && (!cnn_json_node_number (opacity, &self->opacity) || !isfinite (self->opacity) ||
                          self->opacity < 0 || self->opacity > 1))
    return refuse (what, "opacity", _ ("a number from 0 to 1"), error);
  return read_integer (cnn_json_member (object, "class"), -1, what, "class", &self->class_index, error) &&
         read_integer (cnn_json_member (object, "filter"), -1, what, "filter", &self->filter, error) &&
         read_boolean (object, "occluder", what, &self->occluder, error) &&
         read_boolean (object, "invert", what, &self->invert, error) && read_rect (self, object, what, error);
}

/* The array of objects called @member; an empty one where there is none. */
static gboolean
read_list (JsonObject *object, const char *member, const char *what, JsonArray **list, GError **error)
{
  JsonNode *node = cnn_json_member (object, member);

  *list = cnn_json_node_array (node);
  if (node != NULL && (*list == NULL || json_array_get_length (*list) > MAX_IMAGES))
    return refuse (what, member, _ ("a list"), error);
  return TRUE;
}

static gboolean
read_lists (CnnSavedSession *self, JsonObject *object, const char *what, GError **error)
{
  JsonArray *images = NULL, *params = NULL;

  if (!read_list (object, "images", what, &images, error) ||
      !read_list (object, "parameters", what, &params, error))
    return FALSE;
  for (guint i = 0; images != NULL && i < json_array_get_length (images); i++) {
    JsonObject *image = cnn_json_node_object (json_array_get_element (images, i));
    const char *text = cnn_json_string (image, "path", NULL);
    g_autofree char *path = text != NULL ? dup_path (text) : NULL;

    if (path == NULL)
      return refuse (what, "images", _ ("a list of pictures with a path each"), error);
    cnn_saved_session_add_image (self, path, cnn_json_string (image, "sha256", NULL));
  }
  for (guint i = 0; params != NULL && i < json_array_get_length (params); i++) {
    JsonObject *param = cnn_json_node_object (json_array_get_element (params, i));
    const char *method = cnn_json_string (param, "method", NULL),
               *name = cnn_json_string (param, "name", NULL);
    const char *value = cnn_json_string (param, "value", NULL);

    if (method == NULL || name == NULL || value == NULL)
      return refuse (what, "parameters", _ ("a list of method, name and value"), error);
    cnn_saved_session_add_param (self, method, name, value);
  }
  return TRUE;
}

CnnSavedSession *
cnn_saved_session_from_json (const char *text, gsize length, const char *what, GError **error)
{
  g_autoptr (CnnSavedSession) self = cnn_saved_session_new ();
  g_autoptr (JsonNode) root = cnn_json_parse (text, length, what, error);
  JsonObject *object;
  gint64 version;

  if (root == NULL)
    return NULL;
  object = cnn_json_node_object (root);
  version = cnn_json_integer (object, MARK, 0);
  if (version < 1) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not a session of CnnViz."), what);
    return NULL;
  }
  if (version > CNN_SESSION_FILE_VERSION) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("%s was saved by a newer CnnViz: version %d is the last that is known here."), what,
                 CNN_SESSION_FILE_VERSION);
    return NULL;
  }
  if (!read_strings (self, object, what, error) || !read_numbers (self, object, what, error) ||
      !read_lists (self, object, what, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
cnn_session_file_is (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = NULL;
  char head[HEAD];
  gsize n = 0;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  stream = g_file_read (file, NULL, NULL);
  return stream != NULL &&
         g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &n, NULL, NULL) &&
         cnn_session_file_recognise (head, n);
}

static void
make_absolute (char **path, gpointer data)
{
  const char *folder = data;

  if (*path != NULL && (*path)[0] != '\0') {
    char *absolute = g_canonicalize_filename (*path, folder);

    g_free (*path);
    *path = absolute;
  }
}

CnnSavedSession *
cnn_session_file_read (const char *path, GError **error)
{
  g_autofree char *what = g_path_get_basename (path), *given = g_path_get_dirname (path);
  g_autofree char *folder = g_canonicalize_filename (given, NULL);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  CnnSavedSession *self;

  if (file == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("The session cannot be read: %s."), cause->message);
    return NULL;
  }
  if (g_mapped_file_get_length (file) > MAX_FILE || g_mapped_file_get_length (file) == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not a session of CnnViz."), what);
    return NULL;
  }
  self = cnn_saved_session_from_json (g_mapped_file_get_contents (file), g_mapped_file_get_length (file),
                                      what, error);
  if (self == NULL)
    return NULL;
  make_absolute (&self->model, folder);
  make_absolute (&self->image, folder);
  make_absolute (&self->labels, folder);
  make_absolute (&self->evaluated, folder);
  cnn_model_setup_each_file (&self->inputs, make_absolute, folder);
  for (guint i = 0; i < self->images->len; i++)
    make_absolute (&((CnnSavedImage *)self->images->pdata[i])->path, folder);
  return self;
}

static void
hash_once (const char *path, char **hash, GCancellable *cancellable)
{
  if (path != NULL && *hash == NULL)
    *hash = cnn_file_hash (path, cancellable, NULL);
}

void
cnn_saved_session_hash (CnnSavedSession *self, GCancellable *cancellable)
{
  hash_once (self->model, &self->model_hash, cancellable);
  hash_once (self->image, &self->image_hash, cancellable);
  for (guint i = 0; i < self->images->len; i++) {
    CnnSavedImage *image = self->images->pdata[i];

    hash_once (image->path, &image->hash, cancellable);
  }
}

gboolean
cnn_session_file_write (const CnnSavedSession *self, const char *path, GError **error)
{
  g_autofree char *text = cnn_saved_session_to_json (self);

  return cnn_file_write (path, text, strlen (text), error);
}
