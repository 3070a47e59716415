/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures with their classes, from folders and from tables. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-truth.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Folders are followed no deeper, so that links in circles end. */
#define MOST_DEPTH 8
/* No list is longer. */
#define MOST_FILES 1000000u
#define MOST_TABLE (256u * 1024 * 1024)

static void
item_free (gpointer data)
{
  CnnTruthItem *item = data;

  g_free (item->path);
  g_free (item);
}

static CnnTruth *
truth_new (const char *path)
{
  CnnTruth *self = g_new0 (CnnTruth, 1);

  self->path = g_strdup (path);
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  g_atomic_ref_count_init (&self->refs);
  return self;
}

CnnTruth *
cnn_truth_ref (CnnTruth *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_truth_unref (CnnTruth *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->path);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->notes);
  g_strfreev (self->names);
  g_free (self);
}

static void
add_item (CnnTruth *self, const char *path, int truth)
{
  CnnTruthItem *item = g_new (CnnTruthItem, 1);

  *item = (CnnTruthItem){ g_strdup (path), truth };
  g_ptr_array_add (self->items, item);
}

const char *
cnn_truth_get_name (const CnnTruth *self, CnnModel *model, int class_index)
{
  if (class_index < 0 || class_index >= (int)cnn_model_get_n_classes (model))
    return "?";
  return self->names != NULL ? self->names[class_index] : cnn_model_get_label (model, (guint)class_index);
}

/* Letters and digits only, without case: "Golden_Retriever" and "golden retriever" are one. */
static char *
plain (const char *text, gssize length)
{
  g_autofree char *part = g_strndup (text, length < 0 ? strlen (text) : (gsize)length);
  g_autofree char *valid = g_utf8_make_valid (part, -1);
  g_autofree char *folded = g_utf8_casefold (valid, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_isalnum (g_utf8_get_char (p)))
      g_string_append_unichar (out, g_utf8_get_char (p));
  return g_string_free (out, FALSE);
}

/* Whether @name is a label or, as in "tench, Tinca tinca", its first name. */
static gboolean
is_label (const char *name, const char *label)
{
  g_autofree char *whole = plain (label, -1);
  const char *comma = strchr (label, ',');
  g_autofree char *first = comma != NULL ? plain (label, comma - label) : NULL;

  return name[0] != '\0' && (g_str_equal (name, whole) || g_strcmp0 (name, first) == 0);
}

static int
find_label (CnnModel *model, const char *name)
{
  g_autofree char *wanted = plain (name, -1);
  guint n = cnn_model_get_n_classes (model);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (cnn_model_get_label (model, i), name))
      return (int)i;
  for (guint i = 0; i < n; i++)
    if (is_label (wanted, cnn_model_get_label (model, i)))
      return (int)i;
  return -1;
}

/* "7", "07", and behind a word: "class_7", "label 7". */
static int
find_number (CnnModel *model, const char *name)
{
  static const char *const words[] = { "class", "label", "category", "" };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  guint64 number;
  char *end;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    const char *p = lower;

    if (!g_str_has_prefix (p, words[i]))
      continue;
    p += strlen (words[i]);
    p += strspn (p, " _-");
    if (!g_ascii_isdigit (*p))
      continue;
    number = g_ascii_strtoull (p, &end, 10);
    return *end == '\0' && number < cnn_model_get_n_classes (model) ? (int)number : -1;
  }
  return -1;
}

int
cnn_truth_match_class (CnnModel *model, const char *name)
{
  int found = find_label (model, name);
  const char *rest = name + strspn (name, "0123456789");

  if (found < 0)
    found = find_number (model, name);
  /* numbered folders: "3_cat" */
  if (found < 0 && rest > name && *rest != '\0')
    found = find_label (model, rest + strspn (rest, " _-."));
  return found;
}

static gboolean
is_picture (const char *name)
{
  static const char *const endings[] = { ".png",  ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".gif",
                                         ".tiff", ".tif", ".ppm",  ".pgm", ".pnm",  NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; name[0] != '.' && endings[i] != NULL; i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted by bytes as training programs do. */
static GPtrArray *
names_in (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GPtrArray *names = NULL;
  const char *name;

  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL && names->len < MOST_FILES)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
list_into (GPtrArray *out, const char *folder, guint depth, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = names_in (folder, error);

  for (guint i = 0; names != NULL && i < names->len && out->len < MOST_FILES; i++) {
    const char *name = names->pdata[i];
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    if (is_picture (name))
      g_ptr_array_add (out, g_steal_pointer (&path));
    else if (depth > 0 && name[0] != '.' && g_file_test (path, G_FILE_TEST_IS_DIR) &&
             !list_into (out, path, depth - 1, cancellable, error))
      return FALSE;
  }
  return names != NULL;
}

GPtrArray *
cnn_list_pictures (const char *folder, gboolean deep, GCancellable *cancellable, GError **error)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_free);

  if (list_into (pictures, folder, deep ? MOST_DEPTH : 0, cancellable, error))
    return pictures;
  g_ptr_array_unref (pictures);
  return NULL;
}

