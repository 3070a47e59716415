/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "formats/cnn-model-reader.h"
#include "methods/cnn-method.h"
#include "worker/cnn-worker.h"

/*
 * Worker, engine and methods together on the sample network: an occluder is dragged and galleries are filled
 * while a sweep and a maximisation run. Each must come out as if it had been alone, and the occluder waits
 * for no more than the step that runs.
 */
typedef struct {
  CnnWorker *worker;
  CnnSession *session;
  CnnMap *sweep, *maximized; /* the final ones */
  int boundaries;            /* at which long work gave way so far; atomic */
  guint n_partial, n_occluded, n_galleries, last_x;
  double last_progress;
  GPtrArray *occluded;  /* CnnPrediction by position, or NULL */
  GPtrArray *galleries; /* CnnGallery by layer */
} Chain;

typedef struct {
  Chain *chain;
  guint index;
  int submitted; /* boundaries when it was */
} Task;

#define POSITIONS 24u

/* A long job and what it tells of. */
typedef struct {
  Chain *chain;
  CnnJob *job;
} Long;

static void
on_give_way (gpointer data)
{
  Long *self = data;

  g_atomic_int_inc (&self->chain->boundaries);
  cnn_job_checkpoint (self->job);
}

static void
on_progress (double fraction, CnnMap *partial, gpointer data)
{
  Long *self = data;

  if (partial != NULL)
    cnn_job_partial (self->job, cnn_map_ref (partial));
  on_give_way (self);
}

static void
give_way_to_others (CnnMethodRequest *request, Long *self)
{
  request->progress = on_progress;
  request->give_way = on_give_way;
  request->progress_data = request->give_way_data = self;
}

static CnnMap *
compute_maximized (CnnSession *session, Long *job, GCancellable *cancellable, GError **error)
{
  const CnnMethod *method = cnn_method_find ("maximize");
  CnnMethodRequest request;
  CnnMap *map = NULL;

  cnn_method_request_init (&request, method);
  request.class_index = 5;
  if (job != NULL)
    give_way_to_others (&request, job);
  if (cnn_method_request_set (&request, method, "iterations", "60", error) &&
      cnn_method_request_set (&request, method, "jitter", "1", error))
    map = cnn_method_compute (method, session, &request, cancellable, error);
  cnn_method_request_clear (&request);
  return map;
}

static CnnMap *
compute_sweep (CnnSession *session, Long *job, GCancellable *cancellable, GError **error)
{
  const CnnMethod *method = cnn_method_find ("occlusion");
  CnnMethodRequest request;
  CnnMap *map = NULL;

  cnn_method_request_init (&request, method);
  request.class_index = 3;
  if (job != NULL)
    give_way_to_others (&request, job);
  if (cnn_method_request_set (&request, method, "stride", "1", error) &&
      cnn_method_request_set (&request, method, "size", "6", error))
    map = cnn_method_compute (method, session, &request, cancellable, error);
  cnn_method_request_clear (&request);
  return map;
}

static CnnPrediction *
compute_occluded (CnnSession *session, guint index, GCancellable *cancellable, GError **error)
{
  return cnn_predict_occluded (session, (int)index, (int)(index * 7 % 24), 6, 6, CNN_FILL_GRAY, 0,
                               cancellable, error);
}

static gpointer
run_sweep (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Long self = { ((Task *)data)->chain, job };

  return compute_sweep (self.chain->session, &self, cancellable, error);
}

static gpointer
run_maximized (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Long self = { ((Task *)data)->chain, job };

  return compute_maximized (self.chain->session, &self, cancellable, error);
}

static gpointer
run_occluded (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Task *task = data;

  /* it waits for the boundary that long work comes to next; one may just be passed when it is submitted */
  g_assert_cmpint (g_atomic_int_get (&task->chain->boundaries) - task->submitted, <=, 2);
  return compute_occluded (task->chain->session, task->index, cancellable, error);
}

static gpointer
run_gallery (CnnJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Task *task = data;

  return cnn_gallery_compute (task->chain->session, task->index, FALSE, cancellable, error);
}

