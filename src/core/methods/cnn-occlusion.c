/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Occlusion (M. Zeiler, R. Fergus 2013): an occluder visits a grid of positions. Two ways to draw it: the
 * tutorial's, the probability of the class at each cell under an occluder of five cells; and the drop of the
 * probability, averaged over the windows that cover a pixel. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-methods-private.h"
#include "cnn-occluder.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const char *const modes[] = { "drop", "tutorial", NULL };
static const char *const fills[] = { "gray", "black", "white", "mean", "blur", NULL };

static const CnnParam params[] = {
  { "mode", N_ ("Mode"), N_ ("Drop of the probability, or the tutorial's probability by cell"),
    CNN_PARAM_CHOICE, 0, 1, 0, 1, NULL, modes },
  { "size", N_ ("Size"), N_ ("Side of the occluder; 0: twice the stride"), CNN_PARAM_INT, 0, 4096, 0, 1, "px",
    NULL },
  { "stride", N_ ("Stride"), N_ ("Step between positions; 0: 4 for inputs below 64 pixels, else 16"),
    CNN_PARAM_INT, 0, 4096, 0, 1, "px", NULL },
  { "fill", N_ ("Fill"), N_ ("What lies under the occluder"), CNN_PARAM_CHOICE, 0, 4, 0, 1, NULL, fills },
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
  guint8 *level; /* the step of the grid at which a position was visited, 0: not yet */
} Sweep;

static void
sweep_clear (Sweep *sweep)
{
  g_free (sweep->filling);
  g_free (sweep->probability);
  g_free (sweep->winner);
  g_free (sweep->level);
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
  cnn_engine_probabilities_double (engine, raw, 1, probabilities);
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
  sweep->level = g_new0 (guint8, n);
}

/* the map of what is known */

/* The position that stands for (row, column): itself, or the coarser one whose turn came first. */
static gsize
known_position (const Sweep *sweep, guint row, guint column)
{
  for (guint step = 1; step <= 8; step *= 2) {
    gsize at = (gsize)(row / step * step) * sweep->columns + column / step * step;

    if (sweep->level[at] != 0)
      return at;
  }
  return 0;
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

static CnnMap *
make_map (const Sweep *sweep)
{
  CnnMap *map = cnn_map_new (sweep->session->width, sweep->session->height,
                             sweep->tutorial ? CNN_MAP_PROBABILITY : CNN_MAP_SIGNED);
  gsize n = (gsize)sweep->columns * sweep->rows;

  map->raw_width = sweep->columns;
  map->raw_height = sweep->rows;
  map->raw = g_new (float, n);
  map->classes = g_new (float, n);
  for (guint row = 0; row < sweep->rows; row++)
    for (guint column = 0; column < sweep->columns; column++) {
      gsize at = (gsize)row * sweep->columns + column, known = known_position (sweep, row, column);

      map->raw[at] =
          (float)(sweep->tutorial ? sweep->probability[known] : sweep->clean - sweep->probability[known]);
      map->classes[at] = sweep->winner[known];
    }
  if (sweep->tutorial)
    draw_cells (sweep, map);
  else
    draw_windows (sweep, map);
  map->progress = (double)sweep->n_done / (double)n;
  return map;
}

/* the sweep */

/* Positions in the order of visit: a coarse grid first, then finer ones between. */
static GArray *
order_positions (Sweep *sweep)
{
  gsize n = (gsize)sweep->columns * sweep->rows;
  GArray *order = g_array_sized_new (FALSE, FALSE, sizeof (guint), (guint)n);
  g_autofree guint8 *seen = g_new0 (guint8, n);

  for (guint step = 8; step >= 1; step /= 2)
    for (guint row = 0; row < sweep->rows; row += step)
      for (guint column = 0; column < sweep->columns; column += step) {
        guint at = row * sweep->columns + column;

        if (!seen[at])
          g_array_append_val (order, at);
        seen[at] = 1;
      }
  return order;
}

/* A batch is as much as a more urgent job may have to wait for. */
static guint
batch_size (const CnnSession *session)
{
  return (gsize)session->width * session->height <= 64 * 64 ? 64 : 8;
}

static gboolean
visit (Sweep *sweep, const guint *positions, guint n, GCancellable *cancellable, GError **error)
{
  CnnSession *session = sweep->session;
  CnnEngine *engine = session->engine;
  guint value = cnn_model_get_score_value (cnn_engine_get_model (engine));
  gsize size = (gsize)session->channels * session->height * session->width;
  g_autofree float *inputs = g_new (float, size *n);
  g_autofree float *raw = g_new (float, MAX (cnn_engine_value_size (engine, value) * n, 1));
  g_autofree double *probabilities = g_new (double, MAX ((gsize)sweep->n_classes * n, 1));

  for (guint i = 0; i < n; i++) {
    int column = (int)(positions[i] % sweep->columns), row = (int)(positions[i] / sweep->columns);

    memcpy (inputs + i * size, session->input, size * sizeof (float));
    cnn_occluder_apply (session, sweep->filling, column * sweep->stride + sweep->offset,
                        row * sweep->stride + sweep->offset, sweep->size, sweep->size, inputs + i * size);
  }
  if (!cnn_engine_forward (engine, inputs, n, &value, 1, &raw, cancellable, error))
    return FALSE;
  cnn_engine_probabilities_double (engine, raw, n, probabilities);
  for (guint i = 0; i < n; i++) {
    const double *p = probabilities + (gsize)i * sweep->n_classes;
    guint best = 0;

    for (guint k = 1; k < sweep->n_classes; k++)
      best = p[k] > p[best] ? k : best;
    sweep->probability[positions[i]] = p[sweep->class_index];
    sweep->winner[positions[i]] = (float)best;
    sweep->level[positions[i]] = 1;
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
    others += sweep->level[i] != 0 && (guint)sweep->winner[i] != sweep->class_index;
  cnn_map_add_note (map, _ ("Occluder of %d px at stride %d: %u positions; at %u of them %s does not win."),
                    sweep->size, sweep->stride, sweep->n_done, (guint)others,
                    cnn_model_get_label (model, sweep->class_index));
  if (sweep->n_done < n)
    cnn_map_add_note (map, _ ("Stopped after %u of %u positions; the rest is filled in from its neighbours."),
                      sweep->n_done, (guint)n);
}

static gboolean
run (Sweep *sweep, const CnnMethodRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) order = order_positions (sweep);
  guint batch = batch_size (sweep->session);

  for (guint i = 0; i < order->len; i += batch) {
    if (g_cancellable_is_cancelled (cancellable) && sweep->n_done > 0)
      return TRUE;
    if (!visit (sweep, &g_array_index (order, guint, i), MIN (batch, order->len - i), cancellable, error))
      return FALSE;
    if (request->progress != NULL && sweep->n_done < order->len) {
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
  if (!find_clean (&sweep, cancellable, error))
    return NULL;
  if (!run (&sweep, request, cancellable, &stopped) &&
      (sweep.n_done == 0 || !g_error_matches (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED))) {
    g_propagate_error (error, g_steal_pointer (&stopped));
    return NULL;
  }
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
