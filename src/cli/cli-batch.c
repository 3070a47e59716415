/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command that is given several inputs: the names of the files it writes for each, how far it is, what goes
 * wrong. */
#define G_LOG_DOMAIN "cnn-viz-cli"
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* A part of a file name: no folder, nothing that a shell or another system takes ill, no hidden file. */
static char *
sanitise (const char *text)
{
  char *plain = g_utf8_make_valid (text, -1);

  for (char *c = plain; *c != '\0'; c++)
    if ((guchar)*c < ' ' || *c == 127 || strchr ("/\\:*?\"<>|{} ", *c) != NULL)
      *c = '_';
  if (*plain == '.')
    *plain = '_';
  return plain;
}

static char *
input_name (const char *input)
{
  g_autofree char *base = g_path_get_basename (input);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = '\0';
  return sanitise (base);
}

char *
cli_batch_name (const char *pattern, const char *input, guint number, const char *class_name)
{
  g_autofree char *name = NULL, *class_part = NULL, *index = NULL;
  GString *text;

  if (pattern == NULL)
    return NULL;
  name = input_name (input);
  class_part = sanitise (class_name);
  index = g_strdup_printf ("%u", number);
  text = g_string_new (pattern);
  /* what is put in holds no braces */
  g_string_replace (text, "{name}", name, 0);
  g_string_replace (text, "{index}", index, 0);
  g_string_replace (text, "{class}", class_part, 0);
  return g_string_free (text, FALSE);
}

/* The class is not known yet, so it cannot tell two files apart. */
gboolean
cli_batch_check (const char *const *patterns, guint n, char *const *inputs)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < n; i++)
    for (guint k = 0; patterns[i] != NULL && inputs[k] != NULL; k++) {
      char *name = cli_batch_name (patterns[i], inputs[k], k + 1, "class");

      if (!g_hash_table_contains (names, name)) {
        g_hash_table_insert (names, name, inputs[k]);
        continue;
      }
      cli_usage (_ ("“%s” would be written more than once: {name} or {index} in a file's name tells "
                    "inputs apart"),
                 name);
      g_free (name);
      return FALSE;
    }
  return TRUE;
}

void
cli_batch_show (guint number, guint n)
{
  if (n > 1 && isatty (STDERR_FILENO))
    g_printerr ("\r%u/%u\033[K%s", number, n, number == n ? "\n" : "");
}

void
cli_batch_hide (void)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("\r\033[K");
}

void
cli_batch_pass_over (const char *input, GError **error)
{
  if (strstr ((*error)->message, input) == NULL)
    g_prefix_error (error, "%s: ", input);
  cli_batch_hide ();
  cli_say ((*error)->message);
  g_clear_error (error);
}

CliStatus
cli_batch_end (guint failed, guint n)
{
  g_autofree char *summary = NULL;

  if (failed == 0)
    return CLI_DONE;
  summary = g_strdup_printf (_ ("%u of %u inputs could not be done."), failed, n);
  cli_say (summary);
  return CLI_FAILED;
}

CliStatus
cli_batch_each (const CliOptions *options, CnnModel *model, CliBatchFunc each, gpointer data)
{
  guint n = g_strv_length (options->rest + 1), failed = 0;
  g_autoptr (CnnSession) session = NULL;
  g_autoptr (GError) error = NULL;

  for (guint number = 1; number <= n; number++) {
    cli_batch_show (number - 1, n);
    session = cli_open_input (options, model, options->rest[number], g_steal_pointer (&session), &error);
    if (session != NULL && each (session, number, data, &error))
      continue;
    if (n == 1)
      return cli_fail (error);
    cli_batch_pass_over (options->rest[number], &error);
    failed++;
  }
  cli_batch_show (n, n);
  return cli_batch_end (failed, n);
}
