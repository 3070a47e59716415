/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cnn-diagram-private.h"

#define COLUMN_GAP 40.0
#define PASS_WIDTH 6.0
#define TALL 1000.0 /* below it one column will do */
#define MOST_NODES                                                                                           \
  500000u /* no drawing helps with a network of more lines; they then go straight through                    \
           */

static double
step_of (const CnnDiagram *self)
{
  return self->box_height + CNN_DIAGRAM_RANK_GAP;
}

static CnnDiagramNode *
add_node (CnnDiagram *self, int layer, guint rank, double width)
{
  CnnDiagramNode *node = g_new0 (CnnDiagramNode, 1);

  node->layer = layer;
  node->rank = rank;
  node->width = width;
  node->above = g_array_new (FALSE, FALSE, sizeof (guint));
  node->below = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (self->nodes, node);
  return node;
}

static double
box_width (CnnDiagram *self, PangoContext *context, const CnnLayer *layer)
{
  g_autofree char *shape = cnn_diagram_shape_text (self->model, layer);
  g_autofree char *params = cnn_diagram_params_text (layer);
  double first = fmin (cnn_text_width (context, layer->name, CNN_TEXT_LABEL, TRUE), 130) +
                 cnn_text_width (context, shape, CNN_TEXT_LABEL, FALSE);
  double second = cnn_text_width (context, layer->type, CNN_TEXT_SMALL, FALSE) +
                  cnn_text_width (context, params, CNN_TEXT_SMALL, FALSE);

  if (!cnn_diagram_is_narrow (self))
    return CLAMP (fmax (first, second) + 18, 60, CNN_DIAGRAM_BOX_WIDTH);
  /* each text has a line of its own */
  first = fmax (cnn_text_width (context, layer->name, CNN_TEXT_SMALL, TRUE),
                cnn_text_width (context, shape, CNN_TEXT_SMALL, FALSE));
  second = fmax (cnn_text_width (context, layer->type, CNN_TEXT_SMALL, FALSE),
                 cnn_text_width (context, params, CNN_TEXT_SMALL, FALSE));
  return CLAMP (fmax (first, second) + 8, 40, self->most_width);
}

/* The longest way from an input. A reader's layers need not come in the order of the flow, so it is repeated.
 */
static void
find_ranks (CnnDiagram *self)
{
  guint n = cnn_model_get_n_layers (self->model);
  gboolean changed = TRUE;

  for (guint round = 0; changed && round <= n; round++) {
    changed = FALSE;
    for (guint i = 0; i < n; i++) {
      const CnnLayer *layer = cnn_model_get_layer (self->model, i);
      CnnDiagramNode *node = cnn_diagram_node (self, i);

      for (guint k = 0; k < layer->inbound->len; k++) {
        guint from = g_array_index (layer->inbound, guint, k);

        if (from < n && from != i && cnn_diagram_node (self, from)->rank >= node->rank &&
            cnn_diagram_node (self, from)->rank + 1 <= n) {
          node->rank = cnn_diagram_node (self, from)->rank + 1;
          changed = TRUE;
        }
      }
    }
  }
}

/* What feeds a deep layer and comes from nowhere (a second input, a constant) stands just above it. */
static void
lower_sources (CnnDiagram *self)
{
  guint n = cnn_model_get_n_layers (self->model);
  g_autofree guint *nearest = g_new (guint, n + 1);

  for (guint i = 0; i < n; i++)
    nearest[i] = G_MAXUINT;
  for (guint i = 0; i < n; i++) {
    const CnnLayer *layer = cnn_model_get_layer (self->model, i);

    for (guint k = 0; k < layer->inbound->len; k++) {
      guint from = g_array_index (layer->inbound, guint, k);

      if (from < n)
        nearest[from] = MIN (nearest[from], cnn_diagram_node (self, i)->rank);
    }
  }
  for (guint i = 0; i < n; i++) {
    const CnnLayer *layer = cnn_model_get_layer (self->model, i);

    if (layer->inbound->len == 0 && nearest[i] != G_MAXUINT && nearest[i] > 0)
      cnn_diagram_node (self, i)->rank = nearest[i] - 1;
  }
}

static void
link_nodes (CnnDiagram *self, guint from, guint to)
{
  GArray *below = cnn_diagram_node (self, from)->below;

  for (guint i = 0; i < below->len; i++)
    if (g_array_index (below, guint, i) == to)
      return;
  g_array_append_val (below, to);
  g_array_append_val (cnn_diagram_node (self, to)->above, from);
}

