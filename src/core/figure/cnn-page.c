/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "image/cnn-png.h"
#include "model/cnn-error.h"
#include "cnn-figure-private.h"

#define MOST_PIXELS 32767.0

static gboolean
fail_cairo (const char *path, cairo_status_t status, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s: the page could not be drawn: %s."), path,
               cairo_status_to_string (status));
  return FALSE;
}

static cairo_status_t
draw_on (const CnnPage *page, cairo_surface_t *surface, double scale)
{
  cairo_t *cr = cairo_create (surface);
  cairo_status_t status;

  cairo_scale (cr, scale, scale);
  page->draw (cr, page->data);
  status = cairo_status (cr);
  cairo_destroy (cr);
  return status;
}

/* Keyword and text pairs with title and description in front, as PNG has names for them. */
static GPtrArray *
png_texts (const CnnPage *page)
{
  GPtrArray *texts = g_ptr_array_new ();
  gboolean has_title = FALSE, has_description = FALSE;

  for (char *const *p = page->metadata; p != NULL && p[0] != NULL; p += 2) {
    has_title = has_title || strcmp (p[0], "Title") == 0;
    has_description = has_description || strcmp (p[0], "Description") == 0;
    g_ptr_array_add (texts, p[0]);
    g_ptr_array_add (texts, p[1]);
  }
  if (page->title != NULL && !has_title) {
    g_ptr_array_add (texts, (gpointer) "Title");
    g_ptr_array_add (texts, (gpointer)page->title);
  }
  if (page->description != NULL && !has_description) {
    g_ptr_array_add (texts, (gpointer) "Description");
    g_ptr_array_add (texts, (gpointer)page->description);
  }
  g_ptr_array_add (texts, NULL);
  return texts;
}

static guint8 *
surface_to_rgba (cairo_surface_t *surface, guint width, guint height)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  guint8 *rgba = g_try_malloc_n ((gsize)width * height, 4);

  for (guint y = 0; rgba != NULL && y < height; y++) {
    const guint32 *in = (const guint32 *)(gconstpointer)(data + y * stride);
    guint8 *out = rgba + 4 * (gsize)y * width;

    for (guint x = 0; x < width; x++, out += 4) {
      out[0] = (guint8)(in[x] >> 16);
      out[1] = (guint8)(in[x] >> 8);
      out[2] = (guint8)in[x];
      out[3] = 255;
    }
  }
  return rgba;
}

static gboolean
write_png (const CnnPage *page, const char *path, GError **error)
{
  double scale = page->dpi / 72, width = ceil (page->width * scale - 0.01),
         height = ceil (page->height * scale - 0.01);
  g_autoptr (GPtrArray) texts = NULL;
  g_autofree guint8 *rgba = NULL;
  cairo_surface_t *surface;
  cairo_status_t status;

  if (!(page->dpi >= 30 && page->dpi <= 2400) || !(width * height <= 4e8) || width > MOST_PIXELS ||
      height > MOST_PIXELS) {
    g_set_error (
        error, CNN_ERROR, CNN_ERROR_ARGUMENT,
        _ ("%s: a picture of %.0f dpi and %.0f x %.0f pixels is too large or too small; choose another "
           "resolution between 30 and 2400 dpi."),
        path, page->dpi, width, height);
    return FALSE;
  }
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)width, (int)height);
  status = cairo_surface_status (surface);
  if (status == CAIRO_STATUS_SUCCESS) {
    /* what the rounding adds at the edge is paper */
    memset (cairo_image_surface_get_data (surface), 255,
            (gsize)cairo_image_surface_get_stride (surface) * (gsize)height);
    cairo_surface_mark_dirty (surface);
    status = draw_on (page, surface, scale);
  }
  cairo_surface_flush (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    rgba = surface_to_rgba (surface, (guint)width, (guint)height);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS || rgba == NULL)
    return fail_cairo (path, status != CAIRO_STATUS_SUCCESS ? status : CAIRO_STATUS_NO_MEMORY, error);
  texts = png_texts (page);
  return cnn_png_write (path, (guint)width, (guint)height, rgba, (const char *const *)texts->pdata, page->dpi,
                        error);
}

