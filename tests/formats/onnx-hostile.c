/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ONNX files that are wrong: each gives one sentence, at once, and takes no memory for what it claims. */
#include "formats/onnx/cnn-onnx.h"
#include "model/cnn-error.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
  const char *name;
  CnnError code;
  const char *says; /* part of the sentence */
} files[] = {
  { "truncated", CNN_ERROR_FILE, "truncated or damaged" },
  { "no-graph", CNN_ERROR_FILE, "no graph" },
  { "huge-weight", CNN_ERROR_WEIGHTS, "impossible shape" },
  { "overflowing-weight", CNN_ERROR_WEIGHTS, "impossible shape" },
  { "negative-weight", CNN_ERROR_WEIGHTS, "impossible shape" },
  { "short-weight", CNN_ERROR_WEIGHTS, "holds 20 bytes where its shape asks for 72" },
  { "negative-input", CNN_ERROR_MODEL, "impossible size -5" },
  { "huge-input", CNN_ERROR_MODEL, "impossible shape" },
  { "missing-input", CNN_ERROR_MODEL, "“nowhere”, which nothing writes" },
  { "duplicate-name", CNN_ERROR_MODEL, "“output” is given to two tensors" },
  { "duplicate-weight", CNN_ERROR_MODEL, "“w” is given to two tensors" },
  { "cycle", CNN_ERROR_MODEL, "form a circle" },
  { "missing-output", CNN_ERROR_MODEL, "“nothing”" },
  { "no-output", CNN_ERROR_MODEL, "names no output" },
  { "wrong-kernel", CNN_ERROR_MODEL, "contradicts its kernel_shape" },
  { "zero-stride", CNN_ERROR_MODEL, "“strides” 0" },
  { "huge-pads", CNN_ERROR_MODEL, "“pads”" },
  { "zero-groups", CNN_ERROR_MODEL, "groups" },
  { "external-outside", CNN_ERROR_FILE, "outside the model’s folder" },
  { "external-absolute", CNN_ERROR_FILE, "outside the model’s folder" },
  { "external-parent", CNN_ERROR_FILE, "outside the model’s folder" },
  { "external-absent", CNN_ERROR_FILE, "absent.weights" },
  { "external-beyond", CNN_ERROR_WEIGHTS, "beyond the end" },
  { "huge-constant", CNN_ERROR_MODEL, "impossible shape" },
  { "huge-range", CNN_ERROR_MODEL, "endless" },
  { "wrong-reshape", CNN_ERROR_MODEL, "1x7" },
  { "endless-function", CNN_ERROR_MODEL, "call each other more than" },
  { "function-bomb", CNN_ERROR_MODEL, "more than 32768 operators" },
  { "doubled-constant", CNN_ERROR_MODEL, "which is too large" },
  { "many-constants", CNN_ERROR_MODEL, "which is too large" },
  { "smallest-pads", CNN_ERROR_MODEL, "out of range" },
  { "deep-missing", CNN_ERROR_MODEL, "“t0”, which nothing writes" },
};

static char *
fixture (const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".onnx", NULL);

  return g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "tests", "data", "onnx", folder, file, NULL);
}

static long
peak_kib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/* AddressSanitizer keeps what was freed and surrounds what was not */
#ifdef __SANITIZE_ADDRESS__
#define MOST_KIB (256 * 1024)
#else
#define MOST_KIB (32 * 1024)
#endif

static void
test_file (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *path = fixture ("bad", files[i].name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  g_autoptr (CnnModel) model = NULL;
  long before = peak_kib ();

  g_assert_no_error (error);
  model = cnn_onnx_read (path, file, NULL, &error);
  g_assert_null (model);
  g_assert_error (error, CNN_ERROR, (int)files[i].code);
  g_assert_nonnull (strstr (error->message, files[i].says));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpint (peak_kib () - before, <, MOST_KIB);
}

/* A weight type that is not known hides the numbers, not the network. */
static void
test_unknown_type (void)
{
  g_autofree char *path = fixture ("bad", "unknown-type");
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cnn_onnx_read (path, file, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (cnn_model_get_unsupported (model), "element type 99"));
}

/* A weight file that is a link to one outside the folder. */
static void
test_link (void)
{
  g_autofree char *path = fixture ("", "external"), *text = NULL,
                  *folder = g_dir_make_tmp ("onnx-XXXXXX", NULL),
                  *copy = g_build_filename (folder, "external.onnx", NULL),
                  *link = g_build_filename (folder, "external.weights", NULL);
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (g_file_set_contents (copy, text, (gssize)length, NULL));
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  file = g_mapped_file_new (copy, FALSE, NULL);
  model = cnn_onnx_read (copy, file, NULL, &error);
  g_assert_error (error, CNN_ERROR, CNN_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "outside the model’s folder"));
  g_remove (link);
  g_remove (copy);
  g_rmdir (folder);
}

