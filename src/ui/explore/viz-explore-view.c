/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-explore-view.h"
#include "widgets/viz-template.h"
#include "widgets/viz-tooltip.h"

#include <glib/gi18n.h>

#include "methods/cnn-map-describe.h"
#include "canvas/viz-color-bar.h"
#include "viz-display-panel.h"
#include "viz-explain-panel.h"
#include "gallery/viz-filter-gallery.h"
#include "canvas/viz-image-canvas.h"
#include "viz-input-panel.h"
#include "layers/viz-layer-tree.h"
#include "viz-occluder-options.h"
#include "viz-prediction-bars.h"
#include "viz-status-line.h"

struct _VizExploreView {
  GtkWidget parent;
  GtkPaned *left_paned;
  GtkPaned *right_paned;
  GtkPaned *gallery_paned;
  VizLayerTree *layers;
  VizOccluderOptions *occluder_options;
  GtkLabel *title;
  GtkWidget *step_box;
  GtkToggleButton *fit_button;
  GtkWidget *zoom_in;
  GtkWidget *zoom_out;
  VizImageCanvas *canvas;
  VizColorBar *color_bar;
  VizFilterGallery *gallery;
  VizPredictionBars *bars;
  VizExplainPanel *explain;
  VizDisplayPanel *display;
  VizInputPanel *input;
  VizImageStrip *strip;
  VizStatusLine *status;
  GtkWidget *controls;
  VizDocument *document;
  CnnGallery *shown_gallery;
  CnnMap *shown_map;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizExploreView, viz_explore_view, GTK_TYPE_WIDGET)

/* What the numbers of the network's input range over; NULL: they are not shown. */
static char *
tensor_title (const CnnTensorView *tensor)
{
  if (tensor == NULL)
    return NULL;
  if (tensor->channel == CNN_TENSOR_PICTURE)
    return g_strdup_printf (_ ("The network's input: %.4g to %.4g, mean %.4g"), tensor->low, tensor->high,
                            tensor->mean);
  return g_strdup_printf (_ ("Channel %d of the input: %.4g to %.4g, mean %.4g"), tensor->channel + 1,
                          tensor->low, tensor->high, tensor->mean);
}

/* The title over the picture and the words for a screen reader. */
static void
update_title (VizExploreView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  g_autofree char *name = viz_document_dup_image_name (self->document);
  g_autofree char *label = NULL, *description = NULL;
  g_autofree char *seen = tensor_title (results->tensor);
  const char *title = seen != NULL                                          ? seen
                      : results->map != NULL && results->map->title != NULL ? results->map->title
                                                                            : name;

  gtk_label_set_text (self->title, title != NULL ? title : "");
  viz_tooltip_set (GTK_WIDGET (self->title), title);
  label = results->map != NULL ? g_strdup_printf ("%s, %s", name != NULL ? name : "", results->map->title)
                               : g_strdup (name != NULL ? name : _ ("No picture"));
  description = results->map != NULL ? cnn_map_describe (results->map) : NULL;
  viz_image_canvas_set_words (self->canvas, label, description);
}

static void
show_map (VizExploreView *self, gboolean restyle)
{
  const VizResults *results = viz_document_get_results (self->document);
  CnnMap *map = results->tensor == NULL ? results->map : NULL; /* the bare input */
  CnnMapStyle style;

  if (map != self->shown_map || restyle) {
    viz_document_get_map_style (self->document, &style);
    viz_image_canvas_set_map (self->canvas, map, &style);
    viz_color_bar_set_map (self->color_bar, map, &style);
    if (self->shown_map != map) {
      g_clear_pointer (&self->shown_map, cnn_map_unref);
      self->shown_map = map != NULL ? cnn_map_ref (map) : NULL;
      update_title (self);
    }
  }
  viz_image_canvas_set_stale (self->canvas, results->map_stale);
}

static void
show_image (VizExploreView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  CnnImage *image = viz_document_get_image (self->document);

  /* with no network there is no size to fit it to */
  if (results->tensor != NULL)
    image = results->tensor->image;
  else if (results->fitted != NULL)
    image = results->fitted;
  else if (viz_document_get_model (self->document) != NULL)
    return;
  if (viz_image_canvas_get_image (self->canvas) != image)
    viz_image_canvas_set_image (self->canvas, image);
}

static gboolean
has_activations (CnnModel *model, guint layer)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);

  return l->output != CNN_NO_VALUE && cnn_model_get_value (model, l->output)->known;
}

