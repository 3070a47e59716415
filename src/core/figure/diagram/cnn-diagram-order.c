/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cnn-diagram-private.h"

#define SWEEPS 12

/* The neighbours of a node in the rank above or below, of its own column only. */
static guint
neighbours (CnnDiagram *self, const CnnDiagramNode *node, gboolean above, GArray *out)
{
  GArray *list = above ? node->above : node->below;

  g_array_set_size (out, 0);
  for (guint i = 0; i < list->len; i++) {
    guint other = g_array_index (list, guint, i);

    if (cnn_diagram_node (self, other)->column == node->column)
      g_array_append_val (out, other);
  }
  return out->len;
}

/* Ordering keys, one for each node. */
typedef struct {
  double key;
  guint node;
} Place;

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *one = a, *two = b;

  return one->key < two->key ? -1 : one->key > two->key;
}

static void
note_positions (CnnDiagram *self, guint *position)
{
  for (guint r = 0; r < self->n_ranks; r++) {
    GArray *rank = self->ranks->pdata[r];

    for (guint i = 0; i < rank->len; i++)
      position[g_array_index (rank, guint, i)] = i;
  }
}

/* Sorts a rank by the mean place of each node's neighbours; who has none stays where it is. */
static void
sort_rank (CnnDiagram *self, guint r, gboolean by_above, guint *position, GArray *scratch)
{
  GArray *rank = self->ranks->pdata[r];
  g_autoptr (GArray) places = g_array_sized_new (FALSE, FALSE, sizeof (Place), rank->len);

  for (guint i = 0; i < rank->len; i++) {
    guint node = g_array_index (rank, guint, i);
    guint n = neighbours (self, cnn_diagram_node (self, node), by_above, scratch);
    Place place = { i, node };

    for (guint k = 0; k < n; k++)
      place.key = (k > 0 ? place.key : 0) + (double)position[g_array_index (scratch, guint, k)] / n;
    g_array_append_val (places, place);
  }
  g_array_sort (places, compare_places); /* stable: ties keep their order */
  for (guint i = 0; i < rank->len; i++) {
    g_array_index (rank, guint, i) = g_array_index (places, Place, i).node;
    position[g_array_index (rank, guint, i)] = i;
  }
}

/* Crossings of the lines between rank @r and the next; of very wide ranks nobody counts them. */
static guint64
count_crossings (CnnDiagram *self, guint r, const guint *position)
{
  GArray *rank = self->ranks->pdata[r];
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (guint));
  guint64 crossings = 0;

  for (guint i = 0; i < rank->len && rank->len <= 500; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, g_array_index (rank, guint, i));
    guint before = ends->len;

    neighbours (self, node, FALSE, own);
    for (guint k = 0; k < own->len; k++) {
      guint end = position[g_array_index (own, guint, k)];

      for (guint j = 0; j < before; j++)
        crossings += g_array_index (ends, guint, j) > end;
      g_array_append_val (ends, end);
    }
  }
  return crossings;
}

static guint64
count_all_crossings (CnnDiagram *self, const guint *position)
{
  guint64 crossings = 0;

  for (guint r = 0; r + 1 < self->n_ranks; r++)
    crossings += count_crossings (self, r, position);
  return crossings;
}

static int
compare_by_position (gconstpointer a, gconstpointer b, gpointer data)
{
  const guint *position = data;
  guint one = position[*(const guint *)a], two = position[*(const guint *)b];

  return one < two ? -1 : one > two;
}

void
cnn_diagram_order (CnnDiagram *self)
{
  g_autofree guint *position = g_new0 (guint, self->nodes->len + 1);
  g_autofree guint *best = g_new0 (guint, self->nodes->len + 1);
  g_autoptr (GArray) scratch = g_array_new (FALSE, FALSE, sizeof (guint));
  guint64 fewest = G_MAXUINT64;

  note_positions (self, position);
  for (guint sweep = 0; sweep <= SWEEPS && fewest > 0; sweep++) {
    guint64 crossings = count_all_crossings (self, position);

    if (crossings < fewest) {
      fewest = crossings;
      memcpy (best, position, self->nodes->len * sizeof (guint));
    }
    for (guint r = 1; sweep % 2 == 0 && r < self->n_ranks; r++)
      sort_rank (self, r, TRUE, position, scratch);
    for (guint r = self->n_ranks; sweep % 2 == 1 && r-- > 0;)
      sort_rank (self, r, FALSE, position, scratch);
  }
  for (guint r = 0; r < self->n_ranks; r++)
    g_array_sort_with_data (self->ranks->pdata[r], compare_by_position, best);
}

/* A run of nodes that touch each other and move as one. */
typedef struct {
  double sum, weight;
  guint n;
} Run;

static double
separation (CnnDiagram *self, guint left, guint right)
{
  const CnnDiagramNode *a = cnn_diagram_node (self, left), *b = cnn_diagram_node (self, right);

  return a->chain_width / 2 + b->chain_width / 2 + (a->layer >= 0 && b->layer >= 0 ? 18 : 9);
}

/*
 * Sets a rank's x as near as possible, in the least squares' sense, to @wanted with all distances kept. With
 * the distances subtracted this is a regression by a rising sequence: neighbours that would overlap are
 * pooled.
 */
