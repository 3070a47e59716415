/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-help.h"
#include "widgets/viz-mnemonic.h"

#include <glib/gi18n.h>

#include "methods/cnn-method.h"
#include "viz-help-text.h"
#include "viz-tour.h"
#include "widgets/viz-shortcut.h"

struct _VizHelp {
  AdwWindow parent;
  GtkWindow *window; /* that is explained; it is our transient parent and outlives us */
  GtkListBox *list;
  GtkEditable *search;
  GtkStack *pages;
};

G_DEFINE_FINAL_TYPE (VizHelp, viz_help, ADW_TYPE_WINDOW)

static GtkWidget *
new_text (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  /* reading aloud and copying with the pointer work without a stop for Tab at each paragraph */
  gtk_widget_set_can_focus (label, FALSE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
add_heading (GtkBox *box, const char *text)
{
  GtkWidget *label = new_text (text, "heading");

  gtk_widget_set_margin_top (label, 9);
  gtk_box_append (box, label);
}

static void
add_item (GtkBox *box, const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *dot = gtk_label_new ("•");
  GtkWidget *label = new_text (text, NULL);

  gtk_widget_set_valign (dot, GTK_ALIGN_START);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (row), dot);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (box, row);
}

static void
add_methods (GtkBox *box)
{
  const CnnMethod *const *methods = cnn_methods_list ();

  for (guint i = 0; methods[i] != NULL; i++) {
    const char *words = viz_help_of_method (methods[i]->name);

    add_heading (box, _ (methods[i]->title));
    gtk_box_append (box, new_text (words[0] != '\0' ? _ (words) : _ (methods[i]->help), NULL));
  }
}

static void
add_paragraph (GtkBox *box, const VizHelpParagraph *paragraph)
{
  switch (paragraph->kind) {
  case VIZ_HELP_HEADING:
    add_heading (box, _ (paragraph->text));
    break;
  case VIZ_HELP_ITEM:
    add_item (box, _ (paragraph->text));
    break;
  case VIZ_HELP_METHODS:
    add_methods (box);
    break;
  case VIZ_HELP_TEXT:
  default:
    gtk_box_append (box, new_text (_ (paragraph->text), NULL));
    break;
  }
}

/* A link from the first page, or to the keys. */
static void
add_button (GtkBox *box, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  viz_mnemonics_name (button);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_margin_top (button, 9);
  gtk_box_append (box, button);
}

static GtkWidget *
new_page (VizHelp *self, const VizHelpPage *page)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_box_append (GTK_BOX (box), new_text (_ (page->title), "title-2"));
  if (page->paragraphs == NULL)
    gtk_box_append (GTK_BOX (box), viz_tour_new (G_ACTION_GROUP (self->window)));
  for (const VizHelpParagraph *p = page->paragraphs;
       p != NULL && (p->text != NULL || p->kind != VIZ_HELP_TEXT); p++)
    add_paragraph (GTK_BOX (box), p);
  if (g_str_equal (page->id, "start"))
    add_button (GTK_BOX (box), _ ("To the _Tour"), "win.help-page::tour");
  if (g_str_equal (page->id, "keys"))
    add_button (GTK_BOX (box), _ ("_All Keys"), "win.show-help-overlay");
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 24);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  return scrolled;
}

static gboolean
contains (const char *text, const char *folded)
{
  g_autofree char *lower = g_utf8_casefold (text, -1);

  return strstr (lower, folded) != NULL;
}

