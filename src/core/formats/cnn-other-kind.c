/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-other-kind.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/cnn-signature.h"

/* Texts say what they are within their first lines. */
#define HEAD 4096

typedef struct {
  gboolean (*is) (const guint8 *data, gsize size);
  const char *sentence; /* with %s for the file's name */
} OtherKind;

static gboolean
begins (const guint8 *data, gsize size, const char *with, gsize length)
{
  return cnn_signature_at (data, size, 0, with, length);
}

static gboolean
head_has (const guint8 *data, gsize size, const char *what)
{
  return g_strstr_len ((const char *)data, (gssize)MIN (size, HEAD), what) != NULL;
}

/* The first letter of a text that is none of a comment's. */
static char
first_letter (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < MIN (size, HEAD); i++) {
    if (data[i] == '#')
      while (i < MIN (size, HEAD) && data[i] != '\n')
        i++;
    else if (!g_ascii_isspace (data[i]))
      return (char)data[i];
  }
  return '\0';
}

/* The length of a JSON header in eight bytes, and the header. */
static gboolean
is_safetensors (const guint8 *data, gsize size)
{
  guint64 length;

  if (size < 10)
    return FALSE;
  memcpy (&length, data, sizeof length);
  length = GUINT64_FROM_LE (length);
  return length >= 2 && length <= size - 8 && data[8] == '{' && (data[9] == '"' || data[9] == '}');
}

static gboolean
is_gguf (const guint8 *data, gsize size)
{
  return begins (data, size, "GGUF", 4);
}

/* A small version, then a description that begins with an input; ONNX has a producer's name there. */
static gboolean
is_core_ml (const guint8 *data, gsize size)
{
  gsize at = 3;

  if (size < 8 || data[0] != 0x08 || data[1] == 0 || data[1] > 20 || data[2] != 0x12)
    return FALSE;
  while (at < 8 && data[at] >= 0x80)
    at++;
  return at + 1 < size && data[at + 1] == 0x0a;
}

static gboolean
is_prototxt (const guint8 *data, gsize size)
{
  return g_ascii_isalpha (first_letter (data, size)) &&
         (head_has (data, size, "layer {") || head_has (data, size, "layers {") ||
          head_has (data, size, "input_param")) &&
         head_has (data, size, ":");
}

/* A name, and layers as field 100. */
static gboolean
is_caffemodel (const guint8 *data, gsize size)
{
  gsize next = size > 2 ? 2 + (gsize)data[1] : 0;

  return size > 2 && data[0] == 0x0a && data[1] < 0x80 && next + 2 <= size && data[next] == 0xa2 &&
         data[next + 1] == 0x06;
}

/* Nodes, each of which begins with its name and its operator's. */
static gboolean
is_frozen_graph (const guint8 *data, gsize size)
{
  gsize at = 1, op;

  if (size < 8 || data[0] != 0x0a)
    return FALSE;
  while (at < 6 && data[at] >= 0x80)
    at++;
  at++;
  if (at + 2 > size || data[at] != 0x0a || data[at + 1] >= 0x80)
    return FALSE;
  op = at + 2 + data[at + 1];
  return op + 2 < size && data[op] == 0x12 && data[op + 1] > 0 && data[op + 1] < 0x40 &&
         g_ascii_isupper (data[op + 2]);
}

static gboolean
is_open_vino (const guint8 *data, gsize size)
{
  return first_letter (data, size) == '<' && head_has (data, size, "<net ");
}

static gboolean
is_ncnn (const guint8 *data, gsize size)
{
  return begins (data, size, "7767517", 7);
}

static gboolean
is_darknet (const guint8 *data, gsize size)
{
  return first_letter (data, size) == '[' &&
         (head_has (data, size, "[net]") || head_has (data, size, "[network]") ||
          head_has (data, size, "[convolutional]"));
}

static gboolean
is_numpy (const guint8 *data, gsize size)
{
  return begins (data, size, "\x93NUMPY", 6);
}

static gboolean
is_matlab (const guint8 *data, gsize size)
{
  return begins (data, size, "MATLAB 5.0", 10);
}

static gboolean
is_picture (const guint8 *data, gsize size)
{
  return begins (data, size, "\x89PNG\r\n", 6) || begins (data, size, "\xff\xd8\xff", 3) ||
         begins (data, size, "GIF8", 4) ||
         (begins (data, size, "RIFF", 4) && cnn_signature_at (data, size, 8, "WEBP", 4));
}

static const OtherKind kinds[] = {
  { is_picture, N_ ("%s is a picture, not a model: open it as the image.") },
  { is_safetensors, N_ ("%s holds weights only, as safetensors: in Python, load them into the network and "
                        "export that to ONNX with torch.onnx.export(), or save it with model.save().") },
  { is_gguf, N_ ("%s is a language model for llama.cpp (GGUF), not a convolutional network.") },
  { is_numpy, N_ ("%s is an array of NumPy, not a model: open it as the image, or set the weights in Keras "
                  "and save the network with model.save().") },
  { is_matlab, N_ ("%s is a MATLAB file: in MATLAB, export the network with exportONNXNetwork().") },
  { is_core_ml, N_ ("%s is a Core ML model: open the model that it was made from, or convert it to ONNX with "
                    "onnxmltools.") },
  { is_prototxt, N_ ("%s describes a Caffe network without its weights: convert it together with its "
                     ".caffemodel to ONNX, for instance with caffe2onnx.") },
  { is_caffemodel, N_ ("%s holds the weights of a Caffe network: convert it together with its .prototxt to "
                       "ONNX, for instance with caffe2onnx.") },
  { is_frozen_graph, N_ ("%s is a frozen TensorFlow graph: convert it to ONNX with python -m tf2onnx.convert "
                         "--graphdef, naming its inputs and outputs.") },
  { is_open_vino, N_ ("%s is an OpenVINO model: open the model that it was made from, which OpenVINO's tools "
                      "took as ONNX, Keras or TensorFlow.") },
  { is_ncnn, N_ ("%s is an ncnn model: open the ONNX file that it was converted from.") },
  { is_darknet,
    N_ ("%s describes a Darknet network without its weights: convert it together with its .weights "
        "to ONNX, for instance by loading both into PyTorch.") },
};

char *
cnn_other_kind_tell (const guint8 *data, gsize size, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].is (data, size)) {
      g_auto (GStrv) parts = g_strsplit (_ (kinds[i].sentence), "%s", 2);

      return g_strjoinv (name, parts);
    }
  return NULL;
}

char *
cnn_other_kind_tell_folder (const char *path, const char *name)
{
  g_autofree char *manifest = g_build_filename (path, "Manifest.json", NULL);
  g_autofree char *data = g_build_filename (path, "Data", NULL);

  if (!g_file_test (manifest, G_FILE_TEST_IS_REGULAR) || !g_file_test (data, G_FILE_TEST_IS_DIR))
    return NULL;
  return g_strdup_printf (
      _ ("%s is a Core ML package: open the model that it was made from, exported to ONNX "
         "or saved by Keras."),
      name);
}
