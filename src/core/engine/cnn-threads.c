/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "cnn-threads.h"

#include <unistd.h>

/* long enough that an idle machine seldom sleeps between layers, short enough that a busy core costs little:
 * MobileNetV2's forward takes 3.7 ms idle and 6.3 beside a busy core at 400, 3.4 and 7.3 at 800, 3.3 and
 * more than three times that at 1500 and above */
#define SPIN_COUNT "800"

void
cnn_threads_restart (char **argv)
{
  char path[4096];
  ssize_t length;

  /* GOMP_SPINCOUNT is also what ends this after the first time */
  if (g_getenv ("OMP_WAIT_POLICY") != NULL || g_getenv ("GOMP_SPINCOUNT") != NULL)
    return;
  length = readlink ("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0)
    return;
  path[length] = '\0';
  if (!g_setenv ("GOMP_SPINCOUNT", SPIN_COUNT, TRUE))
    return;
  execv (path, argv);
}
