/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What networks read from Keras' files compute, against numbers of Keras itself and of another
 * implementation. */
#include "keras-fixture.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "engine/cnn-engine.h"
#include "formats/keras/cnn-keras.h"

/* The numbers of a .npy file of version 1, float32 or float64; NULL where there is none. */
static float *
read_npy (const char *folder, const char *name, gsize *n)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, NULL))
    return NULL;
  g_assert_cmpuint (length, >, 80);
  gboolean wide = g_strstr_len (data + 10, 70, "<f8") != NULL;
  gsize start = 10 + ((guint8)data[8] | (gsize)(guint8)data[9] << 8),
        width = wide ? sizeof (double) : sizeof (float);
  g_assert_true (wide || g_strstr_len (data + 10, 70, "<f4") != NULL);
  *n = (length - start) / width;
  float *numbers = g_new (float, MAX (*n, 1));
  for (gsize i = 0; i < *n; i++) {
    double number;

    memcpy (wide ? (void *)&number : (void *)&numbers[i], data + start + i * width, width);
    if (wide)
      numbers[i] = (float)number;
  }
  return numbers;
}

static guint
argmax (const float *values, gsize n)
{
  gsize best = 0;

  for (gsize i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return (guint)best;
}

static void
compare (const char *what, const float *found, const float *expected, gsize n, double tolerance)
{
  double worst = 0, largest = 0;

  for (gsize i = 0; i < n; i++) {
    worst = fmax (worst, fabs ((double)found[i] - expected[i]));
    largest = fmax (largest, fabs ((double)expected[i]));
  }
  g_test_message ("%s: largest difference %.2g of %.3g", what, worst, largest);
  if (!(worst <= tolerance * largest))
    g_error ("%s: differs by %g, the largest value is %g", what, worst, largest);
}

/* The value for the current input, in the file's order. */
static float *
read_value (CnnEngine *engine, guint value, gsize *n)
{
  CnnModel *model = cnn_engine_get_model (engine);
  g_autoptr (GError) error = NULL;
  *n = cnn_engine_value_size (engine, value);
  g_autofree float *held = g_new (float, *n);
  float *out = g_new (float, *n);

  cnn_engine_read (engine, value, held, NULL, &error);
  g_assert_no_error (error);
  cnn_model_to_framework (model, value, 1, held, out);
  return out;
}

static void
set_input (CnnEngine *engine, const float *numbers)
{
  CnnModel *model = cnn_engine_get_model (engine);
  int image = cnn_model_get_image_input (model);
  const CnnInputInfo *input = cnn_model_get_input (model, image < 0 ? 0 : (guint)image);
  g_autofree float *held = g_new (float, cnn_engine_value_size (engine, input->value));

  cnn_model_from_framework (model, input->value, 1, numbers, held);
  cnn_engine_set_input (engine, held);
}

static float *
json_numbers (JsonObject *array, gsize *n)
{
  JsonArray *data = json_object_get_array_member (array, "data");
  float *numbers;

  *n = json_array_get_length (data);
  numbers = g_new (float, MAX (*n, 1));
  for (gsize i = 0; i < *n; i++)
    numbers[i] = (float)json_array_get_double_element (data, (guint)i);
  return numbers;
}

static char *
json_shape (JsonObject *array)
{
  return json_to_string (json_object_get_member (array, "shape"), FALSE);
}

static const char *const *
param_names (JsonObject *vector)
{
  static const char *const plain[] = { "kernel", "bias" }, *const separable[] = { "depthwise_kernel",
                                                                                  "pointwise_kernel",
                                                                                  "bias" };
  static const char *const normal[] = { "gamma", "beta", "moving_mean", "moving_variance" };
  const char *class_name = json_object_get_string_member (vector, "class_name");
  JsonObject *config = json_object_get_object_member (vector, "config");

  if (g_str_equal (class_name, "SeparableConv2D"))
    return separable;
  if (!g_str_equal (class_name, "BatchNormalization"))
    return plain;
  if (json_object_get_boolean_member (config, "scale"))
    return normal;
  return json_object_get_boolean_member (config, "center") ? normal + 1 : normal + 2;
}

/* The one layer of a test vector as a model of its own. */
static char *
write_vector (JsonObject *vector, const char *folder)
{
  JsonArray *weights = json_object_get_array_member (vector, "weights");
  JsonObject *config = json_object_get_object_member (vector, "config");
  const char *const *names = param_names (vector);
  const char *class_name = json_object_get_string_member (vector, "class_name");
  g_autofree char *in = json_shape (json_object_get_object_member (vector, "input"));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) manifest = g_string_new (NULL);

  json_object_set_string_member (config, "name", "layer");
  for (guint i = 0; i < json_array_get_length (weights); i++) {
    JsonObject *weight = json_array_get_object_element (weights, i);
    gboolean uncentred =
        g_str_equal (class_name, "BatchNormalization") && !json_object_get_boolean_member (config, "scale");
    g_autofree char *shape = json_shape (weight);
    gsize n;
    g_autofree float *numbers = json_numbers (weight, &n);

    g_assert_true (!uncentred || i < 3);
    g_string_append_printf (manifest, "%s{\"name\": \"layer/%s\", \"shape\": %s, \"dtype\": \"float32\"}",
                            i > 0 ? "," : "", names[i], shape);
    g_byte_array_append (bytes, (const guint8 *)numbers, (guint)(n * sizeof (float)));
  }
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), config);
  g_autofree char *settings = json_to_string (node, FALSE);
  g_autofree char *model = g_strdup_printf (
      "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [{\"class_name\": "
      "\"InputLayer\", \"config\": "
      "{\"name\": \"in\", \"batch_input_shape\": [null, %s}}, {\"class_name\": \"%s\", \"config\": %s}]}}",
      in + 1, class_name, settings);

  return fixture_tfjs (folder, model, manifest->str, bytes->data, bytes->len);
}

