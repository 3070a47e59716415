/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-dnnl.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static dnnl_engine_t the_engine;
static dnnl_stream_t the_stream;

static void
start_library (void)
{
  static gsize once = 0;

  if (!g_once_init_enter (&once))
    return;
  if (dnnl_engine_create (&the_engine, dnnl_cpu, 0) != dnnl_success ||
      dnnl_stream_create (&the_stream, the_engine, dnnl_stream_default_flags) != dnnl_success)
    g_error ("oneDNN has no engine for this processor");
  g_once_init_leave (&once, 1);
}

dnnl_engine_t
cnn_dnnl_engine (void)
{
  start_library ();
  return the_engine;
}

dnnl_stream_t
cnn_dnnl_stream (void)
{
  start_library ();
  return the_stream;
}

guint
cnn_dnnl_block (void)
{
  /* the numbers of the instruction sets are bit masks: a later set contains the earlier ones */
  return (dnnl_get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? 16 : 8;
}

gboolean
cnn_dnnl_check (dnnl_status_t status, const char *what, const char *layer, GError **error)
{
  if (status == dnnl_success)
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_ENGINE,
               _ ("Layer “%s”: the arithmetic library refused the %s (status %d)."), layer, what,
               (int)status);
  return FALSE;
}

void
cnn_dnnl_image_md (dnnl_memory_desc_t *md, gint64 n, gint64 c, gint64 h, gint64 w, guint block)
{
  dnnl_dims_t dims = { n, c, h, w };
  dnnl_format_tag_t tag = dnnl_nhwc;

  if (block == 1)
    tag = dnnl_nchw;
  else if (block == 8)
    tag = dnnl_nChw8c;
  else if (block == 16)
    tag = dnnl_nChw16c;
  if (dnnl_memory_desc_init_by_tag (md, 4, dims, dnnl_f32, tag) != dnnl_success)
    g_error ("no memory description for %" G_GINT64_FORMAT " channels", c);
}

void
cnn_dnnl_any_md (dnnl_memory_desc_t *md, gint64 n, gint64 c, gint64 h, gint64 w)
{
  dnnl_dims_t dims = { n, c, h, w };

  if (dnnl_memory_desc_init_by_tag (md, 4, dims, dnnl_f32, dnnl_format_tag_any) != dnnl_success)
    g_error ("no memory description for %" G_GINT64_FORMAT " channels", c);
}

guint
cnn_dnnl_block_of (const dnnl_memory_desc_t *md)
{
  guint blocks[] = { cnn_dnnl_block (), 8, 16, 1, (guint)md->dims[1] };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++) {
    dnnl_memory_desc_t candidate;

    cnn_dnnl_image_md (&candidate, md->dims[0], md->dims[1], md->dims[2], md->dims[3], blocks[i]);
    if (dnnl_memory_desc_equal (md, &candidate))
      return blocks[i];
  }
  return 0;
}

dnnl_memory_t
cnn_dnnl_memory (const dnnl_memory_desc_t *md, const void *data)
{
  dnnl_memory_t memory = NULL;

  if (dnnl_memory_create (&memory, md, cnn_dnnl_engine (), data != NULL ? (void *)data : DNNL_MEMORY_NONE) !=
      dnnl_success)
    g_error ("no memory object");
  return memory;
}

const char *
cnn_dnnl_implementation (const_dnnl_primitive_desc_t pd)
{
  const char *name = "";

  dnnl_primitive_desc_query (pd, dnnl_query_impl_info_str, 0, &name);
  return name;
}

gboolean
cnn_dnnl_is_reference (const_dnnl_primitive_desc_t pd)
{
  return strstr (cnn_dnnl_implementation (pd), "ref") != NULL;
}

dnnl_primitive_attr_t
cnn_dnnl_attributes (void)
{
  dnnl_primitive_attr_t attributes = NULL;

  if (dnnl_primitive_attr_create (&attributes) != dnnl_success ||
      dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user) != dnnl_success)
    g_error ("no attributes of a primitive");
  return attributes;
}

dnnl_primitive_attr_t
cnn_dnnl_sum_attributes (void)
{
  dnnl_primitive_attr_t attributes = cnn_dnnl_attributes ();
  dnnl_post_ops_t post = NULL;

  if (dnnl_post_ops_create (&post) != dnnl_success || dnnl_post_ops_append_sum (post, 1) != dnnl_success ||
      dnnl_primitive_attr_set_post_ops (attributes, post) != dnnl_success)
    g_error ("no attributes of a primitive that adds");
  dnnl_post_ops_destroy (post);
  return attributes;
}

