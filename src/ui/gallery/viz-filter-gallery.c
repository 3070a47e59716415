/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-filter-gallery"
#include "config.h"

#include "viz-filter-gallery-private.h"
#include "viz-thumbnail.h"

#include <glib/gi18n.h>

#include "widgets/viz-list-keys.h"
#include <math.h>

/* pictures are made in slices of this long, below the priority of drawing */
#define SLICE_US 3000
#define SLICE_PRIORITY (GDK_PRIORITY_REDRAW + 10)

G_DEFINE_FINAL_TYPE (VizFilterGallery, viz_filter_gallery, GTK_TYPE_WIDGET)

enum { FILTER_SELECTED, FILTER_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];
static GParamSpec *properties[VIZ_GALLERY_N_PROPS];

static void
notify (VizFilterGallery *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
render_cell (VizFilterGallery *self, VizGalleryCell *cell)
{
  guint size = (guint)(self->cell_size * gtk_widget_get_scale_factor (GTK_WIDGET (self)));
  g_autoptr (GdkTexture) texture = viz_thumbnail_render (self->gallery, viz_gallery_cell_get_index (cell),
                                                         size, self->shared, self->colormap);
  viz_gallery_cell_set_texture (cell, texture);
}

/** Makes pictures until the slice is used up: what was asked for last is what is in sight. */
static gboolean
slice_cb (gpointer data)
{
  VizFilterGallery *self = data;
  gint64 end = g_get_monotonic_time () + SLICE_US;
  do {
    VizGalleryCell *cell = g_queue_pop_head (&self->pending);
    if (cell != NULL && self->gallery != NULL)
      render_cell (self, cell);
  } while (!g_queue_is_empty (&self->pending) && g_get_monotonic_time () < end);
  if (!g_queue_is_empty (&self->pending))
    return G_SOURCE_CONTINUE;
  self->idle = 0;
  return G_SOURCE_REMOVE;
}

static void
request_picture (VizFilterGallery *self, VizGalleryCell *cell)
{
  g_queue_remove (&self->pending, cell);
  g_queue_push_head (&self->pending, cell);
  if (self->idle == 0)
    self->idle = g_idle_add_full (SLICE_PRIORITY, slice_cb, self, NULL);
}

static void
fill_cell (VizFilterGallery *self, VizGalleryCell *cell, guint index)
{
  if (self->gallery == NULL || index >= self->gallery->n)
    return;
  viz_gallery_cell_set_size (cell, self->cell_size);
  viz_gallery_cell_set (cell, self->gallery, index);
  request_picture (self, cell);
}

static void
refill_cells (VizFilterGallery *self)
{
  GHashTableIter iter;
  gpointer cell;
  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &cell, NULL))
    fill_cell (self, cell, viz_gallery_cell_get_index (cell));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, VizFilterGallery *self)
{
  GtkWidget *cell = viz_gallery_cell_new ();
  viz_gallery_cell_set_size (VIZ_GALLERY_CELL (cell), self->cell_size);
  gtk_list_item_set_child (item, cell);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, VizFilterGallery *self)
{
  VizGalleryCell *cell = VIZ_GALLERY_CELL (gtk_list_item_get_child (item));
  g_hash_table_add (self->bound, cell);
  fill_cell (self, cell, viz_filter_item_get_index (gtk_list_item_get_item (item)));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, VizFilterGallery *self)
{
  VizGalleryCell *cell = VIZ_GALLERY_CELL (gtk_list_item_get_child (item));
  g_hash_table_remove (self->bound, cell);
  g_queue_remove (&self->pending, cell);
  viz_gallery_cell_set (cell, NULL, 0);
}

