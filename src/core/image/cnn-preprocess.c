/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a picture to what the network eats. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const struct {
  CnnPreprocessKind kind;
  const char *name;
  double scale;
  double mean[3], std[3];
  gboolean bgr;
} presets[] = {
  { CNN_PREPROCESS_UNIT, "unit", 1.0 / 255, { 0, 0, 0 }, { 1, 1, 1 }, FALSE },
  { CNN_PREPROCESS_SIGNED, "signed", 1.0 / 127.5, { 1, 1, 1 }, { 1, 1, 1 }, FALSE },
  { CNN_PREPROCESS_IMAGENET, "imagenet", 1.0 / 255, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }, FALSE },
  { CNN_PREPROCESS_CAFFE, "caffe", 1, { 103.939, 116.779, 123.68 }, { 1, 1, 1 }, TRUE },
  { CNN_PREPROCESS_NONE, "none", 1, { 0, 0, 0 }, { 1, 1, 1 }, FALSE },
};

static const char *const fit_names[CNN_N_FITS] = { "stretch", "crop", "pad", "center" };

const char *
cnn_fit_name (CnnFit fit)
{
  return fit_names[MIN ((guint)fit, G_N_ELEMENTS (fit_names) - 1)];
}

gboolean
cnn_fit_from_name (const char *name, CnnFit *fit)
{
  for (guint i = 0; i < G_N_ELEMENTS (fit_names); i++)
    if (g_strcmp0 (name, fit_names[i]) == 0) {
      *fit = (CnnFit)i;
      return TRUE;
    }
  return FALSE;
}

void
cnn_preprocess_init (CnnPreprocess *self, CnnPreprocessKind kind)
{
  *self = (CnnPreprocess){ .kind = kind, .fit = CNN_FIT_STRETCH };
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].kind == (kind == CNN_PREPROCESS_UNKNOWN ? CNN_PREPROCESS_UNIT : kind)) {
      self->scale = presets[i].scale;
      self->bgr = presets[i].bgr;
      for (guint c = 0; c < 4; c++) {
        self->mean[c] = presets[i].mean[MIN (c, 2)];
        self->std[c] = presets[i].std[MIN (c, 2)];
      }
    }
}

static gboolean
close_to (const double *a, const double *b)
{
  return fabs (a[0] - b[0]) < 1e-9 && fabs (a[1] - b[1]) < 1e-9 && fabs (a[2] - b[2]) < 1e-9;
}

/* The preset with these values, or none. */
static CnnPreprocessKind
find_preset (const CnnPreprocess *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].bgr == self->bgr && fabs (presets[i].scale - self->scale) < 1e-12 &&
        close_to (presets[i].mean, self->mean) && close_to (presets[i].std, self->std))
      return presets[i].kind;
  return CNN_PREPROCESS_UNKNOWN;
}

static void
swap (double *values)
{
  double first = values[0];

  values[0] = values[2];
  values[2] = first;
}

void
cnn_preprocess_set_order (CnnPreprocess *self, gboolean bgr, gboolean gray)
{
  if (self->bgr != !!bgr) {
    swap (self->mean);
    swap (self->std);
    self->bgr = !!bgr;
    self->kind = find_preset (self);
  }
  self->gray = !!gray;
}

/* text */

static gboolean
parse_number (const char *text, double *out)
{
  char *end;
  double divisor;

  *out = g_ascii_strtod (text, &end);
  if (end == text)
    return FALSE;
  if (*end == '/') { /* 1/255 */
    text = end + 1;
    divisor = g_ascii_strtod (text, &end);
    if (end == text || divisor == 0)
      return FALSE;
    *out /= divisor;
  }
  return *end == '\0' && isfinite (*out);
}

static gboolean
parse_flag (const char *value, gboolean *out)
{
  *out = strcmp (value, "yes") == 0 || strcmp (value, "1") == 0;
  return *out || strcmp (value, "no") == 0 || strcmp (value, "0") == 0;
}

/* What a text is read into: the list that a number without a name goes on with, and how many it has. */
typedef struct {
  CnnPreprocess values;
  double *list;
  guint n;
} Parser;

/* One more number of the list; the last one counts for the channels after it. */
static gboolean
add_number (Parser *parser, const char *text)
{
  if (parser->list == NULL || parser->n >= 4 || !parse_number (text, &parser->list[parser->n]))
    return FALSE;
  for (guint i = ++parser->n; i < 4; i++)
    parser->list[i] = parser->list[parser->n - 1];
  return TRUE;
}

