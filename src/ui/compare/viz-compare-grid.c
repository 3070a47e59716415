/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-compare-grid"
#include "config.h"

#include "viz-compare-grid.h"

#include <glib/gi18n.h>
#include <math.h>

#include "widgets/viz-picture-cell.h"
#include "widgets/viz-text.h"
#include "widgets/viz-tooltip.h"

#define GAP 10
#define MARGIN 12
#define DIM_AFTER_MS 100
#define LABEL_LEAST 64
/* In characters, so that it grows with the text. */
#define LABEL_MOST 20

struct _VizCompareGrid {
  GtkWidget parent_instance;
  VizCompared *compared;
  guint rows, columns; /* columns: the picture's and those of the maps */
  GPtrArray *labels;   /* of rows */
  GPtrArray *cells;    /* VizPictureCell, row by row */
  GtkWidget *bar;      /* behind the headings */
  GPtrArray *headings; /* GtkLabel, of columns */
  GtkAdjustment *vertical;
  guint current; /* the cell that takes the focus */
  double opacity;
  gboolean stale;
  guint dimmer;    /* timer, while what is shown is only just out of date */
  guint removable; /* tells sets of classes with buttons apart */
  int label_width; /* of the row labels; 0: to be measured */
};

G_DEFINE_FINAL_TYPE (VizCompareGrid, viz_compare_grid, GTK_TYPE_WIDGET)

enum { CELL_ACTIVATED, CLASS_REMOVED, POINTER_MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* what the cells say */

static const CnnMap *
map_at (const VizCompareGrid *self, guint cell)
{
  guint row = cell / self->columns, column = cell % self->columns;

  return column > 0 ? self->compared->grid->maps[row * (self->columns - 1) + column - 1] : NULL;
}

/* The map's strongest value, or the one at a pixel. */
static char *
make_caption (const CnnMap *map, int x, int y)
{
  g_autofree char *number = NULL;
  double value;

  if (map == NULL)
    return g_strdup ("");
  if (x >= 0 && y >= 0 && x < (int)map->width && y < (int)map->height)
    return viz_text_short (viz_compared_unscale (map, (double)map->values[(gsize)y * map->width + (gsize)x]));
  value = map->kind == CNN_MAP_SIGNED ? fmax (fabs ((double)map->min), fabs ((double)map->max))
                                      : (double)map->max;
  number = viz_text_short (viz_compared_unscale (map, value));
  if (map->kind == CNN_MAP_SIGNED)
    return g_strdup_printf ("±%s", number);
  /* Translators: the strongest value of a map, below it */
  return g_strdup_printf (_ ("max %s"), number);
}

static void
caption_cells (VizCompareGrid *self, int x, int y)
{
  for (guint i = 0; i < self->cells->len; i++) {
    g_autofree char *caption = make_caption (map_at (self, i), x, y);

    viz_picture_cell_set_caption (self->cells->pdata[i], caption);
    viz_picture_cell_set_mark (self->cells->pdata[i], x, y);
  }
}

static const char *
row_label (const VizCompareGrid *self, guint row)
{
  return cnn_model_get_label (self->compared->grid->model, (guint)self->compared->grid->classes[row]);
}

static void
fill_cell (VizCompareGrid *self, guint cell)
{
  guint row = cell / self->columns, column = cell % self->columns;
  guint map = row * (self->columns - 1) + column - 1;
  const char *failure = column > 0 ? self->compared->grid->failures[column - 1] : NULL;
  VizPictureCell *widget = self->cells->pdata[cell];
  g_autofree char *label = NULL;

  if (column == 0) {
    label = g_strdup_printf (_ ("%s: the picture"), row_label (self, row));
    viz_picture_cell_set_pictures (widget, self->compared->image, NULL);
    viz_picture_cell_set_words (widget, label, NULL);
    return;
  }
  if (self->compared->maps[map] != NULL)
    viz_picture_cell_set_pictures (widget, self->compared->image, self->compared->maps[map]);
  else
    viz_picture_cell_set_pictures (widget, NULL, NULL);
  viz_picture_cell_set_message (widget, failure != NULL ? failure : "…");
  label = g_strdup_printf (_ ("%s: %s"), row_label (self, row), self->compared->headings[column - 1]);
  viz_picture_cell_set_words (widget, label, failure != NULL ? failure : self->compared->words[map]);
}

/* the parts */

static void
on_activated (VizPictureCell *cell, VizCompareGrid *self)
{
  guint i;

  if (self->compared != NULL && g_ptr_array_find (self->cells, cell, &i))
    g_signal_emit (self, signals[CELL_ACTIVATED], 0, (int)(i / self->columns), (int)(i % self->columns) - 1);
}

static void
on_pointer (VizPictureCell *cell, int x, int y, VizCompareGrid *self)
{
  if (self->compared == NULL)
    return;
  caption_cells (self, x, y);
  g_signal_emit (self, signals[POINTER_MOVED], 0, x, y);
}

static void
set_current (VizCompareGrid *self, guint cell)
{
  for (guint i = 0; i < self->cells->len; i++)
    gtk_widget_set_focusable (self->cells->pdata[i], i == cell);
  self->current = cell;
}

/* A click gives the focus to any cell. */
static void
on_focus (VizPictureCell *cell, GParamSpec *pspec, VizCompareGrid *self)
{
  guint i;

  if (gtk_widget_has_focus (GTK_WIDGET (cell)) && g_ptr_array_find (self->cells, cell, &i))
    set_current (self, i);
}

static void
on_pressed (GtkGestureClick *gesture, int n, double x, double y, VizCompareGrid *self)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  guint i;

