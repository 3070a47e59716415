/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/cnn-worker.h"

/*
 * Jobs that tell what happened to them. Everything is counted, so that a lost or doubled free, a call on a
 * wrong thread and a missing result show.
 */
typedef struct {
  GThread *main;
  GMutex lock;
  GCond cond;
  gboolean gate;   /* whether jobs with waits_gate may go on */
  int started;     /* jobs that have begun to run */
  GString *order;  /* names in the order in which they ran */
  GPtrArray *done; /* guint64 numbers of final results, in order of delivery */
  int n_done, n_partial, n_errors, last_result;
  int data_alive, results_alive;
} Record;

typedef struct {
  Record *record;
  char name;
  int value; /* becomes the result */
  gulong milliseconds;
  gboolean waits_gate;
  int partials;   /* partial results before the end */
  int steps;      /* checkpoints of a long job */
  gboolean keeps; /* returns what it has when it is stopped */
  gboolean until_stopped;
} Task;

static void
record_init (Record *record)
{
  *record = (Record){ .main = g_thread_self () };
  g_mutex_init (&record->lock);
  g_cond_init (&record->cond);
  record->order = g_string_new (NULL);
  record->done = g_ptr_array_new ();
}

static void
record_clear (Record *record)
{
  g_assert_cmpint (g_atomic_int_get (&record->data_alive), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&record->results_alive), ==, 0);
  g_string_free (record->order, TRUE);
  g_ptr_array_unref (record->done);
  g_mutex_clear (&record->lock);
  g_cond_clear (&record->cond);
}

static void
open_gate (Record *record)
{
  g_mutex_lock (&record->lock);
  record->gate = TRUE;
  g_cond_broadcast (&record->cond);
  g_mutex_unlock (&record->lock);
}

static void
wait_started (Record *record, int n)
{
  g_mutex_lock (&record->lock);
  while (record->started < n)
    g_cond_wait (&record->cond, &record->lock);
  g_mutex_unlock (&record->lock);
}

/* A result knows its record, so that its death is counted. */
typedef struct {
  Record *record;
  int value;
} Result;

static Result *
result_new (Record *record, int value)
{
  Result *result = g_new (Result, 1);

  *result = (Result){ record, value };
  g_atomic_int_inc (&record->results_alive);
  return result;
}

static void
result_free (gpointer data)
{
  Result *result = data;

  g_atomic_int_add (&result->record->results_alive, -1);
  g_free (result);
}

static void
task_free (gpointer data)
{
  Task *task = data;

  g_assert_true (g_thread_self () == task->record->main);
  g_atomic_int_add (&task->record->data_alive, -1);
  g_free (task);
}

static void
note_start (Task *task)
{
  Record *record = task->record;

  g_mutex_lock (&record->lock);
  g_string_append_c (record->order, task->name);
  record->started++;
  g_cond_broadcast (&record->cond);
  while (task->waits_gate && !record->gate)
    g_cond_wait (&record->cond, &record->lock);
  g_mutex_unlock (&record->lock);
}

static gpointer
run (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Task *task = data;
  gboolean go_on = TRUE;
  int step = 0;

  g_assert_true (g_thread_self () != task->record->main);
  note_start (task);
  for (int i = 0; i < task->partials; i++)
    cnn_job_partial (job, result_new (task->record, -1 - i));
  for (; go_on && (step < task->steps || task->until_stopped); step++) {
    if (task->milliseconds > 0)
      g_usleep (task->milliseconds * 1000);
    go_on = cnn_job_checkpoint (job);
  }
  if (task->steps == 0 && !task->until_stopped && task->milliseconds > 0)
    g_usleep (task->milliseconds * 1000);
  if (g_cancellable_is_cancelled (cancellable) && !task->keeps) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
    return NULL;
  }
  if (task->value < 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "failed");
    return NULL;
  }
  return result_new (task->record, task->value);
}

