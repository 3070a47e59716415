/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-stalls.h"

#include <time.h>

#define FRAME_US 16000

/* Sees the beginning (prepare) and the end of the waiting (check) of every iteration: what lies between a
 * check and the next prepare is time that the loop spent working. */
typedef struct {
  GSource source;
  gint64 woken;
  double cpu;
  gboolean all;
} StallSource;

static double
cpu_ms (void)
{
  struct timespec t;

  return clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t) == 0 ? (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6
                                                          : 0;
}

static gboolean
prepare (GSource *source, int *timeout)
{
  StallSource *self = (StallSource *)source;
  gint64 now = g_get_monotonic_time ();

  if (self->woken > 0 && (self->all || now - self->woken > FRAME_US))
    g_printerr ("cnn-viz: stall %.1f ms (processor %.1f ms) at %.3f s\n", (double)(now - self->woken) / 1e3,
                cpu_ms () - self->cpu, (double)now / 1e6);
  self->woken = 0;
  *timeout = -1;
  return FALSE;
}

static gboolean
check (GSource *source)
{
  StallSource *self = (StallSource *)source;

  self->woken = g_get_monotonic_time ();
  self->cpu = cpu_ms ();
  return FALSE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
viz_stalls_trace (void)
{
  static GSourceFuncs functions = { .prepare = prepare, .check = check, .dispatch = dispatch };
  GSource *source;

  if (g_getenv ("CNN_VIZ_TRACE_STALLS") == NULL)
    return;
  source = g_source_new (&functions, sizeof (StallSource));
  ((StallSource *)source)->all = g_strcmp0 (g_getenv ("CNN_VIZ_TRACE_STALLS"), "all") == 0;
  g_source_set_priority (source, G_MININT);
  g_source_attach (source, NULL);
  g_source_unref (source);
}
