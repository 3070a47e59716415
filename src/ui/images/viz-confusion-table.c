/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-confusion-table.h"

#include <glib/gi18n.h>

/* Of so many classes a table can still be read, and made while a frame is drawn. */
#define MOST_CLASSES 20
#define NAME_CHARS 14

struct _VizConfusionTable {
  GtkWidget parent;
  GtkGrid *grid;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (VizConfusionTable, viz_confusion_table, GTK_TYPE_WIDGET)

static guint cell_activated_signal;

/* A class and how many pictures lie off the diagonal in its row and column. */
typedef struct {
  int class_index;
  guint mistaken;
} Weight;

static int
by_mistakes (gconstpointer a, gconstpointer b)
{
  const Weight *x = a, *y = b;

  if (x->mistaken != y->mistaken)
    return x->mistaken < y->mistaken ? 1 : -1;
  return x->class_index - y->class_index;
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  return ((const Weight *)a)->class_index - ((const Weight *)b)->class_index;
}

/* (element-type Weight): the classes with pictures or taken for one, the most mistaken of them where they are
 * many, in the order of the network. */
static GArray *
choose_classes (const CnnEvaluation *evaluation, const GArray *confusions, guint *n_all)
{
  guint n = cnn_model_get_n_classes (evaluation->model);
  g_autofree guint *mistaken = g_new0 (guint, n);
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (Weight));

  for (guint i = 0; i < confusions->len; i++) {
    const CnnConfusion *confusion = &g_array_index (confusions, CnnConfusion, i);

    if (confusion->truth >= 0 && confusion->truth < (int)n)
      mistaken[confusion->truth] += confusion->count;
    if (confusion->predicted >= 0 && confusion->predicted < (int)n)
      mistaken[confusion->predicted] += confusion->count;
  }
  for (guint i = 0; i < n; i++) {
    Weight weight = { (int)i, mistaken[i] };

    if (evaluation->class_total[i] > 0 || mistaken[i] > 0)
      g_array_append_val (chosen, weight);
  }
  *n_all = chosen->len;
  g_array_sort (chosen, by_mistakes);
  if (chosen->len > MOST_CLASSES)
    g_array_set_size (chosen, MOST_CLASSES);
  g_array_sort (chosen, by_number);
  return chosen;
}

static void
on_cell (GtkButton *button, VizConfusionTable *self)
{
  const int *pair = g_object_get_data (G_OBJECT (button), "viz-pair");

  g_signal_emit (self, cell_activated_signal, 0, pair[0], pair[1]);
}

static GtkWidget *
create_name (const char *text, float xalign)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), NAME_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, "caption");
  return label;
}

/* Nothing stands where there is nothing, so that what is wrong can be seen at a glance. */
static GtkWidget *
create_cell (VizConfusionTable *self, const CnnEvaluation *evaluation, int truth, int predicted, guint count)
{
  g_autofree char *number = g_strdup_printf ("%u", count);
  const char *is = cnn_truth_get_name (evaluation->truth, evaluation->model, truth);
  g_autofree char *words = NULL;
  int *pair = g_new (int, 2);
  GtkWidget *button = gtk_button_new_with_label (number);

  pair[0] = truth;
  pair[1] = predicted;
  /* TRANSLATORS: pictures in a cell of the table: the class that they have, and the class that is seen */
  words = truth == predicted
              ? g_strdup_printf (
                    ngettext ("%u picture of %s, seen as such", "%u pictures of %s, seen as such", count),
                    count, is)
              : g_strdup_printf (
                    ngettext ("%u picture of %s, seen as %s", "%u pictures of %s, seen as %s", count), count,
                    is, cnn_truth_get_name (evaluation->truth, evaluation->model, predicted));
  g_object_set_data_full (G_OBJECT (button), "viz-pair", pair, g_free);
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "numeric");
  gtk_widget_add_css_class (button, truth == predicted ? "success" : "error");
  g_signal_connect (button, "clicked", G_CALLBACK (on_cell), self);
  return button;
}