/* Branches within branches, 10,000 levels deep. */
static void
test_deep_branches (void)
{
  g_autoptr (GByteArray) graph = g_byte_array_new ();
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (CnnModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("onnx-XXXXXX", NULL),
                  *path = g_build_filename (folder, "deep.onnx", NULL);

  for (guint i = 0; i < 10000; i++) {
    /* a node in a graph, an attribute in the node, a graph in the attribute; or the model's graph */
    static const guint8 tags[] = { 0x32, 0x2a, 0x0a };

    for (guint k = 0; k < (i < 9999 ? 3 : 1); k++) {
      guint8 head[8] = { i < 9999 ? tags[k] : 0x3a };
      guint n = 1, left = graph->len;

      for (; left > 127; left >>= 7)
        head[n++] = (guint8)(left | 0x80);
      head[n++] = (guint8)left;
      g_byte_array_prepend (graph, head, n);
    }
  }
  g_assert_true (g_file_set_contents (path, (const char *)graph->data, graph->len, NULL));
  file = g_mapped_file_new (path, FALSE, NULL);
  model = cnn_onnx_read (path, file, NULL, &error);
  g_assert_null (model);
  g_assert_true (error->domain == CNN_ERROR);
  g_remove (path);
  g_rmdir (folder);
}

/* Any cut of a good file is an error or a smaller network, never a crash. */
static void
test_every_cut (void)
{
  g_autofree char *path = fixture ("", "nhwc"), *text = NULL, *folder = g_dir_make_tmp ("onnx-XXXXXX", NULL);
  g_autofree char *cut = g_build_filename (folder, "cut.onnx", NULL);
  gsize length, opened = 0;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (gsize n = 1; n < length; n++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GMappedFile) file = NULL;
    g_autoptr (CnnModel) model = NULL;

    g_assert_true (g_file_set_contents_full (cut, text, (gssize)n, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    file = g_mapped_file_new (cut, FALSE, NULL);
    model = cnn_onnx_read (cut, file, NULL, &error);
    g_assert_true ((model != NULL) != (error != NULL));
    opened += model != NULL;
  }
  g_assert_cmpuint (opened, <, length / 10);
  g_remove (cut);
  g_rmdir (folder);
}

/* Bytes turned at random places of a good file. */
static void
test_damage (void)
{
  g_autofree char *path = fixture ("", "modern"), *text = NULL,
                  *folder = g_dir_make_tmp ("onnx-XXXXXX", NULL);
  g_autofree char *damaged = g_build_filename (folder, "damaged.onnx", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (guint n = 0; n < 1500; n++) {
    g_autofree char *copy = g_memdup2 (text, length);
    g_autoptr (GError) error = NULL;
    g_autoptr (GMappedFile) file = NULL;
    g_autoptr (CnnModel) model = NULL;

    for (guint k = 0; k <= n % 4; k++)
      copy[g_rand_int_range (rand, 0, (gint32)length)] = (char)g_rand_int (rand);
    g_assert_true (
        g_file_set_contents_full (damaged, copy, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    file = g_mapped_file_new (damaged, FALSE, NULL);
    model = cnn_onnx_read (damaged, file, NULL, &error);
    g_assert_true ((model != NULL) != (error != NULL));
  }
  g_remove (damaged);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *name = g_strconcat ("/onnx/hostile/", files[i].name, NULL);

    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_file);
  }
  g_test_add_func ("/onnx/hostile/unknown-type", test_unknown_type);
  g_test_add_func ("/onnx/hostile/link", test_link);
  g_test_add_func ("/onnx/hostile/deep-branches", test_deep_branches);
  g_test_add_func ("/onnx/hostile/cuts", test_every_cut);
  g_test_add_func ("/onnx/hostile/damage", test_damage);
  return g_test_run ();
}
