/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-maximize-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "explore/viz-class-search.h"
#include "widgets/viz-empty.h"
#include "widgets/viz-flow-keys.h"
#include "canvas/viz-image-canvas.h"
#include "layers/viz-layer-drop-down.h"
#include "widgets/viz-drop-down.h"
#include "widgets/viz-entry.h"
#include "viz-maximized.h"
#include "explore/viz-method-options.h"
#include "widgets/viz-picture-cell.h"
#include "widgets/viz-template.h"
#include "widgets/viz-text.h"
#include "widgets/viz-work-line.h"

struct _VizMaximizeView {
  GtkWidget parent;
  GtkStack *stack;
  GtkFlowBox *gallery;
  GtkWidget *back, *use;
  GtkLabel *large_title;
  VizImageCanvas *canvas;
  AdwStatusPage *empty;
  GtkButton *empty_button, *start, *restart;
  GtkWidget *old;
  GtkDropDown *layer;
  GtkLabel *targets_label;
  GtkEditable *targets;
  VizClassSearch *search;
  GtkGrid *options;
  GtkSizeGroup *label_group;
  VizWorkLine *line;
  VizDocument *document;
  GArray *layers; /* int: of the drop-down */
  int large;      /* the target that is shown large, or -1 */
  gboolean updating;
  gboolean wants_focus; /* the view was entered, its pictures are not there yet */
};

G_DEFINE_FINAL_TYPE (VizMaximizeView, viz_maximize_view, GTK_TYPE_WIDGET)

static const CnnMethod *
get_method (void)
{
  return cnn_method_find ("maximize");
}

static int
get_layer (VizMaximizeView *self)
{
  const char *name = viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_LAYER);
  CnnModel *model = viz_document_get_model (self->document);

  return model != NULL && name[0] != '\0' ? cnn_model_find_layer (model, name) : -1;
}

/* What the choices name; NULL with @error set. */
static GArray *
find_targets (VizMaximizeView *self, const char *text, GError **error)
{
  return viz_maximize_targets (viz_document_get_model (self->document), get_layer (self), text,
                               viz_document_get_results (self->document)->prediction, error);
}

static const VizMaximized *
get_maximized (VizMaximizeView *self)
{
  return viz_document_get_results (self->document)->maximized;
}

/* what the person does */

static void
set_choice (VizMaximizeView *self, VizViewChoice choice, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!viz_document_set_view_choice (self->document, choice, text, &error))
    viz_document_report_error (self->document, error);
}

static void
on_layer (VizMaximizeView *self)
{
  guint selected = gtk_drop_down_get_selected (self->layer);

  if (self->updating || selected >= self->layers->len)
    return;
  viz_document_freeze (self->document);
  set_choice (self, VIZ_MAXIMIZE_TARGETS, "");
  set_choice (self, VIZ_MAXIMIZE_LAYER,
              viz_document_get_layer_name (self->document, g_array_index (self->layers, int, selected)));
  viz_document_thaw (self->document);
}

static void
on_targets (VizMaximizeView *self)
{
  const char *text = gtk_editable_get_text (self->targets);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) targets = NULL;

  if (self->updating || viz_document_get_model (self->document) == NULL)
    return;
  targets = find_targets (self, text, &error);
  if (targets == NULL)
    viz_document_report_error (self->document, error);
  else
    set_choice (self, VIZ_MAXIMIZE_TARGETS, text);
}

/* The class joins those that are named, which the strongest ones are from then on. */
static void
on_found (VizMaximizeView *self, int class_index)
{
  const char *text = viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_TARGETS);
  g_autoptr (GArray) targets = find_targets (self, text, NULL);
  GString *joined = g_string_new (NULL);

  for (guint i = 0; targets != NULL && i < targets->len; i++)
    g_string_append_printf (joined, "%u,", g_array_index (targets, guint, i));
  g_string_append_printf (joined, "%d", class_index);
  set_choice (self, VIZ_MAXIMIZE_TARGETS, joined->str);
  g_string_free (joined, TRUE);
}

static void
on_start (VizMaximizeView *self)
{
  gboolean runs = viz_document_get_results (self->document)->maximizing == VIZ_MAXIMIZING_RUNS;

  /* what is typed counts without Enter, too */
  if (!runs)
    on_targets (self);
  gtk_widget_activate_action (GTK_WIDGET (self), runs ? "win.maximize-pause" : "win.maximize-start", NULL);
}