  if (g_ptr_array_find (self->cells, cell, &i))
    set_current (self, i);
}

static GtkWidget *
add_cell (VizCompareGrid *self)
{
  GtkWidget *cell = viz_picture_cell_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  viz_picture_cell_set_opacity (VIZ_PICTURE_CELL (cell), self->opacity);
  viz_picture_cell_set_stale (VIZ_PICTURE_CELL (cell), self->stale);
  viz_picture_cell_set_caption (VIZ_PICTURE_CELL (cell), "");
  gtk_widget_set_focusable (cell, FALSE);
  g_signal_connect (cell, "activated", G_CALLBACK (on_activated), self);
  g_signal_connect (cell, "pointer-moved", G_CALLBACK (on_pointer), self);
  g_signal_connect (cell, "notify::has-focus", G_CALLBACK (on_focus), self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (click));
  gtk_widget_insert_before (cell, GTK_WIDGET (self), self->bar);
  g_ptr_array_add (self->cells, cell);
  return cell;
}

static void
on_remove (GtkWidget *button, VizCompareGrid *self)
{
  int class_index = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "viz-class"));

  g_signal_emit (self, signals[CLASS_REMOVED], 0, class_index);
}

static void
add_remove_button (VizCompareGrid *self, GtkBox *box, int class_index, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *text = g_strdup_printf (_ ("Take %s out"), name);

  g_object_set_data (G_OBJECT (button), "viz-class", GINT_TO_POINTER (class_index));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  viz_tooltip_set (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_signal_connect (button, "clicked", G_CALLBACK (on_remove), self);
  gtk_box_append (box, button);
}

static GtkWidget *
add_label (GtkBox *box, const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, class);
  gtk_box_append (box, label);
  return label;
}

static gboolean
holds (const GArray *classes, int class_index)
{
  for (guint i = 0; classes != NULL && i < classes->len; i++)
    if (g_array_index (classes, int, i) == class_index)
      return TRUE;
  return FALSE;
}

/* Name, probability, and a way to take the class out. */
static void
add_row_label (VizCompareGrid *self, guint row, const GArray *removable)
{
  const CnnCompare *grid = self->compared->grid;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char *percent = viz_text_outcome (grid->prediction, grid->classes[row]);
  int class_index = grid->classes[row];
  GtkWidget *name = add_label (GTK_BOX (box), row_label (self, row), "heading");

  gtk_label_set_lines (GTK_LABEL (name), 3);
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (name), PANGO_WRAP_WORD_CHAR);
  viz_tooltip_set (name, row_label (self, row));
  if (class_index == grid->prediction->entries[0].class_index)
    gtk_widget_add_css_class (name, "accent");
  gtk_widget_add_css_class (add_label (GTK_BOX (box), percent, "caption"), "numeric");
  if (holds (removable, class_index))
    add_remove_button (self, GTK_BOX (box), class_index, row_label (self, row));
  gtk_widget_insert_before (box, GTK_WIDGET (self), self->bar);
  g_ptr_array_add (self->labels, box);
}

