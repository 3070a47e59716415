/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Keras readers make of networks: layers, shapes, weights, dialects, nesting. */
#include "keras-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "formats/cnn-file-hash.h"

static const CnnLayer *
find_layer (CnnModel *model, const char *name)
{
  int index = cnn_model_find_layer (model, name);

  if (index < 0)
    g_error ("no layer %s", name);
  return cnn_model_get_layer (model, (guint)index);
}

static void
check_shape (CnnModel *model, const char *layer, const char *expected)
{
  CnnShape shape;
  g_autofree char *text = NULL;

  cnn_model_get_framework_shape (model, find_layer (model, layer)->output, &shape);
  text = cnn_shape_to_keras (&shape);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_digits (void)
{
  static const struct {
    const char *name, *type, *shape;
    guint64 params;
  } table[] = { { "conv2d_1", "Conv2D", "(None, 26, 26, 32)", 320 },
                { "conv2d_2", "Conv2D", "(None, 24, 24, 64)", 18496 },
                { "max_pooling2d_1", "MaxPooling2D", "(None, 12, 12, 64)", 0 },
                { "dropout_1", "Dropout", "(None, 12, 12, 64)", 0 },
                { "flatten_1", "Flatten", "(None, 9216)", 0 },
                { "dense_1", "Dense", "(None, 128)", 1179776 },
                { "dropout_2", "Dropout", "(None, 128)", 0 },
                { "preds", "Dense", "(None, 10)", 1290 } };
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "data", "models", "digits.h5", NULL);
  g_autoptr (CnnModel) model = fixture_read (path);
  const CnnLayer *last;

  g_assert_cmpstr (cnn_model_get_format (model), ==, "Keras HDF5");
  g_assert_cmpuint (strlen (cnn_model_get_hash (model)), ==, 64);
  g_assert_cmpuint (cnn_model_get_n_layers (model), ==, G_N_ELEMENTS (table));
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);

    g_assert_cmpstr (layer->name, ==, table[i].name);
    g_assert_cmpstr (layer->type, ==, table[i].type);
    g_assert_cmpuint (layer->trainable_params, ==, table[i].params);
    check_shape (model, table[i].name, table[i].shape);
  }
  g_assert_cmpuint (cnn_model_get_trainable_params (model), ==, 1199882);
  g_assert_cmpuint (cnn_model_get_non_trainable_params (model), ==, 0);
  g_assert_cmpuint (cnn_model_get_n_classes (model), ==, 10);
  g_assert_cmpint (cnn_model_get_head (model), ==, CNN_HEAD_SOFTMAX);
  last = find_layer (model, "preds");
  g_assert_cmpstr (last->activation, ==, "softmax");
  g_assert_cmpuint (cnn_model_get_score_value (model), ==, last->pre_activation);
  g_assert_cmpuint (last->pre_activation, !=, last->output);
}

/* The kernel (rows, columns, in, out) of the file is held as (out, in, rows, columns), and stays where it is.
 */
static void
test_kernel (void)
{
  static const FixtureWeight weights[] = { { "c", "c/kernel:0", 4, { 2, 3, 4, 5 } },
                                           { "c", "c/bias:0", 1, { 5 } },
                                           { NULL } };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (
      folder,
      "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Conv2D\", \"config\": {\"name\": "
      "\"c\", \"filters\": 5, \"kernel_size\": [2, 3], \"batch_input_shape\": [null, 8, 9, 4]}}]}",
      "2.2.4", weights);
  g_autoptr (CnnModel) model = fixture_read (path);
  const CnnLayer *layer = find_layer (model, "c");
  const CnnWeight *kernel = layer->weights->pdata[0];
  const CnnTensor *tensor = kernel->tensor;

  g_assert_cmpuint (layer->weights->len, ==, 2);
  g_assert_cmpstr (kernel->name, ==, "kernel");
  g_assert_cmpint (tensor->shape.dims[0], ==, 5);
  g_assert_cmpint (tensor->shape.dims[1], ==, 4);
  g_assert_cmpint (tensor->shape.dims[2], ==, 2);
  g_assert_cmpint (tensor->shape.dims[3], ==, 3);
  g_assert_cmpint (tensor->strides[0], ==, 1);
  g_assert_cmpint (tensor->strides[2], ==, 60);
  /* row 1, column 2, in 3, out 4 is the last of the file's 120 numbers */
  g_assert_cmpfloat_with_epsilon (tensor->data[4 * tensor->strides[0] + 3 * tensor->strides[1] +
                                               tensor->strides[2] + 2 * tensor->strides[3]],
                                  1.2f, 1e-6f);
  check_shape (model, "c", "(None, 7, 7, 5)");
}

