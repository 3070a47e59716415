/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of a tensor: where they lie (in the file, in a file beside it), and their conversion to float32
 * or int64. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-proto.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A stretch of bytes that hold a tensor's numbers. */
typedef struct {
  const guint8 *data;
  gsize length;
  GMappedFile *owner;
} Span;

static gsize
type_size (int type)
{
  switch (type) {
  case CNN_ONNX_UINT8:
  case CNN_ONNX_INT8:
  case CNN_ONNX_BOOL:
    return 1;
  case CNN_ONNX_UINT16:
  case CNN_ONNX_INT16:
  case CNN_ONNX_FLOAT16:
  case CNN_ONNX_BFLOAT16:
    return 2;
  case CNN_ONNX_FLOAT:
  case CNN_ONNX_INT32:
  case CNN_ONNX_UINT32:
    return 4;
  case CNN_ONNX_INT64:
  case CNN_ONNX_UINT64:
  case CNN_ONNX_DOUBLE:
    return 8;
  default:
    return 0;
  }
}

gboolean
cnn_onnx_type_is_float (int type)
{
  return type == CNN_ONNX_FLOAT || type == CNN_ONNX_FLOAT16 || type == CNN_ONNX_DOUBLE ||
         type == CNN_ONNX_BFLOAT16;
}

static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32)(half & 0x8000) << 16, exponent = half >> 10 & 0x1f, mantissa = half & 0x3ff, bits;
  float value;

  if (exponent == 0) { /* zero and subnormals: mantissa · 2^-24 */
    value = (float)mantissa / 16777216.0f;
    return sign != 0 ? -value : value;
  }
  bits = sign | (exponent == 31 ? 0xffu : exponent + 112) << 23 | mantissa << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* One number of @type, little-endian, at @at. */
static double
read_float (int type, const guint8 *at)
{
  guint64 bits = 0;
  guint32 bits32;
  float single;
  double value;

  for (gsize i = 0; i < type_size (type); i++)
    bits |= (guint64)at[i] << 8 * i;
  switch (type) {
  case CNN_ONNX_FLOAT16:
    return half_to_float ((guint16)bits);
  case CNN_ONNX_DOUBLE:
    memcpy (&value, &bits, sizeof value);
    return value;
  default:
    bits32 = (guint32)(type == CNN_ONNX_BFLOAT16 ? bits << 16 : bits);
    memcpy (&single, &bits32, sizeof single);
    return (double)single;
  }
}

static gint64
read_int (int type, const guint8 *at)
{
  guint64 bits = 0;

  for (gsize i = 0; i < type_size (type); i++)
    bits |= (guint64)at[i] << 8 * i;
  switch (type) {
  case CNN_ONNX_INT8:
    return (gint8)bits;
  case CNN_ONNX_INT16:
    return (gint16)bits;
  case CNN_ONNX_INT32:
    return (gint32)bits;
  case CNN_ONNX_BOOL:
    return bits != 0;
  case CNN_ONNX_UINT64:
    return (gint64)MIN (bits, (guint64)G_MAXINT64);
  default:
    return (gint64)bits;
  }
}

static gboolean
tensor_shape (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name, CnnShape *shape,
              GError **error)
{
  gsize count;

  if (tensor->n_dims > CNN_MAX_RANK) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The tensor “%s” in “%s” has %zu axes; at most %d can be read."), name, self->name,
                 tensor->n_dims, CNN_MAX_RANK);
    return FALSE;
  }
  shape->rank = (guint)tensor->n_dims;
  for (guint i = 0; i < shape->rank; i++)
    shape->dims[i] = tensor->dims[i];
  if (!cnn_shape_count (shape, &count)) {
    g_autofree char *text = cnn_shape_to_string (shape);

    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The tensor “%s” in “%s” has the impossible shape %s."), name, self->name, text);
    return FALSE;
  }
  return TRUE;
}

