/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a figure's file tells about how it was made, and where the files are that it was made of. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "formats/cnn-file-hash.h"
#include "image/cnn-png.h"
#include "methods/session/cnn-model-setup.h"
#include "model/cnn-error.h"
#include "cnn-figure-private.h"
#include "cnn-figure-recipe.h"

#define MAX_FILE (256u << 20)
#define MAX_TEXT (8u << 20)
/* so many files beside a figure are looked at, and so many bytes of them */
#define MAX_CANDIDATES 256
#define MAX_HASHED (G_GUINT64_CONSTANT (4) << 30)

/* SVG */

static void
collect_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (data, text, (gssize)length);
}

/* The text of the element that cnn-page.c writes for a keyword. */
static char *
read_svg (const char *bytes, gsize length)
{
  static const char start[] = "<cnnviz:text keyword=\"" CNN_METADATA_SESSION "\">", end[] = "</cnnviz:text>";
  static const GMarkupParser parser = { .text = collect_text };
  const char *from = g_strstr_len (bytes, (gssize)length, start);
  const char *to = from != NULL ? g_strstr_len (from, (gssize)(length - (gsize)(from - bytes)), end) : NULL;
  g_autoptr (GString) text = NULL;
  GMarkupParseContext *context;
  gboolean good;

  if (to == NULL || (gsize)(to - from) > MAX_TEXT)
    return NULL;
  text = g_string_new (NULL);
  context = g_markup_parse_context_new (&parser, 0, text, NULL);
  good = g_markup_parse_context_parse (context, from, to - from + (gssize)strlen (end), NULL);
  g_markup_parse_context_free (context);
  return good ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* PDF */

/* A string in brackets, whose backslashes hide brackets and are octal numbers. */
static void
read_literal (const char *p, const char *end, GByteArray *bytes)
{
  int depth = 1;

  while (p < end && depth > 0 && bytes->len < MAX_TEXT) {
    guint8 byte = (guint8)*p++;

    if (byte == '\\' && p < end) {
      guint value = 0;
      int digits = 0;

      for (; digits < 3 && p < end && *p >= '0' && *p <= '7'; digits++)
        value = value * 8 + (guint)(*p++ - '0');
      byte = digits > 0 ? (guint8)value : (guint8)(*p == 'n' ? '\n' : *p);
      p += digits > 0 ? 0 : 1;
    } else if (byte == '(' || byte == ')') {
      depth += byte == '(' ? 1 : -1;
      if (depth == 0)
        return;
    }
    g_byte_array_append (bytes, &byte, 1);
  }
}

static void
read_hex (const char *p, const char *end, GByteArray *bytes)
{
  int high = -1;

  for (; p < end && *p != '>' && bytes->len < MAX_TEXT; p++) {
    int digit = g_ascii_xdigit_value (*p);
    guint8 byte;

    if (digit < 0)
      continue;
    if (high < 0) {
      high = digit;
      continue;
    }
    byte = (guint8)(high * 16 + digit);
    g_byte_array_append (bytes, &byte, 1);
    high = -1;
  }
}

/* UTF-16 with its mark, or bytes. */
static char *
to_utf8 (const GByteArray *bytes)
{
  if (bytes->len >= 2 && bytes->data[0] == 0xfe && bytes->data[1] == 0xff)
    return g_convert ((const char *)bytes->data + 2, (gssize)bytes->len - 2, "UTF-8", "UTF-16BE", NULL, NULL,
                      NULL);
  return g_strndup ((const char *)bytes->data, bytes->len);
}

static const char *
find_bytes (const char *bytes, gsize length, const char *what)
{
  gsize n = strlen (what);

  for (const char *at = bytes, *end = bytes + length; (gsize)(end - at) >= n; at++) {
    at = memchr (at, what[0], (gsize)(end - at));
    if (at == NULL || (gsize)(end - at) < n)
      return NULL;
    if (memcmp (at, what, n) == 0)
      return at;
  }
  return NULL;
}

/* The line of the keywords that holds the session. */
static char *
read_pdf (const char *bytes, gsize length)
{
  static const char mark[] = CNN_METADATA_SESSION ": ";
  const char *end = bytes + length, *at = find_bytes (bytes, length, "/Keywords");
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autofree char *text = NULL;
  char *from, *to;

  if (at == NULL)
    return NULL;
  for (at += strlen ("/Keywords"); at < end && g_ascii_isspace (*at); at++)
    ;
  if (at < end && *at == '(')
    read_literal (at + 1, end, raw);
  else if (at < end && *at == '<')
    read_hex (at + 1, end, raw);
  text = to_utf8 (raw);
  from = text != NULL ? strstr (text, mark) : NULL;
  if (from == NULL)
    return NULL;
  from += strlen (mark);
  to = strchr (from, '\n');
  return to != NULL ? g_strndup (from, (gsize)(to - from)) : g_strdup (from);
}

/* any */

static gboolean
has_ending (const char *path, const char *ending)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, ending);
}

