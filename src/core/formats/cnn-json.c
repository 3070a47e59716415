/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-json.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "model/cnn-error.h"

#define MAX_DEPTH 200
#define MAX_LENGTH (64u << 20)
/* The largest networks of Keras need some 100,000. Each takes a hundred bytes once it is read. */
#define MAX_VALUES (1u << 19)

/* What a look at the text tells before memory is taken for what it says. */
typedef struct {
  guint depth;  /* the largest */
  gsize values; /* about as many as there are commas and brackets */
  gboolean has_infinity;
} JsonSize;

static JsonSize
measure (const char *text, gsize length)
{
  JsonSize size = { 0 };
  guint depth = 0;
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\')
        i++;
      else if (c == '"')
        in_string = FALSE;
    } else if (c == '"') {
      in_string = TRUE;
    } else if (c == '[' || c == '{') {
      depth++;
      size.depth = MAX (size.depth, depth);
      size.values++;
    } else if ((c == ']' || c == '}') && depth > 0) {
      depth--;
    } else if (c == ',') {
      size.values++;
    } else if (c == 'I') {
      size.has_infinity = TRUE;
    }
  }
  return size;
}

/* Python writes Infinity, which JSON does not know; 1e999 is read as the same. */
static char *
replace_infinity (const char *text, gsize length)
{
  static const char word[] = "Infinity";
  char *copy = g_strndup (text, length);
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++) {
    if (in_string && copy[i] == '\\')
      i++;
    else if (copy[i] == '"')
      in_string = !in_string;
    else if (!in_string && length - i >= 8 && memcmp (copy + i, word, 8) == 0)
      memcpy (copy + i, "1e999   ", 8);
  }
  return copy;
}

JsonNode *
cnn_json_parse (const char *text, gsize length, const char *what, GError **error)
{
  if (length > MAX_LENGTH) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is too large for a description of a network."),
                 what);
    return NULL;
  }
  if (!g_utf8_validate (text, (gssize)length, NULL)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not JSON: it is not valid UTF-8 text."), what);
    return NULL;
  }
  JsonSize size = measure (text, length);
  if (size.depth > MAX_DEPTH) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("%s is nested more than %d levels deep, which no network needs."), what, MAX_DEPTH);
    return NULL;
  }
  if (size.values > MAX_VALUES) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("%s holds more than %u values, which no network needs."), what, MAX_VALUES);
    return NULL;
  }
  g_autofree char *copy = size.has_infinity ? replace_infinity (text, length) : NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) cause = NULL;
  if (!json_parser_load_from_data (parser, copy ? copy : text, (gssize)length, &cause)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s is not valid JSON (%s)."), what, cause->message);
    return NULL;
  }
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || JSON_NODE_HOLDS_VALUE (root) || JSON_NODE_HOLDS_NULL (root)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s holds no JSON object."), what);
    return NULL;
  }
  return json_node_ref (root);
}

JsonNode *
cnn_json_member (JsonObject *object, const char *member)
{
  if (object == NULL)
    return NULL;
  JsonNode *node = json_object_get_member (object, member);
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

JsonObject *
cnn_json_node_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Tuples, shapes and arrays in the wrappings of Keras' serialisations. */
static JsonNode *
unwrap_array (JsonObject *object)
{
  static const char *const wrappers[] = { "__tuple__", "TensorShape", "__tensor__",
                                          "__numpy__", "ndarray",     NULL };
  const char *kind = cnn_json_string (object, "class_name", cnn_json_string (object, "type", ""));
  JsonObject *config = cnn_json_object (object, "config");
  JsonNode *items;
  if (!g_strv_contains (wrappers, kind))
    return NULL;
  items = cnn_json_member (object, "items");
  return items != NULL ? items : cnn_json_member (config != NULL ? config : object, "value");
}

JsonArray *
cnn_json_node_array (JsonNode *node)
{
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    node = unwrap_array (json_node_get_object (node));
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
cnn_json_node_string (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
cnn_json_node_number (JsonNode *node, double *value)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node) || JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    JsonObject *config = cnn_json_object (object, "config");
    JsonNode *inner = cnn_json_member (config != NULL ? config : object, "value");
    return inner != NULL && JSON_NODE_HOLDS_VALUE (inner) && cnn_json_node_number (inner, value);
  }
  GType type = json_node_get_value_type (node);
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE && type != G_TYPE_BOOLEAN)
    return FALSE;
  *value = type == G_TYPE_BOOLEAN ? json_node_get_boolean (node) : json_node_get_double (node);
  return TRUE;
}

gboolean
cnn_json_node_integer (JsonNode *node, gint64 *value)
{
  double number;
  if (!cnn_json_node_number (node, &number) || !(fabs (number) <= 9007199254740992.0) ||
      number != floor (number))
    return FALSE;
  *value = (gint64)number;
  return TRUE;
}

JsonObject *
cnn_json_object (JsonObject *object, const char *member)
{
  return cnn_json_node_object (cnn_json_member (object, member));
}

JsonArray *
cnn_json_array (JsonObject *object, const char *member)
{
  return cnn_json_node_array (cnn_json_member (object, member));
}

const char *
cnn_json_string (JsonObject *object, const char *member, const char *fallback)
{
  const char *text = cnn_json_node_string (cnn_json_member (object, member));
  return text != NULL ? text : fallback;
}

gboolean
cnn_json_boolean (JsonObject *object, const char *member, gboolean fallback)
{
  double number;
  return cnn_json_node_number (cnn_json_member (object, member), &number) ? number != 0 : fallback;
}

double
cnn_json_number (JsonObject *object, const char *member, double fallback)
{
  double number;
  return cnn_json_node_number (cnn_json_member (object, member), &number) ? number : fallback;
}

gint64
cnn_json_integer (JsonObject *object, const char *member, gint64 fallback)
{
  gint64 number;
  return cnn_json_node_integer (cnn_json_member (object, member), &number) ? number : fallback;
}
