/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire format: a copy of the file's description without the bulk data, then protobuf-c. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx.h"
#include "cnn-onnx-proto.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

/* A network of a few thousand operators has some hundred thousand fields; more than this is no network. */
#define MAX_FIELDS 3000000
#define MAX_STRING 65536
/* Graphs in attributes of nodes of graphs: networks have one or two of these levels, each of them four
 * messages. */
#define MAX_DEPTH 64
#define MESSAGES_A_GRAPH 3 /* a graph in a graph: a node, its attribute, the graph */

typedef enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 } WireType;
typedef enum { KEEP_VALUE, KEEP_STRING, KEEP_BYTES, KEEP_MESSAGE, KEEP_SPAN } Treatment;

typedef struct _Message Message;
typedef struct {
  guint32 number;
  Treatment treatment;
  const Message *message;
} Field;
struct _Message {
  const Field *fields;
  guint n_fields;
};
#define MESSAGE(name) static const Message name = { name##_fields, G_N_ELEMENTS (name##_fields) }

/* What is copied of each message; everything else is left out. */
static const Field entry_fields[] = { { 1, KEEP_STRING }, { 2, KEEP_STRING } };
MESSAGE (entry);
static const Field tensor_fields[] = {
  { 1, KEEP_VALUE },  { 2, KEEP_VALUE }, { 4, KEEP_SPAN },  { 5, KEEP_SPAN },  { 7, KEEP_SPAN },
  { 8, KEEP_STRING }, { 9, KEEP_SPAN },  { 10, KEEP_SPAN }, { 11, KEEP_SPAN }, { 13, KEEP_MESSAGE, &entry },
  { 14, KEEP_VALUE },
};
MESSAGE (tensor);
static const Field sparse_fields[] = { { 1, KEEP_MESSAGE, &tensor } };
MESSAGE (sparse);
static const Message graph;
static const Field attribute_fields[] = {
  { 1, KEEP_STRING },
  { 2, KEEP_VALUE },
  { 3, KEEP_VALUE },
  { 4, KEEP_BYTES },
  { 5, KEEP_MESSAGE, &tensor },
  { 6, KEEP_MESSAGE, &graph },
  { 7, KEEP_VALUE },
  { 8, KEEP_VALUE },
  { 9, KEEP_BYTES },
  { 20, KEEP_VALUE },
  { 21, KEEP_STRING },
};
MESSAGE (attribute);
static const Field node_fields[] = {
  { 1, KEEP_STRING },
  { 2, KEEP_STRING },
  { 3, KEEP_STRING },
  { 4, KEEP_STRING },
  { 5, KEEP_MESSAGE, &attribute },
  { 7, KEEP_STRING },
};
MESSAGE (node);
static const Field dim_fields[] = { { 1, KEEP_VALUE }, { 2, KEEP_STRING } };
MESSAGE (dim);
static const Field shape_fields[] = { { 1, KEEP_MESSAGE, &dim } };
MESSAGE (shape);
static const Field tensor_type_fields[] = { { 1, KEEP_VALUE }, { 2, KEEP_MESSAGE, &shape } };
MESSAGE (tensor_type);
static const Field type_fields[] = { { 1, KEEP_MESSAGE, &tensor_type } };
MESSAGE (type);
static const Field value_info_fields[] = { { 1, KEEP_STRING }, { 2, KEEP_MESSAGE, &type } };
MESSAGE (value_info);
static const Field graph_fields[] = {
  { 1, KEEP_MESSAGE, &node },        { 2, KEEP_STRING },
  { 5, KEEP_MESSAGE, &tensor },      { 11, KEEP_MESSAGE, &value_info },
  { 12, KEEP_MESSAGE, &value_info }, { 15, KEEP_MESSAGE, &sparse },
};
MESSAGE (graph);
static const Field opset_fields[] = { { 1, KEEP_STRING }, { 2, KEEP_VALUE } };
MESSAGE (opset);
static const Field function_fields[] = {
  { 1, KEEP_STRING },         { 4, KEEP_STRING },  { 5, KEEP_STRING },
  { 7, KEEP_MESSAGE, &node }, { 10, KEEP_STRING }, { 11, KEEP_MESSAGE, &attribute },
};
MESSAGE (function);
static const Field model_fields[] = {
  { 1, KEEP_VALUE },           { 2, KEEP_STRING },           { 7, KEEP_MESSAGE, &graph },
  { 8, KEEP_MESSAGE, &opset }, { 14, KEEP_MESSAGE, &entry }, { 25, KEEP_MESSAGE, &function },
};
MESSAGE (model);