static gboolean
wrong_size (CnnOnnxFile *self, const char *name, gsize found, gsize expected, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
               _ ("The tensor “%s” in “%s” holds %zu"
                  " bytes where its shape asks for %zu."),
               name, self->name, found, expected);
  return FALSE;
}

static Span
span_of (CnnOnnxFile *self, const ProtobufCBinaryData *reference)
{
  guint64 where[2] = { 0 };
  Span span = { .owner = self->mapped };

  if (reference->len == sizeof where)
    memcpy (where, reference->data, sizeof where);
  span.data = (const guint8 *)g_bytes_get_data (self->bytes, NULL) + where[0];
  span.length = where[1];
  return span;
}

/* The model's folder is a wall: no absolute path, no "..", no link that leads out of it. */
static char *
external_path (CnnOnnxFile *self, const char *location, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path),
                  *path = g_build_filename (folder, location, NULL);
  char *real_folder = realpath (folder, NULL), *real_path = realpath (path, NULL), *result = NULL;
  gsize n = real_folder != NULL ? strlen (real_folder) : 0;

  if (n > 0 && real_folder[n - 1] == '/')
    n--;
  if (g_path_is_absolute (location) || strstr (location, "..") != NULL || strchr (location, '\\') != NULL ||
      (real_path != NULL && (strncmp (real_path, real_folder, n) != 0 || real_path[n] != '/')))
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("“%s” keeps weights in “%s”, which is outside the model’s folder; it is not read."),
                 self->name, location);
  else if (real_path == NULL || !g_file_test (real_path, G_FILE_TEST_IS_REGULAR))
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("“%s” keeps weights in the file “%s”, which is not beside it."), self->name, location);
  else
    result = g_strdup (real_path);
  free (real_folder);
  free (real_path);
  return result;
}

static GMappedFile *
external_file (CnnOnnxFile *self, const char *location, GError **error)
{
  GMappedFile *file = g_hash_table_lookup (self->external, location);
  g_autofree char *path = NULL;

  if (file != NULL)
    return file;
  path = external_path (self, location, error);
  if (path == NULL)
    return NULL;
  file = g_mapped_file_new (path, FALSE, error);
  if (file != NULL)
    g_hash_table_insert (self->external, g_strdup (location), file);
  return file;
}

gsize
cnn_onnx_file_size (CnnOnnxFile *self)
{
  gsize size = g_mapped_file_get_length (self->mapped);
  GHashTableIter iter;
  gpointer file;

  g_hash_table_iter_init (&iter, self->external);
  while (g_hash_table_iter_next (&iter, NULL, &file))
    size += g_mapped_file_get_length (file);
  return size;
}

static gboolean
external_span (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name, gsize expected,
               Span *span, GError **error)
{
  const char *location = NULL;
  guint64 offset = 0, length = expected, size;

  for (gsize i = 0; i < tensor->n_external_data; i++) {
    const char *key = tensor->external_data[i]->key, *value = tensor->external_data[i]->value;
    guint64 *number = g_strcmp0 (key, "offset") == 0   ? &offset
                      : g_strcmp0 (key, "length") == 0 ? &length
                                                       : NULL;

    if (g_strcmp0 (key, "location") == 0)
      location = value;
    if (number != NULL &&
        !g_ascii_string_to_unsigned (value != NULL ? value : "", 10, 0, G_MAXINT64, number, NULL)) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                   _ ("The tensor “%s” in “%s” has the %s “%s”, which is no number of bytes."), name,
                   self->name, key, value != NULL ? value : "");
      return FALSE;
    }
  }
  if (location == NULL || *location == '\0') {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The tensor “%s” in “%s” is kept in another file that is not named."), name, self->name);
    return FALSE;
  }
  span->owner = external_file (self, location, error);
  if (span->owner == NULL)
    return FALSE;
  size = g_mapped_file_get_length (span->owner);
  if (offset > size || length > size - offset) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The tensor “%s” lies beyond the end of “%s” (%" PRIu64 " bytes)."), name, location,
                 size);
    return FALSE;
  }
  span->data = (const guint8 *)g_mapped_file_get_contents (span->owner) + offset;
  span->length = length;
  return TRUE;
}

