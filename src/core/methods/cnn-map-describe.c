/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-map-describe.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

#define N_FIELDS 9
/* up to this many fields are named, if their mean comes this near to that of the strongest */
#define MAX_NAMED 3
#define NEAR 0.6
/* the weakest field this near to the strongest: there is no place to name */
#define EVEN 0.8

/* One of nine fields of the picture, three by three from the upper left. */
typedef struct {
  double strength; /* mean */
  guint index;
} Field;

/* The fields in the order of their strength, and the strongest number. */
typedef struct {
  Field fields[N_FIELDS];
  double peak;
  guint peak_x, peak_y;
} Survey;

static const char *
field_name (guint index)
{
  const char *const names[N_FIELDS] = { _ ("the upper left"), _ ("the top"),    _ ("the upper right"),
                                        _ ("the left"),       _ ("the centre"), _ ("the right"),
                                        _ ("the lower left"), _ ("the bottom"), _ ("the lower right") };

  return names[index];
}

/* Stronger first; equals stay in the order of the fields, so that the words do not depend on the sort. */
static int
by_strength (gconstpointer a, gconstpointer b)
{
  const Field *x = a, *y = b;

  if (x->strength != y->strength)
    return x->strength < y->strength ? 1 : -1;
  return (x->index > y->index) - (x->index < y->index);
}

/* @sign: 1 looks at numbers above @zero, -1 at those below. */
static void
take_survey (const CnnMap *map, double zero, int sign, Survey *survey)
{
  double counts[N_FIELDS] = { 0 };

  *survey = (Survey){ 0 };
  for (guint y = 0; y < map->height; y++)
    for (guint x = 0; x < map->width; x++) {
      guint index = (guint)((guint64)y * 3 / map->height * 3 + (guint64)x * 3 / map->width);
      double v = (double)map->values[(gsize)y * map->width + x];

      if (!isfinite (v))
        continue;
      v = MAX (sign * (v - zero), 0);
      survey->fields[index].strength += v;
      counts[index]++;
      if (v > survey->peak) {
        survey->peak = v;
        survey->peak_x = x;
        survey->peak_y = y;
      }
    }
  for (guint i = 0; i < N_FIELDS; i++) {
    survey->fields[i].strength /= MAX (counts[i], 1);
    survey->fields[i].index = i;
  }
  qsort (survey->fields, N_FIELDS, sizeof survey->fields[0], by_strength);
}

static gboolean
is_even (const Survey *survey)
{
  return survey->fields[N_FIELDS - 1].strength > EVEN * survey->fields[0].strength;
}

static char *
join_strongest (const Survey *survey)
{
  const char *names[MAX_NAMED];
  guint n = 0;

  while (n < MAX_NAMED && survey->fields[n].strength > NEAR * survey->fields[0].strength) {
    names[n] = field_name (survey->fields[n].index);
    n++;
  }
  if (n >= 3)
    return g_strdup_printf (_ ("%s, %s and %s"), names[0], names[1], names[2]);
  if (n == 2)
    return g_strdup_printf (_ ("%s and %s"), names[0], names[1]);
  return g_strdup (field_name (survey->fields[0].index));
}

static char *
describe_class_map (const CnnMap *map)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_direct_hash, g_direct_equal);
  gsize n = (gsize)map->width * map->height, most = 0;
  int winner = 0;

  for (gsize i = 0; i < n; i++) {
    int class_index = isfinite (map->values[i]) ? (int)map->values[i] : -1;
    gsize count = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, GINT_TO_POINTER (class_index))) + 1;

    g_hash_table_insert (counts, GINT_TO_POINTER (class_index), GSIZE_TO_POINTER (count));
    if (count > most) {
      most = count;
      winner = class_index;
    }
  }
  return g_strdup_printf (_ ("Class %d wins %.0f %% of the places, more than any other."), winner,
                          100.0 * (double)most / (double)MAX (n, 1));
}

/* What the numbers of one sign say. */
static char *
describe_sign (const CnnMap *map, int sign)
{
  g_autofree char *where = NULL;
  Survey survey;

  take_survey (map, 0, sign, &survey);
  if (survey.peak <= 0)
    return g_strdup (sign > 0 ? _ ("Nothing is positive.") : _ ("Nothing is negative."));
  where = is_even (&survey) ? g_strdup (_ ("the whole image")) : join_strongest (&survey);
  return g_strdup_printf (sign > 0 ? _ ("Positive numbers are strongest in %s (peak %.3g at x %u, y %u).")
                                   : _ ("Negative numbers are strongest in %s (peak %.3g at x %u, y %u)."),
                          where, sign * survey.peak, survey.peak_x, survey.peak_y);
}

static char *
describe_signed_map (const CnnMap *map)
{
  g_autofree char *positive = describe_sign (map, 1), *negative = describe_sign (map, -1);

  /* the stronger sign comes first */
  if (-map->min > map->max)
    return g_strdup_printf ("%s %s", negative, positive);
  return g_strdup_printf ("%s %s", positive, negative);
}

static char *
describe_one_sign (const CnnMap *map)
{
  g_autofree char *where = NULL;
  Survey survey;

  take_survey (map, (double)map->min, 1, &survey);
  if (is_even (&survey))
    return g_strdup_printf (_ ("Spread over the whole image (peak %.3g at x %u, y %u)."), (double)map->max,
                            survey.peak_x, survey.peak_y);
  where = join_strongest (&survey);
  return g_strdup_printf (_ ("Strongest in %s (peak %.3g at x %u, y %u), weakest in %s."), where,
                          (double)map->max, survey.peak_x, survey.peak_y,
                          field_name (survey.fields[N_FIELDS - 1].index));
}

char *
cnn_map_describe (const CnnMap *map)
{
  if (map->kind == CNN_MAP_CLASS)
    return describe_class_map (map);
  if (map->min == map->max)
    return g_strdup (map->max == 0 ? _ ("The map is zero everywhere.")
                                   : _ ("The map is the same everywhere."));
  return map->kind == CNN_MAP_SIGNED ? describe_signed_map (map) : describe_one_sign (map);
}