static char *
read_text (const char *path, GError **error)
{
  g_autofree char *what = g_path_get_basename (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = NULL;
  char *text = NULL;
  gsize length;

  if (has_ending (path, ".png")) {
    text = cnn_png_read_text (path, CNN_METADATA_SESSION, NULL);
  } else {
    file = g_mapped_file_new (path, FALSE, &cause);
    if (file == NULL) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("The session cannot be read: %s."), cause->message);
      return NULL;
    }
    length = g_mapped_file_get_length (file);
    if (length > 0 && length <= MAX_FILE) {
      const char *bytes = g_mapped_file_get_contents (file);

      text = has_ending (path, ".svg")   ? read_svg (bytes, length)
             : has_ending (path, ".pdf") ? read_pdf (bytes, length)
             : length <= MAX_TEXT        ? g_strndup (bytes, length)
                                         : NULL;
    }
  }
  if (text == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s does not tell how it was made."), what);
  return text;
}

gboolean
cnn_figure_file_is (const char *path)
{
  g_autofree char *text = NULL;
  char head[4096];
  gsize n = 0;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileInputStream) stream = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  if (has_ending (path, ".png")) {
    text = cnn_png_read_text (path, CNN_METADATA_SESSION, NULL);
    return text != NULL;
  }
  if (has_ending (path, ".pdf"))
    return TRUE;
  if (!has_ending (path, ".svg"))
    return FALSE;
  file = g_file_new_for_path (path);
  stream = g_file_read (file, NULL, NULL);
  return stream != NULL &&
         g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &n, NULL, NULL) &&
         find_bytes (head, n, "urn:cnnviz:metadata") != NULL;
}

/* files */

static char *
resolve (const char *path, const char *folder)
{
  if (g_str_has_prefix (path, "~/"))
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  return g_canonicalize_filename (path, folder);
}

static gboolean
is_it (const char *path, const char *hash)
{
  g_autofree char *found = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  found = hash != NULL ? cnn_file_hash (path, NULL, NULL) : NULL;
  return hash == NULL || g_strcmp0 (found, hash) == 0;
}

