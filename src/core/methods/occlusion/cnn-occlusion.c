/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Occlusion (M. Zeiler, R. Fergus 2013): an occluder visits a grid of positions. Two ways to draw it: the
 * tutorial's, the probability of the class at each cell under an occluder of five cells; and the drop of the
 * probability, averaged over the windows that cover a pixel. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "methods/cnn-methods-private.h"
#include "cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const char *const modes[] = { "drop", "tutorial", NULL };

static const char *const mode_titles[] = { N_ ("Drop"), N_ ("Tutorial"), NULL };

static const CnnParam params[] = {
  { "mode", N_ ("Mode"), N_ ("Drop of the probability, or the tutorial's probability by cell"),
    CNN_PARAM_CHOICE, 0, 1, 0, 1, NULL, modes, mode_titles },
  { "size", N_ ("Size"), N_ ("Side of the occluder; 0: twice the stride"), CNN_PARAM_INT, 0, 4096, 0, 1, "px",
    NULL, NULL, N_ ("Automatic") },
  { "stride", N_ ("Stride"), N_ ("Step between positions; 0: 4 for inputs below 64 pixels, else 16"),
    CNN_PARAM_INT, 0, 4096, 0, 1, "px", NULL, NULL, N_ ("Automatic") },
  { "fill", N_ ("Fill"), N_ ("What lies under the occluder"), CNN_PARAM_CHOICE, 0, 4, 0, 1, NULL,
    cnn_fill_names, cnn_fill_titles },
  { NULL },
};

/* A sweep under way: a grid of positions and what is known of them. */
typedef struct {
  CnnSession *session;
  gboolean tutorial;
  int stride, size, offset; /* offset: from the cell's corner to the occluder's */
  guint columns, rows, n_done;
  guint class_index, n_classes;
  double clean; /* double: a drop is the difference of two numbers near 1 */
  float *filling;
  double *probability; /* by position */
  float *winner;
  guint8 *visited;                  /* by position */
  CnnIncrementalSweep *incremental; /* the session's, while the sweep runs */
} Sweep;

static void
sweep_clear (Sweep *sweep)
{
  g_free (sweep->filling);
  g_free (sweep->probability);
  g_free (sweep->winner);
  g_free (sweep->visited);
  if (sweep->incremental == NULL)
    return;
  cnn_incremental_sweep_set_between (sweep->incremental, NULL, NULL);
  g_clear_pointer (&sweep->session->sweep, cnn_incremental_sweep_free);
  sweep->session->sweep = sweep->incremental;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sweep, sweep_clear)

static guint
count_positions (guint side, const Sweep *sweep)
{
  guint stride = (guint)sweep->stride, size = (guint)sweep->size;

  if (sweep->tutorial)
    return (side + stride - 1) / stride;
  return side <= size ? 1 : (side - size + stride - 1) / stride + 1;
}

/* The clean probability in the precision of the occluded ones. */
static gboolean
find_clean (Sweep *sweep, GCancellable *cancellable, GError **error)
{
  CnnEngine *engine = sweep->session->engine;
  guint value = cnn_model_get_score_value (cnn_engine_get_model (engine));
  g_autofree float *raw = g_new (float, MAX (cnn_engine_value_size (engine, value), 1));
  g_autofree double *probabilities = g_new (double, MAX (sweep->n_classes, 1));

  if (!cnn_engine_read (engine, value, raw, cancellable, error))
    return FALSE;
  cnn_engine_outcomes (engine, raw, 1, probabilities);
  sweep->clean = probabilities[sweep->class_index];
  return TRUE;
}

static void
sweep_init (Sweep *sweep, CnnSession *session, const CnnMethodRequest *request)
{
  const CnnMethod *method = &cnn_method_occlusion;
  CnnFill fill = (CnnFill)cnn_method_value (method, request, "fill");
  gsize n;

  sweep->session = session;
  sweep->tutorial = cnn_method_value (method, request, "mode") == 1;
  sweep->stride = (int)cnn_method_value (method, request, "stride");
  sweep->size = (int)cnn_method_value (method, request, "size");
  if (sweep->stride == 0)
    sweep->stride = MIN (session->width, session->height) < 64 ? 4 : 16;
  if (sweep->tutorial) {
    sweep->size = 5 * sweep->stride;
    sweep->offset = -2 * sweep->stride;
  } else if (sweep->size == 0) {
    sweep->size = 2 * sweep->stride;
  }
  sweep->columns = count_positions (session->width, sweep);
  sweep->rows = count_positions (session->height, sweep);
  sweep->class_index = (guint)request->class_index;
  sweep->n_classes = cnn_model_get_n_classes (cnn_engine_get_model (session->engine));
  sweep->filling = cnn_occluder_filling (
      session, request->fill_text != NULL ? CNN_FILL_VALUE : fill,
      request->fill_text != NULL ? (float)g_ascii_strtod (request->fill_text, NULL) : 0);
  n = (gsize)sweep->columns * sweep->rows;
  sweep->probability = g_new0 (double, n);
  sweep->winner = g_new0 (float, n);
  sweep->visited = g_new0 (guint8, n);
}