#define BN(name)                                                                                             \
  "{\"class_name\": \"BatchNormalization\", \"config\": {\"name\": \"" name                                  \
  "\", \"axis\": -1, \"epsilon\": 0.001}"

static void
test_functional (void)
{
  static const char config[] =
      "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": ["
      "{\"class_name\": \"Add\", \"name\": \"add\", \"config\": {\"name\": \"add\"}, \"inbound_nodes\": "
      "[[[\"in\", 0, 0, {}], [\"bn\", 0, 0, {}]]]},"
      "{\"class_name\": \"GlobalAveragePooling2D\", \"name\": \"gap\", \"config\": {\"name\": \"gap\"}, "
      "\"inbound_nodes\": [[[\"add\", 0, 0, {}]]]},"
      "{\"class_name\": \"InputLayer\", \"name\": \"in\", \"config\": {\"name\": \"in\", "
      "\"batch_input_shape\": [null, 6, 6, 3]}, \"inbound_nodes\": []}," BN (
          "bn") ", \"name\": \"bn\", \"inbound_nodes\": [[[\"in\", 0, 0, {}]]]}],"
                "\"input_layers\": [[\"in\", 0, 0]], \"output_layers\": [[\"gap\", 0, 0]]}}";
  static const FixtureWeight weights[] = { { "bn", "bn/gamma:0", 1, { 3 } },
                                           { "bn", "bn/beta:0", 1, { 3 } },
                                           { "bn", "bn/moving_mean:0", 1, { 3 } },
                                           { "bn", "bn/moving_variance:0", 1, { 3 } },
                                           { NULL } };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.2.4", weights);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_n_layers (model), ==, 4);
  g_assert_cmpuint (cnn_model_get_trainable_params (model), ==, 6);
  g_assert_cmpuint (cnn_model_get_non_trainable_params (model), ==, 6);
  g_assert_cmpuint (find_layer (model, "add")->inbound->len, ==, 2);
  check_shape (model, "add", "(None, 6, 6, 3)");
  check_shape (model, "gap", "(None, 3)");
}

/* A model in a model, called twice: its weights count once. */
static void
test_nested_shared (gconstpointer kind)
{
  static const char config[] =
      "{\"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": ["
      "{\"class_name\": \"InputLayer\", \"name\": \"a\", \"config\": {\"name\": \"a\", "
      "\"batch_input_shape\": [null, 6, 6, 1]}, \"inbound_nodes\": []},"
      "{\"class_name\": \"Activation\", \"name\": \"b\", \"config\": {\"name\": \"b\", \"activation\": "
      "\"tanh\"}, \"inbound_nodes\": [[[\"a\", 0, 0, {}]]]},"
      "{\"class_name\": \"Sequential\", \"name\": \"inner\", \"config\": {\"name\": \"inner\", \"layers\": ["
      "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"i\", \"batch_input_shape\": [null, 6, 6, "
      "1]}},"
      "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 2, \"kernel_size\": 3, "
      "\"activation\": \"relu\"}}]},"
      "\"inbound_nodes\": [[[\"a\", 0, 0, {}]], [[\"b\", 0, 0, {}]]]},"
      "{\"class_name\": \"Concatenate\", \"name\": \"cat\", \"config\": {\"name\": \"cat\", \"axis\": -1}, "
      "\"inbound_nodes\": [[[\"inner\", 0, 0, {}], [\"inner\", 1, 0, {}]]]},"
      "{\"class_name\": \"Flatten\", \"name\": \"f\", \"config\": {\"name\": \"f\"}, \"inbound_nodes\": "
      "[[[\"cat\", 0, 0, {}]]]}],"
      "\"input_layers\": [[\"a\", 0, 0]], \"output_layers\": [[\"f\", 0, 0]]}}";
  static const FixtureWeight weights[] = { { "inner", "c/kernel:0", 4, { 3, 3, 1, 2 } },
                                           { "inner", "c/bias:0", 1, { 2 } },
                                           { NULL } };
  /* Keras 3 writes the whole path, TensorFlow 1 a number behind the name */
  static const FixtureWeight full[] = { { "inner", "inner/c/kernel", 4, { 3, 3, 1, 2 } },
                                        { "inner", "inner/c/bias", 1, { 2 } },
                                        { NULL } };
  static const FixtureWeight numbered[] = { { "inner", "c_3/kernel:0", 4, { 3, 3, 1, 2 } },
                                            { "inner", "c_3/bias:0", 1, { 2 } },
                                            { NULL } };
  const FixtureWeight *const kinds[] = { weights, full, numbered };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", kinds[GPOINTER_TO_UINT (kind)]);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_trainable_params (model), ==, 20);
  check_shape (model, "inner/c", "(None, 4, 4, 2)");
  check_shape (model, "inner/c_1", "(None, 4, 4, 2)");
  check_shape (model, "cat", "(None, 4, 4, 4)");
  check_shape (model, "f", "(None, 64)");
}

/* Keras 1's names for classes and settings; Theano's order has kernels as (out, in, rows, columns). */
static void
test_keras1 (void)
{
  static const char config[] = "{\"class_name\": \"Sequential\", \"config\": ["
                               "{\"class_name\": \"Convolution2D\", \"config\": {\"name\": \"c\", "
                               "\"nb_filter\": 4, \"nb_row\": 2, \"nb_col\": 3, \"subsample\": [2, 1],"
                               "\"border_mode\": \"same\", \"dim_ordering\": \"th\", \"bias\": true, "
                               "\"activation\": \"relu\", \"batch_input_shape\": [null, 3, 8, 9]}},"
                               "{\"class_name\": \"Flatten\", \"config\": {\"name\": \"f\"}},"
                               "{\"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"output_dim\": 2, "
                               "\"activation\": \"softmax\"}}]}";
  static const FixtureWeight weights[] = { { "c", "c_W", 4, { 4, 3, 2, 3 } },
                                           { "c", "c_b", 1, { 4 } },
                                           { "d", "d_W", 2, { 144, 2 } },
                                           { "d", "d_b", 1, { 2 } },
                                           { NULL } };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "1.2.1", weights);
  g_autoptr (CnnModel) model = fixture_read (path);
  guint channels, height, width;

  check_shape (model, "c", "(None, 4, 4, 9)");
  check_shape (model, "d", "(None, 2)");
  cnn_model_get_image_size (model, &channels, &height, &width);
  g_assert_cmpuint (channels, ==, 3);
  g_assert_cmpuint (height, ==, 8);
  g_assert_cmpuint (width, ==, 9);

  /* Theano's kernels are turned: the first window's last number comes first, unless somebody knows better */
  for (guint i = CNN_KERNEL_ROTATION_AUTO; i <= CNN_KERNEL_ROTATION_YES; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CnnModel) chosen = cnn_model_read_with (path, (CnnKernelRotation)i, NULL, &error);

    g_assert_no_error (error);
    const CnnWeight *kernel = find_layer (chosen, "c")->weights->pdata[0];
    g_autofree float *numbers = cnn_tensor_dup_data (kernel->tensor);
    g_assert_cmpfloat_with_epsilon (numbers[0], i == CNN_KERNEL_ROTATION_NO ? 0.01f : 0.06f, 1e-6f);
    g_assert_cmpfloat_with_epsilon (numbers[6], i == CNN_KERNEL_ROTATION_NO ? 0.07f : 0.12f, 1e-6f);
  }
}

