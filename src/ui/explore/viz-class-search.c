/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-class-search"
#include "config.h"

#include "viz-class-search.h"
#include "widgets/viz-text.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_RESULTS 50

struct _VizClassSearch {
  GtkWidget parent_instance;
  CnnPrediction *prediction;
  char **labels;
  guint n_labels;
  GArray *found; /* int */
  GtkStringList *texts;
  GtkWidget *box, *entry, *scrolled, *nothing;
};

G_DEFINE_FINAL_TYPE (VizClassSearch, viz_class_search, GTK_TYPE_WIDGET)

enum { CLASS_SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *
label_of (const CnnPredictionEntry *entry, const char *const *labels, guint n_labels)
{
  if ((guint)entry->class_index < n_labels)
    return labels[entry->class_index];
  return entry->label != NULL ? entry->label : "";
}

/** 0 best .. 2, or 3 where it does not match. */
static guint
rank_match (const char *needle, const char *label, int index)
{
  g_autofree char *folded = g_utf8_casefold (label, -1);
  char number[16];
  const char *at = strstr (folded, needle);
  g_snprintf (number, sizeof number, "%d", index);
  if (g_str_equal (number, needle))
    return 0;
  if (at == folded)
    return 1;
  return at != NULL || g_str_has_prefix (number, needle) ? 2 : 3;
}

GArray *
viz_class_search_find (CnnPrediction *prediction, const char *const *labels, guint n_labels, const char *text,
                       guint most)
{
  GArray *tiers[3], *found = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree char *stripped = g_strstrip (g_strdup (text)), *needle = g_utf8_casefold (stripped, -1);
  if (*needle == '\0')
    return found;
  for (guint i = 0; i < 3; i++)
    tiers[i] = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < prediction->n; i++) {
    const CnnPredictionEntry *entry = &prediction->entries[i];
    guint rank = rank_match (needle, label_of (entry, labels, n_labels), entry->class_index);
    if (rank < 3 && tiers[rank]->len < most)
      g_array_append_val (tiers[rank], entry->class_index);
  }
  for (guint i = 0; i < 3; i++) {
    g_array_append_vals (found, tiers[i]->data, MIN (tiers[i]->len, most - found->len));
    g_array_unref (tiers[i]);
  }
  return found;
}

static const char *
name_of (VizClassSearch *self, int index)
{
  if ((guint)index < self->n_labels)
    return self->labels[index];
  for (guint i = 0; i < self->prediction->n; i++)
    if (self->prediction->entries[i].class_index == index)
      return self->prediction->entries[i].label;
  return NULL;
}

static char *
result_text (VizClassSearch *self, int index)
{
  g_autofree char *percent = viz_text_outcome (self->prediction, index);
  g_autofree char *number = g_strdup_printf ("%d", index);
  const char *name = name_of (self, index);
  if (name == NULL || g_str_equal (name, number))
    return g_strdup_printf ("%d  (%s)", index, percent);
  return g_strdup_printf ("%d  %s  (%s)", index, name, percent);
}

static void
show_results (VizClassSearch *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_clear_pointer (&self->found, g_array_unref);
  if (self->prediction != NULL)
    self->found = viz_class_search_find (self->prediction, (const char *const *)self->labels, self->n_labels,
                                         text, MAX_RESULTS);
  for (guint i = 0; self->found != NULL && i < self->found->len; i++)
    g_ptr_array_add (texts, result_text (self, g_array_index (self->found, int, i)));
  g_ptr_array_add (texts, NULL);
  gtk_string_list_splice (self->texts, 0, g_list_model_get_n_items (G_LIST_MODEL (self->texts)),
                          (const char *const *)texts->pdata);
  gtk_widget_set_visible (self->scrolled, texts->len > 1);
  gtk_widget_set_visible (self->nothing, texts->len == 1 && *text != '\0' && self->prediction != NULL);
}

static void
pick (VizClassSearch *self, guint position)
{
  int index;
  if (self->found == NULL || position >= self->found->len)
    return;
  index = g_array_index (self->found, int, position);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  show_results (self);
  g_signal_emit (self, signals[CLASS_SELECTED], 0, index);
}

static void
entry_activate_cb (GtkSearchEntry *entry, VizClassSearch *self)
{
  show_results (self); /* search-changed comes with a delay */
  pick (self, 0);
}

static void
stop_search_cb (GtkSearchEntry *entry, VizClassSearch *self)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  show_results (self);
}

static void
list_activate_cb (GtkListView *view, guint position, VizClassSearch *self)
{
  pick (self, position);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkStringObject *object = gtk_list_item_get_item (item);
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), gtk_string_object_get_string (object));
}

void
viz_class_search_set_prediction (VizClassSearch *self, CnnPrediction *prediction)
{
  g_return_if_fail (VIZ_IS_CLASS_SEARCH (self));
  if (prediction != NULL)
    cnn_prediction_ref (prediction);
  g_clear_pointer (&self->prediction, cnn_prediction_unref);
  self->prediction = prediction;
  if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
    show_results (self);
}

void
viz_class_search_set_labels (VizClassSearch *self, const char *const *labels)
{
  g_return_if_fail (VIZ_IS_CLASS_SEARCH (self));
  g_strfreev (self->labels);
  self->labels = g_strdupv ((char **)labels);
  self->n_labels = labels != NULL ? g_strv_length (self->labels) : 0;
}

static void
viz_class_search_dispose (GObject *object)
{
  VizClassSearch *self = VIZ_CLASS_SEARCH (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->prediction, cnn_prediction_unref);
  g_clear_pointer (&self->labels, g_strfreev);
  g_clear_pointer (&self->found, g_array_unref);
  G_OBJECT_CLASS (viz_class_search_parent_class)->dispose (object);
}

static void
viz_class_search_class_init (VizClassSearchClass *class)
{
  G_OBJECT_CLASS (class)->dispose = viz_class_search_dispose;
  signals[CLASS_SELECTED] = g_signal_new ("class-selected", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_SEARCH);
}

static GtkWidget *
make_list (VizClassSearch *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *view;
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  self->texts = gtk_string_list_new (NULL);
  view = gtk_list_view_new (GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (self->texts))),
                            factory);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Classes found"),
                                  -1);
  g_signal_connect (view, "activate", G_CALLBACK (list_activate_cb), self);
  return view;
}

static void
viz_class_search_init (VizClassSearch *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->entry = gtk_search_entry_new ();
  g_object_set (self->entry, "placeholder-text", _ ("Any class by name or number"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search classes"), -1);
  g_signal_connect_swapped (self->entry, "search-changed", G_CALLBACK (show_results), self);
  g_signal_connect (self->entry, "activate", G_CALLBACK (entry_activate_cb), self);
  g_signal_connect (self->entry, "stop-search", G_CALLBACK (stop_search_cb), self);
  gtk_box_append (GTK_BOX (self->box), self->entry);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), 180);
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), make_list (self));
  gtk_widget_set_visible (self->scrolled, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->scrolled);
  self->nothing = gtk_label_new (_ ("No class has this name or number"));
  gtk_widget_add_css_class (self->nothing, "dim-label");
  gtk_widget_set_visible (self->nothing, FALSE);
  gtk_box_append (GTK_BOX (self->box), self->nothing);
}

GtkWidget *
viz_class_search_new (void)
{
  return g_object_new (VIZ_TYPE_CLASS_SEARCH, NULL);
}