static void
run_vector (JsonObject *vector)
{
  const char *name = json_object_get_string_member (vector, "name");
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = write_vector (vector, folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  g_autoptr (CnnModel) model = cnn_tfjs_read (path, bytes, NULL, &error);

  g_assert_no_error (error);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  gsize n_in, n_expected, n;
  g_autofree float *input = json_numbers (json_object_get_object_member (vector, "input"), &n_in);
  g_autofree float *expected = json_numbers (json_object_get_object_member (vector, "expected"), &n_expected);

  set_input (engine, input);
  g_autofree float *found = read_value (engine, cnn_model_get_output (model, 0), &n);
  g_assert_cmpuint (n, ==, n_expected);
  compare (name, found, expected, n, 1e-5);
}

static void
test_vectors (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SHARED"), "models", "keras_layer_vectors.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!json_parser_load_from_file (parser, path, NULL)) {
    g_test_skip ("the layer vectors are not here");
    return;
  }
  JsonArray *vectors = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (vectors), ==, 44);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    run_vector (json_array_get_object_element (vectors, i));
}

/* A small network of keras-data/vectors.json with its weights by name. */
static char *
write_network (JsonObject *network, const char *folder)
{
  JsonArray *weights = json_object_get_array_member (network, "weights");
  g_autofree char *config = json_to_string (json_object_get_member (network, "model"), FALSE);
  g_autofree char *json = NULL, *shard = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) manifest = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (weights); i++) {
    JsonObject *weight = json_array_get_object_element (weights, i);
    g_autofree char *shape = json_shape (weight);
    gsize n;
    g_autofree float *numbers = json_numbers (weight, &n);

    g_string_append_printf (manifest, "%s{\"name\": \"%s\", \"shape\": %s, \"dtype\": \"float32\"}",
                            i > 0 ? "," : "", json_object_get_string_member (weight, "name"), shape);
    g_byte_array_append (bytes, (const guint8 *)numbers, (guint)(n * sizeof (float)));
  }
  shard = fixture_bytes (folder, "w.bin", bytes->data, bytes->len);
  json = g_strdup_printf ("{\"modelTopology\": {\"keras_version\": \"%s\", \"model_config\": %s}, "
                          "\"weightsManifest\": [{\"paths\": "
                          "[\"w.bin\"], \"weights\": [%s]}]}",
                          json_object_get_string_member (network, "version"), config, manifest->str);
  return fixture_bytes (folder, "model.json", json, strlen (json));
}