static void
done (CnnJob *job, gpointer data, gboolean partial, const GError *error, gpointer user_data)
{
  Task *task = user_data;
  Result *result = data;
  Record *record = task->record;

  g_assert_true (g_thread_self () == record->main);
  g_assert_true ((result != NULL) != (error != NULL));
  if (partial) {
    record->n_partial++;
  } else {
    g_ptr_array_add (record->done, GSIZE_TO_POINTER ((gsize)cnn_job_get_number (job)));
    record->n_done++;
  }
  if (error != NULL)
    record->n_errors++;
  if (result != NULL)
    record->last_result = result->value;
}

static guint64
submit (CnnWorker *worker, Record *record, CnnPriority priority, const char *slot, Task task)
{
  Task *copy = g_new (Task, 1);
  CnnJobSpec spec = { priority, slot, run, done, copy, task_free, result_free };

  *copy = task;
  copy->record = record;
  g_atomic_int_inc (&record->data_alive);
  return cnn_worker_submit (worker, &spec);
}

static void
drain (CnnWorker *worker)
{
  while (cnn_worker_is_busy (worker, CNN_PRIORITY_LONG) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_priority (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'x', .waits_gate = TRUE });
  wait_started (&record, 1);
  submit (worker, &record, CNN_PRIORITY_LONG, NULL, (Task){ .name = 'l' });
  submit (worker, &record, CNN_PRIORITY_GALLERY, NULL, (Task){ .name = 'g' });
  submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'v' });
  submit (worker, &record, CNN_PRIORITY_POINTER, NULL, (Task){ .name = 'p' });
  submit (worker, &record, CNN_PRIORITY_GALLERY, NULL, (Task){ .name = 'h' });
  open_gate (&record);
  drain (worker);
  g_assert_cmpstr (record.order->str, ==, "xpvghl");
  g_assert_cmpint (record.n_done, ==, 6);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

/* Numbers grow from 1, results come in the order in which the jobs ran, failures are told as such. */
static void
test_numbers (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  g_assert_false (cnn_worker_is_busy (worker, CNN_PRIORITY_LONG));
  for (guint64 i = 1; i <= 5; i++)
    g_assert_cmpuint (
        submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'a', .value = i == 3 ? -1 : 7 }),
        ==, i);
  drain (worker);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[i]), ==, i + 1);
  g_assert_cmpint (record.n_errors, ==, 1);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

static void
test_replace (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_VIEW, "s", (Task){ .name = 'a', .value = 1, .waits_gate = TRUE });
  wait_started (&record, 1);
  submit (worker, &record, CNN_PRIORITY_VIEW, "s", (Task){ .name = 'b', .value = 2 });
  submit (worker, &record, CNN_PRIORITY_VIEW, "t", (Task){ .name = 't', .value = 3 });
  submit (worker, &record, CNN_PRIORITY_VIEW, "s", (Task){ .name = 'c', .value = 4 });
  /* a slot's job may change its priority */
  submit (worker, &record, CNN_PRIORITY_LONG, "t", (Task){ .name = 'u', .value = 5 });
  open_gate (&record);
  drain (worker);
  g_assert_cmpstr (record.order->str, ==, "acu");
  g_assert_cmpint (record.n_done, ==, 3);
  g_assert_cmpint (record.last_result, ==, 5);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

typedef struct {
  CnnWorker *worker;
  Record *record;
  int sent;
  gulong milliseconds;
  GMainLoop *loop;
} Drag;

static gboolean
drag_step (gpointer data)
{
  Drag *drag = data;

  submit (drag->worker, drag->record, CNN_PRIORITY_POINTER, "occluder",
          (Task){ .name = '.', .value = drag->sent++, .milliseconds = drag->milliseconds });
  if (drag->sent < 200)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (drag->loop);
  return G_SOURCE_REMOVE;
}

/* 200 requests, 8 ms apart, of jobs that take far longer: many are shown on the way, the last one is the
 * last. */
