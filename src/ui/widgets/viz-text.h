/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/** @value with @digits decimals in the person's locale, with a real minus sign and never "-0". (transfer
 * full) */
char *viz_text_number (double value, int digits) G_GNUC_WARN_UNUSED_RESULT;
/** @value with about three significant digits, for small labels. (transfer full) */
char *viz_text_short (double value) G_GNUC_WARN_UNUSED_RESULT;
/** A probability as a percentage: "42.0%", "<0.1%", ">99.9%". (transfer full) */
char *viz_text_percent (double probability) G_GNUC_WARN_UNUSED_RESULT;
/** A change of a probability in points of a percent, with its sign: "+3.1", "−57.1", "0.0". (transfer full)
 */
char *viz_text_change (double change) G_GNUC_WARN_UNUSED_RESULT;
/** A duration: "4.2 ms", "151 ms", "5.8 s". (transfer full) */
char *viz_text_duration (double milliseconds) G_GNUC_WARN_UNUSED_RESULT;

/** What @prediction says of a class: its probability, or its score where the network has none. (transfer
 * full) */
char *viz_text_outcome (const CnnPrediction *prediction, int class_index) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
