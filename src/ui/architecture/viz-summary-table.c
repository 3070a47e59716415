/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-summary-table.h"

#include <glib/gi18n.h>

#include "widgets/viz-scrolled-text.h"

struct _VizSummaryTable {
  GtkWidget parent;
  GtkTextView *text;
  GtkTextTag *tint;
  guint *lines; /* where each layer begins */
  guint n;
  int layer;
};

G_DEFINE_FINAL_TYPE (VizSummaryTable, viz_summary_table, GTK_TYPE_WIDGET)

static GtkTextBuffer *
buffer_of (VizSummaryTable *self)
{
  return gtk_text_view_get_buffer (self->text);
}

/* The lines of a layer without the rule below them. */
static void
get_range (VizSummaryTable *self, guint layer, GtkTextIter *start, GtkTextIter *end)
{
  guint after = layer + 1 < self->n ? self->lines[layer + 1] - 1 : self->lines[layer] + 1;

  gtk_text_buffer_get_iter_at_line (buffer_of (self), start, (int)self->lines[layer]);
  gtk_text_buffer_get_iter_at_line (buffer_of (self), end, (int)after);
}

static void
show_layer (VizSummaryTable *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer_of (self), &start, &end);
  gtk_text_buffer_remove_tag (buffer_of (self), self->tint, &start, &end);
  if (self->layer < 0 || (guint)self->layer >= self->n)
    return;
  get_range (self, (guint)self->layer, &start, &end);
  gtk_text_buffer_apply_tag (buffer_of (self), self->tint, &start, &end);
  gtk_text_buffer_place_cursor (buffer_of (self), &start);
  /* as a mark: where lines are depends on heights that are measured later */
  gtk_text_view_scroll_to_mark (self->text, gtk_text_buffer_get_insert (buffer_of (self)), 0.15, FALSE, 0, 0);
}

void
viz_summary_table_set_text (VizSummaryTable *self, const char *text, const guint *lines, guint n)
{
  g_return_if_fail (VIZ_IS_SUMMARY_TABLE (self));
  g_free (self->lines);
  self->lines = g_memdup2 (lines, n * sizeof *lines);
  self->n = n;
  gtk_text_buffer_set_text (buffer_of (self), text != NULL ? text : "", -1);
  show_layer (self);
}

void
viz_summary_table_set_layer (VizSummaryTable *self, int layer)
{
  g_return_if_fail (VIZ_IS_SUMMARY_TABLE (self));
  if (self->layer == layer)
    return;
  self->layer = layer;
  show_layer (self);
}

static void
on_released (GtkGestureClick *click, int n_press, double x, double y, VizSummaryTable *self)
{
  int buffer_x, buffer_y, line;
  GtkTextIter iter;

  /* marking text to copy is no choice of a layer */
  if (gtk_text_buffer_get_has_selection (buffer_of (self)))
    return;
  gtk_text_view_window_to_buffer_coords (self->text, GTK_TEXT_WINDOW_WIDGET, (int)x, (int)y, &buffer_x,
                                         &buffer_y);
  gtk_text_view_get_line_at_y (self->text, &iter, buffer_y, NULL);
  line = gtk_text_iter_get_line (&iter);
  for (guint i = self->n; i-- > 0;) {
    if ((guint)line >= self->lines[i] && (i + 1 < self->n || (guint)line <= self->lines[i])) {
      g_signal_emit_by_name (self, "layer-selected", (int)i);
      return;
    }
  }
}

static void
viz_summary_table_dispose (GObject *object)
{
  VizSummaryTable *self = VIZ_SUMMARY_TABLE (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  if (child != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->lines, g_free);
  self->n = 0;
  G_OBJECT_CLASS (viz_summary_table_parent_class)->dispose (object);
}

static void
viz_summary_table_class_init (VizSummaryTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_summary_table_dispose;
  g_signal_new ("layer-selected", VIZ_TYPE_SUMMARY_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
viz_summary_table_init (VizSummaryTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *text = gtk_text_view_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  const GdkRGBA tint = { 0.21f, 0.52f, 0.89f, 0.28f };

  self->layer = -1;
  self->text = GTK_TEXT_VIEW (text);
  gtk_text_view_set_editable (self->text, FALSE);
  gtk_text_view_set_cursor_visible (self->text, FALSE);
  gtk_text_view_set_monospace (self->text, TRUE);
  gtk_widget_add_css_class (text, "viz-summary");
  gtk_text_view_set_left_margin (self->text, 12);
  gtk_text_view_set_right_margin (self->text, 12);
  gtk_text_view_set_top_margin (self->text, 9);
  gtk_text_view_set_bottom_margin (self->text, 9);
  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Summary of the network"), -1);
  self->tint = gtk_text_buffer_create_tag (buffer_of (self), NULL, "paragraph-background-rgba", &tint, NULL);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_PRIMARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (text, GTK_EVENT_CONTROLLER (click));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), text);
  viz_scrolled_text_mend (self->text);
  gtk_widget_set_parent (scrolled, GTK_WIDGET (self));
}

GtkWidget *
viz_summary_table_new (void)
{
  return g_object_new (VIZ_TYPE_SUMMARY_TABLE, NULL);
}
