/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-mistakes-bar.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "viz-confusion-table.h"

/* The entry of the classes that stands for a cell of the table. */
#define CELL -2

struct _VizMistakesBar {
  GtkWidget parent;
  GtkLabel *score;
  GtkDropDown *show, *sort, *classes;
  GtkWidget *truth, *predicted; /* of the open picture */
  GArray *class_of;             /* int: the classes of the drop-down, -1 first; CELL: of the table's */
  GtkMenuButton *table_button;
  VizConfusionTable *table;
  VizDocument *document;
  VizEvaluator *evaluator;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizMistakesBar, viz_mistakes_bar, GTK_TYPE_WIDGET)

gboolean
viz_mistakes_bar_is_used (VizMistakesBar *self)
{
  return self->evaluator != NULL && viz_evaluator_get_folder (self->evaluator) != NULL &&
         (viz_evaluator_get_evaluation (self->evaluator) != NULL ||
          viz_evaluator_get_running (self->evaluator));
}

static void
show_score (VizMistakesBar *self)
{
  const CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
  gboolean running = viz_evaluator_get_running (self->evaluator);
  g_autofree char *text = NULL, *tip = NULL;

  if (evaluation == NULL) {
    gtk_label_set_text (self->score, _ ("Looking for mistakes…"));
    return;
  }
  /* TRANSLATORS: pictures that the network got right, of how many */
  text = g_strdup_printf (_ ("%u of %u right (%.1f %%)"), evaluation->n_right,
                          evaluation->n_right + evaluation->n_wrong,
                          100 * cnn_evaluation_get_accuracy (evaluation));
  if (running)
    tip = g_strdup_printf (_ ("%u of %u pictures looked at; Escape stops"), evaluation->judgements->len,
                           evaluation->truth->items->len);
  else if (evaluation->n_failed > 0)
    tip = g_strdup_printf (_ ("%u pictures could not be read"), evaluation->n_failed);
  gtk_label_set_text (self->score, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->score), tip != NULL ? tip : text);
}

/* The cell of the table that is listed stands below the classes. */
static gboolean
list_cell (VizMistakesBar *self, GtkStringList *names)
{
  const CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
  g_autofree char *text = NULL;
  int truth, predicted, cell = CELL;

  if (!viz_evaluator_get_cell (self->evaluator, &truth, &predicted))
    return FALSE;
  /* TRANSLATORS: the class of pictures, and the class that the network takes them for */
  text =
      g_strdup_printf (_ ("%s, seen as %s"), cnn_truth_get_name (evaluation->truth, evaluation->model, truth),
                       cnn_truth_get_name (evaluation->truth, evaluation->model, predicted));
  gtk_string_list_append (names, text);
  g_array_append_val (self->class_of, cell);
  return TRUE;
}

/* The classes that have pictures, with how many of them are wrong. */
static void
show_classes (VizMistakesBar *self)
{
  const CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;
  int all = -1;

  g_array_set_size (self->class_of, 0);
  g_array_append_val (self->class_of, all);
  gtk_string_list_append (names, _ ("All classes"));
  for (guint i = 0; evaluation != NULL && i < cnn_model_get_n_classes (evaluation->model); i++) {
    g_autofree char *text = NULL;
    int class_index = (int)i;

    if (evaluation->class_total[i] == 0)
      continue;
    /* TRANSLATORS: a class, how many of its pictures are wrong, of how many */
    text = g_strdup_printf (
        _ ("%s (%u of %u wrong)"), cnn_truth_get_name (evaluation->truth, evaluation->model, (int)i),
        evaluation->class_total[i] - evaluation->class_right[i], evaluation->class_total[i]);
    gtk_string_list_append (names, text);
    g_array_append_val (self->class_of, class_index);
    if (class_index == viz_evaluator_get_class (self->evaluator))
      selected = self->class_of->len - 1;
  }
  if (evaluation != NULL && list_cell (self, names))
    selected = self->class_of->len - 1;
  gtk_drop_down_set_model (self->classes, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->classes, selected);
}

