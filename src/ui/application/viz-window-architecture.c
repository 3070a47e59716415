/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

static void
on_save_summary (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *path = viz_action_path (parameter);

  viz_jobs_save_summary (VIZ_WINDOW (data)->jobs, path);
}

static void
on_copy_summary (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  VizWindow *self = data;
  CnnModel *model = viz_document_get_model (self->document);
  g_autofree char *text = model != NULL ? cnn_summary_text (model) : NULL;

  if (text == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  viz_window_toast (self, _ ("The table is on the clipboard."));
}

static void
save_summary (VizWindow *self, const char *path)
{
  viz_jobs_save_summary (self->jobs, path);
}

static void
on_save_summary_as (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  VizWindow *self = data;
  CnnModel *model = viz_document_get_model (self->document);
  g_autofree char *name = NULL;

  if (model == NULL)
    return;
  name =
      g_strdup_printf ("%s-summary.%s", cnn_model_get_name (model), g_variant_get_string (parameter, NULL));
  viz_window_choose_target (self, _ ("Save the Table"), name, save_summary);
}

void
viz_window_add_architecture (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "save-summary", on_save_summary, "s", NULL, NULL },
    { "save-summary-as", on_save_summary_as, "s", NULL, NULL },
    { "copy-summary", on_copy_summary, NULL, NULL, NULL },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
