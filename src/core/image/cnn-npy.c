/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's array files, version 1.0 (and 2.0, read only). */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-npy.h"

#include "cnn-file.h"
#include "model/cnn-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
#define MAGIC_LENGTH 6
#define MAX_ELEMENTS (G_GINT64_CONSTANT (1) << 34)

gboolean
cnn_npy_write (const char *path, const gint64 *dims, guint rank, const float *data, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) header = g_string_new ("{'descr': '<f4', 'fortran_order': False, 'shape': (");
  gsize count = 1, length;
  guint8 version[4] = { 1, 0, 0, 0 };

  for (guint i = 0; i < rank; i++) {
    g_string_append_printf (header, "%" G_GINT64_FORMAT "%s", dims[i],
                            rank == 1      ? ","
                            : i + 1 < rank ? ", "
                                           : "");
    count *= (gsize)dims[i];
  }
  g_string_append (header, "), }");
  /* the data begins at a multiple of 64, the header ends in a new line */
  while ((MAGIC_LENGTH + 4 + header->len + 1) % 64 != 0)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  version[2] = (guint8)(header->len & 0xff);
  version[3] = (guint8)(header->len >> 8);
  length = count * sizeof (float);
  g_byte_array_append (bytes, (const guint8 *)magic, MAGIC_LENGTH);
  g_byte_array_append (bytes, version, 4);
  g_byte_array_append (bytes, (const guint8 *)header->str, (guint)header->len);
  if (length > G_MAXUINT - bytes->len) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("Could not write “%s”: the array is too large."), path);
    return FALSE;
  }
  g_byte_array_append (bytes, (const guint8 *)data, (guint)length);
  return cnn_file_write (path, bytes->data, bytes->len, error);
}

/* reading */

typedef enum { NPY_F4, NPY_F8, NPY_U1, NPY_I4, NPY_I8, NPY_UNKNOWN } NpyType;

static NpyType
type_of (const char *header)
{
  static const struct {
    const char *descr;
    NpyType type;
  } types[] = { { "'<f4'", NPY_F4 }, { "'<f8'", NPY_F8 }, { "'|u1'", NPY_U1 },
                { "'|b1'", NPY_U1 }, { "'<i4'", NPY_I4 }, { "'<i8'", NPY_I8 } };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strstr (header, types[i].descr) != NULL)
      return types[i].type;
  return NPY_UNKNOWN;
}

static gboolean
parse_shape (const char *header, gint64 *dims, guint *rank)
{
  const char *at = strstr (header, "'shape':");
  gint64 count = 1;

  *rank = 0;
  at = at != NULL ? strchr (at, '(') : NULL;
  if (at == NULL)
    return FALSE;
  for (at++; *at != ')' && *at != '\0';) {
    char *end;
    guint64 n = g_ascii_strtoull (at, &end, 10);

    if (end == at || *rank >= CNN_NPY_MAX_RANK || n > (guint64)MAX_ELEMENTS ||
        (n > 0 && count > MAX_ELEMENTS / (gint64)n))
      return FALSE;
    dims[(*rank)++] = (gint64)n;
    count *= (gint64)n;
    at = end + strspn (end, ", ");
  }
  return *at == ')';
}

static float *
convert (const guint8 *data, gsize count, NpyType type)
{
  float *out = g_new (float, MAX (count, 1));

  for (gsize i = 0; i < count; i++) {
    double f8;
    gint32 i4;
    gint64 i8;

    switch (type) {
    case NPY_F8:
      memcpy (&f8, data + i * 8, 8);
      out[i] = (float)f8;
      break;
    case NPY_I4:
      memcpy (&i4, data + i * 4, 4);
      out[i] = (float)i4;
      break;
    case NPY_I8:
      memcpy (&i8, data + i * 8, 8);
      out[i] = (float)i8;
      break;
    case NPY_U1:
      out[i] = data[i];
      break;
    case NPY_F4:
    case NPY_UNKNOWN:
    default:
      memcpy (out + i, data + i * 4, 4);
    }
  }
  return out;
}

static float *
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("“%s” is no array that can be read: %s."), path, why);
  return NULL;
}

float *
cnn_npy_read (const char *path, gint64 *dims, guint *rank, GError **error)
{
  static const gsize sizes[] = { 4, 8, 1, 4, 8 };
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  g_autofree char *header = NULL;
  const guint8 *bytes;
  gsize length, header_length, start, count = 1;
  NpyType type;

  if (file == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("Could not read “%s”: %s"), path, cause->message);
    return NULL;
  }
  bytes = (const guint8 *)g_mapped_file_get_contents (file);
  length = g_mapped_file_get_length (file);
  if (length < 12 || memcmp (bytes, magic, MAGIC_LENGTH) != 0)
    return refuse (path, _ ("it does not begin as a NumPy file"), error);
  start = bytes[6] == 1 ? 10 : 12;
  header_length =
      bytes[8] + 256u * bytes[9] + (bytes[6] == 1 ? 0 : 65536u * bytes[10] + 16777216u * bytes[11]);
  if (header_length > length - start)
    return refuse (path, _ ("it is cut off in its header"), error);
  header = g_strndup ((const char *)bytes + start, header_length);
  type = type_of (header);
  if (type == NPY_UNKNOWN)
    return refuse (path, _ ("its numbers are not float32, float64, int32, int64, uint8 or bool"), error);
  if (strstr (header, "'fortran_order': True") != NULL)
    return refuse (path, _ ("it is in Fortran order; save it with numpy.ascontiguousarray()"), error);
  if (!parse_shape (header, dims, rank))
    return refuse (path, _ ("its shape is not valid"), error);
  for (guint i = 0; i < *rank; i++)
    count *= (gsize)dims[i];
  if (count * sizes[type] != length - start - header_length)
    return refuse (path, _ ("its size is not what its shape says"), error);
  return convert (bytes + start + header_length, count, type);
}
