/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator tests that come with ONNX: one operator a model, inputs and outputs as numpy files. */
#include "engine/cnn-engine.h"
#include "formats/onnx/cnn-onnx-proto.h"
#include "formats/onnx/cnn-onnx.h"
#include "onnx-npy.h"

#include <math.h>

static void
compare (const char *name, const float *found, CnnOnnxArray *expected)
{
  for (gsize i = 0; i < expected->count; i++) {
    double want = cnn_onnx_array_get (expected, i);

    if (!(fabs ((double)found[i] - want) <= 1e-5 + 1e-4 * fabs (want)) && !(isnan (want) && isnan (found[i])))
      g_error ("%s: element %" G_GSIZE_FORMAT " is %g, expected %g", name, i, (double)found[i], want);
  }
}

/* The first input is what the network computes from; the others are read as constants. */
static GHashTable *
bind_inputs (const char *folder, const Onnx__GraphProto *graph, CnnOnnxArray **first)
{
  GHashTable *bindings =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)cnn_onnx_array_unref);

  for (gsize i = 0; i < graph->n_input; i++) {
    g_autofree char *file = g_strdup_printf ("%s/input_%" G_GSIZE_FORMAT ".npy", folder, i);

    if (i == 0)
      *first = npy_read (file);
    if (i > 0 || (*first)->shape.rank == 0)
      g_hash_table_insert (bindings, g_strdup (graph->input[i]->name), npy_read (file));
  }
  return bindings;
}

static void
check_outputs (const char *folder, const Onnx__GraphProto *graph, CnnModel *model, CnnOnnxArray *input,
               GHashTable *constants)
{
  g_autoptr (CnnEngine) engine = model != NULL ? cnn_engine_new (model) : NULL;
  g_autoptr (CnnTensor) x = input != NULL ? cnn_onnx_array_to_tensor (input) : NULL;
  g_autofree float *zero = g_new0 (float, 1);

  if (engine != NULL)
    cnn_engine_set_input (engine, x->data != NULL ? x->data : zero);
  for (gsize i = 0; i < graph->n_output; i++) {
    g_autofree char *file = g_strdup_printf ("%s/output_%" G_GSIZE_FORMAT ".npy", folder, i);
    g_autoptr (CnnOnnxArray) expected = npy_read (file);
    g_autofree float *found = g_new0 (float, expected->count + 1);
    CnnTensor *constant = g_hash_table_lookup (constants, graph->output[i]->name);
    g_autoptr (GError) error = NULL;

    if (constant != NULL) {
      g_assert_true (cnn_shape_equal (&constant->shape, &expected->shape));
      cnn_tensor_read (constant, found);
    } else {
      int value = model != NULL ? cnn_model_find_value (model, graph->output[i]->name) : -1;

      if (i > 0 && value < 0) /* masks and indices: nothing of ours computes them */
        continue;
      g_assert_cmpint (value, >=, 0);
      g_assert_true (cnn_shape_equal (&cnn_model_get_value (model, (guint)value)->shape, &expected->shape));
      cnn_engine_read (engine, (guint)value, found, NULL, &error);
      g_assert_no_error (error);
    }
    compare (folder, found, expected);
  }
}

static void
test_node (gconstpointer data)
{
  const char *folder = data;
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, &error);
  g_autoptr (GHashTable) constants =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)cnn_tensor_unref);
  g_autoptr (CnnOnnxFile) file = NULL;
  g_autoptr (CnnOnnxArray) first = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (GHashTable) bindings = NULL;
  CnnOnnxOptions options = { .keep_batch = TRUE, .constants = constants };

  g_assert_no_error (error);
  file = cnn_onnx_file_new (path, mapped, &error);
  g_assert_no_error (error);
  options.bindings = bindings = bind_inputs (folder, file->proto->graph, &first);
  model = cnn_onnx_read_with (path, mapped, &options, NULL, &error);
  if (g_hash_table_size (constants) == 0)
    g_assert_no_error (error);
  if (model != NULL)
    g_assert_cmpstr (cnn_model_get_unsupported (model), ==, NULL);
  check_outputs (folder, file->proto->graph, model, first, constants);
}

static void
test_skipped (void)
{
  g_test_skip ("the operator tests are not there");
}

/* Names in tests/formats/onnx-skipped.txt: "test_name: why". */
static GHashTable *
read_skipped (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "formats", "onnx-skipped.txt", NULL);
  GHashTable *skipped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *colon = strchr (lines[i], ':');

    if (lines[i][0] != '#' && colon != NULL)
      g_hash_table_add (skipped, g_strndup (lines[i], (gsize)(colon - lines[i])));
  }
  return skipped;
}

int
main (int argc, char **argv)
{
  g_autofree char *root = g_build_filename (g_getenv ("CNN_SHARED") != NULL ? g_getenv ("CNN_SHARED") : "",
                                            "models", "onnx_node", NULL);
  g_autoptr (GHashTable) skipped = read_skipped ();
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (root, 0, NULL);
  const char *name;

  g_test_init (&argc, &argv, NULL);
  if (dir == NULL)
    g_test_add_func ("/onnx/node", test_skipped);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *test = g_strdup_printf ("/onnx/node/%s", name);

    if (g_hash_table_contains (skipped, name))
      continue;
    g_ptr_array_add (folders, g_build_filename (root, name, NULL));
    g_test_add_data_func (test, g_ptr_array_index (folders, folders->len - 1), test_node);
  }
  if (dir != NULL)
    g_dir_close (dir);
  return g_test_run ();
}
