/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of the engine on one model: medians after a warm-up. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define BATCH 16

typedef struct {
  CnnSession *session;
  CnnEngine *engine;
  CnnModel *model;
  float *image; /* BATCH samples */
  float *gradient, *activation, *scores;
  guint input, score, classes;
  int cam_layer;
  int class_index;
  int occluder; /* its side, and the stride of its sweep */
  guint n_positions;
} Bench;

typedef gboolean (*Work) (Bench *bench, GError **error);

static gboolean
work_forward (Bench *bench, GError **error)
{
  return cnn_engine_forward (bench->engine, bench->image, 1, &bench->score, 1, &bench->scores, NULL, error);
}

static gboolean
work_forward_batch (Bench *bench, GError **error)
{
  return cnn_engine_forward (bench->engine, bench->image, BATCH, &bench->score, 1, &bench->scores, NULL,
                             error);
}

static gboolean
class_gradient (Bench *bench, guint wrt, GError **error)
{
  CnnSeed seed = { bench->score, (guint)bench->class_index, 1, NULL };

  return cnn_engine_gradient (bench->engine, &seed, 1, CNN_MODIFIER_VANILLA, &wrt, 1, &bench->gradient, NULL,
                              NULL, error);
}

static gboolean
work_class_switch (Bench *bench, GError **error)
{
  bench->class_index = (bench->class_index + 1) % (int)bench->classes;
  return class_gradient (bench, bench->input, error);
}

static gboolean
work_saliency (Bench *bench, GError **error)
{
  cnn_engine_set_input (bench->engine, bench->image);
  return class_gradient (bench, bench->input, error);
}

static gboolean
work_grad_cam (Bench *bench, GError **error)
{
  guint value = cnn_model_get_layer (bench->model, (guint)bench->cam_layer)->output;

  cnn_engine_set_input (bench->engine, bench->image);
  return class_gradient (bench, value, error) &&
         cnn_engine_read (bench->engine, value, bench->activation, NULL, error);
}

/* A sweep as the occlusion method runs it. */
static gboolean
work_sweep (Bench *bench, GError **error)
{
  const CnnMethod *method = cnn_method_find ("occlusion");
  g_autoptr (CnnMap) map = NULL;
  CnnMethodRequest request;

  cnn_method_request_init (&request, method);
  request.class_index = bench->class_index;
  request.values[cnn_method_find_param (method, "size")] = bench->occluder;
  request.values[cnn_method_find_param (method, "stride")] = bench->occluder;
  map = cnn_method_compute (method, bench->session, &request, NULL, error);
  cnn_method_request_clear (&request);
  if (map == NULL)
    return FALSE;
  bench->n_positions = map->raw_width * map->raw_height;
  return TRUE;
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  const double *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

/* The median of @runs, after two that do not count; -1 with @error set. */
static double
median_ms (Bench *bench, Work work, guint runs, GError **error)
{
  g_autofree double *times = g_new (double, runs);

  for (guint i = 0; i < runs + 2; i++) {
    gint64 start = g_get_monotonic_time ();

    if (!work (bench, error))
      return -1;
    if (i >= 2)
      times[i - 2] = (double)(g_get_monotonic_time () - start) / 1000.0;
  }
  qsort (times, runs, sizeof *times, by_value);
  return times[runs / 2];
}

static double
peak_rss_mib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024.0;
}

typedef struct {
  GString *text;
  gboolean json;
} Report;

static void
add_number (Report *report, const char *name, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (report->text, report->json ? ", \"%s\": %s" : "%-42s %s\n", name,
                          cli_number (number, "%.3f", value));
}

static void
fill_images (Bench *bench, const CnnSession *session)
{
  gsize size = cnn_engine_input_size (bench->engine);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  bench->image = g_new (float, size *BATCH);
  for (gsize i = 0; i < size * BATCH; i++)
    bench->image[i] =
        session->input != NULL ? session->input[i % size] : (float)g_rand_double_range (random, -1, 1);
}

static gboolean
measure_sweep (Bench *bench, Report *report, guint runs, GError **error)
{
  double ms;

  if (bench->session->input == NULL && !cnn_session_set_array (bench->session, bench->image, "noise", error))
    return FALSE;
  bench->occluder = MIN (bench->session->width, bench->session->height) < 64 ? 4 : 16;
  ms = median_ms (bench, work_sweep, MAX (runs / 3, 3), error);
  if (ms < 0)
    return FALSE;
  add_number (report, "occlusion_incremental_ms_per_position", ms / bench->n_positions);
  add_number (report, "occlusion_size", bench->occluder);
  add_number (report, "occlusion_stride", bench->occluder);
  return TRUE;
}

