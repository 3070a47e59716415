/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes against modifiers or methods, in one grid. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-compare.h"
#include "methods/gradients/cnn-gradients.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Between partial results, so that drawing them does not outweigh computing them. */
#define PARTIAL_MICROSECONDS 60000

CnnCompare *
cnn_compare_ref (CnnCompare *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_compare_unref (CnnCompare *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->n_rows * self->n_columns; i++)
    g_clear_pointer (&self->maps[i], cnn_map_unref);
  g_free (self->maps);
  g_free (self->classes);
  for (guint i = 0; i < self->n_columns; i++)
    cnn_method_request_clear (&self->columns[i].request);
  g_free (self->columns);
  for (guint i = 0; i < self->n_columns; i++)
    g_free (self->failures[i]);
  g_free (self->failures);
  g_object_unref (self->model);
  cnn_image_unref (self->image);
  cnn_prediction_unref (self->prediction);
  g_free (self);
}

static void
append_new (GArray *classes, int class_index)
{
  for (guint i = 0; i < classes->len; i++)
    if (g_array_index (classes, int, i) == class_index)
      return;
  g_array_append_val (classes, class_index);
}

GArray *
cnn_compare_choose (const CnnPrediction *prediction, const int *picked, guint n_picked)
{
  GArray *classes = g_array_new (FALSE, FALSE, sizeof (int));

  if (prediction->n <= CNN_COMPARE_ALL) {
    for (int i = 0; i < (int)prediction->n; i++)
      g_array_append_val (classes, i);
    return classes;
  }
  for (guint i = 0; i < CNN_COMPARE_TOP; i++)
    append_new (classes, prediction->entries[i].class_index);
  for (guint i = 0; i < n_picked; i++)
    if (picked[i] >= 0 && picked[i] < (int)prediction->n)
      append_new (classes, picked[i]);
  return classes;
}

static CnnCompareColumn
copy_column (const CnnCompareColumn *from)
{
  CnnCompareColumn column = *from;

  column.request.fill_text = g_strdup (from->request.fill_text);
  column.request.progress = NULL;
  column.request.progress_data = NULL;
  column.request.give_way = NULL;
  column.request.give_way_data = NULL;
  return column;
}

static CnnCompare *
compare_new (CnnModel *model, CnnImage *image, CnnPrediction *prediction, const int *classes, guint n_rows,
             const CnnCompareColumn *columns, guint n_columns)
{
  CnnCompare *self = g_new0 (CnnCompare, 1);

  g_atomic_ref_count_init (&self->refs);
  self->model = g_object_ref (model);
  self->image = cnn_image_ref (image);
  self->prediction = cnn_prediction_ref (prediction);
  self->n_rows = n_rows;
  self->n_columns = n_columns;
  self->classes = g_memdup2 (classes, n_rows * sizeof *classes);
  self->columns = g_new0 (CnnCompareColumn, n_columns);
  for (guint i = 0; i < n_columns; i++)
    self->columns[i] = copy_column (&columns[i]);
  self->failures = g_new0 (char *, n_columns);
  self->maps = g_new0 (CnnMap *, (gsize)n_rows * n_columns);
  return self;
}

/* As it is now, to be handed out while the grid grows. */
static CnnCompare *
compare_copy (const CnnCompare *from)
{
  CnnCompare *self = compare_new (from->model, from->image, from->prediction, from->classes, from->n_rows,
                                  from->columns, from->n_columns);

  for (guint i = 0; i < from->n_rows * from->n_columns; i++)
    if (from->maps[i] != NULL)
      self->maps[i] = cnn_map_ref (from->maps[i]);
  for (guint i = 0; i < from->n_columns; i++)
    self->failures[i] = g_strdup (from->failures[i]);
  return self;
}

/* One run; what a long method in a cell has to say of its progress goes through it. */
typedef struct {
  CnnCompare *compare;
  const CnnCompareColumn *columns; /* as they were asked for, with what lets other work pass */
  CnnCompareProgress progress;
  gpointer data;
  guint n_done;
  gint64 last; /* when a partial result was handed out */
} Run;

static void
tell (Run *run, double in_cell, gboolean new_cell)
{
  double n_cells = (double)run->compare->n_rows * run->compare->n_columns;
  g_autoptr (CnnCompare) partial = NULL;
  gint64 now = g_get_monotonic_time ();

  if (run->progress == NULL)
    return;
  if (new_cell && now - run->last >= PARTIAL_MICROSECONDS) {
    partial = compare_copy (run->compare);
    run->last = now;
  }
  run->progress ((run->n_done + in_cell) / n_cells, partial, run->data);
}

static void
on_cell_progress (double fraction, CnnMap *partial, gpointer data)
{
  tell (data, fraction, FALSE);
}

static gboolean
compute_cell (Run *run, CnnSession *session, const CnnCompareColumn *column, guint row, guint n,
              GCancellable *cancellable, GError **error)
{
  CnnCompare *compare = run->compare;
  CnnMethodRequest request = column->request;
  CnnMap *map;

  request.class_index = compare->classes[row];
  if (column->method->is_long && run->progress != NULL) {
    request.progress = on_cell_progress;
    request.progress_data = run;
  }
  map = cnn_method_compute (column->method, session, &request, cancellable, error);
  if (map == NULL)
    return FALSE;
  compare->maps[row * compare->n_columns + n] = map;
  run->n_done++;
  tell (run, 0, TRUE);
  return TRUE;
}

