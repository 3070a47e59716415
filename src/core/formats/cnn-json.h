/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * cnn_json_parse:
 * @what: the file or part for messages: "model.json"
 *
 * Parses JSON of somebody else's: nesting is limited before the parser recurses, and Python's Infinity is
 * taken as a number. Returns: (transfer full): an object's or array's node.
 */
JsonNode *cnn_json_parse (const char *text, gsize length, const char *what,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Members that are absent, null or of another type give the fallback (NULL for objects and arrays). @object
 * may be NULL. */
JsonNode *cnn_json_member (JsonObject *object, const char *member);
JsonObject *cnn_json_object (JsonObject *object, const char *member);
JsonArray *cnn_json_array (JsonObject *object, const char *member);
const char *cnn_json_string (JsonObject *object, const char *member, const char *fallback);
gboolean cnn_json_boolean (JsonObject *object, const char *member, gboolean fallback);
double cnn_json_number (JsonObject *object, const char *member, double fallback);
gint64 cnn_json_integer (JsonObject *object, const char *member, gint64 fallback);

/** The object of a node, or %NULL; the array, also in the wrappings that Keras writes around tuples, shapes
 * and numpy arrays; the string. */
JsonObject *cnn_json_node_object (JsonNode *node);
JsonArray *cnn_json_node_array (JsonNode *node);
const char *cnn_json_node_string (JsonNode *node);
/** A number, or the number wrapped by Keras' serialisation of numpy scalars. */
gboolean cnn_json_node_number (JsonNode *node, double *value);
/** As above, whole and within ±2^53. */
gboolean cnn_json_node_integer (JsonNode *node, gint64 *value);

G_END_DECLS
