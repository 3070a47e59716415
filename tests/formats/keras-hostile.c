/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are damaged, wrong or malicious: one clear sentence each, and no memory for what they claim. */
#include "keras-fixture.h"

#include <hdf5.h>
#include <json-glib/json-glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const FixtureWeight good_weights[] = { { "c", "c/kernel:0", 4, { 3, 3, 1, 2 } },
                                              { "c", "c/bias:0", 1, { 2 } },
                                              { NULL } };

#define CONV                                                                                                 \
  "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, "          \
  "\"batch_input_shape\": [null, 8, 8, 1]}}"
#define SEQUENTIAL(layers)                                                                                   \
  "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [" layers "]}}"
#define GOOD SEQUENTIAL (CONV)

static void
refused_h5 (const char *config, const FixtureWeight *weights, int code, const char *word)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", weights);

  fixture_refused (path, code, word);
}

static void
refused_bytes (const char *name, const void *data, gsize size, int code, const char *word)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_bytes (folder, name, data, size);

  fixture_refused (path, code, word);
}

static void
test_good (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, GOOD, "2.4.0", good_weights);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_n_layers (model), ==, 1);
}

static void
test_kinds (void)
{
  static const char tflite[] = "\x1c\0\0\0TFL3\0\0\0\0", pickle[] = "\x80\2}q\0.";
  static const char torch[] = "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0model/data.pkl";
  static const char graph[] =
      "{\"format\": \"graph-model\", \"modelTopology\": {\"node\": []}, \"weightsManifest\": []}";
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *saved = fixture_bytes (folder, "saved_model.pb", "\x08\1", 2);

  refused_bytes ("empty.h5", "", 0, CNN_ERROR_FILE, "empty");
  refused_bytes ("text.h5", "hello, this is no model", 23, CNN_ERROR_FORMAT, "text.h5");
  refused_bytes ("m.tflite", tflite, sizeof tflite, CNN_ERROR_FORMAT, "TensorFlow Lite");
  refused_bytes ("m.pt", pickle, sizeof pickle - 1, CNN_ERROR_FORMAT, "PyTorch");
  refused_bytes ("m.pth", torch, sizeof torch - 1, CNN_ERROR_FORMAT, "PyTorch");
  refused_bytes ("model.json", graph, strlen (graph), CNN_ERROR_FORMAT, "graph model");
  refused_bytes ("model.json", "{\"a\": 1}", 8, CNN_ERROR_FORMAT, "modelTopology");
  refused_bytes ("model.json", GOOD, strlen (GOOD), CNN_ERROR_FORMAT, "without its weights");
  fixture_refused (folder, CNN_ERROR_FORMAT, "SavedModel");
  fixture_refused ("/nonexistent/model.h5", CNN_ERROR_FILE, "model.h5");
}

/* Files of other programs: what they are, and how to come by one that can be opened. */
static void
test_other_kinds (void)
{
#define BYTES(text) text, sizeof (text) - 1
  const struct {
    const char *name, *data;
    gsize size;
    const char *word;
  } kinds[] = {
    { "m.safetensors", BYTES ("\x07\0\0\0\0\0\0\0{\"a\":1}"), "safetensors" },
    { "m.gguf", BYTES ("GGUF\3\0\0\0"), "GGUF" },
    { "m.npy", BYTES ("\x93NUMPY\1\0"), "NumPy" },
    { "m.mat", BYTES ("MATLAB 5.0 MAT-file"), "exportONNXNetwork" },
    { "m.mlmodel", BYTES ("\x08\4\x12\x09\x0a\7\x0a\5image\0\0"), "Core ML" },
    { "m.prototxt", BYTES ("name: \"LeNet\"\nlayer {\n  name: \"data\"\n}\n"), "Caffe" },
    { "m.caffemodel", BYTES ("\x0a\5LeNet\xa2\6\x10\0\0\0"), "Caffe" },
    { "m.pb", BYTES ("\x0a\x14\x0a\5input\x12\x0bPlaceholder"), "--graphdef" },
    { "m.xml", BYTES ("<?xml version=\"1.0\"?>\n<net name=\"m\"></net>"), "OpenVINO" },
    { "m.param", BYTES ("7767517\n75 83\n"), "ncnn" },
    { "m.cfg", BYTES ("# a net\n[net]\nbatch=1\n"), "Darknet" },
    { "m.png", BYTES ("\x89PNG\r\n\x1a\n"), "picture" },
  };
#undef BYTES

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    refused_bytes (kinds[i].name, kinds[i].data, kinds[i].size, CNN_ERROR_FORMAT, kinds[i].word);
}