/* Keras 1: a Sequential model that starts by joining two others, each with an input of its own. */
static void
test_keras1_merge_first (void)
{
  static const char config[] = "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Merge\", "
                               "\"config\": {\"name\": \"m\", "
                               "\"mode\": \"concat\", \"concat_axis\": -1, \"layers\": ["
                               "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": "
                               "\"Convolution2D\", \"config\": {\"name\": \"c\", "
                               "\"nb_filter\": 4, \"nb_row\": 2, \"nb_col\": 3, \"dim_ordering\": \"tf\", "
                               "\"batch_input_shape\": [null, 8, 9, 3]}},"
                               "{\"class_name\": \"Flatten\", \"config\": {\"name\": \"f\"}}]},"
                               "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Dense\", "
                               "\"config\": {\"name\": \"d\", "
                               "\"output_dim\": 5, \"batch_input_shape\": [null, 6]}}]}]}},"
                               "{\"class_name\": \"Dense\", \"config\": {\"name\": \"e\", \"output_dim\": 2, "
                               "\"activation\": \"softmax\"}}]}";
  static const FixtureWeight weights[] = { { "c", "c_W", 4, { 2, 3, 3, 4 } },
                                           { "c", "c_b", 1, { 4 } },
                                           { "d", "d_W", 2, { 6, 5 } },
                                           { "d", "d_b", 1, { 5 } },
                                           { "e", "e_W", 2, { 201, 2 } },
                                           { "e", "e_b", 1, { 2 } },
                                           { NULL } };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "1.2.1", weights);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_n_inputs (model), ==, 2);
  check_shape (model, "m", "(None, 201)");
  check_shape (model, "e", "(None, 2)");
  g_assert_null (cnn_model_get_unsupported (model));
}

