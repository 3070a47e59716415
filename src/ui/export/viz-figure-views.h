/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "document/viz-document.h"
#include "viz-figure-task.h"

G_BEGIN_DECLS

/* How recipes and the views Compare and Maximize say the same. */

/** Has @recipe draw what the view of its kind shows; %FALSE where that shows nothing yet. */
gboolean viz_figure_describe_view (CnnFigureRecipe *recipe, VizDocument *document);
/** Has the view show what @recipe draws. */
void viz_figure_show_in_view (const CnnFigureRecipe *recipe, VizDocument *document);
/** Gives @task what the view has computed already, if it is what the recipe asks for. */
void viz_figure_take_from_view (VizFigureTask *task, VizDocument *document);

G_END_DECLS
