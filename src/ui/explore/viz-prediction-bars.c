/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-prediction-bars"
#include "config.h"

#include "viz-prediction-bars.h"

#include "widgets/viz-expander.h"
#include "viz-class-search.h"
#include "viz-prediction-row.h"

#include <glib/gi18n.h>

#define N_TOP 5
#define N_MORE 15
/* rows below the top ones: the explained class and the one that leads under the occluder */
#define N_EXTRA 2
#define N_ROWS (N_TOP + N_EXTRA + N_MORE)
/* the words for assistive technology follow when the values have rested this long */
#define WORDS_DELAY_MS 250

struct _VizPredictionBars {
  GtkWidget parent_instance;
  CnnPrediction *clean, *occluded;
  int explained;
  gboolean stale;
  char **labels;
  guint n_labels;
  GtkWidget *box, *extra_box, *more, *search;
  VizPredictionRow *rows[N_ROWS]; /* top, extra, more */
  guint words_source;
};

G_DEFINE_FINAL_TYPE (VizPredictionBars, viz_prediction_bars, GTK_TYPE_WIDGET)

enum { CLASS_SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *
class_label (VizPredictionBars *self, int index)
{
  if (index >= 0 && (guint)index < self->n_labels)
    return self->labels[index];
  for (guint i = 0; i < self->clean->n; i++)
    if (self->clean->entries[i].class_index == index)
      return self->clean->entries[i].label;
  return NULL;
}

static void
fill_row (VizPredictionBars *self, guint row, int index)
{
  VizPredictionValues values = { .class_index = -1 };
  g_autofree char *number = NULL;
  const char *label = NULL;
  if (index >= 0) {
    CnnPrediction *now = self->occluded != NULL ? self->occluded : self->clean;
    values.class_index = index;
    values.probability = (double)now->probabilities[index];
    values.score = (double)now->scores[index];
    values.clean = (double)self->clean->probabilities[index];
    values.clean_score = (double)self->clean->scores[index];
    values.scored = !cnn_model_has_probabilities (self->clean->model);
    values.occluded = self->occluded != NULL;
    values.explained = index == self->explained;
    label = class_label (self, index);
    if (label == NULL)
      label = number = g_strdup_printf ("%d", index);
  }
  viz_prediction_row_set (self->rows[row], label, &values);
}

static gboolean
is_in_top (VizPredictionBars *self, int index)
{
  for (guint i = 0; i < MIN (self->clean->n, N_TOP); i++)
    if (self->clean->entries[i].class_index == index)
      return TRUE;
  return FALSE;
}

static gboolean
words_cb (gpointer data)
{
  VizPredictionBars *self = data;
  self->words_source = 0;
  for (guint i = 0; i < N_ROWS; i++)
    viz_prediction_row_update_words (self->rows[i]);
  return G_SOURCE_REMOVE;
}

static void
update (VizPredictionBars *self)
{
  guint n = self->clean != NULL ? self->clean->n : 0;
  int explained = -1, leader = -1;
  if (self->clean != NULL && self->explained >= 0 && (guint)self->explained < n &&
      !is_in_top (self, self->explained))
    explained = self->explained;
  if (self->occluded != NULL && n > 0 && !is_in_top (self, self->occluded->entries[0].class_index) &&
      self->occluded->entries[0].class_index != explained)
    leader = self->occluded->entries[0].class_index;
  for (guint i = 0; i < N_TOP; i++)
    fill_row (self, i, i < n ? self->clean->entries[i].class_index : -1);
  fill_row (self, N_TOP, explained);
  fill_row (self, N_TOP + 1, leader);
  for (guint i = 0; i < N_MORE; i++)
    fill_row (self, N_TOP + N_EXTRA + i, N_TOP + i < n ? self->clean->entries[N_TOP + i].class_index : -1);
  gtk_widget_set_visible (self->extra_box, explained >= 0 || leader >= 0);
  gtk_widget_set_visible (self->more, n > N_TOP);
  gtk_widget_set_visible (self->search, n > N_TOP);
  if (self->words_source == 0)
    self->words_source = g_timeout_add (WORDS_DELAY_MS, words_cb, self);
}

void
viz_prediction_bars_set_prediction (VizPredictionBars *self, CnnPrediction *prediction)
{
  g_return_if_fail (VIZ_IS_PREDICTION_BARS (self));
  if (prediction != NULL)
    cnn_prediction_ref (prediction);
  if (self->occluded != NULL && (prediction == NULL || prediction->n != self->occluded->n ||
                                 prediction->model != self->occluded->model))
    g_clear_pointer (&self->occluded, cnn_prediction_unref);
  g_clear_pointer (&self->clean, cnn_prediction_unref);
  self->clean = prediction;
  viz_class_search_set_prediction (VIZ_CLASS_SEARCH (self->search), prediction);
  viz_prediction_bars_set_stale (self, FALSE);
  update (self);
}

void
viz_prediction_bars_set_occluded (VizPredictionBars *self, CnnPrediction *occluded)
{
  g_return_if_fail (VIZ_IS_PREDICTION_BARS (self));
  if (occluded != NULL && (self->clean == NULL || occluded->n != self->clean->n))
    occluded = NULL; /* of another model */
  if (occluded == self->occluded)
    return;
  g_clear_pointer (&self->occluded, cnn_prediction_unref);
  self->occluded = occluded != NULL ? cnn_prediction_ref (occluded) : NULL;
  update (self);
}

void
viz_prediction_bars_set_explained (VizPredictionBars *self, int class_index)
{
  g_return_if_fail (VIZ_IS_PREDICTION_BARS (self));
  if (class_index == self->explained)
    return;
  self->explained = class_index;
  update (self);
}

int
viz_prediction_bars_get_explained (VizPredictionBars *self)
{
  g_return_val_if_fail (VIZ_IS_PREDICTION_BARS (self), -1);
  return self->explained;
}

void
viz_prediction_bars_set_stale (VizPredictionBars *self, gboolean stale)
{
  g_return_if_fail (VIZ_IS_PREDICTION_BARS (self));
  stale = stale != FALSE;
  if (stale == self->stale)
    return;
  self->stale = stale;
  gtk_widget_set_opacity (self->box, stale ? 0.5 : 1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_BUSY, stale, -1);
}

void
viz_prediction_bars_set_labels (VizPredictionBars *self, const char *const *labels)
{
  g_return_if_fail (VIZ_IS_PREDICTION_BARS (self));
  g_strfreev (self->labels);
  self->labels = g_strdupv ((char **)labels);
  self->n_labels = labels != NULL ? g_strv_length (self->labels) : 0;
  viz_class_search_set_labels (VIZ_CLASS_SEARCH (self->search), labels);
  update (self);
}

static void
row_clicked_cb (VizPredictionRow *row, VizPredictionBars *self)
{
  int index = viz_prediction_row_get_class (row);
  if (index >= 0)
    g_signal_emit (self, signals[CLASS_SELECTED], 0, index);
}

static void
found_cb (VizClassSearch *search, int index, VizPredictionBars *self)
{
  g_signal_emit (self, signals[CLASS_SELECTED], 0, index);
}

static GtkWidget *
make_rows (VizPredictionBars *self, guint from, guint count)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  for (guint i = from; i < from + count; i++) {
    GtkWidget *row = viz_prediction_row_new ();
    self->rows[i] = VIZ_PREDICTION_ROW (row);
    g_signal_connect (row, "clicked", G_CALLBACK (row_clicked_cb), self);
    gtk_box_append (GTK_BOX (box), row);
  }
  return box;
}