static void
name_button (GtkWidget *button, const char *format, const CnnEvaluation *evaluation, int class_index,
             double probability)
{
  g_autofree char *text = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, cnn_truth_get_name (evaluation->truth, evaluation->model, class_index),
                          100 * probability);
#pragma GCC diagnostic pop
  gtk_label_set_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), text);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "i", class_index);
}

/* The open picture's classes, to explain the one and the other. */
static void
show_open (VizMistakesBar *self)
{
  const CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
  const CnnJudgement *judgement =
      viz_evaluator_find (self->evaluator, viz_document_get_image_path (self->document));
  gboolean known = judgement != NULL && !judgement->failed;

  gtk_widget_set_visible (self->truth, known);
  gtk_widget_set_visible (self->predicted, known && judgement->predicted != judgement->truth);
  if (!known)
    return;
  /* TRANSLATORS: the class of the picture, and what the network gives it */
  name_button (self->truth, _ ("Is %s: %.1f %%"), evaluation, judgement->truth,
               (double)judgement->truth_probability);
  /* TRANSLATORS: the class that the network takes the picture for */
  name_button (self->predicted, _ ("Seen as %s: %.1f %%"), evaluation, judgement->predicted,
               (double)judgement->confidence);
}

static void
on_evaluation (VizMistakesBar *self)
{
  gboolean used = viz_mistakes_bar_is_used (self);

  gtk_widget_set_visible (GTK_WIDGET (self), used);
  if (!used)
    return;
  self->updating = TRUE;
  show_score (self);
  if (!viz_evaluator_get_running (self->evaluator))
    show_classes (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->table_button),
                            viz_evaluator_get_evaluation (self->evaluator) != NULL);
  gtk_drop_down_set_selected (self->show, viz_evaluator_get_show (self->evaluator));
  gtk_drop_down_set_selected (self->sort, viz_evaluator_get_sort (self->evaluator));
  show_open (self);
  self->updating = FALSE;
}

static void
on_changed (VizDocument *document, guint what, VizMistakesBar *self)
{
  if (what & (VIZ_CHANGED_IMAGE | VIZ_CHANGED_MODEL))
    show_open (self);
}

static void
on_show (VizMistakesBar *self)
{
  if (!self->updating)
    viz_evaluator_set_show (self->evaluator, (CnnEvaluationShow)gtk_drop_down_get_selected (self->show));
}

static void
on_sort (VizMistakesBar *self)
{
  if (!self->updating)
    viz_evaluator_set_sort (self->evaluator, (CnnEvaluationSort)gtk_drop_down_get_selected (self->sort));
}

static void
on_class (VizMistakesBar *self)
{
  guint selected = gtk_drop_down_get_selected (self->classes);

  if (!self->updating && selected < self->class_of->len &&
      g_array_index (self->class_of, int, selected) != CELL)
    viz_evaluator_set_class (self->evaluator, g_array_index (self->class_of, int, selected));
}

/* Made when it is asked for: it may have hundreds of cells. */
static void
on_table (GtkMenuButton *button, gpointer data)
{
  VizMistakesBar *self = data;

  viz_confusion_table_set_evaluation (self->table, viz_evaluator_get_evaluation (self->evaluator));
}

static void
on_cell (VizMistakesBar *self, int truth, int predicted)
{
  gtk_menu_button_popdown (self->table_button);
  viz_evaluator_set_cell (self->evaluator, truth, predicted);
}