/* The picture goes to the input that has two spatial axes; the other is held at zeros. */
static void
test_several_inputs (void)
{
  static const char config[] =
      "{\"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": ["
      "{\"class_name\": \"InputLayer\", \"name\": \"age\", \"config\": {\"name\": \"age\", "
      "\"batch_input_shape\": [null, 2]}, \"inbound_nodes\": []},"
      "{\"class_name\": \"InputLayer\", \"name\": \"picture\", \"config\": {\"name\": \"picture\", "
      "\"batch_input_shape\": [null, 6, 7, 3]}, \"inbound_nodes\": []},"
      "{\"class_name\": \"GlobalMaxPooling2D\", \"name\": \"g\", \"config\": {\"name\": \"g\"}, "
      "\"inbound_nodes\": [[[\"picture\", 0, 0, {}]]]},"
      "{\"class_name\": \"Concatenate\", \"name\": \"c\", \"config\": {\"name\": \"c\"}, \"inbound_nodes\": "
      "[[[\"g\", 0, 0, {}], [\"age\", 0, 0, {}]]]},"
      "{\"class_name\": \"Softmax\", \"name\": \"s\", \"config\": {\"name\": \"s\"}, \"inbound_nodes\": "
      "[[[\"c\", 0, 0, {}]]]}],"
      "\"input_layers\": [[\"age\", 0, 0], [\"picture\", 0, 0]], \"output_layers\": [[\"s\", 0, 0], [\"g\", "
      "0, 0]]}}";
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", NULL);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_n_inputs (model), ==, 2);
  g_assert_cmpint (cnn_model_get_image_input (model), ==, 1);
  g_assert_nonnull (cnn_model_get_input (model, 0)->constant);
  g_assert_cmpuint (cnn_model_get_n_outputs (model), ==, 2);
  g_assert_cmpuint (cnn_model_get_n_classes (model), ==, 5);
  check_shape (model, "c", "(None, 5)");
}

#define T3(name)                                                                                             \
  "{\"class_name\": \"__keras_tensor__\", \"config\": {\"shape\": [], \"dtype\": \"float32\", "              \
  "\"keras_history\": [\"" name "\", 0, 0]}}"

/* Keras 3: tensors as objects in args, functions as layers, weights by folder; zipped, stored or deflated. */
static void
test_keras3_zip (gconstpointer data)
{
  static const char config[] =
      "{\"module\": \"keras\", \"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": ["
      "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\", \"batch_shape\": [null, 5, 5, 2]}, "
      "\"name\": \"in\", \"inbound_nodes\": []},"
      "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"first\", \"filters\": 3, \"kernel_size\": [1, "
      "1], \"activation\": \"silu\"}, \"name\": \"first\", \"inbound_nodes\": [{\"args\": [" T3 (
          "in") "], \"kwargs\": {}}]},"
                "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"second\", \"filters\": 3, "
                "\"kernel_size\": [1, 1], \"use_bias\": false}, \"name\": \"second\", \"inbound_nodes\": "
                "[{\"args\": [" T3 (
                    "first") "], \"kwargs\": {}}]},"
                             "{\"module\": \"keras.src.ops.numpy\", \"class_name\": \"Multiply\", "
                             "\"config\": {\"name\": \"mul\"}, \"name\": \"mul\", \"inbound_nodes\": "
                             "[{\"args\": [" T3 (
                                 "second") ", 0.5], \"kwargs\": {}}]},"
                                           "{\"class_name\": \"Add\", \"config\": {\"name\": \"add\"}, "
                                           "\"name\": \"add\", \"inbound_nodes\": [{\"args\": [[" T3 (
                                               "mul") ", " T3 ("first") "]], \"kwargs\": {}}]},"
                                                                        "{\"class_name\": "
                                                                        "\"GlobalMaxPooling2D\", \"config\": "
                                                                        "{\"name\": \"gmp\"}, \"name\": "
                                                                        "\"gmp\", \"inbound_nodes\": "
                                                                        "[{\"args\": [" T3 (
                                                                            "add") "], \"kwargs\": {}}]}],"
                                                                                   "\"input_layers\": "
                                                                                   "[\"in\", 0, 0], "
                                                                                   "\"output_layers\": "
                                                                                   "[\"gmp\", 0, 0]}}";
  static const char metadata[] = "{\"keras_version\": \"3.5.0\"}";
  static const FixtureWeight weights[] = { { "layers/conv2d", "0", 4, { 1, 1, 2, 3 } },
                                           { "layers/conv2d", "1", 1, { 3 } },
                                           { "layers/conv2d_1", "0", 4, { 1, 1, 3, 3 } },
                                           { NULL } };
  static const FixtureWeight old_weights[] = {
    { "_layer_checkpoint_dependencies\\conv2d", "0", 4, { 1, 1, 2, 3 } },
    { "_layer_checkpoint_dependencies\\conv2d", "1", 1, { 3 } },
    { "_layer_checkpoint_dependencies\\conv2d_1", "0", 4, { 1, 1, 3, 3 } },
    { NULL }
  };
  gboolean deflate = GPOINTER_TO_INT (data);
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autoptr (GBytes) h5 = fixture_weights_v3 (folder, deflate ? old_weights : weights);
  g_autofree char *path = fixture_zip (folder, deflate, "metadata.json", metadata, strlen (metadata),
                                       "config.json", config, strlen (config), "model.weights.h5",
                                       g_bytes_get_data (h5, NULL), g_bytes_get_size (h5), NULL);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpstr (cnn_model_get_format (model), ==, "Keras v3");
  g_assert_cmpuint (cnn_model_get_trainable_params (model), ==, 18);
  g_assert_cmpstr (find_layer (model, "first")->activation, ==, "silu");
  g_assert_null (cnn_model_get_unsupported (model));
  check_shape (model, "add", "(None, 5, 5, 3)");
  check_shape (model, "gmp", "(None, 3)");
}

/* What is not known is shown and named, and what comes before it works; its weights can be looked at. */
static void
test_unknown_layer (void)
{
  static const char config[] =
      "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
      "{\"class_name\": \"Activation\", \"config\": {\"name\": \"a\", \"activation\": \"relu\", "
      "\"batch_input_shape\": [null, 4, 4, 1]}},"
      "{\"class_name\": \"Lambda\", \"config\": {\"name\": \"secret\"}},"
      "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"c\", \"filters\": 1, \"kernel_size\": 1}},"
      "{\"class_name\": \"My>CapsuleLayer\", \"config\": {\"name\": \"caps\"}}]}}";
  static const FixtureWeight weights[] = { { "c", "c/kernel:0", 4, { 1, 1, 1, 1 } },
                                           { "c", "c/bias:0", 1, { 1 } },
                                           { "caps", "caps/w:0", 2, { 3, 4 } },
                                           { NULL } };
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", weights);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpuint (cnn_model_get_n_layers (model), ==, 4);
  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "secret"));
  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "Lambda"));
  g_assert_cmpuint (find_layer (model, "caps")->weights->len, ==, 1);
  check_shape (model, "a", "(None, 4, 4, 1)");
}

