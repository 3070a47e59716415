/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** Side of a thumbnail, in device pixels. */
#define VIZ_STRIP_PIXELS 96

#define VIZ_TYPE_STRIP_ITEM (viz_strip_item_get_type ())
G_DECLARE_FINAL_TYPE (VizStripItem, viz_strip_item, VIZ, STRIP_ITEM, GObject)

/**
 * VizStripItem:
 *
 * A picture of a list. Its thumbnail is read on a thread while it is wanted, the last wanted first.
 * Properties: "texture" (GdkTexture, nullable), "failed" (gboolean): the file is no picture that can be read.
 */
VizStripItem *viz_strip_item_new (const char *path) G_GNUC_WARN_UNUSED_RESULT;
const char *viz_strip_item_get_path (VizStripItem *self);
GdkTexture *viz_strip_item_get_texture (VizStripItem *self);
gboolean viz_strip_item_get_failed (VizStripItem *self);
/** Whether its thumbnail is in sight. @keep: remember it when it no longer is. */
void viz_strip_item_want (VizStripItem *self, gboolean wanted, gboolean keep);

/** A picture at the size of a thumbnail, never larger than @pixels; small ones enlarged by a whole factor
 * without smoothing. On any thread. */
GdkTexture *viz_strip_read_thumbnail (const char *path, int pixels, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
