/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-spin-button.h"

#define KEY "viz-zero"

static gboolean
on_output (GtkSpinButton *spin)
{
  const char *word = g_object_get_data (G_OBJECT (spin), KEY);

  if (gtk_spin_button_get_value (spin) != 0) {
    gtk_accessible_reset_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT);
    return FALSE;
  }
  gtk_editable_set_text (GTK_EDITABLE (spin), word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, word, -1);
  return TRUE;
}

static int
on_input (GtkSpinButton *spin, double *value)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (spin));

  if (text[0] != '\0' && !g_str_equal (text, g_object_get_data (G_OBJECT (spin), KEY)))
    return FALSE;
  *value = 0;
  return TRUE;
}

void
viz_spin_button_say_zero (GtkSpinButton *spin, const char *word)
{
  g_object_set_data_full (G_OBJECT (spin), KEY, g_strdup (word), g_free);
  gtk_spin_button_set_numeric (spin, FALSE); /* else only digits can be put there */
  gtk_spin_button_set_update_policy (spin, GTK_UPDATE_IF_VALID);
  g_signal_connect (spin, "output", G_CALLBACK (on_output), NULL);
  g_signal_connect (spin, "input", G_CALLBACK (on_input), NULL);
  gtk_spin_button_update (spin);
}