typedef struct {
  const guint8 *base;
  gsize n_fields;
  guint depth;
} Walk;

static gboolean
read_varint (const guint8 **at, const guint8 *end, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 70 && *at < end; shift += 7) {
    guint8 byte = *(*at)++;

    if (shift < 64)
      *value |= (guint64)(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return TRUE;
  }
  return FALSE;
}

static void
write_varint (GByteArray *out, guint64 value)
{
  guint8 buffer[10];
  guint n = 0;

  do {
    buffer[n] = (guint8)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
    n++;
  } while (value > 0);
  g_byte_array_append (out, buffer, n);
}

/* The bytes of a field's value after its tag; for WIRE_BYTES without the length. */
static gboolean
read_value (const guint8 **at, const guint8 *end, guint wire, const guint8 **value, gsize *length)
{
  guint64 n = 0;

  *value = *at;
  switch (wire) {
  case WIRE_VARINT:
    if (!read_varint (at, end, &n))
      return FALSE;
    *length = (gsize)(*at - *value);
    return TRUE;
  case WIRE_64:
    n = 8;
    break;
  case WIRE_32:
    n = 4;
    break;
  case WIRE_BYTES:
    if (!read_varint (at, end, &n))
      return FALSE;
    *value = *at;
    break;
  default:
    return FALSE;
  }
  if (n > (guint64)(end - *at))
    return FALSE;
  *at += n;
  *length = n;
  return TRUE;
}

static const Field *
find_field (const Message *message, guint64 number)
{
  for (guint i = 0; i < message->n_fields; i++)
    if (message->fields[i].number == number)
      return &message->fields[i];
  return NULL;
}

static void
write_bytes (GByteArray *out, guint64 number, const void *data, gsize length)
{
  write_varint (out, number << 3 | WIRE_BYTES);
  write_varint (out, length);
  g_byte_array_append (out, data, (guint)length);
}

static gboolean copy_message (Walk *walk, const Message *message, const guint8 *at, gsize length,
                              GByteArray *out);

static gboolean
copy_field (Walk *walk, const Field *field, guint wire, const guint8 *value, gsize length, GByteArray *out)
{
  switch (field->treatment) {
  case KEEP_SPAN: {
    guint64 span[2] = { (guint64)(value - walk->base), length };

    write_bytes (out, field->number, span, sizeof span);
    return TRUE;
  }
  case KEEP_MESSAGE: {
    g_autoptr (GByteArray) inner = g_byte_array_new ();

    if (wire != WIRE_BYTES || !copy_message (walk, field->message, value, length, inner))
      return FALSE;
    write_bytes (out, field->number, inner->data, inner->len);
    return TRUE;
  }
  case KEEP_STRING:
    if (wire != WIRE_BYTES || length > MAX_STRING || !g_utf8_validate_len ((const char *)value, length, NULL))
      return FALSE;
    write_bytes (out, field->number, value, length);
    return TRUE;
  case KEEP_BYTES:
    if (wire != WIRE_BYTES || length > G_MAXINT32)
      return FALSE;
    write_bytes (out, field->number, value, length);
    return TRUE;
  case KEEP_VALUE:
  default:
    if (wire == WIRE_BYTES) { /* packed */
      if (length > G_MAXINT32)
        return FALSE;
      write_bytes (out, field->number, value, length);
      return TRUE;
    }
    write_varint (out, (guint64)field->number << 3 | wire);
    g_byte_array_append (out, value, (guint)length);
    return TRUE;
  }
}

