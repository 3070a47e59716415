/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that a person may have meant. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <string.h>

#define MOST 3

/* How many letters are to be put in, left out or changed; upper and lower case are the same (V. Levenshtein
 * 1966). */
static guint
edit_distance (const char *a, const char *b)
{
  gsize n = strlen (b);
  g_autofree guint *row = g_new (guint, n + 1);

  for (guint k = 0; k <= n; k++)
    row[k] = k;
  for (guint i = 0; a[i] != '\0'; i++) {
    guint diagonal = row[0];

    row[0] = i + 1;
    for (guint k = 0; k < n; k++) {
      guint change = diagonal + (g_ascii_tolower (a[i]) != g_ascii_tolower (b[k]));

      diagonal = row[k + 1];
      row[k + 1] = MIN (change, MIN (row[k], diagonal) + 1);
    }
  }
  return row[n];
}

/* 0: equal but for case; what holds the other comes before what is only alike; G_MAXUINT: another word. */
static guint
distance (const char *wanted, const char *name)
{
  g_autofree char *a = g_ascii_strdown (wanted, -1), *b = g_ascii_strdown (name, -1);
  guint edits;

  if (strlen (a) >= 3 && strstr (b, a) != NULL)
    return (guint)(strlen (b) - strlen (a));
  edits = edit_distance (a, b);
  return edits <= MAX (strlen (a), strlen (b)) / 2 ? 100 + edits : G_MAXUINT;
}

char *
cli_near_names (const char *wanted, CliNameFunc name, guint n, gpointer data)
{
  const char *best[MOST] = { NULL };
  guint far[MOST] = { 0 };
  GString *text;

  for (guint i = 0; i < n; i++) {
    const char *candidate = name (i, data);
    guint d = strlen (candidate) < 256 && strlen (wanted) < 256 ? distance (wanted, candidate) : G_MAXUINT;

    for (guint k = 0; k < MOST && d != G_MAXUINT; k++)
      if (best[k] == NULL || d < far[k]) {
        memmove (best + k + 1, best + k, (MOST - 1 - k) * sizeof *best);
        memmove (far + k + 1, far + k, (MOST - 1 - k) * sizeof *far);
        best[k] = candidate;
        far[k] = d;
        break;
      }
  }
  if (best[0] == NULL)
    return NULL;
  text = g_string_new (NULL);
  for (guint k = 0; k < MOST && best[k] != NULL; k++)
    g_string_append_printf (text, k > 0 ? ", “%s”" : "“%s”", best[k]);
  return g_string_free (text, FALSE);
}