/*
 * Links from rank to rank. All lines of one layer run together until they reach their ends, so a layer with
 * many readers, as in a dense block, takes one lane.
 */
static void
add_links (CnnDiagram *self)
{
  guint n = cnn_model_get_n_layers (self->model);
  g_autoptr (GHashTable) lanes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < n; i++) {
    const CnnLayer *layer = cnn_model_get_layer (self->model, i);

    for (guint k = 0; k < layer->inbound->len; k++) {
      guint source = g_array_index (layer->inbound, guint, k), at = source;

      if (source >= n || cnn_diagram_node (self, source)->rank >= cnn_diagram_node (self, i)->rank)
        continue;
      for (guint rank = cnn_diagram_node (self, source)->rank + 1; rank < cnn_diagram_node (self, i)->rank;
           rank++) {
        gint64 key = (gint64)source << 32 | rank;
        guint lane = GPOINTER_TO_UINT (g_hash_table_lookup (lanes, &key));

        if (lane == 0) {
          lane = self->nodes->len;
          add_node (self, -1, rank, PASS_WIDTH)->source = source;
          g_hash_table_insert (lanes, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (lane));
        }
        link_nodes (self, at, lane);
        at = lane;
      }
      link_nodes (self, at, i);
    }
  }
}

static void
fill_ranks (CnnDiagram *self)
{
  for (guint i = 0; i < self->nodes->len; i++)
    self->n_ranks = MAX (self->n_ranks, cnn_diagram_node (self, i)->rank + 1);
  for (guint r = 0; r < self->n_ranks; r++)
    g_ptr_array_add (self->ranks, g_array_new (FALSE, FALSE, sizeof (guint)));
  for (guint i = 0; i < self->nodes->len; i++) {
    GArray *rank = self->ranks->pdata[cnn_diagram_node (self, i)->rank];

    g_array_append_val (rank, i);
  }
}

static double
rank_width (CnnDiagram *self, guint r)
{
  GArray *rank = self->ranks->pdata[r];
  double width = 0;

  for (guint i = 0; i < rank->len; i++)
    width += cnn_diagram_node (self, g_array_index (rank, guint, i))->width + 12;
  return width;
}

/* Whether a column may end above rank @r: one node alone is linked across. */
static gboolean
may_break (CnnDiagram *self, guint r)
{
  GArray *rank = self->ranks->pdata[r - 1];
  guint across = 0;

  for (guint i = 0; i < rank->len; i++)
    across += cnn_diagram_node (self, g_array_index (rank, guint, i))->below->len > 0;
  if (across != 1)
    return FALSE;
  rank = self->ranks->pdata[r];
  for (guint i = 0; i < rank->len; i++)
    if (cnn_diagram_node (self, g_array_index (rank, guint, i))->above->len == 0)
      return FALSE;
  return TRUE;
}

/* Columns of about the height that makes the page as wide as it is high. */
static void
break_into_square (CnnDiagram *self)
{
  double total = self->n_ranks * step_of (self), widest = 0, wanted;
  guint begin = 0;

  for (guint r = 0; r < self->n_ranks; r++)
    widest = fmax (widest, rank_width (self, r));
  wanted = total / fmax (round (sqrt (total / (widest + COLUMN_GAP))), 1);
  for (guint r = 1; total > TALL && r < self->n_ranks; r++) {
    if ((r - begin) * step_of (self) >= wanted * 0.85 &&
        (self->n_ranks - r) * step_of (self) > wanted * 0.3 && may_break (self, r)) {
      begin = r;
      g_array_append_val (self->breaks, begin);
    }
  }
}

/* Columns that a page is high enough for, of about equal height. */
static void
break_into_pages (CnnDiagram *self)
{
  double room = fmax (self->page_height - 2 * CNN_DIAGRAM_MARGIN - 2 * CNN_DIAGRAM_RANK_GAP, step_of (self));
  double total = self->n_ranks * step_of (self), wanted = total / ceil (total / room);
  guint begin = 0, last = 0; /* the last rank above which it may end */

  for (guint r = 1; r < self->n_ranks; r++) {
    gboolean may = may_break (self, r);

    if (may && (r - begin) * step_of (self) <= room)
      last = r;
    if ((r + 1 - begin) * step_of (self) <= room && (!may || (r - begin) * step_of (self) < wanted - 1))
      continue;
    if (last <= begin && !may)
      continue;
    begin = last > begin ? last : r;
    g_array_append_val (self->breaks, begin);
    /* those behind it are looked at again */
    r = last = begin;
  }
}