static void
activate_cb (GtkGridView *view, guint position, VizFilterGallery *self)
{
  g_signal_emit (self, signals[FILTER_ACTIVATED], 0, (int)viz_filter_model_get_index (self->model, position));
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, VizFilterGallery *self)
{
  guint position = gtk_single_selection_get_selected (selection);
  int index =
      position != GTK_INVALID_LIST_POSITION ? (int)viz_filter_model_get_index (self->model, position) : -1;
  if (self->selecting || index == self->selected)
    return;
  self->selected = index;
  notify (self, VIZ_GALLERY_PROP_SELECTED);
  g_signal_emit (self, signals[FILTER_SELECTED], 0, index);
}

/* A view without any room, as under a pane that is pulled shut, complains. */
static void
scroll_now (VizFilterGallery *self)
{
  if (gtk_widget_get_mapped (self->view) && gtk_widget_get_height (self->view) > 1)
    gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", self->scroll_to);
}

static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  VizFilterGallery *self = VIZ_FILTER_GALLERY (widget);
  if (self->scroll_frames-- > 0)
    return G_SOURCE_CONTINUE;
  self->scroll_tick = 0;
  scroll_now (self);
  return G_SOURCE_REMOVE;
}

/**
 * Brings a position into view. By the action, not the adjustment: GTK 4.8's first jump of a fresh list's
 * adjustment shows empty cells. And again when the view has laid out new contents, before which the action
 * does nothing.
 */
static void
scroll_to (VizFilterGallery *self, guint position)
{
  self->scroll_to = position;
  self->scroll_frames = 1;
  scroll_now (self);
  if (self->scroll_tick == 0)
    self->scroll_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), scroll_cb, NULL, NULL);
}

/** Puts selection and view where @self->selected is. */
static void
show_selected (VizFilterGallery *self, gboolean scroll)
{
  guint position =
      self->selected >= 0 ? viz_filter_model_find (self->model, (guint)self->selected) : G_MAXUINT;
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection,
                                     position != G_MAXUINT ? position : GTK_INVALID_LIST_POSITION);
  self->selecting = FALSE;
  if (scroll && position != G_MAXUINT)
    scroll_to (self, position);
}

static void
set_order (VizFilterGallery *self)
{
  guint n = self->gallery != NULL ? self->gallery->n : 0;
  g_autofree float *keys = NULL;
  if (self->sort != VIZ_GALLERY_SORT_INDEX && n > 0) {
    keys = g_new0 (float, n);
    for (guint i = 0; i < n; i++)
      if (self->sort == VIZ_GALLERY_SORT_STRENGTH)
        keys[i] = fabsf (cnn_gallery_strength (self->gallery, i));
      else if (i < self->n_changes)
        keys[i] = fabsf (self->changes[i]);
  }
  self->selecting = TRUE;
  viz_filter_model_set (self->model, n, keys);
  self->selecting = FALSE;
}

static void
update_message (VizFilterGallery *self)
{
  gboolean cells = self->gallery != NULL && self->gallery->n > 0;
  gtk_stack_set_visible_child (GTK_STACK (self->stack), cells ? self->scrolled : self->message);
}

void
viz_filter_gallery_set_gallery (VizFilterGallery *self, CnnGallery *gallery)
{
  CnnGallery *old = self->gallery;
  gboolean same;
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  same =
      old != NULL && gallery != NULL && old->n == gallery->n && g_strcmp0 (old->layer, gallery->layer) == 0;
  self->gallery = gallery != NULL ? cnn_gallery_ref (gallery) : NULL;
  if (!same) {
    g_clear_pointer (&self->changes, g_free);
    self->n_changes = 0;
    if (self->sort == VIZ_GALLERY_SORT_CHANGE)
      viz_filter_gallery_set_sort (self, VIZ_GALLERY_SORT_INDEX);
    viz_filter_gallery_set_selected (self, -1);
  }
  if (gallery != NULL && gallery->is_kernels)
    self->inputs = gallery->inputs;
  if (gallery != NULL)
    viz_filter_gallery_set_kind (self, gallery->is_kernels ? VIZ_GALLERY_KERNELS : VIZ_GALLERY_ACTIVATIONS);
  set_order (self);
  refill_cells (self);
  show_selected (self, FALSE);
  if (!same && gallery != NULL && gallery->n > 0)
    scroll_to (self, 0);
  update_message (self);
  _viz_gallery_update_header (self);
  viz_filter_gallery_set_stale (self, FALSE);
  g_clear_pointer (&old, cnn_gallery_unref);
}

