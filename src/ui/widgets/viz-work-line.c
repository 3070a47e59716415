/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-template.h"
#include "viz-work-line.h"

/* Work that takes longer than this shows how far it is. */
#define DELAY_MS 200

struct _VizWorkLine {
  GtkWidget parent;
  GtkLabel *left, *right;
  GtkProgressBar *progress;
  GtkWidget *stop;
  guint timer;
};

G_DEFINE_FINAL_TYPE (VizWorkLine, viz_work_line, GTK_TYPE_WIDGET)

void
viz_work_line_set_left (VizWorkLine *self, const char *text)
{
  gtk_label_set_text (self->left, text != NULL ? text : "");
}

void
viz_work_line_set_right (VizWorkLine *self, const char *text)
{
  gtk_label_set_text (self->right, text != NULL ? text : "");
}

static void
show (VizWorkLine *self, gboolean visible)
{
  gtk_widget_set_visible (GTK_WIDGET (self->progress), visible);
  gtk_widget_set_visible (self->stop, visible);
}

static gboolean
on_late (gpointer data)
{
  VizWorkLine *self = data;

  self->timer = 0;
  show (self, TRUE);
  return G_SOURCE_REMOVE;
}

void
viz_work_line_set_progress (VizWorkLine *self, double progress)
{
  if (progress < 0) {
    g_clear_handle_id (&self->timer, g_source_remove);
    show (self, FALSE);
    return;
  }
  gtk_progress_bar_set_fraction (self->progress, CLAMP (progress, 0, 1));
  if (self->timer == 0 && !gtk_widget_get_visible (self->stop))
    self->timer = g_timeout_add (DELAY_MS, on_late, self);
}

static void
viz_work_line_dispose (GObject *object)
{
  VizWorkLine *self = VIZ_WORK_LINE (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  viz_template_dispose (GTK_WIDGET (self), VIZ_TYPE_WORK_LINE);
  G_OBJECT_CLASS (viz_work_line_parent_class)->dispose (object);
}

static void
viz_work_line_class_init (VizWorkLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_work_line_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-work-line.ui");
  gtk_widget_class_bind_template_child (widget_class, VizWorkLine, left);
  gtk_widget_class_bind_template_child (widget_class, VizWorkLine, right);
  gtk_widget_class_bind_template_child (widget_class, VizWorkLine, progress);
  gtk_widget_class_bind_template_child (widget_class, VizWorkLine, stop);
}

static void
viz_work_line_init (VizWorkLine *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
