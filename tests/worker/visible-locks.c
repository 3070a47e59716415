/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GMutex and GCond on top of pthread, for ThreadSanitizer only: GLib's own are futexes inside a library that
 * was not built with it, so it would take every access they order for a race. Linked into a test program,
 * these come first.
 */
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static pthread_mutex_t *
real_mutex (GMutex *mutex)
{
  pthread_mutex_t *real;

  pthread_mutex_lock (&making);
  if (mutex->p == NULL) {
    mutex->p = calloc (1, sizeof (pthread_mutex_t));
    pthread_mutex_init (mutex->p, NULL);
  }
  real = mutex->p;
  pthread_mutex_unlock (&making);
  return real;
}

static pthread_cond_t *
real_cond (GCond *cond)
{
  pthread_cond_t *real;

  pthread_mutex_lock (&making);
  if (cond->p == NULL) {
    cond->p = calloc (1, sizeof (pthread_cond_t));
    pthread_cond_init (cond->p, NULL);
  }
  real = cond->p;
  pthread_mutex_unlock (&making);
  return real;
}

void
g_mutex_init (GMutex *mutex)
{
  mutex->p = NULL;
}

void
g_mutex_clear (GMutex *mutex)
{
  if (mutex->p != NULL)
    pthread_mutex_destroy (mutex->p);
  free (mutex->p);
  mutex->p = NULL;
}

void
g_mutex_lock (GMutex *mutex)
{
  pthread_mutex_lock (real_mutex (mutex));
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  return pthread_mutex_trylock (real_mutex (mutex)) == 0;
}

void
g_mutex_unlock (GMutex *mutex)
{
  pthread_mutex_unlock (real_mutex (mutex));
}

void
g_cond_init (GCond *cond)
{
  cond->p = NULL;
}

void
g_cond_clear (GCond *cond)
{
  if (cond->p != NULL)
    pthread_cond_destroy (cond->p);
  free (cond->p);
  cond->p = NULL;
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  pthread_cond_wait (real_cond (cond), real_mutex (mutex));
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gint64 wall = g_get_real_time () + MAX (end_time - g_get_monotonic_time (), 0);
  struct timespec until = { wall / G_USEC_PER_SEC, wall % G_USEC_PER_SEC * 1000 };

  return pthread_cond_timedwait (real_cond (cond), real_mutex (mutex), &until) != ETIMEDOUT;
}

void
g_cond_signal (GCond *cond)
{
  pthread_cond_signal (real_cond (cond));
}

void
g_cond_broadcast (GCond *cond)
{
  pthread_cond_broadcast (real_cond (cond));
}