static void show_large (VizMaximizeView *self);
static void show_page (VizMaximizeView *self);

static void
on_child (VizMaximizeView *self, GtkFlowBoxChild *child)
{
  if (get_maximized (self) == NULL)
    return;
  self->large = gtk_flow_box_child_get_index (child);
  viz_image_canvas_set_fit (self->canvas, TRUE);
  show_large (self);
  show_page (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static VizPictureCell *
cell_at (VizMaximizeView *self, int index)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (self->gallery, index);

  return child != NULL ? VIZ_PICTURE_CELL (gtk_flow_box_child_get_child (child)) : NULL;
}

static gboolean
focus_at (VizMaximizeView *self, int index)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (self->gallery, index);

  return child != NULL && gtk_widget_grab_focus (GTK_WIDGET (child));
}

static void
on_back (VizMaximizeView *self)
{
  int last = self->large;

  self->large = -1;
  show_page (self);
  focus_at (self, last);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
        VizMaximizeView *self)
{
  if (key != GDK_KEY_Escape || self->large < 0)
    return GDK_EVENT_PROPAGATE;
  on_back (self);
  return GDK_EVENT_STOP;
}

static void
on_use (VizMaximizeView *self)
{
  const VizMaximized *maximized = get_maximized (self);

  if (maximized == NULL || self->large < 0 || self->large >= (int)maximized->found->n)
    return;
  viz_document_freeze (self->document);
  viz_document_set_image (self->document, maximized->found->targets[self->large].image, NULL);
  viz_document_set_view (self->document, "explore");
  viz_document_thaw (self->document);
}

/* what is shown */

/* A few pictures are large, many small. */
static int
choose_size (guint n)
{
  return n <= 2 ? VIZ_PICTURE_CELL_MOST : n <= 12 ? 168 : 120;
}

static void
make_cells (VizMaximizeView *self, guint n)
{
  GtkFlowBoxChild *child;
  int size = choose_size (n);

  while ((child = gtk_flow_box_get_child_at_index (self->gallery, (int)n)) != NULL)
    gtk_flow_box_remove (self->gallery, GTK_WIDGET (child));
  for (guint i = 0; i < n; i++) {
    GtkWidget *cell = (GtkWidget *)cell_at (self, (int)i);

    if (cell == NULL) {
      cell = viz_picture_cell_new ();
      gtk_widget_set_halign (cell, GTK_ALIGN_CENTER);
      /* what is round it takes the focus and the click */
      gtk_widget_set_focusable (cell, FALSE);
      gtk_flow_box_append (self->gallery, cell);
    }
    gtk_widget_set_size_request (cell, size, -1);
    viz_picture_cell_set_size (VIZ_PICTURE_CELL (cell), size);
  }
}

