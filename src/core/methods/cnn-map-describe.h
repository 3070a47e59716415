/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-map.h"

G_BEGIN_DECLS

/**
 * cnn_map_describe:
 * @map: a finished map
 *
 * What a person who cannot see the map wants to know of it, in sentences: which of nine fields of the picture
 * (the upper left, the top, …) are strongest and weakest by their mean, and where the peak is, in pixels of
 * the map. A signed map says both for its positive and its negative numbers; a map of classes names the class
 * that wins most places. Numbers that are not finite are left out.
 *
 * Returns: (transfer full): translated text, never empty
 */
char *cnn_map_describe (const CnnMap *map) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