static void
add_child (VizMistakesBar *self, GtkWidget *child, const char *label)
{
  gtk_widget_set_parent (child, GTK_WIDGET (self));
  if (label == NULL)
    return;
  gtk_widget_set_tooltip_text (child, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static GtkDropDown *
add_drop_down (VizMistakesBar *self, const char *const *names, const char *label, GCallback changed)
{
  GtkWidget *widget = gtk_drop_down_new_from_strings (names);

  g_signal_connect_swapped (widget, "notify::selected", changed, self);
  add_child (self, widget, label);
  return GTK_DROP_DOWN (widget);
}

static GtkWidget *
add_class_button (VizMistakesBar *self, const char *tip)
{
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "i", -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.class");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_visible (button, FALSE);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  return button;
}

static void
add_table (VizMistakesBar *self)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new (),
            *table = viz_confusion_table_new ();

  self->table_button = GTK_MENU_BUTTON (button);
  self->table = VIZ_CONFUSION_TABLE (table);
  gtk_menu_button_set_icon_name (self->table_button, "viz-compare-symbolic");
  gtk_popover_set_child (GTK_POPOVER (popover), table);
  gtk_menu_button_set_popover (self->table_button, popover);
  gtk_menu_button_set_create_popup_func (self->table_button, on_table, self, NULL);
  g_signal_connect_swapped (table, "cell-activated", G_CALLBACK (on_cell), self);
  add_child (self, button, _ ("Which class is taken for which"));
}

static void
viz_mistakes_bar_dispose (GObject *object)
{
  VizMistakesBar *self = VIZ_MISTAKES_BAR (object);

  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  if (self->evaluator != NULL)
    g_signal_handlers_disconnect_by_data (self->evaluator, self);
  self->updating = TRUE;
  viz_widget_drop_children (GTK_WIDGET (self));
  g_clear_object (&self->document);
  g_clear_object (&self->evaluator);
  g_clear_pointer (&self->class_of, g_array_unref);
  G_OBJECT_CLASS (viz_mistakes_bar_parent_class)->dispose (object);
}

static void
viz_mistakes_bar_class_init (VizMistakesBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_mistakes_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
viz_mistakes_bar_init (VizMistakesBar *self)
{
  const char *const shows[] = { _ ("Mistakes"), _ ("Right ones"), _ ("All"), NULL };
  const char *const sorts[] = { _ ("Surest first"), _ ("Largest loss first"), _ ("By name"), NULL };
  const char *const none[] = { _ ("All classes"), NULL };
  GtkWidget *score = gtk_label_new (NULL), *save = gtk_button_new_from_icon_name ("document-save-symbolic");

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
  gtk_widget_add_css_class (GTK_WIDGET (self), "toolbar");
  gtk_widget_add_css_class (GTK_WIDGET (self), "viz-compact");
  self->updating = TRUE;
  self->class_of = g_array_new (FALSE, FALSE, sizeof (int));
  self->score = GTK_LABEL (score);
  gtk_label_set_ellipsize (self->score, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->score, 0);
  gtk_label_set_width_chars (self->score, 8);
  gtk_widget_set_hexpand (score, TRUE);
  gtk_widget_add_css_class (score, "heading");
  add_child (self, score, NULL);
  self->truth = add_class_button (self, _ ("Explain the class that the picture has"));
  self->predicted = add_class_button (self, _ ("Explain the class that the network sees"));
  self->show = add_drop_down (self, shows, _ ("Which pictures are listed"), G_CALLBACK (on_show));
  self->classes =
      add_drop_down (self, none, _ ("Pictures of which class, or taken for it"), G_CALLBACK (on_class));
  self->sort = add_drop_down (self, sorts, _ ("The order of the pictures"), G_CALLBACK (on_sort));
  add_table (self);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (save), "win.save-evaluation-as");
  add_child (self, save, _ ("Save the list as a table"));
  self->updating = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
viz_mistakes_bar_new (void)
{
  return g_object_new (VIZ_TYPE_MISTAKES_BAR, NULL);
}

void
viz_mistakes_bar_set_evaluator (VizMistakesBar *self, VizDocument *document, VizEvaluator *evaluator)
{
  g_return_if_fail (VIZ_IS_MISTAKES_BAR (self));
  g_set_object (&self->document, document);
  g_set_object (&self->evaluator, evaluator);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (evaluator, "changed", G_CALLBACK (on_evaluation), self);
  on_evaluation (self);
}
