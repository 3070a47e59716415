/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/cnn-plan.h"

G_BEGIN_DECLS

/**
 * cnn_plan_gather:
 * @slot: a slot that holds a window of a tensor
 * @rectangle: (nullable): the part of the tensor that is wanted; %NULL: all of it
 * @region: (nullable): what the result is a window of; %NULL with @rectangle
 * @pad: what lies outside the tensor
 *
 * A step that lays the window over the clean tensor and cuts @rectangle out.
 *
 * Returns: the slot that holds it
 */
guint cnn_plan_gather (CnnPlan *plan, guint slot, const CnnRegion *rectangle, const CnnRegion *region,
                       float pad);

G_END_DECLS