static void
test_free_size (void)
{
  static const char config[] =
      "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
      "{\"class_name\": \"MaxPooling2D\", \"config\": {\"name\": \"p\", \"pool_size\": 2, \"padding\": "
      "\"same\", \"batch_input_shape\": [null, null, null, 3]}},"
      "{\"class_name\": \"GlobalAveragePooling2D\", \"config\": {\"name\": \"g\"}}]}}";
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", NULL);
  g_autoptr (CnnModel) model = fixture_read (path);
  g_autoptr (CnnModel) other = NULL;

  g_assert_true (cnn_model_has_free_size (model));
  other = cnn_model_with_image_size (model, 33, 50, NULL);
  g_assert_nonnull (other);
  check_shape (other, "p", "(None, 17, 25, 3)");
}

#define POOL                                                                                                 \
  "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [{\"class_name\": "            \
  "\"GlobalMaxPooling2D\", \"config\": {\"name\": \"p\", \"batch_input_shape\": [null, 4, 4, 2]}}]}}"

static void
test_labels (void)
{
  static const struct {
    const char *file, *text;
    const char *second; /* label of class 1; NULL: none taken */
  } cases[] = { { "labels.txt", "0 cat\n1 small dog\n", "small dog" },
                { "labels.txt", "cat\r\ndog\r\n", "dog" },
                { "labels.json", "[\"a\", \"b\"]", "b" },
                { "labels.json", "{\"1\": [\"n2\", \"tabby\"], \"0\": [\"n1\", \"tench\"]}", "tabby" },
                { "metadata.json", "{\"labels\": [\"Class 1\", \"Class 2\"], \"imageSize\": 224}",
                  "Class 2" },
                { "labels.txt", "one\ntwo\nthree\n", NULL },
                { "labels.json", "{\"x\": 1}", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FixtureFolder) folder = fixture_folder ();
    g_autofree char *path = fixture_h5 (folder, POOL, "2.4.0", NULL);
    g_autofree char *labels = fixture_bytes (folder, cases[i].file, cases[i].text, strlen (cases[i].text));
    g_autoptr (CnnModel) model = fixture_read (path);

    g_assert_cmpstr (cnn_model_get_label (model, 1), ==, cases[i].second != NULL ? cases[i].second : "1");
  }
}

