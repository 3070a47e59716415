/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-flow-pages.h"

#include <math.h>

/* Where a child is within @box; FALSE where there is none. */
static gboolean
place_of (GtkFlowBox *box, int index, graphene_rect_t *place)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (box, index);

  return child != NULL && gtk_widget_compute_bounds (GTK_WIDGET (child), GTK_WIDGET (box), place);
}

static int
height_in_sight (GtkFlowBox *box)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (GTK_WIDGET (box), GTK_TYPE_SCROLLED_WINDOW);

  return gtk_widget_get_height (scrolled != NULL ? scrolled : GTK_WIDGET (box));
}

/* The child of the column of @start that is at most a page away in the direction of @step. */
static int
find_paged (GtkFlowBox *box, int start, int step)
{
  graphene_rect_t from, place;
  int found = start, page = height_in_sight (box);

  if (!place_of (box, start, &from))
    return start;
  for (int i = start + step; place_of (box, i, &place); i += step) {
    float way = fabsf (place.origin.y - from.origin.y);

    if (found != start && way + place.size.height > (float)page)
      break;
    if (fabsf (place.origin.x - from.origin.x) < 1 && way > 0)
      found = i;
  }
  return found;
}

static gboolean
on_move_cursor (GtkFlowBox *box, GtkMovementStep step, int count, gboolean extend, gboolean modify,
                gpointer data)
{
  GtkWidget *child = gtk_widget_get_focus_child (GTK_WIDGET (box));

  if (step != GTK_MOVEMENT_PAGES)
    return GDK_EVENT_PROPAGATE;
  g_signal_stop_emission_by_name (box, "move-cursor");
  if (GTK_IS_FLOW_BOX_CHILD (child)) {
    int index =
        find_paged (box, gtk_flow_box_child_get_index (GTK_FLOW_BOX_CHILD (child)), count < 0 ? -1 : 1);

    gtk_widget_grab_focus (GTK_WIDGET (gtk_flow_box_get_child_at_index (box, index)));
  }
  return GDK_EVENT_STOP;
}

void
viz_flow_box_mend_pages (GtkFlowBox *box)
{
  g_signal_connect (box, "move-cursor", G_CALLBACK (on_move_cursor), NULL);
}