static void
viz_prediction_bars_dispose (GObject *object)
{
  VizPredictionBars *self = VIZ_PREDICTION_BARS (object);
  g_clear_handle_id (&self->words_source, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->clean, cnn_prediction_unref);
  g_clear_pointer (&self->occluded, cnn_prediction_unref);
  g_clear_pointer (&self->labels, g_strfreev);
  G_OBJECT_CLASS (viz_prediction_bars_parent_class)->dispose (object);
}

static void
viz_prediction_bars_class_init (VizPredictionBarsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  G_OBJECT_CLASS (class)->dispose = viz_prediction_bars_dispose;
  signals[CLASS_SELECTED] = g_signal_new ("class-selected", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "predictionbars");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
viz_prediction_bars_init (VizPredictionBars *self)
{
  self->explained = -1;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_rows (self, 0, N_TOP));
  self->extra_box = make_rows (self, N_TOP, N_EXTRA);
  gtk_widget_set_margin_top (self->extra_box, 6);
  gtk_box_append (GTK_BOX (self->box), self->extra_box);
  self->more = gtk_expander_new_with_mnemonic (_ ("_More classes"));
  gtk_widget_set_margin_top (self->more, 4);
  gtk_expander_set_child (GTK_EXPANDER (self->more), make_rows (self, N_TOP + N_EXTRA, N_MORE));
  viz_expander_mend (GTK_EXPANDER (self->more));
  gtk_box_append (GTK_BOX (self->box), self->more);
  self->search = viz_class_search_new ();
  gtk_widget_set_margin_top (self->search, 6);
  g_signal_connect (self->search, "class-selected", G_CALLBACK (found_cb), self);
  gtk_box_append (GTK_BOX (self->box), self->search);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Prediction"), -1);
  update (self);
}

GtkWidget *
viz_prediction_bars_new (void)
{
  return g_object_new (VIZ_TYPE_PREDICTION_BARS, NULL);
}