static cairo_status_t
collect (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
describe_pdf (const CnnPage *page, cairo_surface_t *surface)
{
  g_autoptr (GString) keywords = g_string_new (NULL);

  for (char *const *p = page->metadata; p != NULL && p[0] != NULL; p += 2)
    g_string_append_printf (keywords, "%s%s: %s", keywords->len > 0 ? "\n" : "", p[0], p[1]);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "CnnViz " CNN_VERSION);
  /* no date: the same figure is the same file */
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
  if (page->title != NULL)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, page->title);
  if (page->description != NULL)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_SUBJECT, page->description);
  if (keywords->len > 0)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_KEYWORDS, keywords->str);
}

/* An element with @text, without the characters that XML does not allow. */
static void
append_element (GString *xml, const char *name, const char *attributes, const char *text)
{
  g_autofree char *clean = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = NULL;

  for (char *p = clean; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) && *p != '\n' && *p != '\t')
      *p = ' ';
  escaped = g_markup_escape_text (clean, -1);
  g_string_append_printf (xml, "<%s%s>%s</%s>\n", name, attributes, escaped, name);
}

static char *
svg_metadata (const CnnPage *page)
{
  GString *xml = g_string_new ("\n");

  if (page->title != NULL)
    append_element (xml, "title", "", page->title);
  if (page->description != NULL)
    append_element (xml, "desc", "", page->description);
  g_string_append (xml, "<metadata xmlns:cnnviz=\"urn:cnnviz:metadata\">\n");
  append_element (xml, "cnnviz:text", " keyword=\"Software\"", "CnnViz " CNN_VERSION);
  append_element (xml, "cnnviz:text", " keyword=\"Text\"",
                  "outlines: title, desc and metadata hold the words");
  for (char *const *p = page->metadata; p != NULL && p[0] != NULL; p += 2) {
    g_autofree char *keyword = g_markup_printf_escaped (" keyword=\"%s\"", p[0]);

    if (strcmp (p[0], "Software") != 0)
      append_element (xml, "cnnviz:text", keyword, p[1]);
  }
  g_string_append (xml, "</metadata>");
  return g_string_free (xml, FALSE);
}

/* Letters and digits behind a quotation mark or a hash: "image12". The length of the letters, 0 for none. */
static gsize
id_letters (const char *text)
{
  gsize n = 0;

  while (g_ascii_islower (text[n]))
    n++;
  return g_ascii_isdigit (text[n]) ? n : 0;
}

/*
 * Cairo numbers what it draws over all files of a process. Numbered from 1 in each file, the same figure is
 * the same file wherever it was made. @drawn holds no words of a person yet.
 */
static char *
renumber (const char *drawn)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *out = g_string_sized_new (strlen (drawn));

  while (*drawn != '\0') {
    gsize plain = strcspn (drawn, "\"#"), letters, digits;
    g_autofree char *id = NULL;
    gpointer number;

    g_string_append_len (out, drawn, (gssize)plain);
    drawn += plain;
    if (*drawn == '\0')
      break;
    g_string_append_c (out, *drawn++);
    letters = id_letters (drawn);
    digits = letters > 0 ? strspn (drawn + letters, "0123456789") : 0;
    if (digits == 0 || strchr ("\")", drawn[letters + digits]) == NULL)
      continue;
    id = g_strndup (drawn, letters + digits);
    number = g_hash_table_lookup (numbers, id);
    if (number == NULL) {
      number = GUINT_TO_POINTER (g_hash_table_size (numbers) + 1);
      g_hash_table_insert (numbers, g_strdup (id), number);
    }
    g_string_append_len (out, drawn, (gssize)letters);
    g_string_append_printf (out, "%u", GPOINTER_TO_UINT (number));
    drawn += letters + digits;
  }
  return g_string_free (out, FALSE);
}

