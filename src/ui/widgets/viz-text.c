/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-text"
#include "config.h"

#include "viz-text.h"

#include <glib/gi18n.h>
#include <math.h>

#define MINUS "\342\210\222"

char *
viz_text_number (double value, int digits)
{
  double half = 0.5 * pow (10, -digits);
  if (fabs (value) < half)
    value = 0;
  if (value < 0)
    return g_strdup_printf (MINUS "%.*f", digits, -value);
  return g_strdup_printf ("%.*f", digits, value);
}

char *
viz_text_short (double value)
{
  double size = fabs (value);
  if (!isfinite (value))
    return g_strdup (isnan (value) ? "nan" : value > 0 ? "\342\210\236" : MINUS "\342\210\236");
  if (size != 0 && (size < 0.001 || size >= 100000))
    return g_strdup_printf ("%s%.0e", value < 0 ? MINUS : "", size);
  return viz_text_number (value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 3);
}

char *
viz_text_percent (double probability)
{
  double percent = 100 * probability;
  if (percent > 0 && percent < 0.05)
    return g_strdup (_ ("<0.1%"));
  if (percent < 100 && percent >= 99.95)
    return g_strdup (_ (">99.9%"));
  /* Translators: a probability in percent */
  return g_strdup_printf (_ ("%.1f%%"), percent);
}

char *
viz_text_change (double change)
{
  g_autofree char *number = viz_text_number (100 * change, 1);
  return 100 * change >= 0.05 ? g_strconcat ("+", number, NULL) : g_steal_pointer (&number);
}

char *
viz_text_duration (double milliseconds)
{
  if (milliseconds >= 999.5)
    return g_strdup_printf (_ ("%.1f s"), milliseconds / 1000);
  return g_strdup_printf (milliseconds >= 99.5 ? _ ("%.0f ms") : _ ("%.1f ms"), milliseconds);
}

char *
viz_text_outcome (const CnnPrediction *prediction, int class_index)
{
  if (cnn_model_has_probabilities (prediction->model))
    return viz_text_percent ((double)prediction->probabilities[class_index]);
  return viz_text_short ((double)prediction->scores[class_index]);
}