static void
check_drag (gulong milliseconds)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Record record;
  Drag drag = { worker, &record, 0, milliseconds, loop };
  int shown;

  record_init (&record);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 8, drag_step, &drag, NULL);
  g_main_loop_run (loop);
  shown = record.n_done;
  drain (worker);
  g_test_message ("%lu ms jobs: %d results shown while dragging, %d in all", milliseconds, shown,
                  record.n_done);
  g_assert_cmpint (shown, >=, 5);
  g_assert_cmpint (record.n_done, <, 200);
  g_assert_cmpint (record.last_result, ==, 199);
  for (guint i = 1; i < record.done->len; i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[i - 1]), <,
                      GPOINTER_TO_SIZE (record.done->pdata[i]));
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

static void
test_starvation (void)
{
  check_drag (50);
  check_drag (100);
}

/* Two slots that are refilled without pause both get their turns, as does a job with no slot behind them. */
static void
test_fair (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  for (int i = 0; i < 60; i++) {
    submit (worker, &record, CNN_PRIORITY_VIEW, "a", (Task){ .name = 'a', .milliseconds = 3 });
    submit (worker, &record, CNN_PRIORITY_VIEW, "b", (Task){ .name = 'b', .milliseconds = 3 });
    if (i == 20)
      submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'n' });
    g_usleep (1000);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  drain (worker);
  g_assert_nonnull (strchr (record.order->str, 'n'));
  g_assert_nonnull (strstr (record.order->str, "ab"));
  g_assert_nonnull (strstr (record.order->str, "ba"));
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

/* What is more urgent runs within a long job's checkpoint, innermost first; what is not waits for its end. */
static void
test_gives_way (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_LONG, NULL,
          (Task){ .name = 'L', .waits_gate = TRUE, .steps = 3, .value = 9 });
  wait_started (&record, 1);
  submit (worker, &record, CNN_PRIORITY_LONG, NULL, (Task){ .name = 'M' });
  submit (worker, &record, CNN_PRIORITY_GALLERY, NULL, (Task){ .name = 'G', .steps = 1 });
  submit (worker, &record, CNN_PRIORITY_POINTER, NULL, (Task){ .name = 'P' });
  g_assert_true (cnn_worker_is_busy (worker, CNN_PRIORITY_POINTER));
  open_gate (&record);
  drain (worker);
  g_assert_cmpstr (record.order->str, ==, "LPGM");
  /* the long job ended after those it let pass */
  g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[0]), ==, 4);
  g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[1]), ==, 3);
  g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[2]), ==, 1);
  g_assert_cmpint (record.n_errors, ==, 0);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