CnnGallery *
viz_filter_gallery_get_gallery (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), NULL);
  return self->gallery;
}

void
viz_filter_gallery_set_message (VizFilterGallery *self, const char *message)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  gtk_label_set_text (GTK_LABEL (self->message),
                      message != NULL ? message : _ ("Select a layer to see its filters"));
}

void
viz_filter_gallery_set_kinds (VizFilterGallery *self, gboolean kernels, gboolean activations)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  gtk_widget_set_sensitive (self->kernels, kernels);
  gtk_widget_set_sensitive (self->activations, activations);
}

void
viz_filter_gallery_set_kind (VizFilterGallery *self, VizGalleryKind kind)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  if (kind == self->kind)
    return;
  self->kind = kind;
  _viz_gallery_update_header (self);
  notify (self, VIZ_GALLERY_PROP_KIND);
}

VizGalleryKind
viz_filter_gallery_get_kind (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), VIZ_GALLERY_ACTIVATIONS);
  return self->kind;
}

void
viz_filter_gallery_set_inputs (VizFilterGallery *self, int inputs)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  if (inputs == self->inputs)
    return;
  self->inputs = inputs;
  _viz_gallery_update_header (self);
  notify (self, VIZ_GALLERY_PROP_INPUTS);
}

int
viz_filter_gallery_get_inputs (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), CNN_GALLERY_SUITED);
  return self->inputs;
}

void
viz_filter_gallery_set_sort (VizFilterGallery *self, VizGallerySort sort)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  if (sort == VIZ_GALLERY_SORT_CHANGE && self->n_changes == 0)
    sort = VIZ_GALLERY_SORT_INDEX;
  if (sort == self->sort)
    return;
  self->sort = sort;
  set_order (self);
  show_selected (self, TRUE);
  _viz_gallery_update_header (self);
  notify (self, VIZ_GALLERY_PROP_SORT);
}

VizGallerySort
viz_filter_gallery_get_sort (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), VIZ_GALLERY_SORT_INDEX);
  return self->sort;
}

void
viz_filter_gallery_set_shared_scale (VizFilterGallery *self, gboolean shared)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  shared = shared != FALSE;
  if (shared == self->shared)
    return;
  self->shared = shared;
  refill_cells (self);
  _viz_gallery_update_header (self);
  notify (self, VIZ_GALLERY_PROP_SHARED_SCALE);
}

gboolean
viz_filter_gallery_get_shared_scale (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), FALSE);
  return self->shared;
}

void
viz_filter_gallery_set_cell_size (VizFilterGallery *self, int size)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  size = CLAMP (size, VIZ_GALLERY_MIN_SIZE, VIZ_GALLERY_MAX_SIZE);
  if (size == self->cell_size)
    return;
  self->cell_size = size;
  refill_cells (self);
  _viz_gallery_update_header (self);
  notify (self, VIZ_GALLERY_PROP_CELL_SIZE);
}

int
viz_filter_gallery_get_cell_size (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), 0);
  return self->cell_size;
}

void
viz_filter_gallery_set_colormap (VizFilterGallery *self, const CnnColormap *colormap)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  if (colormap == self->colormap)
    return;
  self->colormap = colormap;
  refill_cells (self);
}

void
viz_filter_gallery_set_stale (VizFilterGallery *self, gboolean stale)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  stale = stale != FALSE;
  if (stale == self->stale)
    return;
  self->stale = stale;
  gtk_widget_set_opacity (self->scrolled, stale ? 0.5 : 1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_STATE_BUSY, stale, -1);
  notify (self, VIZ_GALLERY_PROP_STALE);
}

