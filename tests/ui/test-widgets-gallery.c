/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gallery/viz-filter-gallery.h"
#include "gallery/viz-filter-model.h"
#include "gallery/viz-gallery-cell.h"
#include "gallery/viz-thumbnail.h"
#include "widgets-common.h"

#include <math.h>

typedef struct {
  guint selected, activated, kinds;
  int index;
} Told;

static void
selected_cb (VizFilterGallery *gallery, int index, Told *told)
{
  told->selected++;
  told->index = index;
}

static void
activated_cb (VizFilterGallery *gallery, int index, Told *told)
{
  told->activated++;
  told->index = index;
}

static void
kind_cb (VizFilterGallery *gallery, GParamSpec *pspec, Told *told)
{
  told->kinds++;
}

static gboolean
all_made (gpointer gallery)
{
  return viz_filter_gallery_get_pending (gallery) == 0;
}

/** Cells that lie inside the gallery and show something. */
static void
find_cells (GtkWidget *widget, GtkWidget *gallery, GPtrArray *cells)
{
  graphene_rect_t bounds;
  if (VIZ_IS_GALLERY_CELL (widget) && gtk_widget_get_mapped (widget) &&
      gtk_widget_get_child_visible (widget) &&
      viz_gallery_cell_get_index (VIZ_GALLERY_CELL (widget)) != G_MAXUINT &&
      gtk_widget_compute_bounds (widget, gallery, &bounds) && bounds.origin.y + bounds.size.height / 2 > 0 &&
      bounds.origin.y + bounds.size.height / 2 < (float)gtk_widget_get_height (gallery))
    g_ptr_array_add (cells, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_cells (child, gallery, cells);
}

static VizGalleryCell *
cell_of (VizFilterGallery *gallery, guint index)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  find_cells (GTK_WIDGET (gallery), GTK_WIDGET (gallery), cells);
  for (guint i = 0; i < cells->len; i++)
    if (viz_gallery_cell_get_index (cells->pdata[i]) == index)
      return cells->pdata[i];
  return NULL;
}

typedef struct {
  VizFilterGallery *gallery;
  guint index;
} Sought;

static gboolean
in_sight (gpointer data)
{
  Sought *sought = data;
  return cell_of (sought->gallery, sought->index) != NULL;
}

static void
assert_in_sight (VizFilterGallery *gallery, guint index)
{
  Sought sought = { gallery, index };
  g_assert_true (widgets_wait (in_sight, &sought));
}

static VizFilterGallery *
make_gallery (Told *told)
{
  VizFilterGallery *gallery = VIZ_FILTER_GALLERY (viz_filter_gallery_new ());
  *told = (Told){ .index = -2 };
  g_signal_connect (gallery, "filter-selected", G_CALLBACK (selected_cb), told);
  g_signal_connect (gallery, "filter-activated", G_CALLBACK (activated_cb), told);
  g_signal_connect (gallery, "notify::kind", G_CALLBACK (kind_cb), told);
  return gallery;
}

/** The order is by strength, then by number; telling it the same again tells nobody. */
static void
test_model (void)
{
  const float keys[5] = { 1, 3, NAN, 3, 2 };
  const guint expected[5] = { 1, 3, 4, 0, 2 };
  g_autoptr (VizFilterModel) model = viz_filter_model_new ();
  viz_filter_model_set (model, 5, keys);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 5);
  for (guint i = 0; i < 5; i++) {
    g_autoptr (VizFilterItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);
    g_autoptr (VizFilterItem) again = g_list_model_get_item (G_LIST_MODEL (model), i);
    g_assert_true (item == again);
    g_assert_cmpuint (viz_filter_item_get_index (item), ==, expected[i]);
    g_assert_cmpuint (viz_filter_model_find (model, expected[i]), ==, i);
  }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), 5));
  viz_filter_model_set (model, 0, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  g_assert_cmpuint (viz_filter_model_find (model, 0), ==, G_MAXUINT);
}

static guint32 *
download (GdkTexture *texture)
{
  int w = gdk_texture_get_width (texture);
  guint32 *pixels = g_new (guint32, (gsize)w * (gsize)gdk_texture_get_height (texture));
  gdk_texture_download (texture, (guchar *)pixels, (gsize)w * 4);
  return pixels;
}

