/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cnn-figure-private.h"

/* The smallest of 1, 2, 2.5, 5 times a power of ten that is at least @rough. */
static double
nice_step (double rough)
{
  static const double steps[] = { 1, 2, 2.5, 5, 10 };
  double power = pow (10, floor (log10 (rough)));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * power >= rough * (1 - 1e-9))
      return steps[i] * power;
  return 10 * power;
}

/* Digits after the point that tell multiples of @step apart. */
static int
decimals_of (double step)
{
  for (int digits = 0; digits < 9; digits++) {
    double scaled = step * pow (10, digits);

    if (fabs (scaled - round (scaled)) < 1e-6 * scaled)
      return digits;
  }
  return 9;
}

/* With a real minus sign and a point in every language. */
static char *
format_number (double value, int decimals)
{
  char format[8], buffer[64];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (buffer, sizeof buffer, format, fabs (value));
  return g_strconcat (value < 0 ? "\u2212" : "", buffer, NULL);
}

void
cnn_ticks_init (CnnTicks *self, double low, double high, guint target)
{
  double step, scale, largest = fmax (fabs (low), fabs (high));

  *self = (CnnTicks){ 0 };
  if (!isfinite (low) || !isfinite (high) || !(low < high) || high - low < 1e-7 * largest)
    return;
  if (largest >= 1e4 || largest < 1e-2)
    self->exponent = (int)floor (log10 (largest));
  scale = pow (10, self->exponent);
  step = nice_step ((high - low) / scale / MAX (target, 1));
  for (double k = ceil (low / scale / step - 1e-6); self->n < G_N_ELEMENTS (self->values); k++) {
    double value = k * step;

    if (value > high / scale + 1e-6 * step)
      break;
    self->values[self->n] = value * scale;
    self->labels[self->n] = k == 0 ? g_strdup ("0") : format_number (value, decimals_of (step));
    self->n++;
  }
}

void
cnn_ticks_clear (CnnTicks *self)
{
  for (guint i = 0; i < self->n; i++)
    g_free (self->labels[i]);
  *self = (CnnTicks){ 0 };
}

char *
cnn_ticks_factor (const CnnTicks *self)
{
  static const char *const digits[] = { "\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                        "\u2075", "\u2076", "\u2077", "\u2078", "\u2079" };
  g_autofree char *plain = NULL;
  GString *text;

  if (self->exponent == 0)
    return NULL;
  plain = g_strdup_printf ("%d", self->exponent);
  text = g_string_new ("\u00d710");
  for (const char *p = plain; *p != '\0'; p++)
    g_string_append (text, *p == '-' ? "\u207b" : digits[*p - '0']);
  return g_string_free (text, FALSE);
}
