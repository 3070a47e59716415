/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-file.h"

#include "model/cnn-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

static gboolean
refuse (const char *path, int code, GError **error)
{
  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("Could not write “%s”: %s."), path, g_strerror (code));
  return FALSE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize length)
{
  while (length > 0) {
    gssize n = write (fd, data, MIN (length, (gsize)1 << 24));

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return FALSE;
    data += n;
    length -= (gsize)n;
  }
  return TRUE;
}

gboolean
cnn_file_write (const char *path, gconstpointer data, gsize length, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  int fd, code = 0;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return refuse (path, EISDIR, error);
  fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0)
    return refuse (path, errno, error);
  if (!write_all (fd, data, length) || fsync (fd) != 0)
    code = errno != 0 ? errno : EIO;
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code == 0 && g_rename (temporary, path) != 0)
    code = errno;
  if (code == 0)
    return TRUE;
  g_unlink (temporary);
  return refuse (path, code, error);
}
