/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-draw-text.h"

#include <math.h>

void
viz_draw_text (GtkSnapshot *snapshot, PangoLayout *layout, const GdkRGBA *colour, float x, float y)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (y)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}
