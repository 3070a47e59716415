/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-image-strip.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "widgets/viz-list-keys.h"
#include <string.h>

#include "viz-mistakes-bar.h"
#include "viz-strip-item.h"

/* Thumbnails of longer lists are read again when they come back into sight. */
#define MOST_KEPT 600
#define THUMBNAIL_HEIGHT 52
#define THUMBNAIL_WIDTH 76

struct _VizImageStrip {
  GtkWidget parent;
  VizMistakesBar *bar;
  GtkListView *view;
  GListStore *items; /* VizStripItem */
  GtkSingleSelection *selection;
  char *same; /* with what most names begin, up to a separator: it tells nothing */
  VizDocument *document;
  VizEvaluator *evaluator;
  gboolean updating;
  guint scroll; /* the idle source that brings the open one into sight */
};

G_DEFINE_FINAL_TYPE (VizImageStrip, viz_image_strip, GTK_TYPE_WIDGET)

static guint open_signal;

/* The parts of a cell. */
typedef struct {
  GtkWidget *picture, *fault, *caption;
  VizStripItem *item;
} Cell;

static void
show_thumbnail (Cell *cell)
{
  GdkTexture *texture = viz_strip_item_get_texture (cell->item);

  gtk_picture_set_paintable (GTK_PICTURE (cell->picture), texture != NULL ? GDK_PAINTABLE (texture) : NULL);
  gtk_widget_set_visible (cell->fault, viz_strip_item_get_failed (cell->item));
}

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

/* Of the name what tells the picture from the others: without their common beginning and its ending. */
static char *
short_name (VizImageStrip *self, const char *base)
{
  const char *dot = strrchr (base, '.');
  const char *start =
      self->same != NULL && g_str_has_prefix (base, self->same) ? base + strlen (self->same) : base;
  g_autofree char *name =
      dot != NULL && dot > start ? g_strndup (start, (gsize)(dot - start)) : g_strdup (start);

  return g_utf8_make_valid (name, -1);
}

/* The file's name, or where its class is known "8 → 2". */
static void
show_caption (VizImageStrip *self, Cell *cell)
{
  const char *path = viz_strip_item_get_path (cell->item);
  const CnnJudgement *judgement = self->evaluator != NULL ? viz_evaluator_find (self->evaluator, path) : NULL;
  g_autofree char *base = g_path_get_basename (path), *name = g_utf8_make_valid (base, -1);
  g_autofree char *caption = NULL, *tip = NULL, *shown = short_name (self, base);
  gboolean wrong = judgement != NULL && !judgement->failed && judgement->predicted != judgement->truth;
  gboolean failed = viz_strip_item_get_failed (cell->item) || (judgement != NULL && judgement->failed);

  if (failed) {
    tip = g_strdup_printf (_ ("%s cannot be read"), name);
  } else if (judgement != NULL) {
    const CnnEvaluation *evaluation = viz_evaluator_get_evaluation (self->evaluator);
    const char *truth = cnn_truth_get_name (evaluation->truth, evaluation->model, judgement->truth);
    const char *predicted = cnn_truth_get_name (evaluation->truth, evaluation->model, judgement->predicted);
    double percent = 100 * (double)judgement->confidence;

    caption = wrong ? g_strdup_printf ("%s → %s", truth, predicted) : g_strdup (truth);
    tip = wrong ? g_strdup_printf (_ ("%s\n%s, taken for %s (%.1f %%); the right one got %.1f %%"), name,
                                   truth, predicted, percent, 100 * (double)judgement->truth_probability)
                : g_strdup_printf (_ ("%s\n%s, right (%.1f %%)"), name, truth, percent);
  }
  gtk_label_set_text (GTK_LABEL (cell->caption), caption != NULL ? caption : shown);
  set_class (cell->caption, "error", wrong || failed);
  gtk_widget_set_tooltip_text (gtk_widget_get_parent (cell->caption), tip != NULL ? tip : name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (cell->picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tip != NULL ? tip : name, -1);
}

static void
on_thumbnail (VizStripItem *item, GParamSpec *pspec, GtkListItem *list_item)
{
  VizImageStrip *self = g_object_get_data (G_OBJECT (list_item), "viz-strip");
  Cell *cell = g_object_get_data (G_OBJECT (list_item), "viz-cell");

  show_thumbnail (cell);
  show_caption (self, cell);
}

static void
setup_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, VizImageStrip *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *overlay = gtk_overlay_new ();
  Cell *cell = g_new0 (Cell, 1);

  cell->picture = gtk_picture_new ();
  cell->fault = gtk_image_new_from_icon_name ("image-missing-symbolic");
  cell->caption = gtk_label_new (NULL);
  gtk_widget_set_size_request (cell->picture, THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT);
  gtk_picture_set_can_shrink (GTK_PICTURE (cell->picture), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (cell->caption), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (cell->caption), 11);
  gtk_widget_add_css_class (cell->caption, "caption");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), cell->picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), cell->fault);
  gtk_box_append (GTK_BOX (box), overlay);
  gtk_box_append (GTK_BOX (box), cell->caption);
  gtk_list_item_set_child (list_item, box);
  g_object_set_data (G_OBJECT (list_item), "viz-strip", self);
  g_object_set_data_full (G_OBJECT (list_item), "viz-cell", cell, g_free);
}