static void
done_sweep (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  Chain *chain = ((Task *)data)->chain;
  CnnMap *map = result;

  g_assert_no_error (error);
  g_assert_cmpfloat (map->progress, >=, chain->last_progress);
  chain->last_progress = map->progress;
  if (partial)
    chain->n_partial++;
  else
    chain->sweep = cnn_map_ref (map);
}

static void
done_maximized (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  Chain *chain = ((Task *)data)->chain;

  g_assert_no_error (error);
  if (!partial)
    chain->maximized = cnn_map_ref (result);
}

static void
done_occluded (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  Task *task = data;
  Chain *chain = task->chain;

  g_assert_no_error (error);
  chain->n_occluded++;
  chain->last_x = task->index;
  g_clear_pointer ((CnnPrediction **)&chain->occluded->pdata[task->index], cnn_prediction_unref);
  chain->occluded->pdata[task->index] = cnn_prediction_ref (result);
}

static void
done_gallery (CnnJob *job, gpointer result, gboolean partial, const GError *error, gpointer data)
{
  Task *task = data;

  g_assert_no_error (error);
  task->chain->n_galleries++;
  g_clear_pointer ((CnnGallery **)&task->chain->galleries->pdata[task->index], cnn_gallery_unref);
  task->chain->galleries->pdata[task->index] = cnn_gallery_ref (result);
}

static void
submit (Chain *chain, CnnPriority priority, const char *slot, CnnJobRun run, CnnJobDone done,
        GDestroyNotify free_result, guint index)
{
  Task *task = g_new (Task, 1);
  CnnJobSpec spec = { priority, slot, run, done, task, g_free, free_result };

  *task = (Task){ chain, index, g_atomic_int_get (&chain->boundaries) };
  cnn_worker_submit (chain->worker, &spec);
}

static void
submit_sweep (Chain *chain)
{
  submit (chain, CNN_PRIORITY_LONG, "sweep", run_sweep, done_sweep, (GDestroyNotify)cnn_map_unref, 0);
}

static void
submit_maximized (Chain *chain)
{
  submit (chain, CNN_PRIORITY_LONG, "maximize", run_maximized, done_maximized, (GDestroyNotify)cnn_map_unref,
          0);
}

static void
submit_occluded (Chain *chain, guint index)
{
  submit (chain, CNN_PRIORITY_POINTER, "occluder", run_occluded, done_occluded,
          (GDestroyNotify)cnn_prediction_unref, index);
}

static void
chain_init (Chain *chain)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path =
      g_build_filename (g_getenv ("CNN_SOURCE_ROOT"), "data", "models", "digits.h5", NULL);
  g_autoptr (CnnModel) model = cnn_model_read (path, NULL, &error);
  g_autoptr (CnnImage) image = NULL;
  guint8 rgba[28 * 28 * 4];

  g_assert_no_error (error);
  /* a ring: what it is called does not matter here */
  for (int i = 0; i < 28 * 28; i++) {
    double distance = fabs (hypot (i % 28 - 14.0, i / 28 - 13.0) - 7);

    rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = distance < 2 ? (guint8)(255 - 100 * distance) : 0;
    rgba[4 * i + 3] = 255;
  }
  image = cnn_image_new (28, 28, rgba);
  *chain = (Chain){ .worker = cnn_worker_new (), .session = cnn_session_new (model) };
  chain->occluded = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_prediction_unref);
  g_ptr_array_set_size (chain->occluded, POSITIONS);
  chain->galleries = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_gallery_unref);
  g_ptr_array_set_size (chain->galleries, (int)cnn_model_get_n_layers (model));
  g_assert_true (cnn_session_set_image (chain->session, image, "ring", &error));
  g_assert_no_error (error);
}

static void
chain_clear (Chain *chain)
{
  cnn_worker_shutdown (chain->worker);
  g_object_unref (chain->worker);
  for (guint i = 0; i < POSITIONS; i++)
    g_clear_pointer ((CnnPrediction **)&chain->occluded->pdata[i], cnn_prediction_unref);
  for (guint i = 0; i < chain->galleries->len; i++)
    g_clear_pointer ((CnnGallery **)&chain->galleries->pdata[i], cnn_gallery_unref);
  g_ptr_array_set_free_func (chain->occluded, NULL);
  g_ptr_array_set_free_func (chain->galleries, NULL);
  g_ptr_array_unref (chain->occluded);
  g_ptr_array_unref (chain->galleries);
  g_clear_pointer (&chain->sweep, cnn_map_unref);
  g_clear_pointer (&chain->maximized, cnn_map_unref);
  cnn_session_free (chain->session);
}