static void
add_heading (VizCompareGrid *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  viz_tooltip_set (label, text);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_insert_before (label, GTK_WIDGET (self), NULL);
  g_ptr_array_add (self->headings, label);
}

static void
show_parts (VizCompareGrid *self, const GArray *removable)
{
  guint n = self->rows * self->columns;

  self->label_width = 0;
  g_ptr_array_set_size (self->labels, 0);
  g_ptr_array_set_size (self->headings, 0);
  if (self->cells->len > n)
    g_ptr_array_set_size (self->cells, (int)n);
  for (guint r = 0; r < self->rows; r++)
    add_row_label (self, r, removable);
  while (self->cells->len < n)
    add_cell (self);
  if (self->columns > 0)
    add_heading (self, _ ("Picture"));
  for (guint c = 1; c < self->columns; c++)
    add_heading (self, self->compared->headings[c - 1]);
}

/* layout */

static int
label_most (VizCompareGrid *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int width = LABEL_MOST * pango_font_metrics_get_approximate_char_width (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  return MAX (width, LABEL_LEAST);
}

static int
label_width (VizCompareGrid *self)
{
  int widest = LABEL_LEAST, natural;

  if (self->label_width > 0)
    return self->label_width;
  for (guint i = 0; i < self->labels->len; i++) {
    gtk_widget_measure (self->labels->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
    widest = MAX (widest, natural);
  }
  self->label_width = MIN (widest, label_most (self));
  return self->label_width;
}

static int
heading_height (VizCompareGrid *self)
{
  int height = 0, natural;

  for (guint i = 0; i < self->headings->len; i++) {
    gtk_widget_measure (self->headings->pdata[i], GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);
    height = MAX (height, natural);
  }
  return height + 12;
}

/* A cell is as wide as what stands over it, unless that is very long. */
static int
cell_least (VizCompareGrid *self)
{
  int widest = VIZ_PICTURE_CELL_LEAST, natural;

  for (guint i = 0; i < self->headings->len; i++) {
    gtk_widget_measure (self->headings->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
    widest = MAX (widest, natural);
  }
  return MIN (widest, MAX (label_most (self) * 3 / 5, VIZ_PICTURE_CELL_LEAST));
}

static int
cell_width (VizCompareGrid *self, int width)
{
  int columns = (int)MAX (self->columns, 1);
  int room = width - 2 * MARGIN - label_width (self) - columns * GAP;

  return CLAMP (room / columns, cell_least (self), VIZ_PICTURE_CELL_MOST);
}

static int
row_height (VizCompareGrid *self, guint row, int width)
{
  int height = 0, natural;

  for (guint i = 0; i < self->columns; i++) {
    gtk_widget_measure (self->cells->pdata[row * self->columns + i], GTK_ORIENTATION_VERTICAL, width, NULL,
                        &natural, NULL, NULL);
    height = MAX (height, natural);
  }
  gtk_widget_measure (self->labels->pdata[row], GTK_ORIENTATION_VERTICAL, label_width (self), NULL, &natural,
                      NULL, NULL);
  return MAX (height, natural);
}

static GtkSizeRequestMode
viz_compare_grid_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
viz_compare_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  VizCompareGrid *self = VIZ_COMPARE_GRID (widget);
  int columns = (int)self->columns, fixed = 2 * MARGIN + label_width (self) + columns * GAP;
  int height;

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = fixed + columns * cell_least (self);
    *natural = fixed + columns * VIZ_PICTURE_CELL_MOST;
    return;
  }
  if (for_size < 0)
    for_size = fixed + columns * VIZ_PICTURE_CELL_MOST;
  height = heading_height (self) + MARGIN;
  for (guint r = 0; r < self->rows; r++)
    height += row_height (self, r, cell_width (self, for_size)) + GAP;
  *minimum = *natural = height;
}

static void
viz_compare_grid_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (viz_compare_grid_parent_class)->css_changed (widget, change);
  VIZ_COMPARE_GRID (widget)->label_width = 0; /* perhaps another font */
}