static int
position_of (const GArray *classes, int class_index)
{
  for (guint i = 0; i < classes->len; i++)
    if (g_array_index (classes, Weight, i).class_index == class_index)
      return (int)i;
  return -1;
}

static void
add_cell (VizConfusionTable *self, const CnnEvaluation *evaluation, const GArray *classes, int truth,
          int predicted, guint count)
{
  int row = position_of (classes, truth), column = position_of (classes, predicted);

  if (count > 0 && row >= 0 && column >= 0)
    gtk_grid_attach (self->grid, create_cell (self, evaluation, truth, predicted, count), column + 1, row + 1,
                     1, 1);
}

static void
show_note (VizConfusionTable *self, guint n_shown, guint n_all)
{
  g_autofree char *text =
      n_shown < n_all ? g_strdup_printf (
                            _ ("Rows: the class of the picture. Columns: the class that is seen. The %u most "
                               "mistaken of %u classes."),
                            n_shown, n_all)
                      : g_strdup (_ ("Rows: the class of the picture. Columns: the class that is seen."));

  gtk_label_set_text (self->note, text);
}

void
viz_confusion_table_set_evaluation (VizConfusionTable *self, CnnEvaluation *evaluation)
{
  g_autoptr (GArray) confusions = evaluation != NULL ? cnn_evaluation_confusions (evaluation) : NULL;
  g_autoptr (GArray) classes = NULL;
  GtkWidget *child;
  guint n_all = 0;

  g_return_if_fail (VIZ_IS_CONFUSION_TABLE (self));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  if (evaluation == NULL)
    return;
  classes = choose_classes (evaluation, confusions, &n_all);
  for (guint i = 0; i < classes->len; i++) {
    int class_index = g_array_index (classes, Weight, i).class_index;
    const char *name = cnn_truth_get_name (evaluation->truth, evaluation->model, class_index);

    gtk_grid_attach (self->grid, create_name (name, 1), 0, (int)i + 1, 1, 1);
    gtk_grid_attach (self->grid, create_name (name, 0.5f), (int)i + 1, 0, 1, 1);
  }
  for (guint i = 0; i < classes->len; i++) {
    int class_index = g_array_index (classes, Weight, i).class_index;

    add_cell (self, evaluation, classes, class_index, class_index, evaluation->class_right[class_index]);
  }
  for (guint i = 0; i < confusions->len; i++) {
    const CnnConfusion *confusion = &g_array_index (confusions, CnnConfusion, i);

    add_cell (self, evaluation, classes, confusion->truth, confusion->predicted, confusion->count);
  }
  show_note (self, classes->len, n_all);
}

static void
viz_confusion_table_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (viz_confusion_table_parent_class)->dispose (object);
}

static void
viz_confusion_table_class_init (VizConfusionTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_confusion_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  cell_activated_signal = g_signal_new ("cell-activated", VIZ_TYPE_CONFUSION_TABLE, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
}

static void
viz_confusion_table_init (VizConfusionTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *grid = gtk_grid_new (), *note = gtk_label_new (NULL);
  GtkLayoutManager *box = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (box), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (box), 6);
  self->grid = GTK_GRID (grid);
  self->note = GTK_LABEL (note);
  gtk_grid_set_column_spacing (self->grid, 3);
  gtk_widget_add_css_class (grid, "viz-compact");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_width (GTK_SCROLLED_WINDOW (scrolled), 760);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 420);
  gtk_label_set_wrap (self->note, TRUE);
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_max_width_chars (self->note, 50);
  gtk_widget_add_css_class (note, "caption");
  gtk_widget_add_css_class (note, "dim-label");
  gtk_widget_set_parent (scrolled, GTK_WIDGET (self));
  gtk_widget_set_parent (note, GTK_WIDGET (self));
}

GtkWidget *
viz_confusion_table_new (void)
{
  return g_object_new (VIZ_TYPE_CONFUSION_TABLE, NULL);
}