void
viz_filter_gallery_set_changes (VizFilterGallery *self, const float *changes, guint n)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  g_free (self->changes);
  self->changes = n > 0 ? g_memdup2 (changes, n * sizeof *changes) : NULL;
  self->n_changes = n;
  if (self->sort == VIZ_GALLERY_SORT_CHANGE && n == 0) {
    viz_filter_gallery_set_sort (self, VIZ_GALLERY_SORT_INDEX);
  } else if (self->sort == VIZ_GALLERY_SORT_CHANGE) {
    set_order (self);
    show_selected (self, FALSE);
  }
  _viz_gallery_update_header (self);
}

void
viz_filter_gallery_set_selected (VizFilterGallery *self, int index)
{
  g_return_if_fail (VIZ_IS_FILTER_GALLERY (self));
  if (index < -1 || self->gallery == NULL || (guint)index >= self->gallery->n)
    index = -1;
  if (index == self->selected)
    return;
  self->selected = index;
  show_selected (self, TRUE);
  notify (self, VIZ_GALLERY_PROP_SELECTED);
}

int
viz_filter_gallery_get_selected (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), -1);
  return self->selected;
}

guint
viz_filter_gallery_get_pending (VizFilterGallery *self)
{
  g_return_val_if_fail (VIZ_IS_FILTER_GALLERY (self), 0);
  return g_queue_get_length (&self->pending);
}

static void
viz_filter_gallery_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  VizFilterGallery *self = VIZ_FILTER_GALLERY (object);
  switch (prop) {
  case VIZ_GALLERY_PROP_KIND:
    g_value_set_int (value, (int)self->kind);
    break;
  case VIZ_GALLERY_PROP_SORT:
    g_value_set_int (value, (int)self->sort);
    break;
  case VIZ_GALLERY_PROP_INPUTS:
    g_value_set_int (value, self->inputs);
    break;
  case VIZ_GALLERY_PROP_SHARED_SCALE:
    g_value_set_boolean (value, self->shared);
    break;
  case VIZ_GALLERY_PROP_CELL_SIZE:
    g_value_set_int (value, self->cell_size);
    break;
  case VIZ_GALLERY_PROP_SELECTED:
    g_value_set_int (value, self->selected);
    break;
  case VIZ_GALLERY_PROP_STALE:
    g_value_set_boolean (value, self->stale);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
  }
}

static void
viz_filter_gallery_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  VizFilterGallery *self = VIZ_FILTER_GALLERY (object);
  switch (prop) {
  case VIZ_GALLERY_PROP_KIND:
    viz_filter_gallery_set_kind (self, (VizGalleryKind)g_value_get_int (value));
    break;
  case VIZ_GALLERY_PROP_SORT:
    viz_filter_gallery_set_sort (self, (VizGallerySort)g_value_get_int (value));
    break;
  case VIZ_GALLERY_PROP_INPUTS:
    viz_filter_gallery_set_inputs (self, g_value_get_int (value));
    break;
  case VIZ_GALLERY_PROP_SHARED_SCALE:
    viz_filter_gallery_set_shared_scale (self, g_value_get_boolean (value));
    break;
  case VIZ_GALLERY_PROP_CELL_SIZE:
    viz_filter_gallery_set_cell_size (self, g_value_get_int (value));
    break;
  case VIZ_GALLERY_PROP_SELECTED:
    viz_filter_gallery_set_selected (self, g_value_get_int (value));
    break;
  case VIZ_GALLERY_PROP_STALE:
    viz_filter_gallery_set_stale (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
  }
}