static CnnOnnxArray *
view_floats (CnnOnnxFile *self, const CnnShape *shape, gsize count, const Span *span)
{
  g_autoptr (GBytes) whole = g_mapped_file_get_bytes (span->owner), part = NULL;
  g_autoptr (CnnTensor) tensor = NULL;
  gsize offset = (gsize)(span->data - (const guint8 *)g_bytes_get_data (whole, NULL)),
        length = count * sizeof (float);

  if (count == 0 || G_BYTE_ORDER != G_LITTLE_ENDIAN) {
    float *copy = g_new (float, MAX (count, 1));

    for (gsize i = 0; i < count; i++)
      copy[i] = (float)read_float (CNN_ONNX_FLOAT, span->data + i * sizeof (float));
    return cnn_onnx_array_new_floats (shape, copy);
  }
  if ((guintptr)span->data % sizeof (float) == 0)
    part = g_bytes_new_from_bytes (whole, offset, length);
  else
    part = cnn_onnx_copies_add (self->copies, span->data, length, span->owner == self->mapped ? self->fd : -1,
                                offset);
  tensor = cnn_tensor_new (shape, part);
  return cnn_onnx_array_new_tensor (tensor);
}

/* Numbers that lie one after the other in the file, each of the type's own size. */
static CnnOnnxArray *
read_plain (CnnOnnxFile *self, const CnnShape *shape, int type, gsize count, const Span *span)
{
  gsize size = type_size (type);

  if (type == CNN_ONNX_FLOAT)
    return view_floats (self, shape, count, span);
  if (cnn_onnx_type_is_float (type)) {
    float *data = g_new (float, MAX (count, 1));

    for (gsize i = 0; i < count; i++)
      data[i] = (float)read_float (type, span->data + i * size);
    return cnn_onnx_array_new_floats (shape, data);
  } else {
    gint64 *data = g_new (gint64, MAX (count, 1));

    for (gsize i = 0; i < count; i++)
      data[i] = read_int (type, span->data + i * size);
    return cnn_onnx_array_new_ints (shape, data);
  }
}

/* Small types are written as variable-length integers; halves as the integer that has their bits. */
static gboolean
read_varints (CnnOnnxFile *self, const ProtobufCBinaryData *parts, gsize n_parts, gsize count, gint64 *out,
              gsize *found)
{
  *found = 0;
  for (gsize p = 0; p < n_parts; p++) {
    Span span = span_of (self, &parts[p]);
    const guint8 *at = span.data, *end = span.data + span.length;

    while (at < end) {
      guint64 value = 0;
      guint shift = 0;

      do {
        if (at == end || shift > 63)
          return FALSE;
        value |= (guint64)(*at & 0x7f) << shift;
        shift += 7;
      } while (*at++ & 0x80);
      if (*found == count)
        return FALSE;
      out[(*found)++] = (gint64)value;
    }
  }
  return *found == count;
}

