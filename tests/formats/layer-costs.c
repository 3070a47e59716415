/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiply-adds as the literature counts them: products of a convolution or dense layer, biases and
 * everything else left out. */
#include "keras-fixture.h"

#include "methods/summary/cnn-layer-cost.h"

#include <hdf5.h>

#define LAYER(class_name, name, more)                                                                        \
  "{\"class_name\": \"" class_name "\", \"config\": {\"name\": \"" name "\", \"use_bias\": false" more "}}"

static const char
    config[] =
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [" LAYER (
            "Conv2D", "plain",
            ", \"filters\": 8, \"kernel_size\": 3, \"padding\": \"same\", "
            "\"batch_input_shape\": [null, 16, 16, 4]") "," LAYER ("Conv2D", "grouped",
                                                                   ", \"filters\": 8, \"kernel_size\": 3, "
                                                                   "\"padding\": \"same\", \"groups\": 2") "," LAYER ("Conv2D",
                                                                                                                      "strided",
                                                                                                                      ", \"filters\": 8, \"kernel_size\": 3, \"padding\": \"same\", \"groups\": 2, "
                                                                                                                      "\"strides\": 2") "," LAYER ("Conv2D",
                                                                                                                                                   "dilated",
                                                                                                                                                   ", \"filters\": 8, \"kernel_size\": 3, \"padding\": \"same\", \"groups\": 2, "
                                                                                                                                                   "\"dilation_rate\": 2") "," LAYER ("ReLU", "relu", "") "," LAYER ("DepthwiseConv2D", "depthwise", ", \"kernel_size\": 5, \"padding\": \"same\"") "," LAYER ("Conv2DTranspose", "transposed",
                                                                                                                                                                                                                                                                                                               ", \"filters\": 6, \"kernel_size\": 3, \"strides\": 2, "
                                                                                                                                                                                                                                                                                                               "\"padding\": \"same\"") "," LAYER ("SeparableConv2D", "separable", ", \"filters\": 10, \"kernel_size\": 3") "," LAYER ("AveragePooling2D", "pool", "") "," LAYER ("Flatten", "flatten", "") "," LAYER ("Dense",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "dense",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       ", \"units\": 7") "]}}";

static const FixtureWeight weights[] = { { "plain", "plain/kernel:0", 4, { 3, 3, 4, 8 } },
                                         { "grouped", "grouped/kernel:0", 4, { 3, 3, 4, 8 } },
                                         { "strided", "strided/kernel:0", 4, { 3, 3, 4, 8 } },
                                         { "dilated", "dilated/kernel:0", 4, { 3, 3, 4, 8 } },
                                         { "depthwise", "depthwise/depthwise_kernel:0", 4, { 5, 5, 8, 1 } },
                                         { "transposed", "transposed/kernel:0", 4, { 3, 3, 6, 8 } },
                                         { "separable", "separable/depthwise_kernel:0", 4, { 3, 3, 6, 1 } },
                                         { "separable", "separable/pointwise_kernel:0", 4, { 1, 1, 6, 10 } },
                                         { "dense", "dense/kernel:0", 2, { 490, 7 } },
                                         { NULL } };

static const struct {
  const char *layer;
  guint64 multiply_adds;
} costs[] = {
  { "plain", 16 * 16 * 8 * (3 * 3 * 4) },
  { "grouped", 16 * 16 * 8 * (3 * 3 * 4) }, /* of 8 channels each filter sees 4 */
  { "strided", 8 * 8 * 8 * (3 * 3 * 4) },
  { "dilated", 8 * 8 * 8 * (3 * 3 * 4) },
  { "relu", 0 },
  { "depthwise", 8 * 8 * 8 * (5 * 5) },
  { "transposed", 8 * 8 * 8 * (3 * 3 * 6) }, /* each number of the input meets the whole kernel */
  { "separable", 14 * 14 * 6 * (3 * 3) + 14 * 14 * 10 * 6 },
  { "pool", 0 },
  { "flatten", 0 },
  { "dense", 490 * 7 },
};

static void
test_layers (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder ();
  g_autofree char *path = fixture_h5 (folder, config, "2.4.0", weights);
  g_autoptr (CnnModel) model = fixture_read (path);
  guint64 sum = 0;

  for (guint i = 0; i < G_N_ELEMENTS (costs); i++) {
    int layer = cnn_model_find_layer (model, costs[i].layer);

    g_assert_cmpint (layer, >=, 0);
    g_test_message ("%s", costs[i].layer);
    g_assert_cmpuint (cnn_model_get_layer (model, (guint)layer)->multiply_adds, ==, costs[i].multiply_adds);
    sum += costs[i].multiply_adds;
  }
  g_assert_cmpuint (cnn_model_multiply_adds (model), ==, sum);
}

/* A network whose count is in every paper that compares such. */
static void
test_network (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SHARED") != NULL ? g_getenv ("CNN_SHARED") : "/nonexistent", "models",
                        "models", "onnx_light", "light_resnet50.onnx", NULL);
  g_autoptr (CnnModel) model = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("the network is not here");
    return;
  }
  model = fixture_read (path);
  /* the 4.09 G that papers give for it */
  g_assert_cmpuint (cnn_model_multiply_adds (model), ==, G_GUINT64_CONSTANT (4089184256));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
  g_test_add_func ("/formats/layer-costs/layers", test_layers);
  g_test_add_func ("/formats/layer-costs/resnet50", test_network);
  return g_test_run ();
}