static void
test_core_ml_package (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *manifest = fixture_bytes (folder, "Manifest.json", "{}", 2);
  g_autofree char *data = g_build_filename (folder, "Data", NULL);

  g_assert_cmpint (g_mkdir (data, 0700), ==, 0);
  fixture_refused (folder, CNN_ERROR_FORMAT, "Core ML");
  g_rmdir (data);
}

/* Whatever is cut off, there is no network and no crash. */
static void
test_truncated (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, GOOD, "2.4.0", good_weights), *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (gsize n = 8; n < size; n += 61) {
    g_autoptr (GError) error = NULL;
    g_autofree char *cut = fixture_bytes (folder, "cut.h5", data, n);

    g_assert_null (cnn_model_read (cut, NULL, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == CNN_ERROR);
  }
}

/* Bytes that were changed may give another network or none, but never a crash. */
static void
test_flipped_bytes (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, GOOD, "2.4.0", good_weights), *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (gsize i = 8; i < size; i += 23) {
    g_autoptr (GError) error = NULL;
    char before = data[i];

    data[i] = (char)(before ^ (char)(i % 7 == 0 ? 0xff : 0x41));
    g_autofree char *changed = fixture_bytes (folder, "changed.h5", data, size);
    CnnModel *model = cnn_model_read (changed, NULL, &error);
    g_assert_true ((model == NULL) == (error != NULL));
    g_clear_object (&model);
    data[i] = before;
  }
}

static void
test_weights (void)
{
  static const FixtureWeight wrong[] = { { "c", "c/kernel:0", 4, { 3, 3, 2, 2 } },
                                         { "c", "c/bias:0", 1, { 2 } },
                                         { NULL } };
  static const FixtureWeight rank[] = { { "c", "c/kernel:0", 2, { 9, 2 } },
                                        { "c", "c/bias:0", 1, { 2 } },
                                        { NULL } };
  static const FixtureWeight missing[] = { { "c", "c/kernel:0", 4, { 3, 3, 1, 2 } }, { NULL } };
  static const FixtureWeight other[] = { { "x", "x/kernel:0", 4, { 3, 3, 1, 2 } }, { NULL } };
  static const FixtureWeight huge[] = { { "u", "u/w:0", 2, { 1 << 20, 1 << 20 } }, { NULL } };

  refused_h5 (GOOD, wrong, CNN_ERROR_WEIGHTS, "3x3x2x2");
  refused_h5 (GOOD, rank, CNN_ERROR_WEIGHTS, "9x2");
  refused_h5 (GOOD, missing, CNN_ERROR_WEIGHTS, "bias");
  refused_h5 (GOOD, other, CNN_ERROR_WEIGHTS, "kernel");
  refused_h5 (GOOD, NULL, CNN_ERROR_WEIGHTS, "kernel");
  refused_h5 (NULL, NULL, CNN_ERROR_FORMAT, "no Keras model");
  /* 2^40 numbers that are declared, but not there */
  refused_h5 (SEQUENTIAL ("{\"class_name\": \"PReLU\", \"config\": {\"name\": \"u\", \"batch_input_shape\": "
                          "[null, 1048576, 1048576]}}"),
              huge, CNN_ERROR_MODEL, "");
}

/* The declared size fits the layer, the numbers are missing. */
static void
test_hollow_weight (void)
{
  static const FixtureWeight hollow[] = { { "d", "d/kernel:0", 2, { 1 << 20, 1 << 10 } },
                                          { "d", "d/bias:0", 1, { 1 << 10 } },
                                          { NULL } };

  refused_h5 (SEQUENTIAL ("{\"class_name\": \"Flatten\", \"config\": {\"name\": \"f\", "
                          "\"batch_input_shape\": [null, 1024, 1024, 1]}},"
                          "{\"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"units\": 1024}}"),
              hollow, CNN_ERROR_WEIGHTS, "kernel");
}

