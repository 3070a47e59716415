/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>

#include "figure/diagram/cnn-diagram-private.h"
#include "tests/figure/diagram-layers.h"

/* @n layers of which each adds two of the @reach ones before it. Every tenth ones are in a model of their
 * own. */
static CnnModel *
make_model (guint n, guint reach, guint seed)
{
  g_autoptr (CnnModelBuilder) builder = cnn_model_builder_new ("test.h5", "test");
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autofree guint *values = g_new (guint, n + 1);
  CnnShape shape = cnn_shape4 (-1, 4, 8, 8);
  CnnModel *model;

  values[0] = cnn_model_builder_add_input (builder, "in", &shape, CNN_LAYOUT_PLAIN, &error);
  g_assert_no_error (error);
  for (guint i = 1; i <= n; i++) {
    g_autofree char *name = g_strdup_printf (i / 5 % 2 ? "block%u/layer%u" : "top_%u_layer%u", i / 10, i);
    guint first = i > reach ? i - reach : 0;
    guint second = (guint)g_rand_int_range (rand, (gint32)first, (gint32)i);

    values[i] =
        add_layer (builder, name, values[i - 1], i > 2 && second != i - 1 ? values[second] : CNN_NO_VALUE);
  }
  cnn_model_builder_add_output (builder, values[n]);
  model = cnn_model_builder_finish (builder, &error);
  g_assert_no_error (error);
  return model;
}

static void
check_no_overlap (CnnDiagram *diagram, guint n)
{
  double width, height;

  cnn_diagram_get_size (diagram, &width, &height);
  for (guint i = 0; i < n; i++) {
    double x, y, w, h;

    g_assert_true (cnn_diagram_get_box (diagram, i, &x, &y, &w, &h));
    g_assert_cmpfloat (x, >=, 0);
    g_assert_cmpfloat (y, >=, 0);
    g_assert_cmpfloat (x + w, <=, width);
    g_assert_cmpfloat (y + h, <=, height);
    g_assert_cmpint (cnn_diagram_layer_at (diagram, x + w / 2, y + h / 2), ==, i);
    for (guint k = 0; k < i; k++) {
      double x2, y2, w2, h2;

      cnn_diagram_get_box (diagram, k, &x2, &y2, &w2, &h2);
      g_assert_true (x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y);
    }
  }
  g_assert_false (cnn_diagram_get_box (diagram, n, &width, &height, &width, &height));
  g_assert_cmpint (cnn_diagram_layer_at (diagram, -5, -5), ==, -1);
}

/* No passing line goes through a box. */
static void
check_lines (CnnDiagram *diagram, guint n)
{
  for (guint i = n; i < diagram->nodes->len; i++) {
    const CnnDiagramNode *line = cnn_diagram_node (diagram, i);

    for (guint k = 0; k < n; k++) {
      const CnnDiagramNode *box = cnn_diagram_node (diagram, k);

      g_assert_true (box->rank != line->rank || box->column != line->column ||
                     fabs (box->x - line->x) >= box->width / 2);
    }
  }
}

/* Whether a line leads from @at to the box @to without passing another box. */
static gboolean
is_linked (CnnDiagram *diagram, guint at, guint to)
{
  const CnnDiagramNode *node = cnn_diagram_node (diagram, at);

  for (guint i = 0; i < node->below->len; i++) {
    guint next = g_array_index (node->below, guint, i);

    if (next == to || (cnn_diagram_node (diagram, next)->layer < 0 && is_linked (diagram, next, to)))
      return TRUE;
  }
  return FALSE;
}

static void
check_edges (CnnDiagram *diagram, CnnModel *model)
{
  guint edges = 0;

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    GArray *inbound = cnn_model_get_layer (model, i)->inbound;

    for (guint k = 0; k < inbound->len; k++, edges++) {
      guint from = g_array_index (inbound, guint, k);

      g_assert_true (is_linked (diagram, from, i));
      g_assert_cmpuint (cnn_diagram_node (diagram, from)->rank, <, cnn_diagram_node (diagram, i)->rank);
    }
    /* and nothing is linked that the network does not have */
    for (guint from = 0; from < cnn_model_get_n_layers (model); from++) {
      gboolean listed = FALSE;

      for (guint k = 0; k < inbound->len; k++)
        listed = listed || g_array_index (inbound, guint, k) == from;
      g_assert_true (listed == is_linked (diagram, from, i));
    }
  }
  g_assert_cmpuint (edges, >=, cnn_model_get_n_layers (model) - 1);
}

static void
check_model (guint n, guint reach, guint seed)
{
  g_autoptr (CnnModel) model = make_model (n, reach, seed);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new (model);

  check_no_overlap (diagram, cnn_model_get_n_layers (model));
  check_lines (diagram, cnn_model_get_n_layers (model));
  check_edges (diagram, model);
}

