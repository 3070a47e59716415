/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-figure-maximized.h"

#include "cnn-figure-kinds.h"
#include "cnn-figure-recipe.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>

/* Few pictures fill the width; many are kept large enough to see something. */
guint
cnn_figure_maximized_columns (const CnnMaximized *maximized)
{
  if (maximized->n <= 4)
    return MAX (maximized->n, 1);
  return maximized->n <= 15 ? 5 : 8;
}

static char *
make_heading (const CnnMaximizedTarget *target)
{
  char score[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (target->score))
    return g_strdup (target->label);
  g_ascii_formatd (score, sizeof score, "%.3g", target->score);
  return g_strdup_printf ("%s: %s", target->label, score);
}

static void
describe (CnnFigure *figure, CnnMaximized *maximized)
{
  GString *caption = g_string_new (maximized->model);
  g_autofree char *json = NULL;
  const char *modifier;

  g_string_append_printf (caption, ": %s", maximized->title);
  if (maximized->provenance != NULL) {
    if (g_variant_lookup (maximized->provenance, "modifier", "&s", &modifier))
      g_string_append_printf (caption, ", %s", modifier);
    cnn_figure_append_params (caption, cnn_method_find ("maximize"), maximized->provenance, TRUE);
    json = json_gvariant_serialize_data (maximized->provenance, NULL);
    cnn_figure_add_metadata (figure, "Software", "CnnViz " CNN_VERSION);
    cnn_figure_add_metadata (figure, CNN_METADATA_PROVENANCE, json);
  }
  g_string_append (caption, _ (". Behind each name the score that was reached."));
  if (maximized->progress < 1)
    g_string_append_printf (caption, _ (" Stopped at %.0f %% of the iterations."), 100 * maximized->progress);
  cnn_figure_set_caption (figure, caption->str);
  g_string_free (caption, TRUE);
}

CnnFigure *
cnn_figure_new_maximized (CnnMaximized *maximized, guint first, guint n)
{
  CnnFigure *figure = cnn_figure_new (maximized->title);
  guint columns = cnn_figure_maximized_columns (maximized);

  describe (figure, maximized);
  cnn_figure_set_columns (figure, columns);
  for (guint i = 0; i < n; i++) {
    const CnnMaximizedTarget *target = &maximized->targets[first + i];
    g_autofree char *heading = make_heading (target);

    if (i > 0 && i % columns == 0)
      cnn_figure_new_row (figure);
    cnn_figure_add_image (figure, heading, target->image);
  }
  return figure;
}