/** A kernel of 3x3 fills 64 pixels with squares of 21; zero is the middle gray. */
static void
test_thumbnail_small (void)
{
  g_autoptr (CnnGallery) gallery = widgets_gallery (1, 3, 3, 1, TRUE);
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree guint32 *pixels = NULL;
  for (guint i = 0; i < 9; i++)
    gallery->values[i] = i == 4 ? 0 : i == 0 ? -2 : 1;
  gallery->min[0] = -2;
  gallery->max[0] = 1;
  texture = viz_thumbnail_render (gallery, 0, 64, FALSE, NULL);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, 63);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, 63);
  pixels = download (texture);
  g_assert_cmphex (pixels[0], ==, 0xff000000);
  g_assert_cmphex (pixels[20 * 63 + 20], ==, 0xff000000);
  g_assert_cmphex (pixels[31 * 63 + 31], ==, 0xff808080);
  g_assert_cmphex (pixels[21], ==, 0xffbfbfbf);
}

static void
test_thumbnail_large (void)
{
  g_autoptr (CnnGallery) gallery = widgets_gallery (2, 200, 100, 1, FALSE);
  g_autoptr (GdkTexture) own = NULL, shared = NULL;
  g_autofree guint32 *own_pixels = NULL, *shared_pixels = NULL;
  for (guint i = 0; i < 20000; i++) {
    gallery->values[i] = i % 200 < 100 ? 0 : 1;
    gallery->values[20000 + i] = 4;
  }
  gallery->min[0] = 0;
  gallery->max[0] = 1;
  gallery->min[1] = gallery->max[1] = 4;
  own = viz_thumbnail_render (gallery, 0, 50, FALSE, NULL);
  shared = viz_thumbnail_render (gallery, 0, 50, TRUE, NULL);
  g_assert_cmpint (gdk_texture_get_width (own), ==, 50);
  g_assert_cmpint (gdk_texture_get_height (own), ==, 25);
  own_pixels = download (own);
  shared_pixels = download (shared);
  g_assert_cmphex (own_pixels[0], ==, 0xff000000);
  g_assert_cmphex (own_pixels[49], ==, 0xffffffff);
  g_assert_cmphex (shared_pixels[49], ==, 0xff404040);
  g_assert_true (cnn_gallery_is_dead (gallery, 1));
  g_assert_false (cnn_gallery_is_dead (gallery, 0));
}

static void
test_thumbnail_colour (void)
{
  g_autoptr (CnnGallery) gallery = widgets_gallery (1, 1, 1, 3, TRUE);
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree guint32 *pixels = NULL;
  gallery->values[0] = 1;
  gallery->values[1] = 0;
  gallery->values[2] = -1;
  gallery->min[0] = -1;
  gallery->max[0] = 1;
  texture = viz_thumbnail_render (gallery, 0, 1, FALSE, NULL);
  pixels = download (texture);
  g_assert_cmphex (pixels[0], ==, 0xffff8000);
}

/** What cells show, in words; dead ones say so. */
static void
test_cells (void)
{
  g_autoptr (CnnGallery) pictures = widgets_gallery (64, 24, 24, 1, FALSE);
  g_autofree char *label = NULL;
  Told told;
  VizFilterGallery *gallery = make_gallery (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (gallery), 1000, 420);
  pictures->mean[0] = 0.12f;
  pictures->zero_share[0] = 0.25f;
  viz_filter_gallery_set_gallery (gallery, pictures);
  widgets_wait_frame (window);
  g_assert_true (widgets_wait (all_made, gallery));
  VizGalleryCell *cell = cell_of (gallery, 0), *dead = cell_of (gallery, 4);
  g_assert_nonnull (cell);
  g_assert_nonnull (dead);
  g_assert_nonnull (viz_gallery_cell_get_texture (cell));
  g_assert_cmpint (gdk_texture_get_width (viz_gallery_cell_get_texture (cell)), ==, 48);
  label = g_strdup_printf ("Filter 0, strongest %.2f, mean 0.12, 25 %% zeros", (double)pictures->max[0]);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (dead), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Filter 4, dead: 0.00 everywhere");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_ROLE_IMG);
  widgets_shot (window, "gallery-activations");
  viz_filter_gallery_set_cell_size (gallery, 96);
  widgets_wait_frame (window);
  g_assert_true (widgets_wait (all_made, gallery));
  g_assert_cmpint (gdk_texture_get_width (viz_gallery_cell_get_texture (cell_of (gallery, 0))), ==, 96);
  viz_filter_gallery_set_gallery (gallery, NULL);
  widgets_wait_frame (window);
  widgets_shot (window, "gallery-empty");
  g_assert_null (cell_of (gallery, 0));
  widgets_close (window, GTK_WIDGET (gallery));
}

