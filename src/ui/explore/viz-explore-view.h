/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "document/viz-document.h"
#include "images/viz-image-strip.h"

G_BEGIN_DECLS

#define VIZ_TYPE_EXPLORE_VIEW (viz_explore_view_get_type ())
G_DECLARE_FINAL_TYPE (VizExploreView, viz_explore_view, VIZ, EXPLORE_VIEW, GtkWidget)

/**
 * VizExploreView:
 *
 * The picture with what the network sees in it: layers on the left, canvas and filter gallery in the middle,
 * prediction and choices on the right.
 */
void viz_explore_view_set_document (VizExploreView *self, VizDocument *document);
/** Where the keys for the picture work. */
GtkWidget *viz_explore_view_get_canvas (VizExploreView *self);
VizImageStrip *viz_explore_view_get_strip (VizExploreView *self);
void viz_explore_view_focus_search (VizExploreView *self);
/** Sizes of the panes, in the order left, right, gallery: 0 leaves one as it is. */
void viz_explore_view_set_panes (VizExploreView *self, const int sizes[3]);
void viz_explore_view_get_panes (VizExploreView *self, int sizes[3]);

/** The panes that keys go through, in reading order: layers, picture, gallery, controls. How many; at most 4.
 */
guint viz_explore_view_list_parts (VizExploreView *self, GtkWidget **parts);

/** Adds what is a choice of the view alone: "occluder-trail", whether the occluder leaves a trail. */
void viz_explore_view_add_actions (VizExploreView *self, GActionMap *actions);

G_END_DECLS