/*
 * Cairo writes neither metadata into SVG, they go right behind the opening tag, nor that pictures are not to
 * be smoothed: each gets the words for it of SVG 1.1 and of CSS. Where pixels are finer than the page's grid
 * (@notes) a program that knows no style sheets may take the mean of them: it would leave some out.
 */
static GString *
finish_svg (const CnnPage *page, const GByteArray *bytes, const char *notes)
{
  static const char image[] = "<image ",
                    rendering[] = "style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" ",
                    sheet[] = "<style>@supports (image-rendering:pixelated) "
                              "{ image { image-rendering:pixelated } }</style>\n";
  g_autofree char *metadata = svg_metadata (page);
  g_autofree char *raw = g_strndup ((const char *)bytes->data, bytes->len);
  g_autofree char *drawn = renumber (raw);
  GString *svg = g_string_sized_new (bytes->len + 4096);
  const char *from = drawn, *at = strstr (drawn, "<svg");

  if (at != NULL && (at = strchr (at, '>')) != NULL) {
    g_string_append_len (svg, from, at + 1 - from);
    g_string_append (svg, metadata);
    if (strchr (notes, 'f') != NULL)
      g_string_append (svg, sheet);
    from = at + 1;
  }
  for (; (at = strstr (from, image)) != NULL; from = at + strlen (image)) {
    g_string_append_len (svg, from, at + (gssize)strlen (image) - from);
    if (*notes != 'f')
      g_string_append (svg, rendering);
    notes += *notes != '\0' ? 1 : 0;
  }
  g_string_append (svg, from);
  return svg;
}

/* Whether @surface was drawn and finished well; frees it. */
static gboolean
finish_surface (cairo_surface_t *surface, cairo_status_t status, const char *path, GError **error)
{
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  return status == CAIRO_STATUS_SUCCESS || fail_cairo (path, status, error);
}

static gboolean
write_svg (const CnnPage *page, const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (collect, bytes, page->width, page->height);
  g_autoptr (GString) notes = g_string_new (NULL);
  gboolean written;
  GString *svg;

  cnn_pixels_watch (surface, notes);
  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PT);
  if (!finish_surface (surface, draw_on (page, surface, 1), path, error))
    return FALSE;
  svg = finish_svg (page, bytes, notes->str);
  written = cnn_file_write (path, svg->str, svg->len, error);
  g_string_free (svg, TRUE);
  return written;
}

gboolean
cnn_pages_write_pdf (const CnnPage *pages, guint n, const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream (collect, bytes, pages[0].width, pages[0].height);
  cairo_status_t status = CAIRO_STATUS_SUCCESS;

  /* the metadata of later versions may be compressed, and then few programs find it */
  cairo_pdf_surface_restrict_to_version (surface, CAIRO_PDF_VERSION_1_4);
  describe_pdf (&pages[0], surface);
  for (guint i = 0; i < n && status == CAIRO_STATUS_SUCCESS; i++) {
    cairo_pdf_surface_set_size (surface, pages[i].width, pages[i].height);
    status = draw_on (&pages[i], surface, 1);
    cairo_surface_show_page (surface);
  }
  return finish_surface (surface, status, path, error) &&
         cnn_file_write (path, bytes->data, bytes->len, error);
}

static gboolean
write_pdf (const CnnPage *page, const char *path, GError **error)
{
  return cnn_pages_write_pdf (page, 1, path, error);
}

static const struct {
  const char *ending;
  gboolean (*write) (const CnnPage *page, const char *path, GError **error);
} kinds[] = { { ".png", write_png }, { ".svg", write_svg }, { ".pdf", write_pdf } };

/* Which of the kinds the name says; -1: none. */
static int
find_kind (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (lower, kinds[i].ending))
      return (int)i;
  return -1;
}

gboolean
cnn_figure_is_file_name (const char *path)
{
  return find_kind (path) >= 0;
}

gboolean
cnn_page_write (const CnnPage *page, const char *path, GError **error)
{
  int kind = find_kind (path);

  if (kind >= 0)
    return kinds[kind].write (page, path, error);
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("%s: a figure's name ends in .png, .svg or .pdf."),
               path);
  return FALSE;
}
