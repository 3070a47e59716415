/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-mnemonic.h"

/* The label as it is seen: of two underscores one, of one none. */
static char *
without_underscores (const char *label)
{
  GString *text = g_string_new (NULL);

  for (const char *p = label; *p != '\0'; p++) {
    if (*p == '_' && p[1] != '\0')
      p++;
    g_string_append_c (text, *p);
  }
  return g_string_free (text, FALSE);
}

static void
name_button (GtkWidget *button)
{
  g_autofree char *label = NULL, *text = NULL;
  gboolean underlined;

  g_object_get (button, "label", &label, "use-underline", &underlined, NULL);
  if (label == NULL || !underlined)
    return;
  text = without_underscores (label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

void
viz_mnemonics_name (GtkWidget *root)
{
  if (GTK_IS_BUTTON (root) || GTK_IS_CHECK_BUTTON (root)) {
    name_button (root);
    g_signal_connect (root, "notify::label", G_CALLBACK (name_button), NULL);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    viz_mnemonics_name (child);
}