static char *
table_in (const char *folder)
{
  static const char *const names[] = { "labels.csv",      "labels.tsv", "truth.csv",
                                       "annotations.csv", "labels.txt", NULL };

  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return g_steal_pointer (&path);
  }
  return NULL;
}

gboolean
cnn_truth_is_likely (const char *folder)
{
  g_autofree char *table = table_in (folder);
  g_autoptr (GPtrArray) names = names_in (folder, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

    if (((const char *)names->pdata[i])[0] != '.' && !is_picture (names->pdata[i]) &&
        g_file_test (path, G_FILE_TEST_IS_DIR))
      return TRUE;
  }
  return table != NULL;
}

/* The folders of a folder that hold pictures, by name: name, GPtrArray of paths. */
typedef struct {
  char *name;
  GPtrArray *pictures;
  int truth;
} ClassFolder;

static void
class_folder_free (gpointer data)
{
  ClassFolder *folder = data;

  g_free (folder->name);
  g_ptr_array_unref (folder->pictures);
  g_free (folder);
}

static GPtrArray *
class_folders (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = names_in (path, error);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (class_folder_free);

  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *child = g_build_filename (path, names->pdata[i], NULL);
    GPtrArray *pictures;
    ClassFolder *folder;

    if (((const char *)names->pdata[i])[0] == '.' || is_picture (names->pdata[i]) ||
        !g_file_test (child, G_FILE_TEST_IS_DIR))
      continue;
    pictures = cnn_list_pictures (child, TRUE, cancellable, error);
    if (pictures == NULL)
      return NULL;
    if (pictures->len == 0) {
      g_ptr_array_unref (pictures);
      continue;
    }
    folder = g_new (ClassFolder, 1);
    *folder = (ClassFolder){ g_strdup (names->pdata[i]), pictures, -1 };
    g_ptr_array_add (folders, folder);
  }
  return g_steal_pointer (&folders);
}

/* As many folders as classes and none with a name of the network's: they are the classes in their order. */
static void
match_by_order (CnnTruth *self, GPtrArray *folders)
{
  self->names = g_new0 (char *, folders->len + 1);
  for (guint i = 0; i < folders->len; i++) {
    ClassFolder *folder = folders->pdata[i];

    folder->truth = (int)i;
    self->names[i] = g_utf8_make_valid (folder->name, -1);
  }
  g_ptr_array_add (self->notes,
                   g_strdup (_ ("The network does not know the folders' names: in alphabetical order they "
                                "are taken for its classes.")));
}

static void
match_folders (CnnTruth *self, CnnModel *model, GPtrArray *folders)
{
  g_autoptr (GString) unknown = g_string_new (NULL);
  guint n_known = 0;

  for (guint i = 0; i < folders->len; i++) {
    ClassFolder *folder = folders->pdata[i];

    folder->truth = cnn_truth_match_class (model, folder->name);
    if (folder->truth >= 0)
      n_known++;
    else
      g_string_append_printf (unknown, "%s%s", unknown->len > 0 ? ", " : "", folder->name);
  }
  if (n_known == 0 && folders->len == cnn_model_get_n_classes (model))
    match_by_order (self, folders);
  else if (unknown->len > 0)
    g_ptr_array_add (
        self->notes,
        g_strdup_printf (_ ("Folders that are no class of the network are left out: %s."), unknown->str));
}

static void
read_folders (CnnTruth *self, CnnModel *model, GPtrArray *folders)
{
  match_folders (self, model, folders);
  for (guint i = 0; i < folders->len; i++) {
    ClassFolder *folder = folders->pdata[i];

    for (guint k = 0; folder->truth >= 0 && k < folder->pictures->len; k++)
      add_item (self, folder->pictures->pdata[k], folder->truth);
  }
}

/* Cuts "file<sep>label" into two at the tab, comma, semicolon or, where there is none, the last blank; quotes
 * are taken off. */
