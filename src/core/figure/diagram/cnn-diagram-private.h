/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-diagram.h"
#include "figure/cnn-figure-private.h"

G_BEGIN_DECLS

/** Of boxes of two lines, and of narrow ones of four. */
#define CNN_DIAGRAM_BOX_HEIGHT 25.0
#define CNN_DIAGRAM_NARROW_HEIGHT 38.0
/** The widest box there is. */
#define CNN_DIAGRAM_BOX_WIDTH 260.0
#define CNN_DIAGRAM_RANK_GAP 17.0
#define CNN_DIAGRAM_MARGIN 20.0

/** A box, or a place where a line passes the boxes of its rank. */
typedef struct {
  int layer;    /* -1: a line passes */
  guint source; /* of a passing line: the node at its begin */
  guint rank;
  guint column; /* the piece of the network it is drawn in */
  double x, y;  /* centre, top */
  double width;
  guint framed;          /* letters of the name that its frame says already */
  guint chain;           /* the first node of the unbranched line it is in */
  double chain_width;    /* the widest box of that line */
  GArray *above, *below; /* guint: nodes of the next ranks that it is linked with */
} CnnDiagramNode;

/** The frame of a nested model. */
typedef struct {
  CnnRect rect;
  char *name;
  guint depth;
  guint first, n; /* its first layer, how many it has */
} CnnDiagramFrame;

struct _CnnDiagram {
  gatomicrefcount refs;
  CnnModel *model;
  double width, height;
  GPtrArray *nodes;               /* CnnDiagramNode; the first ones are the layers, in their order */
  double page_width, page_height; /* of the pages it is laid out for; 0: it is one, as large as it becomes */
  double most_width;              /* of a box */
  double box_height;
  guint n_ranks;
  GPtrArray *ranks;  /* GArray of guint: the nodes of a rank from left to right */
  GArray *breaks;    /* guint: ranks at which a new column begins, 0 first */
  GArray *tops;      /* CnnRect of each column */
  GArray *bands;     /* CnnRect: rows of columns, from top to bottom; one is a page */
  GArray *band_of;   /* guint: that of each column */
  GPtrArray *frames; /* CnnDiagramFrame */
};

static inline CnnDiagramNode *
cnn_diagram_node (CnnDiagram *self, guint index)
{
  return self->nodes->pdata[index];
}

static inline gboolean
cnn_diagram_is_narrow (const CnnDiagram *self)
{
  return self->most_width < CNN_DIAGRAM_BOX_WIDTH;
}

/** What a box says of its parameters: (transfer full). */
char *cnn_diagram_params_text (const CnnLayer *layer);

/** cnn-diagram-draw.c: all of it on white, or on @dark ground, as far as it touches @clip (NULL: all). */
void cnn_diagram_draw_with (CnnDiagram *self, cairo_t *cr, PangoContext *context, gboolean dark, double scale,
                            const CnnRect *clip);

/** Puts the nodes on ranks, adds passing lines, finds columns, coordinates and frames. */
void cnn_diagram_layout (CnnDiagram *self, PangoContext *context);
/** Orders each rank so that lines cross little, then sets x. Nodes of different columns do not know each
 * other. */
void cnn_diagram_order (CnnDiagram *self);
void cnn_diagram_place (CnnDiagram *self);
/** Finds the frames of nested models in the finished layout. */
void cnn_diagram_find_frames (CnnDiagram *self);

G_END_DECLS