static void
set_words (VizPictureCell *cell, const char *words)
{
  viz_picture_cell_set_words (cell, words, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (cell))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static char *
name_of (VizMaximizeView *self, int layer, guint index)
{
  CnnModel *model = viz_document_get_model (self->document);

  if (layer < 0)
    return g_strdup (cnn_model_get_label (model, index));
  return g_strdup_printf (_ ("Filter %u"), index);
}

/* What has been found for a target, with what it has reached below. */
static void
show_target (VizMaximizeView *self, const VizMaximized *maximized, guint i)
{
  const CnnMaximizedTarget *target = &maximized->found->targets[i];
  VizPictureCell *cell = cell_at (self, (int)i);
  g_autofree char *score = isfinite (target->score) ? viz_text_short (target->score) : g_strdup ("…");
  g_autofree char *name = maximized->found->layer < 0
                              ? g_strdup (target->label)
                              : name_of (self, maximized->found->layer, target->index);
  g_autofree char *caption = g_strdup_printf (_ ("%s: %s"), name, score);
  g_autofree char *words =
      g_strdup_printf (_ ("%s: score %s after %u iterations"), name, score, target->done);

  viz_picture_cell_set_pictures (cell, maximized->pictures[i], NULL);
  viz_picture_cell_set_caption (cell, caption);
  set_words (cell, words);
  viz_picture_cell_set_stale (cell, viz_document_get_results (self->document)->maximized_old);
}

/* What will be raised, before anything was found. */
static void
show_places (VizMaximizeView *self, const GArray *targets)
{
  make_cells (self, targets->len);
  for (guint i = 0; i < targets->len; i++) {
    g_autofree char *name = name_of (self, get_layer (self), g_array_index (targets, guint, i));
    g_autofree char *words = g_strdup_printf (_ ("%s: not started"), name);
    VizPictureCell *cell = cell_at (self, (int)i);

    viz_picture_cell_set_pictures (cell, NULL, NULL);
    viz_picture_cell_set_stale (cell, FALSE);
    viz_picture_cell_set_caption (cell, name);
    set_words (cell, words);
  }
}

static void
show_large (VizMaximizeView *self)
{
  const VizMaximized *maximized = get_maximized (self);
  g_autofree char *title = NULL, *score = NULL, *name = NULL;
  const CnnMaximizedTarget *target;

  if (maximized == NULL || self->large >= (int)maximized->found->n)
    self->large = -1;
  if (self->large < 0)
    return;
  target = &maximized->found->targets[self->large];
  name = maximized->found->layer < 0 ? g_strdup (target->label)
                                     : name_of (self, maximized->found->layer, target->index);
  score = viz_text_short (target->score);
  title = g_strdup_printf (_ ("%s: score %s after %u iterations"), name, score, target->done);
  gtk_label_set_text (self->large_title, title);
  if (viz_image_canvas_get_image (self->canvas) != target->image)
    viz_image_canvas_set_image (self->canvas, target->image);
  viz_image_canvas_set_words (self->canvas, title, NULL);
}

static void
show_page (VizMaximizeView *self)
{
  CnnModel *model = viz_document_get_model (self->document);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) targets =
      model != NULL
          ? find_targets (self, viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_TARGETS), &error)
          : NULL;
  const char *failure = error != NULL ? error->message : NULL;
  const char *page = self->large >= 0 ? "large" : "gallery";

  if (failure == NULL && model != NULL && get_maximized (self) == NULL)
    failure = cnn_model_get_unsupported (model);
  if (get_maximized (self) == NULL && targets != NULL)
    show_places (self, targets);
  if (viz_empty_show (self->empty, self->empty_button, self->document, FALSE, get_layer (self) < 0,
                      get_maximized (self) == NULL ? failure : NULL))
    page = "empty";
  gtk_stack_set_visible_child_name (self->stack, page);
}

static void
show_pictures (VizMaximizeView *self)
{
  const VizMaximized *maximized = get_maximized (self);

  if (maximized != NULL) {
    make_cells (self, maximized->found->n);
    for (guint i = 0; i < maximized->found->n; i++)
      show_target (self, maximized, i);
  }
  show_large (self);
  show_page (self);
}

static void
show_buttons (VizMaximizeView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  const char *label = _ ("_Start");
  gboolean fresh = results->maximizing == VIZ_MAXIMIZING_DONE && !results->maximized_old;

  if (results->maximizing == VIZ_MAXIMIZING_RUNS)
    label = _ ("_Pause");
  else if (results->maximizing == VIZ_MAXIMIZING_RESTS && !results->maximized_old)
    label = _ ("_Go On");
  gtk_button_set_label (self->start, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->start),
                            viz_document_get_model (self->document) != NULL && !fresh);
  gtk_widget_set_sensitive (GTK_WIDGET (self->restart), results->maximized != NULL);
  gtk_widget_set_visible (self->old, results->maximized_old && results->maximized != NULL);
}

static void
show_work (VizMaximizeView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  const CnnMaximized *found = results->maximized != NULL ? results->maximized->found : NULL;
  g_autofree char *text = NULL;

  if (results->maximizing == VIZ_MAXIMIZING_RUNS)
    text = g_strdup_printf (_ ("%.0f %%"), found != NULL ? 100 * found->progress : 0.0);
  else if (results->maximizing == VIZ_MAXIMIZING_RESTS && found != NULL)
    text = g_strdup_printf (_ ("paused at %.0f %%"), 100 * found->progress);
  else if (found != NULL)
    text = g_strdup_printf (_ ("%u iterations done"), found->iterations);
  viz_work_line_set_left (self->line, found != NULL ? found->title : NULL);
  viz_work_line_set_right (self->line, text);
  viz_work_line_set_progress (
      self->line, results->maximizing == VIZ_MAXIMIZING_RUNS ? (found != NULL ? found->progress : 0) : -1);
}