static void
inputs_cb (VizFilterGallery *gallery, GParamSpec *pspec, int *told)
{
  *told = viz_filter_gallery_get_inputs (gallery);
}

/** Which input channels deep kernels show: asked for by the person, answered with other pictures. */
static void
test_inputs (void)
{
  g_autoptr (CnnGallery) kernels = widgets_gallery (64, 3, 3, 1, TRUE);
  VizFilterGallery *gallery = VIZ_FILTER_GALLERY (viz_filter_gallery_new ());
  GtkWidget *window = widgets_show (GTK_WIDGET (gallery), 600, 300);
  int told = CNN_GALLERY_SUITED;
  g_signal_connect (gallery, "notify::inputs", G_CALLBACK (inputs_cb), &told);
  kernels->n_inputs = 32;
  kernels->inputs = CNN_GALLERY_MEAN;
  viz_filter_gallery_set_gallery (gallery, kernels);
  g_assert_cmpint (viz_filter_gallery_get_inputs (gallery), ==, CNN_GALLERY_MEAN);
  g_assert_cmpint (told, ==, CNN_GALLERY_SUITED); /* only choices are told */
  viz_filter_gallery_set_inputs (gallery, 31);
  g_assert_cmpint (told, ==, 31);
  viz_filter_gallery_set_inputs (gallery, CNN_GALLERY_NORM);
  g_assert_cmpint (told, ==, CNN_GALLERY_NORM);
  widgets_wait_frame (window);
  widgets_close (window, GTK_WIDGET (gallery));
}

/** The choice stays with the filter when order or contents change. */
static void
test_selection (void)
{
  g_autoptr (CnnGallery) pictures = widgets_gallery (300, 8, 8, 1, FALSE);
  g_autoptr (CnnGallery) newer = widgets_gallery (300, 8, 8, 1, FALSE);
  g_autoptr (CnnGallery) kernels = widgets_gallery (300, 3, 3, 3, TRUE);
  Told told;
  VizFilterGallery *gallery = make_gallery (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (gallery), 800, 400);
  float changes[300] = { 0 };
  viz_filter_gallery_set_gallery (gallery, pictures);
  viz_filter_gallery_set_selected (gallery, 250);
  assert_in_sight (gallery, 250);
  viz_filter_gallery_set_sort (gallery, VIZ_GALLERY_SORT_STRENGTH);
  assert_in_sight (gallery, 250);
  viz_filter_gallery_set_gallery (gallery, newer);
  g_assert_cmpint (viz_filter_gallery_get_selected (gallery), ==, 250);
  viz_filter_gallery_set_sort (gallery, VIZ_GALLERY_SORT_CHANGE);
  g_assert_cmpint (viz_filter_gallery_get_sort (gallery), ==,
                   VIZ_GALLERY_SORT_INDEX); /* there are none yet */
  changes[123] = -5;
  viz_filter_gallery_set_changes (gallery, changes, 300);
  viz_filter_gallery_set_sort (gallery, VIZ_GALLERY_SORT_CHANGE);
  g_assert_cmpint (viz_filter_gallery_get_sort (gallery), ==, VIZ_GALLERY_SORT_CHANGE);
  viz_filter_gallery_set_selected (gallery, -1);
  viz_filter_gallery_set_gallery (gallery, kernels);
  g_assert_cmpint (viz_filter_gallery_get_kind (gallery), ==, VIZ_GALLERY_KERNELS);
  g_assert_cmpuint (told.kinds, ==, 1);
  viz_filter_gallery_set_shared_scale (gallery, TRUE);
  g_assert_true (viz_filter_gallery_get_shared_scale (gallery));
  g_assert_cmpuint (told.selected, ==, 0); /* only the person's choices are told */
  viz_filter_gallery_set_stale (gallery, TRUE);
  widgets_wait_frame (window);
  g_assert_true (widgets_wait (all_made, gallery));
  viz_filter_gallery_set_stale (gallery, FALSE);
  widgets_shot (window, "gallery-kernels");
  widgets_close (window, GTK_WIDGET (gallery));
}

static void
click_cell (VizFilterGallery *gallery, guint index, guint times)
{
  VizGalleryCell *cell = cell_of (gallery, index);
  int x, y;
  g_assert_nonnull (cell);
  widgets_to_screen (GTK_WIDGET (cell), gtk_widget_get_width (GTK_WIDGET (cell)) / 2.0, 20, &x, &y);
  widgets_xdotool ("mousemove %d %d click --repeat %u --delay 40 1", x, y, times);
}

