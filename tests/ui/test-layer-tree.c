/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the layer tree: groups from the names that exporters give. */
#include "layers/viz-layer-item.h"

#include "model/cnn-model-builder.h"

/* A chain of layers of these names and types; the last pair is NULL. */
static CnnModel *
model_of (const char *const *names)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("test.onnx", "test");
  g_autoptr (GError) error = NULL;
  CnnShape shape = cnn_shape4 (-1, 4, 8, 8);
  guint value = cnn_model_builder_add_input (builder, "in", &shape, CNN_LAYOUT_PLAIN, &error);
  CnnOpAttrs attrs = { .activation = cnn_activation_relu () };
  CnnModel *model;

  for (guint i = 0; names[i] != NULL; i += 2) {
    cnn_model_builder_begin_layer (builder, names[i], names[i + 1]);
    value = cnn_model_builder_add_op (builder, CNN_OP_ACTIVATION, names[i], &attrs, &value, 1,
                                      CNN_LAYOUT_PLAIN, &error);
    g_assert_no_error (error);
    cnn_model_builder_end_layer (builder, value, value);
  }
  cnn_model_builder_add_output (builder, value);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return model;
}

/* "a (b c (d)) e": the rows' names, those of a group behind it. */
static void
append_rows (GString *text, GListModel *rows)
{
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (VizLayerItem) item = g_list_model_get_item (rows, i);

    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", item->name);
    if (item->children != NULL) {
      g_string_append (text, " (");
      append_rows (text, G_LIST_MODEL (item->children));
      g_string_append_c (text, ')');
    }
  }
}

static void
check_rows (const char *const *names, const char *expected)
{
  g_autoptr (CnnModel) model = model_of (names);
  g_autoptr (GListStore) rows = viz_layer_items_new (model);
  g_autoptr (GString) text = g_string_new (NULL);

  append_rows (text, G_LIST_MODEL (rows));
  g_assert_cmpstr (text->str, ==, expected);
}

/* PyTorch's exporter repeats the module around in each module's name and ends with the operator. */
static void
test_module_paths (void)
{
  static const char *const names[] = { "/conv1/Conv",
                                       "Conv",
                                       "/relu/Relu",
                                       "Relu",
                                       "/layer1/layer1.0/conv1/Conv",
                                       "Conv",
                                       "/layer1/layer1.0/relu/Relu",
                                       "Relu",
                                       "/layer1/layer1.0/Add",
                                       "Add",
                                       "/layer1/layer1.1/conv1/Conv",
                                       "Conv",
                                       "/layer1/layer1.1/Add",
                                       "Add",
                                       "/layer2/layer2.0/conv1/Conv",
                                       "Conv",
                                       "/layer2/layer2.0/downsample/downsample.0/Conv",
                                       "Conv",
                                       "/fc/Gemm",
                                       "Gemm",
                                       NULL };

  check_rows (names,
              "conv1 relu layer1 (0 (conv1 relu Add) 1 (conv1 Add)) layer2 (0 (conv1 downsample.0)) fc");
}

/* Models in Keras' models, and names with points between the parts. */
static void
test_separators (void)
{
  static const char *const keras[] = { "base/block1/conv",
                                       "Conv2D",
                                       "base/block1/relu",
                                       "ReLU",
                                       "base/block2/conv",
                                       "Conv2D",
                                       "base/block2/relu",
                                       "ReLU",
                                       "top",
                                       "Dense",
                                       NULL };
  static const char *const points[] = { "features.0.conv",
                                        "Conv",
                                        "features.0.act",
                                        "Relu",
                                        "features.1.conv",
                                        "Conv",
                                        "features.1.act",
                                        "Relu",
                                        "classifier",
                                        "Gemm",
                                        NULL };

  check_rows (keras, "base (block1 (conv relu) block2 (conv relu)) top");
  check_rows (points, "features (0 (conv act) 1 (conv act)) classifier");
}

/* Numbered operators are no groups; a group that holds everything is left out. */
static void
test_plain (void)
{
  static const char *const numbered[] = { "Conv.0", "Conv", "Relu.1", "Relu", "Conv.2", "Conv", NULL };
  static const char *const wrapped[] = { "model/a/conv", "Conv", "model/a/relu", "Relu", "model/b",
                                         "Gemm",         NULL };

  check_rows (numbered, "Conv.0 Relu.1 Conv.2");
  check_rows (wrapped, "a (conv relu) b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/layer-tree/module-paths", test_module_paths);
  g_test_add_func ("/ui/layer-tree/separators", test_separators);
  g_test_add_func ("/ui/layer-tree/plain", test_plain);
  return g_test_run ();
}
