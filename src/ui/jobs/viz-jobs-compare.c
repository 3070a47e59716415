/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of the Compare view: asked for while that view is shown, answered piece by piece. */
#include "config.h"
#include "viz-jobs-private.h"

#include "compare/viz-compared.h"

/* While a cell takes long the progress is told this often. */
#define TELL_MICROSECONDS 150000

/* What a job is to make. */
typedef struct {
  GArray *picked;     /* int */
  gboolean strongest; /* and all, or the strongest classes */
  GArray *columns;    /* CnnCompareColumn */
  gboolean shared;
  const CnnColormap *colormap;
  VizCompared *last; /* computed already: only its colours are to be made anew; later the newest part */
  /*< worker >*/
  CnnJob *job;
  gint64 told;
} Order;

static void
column_clear (gpointer data)
{
  CnnCompareColumn *column = data;

  cnn_method_request_clear (&column->request);
}

static void
order_free (gpointer data)
{
  Order *order = data;

  g_array_unref (order->picked);
  g_array_unref (order->columns);
  g_clear_pointer (&order->last, viz_compared_unref);
  g_free (order);
}

static void
add_column (Order *order, VizDocument *document, const CnnMethod *method)
{
  CnnCompareColumn column = { .method = method };

  viz_document_fill_request_of (document, method, &column.request);
  if (!method->uses_layer)
    column.request.layer = -1;
  g_array_append_val (order->columns, column);
}

static void
add_columns (Order *order, VizDocument *document)
{
  if (g_str_equal (viz_document_get_view_choice (document, VIZ_COMPARE_COLUMNS), "methods")) {
    g_autoptr (GPtrArray) methods =
        viz_view_choice_parse_methods (viz_document_get_view_choice (document, VIZ_COMPARE_METHODS));

    for (guint i = 0; i < methods->len; i++)
      add_column (order, document, methods->pdata[i]);
    return;
  }
  for (guint m = 0; m < CNN_N_MODIFIERS; m++) {
    add_column (order, document,
                cnn_method_find (viz_document_get_view_choice (document, VIZ_COMPARE_METHOD)));
    g_array_index (order->columns, CnnCompareColumn, m).request.modifier = (CnnModifier)m;
  }
}

static Order *
order_new (VizDocument *document)
{
  Order *order = g_new0 (Order, 1);

  order->picked =
      viz_view_choice_parse_classes (viz_document_get_view_choice (document, VIZ_COMPARE_CLASSES));
  order->strongest = g_str_equal (viz_document_get_view_choice (document, VIZ_COMPARE_ROWS), "strongest");
  order->shared = g_str_equal (viz_document_get_view_choice (document, VIZ_COMPARE_SCALE), "shared");
  order->colormap = viz_document_get_choices (document)->colormap;
  order->columns = g_array_new (FALSE, TRUE, sizeof (CnnCompareColumn));
  g_array_set_clear_func (order->columns, column_clear);
  add_columns (order, document);
  return order;
}

/* All that the numbers depend on, not the colours. */
static char *
make_key (VizJobs *self, const Order *order)
{
  GString *key = g_string_new (NULL);
  g_autofree char *picked = viz_view_choice_format_classes (order->picked);

  g_string_append_printf (key, "%p %p %d %s", (void *)self->bench, (void *)self->input, order->strongest,
                          picked);
  for (guint i = 0; i < order->columns->len; i++) {
    const CnnCompareColumn *column = &g_array_index (order->columns, CnnCompareColumn, i);

    g_string_append_printf (key, "|%s %d %d %s", column->method->name, column->request.modifier,
                            column->request.layer,
                            column->request.fill_text != NULL ? column->request.fill_text : "");
    for (guint v = 0; v < G_N_ELEMENTS (column->request.values); v++)
      g_string_append_printf (key, " %a", column->request.values[v]);
  }
  return g_string_free (key, FALSE);
}

static gboolean
is_long (const Order *order)
{
  for (guint i = 0; i < order->columns->len; i++)
    if (g_array_index (order->columns, CnnCompareColumn, i).method->is_long)
      return TRUE;
  return FALSE;
}

/* On the worker. */

static void
give_part (Order *order, CnnCompare *grid, double fraction)
{
  VizCompared *part = viz_compared_new (grid, order->colormap, order->shared, fraction, order->last);

  g_clear_pointer (&order->last, viz_compared_unref);
  order->last = viz_compared_ref (part);
  order->told = g_get_monotonic_time ();
  cnn_job_partial (order->job, part);
}

static void
on_progress (double fraction, CnnCompare *partial, gpointer data)
{
  Order *order = data;

  if (partial != NULL)
    give_part (order, partial, fraction);
  else if (order->last != NULL && g_get_monotonic_time () - order->told > TELL_MICROSECONDS)
    give_part (order, order->last->grid, fraction);
  cnn_job_checkpoint (order->job);
}

static void
on_give_way (gpointer data)
{
  Order *order = data;

  cnn_job_checkpoint (order->job);
}

