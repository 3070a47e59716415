/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A long method that is stopped returns what it has and says so; what it shows meanwhile is whole. */
#include "tiny-network.h"

#include <math.h>
#include <string.h>

#define SIDE 24u
#define CHANNELS 40u

typedef struct {
  GCancellable *cancellable;
  guint n_partial;
} Watch;

static void
stop_at_once (double fraction, CnnMap *partial, gpointer data)
{
  Watch *watch = data;

  g_assert_cmpfloat (fraction, >, 0);
  if (partial != NULL) {
    watch->n_partial++;
    g_assert_nonnull (partial->title);
    g_assert_cmpfloat (partial->progress, <, 1);
    for (guint i = 0; i < partial->width * partial->height; i++)
      g_assert_true (isfinite (partial->values[i]));
  }
  g_cancellable_cancel (watch->cancellable);
}

static CnnSession *
new_session (void)
{
  gsize n = CHANNELS * SIDE * SIDE;
  g_autofree float *weights = g_new (float, 2 * n), *input = g_new (float, n);
  g_autoptr (CnnModel) model = NULL;

  for (gsize i = 0; i < 2 * n; i++)
    weights[i] = (float)((int)(i * 37 % 101) - 50) / 3e4f;
  for (gsize i = 0; i < n; i++)
    input[i] = (float)(i * 17 % 23) / 23;
  model = tiny_linear (CHANNELS, SIDE, SIDE, 2, weights, TRUE);
  return tiny_open (model, input);
}

static gboolean
has_note (const CnnMap *map, const char *part)
{
  for (guint i = 0; i < map->notes->len; i++)
    if (strstr (g_ptr_array_index (map->notes, i), part) != NULL)
      return TRUE;
  return FALSE;
}

static void
test_stopped (gconstpointer data)
{
  const char *name = data;
  const CnnMethod *method = cnn_method_find (name);
  g_autoptr (CnnSession) session = new_session ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnMap) map = NULL, whole = NULL, again = NULL;
  Watch watch = { cancellable, 0 };
  CnnMethodRequest request;

  cnn_method_request_init (&request, method);
  request.class_index = 1;
  if (cnn_method_find_param (method, "stride") >= 0)
    g_assert_true (cnn_method_request_set (&request, method, "stride", "2", &error));
  if (cnn_method_find_param (method, "iterations") >= 0)
    g_assert_true (cnn_method_request_set (&request, method, "iterations", "30", &error));
  whole = cnn_method_compute (method, session, &request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (whole->progress, ==, 1);
  request.progress = stop_at_once;
  request.progress_data = &watch;
  map = cnn_method_compute (method, session, &request, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (watch.n_partial, >, 0);
  g_assert_cmpfloat (map->progress, <, 1);
  g_assert_cmpfloat (map->progress, >, 0);
  g_assert_cmpfloat (map->max, >, map->min);
  if (!g_str_equal (name, "maximize"))
    g_assert_true (has_note (map, "Stopped after"));
  /* and nothing is left of it */
  request.progress = NULL;
  again = cnn_method_compute (method, session, &request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (again->values, SIDE * SIDE * sizeof (float), whole->values, SIDE * SIDE * sizeof (float));
  g_assert_false (has_note (again, "Stopped after"));
  cnn_method_request_clear (&request);
}

/* Stopped before anything is known there is nothing to keep. */
static void
test_too_early (gconstpointer data)
{
  const CnnMethod *method = cnn_method_find (data);
  g_autoptr (CnnSession) session = new_session ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  CnnMethodRequest request;

  g_cancellable_cancel (cancellable);
  cnn_method_request_init (&request, method);
  request.class_index = 0;
  g_assert_null (cnn_method_compute (method, session, &request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  cnn_method_request_clear (&request);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const CnnMethod *const *method = cnn_methods_list (); *method != NULL; method++) {
    g_autofree char *stopped = g_strdup_printf ("/stopping/kept/%s", (*method)->name);
    g_autofree char *early = g_strdup_printf ("/stopping/too-early/%s", (*method)->name);

    if (!(*method)->is_long)
      continue;
    g_test_add_data_func (stopped, (*method)->name, test_stopped);
    g_test_add_data_func (early, (*method)->name, test_too_early);
  }
  return g_test_run ();
}
