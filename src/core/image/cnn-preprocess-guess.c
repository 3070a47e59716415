/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a network wants its pictures, guessed from what is known about it. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-image.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * Networks of Keras' applications keep the names of their layers when they are cut, trained further and
 * renamed. Each is told by one layer at the end of its backbone; what it was trained with is what its
 * preprocess_input() does.
 */
static const struct {
  const char *layer; /* a layer that no other architecture has */
  CnnPreprocessKind kind;
  const char *architecture;
} backbones[] = {
  { "block5_conv3", CNN_PREPROCESS_CAFFE, "VGG" },
  { "res5c_branch2a", CNN_PREPROCESS_CAFFE, "ResNet-50" },
  { "post_bn", CNN_PREPROCESS_SIGNED, "ResNet v2" },
  { "conv5_block16_concat", CNN_PREPROCESS_IMAGENET, "DenseNet-121" },
  { "conv5_block32_concat", CNN_PREPROCESS_IMAGENET, "DenseNet" },
  { "conv5_block3_out", CNN_PREPROCESS_CAFFE, "ResNet" },
  { "conv_dw_13_relu", CNN_PREPROCESS_SIGNED, "MobileNet" },
  { "block_16_project_BN", CNN_PREPROCESS_SIGNED, "MobileNetV2" },
  { "mixed10", CNN_PREPROCESS_SIGNED, "Inception v3" },
  { "block14_sepconv2_act", CNN_PREPROCESS_SIGNED, "Xception" },
  { "conv_7b_ac", CNN_PREPROCESS_SIGNED, "Inception-ResNet v2" },
};

/* The innermost name of a layer in nested models. */
static const char *
last_part (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

static int
find_backbone (CnnModel *model)
{
  for (guint k = 0; k < G_N_ELEMENTS (backbones); k++)
    for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
      if (strcmp (last_part (cnn_model_get_layer (model, i)->name), backbones[k].layer) == 0)
        return (int)k;
  return -1;
}

/* The layer that scales the pictures inside the network, or NULL. */
static const CnnLayer *
find_scaling (CnnModel *model)
{
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);

    if (strcmp (layer->type, "Rescaling") == 0 || strcmp (layer->type, "Normalization") == 0)
      return layer;
  }
  return NULL;
}

static const char *
kind_title (CnnPreprocessKind kind)
{
  switch (kind) {
  case CNN_PREPROCESS_NONE:
    return _ ("0 to 255");
  case CNN_PREPROCESS_SIGNED:
    return _ ("-1 to 1");
  case CNN_PREPROCESS_IMAGENET:
    return _ ("ImageNet's mean and deviation");
  case CNN_PREPROCESS_CAFFE:
    return _ ("BGR less the mean");
  case CNN_PREPROCESS_UNIT:
  case CNN_PREPROCESS_UNKNOWN:
  default:
    return _ ("0 to 1");
  }
}

/* Fits are part of the guess only where the tool that made the network says so. */
static CnnFit
fit_of (CnnModel *model, CnnPreprocessKind known, int backbone)
{
  gboolean teachable = known == CNN_PREPROCESS_SIGNED && backbone >= 0 &&
                       strcmp (backbones[backbone].architecture, "MobileNetV2") == 0 &&
                       g_str_has_prefix (cnn_model_get_layer (model, 0)->name, "sequential");

  return teachable ? CNN_FIT_CROP : CNN_FIT_STRETCH;
}

void
cnn_preprocess_guess (CnnPreprocess *self, CnnModel *model, char **reason)
{
  CnnPreprocessKind kind = cnn_model_get_preprocess (model);
  const CnnLayer *scaling = find_scaling (model);
  int backbone = find_backbone (model);
  g_autofree char *why = NULL;
  guint channels, height, width;
  CnnFit fit = fit_of (model, kind, backbone);

  cnn_model_get_image_size (model, &channels, &height, &width);
  if (scaling != NULL && (kind == CNN_PREPROCESS_UNKNOWN || kind == CNN_PREPROCESS_NONE)) {
    kind = CNN_PREPROCESS_NONE;
    why = g_strdup_printf (_ ("Layer “%s” (%s) scales the pictures, so bytes go in as they are."),
                           scaling->name, scaling->type);
  } else if (fit == CNN_FIT_CROP) {
    why = g_strdup (_ ("Built by Teachable Machine: -1 to 1, cropped to the middle."));
  } else if (kind != CNN_PREPROCESS_UNKNOWN) {
    why = g_strdup_printf (_ ("The file's own names say how it was trained: %s."), kind_title (kind));
  } else if (backbone >= 0 && channels == 3) {
    kind = backbones[backbone].kind;
    why = g_strdup_printf (_ ("Layer “%s” belongs to %s, which is trained with: %s."),
                           backbones[backbone].layer, backbones[backbone].architecture, kind_title (kind));
  } else if (cnn_model_get_n_classes (model) == 1000 && channels == 3 &&
             strstr (cnn_model_get_format (model), "ONNX") != NULL) {
    kind = CNN_PREPROCESS_IMAGENET;
    why = g_strdup (_ ("1,000 classes in an ONNX file: ImageNet's mean and deviation are assumed."));
  } else {
    kind = CNN_PREPROCESS_UNIT;
    why = g_strdup (_ ("The file does not say how pictures are scaled: 0 to 1 is assumed."));
  }
  cnn_preprocess_init (self, kind);
  self->fit = fit;
  if (reason != NULL)
    *reason = g_steal_pointer (&why);
}
