/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actions of the views Compare and Maximize. */
#include "config.h"
#include "viz-window-private.h"

static void
on_maximize_start (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_jobs_maximize_start (VIZ_WINDOW (data)->jobs, FALSE);
}

static void
on_maximize_restart (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_jobs_maximize_start (VIZ_WINDOW (data)->jobs, TRUE);
}

static void
on_maximize_pause (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  viz_jobs_maximize_pause (VIZ_WINDOW (data)->jobs);
}

/* A filter of the chosen layer, raised in its view. */
static void
on_maximize_filter (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  VizDocument *document = VIZ_WINDOW (data)->document;
  const char *layer = viz_document_get_layer_name (document, viz_document_get_choices (document)->layer);
  g_autofree char *filter = g_strdup_printf ("%d", g_variant_get_int32 (parameter));
  g_autoptr (GError) error = NULL;

  viz_document_freeze (document);
  if (viz_document_set_view_choice (document, VIZ_MAXIMIZE_LAYER, layer, &error) &&
      viz_document_set_view_choice (document, VIZ_MAXIMIZE_TARGETS, filter, &error)) {
    viz_document_set_view (document, "maximize");
    viz_jobs_maximize_start (VIZ_WINDOW (data)->jobs, FALSE);
  } else {
    viz_document_report_error (document, error);
  }
  viz_document_thaw (document);
}

static VizViewChoice
choice_of (const char *name)
{
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++)
    if (g_str_equal (viz_view_choice_get_name ((VizViewChoice)i), name))
      return (VizViewChoice)i;
  return VIZ_N_VIEW_CHOICES;
}

static void
set_choice (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizDocument *document = VIZ_WINDOW (data)->document;
  g_autoptr (GError) error = NULL;

  if (!viz_document_set_view_choice (document, choice_of (g_action_get_name (G_ACTION (action))),
                                     g_variant_get_string (value, NULL), &error))
    viz_document_report_error (document, error);
}

void
viz_window_add_view_actions (VizWindow *self)
{
  static const GActionEntry entries[] = {
    { "maximize-start", on_maximize_start, NULL, NULL, NULL },
    { "maximize-restart", on_maximize_restart, NULL, NULL, NULL },
    { "maximize-pause", on_maximize_pause, NULL, NULL, NULL },
    { "maximize-filter", on_maximize_filter, "i", NULL, NULL },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < VIZ_N_VIEW_CHOICES; i++) {
    VizViewChoice choice = (VizViewChoice)i;
    GVariant *state = g_variant_new_string (viz_document_get_view_choice (self->document, choice));
    g_autoptr (GSimpleAction) action =
        g_simple_action_new_stateful (viz_view_choice_get_name (choice), G_VARIANT_TYPE_STRING, state);

    g_signal_connect (action, "change-state", G_CALLBACK (set_choice), self);
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
  }
}

static GSimpleAction *
find_action (VizWindow *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name));
}

void
viz_window_sync_view_actions (VizWindow *self, guint what)
{
  const VizResults *results = viz_document_get_results (self->document);

  for (guint i = 0; what & VIZ_CHANGED_VIEW_CHOICE && i < VIZ_N_VIEW_CHOICES; i++) {
    VizViewChoice choice = (VizViewChoice)i;

    g_simple_action_set_state (find_action (self, viz_view_choice_get_name (choice)),
                               g_variant_new_string (viz_document_get_view_choice (self->document, choice)));
  }
  if (what & (VIZ_CHANGED_BUSY | VIZ_CHANGED_COMPARED | VIZ_CHANGED_MAXIMIZED))
    g_simple_action_set_enabled (find_action (self, "stop"), viz_results_can_stop (results));
  if (what & VIZ_CHANGED_MAXIMIZED)
    g_simple_action_set_enabled (find_action (self, "maximize-pause"),
                                 results->maximizing == VIZ_MAXIMIZING_RUNS);
}
