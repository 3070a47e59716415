/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-flow-keys.h"

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

/* The child of the column of @start that is at most @most pixels away in the direction of @step, at least the
 * next. */
static int
find_in_column (GtkFlowBox *box, int start, int step, int most)
{
  graphene_rect_t from, place;
  int found = start;

  if (!place_of (box, start, &from))
    return start;
  for (int i = start + step; place_of (box, i, &place); i += step) {
    float way = fabsf (place.origin.y - from.origin.y);

    if (found != start && way + place.size.height > (float)most)
      break;
    if (fabsf (place.origin.x - from.origin.x) < 1 && way > 0)
      found = i;
  }
  return found;
}

static int
find_end (GtkFlowBox *box)
{
  int last = 0;

  while (gtk_flow_box_get_child_at_index (box, last + 1) != NULL)
    last++;
  return last;
}

static int
find_target (GtkFlowBox *box, int start, GtkMovementStep step, int count)
{
  int way = count < 0 ? -1 : 1;

  switch ((int)step) {
  case GTK_MOVEMENT_PAGES:
    return find_in_column (box, start, way, height_in_sight (box));
  case GTK_MOVEMENT_DISPLAY_LINES:
    return find_in_column (box, start, way, 0);
  case GTK_MOVEMENT_BUFFER_ENDS:
    return count < 0 ? 0 : find_end (box);
  default:
    return start + (gtk_widget_get_direction (GTK_WIDGET (box)) == GTK_TEXT_DIR_RTL ? -way : way);
  }
}

static gboolean
on_move_cursor (GtkFlowBox *box, GtkMovementStep step, int count, gboolean extend, gboolean modify,
                gpointer data)
{
  GtkWidget *child = gtk_widget_get_focus_child (GTK_WIDGET (box));
  int index = 0;
  GtkFlowBoxChild *target;

  if (GTK_IS_FLOW_BOX_CHILD (child))
    index = find_target (box, gtk_flow_box_child_get_index (GTK_FLOW_BOX_CHILD (child)), step, count);
  target = index >= 0 ? gtk_flow_box_get_child_at_index (box, index) : NULL;
  if (target != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (target));
  g_signal_stop_emission_by_name (box, "move-cursor");
  return GDK_EVENT_STOP;
}

void
viz_flow_box_mend_keys (GtkFlowBox *box)
{
  g_signal_connect (box, "move-cursor", G_CALLBACK (on_move_cursor), NULL);
}