static void
show_gallery_kinds (VizExploreView *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  CnnModel *model = viz_document_get_model (self->document);
  gboolean kernels =
      model != NULL && choices->layer >= 0 && cnn_layer_has_kernels (model, (guint)choices->layer);
  gboolean activations =
      model != NULL && choices->layer >= 0 && has_activations (model, (guint)choices->layer);
  g_autofree char *message = NULL;

  viz_filter_gallery_set_kinds (self->gallery, kernels, activations);
  viz_filter_gallery_set_kind (self->gallery,
                               choices->gallery_kernels ? VIZ_GALLERY_KERNELS : VIZ_GALLERY_ACTIVATIONS);
  viz_filter_gallery_set_inputs (self->gallery, choices->gallery_inputs);
  if (choices->gallery_kernels && !kernels && choices->layer >= 0)
    message = g_strdup_printf (_ ("%s has no kernels."),
                               viz_document_get_layer_name (self->document, choices->layer));
  viz_filter_gallery_set_message (self->gallery, message);
}

/* What the occluder changes in the filters, where it is known for those that are shown. */
static void
show_changes (VizExploreView *self)
{
  const VizResults *results = viz_document_get_results (self->document);
  gsize size = 0;
  const float *changes = results->changes != NULL ? g_bytes_get_data (results->changes, &size) : NULL;
  guint n = (guint)(size / sizeof (float));
  gboolean suits = results->gallery != NULL && n == results->gallery->n && n > 1 &&
                   results->changes_layer == viz_document_get_choices (self->document)->layer;

  viz_filter_gallery_set_changes (self->gallery, suits ? changes : NULL, suits ? n : 0);
}

static void
show_gallery (VizExploreView *self)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (results->gallery != self->shown_gallery) {
    g_clear_pointer (&self->shown_gallery, cnn_gallery_unref);
    self->shown_gallery = results->gallery != NULL ? cnn_gallery_ref (results->gallery) : NULL;
    viz_filter_gallery_set_gallery (self->gallery, results->gallery);
    if (results->gallery == NULL)
      show_gallery_kinds (self);
  }
  show_changes (self);
  viz_filter_gallery_set_stale (self->gallery, results->gallery_stale);
}

static void
show_occluder (VizExploreView *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  const int *r = choices->occluder;

  viz_image_canvas_set_occluder_fill (self->canvas, choices->occluder_fill, 0);
  if (viz_document_get_model (self->document) != NULL)
    viz_image_canvas_set_occluder (self->canvas, r[0], r[1], r[2], r[3]);
  viz_image_canvas_set_occluder_visible (self->canvas, choices->occluder_visible);
}

static void
show_prediction (VizExploreView *self, guint what)
{
  const VizResults *results = viz_document_get_results (self->document);

  if (what & VIZ_CHANGED_PREDICTION) {
    viz_prediction_bars_set_prediction (self->bars, results->prediction);
    viz_prediction_bars_set_stale (self->bars, results->prediction_stale);
  }
  if (what & (VIZ_CHANGED_OCCLUDED | VIZ_CHANGED_PREDICTION))
    viz_prediction_bars_set_occluded (self->bars, results->occluded);
  viz_prediction_bars_set_explained (self->bars, viz_document_get_explained (self->document));
}

static void
on_changed (VizDocument *document, guint what, VizExploreView *self)
{
  self->updating = TRUE;
  if (what & (VIZ_CHANGED_FITTED | VIZ_CHANGED_IMAGE | VIZ_CHANGED_MODEL | VIZ_CHANGED_TENSOR))
    show_image (self);
  if (what & VIZ_CHANGED_TENSOR)
    update_title (self);
  if (what & VIZ_CHANGED_IMAGE) {
    gtk_widget_set_visible (self->step_box, viz_document_get_n_images (document) > 1);
    viz_prediction_bars_set_stale (self->bars, viz_document_get_results (document)->prediction_stale);
    update_title (self);
  }
  if (what & (VIZ_CHANGED_OCCLUDER | VIZ_CHANGED_FITTED | VIZ_CHANGED_MODEL))
    show_occluder (self);
  if (what & VIZ_CHANGED_DISPLAY)
    viz_image_canvas_set_map_opacity (self->canvas, viz_document_get_choices (document)->opacity);
  if (what & (VIZ_CHANGED_MAP | VIZ_CHANGED_DISPLAY | VIZ_CHANGED_IMAGE | VIZ_CHANGED_TENSOR))
    show_map (self, (what & VIZ_CHANGED_DISPLAY) != 0);
  if (what & (VIZ_CHANGED_LAYER | VIZ_CHANGED_GALLERY_KIND | VIZ_CHANGED_MODEL))
    show_gallery_kinds (self);
  if (what & (VIZ_CHANGED_GALLERY | VIZ_CHANGED_LAYER | VIZ_CHANGED_IMAGE))
    show_gallery (self);
  if (what & (VIZ_CHANGED_METHOD | VIZ_CHANGED_GALLERY))
    viz_filter_gallery_set_selected (self->gallery, viz_document_get_choices (document)->filter);
  if (what & (VIZ_CHANGED_PREDICTION | VIZ_CHANGED_OCCLUDED | VIZ_CHANGED_METHOD | VIZ_CHANGED_MODEL))
    show_prediction (self, what);
  self->updating = FALSE;
}