static gboolean
split_line (char *line, char **file, char **label)
{
  char *cut = NULL, *p = line;

  if (*p == '"') {
    char *end = strchr (++p, '"');

    if (end == NULL)
      return FALSE;
    *end = '\0';
    cut = strpbrk (end + 1, "\t,;");
    if (cut == NULL)
      return FALSE;
  } else {
    cut = strchr (p, '\t');
    if (cut == NULL)
      cut = strpbrk (p, ",;");
    if (cut == NULL)
      cut = strrchr (p, ' ');
    if (cut == NULL)
      return FALSE;
    *cut = '\0';
  }
  *file = g_strstrip (p);
  *label = g_strstrip (cut + 1);
  if (**label == '"') {
    char *end = strchr (++*label, '"');

    if (end != NULL)
      *end = '\0';
  } else if (strpbrk (*label, "\t;") != NULL) {
    /* further columns */
    *strpbrk (*label, "\t;") = '\0';
  }
  return **file != '\0' && **label != '\0';
}

/* Counts of what a table has that cannot be used. */
typedef struct {
  guint missing, outside, unknown;
  char *example; /* a label that is no class */
} TableFaults;

static void
read_line (CnnTruth *self, CnnModel *model, const char *folder, char *line, gboolean first,
           TableFaults *faults)
{
  g_autofree char *root = NULL, *path = NULL;
  char *file, *label;
  int truth;

  if (!split_line (line, &file, &label))
    return;
  root = g_canonicalize_filename (folder, NULL);
  path = g_canonicalize_filename (file, root);
  truth = cnn_truth_match_class (model, label);
  if (truth < 0) {
    /* "file,label,remark" */
    char *comma = strchr (label, ',');

    if (comma != NULL) {
      *comma = '\0';
      truth = cnn_truth_match_class (model, g_strstrip (label));
    }
  }
  if (!g_str_has_prefix (path, root) || path[strlen (root)] != G_DIR_SEPARATOR) {
    faults->outside++;
  } else if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    faults->missing += !first; /* names of columns */
  } else if (truth < 0) {
    faults->unknown++;
    if (faults->example == NULL)
      faults->example = g_utf8_make_valid (label, -1);
  } else {
    add_item (self, path, truth);
  }
}

static gboolean
read_table (CnnTruth *self, CnnModel *model, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, cancellable, error);
  g_autofree char *text = NULL, *folder = g_path_get_dirname (path);
  g_auto (GStrv) lines = NULL;
  TableFaults faults = { 0 };

  if (info == NULL)
    return FALSE;
  if (g_file_info_get_size (info) > MOST_TABLE) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("%s: too large for a table of labels"), path);
    return FALSE;
  }
  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", (int)MOST_FILES);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_cancellable_set_error_if_cancelled (cancellable, error)) {
      g_free (faults.example);
      return FALSE;
    }
    read_line (self, model, folder, g_strchomp (lines[i]), i == 0, &faults);
  }
  if (faults.missing > 0)
    g_ptr_array_add (self->notes, g_strdup_printf (_ ("%u files of the table are missing."), faults.missing));
  if (faults.outside > 0)
    g_ptr_array_add (
        self->notes,
        g_strdup_printf (_ ("%u files are outside of the table's folder and left out."), faults.outside));
  if (faults.unknown > 0)
    g_ptr_array_add (self->notes,
                     g_strdup_printf (_ ("%u files have a label that is no class of the network, as “%s”."),
                                      faults.unknown, faults.example));
  g_free (faults.example);
  return TRUE;
}

CnnTruth *
cnn_truth_read (const char *path, CnnModel *model, GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnTruth) self = truth_new (path);
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *table = is_folder ? table_in (path) : g_strdup (path);
  g_autoptr (GPtrArray) folders = NULL;

  if (is_folder) {
    folders = class_folders (path, cancellable, error);
    if (folders == NULL)
      return NULL;
  }
  /* a labels.txt beside class folders is the list of their names */
  if (folders != NULL && folders->len > 0)
    read_folders (self, model, folders);
  if (self->items->len == 0 && table != NULL) {
    g_ptr_array_set_size (self->notes, 0); /* of folders that were no classes */
    if (!read_table (self, model, table, cancellable, error))
      return NULL;
  }
  if (self->items->len > 0)
    return g_steal_pointer (&self);
  if (folders != NULL && folders->len > 0)
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("%s: none of its folders (as “%s”) bears the name or number of a class of the network"),
                 path, ((ClassFolder *)folders->pdata[0])->name);
  else
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_INPUT,
        _ ("%s: expected a folder of pictures for each class, or a table of file names and labels; %s"), path,
        self->notes->len > 0 ? (const char *)self->notes->pdata[0] : _ ("found no picture with a class"));
  return NULL;
}