/* As Teachable Machine hands them out: network and class names in one zip, perhaps with a folder around them.
 */
static void
test_zipped (gconstpointer data)
{
  const char *around = data;
  static const char names[] = "{\"labels\": [\"cat\", \"dog\"]}";
  g_autofree char *json = g_strdup_printf ("{\"modelTopology\": {\"model_config\": %s}, \"weightsManifest\": "
                                           "[{\"paths\": [\"weights.bin\"], \"weights\": []}]}",
                                           POOL);
  g_autofree char *json_name = g_strconcat (around, "model.json", NULL),
                  *names_name = g_strconcat (around, "metadata.json", NULL),
                  *weights_name = g_strconcat (around, "weights.bin", NULL);
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path =
      fixture_zip (folder, TRUE, "__MACOSX/model.json", "{}", (gsize)2, weights_name, "", (gsize)0, json_name,
                   json, strlen (json), names_name, names, strlen (names), NULL);
  g_autoptr (CnnModel) model = fixture_read (path);

  g_assert_cmpstr (cnn_model_get_format (model), ==, "TensorFlow.js");
  g_assert_cmpstr (cnn_model_get_path (model), ==, path);
  g_assert_cmpstr (cnn_model_get_name (model), ==, "model.keras");
  g_assert_cmpstr (cnn_model_get_label (model, 1), ==, "dog");
}

/* An ONNX file and a .keras file in a zip. */
static void
test_zipped_files (void)
{
  static const char *const names[] = { "models/onnx/cifar100edge.onnx", "models/keras/aser_mnist.keras" };
  g_autoptr (FixtureFolder) folder = fixture_folder ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *source = g_build_filename (g_getenv ("CNN_SHARED"), "models", names[i], NULL),
                    *base = g_path_get_basename (source), *data = NULL;
    gsize size;

    if (!g_file_get_contents (source, &data, &size, NULL)) {
      g_test_skip ("the networks are not here");
      return;
    }
    g_autofree char *path = fixture_zip (folder, TRUE, base, data, size, NULL);
    g_autoptr (CnnModel) model = fixture_read (path), plain = fixture_read (source);

    g_assert_cmpstr (cnn_model_get_format (model), ==, cnn_model_get_format (plain));
    g_assert_cmpuint (cnn_model_get_n_ops (model), ==, cnn_model_get_n_ops (plain));
  }
}

