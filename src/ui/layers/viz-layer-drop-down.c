/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-layer-drop-down.h"

#include <glib/gi18n.h>

gboolean
viz_layer_is_cam_target (CnnModel *model, guint layer)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);
  const CnnValue *value;

  if (l->output == CNN_NO_VALUE)
    return FALSE;
  value = cnn_model_get_value (model, l->output);
  return value->known && value->shape.rank == 4 && value->shape.dims[2] * value->shape.dims[3] > 1 &&
         value->producer != CNN_NO_VALUE && cnn_model_is_before_score (model, l->output);
}

void
viz_layer_drop_down_fill (GtkDropDown *drop_down, GArray *layers, CnnModel *model, const char *first,
                          VizLayerAccept accept)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  int none = -1;

  g_array_set_size (layers, 0);
  g_array_append_val (layers, none);
  gtk_string_list_append (names, first);
  for (guint i = 0; model != NULL && i < cnn_model_get_n_layers (model); i++) {
    int layer = (int)i;

    if (!accept (model, i))
      continue;
    g_array_append_val (layers, layer);
    gtk_string_list_append (names, cnn_model_get_layer (model, i)->name);
  }
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (names));
}

void
viz_layer_drop_down_fill_targets (GtkDropDown *drop_down, GArray *layers, CnnModel *model)
{
  int standard = model != NULL ? cnn_model_get_default_cam_layer (model) : -1;
  g_autofree char *first =
      standard >= 0 ? g_strdup_printf (_ ("Deepest (%s)"), cnn_model_get_layer (model, (guint)standard)->name)
                    : g_strdup (_ ("Deepest"));

  viz_layer_drop_down_fill (drop_down, layers, model, first, viz_layer_is_cam_target);
}

void
viz_layer_drop_down_select (GtkDropDown *drop_down, const GArray *layers, int layer)
{
  for (guint i = 0; i < layers->len; i++)
    if (g_array_index (layers, int, i) == layer)
      gtk_drop_down_set_selected (drop_down, i);
}
