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

static const char *const fit_names[] = { "stretch", "crop", "pad" };

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
has_layer_type (CnnModel *model, const char *type)
{
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    if (g_strcmp0 (cnn_model_get_layer (model, i)->type, type) == 0)
      return TRUE;
  return FALSE;
}

void
cnn_preprocess_guess (CnnPreprocess *self, CnnModel *model, char **reason)
{
  CnnPreprocessKind kind = cnn_model_get_preprocess (model);
  const char *why = _ ("What the file says of its pictures was used.");
  guint channels, height, width;

  cnn_model_get_image_size (model, &channels, &height, &width);
  *self = (CnnPreprocess){ .fit = CNN_FIT_STRETCH };
  if (kind == CNN_PREPROCESS_UNKNOWN &&
      (has_layer_type (model, "Rescaling") || has_layer_type (model, "Normalization"))) {
    kind = CNN_PREPROCESS_NONE;
    why = _ ("The network scales its pictures itself, so bytes go in as they are.");
  } else if (kind == CNN_PREPROCESS_UNKNOWN && cnn_model_get_n_classes (model) == 1000 && channels == 3 &&
             strstr (cnn_model_get_format (model), "ONNX") != NULL) {
    kind = CNN_PREPROCESS_IMAGENET;
    why = _ ("1,000 classes of an ONNX file: ImageNet's mean and deviation are assumed.");
  } else if (kind == CNN_PREPROCESS_UNKNOWN) {
    kind = CNN_PREPROCESS_UNIT;
    why = _ ("The file does not say how pictures are scaled; 0 to 1 is assumed.");
  }
  cnn_preprocess_init (self, kind);
  if (reason != NULL)
    *reason = g_strdup (why);
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
  if (self->invert)
    g_string_append (text, ",invert=yes");
  return g_string_free (text, FALSE);
}

/* numbers */

static float
scaled (const CnnPreprocess *self, double byte, guint channel)
{
  guint c = MIN (channel, 3);

  return (float)(((self->invert ? 255 - byte : byte) * self->scale - self->mean[c]) / self->std[c]);
}

void
cnn_preprocess_range (const CnnPreprocess *self, float *low, float *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint c = 0; c < 3; c++) {
    float a = scaled (self, 0, c), b = scaled (self, 255, c);

    *low = MIN (*low, MIN (a, b));
    *high = MAX (*high, MAX (a, b));
  }
}

/* The part of @image that is used, brought to the network's size. */
static CnnImage *
fit_image (const CnnPreprocess *self, CnnImage *image, guint height, guint width)
{
  guint w = cnn_image_get_width (image), h = cnn_image_get_height (image);
  double sx = (double)width / w, sy = (double)height / h,
         scale = self->fit == CNN_FIT_CROP ? MAX (sx, sy) : MIN (sx, sy);
  guint rw = MAX ((guint)(w * scale + 0.5), 1), rh = MAX ((guint)(h * scale + 0.5), 1);
  g_autoptr (CnnImage) resized = NULL;
  g_autofree guint8 *data = NULL;
  const guint8 *from;
  int dx, dy;

  if (self->fit == CNN_FIT_STRETCH)
    return cnn_image_resize (image, width, height);
  resized = cnn_image_resize (image, rw, rh);
  from = cnn_image_get_data (resized);
  data = g_malloc0 ((gsize)width * height * 4);
  dx = ((int)rw - (int)width) / 2;
  dy = ((int)rh - (int)height) / 2;
  for (int y = 0; y < (int)height; y++)
    for (int x = 0; x < (int)width; x++) {
      guint8 *to = data + ((gsize)y * width + (guint)x) * 4;

      to[3] = 255;
      if (x + dx >= 0 && x + dx < (int)rw && y + dy >= 0 && y + dy < (int)rh)
        memcpy (to, from + ((gsize)(y + dy) * rw + (guint)(x + dx)) * 4, 4);
    }
  return cnn_image_new (width, height, data);
}

/* The byte of one channel of the network; transparent pixels lie over black. */
static double
channel_byte (const CnnPreprocess *self, const guint8 *rgba, guint channel, guint channels)
{
  double alpha = rgba[3] / 255.0;

  if (channels == 4 && channel == 3)
    return rgba[3];
  if (channels == 3 || channels == 4)
    return rgba[self->bgr && channel < 3 ? 2 - channel : channel] * alpha;
  if (rgba[0] == rgba[1] && rgba[0] == rgba[2]) /* exactly, where the picture is gray already */
    return rgba[0] * alpha;
  return (0.299 * rgba[0] + 0.587 * rgba[1] + 0.114 * rgba[2]) * alpha;
}

void
cnn_preprocess_apply (const CnnPreprocess *self, CnnImage *image, guint channels, guint height, guint width,
                      CnnImage **fitted, float *out)
{
  g_autoptr (CnnImage) image_fitted = fit_image (self, image, height, width);
  const guint8 *data = cnn_image_get_data (image_fitted);
  gsize n = (gsize)width * height;

  for (guint c = 0; c < channels; c++)
    for (gsize i = 0; i < n; i++)
      out[c * n + i] = scaled (self, channel_byte (self, data + 4 * i, c, channels), c);
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
      guint c = channels >= 3 ? (self->bgr ? 2 - k : k) : 0;
      double byte = (in[c * n + i] * self->std[c] + self->mean[c]) / self->scale;

      byte = self->invert ? 255 - byte : byte;
      data[4 * i + k] = isfinite (byte) ? (guint8)(CLAMP (byte, 0, 255) + 0.5) : 0;
    }
  }
  return cnn_image_new (width, height, data);
}