/* Quantised weights, and one that crosses the border between two shards. */
static void
test_tfjs_weights (void)
{
  static const char json[] =
      "{\"modelTopology\": {\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": "
      "[{\"class_name\": \"Conv2D\", \"config\": "
      "{\"name\": \"c\", \"filters\": 2, \"kernel_size\": 1, \"batch_input_shape\": [null, 3, 3, 2]}},"
      "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"d\", \"filters\": 1, \"kernel_size\": 1}}]}},"
      "\"weightsManifest\": [{\"paths\": [\"a.bin\", \"b.bin\"], \"weights\": ["
      "{\"name\": \"c/kernel\", \"shape\": [1, 1, 2, 2], \"dtype\": \"float32\", \"quantization\": "
      "{\"dtype\": \"uint8\", \"scale\": 0.5, \"min\": -1}},"
      "{\"name\": \"c/bias\", \"shape\": [2], \"dtype\": \"float32\"},"
      "{\"name\": \"d/kernel\", \"shape\": [1, 1, 2, 1], \"dtype\": \"float32\", \"quantization\": "
      "{\"dtype\": \"float16\"}},"
      "{\"name\": \"d/bias\", \"shape\": [1], \"dtype\": \"float32\", \"quantization\": {\"dtype\": "
      "\"uint16\", \"scale\": 0.25, \"min\": 0}}]}]}";
  guint8 bytes[18] = { 0, 1, 2, 4 };
  float bias[] = { 1.5f, -2.5f };
  guint16 half[] = { 0x3c00, 0xc100 }, quarter = 1000;
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_bytes (folder, "model.json", json, strlen (json)), *a = NULL, *b = NULL;
  g_autoptr (CnnModel) model = NULL;
  const CnnLayer *c, *d;
  float numbers[4];

  memcpy (bytes + 4, bias, 8);
  memcpy (bytes + 12, half, 4);
  memcpy (bytes + 16, &quarter, 2);
  a = fixture_bytes (folder, "a.bin", bytes, 7);
  b = fixture_bytes (folder, "b.bin", bytes + 7, 11);
  model = fixture_read (path);
  c = find_layer (model, "c");
  d = find_layer (model, "d");
  cnn_tensor_read (((CnnWeight *)c->weights->pdata[0])->tensor, numbers); /* (out, in): transposed */
  g_assert_cmpfloat (numbers[0], ==, -1);
  g_assert_cmpfloat (numbers[1], ==, 0);
  g_assert_cmpfloat (numbers[2], ==, -0.5f);
  g_assert_cmpfloat (numbers[3], ==, 1);
  cnn_tensor_read (((CnnWeight *)c->weights->pdata[1])->tensor, numbers);
  g_assert_cmpfloat (numbers[1], ==, -2.5f);
  cnn_tensor_read (((CnnWeight *)d->weights->pdata[0])->tensor, numbers);
  g_assert_cmpfloat (numbers[0], ==, 1);
  g_assert_cmpfloat (numbers[1], ==, -2.5f);
  cnn_tensor_read (((CnnWeight *)d->weights->pdata[1])->tensor, numbers);
  g_assert_cmpfloat (numbers[0], ==, 250);
}

/* The processor's own instructions give the same sums as GLib, whatever the length. */
static void
test_hash (void)
{
  static guint8 bytes[1000];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)(i * 37 + i / 7);
  for (gsize n = 0; n <= sizeof bytes; n += n < 200 ? 1 : 61) {
    g_autofree char *fast = cnn_bytes_hash (bytes, n, FALSE), *portable = cnn_bytes_hash (bytes, n, TRUE);
    g_autofree char *expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, n);

    g_assert_cmpstr (fast, ==, expected);
    g_assert_cmpstr (portable, ==, expected);
  }
}

/* The sum is that of what was opened, also where another file takes its name meanwhile. */
static void
test_hasher (void)
{
  g_autofree char *folder = g_dir_make_tmp ("cnn-hash-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *old = g_strnfill (1 << 22, 'o');
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, old, -1);
  CnnFileHasher *hasher, *other;

  g_assert_true (g_file_set_contents (path, old, -1, NULL));
  hasher = cnn_file_hasher_new (path);
  other = cnn_file_hasher_ref (hasher);
  g_assert_true (g_file_set_contents (path, "new", -1, NULL));
  cnn_file_hasher_unref (hasher);
  g_assert_cmpstr (cnn_file_hasher_get (other), ==, expected);
  g_assert_cmpstr (cnn_file_hasher_get (other), ==, expected);
  cnn_file_hasher_unref (other);
  cnn_file_hasher_unref (cnn_file_hasher_new (path)); /* stopped at once */
  g_unlink (path);
  hasher = cnn_file_hasher_new (path);
  g_assert_null (cnn_file_hasher_get (hasher));
  cnn_file_hasher_unref (hasher);
  g_rmdir (folder);
}

