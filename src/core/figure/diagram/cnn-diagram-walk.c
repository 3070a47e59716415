/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cnn-diagram-private.h"

/* The layer at the other end of an arrow that lies straightest: one that feeds @layer, or one that reads it.
 */
static guint
along (CnnDiagram *self, guint layer, gboolean up)
{
  const CnnDiagramNode *here = cnn_diagram_node (self, layer);
  guint n = cnn_model_get_n_layers (self->model), best = layer;
  double least = G_MAXDOUBLE;

  for (guint i = 0; i < n; i++) {
    const GArray *inbound = cnn_model_get_layer (self->model, up ? layer : i)->inbound;

    for (guint k = 0; k < inbound->len; k++) {
      guint from = g_array_index (inbound, guint, k), other = up ? from : i;
      const CnnDiagramNode *node = other < n ? cnn_diagram_node (self, other) : NULL;
      double away;

      if (node == NULL || (!up && from != layer) || other == layer)
        continue;
      /* near ones before those at the end of a long line */
      away = fabs (node->x - here->x) + 100 * fabs ((double)node->rank - here->rank);
      if (node->column == here->column ? away < least : least >= G_MAXDOUBLE) {
        least = node->column == here->column ? away : G_MAXDOUBLE;
        best = other;
      }
    }
    if (up)
      break;
  }
  return best;
}

/* The next box beside: of the same rank, else of the same height in the column beside. */
static guint
beside (CnnDiagram *self, guint layer, int side)
{
  const CnnDiagramNode *here = cnn_diagram_node (self, layer);
  double least = G_MAXDOUBLE;
  guint best = layer;

  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++) {
    const CnnDiagramNode *node = cnn_diagram_node (self, i);
    double dx = side * (node->x - here->x), away;

    if (i == layer || dx <= 0)
      continue;
    if (node->column == here->column && node->rank != here->rank)
      continue;
    if (node->column != here->column && (int)node->column != (int)here->column + side)
      continue;
    /* the same column first, then what is at about the same height */
    away = node->column == here->column ? dx : 1e6 + 100 * fabs (node->y - here->y) + dx;
    if (away < least) {
      least = away;
      best = i;
    }
  }
  return best;
}

guint
cnn_diagram_step (CnnDiagram *self, guint layer, CnnDiagramWay way)
{
  g_return_val_if_fail (layer < cnn_model_get_n_layers (self->model), layer);
  switch (way) {
  case CNN_DIAGRAM_UP:
  case CNN_DIAGRAM_DOWN:
    return along (self, layer, way == CNN_DIAGRAM_UP);
  case CNN_DIAGRAM_LEFT:
  case CNN_DIAGRAM_RIGHT:
  default:
    return beside (self, layer, way == CNN_DIAGRAM_LEFT ? -1 : 1);
  }
}
