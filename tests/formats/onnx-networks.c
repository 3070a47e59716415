/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks as exporters write them: outputs against PyTorch's, layers as the file names them, weights not
 * copied. */
#include "engine/cnn-engine.h"
#include "formats/onnx/cnn-onnx.h"
#include "onnx-npy.h"

#include <math.h>

static char *
data_file (const char *name)
{
  return g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "onnx", name, NULL);
}

static CnnModel *
read_model (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  CnnModel *model;

  g_assert_no_error (error);
  model = cnn_onnx_read (path, file, NULL, &error);
  g_assert_no_error (error);
  return model;
}

static CnnModel *
read_fixture (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".onnx", NULL), *path = data_file (file);

  return read_model (path);
}

/* Relative to the largest number that is expected. */
static void
assert_close (const float *found, CnnOnnxArray *expected, double tolerance)
{
  double largest = 0, worst = 0;

  for (gsize i = 0; i < expected->count; i++)
    largest = MAX (largest, fabs (cnn_onnx_array_get (expected, i)));
  for (gsize i = 0; i < expected->count; i++) {
    double difference = fabs ((double)found[i] - cnn_onnx_array_get (expected, i));

    worst = isnan (difference) ? INFINITY : MAX (worst, difference);
  }
  g_test_message ("largest difference %g of %g", worst, largest);
  g_assert_cmpfloat (worst, <=, tolerance * largest);
}

/* Outputs of each sample of the input file against those of the output file. */
static void
test_fixture (gconstpointer data)
{
  const char *name = data;
  g_autofree char *in_file = g_strconcat (name, ".input.npy", NULL), *in_path = data_file (in_file);
  g_autofree char *out_file = g_strconcat (name, ".output.npy", NULL), *out_path = data_file (out_file);
  g_autoptr (CnnModel) model = read_fixture (name);
  g_autoptr (CnnOnnxArray) input = npy_read (in_path), expected = npy_read (out_path);
  g_autoptr (CnnEngine) engine = NULL;
  g_autofree float *ours = g_new (float, input->count), *found = g_new (float, expected->count);
  guint in = cnn_model_get_input (model, 0)->value, out = cnn_model_get_output (model, 0);
  gsize n = (gsize)input->shape.dims[0];
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (cnn_model_get_unsupported (model), ==, NULL);
  g_assert_cmpuint (input->count, ==, n * cnn_shape_size (&cnn_model_get_value (model, in)->shape));
  g_assert_cmpuint (expected->count, ==, n * cnn_shape_size (&cnn_model_get_value (model, out)->shape));
  cnn_model_from_framework (model, in, (guint)n, input->tensor->data, ours);
  engine = cnn_engine_new (model);
  cnn_engine_forward (engine, ours, (guint)n, &out, 1, &found, NULL, &error);
  g_assert_no_error (error);
  assert_close (found, expected, 1e-5);
}

