/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grids of classes: their cells are the maps that the methods give one by one. */
#include "formats/cnn-model-reader.h"
#include "methods/cnn-compare.h"

#include <math.h>

static CnnSession *
open_digit (void)
{
  g_autofree char *network = g_test_build_filename (G_TEST_DIST, "../data/models/digits.h5", NULL);
  g_autofree char *picture =
      g_test_build_filename (G_TEST_DIST, "../data/samples/digit-7-test-0000.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnModel) model = cnn_model_read (network, NULL, &error);
  g_autoptr (CnnImage) image = NULL;
  CnnSession *session;

  g_assert_no_error (error);
  image = cnn_image_read (picture, NULL, &error);
  g_assert_no_error (error);
  session = cnn_session_new (model);
  g_assert_true (cnn_session_set_image (session, image, "seven", &error));
  return session;
}

static double
distance (const CnnMap *a, const CnnMap *b)
{
  double difference = 0, size = 0;

  for (gsize i = 0; i < (gsize)a->width * a->height; i++) {
    difference += pow ((double)a->values[i] - (double)b->values[i], 2);
    size += pow ((double)b->values[i], 2);
  }
  return size > 0 ? sqrt (difference / size) : difference;
}

static guint
make_columns (CnnCompareColumn *columns)
{
  static const char *const names[] = { "saliency", "grad-cam", "gradient-x-input", "guided-grad-cam" };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint m = 0; m < CNN_N_MODIFIERS; m++) {
      const CnnMethod *method = cnn_method_find (names[i]);

      if (m > 0 && !method->uses_modifier)
        continue;
      columns[n].method = method;
      cnn_method_request_init (&columns[n].request, method);
      columns[n++].request.modifier = (CnnModifier)m;
    }
  return n;
}

static void
on_progress (double fraction, CnnCompare *partial, gpointer data)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1);
  *last = fraction;
}

static void
test_cells (void)
{
  static const int classes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnCompare) grid = NULL;
  CnnCompareColumn columns[CNN_COMPARE_MAX_COLUMNS] = { { 0 } };
  guint n = make_columns (columns);
  double fraction = 0;

  grid = cnn_compare_compute (session, classes, G_N_ELEMENTS (classes), columns, n, on_progress, &fraction,
                              NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (fraction, ==, 1);
  for (guint r = 0; r < grid->n_rows; r++)
    for (guint c = 0; c < n; c++) {
      CnnMap *cell = grid->maps[r * n + c];
      CnnMethodRequest request = columns[c].request;
      g_autoptr (CnnMap) alone = NULL;

      request.class_index = classes[r];
      alone = cnn_method_compute (columns[c].method, session, &request, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (distance (cell, alone), <=, 1e-5);
      g_assert_cmpint (cell->class_index, ==, classes[r]);
      g_assert_cmpstr (cell->title, ==, alone->title);
    }
}

static void
test_range (void)
{
  static const int classes[] = { 3, 7 };
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnCompare) grid = NULL;
  CnnCompareColumn columns[CNN_COMPARE_MAX_COLUMNS] = { { 0 } };
  guint n = make_columns (columns);
  float low[2], high[2];

  grid = cnn_compare_compute (session, classes, 2, columns, n, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint c = 0; c < n; c++) {
    double bound[2];

    for (guint r = 0; r < 2; r++) {
      const CnnMap *map = grid->maps[r * n + c];
      double unit = map->scaled_low < map->scaled_high ? (double)(map->scaled_high - map->scaled_low) : 1;

      g_assert_true (cnn_compare_get_range (grid, r, c, &low[r], &high[r]));
      /* nothing of a cell lies beyond the column's scale */
      g_assert_cmpfloat ((double)low[r], <=, (double)map->min + 1e-6);
      g_assert_cmpfloat ((double)high[r], >=, (double)map->max - 1e-6);
      bound[r] = (double)map->scaled_low * (unit != 1) + (double)high[r] * unit;
    }
    /* and the scale's end means the same in both */
    g_assert_cmpfloat (fabs (bound[0] - bound[1]), <=, 1e-4 * fabs (bound[0]));
  }
}

static void
test_choice (void)
{
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (CnnPrediction) few = cnn_predict (session, NULL, NULL);
  CnnPredictionEntry entries[30];
  CnnPrediction many = { .n = G_N_ELEMENTS (entries), .entries = entries };
  const int picked[] = { 2, 29, 400, -1, 2 };
  g_autoptr (GArray) all = cnn_compare_choose (few, picked, 5), some = NULL;

  g_assert_cmpuint (all->len, ==, 10);
  for (int i = 0; i < 10; i++)
    g_assert_cmpint (g_array_index (all, int, i), ==, i);
  for (int i = 0; i < 30; i++)
    entries[i].class_index = 29 - i;
  some = cnn_compare_choose (&many, picked, 5);
  g_assert_cmpuint (some->len, ==, CNN_COMPARE_TOP + 1); /* 29 is among the strongest */
  g_assert_cmpint (g_array_index (some, int, 0), ==, 29);
  g_assert_cmpint (g_array_index (some, int, CNN_COMPARE_TOP), ==, 2);
}

static void
test_cancelled (void)
{
  static const int classes[] = { 0, 1 };
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  CnnCompareColumn columns[CNN_COMPARE_MAX_COLUMNS] = { { 0 } };
  guint n = make_columns (columns);

  g_cancellable_cancel (cancellable);
  g_assert_null (cnn_compare_compute (session, classes, 2, columns, n, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (session->gradients);
}

static void
stop_at_third (double fraction, CnnCompare *partial, gpointer data)
{
  if (fraction >= 0.25)
    g_cancellable_cancel (data);
}

/* What was done before the stop is kept. */
static void
test_stopped (void)
{
  static const int classes[] = { 0, 1 };
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnCompare) grid = NULL;
  CnnCompareColumn columns[CNN_COMPARE_MAX_COLUMNS] = { { 0 } };
  guint n = make_columns (columns), done = 0;

  grid =
      cnn_compare_compute (session, classes, 2, columns, n, stop_at_third, cancellable, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (grid->stopped);
  for (guint i = 0; i < 2 * n; i++)
    done += grid->maps[i] != NULL;
  g_assert_cmpuint (done, >=, n / 2);
  g_assert_cmpuint (done, <, 2 * n);
}

/* A method that has no answer for the network costs its column, not the grid. */
static void
test_failure (void)
{
  static const int classes[] = { 0, 1 };
  g_autoptr (CnnSession) session = open_digit ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnCompare) grid = NULL;
  CnnCompareColumn columns[2] = { { cnn_method_find ("grad-cam"), { 0 } },
                                  { cnn_method_find ("saliency"), { 0 } } };

  for (guint c = 0; c < 2; c++)
    cnn_method_request_init (&columns[c].request, columns[c].method);
  columns[0].request.layer = cnn_model_find_layer (cnn_engine_get_model (session->engine), "preds");
  grid = cnn_compare_compute (session, classes, 2, columns, 2, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (grid->failures[0]);
  g_assert_null (grid->failures[1]);
  g_assert_null (grid->maps[0]);
  g_assert_nonnull (grid->maps[1]);
  g_assert_false (cnn_compare_check (grid, &error));
  g_assert_error (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (cnn_compare_compute (session, classes, 2, columns, 1, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/cells", test_cells);
  g_test_add_func ("/compare/range", test_range);
  g_test_add_func ("/compare/choice", test_choice);
  g_test_add_func ("/compare/cancelled", test_cancelled);
  g_test_add_func ("/compare/stopped", test_stopped);
  g_test_add_func ("/compare/failure", test_failure);
  return g_test_run ();
}
