/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-drop-down.h"
#include "viz-tooltip.h"

/* What a closed list asks for; it takes more where there is room. */
#define CLOSED_CHARS 8

static GtkWidget *
add_label (GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_list_item_set_child (item, label);
  return label;
}

static void
on_closed_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = add_label (item);

  gtk_label_set_max_width_chars (GTK_LABEL (label), CLOSED_CHARS);
  gtk_widget_set_hexpand (label, TRUE);
}

static void
on_listed_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  add_label (item);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkWidget *label = gtk_list_item_get_child (item);

  gtk_label_set_text (GTK_LABEL (label), text);
  viz_tooltip_set (label, text);
}

static GtkListItemFactory *
create_factory (GCallback setup)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", setup, NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  return factory;
}

void
viz_drop_down_shorten (GtkDropDown *drop_down)
{
  g_autoptr (GtkExpression) text = gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string");
  g_autoptr (GtkListItemFactory) closed = create_factory (G_CALLBACK (on_closed_setup));
  g_autoptr (GtkListItemFactory) listed = create_factory (G_CALLBACK (on_listed_setup));

  gtk_drop_down_set_factory (drop_down, closed);
  gtk_drop_down_set_list_factory (drop_down, listed);
  gtk_drop_down_set_expression (drop_down, text);
}
