/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-empty.h"

#include <glib/gi18n.h>

static void
fill (AdwStatusPage *page, GtkButton *button, const char *icon, const char *title, const char *description,
      const char *label, const char *action)
{
  g_autofree char *escaped = g_markup_escape_text (description, -1);

  adw_status_page_set_icon_name (page, icon);
  adw_status_page_set_title (page, title);
  adw_status_page_set_description (page, escaped);
  gtk_button_set_label (button, label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_visible (GTK_WIDGET (button), action != NULL);
}

gboolean
viz_empty_show (AdwStatusPage *page, GtkButton *button, VizDocument *document, gboolean wants_image,
                gboolean wants_classes, const char *failure)
{
  CnnModel *model = viz_document_get_model (document);

  if (model == NULL)
    fill (page, button, "viz-layer-symbolic", _ ("No Network Open"),
          _ ("Open a trained network, or drop its file on the window."), _ ("_Open…"), "win.choose-files");
  else if (cnn_model_get_image_input (model) < 0)
    fill (page, button, "viz-layer-symbolic", _ ("No Picture Goes In"),
          _ ("The input of this network is no picture."), _ ("_Open Another…"), "win.choose-files");
  else if (wants_classes && cnn_model_get_n_classes (model) == 0)
    fill (page, button, "viz-layer-symbolic", _ ("No Classes"),
          _ ("The output of this network is no list of classes. Its layers can be looked at in Explore."),
          _ ("_Open Another…"), "win.choose-files");
  else if (wants_image && viz_document_get_image (document) == NULL)
    fill (page, button, "viz-explore-symbolic", _ ("No Picture Open"),
          _ ("Open a picture, or drop it on the window."), _ ("_Open…"), "win.choose-image");
  else if (failure != NULL)
    fill (page, button, "dialog-warning-symbolic", _ ("This Cannot Be Computed"), failure, "", NULL);
  else
    return FALSE;
  return TRUE;
}
