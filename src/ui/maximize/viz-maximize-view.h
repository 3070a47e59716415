/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "document/viz-document.h"

G_BEGIN_DECLS

#define VIZ_TYPE_MAXIMIZE_VIEW (viz_maximize_view_get_type ())
G_DECLARE_FINAL_TYPE (VizMaximizeView, viz_maximize_view, VIZ, MAXIMIZE_VIEW, GtkWidget)

/**
 * VizMaximizeView:
 *
 * Pictures that raise classes or filters, while they sharpen. One that is activated is shown large, and can
 * become the open picture.
 */
void viz_maximize_view_set_document (VizMaximizeView *self, VizDocument *document);

G_END_DECLS