/* The file of @folder with that hash; of the ending that it had, because others cannot be it. */
static char *
search_folder (const char *folder, const char *name, const char *hash, guint64 *budget)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *dot = strrchr (name, '.'), *entry;
  guint seen = 0;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL && seen < MAX_CANDIDATES) {
    g_autofree char *path = NULL;
    GStatBuf status;

    if (dot != NULL && !g_str_has_suffix (entry, dot))
      continue;
    path = g_build_filename (folder, entry, NULL);
    if (g_stat (path, &status) != 0 || !S_ISREG (status.st_mode) || (guint64)status.st_size > *budget)
      continue;
    *budget -= (guint64)status.st_size;
    seen++;
    if (is_it (path, hash))
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* Where the file is by now: in its place, beside the figure, or under another name around there. What is not
 * found keeps its path. */
static void
find_file (char **path, const char *hash, const char *folder)
{
  g_autofree char *absolute = *path != NULL && **path != '\0' ? resolve (*path, folder) : NULL;
  g_autofree char *name = absolute != NULL ? g_path_get_basename (absolute) : NULL;
  g_autofree char *beside = name != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *old = absolute != NULL ? g_path_get_dirname (absolute) : NULL;
  guint64 budget = MAX_HASHED;
  char *found = NULL;

  if (absolute == NULL)
    return;
  if (!is_it (absolute, hash)) {
    if (is_it (beside, hash))
      found = g_steal_pointer (&beside);
    if (found == NULL && hash != NULL)
      found = search_folder (folder, name, hash, &budget);
    if (found == NULL && hash != NULL)
      found = search_folder (old, name, hash, &budget);
    if (found == NULL && hash != NULL)
      found = search_folder (parent, name, hash, &budget);
  }
  g_free (*path);
  *path = found != NULL ? found : g_steal_pointer (&absolute);
}

static void
find_array (char **path, gpointer folder)
{
  find_file (path, NULL, folder);
}

/* A figure leaves out what is as usual; whoever opens it may have chosen otherwise. */
static void
say_standard (CnnSavedSession *session)
{
  if (session->colormap == NULL)
    session->colormap = g_strdup ("automatic");
  if (session->target_layer == NULL)
    session->target_layer = g_strdup ("");
  if (session->tensor == NULL)
    session->tensor = g_strdup ("off");
  if (session->scale == NULL)
    session->scale = g_strdup ("own");
  if (session->modifier == NULL)
    session->modifier = g_strdup ("vanilla");
}

CnnFigureRecipe *
cnn_figure_recipe_read (const char *path, GError **error)
{
  g_autofree char *what = g_path_get_basename (path), *given = g_path_get_dirname (path);
  g_autofree char *folder = g_canonicalize_filename (given, NULL), *text = read_text (path, error);
  CnnFigureRecipe *self =
      text != NULL ? cnn_figure_recipe_from_json (text, strlen (text), what, error) : NULL;
  CnnSavedSession *session;

  if (self == NULL)
    return NULL;
  session = self->session;
  find_file (&session->model, session->model_hash, folder);
  find_file (&session->image, session->image_hash, folder);
  find_file (&session->labels, NULL, folder);
  cnn_model_setup_each_file (&session->inputs, find_array, folder);
  if (self->is_figure)
    say_standard (session);
  for (guint i = 0; i < session->images->len; i++) {
    CnnSavedImage *image = session->images->pdata[i];
    char *absolute = resolve (image->path, folder);

    g_free (image->path);
    image->path = absolute;
  }
  return self;
}

/* the JSON beside a figure */

static const char *
find_metadata (CnnFigure *figure, const char *keyword)
{
  for (guint i = 0; i + 1 < figure->metadata->len; i += 2)
    if (strcmp (figure->metadata->pdata[i], keyword) == 0)
      return figure->metadata->pdata[i + 1];
  return NULL;
}

gboolean
cnn_figure_write_provenance (CnnFigure *figure, const char *path, GError **error)
{
  /* of several pages beside the first */
  g_autofree char *first = cnn_figure_page_path (path, 1), *beside = g_strconcat (first, ".json", NULL);
  g_autofree char *text = NULL, *whole = NULL;
  const char *session = find_metadata (figure, CNN_METADATA_SESSION);
  const char *provenance = find_metadata (figure, CNN_METADATA_PROVENANCE);
  g_autoptr (JsonNode) root = session != NULL ? json_from_string (session, NULL) : NULL;

  if (root == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%s: it is not known how the figure was made."),
                 path);
    return FALSE;
  }
  if (provenance != NULL)
    json_object_set_member (json_node_get_object (root), "provenance", json_from_string (provenance, NULL));
  text = json_to_string (root, TRUE);
  whole = g_strconcat (text, "\n", NULL);
  return cnn_file_write (beside, whole, strlen (whole), error);
}
