/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-application.h"

#include <glib/gi18n.h>

#include "viz-stalls.h"
#include "viz-status.h"
#include "viz-window.h"
#include "widgets/viz-popover-keys.h"
#include "widgets/viz-popover-place.h"

struct _VizApplication {
  AdwApplication parent;
};

G_DEFINE_FINAL_TYPE (VizApplication, viz_application, ADW_TYPE_APPLICATION)

static void
unexport (GtkWidget *window, gpointer id)
{
  GDBusConnection *connection = g_application_get_dbus_connection (g_application_get_default ());

  if (connection != NULL && GPOINTER_TO_UINT (id) != 0)
    g_dbus_connection_unregister_object (connection, GPOINTER_TO_UINT (id));
}

/* The status object lies at the path of the window's actions. */
static void
export_status (GApplication *application, VizWindow *window)
{
  GDBusConnection *connection = g_application_get_dbus_connection (application);
  const char *base = g_application_get_dbus_object_path (application);
  g_autofree char *path = NULL;
  guint id;

  if (connection == NULL || base == NULL)
    return;
  path =
      g_strdup_printf ("%s/window/%u", base, gtk_application_window_get_id (GTK_APPLICATION_WINDOW (window)));
  id = viz_status_export (viz_window_get_document (window), viz_window_get_evaluator (window), connection,
                          path);
  g_signal_connect (window, "destroy", G_CALLBACK (unexport), GUINT_TO_POINTER (id));
}

static VizWindow *
get_window (VizApplication *self, gboolean *created)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  /* a dialog belongs to its window */
  if (window != NULL && !VIZ_IS_WINDOW (window) && gtk_window_get_transient_for (window) != NULL)
    window = gtk_window_get_transient_for (window);
  *created = window == NULL || !VIZ_IS_WINDOW (window);
  if (!*created)
    return VIZ_WINDOW (window);
  window = GTK_WINDOW (viz_window_new (GTK_APPLICATION (self)));
  export_status (G_APPLICATION (self), VIZ_WINDOW (window));
  return VIZ_WINDOW (window);
}

static void
viz_application_activate (GApplication *application)
{
  gboolean created;
  VizWindow *window = get_window (VIZ_APPLICATION (application), &created);

  if (created)
    viz_window_open_sample (window, "digits");
  gtk_window_present (GTK_WINDOW (window));
}

static void
viz_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  gboolean created;
  VizWindow *window = get_window (VIZ_APPLICATION (application), &created);

  viz_window_open_files (window, files, (guint)MAX (n, 0));
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  adw_show_about_window (
      gtk_application_get_active_window (application), "application-name", _ ("CnnViz"), "application-icon",
      CNN_APP_ID, "version", CNN_VERSION, "developer-name", _ ("The CnnViz authors"), "comments",
      _ ("Shows what a trained convolutional network looks at"), "license-type", GTK_LICENSE_GPL_3_0, NULL);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  for (GList *windows = gtk_application_get_windows (application); windows != NULL;) {
    GtkWindow *window = windows->data;

    windows = windows->next;
    gtk_window_close (window);
  }
}

static void
viz_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "about", on_about, NULL, NULL, NULL },
    { "quit", on_quit, NULL, NULL, NULL },
  };
  static const struct {
    const char *action;
    const char *accels[3];
  } keys[] = {
    { "win.choose-files", { "<Control>o" } },
    { "win.export", { "<Control>e" } },
    { "win.search", { "<Control>f" } },
    { "win.paste", { "<Control>v" } },
    { "win.view::explore", { "<Alt>1" } },
    { "win.view::compare", { "<Alt>2" } },
    { "win.view::maximize", { "<Alt>3" } },
    { "win.view::architecture", { "<Alt>4" } },
    { "win.show-help-overlay", { "<Control>question" } },
    { "win.help", { "F1" } },
    { "win.next-pane", { "F6" } },
    { "win.previous-pane", { "<Shift>F6" } },
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
  };

  G_APPLICATION_CLASS (viz_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), keys[i].action, keys[i].accels);
  viz_popovers_mend_keys ();
  viz_popovers_mend_place ();
  viz_stalls_trace ();
}

static int
viz_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version")) {
    g_print ("CnnViz %s\n", CNN_VERSION);
    return 0;
  }
  return -1;
}

static void
viz_application_class_init (VizApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = viz_application_activate;
  application_class->open = viz_application_open;
  application_class->startup = viz_application_startup;
  application_class->handle_local_options = viz_application_handle_local_options;
}

static void
viz_application_init (VizApplication *self)
{
  GApplication *application = G_APPLICATION (self);

  g_application_add_main_option (application, "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE,
                                 _ ("Say the version and end"), NULL);
  g_application_set_option_context_parameter_string (application, _ ("[MODEL] [IMAGE…]"));
  g_application_set_option_context_summary (
      application,
      _ ("Shows what a trained convolutional network looks at in a picture.\n"
         "MODEL: Keras .h5 or .keras, TensorFlow.js model.json, ONNX. Without arguments: a sample."));
}

VizApplication *
viz_application_new (void)
{
  return g_object_new (VIZ_TYPE_APPLICATION, "application-id", CNN_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/com/example/CnnViz", NULL);
}