static void
bind_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, VizImageStrip *self)
{
  Cell *cell = g_object_get_data (G_OBJECT (list_item), "viz-cell");

  cell->item = gtk_list_item_get_item (list_item);
  g_signal_connect (cell->item, "notify", G_CALLBACK (on_thumbnail), list_item);
  viz_strip_item_want (cell->item, TRUE, TRUE);
  show_thumbnail (cell);
  show_caption (self, cell);
}

static void
unbind_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, VizImageStrip *self)
{
  Cell *cell = g_object_get_data (G_OBJECT (list_item), "viz-cell");

  g_signal_handlers_disconnect_by_func (cell->item, on_thumbnail, list_item);
  viz_strip_item_want (cell->item, FALSE, g_list_model_get_n_items (G_LIST_MODEL (self->items)) <= MOST_KEPT);
  cell->item = NULL;
}

static gboolean
scroll_cb (gpointer data)
{
  VizImageStrip *self = data;
  guint position = gtk_single_selection_get_selected (self->selection);

  self->scroll = 0;
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
  return G_SOURCE_REMOVE;
}

static void
show_position (VizImageStrip *self)
{
  int position = viz_document_get_image_position (self->document);

  self->updating = TRUE;
  gtk_single_selection_set_selected (self->selection,
                                     position >= 0 ? (guint)position : GTK_INVALID_LIST_POSITION);
  self->updating = FALSE;
  /* after the rows are laid out */
  if (self->scroll == 0)
    self->scroll = g_idle_add (scroll_cb, self);
}

/* Whether the strip shows the document's list already. */
static gboolean
is_listed (VizImageStrip *self)
{
  guint n = viz_document_get_n_images (self->document);

  if (n != g_list_model_get_n_items (G_LIST_MODEL (self->items)))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    g_autoptr (VizStripItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

    if (g_strcmp0 (viz_strip_item_get_path (item), viz_document_get_listed_image (self->document, i)) != 0)
      return FALSE;
  }
  return TRUE;
}

static gsize
shared_bytes (const char *a, const char *b)
{
  gsize n = 0;

  while (a[n] != '\0' && a[n] == b[n])
    n++;
  return n;
}

/* With what most names begin: the first word of the first, and what more all that have it share; ends behind
 * a
 * "-", "_", "." or blank. %NULL: too few begin with it. */
static char *
find_same (VizDocument *document)
{
  guint n = viz_document_get_n_images (document), having = 0;
  g_autofree char *first = n > 1 ? g_path_get_basename (viz_document_get_listed_image (document, 0)) : NULL;
  gsize word = first != NULL ? strcspn (first, "-_. ") : 0, same = first != NULL ? strlen (first) : 0;

  for (guint i = 0; i < n && first != NULL; i++) {
    g_autofree char *name = g_path_get_basename (viz_document_get_listed_image (document, i));
    gsize shared = shared_bytes (first, name);

    if (shared <= word)
      continue;
    having++;
    if (i > 0)
      same = MIN (same, shared);
  }
  while (same > 0 && strchr ("-_. ", first[same - 1]) == NULL)
    same--;
  return 2 * having > n && same > 0 ? g_strndup (first, same) : NULL;
}