/* A drag on top of a long job: both come to their end, and the long one loses nothing. */
static void
test_drag_over_long (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_LONG, "sweep",
          (Task){ .name = 'L', .steps = 40, .milliseconds = 5, .value = 40 });
  wait_started (&record, 1);
  for (int i = 0; i < 50; i++) {
    submit (worker, &record, CNN_PRIORITY_POINTER, "occluder",
            (Task){ .name = '.', .value = i, .milliseconds = 4 });
    g_usleep (2000);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  g_assert_cmpint (record.n_done, >=, 2);
  drain (worker);
  g_assert_cmpuint (GPOINTER_TO_SIZE (record.done->pdata[record.done->len - 1]), ==, 1);
  g_assert_cmpint (record.last_result, ==, 40);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

static void
test_partials (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  /* 100 partial results while the main loop is away: only the newest is waiting when it comes back */
  submit (worker, &record, CNN_PRIORITY_LONG, NULL,
          (Task){ .name = 'L',
                  .partials = 100,
                  .until_stopped = TRUE,
                  .milliseconds = 1,
                  .keeps = TRUE,
                  .value = 5 });
  wait_started (&record, 1);
  while (record.n_partial == 0 || record.last_result != -100)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (record.n_partial, <=, 100);
  g_assert_cmpint (record.n_done, ==, 0);
  g_assert_true (cnn_worker_is_busy (worker, CNN_PRIORITY_LONG));
  g_assert_false (cnn_worker_is_busy (worker, CNN_PRIORITY_GALLERY));
  cnn_worker_cancel (worker, NULL);
  drain (worker);
  g_assert_cmpint (record.n_done, ==, 1);
  g_assert_cmpint (record.last_result, ==, 5);

  /* the end overtakes a partial result that nobody has fetched */
  record.n_partial = 0;
  submit (worker, &record, CNN_PRIORITY_LONG, NULL, (Task){ .name = 'K', .partials = 100, .value = 6 });
  submit (worker, &record, CNN_PRIORITY_LONG, NULL, (Task){ .name = 'J', .value = 7 });
  wait_started (&record, 3);
  drain (worker);
  g_assert_cmpint (record.n_partial, ==, 0);
  g_assert_cmpint (record.last_result, ==, 7);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

static void
test_cancel (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  /* stopped, keeping what it has */
  submit (worker, &record, CNN_PRIORITY_LONG, "sweep",
          (Task){ .name = 'L', .until_stopped = TRUE, .milliseconds = 1, .keeps = TRUE, .value = 3 });
  wait_started (&record, 1);
  cnn_worker_cancel (worker, "other");
  submit (worker, &record, CNN_PRIORITY_LONG, "other", (Task){ .name = 'o' });
  cnn_worker_cancel (worker, "other");
  cnn_worker_cancel (worker, "sweep");
  drain (worker);
  g_assert_cmpstr (record.order->str, ==, "L");
  g_assert_cmpint (record.n_done, ==, 1);
  g_assert_cmpint (record.last_result, ==, 3);

  /* stopped with nothing to show: not a word */
  submit (worker, &record, CNN_PRIORITY_LONG, "sweep",
          (Task){ .name = 'M', .until_stopped = TRUE, .milliseconds = 1, .partials = 1 });
  wait_started (&record, 2);
  cnn_worker_cancel (worker, "sweep");
  drain (worker);
  g_assert_cmpint (record.n_done, ==, 1);
  g_assert_cmpint (record.n_errors, ==, 0);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

/* Cancelling the long job from outside while a job runs in its checkpoint stops the long one only. */
static void
test_cancel_nested (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_LONG, "sweep",
          (Task){ .name = 'L', .until_stopped = TRUE, .milliseconds = 1, .keeps = TRUE, .value = 3 });
  wait_started (&record, 1);
  submit (worker, &record, CNN_PRIORITY_POINTER, "occluder",
          (Task){ .name = 'P', .waits_gate = TRUE, .value = 4 });
  wait_started (&record, 2);
  cnn_worker_cancel (worker, "sweep");
  open_gate (&record);
  drain (worker);
  g_assert_cmpint (record.n_done, ==, 2);
  g_assert_cmpint (record.n_errors, ==, 0);
  g_assert_cmpint (record.last_result, ==, 3);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

static void
test_shutdown_busy (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  submit (worker, &record, CNN_PRIORITY_LONG, NULL,
          (Task){ .name = 'L', .until_stopped = TRUE, .milliseconds = 1, .partials = 3, .keeps = TRUE });
  wait_started (&record, 1);
  for (int i = 0; i < 20; i++)
    submit (worker, &record, CNN_PRIORITY_LONG, i % 2 ? "slot" : NULL, (Task){ .name = 'w' });
  cnn_worker_shutdown (worker);
  g_assert_cmpint (record.data_alive, ==, 0);
  g_assert_cmpint (record.results_alive, ==, 0);
  g_assert_cmpstr (record.order->str, ==, "L");
  g_assert_false (cnn_worker_is_busy (worker, CNN_PRIORITY_LONG));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (record.n_done + record.n_partial, ==, 0);
  /* a second time is harmless, and what comes too late is freed, not run */
  cnn_worker_shutdown (worker);
  g_assert_cmpuint (submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'z' }), ==, 0);
  record_clear (&record);
}

/* Results that the main loop has not fetched die with the worker; nobody is called. */
static void
test_shutdown_undelivered (void)
{
  CnnWorker *worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  for (int i = 0; i < 10; i++)
    submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'a', .partials = 2 });
  wait_started (&record, 10);
  g_object_unref (worker); /* the last reference shuts it down */
  g_assert_cmpint (record.data_alive, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (record.n_done + record.n_partial, ==, 0);
  record_clear (&record);
}

