/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots: tensors with their channels in blocks, and the way between blocks. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/incremental/cnn-region.h"

#include <string.h>

#define PARALLEL_FROM 32768

void
cnn_slot_set_block (CnnSlot *slot, guint block)
{
  gint64 blocks = (slot->c + block - 1) / MAX (block, 1);

  slot->block = block;
  slot->sample_size = (gsize)(blocks * block * slot->h * slot->w);
}

void
cnn_slot_set_region (CnnSlot *slot, const CnnRegion *region, const CnnRegion *former)
{
  const gint64 *extent = region != NULL ? region->size : former->whole;

  slot->region = region;
  slot->h = extent[0];
  slot->w = extent[1];
  if (slot->shape.rank > 3)
    slot->shape.dims[2] = slot->h;
  slot->shape.dims[slot->shape.rank - 1] = slot->w;
  cnn_slot_set_block (slot, slot->block);
}

void
cnn_slot_md (const CnnSlot *slot, gint64 n, dnnl_memory_desc_t *md)
{
  cnn_dnnl_image_md (md, n, slot->c, slot->h, slot->w, slot->block);
}

void
cnn_slot_clear_tail (const CnnSlot *slot, float *data, gint64 n)
{
  gint64 tail = slot->c % slot->block, space = slot->h * slot->w;

  if (tail == 0)
    return;
  for (gint64 i = 0; i < n; i++) {
    float *last = data + (i + 1) * (gint64)slot->sample_size - space * slot->block;

    for (gint64 s = 0; s < space; s++)
      for (gint64 lane = tail; lane < slot->block; lane++)
        last[s * slot->block + lane] = 0;
  }
}

/* A strip of space at a time stays in the cache while the lanes of a block are gathered. */
#define STRIP 64

typedef struct {
  const float *in;
  float *out;
  guint in_block, out_block;
  gint64 channels, space;
  gboolean add;
} Conversion;

/* Channels @c .. @c + 16 of one sample, positions @s .. @s + @n. */
static void
convert_strip (const Conversion *job, gint64 c, gint64 end, gint64 s, gint64 n)
{
  for (gint64 k = c; k < end; k++) {
    const float *from =
        job->in + k / job->in_block * job->in_block * job->space + k % job->in_block + s * job->in_block;
    float *to =
        job->out + k / job->out_block * job->out_block * job->space + k % job->out_block + s * job->out_block;

    if (k >= job->channels) {
      for (gint64 i = 0; i < n && !job->add; i++)
        to[i * job->out_block] = 0;
    } else if (job->add) {
      for (gint64 i = 0; i < n; i++)
        to[i * job->out_block] += from[i * job->in_block];
    } else {
      for (gint64 i = 0; i < n; i++)
        to[i * job->out_block] = from[i * job->in_block];
    }
  }
}

static void
convert_sample (const Conversion *job)
{
  gint64 channels = (job->channels + job->out_block - 1) / job->out_block * job->out_block;

#pragma omp parallel for collapse(2) if (channels * job->space > PARALLEL_FROM)
  for (gint64 c = 0; c < channels; c += 16)
    for (gint64 s = 0; s < job->space; s += STRIP)
      convert_strip (job, c, MIN (c + 16, channels), s, MIN (STRIP, job->space - s));
}

void
cnn_block_convert (const float *in, guint in_block, float *out, guint out_block, gint64 n, gint64 c,
                   gint64 space, gboolean add)
{
  gsize in_size = (gsize)((c + in_block - 1) / in_block * in_block * space);
  gsize out_size = (gsize)((c + out_block - 1) / out_block * out_block * space);

  if (in_block == out_block) {
    if (add)
      cnn_add_floats (out, in, in_size * (gsize)n);
    else
      memcpy (out, in, in_size * (gsize)n * sizeof (float));
    return;
  }
  for (gint64 i = 0; i < n; i++)
    convert_sample (&(Conversion){ in + i * (gint64)in_size, out + i * (gint64)out_size, in_block, out_block,
                                   c, space, add });
}

void
cnn_add_floats (float *y, const float *x, gsize n)
{
#pragma omp parallel for simd if (n > PARALLEL_FROM)
  for (gsize i = 0; i < n; i++)
    y[i] += x[i];
}