static void
on_occluder (VizExploreView *self, int x, int y, int width, int height)
{
  viz_document_set_occluder (self->document, x, y, width, height);
}

/* The canvas hides it on Escape. */
static void
on_occluder_visible (VizExploreView *self)
{
  if (!self->updating)
    viz_document_set_occluder_visible (self->document, viz_image_canvas_get_occluder_visible (self->canvas));
}

static void
on_pointer (VizExploreView *self, double x, double y, gboolean inside)
{
  viz_status_line_set_pointer (self->status, x, y, inside);
}

static void
on_gallery_kind (VizExploreView *self)
{
  if (!self->updating)
    viz_document_set_gallery_kernels (self->document,
                                      viz_filter_gallery_get_kind (self->gallery) == VIZ_GALLERY_KERNELS);
}

static void
on_gallery_inputs (VizExploreView *self)
{
  if (!self->updating)
    viz_document_set_gallery_inputs (self->document, viz_filter_gallery_get_inputs (self->gallery));
}

static void
on_filter (VizExploreView *self, int index)
{
  viz_document_set_filter (self->document, index);
}

/* Double click or Enter: what raises this filter. */
static void
on_filter_activated (VizExploreView *self, int index)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.maximize-filter", "i", index);
}

static void
on_class (VizExploreView *self, int index)
{
  viz_document_set_class (self->document, index);
}

static void
connect_parts (VizExploreView *self)
{
  g_signal_connect_swapped (self->canvas, "occluder-changed", G_CALLBACK (on_occluder), self);
  g_signal_connect_swapped (self->canvas, "notify::occluder-visible", G_CALLBACK (on_occluder_visible), self);
  g_signal_connect_swapped (self->canvas, "pointer-moved", G_CALLBACK (on_pointer), self);
  g_signal_connect_swapped (self->gallery, "notify::kind", G_CALLBACK (on_gallery_kind), self);
  g_signal_connect_swapped (self->gallery, "notify::inputs", G_CALLBACK (on_gallery_inputs), self);
  g_signal_connect_swapped (self->gallery, "filter-selected", G_CALLBACK (on_filter), self);
  g_signal_connect_swapped (self->gallery, "filter-activated", G_CALLBACK (on_filter_activated), self);
  g_signal_connect_swapped (self->bars, "class-selected", G_CALLBACK (on_class), self);
  g_signal_connect_swapped (self->zoom_in, "clicked", G_CALLBACK (viz_image_canvas_zoom_in), self->canvas);
  g_signal_connect_swapped (self->zoom_out, "clicked", G_CALLBACK (viz_image_canvas_zoom_out), self->canvas);
  g_object_bind_property (self->canvas, "fit", self->fit_button, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

static void
viz_explore_view_dispose (GObject *object)
{
  VizExploreView *self = VIZ_EXPLORE_VIEW (object);

  self->updating = TRUE;
  viz_template_dispose_of (GTK_WIDGET (self), VIZ_TYPE_EXPLORE_VIEW, &self->document);
  g_clear_pointer (&self->shown_gallery, cnn_gallery_unref);
  g_clear_pointer (&self->shown_map, cnn_map_unref);
  G_OBJECT_CLASS (viz_explore_view_parent_class)->dispose (object);
}

static void
viz_explore_view_class_init (VizExploreViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_explore_view_dispose;
  g_type_ensure (VIZ_TYPE_LAYER_TREE);
  g_type_ensure (VIZ_TYPE_IMAGE_CANVAS);
  g_type_ensure (VIZ_TYPE_COLOR_BAR);
  g_type_ensure (VIZ_TYPE_FILTER_GALLERY);
  g_type_ensure (VIZ_TYPE_PREDICTION_BARS);
  g_type_ensure (VIZ_TYPE_EXPLAIN_PANEL);
  g_type_ensure (VIZ_TYPE_DISPLAY_PANEL);
  g_type_ensure (VIZ_TYPE_INPUT_PANEL);
  g_type_ensure (VIZ_TYPE_IMAGE_STRIP);
  g_type_ensure (VIZ_TYPE_STATUS_LINE);
  g_type_ensure (VIZ_TYPE_OCCLUDER_OPTIONS);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-explore-view.ui");
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, left_paned);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, right_paned);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, gallery_paned);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, layers);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, occluder_options);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, title);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, step_box);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, fit_button);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, zoom_in);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, zoom_out);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, canvas);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, color_bar);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, gallery);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, bars);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, explain);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, display);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, input);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, strip);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, status);
  gtk_widget_class_bind_template_child (widget_class, VizExploreView, controls);
}

