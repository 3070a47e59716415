/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include <locale.h>

#include "engine/cnn-threads.h"
#include "application/viz-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (VizApplication) application = NULL;

  cnn_threads_restart (argv);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, CNN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("CnnViz"));
  application = viz_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