static gboolean
copy_message (Walk *walk, const Message *message, const guint8 *at, gsize length, GByteArray *out)
{
  const guint8 *end = at + length;

  if (++walk->depth > MAX_DEPTH)
    return FALSE;
  while (at < end) {
    guint64 tag;
    const guint8 *value;
    gsize n;
    const Field *field;

    if (!read_varint (&at, end, &tag) || !read_value (&at, end, tag & 7, &value, &n))
      return FALSE;
    field = find_field (message, tag >> 3);
    if (field == NULL)
      continue;
    if (++walk->n_fields > MAX_FIELDS || out->len > G_MAXINT32 / 2 ||
        !copy_field (walk, field, tag & 7, value, n, out))
      return FALSE;
  }
  walk->depth--;
  return TRUE;
}

/* The top level of a model: known field numbers with the wire types they have. */
gboolean
cnn_onnx_recognise (const guint8 *data, gsize length)
{
  static const guint8 wires[] = {
    [1] = 1 << WIRE_VARINT, [2] = 1 << WIRE_BYTES,  [3] = 1 << WIRE_BYTES,  [4] = 1 << WIRE_BYTES,
    [5] = 1 << WIRE_VARINT, [6] = 1 << WIRE_BYTES,  [7] = 1 << WIRE_BYTES,  [8] = 1 << WIRE_BYTES,
    [14] = 1 << WIRE_BYTES, [20] = 1 << WIRE_BYTES, [25] = 1 << WIRE_BYTES, [26] = 1 << WIRE_BYTES
  };
  const guint8 *at = data, *end = data + length;
  gboolean version = FALSE;

  for (guint n = 0; at < end; n++) {
    guint64 tag, size = 0;

    if (!read_varint (&at, end, &tag) || tag >> 3 >= G_N_ELEMENTS (wires) ||
        !(wires[tag >> 3] & 1 << (tag & 7)))
      return FALSE;
    if (!read_varint (&at, end, &size))
      return version && n > 0;
    if (tag >> 3 == 1)
      version = size > 0 && size < 1000;
    if (tag >> 3 == 7 || tag >> 3 == 8) /* the graph or the operator sets: what only a model has */
      return TRUE;
    if ((tag & 7) == WIRE_BYTES) {
      if (size > (guint64)(end - at))
        return version;
      at += size;
    }
  }
  return version;
}

CnnOnnxFile *
cnn_onnx_file_new (const char *path, GMappedFile *mapped, GError **error)
{
  g_autoptr (CnnOnnxFile) self = g_new0 (CnnOnnxFile, 1);
  g_autoptr (GByteArray) skeleton = g_byte_array_new ();
  Walk walk = { 0 };

  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
  self->mapped = g_mapped_file_ref (mapped);
  self->bytes = g_mapped_file_get_bytes (mapped);
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  self->external =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_mapped_file_unref);
  self->copies = cnn_onnx_copies_new ();
  walk.base = g_bytes_get_data (self->bytes, NULL);
  if (walk.base != NULL && copy_message (&walk, &model, walk.base, g_bytes_get_size (self->bytes), skeleton))
    self->proto = onnx__model_proto__unpack (NULL, skeleton->len, skeleton->data);
  if (walk.depth > MAX_DEPTH) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("“%s” nests graphs in graphs (the branches of If, the bodies of Loop) deeper than the %d "
                    "levels that can be read."),
                 self->name, (MAX_DEPTH - 10) / MESSAGES_A_GRAPH);
    return NULL;
  }
  if (self->proto == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("“%s” is truncated or damaged: it is not a complete ONNX model."), self->name);
    return NULL;
  }
  if (self->proto->graph == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("The ONNX model “%s” contains no graph."), self->name);
    return NULL;
  }
  return g_steal_pointer (&self);
}

void
cnn_onnx_file_free (CnnOnnxFile *self)
{
  if (self->proto != NULL)
    onnx__model_proto__free_unpacked (self->proto, NULL);
  g_clear_pointer (&self->external, g_hash_table_unref);
  g_clear_pointer (&self->copies, cnn_onnx_copies_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->mapped, g_mapped_file_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}
