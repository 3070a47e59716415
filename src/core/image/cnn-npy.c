/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"
#include "cnn-npy.h"

#include "model/cnn-error.h"
#include "cnn-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_LENGTH 6
#define ALIGNMENT 64
#define MAX_HEADER (64 << 10)
#define MAX_ELEMENTS ((gsize)1 << 34)

gboolean
cnn_npy_write (const char *path, const gint64 *dims, guint rank, const float *data, GError **error)
{
  g_autoptr (GString) head = g_string_new ("{'descr': '<f4', 'fortran_order': False, 'shape': (");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize count = 1;
  guint8 length[2];

  for (guint i = 0; i < rank; i++) {
    g_string_append_printf (head, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", dims[i]);
    count *= (gsize)dims[i];
  }
  g_string_append (head, rank == 1 ? ",), }" : "), }");
  while ((MAGIC_LENGTH + 4 + head->len + 1) % ALIGNMENT != 0)
    g_string_append_c (head, ' ');
  g_string_append_c (head, '\n');
  length[0] = head->len & 0xff;
  length[1] = (guint8)(head->len >> 8);
  g_byte_array_append (bytes, (const guint8 *)MAGIC, MAGIC_LENGTH);
  g_byte_array_append (bytes, (const guint8 *)"\1\0", 2);
  g_byte_array_append (bytes, length, 2);
  g_byte_array_append (bytes, (const guint8 *)head->str, (guint)head->len);
  if (count > (G_MAXUINT - bytes->len) / sizeof *data) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("The array for “%s” is too large."), path);
    return FALSE;
  }
  g_byte_array_append (bytes, (const guint8 *)data, (guint)(count * sizeof *data));
  return cnn_file_write (path, bytes->data, bytes->len, error);
}

/* What the header of an array says. */
typedef struct {
  char kind; /* f, i, u, b */
  guint size;
  gboolean fortran;
  guint rank;
  gint64 dims[CNN_NPY_MAX_RANK];
  gsize count;
} Header;

static gboolean
refuse (const char *path, const char *reason, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("“%s” cannot be read as a .npy array: %s."), name,
               reason);
  return FALSE;
}

/* The text behind 'key': in the header's dictionary. */
static const char *
find_member (const char *text, const char *key)
{
  g_autofree char *quoted = g_strdup_printf ("'%s':", key);
  const char *found = strstr (text, quoted);

  if (found == NULL)
    return NULL;
  found += strlen (quoted);
  while (*found == ' ')
    found++;
  return found;
}

static gboolean
parse_shape (const char *text, Header *header)
{
  const char *p = text;

  if (p == NULL || *p++ != '(')
    return FALSE;
  header->count = 1;
  for (;;) {
    char *end;
    guint64 size;

    while (*p == ' ' || *p == ',')
      p++;
    if (*p == ')')
      return TRUE;
    if (!g_ascii_isdigit (*p) || header->rank >= CNN_NPY_MAX_RANK)
      return FALSE;
    size = g_ascii_strtoull (p, &end, 10);
    if (size > MAX_ELEMENTS || !g_size_checked_mul (&header->count, header->count, size) ||
        header->count > MAX_ELEMENTS)
      return FALSE;
    header->dims[header->rank++] = (gint64)size;
    p = end;
  }
}

static gboolean
parse_type (const char *text, Header *header)
{
  /* quote, order, kind, size */
  if (text == NULL || strlen (text) < 4 || text[0] != '\'' || strchr ("<|=", text[1]) == NULL)
    return FALSE;
  header->kind = text[2];
  header->size = (guint)(text[3] - '0');
  if (text[4] != '\'')
    return FALSE;
  switch (header->kind) {
  case 'f':
    return header->size == 4 || header->size == 8;
  case 'i':
  case 'u':
    return header->size == 1 || header->size == 2 || header->size == 4 || header->size == 8;
  case 'b':
    return header->size == 1;
  default:
    return FALSE;
  }
}

/* Returns where the numbers start, 0 with @error set. */
static gsize
parse_header (const char *path, const guint8 *bytes, gsize length, Header *header, GError **error)
{
  g_autofree char *text = NULL;
  const char *order;
  gsize start, size;

  if (length < 12 || memcmp (bytes, MAGIC, MAGIC_LENGTH) != 0)
    return refuse (path, _ ("it does not begin as one"), error);
  start = bytes[6] == 1 ? 10 : 12;
  size = (gsize)bytes[8] | (gsize)bytes[9] << 8;
  if (start == 12)
    size |= (gsize)bytes[10] << 16 | (gsize)bytes[11] << 24;
  if (bytes[6] < 1 || bytes[6] > 3 || size > MAX_HEADER || size > length - start)
    return refuse (path, _ ("its header is damaged"), error);
  text = g_strndup ((const char *)bytes + start, size);
  order = find_member (text, "fortran_order");
  header->fortran = order != NULL && g_str_has_prefix (order, "True");
  if (order == NULL || !parse_shape (find_member (text, "shape"), header))
    return refuse (path, _ ("its header is damaged"), error);
  if (!parse_type (find_member (text, "descr"), header))
    return refuse (path, _ ("its numbers are of another type than float32, float64, integer or boolean"),
                   error);
  if (header->count > (length - start - size) / header->size)
    return refuse (path, _ ("it is cut short"), error);
  return start + size;
}

static float
read_number (const Header *header, const guint8 *at)
{
#define NUMBER(type)                                                                                         \
  do {                                                                                                       \
    type number;                                                                                             \
    memcpy (&number, at, sizeof number);                                                                     \
    return (float)number;                                                                                    \
  } while (0)
  if (header->kind == 'f') {
    if (header->size == 8)
      NUMBER (double);
    NUMBER (float);
  }
  switch (header->size) {
  case 1:
    if (header->kind == 'i')
      NUMBER (gint8);
    NUMBER (guint8);
  case 2:
    if (header->kind == 'i')
      NUMBER (gint16);
    NUMBER (guint16);
  case 4:
    if (header->kind == 'i')
      NUMBER (gint32);
    NUMBER (guint32);
  default:
    if (header->kind == 'i')
      NUMBER (gint64);
    NUMBER (guint64);
  }
#undef NUMBER
}

/* Where element @index of the row-major array lies in a column-major one. */
static gsize
fortran_index (const Header *header, gsize index)
{
  gsize from = 0, stride = header->count;

  for (guint i = header->rank; i-- > 0;) {
    stride /= (gsize)header->dims[i];
    from += index % (gsize)header->dims[i] * stride;
    index /= (gsize)header->dims[i];
  }
  return from;
}

float *
cnn_npy_read (const char *path, gint64 *dims, guint *rank, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &reason);
  Header header = { 0 };
  const guint8 *bytes;
  float *values;
  gsize start;

  if (file == NULL) {
    refuse (path, g_file_test (path, G_FILE_TEST_EXISTS) ? reason->message : _ ("there is no such file"),
            error);
    return NULL;
  }
  bytes = (const guint8 *)g_mapped_file_get_contents (file);
  start = parse_header (path, bytes, g_mapped_file_get_length (file), &header, error);
  if (start == 0)
    return NULL;
  values = g_try_new (float, MAX (header.count, 1));
  if (values == NULL) {
    refuse (path, _ ("it does not fit into memory"), error);
    return NULL;
  }
  bytes += start;
  for (gsize i = 0; i < header.count; i++)
    values[i] =
        read_number (&header, bytes + header.size * (header.fortran ? fortran_index (&header, i) : i));
  memcpy (dims, header.dims, header.rank * sizeof *dims);
  *rank = header.rank;
  return values;
}