static void
run_network (JsonObject *network)
{
  const char *name = json_object_get_string_member (network, "name");
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = write_network (network, folder);
  g_autoptr (CnnModel) model = fixture_read (path);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  gsize n_in, n_expected, n;
  g_autofree float *input = json_numbers (json_object_get_object_member (network, "input"), &n_in);
  g_autofree float *expected =
      json_numbers (json_object_get_object_member (network, "expected"), &n_expected);

  if (cnn_model_get_unsupported (model) != NULL)
    g_error ("%s: %s", name, cnn_model_get_unsupported (model));
  set_input (engine, input);
  g_autofree float *found = read_value (engine, cnn_model_get_output (model, 0), &n);
  g_assert_cmpuint (n, ==, n_expected);
  compare (name, found, expected, n, 1e-5);
}

static void
test_networks (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "formats", "keras-data", "vectors.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  JsonArray *networks = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (networks); i++)
    run_network (json_array_get_object_element (networks, i));
}

/* The picture of a reference in the network's own units: "x", "x/255" or "x/127.5-1". */
static float *
read_picture (const char *folder, JsonObject *meta, gsize *n)
{
  const char *how = json_object_get_string_member (meta, "preprocess");
  g_autofree char *path = g_build_filename (folder, "image.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_file (path, &error);

  g_assert_no_error (error);
  int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture),
      channels = gdk_pixbuf_get_n_channels (picture);
  float *numbers = g_new (float, (gsize)width *(gsize)height * 3), *out = numbers;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++) {
        float v = gdk_pixbuf_get_pixels (picture)[y * gdk_pixbuf_get_rowstride (picture) + x * channels + c];

        *out++ = g_str_equal (how, "x/255") ? v / 255 : g_str_equal (how, "x/127.5-1") ? v / 127.5f - 1 : v;
      }
  *n = (gsize)(out - numbers);
  return numbers;
}

static CnnModel *
at_reference_size (CnnModel *model, JsonObject *meta)
{
  JsonArray *shape = json_object_get_array_member (meta, "input_shape");
  g_autoptr (GError) error = NULL;

  if (!cnn_model_has_free_size (model))
    return model;
  CnnModel *sized = cnn_model_with_image_size (model, (guint)json_array_get_int_element (shape, 1),
                                               (guint)json_array_get_int_element (shape, 2), &error);
  g_assert_no_error (error);
  g_object_unref (model);
  return sized;
}

