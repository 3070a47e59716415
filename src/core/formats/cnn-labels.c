/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-labels.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/cnn-error.h"
#include "cnn-json.h"
#include "cnn-model-reader.h"

#define MAX_FILE (16u << 20)
#define MAX_LABELS (1u << 20)

static char **
labels_of_array (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++) {
    const char *label = cnn_json_node_string (json_array_get_element (array, i));
    if (label == NULL)
      return NULL;
    g_strv_builder_add (builder, label);
  }
  return json_array_get_length (array) > 0 ? g_strv_builder_end (builder) : NULL;
}

/* {"0": "cat", …} or Keras' {"0": ["n02123045", "tabby"], …}; every class must be there. */
static char **
labels_of_object (JsonObject *object)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint n = json_object_get_size (object);
  for (guint i = 0; i < n; i++) {
    g_autofree char *key = g_strdup_printf ("%u", i);
    JsonNode *node = cnn_json_member (object, key);
    JsonArray *pair = cnn_json_node_array (node);
    guint length = pair != NULL ? json_array_get_length (pair) : 0;
    const char *label = cnn_json_node_string (length > 0 ? json_array_get_element (pair, length - 1) : node);
    if (label == NULL)
      return NULL;
    g_strv_builder_add (builder, label);
  }
  return n > 0 ? g_strv_builder_end (builder) : NULL;
}

/* {"cat": 0, "dog": 1}, as Keras' directory iterators number folders. */
static char **
labels_of_numbers (JsonObject *object)
{
  guint n = json_object_get_size (object);
  g_autofree const char **found = g_new0 (const char *, n + 1);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    double index;
    if (!cnn_json_node_number (node, &index) || !(index >= 0 && index < n) || found[(guint)index] != NULL)
      return NULL;
    found[(guint)index] = name;
  }
  return n > 0 ? g_strdupv ((char **)found) : NULL;
}

static char **
labels_of_json (const char *text, gsize length, const char *what, GError **error)
{
  g_autoptr (JsonNode) node = cnn_json_parse (text, length, what, error);
  if (node == NULL)
    return NULL;
  JsonObject *object = cnn_json_node_object (node);
  JsonArray *array = object != NULL ? cnn_json_array (object, "labels") : cnn_json_node_array (node);
  char **labels = array != NULL ? labels_of_array (array) : labels_of_object (object);
  if (labels == NULL && object != NULL)
    labels = labels_of_numbers (object);
  if (labels == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s holds no list of class names."), what);
  return labels;
}

/* How many bytes before the name a numbered line has: Teachable Machine's "1 dog", or WordNet's number in
 * "n02084071 dog"; 0: none. */
static gsize
number_length (const char *line, guint i)
{
  g_autofree char *number = g_strdup_printf ("%u ", i);
  gsize digits = line[0] == 'n' ? strspn (line + 1, "0123456789") : 0;
  if (g_str_has_prefix (line, number))
    return strlen (number);
  return digits == 8 && (line[9] == ' ' || line[9] == '\t') ? 10 : 0;
}

static void
strip_numbers (char **labels)
{
  for (guint i = 0; labels[i] != NULL; i++)
    if (number_length (labels[i], i) == 0)
      return;
  for (guint i = 0; labels[i] != NULL; i++) {
    const char *name = labels[i] + number_length (labels[i], i);
    memmove (labels[i], name, strlen (name) + 1);
  }
}

static char **
labels_of_lines (const char *text, gsize length, const char *what, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *copy = g_utf8_validate (text, (gssize)length, NULL) ? g_strndup (text, length) : NULL;
  if (copy == NULL || strlen (copy) != length) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not a text with one class name a line."), what);
    return NULL;
  }
  guint n = 0;
  const char *start = g_str_has_prefix (copy, "\xef\xbb\xbf") ? copy + 3 : copy;
  g_auto (GStrv) lines = g_strsplit (start, "\n", MAX_LABELS);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0') {
      g_strv_builder_add (builder, lines[i]);
      n++;
    }
  if (n == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s holds no list of class names."), what);
    return NULL;
  }
  char **labels = g_strv_builder_end (builder);
  strip_numbers (labels);
  return labels;
}

char **
cnn_labels_read (const char *path, GError **error)
{
  g_autofree char *what = g_path_get_basename (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  if (file == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("The class names cannot be read: %s."), cause->message);
    return NULL;
  }
  gsize length = g_mapped_file_get_length (file);
  const char *text = length > 0 ? g_mapped_file_get_contents (file) : "";
  if (length > MAX_FILE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is too large for a list of class names."), what);
    return NULL;
  }
  gsize first = 0;
  while (first < length && g_ascii_isspace (text[first]))
    first++;
  if (first < length && (text[first] == '{' || text[first] == '['))
    return labels_of_json (text, length, what, error);
  return labels_of_lines (text, length, what, error);
}
