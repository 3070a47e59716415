/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras.h"

#include <math.h>
#include <string.h>

/* What pictures a network wants, as far as its beginning and its names tell. */

void
cnn_keras_note_front (CnnKerasCall *call, double scale, double offset)
{
  CnnKerasFront *front = &call->reader->front;
  if (front->closed)
    return;
  front->scale = front->found ? front->scale * scale : scale;
  front->offset = front->found ? front->offset * scale + offset : offset;
  front->found = TRUE;
}

/* Numbers about as large as 1 should come out, from 0 to 255 or from 0 to 1; or 0 to 255 less Caffe's means.
 */
static CnnPreprocessKind
front_wants (const CnnKerasFront *front)
{
  double scale = fabs (front->scale);
  if (!front->found)
    return CNN_PREPROCESS_UNKNOWN;
  if ((scale > 0 && scale <= 1.0 / 16) || (fabs (front->offset) >= 16 && scale <= 2))
    return CNN_PREPROCESS_NONE;
  if (scale > 1.1 || (scale >= 0.25 && front->offset != 0))
    return CNN_PREPROCESS_UNIT;
  return CNN_PREPROCESS_UNKNOWN;
}

/* What Keras' own applications were trained with, told by the names that they give themselves. Those that
 * scale their input by default are here for when that was left out. */
static CnnPreprocessKind
guess_preprocess (const char *name)
{
  static const struct {
    const char *start;
    CnnPreprocessKind kind;
  } known[] = {
    { "vgg16", CNN_PREPROCESS_CAFFE },
    { "vgg19", CNN_PREPROCESS_CAFFE },
    { "resnet50v2", CNN_PREPROCESS_SIGNED },
    { "resnet101v2", CNN_PREPROCESS_SIGNED },
    { "resnet152v2", CNN_PREPROCESS_SIGNED },
    { "resnet50", CNN_PREPROCESS_CAFFE },
    { "resnet101", CNN_PREPROCESS_CAFFE },
    { "resnet152", CNN_PREPROCESS_CAFFE },
    { "mobilenet", CNN_PREPROCESS_SIGNED },
    { "inception_v3", CNN_PREPROCESS_SIGNED },
    { "inception_resnet_v2", CNN_PREPROCESS_SIGNED },
    { "xception", CNN_PREPROCESS_SIGNED },
    { "nasnet", CNN_PREPROCESS_SIGNED },
    { "densenet", CNN_PREPROCESS_IMAGENET },
    { "efficientnetv2", CNN_PREPROCESS_SIGNED },
    { "convnext", CNN_PREPROCESS_IMAGENET },
  };
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strncasecmp (name, known[i].start, strlen (known[i].start)) == 0)
      return known[i].kind;
  return CNN_PREPROCESS_UNKNOWN;
}

/* The @index-th layer that is no InputLayer, if the model has @n of them. */
static JsonObject *
real_layer (JsonObject *model, guint index, guint n)
{
  JsonArray *layers = cnn_json_array (cnn_json_object (model, "config"), "layers");
  JsonObject *found = NULL;
  guint seen = 0;
  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++) {
    JsonObject *layer = cnn_json_node_object (json_array_get_element (layers, i));
    if (g_strcmp0 (cnn_json_string (layer, "class_name", NULL), "InputLayer") == 0)
      continue;
    if (seen++ == index)
      found = layer;
  }
  return seen == n ? found : NULL;
}

static gboolean
is_sequential (JsonObject *layer)
{
  return g_strcmp0 (cnn_json_string (layer, "class_name", NULL), "Sequential") == 0;
}

/* Teachable Machine writes MobileNet in a model in a model, and a second small one behind it. */
static gboolean
is_teachable_machine (JsonObject *model)
{
  JsonObject *features = real_layer (model, 0, 2), *classes = real_layer (model, 1, 2);
  return is_sequential (features) && is_sequential (classes) &&
         cnn_json_array (cnn_json_object (real_layer (features, 0, 2), "config"), "layers") != NULL;
}

/* Names of nested backbones count as well: transfer learning keeps them. */
static CnnPreprocessKind
guess_by_names (JsonObject *model)
{
  JsonObject *config = cnn_json_object (model, "config");
  JsonArray *layers = cnn_json_array (config, "layers");
  CnnPreprocessKind kind = guess_preprocess (cnn_json_string (config, "name", NULL));
  for (guint i = 0; kind == CNN_PREPROCESS_UNKNOWN && layers != NULL && i < json_array_get_length (layers);
       i++) {
    JsonObject *layer = cnn_json_node_object (json_array_get_element (layers, i));
    if (cnn_json_array (cnn_json_object (layer, "config"), "layers") != NULL)
      kind = guess_preprocess (cnn_json_string (cnn_json_object (layer, "config"), "name", NULL));
  }
  return kind;
}

CnnPreprocessKind
cnn_keras_guess_preprocess (const CnnKerasFront *front, JsonObject *model)
{
  CnnPreprocessKind kind = front_wants (front);
  if (kind == CNN_PREPROCESS_UNKNOWN)
    kind = guess_by_names (model);
  if (kind == CNN_PREPROCESS_UNKNOWN && is_teachable_machine (model))
    kind = CNN_PREPROCESS_SIGNED;
  return kind;
}
