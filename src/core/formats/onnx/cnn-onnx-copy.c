/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that lie unaligned in a mapped file, brought to memory where they can be read as floats. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-proto.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Below this a block of its own is not worth its pages. */
#define LARGE ((gsize)1 << 16)
/* At a time, so that file and copy are never both in memory. */
#define STEP ((gsize)1 << 22)

typedef struct {
  void *data;
  gsize length;
} Block;

static void
block_free (gpointer data)
{
  Block *block = data;

  munmap (block->data, block->length);
  g_free (block);
}

/* Pages of the file that were only read to be copied need not stay in memory. */
static void
forget_pages (const guint8 *data, gsize length)
{
  gsize page = (gsize)sysconf (_SC_PAGESIZE);
  guintptr from = ((guintptr)data + page - 1) & ~(guintptr)(page - 1),
           to = ((guintptr)data + length) & ~(guintptr)(page - 1);

  if (to > from)
    madvise ((void *)from, to - from, MADV_DONTNEED);
}

static gboolean
read_all (int fd, guint8 *to, gsize length, gsize offset)
{
  while (length > 0) {
    gssize n = pread (fd, to, MIN (length, STEP), (off_t)offset);

    if (n <= 0)
      return FALSE;
    to += n;
    offset += (gsize)n;
    length -= (gsize)n;
  }
  return TRUE;
}

/* Reading into memory that is there already costs a tenth of touching two mappings page by page. */
GBytes *
cnn_onnx_copy_aligned (const guint8 *data, gsize length, int fd, gsize offset)
{
  Block *block;
  guint8 *to;

  if (length < LARGE)
    return g_bytes_new (data, length);
  to = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (to == MAP_FAILED)
    return g_bytes_new (data, length);
  if (fd < 0 || !read_all (fd, to, length, offset))
    for (gsize i = 0; i < length; i += STEP) {
      memcpy (to + i, data + i, MIN (STEP, length - i));
      forget_pages (data + i, MIN (STEP, length - i));
    }
  block = g_new (Block, 1);
  block->data = to;
  block->length = length;
  return g_bytes_new_with_free_func (to, length, block_free, block);
}