/* the map of what is known */

/* By position: the nearest that was visited, itself first; a breadth-first walk from all of these. */
static guint *
nearest_visited (const Sweep *sweep)
{
  guint n = sweep->columns * sweep->rows, n_queued = 0;
  guint *nearest = g_new0 (guint, n);
  g_autofree guint *queue = g_new (guint, n);
  g_autofree guint8 *reached = g_memdup2 (sweep->visited, n);

  for (guint i = 0; i < n; i++)
    if (reached[i])
      queue[n_queued++] = nearest[i] = i;
  for (guint k = 0; k < n_queued; k++)
    for (int side = 0; side < 4; side++) {
      int row = (int)(queue[k] / sweep->columns) + (side == 0) - (side == 1);
      int column = (int)(queue[k] % sweep->columns) + (side == 2) - (side == 3);
      guint at = (guint)row * sweep->columns + (guint)column;

      if (row < 0 || column < 0 || row >= (int)sweep->rows || column >= (int)sweep->columns || reached[at])
        continue;
      reached[at] = 1;
      nearest[at] = nearest[queue[k]];
      queue[n_queued++] = at;
    }
  return nearest;
}

static void
draw_cells (const Sweep *sweep, CnnMap *map)
{
  for (guint y = 0; y < map->height; y++)
    for (guint x = 0; x < map->width; x++)
      map->values[(gsize)y * map->width + x] =
          map->raw[y / (guint)sweep->stride * sweep->columns + x / (guint)sweep->stride];
}

static void
draw_windows (const Sweep *sweep, CnnMap *map)
{
  gsize n = (gsize)map->width * map->height;
  g_autofree guint *covering = g_new0 (guint, n);
  g_autofree double *sum = g_new0 (double, n);

  for (guint row = 0; row < sweep->rows; row++)
    for (guint column = 0; column < sweep->columns; column++) {
      guint y0 = row * (guint)sweep->stride, x0 = column * (guint)sweep->stride;

      for (guint y = y0; y < MIN (y0 + (guint)sweep->size, map->height); y++)
        for (guint x = x0; x < MIN (x0 + (guint)sweep->size, map->width); x++) {
          sum[(gsize)y * map->width + x] += map->raw[(gsize)row * sweep->columns + column];
          covering[(gsize)y * map->width + x]++;
        }
    }
  for (gsize i = 0; i < n; i++)
    map->values[i] = covering[i] > 0 ? (float)(sum[i] / covering[i]) : 0;
}

static CnnMapKind
kind_of (const Sweep *sweep)
{
  if (!sweep->tutorial)
    return CNN_MAP_SIGNED;
  return cnn_model_has_probabilities (cnn_engine_get_model (sweep->session->engine)) ? CNN_MAP_PROBABILITY
                                                                                     : CNN_MAP_ACTIVATION;
}

/* What it means if nothing drops. */
static void
explain_zero (const Sweep *sweep, CnnMap *map)
{
  if (sweep->tutorial)
    cnn_map_explain_zero (
        map, _ ("This map is zero everywhere: the class has no probability under any occluder."));
  else if (sweep->clean >= 1 - 1e-12)
    cnn_map_explain_zero (map, _ ("This map is zero everywhere: the probability is 1 to rounding, and no "
                                  "occluder changes that."));
  else
    cnn_map_explain_zero (map, _ ("This map is zero everywhere: no occluder changes the prediction."));
}

static CnnMap *
make_map (const Sweep *sweep)
{
  CnnMap *map = cnn_map_new (sweep->session->width, sweep->session->height, kind_of (sweep));
  gsize n = (gsize)sweep->columns * sweep->rows;
  g_autofree guint *nearest = nearest_visited (sweep);

  map->raw_width = sweep->columns;
  map->raw_height = sweep->rows;
  map->raw = g_new (float, n);
  map->classes = g_new (float, n);
  for (gsize i = 0; i < n; i++) {
    double p = sweep->probability[nearest[i]];

    map->raw[i] = (float)(sweep->tutorial ? p : sweep->clean - p);
    map->classes[i] = sweep->winner[nearest[i]];
  }
  if (sweep->tutorial)
    draw_cells (sweep, map);
  else
    draw_windows (sweep, map);
  explain_zero (sweep, map);
  map->progress = (double)sweep->n_done / (double)n;
  return map;
}

/* the sweep */

/* A batch shares what is read of the weights; partial results come with each. */
static guint
batch_size (const CnnSession *session)
{
  return (gsize)session->width * session->height <= 64 * 64 ? 64 : 32;
}

static int *
places (const Sweep *sweep, guint n)
{
  int *at = g_new (int, n);

  for (guint i = 0; i < n; i++)
    at[i] = (int)i * sweep->stride + sweep->offset;
  return at;
}

