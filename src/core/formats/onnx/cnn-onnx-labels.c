/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the classes, where a file carries them: as an attribute of its last operator, or in its notes. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-graph.h"

#include <string.h>

#define MAX_LABELS 100000

/* The strings of an operator that maps class numbers to names. */
static char **
labels_of_node (const CnnOnnxNode *node)
{
  const Onnx__AttributeProto *names = cnn_onnx_attr_find (node, "classlabels_strings");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (names == NULL || names->n_strings == 0 || names->n_strings > MAX_LABELS)
    return NULL;
  for (gsize i = 0; i < names->n_strings; i++) {
    g_autofree char *label =
        g_utf8_make_valid ((const char *)names->strings[i].data, (gssize)names->strings[i].len);

    g_strv_builder_add (builder, label);
  }
  return g_strv_builder_end (builder);
}

/* The text between quotes at @at, which is behind the closing one afterwards. */
static char *
quoted (const char **at)
{
  char quote = **at;
  GString *text = g_string_new (NULL);

  for (++*at; **at != '\0' && **at != quote; ++*at) {
    if (**at == '\\' && (*at)[1] != '\0')
      ++*at;
    g_string_append_c (text, **at);
  }
  if (**at == quote)
    ++*at;
  return g_string_free (text, FALSE);
}

/* The number @n, perhaps in quotes, and the colon behind it. */
static gboolean
skip_key (const char **at, gint64 n)
{
  gboolean text = **at == '"' || **at == '\'';
  char *end;

  *at += text;
  if (g_ascii_strtoll (*at, &end, 10) != n || end == *at)
    return FALSE;
  *at = end + (text && (*end == '"' || *end == '\''));
  *at += strspn (*at, " \t\r\n:");
  return TRUE;
}

/* {0: 'cat', 1: "dog"} or ["cat", "dog"]: the quoted texts in their order. */
static char **
labels_of_text (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *at = valid + strspn (valid, " \t\r\n");
  gint64 n = 0;

  if (*at != '{' && *at != '[')
    return NULL;
  for (gboolean keyed = *at++ == '{'; n < MAX_LABELS; n++) {
    g_autofree char *label = NULL;

    at += strspn (at, " \t\r\n,");
    if (keyed && !skip_key (&at, n))
      break;
    if (*at != '"' && *at != '\'')
      break;
    label = quoted (&at);
    g_strv_builder_add (builder, label);
  }
  return n > 0 ? g_strv_builder_end (builder) : NULL;
}

char **
cnn_onnx_graph_labels (CnnOnnxGraph *self)
{
  static const char *const keys[] = { "names", "classes", "labels", "class_names", NULL };
  const Onnx__ModelProto *proto = self->file->proto;

  for (guint i = self->nodes->len; i-- > 0;) {
    char **labels = labels_of_node (g_ptr_array_index (self->nodes, i));

    if (labels != NULL)
      return labels;
  }
  for (gsize i = 0; i < proto->n_metadata_props; i++) {
    const char *key = proto->metadata_props[i]->key, *value = proto->metadata_props[i]->value;
    char **labels =
        key != NULL && value != NULL && g_strv_contains (keys, key) ? labels_of_text (value) : NULL;

    if (labels != NULL)
      return labels;
  }
  return NULL;
}
