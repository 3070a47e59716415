/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The incremental forward against whole forwards of occluded inputs: on drawn networks, on those beside the
 * project where they are, and on those of the folder that CNN_MODELS names. */
#include "kernel-cases.h"
#include "random-graph.h"

#include "engine/incremental/cnn-incremental-sweep.h"
#include "formats/cnn-model-reader.h"

#include <math.h>
#include <string.h>

typedef struct {
  gint64 channels, height, width;
} Extent;

static Extent
input_extent (CnnModel *model)
{
  guint input = (guint)MAX (cnn_model_get_image_input (model), 0);
  const CnnShape *shape = &cnn_model_get_value (model, cnn_model_get_input (model, input)->value)->shape;

  return (Extent){ shape->dims[1], shape->rank > 3 ? shape->dims[2] : 1, shape->dims[shape->rank - 1] };
}

static void
cover (const Extent *extent, const CnnOccluderGrid *grid, guint position, const float *filling, float *image)
{
  int top = grid->at[0][position / grid->n[1]], left = grid->at[1][position % grid->n[1]];

  for (gint64 c = 0; c < extent->channels; c++)
    for (gint64 y = MAX (top, 0); y < MIN (top + grid->size[0], extent->height); y++)
      for (gint64 x = MAX (left, 0); x < MIN (left + grid->size[1], extent->width); x++) {
        gsize i = (gsize)((c * extent->height + y) * extent->width + x);

        image[i] = filling[i];
      }
}

/* @n drawn places, some of them hanging over the borders. */
static int *
draw_places (GRand *random, guint n, int size, gint64 side)
{
  int *at = g_new (int, n);

  for (guint i = 0; i < n; i++)
    at[i] = g_rand_int_range (random, -size / 2, (int)side - size / 2 + 1);
  return at;
}

/* The largest difference of a probability between two rows of scores. */
static double
probability_distance (CnnEngine *engine, const float *a, const float *b)
{
  guint n = MAX (cnn_model_get_n_classes (cnn_engine_get_model (engine)), 1);
  g_autofree double *p = g_new (double, n), *q = g_new (double, n);
  double most = 0;

  cnn_engine_probabilities_double (engine, a, 1, p);
  cnn_engine_probabilities_double (engine, b, 1, q);
  for (guint i = 0; i < n; i++)
    most = MAX (most, fabs (p[i] - q[i]));
  return most;
}

/* The largest difference of a score, as a share of the largest score; probabilities agree to 1e-4. */
static double
compare (CnnModel *model, const char *name, guint32 seed, guint n_rows, guint n_columns, guint batch)
{
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnIncremental) incremental = NULL;
  Extent extent = input_extent (model);
  gsize n = cnn_engine_input_size (engine);
  guint value = cnn_model_get_score_value (model), n_positions = n_rows * n_columns;
  gsize size = cnn_engine_value_size (engine, value);
  g_autofree float *image = g_new (float, n), *filling = g_new (float, n), *occluded = g_new (float, n);
  g_autofree float *scores = g_new (float, size *n_positions), *whole = g_new (float, size);
  g_autofree guint *positions = g_new (guint, n_positions);
  g_autofree int *rows = NULL, *columns = NULL;
  CnnOccluderGrid grid = { { 0 } };
  double most = 0, difference = 0, probability = 0;

  grid.size[0] = g_rand_int_range (random, 1, (int)MAX (extent.height / 3, 2));
  grid.size[1] = g_rand_int_range (random, 1, (int)MAX (extent.width / 3, 2));
  grid.n[0] = n_rows;
  grid.n[1] = n_columns;
  grid.at[0] = rows = draw_places (random, n_rows, grid.size[0], extent.height);
  grid.at[1] = columns = draw_places (random, n_columns, grid.size[1], extent.width);
  kernel_cases_draw (image, n, seed, -1, 1, 0);
  kernel_cases_draw (filling, n, seed + 1, -1, 1, 0);
  cnn_engine_set_input (engine, image);
  incremental = cnn_incremental_new (engine, &grid, batch, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_positions; i++)
    positions[i] = i;
  cnn_incremental_run (incremental, filling, positions, n_positions, scores, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_positions; i++) {
    memcpy (occluded, image, n * sizeof (float));
    cover (&extent, &grid, i, filling, occluded);
    cnn_engine_forward (engine, occluded, 1, &value, 1, (float *[]){ whole }, NULL, &error);
    g_assert_no_error (error);
    probability = MAX (probability, probability_distance (engine, whole, scores + i * size));
    for (gsize k = 0; k < size; k++) {
      most = MAX (most, fabs ((double)whole[k]));
      difference = MAX (difference, fabs ((double)whole[k] - scores[i * size + k]));
    }
  }
  g_test_message ("%s: occluder of %dx%d on %dx%d: differs by %g of %g, probabilities by %g", name,
                  grid.size[1], grid.size[0], (int)extent.width, (int)extent.height, difference, most,
                  probability);
  g_assert_cmpfloat (probability, <=, 1e-4);
  return most > 0 ? difference / most : difference;
}