static void
show_list (VizImageStrip *self)
{
  guint n = viz_document_get_n_images (self->document);
  g_autoptr (GPtrArray) items = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), n > 1 || viz_mistakes_bar_is_used (self->bar));
  if (is_listed (self))
    return;
  g_free (self->same);
  self->same = find_same (self->document);
  items = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (items, viz_strip_item_new (viz_document_get_listed_image (self->document, i)));
  self->updating = TRUE;
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)), items->pdata,
                       n);
  self->updating = FALSE;
}

static void
on_changed (VizDocument *document, guint what, VizImageStrip *self)
{
  if (what & VIZ_CHANGED_IMAGE) {
    show_list (self);
    show_position (self);
  }
}

/* Captions follow the evaluation. */
static void
on_evaluation (VizImageStrip *self)
{
  GtkWidget *view = GTK_WIDGET (self->view);
  GtkListItemFactory *factory = g_object_ref (gtk_list_view_get_factory (self->view));

  show_list (self);
  if (gtk_widget_get_mapped (view) && !viz_evaluator_get_running (self->evaluator)) {
    /* binds the cells anew */
    self->updating = TRUE;
    gtk_list_view_set_factory (self->view, NULL);
    gtk_list_view_set_factory (self->view, factory);
    self->updating = FALSE;
  }
  g_object_unref (factory);
  show_position (self);
}

static void
on_selected (VizImageStrip *self)
{
  VizStripItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (!self->updating && item != NULL &&
      g_strcmp0 (viz_strip_item_get_path (item), viz_document_get_image_path (self->document)) != 0)
    g_signal_emit (self, open_signal, 0, viz_strip_item_get_path (item));
}

static void
viz_image_strip_dispose (GObject *object)
{
  VizImageStrip *self = VIZ_IMAGE_STRIP (object);

  g_clear_pointer (&self->same, g_free);
  g_clear_handle_id (&self->scroll, g_source_remove);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  if (self->evaluator != NULL)
    g_signal_handlers_disconnect_by_data (self->evaluator, self);
  self->updating = TRUE;
  viz_widget_drop_children (GTK_WIDGET (self));
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_object (&self->evaluator);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (viz_image_strip_parent_class)->dispose (object);
}

static void
viz_image_strip_class_init (VizImageStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = viz_image_strip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  open_signal = g_signal_new ("open", VIZ_TYPE_IMAGE_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
viz_image_strip_init (VizImageStrip *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
                                  GTK_ORIENTATION_VERTICAL);
  self->bar = VIZ_MISTAKES_BAR (viz_mistakes_bar_new ());
  self->items = g_list_store_new (VIZ_TYPE_STRIP_ITEM);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->items)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cell), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cell), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cell), self);
  self->view =
      GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  viz_list_leave_by_tab (GTK_WIDGET (self->view));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->view), GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "viz-strip");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Open pictures"), -1);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (on_selected), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->view));
  gtk_widget_set_parent (GTK_WIDGET (self->bar), GTK_WIDGET (self));
  gtk_widget_set_parent (scrolled, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
viz_image_strip_new (void)
{
  return g_object_new (VIZ_TYPE_IMAGE_STRIP, NULL);
}

void
viz_image_strip_set_document (VizImageStrip *self, VizDocument *document)
{
  g_return_if_fail (VIZ_IS_IMAGE_STRIP (self));
  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
}

void
viz_image_strip_set_evaluator (VizImageStrip *self, VizEvaluator *evaluator)
{
  g_return_if_fail (VIZ_IS_IMAGE_STRIP (self) && self->document != NULL);
  g_set_object (&self->evaluator, evaluator);
  viz_mistakes_bar_set_evaluator (self->bar, self->document, evaluator);
  g_signal_connect_swapped (evaluator, "changed", G_CALLBACK (on_evaluation), self);
}
