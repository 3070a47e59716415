/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "architecture/viz-architecture-view.h"
#include "compare/viz-compare-view.h"
#include "images/viz-evaluator.h"
#include "explore/viz-explore-view.h"
#include "jobs/viz-jobs.h"
#include "maximize/viz-maximize-view.h"
#include "viz-window.h"
#include "widgets/viz-toasts.h"

G_BEGIN_DECLS

struct _VizWindow {
  AdwApplicationWindow parent;
  VizToasts *toasts;
  AdwHeaderBar *header;
  GtkStack *content;
  AdwViewStack *views;
  GtkLabel *names;
  AdwSplitButton *open_button;
  GMenu *recent_networks, *recent_pictures;
  VizExploreView *explore;
  VizCompareView *compare;
  VizMaximizeView *maximize;
  VizArchitectureView *architecture;
  VizDocument *document;
  VizJobs *jobs;
  VizEvaluator *evaluator;
  GSettings *settings; /* NULL where the schema is not installed */
  GtkNativeDialog *dialog;
};

/** viz-window-actions.c: everything that can be done, as actions with state. */
void viz_window_add_actions (VizWindow *self);
void viz_window_sync_actions (VizWindow *self, guint what);
/** Shows a state that an action has got. @state may be floating. */
void viz_window_set_action_state (VizWindow *self, const char *name, GVariant *state);
/** viz-window-input.c: the actions about what goes into the network. */
void viz_window_add_input_actions (VizWindow *self);
void viz_window_sync_input_actions (VizWindow *self, guint what);
/** viz-window-views.c: those of the views Compare and Maximize. */
void viz_window_add_view_actions (VizWindow *self);
void viz_window_sync_view_actions (VizWindow *self, guint what);
/** viz-window-keys.c: the keys that are not the application's. */
void viz_window_add_keys (VizWindow *self);
/** viz-window-help.c: the help and its tour, the keys from pane to pane. */
void viz_window_add_help (VizWindow *self);
/** viz-window-dnd.c: files and pictures dropped or pasted. */
void viz_window_add_drop_target (VizWindow *self);
void viz_window_paste (VizWindow *self);
/** viz-window-dialogs.c */
typedef enum {
  VIZ_CHOOSE_ANY,
  VIZ_CHOOSE_MODEL,
  VIZ_CHOOSE_IMAGE,
  VIZ_CHOOSE_LABELS,
  VIZ_CHOOSE_FOLDER
} VizChoose;
void viz_window_choose (VizWindow *self, VizChoose what);
void viz_window_export (VizWindow *self);
/** Asks for the name of a file, beginning with @name, and hands its path to @write. */
typedef void (*VizWrite) (VizWindow *self, const char *path);
void viz_window_choose_target (VizWindow *self, const char *title, const char *name, VizWrite write);
/** viz-window-images.c: a folder of pictures, or a table of pictures and their classes. */
void viz_window_add_images (VizWindow *self);
void viz_window_open_folder (VizWindow *self, const char *path);
/** viz-window-recent.c: what was opened before, in the menu of Open. */
void viz_window_add_recent (VizWindow *self);
/** viz-window-architecture.c: the table of the layers, to files and to the clipboard. */
void viz_window_add_architecture (VizWindow *self);
/** Asks for a session file to open, or to save. */
void viz_window_choose_session (VizWindow *self, gboolean save);

/** The path that an action's parameter names, as a path or a URI; (transfer full). */
char *viz_action_path (GVariant *parameter) G_GNUC_WARN_UNUSED_RESULT;

void viz_window_toast (VizWindow *self, const char *text);
/** Steps through the list of pictures. */
void viz_window_step_image (VizWindow *self, int by);

G_END_DECLS