static gboolean
parse_part (Parser *parser, const char *part)
{
  const char *value = strchr (part, '=');

  if (value == NULL)
    return add_number (parser, part);
  value++;
  parser->list = NULL;
  parser->n = 0;
  if (g_str_has_prefix (part, "invert="))
    return parse_flag (value, &parser->values.invert);
  if (g_str_has_prefix (part, "gray="))
    return parse_flag (value, &parser->values.gray);
  parser->values.kind = CNN_PREPROCESS_UNKNOWN;
  if (g_str_has_prefix (part, "bgr="))
    return parse_flag (value, &parser->values.bgr);
  if (g_str_has_prefix (part, "scale="))
    return parse_number (value, &parser->values.scale);
  if (g_str_has_prefix (part, "mean="))
    parser->list = parser->values.mean;
  else if (g_str_has_prefix (part, "std="))
    parser->list = parser->values.std;
  return add_number (parser, value);
}

static gboolean
is_invertible (const CnnPreprocess *self)
{
  gboolean good = self->scale != 0;

  for (guint c = 0; c < 4; c++)
    good = good && self->std[c] != 0;
  return good;
}

gboolean
cnn_preprocess_parse (CnnPreprocess *self, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ",:", -1);
  Parser parser = { .list = NULL };
  gboolean good = parts[0] != NULL;
  guint at = 0;

  cnn_preprocess_init (&parser.values, CNN_PREPROCESS_UNKNOWN);
  for (guint i = 0; i < G_N_ELEMENTS (presets) && good; i++)
    if (strcmp (parts[0], presets[i].name) == 0) {
      cnn_preprocess_init (&parser.values, presets[i].kind);
      at = 1;
    }
  for (; good && parts[at] != NULL; at++)
    good = parse_part (&parser, parts[at]);
  if (!good || !is_invertible (&parser.values)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” is no preprocessing: unit, signed, imagenet, caffe, none or scale=S,mean=M,std=D."),
                 text);
    return FALSE;
  }
  parser.values.fit = self->fit;
  *self = parser.values;
  return TRUE;
}

static void
append_number (GString *text, const char *before, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, before);
  g_string_append (text, g_ascii_dtostr (buffer, sizeof buffer, value));
}

gboolean
cnn_preprocess_equal (const CnnPreprocess *a, const CnnPreprocess *b)
{
  g_autofree char *x = cnn_preprocess_to_string (a), *y = cnn_preprocess_to_string (b);

  return a->fit == b->fit && g_str_equal (x, y);
}

char *
cnn_preprocess_to_string (const CnnPreprocess *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].kind == self->kind)
      g_string_append (text, presets[i].name);
  if (text->len == 0) {
    append_number (text, "scale=", self->scale);
    for (guint c = 0; c < 4; c++)
      append_number (text, c == 0 ? ",mean=" : ":", self->mean[c]);
    for (guint c = 0; c < 4; c++)
      append_number (text, c == 0 ? ",std=" : ":", self->std[c]);
    if (self->bgr)
      g_string_append (text, ",bgr=yes");
  }
  if (self->gray)
    g_string_append (text, ",gray=yes");
  if (self->invert)
    g_string_append (text, ",invert=yes");
  return g_string_free (text, FALSE);
}

/* numbers */

/* Where the mean and std of a channel stand. */
static guint
place_of (guint channel, guint channels)
{
  return channels > 4 ? channel % 3 : MIN (channel, 3);
}

float
cnn_preprocess_value (const CnnPreprocess *self, double byte, guint channel, guint channels)
{
  guint c = place_of (channel, channels);

  return (float)(((self->invert ? 255 - byte : byte) * self->scale - self->mean[c]) / self->std[c]);
}

void
cnn_preprocess_range (const CnnPreprocess *self, float *low, float *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint c = 0; c < 3; c++) {
    float a = cnn_preprocess_value (self, 0, c, 3), b = cnn_preprocess_value (self, 255, c, 3);

    *low = MIN (*low, MIN (a, b));
    *high = MAX (*high, MAX (a, b));
  }
}

static guint
side (double length)
{
  return (guint)MAX (length + 0.5, 1);
}

/* The middle of the picture resized so that it covers the network's input; @ratio: how much of it is seen. */
static CnnImage *
fit_middle (CnnImage *image, guint height, guint width, double ratio)
{
  guint w = cnn_image_get_width (image), h = cnn_image_get_height (image);
  double scale = MAX ((double)width / w, (double)height / h) / ratio;
  guint rw = MAX (side (w * scale), width), rh = MAX (side (h * scale), height);

  return cnn_image_resize_part (image, rw, rh, (rw - width) / 2, (rh - height) / 2, width, height);
}

