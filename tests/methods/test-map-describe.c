/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps whose strongest places are known, and the words that must name them. */
#include "methods/cnn-map-describe.h"

#include <math.h>
#include <string.h>

#define SIDE 9

/* A map of zeros with @value in the field (column, row) of three by three. */
static CnnMap *
map_with_field (CnnMapKind kind, guint column, guint row, float value)
{
  CnnMap *map = cnn_map_new (SIDE, SIDE, kind);

  for (guint y = row * 3; y < row * 3 + 3; y++)
    for (guint x = column * 3; x < column * 3 + 3; x++)
      map->values[y * SIDE + x] = value;
  return map;
}

static char *
describe (CnnMap *map)
{
  cnn_map_finish (map);
  return cnn_map_describe (map);
}

static void
assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_error ("“%s” does not say “%s”", text, words);
}

static void
test_each_field (void)
{
  static const char *const names[] = { "the upper left", "the top",    "the upper right",
                                       "the left",       "the centre", "the right",
                                       "the lower left", "the bottom", "the lower right" };

  for (guint i = 0; i < 9; i++) {
    g_autoptr (CnnMap) map = map_with_field (CNN_MAP_POSITIVE, i % 3, i / 3, 2);
    g_autofree char *words = g_strdup_printf ("Strongest in %s (peak 2 at x %u, y %u), weakest in", names[i],
                                              i % 3 * 3, i / 3 * 3);
    g_autofree char *text = describe (map);

    g_assert_true (g_str_has_prefix (text, words));
  }
}

static void
test_several (void)
{
  g_autoptr (CnnMap) map = map_with_field (CNN_MAP_POSITIVE, 2, 2, 2);
  g_autofree char *two = NULL, *three = NULL;

  map->values[0] = map->values[1] = map->values[SIDE] = 5; /* mean 15/9: near 2 */
  two = describe (map);
  assert_says (two, "Strongest in the lower right and the upper left (peak 5 at x 0, y 0)");
  for (guint y = 3; y < 6; y++)
    for (guint x = 3; x < 6; x++)
      map->values[y * SIDE + x] = 1.5F;
  three = describe (map);
  assert_says (three, "Strongest in the lower right, the upper left and the centre");
}

static void
test_even (void)
{
  g_autoptr (CnnMap) map = cnn_map_new (SIDE, SIDE, CNN_MAP_ACTIVATION);
  g_autofree char *zero = describe (map), *even = NULL, *flat = NULL;

  g_assert_cmpstr (zero, ==, "The map is zero everywhere.");
  for (guint i = 0; i < SIDE * SIDE; i++)
    map->values[i] = 3;
  flat = describe (map);
  g_assert_cmpstr (flat, ==, "The map is the same everywhere.");
  for (guint i = 0; i < SIDE * SIDE; i++)
    map->values[i] = i % 3 == 1 ? 4 : 3;
  even = describe (map);
  g_assert_cmpstr (even, ==, "Spread over the whole image (peak 4 at x 1, y 0).");
}

static void
test_signed (void)
{
  g_autoptr (CnnMap) map = map_with_field (CNN_MAP_SIGNED, 0, 0, 1);
  g_autofree char *positive = describe (map), *both = NULL;

  g_assert_cmpstr (positive, ==,
                   "Positive numbers are strongest in the upper left (peak 1 at x 0, y 0). Nothing is "
                   "negative.");
  map->values[SIDE * SIDE - 1] = -8;
  both = describe (map);
  g_assert_cmpstr (both, ==,
                   "Negative numbers are strongest in the lower right (peak -8 at x 8, y 8). Positive "
                   "numbers are strongest in the upper left (peak 1 at x 0, y 0).");
}

static void
test_classes (void)
{
  g_autoptr (CnnMap) map = map_with_field (CNN_MAP_CLASS, 1, 1, 4);
  g_autofree char *text = describe (map);

  g_assert_cmpstr (text, ==, "Class 0 wins 89 % of the places, more than any other.");
}

static void
test_not_finite (void)
{
  g_autoptr (CnnMap) map = map_with_field (CNN_MAP_POSITIVE, 2, 0, 1);
  g_autofree char *text = NULL, *none = NULL;

  map->values[SIDE * SIDE - 1] = INFINITY;
  map->values[0] = NAN;
  text = describe (map);
  assert_says (text, "Strongest in the upper right (peak 1 at x 6, y 0)");
  for (guint i = 0; i < SIDE * SIDE; i++)
    map->values[i] = NAN;
  none = describe (map);
  g_assert_cmpstr (none, !=, "");
}

/* Fewer cells than fields: some fields have no number. */
static void
test_tiny (void)
{
  g_autoptr (CnnMap) map = cnn_map_new (2, 1, CNN_MAP_POSITIVE);
  g_autofree char *text = NULL;

  map->values[1] = 1;
  text = describe (map);
  assert_says (text, "(peak 1 at x 1, y 0)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-describe/each-field", test_each_field);
  g_test_add_func ("/map-describe/several", test_several);
  g_test_add_func ("/map-describe/even", test_even);
  g_test_add_func ("/map-describe/signed", test_signed);
  g_test_add_func ("/map-describe/classes", test_classes);
  g_test_add_func ("/map-describe/not-finite", test_not_finite);
  g_test_add_func ("/map-describe/tiny", test_tiny);
  return g_test_run ();
}
