/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-file-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "model/cnn-error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

/*
 * Model files are large, and GChecksum takes several seconds for one of half a gigabyte. Most processors have
 * instructions for SHA-256, which are some six times as fast; where there are none, GChecksum does it.
 */

#define BLOCK (1u << 18) /* a multiple of SHA-256's own 64 bytes */

typedef struct {
  GChecksum *sum; /* NULL where the processor does it */
  guint32 state[8];
  guint64 length;
  guint8 rest[64]; /* what does not fill 64 bytes yet */
  guint n_rest;
} Hash;

#if defined(__x86_64__)

static const guint32 constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static gboolean
has_instructions (void)
{
  unsigned a, b, c, d;
  return __builtin_cpu_supports ("sse4.1") && __get_cpuid_count (7, 0, &a, &b, &c, &d) && (b & 1u << 29) != 0;
}

/* The processor holds the eight words as ABEF and CDGH, and does two rounds an instruction. */
__attribute__ ((target ("sha,sse4.1"))) static void
add_blocks (guint32 state[8], const guint8 *data, gsize n_blocks)
{
  const __m128i swap = _mm_set_epi64x (0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef = _mm_set_epi32 ((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
  __m128i cdgh = _mm_set_epi32 ((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
  for (; n_blocks > 0; n_blocks--, data += 64) {
    __m128i before_abef = abef, before_cdgh = cdgh, w[4];
    for (guint i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8 (_mm_loadu_si128 ((const __m128i *)(const void *)(data + 16 * i)), swap);
    for (guint i = 0; i < 16; i++) {
      __m128i now = w[i & 3];
      __m128i sum = _mm_add_epi32 (now, _mm_loadu_si128 ((const __m128i *)(const void *)(constants + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32 (abef, cdgh, _mm_shuffle_epi32 (sum, 0x0e));
      /* the four words that take this place in sixteen rounds */
      __m128i next = _mm_sha256msg1_epu32 (now, w[(i + 1) & 3]);
      next = _mm_add_epi32 (next, _mm_alignr_epi8 (w[(i + 3) & 3], w[(i + 2) & 3], 4));
      w[i & 3] = _mm_sha256msg2_epu32 (next, w[(i + 3) & 3]);
    }
    abef = _mm_add_epi32 (abef, before_abef);
    cdgh = _mm_add_epi32 (cdgh, before_cdgh);
  }
  state[0] = (guint32)_mm_extract_epi32 (abef, 3);
  state[1] = (guint32)_mm_extract_epi32 (abef, 2);
  state[4] = (guint32)_mm_extract_epi32 (abef, 1);
  state[5] = (guint32)_mm_extract_epi32 (abef, 0);
  state[2] = (guint32)_mm_extract_epi32 (cdgh, 3);
  state[3] = (guint32)_mm_extract_epi32 (cdgh, 2);
  state[6] = (guint32)_mm_extract_epi32 (cdgh, 1);
  state[7] = (guint32)_mm_extract_epi32 (cdgh, 0);
}

#else

static gboolean
has_instructions (void)
{
  return FALSE;
}

static void
add_blocks (guint32 state[8], const guint8 *data, gsize n_blocks)
{
}

#endif

static void
hash_init (Hash *hash, gboolean portable)
{
  *hash = (Hash){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                             0x1f83d9ab, 0x5be0cd19 } };
  if (portable || !has_instructions ())
    hash->sum = g_checksum_new (G_CHECKSUM_SHA256);
}

static void
hash_add (Hash *hash, const guint8 *data, gsize size)
{
  if (hash->sum != NULL) {
    g_checksum_update (hash->sum, data, (gssize)size);
    return;
  }
  hash->length += size;
  if (hash->n_rest > 0) {
    guint n = (guint)MIN (size, 64 - hash->n_rest);
    memcpy (hash->rest + hash->n_rest, data, n);
    hash->n_rest += n;
    data += n;
    size -= n;
    if (hash->n_rest < 64)
      return;
    add_blocks (hash->state, hash->rest, 1);
    hash->n_rest = 0;
  }
  add_blocks (hash->state, data, size / 64);
  hash->n_rest = (guint)(size % 64);
  if (hash->n_rest > 0)
    memcpy (hash->rest, data + size - hash->n_rest, hash->n_rest);
}

/* A one, zeros, and the length in bits fill the last block. */
static char *
hash_finish (Hash *hash)
{
  static const guint8 padding[64] = { 0x80 };
  guint64 bits = GUINT64_TO_BE (hash->length * 8);
  GString *text = g_string_new (NULL);
  if (hash->sum != NULL) {
    g_string_assign (text, g_checksum_get_string (hash->sum));
    g_checksum_free (hash->sum);
    return g_string_free (text, FALSE);
  }
  hash_add (hash, padding, 1 + (119 - hash->n_rest) % 64);
  hash_add (hash, (const guint8 *)&bits, sizeof bits);
  for (guint i = 0; i < 8; i++)
    g_string_append_printf (text, "%08x", hash->state[i]);
  return g_string_free (text, FALSE);
}

char *
cnn_bytes_hash (const guint8 *data, gsize size, gboolean portable)
{
  Hash hash;
  hash_init (&hash, portable);
  hash_add (&hash, data, size);
  return hash_finish (&hash);
}

/* From where @fd stands to its end; %NULL when cancelled, or with errno in @cause. */
static char *
hash_descriptor (int fd, GCancellable *cancellable, int *cause)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  gssize n = -1;
  Hash hash;
  hash_init (&hash, FALSE);
  while (!g_cancellable_is_cancelled (cancellable) && (n = read (fd, block, BLOCK)) > 0)
    hash_add (&hash, block, (gsize)n);
  *cause = errno;
  g_autofree char *sum = hash_finish (&hash);
  return n == 0 ? g_steal_pointer (&sum) : NULL;
}

char *
cnn_file_hash (const char *path, GCancellable *cancellable, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC), cause = errno;
  char *sum = NULL;
  if (fd >= 0) {
    sum = hash_descriptor (fd, cancellable, &cause);
    close (fd);
  }
  if (sum != NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return sum;
  g_autofree char *name = g_path_get_basename (path);
  g_set_error (error, CNN_ERROR, CNN_ERROR_FILE, _ ("%s cannot be opened: %s."), name, g_strerror (cause));
  return NULL;
}

struct _CnnFileHasher {
  GThread *thread; /* NULL once joined */
  GMutex lock;
  GCancellable *cancellable;
  int fd;
  char *sum;
};

static gpointer
run_hasher (gpointer data)
{
  CnnFileHasher *self = data;
  int cause;

  return hash_descriptor (self->fd, self->cancellable, &cause);
}

CnnFileHasher *
cnn_file_hasher_new (const char *path)
{
  CnnFileHasher *self = g_atomic_rc_box_new0 (CnnFileHasher);

  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
  self->fd = open (path, O_RDONLY | O_CLOEXEC);
  if (self->fd >= 0)
    self->thread = g_thread_try_new ("hash", run_hasher, self, NULL);
  return self;
}

const char *
cnn_file_hasher_get (CnnFileHasher *self)
{
  g_mutex_lock (&self->lock);
  if (self->thread != NULL)
    self->sum = g_thread_join (g_steal_pointer (&self->thread));
  g_mutex_unlock (&self->lock);
  return self->sum;
}

CnnFileHasher *
cnn_file_hasher_ref (CnnFileHasher *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_hasher (gpointer data)
{
  CnnFileHasher *self = data;

  g_cancellable_cancel (self->cancellable);
  cnn_file_hasher_get (self);
  g_object_unref (self->cancellable);
  if (self->fd >= 0)
    close (self->fd);
  g_mutex_clear (&self->lock);
  g_free (self->sum);
}

void
cnn_file_hasher_unref (CnnFileHasher *self)
{
  g_atomic_rc_box_release_full (self, clear_hasher);
}