static void
find_breaks (CnnDiagram *self)
{
  guint first = 0;

  g_array_append_val (self->breaks, first);
  if (self->page_height > 0)
    break_into_pages (self);
  else
    break_into_square (self);
  for (guint c = 0; c < self->breaks->len; c++) {
    guint end = c + 1 < self->breaks->len ? g_array_index (self->breaks, guint, c + 1) : self->n_ranks;

    for (guint r = g_array_index (self->breaks, guint, c); r < end; r++) {
      GArray *rank = self->ranks->pdata[r];

      for (guint i = 0; i < rank->len; i++)
        cnn_diagram_node (self, g_array_index (rank, guint, i))->column = c;
    }
  }
}

/* Where column @c is, as it was ordered. */
static void
find_column (CnnDiagram *self, guint c, double *left, double *right)
{
  *left = G_MAXDOUBLE;
  *right = -G_MAXDOUBLE;
  for (guint i = 0; i < self->nodes->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, i);

    if (node->column != c)
      continue;
    *left = fmin (*left, node->x - node->width / 2);
    *right = fmax (*right, node->x + node->width / 2);
  }
}

/* Moves column @c to @x, @y. Returns: where it ends. */
static double
move_column (CnnDiagram *self, guint c, double dx, double y)
{
  double lowest = y;

  for (guint i = 0; i < self->nodes->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, i);

    if (node->column != c)
      continue;
    node->x += dx;
    node->y = y + (c > 0 ? CNN_DIAGRAM_RANK_GAP : 0) +
              (node->rank - g_array_index (self->breaks, guint, c)) * step_of (self);
    lowest = fmax (lowest, node->y + self->box_height);
  }
  return lowest;
}

/* Moves the columns beside each other, and below where the page is not wide enough. */
static void
place_columns (CnnDiagram *self)
{
  double x = CNN_DIAGRAM_MARGIN, below = self->breaks->len > 1 ? CNN_DIAGRAM_RANK_GAP : 0;
  CnnRect first = { 0 }, *band;

  g_array_append_val (self->bands, first);
  band = &g_array_index (self->bands, CnnRect, 0);
  for (guint c = 0; c < self->breaks->len; c++) {
    double left, right, lowest;
    CnnRect column = { 0 };
    guint number;

    find_column (self, c, &left, &right);
    column.width = fmax (right - left, 0);
    if (self->page_width > 0 && x > CNN_DIAGRAM_MARGIN &&
        x + column.width + CNN_DIAGRAM_MARGIN > self->page_width) {
      CnnRect next = { 0, band->y + band->height, 0, 0 };

      g_array_append_val (self->bands, next);
      band = &g_array_index (self->bands, CnnRect, self->bands->len - 1);
      x = CNN_DIAGRAM_MARGIN;
    }
    lowest = move_column (self, c, x - left, band->y + CNN_DIAGRAM_MARGIN);
    column.x = x;
    column.y = band->y + CNN_DIAGRAM_MARGIN;
    g_array_append_val (self->tops, column);
    number = self->bands->len - 1;
    g_array_append_val (self->band_of, number);
    band->height = fmax (band->height, lowest + CNN_DIAGRAM_MARGIN + below - band->y);
    band->width = x + column.width + CNN_DIAGRAM_MARGIN;
    self->width = fmax (self->width, band->width);
    x += column.width + COLUMN_GAP;
  }
  self->height = band->y + band->height;
}

void
cnn_diagram_layout (CnnDiagram *self, PangoContext *context)
{
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++)
    add_node (self, (int)i, 0, box_width (self, context, cnn_model_get_layer (self->model, i)));
  find_ranks (self);
  lower_sources (self);
  add_links (self);
  fill_ranks (self);
  find_breaks (self);
  cnn_diagram_order (self);
  cnn_diagram_place (self);
  place_columns (self);
  cnn_diagram_find_frames (self);
}