dnnl_primitive_desc_t
cnn_dnnl_describe (const_dnnl_op_desc_t desc, const_dnnl_primitive_attr_t attributes,
                   const_dnnl_primitive_desc_t hint)
{
  dnnl_primitive_attr_t plain = attributes == NULL ? cnn_dnnl_attributes () : NULL;
  dnnl_primitive_desc_t pd = NULL;

  if (dnnl_primitive_desc_create (&pd, desc, attributes != NULL ? attributes : plain, cnn_dnnl_engine (),
                                  hint) != dnnl_success)
    pd = NULL;
  if (plain != NULL)
    dnnl_primitive_attr_destroy (plain);
  return pd;
}

/* What primitives need while they run. oneDNN's own memory for that belongs to the thread that made a
 * primitive, and is missing where another runs it. */
typedef struct {
  float *data;
  gsize size; /* bytes */
} Scratch;

static void
scratch_free (gpointer data)
{
  cnn_dnnl_free (((Scratch *)data)->data);
  g_free (data);
}

/* This thread's, of at least @size bytes. */
static float *
find_scratch (gsize size)
{
  static GPrivate key = G_PRIVATE_INIT (scratch_free);
  Scratch *scratch = g_private_get (&key);

  if (scratch == NULL) {
    scratch = g_new0 (Scratch, 1);
    g_private_set (&key, scratch);
  }
  if (scratch->size < size) {
    cnn_dnnl_free (scratch->data);
    scratch->data = cnn_dnnl_alloc ((size + sizeof (float) - 1) / sizeof (float));
    scratch->size = size;
  }
  return scratch->data;
}

void
cnn_dnnl_run (dnnl_primitive_t primitive, const dnnl_exec_arg_t *args, int n)
{
  const_dnnl_primitive_desc_t pd = NULL;
  const dnnl_memory_desc_t *md = NULL;
  dnnl_memory_t scratch = NULL;
  dnnl_exec_arg_t all[CNN_DNNL_MAX_ARGS + 1];
  dnnl_status_t status = dnnl_primitive_get_primitive_desc (primitive, &pd);
  gsize size;

  g_return_if_fail (n <= CNN_DNNL_MAX_ARGS);
  memcpy (all, args, (gsize)n * sizeof *args);
  if (status == dnnl_success)
    md = dnnl_primitive_desc_query_md (pd, dnnl_query_scratchpad_md, 0);
  size = md != NULL ? dnnl_memory_desc_get_size (md) : 0;
  if (size > 0) {
    scratch = cnn_dnnl_memory (md, find_scratch (size));
    all[n++] = (dnnl_exec_arg_t){ DNNL_ARG_SCRATCHPAD, scratch };
  }
  if (status == dnnl_success)
    status = dnnl_primitive_execute (primitive, cnn_dnnl_stream (), n, all);
  if (status != dnnl_success)
    g_critical ("oneDNN could not run a primitive: status %d", (int)status);
  if (scratch != NULL)
    dnnl_memory_destroy (scratch);
}

gboolean
cnn_dnnl_eltwise (const CnnActivationAttrs *act, dnnl_alg_kind_t *alg, float *alpha, float *beta)
{
  *alpha = *beta = 0;
  switch (act->kind) {
  case CNN_ACT_RELU:
    if (act->c != 0 || (!isinf (act->a) && act->b != 0))
      return FALSE;
    *alg = isinf (act->a) ? dnnl_eltwise_relu : dnnl_eltwise_clip;
    *alpha = isinf (act->a) ? act->b : 0;
    *beta = isinf (act->a) ? 0 : act->a;
    return TRUE;
  case CNN_ACT_SIGMOID:
    *alg = dnnl_eltwise_logistic;
    return TRUE;
  case CNN_ACT_TANH:
    *alg = dnnl_eltwise_tanh;
    return TRUE;
  case CNN_ACT_SWISH:
    *alg = dnnl_eltwise_swish;
    *alpha = act->a;
    return TRUE;
  case CNN_ACT_HARD_SWISH:
    *alg = dnnl_eltwise_hardswish;
    return TRUE;
  case CNN_ACT_GELU_ERF:
    *alg = dnnl_eltwise_gelu_erf;
    return TRUE;
  case CNN_ACT_ELU:
    *alg = dnnl_eltwise_elu;
    *alpha = act->a;
    return act->b == 1;
  default:
    return FALSE;
  }
}

float *
cnn_dnnl_alloc (gsize n_floats)
{
  gsize size = (MAX (n_floats, 1) * sizeof (float) + 63) / 64 * 64;
  gsize alignment = size >= (1 << 21) ? 1 << 21 : 64;
  float *buffer = aligned_alloc (alignment, (size + alignment - 1) / alignment * alignment);

  if (buffer == NULL)
    g_error ("could not allocate %" G_GSIZE_FORMAT " bytes", size);
  /* large pages save a good part of the first touch */
  if (alignment > 64)
    madvise (buffer, size, MADV_HUGEPAGE);
  memset (buffer, 0, size);
  return buffer;
}

void
cnn_dnnl_free (float *buffer)
{
  free (buffer);
}
