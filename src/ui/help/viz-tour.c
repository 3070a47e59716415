/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-tour.h"
#include "widgets/viz-mnemonic.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>
#include <string.h>

#include "viz-help-text.h"

struct _VizTour {
  GtkWidget parent;
  GActionGroup *actions;
  GtkLabel *place;
  GtkLabel *title;
  GtkLabel *text;
  GtkWidget *back;
  GtkWidget *next;
  int step; /* -1: not started */
  int n_steps;
};

G_DEFINE_FINAL_TYPE (VizTour, viz_tour, GTK_TYPE_WIDGET)

/* "name(parameter)": a choice is set, anything else is activated. */
static void
call (GActionGroup *actions, const char *text)
{
  const char *bracket = strchr (text, '(');
  g_autofree char *name = g_strndup (text, (gsize)(bracket - text));
  g_autofree char *value = g_strndup (bracket + 1, strlen (bracket) - 2);
  const GVariantType *type = g_action_group_get_action_parameter_type (actions, name);
  GVariant *parameter = type != NULL ? g_variant_parse (type, value, NULL, NULL, NULL) : NULL;

  if (parameter != NULL)
    g_action_group_activate_action (actions, name, parameter);
  g_clear_pointer (&parameter, g_variant_unref);
}

static void
show (VizTour *self)
{
  const VizHelpStep *step = &viz_help_tour ()[MAX (self->step, 0)];
  gboolean started = self->step >= 0;
  g_autofree char *place =
      started ? g_strdup_printf (_ ("Step %d of %d"), self->step + 1, self->n_steps) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->place), started);
  gtk_label_set_text (self->place, place != NULL ? place : "");
  gtk_label_set_text (self->title, started ? _ (step->title) : _ ("A network that is always right"));
  gtk_label_set_text (
      self->text,
      started
          ? _ (step->text)
          : _ ("The tour opens a sample network in the window beside this one and shows in six steps how to "
               "find out that it has learned the wrong thing. You can work in the window all the time."));
  gtk_widget_set_visible (self->back, started);
  gtk_widget_set_sensitive (self->back, self->step > 0);
  gtk_widget_set_sensitive (self->next, self->step + 1 < self->n_steps);
  gtk_button_set_label (GTK_BUTTON (self->next), started ? _ ("_Next") : _ ("_Start the Tour"));
}

static void
go (VizTour *self, int step)
{
  const char *const *actions;

  self->step = CLAMP (step, 0, self->n_steps - 1);
  actions = viz_help_tour ()[self->step].actions;
  for (guint i = 0; actions[i] != NULL; i++)
    call (self->actions, actions[i]);
  show (self);
}

static void
on_next (VizTour *self)
{
  go (self, self->step + 1);
}

static void
on_back (VizTour *self)
{
  go (self, self->step - 1);
}

static void
viz_tour_dispose (GObject *object)
{
  VizTour *self = VIZ_TOUR (object);

  viz_widget_drop_children (GTK_WIDGET (self));
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (viz_tour_parent_class)->dispose (object);
}

static void
viz_tour_class_init (VizTourClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_tour_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static GtkLabel *
add_label (VizTour *self, const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return GTK_LABEL (label);
}

static GtkWidget *
add_button (GtkWidget *box, const char *label, GCallback clicked, VizTour *self)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  viz_mnemonics_name (button);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
viz_tour_init (VizTour *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 9);
  self->place = add_label (self, "dim-label");
  self->title = add_label (self, "title-4");
  self->text = add_label (self, NULL);
  self->back = add_button (buttons, _ ("_Back"), G_CALLBACK (on_back), self);
  self->next = add_button (buttons, _ ("_Next"), G_CALLBACK (on_next), self);
  gtk_widget_add_css_class (self->next, "suggested-action");
  gtk_widget_set_margin_top (buttons, 6);
  gtk_widget_set_parent (buttons, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Guided tour"),
                                  -1);
  while (viz_help_tour ()[self->n_steps].title != NULL)
    self->n_steps++;
  self->step = -1;
  show (self);
}

GtkWidget *
viz_tour_new (GActionGroup *actions)
{
  VizTour *self = g_object_new (VIZ_TYPE_TOUR, NULL);

  self->actions = g_object_ref (actions);
  return GTK_WIDGET (self);
}
