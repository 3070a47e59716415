/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

#include "viz-samples.h"

/* Of each kind, in the menu. */
#define MOST 5
#define NETWORKS "cnn-viz-network"
#define PICTURES "cnn-viz-picture"

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *)b),
                              gtk_recent_info_get_modified ((GtkRecentInfo *)a));
}

static void
add_item (GMenu *menu, GtkRecentInfo *info, const char *action)
{
  g_autoptr (GFile) file = g_file_new_for_uri (gtk_recent_info_get_uri (info));
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = g_path_get_basename (path);
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);
  /* a single underline would mark a key */
  g_autofree char *label = g_strjoinv ("__", parts);
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", path);
  g_menu_append_item (menu, item);
}

static void
fill (GMenu *menu, GList *infos, const char *group, const char *action)
{
  g_menu_remove_all (menu);
  for (; infos != NULL && g_menu_model_get_n_items (G_MENU_MODEL (menu)) < MOST; infos = infos->next)
    if (gtk_recent_info_has_group (infos->data, group) && gtk_recent_info_is_local (infos->data) &&
        gtk_recent_info_exists (infos->data))
      add_item (menu, infos->data, action);
}

/* Not while somebody looks at the menu: it would close, or another item lie under the pointer. */
static void
show_recent (VizWindow *self)
{
  GtkPopover *popover = self->open_button != NULL ? adw_split_button_get_popover (self->open_button) : NULL;
  GList *infos;

  if (popover == NULL || gtk_widget_get_visible (GTK_WIDGET (popover)))
    return;
  infos = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  infos = g_list_sort (infos, compare_newest_first);
  fill (self->recent_networks, infos, NETWORKS, "win.open-model");
  fill (self->recent_pictures, infos, PICTURES, "win.open-image");
  g_list_free_full (infos, (GDestroyNotify)gtk_recent_info_unref);
}

/* The samples have places of their own in the menu. */
static gboolean
is_sample (const char *path)
{
  g_autofree char *folder = viz_data_dir ();
  g_autofree char *inside = folder != NULL ? g_strconcat (folder, "/", NULL) : NULL;

  return inside != NULL && g_str_has_prefix (path, inside);
}

static void
remember (const char *path, const char *group)
{
  /* GTK 4.8 takes a list whose first pointer begins with a zero byte for an empty one: at an odd address it
   * does not */
  g_autofree char *padded = g_strconcat (" ", group, NULL);
  char *groups[] = { padded + 1, NULL };
  GtkRecentData data = { .app_name = (char *)"CnnViz", .app_exec = (char *)"cnn-viz %f", .groups = groups };
  g_autofree char *uri = NULL, *type = NULL, *mime = NULL;

  if (path == NULL || is_sample (path))
    return;
  uri = g_filename_to_uri (path, NULL, NULL);
  type = g_content_type_guess (path, NULL, 0, NULL);
  mime = g_content_type_get_mime_type (type);
  data.mime_type = mime != NULL ? mime : (char *)"application/octet-stream";
  if (uri != NULL)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

static void
on_changed (VizDocument *document, guint what, VizWindow *self)
{
  if (what & VIZ_CHANGED_MODEL)
    remember (viz_document_get_model_path (document), NETWORKS);
  if (what & VIZ_CHANGED_IMAGE)
    remember (viz_document_get_image_path (document), PICTURES);
}

static gboolean
on_idle (gpointer data)
{
  show_recent (data);
  return G_SOURCE_REMOVE;
}

/* The item that was chosen is still needed. */
static void
on_closed (VizWindow *self)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_idle, g_object_ref (self), g_object_unref);
}

/* The arrow has a tooltip, but no name for screen readers. */
static void
name_arrow (AdwSplitButton *button)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (button)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      adw_split_button_get_dropdown_tooltip (button), -1);
}

void
viz_window_add_recent (VizWindow *self)
{
  name_arrow (self->open_button);
  g_signal_connect_object (adw_split_button_get_popover (self->open_button), "closed", G_CALLBACK (on_closed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect (self->document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (show_recent), self,
                           G_CONNECT_SWAPPED);
  show_recent (self);
}