static void
place (GtkWidget *widget, int x, int y, int width, int height)
{
  int least_width, least_height;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least_width, NULL, NULL, NULL);
  width = MAX (width, least_width);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &least_height, NULL, NULL, NULL);
  gtk_widget_size_allocate (widget, &(GtkAllocation){ x, y, width, MAX (height, least_height) }, -1);
}

static void
viz_compare_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  VizCompareGrid *self = VIZ_COMPARE_GRID (widget);
  int cell = cell_width (self, width), label = label_width (self), top = heading_height (self);
  int y = top, scrolled = self->vertical != NULL ? (int)gtk_adjustment_get_value (self->vertical) : 0;

  for (guint r = 0; r < self->rows; r++) {
    int row = row_height (self, r, cell);

    place (self->labels->pdata[r], MARGIN, y, label, row);
    for (guint c = 0; c < self->columns; c++)
      place (self->cells->pdata[r * self->columns + c], MARGIN + label + GAP + (int)c * (cell + GAP), y, cell,
             row);
    y += row + GAP;
  }
  /* the headings stay at the top of what is seen */
  place (self->bar, 0, scrolled, width, top);
  for (guint c = 0; c < self->headings->len; c++)
    place (self->headings->pdata[c], MARGIN + label + GAP + (int)c * (cell + GAP), scrolled, cell, top);
}

/* keys */