static void
test_branches (void)
{
  for (guint seed = 1; seed <= 12; seed++)
    check_model (30, seed, seed);
}

/* On pages of 85 x 200 mm everything stands within one of them, and letters keep their size. */
static void
check_pages (guint n, guint reach, guint seed, double width, double height)
{
  g_autoptr (CnnModel) model = make_model (n, reach, seed);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new_for_page (model, width, height);
  guint n_pages = cnn_diagram_get_n_pages (diagram);
  double whole_width, whole_height, end = 0;

  check_no_overlap (diagram, cnn_model_get_n_layers (model));
  check_lines (diagram, cnn_model_get_n_layers (model));
  check_edges (diagram, model);
  cnn_diagram_get_size (diagram, &whole_width, &whole_height);
  g_assert_cmpfloat (whole_width, <=, width);
  for (guint p = 0; p < n_pages; p++) {
    double y, page_height;

    cnn_diagram_get_page (diagram, p, &y, &page_height);
    g_assert_cmpfloat_with_epsilon (y, end, 1e-6);
    g_assert_cmpfloat (page_height, <=, height);
    end = y + page_height;
    for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
      double left, top, box_width, box_height;

      cnn_diagram_get_box (diagram, i, &left, &top, &box_width, &box_height);
      g_assert_true (top + box_height <= y || top >= end || (top >= y && top + box_height <= end));
    }
  }
  g_assert_cmpfloat_with_epsilon (end, whole_height, 1e-6);
  g_assert_cmpuint (n_pages, >, 1);
}

static void
test_pages (void)
{
  for (guint seed = 1; seed <= 4; seed++) {
    check_pages (150, 1, seed, 240, 570);
    check_pages (150, 1, seed, 450, 570);
    check_pages (90, 1, seed, 120, 300);
  }
}

/* Deep ones go on in further columns. */
static void
test_columns (void)
{
  g_autoptr (CnnModel) model = make_model (150, 1, 3);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new (model);
  double width, height;

  cnn_diagram_get_size (diagram, &width, &height);
  g_assert_cmpuint (diagram->breaks->len, >, 2);
  g_assert_cmpfloat (height, <, 2.5 * width);
  check_no_overlap (diagram, 150);
  check_edges (diagram, model);
  check_model (200, 4, 5);
}

/* A chain stands straight. */
static void
test_straight (void)
{
  g_autoptr (CnnModel) model = make_model (8, 1, 1);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new (model);

  for (guint i = 1; i < 8; i++)
    g_assert_cmpfloat_with_epsilon (cnn_diagram_node (diagram, i)->x, cnn_diagram_node (diagram, 0)->x, 0.01);
}

static void
test_frames (void)
{
  g_autoptr (CnnModel) model = make_model (19, 1, 1);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new (model);
  const CnnDiagramFrame *frame;

  g_assert_cmpuint (diagram->frames->len, ==, 2);
  frame = diagram->frames->pdata[0];
  g_assert_cmpstr (frame->name, ==, "block0");
  for (guint i = 0; i < 19; i++) {
    double x, y, w, h;
    gboolean inside;

    cnn_diagram_get_box (diagram, i, &x, &y, &w, &h);
    inside = x >= frame->rect.x && x + w <= frame->rect.x + frame->rect.width && y >= frame->rect.y &&
             y + h <= frame->rect.y + frame->rect.height;
    g_assert_true (inside == g_str_has_prefix (cnn_model_get_layer (model, i)->name, "block0/"));
  }
}

static void
test_files (void)
{
  static const char *const names[] = { "d.png", "d.svg", "d.pdf" };
  g_autofree char *folder = g_dir_make_tmp ("cnn-diagram-XXXXXX", NULL);
  g_autoptr (CnnModel) model = make_model (40, 5, 9);
  g_autoptr (CnnDiagram) diagram = cnn_diagram_new (model);
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = g_build_filename (folder, "missing", "d.png", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);
    g_autofree char *content = NULL;
    gsize length;

    g_assert_true (cnn_diagram_write (diagram, path, &error));
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_cmpuint (length, >, 2000);
    g_assert_cmpint (g_remove (path), ==, 0);
  }
  g_assert_false (cnn_diagram_write (diagram, nowhere, &error));
  g_assert_nonnull (error);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagram/branches", test_branches);
  g_test_add_func ("/diagram/pages", test_pages);
  g_test_add_func ("/diagram/columns", test_columns);
  g_test_add_func ("/diagram/straight", test_straight);
  g_test_add_func ("/diagram/frames", test_frames);
  g_test_add_func ("/diagram/files", test_files);
  return g_test_run ();
}