static void
viz_filter_gallery_dispose (GObject *object)
{
  VizFilterGallery *self = VIZ_FILTER_GALLERY (object);
  g_clear_handle_id (&self->idle, g_source_remove);
  if (self->scroll_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->scroll_tick);
  self->scroll_tick = 0;
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_queue_clear (&self->pending);
  g_clear_pointer (&self->bound, g_hash_table_unref);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_pointer (&self->gallery, cnn_gallery_unref);
  g_clear_pointer (&self->changes, g_free);
  G_OBJECT_CLASS (viz_filter_gallery_parent_class)->dispose (object);
}

static void
viz_filter_gallery_class_init (VizFilterGalleryClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = G_TYPE_FROM_CLASS (class);
  object_class->dispose = viz_filter_gallery_dispose;
  object_class->get_property = viz_filter_gallery_get_property;
  object_class->set_property = viz_filter_gallery_set_property;
  properties[VIZ_GALLERY_PROP_KIND] =
      g_param_spec_int ("kind", NULL, NULL, 0, 1, VIZ_GALLERY_ACTIVATIONS, flags);
  properties[VIZ_GALLERY_PROP_SORT] =
      g_param_spec_int ("sort", NULL, NULL, 0, 2, VIZ_GALLERY_SORT_INDEX, flags);
  properties[VIZ_GALLERY_PROP_INPUTS] =
      g_param_spec_int ("inputs", NULL, NULL, CNN_GALLERY_NORM, G_MAXINT, CNN_GALLERY_SUITED, flags);
  properties[VIZ_GALLERY_PROP_SHARED_SCALE] = g_param_spec_boolean ("shared-scale", NULL, NULL, FALSE, flags);
  properties[VIZ_GALLERY_PROP_CELL_SIZE] =
      g_param_spec_int ("cell-size", NULL, NULL, VIZ_GALLERY_MIN_SIZE, VIZ_GALLERY_MAX_SIZE, 64, flags);
  properties[VIZ_GALLERY_PROP_SELECTED] = g_param_spec_int ("selected", NULL, NULL, -1, G_MAXINT, -1, flags);
  properties[VIZ_GALLERY_PROP_STALE] = g_param_spec_boolean ("stale", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, VIZ_GALLERY_N_PROPS, properties);
  signals[FILTER_SELECTED] = g_signal_new ("filter-selected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_INT);
  signals[FILTER_ACTIVATED] = g_signal_new ("filter-activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                            G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "filtergallery");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_view (VizFilterGallery *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *view;
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  view = gtk_grid_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  /* the view makes 32 cells per column that there might be */
  viz_list_leave_by_tab (view);
  gtk_grid_view_set_min_columns (GTK_GRID_VIEW (view), 1);
  gtk_grid_view_set_max_columns (GTK_GRID_VIEW (view), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filters"), -1);
  g_signal_connect (view, "activate", G_CALLBACK (activate_cb), self);
  return view;
}

static void
viz_filter_gallery_init (VizFilterGallery *self)
{
  self->kind = VIZ_GALLERY_ACTIVATIONS;
  self->inputs = CNN_GALLERY_SUITED;
  self->cell_size = 64;
  self->selected = -1;
  g_queue_init (&self->pending);
  self->bound = g_hash_table_new (NULL, NULL);
  self->model = viz_filter_model_new ();
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->model)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), _viz_gallery_make_header (self));
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  self->view = make_view (self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->view);
  gtk_stack_add_child (GTK_STACK (self->stack), self->scrolled);
  self->message = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->message), TRUE);
  gtk_widget_add_css_class (self->message, "dim-label");
  gtk_stack_add_child (GTK_STACK (self->stack), self->message);
  gtk_box_append (GTK_BOX (self->box), self->stack);
  viz_filter_gallery_set_message (self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filter gallery"),
                                  -1);
  update_message (self);
  _viz_gallery_update_header (self);
}

GtkWidget *
viz_filter_gallery_new (void)
{
  return g_object_new (VIZ_TYPE_FILTER_GALLERY, NULL);
}