/** Real clicks: one selects, two activate, arrows move. */
static void
test_click (void)
{
  g_autoptr (CnnGallery) pictures = widgets_gallery (64, 24, 24, 1, FALSE);
  Told told;
  VizFilterGallery *gallery;
  GtkWidget *window;
  if (!widgets_have_input ()) {
    g_test_skip ("xdotool is not installed");
    return;
  }
  gallery = make_gallery (&told);
  window = widgets_show (GTK_WIDGET (gallery), 900, 400);
  viz_filter_gallery_set_gallery (gallery, pictures);
  widgets_wait_frame (window);
  click_cell (gallery, 5, 1);
  g_assert_cmpuint (told.selected, ==, 1);
  g_assert_cmpint (told.index, ==, 5);
  g_assert_cmpint (viz_filter_gallery_get_selected (gallery), ==, 5);
  widgets_spin (500); /* not a double click */
  click_cell (gallery, 7, 2);
  g_assert_cmpuint (told.activated, ==, 1);
  g_assert_cmpint (told.index, ==, 7);
  widgets_xdotool ("key Right");
  g_assert_cmpint (viz_filter_gallery_get_selected (gallery), ==, 8);
  widgets_close (window, GTK_WIDGET (gallery));
}

/** Thousands of channels: jumps show pictures, nothing is made for what is out of sight, iterations stay
 * short. */
static void
test_many (void)
{
  g_autoptr (CnnGallery) pictures = widgets_gallery (2048, 28, 28, 1, FALSE);
  Told told;
  VizFilterGallery *gallery = make_gallery (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (gallery), 1000, 700);
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  GtkWidget *scrolled;
  GtkAdjustment *adjustment;
  viz_filter_gallery_set_gallery (gallery, pictures);
  widgets_wait_frame (window);
  g_assert_true (widgets_wait (all_made, gallery));
  g_test_message ("first picture of 2048 channels: longest main-loop iteration %.1f ms",
                  widgets_longest_iteration ());
  viz_filter_gallery_set_selected (gallery, 1900);
  assert_in_sight (gallery, 1900);
  g_assert_true (widgets_wait (all_made, gallery));
  g_assert_nonnull (viz_gallery_cell_get_texture (cell_of (gallery, 1900)));
  g_test_message ("jump to channel 1900: longest main-loop iteration %.1f ms", widgets_longest_iteration ());
  scrolled = gtk_widget_get_ancestor (GTK_WIDGET (cell_of (gallery, 1900)), GTK_TYPE_SCROLLED_WINDOW);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  widgets_longest_iteration ();
  for (int i = 60; i >= 0; i--) {
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * i / 60);
    widgets_spin (16);
  }
  g_test_message ("scrolling through 2048 channels in 60 frames: longest main-loop iteration %.1f ms",
                  widgets_longest_iteration ());
  g_assert_true (widgets_wait (all_made, gallery));
  find_cells (GTK_WIDGET (gallery), GTK_WIDGET (gallery), cells);
  g_assert_cmpuint (cells->len, >, 40);
  for (guint i = 0; i < cells->len; i++)
    g_assert_nonnull (viz_gallery_cell_get_texture (cells->pdata[i]));
  widgets_close (window, GTK_WIDGET (gallery));
}

/** Gone while pictures are still to be made. */
static void
test_close_early (void)
{
  g_autoptr (CnnGallery) pictures = widgets_gallery (1000, 28, 28, 1, FALSE);
  Told told;
  VizFilterGallery *gallery = make_gallery (&told);
  GtkWidget *window = widgets_show (GTK_WIDGET (gallery), 600, 400);
  viz_filter_gallery_set_gallery (gallery, pictures);
  widgets_close (window, GTK_WIDGET (gallery));
}

int
main (int argc, char **argv)
{
  if (!widgets_test_init (&argc, &argv))
    return 0;
  g_test_add_func ("/widgets/gallery/model", test_model);
  g_test_add_func ("/widgets/gallery/thumbnail-small", test_thumbnail_small);
  g_test_add_func ("/widgets/gallery/thumbnail-large", test_thumbnail_large);
  g_test_add_func ("/widgets/gallery/thumbnail-colour", test_thumbnail_colour);
  g_test_add_func ("/widgets/gallery/cells", test_cells);
  g_test_add_func ("/widgets/gallery/inputs", test_inputs);
  g_test_add_func ("/widgets/gallery/selection", test_selection);
  g_test_add_func ("/widgets/gallery/click", test_click);
  g_test_add_func ("/widgets/gallery/many", test_many);
  g_test_add_func ("/widgets/gallery/close-early", test_close_early);
  return g_test_run ();
}