/* What pictures a network wants follows from what it does with them first, else from its name. */
static void
test_preprocess (void)
{
#define LAYER(type, name, config, before, more)                                                              \
  "{\"class_name\": \"" type "\", \"name\": \"" name "\", \"config\": {\"name\": \"" name "\"" config        \
  "}, \"inbound_nodes\": [[[\"" before "\", 0, 0, {" more "}]]]}"
#define FUNCTION(name, function, before, number)                                                             \
  LAYER ("TFOpLambda", name, ", \"function\": \"math." function "\"", before, "\"y\": " number)
#define RESCALE(name, scale, offset, before)                                                                 \
  LAYER ("Rescaling", name, ", \"scale\": " scale ", \"offset\": " offset, before, "")
#define CONV(name, before)                                                                                   \
  LAYER ("Conv2D", name, ", \"filters\": 2, \"kernel_size\": 1, \"use_bias\": false", before, "")
  static const struct {
    const char *name, *layers;
    CnnPreprocessKind expected;
  } cases[] = {
    { "model", RESCALE ("a", "0.00784", "-1", "in") "," CONV ("b", "a"), CNN_PREPROCESS_NONE },
    { "model", RESCALE ("a", "2", "-1", "in") "," CONV ("b", "a"), CNN_PREPROCESS_UNIT },
    { "vgg16", FUNCTION ("a", "truediv", "in", "127.5") "," FUNCTION ("b", "subtract", "a", "1"),
      CNN_PREPROCESS_NONE },
    { "vgg16", FUNCTION ("a", "add", "in", "[-103.9, -116.8]") "," CONV ("b", "a"), CNN_PREPROCESS_NONE },
    { "vgg16", CONV ("a", "in") "," FUNCTION ("b", "multiply", "a", "0.01"), CNN_PREPROCESS_CAFFE },
    { "MobilenetV3small", CONV ("a", "in") "," RESCALE ("b", "0.1", "0", "a"), CNN_PREPROCESS_SIGNED },
    { "NASNet", CONV ("a", "in") "," RESCALE ("b", "1", "0", "a"), CNN_PREPROCESS_SIGNED },
    { "model", CONV ("a", "in") "," RESCALE ("b", "1", "0", "a"), CNN_PREPROCESS_UNKNOWN },
  };
  static const FixtureWeight weights[] = { { "a", "kernel:0", 4, { 1, 1, 2, 2 } },
                                           { "b", "kernel:0", 4, { 1, 1, 2, 2 } },
                                           { NULL } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FixtureFolder) folder = fixture_folder ();
    g_autofree char *config = fixture_functional (cases[i].name, "4, 4, 2", cases[i].layers, "b");
    g_autofree char *path = fixture_h5 (folder, config, "2.11.0", weights);
    g_autoptr (CnnModel) model = fixture_read (path);
    g_assert_cmpint (cnn_model_get_preprocess (model), ==, cases[i].expected);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/formats/keras-model/zipped", "", test_zipped);
  g_test_add_data_func ("/formats/keras-model/zipped-folder", "my model/", test_zipped);
  g_test_add_func ("/formats/keras-model/zipped-files", test_zipped_files);
  g_test_add_func ("/formats/hasher", test_hasher);
  g_test_add_func ("/formats/hash", test_hash);
  g_test_add_func ("/formats/keras/digits", test_digits);
  g_test_add_func ("/formats/keras/kernel", test_kernel);
  g_test_add_func ("/formats/keras/functional", test_functional);
  g_test_add_data_func ("/formats/keras/nested-shared", GUINT_TO_POINTER (0), test_nested_shared);
  g_test_add_data_func ("/formats/keras/nested-shared-full-names", GUINT_TO_POINTER (1), test_nested_shared);
  g_test_add_data_func ("/formats/keras/nested-shared-numbered-names", GUINT_TO_POINTER (2),
                        test_nested_shared);
  g_test_add_func ("/formats/keras/several-inputs", test_several_inputs);
  g_test_add_func ("/formats/keras/keras1", test_keras1);
  g_test_add_func ("/formats/keras/keras1-merge-first", test_keras1_merge_first);
  g_test_add_data_func ("/formats/keras/keras3-stored", GINT_TO_POINTER (FALSE), test_keras3_zip);
  g_test_add_data_func ("/formats/keras/keras3-deflated", GINT_TO_POINTER (TRUE), test_keras3_zip);
  g_test_add_func ("/formats/keras/unknown-layer", test_unknown_layer);
  g_test_add_func ("/formats/keras/free-size", test_free_size);
  g_test_add_func ("/formats/keras/preprocess", test_preprocess);
  g_test_add_func ("/formats/keras/labels", test_labels);
  g_test_add_func ("/formats/keras/tfjs-weights", test_tfjs_weights);
  return g_test_run ();
}
