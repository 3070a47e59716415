/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-export-settings.h"

void
viz_export_settings_clear (VizExportSettings *self)
{
  g_clear_pointer (&self->kind, g_free);
  g_clear_pointer (&self->format, g_free);
}

/* An older schema may be installed. */
static gboolean
knows_export (GSettings *settings)
{
  g_autoptr (GSettingsSchema) schema = NULL;

  if (settings == NULL)
    return FALSE;
  g_object_get (settings, "settings-schema", &schema, NULL);
  return schema != NULL && g_settings_schema_has_key (schema, "export-kind");
}

void
viz_export_settings_load (VizExportSettings *self, GSettings *settings)
{
  if (!knows_export (settings)) {
    *self = (VizExportSettings){ .kind = g_strdup (""),
                                 .format = g_strdup ("png"),
                                 .width_mm = CNN_FIGURE_MM,
                                 .dpi = 300,
                                 .letters = TRUE,
                                 .title = TRUE,
                                 .caption = TRUE };
    return;
  }
  *self = (VizExportSettings){ .kind = g_settings_get_string (settings, "export-kind"),
                               .format = g_settings_get_string (settings, "export-format"),
                               .width_mm = g_settings_get_double (settings, "export-width"),
                               .dpi = g_settings_get_double (settings, "export-dpi"),
                               .dark = g_settings_get_boolean (settings, "export-dark"),
                               .letters = g_settings_get_boolean (settings, "export-letters"),
                               .title = g_settings_get_boolean (settings, "export-title"),
                               .caption = g_settings_get_boolean (settings, "export-caption"),
                               .json = g_settings_get_boolean (settings, "export-json") };
}

void
viz_export_settings_save (const VizExportSettings *self, GSettings *settings)
{
  if (!knows_export (settings))
    return;
  g_settings_set_string (settings, "export-kind", self->kind);
  g_settings_set_string (settings, "export-format", self->format);
  g_settings_set_double (settings, "export-width", self->width_mm);
  g_settings_set_double (settings, "export-dpi", self->dpi);
  g_settings_set_boolean (settings, "export-dark", self->dark);
  g_settings_set_boolean (settings, "export-letters", self->letters);
  g_settings_set_boolean (settings, "export-title", self->title);
  g_settings_set_boolean (settings, "export-caption", self->caption);
  g_settings_set_boolean (settings, "export-json", self->json);
}