static void
test_drawn_networks (gconstpointer data)
{
  guint first = GPOINTER_TO_UINT (data);

  for (guint seed = first; seed < first + 10; seed++) {
    g_autofree char *name = g_strdup_printf ("network %u", seed);
    g_autoptr (CnnModel) model = random_graph_new (seed, FALSE);

    g_assert_cmpfloat (compare (model, name, seed, 3, 3, 4), <, 1e-5);
  }
}

static void
test_digits (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "data", "models", "digits.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cnn_model_read (path, NULL, &error);

  g_assert_no_error (error);
  for (guint seed = 1; seed <= 6; seed++)
    g_assert_cmpfloat (compare (model, "digits", seed, 5, 5, 16), <, 1e-5);
}

/* A sweep visits each position once and says the same as its single occluders. */
static void
test_sweep (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "data", "models", "digits.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cnn_model_read (path, NULL, &error);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  gsize n = cnn_engine_input_size (engine), size = cnn_model_get_n_classes (model);
  g_autofree float *image = g_new (float, n), *filling = g_new0 (float, n),
                   *scores = g_new (float, 16 * size), *alone = g_new (float, 169 * size);
  g_autofree guint *all = g_new (guint, 169), *seen = g_new0 (guint, 169);
  g_autoptr (CnnIncrementalSweep) sweep = NULL;
  g_autoptr (CnnIncremental) incremental = NULL;
  int at[13];
  CnnOccluderGrid grid = { { 4, 4 }, { 13, 13 }, { at, at } };

  for (int i = 0; i < 13; i++)
    at[i] = 2 * i;
  for (guint i = 0; i < 169; i++)
    all[i] = i;
  kernel_cases_draw (image, n, 1, 0, 1, 0);
  cnn_engine_set_input (engine, image);
  incremental = cnn_incremental_new (engine, &grid, 13, &error);
  g_assert_no_error (error);
  g_assert_true (cnn_incremental_run (incremental, filling, all, 169, alone, NULL, &error));
  sweep = cnn_incremental_sweep_new (engine, &grid, 16, &error);
  g_assert_no_error (error);
  g_assert_true (cnn_incremental_sweep_suits (sweep, &grid));
  for (guint batch = 0; batch < cnn_incremental_sweep_get_n_batches (sweep); batch++) {
    guint m;
    const guint *positions = cnn_incremental_sweep_get_batch (sweep, batch, &m);

    g_assert_cmpuint (m, <=, 16);
    g_assert_true (cnn_incremental_sweep_run (sweep, batch, filling, scores, NULL, &error));
    for (guint i = 0; i < m; i++) {
      seen[positions[i]]++;
      for (gsize k = 0; k < size; k++)
        g_assert_cmpfloat_with_epsilon (scores[i * size + k], alone[positions[i] * size + k], 1e-3f);
    }
  }
  for (guint i = 0; i < 169; i++)
    g_assert_cmpuint (seen[i], ==, 1);
}

/* The networks beside the project, where they are. */
static void
test_real_network (gconstpointer data)
{
  const char *path = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cnn_model_read (path, NULL, &error);

  if (model == NULL || cnn_model_get_image_input (model) < 0 || cnn_model_get_n_classes (model) == 0) {
    g_test_skip ("no classifier of images");
    return;
  }
  for (guint seed = 1; seed <= 2; seed++)
    g_assert_cmpfloat (compare (model, path, seed, 2, 2, 4), <, 1e-4);
}