/* A weight that lies in another file must not be read. */
static void
test_outside_hdf5 (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, GOOD, "2.4.0", good_weights),
                  *other = g_build_filename (folder, "other.h5", NULL);
  hid_t file = H5Fcreate (other, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hsize_t dims[] = { 3, 3, 1, 2 };
  hid_t space = H5Screate_simple (4, dims, NULL), set;

  set = H5Dcreate2 (file, "k", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dclose (set);
  H5Fclose (file);
  file = H5Fopen (path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete (file, "model_weights/c/c/kernel:0", H5P_DEFAULT);
  H5Lcreate_external (other, "k", file, "model_weights/c/c/kernel:0", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose (file);
  fixture_refused (path, CNN_ERROR_WEIGHTS, "kernel");

  file = H5Fopen (path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete (file, "model_weights/c/c/kernel:0", H5P_DEFAULT);
  hid_t list = H5Pcreate (H5P_DATASET_CREATE);
  H5Pset_external (list, "/etc/passwd", 0, 72);
  set =
      H5Dcreate2 (file, "model_weights/c/c/kernel:0", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  H5Dclose (set);
  H5Pclose (list);
  H5Sclose (space);
  H5Fclose (file);
  fixture_refused (path, CNN_ERROR_WEIGHTS, "kernel");
}

#define IN                                                                                                   \
  "{\"class_name\": \"InputLayer\", \"name\": \"in\", \"config\": {\"name\": \"in\", "                       \
  "\"batch_input_shape\": [null, 8, 8, 1]}, \"inbound_nodes\": []}"
#define ADD(name, a, b)                                                                                      \
  "{\"class_name\": \"Add\", \"name\": \"" name "\", \"config\": {\"name\": \"" name                         \
  "\"}, \"inbound_nodes\": [[[\"" a "\", 0, 0, {}], [\"" b "\", 0, 0, {}]]]}"
#define FUNCTIONAL(layers, out)                                                                              \
  "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": [" layers                           \
  "], \"input_layers\": [[\"in\", 0, 0]], \"output_layers\": [[\"" out "\", 0, 0]]}}"

static void
test_graphs (void)
{
  static const struct {
    const char *config;
    int code;
    const char *word;
  } cases[] = {
    { FUNCTIONAL (IN ", " ADD ("a", "in", "b") ", " ADD ("b", "a", "in"), "b"), CNN_ERROR_MODEL, "circle" },
    { FUNCTIONAL (IN ", " ADD ("a", "in", "a"), "a"), CNN_ERROR_MODEL, "circle" },
    { FUNCTIONAL (IN ", " ADD ("a", "in", "ghost"), "a"), CNN_ERROR_MODEL, "ghost" },
    { FUNCTIONAL (IN ", " ADD ("a", "in", "in"), "ghost"), CNN_ERROR_MODEL, "ghost" },
    { FUNCTIONAL (IN ", " ADD ("a", "in", "in") ", " ADD ("a", "in", "in"), "a"), CNN_ERROR_MODEL, "“a”" },
    { FUNCTIONAL (ADD ("a", "in", "in"), "a"), CNN_ERROR_MODEL, "in" },
    { FUNCTIONAL (IN ", {\"class_name\": \"ReLU\", \"name\": \"r\", \"config\": {\"name\": \"r\"}, "
                     "\"inbound_nodes\": []}",
                  "r"),
      CNN_ERROR_MODEL, "r" },
    { FUNCTIONAL (IN ", {\"name\": \"r\"}", "r"), CNN_ERROR_MODEL, "class" },
    { SEQUENTIAL (""), CNN_ERROR_MODEL, "0 layers" },
    { SEQUENTIAL ("{\"class_name\": \"ReLU\", \"config\": {\"name\": \"r\"}}"), CNN_ERROR_MODEL, "input" },
    { SEQUENTIAL ("7"), CNN_ERROR_MODEL, "class" },
    { "{\"class_name\": \"MyNet\", \"config\": {}}", CNN_ERROR_UNSUPPORTED, "MyNet" },
    { "{\"class_name\": \"Sequential\"}", CNN_ERROR_UNSUPPORTED, "Sequential" },
    { "[1, 2]", CNN_ERROR_MODEL, "JSON" },
    { "{\"class_name\": ", CNN_ERROR_FILE, "JSON" },
    { "", CNN_ERROR_FILE, "JSON" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    refused_h5 (cases[i].config, good_weights, cases[i].code, cases[i].word);
}

static void
test_settings (void)
{
  static const struct {
    const char *layer;
    int code;
    const char *word;
  } cases[] = {
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": -2, \"kernel_size\": 3, %s}}",
      CNN_ERROR_MODEL, "filters" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 1e30, \"kernel_size\": 3, "
      "%s}}",
      CNN_ERROR_MODEL, "filters" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": [3, 0], "
      "%s}}",
      CNN_ERROR_MODEL, "kernel_size" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": [3], %s}}",
      CNN_ERROR_MODEL, "kernel_size" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, "
      "\"strides\": 0, %s}}",
      CNN_ERROR_MODEL, "strides" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, "
      "\"groups\": 5, %s}}",
      CNN_ERROR_MODEL, "groups" },
    { "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, "
      "\"padding\": \"odd\", %s}}",
      CNN_ERROR_MODEL, "odd" },
    { "{\"class_name\": \"MaxPooling2D\", \"config\": {\"name\": \"p\", \"pool_size\": 99, %s}}",
      CNN_ERROR_MODEL, "“p”" },
    { "{\"class_name\": \"Reshape\", \"config\": {\"name\": \"r\", \"target_shape\": [-3, 4], %s}}",
      CNN_ERROR_MODEL, "target_shape" },
    { "{\"class_name\": \"Reshape\", \"config\": {\"name\": \"r\", \"target_shape\": [-1, -1], %s}}",
      CNN_ERROR_MODEL, "target_shape" },
    { "{\"class_name\": \"Reshape\", \"config\": {\"name\": \"r\", \"target_shape\": [3, 1099511627776], "
      "%s}}",
      CNN_ERROR_MODEL, "“r”" },
    { "{\"class_name\": \"ZeroPadding2D\", \"config\": {\"name\": \"z\", \"padding\": [[1, -1], [1, 1]], "
      "%s}}",
      CNN_ERROR_MODEL, "padding" },
    { "{\"class_name\": \"Cropping2D\", \"config\": {\"name\": \"z\", \"cropping\": 4, %s}}", CNN_ERROR_MODEL,
      "“z”" },
    { "{\"class_name\": \"UpSampling2D\", \"config\": {\"name\": \"u\", \"size\": 1000000, %s}}",
      CNN_ERROR_MODEL, "“u”" },
    { "{\"class_name\": \"Permute\", \"config\": {\"name\": \"p\", \"dims\": [1, 1, 2], %s}}",
      CNN_ERROR_MODEL, "“p”" },
    { "{\"class_name\": \"BatchNormalization\", \"config\": {\"name\": \"b\", \"axis\": 9, %s}}",
      CNN_ERROR_MODEL, "axis" },
    { "{\"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"units\": null, %s}}", CNN_ERROR_MODEL,
      "units" },
    { "{\"class_name\": \"Add\", \"config\": {\"name\": \"a\", %s}}", CNN_ERROR_MODEL, "two inputs" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (GStrv) parts = g_strsplit (cases[i].layer, "%s", 2);
    g_autofree char *layer = g_strjoinv ("\"batch_input_shape\": [null, 8, 8, 1]", parts);
    g_autofree char *config = g_strdup_printf (SEQUENTIAL ("%s"), layer);

    refused_h5 (config, good_weights, cases[i].code, cases[i].word);
  }
}

/* Functions as layers, with more numbers than they take, or such that counting on from them leaves 64 bits.
 */
static void
test_functions (void)
{
  static const struct {
    const char *function, *arguments;
  } cases[] = {
    { "roll", "\"shift\": 1, \"axis\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "roll", "\"shift\": [1, 2, 3, 1, 2, 3, 1, 2], \"axis\": 1" },
    { "repeat", "\"repeats\": [1, 2, 3, 1, 2, 3, 1, 2], \"axis\": 1" },
    { "cumsum", "\"axis\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "norm", "\"axis\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "expand_dims", "\"axis\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "swapaxes", "\"axis1\": [1, 2, 3, 1, 2, 3, 1, 2], \"axis2\": 2" },
    { "depth_to_space", "\"block_size\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "take", "\"indices\": [9223372036854775807], \"axis\": 1" },
    { "take", "\"indices\": 0, \"axis\": [1, 2, 3, 1, 2, 3, 1, 2]" },
    { "slice", "\"begin\": [0, 0, 0, 0], \"size\": [1, -9223372036854775808, 1, 1]" },
    { "getitem",
      "\"slice_spec\": [{\"start\": 9223372036854775807, \"stop\": -9223372036854775808, \"step\": 1}]" },
    { "split", "\"num_or_size_splits\": [9223372036854775807, 9223372036854775807], \"axis\": 1" },
  };
  static const FixtureWeight weights[] = { { NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FixtureFolder) folder = fixture_folder ();
    g_autofree char *layer = g_strdup_printf (
        "{\"class_name\": \"TFOpLambda\", \"name\": \"f\", \"config\": {\"name\": \"f\", \"function\": "
        "\"%s\"}, \"inbound_nodes\": [[[\"in\", 0, 0, {%s}]]]}",
        cases[i].function, cases[i].arguments);
    g_autofree char *config = fixture_functional ("m", "4, 6, 3", layer, "f");
    g_autofree char *path = fixture_h5 (folder, config, "2.11.0", weights);
    g_autoptr (CnnModel) model = fixture_read (path);

    g_test_message ("%s (%s)", cases[i].function, cases[i].arguments);
    g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "“f”"));
  }
}

static void
test_inputs (void)
{
  static const struct {
    const char *shape, *word;
  } cases[] = { { "[null, -8, 8, 1]", "impossible" },
                { "[null, 0, 8, 1]", "impossible" },
                { "[null, 1099511627776, 8, 1]", "" },
                { "[null, 1048576, 1048576, 1048576]", "" },
                { "[null]", "axes" },
                { "[null, 1, 1, 1, 1, 1, 1, 1, 1]", "axes" },
                { "[null, 12]", "takes no picture" },
                { "[null, \"x\", 8, 1]", "impossible" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *config = g_strdup_printf (
        SEQUENTIAL ("{\"class_name\": \"ReLU\", \"config\": {\"name\": \"r\", \"batch_input_shape\": %s}}"),
        cases[i].shape);

    refused_h5 (config, NULL, CNN_ERROR_MODEL, cases[i].word);
  }
}

static void
test_deep_json (void)
{
  g_autoptr (GString) text = g_string_new ("{\"modelTopology\": ");

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, i % 2 == 0 ? "[" : "{\"a\": ");
  refused_bytes ("model.json", text->str, text->len, CNN_ERROR_FILE, "levels deep");
  refused_h5 (text->str, NULL, CNN_ERROR_FILE, "levels deep");
}

static void
test_nested_models (void)
{
  g_autoptr (GString) config = g_string_new (NULL);
  guint depth = 24;

  for (guint i = 0; i < depth; i++)
    g_string_append_printf (
        config,
        "{\"class_name\": \"Sequential\", \"name\": \"s%u\", \"config\": {\"name\": \"s%u\", \"layers\": [",
        i, i);
  g_string_append (
      config,
      "{\"class_name\": \"ReLU\", \"config\": {\"name\": \"r\", \"batch_input_shape\": [null, 8, 8, 1]}}");
  for (guint i = 0; i < depth; i++)
    g_string_append (config, "]}}");
  {
    g_autoptr (FixtureFolder) folder = fixture_folder ();
    g_autofree char *path = fixture_h5 (folder, config->str, "2.4.0", NULL);
    g_autoptr (CnnModel) model = fixture_read (path);

    g_assert_cmpuint (cnn_model_get_n_layers (model), ==, 1);
  }
  for (guint i = 0; i < 20; i++) {
    g_string_prepend (config, "{\"class_name\": \"Sequential\", \"config\": {\"batch_input_shape\": [null, "
                              "8, 8, 1], \"layers\": [");
    g_string_append (config, "]}}");
  }
  refused_h5 (config->str, NULL, CNN_ERROR_MODEL, "levels deep");
}

static void
refused_tfjs (const char *weights, gsize size, int code, const char *word)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  static const guint8 bytes[256];
  g_autofree char *path = fixture_tfjs (folder, GOOD, weights, bytes, size);

  fixture_refused (path, code, word);
}

#define KERNEL(shape, more) "{\"name\": \"c/kernel\", \"shape\": " shape ", \"dtype\": \"float32\"" more "}"
#define BIAS "{\"name\": \"c/bias\", \"shape\": [2], \"dtype\": \"float32\"}"

static void
test_tfjs (void)
{
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", "") "," BIAS, 79, CNN_ERROR_WEIGHTS, "c/bias");
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", "") "," BIAS, 0, CNN_ERROR_WEIGHTS, "c/kernel");
  refused_tfjs (KERNEL ("[3, 3, 1, 3]", "") "," BIAS, 200, CNN_ERROR_WEIGHTS, "3x3x1x3");
  refused_tfjs (KERNEL ("[1048576, 1048576]", "") "," BIAS, 200, CNN_ERROR_WEIGHTS, "c/kernel");
  refused_tfjs (KERNEL ("[3, 3, -1, -2]", "") "," BIAS, 200, CNN_ERROR_WEIGHTS, "c/kernel");
  refused_tfjs (KERNEL ("[4294967296, 4294967296, 4294967296]", "") "," BIAS, 200, CNN_ERROR_WEIGHTS,
                "c/kernel");
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", ", \"quantization\": {\"dtype\": \"int3\"}") "," BIAS, 200,
                CNN_ERROR_WEIGHTS, "int3");
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", ", \"quantization\": {\"dtype\": \"uint8\"}") "," BIAS, 200,
                CNN_ERROR_WEIGHTS, "quantized");
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", ", \"quantization\": 8") "," BIAS, 200, CNN_ERROR_WEIGHTS,
                "quantized");
  refused_tfjs (KERNEL ("[3, 3, 1, 2]", ""), 200, CNN_ERROR_WEIGHTS, "bias");
  refused_tfjs (BIAS "," BIAS, 200, CNN_ERROR_WEIGHTS, "Two weights");
  refused_tfjs ("7", 200, CNN_ERROR_WEIGHTS, "");
}

