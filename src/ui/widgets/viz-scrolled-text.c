/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-scrolled-text.h"

void
viz_scrolled_text_mend (GtkTextView *text)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (text), GTK_TYPE_SCROLLED_WINDOW);

  g_return_if_fail (scrolled != NULL && gtk_widget_get_parent (GTK_WIDGET (text)) == scrolled);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scrolled), FALSE);
  /* the last child is drawn last */
  gtk_widget_insert_before (GTK_WIDGET (text), scrolled, NULL);
}