static gboolean
measure (Bench *bench, Report *report, guint runs, GError **error)
{
  const struct {
    const char *name;
    Work work;
    double share;
  } works[] = {
    { "forward_ms", work_forward, 1 },
    { "forward_batch16_ms_per_image", work_forward_batch, BATCH },
    { "saliency_ms", work_saliency, 1 },
    { "grad_cam_ms", work_grad_cam, 1 },
    { "class_switch_ms", work_class_switch, 1 },
    { "occlusion_full_ms_per_position", work_forward_batch, BATCH },
  };

  for (guint i = 0; i < G_N_ELEMENTS (works); i++) {
    double ms;

    if (works[i].work == work_grad_cam && bench->cam_layer < 0)
      continue;
    ms = median_ms (bench, works[i].work, works[i].share > 1 ? MAX (runs / 3, 3) : runs, error);
    if (ms < 0)
      return FALSE;
    add_number (report, works[i].name, ms / works[i].share);
  }
  return TRUE;
}

static gsize
largest_value (CnnEngine *engine)
{
  CnnModel *model = cnn_engine_get_model (engine);
  gsize most = cnn_engine_input_size (engine);

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    if (cnn_model_get_layer (model, i)->output != CNN_NO_VALUE &&
        cnn_model_get_value (model, cnn_model_get_layer (model, i)->output)->known)
      most = MAX (most, cnn_engine_value_size (engine, cnn_model_get_layer (model, i)->output));
  return most;
}

static CliStatus
bench_model (const CliOptions *options, guint runs, gboolean json)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (CnnModel) model = cli_read_model (options, &error);
  g_autoptr (CnnSession) session = NULL;
  Bench bench = { 0 };
  Report report = { g_string_new (NULL), json };
  g_autofree char *name = NULL, *text = NULL;
  gboolean done;
  double load_ms;

  if (model == NULL) {
    g_string_free (report.text, TRUE);
    return cli_fail (error);
  }
  session = options->rest[1] != NULL ? cli_open (options, &error) : cli_session_new (options, model, &error);
  if (session == NULL || cnn_model_get_n_classes (cnn_engine_get_model (session->engine)) == 0 ||
      cnn_model_get_image_input (model) < 0) {
    g_string_free (report.text, TRUE);
    if (error == NULL)
      g_set_error (&error, CNN_ERROR, CNN_ERROR_INPUT,
                   _ ("The network “%s” takes no image or cannot be computed."), cnn_model_get_name (model));
    return cli_fail (error);
  }
  bench.session = session;
  bench.engine = session->engine;
  bench.model = cnn_engine_get_model (session->engine);
  bench.input = cnn_model_get_input (bench.model, (guint)cnn_model_get_image_input (bench.model))->value;
  bench.score = cnn_model_get_score_value (bench.model);
  bench.classes = cnn_model_get_n_classes (bench.model);
  bench.cam_layer = cnn_model_get_default_cam_layer (bench.model);
  fill_images (&bench, session);
  bench.gradient = g_new (float, largest_value (bench.engine));
  bench.activation = g_new (float, largest_value (bench.engine));
  bench.scores = g_new (float, cnn_engine_value_size (bench.engine, bench.score) * BATCH);

  /* ready to answer: read, compiled, weights packed, one forward pass done */
  done = work_forward (&bench, &error);
  load_ms = (double)(g_get_monotonic_time () - start) / 1000.0;
  name = g_path_get_basename (options->rest[0]);
  if (json)
    g_string_append_printf (report.text, "{\"model\": \"%s\", \"threads\": %u", name,
                            cnn_engine_get_threads ());
  else
    add_number (&report, "threads", cnn_engine_get_threads ());
  done = done && measure (&bench, &report, runs, &error) && measure_sweep (&bench, &report, runs, &error);
  add_number (&report, "load_ms", load_ms);
  add_number (&report, "peak_rss_mib", peak_rss_mib ());
  text = g_string_free (report.text, FALSE);
  if (done)
    g_print ("%s%s", text, json ? "}\n" : "");
  g_free (bench.image);
  g_free (bench.gradient);
  g_free (bench.activation);
  g_free (bench.scores);
  return done ? CLI_DONE : cli_fail (error);
}

CliStatus
cli_bench (int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  int runs = 9, threads = 0;
  gboolean json = FALSE;
  const GOptionEntry own[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &runs, N_ ("Runs that count"), N_ ("N") },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, N_ ("Threads; else one a core"), N_ ("N") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("As JSON"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  if (!cli_options_parse (&options, own, "MODEL [INPUT]", argc, argv))
    return CLI_USAGE;
  if (!cli_options_refuse (&options, argv[0], TRUE, TRUE))
    return CLI_USAGE;
  if (runs < 1 || runs > 10000 || threads < 0 || threads > 1024)
    return cli_usage (_ ("--runs takes 1 to 10000, --threads 1 to 1024"));
  cnn_engine_set_threads ((guint)threads);
  return bench_model (&options, (guint)runs, json);
}