/* The first @depth parts of a name with slashes, or NULL where there are no more behind them. */
static char *
prefix_of (const char *name, guint depth)
{
  const char *p = *name == '/' ? name + 1 : name;

  for (; depth > 0; depth--) {
    p = strchr (p, '/');
    if (p == NULL || p[1] == '\0')
      return NULL;
    p++;
  }
  return g_strndup (name, (gsize)(p - 1 - name));
}

static gboolean
overlaps (const CnnDiagram *self, const CnnRect *rect, const CnnDiagramNode *node)
{
  return node->x + node->width / 2 > rect->x && node->x - node->width / 2 < rect->x + rect->width &&
         node->y + self->box_height > rect->y && node->y < rect->y + rect->height;
}

/* Writes into the boxes no more of the name than the frame leaves unsaid. */
static void
note_framed (CnnDiagram *self, GArray *members, const char *name)
{
  for (guint i = 0; i < members->len; i++)
    cnn_diagram_node (self, g_array_index (members, guint, i))->framed = (guint)strlen (name) + 1;
}

/* A model in which there is only another model: one frame bears both names. */
static gboolean
rename_same_frame (CnnDiagram *self, const char *name, GArray *members)
{
  for (guint i = 0; i < self->frames->len; i++) {
    CnnDiagramFrame *frame = self->frames->pdata[i];

    if (frame->depth == 1 && frame->n == members->len && frame->first == g_array_index (members, guint, 0)) {
      g_free (frame->name);
      frame->name = g_strdup (name);
      note_framed (self, members, name);
      return TRUE;
    }
  }
  return FALSE;
}

/* One frame for the layers of @members; none where it would hold a stranger. */
static void
add_frame (CnnDiagram *self, const char *name, guint depth, GArray *members)
{
  double pad = depth == 1 ? 7.5 : depth == 2 ? 5 : 2.5, right = 0, bottom = 0;
  CnnRect rect = { G_MAXDOUBLE, G_MAXDOUBLE, 0, 0 };
  CnnDiagramFrame *frame;

  if (members->len < 2 || (depth > 1 && rename_same_frame (self, name, members)))
    return;
  for (guint i = 0; i < members->len; i++) {
    CnnDiagramNode *node = cnn_diagram_node (self, g_array_index (members, guint, i));

    rect.x = fmin (rect.x, node->x - node->width / 2 - pad);
    rect.y = fmin (rect.y, node->y - pad);
    right = fmax (right, node->x + node->width / 2 + pad);
    bottom = fmax (bottom, node->y + self->box_height + pad);
  }
  rect.width = right - rect.x;
  rect.height = bottom - rect.y;
  for (guint i = 0, m = 0; i < cnn_model_get_n_layers (self->model); i++) {
    if (m < members->len && g_array_index (members, guint, m) == i)
      m++;
    else if (overlaps (self, &rect, cnn_diagram_node (self, i)))
      return;
  }
  frame = g_new0 (CnnDiagramFrame, 1);
  *frame = (CnnDiagramFrame){ rect, g_strdup (name), depth, g_array_index (members, guint, 0), members->len };
  g_ptr_array_add (self->frames, frame);
  if (depth == 1)
    note_framed (self, members, name);
}

void
cnn_diagram_find_frames (CnnDiagram *self)
{
  for (guint depth = 1; depth <= 3; depth++) {
    g_autoptr (GHashTable) groups =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    g_autoptr (GPtrArray) keys = g_ptr_array_new ();

    for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++) {
      g_autofree char *name = prefix_of (cnn_model_get_layer (self->model, i)->name, depth);
      g_autofree char *key = NULL;
      GArray *members;

      if (name == NULL)
        continue;
      /* a nested model that goes on in another column has a frame in each */
      key = g_strdup_printf ("%s\n%u", name, cnn_diagram_node (self, i)->column);
      members = g_hash_table_lookup (groups, key);
      if (members == NULL) {
        members = g_array_new (FALSE, FALSE, sizeof (guint));
        g_ptr_array_add (keys, key);
        g_hash_table_insert (groups, g_steal_pointer (&key), members);
      }
      g_array_append_val (members, i);
    }
    for (guint i = 0; i < keys->len; i++) {
      g_auto (GStrv) parts = g_strsplit (keys->pdata[i], "\n", 2);

      add_frame (self, parts[0], depth, g_hash_table_lookup (groups, keys->pdata[i]));
    }
  }
}
