/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_COMPARE_VIEW (viz_compare_view_get_type ())
G_DECLARE_FINAL_TYPE (VizCompareView, viz_compare_view, VIZ, COMPARE_VIEW, GtkWidget)

/**
 * VizCompareView:
 *
 * Classes against modifiers or methods. A cell that is activated is explored.
 */
void viz_compare_view_set_document (VizCompareView *self, VizDocument *document);

G_END_DECLS