/* The cells of a column, downwards. %FALSE when stopped; what else goes wrong is the column's failure. */
static gboolean
compute_column (Run *run, CnnSession *session, CnnGradients *gradients, guint column,
                GCancellable *cancellable, GError **error)
{
  CnnCompare *compare = run->compare;
  g_autoptr (GError) failure = NULL;
  gboolean done = TRUE;

  for (guint r = 0; r < compare->n_rows && done; r++) {
    /* set anew for each cell: while it reported its progress another job may have used the session */
    session->gradients = gradients;
    done = compute_cell (run, session, &run->columns[column], r, column, cancellable, &failure);
    session->gradients = NULL;
  }
  if (done)
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  compare->failures[column] = g_strdup (failure->message);
  return TRUE;
}

gboolean
cnn_compare_check (const CnnCompare *self, GError **error)
{
  for (guint c = 0; c < self->n_columns; c++)
    if (self->failures[c] != NULL) {
      g_set_error_literal (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED, self->failures[c]);
      return FALSE;
    }
  return TRUE;
}

CnnCompare *
cnn_compare_compute (CnnSession *session, const int *classes, guint n_classes,
                     const CnnCompareColumn *columns, guint n_columns, CnnCompareProgress progress,
                     gpointer progress_data, GCancellable *cancellable, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (CnnGradients) gradients = cnn_gradients_new (classes, n_classes);
  g_autoptr (CnnPrediction) prediction = NULL;
  g_autoptr (CnnCompare) compare = NULL;
  g_autoptr (GError) stopped = NULL;
  Run run = { NULL, columns, progress, progress_data, 0, start };

  if (session->input == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("No image is open."));
    return NULL;
  }
  prediction = cnn_predict (session, cancellable, error);
  if (prediction == NULL)
    return NULL;
  compare = run.compare = compare_new (cnn_engine_get_model (session->engine), session->fitted, prediction,
                                       classes, n_classes, columns, n_columns);
  for (guint c = 0; c < n_columns && stopped == NULL; c++)
    compute_column (&run, session, gradients, c, cancellable, &stopped);
  if (run.n_done == 0 && stopped != NULL) {
    g_propagate_error (error, g_steal_pointer (&stopped));
    return NULL;
  }
  if (run.n_done == 0 && !cnn_compare_check (compare, error))
    return NULL;
  compare->stopped = stopped != NULL;
  compare->milliseconds = (double)(g_get_monotonic_time () - start) / 1000.0;
  return g_steal_pointer (&compare);
}

char *
cnn_compare_get_heading (const CnnCompare *self, guint column)
{
  static const char *const modifiers[CNN_N_MODIFIERS] = { N_ ("Vanilla"), N_ ("Guided"), N_ ("ReLU") };
  const CnnCompareColumn *c = &self->columns[column];
  gboolean one_method = TRUE, one_modifier = TRUE;

  for (guint i = 0; i < self->n_columns; i++) {
    one_method = one_method && self->columns[i].method == c->method;
    one_modifier = one_modifier && self->columns[i].request.modifier == c->request.modifier;
  }
  if (one_method && c->method->uses_modifier)
    return g_strdup (_ (modifiers[c->request.modifier]));
  if (one_modifier || !c->method->uses_modifier)
    return g_strdup (_ (c->method->title));
  return g_strdup_printf ("%s, %s", _ (c->method->title), _ (modifiers[c->request.modifier]));
}

float
cnn_compare_get_probability (const CnnCompare *self, guint row)
{
  return self->prediction->probabilities[self->classes[row]];
}

/* A value of @map as it was before scaling, and back. */
static float
unscale (const CnnMap *map, float value)
{
  return map->scaled_low < map->scaled_high ? map->scaled_low + value * (map->scaled_high - map->scaled_low)
                                            : value;
}

static float
rescale (const CnnMap *map, float value)
{
  return map->scaled_low < map->scaled_high ? (value - map->scaled_low) / (map->scaled_high - map->scaled_low)
                                            : value;
}

gboolean
cnn_compare_get_range (const CnnCompare *self, guint row, guint column, float *low, float *high)
{
  const CnnMap *own = self->maps[row * self->n_columns + column];
  float least = INFINITY, most = -INFINITY;

  if (own == NULL || own->kind == CNN_MAP_PROBABILITY || own->kind == CNN_MAP_CLASS)
    return FALSE;
  for (guint r = 0; r < self->n_rows; r++) {
    const CnnMap *map = self->maps[r * self->n_columns + column];

    if (map == NULL || map->kind != own->kind)
      continue;
    least = MIN (least, unscale (map, map->min));
    most = MAX (most, unscale (map, map->max));
  }
  if (own->kind == CNN_MAP_SIGNED)
    least = -(most = MAX (fabsf (least), fabsf (most)));
  else if (own->kind == CNN_MAP_POSITIVE)
    least = MIN (least, 0);
  *low = rescale (own, least);
  *high = rescale (own, most);
  return isfinite (*low) && isfinite (*high) && *low < *high;
}