static void
go_to (VizCompareGrid *self, guint cell)
{
  set_current (self, cell);
  gtk_widget_grab_focus (self->cells->pdata[cell]);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, VizCompareGrid *self)
{
  guint row, column;

  if (self->cells->len == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  row = self->current / self->columns;
  column = self->current % self->columns;
  if (key == GDK_KEY_Left && column > 0)
    column--;
  else if (key == GDK_KEY_Right && column + 1 < self->columns)
    column++;
  else if (key == GDK_KEY_Up && row > 0)
    row--;
  else if (key == GDK_KEY_Down && row + 1 < self->rows)
    row++;
  else if (key == GDK_KEY_Home)
    column = 0;
  else if (key == GDK_KEY_End)
    column = self->columns - 1;
  else
    return GDK_EVENT_PROPAGATE;
  go_to (self, row * self->columns + column);
  return GDK_EVENT_STOP;
}

static gboolean
viz_compare_grid_grab_focus (GtkWidget *widget)
{
  VizCompareGrid *self = VIZ_COMPARE_GRID (widget);

  return self->cells->len > 0 && gtk_widget_grab_focus (self->cells->pdata[self->current]);
}

static guint
hash_of (const GArray *classes)
{
  guint hash = 5381;

  for (guint i = 0; classes != NULL && i < classes->len; i++)
    hash = hash * 33 + (guint)g_array_index (classes, int, i) + 1;
  return hash;
}

/* Whether another grid needs other labels and headings. */
static gboolean
has_shape (const VizCompareGrid *self, const VizCompared *compared)
{
  const CnnCompare *grid = compared->grid;

  if (self->compared == NULL || self->rows != grid->n_rows || self->columns != grid->n_columns + 1 ||
      self->compared->grid->prediction != grid->prediction ||
      memcmp (self->compared->grid->classes, grid->classes, grid->n_rows * sizeof (int)) != 0)
    return FALSE;
  for (guint c = 0; c < grid->n_columns; c++)
    if (g_strcmp0 (self->compared->headings[c], compared->headings[c]) != 0)
      return FALSE;
  return TRUE;
}

void
viz_compare_grid_show (VizCompareGrid *self, VizCompared *compared, const GArray *removable)
{
  gboolean same = compared != NULL && has_shape (self, compared);

  if (compared == self->compared && self->removable == hash_of (removable))
    return;
  same = same && self->removable == hash_of (removable);
  self->removable = hash_of (removable);
  if (compared != NULL)
    viz_compared_ref (compared);
  g_clear_pointer (&self->compared, viz_compared_unref);
  self->compared = compared;
  self->rows = compared != NULL ? compared->grid->n_rows : 0;
  self->columns = compared != NULL ? compared->grid->n_columns + 1 : 0;
  if (!same) {
    show_parts (self, removable);
    set_current (self, self->current < self->cells->len ? self->current : 0);
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  for (guint i = 0; i < self->cells->len; i++)
    fill_cell (self, i);
  if (self->cells->len > 0)
    caption_cells (self, -1, -1);
}

static void
dim (VizCompareGrid *self, gboolean stale)
{
  self->stale = stale;
  for (guint i = 0; i < self->cells->len; i++)
    viz_picture_cell_set_stale (self->cells->pdata[i], stale);
}

static gboolean
on_late (gpointer data)
{
  VizCompareGrid *self = data;

  self->dimmer = 0;
  dim (self, TRUE);
  return G_SOURCE_REMOVE;
}

void
viz_compare_grid_set_stale (VizCompareGrid *self, gboolean stale)
{
  /* what is there in a blink does not flicker */
  if (stale && !self->stale && self->dimmer == 0)
    self->dimmer = g_timeout_add (DIM_AFTER_MS, on_late, self);
  if (stale)
    return;
  g_clear_handle_id (&self->dimmer, g_source_remove);
  dim (self, FALSE);
}

void
viz_compare_grid_set_opacity (VizCompareGrid *self, double opacity)
{
  self->opacity = opacity;
  for (guint i = 0; i < self->cells->len; i++)
    viz_picture_cell_set_opacity (self->cells->pdata[i], opacity);
}

void
viz_compare_grid_set_adjustment (VizCompareGrid *self, GtkAdjustment *vertical)
{
  if (!g_set_object (&self->vertical, vertical))
    return;
  g_signal_connect_object (vertical, "value-changed", G_CALLBACK (gtk_widget_queue_allocate), self,
                           G_CONNECT_SWAPPED);
}

static void
viz_compare_grid_dispose (GObject *object)
{
  VizCompareGrid *self = VIZ_COMPARE_GRID (object);

  g_clear_handle_id (&self->dimmer, g_source_remove);
  g_ptr_array_set_size (self->labels, 0);
  g_ptr_array_set_size (self->cells, 0);
  g_ptr_array_set_size (self->headings, 0);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_object (&self->vertical);
  g_clear_pointer (&self->compared, viz_compared_unref);
  G_OBJECT_CLASS (viz_compare_grid_parent_class)->dispose (object);
}

static void
viz_compare_grid_finalize (GObject *object)
{
  VizCompareGrid *self = VIZ_COMPARE_GRID (object);

  g_ptr_array_unref (self->labels);
  g_ptr_array_unref (self->cells);
  g_ptr_array_unref (self->headings);
  G_OBJECT_CLASS (viz_compare_grid_parent_class)->finalize (object);
}

static void
viz_compare_grid_class_init (VizCompareGridClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = viz_compare_grid_dispose;
  G_OBJECT_CLASS (class)->finalize = viz_compare_grid_finalize;
  widget_class->get_request_mode = viz_compare_grid_get_request_mode;
  widget_class->measure = viz_compare_grid_measure;
  widget_class->size_allocate = viz_compare_grid_size_allocate;
  widget_class->css_changed = viz_compare_grid_css_changed;
  widget_class->grab_focus = viz_compare_grid_grab_focus;
  signals[CELL_ACTIVATED] = g_signal_new ("cell-activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[CLASS_REMOVED] = g_signal_new ("class-removed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[POINTER_MOVED] = g_signal_new ("pointer-moved", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "comparegrid");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
viz_compare_grid_init (VizCompareGrid *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->labels = g_ptr_array_new_with_free_func ((GDestroyNotify)gtk_widget_unparent);
  self->cells = g_ptr_array_new_with_free_func ((GDestroyNotify)gtk_widget_unparent);
  self->headings = g_ptr_array_new_with_free_func ((GDestroyNotify)gtk_widget_unparent);
  self->opacity = 1;
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->bar, "viz-headings");
  gtk_widget_set_can_target (self->bar, FALSE);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Grid of classes and maps"), -1);
}

GtkWidget *
viz_compare_grid_new (void)
{
  return g_object_new (VIZ_TYPE_COMPARE_GRID, NULL);
}