static void
viz_explore_view_init (VizExploreView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
viz_explore_view_set_document (VizExploreView *self, VizDocument *document)
{
  g_set_object (&self->document, document);
  viz_layer_tree_set_document (self->layers, document);
  viz_explain_panel_set_document (self->explain, document);
  viz_display_panel_set_document (self->display, document);
  viz_input_panel_set_document (self->input, document);
  viz_status_line_set_document (self->status, document);
  viz_occluder_options_set_document (self->occluder_options, document, self->canvas);
  viz_image_strip_set_document (self->strip, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
  connect_parts (self);
}

GtkWidget *
viz_explore_view_get_canvas (VizExploreView *self)
{
  return GTK_WIDGET (self->canvas);
}

VizImageStrip *
viz_explore_view_get_strip (VizExploreView *self)
{
  return self->strip;
}

void
viz_explore_view_focus_search (VizExploreView *self)
{
  viz_layer_tree_focus_search (self->layers);
}

/* A paned's position is the size of its first child; the window remembers the size of the side pane. */
/* The panes at the far ends are as large as they were: only now is it known what the window's frame leaves.
 */
static gboolean
on_first_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  VizExploreView *self = VIZ_EXPLORE_VIEW (widget);
  const int *sizes = data;
  int width = gtk_widget_get_width (GTK_WIDGET (self->right_paned)),
      height = gtk_widget_get_height (GTK_WIDGET (self->gallery_paned));

  if (width == 0 || height == 0)
    return G_SOURCE_CONTINUE;
  if (sizes[1] > 0)
    gtk_paned_set_position (self->right_paned, MAX (0, width - sizes[1]));
  if (sizes[2] > 0)
    gtk_paned_set_position (self->gallery_paned, MAX (0, height - sizes[2]));
  return G_SOURCE_REMOVE;
}

void
viz_explore_view_set_panes (VizExploreView *self, const int sizes[3])
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), &width, &height);
  if (sizes[0] > 0)
    gtk_paned_set_position (self->left_paned, sizes[0]);
  if (sizes[1] > 0)
    gtk_paned_set_position (self->right_paned, MAX (200, width - sizes[0] - sizes[1]));
  if (sizes[2] > 0)
    gtk_paned_set_position (self->gallery_paned, MAX (160, height - 90 - sizes[2]));
  gtk_widget_add_tick_callback (GTK_WIDGET (self), on_first_frame, g_memdup2 (sizes, 3 * sizeof *sizes),
                                g_free);
}

void
viz_explore_view_get_panes (VizExploreView *self, int sizes[3])
{
  sizes[0] = gtk_paned_get_position (self->left_paned);
  sizes[1] =
      gtk_widget_get_width (GTK_WIDGET (self->right_paned)) - gtk_paned_get_position (self->right_paned);
  sizes[2] =
      gtk_widget_get_height (GTK_WIDGET (self->gallery_paned)) - gtk_paned_get_position (self->gallery_paned);
}

guint
viz_explore_view_list_parts (VizExploreView *self, GtkWidget **parts)
{
  parts[0] = GTK_WIDGET (self->layers);
  parts[1] = GTK_WIDGET (self->canvas);
  parts[2] = GTK_WIDGET (self->gallery);
  parts[3] = GTK_WIDGET (self->controls);
  parts[4] = GTK_WIDGET (self->strip);
  return 5;
}

void
viz_explore_view_add_actions (VizExploreView *self, GActionMap *actions)
{
  g_autoptr (GPropertyAction) trail = g_property_action_new ("occluder-trail", self->canvas, "trail");

  g_action_map_add_action (actions, G_ACTION (trail));
}