/* The way back through the same: the score's gradient, which is known from finite differences. */
static void
test_gradient (gconstpointer data)
{
  const char *name = data;
  g_autofree char *in_file = g_strconcat (name, ".input.npy", NULL), *in_path = data_file (in_file);
  g_autofree char *gradient_file = g_strconcat (name, ".gradient.npy", NULL),
                  *gradient_path = data_file (gradient_file);
  g_autoptr (CnnModel) model = read_fixture (name);
  g_autoptr (CnnOnnxArray) input = npy_read (in_path), expected = npy_read (gradient_path);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autofree float *found = g_new (float, expected->count);
  guint in = cnn_model_get_input (model, 0)->value;
  CnnSeed target = { cnn_model_get_output (model, 0), 0, 1, NULL };
  g_autoptr (GError) error = NULL;

  cnn_engine_set_input (engine, input->tensor->data);
  cnn_engine_gradient (engine, &target, 1, CNN_MODIFIER_VANILLA, &in, 1, &found, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_close (found, expected, 5e-3);
}

static const CnnLayer *
find_layer (CnnModel *model, const char *name)
{
  int layer = cnn_model_find_layer (model, name);

  g_assert_cmpint (layer, >=, 0);
  return cnn_model_get_layer (model, (guint)layer);
}

static guint
count_type (CnnModel *model, const char *type)
{
  guint n = 0;

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    n += g_str_equal (cnn_model_get_layer (model, i)->type, type);
  return n;
}

/* What exporters take apart is put together again. */
static void
test_patterns (void)
{
  g_autoptr (CnnModel) model = read_fixture ("modern");
  const CnnLayer *norm;

  g_assert_cmpuint (count_type (model, "LayerNormalization"), ==, 1);
  g_assert_cmpuint (count_type (model, "Gelu"), ==, 1);
  g_assert_cmpuint (count_type (model, "Swish"), ==, 1);
  g_assert_cmpuint (count_type (model, "HardSwish"), ==, 1);
  g_assert_cmpuint (count_type (model, "Erf"), ==, 0);
  g_assert_cmpuint (count_type (model, "Constant"), ==, 0);
  norm = find_layer (model, "/bn/BatchNormalization");
  g_assert_cmpuint (norm->weights->len, ==, 4);
  g_assert_cmpuint (norm->trainable_params, ==, 16);
  g_assert_cmpuint (norm->non_trainable_params, ==, 16);
  /* by the node's name and by the name of the tensor it writes */
  g_assert_true (find_layer (model, "/conv/Conv") == find_layer (model, "/conv/Conv_output_0"));
}

/* A graph in TensorFlow's order: the picture's axes are told, the file's order is kept for people. */
static void
test_channels_last (void)
{
  g_autoptr (CnnModel) model = read_fixture ("nhwc");
  const CnnInputInfo *input = cnn_model_get_input (model, 0);
  guint channels, height, width;
  CnnShape shape;

  g_assert_cmpuint (cnn_model_get_n_inputs (model), ==, 1);
  cnn_model_get_image_size (model, &channels, &height, &width);
  g_assert_cmpuint (channels, ==, 3);
  g_assert_cmpuint (height, ==, 12);
  g_assert_cmpuint (width, ==, 10);
  cnn_model_get_framework_shape (model, input->value, &shape);
  g_assert_cmpint (shape.dims[3], ==, 3);
  g_assert_cmpint (cnn_model_get_head (model), ==, CNN_HEAD_SOFTMAX);
  g_assert_cmpuint (cnn_model_get_n_classes (model), ==, 5);
}

static void
test_unsupported (void)
{
  g_autoptr (CnnModel) model = read_fixture ("unsupported");
  const CnnLayer *gemm = find_layer (model, "gemm");
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autofree float *input = g_new0 (float, 36), *out = g_new0 (float, 32);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "NonMaxSuppressionOfTheFuture"));
  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "odd"));
  g_assert_cmpuint (gemm->trainable_params, ==, 128);
  cnn_engine_set_input (engine, input);
  cnn_engine_read (engine, find_layer (model, "conv")->output, out, NULL, &error);
  g_assert_no_error (error);
}

/* Class names in the graph and in the file's notes; an output that cannot be computed does not hide another.
 */
static void
test_labels (void)
{
  g_autoptr (CnnModel) labelled = read_fixture ("labelled"), named = read_fixture ("named");

  g_assert_cmpuint (cnn_model_get_n_outputs (labelled), ==, 2);
  g_assert_cmpuint (cnn_model_get_n_classes (labelled), ==, 2);
  g_assert_cmpint (cnn_model_get_head (labelled), ==, CNN_HEAD_SOFTMAX);
  g_assert_cmpstr (cnn_model_get_label (labelled, 1), ==, "bee");
  g_assert_cmpstr (cnn_model_get_label (named, 0), ==, "cat");
  g_assert_cmpstr (cnn_model_get_label (named, 1), ==, "bird's nest");
}

