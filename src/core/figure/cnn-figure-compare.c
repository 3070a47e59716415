/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of classes against modifiers or methods. */
#include "config.h"

#include "cnn-figure-kinds.h"

#include <glib/gi18n-lib.h>

#define OVERLAY_OPACITY 0.6

static char *
make_caption (const CnnCompare *grid, const char *input_name, gboolean shared)
{
  GString *caption = g_string_new (cnn_model_get_name (grid->model));

  if (input_name != NULL)
    g_string_append_printf (caption, ", %s", input_name);
  for (guint i = 0; i < grid->n_columns; i++) {
    gboolean first = i == 0 || grid->columns[i].method != grid->columns[i - 1].method;

    if (first)
      g_string_append_printf (caption, "%s%s", i == 0 ? ": " : ", ", _ (grid->columns[i].method->title));
  }
  if (grid->n_rows > 0 && grid->maps[0] != NULL && grid->maps[0]->layer != NULL) {
    g_string_append_c (caption, ' ');
    g_string_append_printf (caption, _ ("at %s"), grid->maps[0]->layer);
  }
  g_string_append_c (caption, '.');
  g_string_append_c (caption, ' ');
  g_string_append (caption, shared ? _ ("Each column has one scale for all classes.")
                                   : _ ("Each map has its own scale."));
  return g_string_free (caption, FALSE);
}

static void
add_row (CnnFigure *figure, const CnnCompare *grid, guint row, gboolean shared, gboolean overlay,
         const CnnMapStyle *style)
{
  const char *label = cnn_model_get_label (grid->model, (guint)grid->classes[row]);
  g_autofree char *heading =
      cnn_model_has_probabilities (grid->model)
          ? g_strdup_printf (grid->n_rows > 1 ? _ ("%s\n%.1f %%") : _ ("%s (%.1f %%)"), label,
                             100.0 * (double)cnn_compare_get_probability (grid, row))
          : g_strdup_printf ("%s (%.4g)", label, (double)grid->prediction->scores[grid->classes[row]]);

  /* one row needs no heading of its own */
  if (grid->n_rows > 1)
    cnn_figure_set_row_heading (figure, heading);
  cnn_figure_add_image (figure, grid->n_rows > 1 ? _ ("Original") : heading, grid->image);
  for (guint c = 0; c < grid->n_columns; c++) {
    CnnMap *map = grid->maps[row * grid->n_columns + c];
    g_autofree char *column = cnn_compare_get_heading (grid, c);
    CnnMapStyle own = *style;

    if (map == NULL)
      continue;
    own.own_range = shared && cnn_compare_get_range (grid, row, c, &own.low, &own.high);
    cnn_figure_add_map (figure, column, map, overlay || cnn_figure_needs_picture (map) ? grid->image : NULL,
                        &own);
  }
  cnn_figure_new_row (figure);
}

CnnFigure *
cnn_figure_new_compare (const CnnCompare *grid, const char *input_name, gboolean shared, gboolean overlay,
                        const CnnMapStyle *style)
{
  const CnnMapStyle standard = { .opacity = OVERLAY_OPACITY };
  g_autoptr (GPtrArray) maps = g_ptr_array_new ();
  gboolean one = grid->n_columns > 0;
  CnnFigure *figure;
  g_autofree char *caption = make_caption (grid, input_name, shared);

  for (guint i = 1; i < grid->n_columns; i++)
    one = one && grid->columns[i].method == grid->columns[0].method;
  figure = cnn_figure_new (one ? _ (grid->columns[0].method->title) : _ ("Classes and methods"));
  cnn_figure_set_model (figure, grid->model);
  cnn_figure_set_caption (figure, caption);
  for (guint r = 0; r < grid->n_rows; r++)
    add_row (figure, grid, r, shared, overlay, style != NULL ? style : &standard);
  for (guint i = 0; i < grid->n_rows * grid->n_columns; i++)
    if (grid->maps[i] != NULL)
      g_ptr_array_add (maps, grid->maps[i]);
  cnn_figure_add_provenance (figure, (CnnMap *const *)maps->pdata, maps->len);
  return figure;
}
