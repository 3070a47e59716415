/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file's data can be the picture that its header claims. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image-check.h"

#include "model/cnn-error.h"
#include "model/cnn-signature.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* Deflate makes at most 1032 bytes of one. A byte of GIF's code words stands for at most 4096 * 8 / 12
 * pixels. A block of 8 x 8 pixels takes a Huffman-coded JPEG at least one bit. */
#define PNG_RATIO 1032
#define GIF_RATIO 2731
#define JPEG_RATIO 512
/* From here on a PNG's data are unpacked to see how many they are, which a photograph never asks for. */
#define PNG_DOUBTFUL 100

typedef enum { WHOLE, CUT_OFF, TOO_LITTLE } Verdict;

typedef struct {
  const guint8 *data;
  gsize size;
} Bytes;

static gboolean
has_at (Bytes file, gsize offset, const void *what, gsize length)
{
  return cnn_signature_at (file.data, file.size, offset, what, length);
}

static guint32
get_be32 (const guint8 *at)
{
  return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

static guint32
get_le32 (const guint8 *at)
{
  return (guint32)at[3] << 24 | (guint32)at[2] << 16 | (guint32)at[1] << 8 | at[0];
}

/* PNG */

/* Unpacks some more of the picture's data; what it is does not matter. %FALSE where it is damaged. */
static gboolean
unpack (GConverter *converter, const guint8 *data, gsize length, guint64 *made)
{
  static const gsize room = 1 << 16;
  g_autofree guint8 *out = g_malloc (room);

  while (length > 0) {
    gsize read = 0, written = 0;
    GConverterResult result =
        g_converter_convert (converter, data, length, out, room, G_CONVERTER_NO_FLAGS, &read, &written, NULL);

    if (result == G_CONVERTER_ERROR)
      return FALSE;
    *made += written;
    if (result == G_CONVERTER_FINISHED || (read == 0 && written == 0))
      return TRUE;
    data += read;
    length -= read;
  }
  return TRUE;
}

/* The bytes in all of a file's IDAT chunks; with @converter, those that they unpack to. */
static Verdict
png_data (Bytes file, GConverter *converter, guint64 *bytes)
{
  gsize at = 8;

  *bytes = 0;
  while (at + 12 <= file.size) {
    gsize length = get_be32 (file.data + at);
    const guint8 *body = file.data + at + 8;

    if (length > file.size - at - 12)
      return CUT_OFF;
    if (has_at (file, at + 4, "IEND", 4))
      return WHOLE;
    if (has_at (file, at + 4, "IDAT", 4)) {
      if (converter == NULL)
        *bytes += length;
      else if (!unpack (converter, body, length, bytes))
        return TOO_LITTLE;
    }
    at += length + 12;
  }
  return CUT_OFF;
}

static Verdict
check_png (Bytes file, guint64 pixels)
{
  static const guint8 samples[] = { 1, 0, 3, 1, 2, 0, 4 }; /* by colour type */
  g_autoptr (GZlibDecompressor) converter = NULL;
  guint64 needed, packed, unpacked;
  Verdict verdict;

  if (file.size < 33)
    return CUT_OFF;
  if (file.data[25] >= G_N_ELEMENTS (samples))
    return WHOLE; /* damaged in another way, as the decoder says */
  needed = pixels * file.data[24] * samples[file.data[25]] / 8;
  verdict = png_data (file, NULL, &packed);
  if (verdict != WHOLE || packed >= needed / PNG_DOUBTFUL)
    return verdict;
  if (packed < needed / PNG_RATIO)
    return TOO_LITTLE;
  converter = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  verdict = png_data (file, G_CONVERTER (converter), &unpacked);
  return verdict == WHOLE && unpacked < needed ? TOO_LITTLE : verdict;
}

/* JPEG */

/* The first marker from @at on that is neither a stuffed byte nor a restart; the file's size where there is
 * none.
 */
static gsize
next_marker (Bytes file, gsize at)
{
  while (at + 1 < file.size) {
    const guint8 *found = memchr (file.data + at, 0xff, file.size - at - 1);

    if (found == NULL)
      break;
    at = (gsize)(found - file.data);
    if (found[1] != 0 && found[1] != 0xff && (found[1] < 0xd0 || found[1] > 0xd7))
      return at;
    at += found[1] == 0xff ? 1 : 2;
  }
  return file.size;
}

static Verdict
check_jpeg (Bytes file, guint64 pixels)
{
  gsize at = next_marker (file, 2);
  guint64 coded = 0;
  gboolean huffman = TRUE;

  while (at + 4 <= file.size) {
    guint8 marker = file.data[at + 1];
    gsize body = at + 2 + ((gsize)file.data[at + 2] << 8 | file.data[at + 3]);

    if (marker == 0xd9)
      break;
    huffman &= marker < 0xc9 || marker > 0xcf || marker == 0xcc;
    at = next_marker (file, body);
    if (marker == 0xda && at > body)
      coded += at - body;
  }
  if (at + 2 > file.size || file.data[at + 1] != 0xd9)
    return CUT_OFF;
  return huffman && coded < pixels / JPEG_RATIO ? TOO_LITTLE : WHOLE;
}

/* GIF */

static gsize
color_table (guint8 flags)
{
  return flags & 0x80 ? (gsize)3 << ((flags & 7) + 1) : 0;
}

/* Behind the blocks that begin at @at and end with an empty one; 0 where the file ends before. */
static gsize
skip_blocks (Bytes file, gsize at)
{
  while (at < file.size && file.data[at] != 0)
    at += (gsize)file.data[at] + 1;
  return at < file.size ? at + 1 : 0;
}

/* Only the first picture of an animation is looked at. */
static Verdict
check_gif (Bytes file, guint64 pixels)
{
  gsize at = file.size > 13 ? 13 + color_table (file.data[10]) : file.size;

  while (at != 0 && at + 10 < file.size && file.data[at] == 0x21)
    at = skip_blocks (file, at + 2);
  if (at == 0 || at + 11 > file.size)
    return CUT_OFF;
  if (file.data[at] == 0x2c) {
    gsize first = at + 11 + color_table (file.data[at + 9]);

    if (skip_blocks (file, first) == 0)
      return CUT_OFF;
  }
  return pixels / GIF_RATIO > file.size ? TOO_LITTLE : WHOLE;
}

/* BMP; run-length coded ones may leave out as much as they like */

static Verdict
check_bmp (Bytes file)
{
  guint64 stride, rows;

  if (file.size < 54)
    return CUT_OFF;
  if (get_le32 (file.data + 14) < 40 || (get_le32 (file.data + 30) != 0 && get_le32 (file.data + 30) != 3))
    return WHOLE;
  stride = ((guint64)get_le32 (file.data + 18) * (file.data[28] | file.data[29] << 8) + 31) / 32 * 4;
  rows = (guint64)ABS ((gint64)(gint32)get_le32 (file.data + 22));
  return get_le32 (file.data + 10) + stride * rows > file.size ? CUT_OFF : WHOLE;
}

static Verdict
check (Bytes file, guint64 pixels)
{
  if (has_at (file, 0, "\x89PNG\r\n\x1a\n", 8))
    return check_png (file, pixels);
  if (has_at (file, 0, "\xff\xd8\xff", 3))
    return check_jpeg (file, pixels);
  if (has_at (file, 0, "GIF8", 4))
    return check_gif (file, pixels);
  if (has_at (file, 0, "BM", 2))
    return check_bmp (file);
  return WHOLE;
}

gboolean
cnn_image_check_data (const char *path, guint width, guint height, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);
  Verdict verdict = WHOLE;

  if (mapped != NULL) {
    Bytes file = { (const guint8 *)g_mapped_file_get_contents (mapped), g_mapped_file_get_length (mapped) };

    verdict = check (file, (guint64)width * height);
  }
  if (verdict == CUT_OFF)
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The picture “%s” is cut off: the file ends before the picture does."), path);
  else if (verdict == TOO_LITTLE)
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
                 _ ("The picture “%s” claims %u x %u pixels, but the file holds data for far fewer."), path,
                 width, height);
  return verdict == WHOLE;
}