/* Height and width that the file leaves open; in "rows" the graph computes with them. */
static void
test_free_size (gconstpointer name)
{
  g_autoptr (CnnModel) model = read_fixture (name), sized = NULL;
  g_autofree char *in_name = g_strconcat (name, ".input.npy", NULL);
  g_autofree char *out_name = g_strconcat (name, ".output.npy", NULL);
  g_autofree char *in_path = data_file (in_name), *out_path = data_file (out_name);
  g_autoptr (CnnOnnxArray) input = npy_read (in_path), expected = npy_read (out_path);
  g_autofree float *found = g_new (float, expected->count);
  g_autoptr (CnnEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (cnn_model_has_free_size (model));
  sized = cnn_model_with_image_size (model, 18, 14, &error);
  g_assert_no_error (error);
  engine = cnn_engine_new (sized);
  cnn_engine_set_input (engine, input->tensor->data);
  cnn_engine_read (engine, cnn_model_get_output (sized, 0), found, NULL, &error);
  g_assert_no_error (error);
  assert_close (found, expected, 1e-5);
}

static void
test_recognise (void)
{
  static const char *const names[] = { "modern.onnx", "nhwc.onnx", "external.onnx" };
  static const char not_onnx[][16] = { "\x89HDF\r\n\x1a\n", "PK\x03\x04", "{\"format\": 1}", "\x80\x02}q",
                                       "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = data_file (names[i]), *text = NULL;
    gsize length;

    g_assert_true (g_file_get_contents (path, &text, &length, NULL));
    g_assert_true (cnn_onnx_recognise ((const guint8 *)text, length));
    g_assert_true (cnn_onnx_recognise ((const guint8 *)text, MIN (length, 64)));
  }
  for (guint i = 0; i < G_N_ELEMENTS (not_onnx); i++)
    g_assert_false (cnn_onnx_recognise ((const guint8 *)not_onnx[i], strlen (not_onnx[i])));
}

/* Further networks with references, where they are there: MODEL beside refs/MODEL. */
static void
test_reference (gconstpointer data)
{
  g_auto (GStrv) paths = g_strsplit (data, "\n", 2);
  g_autofree char *in_path = g_build_filename (paths[1], "input.npy", NULL),
                  *out_path = g_build_filename (paths[1], "logits.npy", NULL);
  g_autoptr (CnnModel) model = read_model (paths[0]);
  g_autoptr (CnnOnnxArray) input = NULL, expected = npy_read (out_path);
  guint in = cnn_model_get_input (model, (guint)cnn_model_get_image_input (model))->value,
        out = cnn_model_get_score_value (model);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autofree float *ours = NULL, *found = g_new (float, expected->count);
  g_autoptr (GError) error = NULL;

  if (!g_file_test (in_path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("the input is kept as a picture");
    return;
  }
  input = npy_read (in_path);
  ours = g_new (float, input->count);
  cnn_model_from_framework (model, in, 1, input->tensor->data, ours);
  cnn_engine_set_input (engine, ours);
  g_assert_cmpuint (cnn_engine_value_size (engine, out), ==, expected->count);
  cnn_engine_read (engine, out, found, NULL, &error);
  g_assert_no_error (error);
  assert_close (found, expected, 1e-4);
}

static void
add_references (void)
{
  static const char *const names[] = { "cifar100edge", "cntk_mnist-8", "keras2onnx_mnist-lg", "meso4_tf2onnx",
                                       "vnncomp_cifar10_resnet_2b" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && g_getenv ("CNN_SHARED") != NULL; i++) {
    g_autofree char *file = g_strconcat (names[i], ".onnx", NULL),
                    *test = g_strconcat ("/onnx/reference/", names[i], NULL);
    g_autofree char *path =
        g_build_filename (g_getenv ("CNN_SHARED"), "models", "models", "onnx", file, NULL);
    g_autofree char *refs = g_build_filename (g_getenv ("CNN_SHARED"), "models", "refs", file, NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      g_test_add_data_func_full (test, g_strconcat (path, "\n", refs, NULL), test_reference, g_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/onnx/network/modern", "modern", test_fixture);
  g_test_add_data_func ("/onnx/network/shapes", "shapes", test_fixture);
  g_test_add_data_func ("/onnx/network/batch4", "batch4", test_fixture);
  g_test_add_data_func ("/onnx/network/nhwc", "nhwc", test_fixture);
  g_test_add_data_func ("/onnx/network/external", "external", test_fixture);
  g_test_add_data_func ("/onnx/network/recent", "recent", test_fixture);
  g_test_add_data_func ("/onnx/network/functions", "functions", test_fixture);
  g_test_add_data_func ("/onnx/network/operators", "operators", test_fixture);
  g_test_add_data_func ("/onnx/gradient/operators", "operators", test_gradient);
  g_test_add_func ("/onnx/patterns", test_patterns);
  g_test_add_func ("/onnx/channels-last", test_channels_last);
  g_test_add_func ("/onnx/unsupported", test_unsupported);
  g_test_add_func ("/onnx/labels", test_labels);
  g_test_add_data_func ("/onnx/free-size/shapes", "free", test_free_size);
  g_test_add_data_func ("/onnx/free-size/folded", "rows", test_free_size);
  g_test_add_func ("/onnx/recognise", test_recognise);
  add_references ();
  return g_test_run ();
}
