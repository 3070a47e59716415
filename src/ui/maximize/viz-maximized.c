/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-maximized.h"

VizMaximized *
viz_maximized_ref (VizMaximized *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
viz_maximized_unref (VizMaximized *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->found->n; i++)
    g_clear_pointer (&self->pictures[i], viz_raster_unref);
  g_free (self->pictures);
  cnn_maximized_unref (self->found);
  g_free (self);
}

VizMaximized *
viz_maximized_new (CnnMaximized *found, const VizMaximized *last)
{
  VizMaximized *self = g_new0 (VizMaximized, 1);

  g_atomic_ref_count_init (&self->refs);
  self->found = found;
  self->pictures = g_new0 (VizRaster *, found->n);
  for (guint i = 0; i < found->n; i++) {
    CnnImage *image = found->targets[i].image;
    gboolean same = last != NULL && last->found->n == found->n && last->found->targets[i].image == image &&
                    last->pictures[i] != NULL;

    self->pictures[i] =
        same ? viz_raster_ref (last->pictures[i])
             : viz_raster_new_from_rgba (cnn_image_get_data (image), cnn_image_get_width (image),
                                         cnn_image_get_height (image));
  }
  return self;
}