/* The files of @folder, and the model.json of its folders. */
static void
add_real_networks (const char *folder, const char *kind, GPtrArray *paths)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *test = g_strdup_printf ("/incremental/real/%s/%s", kind, name);
    char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
      g_autofree char *parent = path;

      path = g_build_filename (parent, "model.json", NULL);
    }
    g_ptr_array_add (paths, path);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      g_test_add_data_func (test, path, test_real_network);
  }
}

/* A change of the input is followed, and a whole grid of places is one compilation. */
static void
test_input_changes (void)
{
  g_autoptr (CnnModel) model = random_graph_new (3, FALSE);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autoptr (CnnIncremental) incremental = NULL;
  g_autoptr (GError) error = NULL;
  gsize n = cnn_engine_input_size (engine);
  guint value = cnn_model_get_score_value (model), position = 0;
  gsize size = cnn_engine_value_size (engine, value);
  g_autofree float *image = g_new (float, n), *scores = g_new (float, size), *whole = g_new (float, size);
  int at[] = { 1 };
  CnnOccluderGrid grid = { { 2, 2 }, { 1, 1 }, { at, at } };

  for (guint turn = 0; turn < 3; turn++) {
    kernel_cases_draw (image, n, turn, -1, 1, 0);
    cnn_engine_set_input (engine, image);
    if (incremental == NULL)
      incremental = cnn_incremental_new (engine, &grid, 1, &error);
    g_assert_no_error (error);
    g_assert_true (cnn_incremental_suits (incremental, &grid));
    /* an occluder of the picture itself changes nothing */
    cnn_incremental_run (incremental, image, &position, 1, scores, NULL, &error);
    g_assert_no_error (error);
    cnn_engine_read (engine, value, whole, NULL, &error);
    for (gsize k = 0; k < size; k++)
      g_assert_cmpfloat_with_epsilon (scores[k], whole[k], 1e-4f);
  }
  grid.size[0] = 3;
  g_assert_false (cnn_incremental_suits (incremental, &grid));
}

typedef struct {
  CnnEngine *engine;
  const float *image;
  guint calls;
} Interruption;

static void
change_input (gpointer data)
{
  Interruption *interruption = data;

  if (interruption->calls++ == 1)
    cnn_engine_set_input (interruption->engine, interruption->image);
}

static void
test_interrupted (void)
{
  g_autoptr (CnnModel) model = random_graph_new (4, FALSE);
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autoptr (GError) error = NULL;
  gsize n = cnn_engine_input_size (engine);
  guint position = 0;
  g_autofree float *image = g_new0 (float, n),
                   *scores = g_new (float, cnn_engine_value_size (engine, cnn_model_get_score_value (model)));
  int at[] = { 1 };
  CnnOccluderGrid grid = { { 2, 2 }, { 1, 1 }, { at, at } };
  Interruption interruption = { engine, image, 0 };
  g_autoptr (CnnIncremental) incremental = NULL;

  cnn_engine_set_input (engine, image);
  incremental = cnn_incremental_new (engine, &grid, 1, &error);
  g_assert_no_error (error);
  cnn_incremental_set_between (incremental, change_input, &interruption);
  g_assert_false (cnn_incremental_run (incremental, image, &position, 1, scores, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (interruption.calls, >, 2);
}

int
main (int argc, char **argv)
{
  const char *const kinds[] = { "keras", "keras_zoo", "tfjs", "onnx", "onnx_light" };
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  g_test_init (&argc, &argv, NULL);
  for (guint first = 0; first < 60; first += 10) {
    g_autofree char *path = g_strdup_printf ("/incremental/networks-%u", first);

    g_test_add_data_func (path, GUINT_TO_POINTER (first), test_drawn_networks);
  }
  g_test_add_func ("/incremental/digits", test_digits);
  g_test_add_func ("/incremental/sweep", test_sweep);
  g_test_add_func ("/incremental/input-changes", test_input_changes);
  g_test_add_func ("/incremental/interrupted", test_interrupted);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *folder = g_build_filename (g_getenv ("CNN_SHARED"), "models", "models", kinds[i], NULL);

    add_real_networks (folder, kinds[i], paths);
  }
  if (g_getenv ("CNN_MODELS") != NULL)
    add_real_networks (g_getenv ("CNN_MODELS"), "more", paths);
  return g_test_run ();
}