static gboolean
methods_contain (const char *folded)
{
  const CnnMethod *const *methods = cnn_methods_list ();

  for (guint i = 0; methods[i] != NULL; i++) {
    const char *words = viz_help_of_method (methods[i]->name);

    if (contains (_ (methods[i]->title), folded) || (words[0] != '\0' && contains (_ (words), folded)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
page_contains (const VizHelpPage *page, const char *folded)
{
  if (contains (_ (page->title), folded))
    return TRUE;
  for (const VizHelpStep *step = viz_help_tour (); page->paragraphs == NULL && step->title != NULL; step++)
    if (contains (_ (step->title), folded) || contains (_ (step->text), folded))
      return TRUE;
  for (const VizHelpParagraph *p = page->paragraphs;
       p != NULL && (p->text != NULL || p->kind != VIZ_HELP_TEXT); p++)
    if (p->kind == VIZ_HELP_METHODS ? methods_contain (folded) : contains (_ (p->text), folded))
      return TRUE;
  return FALSE;
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer data)
{
  VizHelp *self = data;
  g_autofree char *folded = g_utf8_casefold (gtk_editable_get_text (self->search), -1);

  return folded[0] == '\0' || page_contains (&viz_help_pages ()[gtk_list_box_row_get_index (row)], folded);
}

static void
on_search (VizHelp *self)
{
  GtkListBoxRow *row;

  gtk_list_box_invalidate_filter (self->list);
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (gtk_widget_get_child_visible (GTK_WIDGET (row))) {
      gtk_list_box_select_row (self->list, row);
      return;
    }
}

static void
on_row (VizHelp *self, GtkListBoxRow *row)
{
  if (row != NULL)
    gtk_stack_set_visible_child_name (self->pages, viz_help_pages ()[gtk_list_box_row_get_index (row)].id);
}

static void
fill_pages (VizHelp *self)
{
  for (const VizHelpPage *page = viz_help_pages (); page->id != NULL; page++) {
    GtkWidget *label = gtk_label_new (_ (page->title));

    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_list_box_append (self->list, label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (label)),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, _ (page->title), -1);
    gtk_stack_add_named (self->pages, new_page (self, page), page->id);
  }
  gtk_list_box_set_filter_func (self->list, filter_row, self, NULL);
  g_signal_connect_swapped (self->list, "row-selected", G_CALLBACK (on_row), self);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_search), self);
}

static GtkWidget *
new_sidebar (VizHelp *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *search = gtk_search_entry_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();

  self->search = GTK_EDITABLE (search);
  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_add_css_class (list, "navigation-sidebar");
  g_object_set (search, "placeholder-text", _ ("Search the help"), "margin-start", 6, "margin-end", 6,
                "margin-top", 6, "margin-bottom", 6, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search the help"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pages of the help"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_widget_set_size_request (box, 220, -1);
  gtk_box_append (GTK_BOX (box), search);
  gtk_box_append (GTK_BOX (box), scrolled);
  return box;
}

static void
add_keys (VizHelp *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  viz_shortcut_add (keys, "Escape", "window.close");
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
viz_help_class_init (VizHelpClass *klass)
{
}

static void
viz_help_init (VizHelp *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *panes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *stack = gtk_stack_new ();

  self->pages = GTK_STACK (stack);
  gtk_widget_set_hexpand (stack, TRUE);
  gtk_widget_set_vexpand (panes, TRUE);
  gtk_box_append (GTK_BOX (panes), new_sidebar (self));
  gtk_box_append (GTK_BOX (panes), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (panes), stack);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), panes);
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Help"));
  gtk_window_set_default_size (GTK_WINDOW (self), 760, 600);
  add_keys (self);
}

GtkWidget *
viz_help_new (GtkWindow *window)
{
  VizHelp *self = g_object_new (VIZ_TYPE_HELP, "transient-for", window, "destroy-with-parent", TRUE, NULL);

  self->window = window;
  gtk_widget_insert_action_group (GTK_WIDGET (self), "win", G_ACTION_GROUP (window));
  fill_pages (self);
  viz_help_show_page (self, "start");
  return GTK_WIDGET (self);
}

gboolean
viz_help_show_page (VizHelp *self, const char *id)
{
  const VizHelpPage *pages = viz_help_pages ();

  for (int i = 0; pages[i].id != NULL; i++)
    if (g_str_equal (pages[i].id, id)) {
      gtk_editable_set_text (self->search, "");
      gtk_list_box_invalidate_filter (self->list);
      gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, i));
      gtk_stack_set_visible_child_name (self->pages, id);
      return TRUE;
    }
  return FALSE;
}
