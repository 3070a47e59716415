/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-popover-place.h"

/* What a note more or less changes of a panel's height; by more than that the panel has been made anew. */
#define SMALL_GROWTH 48

static void (*allocate_viewport) (GtkWidget *widget, int width, int height, int baseline);
static void (*show_popover) (GtkWidget *widget);

/* The open popover of something that lies in @widget. */
static GtkWidget *
find_open (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child))
      found = GTK_IS_POPOVER (child) ? child : find_open (child);
  return found;
}

/* How much higher the content is going to be than it is. */
static int
growth (GtkWidget *content, int width, int height)
{
  int needed;

  gtk_widget_measure (content, GTK_ORIENTATION_VERTICAL, width, &needed, NULL, NULL, NULL);
  return MAX (needed, height) - gtk_widget_get_height (content);
}

/* Whether @owner may be out of the window once @viewport has placed its content anew. What grows or shrinks
 * in it may lie above @owner or below, and both are looked at; in a panel that is made anew it may get
 * anywhere. */
static gboolean
may_leave (GtkWidget *owner, GtkWidget *viewport, int width, int height)
{
  GtkWidget *content = gtk_viewport_get_child (GTK_VIEWPORT (viewport));
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport));
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (viewport));
  graphene_rect_t place, at;
  double grown, scrolled;

  if (!gtk_widget_compute_bounds (owner, window, &place) ||
      !gtk_widget_compute_bounds (content, viewport, &at))
    return TRUE;
  grown = growth (content, width, height);
  scrolled = gtk_adjustment_get_value (adjustment) + at.origin.y - gtk_widget_get_margin_top (content);
  return ABS (grown) > SMALL_GROWTH || place.origin.y - scrolled + MIN (grown, 0) + place.size.height <= 0 ||
         place.origin.y - scrolled + MAX (grown, 0) >= gtk_widget_get_height (window);
}

static void
on_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *popover = find_open (widget);

  if (popover != NULL && may_leave (gtk_widget_get_parent (popover), widget, width, height))
    gtk_popover_popdown (GTK_POPOVER (popover));
  allocate_viewport (widget, width, height, baseline);
}

/* Whether any of @owner is within its window. */
static gboolean
is_in_window (GtkWidget *owner)
{
  GtkNative *native = gtk_widget_get_native (owner);
  graphene_rect_t place;

  return native != NULL && gtk_widget_compute_bounds (owner, GTK_WIDGET (native), &place) &&
         place.origin.y + place.size.height > 0 &&
         place.origin.y < gtk_widget_get_height (GTK_WIDGET (native));
}

static void
scroll_to (GtkWidget *owner)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (owner, GTK_TYPE_VIEWPORT);
  GtkAdjustment *adjustment;
  graphene_rect_t place;

  if (viewport == NULL || !gtk_widget_compute_bounds (owner, viewport, &place))
    return;
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport));
  place.origin.y += (float)gtk_adjustment_get_value (adjustment);
  gtk_adjustment_clamp_page (adjustment, place.origin.y, place.origin.y + place.size.height);
}

/* A key can ask for the list of what has been scrolled away: it is scrolled back, and can be asked again. */
static void
on_show (GtkWidget *widget)
{
  GtkWidget *owner = gtk_widget_get_parent (widget);

  if (owner == NULL || !gtk_widget_get_mapped (owner) || is_in_window (owner)) {
    show_popover (widget);
    return;
  }
  scroll_to (owner);
  g_signal_emit_by_name (widget, "closed");
}

void
viz_popovers_mend_place (void)
{
  /* never let go: what is set in the classes has to stay */
  GtkWidgetClass *viewport = g_type_class_ref (GTK_TYPE_VIEWPORT);
  GtkWidgetClass *popover = g_type_class_ref (GTK_TYPE_POPOVER);

  if (allocate_viewport != NULL)
    return;
  allocate_viewport = viewport->size_allocate;
  viewport->size_allocate = on_allocate;
  show_popover = popover->show;
  popover->show = on_show;
}