static void
settle_rank (CnnDiagram *self, GArray *rank, const double *wanted, const double *weights)
{
  g_autofree Run *runs = g_new (Run, rank->len + 1);
  g_autofree double *offset = g_new0 (double, rank->len + 1);
  guint n_runs = 0, i = 0;

  for (guint k = 1; k < rank->len; k++)
    offset[k] =
        offset[k - 1] + separation (self, g_array_index (rank, guint, k - 1), g_array_index (rank, guint, k));
  for (guint k = 0; k < rank->len; k++) {
    runs[n_runs++] = (Run){ (wanted[k] - offset[k]) * weights[k], weights[k], 1 };
    while (n_runs > 1 &&
           runs[n_runs - 2].sum / runs[n_runs - 2].weight > runs[n_runs - 1].sum / runs[n_runs - 1].weight) {
      runs[n_runs - 2].sum += runs[n_runs - 1].sum;
      runs[n_runs - 2].weight += runs[n_runs - 1].weight;
      runs[n_runs - 2].n += runs[n_runs - 1].n;
      n_runs--;
    }
  }
  for (guint r = 0; r < n_runs; r++)
    for (guint k = 0; k < runs[r].n; k++, i++)
      cnn_diagram_node (self, g_array_index (rank, guint, i))->x = runs[r].sum / runs[r].weight + offset[i];
}

static double
mean_x (CnnDiagram *self, GArray *nodes)
{
  double sum = 0;

  for (guint i = 0; i < nodes->len; i++)
    sum += cnn_diagram_node (self, g_array_index (nodes, guint, i))->x;
  return sum / nodes->len;
}

static void
pull_rank (CnnDiagram *self, guint r, gboolean above, gboolean both, GArray *scratch)
{
  GArray *rank = self->ranks->pdata[r];
  g_autofree double *wanted = g_new (double, rank->len + 1);
  g_autofree double *weights = g_new (double, rank->len + 1);

  for (guint i = 0; i < rank->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, g_array_index (rank, guint, i));
    double sum = 0;
    guint sides = 0;

    for (int side = 0; side < 2; side++) {
      if ((both || (side == 0) == above) && neighbours (self, node, side == 0, scratch) > 0) {
        sum += mean_x (self, scratch);
        sides++;
      }
    }
    wanted[i] = sides > 0 ? sum / sides : node->x;
    /* a long line is kept straight rather than a box in the middle of its readers */
    weights[i] = sides == 0 ? 0.01 : node->layer < 0 ? 4 : 1;
  }
  settle_rank (self, rank, wanted, weights);
}

/* Whether @node goes on where @above ended: nothing branches off between them but readers of a passing line.
 */
static gboolean
continues (const CnnDiagramNode *node, const CnnDiagramNode *above)
{
  if (node->column != above->column)
    return FALSE;
  if (node->layer < 0 || above->layer < 0)
    return node->layer < 0 && above->layer < 0;
  return node->above->len == 1 && above->below->len == 1;
}

static void
find_chains (CnnDiagram *self)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    cnn_diagram_node (self, i)->chain = i;
    cnn_diagram_node (self, i)->chain_width = cnn_diagram_node (self, i)->width;
  }
  for (guint r = 0; r < self->n_ranks; r++) {
    GArray *rank = self->ranks->pdata[r];

    for (guint i = 0; i < rank->len; i++) {
      CnnDiagramNode *node = cnn_diagram_node (self, g_array_index (rank, guint, i));
      CnnDiagramNode *first;

      if (node->above->len != 1 ||
          !continues (node, cnn_diagram_node (self, g_array_index (node->above, guint, 0))))
        continue;
      node->chain = cnn_diagram_node (self, g_array_index (node->above, guint, 0))->chain;
      first = cnn_diagram_node (self, node->chain);
      first->chain_width = fmax (first->chain_width, node->width);
    }
  }
  for (guint i = 0; i < self->nodes->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, i);

    node->chain_width = cnn_diagram_node (self, node->chain)->chain_width;
  }
}

/* Draws the nodes of each unbranched line to their mean, as far as their neighbours allow. */
static void
straighten (CnnDiagram *self)
{
  g_autofree double *sum = g_new0 (double, self->nodes->len + 1);
  g_autofree guint *count = g_new0 (guint, self->nodes->len + 1);

  for (guint i = 0; i < self->nodes->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, i);

    sum[node->chain] += node->x;
    count[node->chain]++;
  }
  for (guint r = 0; r < self->n_ranks; r++) {
    GArray *rank = self->ranks->pdata[r];
    g_autofree double *wanted = g_new (double, rank->len + 1);
    g_autofree double *weights = g_new (double, rank->len + 1);

    for (guint i = 0; i < rank->len; i++) {
      guint chain = cnn_diagram_node (self, g_array_index (rank, guint, i))->chain;

      wanted[i] = sum[chain] / count[chain];
      weights[i] = count[chain];
    }
    settle_rank (self, rank, wanted, weights);
  }
}

void
cnn_diagram_place (CnnDiagram *self)
{
  g_autoptr (GArray) scratch = g_array_new (FALSE, FALSE, sizeof (guint));

  find_chains (self);
  for (guint r = 0; r < self->n_ranks; r++) {
    GArray *rank = self->ranks->pdata[r];
    double width = 0;

    for (guint i = 0; i < rank->len; i++) {
      CnnDiagramNode *node = cnn_diagram_node (self, g_array_index (rank, guint, i));

      width +=
          i > 0 ? separation (self, g_array_index (rank, guint, i - 1), g_array_index (rank, guint, i)) : 0;
      node->x = width;
    }
    for (guint i = 0; i < rank->len; i++)
      cnn_diagram_node (self, g_array_index (rank, guint, i))->x -= width / 2;
  }
  for (guint sweep = 0; sweep < SWEEPS; sweep++) {
    gboolean both = sweep >= SWEEPS / 2;

    for (guint r = 0; r < self->n_ranks; r++)
      pull_rank (self, sweep % 2 == 0 ? r : self->n_ranks - 1 - r, sweep % 2 == 0, both, scratch);
    straighten (self);
  }
  for (int i = 0; i < 3; i++)
    straighten (self);
}
