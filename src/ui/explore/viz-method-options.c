/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-method-options.h"
#include "widgets/viz-drop-down.h"
#include "widgets/viz-spin-button.h"

#include <glib/gi18n.h>

/* Typed numbers settle before something long starts. */
#define SETTLE_MS 150
/* Room for a number; longer ones scroll. */
#define NUMBER_CHARS 5

/* A control and the parameter that it shows. Lives as long as the control. */
typedef struct {
  GtkWidget *control;
  VizDocument *document;
  const CnnMethod *method;
  guint index;
  guint timer;
  gboolean updating;
} Option;

static void
option_free (gpointer data)
{
  Option *option = data;

  g_clear_handle_id (&option->timer, g_source_remove);
  g_object_unref (option->document);
  g_free (option);
}

static double
get_value (Option *option)
{
  switch (option->method->params[option->index].type) {
  case CNN_PARAM_BOOL:
    return gtk_switch_get_active (GTK_SWITCH (option->control));
  case CNN_PARAM_CHOICE:
    return gtk_drop_down_get_selected (GTK_DROP_DOWN (option->control));
  case CNN_PARAM_INT:
  case CNN_PARAM_FLOAT:
  default:
    return gtk_spin_button_get_value (GTK_SPIN_BUTTON (option->control));
  }
}

static void
show_value (Option *option)
{
  double value = viz_document_get_param (option->document, option->method, option->index);

  option->updating = TRUE;
  switch (option->method->params[option->index].type) {
  case CNN_PARAM_BOOL:
    gtk_switch_set_active (GTK_SWITCH (option->control), value != 0);
    break;
  case CNN_PARAM_CHOICE:
    gtk_drop_down_set_selected (GTK_DROP_DOWN (option->control), (guint)value);
    break;
  case CNN_PARAM_INT:
  case CNN_PARAM_FLOAT:
  default:
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (option->control), value);
    break;
  }
  option->updating = FALSE;
}

static void
on_chosen (Option *option)
{
  if (!option->updating)
    viz_document_set_param (option->document, option->method, option->index, get_value (option));
}

static gboolean
on_settled (gpointer data)
{
  Option *option = data;

  option->timer = 0;
  on_chosen (option);
  return G_SOURCE_REMOVE;
}

static void
on_typed (Option *option)
{
  if (option->updating)
    return;
  g_clear_handle_id (&option->timer, g_source_remove);
  option->timer = g_timeout_add (SETTLE_MS, on_settled, option);
}

static GtkWidget *
create_spin (const CnnParam *param)
{
  GtkWidget *spin =
      gtk_spin_button_new_with_range (param->minimum, param->maximum, param->step > 0 ? param->step : 1);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), param->type == CNN_PARAM_INT ? 0 : 2);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), NUMBER_CHARS);
  if (param->zero != NULL)
    viz_spin_button_say_zero (GTK_SPIN_BUTTON (spin), _ (param->zero));
  return spin;
}

static GtkWidget *
create_drop_down (const CnnParam *param)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  GtkWidget *drop_down;

  for (guint i = 0; param->choices[i] != NULL; i++)
    gtk_string_list_append (titles, param->titles != NULL ? _ (param->titles[i]) : param->choices[i]);
  drop_down = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&titles)), NULL);
  viz_drop_down_shorten (GTK_DROP_DOWN (drop_down));
  return drop_down;
}

static GtkWidget *
create_control (Option *option)
{
  const CnnParam *param = &option->method->params[option->index];

  switch (param->type) {
  case CNN_PARAM_BOOL:
    option->control = gtk_switch_new ();
    gtk_widget_set_halign (option->control, GTK_ALIGN_START);
    g_signal_connect_swapped (option->control, "notify::active", G_CALLBACK (on_chosen), option);
    break;
  case CNN_PARAM_CHOICE:
    option->control = create_drop_down (param);
    gtk_widget_set_hexpand (option->control, TRUE);
    g_signal_connect_swapped (option->control, "notify::selected", G_CALLBACK (on_chosen), option);
    break;
  case CNN_PARAM_INT:
  case CNN_PARAM_FLOAT:
  default:
    option->control = create_spin (param);
    gtk_widget_set_hexpand (option->control, TRUE);
    g_signal_connect_swapped (option->control, "value-changed", G_CALLBACK (on_typed), option);
    break;
  }
  g_object_set_data_full (G_OBJECT (option->control), "viz-option", option, option_free);
  return option->control;
}

void
viz_method_options_set_label_group (GtkGrid *grid, GtkSizeGroup *group)
{
  g_object_set_data (G_OBJECT (grid), "viz-label-group", group);
}

static void
add_option (GtkGrid *grid, VizDocument *document, const CnnMethod *method, guint index)
{
  const CnnParam *param = &method->params[index];
  Option *option = g_new0 (Option, 1);
  g_autofree char *text = param->unit != NULL ? g_strdup_printf ("%s (%s)", _ (param->label), _ (param->unit))
                                              : g_strdup (_ (param->label));
  GtkWidget *label = gtk_label_new (text);
  GtkSizeGroup *group = g_object_get_data (G_OBJECT (grid), "viz-label-group");
  GtkWidget *control;

  option->document = g_object_ref (document);
  option->method = method;
  option->index = index;
  control = create_control (option);
  show_value (option);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "dim-label");
  if (param->help != NULL) {
    gtk_widget_set_tooltip_text (label, _ (param->help));
    gtk_widget_set_tooltip_text (control, _ (param->help));
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (group != NULL)
    gtk_size_group_add_widget (group, label);
  gtk_grid_attach (grid, label, 0, (int)index, 1, 1);
  gtk_grid_attach (grid, control, 1, (int)index, 1, 1);
}

void
viz_method_options_build (GtkGrid *grid, VizDocument *document, const CnnMethod *method)
{
  GtkWidget *child;
  gboolean any = FALSE;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
  for (guint i = 0; method != NULL && method->params != NULL && method->params[i].name != NULL; i++) {
    add_option (grid, document, method, i);
    any = TRUE;
  }
  gtk_widget_set_visible (GTK_WIDGET (grid), any);
}

void
viz_method_options_update (GtkGrid *grid)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (grid)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    Option *option = g_object_get_data (G_OBJECT (child), "viz-option");

    if (option != NULL && option->timer == 0)
      show_value (option);
  }
}