/* All of the picture in the middle, black around it. */
static CnnImage *
fit_padded (CnnImage *image, guint height, guint width)
{
  guint w = cnn_image_get_width (image), h = cnn_image_get_height (image);
  double scale = MIN ((double)width / w, (double)height / h);
  guint rw = MIN (side (w * scale), width), rh = MIN (side (h * scale), height);
  g_autoptr (CnnImage) resized = cnn_image_resize (image, rw, rh);
  g_autofree guint8 *data = g_malloc0 ((gsize)width * height * 4);
  const guint8 *from = cnn_image_get_data (resized);
  guint left = (width - rw) / 2, top = (height - rh) / 2;

  for (gsize i = 0; i < (gsize)width * height; i++)
    data[4 * i + 3] = 255;
  for (guint y = 0; y < rh; y++)
    memcpy (data + ((gsize)(y + top) * width + left) * 4, from + (gsize)y * rw * 4, (gsize)rw * 4);
  return cnn_image_new (width, height, data);
}

/* The part of @image that is used, brought to the network's size. */
static CnnImage *
fit_image (const CnnPreprocess *self, CnnImage *image, guint height, guint width)
{
  switch (self->fit) {
  case CNN_FIT_CROP:
    return fit_middle (image, height, width, 1);
  case CNN_FIT_CENTER:
    return fit_middle (image, height, width, 224.0 / 256.0);
  case CNN_FIT_PAD:
    return fit_padded (image, height, width);
  case CNN_FIT_STRETCH:
  case CNN_N_FITS:
  default:
    return cnn_image_resize (image, width, height);
  }
}

/* What is transparent over white. (transfer full) */
static CnnImage *
flatten (CnnImage *image)
{
  guint width = cnn_image_get_width (image), height = cnn_image_get_height (image);
  gsize n = (gsize)width * height;
  const guint8 *from = cnn_image_get_data (image);
  g_autofree guint8 *data = NULL;
  gsize i = 0;

  while (i < n && from[4 * i + 3] == 255)
    i++;
  if (i == n)
    return cnn_image_ref (image);
  data = g_memdup2 (from, n * 4);
  for (; i < n; i++) {
    guint alpha = data[4 * i + 3];

    for (guint c = 0; c < 3; c++)
      data[4 * i + c] = (guint8)((data[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    data[4 * i + 3] = 255;
  }
  return cnn_image_new (width, height, data);
}

static double
gray_of (const guint8 *rgba)
{
  if (rgba[0] == rgba[1] && rgba[0] == rgba[2]) /* exactly, where the picture is gray already */
    return rgba[0];
  return 0.299 * rgba[0] + 0.587 * rgba[1] + 0.114 * rgba[2];
}

static gboolean
has_alpha (guint channels)
{
  return channels == 2 || channels == 4;
}

/* The byte of one channel of the network. */
static double
channel_byte (const CnnPreprocess *self, const guint8 *rgba, guint channel, guint channels)
{
  guint color = channels > 4 ? channel % 3 : channel;

  if (has_alpha (channels) && channel == channels - 1)
    return rgba[3];
  if (channels < 3 || self->gray)
    return gray_of (rgba);
  return rgba[self->bgr ? 2 - color : color];
}

void
cnn_preprocess_apply (const CnnPreprocess *self, CnnImage *image, guint channels, guint height, guint width,
                      CnnImage **fitted, float *out)
{
  g_autoptr (CnnImage) whole = fit_image (self, image, height, width);
  g_autoptr (CnnImage) image_fitted = has_alpha (channels) ? cnn_image_ref (whole) : flatten (whole);
  const guint8 *data = cnn_image_get_data (image_fitted);
  gsize n = (gsize)width * height;

  for (guint c = 0; c < channels; c++)
    for (gsize i = 0; i < n; i++)
      out[c * n + i] =
          cnn_preprocess_value (self, channel_byte (self, data + 4 * i, c, channels), c, channels);
  if (fitted != NULL)
    *fitted = g_steal_pointer (&image_fitted);
}

CnnImage *
cnn_preprocess_to_image (const CnnPreprocess *self, const float *in, guint channels, guint height,
                         guint width)
{
  gsize n = (gsize)width * height;
  g_autofree guint8 *data = g_malloc (n * 4);

  for (gsize i = 0; i < n; i++) {
    data[4 * i + 3] = 255;
    for (guint k = 0; k < 3; k++) {
      guint c = channels >= 3 ? (self->bgr ? 2 - k : k) : 0, place = place_of (c, channels);
      double byte = (in[c * n + i] * self->std[place] + self->mean[place]) / self->scale;

      byte = self->invert ? 255 - byte : byte;
      data[4 * i + k] = isfinite (byte) ? (guint8)(CLAMP (byte, 0, 255) + 0.5) : 0;
    }
  }
  return cnn_image_new (width, height, data);
}
