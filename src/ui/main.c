/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "engine/cnn-threads.h"
#include "application/viz-application.h"

/*
 * Every frame of the window takes a few megabytes and gives them back. Kept in the heap they are not cleared
 * by the kernel each time, which takes longer than drawing them.
 */
static void
keep_memory_of_frames (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, 8 << 20);
  mallopt (M_TRIM_THRESHOLD, 24 << 20);
#endif
}

int
main (int argc, char **argv)
{
  g_autoptr (VizApplication) application = NULL;

  cnn_threads_restart (argv);
  keep_memory_of_frames ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, CNN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("CnnViz"));
  application = viz_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