/* What is raised unless others are named. */
static void
show_targets (VizMaximizeView *self)
{
  CnnModel *model = viz_document_get_model (self->document);
  int layer = get_layer (self);
  guint n = model != NULL ? cnn_maximize_count (model, layer) : 0;
  g_autofree char *all = NULL;

  gtk_label_set_text (self->targets_label, layer < 0 ? _ ("Classes") : _ ("Filters"));
  if (layer < 0 && n <= CNN_COMPARE_ALL)
    all = g_strdup_printf (_ ("all %u"), n);
  else
    all = g_strdup_printf (layer < 0 ? _ ("the strongest of %u") : _ ("the first of %u"), n);
  g_object_set (self->targets, "placeholder-text", all, NULL);
  viz_entry_show_text (self->targets, viz_document_get_view_choice (self->document, VIZ_MAXIMIZE_TARGETS));
  gtk_widget_set_visible (GTK_WIDGET (self->search), layer < 0 && n > CNN_COMPARE_ALL);
  viz_layer_drop_down_select (self->layer, self->layers, layer);
}

static gboolean
has_filters (CnnModel *model, guint layer)
{
  return cnn_maximize_count (model, (int)layer) > 0;
}

static void
on_changed (VizDocument *document, guint what, VizMaximizeView *self)
{
  /* all waits until it is seen */
  if (!g_str_equal (viz_document_get_choices (document)->view, "maximize"))
    return;
  if (what & VIZ_CHANGED_VIEW) {
    what = VIZ_CHANGED_ALL;
    self->wants_focus = TRUE;
  }
  self->updating = TRUE;
  if (what & VIZ_CHANGED_MODEL) {
    self->large = -1;
    viz_layer_drop_down_fill (self->layer, self->layers, viz_document_get_model (document), _ ("The classes"),
                              has_filters);
  }
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_VIEW_CHOICE))
    show_targets (self);
  if (what & VIZ_CHANGED_METHOD)
    viz_method_options_update (self->options);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_PREDICTION))
    viz_class_search_set_prediction (self->search, viz_document_get_results (document)->prediction);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_MAXIMIZED | VIZ_CHANGED_VIEW_CHOICE | VIZ_CHANGED_PREDICTION)) {
    show_pictures (self);
    show_buttons (self);
    show_work (self);
  }
  if (self->wants_focus && focus_at (self, 0))
    self->wants_focus = FALSE;
  self->updating = FALSE;
}

static void
viz_maximize_view_dispose (GObject *object)
{
  VizMaximizeView *self = VIZ_MAXIMIZE_VIEW (object);

  self->updating = TRUE;
  viz_template_dispose_of (GTK_WIDGET (self), VIZ_TYPE_MAXIMIZE_VIEW, &self->document);
  g_clear_pointer (&self->layers, g_array_unref);
  G_OBJECT_CLASS (viz_maximize_view_parent_class)->dispose (object);
}

static void
viz_maximize_view_class_init (VizMaximizeViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_maximize_view_dispose;
  g_type_ensure (VIZ_TYPE_CLASS_SEARCH);
  g_type_ensure (VIZ_TYPE_IMAGE_CANVAS);
  g_type_ensure (VIZ_TYPE_WORK_LINE);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-maximize-view.ui");
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, stack);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, gallery);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, back);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, use);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, large_title);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, canvas);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, empty);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, empty_button);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, start);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, restart);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, old);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, layer);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, targets_label);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, targets);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, search);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, options);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, label_group);
  gtk_widget_class_bind_template_child (widget_class, VizMaximizeView, line);
}

static void
viz_maximize_view_init (VizMaximizeView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  viz_method_options_set_label_group (self->options, self->label_group);
  self->layers = g_array_new (FALSE, FALSE, sizeof (int));
  self->large = -1;
  viz_drop_down_shorten (self->layer);
  viz_flow_box_mend_keys (self->gallery);
  /* before the canvas and the window have Escape */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
viz_maximize_view_set_document (VizMaximizeView *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  viz_method_options_build (self->options, document, get_method ());
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->gallery, "child-activated", G_CALLBACK (on_child), self);
  g_signal_connect_swapped (self->layer, "notify::selected", G_CALLBACK (on_layer), self);
  g_signal_connect_swapped (self->targets, "activate", G_CALLBACK (on_targets), self);
  g_signal_connect_swapped (self->search, "class-selected", G_CALLBACK (on_found), self);
  g_signal_connect_swapped (self->start, "clicked", G_CALLBACK (on_start), self);
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (on_back), self);
  g_signal_connect_swapped (self->use, "clicked", G_CALLBACK (on_use), self);
}