static void
drain (Chain *chain)
{
  while (cnn_worker_is_busy (chain->worker, CNN_PRIORITY_LONG) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}

static void
check_close (const float *a, const float *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (a[i], b[i], 1e-5);
}

/* On the worker everything is over: the same again, one after the other. */
static void
check_alone (Chain *chain)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnMap) sweep = compute_sweep (chain->session, NULL, NULL, &error);
  g_autoptr (CnnMap) maximized = compute_maximized (chain->session, NULL, NULL, &error);
  guint compared = 0;

  g_assert_no_error (error);
  g_assert_cmpfloat (chain->sweep->progress, ==, 1);
  check_close (chain->sweep->values, sweep->values, (gsize)sweep->width * sweep->height);
  g_assert_cmpfloat (sweep->max, >, sweep->min);
  /* its iterations build on each other: to the last bit, or not at all */
  g_assert_cmpmem (chain->maximized->input, chain->maximized->input_size * sizeof (float), maximized->input,
                   maximized->input_size * sizeof (float));
  for (guint i = 0; i < POSITIONS; i++) {
    CnnPrediction *seen = chain->occluded->pdata[i];
    g_autoptr (CnnPrediction) alone = compute_occluded (chain->session, i, NULL, &error);

    g_assert_no_error (error);
    if (seen == NULL)
      continue;
    check_close (seen->probabilities, alone->probabilities, alone->n);
    compared++;
  }
  g_assert_cmpuint (compared, >=, 2);
  for (guint i = 0; i < chain->galleries->len; i++) {
    CnnGallery *seen = chain->galleries->pdata[i];
    g_autoptr (CnnGallery) alone = cnn_gallery_compute (chain->session, i, FALSE, NULL, &error);

    g_assert_no_error (error);
    g_assert_nonnull (seen);
    check_close (seen->values, alone->values,
                 (gsize)alone->n * alone->channels * alone->height * alone->width);
  }
}

static void
test_all_at_once (void)
{
  Chain chain;
  guint rounds = 0;

  chain_init (&chain);
  submit_sweep (&chain);
  submit_maximized (&chain);
  for (guint i = 0; i < chain.galleries->len; i++)
    submit (&chain, CNN_PRIORITY_GALLERY, NULL, run_gallery, done_gallery, (GDestroyNotify)cnn_gallery_unref,
            i);
  /* the drag goes on until both long jobs are done, then ends at the last position */
  for (guint i = 0; i < POSITIONS || ((chain.sweep == NULL || chain.maximized == NULL) && rounds < 4000);
       i++, rounds++) {
    submit_occluded (&chain, i % POSITIONS);
    g_usleep (1000);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  submit_occluded (&chain, POSITIONS - 1);
  drain (&chain);
  g_test_message ("%u partial sweeps, %u of %u occluded predictions shown", chain.n_partial, chain.n_occluded,
                  rounds + 1);
  g_assert_nonnull (chain.sweep);
  g_assert_nonnull (chain.maximized);
  g_assert_cmpint (chain.boundaries, >, 20);
  g_assert_cmpuint (chain.last_x, ==, POSITIONS - 1);
  g_assert_cmpuint (chain.n_galleries, ==, chain.galleries->len);
  check_alone (&chain);
  chain_clear (&chain);
}

/* Closing while everything runs. */
static void
test_shutdown (void)
{
  for (guint round = 0; round < 3; round++) {
    Chain chain;

    chain_init (&chain);
    submit_sweep (&chain);
    for (guint i = 0; i < 5 * round; i++) {
      submit_occluded (&chain, i);
      g_usleep (2000);
      g_main_context_iteration (NULL, FALSE);
    }
    chain_clear (&chain);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/all-at-once", test_all_at_once);
  g_test_add_func ("/chain/shutdown", test_shutdown);
  return g_test_run ();
}
