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

void
cnn_preprocess_init (CnnPreprocess *self, CnnPreprocessKind kind)
{
  CnnFit fit = self->fit;

  *self = (CnnPreprocess){ .kind = kind, .fit = fit };
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
refuse (const char *part, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
               _ ("“%s” is no preprocessing: unit, signed, imagenet, caffe, none or scale=S,mean=M,std=D."),
               part);
  return FALSE;
}

/* "scale=1/255,mean=0.1,0.2,0.3,std=1": a part without a key goes on with the former key. */
static gboolean
parse_own (CnnPreprocess *self, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ",:", -1);
  double scale = 1.0 / 255, lists[2][4] = { { 0, 0, 0, 0 }, { 1, 1, 1, 1 } };
  guint counts[2] = { 0, 0 };
  int key = -1; /* 0: scale, 1: mean, 2: std */

  for (char **part = parts; *part != NULL; part++) {
    const char *value = strchr (*part, '=') != NULL ? strchr (*part, '=') + 1 : *part;
    double number;

    if (value != *part)
      key = g_str_has_prefix (*part, "scale=")  ? 0
            : g_str_has_prefix (*part, "mean=") ? 1
            : g_str_has_prefix (*part, "std=")  ? 2
                                                : -1;
    if (key < 0 || !parse_number (value, &number) || (key == 2 && number == 0) ||
        (key > 0 && counts[key - 1] >= 4))
      return refuse (text, error);
    if (key == 0)
      scale = number;
    else
      lists[key - 1][counts[key - 1]++] = number;
  }
  self->kind = CNN_PREPROCESS_UNKNOWN;
  self->scale = scale;
  self->bgr = FALSE;
  for (guint c = 0; c < 4; c++) {
    self->mean[c] = lists[0][counts[0] > 1 ? MIN (c, counts[0] - 1) : 0];
    self->std[c] = lists[1][counts[1] > 1 ? MIN (c, counts[1] - 1) : 0];
  }
  return TRUE;
}

gboolean
cnn_preprocess_parse (CnnPreprocess *self, const char *text, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (text, presets[i].name) == 0) {
      cnn_preprocess_init (self, presets[i].kind);
      return TRUE;
    }
  if (strchr (text, '=') == NULL)
    return refuse (text, error);
  return parse_own (self, text, error);
}

char *
cnn_preprocess_to_string (const CnnPreprocess *self)
{
  char scale[G_ASCII_DTOSTR_BUF_SIZE], mean[3][G_ASCII_DTOSTR_BUF_SIZE], std[3][G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].kind == self->kind)
      return g_strdup (presets[i].name);
  for (guint c = 0; c < 3; c++) {
    g_ascii_dtostr (mean[c], sizeof mean[c], self->mean[c]);
    g_ascii_dtostr (std[c], sizeof std[c], self->std[c]);
  }
  return g_strdup_printf ("scale=%s,mean=%s:%s:%s,std=%s:%s:%s",
                          g_ascii_dtostr (scale, sizeof scale, self->scale), mean[0], mean[1], mean[2],
                          std[0], std[1], std[2]);
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
