/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-png.h"

#include "cnn-file.h"
#include "model/cnn-error.h"

#include <glib/gi18n-lib.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static void
append_bytes (png_structp png, png_bytep data, png_size_t length)
{
  g_byte_array_append (png_get_io_ptr (png), data, (guint)length);
}

static void
flush_nothing (png_structp png)
{
}

/* Text beyond Latin-1 goes into iTXt, which is UTF-8. */
static png_text *
make_texts (const char *const *texts, int *n)
{
  png_text *out;

  *n = texts != NULL ? (int)(g_strv_length ((char **)texts) / 2) : 0;
  out = g_new0 (png_text, *n + 1);
  for (int i = 0; i < *n; i++) {
    out[i].compression =
        g_str_is_ascii (texts[2 * i + 1]) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    out[i].key = (char *)texts[2 * i];
    out[i].text = (char *)texts[2 * i + 1];
    out[i].text_length = strlen (texts[2 * i + 1]);
    out[i].itxt_length = out[i].text_length;
  }
  return out;
}

/* libpng's errors jump: whatever must be freed is the caller's. */
static gboolean
encode (GByteArray *bytes, guint width, guint height, const guint8 *rgba, png_text *texts, int n_texts,
        double dpi)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png != NULL ? png_create_info_struct (png) : NULL;

  if (info == NULL || setjmp (png_jmpbuf (png)) != 0) {
    png_destroy_write_struct (&png, &info);
    return FALSE;
  }
  png_set_write_fn (png, bytes, append_bytes, flush_nothing);
  png_set_IHDR (png, info, width, height, 8, PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (dpi > 0)
    png_set_pHYs (png, info, (png_uint_32)(dpi / 0.0254 + 0.5), (png_uint_32)(dpi / 0.0254 + 0.5),
                  PNG_RESOLUTION_METER);
  if (n_texts > 0)
    png_set_text (png, info, texts, n_texts);
  png_write_info (png, info);
  for (guint y = 0; y < height; y++)
    png_write_row (png, rgba + (gsize)y * width * 4);
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return TRUE;
}

gboolean
cnn_png_write (const char *path, guint width, guint height, const guint8 *rgba, const char *const *texts,
               double dpi, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int n;
  g_autofree png_text *png_texts = make_texts (texts, &n);

  if (!encode (bytes, width, height, rgba, png_texts, n, dpi)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("Could not write “%s”: the picture could not be encoded."), path);
    return FALSE;
  }
  return cnn_file_write (path, bytes->data, bytes->len, error);
}

/* reading a text back */

typedef struct {
  FILE *file;
  png_structp png;
  png_infop info;
} Reader;

static void
reader_clear (Reader *reader)
{
  png_destroy_read_struct (&reader->png, &reader->info, NULL);
  if (reader->file != NULL)
    fclose (reader->file);
}

static char *
read_text (Reader *reader, const char *keyword)
{
  png_textp texts;
  int n = 0;

  reader->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  reader->info = reader->png != NULL ? png_create_info_struct (reader->png) : NULL;
  if (reader->info == NULL || setjmp (png_jmpbuf (reader->png)) != 0)
    return NULL;
  png_init_io (reader->png, reader->file);
  png_read_info (reader->png, reader->info);
  png_get_text (reader->png, reader->info, &texts, &n);
  for (int i = 0; i < n; i++)
    if (strcmp (texts[i].key, keyword) == 0)
      return g_utf8_make_valid (texts[i].text, -1);
  return NULL;
}

char *
cnn_png_read_text (const char *path, const char *keyword, GError **error)
{
  Reader reader = { fopen (path, "rb"), NULL, NULL };
  guint8 signature[8];
  char *text = NULL;

  if (reader.file == NULL || fread (signature, 1, 8, reader.file) != 8 ||
      png_sig_cmp (signature, 0, 8) != 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("“%s” is no PNG file."), path);
    if (reader.file != NULL)
      fclose (reader.file);
    return NULL;
  }
  rewind (reader.file);
  text = read_text (&reader, keyword);
  reader_clear (&reader);
  if (text == NULL)
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("“%s” has no text “%s”."), path, keyword);
  return text;
}