/* Takes the session's incremental forward, so that a sweep that is started meanwhile compiles its own. */
static gboolean
prepare (Sweep *sweep, GError **error)
{
  CnnSession *session = sweep->session;
  g_autofree int *rows = places (sweep, sweep->rows), *columns = places (sweep, sweep->columns);
  CnnOccluderGrid grid = { { sweep->size, sweep->size }, { sweep->rows, sweep->columns }, { rows, columns } };

  if (session->sweep != NULL && cnn_incremental_sweep_suits (session->sweep, &grid)) {
    sweep->incremental = g_steal_pointer (&session->sweep);
  } else {
    g_clear_pointer (&session->sweep, cnn_incremental_sweep_free);
    sweep->incremental = cnn_incremental_sweep_new (session->engine, &grid, batch_size (session), error);
  }
  return sweep->incremental != NULL;
}

static gboolean
visit (Sweep *sweep, guint batch, GCancellable *cancellable, GError **error)
{
  CnnSession *session = sweep->session;
  CnnEngine *engine = session->engine;
  guint value = cnn_model_get_score_value (cnn_engine_get_model (engine));
  guint n;
  const guint *positions = cnn_incremental_sweep_get_batch (sweep->incremental, batch, &n);
  g_autofree float *raw = g_new (float, MAX (cnn_engine_value_size (engine, value) * n, 1));
  g_autofree double *probabilities = g_new (double, MAX ((gsize)sweep->n_classes * n, 1));

  if (!cnn_incremental_sweep_run (sweep->incremental, batch, sweep->filling, raw, cancellable, error))
    return FALSE;
  cnn_engine_outcomes (engine, raw, n, probabilities);
  for (guint i = 0; i < n; i++) {
    const double *p = probabilities + (gsize)i * sweep->n_classes;
    guint best = 0;

    for (guint k = 1; k < sweep->n_classes; k++)
      best = p[k] > p[best] ? k : best;
    sweep->probability[positions[i]] = p[sweep->class_index];
    sweep->winner[positions[i]] = (float)best;
    sweep->visited[positions[i]] = 1;
  }
  sweep->n_done += n;
  return TRUE;
}

static void
note_winners (const Sweep *sweep, CnnMap *map)
{
  CnnModel *model = cnn_engine_get_model (sweep->session->engine);
  gsize n = (gsize)sweep->columns * sweep->rows, others = 0;

  for (gsize i = 0; i < n; i++)
    others += sweep->visited[i] && (guint)sweep->winner[i] != sweep->class_index;
  /* a single output has nothing to win against */
  if (sweep->n_classes < 2)
    cnn_map_add_note (map, _ ("Occluder of %d px at stride %d: %u positions."), sweep->size, sweep->stride,
                      sweep->n_done);
  else
    cnn_map_add_note (map, _ ("Occluder of %d px at stride %d: %u positions; at %u of them %s does not win."),
                      sweep->size, sweep->stride, sweep->n_done, (guint)others,
                      cnn_model_get_label (model, sweep->class_index));
  if (!cnn_model_has_probabilities (model))
    cnn_map_add_note (map, _ ("The output of this network is no probability: the map is of the score."));
  if (sweep->n_done < n)
    cnn_map_add_note (map, _ ("Stopped after %u of %u positions; the rest is filled in from its neighbours."),
                      sweep->n_done, (guint)n);
}

static gboolean
run (Sweep *sweep, const CnnMethodRequest *request, GCancellable *cancellable, GError **error)
{
  guint n = cnn_incremental_sweep_get_n_batches (sweep->incremental);

  for (guint i = 0; i < n; i++) {
    if (g_cancellable_is_cancelled (cancellable) && sweep->n_done > 0)
      return TRUE;
    if (!visit (sweep, i, cancellable, error))
      return FALSE;
    if (request->progress != NULL && i + 1 < n) {
      g_autoptr (CnnMap) partial = make_map (sweep);

      request->progress (partial->progress, partial, request->progress_data);
    }
  }
  return TRUE;
}

static CnnMap *
occlusion_compute (CnnSession *session, const CnnMethodRequest *request, GCancellable *cancellable,
                   GError **error)
{
  g_auto (Sweep) sweep = { 0 };
  g_autoptr (GError) stopped = NULL;
  CnnMap *map;

  sweep_init (&sweep, session, request);
  if (!find_clean (&sweep, cancellable, error) || !prepare (&sweep, error))
    return NULL;
  cnn_incremental_sweep_set_between (sweep.incremental, request->give_way, request->give_way_data);
  if (!run (&sweep, request, cancellable, &stopped) && !cnn_method_keeps (sweep.n_done > 0, &stopped, error))
    return NULL;
  map = make_map (&sweep);
  note_winners (&sweep, map);
  return map;
}

const CnnMethod cnn_method_occlusion = {
  .name = "occlusion",
  .title = N_ ("Occlusion"),
  .help = N_ ("How the prediction changes when a part of the image is covered"),
  .uses_class = TRUE,
  .is_long = TRUE,
  .params = params,
  .compute = occlusion_compute,
};