static CnnOnnxArray *
read_varint_data (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name, const CnnShape *shape,
                  gsize count, GError **error)
{
  int type = tensor->data_type;
  gboolean wide = type == CNN_ONNX_INT64, unsigned_wide = type == CNN_ONNX_UINT32 || type == CNN_ONNX_UINT64;
  const ProtobufCBinaryData *parts = wide            ? tensor->int64_data
                                     : unsigned_wide ? tensor->uint64_data
                                                     : tensor->int32_data;
  gsize n_parts = wide ? tensor->n_int64_data : unsigned_wide ? tensor->n_uint64_data : tensor->n_int32_data;
  gsize bytes = 0, found = 0;
  g_autofree gint64 *ints = NULL;
  float *floats;

  for (gsize p = 0; p < n_parts; p++)
    bytes += span_of (self, &parts[p]).length;
  if (bytes < count) { /* each number takes a byte at least */
    wrong_size (self, name, bytes, count, error);
    return NULL;
  }
  ints = g_new (gint64, MAX (count, 1));
  if (!read_varints (self, parts, n_parts, count, ints, &found)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("The tensor “%s” in “%s” holds other than the %zu numbers its shape asks for."), name,
                 self->name, count);
    return NULL;
  }
  if (!cnn_onnx_type_is_float (type)) {
    for (gsize i = 0; i < count; i++)
      ints[i] = type == CNN_ONNX_INT64 || type == CNN_ONNX_UINT64 ? ints[i]
                : type == CNN_ONNX_BOOL                           ? ints[i] != 0
                : type == CNN_ONNX_UINT32                         ? (gint64)(guint32)ints[i]
                                                                  : (gint64)(gint32)ints[i];
    return cnn_onnx_array_new_ints (shape, g_steal_pointer (&ints));
  }
  floats = g_new (float, MAX (count, 1));
  for (gsize i = 0; i < count; i++) {
    guint8 half[2] = { (guint8)ints[i], (guint8)(ints[i] >> 8) };

    floats[i] = (float)read_float (type, half);
  }
  return cnn_onnx_array_new_floats (shape, floats);
}

/* float_data and double_data: usually one packed stretch; several are put together. */
static CnnOnnxArray *
read_fixed_data (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name, const CnnShape *shape,
                 gsize count, GError **error)
{
  gboolean wide = tensor->data_type == CNN_ONNX_DOUBLE;
  const ProtobufCBinaryData *parts = wide ? tensor->double_data : tensor->float_data;
  gsize n_parts = wide ? tensor->n_double_data : tensor->n_float_data, bytes = 0, size = wide ? 8 : 4, at = 0;
  float *data;

  for (gsize p = 0; p < n_parts; p++)
    bytes += span_of (self, &parts[p]).length;
  if (bytes != count * size) {
    wrong_size (self, name, bytes, count * size, error);
    return NULL;
  }
  if (n_parts == 1) {
    Span span = span_of (self, &parts[0]);

    return read_plain (self, shape, tensor->data_type, count, &span);
  }
  data = g_new0 (float, MAX (count, 1));
  for (gsize p = 0; p < n_parts; p++) {
    Span span = span_of (self, &parts[p]);

    for (gsize i = 0; i + size <= span.length && at < count; i += size)
      data[at++] = (float)read_float (tensor->data_type, span.data + i);
  }
  return cnn_onnx_array_new_floats (shape, data);
}

CnnOnnxArray *
cnn_onnx_file_read_tensor (CnnOnnxFile *self, const Onnx__TensorProto *tensor, const char *name,
                           GError **error)
{
  CnnShape shape = { 0 };
  gsize count, size = type_size (tensor->data_type);
  Span span;

  if (size == 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED, _ ("weights of element type %d"),
                 tensor->data_type);
    return NULL;
  }
  if (!tensor_shape (self, tensor, name, &shape, error))
    return NULL;
  count = cnn_shape_size (&shape);
  if (tensor->data_location == 1) {
    if (!external_span (self, tensor, name, count * size, &span, error))
      return NULL;
  } else if (tensor->has_raw_data)
    span = span_of (self, &tensor->raw_data);
  else if (tensor->data_type == CNN_ONNX_FLOAT || tensor->data_type == CNN_ONNX_DOUBLE)
    return read_fixed_data (self, tensor, name, &shape, count, error);
  else
    return read_varint_data (self, tensor, name, &shape, count, error);
  if (span.length != count * size) {
    wrong_size (self, name, span.length, count * size, error);
    return NULL;
  }
  return read_plain (self, &shape, tensor->data_type, count, &span);
}
