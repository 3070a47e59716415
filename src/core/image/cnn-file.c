/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"
#include "cnn-file.h"

#include "model/cnn-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (const char *path, int reason, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("“%s” cannot be written: %s."), name,
               g_strerror (reason));
  return FALSE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize length)
{
  while (length > 0) {
    ssize_t n = write (fd, data, MIN (length, (gsize)1 << 30));

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    data += n;
    length -= (gsize)n;
  }
  return TRUE;
}

/* A pipe or a device cannot be replaced. */
static gboolean
write_through (const char *path, gconstpointer data, gsize length, GError **error)
{
  int fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  gboolean done;
  int reason;

  if (fd < 0)
    return fail (path, errno, error);
  done = write_all (fd, data, length);
  reason = errno;
  close (fd);
  return done || fail (path, reason, error);
}

/* The mode that a new file gets, which mkstemp() does not give it. */
static mode_t
file_mode (const struct stat *existing)
{
  mode_t mask;

  if (existing != NULL)
    return existing->st_mode & 0777;
  mask = umask (0);
  umask (mask);
  return 0666 & ~mask;
}

static gboolean
write_renamed (const char *path, const struct stat *existing, gconstpointer data, gsize length,
               GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *temporary = g_build_filename (folder, ".cnn-viz-XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  gboolean done;
  int reason;

  if (fd < 0)
    return fail (path, errno, error);
  done = write_all (fd, data, length) && fchmod (fd, file_mode (existing)) == 0 && fsync (fd) == 0;
  reason = errno;
  if (close (fd) != 0 && done) {
    done = FALSE;
    reason = errno;
  }
  if (done && g_rename (temporary, path) != 0) {
    done = FALSE;
    reason = errno;
  }
  if (done)
    return TRUE;
  g_unlink (temporary);
  return fail (path, reason, error);
}

gboolean
cnn_file_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  struct stat existing;
  char *target;
  gboolean done;

  if (stat (path, &existing) != 0)
    return write_renamed (path, NULL, data, length, error);
  if (S_ISDIR (existing.st_mode))
    return fail (path, EISDIR, error);
  if (!S_ISREG (existing.st_mode))
    return write_through (path, data, length, error);
  /* a link stays a link */
  target = realpath (path, NULL);
  done = write_renamed (target != NULL ? target : path, &existing, data, length, error);
  free (target);
  return done;
}