/* kinds that need a decoder of their own */

static const struct {
  const char *name;
  const char *package; /* of Debian; NULL: there is none */
  gsize offset;
  const char *bytes;
  gsize length;
} kinds[] = {
  { "WebP", "webp-pixbuf-loader", 8, "WEBP", 4 },
  { "AVIF", "libavif-gdk-pixbuf", 4, "ftypavi", 7 },
  { "HEIF", "heif-gdk-pixbuf", 4, "ftyphei", 7 },
  { "HEIF", "heif-gdk-pixbuf", 4, "ftyphev", 7 },
  { "HEIF", "heif-gdk-pixbuf", 4, "ftypmif1", 8 },
  { "HEIF", "heif-gdk-pixbuf", 4, "ftypmsf1", 8 },
  { "JPEG XL", "libjxl-gdk-pixbuf", 0, "\xff\x0a", 2 },
  { "JPEG XL", "libjxl-gdk-pixbuf", 4, "JXL \r\n", 6 },
  { "SVG", "librsvg2-common", 0, "<svg", 4 },
  { "JPEG 2000", NULL, 4, "jP  \r\n", 6 },
  { "JPEG 2000", NULL, 0, "\xff\x4f\xff\x51", 4 },
  { "OpenEXR", NULL, 0, "\x76\x2f\x31\x01", 4 },
  { "Photoshop", NULL, 0, "8BPS", 4 },
  { "GIMP", NULL, 0, "gimp xcf", 8 },
  { "PDF", NULL, 0, "%PDF", 4 },
  { "DICOM", NULL, 128, "DICM", 4 },
};

void
cnn_image_refuse_kind (const char *path, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);
  Bytes file = { 0 };

  if (mapped != NULL)
    file = (Bytes){ (const guint8 *)g_mapped_file_get_contents (mapped), g_mapped_file_get_length (mapped) };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (!has_at (file, kinds[i].offset, kinds[i].bytes, kinds[i].length))
      continue;
    if (kinds[i].package != NULL)
      g_set_error (
          error, CNN_ERROR, CNN_ERROR_INPUT,
          _ ("“%s” is a picture of the kind %s, which needs a decoder that is not installed: install the "
             "package %s, or save the picture as PNG."),
          path, kinds[i].name, kinds[i].package);
    else
      g_set_error (
          error, CNN_ERROR, CNN_ERROR_INPUT,
          _ ("“%s” is a file of the kind %s, which cannot be read: save the picture as PNG or JPEG."), path,
          kinds[i].name);
    return;
  }
  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("“%s” is no picture of a kind that can be read."), path);
}