static void
test_reference (gconstpointer data)
{
  const char *const *names = data;
  g_autofree char *path = g_build_filename (g_getenv ("CNN_SHARED"), "models", "models", names[0], NULL);
  g_autofree char *folder = g_build_filename (g_getenv ("CNN_SHARED"), "models", "refs", names[1], NULL);
  g_autofree char *meta_path = g_build_filename (folder, "meta.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  gsize n_in, n_logits, n_probabilities, n;

  if (!g_file_test (path, G_FILE_TEST_EXISTS) || !json_parser_load_from_file (parser, meta_path, NULL)) {
    g_test_skip ("the networks and references are not here");
    return;
  }
  JsonObject *meta = json_node_get_object (json_parser_get_root (parser));
  g_autoptr (CnnModel) model = at_reference_size (fixture_read (path), meta);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autofree float *input = read_npy (folder, "input.npy", &n_in);
  if (input == NULL)
    input = read_picture (folder, meta, &n_in);
  g_assert_cmpuint (n_in, ==, cnn_engine_input_size (engine));
  set_input (engine, input);
  g_autofree float *logits = read_npy (folder, "logits.npy", &n_logits),
                   *probabilities = read_npy (folder, "prob.npy", &n_probabilities);
  g_autofree float *scores = read_value (engine, cnn_model_get_score_value (model), &n);
  g_assert_cmpuint (n, ==, n_logits);
  compare ("scores", scores, logits, n, 1e-4);
  g_assert_cmpuint (argmax (scores, n), ==, argmax (logits, n));
  if (cnn_model_get_head (model) == CNN_HEAD_RAW)
    return;
  g_autofree float *output = read_value (engine, cnn_model_get_output (model, 0), &n);
  g_assert_cmpuint (n, ==, n_probabilities);
  compare ("probabilities", output, probabilities, n, 1e-4);
  g_assert_cmpuint (argmax (output, n), ==, argmax (probabilities, n));
}

/* A network with batch normalisation, with predictions by Keras itself. */
static void
test_truth (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CNN_SHARED"), "models", "keras_truth", NULL);
  g_autofree char *path = g_build_filename (folder, "cnn_batch_norm.h5", NULL);
  gsize n_in, n_out;
  g_autofree float *inputs = read_npy (folder, "input.npy", &n_in);

  if (inputs == NULL) {
    g_test_skip ("the network is not here");
    return;
  }
  g_autofree float *predictions = read_npy (folder, "predictions.npy", &n_out);
  g_autoptr (CnnModel) model = fixture_read (path);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  gsize size = cnn_engine_input_size (engine), n;
  g_assert_cmpuint (n_in / size, ==, n_out);
  for (gsize i = 0; i < n_out; i++) {
    set_input (engine, inputs + i * size);
    g_autofree float *found = read_value (engine, cnn_model_get_output (model, 0), &n);
    compare ("prediction", found, predictions + i, 1, 1e-4);
  }
}

int
main (int argc, char **argv)
{
  static const char *const networks[][2] = {
    { "keras/alexej_digit_recognizer.keras", "alexej_digit_recognizer.keras" },
    { "keras/aser_mnist.keras", "aser_mnist.keras" },
    { "keras/babies_squeezenet.h5", "babies_squeezenet.h5" },
    { "keras/cifar10_ResNet20v1_model.h5", "cifar10_ResNet20v1_model.h5" },
    { "keras/emopy_conv_0256.hdf5", "emopy_conv_0256.hdf5" },
    { "keras/fer2013_mini_XCEPTION.102-0.66.hdf5", "fer2013_mini_XCEPTION.102-0.66.hdf5" },
    { "keras/keras1_mnist_cnn_tf.h5", "keras1_mnist_cnn_tf.h5" },
    { "keras/mosquitoes_2.14.keras", "mosquitoes_2.14.keras" },
    { "keras/mtcnn_12net.h5", "mtcnn_12net.h5" },
    { "keras/teachable_machine_waste.h5", "teachable_machine_waste.h5" },
    { "keras/tensorspace_lenet_padded.h5", "tensorspace_lenet_padded.h5" },
    { "keras_zoo/cnn2d_100.h5", "zoo_cnn2d_100.h5" },
    { "keras_zoo/cnn2d_112.h5", "zoo_cnn2d_112.h5" },
    { "keras_zoo/cnn2d_40.h5", "zoo_cnn2d_40.h5" },
    { "keras_zoo/cnn2d_52.h5", "zoo_cnn2d_52.h5" },
    { "keras_zoo/cnn2d_64.h5", "zoo_cnn2d_64.h5" },
    { "keras_zoo/cnn2d_76.h5", "zoo_cnn2d_76.h5" },
    { "tfjs/darknet_tiny/model.json", "darknet_tiny" },
    { "tfjs/doodlenet/model.json", "doodlenet" },
    { "tfjs/tinyvgg/model.json", "tinyvgg" },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/keras-numbers/layer-vectors", test_vectors);
  g_test_add_func ("/formats/keras-numbers/networks", test_networks);
  g_test_add_func ("/formats/keras-numbers/truth", test_truth);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *name = g_strdup_printf ("/formats/keras-numbers/%s", networks[i][1]);
    g_test_add_data_func (name, networks[i], test_reference);
  }
  return g_test_run ();
}