/* The picked classes, else the predicted one, or all that suit. */
static GArray *
choose_rows (const Order *order, CnnSession *session, GCancellable *cancellable, GError **error)
{
  g_autoptr (CnnPrediction) prediction = cnn_predict (session, cancellable, error);
  const int *picked = (const int *)(gpointer)order->picked->data;

  if (prediction == NULL)
    return NULL;
  if (order->strongest)
    return cnn_compare_choose (prediction, picked, order->picked->len);
  if (order->picked->len == 0) {
    GArray *rows = g_array_new (FALSE, FALSE, sizeof (int));

    g_array_append_val (rows, prediction->entries[0].class_index);
    return rows;
  }
  return g_array_copy (order->picked);
}

static gpointer
run_compare (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  Order *order = task->order;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (CnnCompare) grid = NULL;

  order->job = job;
  if (!viz_task_ensure_input (task, error))
    return NULL;
  rows = choose_rows (order, task->bench->session, cancellable, error);
  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < order->columns->len; i++) {
    CnnMethodRequest *request = &g_array_index (order->columns, CnnCompareColumn, i).request;

    request->give_way = on_give_way;
    request->give_way_data = order;
  }
  grid = cnn_compare_compute (task->bench->session, (const int *)(gpointer)rows->data, rows->len,
                              (const CnnCompareColumn *)(gpointer)order->columns->data, order->columns->len,
                              on_progress, order, cancellable, error);
  return grid != NULL ? viz_compared_new (grid, order->colormap, order->shared, 1, order->last) : NULL;
}

static gpointer
run_colour (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  VizTask *task = data;
  Order *order = task->order;

  return viz_compared_new (order->last->grid, order->colormap, order->shared, 1, order->last);
}

/* On the main loop. */

static gboolean
is_coloured (VizDocument *document, const VizCompared *compared)
{
  return compared->colormap == viz_document_get_choices (document)->colormap &&
         compared->shared ==
             g_str_equal (viz_document_get_view_choice (document, VIZ_COMPARE_SCALE), "shared");
}

static void ask_colours (VizJobs *self);

static void
compare_done (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  VizTask *task = data;
  VizJobs *self = task->owner;
  VizCompared *compared = result;
  gboolean old = task->serial != self->compared.asked;

  if (!viz_jobs_is_current (self, task) || !viz_jobs_is_newer (&self->compared, task))
    return;
  if (compared == NULL) {
    viz_document_take_compared (self->document, NULL, FALSE, -1, old ? NULL : error->message);
    return;
  }
  viz_document_take_compared (self->document, viz_compared_ref (compared), old,
                              old       ? 0
                              : partial ? compared->progress
                                        : -1,
                              NULL);
  if (old || partial)
    return;
  if (compared->grid->stopped)
    g_clear_pointer (&self->compare_key, g_free);
  ask_colours (self);
}

void
viz_jobs_compare_ended (VizJobs *self, VizTask *task)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (task->serial != self->compared.asked || results->compare_progress < 0)
    return;
  /* stopped before there was anything: what is shown is of other choices */
  g_clear_pointer (&self->compare_key, g_free);
  viz_document_take_compared (self->document,
                              results->compared != NULL ? viz_compared_ref (results->compared) : NULL,
                              results->compared_stale, -1, NULL);
}

static void
submit (VizJobs *self, Order *order, gboolean compute)
{
  VizTask *task = viz_jobs_task_new (self);
  gboolean takes_long = compute && is_long (order);

  task->serial = self->compared.asked;
  task->order = order;
  task->free_order = order_free;
  if (compute)
    viz_jobs_hold_input (self, task);
  viz_jobs_submit (self, task, takes_long ? CNN_PRIORITY_LONG : CNN_PRIORITY_GALLERY,
                   compute ? "compare" : "compare-colours", compute ? run_compare : run_colour, compare_done,
                   (GDestroyNotify)viz_compared_unref);
}

/* The grid that is shown, in other colours. */
static void
ask_colours (VizJobs *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  Order *order;

  if (results->compared == NULL || results->compared_stale || is_coloured (self->document, results->compared))
    return;
  order = order_new (self->document);
  order->last = viz_compared_ref (results->compared);
  submit (self, order, FALSE);
}

static void
show_nothing (VizJobs *self)
{
  cnn_worker_cancel (self->worker, "compare");
  g_clear_pointer (&self->compare_key, g_free);
  self->compared.shown = ++self->compared.asked;
  viz_document_take_compared (self->document, NULL, FALSE, -1, NULL);
}

void
viz_jobs_ask_compared (VizJobs *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  g_autofree char *key = NULL;
  Order *order;

  if (!viz_jobs_is_view (self, "compare"))
    return;
  order = order_new (self->document);
  if (self->input == NULL || order->columns->len == 0 || cnn_model_get_n_classes (self->bench->model) == 0) {
    order_free (order);
    show_nothing (self);
    return;
  }
  key = make_key (self, order);
  if (g_strcmp0 (key, self->compare_key) == 0) {
    order_free (order);
    /* while it is being computed its colours wait for the end */
    if (results->compare_progress < 0)
      ask_colours (self);
    return;
  }
  cnn_worker_cancel (self->worker, "compare");
  g_free (self->compare_key);
  self->compare_key = g_steal_pointer (&key);
  self->compared.asked++;
  submit (self, order, TRUE);
  viz_document_take_compared (
      self->document, results->compared != NULL ? viz_compared_ref (results->compared) : NULL, TRUE, 0, NULL);
}