static void
test_tfjs_paths (void)
{
  static const char *const shards[] = {
    "../secret.bin", "/etc/passwd", "a/../../secret.bin", "..\\\\secret.bin", "link.bin", "missing.bin", ""
  };
  g_autoptr (FixtureFolder) outer = fixture_folder ();
  static const guint8 numbers[200];
  g_autofree char *folder = g_build_filename (outer, "model", NULL),
                  *link = g_build_filename (folder, "link.bin", NULL);
  g_autofree char *secret = fixture_bytes (outer, "secret.bin", numbers, sizeof numbers);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_cmpint (symlink (secret, link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (shards); i++) {
    g_autofree char *json = g_strdup_printf (
        "{\"modelTopology\": %s, \"weightsManifest\": [{\"paths\": [\"%s\"], \"weights\": [%s]}]}", GOOD,
        shards[i], KERNEL ("[3, 3, 1, 2]", "") "," BIAS);
    g_autofree char *path = fixture_bytes (folder, "model.json", json, strlen (json));

    fixture_refused (path, CNN_ERROR_FILE,
                     g_str_equal (shards[i], "missing.bin") ? "cannot be read" : "folder");
  }
}

/* The same file over and over would be mapped each time. */
static void
test_tfjs_many_shards (void)
{
  static const guint8 numbers[200];
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autoptr (GString) json =
      g_string_new ("{\"modelTopology\": " GOOD ", \"weightsManifest\": [{\"paths\": [");
  g_autofree char *shard = fixture_bytes (folder, "w.bin", numbers, sizeof numbers), *path = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (json, i == 0 ? "\"w.bin\"" : ", \"w.bin\"");
  g_string_append (json, "], \"weights\": [" KERNEL ("[3, 3, 1, 2]", "") "," BIAS "]}]}");
  path = fixture_bytes (folder, "model.json", json->str, json->len);
  fixture_refused (path, CNN_ERROR_WEIGHTS, "100000");
}

/* The zip at @path says that its only part is encrypted, in both places. */
static void
mark_encrypted (const char *path)
{
  char *data;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (gsize i = 0; i + 10 < size; i++)
    if (memcmp (data + i, "PK\3\4", 4) == 0)
      data[i + 6] |= 1;
    else if (memcmp (data + i, "PK\1\2", 4) == 0)
      data[i + 8] |= 1;
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  g_free (data);
}

static void
test_encrypted_zip (void)
{
  for (gboolean deflate = FALSE; deflate <= TRUE; deflate++) {
    g_autoptr (FixtureFolder) folder = fixture_folder ();
    g_autofree char *path = fixture_zip (folder, deflate, "config.json", GOOD, strlen (GOOD), NULL);

    mark_encrypted (path);
    fixture_refused (path, CNN_ERROR_FILE, "is encrypted: its part config.json");
  }
}

static void
test_zip (void)
{
  static const char broken[] = "PK\3\4 this is not a zip at all";
  g_autofree char *zeros = g_malloc0 (48 << 20);
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = NULL;

  refused_bytes ("m.keras", broken, sizeof broken, CNN_ERROR_FILE, "damaged");
  path = fixture_zip (folder, TRUE, "readme.txt", "hello", (gsize)5, NULL);
  fixture_refused (path, CNN_ERROR_FORMAT, "config.json");
  g_free (path);
  path = fixture_zip (folder, TRUE, "config.json", GOOD, strlen (GOOD), NULL);
  fixture_refused (path, CNN_ERROR_WEIGHTS, "model.weights.h5");
  g_free (path);
  path = fixture_zip (folder, TRUE, "config.json", GOOD, strlen (GOOD), "model.weights.h5", "junk", (gsize)4,
                      NULL);
  fixture_refused (path, CNN_ERROR_FILE, "model.weights.h5");
  /* 48 MB of zeros in some 50 KB */
  g_free (path);
  path = fixture_zip (folder, TRUE, "config.json", GOOD, strlen (GOOD), "model.weights.h5", zeros,
                      (gsize)48 << 20, NULL);
  fixture_refused (path, CNN_ERROR_FILE, "unpacks to far more");
  g_free (path);
  path = fixture_zip (folder, TRUE, "config.json", zeros, (gsize)48 << 20, NULL);
  fixture_refused (path, CNN_ERROR_FILE, "unpacks to far more");
}

static void
test_shared_negatives (void)
{
  static const struct {
    const char *file;
    int code;
    const char *word;
  } cases[] = { { "weights_only_Meso4_DF.h5", CNN_ERROR_FORMAT, "weights only" },
                { "graph_model/model.json", CNN_ERROR_FORMAT, "graph model" },
                { "not_a_cnn.keras", CNN_ERROR_MODEL, "takes no picture" } };
  g_autofree char *folder = g_build_filename (g_getenv ("CNN_SHARED"), "models", "models", "negative", NULL);

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("the files are not here");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_build_filename (folder, cases[i].file, NULL);

    fixture_refused (path, cases[i].code, cases[i].word);
  }
  g_autofree char *path = g_build_filename (folder, "lambda_keras1_carnd.hdf5", NULL);
  g_autoptr (CnnModel) model = fixture_read (path);
  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "lambda_"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
  g_test_add_func ("/formats/keras-hostile/good", test_good);
  g_test_add_func ("/formats/keras-hostile/kinds", test_kinds);
  g_test_add_func ("/formats/keras-hostile/other-kinds", test_other_kinds);
  g_test_add_func ("/formats/keras-hostile/core-ml-package", test_core_ml_package);
  g_test_add_func ("/formats/keras-hostile/truncated", test_truncated);
  g_test_add_func ("/formats/keras-hostile/flipped-bytes", test_flipped_bytes);
  g_test_add_func ("/formats/keras-hostile/weights", test_weights);
  g_test_add_func ("/formats/keras-hostile/hollow-weight", test_hollow_weight);
  g_test_add_func ("/formats/keras-hostile/outside-hdf5", test_outside_hdf5);
  g_test_add_func ("/formats/keras-hostile/graphs", test_graphs);
  g_test_add_func ("/formats/keras-hostile/settings", test_settings);
  g_test_add_func ("/formats/keras-hostile/functions", test_functions);
  g_test_add_func ("/formats/keras-hostile/inputs", test_inputs);
  g_test_add_func ("/formats/keras-hostile/deep-json", test_deep_json);
  g_test_add_func ("/formats/keras-hostile/nested-models", test_nested_models);
  g_test_add_func ("/formats/keras-hostile/tfjs", test_tfjs);
  g_test_add_func ("/formats/keras-hostile/tfjs-paths", test_tfjs_paths);
  g_test_add_func ("/formats/keras-hostile/tfjs-many-shards", test_tfjs_many_shards);
  g_test_add_func ("/formats/keras-hostile/zip", test_zip);
  g_test_add_func ("/formats/keras-hostile/encrypted-zip", test_encrypted_zip);
  g_test_add_func ("/formats/keras-hostile/shared-negatives", test_shared_negatives);
  return g_test_run ();
}