static void
done_shuts_down (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  Task *task = data;
  CnnWorker *worker = g_object_get_data (G_OBJECT (g_application_get_default ()), "worker");

  task->record->n_done++;
  cnn_worker_shutdown (worker);
  /* still alive: this very job's data */
  g_assert_cmpint (task->name, ==, 'a');
  g_assert_cmpint (task->record->data_alive, ==, 1);
}

/* A window that closes from within a result. */
static void
test_shutdown_inside_done (void)
{
  g_autoptr (GApplication) application = g_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  Record record;

  record_init (&record);
  g_application_set_default (application);
  g_object_set_data (G_OBJECT (application), "worker", worker);
  for (int i = 0; i < 3; i++) {
    Task *task = g_new0 (Task, 1);
    CnnJobSpec spec = { CNN_PRIORITY_VIEW, NULL, run, done_shuts_down, task, task_free, result_free };

    *task = (Task){ .record = &record, .name = 'a', .partials = i };
    record.data_alive++;
    cnn_worker_submit (worker, &spec);
  }
  while (record.data_alive > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (record.n_done, ==, 1);
  g_application_set_default (NULL);
  record_clear (&record);
}

/* Results go to the context that was the thread's default where the job was submitted. */
static void
test_context (void)
{
  g_autoptr (CnnWorker) worker = cnn_worker_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  Record record;

  record_init (&record);
  g_main_context_push_thread_default (context);
  submit (worker, &record, CNN_PRIORITY_VIEW, NULL, (Task){ .name = 'a' });
  wait_started (&record, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (record.n_done, ==, 0);
  while (record.n_done == 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  cnn_worker_shutdown (worker);
  record_clear (&record);
}

/* Submits, cancels and ends at random points, many times: what is left over would show in the counts. */
static void
test_stress (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  const char *slots[] = { NULL, "a", "b", "c" };

  for (int round = 0; round < 40; round++) {
    g_autoptr (CnnWorker) worker = cnn_worker_new ();
    Record record;

    record_init (&record);
    for (int i = 0; i < 120; i++) {
      submit (worker, &record, (CnnPriority)g_rand_int_range (rand, 0, CNN_N_PRIORITIES),
              slots[g_rand_int_range (rand, 0, 4)],
              (Task){ .name = '.',
                      .partials = g_rand_int_range (rand, 0, 4),
                      .steps = g_rand_int_range (rand, 0, 4),
                      .keeps = g_rand_boolean (rand),
                      .value = i });
      if (g_rand_int_range (rand, 0, 10) == 0)
        cnn_worker_cancel (worker, slots[g_rand_int_range (rand, 0, 4)]);
      if (g_rand_int_range (rand, 0, 3) == 0)
        g_main_context_iteration (NULL, FALSE);
    }
    if (round % 2)
      drain (worker);
    cnn_worker_shutdown (worker);
    record_clear (&record);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/priority", test_priority);
  g_test_add_func ("/worker/numbers", test_numbers);
  g_test_add_func ("/worker/replace", test_replace);
  g_test_add_func ("/worker/starvation", test_starvation);
  g_test_add_func ("/worker/fair", test_fair);
  g_test_add_func ("/worker/gives-way", test_gives_way);
  g_test_add_func ("/worker/drag-over-long", test_drag_over_long);
  g_test_add_func ("/worker/partials", test_partials);
  g_test_add_func ("/worker/cancel", test_cancel);
  g_test_add_func ("/worker/cancel-nested", test_cancel_nested);
  g_test_add_func ("/worker/shutdown-busy", test_shutdown_busy);
  g_test_add_func ("/worker/shutdown-undelivered", test_shutdown_undelivered);
  g_test_add_func ("/worker/shutdown-inside-done", test_shutdown_inside_done);
  g_test_add_func ("/worker/context", test_context);
  g_test_add_func ("/worker/stress", test_stress);
  return g_test_run ();
}
