/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that lie unaligned in a mapped file, brought to memory where they can be read as floats. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-onnx-proto.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Below this a tensor is copied to the heap. */
#define LARGE ((gsize)1 << 16)
/* At a time, so that file and copy are never both in memory. */
#define STEP ((gsize)1 << 22)
/* Tensors share blocks of this size; a larger one has a block of its own. */
#define BLOCK ((gsize)1 << 24)
#define HUGE_PAGE ((gsize)1 << 21)
#define ALIGNMENT ((gsize)64)

/* Memory that is given back when the last tensor in it is gone. */
typedef struct {
  gatomicrefcount references;
  void *mapping;
  gsize mapping_length;
  guint8 *data;
  gsize size, used;
} Block;

struct _CnnOnnxCopies {
  Block *block;
};

static void
block_unref (gpointer data)
{
  Block *block = data;

  if (!g_atomic_ref_count_dec (&block->references))
    return;
  munmap (block->mapping, block->mapping_length);
  g_free (block);
}

/* In large pages: to touch small ones for the first time takes several times as long as to fill them. */
static Block *
block_new (gsize size)
{
  gsize length = size + HUGE_PAGE;
  void *mapping = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Block *block;

  if (mapping == MAP_FAILED)
    return NULL;
  block = g_new0 (Block, 1);
  g_atomic_ref_count_init (&block->references);
  block->mapping = mapping;
  block->mapping_length = length;
  block->data = (guint8 *)(((guintptr)mapping + HUGE_PAGE - 1) & ~(guintptr)(HUGE_PAGE - 1));
  block->size = size;
  madvise (block->data, size, MADV_HUGEPAGE);
  return block;
}

/* A place for @length bytes; the block that it lies in is held. */
static guint8 *
copies_take (CnnOnnxCopies *self, gsize length, Block **held)
{
  guint8 *place;

  if (length > BLOCK) {
    *held = block_new (length);
    return *held != NULL ? (*held)->data : NULL;
  }
  if (self->block == NULL || self->block->size - self->block->used < length) {
    g_clear_pointer (&self->block, block_unref);
    self->block = block_new (BLOCK);
    if (self->block == NULL)
      return NULL;
  }
  g_atomic_ref_count_inc (&self->block->references);
  *held = self->block;
  place = self->block->data + self->block->used;
  self->block->used +=
      MIN (self->block->size - self->block->used, (length + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
  return place;
}

CnnOnnxCopies *
cnn_onnx_copies_new (void)
{
  return g_new0 (CnnOnnxCopies, 1);
}

void
cnn_onnx_copies_free (CnnOnnxCopies *self)
{
  g_clear_pointer (&self->block, block_unref);
  g_free (self);
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

GBytes *
cnn_onnx_copies_add (CnnOnnxCopies *self, const guint8 *data, gsize length, int fd, gsize offset)
{
  Block *block = NULL;
  guint8 *to;

  if (length < LARGE)
    return g_bytes_new (data, length);
  to = copies_take (self, length, &block);
  if (to == NULL)
    return g_bytes_new (data, length);
  if (fd < 0 || !read_all (fd, to, length, offset))
    for (gsize i = 0; i < length; i += STEP) {
      memcpy (to + i, data + i, MIN (STEP, length - i));
      forget_pages (data + i, MIN (STEP, length - i));
    }
  return g_bytes_new_with_free_func (to, length, block_unref, block);
}
