/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Good files of every kind with bytes turned, cut out or cut off: a sentence, or a network that can be used.
 * CNN_DAMAGE is the number of tries a file; CNN_DAMAGE_SEED, where they start. */
#include "engine/cnn-engine.h"
#include "formats/cnn-model-reader.h"
#include "formats/onnx/cnn-onnx.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* Below the sources, or below the shared folder where that is there. */
static const char *const own[] = { "data/models/digits.h5", "tests/data/onnx/recent.onnx",
                                   "tests/data/onnx/functions.onnx", "tests/data/onnx/shapes.onnx", NULL };
static const char *const shared[] = {
  "models/models/keras/mtcnn_12net.h5",          "models/models/keras_zoo/cnn2d_76.h5",
  "models/models/keras/aser_mnist.keras",        "models/models/tfjs/tinyvgg/model.json",
  "models/models/onnx/keras2onnx_mnist-lg.onnx", NULL
};

static guint
number (const char *variable, guint fallback)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint)strtoul (text, NULL, 10) : fallback;
}

/* Most damage goes to the first part, where the description is; a quarter of the tries cut the file off or
 * take a stretch out of it. */
static gsize
damage (GRand *rand, char *data, gsize length)
{
  gint32 end = (gint32)(g_rand_boolean (rand) ? length : MIN (length, 4096));
  guint how = (guint)g_rand_int_range (rand, 0, 8), n = 1u << g_rand_int_range (rand, 0, 5);
  gsize at = (gsize)g_rand_int_range (rand, 0, end), gone;

  if (how == 0)
    return at;
  if (how == 1) {
    gone = (gsize)g_rand_int_range (rand, 1, 64);
    gone = MIN (gone, length - at);
    memmove (data + at, data + at + gone, length - at - gone);
    return length - gone;
  }
  for (guint i = 0; i < n; i++) {
    at = (gsize)g_rand_int_range (rand, 0, end);
    data[at] = how < 4    ? (char)g_rand_int (rand)
               : how < 6  ? (char)(data[at] ^ 1 << (i & 7))
               : how == 6 ? '\xff'
                          : 0;
  }
  return length;
}

/* What opens must be computable as far as it goes: it may say what it cannot do, but not fall over. */
static void
use (CnnModel *model)
{
  const CnnInputInfo *info = cnn_model_get_input (model, 0);
  guint out = cnn_model_get_output (model, 0);
  guint64 work = 0;

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    work += cnn_model_get_layer (model, i)->multiply_adds;
  for (guint i = 0; i < cnn_model_get_n_values (model); i++)
    if (cnn_model_get_value (model, i)->known)
      work += cnn_shape_size (&cnn_model_get_value (model, i)->shape);
  if (work < 30000000 && cnn_model_get_value (model, out)->known) {
    g_autoptr (CnnEngine) engine = cnn_engine_new (model);
    gsize n = cnn_engine_value_size (engine, info->value), n_out = cnn_engine_value_size (engine, out);
    g_autofree float *x = g_new0 (float, MAX (n, 1)), *y = g_new0 (float, MAX (n_out, 1));
    g_autoptr (GError) error = NULL;

    cnn_engine_set_input (engine, x);
    cnn_engine_read (engine, out, y, NULL, &error);
  }
}

/* A TensorFlow.js model's weights lie beside it. */
static void
copy_beside (const char *path, const char *folder)
{
  g_autofree char *from = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  while (g_str_has_suffix (path, ".json") && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *source = g_build_filename (from, name, NULL),
                    *target = g_build_filename (folder, name, NULL), *text = NULL;
    gsize length;

    if (!g_str_has_suffix (name, ".json") && (!g_file_get_contents (source, &text, &length, NULL) ||
                                              !g_file_set_contents (target, text, (gssize)length, NULL)))
      g_assert_not_reached ();
  }
}

static void
remove_all (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_remove (path);
  }
  g_rmdir (folder);
}

static void
test_file (gconstpointer data)
{
  const char *path = data;
  g_autofree char *text = NULL, *folder = g_dir_make_tmp ("damaged-XXXXXX", NULL),
                  *name = g_path_get_basename (path), *target = g_build_filename (folder, name, NULL);
  guint tries = number ("CNN_DAMAGE", 25), first = number ("CNN_DAMAGE_SEED", 1), opened = 0;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL)) {
    g_test_skip ("the file is not there");
    g_rmdir (folder);
    return;
  }
  copy_beside (path, folder);
  for (guint i = first; i < first + tries; i++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (i);
    g_autofree char *copy = g_memdup2 (text, length);
    gsize left = i == first
                     ? length
                     : damage (rand, copy, length); /* whole once, so that it is not refused for the place */
    g_autoptr (GError) error = NULL;
    CnnModel *model;

    if (!g_file_set_contents_full (target, copy, (gssize)left, G_FILE_SET_CONTENTS_NONE, 0600, NULL))
      g_assert_not_reached ();
    if (g_getenv ("CNN_DAMAGE_SAY") != NULL)
      g_printerr ("# %s seed %u\n", name, i);
    model = cnn_model_read (target, NULL, &error);
    if ((model != NULL) == (error != NULL) ||
        (error != NULL && (*error->message == '\0' || strchr (error->message, '\n') != NULL)))
      g_error ("%s, seed %u: %s", name, i, error != NULL ? error->message : "no network, and nothing said");
    if (i == first)
      g_assert_no_error (error);
    if (model != NULL) {
      use (model);
      opened++;
      g_object_unref (model);
    }
  }
  g_test_message ("%u of %u opened", opened, tries);
  remove_all (folder);
}

static void
add (const char *root, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *base = g_path_get_basename (names[i]),
                    *test = g_strconcat ("/formats/damaged/", base, NULL);

    g_test_add_data_func_full (test, g_build_filename (root != NULL ? root : "/nonexistent", names[i], NULL),
                               test_file, g_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add (g_getenv ("CNN_SOURCE_ROOT"), own);
  add (g_getenv ("CNN_SHARED"), shared);
  return g_test_run ();
}
